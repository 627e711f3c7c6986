"""A load that weighed less than it should: the two sides agree on a weight, or the operator does.

The settled weight is what is paid for. It moves no kilogram: the ledger keeps what the weighbridges
showed, for postings are append-only and a bargain is no weighing. What was dispatched and neither
received nor rejected stays on the account of differences.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import term
from app.catalogue.rules import Term
from app.core import i18n
from app.core.actor import SYSTEM, Actor
from app.core.clock import china_day
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.core.permissions import require
from app.shipments import tidings
from app.shipments.locking import hold, record
from app.shipments.messages import refuse_first
from app.shipments.models import Discrepancy, Shipment
from app.shipments.policy import may_handle
from app.shipments.rules import UNSETTLED, DiscrepancyStatus, End, settlement_faults
from app.trades import delivery
from app.trades.models import Trade
from app.trades.policy import sides_of
from app.trades.rules import Party

SETTLEMENT = _l("商定磅差")
"""What a case waits for, as the sides and the operator are told."""


def open_case(
    session: Session,
    shipment: Shipment,
    end: End,
    sent_kg: int,
    weighed_kg: int,
    allowed_kg: int,
    now: datetime,
) -> Discrepancy:
    """Begin the clock of a load that lost more than is allowed; both sides are told."""
    days = term(session, Term.DISCREPANCY_DAYS, china_day(now))
    case = Discrepancy(
        shipment=shipment,
        end=end,
        sent_kg=sent_kg,
        weighed_kg=weighed_kg,
        allowed_kg=allowed_kg,
        status=DiscrepancyStatus.OPEN,
        opened_at=now,
        deadline=now + timedelta(days=days),
    )
    session.add(case)
    session.flush()
    tidings.disputed(session, case, now)
    return case


def propose(
    session: Session,
    actor: Actor,
    number: str,
    kg: int,
    words: str,
    now: datetime,
    end: End = End.UNLOADING,
) -> Discrepancy:
    """Name a weight to settle on; `words` are for the other side. A later one replaces it.

    A firm that is both sides has nobody to ask: its word settles.
    """
    case, sides = _own(session, actor, number, end)
    refuse_first(settlement_faults(kg, case.weighed_kg, case.sent_kg))
    by = Party.PRODUCER if Party.PRODUCER in sides else Party.CONSUMER
    case.proposed_kg, case.proposed_by, case.words = kg, by, words.strip()
    record(session, actor, "weight_proposed", case.shipment, now, end=end, kg=kg)
    if len(sides) == len(Party):
        _settle(session, actor, case, kg, now)
    else:
        tidings.disputed(session, case, now, news=f"{by}:{kg}")
    return case


def agree(
    session: Session,
    actor: Actor,
    number: str,
    kg: int,
    now: datetime,
    end: End = End.UNLOADING,
) -> Discrepancy:
    """Agree to the weight the other side proposed; `kg` is what the reader saw. Twice is once."""
    case = _case(session, actor, number, end)
    if case.status is DiscrepancyStatus.SETTLED and case.settled_kg == kg:
        return case
    case, sides = _own(session, actor, number, end)
    if case.proposed_kg != kg:
        raise Conflict(_l("对方提出的重量已经变了，这一步没有执行。"))
    if case.proposed_by in sides:
        raise Forbidden(_l("这个重量是本企业提出的：要由对方同意。"))
    _settle(session, actor, case, kg, now)
    return case


def settle(
    session: Session,
    actor: Actor,
    number: str,
    kg: int,
    words: str,
    now: datetime,
    end: End = End.UNLOADING,
) -> Discrepancy:
    """The operator's word, once the sides had their time; `words` say on what it rests."""
    if not actor.is_operator:
        raise Forbidden
    case = _case(session, actor, number, end)
    _require_unsettled(case)
    if now <= case.deadline:
        raise Refused(
            _l("双方在 %(at)s 前可以自己商定，之后由运营方裁定。", at=i18n.moment(case.deadline)),
        )
    if not words.strip():
        raise Refused(_l("请写明裁定的依据，双方会看到。"), field="words")
    refuse_first(settlement_faults(kg, case.weighed_kg, case.sent_kg))
    case.words = words.strip()
    _settle(session, actor, case, kg, now)
    return case


def escalate(session: Session, case: Discrepancy, now: datetime) -> None:
    """Put a case whose time is over before the operator."""
    case.status = DiscrepancyStatus.ESCALATED
    tidings.overdue(session, case.shipment, SETTLEMENT, f"{case.end}:weight", now)


def settle_as_weighed(session: Session, shipment: Shipment, now: datetime) -> None:
    """Let the second weighing stand in the cases that neither sides nor operator settled."""
    for case in shipment.discrepancies:
        if case.status is DiscrepancyStatus.ESCALATED:
            _settle(session, SYSTEM, case, case.weighed_kg, now)


def complete_trade(session: Session, actor: Actor, trade: Trade, now: datetime) -> None:
    """Let a trade end on which nothing is left to do; one with an open weight waits for it.

    What goes on after a weight was settled has the time to close that a late truck leaves.
    """
    unsettled = (
        select(Discrepancy.shipment_id)
        .join(Shipment)
        .where(Shipment.trade_id == trade.id, Discrepancy.status.in_(UNSETTLED))
    )
    if session.scalar(unsettled.limit(1)) is not None:
        return
    if not delivery.close_if_done(session, actor, trade.number, now):
        delivery.leave_time_to_close(session, trade, now)


def _settle(session: Session, actor: Actor, case: Discrepancy, kg: int, now: datetime) -> None:
    case.status, case.settled_kg = DiscrepancyStatus.SETTLED, kg
    case.settled_at, case.settled_by = now, actor.label
    session.flush()
    record(session, actor, "weight_settled", case.shipment, now, end=case.end, kg=kg)
    tidings.disputed(session, case, now, news="settled")
    complete_trade(session, actor, case.shipment.trade, now)


def _own(
    session: Session, actor: Actor, number: str, end: End
) -> tuple[Discrepancy, frozenset[Party]]:
    """An unsettled case, held, and the sides of it that are the actor's firm."""
    case = _case(session, actor, number, end)
    sides = sides_of(actor, case.shipment.trade)
    if not sides:
        raise Forbidden(_l("磅差由产废方和利废方商定。"))
    require(may_handle, actor)
    _require_unsettled(case)
    return case, sides


def _case(session: Session, actor: Actor, number: str, end: End) -> Discrepancy:
    shipment = hold(session, actor, number)
    case = session.get(Discrepancy, (shipment.id, end), populate_existing=True)
    if case is None:
        raise NotFound
    return case


def _require_unsettled(case: Discrepancy) -> None:
    if case.status is DiscrepancyStatus.SETTLED:
        raise Conflict(
            _l(
                "这次磅差已在 %(at)s 商定为 %(kg)s kg。",
                at=i18n.moment(case.settled_at or case.deadline),
                kg=i18n.kg(case.settled_kg or 0),
            )
        )
