"""CSV as a spreadsheet opens it: a mark for UTF-8, and no cell that runs as a formula.

The guard against formulas is a quote in front, and it comes off again: `plain(harmless(text))` is
the text. That is why a text that already has quotes in front of a sign gets one more.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
_RUNS = r"[=+\-@＝＋－＠\t\r\n]"
"""What begins a formula; a spreadsheet in Chinese or Japanese takes the wide signs too."""
_UNGUARDED = re.compile(f"'*{_RUNS}")
_GUARDED = re.compile(f"'+{_RUNS}")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """The rows as one CSV text; `None` becomes an empty cell."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def harmless(cell: object) -> str:
    """A cell's text, with a quote in front of what a spreadsheet would run."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if _UNGUARDED.match(text) else text


def plain(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if _GUARDED.match(text) else text
