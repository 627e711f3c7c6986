"""Which counties' official sums anybody may know: what unnamed firms add decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.companies.models import PublicFirm, Site
from app.companies.rules import PublicBasis
from app.core.actor import Actor, ActorKind
from app.core.transactions import database
from app.declarations.balance import MassBalance
from app.settings import LIAOCHENG
from app.statistics import closing, official
from app.statistics.facts import prepare
from app.statistics.official import Choice, Period
from app.statistics.published import publishable_areas
from app.statistics.withholding import WHOLE
from tests.companies.factories import CHIPING, DONGCHANGFU, LINQING
from tests.conftest import TODAY
from tests.statistics.months import CLOSING, NOVEMBER, declared, producer

ASH = Choice(frozenset({"fly_ash"}))
OPERATOR = Actor(kind=ActorKind.OPERATOR)
MONTH = Period.month(NOVEMBER)
LATELY = date(2026, 11, 15)


def maker(
    session: Session, place: tuple[float, float], generated: int = 100_000, old_used: int = 0
) -> Site:
    """The site of one more firm that nobody names; it uses three quarters and stores a tenth.

    `old_used` is what it uses besides, from earlier stock.
    """
    site = producer(session, place)
    stored = generated // 10
    used = generated * 3 // 4
    declared(
        session,
        site,
        generated=generated,
        self_used=used + old_used,
        old_used=old_used,
        stored=stored,
        disposed=generated - used - stored,
        opening=old_used,
        closing=stored,
    )
    return site


def named(session: Session, site: Site, until: date | None = None) -> None:
    """Since lately the firm's figures are public."""
    row = PublicFirm(
        company_id=site.company_id,
        valid_from=LATELY,
        valid_to=until,
        basis=PublicBasis.AGREED,
        source="书面同意",
    )
    session.add(row)
    session.flush()


def known(session: Session) -> frozenset[str]:
    closing.close(session, OPERATOR, NOVEMBER, CLOSING)
    return publishable_areas(session, MONTH, ASH, TODAY) - {WHOLE, LIAOCHENG}


def test_where_every_firm_is_named_every_sum_is_known(any_app: Flask) -> None:
    with database().writing() as session:
        for place in (CHIPING, LINQING):
            named(session, maker(session, place))
        assert len(known(session)) == 8


def test_one_firm_that_is_not_named_hides_its_county_and_the_total(app: Flask) -> None:
    """Whoever takes the named firms off the county's sum has the figure of the one that is not."""
    with database().writing() as session:
        for place in (CHIPING, CHIPING, DONGCHANGFU):
            named(session, maker(session, place))
        maker(session, CHIPING)
        assert known(session) == frozenset()


def test_enough_unnamed_firms_hide_each_other(app: Flask) -> None:
    with database().writing() as session:
        for place in (CHIPING, LINQING):
            for generated in (100_000, 90_000, 80_000, 70_000):
                maker(session, place, generated)
        site = maker(session, DONGCHANGFU)
        named(session, site)
        assert len(known(session)) == 8


SHOWN: tuple[Callable[[MassBalance], int], ...] = (
    lambda balance: balance.generated_kg,
    lambda balance: balance.used_kg,
    lambda balance: balance.usable_kg,
    lambda balance: balance.closing_kg,
)


def told_apart(session: Session, adcode: str) -> list[int]:
    """How many firms of a county are in each published mass, and in each difference of two."""
    firms = official.by_firm(session, MONTH, ASH, adcode).values()
    masses = [[shown(firm.balance) for shown in SHOWN] for firm in firms]
    pairs = [(one, None) for one in range(4)] + list(combinations(range(4), 2))
    return [
        sum(firm[one] != (0 if other is None else firm[other]) for firm in masses)
        for one, other in pairs
    ]


@pytest.mark.parametrize(("drawing", "is_told"), [(0, True), (1, False), (2, False), (4, True)])
def test_no_published_mass_less_another_is_of_one_firm_or_two(
    app: Flask, drawing: int, is_told: bool
) -> None:
    """What is usable less what was generated is what came from earlier stock."""
    with database().writing() as session:
        for place, firms in ((CHIPING, drawing), (LINQING, 4)):
            for number, generated in enumerate((100_000, 90_000, 80_000, 70_000)):
                maker(session, place, generated, 900 + number if number < firms else 0)
        told = known(session)
        assert ("371503" in told) is is_told
        for adcode in told:
            assert not {1, 2} & set(told_apart(session, adcode))


def test_a_firm_that_has_taken_its_name_back_is_protected_in_every_month(app: Flask) -> None:
    """It was public when the month was declared; what is shown now is asked of today."""
    with database().writing() as session:
        named(session, maker(session, CHIPING), until=TODAY)
        assert len(known(session)) == 8
        after = publishable_areas(session, MONTH, ASH, TODAY + timedelta(days=1))
        assert after == frozenset()


def test_an_open_month_tells_nothing_nor_does_a_period_that_holds_one(any_app: Flask) -> None:
    """Two readings of it, before and after one declaration, would tell what that firm declared."""
    october = date(2026, 10, 1)
    with database().writing() as session:
        for _firm in range(4):
            declared(session, maker(session, CHIPING), october, generated=5_000, dumped=5_000)
        closing.close(session, OPERATOR, october, CLOSING)
        prepare(session, NOVEMBER, CLOSING)
        told = [
            publishable_areas(session, period, ASH, TODAY)
            for period in (Period.month(october), MONTH, Period(october, NOVEMBER))
        ]
        assert "371503" in told[0]
        assert told[1:] == [frozenset(), frozenset()]
        assert "371503" in known(session)


def test_a_firm_named_lately_is_no_secret_in_the_months_before(app: Flask) -> None:
    with database().writing() as session:
        site = maker(session, CHIPING)
        declared(session, site, date(2026, 10, 1), generated=5_000, dumped=5_000)
        closing.close(session, OPERATOR, date(2026, 10, 1), CLOSING)
        named(session, site)
        known(session)
        october = Period.month(date(2026, 10, 1))
        assert len(publishable_areas(session, october, ASH, TODAY) - {WHOLE, LIAOCHENG}) == 8
