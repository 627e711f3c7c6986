"""The columns of each kind of table: how they are called, what belongs in them, what is needed.

The same columns make the blank table, are looked for in what is sent in, and are written when a
firm takes its own data out. `name` is the field of the row's form (`row_forms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.i18n import LOCALES, speaking
from app.imports.rules import PASSED_OVER, Head, ImportKind, heading_key, read_head


class Reading(StrEnum):
    """How the text of a cell becomes what the form takes."""

    TEXT = "text"
    WORD = "word"
    WORDS = "words"
    MONTH = "month"
    MOMENT = "moment"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Column:
    """`example` is what a filled cell may look like; `hint` says more where that is not enough.

    Of a column that `keeps_digits` a spreadsheet must not make a number: it would lose zeros.
    """

    name: str
    heading: LazyString
    example: str | LazyString
    hint: LazyString | str = ""
    needed: bool = False
    reading: Reading = Reading.TEXT
    keeps_digits: bool = False


def _window() -> tuple[Column, ...]:
    return (
        Column("tonnes", _l("每月数量（吨）"), "1200", _l("最多三位小数"), needed=True),
        Column("first_month", _l("起始月份"), "2026-12", needed=True, reading=Reading.MONTH),
        Column("last_month", _l("截止月份"), "2027-03", needed=True, reading=Reading.MONTH),
    )


def _dealing() -> tuple[Column, ...]:
    return (
        Column(
            "deal_mode", _l("成交方式"), _l("公开议价"), _l("不填就是公开议价"), False, Reading.WORD
        ),
        Column("list_payer", _l("挂牌价由谁付"), _l("产废方收"), "", False, Reading.WORD),
        Column("list_price", _l("挂牌价（元/吨）"), "8.50", _l("公开；不填负数，改选付款方")),
        Column("limit_payer", _l("限价由谁付"), _l("产废方收"), "", False, Reading.WORD),
        Column("limit_price", _l("限价（元/吨）"), "5", _l("保密，只用于撮合")),
        Column("max_km", _l("最远距离（公里）"), "150"),
        Column("silo", _l("可存放（吨）"), "3000"),
    )


_NUMBER = (
    Column("listing", _l("编号"), "", _l("新发布的不填；填了就是修改这一条")),
    Column("version", _l("版本"), "", _l("修改时保留导出的版本号，防止覆盖同事的改动")),
)
_SITE = Column(
    "site_id", _l("所在厂区"), _l("示例厂区"), _l("只有一个厂区时可以不填"), False, Reading.WORD
)
_SHOWN = (
    Column("shows_name", _l("公开企业名称"), _l("否"), "", False, Reading.YES_NO),
    Column("note", _l("说明"), "", _l("最多 300 字")),
)

OFFER_COLUMNS = (
    *_NUMBER,
    Column("materials", _l("物料"), _l("粉煤灰"), _l("一行一种物料"), True, Reading.WORD),
    Column(
        "kind", _l("细分种类"), "", _l("冶炼渣要填，例如钢渣；其他物料空着"), False, Reading.WORD
    ),
    _SITE,
    *_window(),
    *_dealing(),
    Column("holding_price", _l("每月存放成本（元/吨）"), "2"),
    Column("waste_name", _l("排污许可证上的名称"), _l("粉煤灰")),
    Column("waste_code", _l("废物代码"), "441-001-S02", keeps_digits=True),
    *_SHOWN,
)
REQUIREMENT_COLUMNS = (
    *_NUMBER,
    Column(
        "materials",
        _l("可接收的物料"),
        _l("粉煤灰、炉渣"),
        _l("几种都行时用顿号分开"),
        True,
        Reading.WORDS,
    ),
    _SITE,
    *_window(),
    *_dealing(),
    Column(
        "product",
        _l("用途"),
        _l("水泥"),
        _l("不填时，料能合法用于任何一种用途即可"),
        False,
        Reading.WORD,
    ),
    Column(
        "own_limits",
        _l("自定指标"),
        _l("烧失量 ≤ 8；细度 ≤ 25"),
        _l("各项用分号隔开；“小于”按“≤”、“大于”按“≥”算，两端都包含"),
    ),
    Column(
        "accepts_not_shown",
        _l("接受未证明的料"),
        _l("否"),
        _l("到厂自行检验；只对允许的用途有效"),
        False,
        Reading.YES_NO,
    ),
    *_SHOWN,
)
TICKET_COLUMNS = (
    Column(
        "note",
        _l("所属运单号"),
        "W-2611-00012",
        _l("平台上的运单，一张运单一行"),
        True,
        keeps_digits=True,
    ),
    Column("end", _l("过磅环节"), _l("装车过磅"), "", True, Reading.WORD),
    Column("number", _l("磅单号"), "20261125-031", "", True, keeps_digits=True),
    Column("gross_kg", _l("毛重（公斤）"), "46240", needed=True),
    Column("tare_kg", _l("皮重（公斤）"), "14780", needed=True),
    Column("net_kg", _l("净重（公斤）"), "31460", _l("可不填；填了会与毛重减皮重核对")),
    Column("weighed_at", _l("过磅时间"), "2026-11-25 15:00", "", True, Reading.MOMENT),
    Column("plate", _l("车牌号"), "鲁P5D827", _l("可不填；填了会与运单核对")),
    Column(
        "verdict", _l("验收"), _l("全部收下"), _l("收货时填；不填就是全部收下"), False, Reading.WORD
    ),
    Column("rejected_kg", _l("拒收重量（公斤）"), "", _l("部分拒收时填")),
    Column("reject_reason", _l("拒收原因"), "", _l("拒收时填"), False, Reading.WORD),
    Column("words", _l("说明"), "", _l("最多 300 字")),
)
REMARKS = _l("没有导入的原因")
"""The column in which a firm's own file comes back with what is wrong; it may stay there."""

COLUMNS: Mapping[ImportKind, tuple[Column, ...]] = {
    ImportKind.OFFERS: OFFER_COLUMNS,
    ImportKind.REQUIREMENTS: REQUIREMENT_COLUMNS,
    ImportKind.TICKETS: TICKET_COLUMNS,
}


def find_columns(kind: ImportKind, cells: tuple[str, ...]) -> Head:
    """Which cells of a head are the columns of this kind, in whichever of the two languages."""
    columns = COLUMNS[kind]
    names: dict[str, str] = {}
    for language in LOCALES:
        with speaking(language):
            names |= {heading_key(str(column.heading)): column.name for column in columns}
            names[heading_key(str(REMARKS))] = PASSED_OVER
    return read_head(cells, names, [column.name for column in columns if column.needed])


def headings(kind: ImportKind) -> dict[str, str]:
    """What every column is called, as the page is being written now."""
    return {column.name: str(column.heading) for column in COLUMNS[kind]}
