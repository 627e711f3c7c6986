"""The evidence for the evaluation of utilisation: which lot, which tickets, which product.

Source of the regime: 工业固体废物资源综合利用评价管理暂行办法 (MIIT announcement 2018 no. 26).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.core.office.workbook import Row, Sheet, Traced, workbook
from app.core.quantities import KG_PER_TONNE
from app.documents.ledger_forms import DEMO, SOURCES, Names
from app.documents.queries import FirmRow
from app.documents.rules import LoadLine

OWN_USE = "本表供纳税人自用，不是评价结论，也不是税务认定。"
HEAD = (
    "批次（挂牌编号 月份）",
    "物料",
    "交易",
    "运单",
    "磅单",
    "产废单位",
    "利用单位",
    "收货时间",
    "利用数量（吨）",
    "产品",
)


def evidence_workbook(
    firm: FirmRow, loads: list[LoadLine], period: tuple[date, date], names: Names
) -> bytes:
    """One line per received load, with everything it can be looked up by, as XLSX."""
    notes = (
        OWN_USE,
        f"单位：{firm.name}　统一社会信用代码：{firm.credit_code}",
        f"时段：{period[0]:%Y-%m} 至 {period[1]:%Y-%m}",
        *([DEMO] if firm.is_synthetic else ()),
    )
    rows = tuple(_row(load, names) for load in loads if load.received_kg)
    widths = (22, 12, 14, 16, 28, 28, 28, 18, 16, 14)
    title = "综合利用评价凭据清单"
    return workbook([Sheet("凭据清单", title, HEAD, rows, notes, widths)], SOURCES)


def _row(load: LoadLine, names: Names) -> Row:
    return (
        load.lot,
        names.materials[load.stream.material],
        load.trade,
        load.number,
        "、".join(load.tickets),
        load.producer,
        load.receiver,
        load.received_at,
        Traced(Decimal(load.received_kg) / KG_PER_TONNE, load.papers),
        names.products.get(load.product, "未填"),
    )
