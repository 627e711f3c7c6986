"""An official's day: from the map to a ticket, what is missing, what would help, and the paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdfium2 import PdfDocument

from tests.accounts.factories import PASSWORD
from tests.journeys.desks import LAST, solve
from tests.journeys.place import Place
from tests.journeys.reader import PATIENCE_MS, Reader

pytestmark = pytest.mark.browser
MONTH_IN_CHINESE = f"{LAST.year}年{LAST.month}月"
SILO_TONNES = "800"
FARTHEST_TABS = 150
MATERIAL_GLYPH = re.compile(r"^(灰|赤|膏|渣|石|炉|[A-Z]{2})$")


@pytest.fixture
def site(place: Place) -> str:
    return place.url


def test_from_the_worst_county_to_a_ticket_from_the_gap_to_a_silo_and_to_the_paper(
    place: Place, meet: Callable[[], Reader]
) -> None:
    official = meet()
    official.signs_in(place.town.emails["city"], PASSWORD)
    opens_the_worst_county(official)
    drills_to_a_ticket(official)
    opens_the_gap(official)
    works_off(place, tries_a_silo(official, place))
    reads_the_comparison(official)
    prints_the_briefing(official)


def opens_the_worst_county(official: Reader) -> None:
    """The lowest rate stands first, and the map is drawn beside the table."""
    official.goes_to("/map?measure=utilisation")
    expect(official.page.locator("[data-map] svg").first).to_be_visible()
    shown = official.page.locator("main table tbody tr:has(th a) td:first-of-type")
    rates = [float(found[0]) for text in shown.all_inner_texts() if (found := numbers(text))]
    assert len(rates) > 2
    assert rates == sorted(rates)
    opens(first_line(official.page))


def drills_to_a_ticket(official: Reader) -> None:
    """County, firm, waste, contract, truck: each total is the line it was opened from."""
    sender = sends_by_truck(official)
    used = cell(official.page, sender, official.say("利用量"))
    opens(sender.locator("th button"))
    assert total(official, "利用量") == used
    waste = sends_by_truck(official)
    used = cell(official.page, waste, official.say("利用量"))
    opens(waste.locator("th a"))
    official.sees("利用量由什么组成")
    assert total(official, "利用量") == used
    contract = official.page.locator("main table tbody tr", has=official.page.locator("th a")).first
    opens_a_truck(official, contract, "利用量")


def opens_a_truck(official: Reader, contract: Locator, head: str) -> None:
    """From a contract, with its tonnes under that head, to the note of its first truck."""
    taken = cell(official.page, contract, official.say(head))
    opens(contract.locator("th a"))
    assert int(total(official, "收下").replace(",", "")) == round(tonnes(taken) * 1_000)
    truck = official.page.locator("main table tbody tr").first
    kg = cell(official.page, truck, official.say("收下"))
    truck.locator("th a").click()
    expect(official.page.locator("main")).to_contain_text(kg)


def opens_the_gap(official: Reader) -> None:
    official.page.get_by_role("navigation", name=official.say("主导航")).get_by_role(
        "link", name=official.say("差距"), exact=True
    ).click()
    official.sees("五步到目标")
    official.sees("最后一吨的价钱")
    official.follows("改条件试算")


def tries_a_silo(official: Reader, place: Place) -> str:
    """Name and keep a scenario; its number."""
    official.fills(name="建一座料库")
    official.page.locator("summary", has_text=official.say("建料库")).click()
    official.picks("silo_site", str(place.town.ids["loading"]))
    official.picks("silo_material", "fly_ash")
    official.fills(silo_kg=SILO_TONNES)
    official.presses("保存并求解")
    official.sees("可以离开本页，处理会继续。")
    return official.page.url.rpartition("/")[2]


def works_off(place: Place, number: str) -> None:
    """Do what a worker does, while the page waits."""
    with place.app.app_context():
        solve(number)


def reads_the_comparison(official: Reader) -> None:
    """The page turns into the result by itself, and the scenario stays on the list."""
    official.sees("按物料和现在比")
    official.sees("规划按月")
    expect(official.page.locator("main")).to_contain_text(SILO_TONNES)
    official.goes_to("/oversight/scenarios")
    kept = official.page.locator("main table tbody tr", has_text="建一座料库").first
    expect(kept).to_contain_text(SILO_TONNES)


def prints_the_briefing(official: Reader) -> None:
    """It is in Chinese, whoever asks for it."""
    official.goes_to("/map")
    with official.page.expect_download() as taken:
        official.follows("本月简报（PDF）")
    body = taken.value.path().read_bytes()
    assert body[:4] == b"%PDF"
    with closing(PdfDocument(body)) as paper:
        words = "".join(page.get_textpage().get_text_range() for page in paper)
    assert MONTH_IN_CHINESE in re.sub(r"\s", "", words)


def test_a_flow_on_the_map_leads_to_a_ticket(place: Place, meet: Callable[[], Reader]) -> None:
    """Each total is the mass it was opened from; the operator opens no firm's figures first."""
    official = meet()
    official.signs_in(place.town.emails["operator"], PASSWORD)
    official.goes_to("/map?measure=official_flows&red_mud=1")
    expect(
        official.page.locator("[data-map] svg text", has_text=MATERIAL_GLYPH).first
    ).to_be_visible()
    mass = official.page.locator("main table tbody td a").first
    tonnes_of_flow = mass.inner_text()
    mass.click()
    expect(official.page.locator("main tfoot")).to_contain_text(tonnes_of_flow)
    contract = official.page.locator("main table tbody tr").first
    opens_a_truck(official, contract, "收下")


@pytest.fixture
def typist(place: Place, page: Page) -> Iterator[Reader]:
    """An official without a mouse."""
    official = Reader(page, "zh")
    official.signs_in(place.town.emails["city"], PASSWORD)
    yield official
    assert official.faults == []


def test_the_keyboard_alone_goes_down_from_the_map(typist: Reader) -> None:
    typist.goes_to("/map?measure=utilisation")
    for level in ("园区", "各厂区的固废", "利用量由什么组成"):
        tabs_to(typist.page, first_line(typist.page))
        typist.page.keyboard.press("Enter")
        typist.sees(level)


def test_the_keyboard_alone_keeps_a_trial_of_the_gap(place: Place, typist: Reader) -> None:
    page, keys = typist.page, typist.page.keyboard
    typist.goes_to("/oversight/gap")
    tabs_to(page, page.get_by_role("link", name="改条件试算"))
    keys.press("Enter")
    tabs_to(page, page.locator("[name=name]"))
    keys.type("键盘试算")
    tabs_to(page, page.locator("summary", has_text="改目标"))
    keys.press("Enter")
    tabs_to(page, page.locator("[name=target]"))
    keys.type("90")
    keys.press("Enter")
    typist.sees("可以离开本页，处理会继续。")
    works_off(place, page.url.rpartition("/")[2])
    typist.sees("按物料和现在比")


def tabs_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it is there, and see that it is."""
    expect(wanted.first).to_be_visible(timeout=PATIENCE_MS)
    for _press in range(FARTHEST_TABS):
        page.keyboard.press("Tab")
        if wanted.first.evaluate("node => node === document.activeElement"):
            break
    ring = wanted.first.evaluate("node => getComputedStyle(node).outlineStyle")
    assert ring != "none", "the focus is not shown"
    expect(wanted.first).to_be_focused()


def opens(link: Locator) -> None:
    """Follow a link or a button, and read on only where it leads."""
    with link.page.expect_navigation():
        link.click()


def first_line(page: Page) -> Locator:
    return page.locator("main table tbody th").locator("a, button").first


def sends_by_truck(official: Reader) -> Locator:
    """The first line of a level whose tickets weigh something."""
    lines = official.page.locator("main table tbody tr")
    for line in lines.all():
        if tonnes(cell(official.page, line, official.say("有磅单的委托利用"))):
            return line
    raise AssertionError("nobody sends anything by truck")


def cell(page: Page, line: Locator, head: str) -> str:
    """What a line says in the column of that name."""
    heads = page.locator("main table").first.locator("thead th").all_inner_texts()
    (place,) = (place for place, text in enumerate(heads) if text.splitlines()[0].strip() == head)
    return line.locator("th, td").nth(place).inner_text().strip()


def total(official: Reader, head: str) -> str:
    foot = official.page.locator("main table").first.locator("tfoot tr").first
    return cell(official.page, foot, official.say(head))


def tonnes(text: str) -> float:
    found = numbers(text)
    return float(found[0]) if found else 0.0


def numbers(text: str) -> list[str]:
    return re.findall(r"[0-9.]+", text.replace(",", ""))
