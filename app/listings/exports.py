"""What leaves the market page as CSV and as the figures of its map."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext as _

from app.catalogue.queries import CountyRow
from app.companies.models import Site
from app.core.i18n import tonnes, yuan
from app.core.quantities import KG_PER_TONNE
from app.listings.market import CountyPoint, MarketRow
from app.listings.rules import Payer
from app.listings.words import PRODUCTS, STATES

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"


def csv_text(rows: Iterable[MarketRow]) -> str:
    """The table as a spreadsheet opens it: a mark for UTF-8, no cell that runs as a formula."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(_heads())
    writer.writerows([harmless(cell) for cell in _cells(row)] for row in rows)
    return out.getvalue()


def harmless(cell: object) -> str:
    """A cell's text, with a quote in front of what a spreadsheet would run."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def map_figures(
    counties: list[CountyRow], points: list[CountyPoint], own: Site | None
) -> dict[str, Any]:
    """What static/js/map.js draws: a circle per county and material, and the reader's own site.

    The site has no label: it would stand under the circles, and the legend says what it is.
    """
    return {
        "counties": [_ground(county) for county in counties],
        "selected": None,
        "arcs": [_circle(point) for point in points],
        "points": [_own_square(own)] if own else [],
    }


def _heads() -> list[str]:
    return [
        _("编号"),
        _("物料"),
        _("企业"),
        _("县（市、区）"),
        _("数量（吨/月）"),
        _("付款方"),
        _("挂牌价（元/吨）"),
        _("用途"),
        _("起始月份"),
        _("截止月份"),
        _("状态"),
        _("距离（约，公里）"),
        _("数据性质"),
    ]


def _cells(row: MarketRow) -> Iterator[object]:
    listing = row.listing
    yield listing.number
    yield "、".join(material.name for material in listing.materials)
    yield listing.firm
    yield listing.county.name
    yield tonnes(listing.kg_per_month).replace(",", "")
    yield _payer(listing.list_price)
    yield yuan(abs(listing.list_price)).replace(",", "") if listing.list_price is not None else ""
    yield PRODUCTS[listing.product] if listing.product else ""
    yield f"{listing.first_month:%Y-%m}"
    yield f"{listing.last_month:%Y-%m}"
    yield STATES[listing.state][1]
    yield row.km
    yield _("演示数据") if listing.is_synthetic else ""


def _payer(fen: int | None) -> str:
    if fen is None:
        return ""
    return str(_("产废方付") if Payer.of(fen) is Payer.PRODUCER else _("产废方收"))


def _ground(county: CountyRow) -> dict[str, Any]:
    plain = {"value": None, "label": None, "class": None, "link": None, "withheld": False}
    return {"adcode": county.adcode, "name": county.short_name} | plain


def _circle(point: CountyPoint) -> dict[str, Any]:
    """Tonnes that stay in their county: the map draws them as a circle at its middle."""
    place = [point.county.lon, point.county.lat]
    label = _(
        "%(county)s %(material)s：%(count)s 条，%(tonnes)s 吨/月",
        county=point.county.name,
        material=point.material.name if point.material else _("多种物料"),
        count=point.listings,
        tonnes=tonnes(point.kg),
    )
    return {
        "from": place,
        "to": place,
        "material": point.material.code if point.material else None,
        "tonnes": point.kg // KG_PER_TONNE,
        "label": label,
    }


def _own_square(own: Site) -> dict[str, Any]:
    return {
        "lon": own.lon,
        "lat": own.lat,
        "material": None,
        "tonnes": None,
        "label": "",
        "shape": "own",
        "link": None,
        "selected": False,
    }
