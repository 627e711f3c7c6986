"""A small town with declarations, trucks and a closed month, as its officials open it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.actor import Actor, ActorKind
from app.statistics import closing
from app.statistics.facts import prepare
from app.trades.models import Trade
from tests.companies.factories import CHIPING, DONGCHANGFU, LINQING, site_of
from tests.shipments.factories import received
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, loads_of, producer

OPERATOR = Actor(kind=ActorKind.OPERATOR)


@dataclass(frozen=True, slots=True)
class Town:
    """The worst firm of the worst county, its site, its trade, and one of its trucks."""

    adcode: str
    company_id: int
    site_id: int
    trade: str
    taker_id: int
    other_site_id: int


def town(session: Session) -> Town:
    """Three firms in two counties; Chiping's is the worst. November is closed, October is not."""
    maker, other, third = producer(session), producer(session, LINQING), producer(session)
    second = site_of(session, maker.company, *CHIPING)
    taker = producer(session, DONGCHANGFU)
    trade = loads_of(session, maker, 31_460, 29_980, taker=taker)
    loads_of(session, other, 30_000, taker=taker)
    for month in (OCTOBER, NOVEMBER):
        declared(session, other, month, generated=100_001, self_used=60_001, entrusted_used=40_000)
        declared(session, third, month, generated=70_003, self_used=70_003)
        declared(
            session,
            second,
            month,
            material="red_mud",
            generated=500_000,
            stored=500_000,
            closing=500_000,
        )
        declared(session, second, month, material="fgd_gypsum", generated=9_007, dumped=9_007)
    declared(session, maker, OCTOBER, generated=50_000, self_used=50_000)
    declared(
        session,
        maker,
        NOVEMBER,
        generated=300_000,
        self_used=20_003,
        entrusted_used=70_000,
        stored=209_997,
        closing=209_997,
    )
    prepare(session, OCTOBER, CLOSING)
    closing.close(session, OPERATOR, NOVEMBER, CLOSING)
    return Town(maker.adcode, maker.company_id, maker.id, trade.number, taker.company_id, other.id)


def more(session: Session, place: Town) -> None:
    """Another firm in the county, another waste of the first, and more trucks of its trade."""
    declared(session, producer(session), generated=11_000, self_used=11_000)
    site = session.get_one(Site, place.site_id)
    declared(session, site, material="fgd_gypsum", generated=12_000, self_used=12_000)
    trade = session.scalars(select(Trade).where(Trade.number == place.trade)).one()
    received(session, trade, 30_000)
    loads_of(session, site, 30_000)
    prepare(session, NOVEMBER, CLOSING, version=1)
