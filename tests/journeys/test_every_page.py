"""Every page about bids, cases, trucks and papers, looked at in both languages and two widths.

The town these tests walk through is made once; nobody changes anything in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from pypdfium2 import PdfDocument

from tests.accounts.factories import PASSWORD
from tests.journeys.conftest import LOCALES
from tests.journeys.place import Place
from tests.journeys.town import Town
from tests.journeys.walk import WALKS, Stop

pytestmark = pytest.mark.browser
FAULTS = (Path(__file__).parent / "page_faults.js").read_text(encoding="utf-8")
DESK, PHONE, ZOOMED = 1440, 390, 720
"""Widths in CSS pixels; a desk's screen at 200 % has half of them."""
PATIENCE_MS = 60_000


@dataclass
class Window:
    """One page of a browser in one language, at which the people of the town take turns.

    A profile for each of them would start and warm a process for each.
    """

    place: Place
    language: str
    context: BrowserContext
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)
    _sessions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"/language/{self.language}")

    def seat(self, person: str) -> Page:
        """The page in that person's session."""
        self.context.clear_cookies(name="session")
        if person != "public":
            if person not in self._sessions:
                self._sessions[person] = self._sign_in(person)
            held = self._sessions[person]
            self.context.add_cookies([{"name": "session", "value": held, "url": self.place.url}])
        return self.page

    def _sign_in(self, person: str) -> str:
        """What the cookie of the new session holds."""
        client = FlaskClient(self.place.app)
        form = {"email": self.place.town.emails[person], "password": PASSWORD}
        assert client.post("/accounts/sign-in", data=form).status_code == 303
        cookie = client.get_cookie("session")
        assert cookie is not None
        return cookie.value

    def _note(self, message: ConsoleMessage) -> None:
        """Keep what the browser complains of, but for pages that answer 422 on purpose."""
        if message.type in ("error", "warning") and "status of 422" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")


@pytest.fixture(scope="module", params=LOCALES)
def window(request: pytest.FixtureRequest, browser: Browser, place: Place) -> Iterator[Window]:
    context = browser.new_context(base_url=place.url)
    yield Window(place, request.param, context)
    context.close()


@pytest.fixture
def visit(window: Window) -> Iterator[Callable[[str], Page]]:
    """Gives each person of the town the page, signed in; it may complain of nothing."""
    yield window.seat
    window.page.emulate_media(media="null")
    complaints = window.complaints[:]
    window.complaints.clear()
    assert complaints == []


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_no_page_is_too_wide_too_faint_or_without_its_labels(
    visit: Callable[[str], Page], place: Place, walk: Callable[[Town], Iterator[Stop]]
) -> None:
    faults = []
    for person, path in walk(place.town):
        page = visit(person)
        answer = page.goto(path)
        assert answer is not None
        assert answer.status in (200, 422), path
        expect(page.locator("[hx-trigger=load]")).to_have_count(0, timeout=PATIENCE_MS)
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            faults += [f"{person} {path} at {width}: {one}" for one in page.evaluate(FAULTS)]
    assert faults == []


def test_a_consignment_note_is_one_sheet_of_paper(
    visit: Callable[[str], Page], place: Place
) -> None:
    page = visit("producer")
    for truck in ("draft", "part rejected", "home", "disputed", "whole"):
        number = place.town.numbers[f"truck {truck}"]
        page.goto(f"/shipments/{number}")
        page.wait_for_load_state("networkidle")
        paper = page.pdf(prefer_css_page_size=True, print_background=True)
        with closing(PdfDocument(paper)) as sheets:
            assert len(sheets) == 1, truck
            assert number in sheets[0].get_textpage().get_text_range()
    page.emulate_media(media="print")
    expect(page.locator(".note-code svg")).to_be_visible()
    expect(page.locator(".top-bar")).to_be_hidden()


def test_a_passport_on_paper_is_the_lot_without_the_market_and_the_ways_to_enter(
    visit: Callable[[str], Page], place: Place
) -> None:
    page = visit("producer")
    number = place.town.numbers["untested lot"]
    page.goto(f"/passports/{number}")
    page.wait_for_load_state("networkidle")
    with closing(PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))) as sheets:
        assert len(sheets) <= 2
        assert number in sheets[0].get_textpage().get_text_range()
    page.emulate_media(media="print")
    expect(page.locator(".ladder").first).to_be_visible()
    for hidden in (".top-bar", "#buyers", "#missing", "#owner", ".button", ".crumbs"):
        for one in page.locator(hidden).all():
            expect(one).to_be_hidden()


def test_a_case_reads_at_twice_the_size(visit: Callable[[str], Page], place: Place) -> None:
    page = visit("consumer")
    page.set_viewport_size({"width": ZOOMED, "height": 450})
    for path in (f"/trades/{place.town.numbers['delivering']}", "/settlement", "/shipments/"):
        page.goto(path)
        assert page.evaluate(FAULTS) == [], path
