"""PDF files that are kept: looked through for what acts when a reader opens them, never rendered.

Names may be written with escapes (`/J#61vaScript`) and objects may be packed in streams; both are
undone before looking. A file that hides its objects from that is refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from flask_babel import lazy_gettext as _l

from app.core.errors import Refused
from app.core.office.sent import refused

MOST_UNPACKED = 64 << 20
"""Of all streams of objects together, packed and unpacked."""
MOST_STREAMS = 20_000
MOST_ESCAPES = 100_000
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ENDS = rb"(?=[\s/<>\[\]()%]|\Z)"
_ENCRYPTED = re.compile(rb"/Encrypt" + _ENDS)
_ACTS = re.compile(
    rb"/(?:JavaScript|Launch|SubmitForm|ImportData|RichMedia|GoToE|XFA|Movie|Sound|Rendition)"
    + _ENDS
)
_HOLDS_FILES = re.compile(rb"/(?:EmbeddedFiles?|Filespec|FileAttachment|Collection)" + _ENDS)
_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
_OBJECTS = re.compile(rb"/ObjStm" + _ENDS)
_FILTER = re.compile(rb"/Filter" + _ENDS)
_PREDICTED = re.compile(rb"/Predictor" + _ENDS)
_NUMBERS = re.compile(rb"\s*\d+\s+\d+\s")
"""So begins a stream of objects: with their numbers and places."""
_MOST_BEFORE = 2048
_PIECE = 1 << 16


def check(content: bytes) -> None:
    """Raise `Refused` unless a PDF is whole, open, and does nothing when it is opened."""
    if not content.startswith(b"%PDF-") or b"startxref" not in content:
        raise refused(_l("PDF 文件不完整，打不开。请重新导出或扫描后再上传。"))
    for part in _parts(content):
        _check(part)


def _check(part: bytes) -> None:
    if _ENCRYPTED.search(part):
        raise refused(_l("PDF 加了密码或限制，打不开。请去掉密码，重新导出 PDF 再上传。"))
    if _ACTS.search(part):
        raise refused(_l("PDF 里有打开时会运行的内容，不收。请用“打印成 PDF”另存一份再上传。"))
    if _HOLDS_FILES.search(part):
        raise refused(_l("PDF 里附有别的文件，不收。请用“打印成 PDF”另存一份，附件单独上传。"))


def _parts(content: bytes) -> Iterator[bytes]:
    """The file itself and each packed stream of objects in it, with plain names."""
    yield _unescaped(content)
    room = MOST_UNPACKED
    for count, found in enumerate(_STREAM.finditer(content)):
        if count >= MOST_STREAMS:
            raise _unclear()
        before = content[max(0, found.start() - _MOST_BEFORE) : found.start()]
        is_packed = _begins_packed(content, found.end())
        if _OBJECTS.search(_unescaped(before[before.rfind(b"obj") :])):
            _check_packing(before, is_packed=is_packed)
        if is_packed:
            unpacked, taken = _unpacked(content, found.end(), room)
            room -= max(taken, len(unpacked))
            yield _unescaped(unpacked)


def _begins_packed(content: bytes, start: int) -> bool:
    """Whether zlib's bytes stand here, and begin like a stream of objects."""
    try:
        first = zlib.decompressobj().decompress(content[start : start + _MOST_BEFORE], 64)
    except zlib.error:
        return False
    return _NUMBERS.match(first) is not None


def _check_packing(head: bytes, *, is_packed: bool) -> None:
    """Refuse objects that are packed in a way that is not undone here."""
    own = _unescaped(head[head.rfind(b"obj") :])
    if _PREDICTED.search(own) or (_FILTER.search(own) and not is_packed):
        raise _unclear()


def _unpacked(content: bytes, start: int, room: int) -> tuple[bytes, int]:
    """The unpacked stream and how many bytes were read for it; neither may exceed `room`."""
    stream, pieces, place, left = zlib.decompressobj(), [], start, room
    while not stream.eof and place < len(content):
        try:
            pieces.append(stream.decompress(content[place : place + _PIECE], left))
        except zlib.error as error:
            raise _unclear() from error
        place += _PIECE
        left -= len(pieces[-1])
        if left <= 0 or place - start > room + _PIECE:
            raise _unclear()
    return b"".join(pieces), place - start


def _unescaped(content: bytes) -> bytes:
    plain, count = _ESCAPE.subn(_character, content, count=MOST_ESCAPES)
    if count == MOST_ESCAPES:
        raise _unclear()
    return plain


def _character(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 16)])


def _unclear() -> Refused:
    return refused(_l("PDF 的结构看不清楚，不收。请用“打印成 PDF”另存一份再上传。"))
