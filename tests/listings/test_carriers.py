"""A firm that only drives has nothing to list: the forms say so, and nothing leads to them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.transactions import database
from app.listings.models import Listing
from tests.accounts.factories import user_of
from tests.board.factories import enter
from tests.companies.factories import approved_company
from tests.html import CheckedClient
from tests.listings.factories import published_offer

FORMS = ("/listings/offers/new", "/listings/requirements/new", "/trades/elsewhere")


@pytest.fixture
def driver(client: CheckedClient, frozen: object) -> CheckedClient:
    """Signed in as the manager of a carrier."""
    with database().writing() as session:
        published_offer(session)
        firm = approved_company(session, is_producer=False, is_consumer=False, is_carrier=True)
        user = user_of(session, firm)
        session.flush()
        user_id = user.id
    enter(client, user_id)
    return client


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_forms_are_shut_and_say_why(driver: CheckedClient, path: str, method: str) -> None:
    answer = getattr(driver, method)(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert "承运企业只运输" in page
    assert "请联系运营方变更企业类型" in page
    with database().reading() as session:
        assert len(session.scalars(select(Listing)).all()) == 1


def test_no_page_of_a_carrier_leads_to_a_form_it_may_not_open(driver: CheckedClient) -> None:
    with database().reading() as session:
        number = session.scalars(select(Listing.number)).one()
    pages = (
        "/",
        "/desk",
        "/listings/offers",
        "/listings/requirements",
        "/listings/own",
        "/trades/",
    )
    for path in (*pages, f"/listings/{number}", "/shipments/"):
        page = driver.get(path, follow_redirects=True).get_data(as_text=True)
        assert not [form for form in FORMS if f'href="{form}"' in page], path


def test_a_carrier_neither_bids_nor_takes(driver: CheckedClient) -> None:
    with database().reading() as session:
        number = session.scalars(select(Listing.number)).one()
    for path in (f"/bidding/take/{number}", f"/bidding/offer/{number}"):
        assert driver.get(path).status_code == 403
