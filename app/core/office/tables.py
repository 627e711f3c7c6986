"""Tables people upload: one way in for .xlsx and .csv, and a clear answer to everything else.

What a file is, is seen from its content: a name says nothing reliable.
"""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

from app.core.office.sent import (
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    SentRow,
    SentTable,
    refused,
)
from app.core.office.sent_csv import CsvTable
from app.core.office.sent_xlsx import XlsxTable

__all__ = [
    "MOST_BYTES",
    "MOST_CHARACTERS",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "SentRow",
    "SentTable",
    "open_table",
]

MOST_BYTES = 16 << 20
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Excel before 2007, and every Excel file that has a password."""
OTHER_KINDS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"II*\x00",
    b"MM\x00*",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?a-zA-Z]")
"""A web page or XML, which some systems hand out under the name of an .xls."""


def open_table(content: bytes) -> SentTable:
    """The table in an uploaded file.

    Raises `Refused` on the field `file`, here or while the rows are read, with a sentence that
    says what is wrong and what to do.
    """
    _check(content)
    return XlsxTable(content) if content.startswith(ZIP) else CsvTable(content)


def _check(content: bytes) -> None:
    if not content or content.isspace():
        raise refused(_l("文件是空的。请选择填好的表格再上传。"))
    if len(content) > MOST_BYTES:
        raise refused(
            _l("文件超过 %(limit)s MB。请拆成几个文件，分别上传。", limit=MOST_BYTES >> 20)
        )
    if content.startswith(OLD_EXCEL):
        raise refused(
            _l("这是旧版 Excel（.xls）或加了密码的文件。请在 Excel 里另存为 .xlsx 或 .csv 再上传。")
        )
    if MARKUP.match(content):
        raise refused(
            _l("这是网页格式的文件，不是 Excel 表格。请在 Excel 里另存为 .xlsx 或 .csv 再上传。")
        )
    if content.startswith(OTHER_KINDS):
        raise refused(
            _l("这不是表格（可能是 PDF、图片或压缩包）。请在 Excel 里另存为 .xlsx 或 .csv 再上传。")
        )
