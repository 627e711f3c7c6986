"""What each process of the web's oversell test does: a firm's browser that takes again and again.

Only the standard library: eight of these start at once and should cost next to nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrf_token" type="hidden" value="([^"]+)"')
PATIENCE = 5
SOLD, REFUSED = 303, (409, 422)


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody who signs in, and the form that takes one unit of a lot, filled in."""

    email: str
    password: str
    path: str
    fields: Mapping[str, str]


class Browser:
    """One kept connection with its cookies and the token of its forms."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(address, timeout=300)
        self._cookies: dict[str, str] = {}
        self._token = ""

    def sign_in(self, path: str, email: str, password: str) -> None:
        self._read_token(path)
        status = self.post(path, {"email": email, "password": password})
        assert status == 303, f"signing in answered {status}"

    def read(self, path: str) -> None:
        """Open a page with a form, as its reader must before it can be sent."""
        self._read_token(path)

    def post(self, path: str, fields: Mapping[str, str]) -> int:
        body = urlencode({**fields, "csrf_token": self._token})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, body, kind)[0]

    def close(self) -> None:
        self._connection.close()

    def _read_token(self, path: str) -> None:
        status, page = self._ask("GET", path, None, {})
        assert status == 200, f"{path} answered {status}"
        found = TOKEN.search(page)
        assert found, f"{path} has no form"
        self._token = found[1]

    def _ask(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        cookie = {"Cookie": "; ".join(f"{name}={kept}" for name, kept in self._cookies.items())}
        answer = self._answer(method, path, body, {**headers, **cookie})
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, kept = line.partition(";")[0].partition("=")
            self._cookies[name] = kept
        return answer.status, answer.read().decode()

    def _answer(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> HTTPResponse:
        """Ask, and ask again where the server had closed the idle connection, as browsers do.

        A form that is sent twice counts once: its key says so.
        """
        for _ in range(PATIENCE):
            try:
                self._connection.request(method, path, body, headers)
                return self._connection.getresponse()
            except ConnectionError:
                self._connection.close()
        raise ConnectionError(f"{path} closed the connection {PATIENCE} times")


def shop(address: str, who: Shopper, tries: int, start: Any) -> int:
    """Take one unit so many times through the site; how often it was sold.

    Any answer but a sale or a plain refusal is a fault.
    """
    browser = Browser(address)
    browser.sign_in("/accounts/sign-in", who.email, who.password)
    browser.read(who.path)
    start.wait()
    sold = 0
    for _ in range(tries):
        status = browser.post(who.path, {**who.fields, "key": secrets.token_hex(16)})
        assert status == SOLD or status in REFUSED, f"taking answered {status}"
        sold += status == SOLD
    browser.close()
    return sold
