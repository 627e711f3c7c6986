"""A producer sends in a laboratory's sheet, confirms it, and sees who takes its ash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import FileChooser, Locator, expect
from playwright.sync_api import TimeoutError as NotInTime

from app.core.clock import china_day, now
from app.core.transactions import database
from app.listings.rules import Product
from tests.accounts.factories import PASSWORD, user_of
from tests.journeys.reader import Reader
from tests.listings.factories import published_offer, published_requirement
from tests.passports.sheets import GRADE_I_SHEET, workbook

pytestmark = pytest.mark.browser
KEY_PRESSES = 10


@dataclass(frozen=True, slots=True)
class Story:
    """The producer's address, its offer, and the need of a buyer who wants proof."""

    email: str
    offer: str
    strict: str


@pytest.fixture
def story(market: Flask) -> Story:
    with database().writing() as session:
        offer = published_offer(session)
        strict = published_requirement(
            session, materials=("fly_ash",), product=Product.CONCRETE, accepts_not_shown=False
        )
        return Story(user_of(session, offer.company).email, offer.number, strict.number)


def test_a_sheet_is_uploaded_confirmed_and_finds_buyers(
    market: Flask, story: Story, meet: Callable[[], Reader], tmp_path: Path
) -> None:
    firm = meet()
    firm.signs_in(story.email, PASSWORD)
    firm.goes_to(f"/passports/{story.offer}")
    firm.sees("还没有检测")
    expect(buyer(firm, story)).not_to_contain_text(firm.say("现在就收"))
    firm.follows("录入检测")
    sends(firm, sheet(tmp_path))
    firm.sees("核对检测数值")
    expect(firm.page.locator(".read-table")).to_contain_text("B5")
    corrects_and_saves(firm)
    firm.sees("检测已保存：%(numbers)s。", numbers=f"A-{china_day(now()):%y%m}-0001")
    tells_the_boiler(firm, story)
    expect(buyer(firm, story)).to_contain_text(firm.say("现在就收"))


def test_everything_is_entered_by_keyboard_alone(
    market: Flask, story: Story, meet: Callable[[], Reader]
) -> None:
    firm = meet()
    firm.signs_in(story.email, PASSWORD)
    firm.goes_to(f"/passports/{story.offer}/assay")
    keys = firm.page.keyboard
    firm.page.locator("[name=samples-0-laboratory]").focus()
    keys.type("质检所")
    firm.page.get_by_label("LOI").focus()
    keys.type("140")
    keys.press("Enter")
    wrong = firm.page.locator("[aria-invalid=true]")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("140")
    keys.press("Control+A")
    keys.type("4.2")
    keys.press("Enter")
    firm.page.wait_for_url(f"**/passports/{story.offer}")
    expect(firm.page.locator("#notices")).to_contain_text("A-")


def sheet(folder: Path) -> Path:
    """A laboratory's workbook of an ash of grade I, with a slip in one value."""
    path = folder / "粉煤灰检测.xlsx"
    path.write_bytes(workbook(GRADE_I_SHEET, {"三氧化硫": "140"}))
    return path


def sends(firm: Reader, path: Path) -> None:
    """Choose the file and send it, by keyboard alone."""
    firm.page.locator("input[type=file]").focus()
    asked_for_a_file(firm).set_files(path)
    firm.page.keyboard.press("Tab")
    expect(firm.button("上传并核对")).to_be_focused()
    firm.page.keyboard.press("Enter")
    firm.page.wait_for_url("**/reports/*")


def asked_for_a_file(firm: Reader) -> FileChooser:
    """Press the key until the browser asks: what is pressed before its first paint is lost."""
    for _ in range(KEY_PRESSES):
        try:
            with firm.page.expect_file_chooser(timeout=2000) as chooser:
                firm.page.keyboard.press("Space")
        except NotInTime:
            continue
        return chooser.value
    raise AssertionError("the browser asked for no file")


def corrects_and_saves(firm: Reader) -> None:
    """Save, be told of the slip at its row, and save again once it is mended."""
    firm.presses("保存检测")
    wrong = firm.page.locator(".row-invalid")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("三氧化硫")
    wrong.locator("[aria-invalid=true]").fill("1.4")
    firm.presses("保存检测")
    firm.page.wait_for_url("**/passports/S-*")


def tells_the_boiler(firm: Reader, story: Story) -> None:
    """GB/T 1596 asks where the ash comes from: the site is asked once."""
    firm.goes_to(f"/passports/{story.offer}/facts")
    firm.picks("boiler_type", "pulverised")
    firm.picks("ash_class", "F")
    firm.picks("desulfurisation", "wet")
    firm.presses("保存来源情况")
    firm.sees("来源情况已保存，本厂区的同种物料一并适用。")


def buyer(firm: Reader, story: Story) -> Locator:
    """The line of the buyer who wants proof."""
    return firm.page.locator("main tr").filter(has_text=story.strict)
