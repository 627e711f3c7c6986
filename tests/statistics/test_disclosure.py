"""What may be published together, and attackers who hold it against the light."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.statistics.disclosure import (
    Contribution,
    Sum,
    Thresholds,
    is_sensitive,
    publishable,
)
from tests.statistics.attacks import Market, exposed_groups, exposed_sums, narrowest

RULES = Thresholds(groups=3, share_milli=800, margin_milli=100)
COUNTIES, MATERIALS, ACCOUNTS = "ABC", ("ash", "slag", "mud"), ("open", "signed")
MEASURES = (ACCOUNTS, ("signed",), ("open",))
"""Offered, of which signed and which not: the first is the sum of the others."""

CELLS = [*product(COUNTIES, MATERIALS, ACCOUNTS)]


@pytest.mark.parametrize(
    ("kg", "withheld"),
    [
        ((), False),
        ((5,), True),
        ((5, 5), True),
        ((5, 5, 5), False),
        ((80, 10, 10), False),
        ((81, 10, 9), True),
        ((60, 35, 6), False),
        ((60, 35, 5), True),
        ((60, 34, 3, 3), False),
    ],
)
def test_a_sum_needs_three_groups_none_too_large_and_none_that_the_next_can_bound(
    kg: tuple[int, ...], withheld: bool
) -> None:
    assert is_sensitive(dict(enumerate(kg)), RULES) is withheld


@pytest.mark.parametrize(
    ("thresholds", "withheld"),
    [
        (Thresholds(3, 800, 100), False),
        (Thresholds(5, 800, 100), True),
        (Thresholds(3, 300, 100), True),
        (Thresholds(3, 800, 600), True),
    ],
)
def test_the_thresholds_decide(thresholds: Thresholds, withheld: bool) -> None:
    assert is_sensitive({"a": 40, "b": 40, "c": 10, "d": 10}, thresholds) is withheld


def test_several_firms_of_one_group_count_as_one() -> None:
    cell = ("A", "ash", "open")
    firms = [Contribution(cell, group, 10) for group in ("one", "one", "one", "two")]
    assert not publishable(firms, [frozenset({cell})], RULES)
    assert publishable([*firms, Contribution(cell, "three", 10)], [frozenset({cell})], RULES)


def test_a_group_without_mass_does_not_count() -> None:
    cell = ("A", "ash", "open")
    firms = [Contribution(cell, group, kg) for group, kg in (("a", 10), ("b", 10), ("c", 0))]
    assert not publishable(firms, [frozenset({cell})], RULES)


def test_nobodys_sum_is_told() -> None:
    assert publishable([], [frozenset(), frozenset({"empty"})], RULES) == {
        frozenset(),
        frozenset({"empty"}),
    }


def counties_of(*firms: int) -> tuple[list[Contribution], list[Sum]]:
    """So many firms of 10 kg in each county; the sums are the total, then the counties."""
    held = [(county, (county, firm)) for county, count in enumerate(firms) for firm in range(count)]
    counties = [frozenset({county}) for county in range(len(firms))]
    total = frozenset(range(len(firms)))
    return [Contribution(county, firm, 10) for county, firm in held], [total, *counties]


@pytest.mark.parametrize(
    ("firms", "shown"),
    [
        ((3, 3, 3), (True, True, True)),
        ((5, 4, 3, 1), (True, True, False, False)),
        ((5, 1, 4, 3), (True, False, True, False)),
        ((5, 4, 2, 1), (True, False, False, False)),
        ((5, 4, 1, 1), (True, False, False, False)),
        ((4, 1, 1, 1), (True, False, False, False)),
        ((1, 1, 1), (False, False, False)),
        ((4, 2), (False, False)),
    ],
)
def test_a_withheld_county_takes_the_least_important_other_one_with_it(
    firms: tuple[int, ...], shown: tuple[bool, ...]
) -> None:
    """Beside a county of two, one of one is not enough: its only firm would take itself off."""
    contributions, sums = counties_of(*firms)
    published = publishable(contributions, sums, RULES)
    assert sums[0] in published
    assert tuple(county in published for county in sums[1:]) == shown


def test_a_total_of_too_few_groups_is_withheld_too() -> None:
    assert not publishable(*counties_of(1, 1), RULES)


def test_red_mud_cannot_be_had_by_taking_the_county_without_it_from_the_county_with_it() -> None:
    held = [Contribution("ash", group, 10) for group in "abc"] + [Contribution("mud", "d", 10)]
    without, with_mud, mud = frozenset({"ash"}), frozenset({"ash", "mud"}), frozenset({"mud"})
    assert publishable(held, [without, with_mud, mud], RULES) == {without}


def test_what_is_signed_cannot_be_had_by_taking_what_is_open_from_what_is_offered() -> None:
    held = [Contribution("open", group, 10) for group in "abc"] + [Contribution("signed", "a", 10)]
    offered, signed, unplaced = (
        frozenset({"open", "signed"}),
        frozenset({"signed"}),
        frozenset({"open"}),
    )
    assert publishable(held, [offered, signed, unplaced], RULES) == {offered}


def test_a_sum_hidden_beside_crumbs_is_not_hidden() -> None:
    """The total less the others would bound the large county from above to within its crumbs."""
    large = [Contribution("large", "a", 960), Contribution("large", "b", 40)]
    small = [Contribution("small", group, 10) for group in "bcd"]
    other = [Contribution("other", group, 500) for group in "efgh"]
    total, rest = frozenset({"large", "small", "other"}), frozenset({"other"})
    counties = [rest, frozenset({"large"}), frozenset({"small"})]
    assert publishable([*large, *small, *other], [total, *counties], RULES) == {
        total,
        frozenset({"small"}),
    }


def tables(occupied: set[tuple[str, str, str]]) -> list[Sum]:
    """City, counties without and with mud, materials, and each cell, in every measure."""

    def lines(accounts: tuple[str, ...]) -> list[Sum]:
        def over(counties: str, materials: tuple[str, ...]) -> Sum:
            return frozenset(product(counties, materials, accounts)) & occupied

        target = MATERIALS[:2]
        return [
            over(COUNTIES, target),
            over(COUNTIES, MATERIALS),
            *(over(county, target) for county in COUNTIES),
            *(over(COUNTIES, (material,)) for material in MATERIALS),
            *(over(county, MATERIALS) for county in COUNTIES),
            *(over(county, (material,)) for county, material in product(COUNTIES, MATERIALS)),
        ]

    return [each for line in zip(*map(lines, MEASURES), strict=True) for each in line]


def market_of(contributions: list[Contribution]) -> Market:
    return Market(contributions, tables({each.cell for each in contributions if each.kg}))  # type: ignore[misc]


def random_market(seed: int) -> Market:
    random = Random(seed)
    return market_of(
        [
            Contribution(cell, group, int(1 + 20 * random.paretovariate(1)))
            for cell in CELLS
            for group in random.sample(range(7), random.choice((0, 1, 1, 2, 3, 4)))
        ]
    )


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Up to six groups, of which up to four stand in a cell, from one kilogram to a thousand."""
    kg = st.one_of(st.integers(1, 9), st.integers(10, 1000))
    held = st.dictionaries(st.integers(0, 5), kg, max_size=4)
    return market_of(
        [Contribution(cell, group, mass) for cell in CELLS for group, mass in draw(held).items()]
    )


def withheld_for_themselves(market: Market) -> list[Sum]:
    return [
        each for each in dict.fromkeys(market.sums) if is_sensitive(market.by_group(each), RULES)
    ]


def only_primary(market: Market) -> list[Sum]:
    """What would be published if nothing were withheld for the sake of something else."""
    secrets = set(withheld_for_themselves(market))
    return [each for each in dict.fromkeys(market.sums) if each and each not in secrets]


def published_of(market: Market) -> list[Sum]:
    return [each for each in publishable(market.contributions, market.sums, RULES) if each]


@settings(max_examples=60, deadline=None)
@given(markets())
def test_no_group_and_no_stranger_finds_anything_of_a_single_other_one(market: Market) -> None:
    assert not list(exposed_groups(market, published_of(market)))


@settings(max_examples=60, deadline=None)
@given(markets())
def test_no_reader_computes_a_sum_that_is_withheld_for_itself(market: Market) -> None:
    assert not list(exposed_sums(market, published_of(market), withheld_for_themselves(market)))


@settings(max_examples=12, deadline=None)
@given(markets())
def test_no_reader_who_knows_that_masses_are_not_negative_comes_within_the_margin(
    market: Market,
) -> None:
    doubt = narrowest(market, published_of(market), withheld_for_themselves(market))
    assert doubt >= RULES.margin_milli / 1000 - 1e-6


def test_with_primary_suppression_alone_every_attack_succeeds() -> None:
    market = random_market(1)
    published, secrets = only_primary(market), withheld_for_themselves(market)
    assert list(exposed_groups(market, published))
    assert list(exposed_sums(market, published, secrets))
    assert narrowest(market, published, secrets) < 1e-6
