"""Reading the reference files: what each holds, and every fault named by file, row and column.

Rows come out as plain values ready for the models; nothing here knows the database.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.catalogue.rules import (
    ANY,
    Answer,
    Basis,
    Comparison,
    Confidence,
    Direction,
    Exclusive,
    Fact,
    LimitRole,
    Measure,
    NoteRole,
    QualityUnit,
    Radioactivity,
    Scope,
    Term,
    TermUnit,
    Unit,
    is_day_of_year,
    is_item_code,
)

Parser = Callable[[str], Any]
Row = dict[str, Any]
POSITION = "position"
PRINTED_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class FileFault:
    """What is wrong where. `row` counts lines from 1 (the header); 0 means the whole file."""

    file: str
    row: int
    column: str
    code: str
    value: str = ""


class DamagedFiles(Exception):
    """Reference files that cannot be loaded; nothing was changed."""

    def __init__(self, faults: list[FileFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file: attribute of the model → parser. `key` names what makes a row unique.

    With `ordered`, the place of a row in the file is kept in `position`.
    """

    file: str
    key: tuple[str, ...]
    columns: Mapping[str, Parser]
    renamed: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False

    def column(self, attribute: str) -> str:
        """The name of an attribute's column in the file."""
        return self.renamed.get(attribute, attribute)


@dataclass(frozen=True, slots=True)
class Reference:
    """Cells that together name a row of another file.

    They name none where one of them is blank or one of the words in `besides`.
    """

    file: str
    attributes: tuple[str, ...]
    target: str
    keys: tuple[str, ...] = ("code",)
    besides: frozenset[str] = frozenset()

    def named_in(self, row: Row) -> tuple[str, ...] | None:
        cells = tuple(row[attribute] for attribute in self.attributes)
        names = all(cell and cell not in self.besides for cell in cells)
        return cells if names else None


def read(folder: Path, layouts: tuple[Layout, ...]) -> dict[str, list[Row]]:
    """The rows of every file by its name; raises `DamagedFiles` with all faults of all files."""
    faults: list[FileFault] = []
    found = {layout.file: _read_file(folder / layout.file, layout, faults) for layout in layouts}
    faults.extend(_dangling(found))
    if faults:
        raise DamagedFiles(faults)
    return found


def required(text: str) -> str:
    if not text:
        raise ValueError("empty")
    return text


def optional(parser: Parser) -> Parser:
    """The same parser, letting a blank cell be `None`."""
    return lambda text: parser(text) if text else None


def blank_or(parser: Parser) -> Parser:
    """The same parser, letting a blank cell be an empty text: in a key nothing may be `None`."""
    return lambda text: parser(text) if text else ""


def word(choices: type[StrEnum]) -> Parser:
    """A parser for one of the words of a code list."""
    return lambda text: choices(required(text))


def flag(text: str) -> bool:
    return {"yes": True, "no": False}[required(text)]


def item_code(text: str) -> str:
    if not is_item_code(required(text)):
        raise ValueError("not a waste code")
    return text


def day_of_year(text: str) -> str:
    if not is_day_of_year(required(text)):
        raise ValueError("not a day of the year")
    return text


def thousandths(text: str) -> int:
    return _scaled(text, 1000)


def fen(text: str) -> int:
    return _scaled(text, 100)


def printed_number(text: str) -> str:
    """A number as it stands in print, so that its decimals are kept."""
    if not PRINTED_NUMBER.fullmatch(required(text)):
        raise ValueError("not a number in figures")
    return text


def micro_degrees(text: str) -> int:
    degrees = _scaled(text, 1_000_000)
    if abs(degrees) > 180_000_000:
        raise ValueError("not an angle")
    return degrees


def _scaled(text: str, scale: int) -> int:
    try:
        number = Decimal(required(text)) * scale
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError("not a number with so many decimals")
    return int(number)


def _read_file(path: Path, layout: Layout, faults: list[FileFault]) -> list[Row]:
    text = _text(path, faults)
    if text is None:
        return []
    reader = csv.DictReader(io.StringIO(text))
    absent = [name for name in map(layout.column, layout.columns) if name not in _header(reader)]
    if absent:
        faults.extend(FileFault(path.name, 1, name, "no_column") for name in absent)
        return []
    rows = [row for row in _rows(reader, layout, faults) if row is not None]
    faults.extend(_duplicates(layout, rows))
    return [row[1] for row in rows]


def _header(reader: csv.DictReader[str]) -> list[str]:
    return list(reader.fieldnames or [])


def _text(path: Path, faults: list[FileFault]) -> str | None:
    """A spreadsheet saves UTF-8 with a mark in front or, in China, GB18030: both are read."""
    if not path.is_file():
        faults.append(FileFault(path.name, 0, "", "no_file"))
        return None
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    faults.append(FileFault(path.name, 0, "", "no_text"))
    return None


def _rows(
    reader: csv.DictReader[str], layout: Layout, faults: list[FileFault]
) -> Iterator[tuple[int, Row] | None]:
    for position, cells in enumerate(reader, start=1):
        line = reader.line_num
        if None in cells or None in cells.values():
            faults.append(FileFault(layout.file, line, "", "ragged"))
            yield None
            continue
        row = _row(cells, layout, line, faults)
        yield (line, row | {POSITION: position} if layout.ordered else row)


def _row(cells: Mapping[str, str], layout: Layout, line: int, faults: list[FileFault]) -> Row:
    row: Row = {}
    for attribute, parse in layout.columns.items():
        column = layout.column(attribute)
        text = cells[column].strip()
        try:
            row[attribute] = parse(text)
        except (ValueError, KeyError):
            code = "bad_value" if text else "empty"
            faults.append(FileFault(layout.file, line, column, code, text))
            row[attribute] = None
    return row


def _duplicates(layout: Layout, rows: list[tuple[int, Row]]) -> Iterator[FileFault]:
    seen: set[tuple[Any, ...]] = set()
    for line, row in rows:
        key = key_of(layout, row)
        if key in seen:
            yield FileFault(layout.file, line, layout.key[0], "twice", str(key[0]))
        seen.add(key)


def key_of(layout: Layout, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in layout.key)


def _dangling(found: Mapping[str, list[Row]]) -> Iterator[FileFault]:
    """Codes that name a row of another file which is not there."""
    for reference in REFERENCES:
        rows = found.get(reference.target, [])
        known = {tuple(row[key] for key in reference.keys) for row in rows}
        for line, row in enumerate(found.get(reference.file, []), start=2):
            named = reference.named_in(row)
            if known and named and named not in known:
                column = reference.attributes[-1]
                yield FileFault(reference.file, line, column, "unknown", named[-1])


NAMED: dict[str, Parser] = {"name_zh": required, "name_en": required}
TITLED: dict[str, Parser] = {"title_zh": required, "title_en": required}
SOURCED: dict[str, Parser] = {"confidence": word(Confidence), "source": required}
DATED: dict[str, Parser] = {
    "valid_from": date.fromisoformat,
    "valid_to": optional(date.fromisoformat),
}
CITED: dict[str, Parser] = dict.fromkeys(("standard", "clause_zh", "clause_en"), str)
BOUNDED: dict[str, Parser] = dict.fromkeys(("minimum", "maximum"), optional(printed_number))

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
)
BLOCKED_WASTES = Layout(
    "blocked_wastes.csv",
    ("code", "valid_from"),
    {"code": required, **NAMED, **DATED, **SOURCED}
    | {"reason_zh": required, "reason_en": required, "patterns": required, "exceptions": str},
    ordered=True,
)
MATERIALS = Layout(
    "materials.csv",
    ("code",),
    {"code": required, **NAMED, **SOURCED, "waste_class": required, "default_item": item_code}
    | {"glyph_zh": required, "letters_en": required, "css_token": required, "note": str}
    | {"sort_order": int, "in_target": flag}
    | dict.fromkeys(("in_target_from", "in_target_to"), optional(date.fromisoformat)),
)
COUNTIES = Layout(
    "counties.csv",
    ("adcode",),
    dict.fromkeys(("adcode", "short_en", "city_adcode", "city_zh", "city_en"), required)
    | {**NAMED, **SOURCED}
    | dict.fromkeys(("label_lon_e6", "label_lat_e6", "seat_lon_e6", "seat_lat_e6"), micro_degrees),
    renamed={f"{name}_e6": name for name in ("label_lon", "label_lat", "seat_lon", "seat_lat")},
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
MARKET_TERMS = Layout(
    "market_terms.csv",
    ("code", "valid_from"),
    {"code": word(Term), **DATED, **SOURCED, "value": int, "unit": word(TermUnit), "note": str},
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
    {"code": required, **NAMED, **SOURCED, "waste_class": required, "material": optional(str)}
    | {"sort_order": int, "note": str},
)
QUALITY_PARAMETERS = Layout(
    "quality_parameters.csv",
    ("code",),
    {"code": required, **NAMED, **SOURCED, "symbol": str, "unit": word(QualityUnit)}
    | dict.fromkeys(("lowest", "highest"), optional(printed_number))
    | {"basis": optional(word(Basis)), "synonyms": required, "sort_order": int},
)
STANDARDS = Layout(
    "standards.csv",
    ("code", "valid_from"),
    {"code": required, **TITLED, **DATED, **SOURCED, "replaces": optional(str)}
    | {"text_seen": flag, "note": str},
)
USES = Layout(
    "uses.csv",
    ("kind", "code", "valid_from"),
    {"kind": required, "code": required, **NAMED, **DATED, **SOURCED, "product": str}
    | {"standard": optional(str), "needs_class_1": flag}
    | {"radioactivity": optional(word(Radioactivity)), "value_direction": word(Direction)}
    | dict.fromkeys(("share_basis_zh", "share_basis_en", "limited_by_zh", "limited_by_en"), str)
    | dict.fromkeys(("replaces_zh", "replaces_en", "tax_zh", "tax_en", "note"), str)
    | dict.fromkeys(("share_min_pct", "share_max_pct"), optional(int))
    | dict.fromkeys(("price_low_cny_t", "price_high_cny_t"), optional(int))
    | {"price_confidence": optional(word(Confidence)), "sort_order": int},
)
QUALITY_LIMITS = Layout(
    "quality_limits.csv",
    ("standard", "kind", "use", "role", "grade", "fact", "fact_values", "parameter", "valid_from"),
    {"kind": required, "use": required, "role": word(LimitRole), "grade": str, **BOUNDED, **CITED}
    | {"grade_rank": optional(int), "fact": blank_or(word(Fact)), "fact_values": str}
    | {"parameter": str, "exclusive": optional(word(Exclusive)), "allowed": str}
    | {"standard": required, **DATED, **SOURCED, "note": str},
    ordered=True,
)
QUALITY_NOTES = Layout(
    "quality_notes.csv",
    (POSITION,),
    {"kind": required, "use": str, "role": word(NoteRole), "grade": str, "parameter": str}
    | {**BOUNDED, **CITED, "text_zh": required, "text_en": required, **DATED, **SOURCED},
    ordered=True,
)
LIMITS, NOTES = QUALITY_LIMITS.file, QUALITY_NOTES.file
SOME = frozenset({ANY})
REFERENCES = (
    Reference("waste_items.csv", ("waste_class",), "waste_classes.csv"),
    Reference("materials.csv", ("waste_class",), "waste_classes.csv"),
    Reference("materials.csv", ("default_item",), "waste_items.csv"),
    Reference("waste_kinds.csv", ("waste_class",), "waste_classes.csv"),
    Reference("waste_kinds.csv", ("material",), "materials.csv"),
    Reference("standards.csv", ("replaces",), "standards.csv"),
    Reference("uses.csv", ("kind",), "waste_kinds.csv"),
    Reference("uses.csv", ("standard",), "standards.csv"),
    Reference(LIMITS, ("kind",), "waste_kinds.csv", besides=SOME),
    Reference(LIMITS, ("use",), "uses.csv", besides=SOME),
    Reference(LIMITS, ("kind", "use"), "uses.csv", ("kind", "code"), besides=SOME),
    Reference(LIMITS, ("parameter",), "quality_parameters.csv", besides=frozenset(Fact)),
    Reference(LIMITS, ("standard",), "standards.csv"),
    Reference(NOTES, ("kind",), "waste_kinds.csv", besides=SOME),
    Reference(NOTES, ("kind", "use"), "uses.csv", ("kind", "code"), besides=SOME),
    Reference(NOTES, ("parameter",), "quality_parameters.csv"),
    Reference(NOTES, ("standard",), "standards.csv"),
)
