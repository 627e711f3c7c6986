"""The colours of the pages, for what is drawn elsewhere: there is one list, in the style sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from app.settings import ROOT

STYLE_SHEET = ROOT / "static" / "css" / "tokens.css"
TOKEN = re.compile(r"--g-([a-z0-9]+): (#[0-9a-f]{6});")


@cache
def colours() -> Mapping[str, str]:
    """By name, such as `r1` for `--g-r1`, as `#rrggbb`."""
    return dict(TOKEN.findall(STYLE_SHEET.read_text("utf-8")))
