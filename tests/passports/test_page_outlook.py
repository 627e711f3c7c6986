"""Where a lot may go: what every use says, what buyers say, what to find out next."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.assays.operations import AssayRefused
from app.catalogue import quality
from app.eligibility.queries import Chapter, rulebook
from app.eligibility.ranges import exactly
from app.eligibility.rules import Lot, Outcome
from app.passports.outlook import Answer, use_outlooks
from app.passports.queries import Passport
from tests.assays.factories import recorded
from tests.conftest import TODAY
from tests.listings.factories import published_offer, published_requirement
from tests.passports.lots import buyers, good_offer, seen, unfit_offer

FACTS = {"boiler_type": "pulverised", "desulfurisation": "wet", "ore": "ordinary"}
KINDS = ("fly_ash", "ggbs", "bf_slag", "steel_slag", "steel_slag_powder", "fgd_gypsum", "red_mud")
TEXTS = st.dictionaries(
    st.sampled_from(["loi", "so3", "sio2", "f_cao", "moisture", "activity_28d"]),
    st.sampled_from(["0.3", "1.0", "4.9", "12", "47", "76", "<0.5", "未检出"]),
    min_size=1,
)


def answers(found: Passport) -> dict[str, Answer]:
    return {buyer.listing.number: buyer.answer for buyer in found.market.buyers}


def better_way(chapters: list[Chapter], name: str) -> int:
    """-1 where every limit on a parameter is an upper one, 1 where all are lower; 0 otherwise."""
    bounds = {
        (limit.allowed.low is not None, limit.allowed.high is not None)
        for chapter in chapters
        for limit in chapter.limits
        if limit.subject == name and limit.allowed is not None
    }
    return {frozenset({(False, True)}): -1, frozenset({(True, False)}): 1}.get(frozenset(bounds), 0)


def fit_for(chapters: list[Chapter], amounts: dict[str, Decimal]) -> set[tuple[str, str]]:
    """The uses a lot is fit for, and every grade that is as good or worse."""
    lot = Lot({name: exactly(amount) for name, amount in amounts.items()}, FACTS)
    return {
        (outlook.use.code, rung.grade)
        for outlook in use_outlooks(chapters, lot)
        for rung in outlook.verdict.ladder
        if rung.outcome is Outcome.QUALIFIES
    }


def ends_of(chapters: list[Chapter], name: str) -> list[Decimal]:
    """Where the limits on a parameter end."""
    limits = [limit for chapter in chapters for limit in chapter.limits if limit.subject == name]
    ranges = [limit.allowed for limit in limits if limit.allowed is not None]
    return sorted(end for each in ranges for end in (each.low, each.high) if end is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_tighter_value_never_loses_a_use_unless_its_limit_has_two_sides(
    session: Session, kind: str
) -> None:
    chapters = rulebook(session, kind, TODAY)
    subjects = {limit.subject for chapter in chapters for limit in chapter.limits if limit.allowed}
    ways = {name: better_way(chapters, name) for name in sorted(subjects)}
    ends = {name: ends_of(chapters, name)[::way] for name, way in ways.items() if way}
    best = {name: found[-1] for name, found in ends.items()}
    near = st.sampled_from(sorted(ends)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(ends[name]), st.integers(-2, 2))
    )

    @settings(max_examples=80, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.lists(near, max_size=4), st.sampled_from(sorted(ends)), st.integers(1, 400))
    def holds(values: list[tuple[str, Decimal, int]], name: str, tenths: int) -> None:
        before = best | {each: end + Decimal(step) / 10 for each, end, step in values}
        after = before | {name: before[name] + ways[name] * Decimal(tenths) / 10}
        assert fit_for(chapters, before) <= fit_for(chapters, after)

    holds()


def test_an_assay_of_one_offer_changes_the_passport_of_no_other(session: Session) -> None:
    lots = [good_offer(session), unfit_offer(session), published_offer(session)]
    buyers(session)
    another = published_offer(session)
    before = [seen(session, offer) for offer in lots]

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
    @given(TEXTS)
    def holds(values: dict[str, str]) -> None:
        try:
            recorded(session, another.company_id, another.number, values=values)
        except AssayRefused:  # drawn shares may add up to more than there is
            reject()
        assert [seen(session, offer) for offer in lots] == before

    holds()


def test_every_use_of_every_kind_has_a_verdict(session: Session) -> None:
    for row in quality.kinds(session):
        chapters = rulebook(session, row.code, TODAY)
        found = use_outlooks(chapters, Lot())
        assert {each.use.code for each in found} == {each.use.code for each in chapters}
        assert Outcome.QUALIFIES not in {each.verdict.outcome for each in found}


def test_buyers_take_it_would_or_cannot(session: Session) -> None:
    wanted, offer = buyers(session), good_offer(session)
    said = answers(seen(session, offer))
    assert {name: said[number] for name, number in wanted.items()} == {
        "concrete": Answer.TAKES,
        "cement": Answer.TAKES,
        "any brick": Answer.TAKES,
        "road": Answer.WOULD,
        "brick": Answer.CANNOT,
        "strict": Answer.CANNOT,
    }


def test_the_largest_of_those_that_take_it_stands_first(session: Session) -> None:
    wanted, offer = buyers(session), good_offer(session)
    found = seen(session, offer).market
    assert [buyer.listing.number for buyer in found.buyers[:3]] == [
        wanted[name] for name in ("cement", "concrete", "any brick")
    ]
    assert found.kg(Answer.TAKES) == 11_900_000


def test_a_buyer_of_other_months_or_of_another_material_is_none(session: Session) -> None:
    offer = good_offer(session)
    published_requirement(session, materials=("fgd_gypsum",))
    published_requirement(
        session,
        first_month=offer.last_month.replace(month=5),
        last_month=offer.last_month.replace(month=6),
    )
    assert seen(session, offer).market.buyers == ()


def test_next_comes_what_opens_most_tonnes_for_each_test(session: Session) -> None:
    buyers(session)
    step = seen(session, good_offer(session)).next_step
    assert step is not None
    assert {each.limit.subject for each in step.missing} == {"ssa", "pass_0075"}
    assert [use.code for use in step.uses] == ["road_base"]
    assert (step.buyers, step.kg) == (1, 4_000_000)


def test_what_keeps_most_verdicts_open_is_asked_for_first(session: Session) -> None:
    buyers(session)
    tests = seen(session, published_offer(session)).tests
    weights = [test.weight for test in tests]
    assert weights == sorted(weights, reverse=True)
    boiler = next(test for test in tests if test.subject == "boiler_type")
    assert boiler.is_fact
    assert {use.code for use in boiler.uses} == {"concrete", "cement"}


def test_a_fit_lot_is_told_what_a_better_grade_would_take(session: Session) -> None:
    offer = published_offer(session, material="fgd_gypsum")
    found = seen(session, offer)
    graded = next(each for each in found.uses if len(each.verdict.ladder) > 1)
    assert graded.missing
    tested = seen(session, good_offer(session))
    concrete = next(each for each in tested.uses if each.use.code == "concrete")
    assert (concrete.verdict.grade, concrete.missing) == ("II", ())


def test_nothing_is_left_to_test_where_every_limit_is_broken_or_unknown(session: Session) -> None:
    found = seen(session, unfit_offer(session))
    assert (found.tests, found.next_step) == ([], None)
    assert found.culprits[0] == "loi"
    assert [each.verdict.outcome for each in found.uses] == (
        [Outcome.NOT_SHOWN] * len(found.without_limits) + [Outcome.FAILS] * 5
    )


def test_a_lot_without_a_kind_waits_for_it_and_only_tolerant_buyers_take_it(
    session: Session,
) -> None:
    offer = published_offer(session, material="smelting_slag")
    strict = published_requirement(session, materials=("smelting_slag",), accepts_not_shown=False)
    tolerant = published_requirement(session, materials=("smelting_slag",))
    found = seen(session, offer)
    assert (found.kind, found.uses) == (None, [])
    assert {row.code for row in found.kinds} >= {"bf_slag", "steel_slag", "ggbs"}
    assert answers(found) == {strict.number: Answer.WOULD, tolerant.number: Answer.TAKES}
