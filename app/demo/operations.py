"""Loading the demonstration market through the product's own verbs, as its people would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.operations import UserDraft, create_user
from app.companies.models import Company
from app.companies.operations import add_site, apply, approve
from app.core.actor import SYSTEM, Actor, ActorKind, CompanyRole
from app.core.clock import china_day, month_of
from app.core.errors import Conflict
from app.demo import files
from app.demo.rules import PASSWORD, confirms
from app.listings.operations import publish_offer, publish_requirement
from app.trades.models import Trade
from app.trades.operations import confirm
from app.trades.rules import TradeStatus

PRODUCER, CONSUMER = "power-01", "cement-01"


@dataclass(frozen=True, slots=True)
class Account:
    """A demo account: its address is `{who}@demo.gufei`."""

    who: str
    person: str
    kind: ActorKind
    company_key: str | None = None
    region: str | None = None

    @property
    def email(self) -> str:
        return f"{self.who}@demo.gufei"


ACCOUNTS = (
    Account("producer", "调度员", ActorKind.COMPANY, company_key=PRODUCER),
    Account("consumer", "采购员", ActorKind.COMPANY, company_key=CONSUMER),
    Account("city", "市工信局 综合科", ActorKind.REGULATOR, region="371500"),
    Account("county", "茌平区工信局", ActorKind.REGULATOR, region="371503"),
    Account("operator", "运营台 值班员", ActorKind.OPERATOR),
    Account("auditor", "审计员", ActorKind.AUDITOR),
)


def is_empty(session: Session) -> bool:
    """Whether no firm has ever registered here."""
    return session.scalar(select(Company.id).limit(1)) is None


def load(session: Session, folder: Path, now: datetime) -> None:
    """Load the demo market into an empty database; raises `Conflict` if it holds firms."""
    if not is_empty(session):
        raise Conflict(_l("数据库里已有企业，不再装入演示数据。"))
    companies, sites = _companies(session, folder, now)
    _listings(session, folder, sites, now)
    for account in ACCOUNTS:
        _account(session, account, companies, now)


def confirm_some(session: Session, run_number: str, now: datetime) -> int:
    """Let synthetic firms confirm two of three proposals that no demo account has to answer."""
    ours = set(session.scalars(select(User.company_id).where(User.company_id.is_not(None))))
    wanted = (Trade.origin == run_number, Trade.status == TradeStatus.PROPOSED)
    trades = session.scalars(select(Trade).where(*wanted).order_by(Trade.number))
    others = [
        trade
        for trade in trades
        if not ours & {trade.producer_company_id, trade.consumer_company_id}
    ]
    chosen = [trade for position, trade in enumerate(others) if confirms(position)]
    for trade in chosen:
        for company in (trade.producer, trade.consumer):
            confirm(session, manager_of(company), trade.number, now)
    return len(chosen)


def manager_of(company: Company) -> Actor:
    """An actor who may do everything for a company."""
    return Actor(
        kind=ActorKind.COMPANY,
        company_id=company.id,
        company_name=company.name,
        company_role=CompanyRole.MANAGER,
        company_approved=True,
        is_producer=company.is_producer,
        is_consumer=company.is_consumer,
    )


def _companies(
    session: Session, folder: Path, now: datetime
) -> tuple[dict[str, Company], dict[str, tuple[Company, int]]]:
    """The companies by key, and by a site's key its company and id."""
    sites = files.sites_by_company(folder)
    companies: dict[str, Company] = {}
    places: dict[str, tuple[Company, int]] = {}
    for row in files.rows(folder, "companies.csv"):
        first, *rest = sites[row["key"]]
        company = apply(session, SYSTEM, files.application(row, first), now)
        approve(session, SYSTEM, company.id, now)
        companies[row["key"]] = company
        places[first["key"]] = (company, company.sites[0].id)
        for more in rest:
            site = add_site(session, manager_of(company), company.id, files.site_draft(more), now)
            places[more["key"]] = (company, site.id)
    return companies, places


def _listings(
    session: Session,
    folder: Path,
    sites: dict[str, tuple[Company, int]],
    now: datetime,
) -> None:
    this_month = month_of(china_day(now))
    for row in files.rows(folder, "offers.csv"):
        company, site_id = sites[row["site_key"]]
        offer = files.offer_draft(row, site_id, this_month)
        publish_offer(session, manager_of(company), offer, now)
    for row in files.rows(folder, "requirements.csv"):
        company, site_id = sites[row["site_key"]]
        requirement = files.requirement_draft(row, site_id, this_month)
        publish_requirement(session, manager_of(company), requirement, now)


def _account(
    session: Session, account: Account, companies: dict[str, Company], now: datetime
) -> None:
    company = companies[account.company_key] if account.company_key else None
    draft = UserDraft(
        email=account.email,
        name=account.person,
        kind=account.kind,
        password=PASSWORD,
        company_id=company.id if company else None,
        company_role=CompanyRole.MANAGER if company else None,
        region=account.region,
    )
    create_user(session, SYSTEM, draft, now)
