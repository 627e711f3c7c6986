from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.ledger.models import Entry
from app.shipments import discrepancies, notes, queries
from app.shipments.rules import DiscrepancyStatus, End, Next, ShipmentStatus
from app.trades.rules import Party, TradeStatus
from tests.companies.factories import approved_company
from tests.listings.factories import published_offer, published_requirement, trader
from tests.shipments.factories import LATEST, NET, carrier, received, rejected, vehicle, weigh
from tests.trades.factories import consumer_of, contracted_trade, producer_of

SHORT = NET - 2_000
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)
OVER = LATEST + timedelta(days=3, seconds=1)


def entries(session: Session) -> int:
    return len(session.scalars(select(Entry.id)).all())


def test_what_one_side_proposes_the_other_agrees_to(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=NET)
    shipment = received(any_session, trade, arrived=SHORT)
    before, number = entries(any_session), shipment.number
    discrepancies.propose(any_session, consumer_of(trade), number, SHORT, "磅单在此", LATEST)
    case = discrepancies.propose(
        any_session, producer_of(trade), number, SHORT + 1_000, "各让一半", LATEST
    )
    assert (case.proposed_kg, case.proposed_by) == (SHORT + 1_000, Party.PRODUCER)
    assert shipment.next is Next.SETTLEMENT
    for _ in range(2):
        case = discrepancies.agree(any_session, consumer_of(trade), number, SHORT + 1_000, LATEST)
    assert (case.status, case.settled_kg) == (DiscrepancyStatus.SETTLED, SHORT + 1_000)
    assert (shipment.paid_kg, shipment.received_kg) == (SHORT + 1_000, SHORT)
    assert trade.status is TradeStatus.COMPLETED
    assert entries(any_session) == before
    notes.close(any_session, producer_of(trade), number, LATEST)
    assert shipment.status is ShipmentStatus.CLOSED


def test_nobody_agrees_with_itself_or_to_a_weight_that_changed(session: Session) -> None:
    trade = contracted_trade(session)
    number = received(session, trade, arrived=SHORT).number
    with pytest.raises(Conflict):
        discrepancies.agree(session, producer_of(trade), number, SHORT, LATEST)
    discrepancies.propose(session, producer_of(trade), number, NET, "", LATEST)
    with pytest.raises(Forbidden):
        discrepancies.agree(session, producer_of(trade), number, NET, LATEST)
    with pytest.raises(Conflict):
        discrepancies.agree(session, consumer_of(trade), number, NET - 1, LATEST)


@pytest.mark.parametrize("kg", [SHORT - 1, NET + 1])
def test_a_weight_outside_both_weighings_is_refused(session: Session, kg: int) -> None:
    trade = contracted_trade(session)
    number = received(session, trade, arrived=SHORT).number
    with pytest.raises(Refused) as refused:
        discrepancies.propose(session, producer_of(trade), number, kg, "", LATEST)
    assert "28,000 至 30,000 kg" in str(refused.value.message)


def test_the_operator_settles_once_the_sides_had_their_time(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=NET)
    number = received(any_session, trade, arrived=SHORT).number

    def settle(words: str, now: object) -> object:
        return discrepancies.settle(any_session, OPERATOR, number, NET, words, now)  # type: ignore[arg-type]

    with pytest.raises(Refused):
        settle("复磅", LATEST)
    with pytest.raises(Refused) as refused:
        settle(" ", OVER)
    assert refused.value.field == "words"
    assert [row.shipment_number for row in queries.overdue(any_session, OVER)] == [number]
    settle("复磅", OVER)
    assert trade.status is TradeStatus.COMPLETED
    assert queries.overdue(any_session, OVER) == []
    with pytest.raises(Conflict) as again:
        settle("复磅", OVER)
    assert "30,000 kg" in str(again.value.message)
    with pytest.raises(Conflict):
        discrepancies.propose(any_session, producer_of(trade), number, NET, "", OVER)


def test_only_the_two_sides_speak_and_only_the_operator_decides(session: Session) -> None:
    company = carrier(session)
    trade = contracted_trade(session)
    shipment = received(session, trade, arrived=SHORT)
    fine = received(session, trade)
    with pytest.raises(Forbidden):
        discrepancies.settle(session, producer_of(trade), shipment.number, NET, "x", OVER)
    with pytest.raises(NotFound):
        discrepancies.propose(session, producer_of(trade), fine.number, NET, "", LATEST)
    with pytest.raises(NotFound):
        discrepancies.propose(session, trader(company), shipment.number, NET, "", LATEST)
    shipment.carrier_company_id = company.id
    session.flush()
    with pytest.raises(Forbidden):
        discrepancies.propose(session, trader(company), shipment.number, NET, "", LATEST)


def test_a_firm_that_is_both_sides_settles_by_its_own_word(session: Session) -> None:
    site = approved_company(session).sites[0]
    offer, taker = published_offer(session, site), published_requirement(session, site)
    trade = contracted_trade(session, offer, taker)
    shipment = received(session, trade, arrived=SHORT)
    case = discrepancies.propose(session, trader(site.company), shipment.number, NET, "", LATEST)
    assert case.status is DiscrepancyStatus.SETTLED


def test_a_load_that_shrank_on_the_way_home_is_settled_by_itself(session: Session) -> None:
    trade = contracted_trade(session)
    shipment = rejected(session, trade)
    weigh(session, shipment, End.RETURN, SHORT)
    number = shipment.number
    with pytest.raises(NotFound):
        discrepancies.propose(session, producer_of(trade), number, SHORT, "", LATEST)
    discrepancies.propose(session, producer_of(trade), number, SHORT, "", LATEST, End.RETURN)
    discrepancies.agree(session, consumer_of(trade), number, SHORT, LATEST, End.RETURN)
    assert (shipment.next, shipment.paid_kg) == (Next.CLOSE, 0)
    assert vehicle(session, trade.producer).is_active
