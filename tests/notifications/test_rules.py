from __future__ import annotations

import pytest

from app.notifications.rules import (
    FIRST_RETRY,
    LONGEST_RETRY,
    LONGEST_VALUE,
    MAIL_WINDOW,
    VALUES,
    Kind,
    is_flooding,
    is_own_path,
    missing,
    next_try,
    plain_line,
    unlinked,
)
from app.notifications.words import GROUPS, SENTENCES, TITLES
from tests.conftest import NOW


def test_every_kind_has_a_title_a_sentence_and_a_place_in_the_settings() -> None:
    assert set(TITLES) == set(SENTENCES) == set(VALUES) == set(Kind)
    assert sorted(kind for _title, kinds in GROUPS for kind in kinds) == sorted(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_a_sentence_asks_for_no_more_than_its_values(kind: Kind) -> None:
    written = str(SENTENCES[kind] % {name: f"<{name}>" for name in VALUES[kind]})
    assert all(f"<{name}>" in written for name in VALUES[kind])


def test_what_is_missing_is_named() -> None:
    assert missing(Kind.ESCALATED, ["number"]) == {"step"}
    assert missing(Kind.ESCALATED, ["number", "step", "more"]) == frozenset()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("一行", "一行"),
        ("a\r\nBcc: b", "a Bcc: b"),
        (" a \t b ", "a b"),
        ("a\u202eb\u2028c\x00d", "a b c d"),
        ("x" * 200, "x" * (LONGEST_VALUE - 1) + "…"),
    ],
)
def test_a_value_is_one_harmless_line(text: str, line: str) -> None:
    assert plain_line(text) == line


def test_no_mail_reader_finds_a_link_in_what_somebody_typed() -> None:
    assert "://" not in unlinked("see https://evil.example")
    assert "www." not in unlinked("see www.evil.example")


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/trades/T-1", True),
        ("/listings/offers/new?material=fly_ash&tonnes=1.5", True),
        ("", False),
        ("trades", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/a\nb", False),
        ("/a b", False),
        ("/" + "a" * 200, False),
    ],
)
def test_only_a_page_of_this_site_is_a_path(path: str, own: bool) -> None:
    assert is_own_path(path) is own


def test_the_time_between_two_tries_doubles_and_has_an_end() -> None:
    waits = [next_try(tries, NOW) - NOW for tries in range(60)]
    assert waits[:3] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_RETRY


def test_a_page_floods_when_its_tenth_message_before_is_not_an_hour_old() -> None:
    assert not is_flooding(NOW, None)
    assert not is_flooding(NOW, NOW - MAIL_WINDOW)
    assert is_flooding(NOW, NOW - MAIL_WINDOW + FIRST_RETRY)
