"""The official figures level by level: every level sums to the one above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import reduce
from operator import add
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Company, Site
from app.core.transactions import database
from app.declarations.balance import MASSES, MassBalance
from app.statistics import leaves, official
from app.statistics.facts import gather, prepare, write
from app.statistics.indicators import Share, Sums, rate
from app.statistics.leaves import UseSheet
from app.statistics.models import MonthlyFact
from app.statistics.official import Basis, Choice, Period
from tests.board.factories import statements_of
from tests.companies.factories import CHIPING, DONGCHANGFU, LINQING, site_of
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, loads_of, producer

PLACES = (CHIPING, DONGCHANGFU, LINQING)
ALL = Choice(frozenset({"fly_ash", "fgd_gypsum", "red_mud"}))
MONTHS = (date(2026, 8, 1), date(2026, 9, 1), OCTOBER, NOVEMBER)
LATE = Period.month(NOVEMBER)
YEAR = Period.year(2026, NOVEMBER)


def town(session: Session) -> None:
    """Six firms in three counties, two with a second site; declared August to November, trucks."""
    random = Random(1)
    sites = [producer(session, PLACES[number % 3]) for number in range(6)]
    sites += [site_of(session, site.company, *random.choice(PLACES)) for site in sites[:2]]
    for site in sites:
        for material in ALL.materials:
            _year(session, site, material, random)
    for site in sites[:4]:
        nets = [random.randrange(20_000, 32_000, 20) for _ in range(random.randint(1, 3))]
        loads_of(session, site, *nets)
    for month in MONTHS:
        prepare(session, month, CLOSING)


def _year(session: Session, site: Site, material: str, random: Random) -> None:
    """Declarations that follow each other up to November; what is used may come from the stock."""
    stock = random.randrange(10_000)
    for month in MONTHS[random.randrange(3) :]:
        generated, drawn = random.randrange(1, 900_000), random.randrange(stock + 1)
        used = random.randrange(generated)
        closing = stock + generated - used - drawn
        declared(
            session,
            site,
            month,
            material,
            generated=generated,
            entrusted_used=used + drawn,
            old_used=drawn,
            stored=generated - used,
            opening=stock,
            closing=closing,
        )
        stock = closing


def whole(session: Session, period: Period, chosen: Choice = ALL) -> Sums:
    return total(official.by_county(session, period, chosen).values())


def total(parts: Iterable[Sums]) -> Sums:
    return reduce(add, parts, Sums())


@pytest.mark.parametrize("period", [LATE, YEAR, Period(OCTOBER, NOVEMBER)])
def test_every_level_sums_to_the_one_above_to_the_kilogram(any_app: Flask, period: Period) -> None:
    with database().writing() as session:
        town(session)
        counties = official.by_county(session, period, ALL)
        assert total(counties.values()) == total(
            official.by_material(session, period, ALL).values()
        )
        for adcode, county in counties.items():
            firms = official.by_firm(session, period, ALL, adcode)
            parks = official.by_park(session, period, ALL, adcode)
            materials = official.by_material(session, period, ALL, {adcode})
            for parts in (firms, parks, materials):
                assert total(parts.values()) == county
            for company_id, firm in firms.items():
                wastes = official.by_waste(session, period, ALL, company_id, adcode)
                assert total(wastes.values()) == firm
                for (site_id, material), sums in wastes.items():
                    _check_leaves(session, period, site_id, material, sums)


def _check_leaves(
    session: Session, period: Period, site_id: int, material: str, sums: Sums
) -> None:
    """What was used is own use, contracts and what no ticket shows; a contract is its trucks."""
    lines = leaves.contracts(session, period, site_id, material)
    assert UseSheet(sums, lines).total_kg == sums.used_kg
    assert sum(line.received_kg for line in lines) == sums.ticketed_kg
    for line in lines:
        trucks = leaves.trucks(session, period, line.number)
        assert len(trucks) == line.tickets
        assert sum(truck.received_kg for truck in trucks) == line.received_kg


def test_a_year_closes_and_is_not_the_sum_of_its_months(app: Flask) -> None:
    """What was stored in the year and used in it counts once: as used."""
    with database().writing() as session:
        town(session)
        year = whole(session, YEAR).balance
        months = total(whole(session, Period.month(month)) for month in MONTHS).balance
    assert (year.flow_gap_kg, year.stock_gap_kg) == (0, 0)
    assert (year.generated_kg, year.used_kg) == (months.generated_kg, months.used_kg)
    assert year.old_used_kg < months.old_used_kg
    assert year.closing_kg < months.closing_kg


def test_a_period_of_one_month_is_the_sum_of_its_rows(app: Flask) -> None:
    with database().writing() as session:
        town(session)
        rows = session.scalars(select(MonthlyFact).where(MonthlyFact.month == NOVEMBER)).all()
        balances = [MassBalance(**{name: getattr(row, name) for name in MASSES}) for row in rows]
        assert whole(session, LATE).balance == reduce(add, balances)


def test_red_mud_is_summed_only_on_demand(app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        declared(session, site, generated=100, self_used=90, dumped=10)
        declared(session, site, material="red_mud", generated=900, dumped=900)
        prepare(session, NOVEMBER, CLOSING)
        rates = {
            name: rate(whole(session, LATE, official.choice(session, LATE, material, everything)))
            for name, (material, everything) in {
                "target": (None, False),
                "all": (None, True),
                "mud": ("red_mud", False),
            }.items()
        }
    assert rates == {"target": Share(90, 100), "all": Share(90, 1_000), "mud": Share(0, 900)}


def test_where_it_was_used_is_another_question_than_whose_it_was(app: Flask) -> None:
    with database().writing() as session:
        maker, taker = producer(session, CHIPING), producer(session, LINQING)
        loads_of(session, maker, 30_000, taker=taker)
        declared(session, maker, generated=80_000, self_used=50_000, entrusted_used=30_000)
        prepare(session, NOVEMBER, CLOSING)
        by_producer = official.by_county(session, LATE, ALL)
        here = official.consumed_here(session, LATE, ALL)
        assert {adcode: sums.used_kg for adcode, sums in by_producer.items()} == {
            maker.adcode: 80_000
        }
        assert here == {maker.adcode: 50_000, taker.adcode: 30_000}


def test_use_without_a_ticket_is_a_line_of_its_own(app: Flask) -> None:
    with database().writing() as session:
        maker = producer(session)
        trade = loads_of(session, maker, 30_000)
        declared(session, maker, generated=90_000, self_used=40_000, entrusted_used=50_000)
        prepare(session, NOVEMBER, CLOSING)
        sums = whole(session, LATE)
        sheet = UseSheet(sums, leaves.contracts(session, LATE, maker.id, "fly_ash"))
        number, taker = trade.number, session.get_one(Company, trade.consumer_company_id).name
    (line,) = sheet.contracts
    assert (line.number, line.taker, line.received_kg) == (number, taker, 30_000)
    assert (sheet.self_used_kg, sheet.without_ticket_kg, sheet.total_kg) == (40_000, 20_000, 90_000)


def test_undeclared_wastes_are_counted_as_missing_and_not_as_nothing(app: Flask) -> None:
    with database().writing() as session:
        loads_of(session, producer(session), 30_000)
        prepare(session, NOVEMBER, CLOSING)
        sums = whole(session, LATE)
    assert (sums.declared, sums.missing, sums.ticketed_kg) == (0, 1, 30_000)
    assert sums.balance == MassBalance()
    assert rate(sums).exact is None


def test_the_basis_says_up_to_when_and_whether_the_month_is_closed(app: Flask) -> None:
    with database().writing() as session:
        assert official.basis(session, LATE) == Basis(None, 0)
        write(session, gather(session, NOVEMBER, CLOSING), version=2)
        assert official.basis(session, YEAR) == Basis(CLOSING, 2)


@pytest.mark.parametrize("period", [LATE, YEAR])
def test_no_level_asks_more_the_more_there_is(app: Flask, period: Period) -> None:
    with database().writing() as session:
        town(session)
        site = session.scalars(select(Site)).first()
        assert site is not None
        company_id, adcode, site_id = site.company_id, site.adcode, site.id
    asked: tuple[Callable[[Session], object], ...] = (
        lambda session: official.by_county(session, period, ALL),
        lambda session: official.by_firm(session, period, ALL, adcode),
        lambda session: official.by_waste(session, period, ALL, company_id, adcode),
        lambda session: leaves.contracts(session, period, site_id, "fly_ash"),
    )
    assert [statements_of(question) for question in asked] == [1, 1, 1, 1]


def test_the_period_before_is_as_long(app: Flask) -> None:
    assert LATE.before() == Period.month(OCTOBER)
    assert Period(OCTOBER, NOVEMBER).before() == Period(date(2026, 8, 1), date(2026, 9, 1))
