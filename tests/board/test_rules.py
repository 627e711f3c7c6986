from __future__ import annotations

from datetime import date

import pytest

from app.board.rules import Standing, Step, citation, ends_soon, next_step
from app.companies.rules import CompanyStatus
from app.core.actor import CompanyRole

APPLIED, APPROVED = CompanyStatus.APPLIED, CompanyStatus.APPROVED
REFUSED, SUSPENDED = CompanyStatus.REFUSED, CompanyStatus.SUSPENDED
MANAGER, TRADER, VIEWER = CompanyRole.MANAGER, CompanyRole.TRADER, CompanyRole.VIEWER


@pytest.mark.parametrize(
    ("status", "role", "is_producer", "waiting", "step"),
    [
        (APPLIED, MANAGER, True, 0, Step.FOLLOW),
        (REFUSED, MANAGER, True, 0, Step.AMEND),
        (REFUSED, TRADER, True, 0, Step.ASK_WHY),
        (SUSPENDED, MANAGER, True, 3, Step.ASK_WHY),
        (APPROVED, TRADER, True, 3, Step.ANSWER),
        (APPROVED, TRADER, True, 0, Step.OFFER),
        (APPROVED, MANAGER, False, 0, Step.REQUIRE),
        (APPROVED, VIEWER, True, 3, Step.LOOK),
        (APPROVED, None, False, 0, Step.LOOK),
    ],
)
def test_the_desk_asks_for_one_thing(
    status: CompanyStatus,
    role: CompanyRole | None,
    is_producer: bool,
    waiting: int,
    step: Step,
) -> None:
    assert next_step(Standing(status, role, is_producer, waiting)) is step


def test_the_desk_sends_a_carrier_to_its_trucks() -> None:
    assert next_step(Standing(APPROVED, MANAGER, False, 0, only_drives=True)) is Step.DRIVE


@pytest.mark.parametrize(
    ("today", "soon"),
    [
        (date(2026, 11, 30), False),
        (date(2026, 12, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_a_window_until_december_is_about_to_end_in_december(today: date, soon: bool) -> None:
    assert ends_soon(date(2026, 12, 1), today) is soon


@pytest.mark.parametrize(
    ("source", "cited"),
    [
        ("聊工信发〔2021〕127号; https://example.org/a/1.shtml", "聊工信发〔2021〕127号"),
        ("大众日报 2025-12-02, https://example.org/a", "大众日报 2025-12-02"),
        ("中评社 (address not kept)", "中评社 (address not kept)"),
        ("https://example.org", ""),
    ],
)
def test_a_citation_names_the_source_without_its_address(source: str, cited: str) -> None:
    assert citation(source) == cited
