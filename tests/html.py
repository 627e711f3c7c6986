"""A test client that parses every page it gets and refuses what a browser would forgive."""

from __future__ import annotations

import re
from typing import Any

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

FORGIVEN = {"expected-doctype-but-got-start-tag", "expected-doctype-but-got-chars"}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son[a-z]+=")
"""A fragment has no doctype; everything else html5lib names is a fault."""


class CheckedClient(FlaskClient):
    """Fails on broken HTML, an id used twice, and anything the strict CSP would block."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 308):
            check(response.get_data(as_text=True))
        return response


def check(text: str) -> None:
    """Raise `AssertionError` naming the first fault."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    faults = [f"{place}: {code}" for place, code, _ in parser.errors if code not in FORGIVEN]
    assert not faults, f"broken HTML at {faults[0]}\n{_around(text, parser.errors[0][0])}"
    identities = [node.get("id") for node in tree.iter() if node.get("id")]
    twice = {name for name in identities if identities.count(name) > 1}
    assert not twice, f"ids used twice: {sorted(twice)}"
    inline = INLINE.search(text)
    assert not inline, f"inline style or script: {text[inline.start() : inline.start() + 120]}"


def _around(text: str, place: tuple[int, int]) -> str:
    lines = text.splitlines()
    return "\n".join(lines[max(0, place[0] - 3) : place[0] + 1])
