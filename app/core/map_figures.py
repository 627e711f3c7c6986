"""The figures of a map as plain JSON; the contract stands at the top of `static/js/map.js`.

Places are (longitude, latitude) in degrees, masses whole kilograms.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.core.quantities import KG_PER_TONNE

Place = tuple[float, float]
Part = dict[str, Any]


def picture(
    counties: Iterable[Part] = (),
    arcs: Iterable[Part] = (),
    points: Iterable[Part] = (),
    selected: str | None = None,
) -> dict[str, Any]:
    return {
        "counties": list(counties),
        "arcs": list(arcs),
        "points": list(points),
        "selected": selected,
    }


def ground(adcode: str, name: str, link: str | None = None) -> Part:
    """A county that only carries its name."""
    plain = {"value": None, "label": None, "class": None, "withheld": False}
    return {"adcode": adcode, "name": name, "link": link, **plain}


def arc(
    start: Place, end: Place, material: str | None, kg: int, label: str, link: str | None = None
) -> Part:
    """A flow; one that ends where it starts is drawn as a circle."""
    return {
        "from": list(start),
        "to": list(end),
        "material": material,
        "tonnes": kg / KG_PER_TONNE,
        "label": label,
        "link": link,
    }


def point(
    place: Place, shape: str, label: str, material: str | None = None, kg: int | None = None
) -> Part:
    """A site: `circle` for a producer, `square` for a consumer, `own` for the reader's."""
    return {
        "lon": place[0],
        "lat": place[1],
        "material": material,
        "tonnes": None if kg is None else kg / KG_PER_TONNE,
        "label": label,
        "shape": shape,
        "link": None,
        "selected": False,
    }
