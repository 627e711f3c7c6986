"""What frames every page: at most six links per role, the demo badge, the language switch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.catalogue.queries import RegionRow
from app.catalogue.queries import region as region_of
from app.companies.queries import has_synthetic, waiting_for_approval
from app.core.actor import Actor, ActorKind
from app.core.current import current_actor
from app.core.i18n import is_english, language
from app.core.transactions import database
from app.notifications.policy import is_told
from app.notifications.queries import unread
from app.trades.queries import waiting_for
from app.watch.queries import to_answer


@dataclass(frozen=True, slots=True)
class Entry:
    """One link; `count` is a number of things that wait for this person."""

    label: LazyString
    url: str
    current: bool
    count: int = 0


Plan = tuple[tuple[LazyString, str], ...]

OFFERS = (_l("供应市场"), "listings.browse_offers")
REQUIREMENTS = (_l("需求市场"), "listings.browse_requirements")
TRUCKS = (_l("运单"), "shipments.index")

PUBLIC: Plan = (
    (_l("首页"), "board.front"),
    OFFERS,
    REQUIREMENTS,
    (_l("物料公示"), "board.producers"),
    (_l("统计地图"), "maps.show"),
    (_l("统计口径"), "statistics.definitions"),
)
COMPANY: Plan = (
    (_l("工作台"), "board.desk"),
    OFFERS,
    REQUIREMENTS,
    (_l("竞价"), "bidding.index"),
    (_l("我的挂牌"), "listings.own"),
    (_l("交易"), "trades.index"),
)
CARRIER: Plan = (
    TRUCKS,
    (_l("车辆"), "shipments.vehicles"),
    OFFERS,
    REQUIREMENTS,
    (_l("统计地图"), "maps.show"),
)
REGULATOR: Plan = (
    (_l("地图"), "maps.show"),
    (_l("差距"), "oversight.gap.show"),
    (_l("申报"), "declarations.overview.index"),
    (_l("监测"), "watch.watch"),
    OFFERS,
    (_l("交易"), "trades.index"),
)
OPERATOR: Plan = (
    (_l("工作单"), "backoffice.work"),
    (_l("撮合场次"), "clearing.index"),
    (_l("企业审核"), "companies.index"),
    (_l("交易"), "trades.index"),
    (_l("目录"), "catalogue.show"),
    (_l("地图"), "maps.show"),
)
AUDITOR: Plan = (
    (_l("撮合场次"), "clearing.index"),
    (_l("统计地图"), "maps.show"),
    (_l("统计口径"), "statistics.definitions"),
    (_l("目录"), "catalogue.show"),
)
PLANS = {
    ActorKind.PUBLIC: PUBLIC,
    ActorKind.COMPANY: COMPANY,
    ActorKind.REGULATOR: REGULATOR,
    ActorKind.OPERATOR: OPERATOR,
    ActorKind.AUDITOR: AUDITOR,
}


NOTIFICATIONS = "notifications.index"
QUESTIONS = "watch.asked"
FOOTER: Plan = (
    (_l("统计地图"), "maps.show"),
    (_l("统计口径"), "statistics.definitions"),
    (_l("物料公示"), "board.producers"),
    (_l("开放数据"), "board.open_data"),
    (_l("物料目录"), "catalogue.show"),
    (_l("标准目录"), "eligibility.standards"),
    (_l("固废用途"), "eligibility.uses"),
    (_l("撮合结果"), "clearing.index"),
    (_l("系统状态"), "core.healthz"),
)


def init_app(app: Flask) -> None:
    app.context_processor(page_values)


def page_values() -> dict[str, Any]:
    """The values the layout asks for."""
    actor = current_actor()
    synthetic, region, counts = facts(actor)
    return {
        "actor": actor,
        "locale": language(),
        "navigation": links(plan_for(actor), counts),
        "inbox": inbox(actor, counts),
        "firm_questions": firm_questions(counts),
        "demo_badge": synthetic,
        "region": region,
        "switch_url": switch_url(),
        "home_url": url_for("board.front"),
        "sign_in_url": url_for("accounts.sign_in"),
        "sign_out_url": url_for("accounts.sign_out"),
        "account_url": url_for("companies.own" if actor.is_company else "accounts.me"),
        "footer_links": links(FOOTER, {}),
    }


def plan_for(actor: Actor) -> Plan:
    """The links of a role. A firm that only drives has its own; one that only sells or only buys
    sees the other side's market alone, and its trucks in the place of its own side's.
    """
    if actor.only_drives:
        return CARRIER
    if actor.is_company and actor.is_producer != actor.is_consumer:
        own_market = OFFERS[1] if actor.is_producer else REQUIREMENTS[1]
        return (*(link for link in COMPANY if link[1] != own_market), TRUCKS)
    return PLANS.get(actor.kind, PUBLIC)


def inbox(actor: Actor, counts: dict[str, int]) -> Entry | None:
    """The link to one's notifications, with how many are unread; for those who are told any."""
    plan: Plan = ((_l("通知"), NOTIFICATIONS),) if is_told(actor) else ()
    return next(iter(links(plan, counts)), None)


def firm_questions(counts: dict[str, int]) -> Entry | None:
    """The link to what officials ask of a firm, while something waits for this person's answer."""
    plan: Plan = ((_l("监管询问"), QUESTIONS),) if counts.get(QUESTIONS) else ()
    return next(iter(links(plan, counts)), None)


Facts = tuple[bool, RegionRow | None, dict[str, int]]


def facts(actor: Actor) -> Facts:
    """Whether demo data is shown, of which region, and what waits.

    An error page asks in a reading of its own.
    """
    session: Session | None = g.get("session")
    if session is not None:
        return _facts(session, actor)
    try:
        with database().reading() as own:
            return _facts(own, actor)
    except SQLAlchemyError:  # the page that says so must still come
        return False, None, {}


def _facts(session: Session, actor: Actor) -> Facts:
    return has_synthetic(session), region_of(session), waiting(session, actor)


def switch_url() -> str:
    """This page in the other language; after a refused form, its address without the form."""
    here = request.full_path.removesuffix("?")
    return url_for("core.switch_language", language="zh" if is_english() else "en", next=here)


def waiting(session: Session, actor: Actor) -> dict[str, int]:
    """By endpoint, how many things behind it wait for this person."""
    if not actor.signed_in:
        return {}
    counts = {NOTIFICATIONS: unread(session, actor), "trades.index": waiting_for(session, actor)}
    if actor.is_operator:
        counts["companies.index"] = waiting_for_approval(session)
    if actor.is_company:
        counts[QUESTIONS] = to_answer(session, actor)
    return counts


def links(plan: Plan, waiting: dict[str, int]) -> list[Entry]:
    """A plan's links; `waiting` maps an endpoint to what waits behind it."""
    marked = _marked([endpoint for _label, endpoint in plan], request.endpoint or "")
    return [
        Entry(label, url_for(endpoint), endpoint == marked, waiting.get(endpoint, 0))
        for label, endpoint in plan
        if endpoint in current_app.view_functions
    ]


def _marked(endpoints: list[str], here: str) -> str:
    """The entry a page lies under: itself, or the first of its feature where that tells one."""
    feature = here.split(".", maxsplit=1)[0]
    if here in endpoints or feature in ("listings", "board"):
        return here
    return next((one for one in endpoints if one.split(".", maxsplit=1)[0] == feature), "")
