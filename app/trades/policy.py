"""Who may see a trade and who may answer it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select, true

from app.companies.models import Site
from app.core.actor import Actor, ActorKind
from app.core.regions import stem
from app.trades.models import Trade
from app.trades.rules import Party


def may_answer(actor: Actor) -> bool:
    """A trader or manager of an approved firm; whose trade it is, the operation decides."""
    return actor.may_trade


def belongs_to_a_firm(actor: Actor) -> bool:
    """Reads what concerns the own firm."""
    return actor.is_company


def may_look_up(actor: Actor) -> bool:
    """A regulator opens names with a reason; the operator sees them anyway."""
    return actor.is_regulator and actor.region is not None


def operates(actor: Actor) -> bool:
    """Ends cases for the market, finds defaults and forgives them."""
    return actor.is_operator or actor.kind is ActorKind.SYSTEM


def sides_of(actor: Actor, trade: Trade) -> frozenset[Party]:
    """The sides of this trade that are the actor's firm."""
    if not actor.is_company or actor.company_id is None:
        return frozenset()
    firms = {
        Party.PRODUCER: trade.producer_company_id,
        Party.CONSUMER: trade.consumer_company_id,
    }
    return frozenset(party for party, firm in firms.items() if firm == actor.company_id)


def is_a_side(actor: Actor) -> ColumnElement[bool]:
    """The trades in which the actor's firm gives or takes."""
    return or_(
        Trade.producer_company_id == actor.company_id,
        Trade.consumer_company_id == actor.company_id,
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The trades a reader may see: own ones, those touching a regulator's region, or all."""
    if actor.is_operator:
        return true()
    if actor.is_company:
        return is_a_side(actor)
    if actor.is_regulator and actor.region:
        inside = select(Site.id).where(Site.adcode.startswith(stem(actor.region)))
        return or_(Trade.producer_site_id.in_(inside), Trade.consumer_site_id.in_(inside))
    return false()
