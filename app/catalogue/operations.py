"""Loading the reference data. Loading twice changes nothing the second time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import files, layouts
from app.catalogue.models import (
    ArisingFactor,
    BlockedWaste,
    ChainLink,
    County,
    FreightTerms,
    Industry,
    InvestmentCost,
    MarketTerm,
    Material,
    Park,
    ProductionStop,
    PublishedFigure,
    QualityLimit,
    QualityNote,
    QualityParameter,
    Standard,
    Target,
    Use,
    WasteClass,
    WasteItem,
    WasteKind,
    WatchTerm,
)
from app.catalogue.remembering import forget
from app.core import audit
from app.core.actor import Actor
from app.core.db import Base
from app.core.regions import lies_in
from app.settings import LIAOCHENG

TABLES: tuple[tuple[files.Layout, type[Base]], ...] = (
    (layouts.WASTE_CLASSES, WasteClass),
    (layouts.WASTE_ITEMS, WasteItem),
    (layouts.BLOCKED_WASTES, BlockedWaste),
    (layouts.MATERIALS, Material),
    (layouts.COUNTIES, County),
    (layouts.PARKS, Park),
    (layouts.CHAIN_LINKS, ChainLink),
    (layouts.TARGETS, Target),
    (layouts.PUBLISHED_FIGURES, PublishedFigure),
    (layouts.FREIGHT_TERMS, FreightTerms),
    (layouts.INVESTMENT_COSTS, InvestmentCost),
    (layouts.MARKET_TERMS, MarketTerm),
    (layouts.WATCH_TERMS, WatchTerm),
    (layouts.ARISING_FACTORS, ArisingFactor),
    (layouts.PRODUCTION_STOPS, ProductionStop),
    (layouts.INDUSTRIES, Industry),
    (layouts.WASTE_KINDS, WasteKind),
    (layouts.QUALITY_PARAMETERS, QualityParameter),
    (layouts.STANDARDS, Standard),
    (layouts.USES, Use),
    (layouts.QUALITY_LIMITS, QualityLimit),
    (layouts.QUALITY_NOTES, QualityNote),
)


def load_reference_data(
    session: Session, actor: Actor, folder: Path, now: datetime, region: str = LIAOCHENG
) -> None:
    """Add and update what `folder/catalogue` holds, of counties and parks those of the region.

    Raises `DamagedFiles` and changes nothing.
    """
    rows = files.read(folder / "catalogue", tuple(layout for layout, _ in TABLES))
    for layout in (layouts.COUNTIES, layouts.PARKS):
        rows[layout.file] = [row for row in rows[layout.file] if lies_in(row["adcode"], region)]
    changed = {
        layout.file: _merge(session, layout, model, rows[layout.file]) for layout, model in TABLES
    }
    forget(session)
    if any(changed.values()):
        audit.record(session, actor, "catalogue.load", ("catalogue", "all"), now, rows=changed)


def _merge(session: Session, layout: files.Layout, model: type[Base], rows: list[files.Row]) -> int:
    """Bring one table to the state of its file; answers how many rows were new or different."""
    known = {
        tuple(getattr(found, name) for name in layout.key): found
        for found in session.scalars(select(model))
    }
    changed = 0
    for row in rows:
        found: Any = known.get(files.key_of(layout, row))
        if found is None:
            session.add(model(**row))
            changed += 1
        else:
            changed += _update(found, row)
    session.flush()
    return changed


def _update(found: Base, row: files.Row) -> bool:
    different = {name: value for name, value in row.items() if getattr(found, name) != value}
    for name, value in different.items():
        setattr(found, name, value)
    return bool(different)
