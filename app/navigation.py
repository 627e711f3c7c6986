"""What stands in the bar on top: at most six entries per role, each a question of that reader."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.actor import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class Entry:
    """One link; `count` is a number of things that wait for this person."""

    label: LazyString
    url: str
    current: bool
    count: int = 0


Plan = tuple[tuple[LazyString, str], ...]

PUBLIC: Plan = (
    (_l("首页"), "board.front"),
    (_l("供应市场"), "listings.browse_offers"),
    (_l("需求市场"), "listings.browse_requirements"),
    (_l("统计地图"), "maps.show"),
    (_l("统计口径"), "statistics.definitions"),
)
COMPANY: Plan = (
    (_l("工作台"), "board.desk"),
    (_l("供应市场"), "listings.browse_offers"),
    (_l("需求市场"), "listings.browse_requirements"),
    (_l("我的挂牌"), "listings.own"),
    (_l("交易"), "trades.index"),
    (_l("统计地图"), "maps.show"),
)
REGULATOR: Plan = (
    (_l("地图"), "maps.show"),
    (_l("供应市场"), "listings.browse_offers"),
    (_l("需求市场"), "listings.browse_requirements"),
    (_l("交易"), "trades.index"),
    (_l("统计口径"), "statistics.definitions"),
)
OPERATOR: Plan = (
    (_l("工作单"), "backoffice.work"),
    (_l("撮合场次"), "clearing.index"),
    (_l("企业审核"), "companies.index"),
    (_l("交易"), "trades.index"),
    (_l("目录"), "catalogue.show"),
    (_l("地图"), "maps.show"),
)
PLANS = {
    ActorKind.PUBLIC: PUBLIC,
    ActorKind.COMPANY: COMPANY,
    ActorKind.REGULATOR: REGULATOR,
    ActorKind.OPERATOR: OPERATOR,
}


def entries(actor: Actor, waiting: dict[str, int]) -> list[Entry]:
    """The reader's links; `waiting` maps an endpoint to what waits behind it."""
    plan = PLANS.get(actor.kind, PUBLIC)
    here = (request.blueprint, request.endpoint)
    return [
        Entry(label, url_for(endpoint), _is_current(endpoint, here), waiting.get(endpoint, 0))
        for label, endpoint in plan
        if endpoint in current_app.view_functions
    ]


def _is_current(endpoint: str, here: tuple[str | None, str | None]) -> bool:
    """A page below an entry marks it, unless the entry shares its feature with another."""
    blueprint, name = here
    if endpoint == name:
        return True
    alone = blueprint not in ("listings", "board")
    return alone and endpoint.split(".")[0] == blueprint
