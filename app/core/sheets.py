"""A page's tables as files: with `sheet=<name>` in its address a page answers that table as XLSX.

The file is made of the page as it was written for this reader, so that filters, rights and
disclosure control are the page's own. See docs/adr/0024-a-sheet-is-the-table-on-screen.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.clock import now
from app.core.errors import NotFound
from app.core.i18n import moment
from app.core.office.download import download
from app.core.office.on_screen import sheets_of
from app.core.office.workbook import workbook

PARAMETER = "sheet"
MOST_ROWS = 5_000
"""Of a table in a file, some seconds of work; what is cut off there is told as on the page."""
NO_FILE_NAME = re.compile(r'[\\/:*?"<>|]+')
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def init_app(app: Flask) -> None:
    app.jinja_env.globals["sheet_url"] = sheet_url


def with_sheets(view: View) -> View:
    """Let the tables of a page be taken away; their names stand in their captions."""

    @wraps(view)
    def answer(*args: Any, **values: Any) -> ResponseReturnValue:
        page = view(*args, **values)
        name = request.args.get(PARAMETER)
        html = _readable(page)
        return page if name is None or html is None else _file(html, name)

    return cast(View, answer)


def rows_of_a_page(usual: int) -> int:
    """How many rows a page lists: as usual, or for a file all of them."""
    return MOST_ROWS if PARAMETER in request.args else usual


def sheet_url(name: str, **changes: str) -> str:
    """The table of that name on this page as a file; nothing on the answer to a form."""
    if request.method != "GET":
        return ""
    asked = {**request.args.to_dict(flat=False), **changes, PARAMETER: name}
    asked.pop("page", None)
    return f"{quote(request.script_root + request.path)}?{urlencode(asked, doseq=True)}"


def _readable(page: ResponseReturnValue) -> str | None:
    """A page that shows what was asked for: no redirection, and none that names a fault."""
    match page:
        case str(html) | (str(html), 200):
            return html
        case _:
            return None


def _file(html: str, name: str) -> ResponseReturnValue:
    sheet = sheets_of(html).get(name)
    if sheet is None:
        raise NotFound
    taken = str(_("下载于 %(moment)s（北京时间）", moment=moment(now())))
    whole = replace(sheet, notes=(*sheet.notes, taken))
    return download(workbook([whole]), f"{NO_FILE_NAME.sub('-', sheet.title)}.xlsx")
