"""What the measures are called on a page."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.actor import Actor
from app.core.i18n import exact_tonnes
from app.maps.policy import may_ask
from app.maps.rules import MARKET, OFFICIAL, Measure

MEASURES: dict[Measure, LazyString] = {
    Measure.UTILISATION: _l("综合利用率"),
    Measure.GAP: _l("距目标"),
    Measure.STOCK: _l("贮存量"),
    Measure.USED_HERE: _l("在本地利用"),
    Measure.OFFICIAL_FLOWS: _l("实际流向"),
    Measure.RATE: _l("签约率"),
    Measure.OFFERED: _l("在市量"),
    Measure.UNPLACED: _l("未安置"),
    Measure.REACHABLE: _l("物理可达"),
    Measure.FLOWS: _l("流向"),
}
GROUPS: tuple[tuple[LazyString, tuple[Measure, ...]], ...] = (
    (_l("官方统计"), OFFICIAL),
    (_l("市场"), MARKET),
)
"""Two groups that answer different questions; no number holds something of both."""


def groups_for(actor: Actor) -> list[tuple[LazyString, list[Measure]]]:
    """The groups with the measures that a reader may ask for."""
    return [
        (name, [measure for measure in measures if may_ask(actor, measure)])
        for name, measures in GROUPS
    ]


def signed_points(tenths: int) -> str:
    """`+1.2` or `−0.3` percentage points, from tenths."""
    sign = "−" if tenths < 0 else "+" if tenths else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"


def signed_tonnes(kg: int) -> str:
    return f"+{exact_tonnes(kg)}" if kg > 0 else exact_tonnes(kg)
