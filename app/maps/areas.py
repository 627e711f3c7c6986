"""What the map is made of: a region's cities, or the counties of a city."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.catalogue.queries import PROVINCE, CountyRow, county_map
from app.core.actor import Actor
from app.core.regions import city_of, is_province
from app.maps.boundaries import CITIES, COUNTIES
from app.statistics.withholding import WHOLE


@dataclass(frozen=True, slots=True)
class Area:
    """A city or a county: what a click on the map opens."""

    code: str
    name: str
    adcodes: frozenset[str]
    is_city: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """The region that a page of the map shows, and the areas it is parted into.

    `code` is that of its sum: a city's, or `WHOLE` for all counties of the exchange. `shapes` names
    what is drawn; `above` is the larger region it lies in, if there is one.
    """

    code: str
    name: str
    areas: tuple[Area, ...]
    shapes: str
    above: str = ""

    @property
    def adcodes(self) -> frozenset[str]:
        return frozenset[str]().union(*(area.adcodes for area in self.areas))

    @property
    def is_of_cities(self) -> bool:
        return any(area.is_city for area in self.areas)


def cities_of(session: Session) -> dict[str, str]:
    """The names of the exchange's cities by code, if it has several."""
    found = {county.city_adcode: county.city for county in county_map(session).values()}
    return found if len(found) > 1 else {}


def own_city(actor: Actor) -> str:
    """The city whose map a regulator opens: its own, or that of its county."""
    if actor.region is None or is_province(actor.region):
        return WHOLE
    return city_of(actor.region)


def ground(session: Session, city: str | None) -> Ground:
    """The counties of a city; of several cities all of them, unless one is asked for."""
    counties, cities = list(county_map(session).values()), cities_of(session)
    if city in cities:
        own = [county for county in counties if county.city_adcode == city]
        return Ground(city, cities[city], _counties(own), shapes=city, above=PROVINCE.name)
    if cities:
        return Ground(WHOLE, PROVINCE.name, _cities(counties, cities), shapes=CITIES)
    name = counties[0].city if counties else ""
    return Ground(WHOLE, name, _counties(counties), shapes=COUNTIES)


def all_areas(session: Session) -> tuple[Area, ...]:
    """Every county of the exchange, and its cities if it has several."""
    counties, cities = list(county_map(session).values()), cities_of(session)
    return (*_counties(counties), *_cities(counties, cities))


def _counties(rows: list[CountyRow]) -> tuple[Area, ...]:
    return tuple(Area(row.adcode, row.short_name, frozenset({row.adcode})) for row in rows)


def _cities(rows: list[CountyRow], names: dict[str, str]) -> tuple[Area, ...]:
    return tuple(
        Area(code, name, _inside(rows, code), is_city=True) for code, name in names.items()
    )


def _inside(rows: list[CountyRow], city: str) -> frozenset[str]:
    return frozenset(row.adcode for row in rows if row.city_adcode == city)
