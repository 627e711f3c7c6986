"""The official formulas, on plain values."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.declarations.balance import MassBalance
from app.statistics.indicators import (
    INDICATORS,
    Share,
    Sums,
    Unit,
    chain_rate,
    gap_kg,
    rate,
    values,
    year_balance,
)
from app.statistics.rules import rate_tenths

BALANCE = MassBalance(
    generated_kg=1_000,
    self_used_kg=500,
    entrusted_used_kg=350,
    old_used_kg=100,
    stored_kg=150,
    disposed_kg=80,
    old_disposed_kg=20,
    dumped_kg=40,
    opening_kg=300,
    closing_kg=330,
)
SUMS = Sums(
    BALANCE, ticketed_kg=280, tickets=9, related_kg=30, chained_kg=50, declared=2, missing=1
)
WORTH: dict[str, Share | int] = {
    "rate": Share(850, 1_100),
    "chain_rate": Share(800, 1_050),
    "self_share": Share(500, 850),
    "ticketed_share": Share(280, 350),
    "generated": 1_000,
    "used": 850,
    "self_used": 500,
    "entrusted_used": 350,
    "related_used": 30,
    "old_used": 100,
    "stored": 150,
    "disposed": 80,
    "dumped": 40,
    "stock": 330,
    "gap": 250,
    "without_ticket": 70,
}
kilograms = st.integers(0, 10**9)


def months() -> st.SearchStrategy[list[MassBalance]]:
    """The balances of following months of one waste; each closes, and none draws what is not there.

    Drawn numbers say what share of its stock and of its new waste a month uses, stores and so on.
    """
    shares = st.lists(st.integers(0, 100), min_size=6, max_size=6)
    return st.tuples(
        kilograms, st.lists(st.tuples(kilograms, shares), min_size=1, max_size=12)
    ).map(lambda drawn: _following(*drawn))


def _following(opening: int, drawn: list[tuple[int, list[int]]]) -> list[MassBalance]:
    found = []
    for generated, (used, stored, disposed, own, old_used, old_disposed) in drawn:
        whole = used + stored + disposed + 1
        parts = [generated * share // whole for share in (used, stored, disposed)]
        dumped = generated - sum(parts)
        u_old = opening * old_used // 200
        d_old = opening * old_disposed // 200
        total = parts[0] + u_old
        self_used = total * own // 100
        closing = opening + parts[1] - u_old - d_old
        found.append(
            MassBalance(
                generated_kg=generated,
                self_used_kg=self_used,
                entrusted_used_kg=total - self_used,
                old_used_kg=u_old,
                stored_kg=parts[1],
                disposed_kg=parts[2] + d_old,
                old_disposed_kg=d_old,
                dumped_kg=dumped,
                opening_kg=opening,
                closing_kg=closing,
            )
        )
        opening = closing
    return found


def summed(balances: list[MassBalance]) -> MassBalance:
    """The sums of the flows, with the stock at both ends."""
    total = MassBalance()
    for balance in balances:
        total += balance
    ends = {"opening_kg": balances[0].opening_kg, "closing_kg": balances[-1].closing_kg}
    return MassBalance(**{name: getattr(total, name) for name in total.__slots__} | ends)


def test_the_example_is_a_balance_that_closes() -> None:
    assert (BALANCE.flow_gap_kg, BALANCE.stock_gap_kg) == (0, 0)


@pytest.mark.parametrize("code", sorted(INDICATORS))
def test_every_indicator_gives_what_its_definition_says(code: str) -> None:
    assert INDICATORS[code].formula(SUMS) == WORTH[code]


def test_every_indicator_has_an_example_and_a_unit_that_fits() -> None:
    assert INDICATORS.keys() == WORTH.keys() == values(SUMS).keys()
    for code, indicator in INDICATORS.items():
        assert isinstance(WORTH[code], Share) == (indicator.unit is Unit.SHARE)


def test_a_share_of_nothing_is_none() -> None:
    assert rate(Sums()).exact is None
    assert Share(1, 3).exact == Fraction(1, 3)


@pytest.mark.parametrize(
    ("per_cent", "gap"), [(100, 250), (90, 140), (Fraction(775, 10), 3), (77, 0), (0, 0)]
)
def test_the_gap_is_what_must_still_be_used_to_reach_the_target(
    per_cent: Fraction, gap: int
) -> None:
    assert gap_kg(SUMS, Fraction(per_cent)) == gap


@given(kilograms, kilograms, st.fractions(0, 100))
def test_closing_the_gap_reaches_the_target_and_a_kilogram_less_does_not(
    generated: int, share: int, target: Fraction
) -> None:
    used = min(generated, share)
    sums = Sums(MassBalance(generated_kg=generated, self_used_kg=used))
    gap = gap_kg(sums, target)
    assert (used + gap) * 100 >= target * generated
    assert gap == 0 or (used + gap - 1) * 100 < target * generated


def test_a_tonne_that_becomes_another_waste_counts_once_in_a_sum() -> None:
    """Ten tonnes of carbide slag turn into fifteen of gypsum, of which twelve become board."""
    slag = Sums(MassBalance(generated_kg=10, entrusted_used_kg=10), 10, 1, chained_kg=10)
    gypsum = Sums(MassBalance(generated_kg=15, entrusted_used_kg=12, stored_kg=3, closing_kg=3))
    assert rate(slag + gypsum) == Share(22, 25)
    assert chain_rate(slag + gypsum) == Share(12, 15)


@given(months())
def test_a_year_closes_as_its_months_do(balances: list[MassBalance]) -> None:
    year = year_balance(summed(balances))
    assert (year.flow_gap_kg, year.stock_gap_kg) == (0, 0)
    assert year.old_used_kg + year.old_disposed_kg <= year.opening_kg
    assert year.used_kg <= year.usable_kg


@given(months())
def test_no_year_uses_more_than_it_could(balances: list[MassBalance]) -> None:
    sums = Sums(year_balance(summed(balances)))
    share = rate(sums)
    assert rate_tenths(share.part, share.whole) in (None, *range(1_001))


def test_stock_of_the_year_itself_is_not_old_in_the_year() -> None:
    """In January 100 are stored, in June used: for the year they were simply used."""
    january = MassBalance(generated_kg=100, stored_kg=100, closing_kg=100)
    june = MassBalance(entrusted_used_kg=100, old_used_kg=100, opening_kg=100)
    year = year_balance(summed([january, june]))
    assert rate(Sums(year)) == Share(100, 100)
    assert (year.old_used_kg, year.stored_kg) == (0, 0)
    assert rate(Sums(january + june)) == Share(100, 200)


def test_what_lay_there_before_the_year_is_drawn_first() -> None:
    first = MassBalance(generated_kg=50, stored_kg=50, opening_kg=60, closing_kg=110)
    then = MassBalance(
        entrusted_used_kg=60,
        old_used_kg=60,
        disposed_kg=30,
        old_disposed_kg=30,
        opening_kg=110,
        closing_kg=20,
    )
    year = year_balance(summed([first, then]))
    assert (year.old_used_kg, year.old_disposed_kg, year.stored_kg) == (40, 20, 20)
