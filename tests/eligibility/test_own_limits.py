"""A buyer's own limits as a line of text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.i18n import LOCALES, speaking
from app.eligibility.fitting import OwnLimit
from app.eligibility.own_limits import LONGEST_ITEM, read_limits, written_limits
from app.eligibility.words import limit_fault_text
from tests.eligibility.parameters import parameters

PARAMETERS = parameters()


def own(parameter: str, minimum: str | None, maximum: str | None) -> OwnLimit:
    low, high = (None if end is None else Decimal(end) for end in (minimum, maximum))
    return OwnLimit(parameter, low, high)


def faults(text: str) -> list[tuple[str, object]]:
    """Code and item of everything that could not be read."""
    return [(one.code, one.values["item"]) for one in read_limits(text, PARAMETERS).faults]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("烧失量 ≤ 8", own("loi", None, "8")),
        ("烧失量≤8%", own("loi", None, "8")),
        ("烧失量＜８％", own("loi", None, "8")),
        ("烧失量 < = 8.0", own("loi", None, "8.0")),
        ("烧失量：不大于8", own("loi", None, "8")),
        ("烧失量 不超过 8", own("loi", None, "8")),
        ("烧失量至多8 %", own("loi", None, "8")),
        ("烧失量小于8", own("loi", None, "8")),
        ("烧失量 8% 以下", own("loi", None, "8")),
        ("烧失量8以内", own("loi", None, "8")),
        ("LOI at most 8 %", own("loi", None, "8")),
        ("LOI max 8", own("loi", None, "8")),
        ("loss on ignition no more than 8", own("loi", None, "8")),
        ("活性指数≥70", own("activity_28d", "70", None)),
        ("活性指数 > 70", own("activity_28d", "70", None)),
        ("28 d 活性指数 不小于 70", own("activity_28d", "70", None)),
        ("7d活性指数不低于70", own("activity_7d", "70", None)),
        ("活性指数至少70%", own("activity_28d", "70", None)),
        ("活性指数70以上", own("activity_28d", "70", None)),
        ("活性指数 70 % 及以上", own("activity_28d", "70", None)),
        ("activity index, 28 days at least 70", own("activity_28d", "70", None)),
        ("SO3 2.5~3.5", own("so3", "2.5", "3.5")),
        ("SO₃ 2.5-3.5", own("so3", "2.5", "3.5")),
        ("SO3 2.5–3.5 %", own("so3", "2.5", "3.5")),
        ("SO3 2.5 至 3.5", own("so3", "2.5", "3.5")),
        ("SO3 2.5% ～ 3.5%", own("so3", "2.5", "3.5")),
        ("SO3 2.5 to 3.5", own("so3", "2.5", "3.5")),
        ("SO3 = 2.5", own("so3", "2.5", "2.5")),
        ("SO3 ≥2.5，≤3.5", own("so3", "2.5", "3.5")),
        ("SO3 ≥2.5 且 ≤3.5", own("so3", "2.5", "3.5")),
        ("SO3 ≤3.5；SO3 ≥2.5", own("so3", "2.5", "3.5")),
        ("Fe2O3 5-10", own("fe2o3", "5", "10")),
        ("镭-226 50-100", own("c_ra", "50", "100")),
        ("大于10mm颗粒 不大于 5", own("over10mm", None, "5")),
        ("0.075 mm 通过率 ≥ 70", own("pass_0075", "70", None)),
        ("压蒸膨胀率 −0.5~0.5", own("autoclave", "-0.5", "0.5")),
        ("比表面积 ≥ 1,000", own("ssa", "1000", None)),
        ("二氧化硅、三氧化二铝和三氧化二铁总质量分数 ≥ 70", own("sio2_al2o3_fe2o3", "70", None)),
    ],
)
def test_a_limit_is_read_as_clerks_write_it(text: str, limit: OwnLimit) -> None:
    found = read_limits(text, PARAMETERS)
    assert (found.limits, found.faults) == ((limit,), ())


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("比表面积 ≥ 4000 cm²/g", own("ssa", "400", None)),
        ("铵离子 ≤ 0.02 %", own("nh4", None, "200")),
        ("堆积密度 0.8~1.1 g/cm3", own("bulk_density", "800", "1100")),
        ("氯离子 100 mg/kg ~ 0.06 %", own("cl", "0.01", "0.06")),
        ("凝结时间延长 ≤ 90 min", own("set_delay", None, "1.5")),
    ],
)
def test_another_unit_of_the_same_quantity_is_converted(text: str, limit: OwnLimit) -> None:
    assert read_limits(text, PARAMETERS).limits == (limit,)


@pytest.mark.parametrize("between", ["；", ";", "，", "、", ", ", "\n", "\r\n", " ； "])
def test_items_are_parted_by_the_usual_signs(between: str) -> None:
    found = read_limits(between.join(["烧失量≤8", "细度≤25", "SO3 2.5~3.5"]), PARAMETERS)
    assert [one.parameter for one in found.limits] == ["loi", "residue_45um", "so3"]
    assert not found.faults


@pytest.mark.parametrize(
    ("text", "code", "item"),
    [
        ("硬度 ≥ 3", "no_such_name", "硬度 ≥ 3"),
        ("铜 ≤ 3", "no_such_name", "铜 ≤ 3"),
        ("≤ 3", "no_such_name", "≤ 3"),
        ("烧失量", "no_bound", "烧失量"),
        ("烧失量 8", "no_bound", "烧失量 8"),
        ("烧失量 8 %", "no_bound", "烧失量 8 %"),
        ("越低越好", "no_limit", "越低越好"),
        ("烧失量 ≤ 8,5 %", "no_limit", "烧失量 ≤ 8,5 %"),
        ("烧失量 ≤ 八", "no_limit", "烧失量 ≤ 八"),
        ("密度 ≤ 2.5 %", "foreign_unit", "密度 ≤ 2.5 %"),
        ("烧失量 ≤ 8 mg/L", "foreign_unit", "烧失量 ≤ 8 mg/L"),
        ("碱度系数 ≥ 1.8 %", "foreign_unit", "碱度系数 ≥ 1.8 %"),
        ("烧失量 ≤ 140", "impossible", "烧失量 ≤ 140"),
        ("pH 6~19", "impossible", "pH 6~19"),
        ("细度 ≥ −1", "impossible", "细度 ≥ −1"),
        ("SO3 3.5~2.5", "reversed", "SO3 3.5~2.5"),
        ("SO3 ≥ 3.5，≤ 2.5", "reversed", "≤ 2.5"),
        ("烧失量≤8；LOI≤6", "named_twice", "LOI≤6"),
        ("烧失量≤8；LOI 2~6", "named_twice", "LOI 2~6"),
    ],
)
def test_a_fault_names_its_item_as_it_was_typed(text: str, code: str, item: str) -> None:
    assert faults(text) == [(code, item)]


@pytest.mark.parametrize("language", LOCALES)
def test_each_fault_is_a_sentence_that_quotes_the_item(app: Flask, language: str) -> None:
    text = "硬度≥3；烧失量；低；密度≤2%；碱度系数≥1 %；LOI≤140；SO3 3~2；细度≤9；细度≤8"
    found = read_limits(text, PARAMETERS).faults
    with app.app_context(), speaking(language):
        sentences = [limit_fault_text(fault, PARAMETERS) for fault in found]
    assert len(sentences) == 8
    for fault, sentence in zip(found, sentences, strict=True):
        assert str(fault.values["item"]) in sentence
        assert "%(" not in sentence


def test_what_can_be_read_is_kept_beside_what_cannot() -> None:
    found = read_limits("烧失量、细度≤25；硬度≥3；SO3 2.5~3.5", PARAMETERS)
    assert [one.parameter for one in found.limits] == ["residue_45um", "so3"]
    assert [fault.values["item"] for fault in found.faults] == ["烧失量", "硬度≥3"]


def test_nothing_typed_is_no_limit() -> None:
    assert read_limits(" ；，\n", PARAMETERS) == read_limits("", PARAMETERS)
    assert not read_limits("", PARAMETERS).limits


def test_a_long_text_is_answered_at_once() -> None:
    for text in ("烧失量 " * 200, "a, " * 300, "<1 " * 300, "1" * 900, "烧失量≤8，" * 180):
        assert read_limits(text, PARAMETERS).faults
    assert faults("好" * LONGEST_ITEM + "烧失量 ≤ 8")


def ends(parameter: str) -> st.SearchStrategy[Decimal]:
    """Figures that the parameter can have."""
    row = PARAMETERS[parameter]
    low, high = (int(row.lowest or 0), int(row.highest or 5000))
    return st.decimals(low, high, places=3)


@st.composite
def limits(draw: st.DrawFn) -> OwnLimit:
    parameter = draw(st.sampled_from(list(PARAMETERS)))
    low, high = sorted([draw(ends(parameter)), draw(ends(parameter))])
    has_low, has_high = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    return OwnLimit(parameter, low if has_low else None, high if has_high else None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(chosen=st.lists(limits(), max_size=6, unique_by=lambda one: one.parameter))
def test_limits_written_down_are_read_as_the_same_ones(app: Flask, chosen: list[OwnLimit]) -> None:
    for language in LOCALES:
        with app.app_context(), speaking(language):
            text = written_limits(chosen, PARAMETERS)
            found = read_limits(text, PARAMETERS)
            assert (found.limits, found.faults) == (tuple(chosen), ()), text
            assert written_limits(found.limits, PARAMETERS) == text


@settings(deadline=None)
@given(st.text(alphabet="烧失量细度LOISO3≤≥<>~-,，；、.0123456789% mg/kg以下且", max_size=60))
def test_whatever_is_typed_is_read_or_told(text: str) -> None:
    found = read_limits(text, PARAMETERS)
    is_blank = not text.strip(" ；，、,且;")
    assert bool(found.limits or found.faults) is not is_blank
    assert all(str(fault.values["item"]) in text for fault in found.faults)
