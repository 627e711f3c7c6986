"""What the map draws of the official figures; the contract of its JSON: `static/js/map.js`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from flask_babel import gettext as _

from app.catalogue.queries import CountyRow, MaterialRow
from app.core.map_figures import ground, picture
from app.maps.areas import Area
from app.maps.figures import blank, flow_arc, mass_colour, share_colour
from app.maps.lines import Line, Table
from app.maps.official_flows import FlowLine
from app.maps.rules import Measure
from app.statistics.flows import End

CITY_SCALE = 10
"""A city has about ten counties, so its masses are classed by tenths."""
MOST_DRAWN = 40
"""More lines than that cannot be told apart; the table holds them all."""


def official_map(table: Table, measure: Measure, *, of_cities: bool = False) -> dict[str, Any]:
    """The areas coloured by an official measure; the first of the table is outlined."""
    outlined = [line.key for line in table.lines if line.sums and not line.is_empty]
    scale = CITY_SCALE if of_cities else 1
    counties = [_area(line, table, measure, scale) for line in table.lines]
    return picture(counties, selected=next(iter(outlined), None))


def official_flow_map(
    lines: Sequence[FlowLine],
    links: Mapping[Area, str | None],
    counties: Mapping[str, CountyRow],
    materials: Mapping[str, MaterialRow],
) -> dict[str, Any]:
    """Plain areas, each with where a click leads, and an arc for each material of a flow.

    Where there are too many only the largest are drawn.
    """
    each = [(line, code, kg) for line in lines for code, kg in line.materials.items()]
    each.sort(key=lambda moved: -moved[2])
    arcs = [
        flow_arc(
            _end(line.origin, counties),
            _end(line.destination, counties),
            materials[code],
            kg,
            line.url,
        )
        for line, code, kg in each[:MOST_DRAWN]
    ]
    return picture([ground(area.code, area.name, link) for area, link in links.items()], arcs)


def _end(area: Area, counties: Mapping[str, CountyRow]) -> End:
    """In the middle of an area: where its name stands, of a city between those of its counties."""
    rows = [counties[adcode] for adcode in area.adcodes]
    lon, lat = fmean(row.lon for row in rows), fmean(row.lat for row in rows)
    return End(area.code, area.name, lon, lat)


def _area(line: Line, table: Table, measure: Measure, scale: int) -> dict[str, Any]:
    is_withheld = line.used_here_kg is None if measure is Measure.USED_HERE else line.withheld
    return {
        "adcode": line.key,
        "name": line.name,
        "link": line.url,
        "withheld": is_withheld,
        **(blank() if is_withheld else _colour(line, table, measure, scale)),
    }


def _colour(line: Line, table: Table, measure: Measure, scale: int) -> dict[str, Any]:
    if measure is Measure.UTILISATION:
        if not line.rate.whole:
            return blank(_("无申报"))
        return share_colour(line.rate.part, line.rate.whole)
    mass = _mass(line, table, measure)
    return blank("—") if mass is None else mass_colour(mass, scale)


def _mass(line: Line, table: Table, measure: Measure) -> int | None:
    if measure is Measure.USED_HERE:
        return line.used_here_kg
    if measure is Measure.GAP:
        return table.gap_kg(line)
    return line.sums.balance.closing_kg if line.sums else None
