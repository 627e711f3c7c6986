"""Road and freight of a direct deal, by the rule that prices a lane of a clearing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy.orm import Session

from app.bidding.rules import haul_fen
from app.catalogue.queries import FreightRow, freight_terms
from app.companies.models import Site
from app.core.clock import china_day
from app.listings.models import Listing
from app.listings.rules import CELL_DEGREES, Side, coarse_km
from matching import geo


@dataclass(frozen=True, slots=True)
class Haul:
    """Assumed road metres between two sites, and what carrying a tonne costs, fen."""

    road_m: int
    freight: int


def way_of(session: Session, listing: Listing, site: Site, now: datetime) -> Haul:
    """Road and freight from the producer's site to the consumer's."""
    ends = (listing.site, site) if listing.side is Side.OFFER else (site, listing.site)
    return _haul(session, *ends, china_day(now))


def about(terms: FreightRow, listing: Listing, site: Site) -> Haul:
    """The same as a stranger may know it: measured to the middle of the listing's cell."""
    middle = (round(x / CELL_DEGREES) * CELL_DEGREES for x in (listing.site.lon, listing.site.lat))
    metres = _metres((site.lon, site.lat), (*middle,), terms.detour_milli)
    road_m = coarse_km(metres) * 1000
    return Haul(road_m, haul_fen(road_m, terms.per_t_fen, terms.per_tkm_fen))


def _haul(session: Session, start: Site, end: Site, on: date) -> Haul:
    """The way between two sites by the tariff of a day; raises `LookupError` without one."""
    terms = freight_terms(session, on)
    road_m = _metres((start.lon, start.lat), (end.lon, end.lat), terms.detour_milli)
    return Haul(road_m, haul_fen(road_m, terms.per_t_fen, terms.per_tkm_fen))


def _metres(start: tuple[float, ...], end: tuple[float, ...], detour_milli: int) -> int:
    from_lon, from_lat, to_lon, to_lat = np.array([[*start, *end]]).T
    return int(geo.road_m(from_lon, from_lat, to_lon, to_lat, detour_milli)[0])
