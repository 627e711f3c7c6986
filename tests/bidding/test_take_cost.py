"""What a take asks of the database: little, and after many as little as after few."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.bidding import deals
from app.core import once
from app.core.actor import Actor
from app.core.transactions import database
from app.listings.rules import DealMode
from tests.bidding.test_deals import bidder, draft
from tests.conftest import NOW
from tests.listings.factories import published_offer

MOST_STATEMENTS = 50


def statements_of_a_take(session: Session, actor: Actor, number: str) -> int:
    """How many statements one take sends, its entries sealed and committed."""
    wanted = draft(session, actor, price=None, kg=1_000)
    sent: list[str] = []
    engine = database().engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        deals.take(session, actor, number, wanted, NOW, key=once.new_key())
        session.commit()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def test_a_take_asks_little_and_as_little_after_many_others(any_session: Session) -> None:
    offer = published_offer(any_session, deal_mode=DealMode.LIST_PRICE, list_price=850)
    number, actor = offer.number, bidder(any_session)
    any_session.commit()
    asked = []
    for _time in range(12):
        asked.append(statements_of_a_take(any_session, actor, number))
        any_session.expunge_all()
    assert len(set(asked[1:])) == 1
    assert asked[-1] <= MOST_STATEMENTS
