"""Single changes to a problem in its written form: ``file, id, month, column, value``.

They are made to the cells before anything is understood, so an edited directory is checked as any
other; what is wrong with a value is said of the edit's own row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matching.faults import Fault, InputFaults
from matching.formats import settings_file, tables
from matching.formats.layout import ALIASES, DEMANDS, LANES, SUPPLIES
from matching.formats.tables import Origin, Row, Table

COLUMNS = ("file", "id", "month", "column", "value")
_LAYOUTS = {layout.file: layout for layout in (SUPPLIES, DEMANDS, LANES)}
FILES = (*_LAYOUTS, settings_file.FILE)


@dataclass(frozen=True, slots=True)
class Edit:
    """Another text in one column of the rows that have this id and, where it is given, month.

    Attributes
    ----------
    id
        Of a lane ``supply|demand``; blank for a setting.
    origin
        Where the edit itself stands.
    """

    file: str
    id: str
    month: str
    column: str
    value: str
    origin: Origin

    def concerns(self, row: Row) -> bool:
        """Whether the row is one that the edit changes."""
        order = row.text("id")
        if self.file == LANES.file:
            order = f"{row.text('supply')}|{row.text('demand')}"
        return order == self.id and self.month in ("", row.text("month"))


def read(path: Path) -> tuple[Edit, ...]:
    """The edits of a file.

    Raises
    ------
    InputFaults
        The file cannot be read, or a row names no file or column of the format.
    """
    faults: list[Fault] = []
    try:
        table = tables.read(path.name, path.read_bytes(), {}, faults)
    except OSError as error:
        values = {"error": error.strerror or str(error)}
        raise InputFaults([Fault(path.name, None, None, "unreadable_file", values)]) from error
    if table is None or not tables.require(table, COLUMNS, faults):
        raise InputFaults(faults)
    made = tuple(_edit(row) for row in table.rows)
    faults.extend(fault for row in table.rows for fault in row.faults)
    if faults:
        raise InputFaults(faults)
    return made


def applied(table: Table, edits: Iterable[Edit], faults: list[Fault]) -> Table:
    """The table with the edits of its file made, one after the other."""
    for edit in edits:
        if edit.file != table.file:
            continue
        hits = [edit.concerns(row) for row in table.rows]
        if not any(hits):
            faults.append(_unknown_row(edit))
        rows = (
            row.with_edit(edit.column, edit.value, edit.origin) if hit else row
            for row, hit in zip(table.rows, hits, strict=True)
        )
        columns = dict.fromkeys((*table.columns, edit.column))
        table = replace(table, rows=tuple(rows), columns=tuple(columns))
    return table


def of_settings(edits: Iterable[Edit]) -> tuple[Mapping[str, str], Mapping[str, Origin]]:
    """The settings that the edits replace, in written form, and where each is written."""
    stated = [edit for edit in edits if edit.file == settings_file.FILE]
    texts = {edit.column: edit.value for edit in stated}
    return texts, {edit.column: edit.origin for edit in stated}


def without_file(edits: Iterable[Edit], present: Sequence[str]) -> list[Fault]:
    """One fault per edit of a table that the directory does not have."""
    kept = (*present, settings_file.FILE)
    return [_unknown_row(edit) for edit in edits if edit.file not in kept]


def _edit(row: Row) -> Edit:
    file, column = row.text("file"), ALIASES.get(row.text("column"), row.text("column"))
    known = settings_file.KEYS if file == settings_file.FILE else ()
    if file not in FILES:
        row.refuse("file", "bad_choice", value=file, allowed=", ".join(FILES))
    elif column not in (known or _LAYOUTS[file].names):
        allowed = ", ".join(known or _LAYOUTS[file].names)
        row.refuse("column", "bad_choice", value=column, allowed=allowed)
    origin = Origin(row.file, row.number or 0, "value")
    return Edit(file, row.text("id"), row.text("month"), column, row.text("value"), origin)


def _unknown_row(edit: Edit) -> Fault:
    code = "unknown_month_row" if edit.month else "unknown_row"
    values = {"id": edit.id, "file": edit.file, "month": edit.month}
    return Fault(edit.origin.file, edit.origin.row, "id", code, values)
