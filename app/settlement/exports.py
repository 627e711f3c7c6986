"""A statement as a paper to sign and as a workbook. Both are Chinese: they are business papers."""

from __future__ import annotations

from decimal import Decimal

from app.core.i18n import moment, tonnes, yuan
from app.core.office.paper import Facts, Heading, Paper, Paragraph, Signatures, Table
from app.core.office.workbook import Sheet, workbook
from app.core.quantities import FEN_PER_YUAN, KG_PER_TONNE
from app.settlement.queries import Statement, TradeStatement

DEMO = "演示数据：企业与数字均为虚构"
RULE = (
    "金额 = 收货重量（过磅净重；有差异的按双方认定的重量）× 成交价，四舍五入到分。"
    "按车累计计价，各车金额之和等于整笔金额。"
)


def paper_of(found: Statement) -> Paper:
    """The statement, to be stamped by both sides."""
    return Paper(
        title="月度对账单",
        number=found.number,
        blocks=(
            Facts(_facts(found)),
            *(block for trade in found.trades for block in _trade_blocks(trade)),
            Heading("合计"),
            Facts(_sums(found)),
            Paragraph(RULE),
            *_waiting(found),
            Signatures(
                (("产废方（盖章）：", "日期："), ("利废方（盖章）：", "日期：")),
            ),
        ),
        notice=DEMO if found.is_synthetic else "",
    )


def workbook_of(found: Statement) -> bytes:
    """The same as XLSX: one line per load."""
    head = ("交易", "合同编号", "物料", "运单", "收货时间", "计价重量（吨）")
    money = ("产废方价（元/吨）", "产废方金额（元）", "运费（元）", "到厂金额（元）")
    rows = tuple(
        (
            trade.number,
            trade.contract_number,
            trade.material.name,
            line.load.shipment,
            line.load.received_at,
            Decimal(line.load.kg) / KG_PER_TONNE,
            _yuan(trade.price_producer),
            _yuan(line.producer_fen),
            _yuan(line.freight_fen),
            _yuan(line.consumer_fen),
        )
        for trade in found.trades
        for line in trade.lines
    )
    notes = [f"{label}：{value}" for label, value in (*_facts(found), *_sums(found))]
    notes += [RULE, *([DEMO] if found.is_synthetic else [])]
    widths = (14, 18, 12, 16, 18, 16, 18, 18, 14, 16)
    title = f"月度对账单 {found.number}"
    return workbook([Sheet("对账单", title, head + money, rows, tuple(notes), widths)])


def _facts(found: Statement) -> tuple[tuple[str, str], ...]:
    return (
        ("月份", f"{found.month:%Y-%m}"),
        ("产废方", f"{found.producer.name}（{found.producer.credit_code}）"),
        ("利废方", f"{found.consumer.name}（{found.consumer.credit_code}）"),
    )


def _sums(found: Statement) -> tuple[tuple[str, str], ...]:
    return (
        ("计价重量", f"{tonnes(found.kg)} 吨"),
        ("产废方", owed(found.producer_fen, "收", "付")),
        ("运费", f"{yuan(found.freight_fen)} 元"),
        ("利废方", owed(found.consumer_fen, "付", "收")),
    )


def owed(fen: int, positive: str, negative: str) -> str:
    """An amount with its direction in words, so that no bare minus stands in a statement."""
    return f"{negative if fen < 0 else positive} {yuan(abs(fen))} 元"


def _trade_blocks(trade: TradeStatement) -> tuple[Heading, Table]:
    rows = tuple(
        (
            line.load.shipment,
            moment(line.load.received_at),
            tonnes(line.load.kg),
            owed(line.producer_fen, "收", "付"),
            yuan(line.freight_fen),
        )
        for line in trade.lines
    )
    price = owed(trade.price_producer, "产废方收", "产废方付")
    title = f"{trade.number}　{trade.material.name}　{price}/吨"
    head = ("运单", "收货时间", "重量（吨）", "产废方（元）", "运费（元）")
    return Heading(title), Table(head, rows, (4, 4, 3, 4, 3), frozenset({2, 3, 4}))


def _waiting(found: Statement) -> tuple[Paragraph, ...]:
    if not found.waiting:
        return ()
    return (Paragraph(f"重量有差异、尚未认定，未计入本单：{'、'.join(found.waiting)}"),)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / FEN_PER_YUAN
