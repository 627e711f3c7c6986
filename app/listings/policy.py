"""Who may do what with a listing, and who may see whose it is."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, true

from app.companies.models import Site
from app.core.actor import Actor, ActorKind, CompanyRole
from app.core.regions import stem
from app.listings.models import Listing

TRADING_ROLES = (CompanyRole.MANAGER, CompanyRole.TRADER)


def lists_for_a_company(actor: Actor) -> bool:
    """May open the forms; a firm that waits for approval or only drives is told so there."""
    return actor.is_company and actor.company_role in TRADING_ROLES


def belongs_to_a_company(actor: Actor) -> bool:
    return actor.is_company


def owns(actor: Actor, listing: Listing) -> bool:
    """The only ones who may read a limit price are the people of the listing's own firm."""
    return actor.company_id is not None and actor.company_id == listing.company_id


def may_change(actor: Actor, listing: Listing) -> bool:
    return owns(actor, listing) and lists_for_a_company(actor)


def may_act_for(actor: Actor, company_id: int) -> bool:
    """A person for the own firm; the system, which loads the demo market, for any."""
    return actor.kind is ActorKind.SYSTEM or actor.company_id == company_id


def oversees(actor: Actor, listing: Listing) -> bool:
    """The operator, and the regulators of the listing's region."""
    return actor.is_operator or actor.oversees(listing.site.adcode)


def sees_name(actor: Actor, listing: Listing) -> bool:
    return listing.shows_name or owns(actor, listing) or oversees(actor, listing)


def sees_balances(actor: Actor, listing: Listing) -> bool:
    return owns(actor, listing) or oversees(actor, listing)


def name_is_visible(actor: Actor) -> ColumnElement[bool]:
    """The same as a condition on listings joined with their sites.

    A search by name must not find what its reader may not read.
    """
    if actor.is_operator:
        return true()
    visible = [Listing.shows_name, Listing.company_id == actor.company_id]
    if actor.is_regulator and actor.region:
        visible.append(Site.adcode.startswith(stem(actor.region)))
    return or_(*visible)
