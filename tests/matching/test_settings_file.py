import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import InputFaults, Mode, PriceRule, Settings
from matching.formats import settings_file
from matching.problem import LEVELS
from tests.matching.strategies import unhurried

every_setting = st.builds(
    Settings,
    levels=st.permutations(LEVELS).map(tuple) | st.sampled_from([("cost",), ("surplus", "tonnes")]),
    mode=st.sampled_from(Mode),
    support=st.integers(0, 10**8),
    detour_milli=st.integers(1_000, 10_000),
    max_m=st.integers(0, 50_000_000),
    freight_per_t=st.integers(0, 10**8),
    freight_per_tkm=st.integers(0, 100_000),
    seed=st.integers(0, 2**63 - 1),
    price_rule=st.sampled_from(PriceRule),
    time_limit_s=st.none() | st.integers(0, 10**6),
    iterations=st.none() | st.integers(0, 10**9),
    months=st.none() | st.integers(1, 120),
    start=st.dates(dt.date(1900, 1, 1), dt.date(2999, 1, 1)).map("{:%Y-%m}".format),
)


@unhurried
@given(settings=every_setting)
def test_any_settings_are_read_back_as_they_were_written(settings: Settings) -> None:
    written = settings_file.to_json(settings)
    assert set(json.loads(written)) == set(settings_file.KEYS)
    assert settings_file.parsed(settings_file.texts_from_json(written), Mode.PLAN) == settings


def test_what_is_blank_takes_its_default() -> None:
    blank = dict.fromkeys(settings_file.KEYS, "")
    assert settings_file.parsed(blank, Mode.PLAN) == Settings(mode=Mode.PLAN)


def test_a_command_says_levels_with_commas_and_overrides_one_key() -> None:
    asked = settings_file.texts_from_options(
        ["levels=tonnes, cost", "months = 12", "start=2026-10"]
    )
    settings = settings_file.overridden(Settings(support=5, seed=3), asked)
    assert settings == Settings(
        levels=("tonnes", "cost"), support=5, seed=3, months=12, start="2026-10"
    )


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        ("levels", "tonnes,,cost", "bad_choice"),
        ("levels", "profit", "bad_choice"),
        ("months", "1.5", "too_many_decimals"),
        ("months", "true", "not_a_number"),
        ("iterations", "-1", "negative"),
        ("time_limit_s", "9999999", "out_of_range"),
        ("start", "2026", "not_a_month"),
        ("speed", "9", "unknown_setting"),
    ],
)
def test_a_bad_setting_is_named(key: str, text: str, code: str) -> None:
    with pytest.raises(InputFaults) as error:
        settings_file.parsed({key: text}, Mode.MARKET)
    assert {(fault.column, fault.code) for fault in error.value.faults} == {(key, code)}


def test_settings_nested_past_reason_are_refused_like_any_other_bad_json() -> None:
    with pytest.raises(InputFaults) as refused:
        settings_file.texts_from_json(b"[" * 100_000)
    assert [fault.code for fault in refused.value.faults] == ["bad_json"]
