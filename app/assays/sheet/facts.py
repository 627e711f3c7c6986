"""What stands around a table: whose sample it is, when it was taken, who measured it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto

from app.assays.sheet.cells import Line, date_of
from app.catalogue.rules import Basis
from app.eligibility.units import is_unit


class Fact(StrEnum):
    SAMPLED_ON = auto()
    BATCH = auto()
    SAMPLE_NUMBER = auto()
    SAMPLE_NAME = auto()
    LABORATORY = auto()
    REPORT_NUMBER = auto()
    UNIT = auto()
    CERTIFICATE = auto()
    OTHER = auto()
    """Known, and nothing that is asked for."""


OF_A_SAMPLE = (Fact.SAMPLED_ON, Fact.BATCH, Fact.SAMPLE_NUMBER, Fact.SAMPLE_NAME)
_WORDS = {
    Fact.SAMPLED_ON: """
        采样日期|取样日期|抽样日期|采样时间|取样时间|抽样时间|生产日期|出厂日期|日期
        sampling date|date of sampling|sampled on""",
    Fact.BATCH: """
        批号|批次|批次号|样品批号|产品批号|生产批号|出厂批号
        batch|batch no|batch no.|lot no""",
    Fact.SAMPLE_NUMBER: """
        样品编号|试样编号|样品标识|样品号|样号|出厂编号|原样编号
        sample no|sample no.|sample id|sample""",
    Fact.SAMPLE_NAME: "样品名称|试样名称|产品名称|物料名称|样品|物料|sample name|product",
    Fact.LABORATORY: """
        检测单位|检验单位|检测机构|检验机构|检验检测机构|检测实验室|检测机构名称|检验检测机构名称
        试验单位|化验单位|分析单位|实验室|化验室|实验室名称|laboratory|testing laboratory|lab""",
    Fact.REPORT_NUMBER: """
        报告编号|报告号|报告编码|检测报告编号|检验报告编号|报告书编号|report no|report no.
        report number""",
    Fact.UNIT: "单位|计量单位|unit",
    Fact.CERTIFICATE: """
        CMA|CMA编号|CMA证书编号|CMA证书号|CMA资质证书编号|资质认定证书编号|资质认定编号
        计量认证证书编号|CNAS|CNAS编号|CNAS证书编号|CNAS注册号|CNAS认可证书编号|CNAS认可编号
        实验室认可证书编号""",
    Fact.OTHER: """
        委托单位|送检单位|送样单位|受检单位|生产单位|生产厂家|生产企业|委托人|联系人|委托编号
        样品数量|样品状态|样品规格|规格型号|规格|型号|等级|质量等级|代表批量|收样日期|接样日期
        送样日期|送检日期|到样日期|检测日期|检验日期|试验日期|化验日期|分析日期|报告日期|签发日期
        检测类别|检验类别|检测依据|检验依据|执行标准|检测环境|环境温度|环境湿度|温度|湿度|室温
        相对湿度|电话|传真|邮编|地址|采样人|取样人|采样地点|取样地点|页码|页数|基准""",
}
_FACTS = {
    "".join(word.casefold().split()): fact
    for fact, words in _WORDS.items()
    for word in re.split(r"[|\n]", words.strip())
}
_IN_LINE = re.compile(
    r"(?<!\w)(?P<label>{})(?:\s*[（(][^）)]*[）)])?\s*[:：]".format(
        "|".join(
            r"\s*".join(map(re.escape, word)) for word in sorted(_FACTS, key=len, reverse=True)
        )
    ),
    re.IGNORECASE,
)
_CNAS = re.compile(r"CNAS[^A-Z0-9]*(?:No\W*)?(?:CNAS\s*)?(L\s?\d{3,6})", re.IGNORECASE)
_CMA = re.compile(
    r"(?:CMA|资质认定|计量认证)(?:[^\d]{0,16}?)(?<!\d)(\d{9,13}[A-Z]?)(?!\d)", re.IGNORECASE
)
_LABORATORY = re.compile(
    r"[^，。：:|]{2,40}?(?:检测|检验|质检|化验|分析|测试|实验|研究)[^，。：:|]{0,20}(?:公司|中心|院|所|站|室)"
)
_DRY = re.compile(r"(?<!空)干基|(?<!空气)干燥基|dry basis", re.IGNORECASE)
_AS_RECEIVED = re.compile(r"收到基|湿基|原样基|as.received", re.IGNORECASE)
_ENDS = " \t\n,，;；。|"


@dataclass
class Facts:
    """What was said up to a place in the sheet; of the same thing the first counts."""

    said: dict[Fact, str] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)
    bases: set[Basis] = field(default_factory=set)

    @property
    def sampled_on(self) -> date | None:
        return date_of(self.said.get(Fact.SAMPLED_ON, ""))

    @property
    def label(self) -> str:
        """The most telling name of the sample."""
        kinds = (Fact.BATCH, Fact.SAMPLE_NUMBER, Fact.SAMPLE_NAME)
        return next((self.said[kind] for kind in kinds if kind in self.said), "")

    @property
    def laboratory(self) -> str:
        return self.said.get(Fact.LABORATORY, "")

    @property
    def report_number(self) -> str:
        return self.said.get(Fact.REPORT_NUMBER, "")

    @property
    def unit(self) -> str:
        return self.said.get(Fact.UNIT, "")

    @property
    def certificate(self) -> str:
        return "; ".join(self.certificates.values())

    def contradicts(self, told: dict[Fact, str]) -> bool:
        """Whether something else was said of the sample before."""
        return any(
            self.said.get(kind, text) != text for kind, text in told.items() if kind in OF_A_SAMPLE
        )

    def of_the_next_sample(self) -> Facts:
        """The same sheet, with nothing said of the sample yet."""
        kept = {kind: text for kind, text in self.said.items() if kind not in OF_A_SAMPLE}
        return Facts(kept, self.certificates, self.bases)

    def note(self, told: dict[Fact, str]) -> None:
        for kind, text in told.items():
            self.said.setdefault(kind, text)


def facts_of(line: Line) -> tuple[dict[Fact, str], set[int]]:
    """What a line says of the sheet, and the columns in which it does."""
    told: dict[Fact, str] = {}
    used: set[int] = set()
    cells = list(line.cells.items())
    for (column, text), (after, value) in zip(cells, [*cells[1:], (-1, "")], strict=True):
        within = list(_within(text))
        alone = label_of(text)
        if within and (within[0][1] or len(within) > 1):
            used.add(column)
        elif alone and column not in used and _answers(alone, value):
            within = [(alone, value.strip(_ENDS))]
            used |= {column, after}
        for kind, said in within:
            if said:
                told.setdefault(kind, said)
    return told, used


def _answers(kind: Fact, value: str) -> bool:
    """Whether a cell can be what the label before it announces."""
    if kind is Fact.SAMPLED_ON:
        return date_of(value) is not None
    if kind is Fact.UNIT:
        return is_unit(value)
    return bool(value) and label_of(value) is None


def label_of(text: str) -> Fact | None:
    """What a cell announces that holds nothing but a label: `报告编号` or `报 告 编 号：`."""
    return _FACTS.get("".join(text.casefold().split()).rstrip(":："))


def certificates_of(line: Line) -> tuple[dict[str, str], set[int]]:
    """The numbers of accreditation that a line names, and the columns in which they stand."""
    text = " ".join(line.cells.values())
    found = {
        mark: f"{mark} {''.join(number[1].split()).upper()}"
        for mark, pattern in (("CMA", _CMA), ("CNAS", _CNAS))
        if (number := pattern.search(text))
    }
    numbers = [number.split()[1] for number in found.values()]
    used = {
        column
        for column, cell in line.cells.items()
        if any(number in "".join(cell.split()).upper() for number in numbers)
    }
    return found, used


def laboratory_of(line: Line) -> str:
    """The name of a laboratory that stands alone on a line, as over a report."""
    texts = list(line.cells.values())
    return texts[0] if len(texts) == 1 and _LABORATORY.fullmatch(texts[0]) else ""


def bases_of(texts: Iterable[str]) -> Iterator[Basis]:
    """The states of the sample that texts name."""
    for text in texts:
        if _DRY.search(text):
            yield Basis.DRY
        if _AS_RECEIVED.search(text):
            yield Basis.AS_RECEIVED


def _within(text: str) -> Iterator[tuple[Fact, str]]:
    """Labels with a colon and what follows each, in one cell."""
    found = list(_IN_LINE.finditer(text))
    ends = [*(one.start() for one in found), len(text)][1:]
    for one, end in zip(found, ends, strict=True):
        kind = _FACTS["".join(one["label"].casefold().split())]
        yield kind, text[one.end() : end].strip(_ENDS)
