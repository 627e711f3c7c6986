"""Lines that were typed or pasted into a text box, as the rows of a sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.assays.sheet.cells import is_figure
from app.core.office.sent import SentRow, sent_row
from app.eligibility.units import is_unit

_COMMAS = re.compile(r"[,，;；]")
_WIDE = re.compile(r"\s{2,}|[\t\u3000]+")
_SAYS = re.compile(r"(?<!\d)\s*[:：=]\s*|\s*[:：=]\s*(?!\d)|(?<=\D)[:：=]")
_SIGN = re.compile(r"([<>≤≥＜＞])\s+(?=[\d.])")
_SIZE = re.compile(r"(?<!\S)(\d+(?:\.\d+)?)\s*(d|天|μm|um|微米|mm)\s+(?=[^\W\d_])", re.IGNORECASE)
"""A size or an age at the beginning of a name: `45 μm 筛余`."""
_AGE = re.compile(r"(?<=\S\s)(\d+)\s+(d|天)(?!\S)", re.IGNORECASE)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def typed_rows(text: str) -> list[SentRow]:
    """One row a line, numbered as typed; blank lines are left out.

    Cells are parted by tabs, else by commas, else by wide gaps; where a line has none of them, a
    name ends where a value begins.
    """
    lines = enumerate(text.splitlines(), start=1)
    rows = (sent_row(number, _cells(line.strip())) for number, line in lines)
    return [row for row in rows if row.cells]


def _cells(line: str) -> list[str]:
    if "\t" in line:
        return [_unquoted(part) for part in line.split("\t")]
    parts = [_unquoted(part) for part in _COMMAS.split(line)]
    if len(parts) == 1:
        return list(_words(line))
    pairs = [list(_words(part)) for part in parts if part]
    if pairs and all(len(one) > 1 and is_figure(one[1]) for one in pairs):
        return [cell for one in pairs for cell in one]
    return parts


def _unquoted(part: str) -> str:
    return part.strip().strip('"')


def _words(line: str) -> Iterator[str]:
    """The cells of a line without tabs and commas."""
    for part in _WIDE.split(line.strip()):
        for said in _SAYS.split(_SIGN.sub(r"\1", part)):
            yield from _spaced(said)


def _spaced(text: str) -> Iterator[str]:
    """A name may have blanks; it ends at a figure, a figure at a blank."""
    tokens = _AGE.sub(r"\1\2", _SIZE.sub(r"\1\2", text)).split()
    has_figures = any(map(is_figure, tokens))
    name: list[str] = []
    for token in tokens:
        if is_figure(token) or (name and is_unit(token)):
            yield from _joined(name)
            yield token
            name = []
        elif name and not has_figures and _CHINESE.search(text):
            yield from _joined(name)
            name = [token]
        else:
            name.append(token)
    yield from _joined(name)


def _joined(name: list[str]) -> Iterator[str]:
    if name:
        yield " ".join(name)
