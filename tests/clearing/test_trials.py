"""What a missing test would open: as if it had been entered, and never at one firm's cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clearing.engine import problem_of
from app.clearing.lacking import Guess, Market, MissingTest, Search
from app.clearing.quality import refine
from app.clearing.rules import shown_gain, shown_price
from app.clearing.trial_process import let_through
from app.clearing.trials import Surroundings, Trial, trials
from app.eligibility.fitting import Grading, Wish
from app.eligibility.missing import Usual, with_values
from app.eligibility.queries import Chapter
from app.eligibility.ranges import exactly
from app.eligibility.rules import Lot
from app.listings.book import BookOrder
from app.listings.queries import Quality
from app.listings.rules import Side
from matching import PriceRule, Problem, Settings, solve
from tests.clearing.test_engine import DECEMBER, JANUARY, order
from tests.clearing.test_quality import books
from tests.eligibility.factories import SUBJECTS, at_most, gradings, own_limit, use_row

TERMS = Settings(price_rule=PriceRule.MIDPOINT_5)
CONCRETE = Chapter(use_row("concrete"), (at_most("loi", "10"), at_most("so3", "3")))
BRICK = Chapter(use_row("brick", products=("brick",)), (at_most("loi", "8"),))
RULES = Grading({"fly_ash": [CONCRETE, BRICK]}, ())
KNOWN = {"loi": exactly(Decimal("4")), "so3": exactly(Decimal("1"))}
UNTESTED = Lot({"so3": KNOWN["so3"]})
OWN = "S-0"
TONNE = 1000
NOTHING_PLACED = solve(Problem((), ()))


def market(book: list[BookOrder], rules: Grading = RULES, usual: Usual | None = None) -> Market:
    """A run of a book."""
    found = unsolved(book, rules)
    return replace(found, outcome=solve(found.problem), usual=usual or {})


def unsolved(book: list[BookOrder], rules: Grading) -> Market:
    """The same with nothing placed."""
    return Market(
        problem=frozen(book, rules),
        outcome=NOTHING_PLACED,
        owners={each.number: ("firm", each.company_id) for each in book},
        quality={each.number: Quality(each.kind, each.lot, each.wish) for each in book},
        grading=rules,
        usual={},
    )


def frozen(book: list[BookOrder], rules: Grading) -> Problem:
    return problem_of(refine(book, rules).book, TERMS, [DECEMBER, JANUARY])


def offer(number: str, firm: int, lot: Lot, **changes: object) -> BookOrder:
    given_: dict[str, object] = {"kind": "fly_ash", "lot": lot, "company_id": firm}
    return order(number, Side.OFFER, DECEMBER, 1_000 * TONNE, **(given_ | changes))


def taker(number: str, firm: int, wish: Wish, bid: int = 60_00, **changes: object) -> BookOrder:
    given_: dict[str, object] = {"wish": wish, "limit_fen": bid, "company_id": firm}
    return order(number, Side.REQUIREMENT, DECEMBER, 400 * TONNE, **(given_ | changes))


def town(bids: tuple[int, ...] = (60_00,) * 4, rival_ask: int = 55_00) -> list[BookOrder]:
    """An offer that nobody tested for LOI, three that were, and takers for concrete.

    Everybody is a firm of its own and freight is 12 CNY/t.
    """
    rivals = [offer(f"S-{number}", number, Lot(KNOWN), limit_fen=rival_ask) for number in (1, 2, 3)]
    takers = [
        taker(f"D-{number}", 10 + number, Wish("concrete"), bid) for number, bid in enumerate(bids)
    ]
    return [offer(OWN, 0, UNTESTED), *rivals, *takers]


def own(book: list[BookOrder], **changes: object) -> list[Trial]:
    return trials(market(book, **changes))[OWN]  # type: ignore[arg-type]


def placed(problem: Problem, number: str) -> int:
    return sum(match.kg for match in solve(problem).matches if match.supply == number)


def entered(book: list[BookOrder], number: str, values: Mapping[str, Decimal]) -> list[BookOrder]:
    """The book after an assay of one offer."""
    return [
        replace(each, lot=with_values(each.lot, values)) if each.number == number else each
        for each in book
    ]


def lacking(book: list[BookOrder], rules: Grading) -> list[MissingTest]:
    found = Search(unsolved(book, rules))
    offers = sorted({each.number for each in book if each.side is Side.OFFER})
    return [test for number in offers for test in found.tests(number)]


def told(test: MissingTest) -> list[tuple[str, str, Guess]]:
    return [(test.offer, test.parameter, guess) for guess in test.guesses]


@st.composite
def nearly_tested(draw: st.DrawFn) -> list[BookOrder]:
    """A book of whose lots all but one or two things are known, and firms with one order each."""
    found = draw(books())
    lots = {each.number: draw(NEARLY_KNOWN) for each in found}
    firms = {number: count for count, number in enumerate(sorted(lots))}
    return [
        replace(each, lot=lots[each.number], kind="fly_ash", company_id=firms[each.number])
        for each in found
    ]


def _known_but(unknown: set[str]) -> st.SearchStrategy[Lot]:
    low = st.integers(0, 2).map(Decimal).map(exactly)
    readings = {name: low for name in SUBJECTS if name not in unknown}
    return st.builds(Lot, st.fixed_dictionaries(readings), st.just({"boiler_type": "pulverised"}))


NEARLY_KNOWN = st.sets(st.sampled_from(SUBJECTS), min_size=1, max_size=2).flatmap(_known_but)


@settings(max_examples=150, deadline=None)
@given(gradings(), nearly_tested())
def test_a_trial_places_what_a_new_freeze_would_after_the_assay(
    rules: Grading, book: list[BookOrder]
) -> None:
    problem = frozen(book, rules)
    for number, parameter, guess in (each for test in lacking(book, rules) for each in told(test)):
        again = frozen(entered(book, number, {parameter: guess.value}), rules)
        tried = let_through(problem, number, "fly_ash#0", guess.opened)
        assert placed(tried, number) == placed(again, number)


@settings(max_examples=150, deadline=None)
@given(gradings(), nearly_tested(), st.sampled_from(SUBJECTS), st.integers(0, 4).map(Decimal))
def test_no_value_of_a_single_test_opens_more_than_is_told(
    rules: Grading, book: list[BookOrder], parameter: str, value: Decimal
) -> None:
    opened = {
        test.offer: len(test.at_limit.opened)
        for test in lacking(book, rules)
        if test.parameter == parameter
    }
    for giver in book:
        if giver.side is Side.OFFER and parameter not in giver.lot.readings:
            found = opened_by(book, rules, giver, {parameter: value})
            assert len(found) <= opened.get(giver.number, 0)


def opened_by(
    book: list[BookOrder], rules: Grading, giver: BookOrder, values: Mapping[str, Decimal]
) -> set[str]:
    """The requirements that may take an offer after an assay and not before, by brute force."""
    months = {each.month for each in book if each.number == giver.number}
    lots = giver.lot, with_values(giver.lot, values)
    return {
        each.number
        for each in book
        if each.side is Side.REQUIREMENT and giver.materials[0] in each.materials
        if each.month in months
        if [rules.suits(giver.kind, lot, each.wish).is_allowed for lot in lots] == [False, True]
    }


def test_the_value_at_the_limit_is_the_mildest_that_opens_most() -> None:
    book = [
        offer(OWN, 0, UNTESTED),
        taker("D-1", 1, Wish("concrete")),
        taker("D-2", 2, Wish("brick")),
        taker("D-3", 3, Wish("brick", (own_limit("loi", "5"),), accepts_not_shown=True)),
    ]
    (test,) = lacking(book[:2], RULES)
    assert (test.parameter, test.at_limit.value) == ("loi", Decimal(10))
    (test,) = lacking(book[:3], RULES)
    assert test.at_limit == Guess(Decimal(8), frozenset({"D-1", "D-2"}))
    (test,) = lacking(book, RULES)
    assert test.at_limit == Guess(Decimal(5), frozenset({"D-1", "D-2", "D-3"}))


def test_two_tests_that_are_needed_together_are_none_alone() -> None:
    book = [offer(OWN, 0, Lot()), taker("D-1", 1, Wish("concrete"))]
    assert lacking(book, RULES) == []
    assert own(book) == []


def test_who_is_out_of_reach_is_not_opened() -> None:
    far = taker("D-1", 1, Wish("concrete"), lon=117.5)
    assert lacking([offer(OWN, 0, UNTESTED), far], RULES) != []
    assert lacking([offer(OWN, 0, UNTESTED), replace(far, max_km=50)], RULES) == []
    assert lacking([offer(OWN, 0, UNTESTED, max_km=50), far], RULES) == []


def test_a_useful_test_is_told_in_two_figures_and_whole_steps() -> None:
    (trial,) = own(town((61_00, 67_00, 72_00, 80_00)))
    assert (trial.parameter, trial.at_limit.buyers) == ("loi", 4)
    assert trial.at_limit.kg == 800 * TONNE
    assert trial.at_limit.price == 25_00
    assert trial.typical is None


def test_the_usual_value_is_tried_beside_the_limit_and_may_open_nobody() -> None:
    (trial,) = own(town(), usual={("fly_ash", "loi"): Decimal("12")})
    assert trial.typical is not None
    assert (trial.typical.buyers, trial.typical.kg, trial.typical.price) == (0, 0, None)
    (trial,) = own(town(), usual={("fly_ash", "loi"): Decimal("6")})
    assert trial.typical is not None
    assert replace(trial.typical, value=trial.at_limit.value) == trial.at_limit


def test_a_test_that_opens_buyers_and_places_nothing_is_told_as_such() -> None:
    (trial,) = own(town(bids=(5_00,) * 4))
    assert (trial.at_limit.buyers, trial.at_limit.kg, trial.is_useful) == (4, 0, False)


@pytest.mark.parametrize("bid", [5_00, 60_00, 600_00])
@pytest.mark.parametrize("buyers", [1, 2])
def test_of_fewer_than_three_firms_nothing_is_told_that_follows_a_limit(
    buyers: int, bid: int
) -> None:
    (trial,) = own(town((bid,) * buyers))
    assert (trial.at_limit.kg, trial.at_limit.price) == (None, None)
    assert trial.at_limit.buyers == buyers


def test_buyers_that_the_offer_has_already_do_not_hide_the_ones_that_are_new() -> None:
    plain = replace(RULES, chapters={"fly_ash": [CONCRETE, BRICK_OF_ANY]})
    there = [taker(f"D-{number}", 20 + number, Wish("brick"), 1_00) for number in (5, 6, 7)]
    book = [*town((60_00,)), *there]
    (trial,) = trials(market(book, plain))[OWN]
    assert (trial.at_limit.buyers, trial.at_limit.kg) == (1, None)


BRICK_OF_ANY = Chapter(use_row("brick", products=("brick",)), (at_most("so3", "3"),))


def test_one_firm_with_four_requirements_is_one_firm() -> None:
    book = [replace(each, company_id=10) if each.number[0] == "D" else each for each in town()]
    found = market(book)
    (test,) = Search(found).tests(OWN)
    crowd = Surroundings(found).crowd(OWN, test.at_limit.opened)
    assert (crowd.rivals, crowd.counterparts) == (3, 1)
    (trial,) = own(book)
    assert (trial.at_limit.buyers, trial.at_limit.kg) == (1, None)


@pytest.mark.parametrize("change", [0, 1_00, 3_00, 9_99])
def test_a_limit_that_moves_within_its_step_changes_nothing(change: int) -> None:
    """Freight is 12 CNY/t, so that a bid of 62 leaves 50 and the offer gets 25 of it."""
    limits = (62_00 + change, 82_00, 92_00)
    assert own(town(limits)) == own(town((62_00, 82_00, 92_00)))
    asks = [own(town(rival_ask=55_00 + more)) for more in (0, change)]
    assert asks[0] == asks[1]


def test_trials_are_the_same_again_and_in_any_order_of_the_book() -> None:
    book = town()
    assert trials(market(book)) == trials(market(book[::-1]))


def test_without_time_only_what_needs_no_solving_is_told() -> None:
    assert OWN not in trials(market(town()), solve_seconds=0)
    thin = town((60_00,))
    assert trials(market(thin), solve_seconds=0) == trials(market(thin))
    assert trials(market(thin), search_seconds=0) == {}


def test_an_offer_that_was_placed_whole_is_not_tried() -> None:
    anything = Wish("block", accepts_not_shown=True)
    works = [taker(f"D-{number}", 30, anything, 90_00) for number in range(5, 20)]
    assert OWN not in trials(market([*town(), *works]))


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**9), min_size=3, max_size=6))
def test_a_gain_is_never_told_larger_nor_more_than_any_two_firms_leave(
    kg: int, rooms: list[int]
) -> None:
    told = shown_gain(kg, rooms)
    assert 0 <= told <= kg
    assert told <= sum(rooms) - sum(sorted(rooms)[-2:])
    assert len(str(told).rstrip("0")) <= 2


@given(st.integers(-(10**5), 10**5), st.lists(st.integers(-(10**5), 10**5), max_size=6))
def test_a_price_is_told_that_three_firms_would_pay(price: int, paid: list[int]) -> None:
    told = shown_price(price, paid)
    assert (told is None) == (len(paid) < 3)
    if told is not None:
        assert told % 500 == 0
        assert told <= price
        assert sum(each >= told for each in paid) >= 3


@settings(max_examples=30, deadline=None)
@given(gradings(), books())
def test_no_trial_tells_less_than_nothing(rules: Grading, book: list[BookOrder]) -> None:
    found = trials(market(book, rules))
    worths = [worth for rows in found.values() for trial in rows for worth in trial.worths]
    assert all(worth.kg is None or worth.kg >= 0 for worth in worths)
