"""What routes of the past are made with: the kinds of wastes, roads and what they cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from app.catalogue.quality import kinds
from app.catalogue.queries import freight_terms
from matching import geo

Position = tuple[float, float]
"""Longitude and latitude in degrees."""


def only_kinds(session: Session) -> dict[str, str]:
    """What quality rules call the waste of a material that has one kind only."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for kind in kinds(session):
        if kind.material:
            found[kind.material].append(kind.code)
    return {material: codes[0] for material, codes in found.items() if len(codes) == 1}


def roads(
    session: Session, ends: Sequence[tuple[Position, Position]], day: date
) -> list[tuple[int, int]]:
    """Between each two places the assumed road, in metres, and the freight of it, fen per tonne."""
    if not ends:
        return []
    terms = freight_terms(session, day)
    degrees = np.array(ends, dtype=np.float64)
    here, there = degrees[:, 0], degrees[:, 1]
    metres = geo.road_m(here[:, 0], here[:, 1], there[:, 0], there[:, 1], terms.detour_milli)
    return [
        (road_m, terms.per_t_fen + terms.per_tkm_fen * road_m // 1000) for road_m in metres.tolist()
    ]
