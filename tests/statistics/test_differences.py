"""What follows from two published figures: a year against its months, a version against another.

The attackers take what is told of areas, subtract, and look whose kilograms are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations
from random import Random

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.actor import Actor, ActorKind
from app.core.clock import add_months
from app.core.transactions import database
from app.settings import LIAOCHENG
from app.statistics import closing, official
from app.statistics.disclosure import Contribution, Sum
from app.statistics.official import Choice, Period
from app.statistics.published import publishable_areas
from app.statistics.withholding import WHOLE
from tests.companies.factories import CHIPING, DONGCHANGFU, LINQING
from tests.conftest import TODAY
from tests.statistics.attacks import Market, exposed_groups
from tests.statistics.months import CLOSING, declared, producer
from tests.statistics.test_published import named

ASH = Choice(frozenset({"fly_ash"}))
OPERATOR = Actor(kind=ActorKind.OPERATOR)
JANUARY = date(2026, 1, 1)
MONTHS = [add_months(JANUARY, month) for month in range(5)]
CHIPING_CODE = "371503"
PLACES = (CHIPING, DONGCHANGFU, LINQING)
COUNTIES = (CHIPING_CODE, "371502", "371581")
SEEDS = 8
YEAR = Period(JANUARY, MONTHS[-1])


def kept_stock(session: Session, site: Site, drawn: Sequence[int], opening: int = 0) -> None:
    """A firm declares from January on; each month it stores a tenth and draws as much from stock as
    is asked, if it is there.
    """
    stock = opening
    for month, wanted in zip(MONTHS, drawn, strict=False):
        old = min(wanted, stock)
        declared(
            session,
            site,
            month,
            generated=100_000,
            self_used=90_000 + old,
            old_used=old,
            stored=10_000,
            opening=stock,
            closing=stock + 10_000 - old,
        )
        stock += 10_000 - old


def publish(session: Session) -> None:
    for month in MONTHS:
        closing.close(session, OPERATOR, month, CLOSING)


def random_town(session: Session, seed: int) -> None:
    """Five firms in each of three counties, which draw on stock; of some it is that of the year."""
    random = Random(seed)
    for place in PLACES:
        old_stock = random.choice((0, 0, 0.3, 0.8))
        for _firm in range(5):
            draws = [random.randint(7_000, 9_000) for _ in MONTHS]
            opening = random.randint(20_000, 60_000) if random.random() < old_stock else 0
            kept_stock(session, producer(session, place), [0, *draws], opening)
    publish(session)


def measured(
    session: Session, measure: Callable[[Session, Period, str], dict[int, int]], months: int
) -> dict[tuple[str, int], int]:
    """A measure of a year up to a month, by county and firm."""
    return {
        (adcode, firm): kg
        for adcode in COUNTIES
        for firm, kg in measure(session, Period(JANUARY, MONTHS[months - 1]), adcode).items()
    }


def drawn_again(session: Session, period: Period, adcode: str) -> dict[int, int]:
    """U0 of the months of a period less U0 of the period."""
    year = official.by_firm(session, period, ASH, adcode)
    found = {firm: -sums.balance.old_used_kg for firm, sums in year.items()}
    for month in MONTHS[: period.months]:
        for firm, sums in official.by_firm(session, Period.month(month), ASH, adcode).items():
            found[firm] += sums.balance.old_used_kg
    return found


def old_of_year(session: Session, period: Period, adcode: str) -> dict[int, int]:
    """U0 of a period."""
    year = official.by_firm(session, period, ASH, adcode)
    return {firm: sums.balance.old_used_kg for firm, sums in year.items()}


def told_of_years(session: Session) -> list[frozenset[str]]:
    """The areas told of January, of January and February, and so on."""
    return [
        publishable_areas(session, Period(JANUARY, month), ASH, TODAY) - {LIAOCHENG}
        for month in MONTHS
    ]


def steps(
    session: Session, measure: Callable[[Session, Period, str], dict[int, int]]
) -> Iterator[Contribution]:
    """What each month adds to a measure of the year so far, by county, month and firm."""
    before: dict[tuple[str, int], int] = {}
    for place in range(len(MONTHS)):
        so_far = measured(session, measure, place + 1)
        for (adcode, firm), kg in so_far.items():
            step = kg - before.get((adcode, firm), 0)
            yield Contribution((adcode, place), ("firm", firm), abs(step))
        before = so_far


def known_sums(told: Sequence[frozenset[str]]) -> list[Sum]:
    """Every told area of every year so far, in counties and months."""
    return [
        frozenset((adcode, earlier) for adcode in inside for earlier in range(place + 1))
        for place, areas in enumerate(told)
        for inside in (COUNTIES if area == WHOLE else (area,) for area in areas)
    ]


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("measure", [drawn_again, old_of_year])
def test_nobody_learns_of_one_firm_from_years_and_months(
    app: Flask, seed: int, measure: Callable[[Session, Period, str], dict[int, int]]
) -> None:
    with database().writing() as session:
        random_town(session, seed)
        shown = known_sums(told_of_years(session))
        attacked = Market(list(steps(session, measure)), shown)
        assert not list(exposed_groups(attacked, shown))


def test_the_years_that_are_attacked_are_told_of_some_counties_and_not_of_others(
    app: Flask,
) -> None:
    found = set()
    for seed in range(SEEDS):
        with database().writing() as session:
            random_town(session, seed)
            told = told_of_years(session)
            again = measured(session, drawn_again, len(MONTHS))
            for adcode in COUNTIES:
                draws = any(kg for (county, _firm), kg in again.items() if county == adcode)
                found.add((draws, adcode in told[0], adcode in told[-1]))
            session.rollback()
    assert {(True, True, True), (True, True, False)} <= found


@pytest.mark.parametrize(("drawing", "is_told"), [(0, True), (1, False), (2, False), (5, True)])
def test_of_a_year_is_told_what_few_firms_drawing_on_stock_again_do_not_show_through(
    any_app: Flask, drawing: int, is_told: bool
) -> None:
    """Each month is told: five firms draw on stock, all of which lay there when the month began.

    For the year only what lay there in January is old, and some had more of it.
    """
    with database().writing() as session:
        for firm in range(5):
            opening = 0 if firm < drawing else 90_000
            kept_stock(session, producer(session), [0, *[8_000 + 100 * firm] * 4], opening)
        publish(session)
        told = [publishable_areas(session, Period.month(month), ASH, TODAY) for month in MONTHS]
        assert all(CHIPING_CODE in areas for areas in told)
        assert (CHIPING_CODE in publishable_areas(session, YEAR, ASH, TODAY)) is is_told


def test_a_year_ends_with_the_stock_of_its_last_month_whoever_is_missing(any_app: Flask) -> None:
    """Else the stock of a firm that stopped declaring were the difference of the two."""
    with database().writing() as session:
        for firm in range(5):
            kept_stock(session, producer(session), [0] * (3 if firm == 0 else 5))
        publish(session)
        year, month = (
            official.by_county(session, period, ASH)[CHIPING_CODE].balance
            for period in (YEAR, Period.month(MONTHS[-1]))
        )
        assert year.closing_kg == month.closing_kg == 4 * 50_000


def five_makers(session: Session, place: tuple[float, float] = CHIPING) -> list[Site]:
    """They have declared January."""
    sites = [producer(session, place) for _firm in range(5)]
    for site in sites:
        kept_stock(session, site, [0])
    return sites


def correct(session: Session, site: Site, version: int, kg: int) -> None:
    """The firm declares January again: it used so much more."""
    used = 90_000 + kg
    declared(
        session,
        site,
        JANUARY,
        version=version,
        at=CLOSING + timedelta(days=version),
        generated=used + 10_000,
        self_used=used,
        stored=10_000,
        closing=10_000,
    )


def state_again(session: Session, version: int) -> frozenset[str]:
    """What is told of January once it was stated again."""
    closing.restate(session, OPERATOR, JANUARY, "企业更正", CLOSING + timedelta(days=version + 1))
    return told_of_january(session)


def told_of_january(session: Session) -> frozenset[str]:
    return publishable_areas(session, Period.month(JANUARY), ASH, TODAY)


@pytest.mark.parametrize(("correcting", "is_told"), [(1, False), (2, False), (4, True)])
def test_a_month_stated_again_tells_nothing_of_the_few_who_corrected_it(
    any_app: Flask, correcting: int, is_told: bool
) -> None:
    with database().writing() as session:
        sites = five_makers(session)
        closing.close(session, OPERATOR, JANUARY, CLOSING)
        assert CHIPING_CODE in told_of_january(session)
        for site in sites[:correcting]:
            correct(session, site, 2, 5_000 + site.id)
        assert (CHIPING_CODE in state_again(session, 2)) is is_told


def test_who_declares_late_is_not_what_a_month_has_grown_by(any_app: Flask) -> None:
    with database().writing() as session:
        five_makers(session)
        closing.close(session, OPERATOR, JANUARY, CLOSING)
        correct(session, producer(session), 1, 0)
        assert told_of_january(session) != frozenset() == state_again(session, 2)


def test_two_corrections_one_by_one_are_not_told_apart_by_the_first_and_the_last(
    any_app: Flask,
) -> None:
    """Four correct, then three of them take it back: the fourth is the whole difference."""
    with database().writing() as session:
        sites = five_makers(session)
        closing.close(session, OPERATOR, JANUARY, CLOSING)
        for site in sites[:4]:
            correct(session, site, 2, 5_000 + site.id)
        assert CHIPING_CODE in state_again(session, 2)
        for site in sites[:3]:
            correct(session, site, 3, 0)
        assert CHIPING_CODE not in state_again(session, 3)


def test_a_firm_that_publishes_under_its_name_may_correct_alone(any_app: Flask) -> None:
    with database().writing() as session:
        sites = five_makers(session)
        named(session, sites[0])
        closing.close(session, OPERATOR, JANUARY, CLOSING)
        correct(session, sites[0], 2, 5_000)
        assert CHIPING_CODE in state_again(session, 2)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nobody_learns_of_one_firm_from_two_versions(app: Flask, seed: int) -> None:
    random = Random(seed)
    with database().writing() as session:
        sites = [site for place in PLACES for site in five_makers(session, place)]
        closing.close(session, OPERATOR, JANUARY, CLOSING)
        readings = [reading(session)]
        for version in (2, 3):
            for site in random.sample(sites, random.choice((1, 4, 12))):
                correct(session, site, version, random.randint(4_000, 6_000))
            state_again(session, version)
            readings.append(reading(session))
    for (told, before), (still_told, now) in combinations(readings, 2):
        changes = [
            Contribution((adcode, 0), ("firm", firm), abs(now[adcode, firm] - kg))
            for (adcode, firm), kg in before.items()
        ]
        shown = known_sums([told & still_told])
        assert not list(exposed_groups(Market(changes, shown), shown))


def reading(session: Session) -> tuple[frozenset[str], dict[tuple[str, int], int]]:
    """The areas that are told of January now, and what every firm has used."""
    january = Period.month(JANUARY)
    used = {
        (adcode, firm): sums.used_kg
        for adcode in COUNTIES
        for firm, sums in official.by_firm(session, january, ASH, adcode).items()
    }
    return told_of_january(session) - {LIAOCHENG}, used
