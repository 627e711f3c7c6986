"""Files that may stand behind an assay: the laboratory's report or its sheet.

What a file is, is seen from its content; a name that says something else is told. Nothing is ever
executed, rendered or unpacked to disk. Pictures are written anew, everything else is kept as sent.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from itertools import islice

from flask_babel import lazy_gettext as _l

from app.assays import pdf, workbooks
from app.core import pictures
from app.core.errors import Refused
from app.core.office.sent import refused
from app.core.office.tables import OLD_EXCEL, ZIP, open_table
from app.core.texts import is_one_line

FIELD = "file"
MIB = 1 << 20
MOST_BYTES = 20 * MIB
LONGEST_NAME = 100
NAMELESS = "检测报告"
PDF, XLSX = "application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JPEG, PNG, CSV, TEXT = "image/jpeg", "image/png", "text/csv", "text/plain"
SUFFIXES = {
    PDF: (".pdf",),
    XLSX: (".xlsx",),
    JPEG: (".jpg", ".jpeg", ".jfif", ".png"),
    PNG: (".png", ".jpg", ".jpeg", ".jfif"),
    CSV: (".csv", ".txt"),
    TEXT: (".txt", ".csv"),
}
"""By kind the suffixes that a name may have; without one it gets the first."""
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\x00asm",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)
"""Windows, Linux, macOS, Java, WebAssembly, and the shortcuts of Windows."""
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF", b"\x28\xb5\x2f\xfd")
_TAR_AT, _TAR = 257, b"ustar"
_OTHER_PICTURES = re.compile(rb"GIF8|BM.{4}\x00\x00|II\*\x00|MM\x00\*|RIFF.{4}WEBP", re.DOTALL)
_HEIC = re.compile(rb".{4}ftyp(?:hei|hev|mif|msf|avi)", re.DOTALL)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(
    r"\A\s*<[!?a-z]|<\s*(?:html|script|svg|iframe|object|embed|body|!doctype)\b", re.IGNORECASE
)
_SUFFIX = re.compile(r"\.(?=\d*[A-Za-z])[A-Za-z0-9]{1,8}\Z")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_UNMARKED = ("utf-8", "gb18030")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file fit to be kept; its name is for display only. `sha256` is that of `content`."""

    name: str
    media_type: str
    content: bytes
    sha256: str


def checked(name: str, content: bytes) -> Attachment:
    """A file as it may be kept; raises `Refused` on the field `file` with what to do instead."""
    _check_size(content)
    _refuse_others(content)
    media_type = _media_type(name, content)
    if media_type in {JPEG, PNG}:
        content = pictures.cleaned(content, FIELD).content
    shown = _named(name, media_type)
    return Attachment(shown, media_type, content, hashlib.sha256(content).hexdigest())


def is_table(attachment: Attachment) -> bool:
    """Whether the values of an attachment can be looked for: a workbook or text with a table."""
    if attachment.media_type not in {XLSX, CSV, TEXT}:
        return False
    try:
        return any(True for _ in islice(open_table(attachment.content).all_rows(), 1))
    except Refused:
        return False


def display_name(name: str) -> str:
    """A name without folders, invisible signs and what no file system takes; may be empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = (sign for sign in last if is_one_line(sign) and unicodedata.category(sign) != "Cf")
    bare = " ".join(_FORBIDDEN.sub("_", "".join(seen)).split()).strip(". ")
    stem, suffix = _parted(bare)
    return f"{stem[:LONGEST_NAME]}{suffix}"


def _parted(name: str) -> tuple[str, str]:
    """A name and its suffix, which has a letter: `2026.11` has none."""
    found = _SUFFIX.search(name)
    return (name[: found.start()], found[0]) if found else (name, "")


def _check_size(content: bytes) -> None:
    if not content or content.isspace():
        raise refused(_l("文件是空的。请选择检测报告或数据表再上传。"))
    if len(content) > MOST_BYTES:
        raise refused(
            _l("文件超过 %(limit)s MB。请压缩扫描精度或分成几份再上传。", limit=MOST_BYTES // MIB)
        )


def _refuse_others(content: bytes) -> None:
    """Refuse what is known not to be a report, each kind with its own sentence."""
    if content.startswith((*_PROGRAMS, b"#!")):
        raise refused(_l("这是可以运行的程序，不收。请上传检测报告的 PDF、照片或表格。"))
    if content.startswith(OLD_EXCEL):
        raise _office_refusal(content)
    if content.startswith(_ARCHIVES) or content[_TAR_AT:].startswith(_TAR):
        raise refused(_l("这是压缩包。请解压后，把里面的报告或表格逐个上传。"))
    if _OTHER_PICTURES.match(content) or _HEIC.match(content):
        raise refused(_l("不收这种格式的图片。请另存为 JPEG 或 PNG 再上传。"))


def _office_refusal(content: bytes) -> Refused:
    if _ENCRYPTED in content:
        return refused(_l("文件加了密码，打不开。请在 Excel 里去掉密码，另存为 .xlsx 再上传。"))
    return refused(_l("这是旧版 Office 文件（.xls 或 .doc）。请另存为 .xlsx、.csv 或 PDF 再上传。"))


def _media_type(name: str, content: bytes) -> str:
    if b"%PDF-" in content[:1024]:
        pdf.check(content)
        return PDF
    if content.startswith(ZIP):
        workbooks.check(content)
        return XLSX
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG"):
        return PNG
    _check_text(content)
    return CSV if name.lower().endswith(".csv") else TEXT


def _check_text(content: bytes) -> None:
    text = _decoded(content)
    if text is None or _CONTROLS.search(text):
        raise refused(
            _l("认不出这个文件。请上传 PDF、JPEG 或 PNG 照片、.xlsx、.csv 或 .txt 文件。")
        )
    if _MARKUP.search(text):
        raise refused(_l("这是网页或矢量图，不收。请另存为 PDF、图片或 .xlsx 再上传。"))


def _decoded(content: bytes) -> str | None:
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    for encoding in marked or _UNMARKED:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _named(name: str, media_type: str) -> str:
    """The name to be shown; raises `Refused` where it promises another kind of file."""
    shown = display_name(name)
    (stem, suffix), allowed = _parted(shown), SUFFIXES[media_type]
    if suffix and suffix.lower() not in allowed:
        raise refused(
            _l(
                "文件名以 %(suffix)s 结尾，内容却是 %(found)s。请核对文件，改好后缀再上传。",
                suffix=suffix,
                found=allowed[0],
            )
        )
    is_right = suffix and media_type not in {JPEG, PNG}
    return shown if is_right else f"{stem or NAMELESS}{allowed[0]}"
