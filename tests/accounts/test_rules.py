"""Decisions about accounts, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts import rules

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("email", "good"),
    [
        ("a@b.cn", True),
        ("first.last+tag@mail.example.com", True),
        ("demo@localhost", True),
        ("用户@例子.公司", True),
        ("", False),
        ("a@", False),
        ("@b.cn", False),
        ("a b@c.cn", False),
        ("a@b@c.cn", False),
        ("a@b..cn", False),
        ("a@b.cn\nBcc: everybody@c.cn", False),
        ("a" * 250 + "@b.cn", False),
    ],
)
def test_an_address_is_tested_mildly(email: str, good: bool) -> None:
    assert (rules.email_faults(email) == []) is good


def test_an_address_is_compared_without_case_and_spaces() -> None:
    assert rules.normal_email("  First.Last@Example.COM ") == "first.last@example.com"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("correct-horse-battery", None),
        ("一二三四五六七八九十", None),
        ("", "password_short"),
        ("ninechars", "password_short"),
        ("x" * 129, "password_long"),
        ("aaaaaaaaaaaa", "password_plain"),
        ("1212121212", "password_plain"),
        ("Person@Test.Example", "password_is_email"),
    ],
)
def test_a_password_is_judged_by_its_length_first(password: str, fault: str | None) -> None:
    found = rules.password_faults(password, "person@test.example")
    assert [each.code for each in found] == ([fault] if fault else [])


@pytest.mark.parametrize(
    ("age", "idle", "lives"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(hours=12), timedelta(hours=11, minutes=59), True),
        (timedelta(hours=12), timedelta(hours=12), False),
        (timedelta(days=6, hours=23), timedelta(minutes=1), True),
        (timedelta(days=7), timedelta(minutes=1), False),
    ],
)
def test_a_session_ends_by_idleness_and_by_age(
    age: timedelta, idle: timedelta, lives: bool
) -> None:
    now = START + age
    assert rules.session_lives(START, now - idle, now) is lives


@pytest.mark.parametrize(("minutes", "touch"), [(0, False), (9, False), (10, True), (300, True)])
def test_use_is_noted_every_ten_minutes(minutes: int, touch: bool) -> None:
    assert rules.needs_touch(START, START + timedelta(minutes=minutes)) is touch


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_a_household_is_one_address(address: str, counted: str) -> None:
    assert rules.counted_address(address) == counted


@pytest.mark.parametrize(
    ("managers", "changed", "stays", "kept"),
    [
        ({1, 2}, 1, False, True),
        ({1}, 1, False, False),
        ({1}, 1, True, True),
        ({1}, 2, False, True),
        (set(), 2, True, True),
        (set(), 2, False, False),
    ],
)
def test_a_company_keeps_a_manager(
    managers: set[int], changed: int, stays: bool, kept: bool
) -> None:
    assert rules.keeps_a_manager(managers, changed, stays) is kept
