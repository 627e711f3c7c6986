"""The seven ledger forms as sheets of one workbook. They are Chinese, as the authority reads them.

Every figure is a `Traced` cell. The columns follow announcement 2021 no. 82; their order may
differ from the printed forms (confidence K, see docs/data-sources.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.catalogue.queries import MaterialRow
from app.core.office.workbook import Row, Sheet, SourceWords, Traced, workbook
from app.core.quantities import KG_PER_TONNE
from app.declarations.rules import EventKind, WasteForm
from app.declarations.words import FORMS
from app.documents.queries import FirmRow
from app.documents.rules import Books, Flow, LoadLine, Log, SourceLine, Stream, Sum, YardLine
from app.listings.words import PRODUCTS

SOURCES = SourceWords("依据", "各数字的依据", ("表", "单元格", "数值", "凭据"))
DEMO = "演示数据：企业与数字均为虚构"
HEADS = {
    "表1": "编号 代码 名称 类别 产生环节 物理性状 主要成分 污染特性 年产生量（吨） 厂区",
    "表2": "月份 代码 名称 类别 产生量（吨） 贮存量（吨） 累计贮存量（吨） 自行利用量（吨） "
    "委托利用量（吨） 自行处置量（吨） 委托处置量（吨）",
    "表3": "记录表编号 代码 名称 出厂时间 出厂数量（吨） 出厂环节经办人 运输单位 运输信息 "
    "运输方式 接收单位 流向类型 去向",
    "表4": "记录表编号 代码 名称 产生时间 产生数量（吨） 转移去向 产生部门经办人",
    "表5": "记录表编号 代码 名称 时间 数量（吨） 入库或出库 贮存设施编码 经办人",
    "表6": "记录表编号 代码 名称 时间 数量（吨） 利用设施编码 利用方式 经办人",
    "表7": "记录表编号 代码 名称 时间 数量（吨） 处置设施编码 处置方式 经办人",
}
PROVINCE = slice(0, 2)


@dataclass(frozen=True, slots=True)
class Names:
    """What a reader of Chinese calls the codes; made within `core.i18n.in_chinese`."""

    materials: Mapping[str, str]
    products: Mapping[str, str]

    @classmethod
    def of(cls, materials: Mapping[str, MaterialRow]) -> Names:
        return cls(
            {code: row.name for code, row in materials.items()},
            {code: str(word) for code, word in PRODUCTS.items()},
        )


def ledger_workbook(firm: FirmRow, log: Log, names: Names) -> bytes:
    """The seven forms and the sheet of sources, as XLSX."""
    return workbook(sheets(firm, log, names), SOURCES)


def sheets(firm: FirmRow, log: Log, names: Names) -> list[Sheet]:
    """The seven forms, in their order."""
    book = _Book(firm, log, names)
    return [
        book.sources(),
        book.flows(),
        book.loads(),
        book.generated(),
        book.stored(),
        book.used(),
        book.disposed(),
    ]


class _Book:
    def __init__(self, firm: FirmRow, log: Log, names: Names) -> None:
        self._log, self._names = log, names
        self._named = {source.stream: source for source in log.sources}
        period = f"{log.first:%Y-%m} 至 {log.last:%Y-%m}"
        self._notes = (
            f"单位：{firm.name}　统一社会信用代码：{firm.credit_code}　时段：{period}",
            *([DEMO] if firm.is_synthetic else ()),
        )

    def sources(self) -> Sheet:
        return self._sheet("表1", "一般工业固体废物产生清单", map(_source_row, self._log.sources))

    def flows(self) -> Sheet:
        rows = [self._flow_row(flow) for flow in Books(self._log).flows()]
        return self._sheet("表2", "一般工业固体废物流向汇总表", rows)

    def loads(self) -> Sheet:
        rows = [self._load_row(load) for load in self._log.loads]
        return self._sheet("表3", "一般工业固体废物出厂环节记录表", rows)

    def generated(self) -> Sheet:
        lines = self._log.yard_of(EventKind.GENERATED)
        rows = [self._yard_row(one, one.destination, one.handler) for one in lines]
        return self._sheet("表4", "一般工业固体废物产生环节记录表", rows)

    def stored(self) -> Sheet:
        words = {EventKind.STORED: "入库", EventKind.TAKEN_OUT: "出库"}
        lines = self._log.yard_of(*words)
        rows = [self._yard_row(one, words[one.kind], one.facility, one.handler) for one in lines]
        return self._sheet("表5", "一般工业固体废物贮存环节记录表", rows)

    def used(self) -> Sheet:
        lines = self._log.yard_of(EventKind.SELF_USED)
        rows = [self._yard_row(one, one.facility, one.product, one.handler) for one in lines]
        return self._sheet("表6", "一般工业固体废物自行利用环节记录表", rows)

    def disposed(self) -> Sheet:
        lines = self._log.yard_of(EventKind.SELF_DISPOSED)
        rows = [self._yard_row(one, one.facility, one.destination, one.handler) for one in lines]
        return self._sheet("表7", "一般工业固体废物自行处置环节记录表", rows)

    def _sheet(self, name: str, title: str, rows: Iterable[Row]) -> Sheet:
        head = tuple(HEADS[name].split())
        widths = tuple(max(12, 2 * len(text)) for text in head)
        return Sheet(name, title, head, tuple(rows), self._notes, widths)

    def _waste(self, stream: Stream) -> tuple[str, str]:
        """Code and name, as registered in form 1."""
        source = self._named.get(stream)
        if source is None:
            return "", self._names.materials[stream.material]
        return source.waste_code, source.waste_name

    def _flow_row(self, flow: Flow) -> Row:
        source = self._named.get(flow.stream)
        sums = (
            flow.generated,
            flow.stored,
            flow.stock,
            flow.self_used,
            flow.entrusted_used,
            flow.self_disposed,
            flow.entrusted_disposed,
        )
        waste_class = source.waste_class if source else ""
        return (f"{flow.month:%Y-%m}", *self._waste(flow.stream), waste_class, *map(_traced, sums))

    def _load_row(self, load: LoadLine) -> Row:
        inside = load.receiver_adcode[PROVINCE] == load.sender_adcode[PROVINCE]
        return (
            load.number,
            *self._waste(load.stream),
            load.departed_at,
            Traced(_tonnes(load.dispatched_kg), load.papers),
            load.handler,
            load.carrier,
            f"{load.plate} {load.driver}",
            "公路",
            load.receiver,
            "省内" if inside else "跨省",
            f"利用：{self._names.products.get(load.product, '综合利用')}",
        )

    def _yard_row(self, line: YardLine, *rest: str) -> Row:
        kg = Traced(_tonnes(line.kg), (line.number,))
        return (line.number, *self._waste(line.stream), line.at, kg, *rest)


def _source_row(source: SourceLine) -> Row:
    return (
        source.number,
        source.waste_code,
        source.waste_name,
        source.waste_class,
        source.process,
        str(FORMS[WasteForm(source.form)]),
        source.composition,
        source.pollution,
        Traced(_tonnes(source.yearly_kg), (source.number,)),
        source.site,
    )


def _traced(found: Sum) -> Traced:
    return Traced(_tonnes(found.kg), found.events)


def _tonnes(kg: int) -> Decimal:
    return Decimal(kg) / KG_PER_TONNE
