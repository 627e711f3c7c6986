"""What each reference file holds, and which rows of other files it names."""

from __future__ import annotations

from datetime import date

from app.catalogue.files import (
    POSITION,
    Layout,
    Parser,
    Reference,
    alike,
    blank_or,
    day_of_year,
    fen,
    flag,
    item_code,
    micro_degrees,
    optional,
    printed_number,
    required,
    thousandths,
    word,
)
from app.catalogue.rules import (
    ANY,
    Answer,
    Basis,
    Comparison,
    Confidence,
    Direction,
    Exclusive,
    Fact,
    FactorSide,
    LimitRole,
    Means,
    Measure,
    NoteRole,
    Per,
    QualityUnit,
    Radioactivity,
    Scope,
    Term,
    TermUnit,
    Threshold,
    Unit,
)

NAMED: dict[str, Parser] = {"name_zh": required, "name_en": required}
TITLED: dict[str, Parser] = {"title_zh": required, "title_en": required}
SOURCED: dict[str, Parser] = {"confidence": word(Confidence), "source": required}
DATED: dict[str, Parser] = {
    "valid_from": date.fromisoformat,
    "valid_to": optional(date.fromisoformat),
}
CITED = alike(str, "standard", "clause_zh", "clause_en")
SOME = frozenset({ANY})
PLACES = (
    Reference(("kind",), "waste_kinds.csv", besides=SOME),
    Reference(("kind", "use"), "uses.csv", ("kind", "code"), besides=SOME),
)
BOUNDED = alike(optional(printed_number), "minimum", "maximum")

WASTE_CLASSES = Layout(
    "waste_classes.csv",
    ("code", "valid_from"),
    {"code": required, **NAMED, **DATED, **SOURCED}
    | {"description": str, "bulk": word(Answer), "in_target": word(Answer), "note": str}
    | {"env_tax_item": str, "env_tax_fen_per_t": optional(int)},
)
WASTE_ITEMS = Layout(
    "waste_items.csv",
    ("code", "valid_from"),
    {"code": item_code, **NAMED, **DATED, **SOURCED, "waste_class": required, "note": str},
    references=(Reference(("waste_class",), "waste_classes.csv"),),
)
BLOCKED_WASTES = Layout(
    "blocked_wastes.csv",
    ("code", "valid_from"),
    {"code": required, **NAMED, **DATED, **SOURCED}
    | dict.fromkeys(("reason_zh", "reason_en", "go_to_zh", "go_to_en", "patterns"), required)
    | {"exceptions": str},
    ordered=True,
)
MATERIALS = Layout(
    "materials.csv",
    ("code",),
    {"code": required, **NAMED, **SOURCED, "waste_class": required, "default_item": item_code}
    | {"glyph_zh": required, "letters_en": required, "css_token": required, "note": str}
    | {"sort_order": int, "in_target": flag}
    | dict.fromkeys(("in_target_from", "in_target_to"), optional(date.fromisoformat)),
    references=(
        Reference(("waste_class",), "waste_classes.csv"),
        Reference(("default_item",), "waste_items.csv"),
    ),
)
COUNTIES = Layout(
    "counties.csv",
    ("adcode",),
    dict.fromkeys(("adcode", "short_en", "city_adcode", "city_zh", "city_en"), required)
    | {**NAMED, **SOURCED}
    | dict.fromkeys(("label_lon_e6", "label_lat_e6", "seat_lon_e6", "seat_lat_e6"), micro_degrees),
    renamed={f"{name}_e6": name for name in ("label_lon", "label_lat", "seat_lon", "seat_lat")},
)
PARKS = Layout(
    "parks.csv",
    ("code",),
    {"code": required, **NAMED, **SOURCED, "adcode": required},
    references=(Reference(("adcode",), "counties.csv", ("adcode",)),),
)
CHAIN_LINKS = Layout(
    "chain_links.csv",
    ("material", "product", "valid_from"),
    dict.fromkeys(("material", "product", "becomes"), required) | {**DATED, **SOURCED, "note": str},
    references=(
        Reference(("material",), "materials.csv"),
        Reference(("becomes",), "materials.csv"),
    ),
)
TARGETS = Layout(
    "targets.csv",
    ("code", "valid_from"),
    {"code": required, **TITLED, **DATED, **SOURCED, "scope": word(Scope), "measure": word(Measure)}
    | {"materials": required, "excludes": str, "value_milli": thousandths, "unit": word(Unit)}
    | {"due_on": date.fromisoformat, "note": str},
    renamed={"value_milli": "value"},
)
PUBLISHED_FIGURES = Layout(
    "published_figures.csv",
    ("code",),
    {"code": required, **TITLED, **SOURCED, "scope": word(Scope), "measure": word(Measure)}
    | {"materials": str, "comparison": word(Comparison), "value_milli": thousandths}
    | {"unit": word(Unit), "period": required, "published_on": str, "note": str},
    renamed={"value_milli": "value"},
    ordered=True,
)
FREIGHT_TERMS = Layout(
    "freight.csv",
    ("code", "valid_from"),
    {"code": required, **DATED, **SOURCED, "per_t_fen": fen, "per_tkm_fen": fen}
    | {"detour_milli": thousandths, "max_km": int, "note": str},
    renamed={"per_t_fen": "per_t_cny", "per_tkm_fen": "per_tkm_cny", "detour_milli": "detour"},
)
INVESTMENT_COSTS = Layout(
    "investment_costs.csv",
    ("means", "valid_from"),
    {"means": word(Means), "per": word(Per), **DATED, **SOURCED}
    | {"cost_fen": fen, "size_kg": thousandths, "life_months": int, "note": str},
    renamed={"cost_fen": "cost_cny", "size_kg": "size_t"},
)
MARKET_TERMS = Layout(
    "market_terms.csv",
    ("code", "valid_from"),
    {"code": word(Term), **DATED, **SOURCED, "value": int, "unit": word(TermUnit), "note": str},
)
WATCH_TERMS = Layout(
    "watch_terms.csv",
    ("code", "material", "valid_from"),
    {"code": word(Threshold), "unit": word(TermUnit), **DATED, **SOURCED}
    | {**alike(int, "value"), **alike(str, "material", "note")},
    references=(Reference(("material",), "materials.csv"),),
)
ARISING_FACTORS = Layout(
    "arising_factors.csv",
    ("side", "activity", "material", "valid_from"),
    {"side": word(FactorSide), **alike(required, "activity", "material", "unit")}
    | {**DATED, **SOURCED, **alike(str, "note")}
    | alike(thousandths, "low_milli", "central_milli", "high_milli"),
    renamed={f"{name}_milli": name for name in ("low", "central", "high")},
    references=(Reference(("material",), "materials.csv"),),
)
PRODUCTION_STOPS = Layout(
    "production_stops.csv",
    ("code", "valid_from"),
    {"code": required, **NAMED, **DATED, **SOURCED, "product": required}
    | {"idle_from": day_of_year, "idle_to": day_of_year, "note": str},
)
INDUSTRIES = Layout("industries.csv", ("code",), {"code": required, **NAMED, **SOURCED})
WASTE_KINDS = Layout(
    "waste_kinds.csv",
    ("code",),
    {**alike(required, "code", "waste_class"), **NAMED, **SOURCED}
    | {"material": optional(str), **alike(int, "sort_order"), **alike(str, "note")},
    references=(
        Reference(("waste_class",), "waste_classes.csv"),
        Reference(("material",), "materials.csv"),
    ),
)
QUALITY_PARAMETERS = Layout(
    "quality_parameters.csv",
    ("code",),
    {**alike(required, "code", "synonyms"), **NAMED, **SOURCED, **alike(str, "symbol")}
    | alike(optional(printed_number), "lowest", "highest")
    | {"unit": word(QualityUnit), "basis": optional(word(Basis)), **alike(int, "sort_order")},
)
STANDARDS = Layout(
    "standards.csv",
    ("code", "valid_from"),
    {"code": required, **TITLED, **DATED, **SOURCED, "replaces": optional(str)}
    | {"text_seen": flag, "note": str},
    references=(Reference(("replaces",), "standards.csv"),),
)
USES = Layout(
    "uses.csv",
    ("kind", "code", "valid_from"),
    {**alike(required, "kind", "code"), **NAMED, **DATED, **SOURCED}
    | {"standard": optional(str), "needs_class_1": flag, "tolerates_unknown": flag}
    | {"radioactivity": optional(word(Radioactivity)), "value_direction": word(Direction)}
    | alike(str, "share_basis_zh", "share_basis_en", "limited_by_zh", "limited_by_en")
    | alike(str, "replaces_zh", "replaces_en", "tax_zh", "tax_en", "product", "note")
    | alike(optional(int), "share_min_pct", "share_max_pct")
    | alike(optional(int), "price_low_cny_t", "price_high_cny_t")
    | {"price_confidence": optional(word(Confidence)), "sort_order": int},
    references=(
        Reference(("kind",), "waste_kinds.csv"),
        Reference(("standard",), "standards.csv"),
    ),
)
QUALITY_LIMITS = Layout(
    "quality_limits.csv",
    ("standard", "kind", "use", "role", "grade", "fact", "fact_values", "parameter", "valid_from"),
    {**alike(required, "kind", "use"), "role": word(LimitRole), **BOUNDED, **CITED}
    | {"grade_rank": optional(int), "fact": blank_or(word(Fact))}
    | {"unit": blank_or(word(QualityUnit))}
    | {"exclusive": optional(word(Exclusive)), "standard": required, **DATED, **SOURCED}
    | alike(str, "grade", "fact_values", "parameter", "allowed", "note"),
    ordered=True,
    references=(
        *PLACES,
        Reference(("use",), "uses.csv", besides=SOME),
        Reference(("parameter",), "quality_parameters.csv", besides=frozenset(Fact)),
        Reference(("standard",), "standards.csv"),
    ),
)
QUALITY_NOTES = Layout(
    "quality_notes.csv",
    (POSITION,),
    {"kind": required, "role": word(NoteRole), **alike(str, "use", "grade", "parameter")}
    | {**BOUNDED, **CITED, **alike(required, "text_zh", "text_en"), **DATED, **SOURCED},
    ordered=True,
    references=(
        *PLACES,
        Reference(("parameter",), "quality_parameters.csv"),
        Reference(("standard",), "standards.csv"),
    ),
)
