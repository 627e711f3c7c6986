"""Somebody with a browser who reads one language and acts by the words on the page."""

from __future__ import annotations

from functools import cache

from babel.messages.pofile import read_po
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from app.settings import ROOT

PATIENCE_MS = 60_000
EXPECTED = "status of 422"
"""Chromium reports a refused form on its console; every other report is a fault."""


@cache
def english() -> dict[str, str]:
    """The English of every message of the catalogue."""
    path = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


class Reader:
    """Finds things by their words, and collects what the browser complains of."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language
        self.faults: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(f"/language/{language}")

    def say(self, chinese: str, **values: object) -> str:
        """The words this reader sees for a message."""
        message = chinese if self.language == "zh" else english()[chinese]
        return message % values if values else message

    def sees(self, chinese: str, **values: object) -> None:
        """Wait until the words stand somewhere on the page."""
        found = self.page.get_by_text(self.say(chinese, **values)).first
        expect(found).to_be_visible(timeout=PATIENCE_MS)

    def goes_to(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, path

    def fills(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]:visible").fill(value)

    def picks(self, name: str, value: str) -> None:
        """Choose a tile or an option."""
        tile = self.page.locator(f"input[name={name}][value='{value}']")
        if tile.count():
            tile.check()
        else:
            self.page.locator(f"select[name={name}]").select_option(value)

    def presses(self, chinese: str) -> None:
        """Press the button of that name."""
        self.button(chinese).click()

    def follows(self, chinese: str) -> None:
        """Follow the link of that name in the page (not in the bar on top)."""
        self.page.locator("main, .page-header").get_by_role(
            "link", name=self.say(chinese)
        ).first.click()

    def button(self, chinese: str) -> Locator:
        return self.page.get_by_role("button", name=self.say(chinese), exact=True).first

    def signs_in(self, email: str, password: str) -> None:
        self.goes_to("/accounts/sign-in")
        self.fills(email=email, password=password)
        self.presses("登录固废通")
        expect(self.button("退出")).to_be_visible()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and EXPECTED not in message.text:
            self.faults.append(f"{message.type}: {message.text}")
