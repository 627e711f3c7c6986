"""A producer fills in the template, is told which cell is wrong, mends it and lists everything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import FileChooser, Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from app.core.i18n import speaking
from app.core.transactions import database
from app.imports.columns import headings
from app.imports.rules import ImportKind
from tests.accounts.factories import PASSWORD, user_of
from tests.companies.factories import approved_company
from tests.imports.factories import OFFER, work_off
from tests.journeys.reader import Reader

pytestmark = pytest.mark.browser
KEY_PRESSES = 10


@pytest.fixture
def email(market: Flask) -> str:
    with database().writing() as session:
        firm = approved_company(session, is_consumer=False)
        return user_of(session, firm).email


def test_a_table_of_offers_is_sent_mended_and_listed(
    market: Flask, email: str, meet: Callable[[], Reader], tmp_path: Path
) -> None:
    firm = meet()
    firm.signs_in(email, PASSWORD)
    firm.goes_to("/listings/own")
    firm.follows("批量导入")
    sheet = downloads(firm, "下载 Excel 模板", tmp_path)
    fills(sheet, firm.language, 2, tonnes="750")
    fills(sheet, firm.language, 3, tonnes="一千")
    sends(firm, sheet)
    firm.sees("有 %(count)s 行有误，一行也没有导入。", count="1")
    wrong = firm.page.locator(".import-remarks tbody tr")
    expect(wrong).to_have_count(1)
    expect(wrong.locator("th")).to_have_text("3")
    expect(wrong).to_contain_text(column(firm.language, "tonnes"))
    expect(wrong).to_contain_text("一千")
    told = downloads(firm, "下载标了原因的文件", tmp_path)
    firm.goes_to("/listings/own")
    assert "750" not in firm.page.locator("main").inner_text()
    fills(told, firm.language, 3, tonnes="1000")
    firm.follows("批量导入")
    sends(firm, told)
    firm.sees("%(count)s 行已导入。", count="2")
    firm.follows("查看我的挂牌")
    expect(firm.page.locator("main tbody tr")).to_have_count(2)
    expect(firm.page.locator("main")).to_contain_text("1,000")
    assert "一千" in reason(told)


def downloads(firm: Reader, link: str, folder: Path) -> Path:
    """Follow a link to a file by keyboard and keep the file under its own name."""
    with firm.page.expect_download() as found:
        firm.page.get_by_role("link", name=firm.say(link)).press("Enter")
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def sends(firm: Reader, sheet: Path) -> None:
    """Choose the file and send it, by keyboard alone; then have it worked off."""
    keys = firm.page.keyboard
    firm.page.locator("input[type=file]").focus()
    asked_for_a_file(firm.page).set_files(sheet)
    keys.press("Tab")
    expect(firm.page.locator("input[name=mode][value=all]")).to_be_focused()
    keys.press("Tab")
    expect(firm.button("导入这份文件")).to_be_focused()
    keys.press("Enter")
    firm.page.wait_for_url("**/imports/I-*")
    work_off(firm.page.url.rpartition("/")[2])


def asked_for_a_file(page: Page) -> FileChooser:
    """Press the key until the browser asks: what is pressed before its first paint is lost."""
    for _ in range(KEY_PRESSES):
        try:
            with page.expect_file_chooser(timeout=2000) as chooser:
                page.keyboard.press("Space")
        except NotInTime:
            continue
        return chooser.value
    raise AssertionError("the browser asked for no file")


def fills(sheet: Path, language: str, row: int, **changes: str) -> None:
    """Type an offer into a row of the workbook, beneath its headings."""
    book = load_workbook(sheet)
    page = book.active
    assert page is not None
    places = {str(cell.value).removesuffix("*"): cell.column for cell in page[1]}
    for name, text in (OFFER | {"materials": "fly_ash"} | changes).items():
        page.cell(row, places[column(language, name)], text)
    book.save(sheet)


def column(language: str, name: str) -> str:
    with speaking(language):
        return headings(ImportKind.OFFERS)[name]


def reason(sheet: Path) -> str:
    """What the last column says of the faulty row."""
    page = load_workbook(sheet).active
    assert page is not None
    return str(page.cell(3, page.max_column).value)
