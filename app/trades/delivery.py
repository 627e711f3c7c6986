"""What the trucks of a trade do to its tonnes. Each paper moves its kilograms once.

A load is taken from the months of each listing in their order, the earliest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Refused
from app.core.quantities import tonnes_text
from app.ledger import operations as ledger
from app.ledger.queries import LotName, held
from app.ledger.rules import PATHS, Verb
from app.trades import steps
from app.trades.models import Trade
from app.trades.rules import (
    Deed,
    TradeStatus,
    delivery_deadline,
    earliest_first,
    ending_when_done,
)
from app.trades.steps import End
from app.trades.terms import terms_at


def dispatch(
    session: Session, actor: Actor, number: str, kg: int, document: str, now: datetime
) -> Trade:
    """Put contracted kilograms on the road under a paper; the first load starts the delivery.

    Raises `NotFound`, `Conflict` in a state without a contract, or `Refused` naming what is left
    if the load is more.
    """
    trade = steps.one(session, number)
    steps.require_deed(trade, Deed.DISPATCH)
    left = steps.progress(session, trade).contracted
    if kg > left:
        raise Refused(
            _l(
                "这笔交易只剩 %(left)s 吨没有发运，不够这一车的 %(kg)s 吨；没有记账。",
                left=tonnes_text(left),
                kg=tonnes_text(kg),
            )
        )
    if trade.status is TradeStatus.CONTRACTED:
        steps.change(session, trade, Deed.DISPATCH, delivering_at=now)
    _Load(session, actor, trade, document, now).take(Verb.DISPATCH, kg)
    return trade


def receive(
    session: Session,
    actor: Actor,
    number: str,
    document: str,
    *,
    received_kg: int,
    rejected_kg: int,
    difference_kg: int,
    now: datetime,
) -> Trade:
    """Take a load off the road: what was used, what goes back, and what the scales lost between.

    Raises `NotFound`, `Conflict` if nothing can be on the road, or `Refused` if the three are not
    what was sent under this paper.
    """
    trade = steps.one(session, number)
    steps.require_deed(trade, Deed.UNLOAD)
    load = _Load(session, actor, trade, document, now)
    load.require(Verb.RECEIVE, received_kg + rejected_kg + difference_kg)
    load.take(Verb.RECEIVE, received_kg)
    load.take(Verb.REJECT, rejected_kg)
    load.take(Verb.DIFFER, difference_kg)
    leave_time_to_close(session, trade, now)
    return trade


def take_back(
    session: Session, actor: Actor, number: str, document: str, kg: int, now: datetime
) -> Trade:
    """Open again what was refused of a load, now that it is home; raises as `receive`.

    What returns to a withdrawn listing leaves the market with it.
    """
    trade = steps.one(session, number)
    steps.require_deed(trade, Deed.UNLOAD)
    steps.hold_all_lots(session, trade)
    load = _Load(session, actor, trade, document, now)
    load.require(Verb.RETURN, kg)
    load.take(Verb.RETURN, kg)
    steps.withdraw_again(session, actor, trade, now)
    leave_time_to_close(session, trade, now)
    return trade


def close_if_done(session: Session, actor: Actor, number: str, now: datetime) -> bool:
    """End a delivery of which nothing is left to send, on the road or on its way back.

    Returns whether the trade has ended by this. It is completed, or, if every load was refused,
    cancelled.
    """
    trade = steps.one(session, number)
    short_milli = terms_at(session, now).short_tolerance_milli
    ending = ending_when_done(steps.progress(session, trade), short_milli)
    if trade.status is not TradeStatus.DELIVERING or ending is None:
        return False
    steps.end(session, actor, trade, End(*ending), now)
    return True


def leave_time_to_close(session: Session, trade: Trade, now: datetime) -> None:
    """Put a deadline off after a truck that came late or a weight that was settled.

    The case can then be closed in peace; one that has ended stays as it is.
    """
    deadline = delivery_deadline(trade.month, now, terms_at(session, now))
    if trade.status is TradeStatus.DELIVERING and deadline > trade.deadline:
        steps.change(session, trade, Deed.UNLOAD, deadline=deadline)


@dataclass(frozen=True, slots=True)
class _Load:
    """What moves under one paper of a trade."""

    session: Session
    actor: Actor
    trade: Trade
    document: str
    now: datetime

    def require(self, verb: Verb, kg: int) -> None:
        """Raise `Refused` unless this very mass stands where the verb takes it from."""
        offer = self.trade.offer_number
        sent = sum(left for (number, _), left in self._stands(verb).items() if number == offer)
        if kg != sent:
            raise Refused(
                _l(
                    "运单 %(document)s 上还有 %(sent)s 吨要办，不是 %(kg)s 吨；没有记账。",
                    document=self.document,
                    sent=tonnes_text(sent),
                    kg=tonnes_text(kg),
                )
            )

    def take(self, verb: Verb, kg: int) -> None:
        """Move so much of both listings alike; nothing is no movement."""
        if not kg:
            return
        stands = self._stands(verb)
        masses = {
            (number, month): part
            for number in steps.listings(self.trade)
            for month, part in earliest_first(
                {month: left for (name, month), left in stands.items() if name == number}, kg
            ).items()
        }
        ledger.move(
            self.session,
            self.actor,
            verb,
            masses,
            reference=self.trade.number,
            document=self.document,
            now=self.now,
        )

    def _stands(self, verb: Verb) -> dict[LotName, int]:
        """By lot, what the verb may take: of the whole contract, or of this paper's load."""
        source = PATHS[verb][0]
        document = None if verb is Verb.DISPATCH else self.document
        found = held(self.session, self.trade.number, document)
        return {name: kg[source] for name, kg in found.items() if source in kg}
