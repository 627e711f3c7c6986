"""Applying, deciding, standing somewhere, on both databases."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.companies.rules import CompanyStatus
from tests.accounts.factories import actor_of, user_of
from tests.companies.factories import approved_company


def test_an_approved_company_may_trade(any_session: Session) -> None:
    company = approved_company(any_session)
    assert company.status is CompanyStatus.APPROVED
    assert actor_of(user_of(any_session, company)).may_trade
