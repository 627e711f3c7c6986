"""What values, trends, ladders and answers of the market are called on a passport."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.assays.spread import Spread, Trend
from app.catalogue.quality import UseRow
from app.catalogue.rules import LimitRole
from app.core.i18n import day, is_english, tonnes
from app.eligibility.ranges import Range, written
from app.eligibility.rules import PRESUMED_FACTS, USE_STANDARD, Finding
from app.eligibility.words import (
    FACT_WORDS,
    Parameters,
    finding_text,
    grade_text,
    headline,
    subject_text,
    subjects_text,
    unit_text,
)
from app.passports.charts import BatchChart, Ladder, LadderRow, LimitLine
from app.passports.outlook import Answer, Buyer, GateOutlook, OpenTest, UseOutlook
from app.passports.values import ValueRow

MOST_NAMED = 3
"""How many missing values a sentence names."""
ANSWERS: dict[Answer, tuple[str, LazyString]] = {
    Answer.TAKES: ("done", _l("现在就收")),
    Answer.WOULD: ("waiting", _l("补齐就可能收")),
    Answer.CANNOT: ("wrong", _l("不收")),
}
"""The kind of chip and the word for what a requirement says to a lot."""
TRENDS: dict[Trend, LazyString] = {
    Trend.RISING: _l("上升"),
    Trend.FALLING: _l("下降"),
    Trend.NONE: _l("无趋势"),
    Trend.UNKNOWN: _l("批次不够"),
}
GATES: dict[LimitRole, LazyString] = {
    LimitRole.HAZARD: _l("不是危险废物"),
    LimitRole.CLASS_1: _l("第Ⅰ类固体废物"),
}
"""What is said of a lot at each gate."""


def reading_text(reading: Range) -> str:
    """A reading in the digits of its laboratory: `4.9`, `<0.01`, or that nothing was found."""
    return written(reading) or str(_("未检出"))


def with_unit(text: str, unit: str) -> str:
    return f"{text} {unit_text(unit)}".strip()


def mean_text(row: ValueRow) -> str:
    """The mean with one digit more than its readings have."""
    if row.spread.mean is None:
        return str(_("没有数值"))
    return str(_rounded(row.spread.mean, _digits(row) + 1))


def spread_text(found: Spread) -> str:
    """`6.1–6.7`, `<0.01–0.05`, or one reading where they are all alike."""
    if found.least is None or found.most is None:
        return str(_("未检出"))
    ends = dict.fromkeys((written(found.least), written(found.most)))
    return "–".join(ends)


def lands_text(row: LadderRow) -> str:
    """Where the value stands: `II 级`, beyond all grades, or that it is not known."""
    if row.value.reading is None:
        return str(_("未检"))
    if not row.is_settled:
        return str(_("判不了"))
    return grade_text(row.grade) or str(_("超出各级"))


def ladder_sentence(row: LadderRow, ladder: Ladder) -> str:
    """The drawing of one parameter, for those who hear it."""
    name = headline(row.value.parameter.name)
    limits = _list(
        _("%(grade)s %(limit)s", grade=grade_text(grade), limit=written(allowed))
        for grade, allowed in row.allowed.items()
    )
    values = {"name": name, "limits": limits, "standard": ladder.standard}
    if row.value.reading is None:
        return str(_("%(name)s未检；%(standard)s 的限值：%(limits)s。数字见同一行。", **values))
    values["value"] = with_unit(reading_text(row.value.reading), row.value.unit)
    values["lands"] = lands_text(row)
    return str(
        _(
            "%(name)s %(value)s，%(lands)s；%(standard)s 的限值：%(limits)s。数字见同一行。",
            **values,
        )
    )


def line_label(line: LimitLine) -> str:
    """What stands at a limit in the drawing: `≤8.0 II`."""
    grades = {limit.grade for _use, limit in line.limits if limit.grade}
    return " ".join([end_text(line), "/".join(sorted(grades))]).strip()


def end_text(line: LimitLine) -> str:
    """An end of a limit: `≤8.0`."""
    closed, opened = ("≤", "<") if line.is_upper else ("≥", ">")
    return f"{opened if line.is_open else closed}{line.end:f}"


def line_uses(line: LimitLine) -> str:
    """Whose limit a line is: `混凝土和砂浆掺合料 II 级、水泥活性混合材料`."""
    names = dict.fromkeys(_use_grade(use, limit.grade) for use, limit in line.limits)
    return headline(_list(names))


def chart_sentence(chart: BatchChart) -> str:
    """The drawing of the batches, for those who hear it."""
    name = headline(chart.value.parameter.name)
    count = len(chart.dots)
    if not count or chart.first is None or chart.last is None:
        return str(_("%(name)s：没有可以画出的数值，见下表。", name=name))
    values = {"name": name, "count": count, "first": day(chart.first), "last": day(chart.last)}
    return str(
        _("%(name)s：%(count)s 批，%(first)s 至 %(last)s，与限值比较；数字见下表。", **values)
    )


def fact_text(fact: str, told: dict[str, str]) -> str:
    """What was said of the origin, or what is taken to be so without a word."""
    if fact in told:
        return str(FACT_WORDS[told[fact]])
    if fact in PRESUMED_FACTS:
        return str(_("没有说明，按%(value)s", value=FACT_WORDS[PRESUMED_FACTS[fact]]))
    return str(_("没有说明"))


def fit_text(outlooks: Iterable[UseOutlook]) -> str:
    """The uses a lot is fit for, each with its grade."""
    return headline(_list(_use_grade(each.use, each.verdict.grade) for each in outlooks))


def use_reasons(outlook: UseOutlook, parameters: Parameters) -> list[str]:
    """Why a use has its verdict: what fails, what is missing, or that all is met."""
    rung = outlook.verdict.rung
    if rung.failing:
        return [headline(finding_text(each, parameters)) for each in rung.failing]
    if rung.missing:
        return [missing_text(rung.missing, parameters)]
    return [_("%(count)s 项要求全部符合", count=len(rung.met))]


def better_text(outlook: UseOutlook, parameters: Parameters) -> str:
    """What a lot that is fit would need for a better grade, or ""."""
    if outlook.verdict.rung.missing or not outlook.missing:
        return ""
    missing = subjects_text(outlook.missing, parameters)
    return str(_("更高一级还缺：%(missing)s", missing=missing))


def missing_text(missing: Iterable[Finding], parameters: Parameters) -> str:
    """`缺 3 项：烧失量、细度、锅炉类型`, or that there are no limits to hold a value against."""
    found = list(missing)
    tested = [each for each in found if each.limit.subject != USE_STANDARD]
    if not tested:
        return str(_("没有读到限值，检测也证明不了"))
    names = subjects_text(tested, parameters)
    return str(_("缺 %(count)s 项：%(names)s", count=len(tested), names=names))


def buyer_reasons(buyer: Buyer, parameters: Parameters) -> list[str]:
    """Why a requirement answers as it does."""
    rung = buyer.fit.verdict.rung
    if rung.failing:
        return [headline(finding_text(each, parameters)) for each in rung.failing]
    if buyer.answer is Answer.TAKES:
        return [_("接受未证明的料") if rung.missing else _("要求全部符合")]
    if not buyer.is_kind_known:
        return [_("供应没有说明细分种类，找不到适用的标准")]
    if not buyer.missing:
        return [_("没有读到这种用途的限值，买方又不接受未证明的料")]
    return [missing_text(rung.missing, parameters)]


def gate_status(gate: GateOutlook) -> tuple[str, str]:
    """The kind of chip and the word: broken, measured and met, or presumed."""
    if gate.broken:
        return "wrong", str(_("超出"))
    if gate.met and not gate.presumed:
        return "done", str(_("检测符合"))
    if gate.met:
        return "draft", str(_("推定，%(met)s 项已证实", met=len(gate.met)))
    return "draft", str(_("推定"))


def first_subjects(missing: Sequence[Finding], parameters: Parameters) -> str:
    """The first few of what is missing, and how many there are of more."""
    if len(missing) <= MOST_NAMED:
        return subjects_text(missing, parameters)
    names = subjects_text(missing[:MOST_NAMED], parameters)
    return str(_("%(names)s等 %(count)s 项", names=names, count=len(missing)))


def uses_text(uses: Iterable[UseRow]) -> str:
    return _list(use.name for use in uses)


def waiting_text(test: OpenTest) -> str:
    """What waits for a missing value: its uses, and the buyers with their tonnes."""
    said = [headline(uses_text(test.uses))] if test.uses else []
    if test.buyers:
        waiting = {"count": test.buyers, "tonnes": tonnes(test.kg)}
        said.append(_("需求 %(count)s 条，%(tonnes)s 吨/月", **waiting))
    return ("; " if is_english() else "；").join(said)


def open_uses_text(without_limits: int, count: int) -> str:
    """What the uses that are not shown wait for."""
    if not count:
        return ""
    if not without_limits:
        return str(_("缺检测或来源情况"))
    if without_limits == count:
        return str(_("没有读到限值"))
    waiting = {"waiting": count - without_limits, "closed": without_limits}
    return str(_("%(waiting)s 种缺检测或来源情况，%(closed)s 种没有读到限值", **waiting))


def culprits_text(subjects: Sequence[str], parameters: Parameters) -> str:
    """`多卡在烧失量、三氧化硫`, or "" where nothing fails."""
    if not subjects:
        return ""
    names = _list(subject_text(subject, parameters) for subject in subjects[:2])
    return str(_("多卡在%(names)s", names=names))


def asked_text(row: ValueRow) -> str:
    """Which uses ask for a value that is not there."""
    if not row.uses:
        return str(_("没有用途要看这一项。"))
    return str(_("要看它的用途：%(uses)s。", uses=uses_text(row.uses)))


def _use_grade(use: UseRow, grade: str) -> str:
    return " ".join(part for part in (use.name, grade_text(grade)) if part)


def _list(parts: Iterable[str]) -> str:
    return (", " if is_english() else "、").join(parts)


def _digits(row: ValueRow) -> int:
    """The most decimals a reading of the row has."""
    ends = (each.reading.low for each in row.series if each.counts and each.reading.is_exact)
    exponents = (end.as_tuple().exponent for end in ends if end is not None)
    return max((-each for each in exponents if isinstance(each, int)), default=0)


def _rounded(amount: Fraction, digits: int) -> Decimal:
    """Half to even, with these decimals and no more."""
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(Decimal(1).scaleb(-max(digits, 0)), ROUND_HALF_EVEN)
