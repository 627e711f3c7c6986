"""Lanes only where quality allows, in labels that the engine takes for materials."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearing.engine import problem_of
from app.clearing.quality import ShutOut, material_of, named_in_month, refine
from app.eligibility.fitting import Grading, Wish
from app.eligibility.queries import Chapter
from app.eligibility.ranges import exactly
from app.eligibility.rules import Lot, Outcome
from app.listings.book import BookOrder
from app.listings.rules import Side
from matching import Demand, Problem, Settings, Supply
from tests.clearing.test_engine import DECEMBER, JANUARY, order
from tests.eligibility.factories import LOTS, WISHES, at_most, gradings, own_limit, use_row

MATERIALS = ("fly_ash", "bottom_ash")
CONCRETE = use_row("concrete")
BRICK = use_row("brick", products=("brick",), tolerates_unknown=True)
RULES = Grading(
    {
        "fly_ash": [
            Chapter(CONCRETE, (at_most("loi", "10"), at_most("so3", "3"))),
            Chapter(BRICK, (at_most("so3", "5"),)),
        ]
    },
    (),
)
GOOD = {"loi": exactly(Decimal("4.2")), "so3": exactly(Decimal("1.1"))}
BURNT = GOOD | {"loi": exactly(Decimal("11.2"))}
Permitted = set[tuple[str, str]]


def offer(number: str, lot: Lot, **changes: object) -> BookOrder:
    return order(number, Side.OFFER, DECEMBER, 5, lot=lot, **({"kind": "fly_ash"} | changes))


def requirement(number: str, wish: Wish, **changes: object) -> BookOrder:
    return order(number, Side.REQUIREMENT, DECEMBER, 5, wish=wish, **changes)


def frozen(book: list[BookOrder], rules: Grading = RULES) -> Problem:
    return problem_of(refine(book, rules).book, Settings(), [DECEMBER, JANUARY])


def permitted(problem: Problem) -> Permitted:
    """The pairs of orders that the engine may join, months and distance aside."""
    pairs = product(problem.supplies, problem.demands)
    return {(s.id, d.id) for s, d in pairs if d.accepts(s.material)}


def labels(problem: Problem) -> dict[str, object]:
    """What each order stands for in the engine."""
    rows: tuple[Supply | Demand, ...] = (*problem.supplies, *problem.demands)
    return {row.id: row.material if isinstance(row, Supply) else row.materials for row in rows}


def reasons(found: list[ShutOut]) -> list[tuple[int, str, str]]:
    return [
        (each.count, each.fit.use.code if each.fit.use else "", each.fit.decisive[0].limit.subject)
        for each in found
    ]


@st.composite
def books(draw: st.DrawFn) -> list[BookOrder]:
    """Offers and requirements, some in two months; several may be known to be the same."""
    lots = draw(st.lists(LOTS, min_size=1, max_size=3))
    wishes = draw(st.lists(WISHES, min_size=1, max_size=3))
    found = [
        offer(
            f"S-{number}",
            draw(st.sampled_from(lots)),
            materials=(draw(st.sampled_from(MATERIALS)),),
            kind=draw(st.sampled_from(["fly_ash", ""])),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    found += [
        requirement(
            f"D-{number}",
            draw(st.sampled_from(wishes)),
            materials=draw(st.sampled_from([*((one,) for one in MATERIALS), MATERIALS])),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    later = [replace(each, month=JANUARY) for each in found if draw(st.booleans())]
    return draw(st.permutations([*found, *later]))


def brute_force(book: list[BookOrder], rules: Grading) -> Permitted:
    offers = [each for each in book if each.side is Side.OFFER]
    takers = [each for each in book if each.side is Side.REQUIREMENT]
    return {
        (giver.number, taker.number)
        for giver, taker in product(offers, takers)
        if giver.materials[0] in taker.materials
        and rules.suits(giver.kind, giver.lot, taker.wish).is_allowed
    }


@given(gradings(), books())
def test_the_engine_may_join_just_those_whom_quality_lets(
    rules: Grading, book: list[BookOrder]
) -> None:
    assert permitted(frozen(book, rules)) == brute_force(book, rules)


@given(gradings(), books(), st.randoms())
def test_the_order_of_a_book_does_not_matter(
    rules: Grading, book: list[BookOrder], chance: object
) -> None:
    shuffled = list(book)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert frozen(shuffled, rules) == frozen(book, rules)


@given(gradings(), books())
def test_who_is_shut_out_is_counted_once_on_either_side(
    rules: Grading, book: list[BookOrder]
) -> None:
    materials = {each.number: each.materials for each in book}
    found = refine(book, rules).shut_out
    counts = {number: sum(each.count for each in rows) for number, rows in found.items()}
    lets = brute_force(book, rules)
    for number, codes in materials.items():
        barred = [
            other
            for other, theirs in materials.items()
            if other[0] != number[0]
            and set(codes) & set(theirs)
            and not lets & {(number, other), (other, number)}
        ]
        assert counts.get(number, 0) == len(barred)


def test_where_quality_bars_nobody_a_book_stays_as_it_is() -> None:
    book = [offer("S-1", Lot(GOOD)), requirement("D-1", Wish()), requirement("D-2", Wish())]
    assert refine(book, RULES).book == book


def test_labels_are_numbered_by_offers_and_nobody_names_that_of_an_outcast() -> None:
    own = (own_limit("loi", "4"),)
    problem = frozen(
        [
            requirement("D-1", Wish("concrete")),
            requirement("D-2", Wish("brick", accepts_not_shown=True)),
            requirement("D-3", Wish("brick", own, accepts_not_shown=True)),
            offer("S-3", Lot(BURNT)),
            offer("S-2", Lot({"so3": exactly(Decimal(9))})),
            offer("S-1", Lot(GOOD)),
            offer("S-4", Lot(GOOD | {"loi": exactly(Decimal("3.9"))})),
            offer("S-5", Lot(), materials=("bottom_ash",)),
        ]
    )
    assert labels(problem) == {
        "S-1": "fly_ash#1",
        "S-2": "fly_ash#2",
        "S-3": "fly_ash#3",
        "S-4": "fly_ash",
        "S-5": "bottom_ash",
        "D-1": ("fly_ash", "fly_ash#1"),
        "D-2": ("fly_ash", "fly_ash#1", "fly_ash#3"),
        "D-3": ("fly_ash",),
    }
    assert {material_of(row.material) for row in problem.supplies} == set(MATERIALS)


@pytest.mark.parametrize(
    ("lot", "wish", "reason"),
    [
        (Lot(GOOD), Wish("concrete"), None),
        (Lot(BURNT), Wish("concrete", accepts_not_shown=True), (1, "concrete", "loi")),
        (Lot(), Wish("concrete", accepts_not_shown=True), (1, "concrete", "loi")),
        (Lot(), Wish("brick"), (1, "brick", "so3")),
        (Lot(), Wish("brick", accepts_not_shown=True), None),
        (Lot(GOOD), Wish("concrete", (own_limit("loi", "4"),)), (1, "concrete", "loi")),
        (Lot(GOOD), Wish("metal_recovery"), (1, "", "use_standard")),
        (Lot(GOOD), Wish("metal_recovery", accepts_not_shown=True), None),
    ],
)
def test_a_pair_has_a_lane_or_both_hear_the_same_reason(
    lot: Lot, wish: Wish, reason: tuple[int, str, str] | None
) -> None:
    book = [offer("S-1", lot), requirement("D-1", wish)]
    shut_out = refine(book, RULES).shut_out
    assert permitted(frozen(book)) == (set() if reason else {("S-1", "D-1")})
    told = [] if reason is None else [reason]
    assert [reasons(shut_out.get(number, [])) for number in ("S-1", "D-1")] == [told, told]


def test_of_many_with_one_reason_the_nearest_is_told() -> None:
    far, near = (GOOD | {"loi": exactly(Decimal(text))} for text in ("15", "10.5"))
    some = {"so3": GOOD["so3"]}
    lots = Lot(far), Lot(near), Lot(far), Lot(), Lot(some)
    book = [
        *(offer(f"S-{number}", lot) for number, lot in enumerate(lots)),
        requirement("D-1", Wish("concrete")),
    ]
    failing, missing = refine(book, RULES).shut_out["D-1"]
    assert (failing.count, failing.fit.outcome) == (3, Outcome.FAILS)
    assert failing.fit.decisive[0].reading == near["loi"]
    assert (missing.count, len(missing.fit.decisive)) == (2, 1)


def test_a_row_is_named_where_somebody_handles_its_material_in_its_month() -> None:
    problem = frozen(
        [
            offer("S-1", Lot(BURNT)),
            replace(offer("S-1", Lot(BURNT)), month=JANUARY),
            offer("S-2", Lot(), materials=("bottom_ash",)),
            requirement("D-1", Wish("concrete")),
        ]
    )
    assert permitted(problem) == set()
    assert named_in_month(problem) == {("S-1", 0), ("D-1", 0)}
