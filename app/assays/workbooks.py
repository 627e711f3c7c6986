"""Workbooks that are kept: no macros, no files within the file, no more than can be unpacked."""

from __future__ import annotations

import re
from zipfile import ZipInfo

from flask_babel import lazy_gettext as _l

from app.core.errors import Refused
from app.core.office.archive import BoundedArchive, legible
from app.core.office.sent import refused

WORKBOOK, TYPES = "xl/workbook.xml", "[Content_Types].xml"
_MACROS = re.compile(
    r"vbaproject|vbadata|(?:^|/)(?:macrosheets|activex|dialogsheets)/", re.IGNORECASE
)
_MACRO_TYPES = re.compile(rb"macroEnabled|macrosheet|vbaProject|activeX", re.IGNORECASE)
_LINKS = re.compile(r"(?:^|/)externallinks/[^/]+\.xml$", re.IGNORECASE)
_COMMANDS = re.compile(rb"<(?:\w+:)?(?:ddeLink|oleLink)\b")
_WITHIN = re.compile(
    r"(?:^|/)embeddings/|\.(?:zip|rar|7z|gz|tar|jar|xls[xmb]?|doc[xm]?|ppt[xm]?|exe|dll|js|vbs)$",
    re.IGNORECASE,
)
_FILES_WITHIN = (
    b"PK\x03\x04",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"MZ",
    b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
)
_ENCRYPTED = 0x1


def check(content: bytes) -> None:
    """Raise `Refused` unless an archive is a workbook that does nothing when it is opened."""
    with legible(), BoundedArchive(content) as archive:
        _check(archive)


def _check(archive: BoundedArchive) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise refused(_l("压缩包加了密码，打不开。请去掉密码，把里面的报告或表格逐个上传。"))
    if not {WORKBOOK, TYPES} <= names:
        raise _no_workbook(names)
    if any(map(_MACROS.search, names)) or _MACRO_TYPES.search(archive.read(TYPES)):
        raise refused(_l("表格里有宏，不收。请在 Excel 里另存为不含宏的 .xlsx 再上传。"))
    if any(_holds_a_file(archive, member) for member in members):
        raise refused(_l("表格里嵌有别的文件，不收。请删去嵌入的文件，或把它们单独上传。"))
    links = (name for name in names if _LINKS.search(name))
    if any(_COMMANDS.search(archive.read(name)) for name in links):
        raise refused(_l("表格会调用别的程序，不收。请断开外部链接，另存为 .xlsx 再上传。"))


def _holds_a_file(archive: BoundedArchive, member: ZipInfo) -> bool:
    if _WITHIN.search(member.filename):
        return True
    with archive.open(member) as stream:
        return stream.read(8).startswith(_FILES_WITHIN)


def _no_workbook(names: set[str]) -> Refused:
    if "word/document.xml" in names:
        return refused(_l("这是 Word 文件。请另存为 PDF 再上传。"))
    return refused(_l("这是压缩包。请解压后，把里面的报告或表格逐个上传。"))
