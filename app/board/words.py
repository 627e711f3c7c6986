"""The words of the first pages: the one button of the desk, and how plans and reports are cited."""

from __future__ import annotations

from datetime import date

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.board.rules import Step, citation
from app.catalogue.queries import FigureRow, TargetRow
from app.catalogue.rules import Confidence
from app.core.i18n import day
from app.listings.rules import Side

STEPS: dict[Step, tuple[LazyString, str]] = {
    Step.AMEND: (_l("改正并再次申请"), "companies.amend"),
    Step.FOLLOW: (_l("查看审核进度"), "companies.own"),
    Step.ASK_WHY: (_l("查看原因"), "companies.own"),
    Step.ANSWER: (_l("处理交易"), "trades.index"),
    Step.OFFER: (_l("发布供应"), "listings.new_offer"),
    Step.REQUIRE: (_l("发布需求"), "listings.new_requirement"),
    Step.LOOK: (_l("查看交易"), "trades.index"),
    Step.DRIVE: (_l("查看运单"), "shipments.index"),
}
SIDES: dict[Side, LazyString] = {
    Side.OFFER: _l("供应"),
    Side.REQUIREMENT: _l("需求"),
}
FILES: dict[str, tuple[LazyString, LazyString]] = {
    "producers.csv": (
        _l("各物料的产废企业（CSV）"),
        _l("企业、产生量、利用量、品质等级、用途、截至时间；质量单位为千克"),
    ),
    "producers.json": (_l("各物料的产废企业（JSON）"), _l("与上面相同")),
    "counties.geojson": (
        _l("各县（市、区）的综合利用率（GeoJSON）"),
        _l("不含赤泥；坐标是县（市、区）政府驻地，WGS-84"),
    ),
}
"""What the files of the open data are called, and what is in them."""
COVERAGE: dict[str, tuple[LazyString, ...]] = {
    "all_industrial": (_l("全部工业固废"), _l("含赤泥"), _l("与目标口径不同")),
    "all_bulk": (_l("大宗工业固废"),),
}
"""What a published figure of the city counts."""


def term(target: TargetRow, on: date) -> list[str]:
    """Until when a target is to be reached, plainly past or not, and who set it."""
    past, due = target.is_past(on), day(target.due_on)
    until = _("期限 %(due)s，已过", due=due) if past else _("期限 %(due)s", due=due)
    return [str(until), *cited(target)]


def coverage(figure: FigureRow) -> list[str]:
    """What a published figure counts, and who published it."""
    return [*map(str, COVERAGE.get(figure.materials, ())), *cited(figure)]


def cited(row: TargetRow | FigureRow) -> list[str]:
    """The source of a row, and whether it still needs checking."""
    source = citation(row.source)
    return [source, str(_("待核实"))] if row.confidence is Confidence.UNSURE else [source]
