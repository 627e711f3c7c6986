"""What the map draws of the official figures; the contract of its JSON: `static/js/map.js`."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.core.map_figures import picture
from app.maps.figures import blank, mass_colour, share_colour
from app.maps.lines import Line, Table
from app.maps.rules import Measure

CITY_SCALE = 10
"""A city has about ten counties, so its masses are classed by tenths."""


def official_map(table: Table, measure: Measure, *, of_cities: bool = False) -> dict[str, Any]:
    """The areas coloured by an official measure; the first of the table is outlined."""
    outlined = [line.key for line in table.lines if line.sums and not line.is_empty]
    scale = CITY_SCALE if of_cities else 1
    counties = [_area(line, table, measure, scale) for line in table.lines]
    return picture(counties, selected=next(iter(outlined), None))


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
