from __future__ import annotations

import subprocess
import sys

import pytest

from app.ledger.rules import PATHS, Account, Verb, correction, two_legs


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_moves_kilograms_from_one_account_to_another(verb: Verb) -> None:
    legs = two_legs(verb, 7)
    source, target = PATHS[verb]
    assert legs == {source: -7, target: 7}
    assert sum(legs.values()) == 0


@pytest.mark.parametrize("kg", [0, -1])
def test_a_movement_of_nothing_or_less_is_a_fault(kg: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        two_legs(Verb.RESERVE, kg)


@pytest.mark.parametrize(
    ("account", "ways"),
    [
        (Account.OPEN, {Account.OUTSIDE, Account.RESERVED, Account.WITHDRAWN}),
        (Account.RESERVED, {Account.OPEN, Account.CONTRACTED}),
        (Account.CONTRACTED, {Account.OPEN, Account.IN_TRANSIT}),
        (Account.IN_TRANSIT, {Account.UTILISED, Account.REJECTED, Account.DIFFERENCE}),
        (Account.REJECTED, {Account.OPEN}),
    ],
)
def test_kilograms_leave_an_account_only_by_its_own_ways(
    account: Account, ways: set[Account]
) -> None:
    assert {target for source, target in PATHS.values() if source is account} == ways


@pytest.mark.parametrize("place", [Account.UTILISED, Account.DIFFERENCE, Account.WITHDRAWN])
def test_nothing_leaves_a_final_account(place: Account) -> None:
    assert all(source is not place for source, _target in PATHS.values())


@pytest.mark.parametrize(
    ("offered", "wanted", "expected"),
    [
        (100, 100, None),
        (0, 0, None),
        (100, 130, (Verb.ENLARGE, 30)),
        (0, 5, (Verb.ENLARGE, 5)),
        (100, 40, (Verb.REDUCE, 60)),
        (100, 0, (Verb.REDUCE, 100)),
    ],
)
def test_a_correction_moves_the_difference(
    offered: int, wanted: int, expected: tuple[Verb, int] | None
) -> None:
    assert correction(offered, wanted) == expected


def test_a_negative_offer_is_a_fault() -> None:
    with pytest.raises(ValueError, match="nobody offers"):
        correction(10, -1)


def test_the_rules_load_neither_the_web_nor_the_database() -> None:
    program = (
        "import sys, app.ledger.rules\n"
        "sys.exit(any(name in sys.modules for name in ('flask', 'sqlalchemy')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
