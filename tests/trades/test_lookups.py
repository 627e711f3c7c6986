from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.audit import AuditEvent
from app.core.errors import Forbidden, NotFound, Refused
from app.notifications.models import Notification
from app.notifications.rules import Kind
from app.trades import lookups
from app.trades.readers import LOOKED_UP
from tests.accounts.factories import actor_of, regulator, user_of
from tests.conftest import NOW
from tests.trades.factories import producer_of, proposed_trade

REASON = "核对 12 月粉煤灰去向"


def test_a_look_up_is_on_record_for_both_firms_and_both_are_told(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    people = [user_of(any_session, firm) for firm in (trade.producer, trade.consumer)]
    county = actor_of(regulator(any_session, "371503"))
    lookups.look_up(any_session, county, trade.number, REASON, NOW)
    for firm in (trade.producer, trade.consumer):
        (row,) = lookups.lookups_of(any_session, firm.id)
        assert (row.at, row.office, row.trade, row.reason) == (NOW, "茌平区", trade.number, REASON)
    told = any_session.scalars(select(Notification).where(Notification.kind == Kind.DATA_LOOKED_UP))
    assert {one.user_id for one in told} == {person.id for person in people}


@pytest.mark.parametrize("reason", ["", "   ", "看看"])
def test_a_look_up_without_a_reason_opens_nothing(session: Session, reason: str) -> None:
    trade, county = proposed_trade(session), actor_of(regulator(session, "371503"))
    with pytest.raises(Refused):
        lookups.look_up(session, county, trade.number, reason, NOW)
    assert not session.scalars(select(AuditEvent).where(AuditEvent.verb == LOOKED_UP)).all()


def test_nobody_looks_beyond_the_own_region_and_no_firm_at_all(session: Session) -> None:
    trade, far = proposed_trade(session), actor_of(regulator(session, "371581"))
    with pytest.raises(NotFound):
        lookups.look_up(session, far, trade.number, REASON, NOW)
    for actor in (producer_of(trade), Actor(kind=ActorKind.OPERATOR, user_id=9)):
        with pytest.raises(Forbidden):
            lookups.look_up(session, actor, trade.number, REASON, NOW)


def test_an_office_of_the_city_has_no_county(session: Session) -> None:
    trade = proposed_trade(session)
    lookups.look_up(session, actor_of(regulator(session)), trade.number, REASON, NOW)
    assert lookups.lookups_of(session, trade.producer_company_id)[0].office == ""
