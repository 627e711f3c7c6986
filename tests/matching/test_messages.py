import re
from string import Formatter

import pytest

from matching import Fault, Property, Violation
from matching.messages import SENTENCES, Language, language_of, say_fault, say_violation


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("code", list(SENTENCES))
def test_both_languages_say_the_same_values(code: str) -> None:
    english, chinese = SENTENCES[code]
    assert fields(english) == fields(chinese)
    assert re.search("[\\u4e00-\\u9fff]", chinese) or code.startswith(
        ("place_", "violation", "reached")
    )


def test_a_fault_is_one_line_in_either_language() -> None:
    fault = Fault("supplies.csv", 3, "tonnes", "negative", {"value": "-5"})
    assert say_fault(Language.EN, fault) == "supplies.csv, row 3, column tonnes: -5 is negative"
    assert say_fault(Language.ZH, fault) == "supplies.csv，第 3 行，tonnes 列：-5 是负数"


def test_a_violation_names_the_promise_and_both_figures() -> None:
    violation = Violation(Property.ORDER_TONNES, "supply plant", "4", "5")
    told = say_violation(Language.EN, violation)
    assert told == "order_tonnes: supply plant: found 4, expected 5"


def test_a_violation_names_the_month_of_a_horizon() -> None:
    violation = Violation(Property.ORDER_TONNES, "supply plant", "4", "5", 0)
    assert say_violation(Language.EN, violation).startswith("order_tonnes: supply plant, month 0: ")
    assert "supply plant，第 0 期：" in say_violation(Language.ZH, violation)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh_CN.UTF-8", "zh"), ("ZH", "zh"), ("en_GB", "en"), ("C", "en"), ("", "en")],
)
def test_the_locale_decides_the_language(locale: str, language: str) -> None:
    assert language_of(locale) is Language(language)
