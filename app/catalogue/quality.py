"""Read-only questions about quality: kinds, parameters, standards, uses, limits and notes.

Bounds come out as `Decimal` with the digits that the standard prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import (
    QualityLimit,
    QualityNote,
    QualityParameter,
    Standard,
    Use,
    WasteKind,
)
from app.catalogue.queries import NamedRow, filled, parts, valid_on
from app.catalogue.remembering import remembered
from app.catalogue.rules import (
    ANY,
    Basis,
    Confidence,
    Direction,
    Exclusive,
    Fact,
    LimitRole,
    NoteRole,
    QualityUnit,
    Radioactivity,
)
from app.core.i18n import pick

BoundedRow = TypeVar("BoundedRow", "LimitRow", "QualityNoteRow")


@dataclass(frozen=True, slots=True)
class KindRow(NamedRow):
    """A kind of waste; `material` is the code of what the market trades it as, if it does."""

    waste_class: str
    material: str | None
    sort_order: int
    confidence: Confidence
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class ParameterRow(NamedRow):
    """What a test report measures, and between which values a figure can be true."""

    symbol: str
    unit: QualityUnit
    lowest: Decimal | None
    highest: Decimal | None
    basis: Basis | None
    synonyms: tuple[str, ...]
    sort_order: int
    confidence: Confidence
    source: str


@dataclass(frozen=True, slots=True)
class StandardRow:
    """An edition of a standard; `text_seen` is false where only pages about it were read."""

    code: str
    title_zh: str
    title_en: str
    valid_from: date
    valid_to: date | None
    replaces: str | None
    text_seen: bool
    confidence: Confidence
    source: str
    note: str

    @property
    def title(self) -> str:
        return pick(self.title_zh, self.title_en)


@dataclass(frozen=True, slots=True)
class UseRow(NamedRow):
    """A use of a kind. Shares are whole per cent of `share_basis`, prices whole CNY/t."""

    kind: str
    products: tuple[str, ...]
    standard: str | None
    needs_class_1: bool
    tolerates_unknown: bool
    radioactivity: Radioactivity | None
    share_basis_zh: str
    share_basis_en: str
    share_min_pct: int | None
    share_max_pct: int | None
    limited_by_zh: str
    limited_by_en: str
    replaces_zh: str
    replaces_en: str
    value_direction: Direction
    price_low_cny_t: int | None
    price_high_cny_t: int | None
    price_confidence: Confidence | None
    tax_zh: str
    tax_en: str
    valid_from: date
    valid_to: date | None
    confidence: Confidence
    source: str
    note: str

    @property
    def share_basis(self) -> str:
        return pick(self.share_basis_zh, self.share_basis_en)

    @property
    def limited_by(self) -> str:
        return pick(self.limited_by_zh, self.limited_by_en)

    @property
    def replaces(self) -> str:
        return pick(self.replaces_zh, self.replaces_en)

    @property
    def tax(self) -> str:
        return pick(self.tax_zh, self.tax_en)


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A bound that decides; the model of the same columns says how to read it."""

    kind: str
    use: str
    role: LimitRole
    grade: str
    grade_rank: int | None
    fact: Fact | None
    fact_values: tuple[str, ...]
    parameter: str
    minimum: Decimal | None
    maximum: Decimal | None
    exclusive: Exclusive | None
    unit: str
    allowed: tuple[str, ...]
    standard: str
    clause_zh: str
    clause_en: str
    valid_from: date
    valid_to: date | None
    confidence: Confidence
    source: str
    note: str

    @property
    def clause(self) -> str:
        return pick(self.clause_zh, self.clause_en)


@dataclass(frozen=True, slots=True)
class QualityNoteRow:
    """What is worth knowing about quality and decides nothing."""

    position: int
    kind: str
    use: str
    role: NoteRole
    grade: str
    parameter: str
    minimum: Decimal | None
    maximum: Decimal | None
    standard: str
    clause_zh: str
    clause_en: str
    text_zh: str
    text_en: str
    confidence: Confidence
    source: str

    @property
    def clause(self) -> str:
        return pick(self.clause_zh, self.clause_en)

    @property
    def text(self) -> str:
        return pick(self.text_zh, self.text_en)


def kinds(session: Session) -> list[KindRow]:
    """Every kind of waste that quality rules speak of, in the order of display."""
    return list(remembered(session, KindRow, lambda: _kinds(session)))


def _kinds(session: Session) -> list[KindRow]:
    found = session.scalars(select(WasteKind).order_by(WasteKind.sort_order, WasteKind.code))
    return [filled(KindRow, row) for row in found]


def parameters(session: Session) -> list[ParameterRow]:
    """Everything a test report may measure, in the order of display."""
    return list(remembered(session, ParameterRow, lambda: _parameters(session)))


def _parameters(session: Session) -> list[ParameterRow]:
    in_order = select(QualityParameter).order_by(QualityParameter.sort_order, QualityParameter.code)
    return [_parameter_row(row) for row in session.scalars(in_order)]


def standards(session: Session, on: date) -> list[StandardRow]:
    """The standards in force on a day, by number."""
    rows = [filled(StandardRow, row) for row in session.scalars(valid_on(Standard, on))]
    return sorted(rows, key=lambda row: row.code)


def editions(session: Session) -> list[StandardRow]:
    """Every edition of every standard ever loaded, the latest last."""
    found = session.scalars(select(Standard).order_by(Standard.valid_from, Standard.code))
    return [filled(StandardRow, row) for row in found]


def uses(session: Session, on: date, kind: str | None = None) -> list[UseRow]:
    """The uses known on a day, of one kind or of all in the order of kinds."""
    wanted = valid_on(Use, on).join(WasteKind, WasteKind.code == Use.kind)
    if kind is not None:
        wanted = wanted.where(Use.kind == kind)
    found = session.scalars(wanted.order_by(WasteKind.sort_order, Use.sort_order, Use.code))
    return [filled(UseRow, row, products=parts(row.product)) for row in found]


def limits(session: Session, on: date, kind: str | None = None) -> list[LimitRow]:
    """The limits in force on a day, in the order of the file; of a kind with those of `any`."""
    wanted = valid_on(QualityLimit, on)
    if kind is not None:
        wanted = wanted.where(QualityLimit.kind.in_((kind, ANY)))
    return [_limit_row(row) for row in session.scalars(wanted.order_by(QualityLimit.position))]


def quality_notes(session: Session, on: date) -> list[QualityNoteRow]:
    """What is worth knowing on a day, in the order of the file."""
    found = session.scalars(valid_on(QualityNote, on).order_by(QualityNote.position))
    return [_bounded(QualityNoteRow, row) for row in found]


def _parameter_row(found: QualityParameter) -> ParameterRow:
    return filled(
        ParameterRow,
        found,
        unit=QualityUnit(found.unit),
        lowest=_decimal(found.lowest),
        highest=_decimal(found.highest),
        synonyms=parts(found.synonyms),
    )


def _limit_row(found: QualityLimit) -> LimitRow:
    return _bounded(
        LimitRow,
        found,
        fact=Fact(found.fact) if found.fact else None,
        fact_values=parts(found.fact_values),
        allowed=parts(found.allowed),
    )


def _bounded(
    row_class: type[BoundedRow], found: QualityLimit | QualityNote, **given: object
) -> BoundedRow:
    minimum, maximum = _decimal(found.minimum), _decimal(found.maximum)
    return filled(row_class, found, minimum=minimum, maximum=maximum, **given)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
