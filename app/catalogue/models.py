"""Reference data, loaded from `data/catalogue`. What ends gets an end date, never a deletion."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.catalogue.rules import (
    Answer,
    Basis,
    Comparison,
    Confidence,
    Direction,
    Exclusive,
    FactorSide,
    LimitRole,
    Means,
    Measure,
    NoteRole,
    Per,
    Radioactivity,
    Scope,
    Unit,
)
from app.core.db import Base, word_enum


class Named:
    """A name in both languages."""

    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))


class Titled:
    """A title in both languages."""

    title_zh: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(160))


class Sourced:
    """Where a fact comes from and how sure it is."""

    confidence: Mapped[Confidence] = mapped_column(word_enum(Confidence))
    source: Mapped[str] = mapped_column(Text)


class Dated:
    """The days on which a row holds; without `valid_to` it holds until further notice."""

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class Cited:
    """The place in a standard where a row stands, or blank."""

    standard: Mapped[str] = mapped_column(String(40))
    clause_zh: Mapped[str] = mapped_column(String(40))
    clause_en: Mapped[str] = mapped_column(String(60))


class Bounded:
    """Bounds as a standard prints them: decimal texts, so that the printed precision stays."""

    minimum: Mapped[str | None] = mapped_column(String(16))
    maximum: Mapped[str | None] = mapped_column(String(16))


class WasteClass(Named, Dated, Sourced, Base):
    """A class of the national catalogue of solid waste, such as SW02."""

    __tablename__ = "waste_class"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    description: Mapped[str] = mapped_column(Text)
    bulk: Mapped[Answer] = mapped_column(word_enum(Answer, "bulk"))
    in_target: Mapped[Answer] = mapped_column(word_enum(Answer, "in_target"))
    env_tax_item: Mapped[str] = mapped_column(String(40))
    env_tax_fen_per_t: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text)


class WasteItem(Named, Dated, Sourced, Base):
    """An item of the national catalogue, such as 441-001-S02."""

    __tablename__ = "waste_item"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    waste_class: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(Text)


class BlockedWaste(Named, Dated, Sourced, Base):
    """A hazardous look-alike, refused by name, and where it must go instead.

    Lists hold names parted by `|`.
    """

    __tablename__ = "blocked_waste"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int]
    reason_zh: Mapped[str] = mapped_column(Text)
    reason_en: Mapped[str] = mapped_column(Text)
    go_to_zh: Mapped[str] = mapped_column(Text)
    go_to_en: Mapped[str] = mapped_column(Text)
    patterns: Mapped[str] = mapped_column(Text)
    exceptions: Mapped[str] = mapped_column(Text)


class Material(Named, Sourced, Base):
    """A kind of waste the market trades, and when the city's target counts it."""

    __tablename__ = "material"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    waste_class: Mapped[str] = mapped_column(String(8))
    default_item: Mapped[str] = mapped_column(String(16))
    glyph_zh: Mapped[str] = mapped_column(String(2))
    letters_en: Mapped[str] = mapped_column(String(2))
    css_token: Mapped[str] = mapped_column(String(8))
    sort_order: Mapped[int] = mapped_column(unique=True)
    in_target: Mapped[bool]
    in_target_from: Mapped[date | None]
    in_target_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text)


class County(Named, Sourced, Base):
    """A county. Positions are micro-degrees, WGS-84: of its label on a map, and of its seat."""

    __tablename__ = "county"

    adcode: Mapped[str] = mapped_column(String(6), primary_key=True)
    short_en: Mapped[str] = mapped_column(String(40))
    label_lon_e6: Mapped[int]
    label_lat_e6: Mapped[int]
    seat_lon_e6: Mapped[int]
    seat_lat_e6: Mapped[int]
    city_adcode: Mapped[str] = mapped_column(String(6))
    city_zh: Mapped[str] = mapped_column(String(40))
    city_en: Mapped[str] = mapped_column(String(40))


class Park(Named, Sourced, Base):
    """An industrial park of a county: figures can be summed by it."""

    __tablename__ = "park"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    adcode: Mapped[str] = mapped_column(String(6))


class ChainLink(Dated, Sourced, Base):
    """A use whose product turns up again as another waste, so that its tonnes come back.

    In sums over several materials such a tonne counts where it leaves the chain, and once.
    """

    __tablename__ = "chain_link"

    material: Mapped[str] = mapped_column(String(32), primary_key=True)
    product: Mapped[str] = mapped_column(String(32), primary_key=True)
    becomes: Mapped[str] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text)


class Target(Titled, Dated, Sourced, Base):
    """What a plan asks for by a day. `materials` is a material's code or `all_bulk`."""

    __tablename__ = "target"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    scope: Mapped[Scope] = mapped_column(word_enum(Scope))
    measure: Mapped[Measure] = mapped_column(word_enum(Measure))
    materials: Mapped[str] = mapped_column(String(32))
    excludes: Mapped[str] = mapped_column(String(200))
    value_milli: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[Unit] = mapped_column(word_enum(Unit))
    due_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text)


class PublishedFigure(Titled, Sourced, Base):
    """A figure somebody published, to be cited and never mixed with the market's own."""

    __tablename__ = "published_figure"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    scope: Mapped[Scope] = mapped_column(word_enum(Scope))
    materials: Mapped[str] = mapped_column(String(32))
    measure: Mapped[Measure] = mapped_column(word_enum(Measure))
    comparison: Mapped[Comparison] = mapped_column(word_enum(Comparison))
    value_milli: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[Unit] = mapped_column(word_enum(Unit))
    period: Mapped[str] = mapped_column(String(16))
    published_on: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text)


class FreightTerms(Dated, Sourced, Base):
    """What a clearing assumes of road freight while no carrier has quoted.

    Fen per tonne and per tonne and road kilometre; road distance over great-circle distance in
    thousandths; the reach of a requirement that states none, in road kilometres.
    """

    __tablename__ = "freight_terms"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    per_t_fen: Mapped[int]
    per_tkm_fen: Mapped[int]
    detour_milli: Mapped[int]
    max_km: Mapped[int]
    note: Mapped[str] = mapped_column(Text)


class InvestmentCost(Dated, Sourced, Base):
    """What one of a means costs, fen: a piece of a size, kg, that lasts some months, or a tonne."""

    __tablename__ = "investment_cost"

    means: Mapped[Means] = mapped_column(word_enum(Means), primary_key=True)
    per: Mapped[Per] = mapped_column(word_enum(Per))
    cost_fen: Mapped[int] = mapped_column(BigInteger)
    size_kg: Mapped[int] = mapped_column(BigInteger)
    life_months: Mapped[int]
    note: Mapped[str] = mapped_column(Text)


class MarketTerm(Dated, Sourced, Base):
    """One figure of the market's own terms: a deadline, a tolerance, a limit. See its `unit`."""

    __tablename__ = "market_term"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)


class WatchTerm(Dated, Sourced, Base):
    """A figure from which on the watch speaks up; a blank material is every other one."""

    __tablename__ = "watch_term"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    material: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)


class ArisingFactor(Dated, Sourced, Base):
    """How many grams of a material arise from, or are taken up by, one unit of an activity."""

    __tablename__ = "arising_factor"

    side: Mapped[FactorSide] = mapped_column(word_enum(FactorSide, "side"), primary_key=True)
    activity: Mapped[str] = mapped_column(String(32), primary_key=True)
    material: Mapped[str] = mapped_column(String(32), primary_key=True)
    low_milli: Mapped[int]
    central_milli: Mapped[int]
    high_milli: Mapped[int]
    unit: Mapped[str] = mapped_column(String(24))
    note: Mapped[str] = mapped_column(Text)


class ProductionStop(Named, Dated, Sourced, Base):
    """When the works that make a product stand still, every year; days as `MM-DD`, both idle."""

    __tablename__ = "production_stop"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    product: Mapped[str] = mapped_column(String(32))
    idle_from: Mapped[str] = mapped_column(String(5))
    idle_to: Mapped[str] = mapped_column(String(5))
    note: Mapped[str] = mapped_column(Text)


class Industry(Named, Sourced, Base):
    """A four-digit industry of GB/T 4754-2017."""

    __tablename__ = "industry"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)


class WasteKind(Named, Sourced, Base):
    """What quality rules speak of: finer than a material, of which `material` is the code."""

    __tablename__ = "waste_kind"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    waste_class: Mapped[str] = mapped_column(String(8))
    material: Mapped[str | None] = mapped_column(String(32))
    sort_order: Mapped[int]
    note: Mapped[str] = mapped_column(Text)


class QualityParameter(Named, Sourced, Base):
    """What a test report measures. `lowest` and `highest` are what is physically possible.

    `synonyms` are the names on lab sheets, in both languages, parted by `|`.
    """

    __tablename__ = "quality_parameter"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    symbol: Mapped[str] = mapped_column(String(24))
    unit: Mapped[str] = mapped_column(String(8))
    lowest: Mapped[str | None] = mapped_column(String(16))
    highest: Mapped[str | None] = mapped_column(String(16))
    basis: Mapped[Basis | None] = mapped_column(word_enum(Basis))
    synonyms: Mapped[str] = mapped_column(Text)
    sort_order: Mapped[int]


class Standard(Titled, Dated, Sourced, Base):
    """An edition of a standard and the days on which it is in force.

    `text_seen` is false where only pages about it were read.
    """

    __tablename__ = "standard"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    replaces: Mapped[str | None] = mapped_column(String(40))
    text_seen: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)


class Use(Named, Dated, Sourced, Base):
    """A use that lots of a kind may be put to. Shares are whole per cent, prices whole CNY/t.

    `product` holds the market's words for what its buyers make, parted by `|`. A buyer for a use
    that `tolerates_unknown` may take lots whose fitness nobody has shown.
    """

    __tablename__ = "waste_use"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    product: Mapped[str] = mapped_column(String(80))
    standard: Mapped[str | None] = mapped_column(String(40))
    needs_class_1: Mapped[bool]
    tolerates_unknown: Mapped[bool]
    radioactivity: Mapped[Radioactivity | None] = mapped_column(word_enum(Radioactivity))
    share_basis_zh: Mapped[str] = mapped_column(String(40))
    share_basis_en: Mapped[str] = mapped_column(String(60))
    share_min_pct: Mapped[int | None]
    share_max_pct: Mapped[int | None]
    limited_by_zh: Mapped[str] = mapped_column(Text)
    limited_by_en: Mapped[str] = mapped_column(Text)
    replaces_zh: Mapped[str] = mapped_column(String(40))
    replaces_en: Mapped[str] = mapped_column(String(60))
    value_direction: Mapped[Direction] = mapped_column(word_enum(Direction))
    price_low_cny_t: Mapped[int | None]
    price_high_cny_t: Mapped[int | None]
    price_confidence: Mapped[Confidence | None] = mapped_column(
        word_enum(Confidence, "price_confidence")
    )
    tax_zh: Mapped[str] = mapped_column(Text)
    tax_en: Mapped[str] = mapped_column(Text)
    sort_order: Mapped[int]
    note: Mapped[str] = mapped_column(Text)


class QualityLimit(Cited, Bounded, Dated, Sourced, Base):
    """A bound that decides. Kind and use may be `any`; a blank grade means every grade.

    With a `fact` the row holds for lots of which the fact is one of `fact_values`, and then stands
    in place of the row without. Role `origin` names a fact as its parameter and what that may be
    in `allowed`; role `barred` has no parameter: the use is closed. `unit` is what the standard
    prints its bounds in, blank where that is the parameter's own.
    """

    __tablename__ = "quality_limit"

    standard: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    use: Mapped[str] = mapped_column(String(32), primary_key=True)
    role: Mapped[LimitRole] = mapped_column(word_enum(LimitRole), primary_key=True)
    grade: Mapped[str] = mapped_column(String(16), primary_key=True)
    fact: Mapped[str] = mapped_column(String(24), primary_key=True)
    fact_values: Mapped[str] = mapped_column(String(80), primary_key=True)
    parameter: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int]
    grade_rank: Mapped[int | None]
    exclusive: Mapped[Exclusive | None] = mapped_column(word_enum(Exclusive))
    unit: Mapped[str] = mapped_column(String(8))
    allowed: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text)


class QualityNote(Cited, Bounded, Dated, Sourced, Base):
    """A figure or a sentence about quality that decides nothing."""

    __tablename__ = "quality_note"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column()
    kind: Mapped[str] = mapped_column(String(32))
    use: Mapped[str] = mapped_column(String(32))
    role: Mapped[NoteRole] = mapped_column(word_enum(NoteRole))
    grade: Mapped[str] = mapped_column(String(16))
    parameter: Mapped[str] = mapped_column(String(32))
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
