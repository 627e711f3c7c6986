"""What one firm could repeat without end costs the other side, and the house, little."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bidding import negotiating
from app.bidding.deals import DealDraft
from app.bidding.models import Negotiation
from app.bidding.rules import MOST_MOVES, MOST_OPENED, OPENED_WINDOW, DealTerms
from app.companies.models import Site
from app.core import once
from app.core.actor import Actor
from app.core.errors import Conflict
from app.listings.models import Listing
from app.listings.operations import ListingRefused
from app.notifications.models import Notification
from app.notifications.operations import TRADERS, tell_company
from app.notifications.rules import MAIL_WINDOW, MOST_MAILS, Kind
from app.trades import elsewhere, operations
from app.trades.elsewhere import MOST_UNANSWERED
from app.trades.rules import DeclineReason, Party
from tests.accounts.factories import actor_of, user_of
from tests.companies.factories import DONGCHANGFU, approved_company, site_draft
from tests.companies.mailbox import letters
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, trader
from tests.notifications.factories import send_mail


def somebody(session: Session, site: Site) -> Actor:
    """A person of a site's firm who is really there: moves name people."""
    user = user_of(session, site.company)
    session.flush()
    session.refresh(user)
    return actor_of(user)


def opened(
    session: Session, actor: Actor, listing: Listing, site: Site, now: datetime
) -> Negotiation:
    draft = DealDraft(site.id, DealTerms("fly_ash", DECEMBER, 1_000, 500))
    return negotiating.open_negotiation(
        session, actor, listing.number, draft, now, key=once.new_key()
    )


@pytest.fixture
def site(session: Session) -> Site:
    """Where the one who floods is at home."""
    return approved_company(session, site_draft(*DONGCHANGFU)).sites[0]


def test_one_page_is_mailed_to_a_person_a_few_times_an_hour(
    app: Flask, session: Session, site: Site, freeze: Callable[[datetime], None]
) -> None:
    user_of(session, site.company)

    def tell(key: str, number: str, at: datetime) -> None:
        firm, path = site.company_id, f"/bidding/negotiations/{number}"
        words = {"number": number, "material": "fly_ash"}
        tell_company(session, firm, Kind.NEW_OFFER, key, path, at, roles=TRADERS, **words)

    for minute in range(MOST_MAILS + 5):
        tell(f"{minute}", "N-2611-0001", NOW + timedelta(minutes=minute))
    tell("later", "N-2611-0001", NOW + 2 * MAIL_WINDOW)
    tell("another", "N-2611-0002", NOW)
    told = session.scalar(select(func.count()).select_from(Notification))
    session.commit()
    freeze(NOW + 2 * MAIL_WINDOW)
    send_mail()
    assert (told, len(letters(app))) == (MOST_MAILS + 7, MOST_MAILS + 2)


def test_nobody_offers_and_withdraws_without_end(session: Session, site: Site) -> None:
    listing, actor = published_offer(session), somebody(session, site)
    for _ in range(MOST_OPENED):
        found = opened(session, actor, listing, site, NOW)
        negotiating.withdraw(session, actor, found.number, 1, NOW)
    with pytest.raises(Conflict):
        opened(session, actor, listing, site, NOW)
    opened(session, actor, published_offer(session), site, NOW)
    opened(session, actor, listing, site, NOW + OPENED_WINDOW)


def test_a_thread_ends_somewhere_and_can_still_be_answered(session: Session, site: Site) -> None:
    listing, actor = published_offer(session), somebody(session, site)
    found = opened(session, actor, listing, site, NOW)
    for count in range(MOST_MOVES - 1):
        negotiating.say(session, actor, found.number, f"第 {count} 句", NOW)
    with pytest.raises(Conflict):
        negotiating.say(session, actor, found.number, "还有一句", NOW)
    owner = somebody(session, listing.site)
    negotiating.decline(session, owner, found.number, 1, "", NOW)


def test_nobody_enters_deals_in_anothers_name_without_end(session: Session, site: Site) -> None:
    other = approved_company(session).sites[0]
    actor = trader(site.company)

    def entered() -> str:
        draft = elsewhere.DealDraft(
            Party.CONSUMER, site.id, other.id, "fly_ash", DECEMBER, 1_000, 500
        )
        return elsewhere.record_deal(session, actor, draft, once.new_key(), NOW).number

    numbers = [entered() for _ in range(MOST_UNANSWERED)]
    with pytest.raises(ListingRefused):
        entered()
    operations.decline(session, trader(other.company), numbers[0], DeclineReason.PRICE, NOW)
    assert entered()
