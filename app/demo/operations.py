"""Loading the demonstration market through the product's own verbs, as its people would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.operations import UserDraft, create_user
from app.companies.models import Company, Site
from app.companies.operations import add_site, apply, approve
from app.core.actor import SYSTEM, Actor, ActorKind, CompanyRole
from app.core.clock import china_day, china_instant, month_of
from app.core.errors import Conflict
from app.demo import files, standing
from app.demo.closes import declare_before, publish_before
from app.demo.deliveries import Partners, deliver
from app.demo.rules import HISTORY, MONTHS, PASSWORD, confirms, declared_before
from app.eligibility.queries import parameter_map
from app.history.declaring import Books
from app.history.rules import past_months
from app.listings.operations import publish_offer, publish_requirement
from app.settings import LIAOCHENG
from app.trades.models import Trade
from app.trades.operations import confirm
from app.trades.rules import TradeStatus

DOMAIN = "demo.gufei"
PRODUCER, CONSUMER, CARRIER = "power-01", "cement-01", "haul-01"


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
        return email_of(self.who)


def email_of(who: str) -> str:
    return f"{who}@{DOMAIN}"


def emails(session: Session) -> list[str]:
    """The addresses of the demo accounts, in the order in which they were made."""
    query = select(User.email).where(User.email.endswith(f"@{DOMAIN}"))
    return list(session.scalars(query.order_by(User.id)))


@dataclass(frozen=True, slots=True)
class Market:
    """What was loaded, by the keys of `data/demo`: ids of firms and sites, numbers of listings.

    `books` are those of the works, kept up to the last month that was published by then.
    """

    companies: Mapping[str, int]
    sites: Mapping[str, int]
    listings: dict[str, str]
    books: Books


ACCOUNTS = (
    Account("producer", "调度员", ActorKind.COMPANY, company_key=PRODUCER),
    Account("consumer", "采购员", ActorKind.COMPANY, company_key=CONSUMER),
    Account("carrier", "车队调度", ActorKind.COMPANY, company_key=CARRIER),
    Account("city", "市工信局 综合科", ActorKind.REGULATOR, region=LIAOCHENG),
    Account("county", "茌平区工信局", ActorKind.REGULATOR, region="371503"),
    Account("operator", "运营台 值班员", ActorKind.OPERATOR),
    Account("auditor", "审计员", ActorKind.AUDITOR),
)


def is_empty(session: Session) -> bool:
    """Whether no firm has ever registered here."""
    return session.scalar(select(Company.id).limit(1)) is None


def load(session: Session, folder: Path, now: datetime) -> Market:
    """Open the demo market in an empty database; raises `Conflict` if it holds firms.

    It opened `HISTORY` before the present. Its firms had reported their standing contracts for two
    years by then (`past`); one has not applied yet. What its people did since is told by `story`.
    """
    if not is_empty(session):
        raise Conflict(_l("数据库里已有企业，不再装入演示数据。"))
    opened, joined = now - HISTORY, china_instant(past_months(now, MONTHS)[0])
    companies, sites = _companies(session, folder, joined)
    partners = Partners(folder, _ids(companies), _ids(sites))
    standing.settle(session, partners, joined)
    deliver(session, partners, now)
    books = declare_before(session, partners, now)
    publish_before(session, opened, declared_before(now))
    for account in ACCOUNTS:
        _account(session, account, companies, opened)
    listings = _listings(session, folder, sites, month_of(china_day(now)), opened)
    return Market(partners.companies, partners.sites, listings, books)


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
) -> tuple[dict[str, Company], dict[str, Site]]:
    """The companies and their sites, by key."""
    drafts = files.sites_by_company(folder)
    companies: dict[str, Company] = {}
    sites: dict[str, Site] = {}
    for row in files.rows(folder, "companies.csv"):
        if row["applied"]:
            continue
        first, *rest = drafts[row["key"]]
        company = apply(session, SYSTEM, files.application(row, first), now)
        approve(session, SYSTEM, company.id, now)
        companies[row["key"]] = company
        sites[first["key"]] = company.sites[0]
        for more in rest:
            draft, manager = files.site_draft(more), manager_of(company)
            sites[more["key"]] = add_site(session, manager, company.id, draft, now)
    return companies, sites


def _listings(
    session: Session, folder: Path, sites: dict[str, Site], this_month: date, now: datetime
) -> dict[str, str]:
    """The numbers of the listings by key."""
    numbers: dict[str, str] = {}
    for row in files.rows(folder, "offers.csv"):
        site = sites[row["site_key"]]
        offer = files.offer_draft(row, site.id, this_month)
        found = publish_offer(session, manager_of(site.company), offer, now)
        numbers[row["key"]] = found.number
    parameters = parameter_map(session)
    for row in files.rows(folder, "requirements.csv"):
        site = sites[row["site_key"]]
        need = files.requirement_draft(row, site.id, this_month, parameters)
        wanted = publish_requirement(session, manager_of(site.company), need, now)
        numbers[row["key"]] = wanted.number
    return numbers


def _ids(rows: Mapping[str, Company] | Mapping[str, Site]) -> dict[str, int]:
    return {key: row.id for key, row in rows.items()}


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
