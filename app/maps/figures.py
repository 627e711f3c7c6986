"""What `static/js/map.js` draws; the contract of its JSON stands there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from app.catalogue.queries import CountyRow, MaterialRow
from app.core.i18n import rate, tonnes, whole_tonnes
from app.core.map_figures import Place, arc, ground, picture, point
from app.core.quantities import KG_PER_TONNE
from app.maps.rules import Measure, View, tonnage_class
from app.statistics.flows import End, Flow
from app.statistics.queries import CountyFigure, Figure
from app.statistics.rules import rate_class

MASSES = (Measure.OFFERED, Measure.UNPLACED)
MEASURED = {
    Measure.RATE: "contracted_kg",
    Measure.OFFERED: "offered_kg",
    Measure.UNPLACED: "unplaced_kg",
    Measure.REACHABLE: "reachable_kg",
    Measure.FLOWS: "contracted_kg",
}
"""The figure that each colouring shows, by itself or as a part of what is on offer."""

Link = Callable[[str], str]
"""Where a click on the county of that code leads."""


def in_order(rows: Iterable[CountyFigure], measure: Measure) -> list[CountyFigure]:
    """The rows as table and map list them: least placed or largest first, withheld ones last."""
    return sorted(rows, key=lambda row: (_is_untold(row, measure), _rank(row, measure), row.adcode))


def county_map(rows: Iterable[CountyFigure], view: View, link: Link) -> dict[str, Any]:
    """The counties coloured by a measure."""
    coloured = [_county(row, view.measure, link) for row in rows]
    return picture(coloured, selected=view.adcode or None)


def flow_map(
    flows: Iterable[Flow],
    view: View,
    counties: Iterable[CountyRow],
    materials: Mapping[str, MaterialRow],
    link: Link,
) -> dict[str, Any]:
    """Plain counties with an arc per flow, and a mark at every site its reader may know."""
    flows = list(flows)
    exact = [flow for flow in flows if flow.is_exact]
    return picture(
        counties=[ground(row.adcode, row.short_name, link(row.adcode)) for row in counties],
        arcs=[
            flow_arc(flow.giver, flow.taker, materials[flow.material], flow.kg) for flow in flows
        ],
        points=[*_givers(exact, materials), *_takers(exact)],
        selected=view.adcode or None,
    )


def _is_untold(row: CountyFigure, measure: Measure) -> bool:
    return row.withheld or MEASURED[measure] in row.untold


def _rank(row: CountyFigure, measure: Measure) -> Fraction | int:
    offered = row.offered_kg or 0
    if measure in MASSES:
        return -_mass(row, measure)
    if not offered:
        return 2  # no rate: after all rates
    return Fraction(_part(row, measure) or 0, offered)


def mass_colour(kg: int, scale: int = 1) -> dict[str, Any]:
    """The colour and the words of a mass; its classes begin at `scale` times the usual masses."""
    return {
        "value": kg / KG_PER_TONNE,
        "label": whole_tonnes(kg),
        "class": tonnage_class(kg // scale),
    }


def share_colour(part: int, whole: int) -> dict[str, Any]:
    """The colour and the words of a rate; the tick says that all of it is reached."""
    reached = " ✓" if part == whole else ""
    label = rate(part, whole) + reached
    return {"value": part / whole, "label": label, "class": rate_class(part, whole)}


def _mass(row: CountyFigure, measure: Measure) -> int:
    return getattr(row, MEASURED[measure]) or 0


def _part(figure: Figure, measure: Measure) -> int | None:
    """What the measure holds against the mass on offer."""
    part: int | None = getattr(figure, MEASURED[measure])
    return part


def _county(row: CountyFigure, measure: Measure, link: Link) -> dict[str, Any]:
    is_untold = _is_untold(row, measure)
    shown = blank() if is_untold else _colour(row, measure)
    return {
        "adcode": row.adcode,
        "name": row.short_name,
        "link": link(row.adcode),
        "withheld": is_untold,
        **shown,
    }


def blank(label: str | None = None) -> dict[str, Any]:
    return {"value": None, "label": label, "class": None}


def _colour(row: CountyFigure, measure: Measure) -> dict[str, Any]:
    offered = row.offered_kg or 0
    if not offered:
        return blank(_("无供应"))
    if measure in MASSES:
        return mass_colour(_mass(row, measure))
    part = _part(row, measure)
    if part is None:
        return blank(_("未撮合"))
    return share_colour(part, offered)


def flow_arc(
    giver: End, taker: End, material: MaterialRow, kg: int, link: str | None = None
) -> dict[str, Any]:
    label = _(
        "%(material)s %(giver)s → %(taker)s %(tonnes)s 吨",
        material=material.name,
        giver=giver.name,
        taker=taker.name,
        tonnes=tonnes(kg),
    )
    return arc(_place(giver), _place(taker), material.code, kg, label, link)


def _givers(flows: list[Flow], materials: Mapping[str, MaterialRow]) -> list[dict[str, Any]]:
    """A circle per producing site and material, as large as what leaves it."""
    sums: Counter[tuple[End, str]] = Counter()
    for flow in flows:
        sums[flow.giver, flow.material] += flow.kg
    return [
        point(_place(end), "circle", _left(end, materials[code], kg), code, kg)
        for (end, code), kg in sums.items()
    ]


def _left(end: End, material: MaterialRow, kg: int) -> str:
    values = {"firm": end.name, "material": material.name, "tonnes": tonnes(kg)}
    return str(_("%(firm)s · %(material)s %(tonnes)s 吨", **values))


def _takers(flows: list[Flow]) -> list[dict[str, Any]]:
    """A square per consuming site."""
    ends = dict.fromkeys(flow.taker for flow in flows)
    return [point(_place(end), "square", end.name) for end in ends]


def _place(end: End) -> Place:
    return end.lon, end.lat
