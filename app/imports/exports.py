"""A firm's own data in the columns in which it can be sent in again, and the blank table.

A row that is taken out and sent in unchanged changes nothing.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.office.remarks import written
from app.imports.cells import Words
from app.imports.columns import COLUMNS, Column, headings
from app.imports.kinds import rows_of
from app.imports.rules import ImportKind
from app.imports.words import KIND_WORDS

NEEDED_FILL = PatternFill("solid", fgColor="FDF1D5")
HEAD_FILL = PatternFill("solid", fgColor="ECEFF1")
ROWS_WITH_CHOICE = 2000
"""How far down a blank table offers its words to choose from."""


def own_table(
    session: Session, actor: Actor, kind: ImportKind, suffix: str, now: datetime
) -> bytes:
    """What the firm has of this kind, as a table of `suffix` `.xlsx` or `.csv`."""
    names = headings(kind)
    rows = rows_of(session, actor, kind, now).own_rows(session, actor)
    cells = ([row.get(name, "") for name in names] for row in rows)
    return written(list(names.values()), cells, suffix)


def blank_table(
    session: Session, actor: Actor, kind: ImportKind, suffix: str, now: datetime
) -> bytes:
    """A table to be filled in; as a workbook with the words to choose from and an explanation."""
    if suffix == ".csv":
        return written(list(headings(kind).values()), (), suffix)
    words = rows_of(session, actor, kind, now).words
    book = Workbook()
    page = book.active
    page.title = str(KIND_WORDS[kind])
    choices = book.create_sheet(_("可选内容"))
    _write_head(page, COLUMNS[kind])
    _write_choices(page, choices, COLUMNS[kind], words)
    _write_help(book.create_sheet(_("填写说明"), 1), COLUMNS[kind])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write_head(page: Worksheet, columns: tuple[Column, ...]) -> None:
    """Needed columns are marked with a star and a colour."""
    for place, column in enumerate(columns, 1):
        cell = page.cell(1, place, f"{column.heading}{'*' if column.needed else ''}")
        cell.font, cell.fill = Font(bold=True), NEEDED_FILL if column.needed else HEAD_FILL
        dimension = page.column_dimensions[get_column_letter(place)]
        dimension.width, dimension.number_format = 18, "@" if column.keeps_digits else "General"
    page.freeze_panes = "A2"


def _write_choices(
    page: Worksheet, choices: Worksheet, columns: tuple[Column, ...], words: Mapping[str, Words]
) -> None:
    """The words of each column on a sheet of their own, and a list of them at its cells."""
    for place, name in enumerate(words, 1):
        shown = words[name].shown
        letter = get_column_letter(place)
        for row, word in enumerate(shown, 1):
            choices.cell(row, place, word).data_type = "s"
        target = get_column_letter([column.name for column in columns].index(name) + 1)
        source = f"'{choices.title}'!${letter}$1:${letter}${len(shown)}"
        offered = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=False)
        offered.add(f"{target}2:{target}{ROWS_WITH_CHOICE}")
        page.add_data_validation(offered)


def _write_help(page: Worksheet, columns: tuple[Column, ...]) -> None:
    page.append([_("列"), _("是否必填"), _("例子"), _("说明")])
    for cell in page[1]:
        cell.font, cell.fill = Font(bold=True), HEAD_FILL
    for column in columns:
        needed = _("必填") if column.needed else ""
        page.append([str(column.heading), needed, str(column.example), str(column.hint)])
    for row in page.iter_rows(min_row=2):
        for cell in row:
            cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCD", (26, 10, 26, 50), strict=True):
        page.column_dimensions[letter].width = width
