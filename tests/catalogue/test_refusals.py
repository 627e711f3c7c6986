"""Names of hazardous waste are refused however they are written, and lawful names are not.

`refusal_phrases.csv` holds the names as people write them, each with the row of the block list that
must refuse it, or `lawful`. What cannot be seen stands there as a `\\u` escape.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.rules import first_hit, hazardous_code
from app.catalogue.spelling import SIMPLIFIED, TRADITIONAL
from tests.data.committed import block_list, rows

LAWFUL = "lawful"
ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
SEPARATORS = " \t\u3000.·•。-‐–—−_/\\|*~+=,，、;；:：'\"“”()（）【】<>《》♻🔥"
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\ufe0f\u0301\u20dd\u115f\u3164\uffa0ー"
BETWEEN = st.text(SEPARATORS + UNSEEN, max_size=3)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
WIDTHS_AND_CASES = [str.upper, str.lower, str.swapcase, lambda text: text.translate(WIDE)]
UNSIMPLIFIED = str.maketrans(SIMPLIFIED, TRADITIONAL)


class Phrase(NamedTuple):
    text: str
    expected: str


def phrases() -> list[Phrase]:
    path = Path(__file__).with_name("refusal_phrases.csv")
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [Phrase(_unescaped(row["phrase"]), row["expected"]) for row in found]


def refused_by(text: str) -> str:
    hit = first_hit([text], RULES)
    return hit.rule.code if hit else LAWFUL


def _unescaped(text: str) -> str:
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


RULES = block_list()
PHRASES = phrases()
HAZARDOUS = [phrase.text for phrase in PHRASES if phrase.expected != LAWFUL]
HARMLESS = [phrase.text for phrase in PHRASES if phrase.expected == LAWFUL]


@pytest.mark.parametrize(("text", "expected"), PHRASES, ids=[ascii(one.text) for one in PHRASES])
def test_a_phrase_is_refused_by_its_row_or_let_through(text: str, expected: str) -> None:
    assert refused_by(text) == expected


def test_the_phrases_are_many_and_each_stands_once() -> None:
    assert len(HAZARDOUS) >= 200
    assert len(HARMLESS) >= 100
    assert len({phrase.text for phrase in PHRASES}) == len(PHRASES)


def test_every_row_of_the_block_list_refuses_a_phrase() -> None:
    assert {rule.code for rule in RULES} == {phrase.expected for phrase in PHRASES} - {LAWFUL}


def test_every_row_says_where_its_waste_must_go() -> None:
    for row in rows("catalogue/blocked_wastes.csv"):
        assert "联单" in row["go_to_zh"], row["code"]
        assert "manifest" in row["go_to_en"], row["code"]


@settings(max_examples=600)
@given(st.data())
def test_signs_between_its_characters_never_let_a_hazardous_name_pass(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(HAZARDOUS))
    gaps = data.draw(st.lists(BETWEEN, min_size=len(name) + 1, max_size=len(name) + 1))
    written = gaps[0] + "".join(sign + gap for sign, gap in zip(name, gaps[1:], strict=True))
    assert refused_by(written) != LAWFUL, written


@pytest.mark.parametrize("rewritten", WIDTHS_AND_CASES)
def test_width_and_case_change_nothing(rewritten: object) -> None:
    assert callable(rewritten)
    assert [text for text in HAZARDOUS if refused_by(rewritten(text)) == LAWFUL] == []
    assert [text for text in HARMLESS if refused_by(rewritten(text)) != LAWFUL] == []


def test_traditional_characters_let_nothing_pass() -> None:
    written = [text.translate(UNSIMPLIFIED) for text in HAZARDOUS]
    assert [text for text in written if refused_by(text) == LAWFUL] == []


@settings(max_examples=300)
@given(st.sampled_from(HAZARDOUS), st.sampled_from(HARMLESS), st.booleans())
def test_a_lawful_name_beside_it_hides_no_hazardous_one(
    hazardous: str, harmless: str, first: bool
) -> None:
    parts = (hazardous, harmless) if first else (harmless, hazardous)
    assert refused_by("；".join(parts)) != LAWFUL


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    hit = first_hit([text], RULES)
    assert hit is None or hit.found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("另有少量 飞\u200b-灰 搭运", "飞-灰"),
        ("鋁 灰", "鋁 灰"),
        ("Fly ash from Waste Incinerators of a city", "ash from Waste Incinerators"),
        ("粉煤灰 ＨＷ１８", "ＨＷ１８"),
        ("第 3 批 900-249-08", "900-249-08"),
        ("煤炭渣和炭 渣", "炭 渣"),
    ],
)
def test_the_words_that_are_refused_are_quoted_as_they_were_typed(typed: str, found: str) -> None:
    hit = first_hit([typed], RULES)
    assert hit is not None
    assert hit.found == found


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("hw18", "HW18"),
        ("７７２ 002.18", "772-002-18"),
        ("HW18/772-002-18", "HW18 772-002-18"),
        ("90024908", "900-249-08"),
        ("441-001-S02", ""),
        ("HW", ""),
        ("", ""),
    ],
)
def test_a_hazardous_code_is_brought_to_its_usual_form(typed: str, code: str) -> None:
    assert hazardous_code(typed) == code


@pytest.mark.parametrize(
    "text",
    [
        "手机 17720021834",
        "77200218345",
        "筛余 150/200/45",
        "2026-01-18",
        "380 420 45 MPa",
        "20260118",
    ],
)
def test_figures_that_are_no_code_are_none(text: str) -> None:
    assert refused_by(text) == LAWFUL
