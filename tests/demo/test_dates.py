"""On any day and at any hour the story is the same living market, at the turn of a year as well."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.bidding.queries import rounds
from app.bidding.rules import RoundState
from app.companies.models import Site
from app.core.audit import AuditEvent
from app.core.clock import CHINA, china_day
from app.core.transactions import database
from app.demo.operations import manager_of
from app.ledger.queries import check
from app.shipments.gate_book import gate_day
from app.shipments.models import Shipment
from app.shipments.rules import ShipmentStatus
from app.trades.models import Trade
from app.trades.rules import STANDING, TradeSource, TradeStatus
from tests.demo.conftest import told_at
from tests.demo.pasts import assert_its_past_is_whole

DAYS = (
    date(2026, 2, 28),
    date(2026, 11, 30),
    date(2026, 12, 31),
    date(2027, 1, 1),
)
HOURS = (time(0, 5), time(23, 55))
BETWEEN_TWO_WEEKLY_ROUNDS = datetime(2026, 11, 26, 14, 59, tzinfo=CHINA)
INSTANTS = [datetime.combine(day, hour, CHINA) for day in DAYS for hour in HOURS]
GATES = ("示例电厂 01 一厂", "示例水泥 01 厂区")


@pytest.mark.parametrize("now", [*INSTANTS, BETWEEN_TWO_WEEKLY_ROUNDS], ids=str)
def test_the_market_lives(app: Flask, now: datetime) -> None:
    told_at(now)
    with database().reading() as session:
        assert check(session) == []
        done = select(AuditEvent.at).where(AuditEvent.verb.not_like("catalogue.%"))
        assert max(session.scalars(done)) <= now
        standing = set(session.scalars(select(Trade.status))) & set(STANDING)
        assert standing == set(STANDING)
        assert RoundState.OPEN in [row.state for row in rounds(session, now)]
        told = (Trade.status == TradeStatus.COMPLETED, Trade.source != TradeSource.ELSEWHERE)
        assert session.scalar(select(func.count(Trade.id)).where(*told)) == 2
        assert_its_past_is_whole(session, now)
        on_the_road = select(Shipment).where(Shipment.status == ShipmentStatus.IN_TRANSIT)
        assert len(session.scalars(on_the_road).all()) == 1
        for name in GATES:
            site = session.scalars(select(Site).where(Site.name == name)).one()
            day = gate_day(session, manager_of(site.company), site.id, china_day(now), now)
            assert day.unbooked or any(slot.rows for slot in day.slots)
