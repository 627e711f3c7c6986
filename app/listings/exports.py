"""What leaves the market page as CSV and as the figures of its map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext as _

from app.assays.words import EVIDENCE
from app.catalogue.queries import CountyRow
from app.companies.models import Site
from app.core.i18n import tonnes, yuan
from app.core.map_figures import arc, ground, picture, point
from app.core.spreadsheets import csv_text
from app.listings.market import CountyPoint, MarketRow
from app.listings.queries import ListingRow
from app.listings.rules import Payer, Side
from app.listings.words import DEAL_MODES, PRODUCTS, STATES


def market_csv(rows: Iterable[MarketRow]) -> str:
    """The market's table as CSV."""
    return csv_text([_heads(), *map(_cells, rows)])


def map_figures(
    counties: list[CountyRow], circles: list[CountyPoint], own: Site | None
) -> dict[str, Any]:
    """What static/js/map.js draws: a circle per county and material, and the reader's own site.

    The site has no label: it would stand under the circles, and the legend says what it is.
    """
    return picture(
        counties=[ground(county.adcode, county.short_name) for county in counties],
        arcs=map(_circle, circles),
        points=[point((own.lon, own.lat), "own", "")] if own else [],
    )


def _heads() -> list[str]:
    return [
        _("编号"),
        _("物料"),
        _("企业"),
        _("县（市、区）"),
        _("数量（吨/月）"),
        _("付款方"),
        _("挂牌价（元/吨）"),
        _("成交方式"),
        _("用途"),
        _("细分种类"),
        _("品质依据"),
        _("自定指标"),
        _("接受未证明的料"),
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
    yield DEAL_MODES[listing.deal_mode]
    yield PRODUCTS[listing.product] if listing.product else ""
    yield from _quality(listing)
    yield f"{listing.first_month:%Y-%m}"
    yield f"{listing.last_month:%Y-%m}"
    yield STATES[listing.state][1]
    yield row.km
    yield _("演示数据") if listing.is_synthetic else ""


def _quality(listing: ListingRow) -> Iterator[object]:
    """What is known of an offer, and what a requirement asks."""
    is_offer = listing.side is Side.OFFER
    yield listing.kind_name
    yield EVIDENCE[listing.evidence] if is_offer else ""
    yield "；".join(map(" ".join, listing.own_limits))
    yield "" if is_offer else _("是") if listing.accepts_not_shown else _("否")


def _payer(fen: int | None) -> str:
    if fen is None:
        return ""
    return str(_("产废方付") if Payer.of(fen) is Payer.PRODUCER else _("产废方收"))


def _circle(found: CountyPoint) -> dict[str, Any]:
    """Tonnes that stay in their county: the map draws them as a circle at its middle."""
    place = (found.county.lon, found.county.lat)
    label = _(
        "%(county)s %(material)s：%(count)s 条，%(tonnes)s 吨/月",
        county=found.county.name,
        material=found.material.name if found.material else _("多种物料"),
        count=found.listings,
        tonnes=tonnes(found.kg),
    )
    code = found.material.code if found.material else None
    return arc(place, place, code, found.kg, label)
