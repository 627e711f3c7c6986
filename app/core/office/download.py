"""A file as the answer to a request."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote

from flask import Response

KINDS = {
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def download(content: bytes, name: str) -> Response:
    """The file under its name, which may be Chinese; its suffix is one of `KINDS`."""
    answer = Response(content, content_type=KINDS[PurePath(name).suffix.lower()])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Cache-Control"] = "no-store"
    return answer
