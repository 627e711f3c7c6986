"""A weighbridge clerk with a telephone: the line drops, and no ticket is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    ViewportSize,
    expect,
)
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import func, select

from app.core.transactions import database
from app.shipments.models import Photo, Shipment, Ticket
from app.shipments.rules import ShipmentStatus
from tests.accounts.factories import PASSWORD, user_of
from tests.core.jobs.processes import wait_until
from tests.shipments.factories import on_the_road, vehicle
from tests.shipments.scene import market as firms
from tests.shipments.scene import picture

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000
PHONE: ViewportSize = {"width": 390, "height": 844}
EXPECTED = ("net::ERR", "status of 422", "status of 409")
"""What Chromium itself reports of a line that drops, and of a ticket the server refused."""


class Clerk:
    """Somebody at a gate; nothing the browser complains of is forgotten."""

    def __init__(self, context: BrowserContext, email: str, number: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.email, self.number = email, number
        self.faults: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())

    @property
    def scale(self) -> str:
        return f"/shipments/{self.number}/gate"

    def signs_in(self) -> None:
        self.page.goto("/language/zh")
        self.page.goto("/accounts/sign-in")
        self.page.fill("[name=email]", self.email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("[name=password]")).to_have_count(0)

    def opens(self, path: str) -> None:
        self.page.goto(path)
        expect(self.page.locator("[data-gate][data-ready]")).to_be_attached()

    def types(self, gross: str = "44,980", tare: str = "15000", number: str = "P-1") -> None:
        self.page.fill("[name=gross_kg]", gross)
        self.page.fill("[name=tare_kg]", tare)
        self.page.fill("[name=number]", number)

    def takes_the_load(self) -> None:
        self.page.locator("button[value=accept]").click()

    @property
    def banner(self) -> str:
        return self.page.locator("[data-gate] [data-body]").inner_text()

    def _note(self, message: ConsoleMessage) -> None:
        known = any(word in message.text for word in EXPECTED)
        if message.type in ("error", "warning") and not known:
            self.faults.append(f"{message.type}: {message.text}")


@pytest.fixture
def truck(market: Flask) -> tuple[str, str]:
    """A clerk's address, and the number of a truck that is on the road to the gate."""
    with database().writing() as session:
        trade, carrier = firms(session)
        shipment = on_the_road(session, trade, truck=vehicle(session, carrier))
        return user_of(session, trade.consumer).email, shipment.number


@pytest.fixture
def clerk(browser: Browser, truck: tuple[str, str], site: str) -> Iterator[Clerk]:
    context = browser.new_context(base_url=site, viewport=PHONE, has_touch=True, is_mobile=True)
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    clerk = Clerk(context, *truck)
    clerk.signs_in()
    yield clerk
    context.close()
    assert clerk.faults == []


def test_a_ticket_typed_without_a_line_is_sent_once_with_its_photo(
    clerk: Clerk, tmp_path: Path
) -> None:
    photo = tmp_path / "ticket.jpg"
    photo.write_bytes(picture())
    clerk.opens(clerk.scale)
    clerk.types()
    clerk.page.set_input_files("[name=photo]", photo)
    expect(clerk.page.locator("[data-photo].has-photo")).to_be_visible()
    expect(clerk.page.locator("button[value=accept]")).to_have_text("收货 29,980 kg")
    clerk.context.set_offline(True)
    clerk.takes_the_load()
    expect(clerk.page.get_by_text("1 张磅单未发送")).to_be_visible()
    assert "没有网络" in clerk.banner
    assert "净重 29,980 kg" in clerk.banner
    expect(clerk.page.locator("[data-kept]")).to_be_visible()
    with pytest.raises(PlaywrightError, match="ERR_INTERNET_DISCONNECTED"):
        clerk.page.reload()
    clerk.context.set_offline(False)
    clerk.opens("/shipments/gate")
    wait_until(lambda: tickets(clerk) == 2, "the ticket arrives")
    clerk.opens("/shipments/gate")
    expect(clerk.page.locator("[data-gate] [data-body]")).to_be_hidden()
    assert (tickets(clerk), photos(), status(clerk)) == (2, 1, ShipmentStatus.RECEIVED)


def test_a_reload_loses_nothing_of_a_ticket_that_waits(clerk: Clerk) -> None:
    clerk.context.route("**/gate/pass", lambda route: route.abort())
    clerk.opens(clerk.scale)
    clerk.types()
    clerk.takes_the_load()
    expect(clerk.page.get_by_text("1 张磅单未发送")).to_be_visible()
    clerk.opens(clerk.scale)
    expect(clerk.page.get_by_text("1 张磅单未发送")).to_be_visible()
    expect(clerk.page.locator("[name=gross_kg]")).to_have_value("44,980")
    expect(clerk.page.locator("[data-kept]")).to_be_visible()
    assert tickets(clerk) == 1
    clerk.context.unroute("**/gate/pass")
    clerk.page.get_by_role("button", name="现在发送").click()
    expect(clerk.page.get_by_text("收货过磅已记录：净重 29,980 kg。")).to_be_visible()
    expect(clerk.page.locator("[data-gate] [data-body]")).to_be_hidden()
    assert tickets(clerk) == 2


def test_a_ticket_is_sent_by_itself_once_the_line_is_back(clerk: Clerk) -> None:
    clerk.opens(clerk.scale)
    clerk.types()
    clerk.context.set_offline(True)
    clerk.takes_the_load()
    expect(clerk.page.get_by_text("1 张磅单未发送")).to_be_visible()
    clerk.context.set_offline(False)
    expect(clerk.page.get_by_text("收货过磅已记录：净重 29,980 kg。")).to_be_visible()
    assert tickets(clerk) == 2


def test_an_answer_that_was_lost_does_not_double_the_ticket(clerk: Clerk) -> None:
    """The server has the ticket, the browser does not know it, and sends it again."""
    answers = lose_first_answer(clerk)
    clerk.opens(clerk.scale)
    clerk.types()
    clerk.takes_the_load()
    expect(clerk.page.get_by_text("1 张磅单未发送")).to_be_visible()
    wait_until(lambda: tickets(clerk) == 2, "the first sending arrives")
    clerk.page.get_by_role("button", name="现在发送").click()
    expect(clerk.page.get_by_text("收货过磅已记录：净重 29,980 kg。").first).to_be_visible()
    assert len(answers) == 2
    assert tickets(clerk) == 2


def test_a_clerk_who_was_signed_out_is_told_and_keeps_the_ticket(clerk: Clerk) -> None:
    clerk.opens(clerk.scale)
    clerk.types()
    session = [one for one in clerk.context.cookies() if one["name"] == "session"]
    clerk.context.clear_cookies(name="session")
    clerk.takes_the_load()
    expect(clerk.page.get_by_text("您已退出登录。磅单还在本机")).to_be_visible()
    assert tickets(clerk) == 1
    clerk.page.get_by_role("link", name="登录后发送").click()
    clerk.page.fill("[name=email]", clerk.email)
    clerk.page.fill("[name=password]", PASSWORD)
    clerk.page.keyboard.press("Enter")
    expect(clerk.page.get_by_text("收货过磅已记录：净重 29,980 kg。")).to_be_visible()
    assert session
    assert tickets(clerk) == 2


def test_a_refused_ticket_says_why_and_can_be_put_right(clerk: Clerk) -> None:
    clerk.opens(clerk.scale)
    clerk.types(gross="48,000")
    clerk.takes_the_load()
    field = clerk.page.locator("[name=gross_kg]")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(clerk.page.locator("[data-fault-of=gross_kg]")).to_contain_text("33,000 kg")
    clerk.opens(clerk.scale)
    expect(field).to_have_value("48,000")
    assert "没有记上" in clerk.banner
    field.fill("45,010")
    clerk.takes_the_load()
    expect(clerk.page.get_by_text("收货过磅已记录：净重 30,010 kg。")).to_be_visible()
    expect(clerk.page.locator("[data-gate] [data-body]")).to_be_hidden()


def test_an_old_browser_keeps_its_tickets_in_its_simpler_store(clerk: Clerk) -> None:
    clerk.context.add_init_script("delete window.indexedDB; window.indexedDB = undefined")
    clerk.opens(clerk.scale)
    clerk.types()
    clerk.context.set_offline(True)
    clerk.takes_the_load()
    expect(clerk.page.get_by_text("1 张磅单未发送")).to_be_visible()
    assert clerk.page.evaluate("Object.keys(localStorage).length") == 1
    clerk.context.set_offline(False)
    expect(clerk.page.get_by_text("收货过磅已记录：净重 29,980 kg。")).to_be_visible()
    assert clerk.page.evaluate("Object.keys(localStorage).length") == 0
    assert tickets(clerk) == 2


def test_the_keyboard_alone_rejects_a_part_with_its_reason(clerk: Clerk) -> None:
    clerk.opens(clerk.scale)
    keys = clerk.page.keyboard
    clerk.page.locator("[name=gross_kg]").focus()
    keys.type("45000")
    keys.press("Enter")
    expect(clerk.page.locator("[name=tare_kg]")).to_be_focused()
    keys.type("15000")
    keys.press("Enter")
    keys.type("P-2")
    assert tickets(clerk) == 1
    clerk.page.locator("[data-refuse=part]").focus()
    keys.press("Enter")
    expect(clerk.page.locator("[name=rejected_kg]")).to_be_focused()
    keys.type("4000")
    keys.press("Enter")
    expect(clerk.page.locator("[name=reject_reason]").first).to_be_focused()
    keys.press("Space")
    button = clerk.page.locator("button[value=part]")
    expect(button).to_have_text("拒收 4,000 kg，收下 26,000 kg")
    button.focus()
    keys.press("Enter")
    expect(clerk.page.get_by_text("收货过磅已记录：净重 30,000 kg。")).to_be_visible()
    assert status(clerk) is ShipmentStatus.PART_REJECTED


def test_the_gate_fits_a_small_telephone_with_targets_for_a_thumb(clerk: Clerk) -> None:
    clerk.page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/shipments/gate", clerk.scale, f"/shipments/{clerk.number}"):
        clerk.opens(path)
        page = "document.documentElement"
        assert clerk.page.evaluate(f"{page}.scrollWidth - {page}.clientWidth") <= 0, path
    clerk.opens(clerk.scale)
    for button in clerk.page.locator(".gate-page .button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 48


def lose_first_answer(clerk: Clerk) -> list[int]:
    """The line drops between the server's work and the browser's knowing of it, once."""
    answers: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        answer = route.fetch()
        answers.append(answer.status)
        return route.abort() if len(answers) == 1 else route.fulfill(response=answer)

    clerk.context.route(f"**{clerk.scale}", lose)
    return answers


def tickets(clerk: Clerk) -> int:
    with database().reading() as session:
        counted = select(func.count()).select_from(Ticket).join(Shipment)
        return session.scalar(counted.where(Shipment.number == clerk.number)) or 0


def photos() -> int:
    with database().reading() as session:
        return session.scalar(select(func.count()).select_from(Photo)) or 0


def status(clerk: Clerk) -> ShipmentStatus:
    with database().reading() as session:
        found = session.scalar(select(Shipment).where(Shipment.number == clerk.number))
        assert found is not None
        return found.status
