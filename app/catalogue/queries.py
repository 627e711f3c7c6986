"""Read-only questions about reference data. Names come in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.catalogue.models import (
    BlockedWaste,
    County,
    FreightTerms,
    Industry,
    InvestmentCost,
    MarketTerm,
    Material,
    ProductionStop,
    PublishedFigure,
    Target,
    WasteClass,
    WasteItem,
)
from app.catalogue.remembering import remembered
from app.catalogue.rules import (
    Answer,
    BlockRule,
    Comparison,
    Confidence,
    Means,
    Measure,
    Per,
    Scope,
    Stop,
    Term,
    TermUnit,
    Unit,
    WorkingDays,
    first_hit,
    is_valid_on,
    working_days,
)
from app.core.i18n import pick

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MICRO = 1_000_000
OFFICIAL_CODE = re.compile(r"HW\d{2}|\d{3}-\d{3}-\d{2}")
Row = TypeVar("Row", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A code with its name in both languages."""

    code: str
    name_zh: str
    name_en: str

    @property
    def name(self) -> str:
        return pick(self.name_zh, self.name_en)


@dataclass(frozen=True, slots=True)
class MaterialRow(NamedRow):
    """A material; `in_target` says whether the city's target counts it on the day asked for."""

    glyph_zh: str
    letters_en: str
    css_token: str
    in_target: bool
    waste_class: str
    default_item: str
    sort_order: int
    confidence: Confidence
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class CountyRow:
    """A county with the positions of its label and its seat, decimal degrees WGS-84."""

    adcode: str
    name_zh: str
    name_en: str
    short_en: str
    lon: float
    lat: float
    seat_lon: float
    seat_lat: float
    city_adcode: str
    city_zh: str
    city_en: str

    @property
    def city(self) -> str:
        return pick(self.city_zh, self.city_en)

    @property
    def name(self) -> str:
        return pick(self.name_zh, self.name_en)

    @property
    def short_name(self) -> str:
        return pick(self.name_zh, self.short_en)


@dataclass(frozen=True, slots=True)
class BlockedRow(NamedRow):
    """A waste that is refused by name, why, and where it must go instead."""

    reason_zh: str
    reason_en: str
    go_to_zh: str
    go_to_en: str
    patterns: tuple[str, ...]
    confidence: Confidence
    source: str

    @property
    def reason(self) -> str:
        return pick(self.reason_zh, self.reason_en)

    @property
    def go_to(self) -> str:
        return pick(self.go_to_zh, self.go_to_en)

    @property
    def official_codes(self) -> list[str]:
        """The categories and the serial of the national list that the row stands for, if any."""
        return OFFICIAL_CODE.findall(self.code)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A text that the block list refuses, with the words of it that are refused."""

    row: BlockedRow
    found: str


@dataclass(frozen=True, slots=True)
class TargetRow:
    """What a plan asks for; `excludes` are codes of materials left out of it."""

    code: str
    scope: Scope
    measure: Measure
    materials: str
    excludes: tuple[str, ...]
    value: Decimal
    unit: Unit
    due_on: date
    title_zh: str
    title_en: str
    confidence: Confidence
    source: str
    note: str

    @property
    def title(self) -> str:
        return pick(self.title_zh, self.title_en)

    @property
    def milli(self) -> int:
        """The value in whole thousandths of its unit."""
        return int(self.value * 1_000)

    def is_past(self, on: date) -> bool:
        return self.due_on < on


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure somebody published, with its citation."""

    code: str
    scope: Scope
    materials: str
    measure: Measure
    comparison: Comparison
    value: Decimal
    unit: Unit
    period: str
    published_on: str
    title_zh: str
    title_en: str
    confidence: Confidence
    source: str
    note: str

    @property
    def title(self) -> str:
        return pick(self.title_zh, self.title_en)


@dataclass(frozen=True, slots=True)
class FreightRow:
    """Assumed road freight, in the units of the model of the same name."""

    per_t_fen: int
    per_tkm_fen: int
    detour_milli: int
    max_km: int
    confidence: Confidence
    source: str


@dataclass(frozen=True, slots=True)
class InvestmentRow:
    """What one of a means costs, in the units of the model `InvestmentCost`."""

    means: Means
    per: Per
    cost_fen: int
    size_kg: int
    life_months: int
    valid_from: date
    confidence: Confidence
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class TermRow:
    """One figure of the market's own terms; `unit` says what the value counts."""

    code: Term
    value: int
    unit: TermUnit
    confidence: Confidence
    source: str


@dataclass(frozen=True, slots=True)
class StopRow(NamedRow):
    """A yearly stop of the works that make a product; its days as `MM-DD`, both idle."""

    product: str
    idle_from: str
    idle_to: str
    confidence: Confidence
    source: str


@dataclass(frozen=True, slots=True)
class WasteClassRow(NamedRow):
    """A class of the national catalogue; the tax is fen per tonne stored or disposed of."""

    bulk: Answer
    in_target: Answer
    env_tax_fen_per_t: int | None
    confidence: Confidence
    source: str


@dataclass(frozen=True, slots=True)
class WasteItemRow(NamedRow):
    """An item of the national catalogue, with its class."""

    waste_class: str
    confidence: Confidence


def materials(session: Session, on: date) -> list[MaterialRow]:
    """Every material, in the order of display (red mud last)."""
    found = session.scalars(select(Material).order_by(Material.sort_order))
    return [_material_row(row, on) for row in found]


def material_map(session: Session, on: date) -> dict[str, MaterialRow]:
    """The materials by code, in the order of display."""
    return {row.code: row for row in materials(session, on)}


def counties(session: Session) -> list[CountyRow]:
    found = session.scalars(select(County).order_by(County.adcode))
    return [_county_row(row) for row in found]


def county_map(session: Session) -> dict[str, CountyRow]:
    """The counties by their GB/T 2260 code."""
    return {row.adcode: row for row in counties(session)}


@dataclass(frozen=True, slots=True)
class RegionRow:
    """The region of this installation: a city, or the province of several."""

    name_zh: str
    name_en: str
    is_province: bool

    @property
    def name(self) -> str:
        return pick(self.name_zh, self.name_en)

    @property
    def short_name(self) -> str:
        """As in a headline: 聊城."""
        return pick(self.name_zh.rstrip("市省"), self.name_en)


PROVINCE = RegionRow("山东省", "Shandong", is_province=True)


def region(session: Session) -> RegionRow | None:
    """The region that all counties lie in; none before they are loaded."""
    return remembered(session, RegionRow, lambda: _region(session))


def _region(session: Session) -> RegionRow | None:
    cities = session.execute(select(County.city_zh, County.city_en).distinct().limit(2)).all()
    if len(cities) > 1:
        return PROVINCE
    return RegionRow(*cities[0], is_province=False) if cities else None


def block_list(session: Session, on: date) -> list[BlockedRow]:
    """The wastes refused by name on a day, in the order of the list."""
    return [_blocked_row(row) for row in session.scalars(_block_list(on))]


def blocked(session: Session, texts: Iterable[str], on: date) -> Blocked | None:
    """What the block list refuses first of the texts, or `None`."""
    return next(iter(blocked_among(session, {"": texts}, on).values()), None)


def blocked_among(
    session: Session, texts: Mapping[str, Iterable[str]], on: date
) -> dict[str, Blocked]:
    """By name, what the block list refuses first of the texts given under it."""
    rows = remembered(session, (BlockRule, on), lambda: _block_rules(session, on))
    rules = [rule for rule, _row in rows.values()]
    hits = {name: first_hit(given, rules) for name, given in texts.items()}
    return {name: Blocked(rows[hit.rule.code][1], hit.found) for name, hit in hits.items() if hit}


def targets(session: Session, on: date) -> list[TargetRow]:
    """The targets in force on a day: the city's first, then by date."""
    nearest_first = list(Scope)
    found = session.scalars(valid_on(Target, on).order_by(Target.due_on))
    return sorted(map(_target_row, found), key=lambda row: nearest_first.index(row.scope))


def plan_target(session: Session, on: date) -> TargetRow:
    """The city's own target for the utilisation rate; raises `LookupError` without one."""
    for row in targets(session, on):
        if row.scope is Scope.LIAOCHENG and row.measure is Measure.UTILISATION_RATE:
            return row
    raise LookupError("the catalogue holds no target of the city")


def published_figures(session: Session) -> list[FigureRow]:
    found = session.scalars(select(PublishedFigure).order_by(PublishedFigure.position))
    return [_figure_row(row) for row in found]


def freight_terms(session: Session, on: date) -> FreightRow:
    """The freight a clearing of that day assumes; raises `LookupError` without one."""
    found = session.scalars(valid_on(FreightTerms, on)).first()
    if found is None:
        raise LookupError("the catalogue holds no freight terms")
    return filled(FreightRow, found)


def investment_costs(session: Session, on: date) -> list[InvestmentRow]:
    """What investments cost on a day, in the order of `Means`."""
    found = {row.means: row for row in session.scalars(valid_on(InvestmentCost, on))}
    return [filled(InvestmentRow, found[means]) for means in Means if means in found]


def terms(session: Session, on: date) -> list[TermRow]:
    """The market's own terms on a day, in the order of `Term`."""
    return list(remembered(session, (TermRow, on), lambda: _terms(session, on)))


def _terms(session: Session, on: date) -> list[TermRow]:
    found = {row.code: row for row in session.scalars(valid_on(MarketTerm, on))}
    wanted = ((code, found[code]) for code in Term if code in found)
    return [filled(TermRow, row, code=code, unit=TermUnit(row.unit)) for code, row in wanted]


def term(session: Session, code: str, on: date) -> int:
    """The value of one term on a day; raises `LookupError` without one."""
    value = next((row.value for row in terms(session, on) if row.code == code), None)
    if value is None:
        raise LookupError(f"the market has no term {code} on {on}")
    return value


def production_stops(session: Session, on: date) -> list[StopRow]:
    """The yearly stops in force on a day, by product."""
    found = session.scalars(valid_on(ProductionStop, on).order_by(ProductionStop.code))
    return [filled(StopRow, row) for row in found]


def days_worked(session: Session, months: Iterable[date]) -> dict[date, dict[str, WorkingDays]]:
    """By month, the products some of whose days are idle, with the days that are open."""
    stops: dict[str, list[Stop]] = {}
    for row in session.scalars(select(ProductionStop).order_by(ProductionStop.code)):
        stop = Stop(row.idle_from, row.idle_to, row.valid_from, row.valid_to)
        stops.setdefault(row.product, []).append(stop)
    return {month: _interrupted(month, stops) for month in months}


def waste_classes(session: Session, on: date) -> list[WasteClassRow]:
    found = session.scalars(valid_on(WasteClass, on).order_by(WasteClass.code))
    return [filled(WasteClassRow, row) for row in found]


def waste_items(session: Session, on: date) -> list[WasteItemRow]:
    found = session.scalars(valid_on(WasteItem, on).order_by(WasteItem.code))
    return [filled(WasteItemRow, row) for row in found]


def industries(session: Session) -> list[NamedRow]:
    """Industries of GB/T 4754-2017, by code."""
    found = session.scalars(select(Industry).order_by(Industry.code))
    return [filled(NamedRow, row) for row in found]


def _interrupted(month: date, stops: dict[str, list[Stop]]) -> dict[str, WorkingDays]:
    worked = {product: working_days(month, rows) for product, rows in stops.items()}
    return {product: days for product, days in worked.items() if days.idle}


def valid_on(model: Any, on: date) -> Select[Any]:
    """The rows of a dated table that hold on a day."""
    open_end = or_(model.valid_to.is_(None), model.valid_to >= on)
    return select(model).where(model.valid_from <= on, open_end)


def filled(row_class: type[Row], model: object, **given: object) -> Row:
    """A row made of the model's attributes of the same names, and what is given besides."""
    names = [field.name for field in fields(row_class) if field.name not in given]
    return row_class(**{name: getattr(model, name) for name in names}, **given)


def _material_row(found: Material, on: date) -> MaterialRow:
    dated = is_valid_on(on, found.in_target_from, found.in_target_to)
    return filled(MaterialRow, found, in_target=found.in_target and dated)


def _county_row(found: County) -> CountyRow:
    return filled(
        CountyRow,
        found,
        lon=found.label_lon_e6 / MICRO,
        lat=found.label_lat_e6 / MICRO,
        seat_lon=found.seat_lon_e6 / MICRO,
        seat_lat=found.seat_lat_e6 / MICRO,
    )


def _block_list(on: date) -> Select[Any]:
    return valid_on(BlockedWaste, on).order_by(BlockedWaste.position)


def _block_rules(session: Session, on: date) -> dict[str, tuple[BlockRule, BlockedRow]]:
    found = session.scalars(_block_list(on))
    return {row.code: (_block_rule(row), _blocked_row(row)) for row in found}


def _block_rule(found: BlockedWaste) -> BlockRule:
    return BlockRule(found.code, parts(found.patterns), parts(found.exceptions))


def _blocked_row(found: BlockedWaste) -> BlockedRow:
    return filled(BlockedRow, found, patterns=parts(found.patterns))


def _target_row(found: Target) -> TargetRow:
    value = Decimal(found.value_milli) / 1000
    return filled(TargetRow, found, excludes=parts(found.excludes), value=value)


def _figure_row(found: PublishedFigure) -> FigureRow:
    return filled(FigureRow, found, value=Decimal(found.value_milli) / 1000)


def parts(text: str) -> tuple[str, ...]:
    """What a cell lists, parted by `|`."""
    return tuple(part for part in text.split("|") if part)
