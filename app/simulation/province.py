"""The demo of a whole province: a generated world with a past that was published in its time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.operations import UserDraft, create_user
from app.catalogue.models import Park
from app.catalogue.queries import CountyRow, counties
from app.catalogue.rules import Confidence
from app.companies.models import Company
from app.core.actor import SYSTEM, Actor, ActorKind, CompanyRole
from app.core.bulk import add_rows
from app.demo.closes import publish_in_turn
from app.demo.operations import Account
from app.demo.rules import PASSWORD, closing_of
from app.history.rules import past_months
from app.settings import LIAOCHENG
from app.simulation.worlds.operations import Made, Wanted, generate
from app.statistics.facts import SETTLING, keep_up, prepare

ALUMINA = "3216"
WORLD = Wanted(
    sites=500,
    months=24,
    tickets=20_000,
    seed=370_000,
    unclosed_milli=3,
    named_milli=1_000,
    unnamed=frozenset({ALUMINA}),
)
"""Who makes red mud is not named: what is withheld can be seen, and what the target counts can be
read all the same. Unnamed by chance, one in twenty to all would leave next to nothing to read.
"""
PROVINCE = Actor(kind=ActorKind.REGULATOR, region="370000")
PARK_SOURCE = "生成的数据：示例园区，不是真实园区"
ACCOUNTS = (
    Account("province", "省工信厅 综合处", ActorKind.REGULATOR, region="370000"),
    Account("city", "市工信局 综合科", ActorKind.REGULATOR, region=LIAOCHENG),
    Account("county", "茌平区工信局", ActorKind.REGULATOR, region="371503"),
    Account("operator", "运营台 值班员", ActorKind.OPERATOR),
    Account("auditor", "审计员", ActorKind.AUDITOR),
)


def load(session: Session, now: datetime, wanted: Wanted = WORLD) -> Made:
    """Make the world, its accounts and what was published of its months; raises `Conflict`."""
    _found_parks(session)
    made = generate(session, wanted, now)
    for account in ACCOUNTS:
        _open(session, account, now)
    _open_firm(session, now)
    _publish(session, wanted, now)
    return made


def _found_parks(session: Session) -> None:
    """A park of the demo in every county that has none."""
    have = set(session.scalars(select(Park.adcode)))
    missing = [county for county in counties(session) if county.adcode not in have]
    add_rows(session, Park, [_park(county) for county in missing])


def _park(county: CountyRow) -> dict[str, object]:
    return {
        "code": f"demo-{county.adcode}",
        "name_zh": f"{county.name_zh}示例园区",
        "name_en": f"{county.short_en} Demo Park",
        "adcode": county.adcode,
        "confidence": Confidence.UNSURE,
        "source": PARK_SOURCE,
    }


def _open(session: Session, account: Account, now: datetime) -> None:
    draft = UserDraft(
        email=account.email,
        name=account.person,
        kind=account.kind,
        password=PASSWORD,
        region=account.region,
    )
    create_user(session, SYSTEM, draft, now)


def _open_firm(session: Session, now: datetime) -> None:
    """An account of the first firm that makes waste."""
    makers = select(Company.id).where(Company.is_producer).order_by(Company.id).limit(1)
    draft = UserDraft(
        email=Account("producer", "", ActorKind.COMPANY).email,
        name="调度员",
        kind=ActorKind.COMPANY,
        password=PASSWORD,
        company_id=session.scalars(makers).one(),
        company_role=CompanyRole.MANAGER,
    )
    create_user(session, SYSTEM, draft, now)


def _publish(session: Session, wanted: Wanted, now: datetime) -> None:
    """Publish the months that were due, and prepare the others."""
    months = past_months(now, wanted.months)
    due = [month for month in months if closing_of(month) <= now]
    publish_in_turn(session, PROVINCE, due, now)
    for month in months[len(due) :]:
        prepare(session, month, now - SETTLING)
    keep_up(session, now - SETTLING)
