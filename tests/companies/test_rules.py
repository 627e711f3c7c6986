"""Decisions about companies and sites, as tables."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.companies import rules
from app.companies.rules import CompanyKind, CompanyStatus

GOOD = "91110000600037341L"


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (GOOD, None),
        ("91371500DEM000014T", None),
        ("N2371500MF1234567K", "credit_code_check"),
        ("", "credit_code_length"),
        (GOOD[:-1], "credit_code_length"),
        (GOOD + "0", "credit_code_length"),
        ("9111000060003734IL", "credit_code_signs"),
        ("91110000中00037341L", "credit_code_signs"),
        ("911100006000-7341L", "credit_code_signs"),
        ("91A10000600037341L", "credit_code_region"),
        ("91110000600037341M", "credit_code_check"),
        ("91110000600037314L", "credit_code_check"),
    ],
)
def test_a_credit_code_is_judged_by_its_first_fault(code: str, fault: str | None) -> None:
    found = rules.credit_code_faults(code)
    assert [each.code for each in found] == ([fault] if fault else [])


def test_the_first_two_signs_may_be_letters() -> None:
    from stdnum.cn import uscc

    stem = "N2371500MF1234567"
    assert rules.credit_code_faults(stem + uscc.calc_check_digit(stem)) == []


def test_a_code_with_one_wrong_sign_never_passes() -> None:
    for place in range(8, 17):
        for sign in rules.CREDIT_CODE_SIGNS - {GOOD[place]}:
            changed = GOOD[:place] + sign + GOOD[place + 1 :]
            assert rules.credit_code_faults(changed), changed


def test_letters_that_do_not_exist_are_named() -> None:
    (fault,) = rules.credit_code_faults("9111OOOO60003734IL")
    assert fault.values == {"signs": "I O"}


@pytest.mark.parametrize(
    "typed",
    ["９１１１００００６０００３７３４１Ｌ", " 91110000 60003734 1l ", "91110000-600037341-L"],
)
def test_width_case_spaces_and_hyphens_do_not_matter(typed: str) -> None:
    assert rules.normal_credit_code(typed) == GOOD


@pytest.mark.parametrize(
    ("phone", "good"),
    [
        ("13800000000", True),
        ("0635-1234567", True),
        ("(0635) 1234567", False),
        ("0635-1234567转801", True),
        ("+86 138 0000 0000", True),
        ("12345", False),
        ("abc1234567", False),
        ("1" * 19, False),
        ("", False),
    ],
)
def test_a_phone_is_tested_mildly(phone: str, good: bool) -> None:
    assert (rules.phone_faults(phone) == []) is good


@pytest.mark.parametrize(
    ("position", "fault"),
    [
        ((116.15, 36.58), None),
        ((87.6, 43.8), None),
        ((36.58, 116.15), "position_swapped"),
        ((-0.1, 51.5), "position_abroad"),
        ((116.15, -36.58), "position_abroad"),
        ((0.0, 0.0), "position_abroad"),
        ((139.7, 35.7), "position_abroad"),
    ],
)
def test_a_position_abroad_is_told_from_one_that_is_swapped(
    position: tuple[float, float], fault: str | None
) -> None:
    assert [each.code for each in rules.position_faults(*position)] == ([fault] if fault else [])


@pytest.mark.parametrize(
    ("old", "allowed"),
    [
        (CompanyStatus.APPLIED, {CompanyStatus.APPROVED, CompanyStatus.REFUSED}),
        (CompanyStatus.APPROVED, {CompanyStatus.SUSPENDED}),
        (CompanyStatus.REFUSED, set()),
        (CompanyStatus.SUSPENDED, {CompanyStatus.APPROVED}),
    ],
)
def test_the_operator_may_decide_these(old: CompanyStatus, allowed: set[CompanyStatus]) -> None:
    assert {new for new in CompanyStatus if rules.may_become(old, new)} == allowed


@pytest.mark.parametrize("kind", list(CompanyKind))
def test_a_kind_is_its_flags_and_back(kind: CompanyKind) -> None:
    assert CompanyKind.of(kind.is_producer, kind.is_consumer) is kind
    assert kind.is_producer or kind.is_consumer or kind.is_carrier


@pytest.mark.parametrize("module", ["app.companies.rules", "app.accounts.rules"])
def test_rules_load_neither_flask_nor_sqlalchemy(module: str) -> None:
    check = (
        f"import sys, {module}; assert not {{'flask', 'sqlalchemy'}} & set(sys.modules), "
        "sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
