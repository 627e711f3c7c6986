"""Road and freight of a direct deal, by the rule that prices a lane of a clearing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy.orm import Session

from app.bidding.rules import haul_fen
from app.catalogue.queries import freight_terms
from app.companies.models import Site
from app.core.clock import china_day
from app.listings.models import Listing
from app.listings.rules import Side
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


def _haul(session: Session, start: Site, end: Site, on: date) -> Haul:
    """The way between two sites by the tariff of a day; raises `LookupError` without one."""
    terms = freight_terms(session, on)
    places = np.array([[start.lon, start.lat, end.lon, end.lat]])
    from_lon, from_lat, to_lon, to_lat = places.T
    road_m = int(geo.road_m(from_lon, from_lat, to_lon, to_lat, terms.detour_milli)[0])
    return Haul(road_m, haul_fen(road_m, terms.per_t_fen, terms.per_tkm_fen))
