"""A zip from a stranger: no more of it is unpacked than a workbook can need, and never to disk."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from flask_babel import lazy_gettext as _l

from app.core.errors import Refused
from app.core.office.sent import refused

MOST_MEMBERS = 2_000
MOST_BYTES = 300 << 20
"""Of all members together, unpacked."""
MOST_WHOLE_BYTES, MOST_WHOLE_TAGS = 16 << 20, 200_000
"""Of a member that is parsed as one tree: what it takes in memory grows with its tags."""
DIRECTORY_ENTRY = b"PK\x01\x02"
PACKINGS = (ZIP_STORED, ZIP_DEFLATED)
"""Others may ask for any amount of memory before the first byte is unpacked."""


class BoundedArchive(ZipFile):
    """Its directory may lie: a stream ends at the size given there and then fails its checksum.

    Streams must be read in pieces of a stated size; without one, zlib unpacks whatever is there.
    """

    def __init__(self, content: bytes) -> None:
        # Counted before the directory is read: each entry costs some hundred bytes of memory.
        if content.count(DIRECTORY_ENTRY) > MOST_MEMBERS:
            raise too_large()
        super().__init__(io.BytesIO(content))
        if any(member.compress_type not in PACKINGS for member in self.infolist()):
            raise BadZipFile("packed as no office program does")
        if sum(member.file_size for member in self.infolist()) > MOST_BYTES:
            raise too_large()

    def read(self, name: str | ZipInfo, pwd: bytes | None = None) -> bytes:
        """A whole small member, such as the list of sheets. Office files have no document type."""
        member = name if isinstance(name, ZipInfo) else self.getinfo(name)
        if member.file_size > MOST_WHOLE_BYTES:
            raise too_large()
        with self.open(member, pwd=pwd) as stream:
            content = stream.read(member.file_size + 1)
        if content.count(b"<") > MOST_WHOLE_TAGS:
            raise too_large()
        if b"<!DOCTYPE" in content:
            raise ValueError("document type in an office file")
        return content


def too_large() -> Refused:
    return refused(
        _l("文件解开后过大，系统不读。请只留要上传的那张表，另存为 .xlsx 或 .csv 再上传。")
    )


@contextmanager
def legible() -> Iterator[None]:
    """Whatever the libraries say of a file from outside, its sender hears that it is damaged."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        raise refused(
            _l("文件已损坏或不是 Excel 表格，打不开。请在 Excel 里另存为 .xlsx 或 .csv 再上传。")
        ) from error
