"""The regulator's desk printed: whole tables, no bars and no buttons."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect
from pypdfium2 import PdfDocument

from app.core.transactions import database
from tests.accounts.factories import PASSWORD, regulator, settled
from tests.journeys.reader import Reader
from tests.maps.official_town import town

pytestmark = pytest.mark.browser
PAPER = ViewportSize(width=703, height=1000)
"""In CSS pixels, what the margins leave of A4."""
PAGES = (
    "/map?measure=utilisation&month=2026-11",
    "/map?measure=rate&month=2026-12",
    "/map/counties/371503?month=2026-11",
    "/map/closes/2026-11",
    "/oversight/gap?month=2026-11",
)
SCREEN_ONLY = (".top-bar", ".filters", ".button", ".table-file", ".page-footer nav")
CUT = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).length"
COUNT_PRINTS = "window.prints = 0; window.print = () => { window.prints += 1; };"


@pytest.fixture
def official(market: Flask, meet: Callable[[], Reader]) -> Reader:
    with database().writing() as session:
        town(session)
        user = regulator(session, "371500")
        settled(session, user)
        email = user.email
    reader = meet()
    reader.signs_in(email, PASSWORD)
    return reader


def test_what_the_desk_shows_stands_whole_on_paper(official: Reader) -> None:
    page = official.page
    page.set_viewport_size(PAPER)
    seen = set()
    for path in PAGES:
        official.goes_to(path)
        page.wait_for_load_state("networkidle")
        page.emulate_media(media="print")
        for hidden in SCREEN_ONLY:
            for one in page.locator(hidden).all():
                seen.add(hidden)
                expect(one).to_be_hidden()
        assert page.locator(".table-scroll").evaluate_all(CUT) == 0, path
        expect(page.locator(".print-line")).to_be_visible()
        page.emulate_media(media="screen")
    assert seen == set(SCREEN_ONLY), "what is hidden on paper has to stand on some page"


def test_the_map_fits_on_two_sheets(official: Reader) -> None:
    official.goes_to(PAGES[0])
    official.page.wait_for_load_state("networkidle")
    assert _sheets(official.page) == 2


def test_a_button_prints_the_page(official: Reader) -> None:
    official.page.add_init_script(COUNT_PRINTS)
    for path in (PAGES[0], PAGES[-1]):
        official.goes_to(path)
        official.presses("打印")
        assert official.page.evaluate("window.prints") == 1


def _sheets(page: Page) -> int:
    with closing(PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))) as paper:
        return len(paper)
