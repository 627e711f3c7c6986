"""What standards, limits and verdicts are called on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.catalogue.quality import (
    KindRow,
    LimitRow,
    ParameterRow,
    QualityNoteRow,
    StandardRow,
    UseRow,
)
from app.catalogue.rules import (
    ANY,
    Confidence,
    Direction,
    LimitRole,
    NoteRole,
    Radioactivity,
)
from app.core.faults import Fault
from app.core.i18n import day, is_english
from app.eligibility.queries import printed_range
from app.eligibility.ranges import Range, written
from app.eligibility.report import overrun, printed
from app.eligibility.rules import (
    CLOSED,
    USE_STANDARD,
    Finding,
    Limit,
    Outcome,
    Ruling,
    Verdict,
)

CONFIDENCES: dict[Confidence, LazyString] = {
    Confidence.SEEN: _l("已见来源"),
    Confidence.KNOWN: _l("背景知识"),
    Confidence.UNSURE: _l("待核实"),
}
TABLES: dict[LimitRole, LazyString] = {
    LimitRole.HAZARD: _l("危险废物鉴别"),
    LimitRole.CLASS_1: _l("第Ⅰ类固体废物"),
    LimitRole.ACCEPT: _l("对物料的要求"),
    LimitRole.PRODUCT: _l("对产品的要求"),
}
TABLE_NOTES: dict[LimitRole, LazyString] = {
    LimitRole.HAZARD: _l("超出任何一项即为危险废物，不能交易；没有检测的按一般固废推定"),
    LimitRole.CLASS_1: _l("全部符合才是第Ⅰ类；没有检测的按符合推定"),
    LimitRole.ACCEPT: _l("缺一项即未证明"),
    LimitRole.PRODUCT: _l("约束买方做成的产品，不判定这批物料"),
}
NOTES: dict[NoteRole, LazyString] = {
    NoteRole.TYPICAL: _l("常见值"),
    NoteRole.BENCHMARK: _l("行业基准"),
    NoteRole.HISTORIC: _l("旧版数值"),
    NoteRole.INFO: _l("说明"),
    NoteRole.METHOD: _l("方法"),
    NoteRole.TAX: _l("税收"),
    NoteRole.SITE: _l("填埋场要求"),
}
DIRECTIONS: dict[Direction, LazyString] = {
    Direction.BUYER_PAYS: _l("利废方付款"),
    Direction.SELLER_PAYS: _l("产废方付款"),
    Direction.EITHER: _l("两种都有"),
    Direction.INTERNAL: _l("厂内自用，不计价"),
}
CATEGORIES: dict[Radioactivity, LazyString] = {
    Radioactivity.MAIN_STRUCTURE: _l("建筑主体材料"),
    Radioactivity.HOLLOW: _l("空心率大于 25% 的主体材料"),
    Radioactivity.DECORATION_A: _l("A 类装饰装修材料"),
    Radioactivity.DECORATION_B: _l("B 类装饰装修材料"),
    Radioactivity.DECORATION_C: _l("C 类装饰装修材料"),
}
FACTS: dict[str, LazyString] = {
    "boiler_type": _l("锅炉类型"),
    "ash_class": _l("灰的类别"),
    "desulfurisation": _l("脱硫方式"),
    "ore": _l("矿石"),
    "magnesia": _l("氧化镁含量"),
}
FACT_WORDS: dict[str, LazyString] = {
    "pulverised": _l("煤粉炉"),
    "fluidised_bed": _l("循环流化床"),
    "co_fired": _l("掺烧废物"),
    "incinerator": _l("垃圾焚烧炉"),
    "F": _l("F 类灰"),
    "C": _l("C 类灰"),
    "none": _l("不脱硫"),
    "wet": _l("湿法脱硫"),
    "semi_dry": _l("半干法脱硫"),
    "dry": _l("干法脱硫"),
    "ordinary": _l("普通矿"),
    "vanadium_titanium": _l("钒钛磁铁矿"),
    "manganese": _l("锰铁渣"),
    "up_to_5pct": _l("氧化镁不大于 5%"),
    "over_5pct": _l("氧化镁大于 5%"),
}
OUTCOMES: dict[Outcome, tuple[str, LazyString]] = {
    Outcome.QUALIFIES: ("done", _l("可用")),
    Outcome.FAILS: ("wrong", _l("不可用")),
    Outcome.NOT_SHOWN: ("waiting", _l("未证明")),
}
"""The kind of chip and the word for each verdict."""
GATES: dict[tuple[LimitRole, Ruling], LazyString] = {
    (LimitRole.HAZARD, Ruling.MET): _l("符合"),
    (LimitRole.HAZARD, Ruling.BROKEN): _l("超出，属于危险废物"),
    (LimitRole.CLASS_1, Ruling.MET): _l("符合"),
    (LimitRole.CLASS_1, Ruling.BROKEN): _l("超出，属于第Ⅱ类"),
}
"""What a measured gate says; one of which nobody knows more is presumed met."""
FAULTS: dict[str, LazyString] = {
    "no_such_unit": _l("%(name)s 的单位应是 %(unit)s：%(text)s。"),
    "no_reading": _l("%(name)s 的“%(text)s”不是数值。"),
    "impossible": _l("%(name)s 不可能是这个数值，请核对。"),
    "too_much": _l("各氧化物之和超过 105%%，请核对。"),
    "no_such_fact": _l("没有“%(name)s=%(value)s”这项来源情况。"),
}
LIMIT_FAULTS: dict[str, LazyString] = {
    "no_such_name": _l(
        "“%(item)s”：没有这项指标。请用检测报告上的名称或符号，例如烧失量、细度、需水量比、SO₃。"
    ),
    "no_bound": _l("“%(item)s”没有写明上限还是下限。请写成“%(name)s ≤ 数值”或“%(name)s ≥ 数值”。"),
    "no_limit": _l("看不懂“%(item)s”。每项写成“烧失量 ≤ 8”，各项用分号隔开。"),
    "foreign_unit": _l("“%(item)s”的单位不对，%(name)s的单位是 %(unit)s。"),
    "no_unit": _l("“%(item)s”多写了单位，%(name)s没有单位，请只写数值。"),
    "impossible": _l("“%(item)s”超出了%(name)s可能的范围（%(range)s），请核对数值和单位。"),
    "reversed": _l("“%(item)s”的下限大于上限，请调换。"),
    "named_twice": _l("“%(item)s”前面已经写过，请合并成一条，例如“SO₃ 2.5~3.5”。"),
}
"""What is wrong with a limit that a buyer typed."""
UNITS = {"m2/kg": "m²/kg", "cm2/g": "cm²/g", "kg/m3": "kg/m³", "g/cm3": "g/cm³", "-": ""}
"""Units as a page writes them, where that is not their code."""

Parameters = Mapping[str, ParameterRow]


def fault_text(fault: Fault, name: str) -> str:
    """What is wrong with a value or a fact, in a sentence that names it."""
    values = dict(fault.values) | {"name": name}
    if "unit" in values:
        values["unit"] = unit_text(str(values["unit"]))
    return str(FAULTS[fault.code] % values)


def limit_fault_text(fault: Fault, parameters: Parameters) -> str:
    """What is wrong with a limit that a buyer typed, in a sentence that names it as typed."""
    values = {"item": fault.values["item"]}
    row = parameters.get(str(fault.values["parameter"]))
    if row:
        possible = written(Range(row.lowest, row.highest))
        unit = unit_text(str(row.unit))
        values |= {"name": row.name, "unit": unit, "range": _with_unit(possible, str(row.unit))}
    without_unit = fault.code == "foreign_unit" and row and not values["unit"]
    return str(LIMIT_FAULTS["no_unit" if without_unit else fault.code] % values)


def headline(text: str) -> str:
    """A name at the start of a line: English ones are kept in lower case, pH stays as it is."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def unit_text(unit: str) -> str:
    return UNITS.get(unit, unit)


def subject_text(code: str, parameters: Parameters) -> str:
    """What a limit is about: a parameter, a fact of the origin, or the use as a whole."""
    if code == USE_STANDARD:
        return str(_("用途标准的指标"))
    if code in ("", CLOSED):
        return str(_("这一用途"))
    return parameters[code].name if code in parameters else str(FACTS[code])


def grade_text(grade: str) -> str:
    """`III 级`, a category of GB 6566, or "" where there are no grades."""
    if grade in set(Radioactivity):
        return str(CATEGORIES[Radioactivity(grade)])
    return str(_("%(grade)s 级", grade=grade)) if grade else ""


def limit_text(row: LimitRow) -> str:
    """What a limit allows, in the digits and the unit of its standard: `≤12.0`."""
    if row.role is LimitRole.BARRED:
        return str(_("不得使用"))
    allowed = printed_range(row)
    return written(allowed) if allowed else facts_text(row.allowed)


def allowed_text(limit: Limit) -> str:
    """The same of a limit as grading sees it, with its unit."""
    allowed = printed(limit.allowed or Range(), limit)
    return _with_unit(written(allowed), limit.printed_unit) or facts_text(limit.words)


def facts_text(words: Iterable[str]) -> str:
    """What a fact may be: `干法脱硫或半干法脱硫`."""
    names = [str(word) for value, word in FACT_WORDS.items() if value in set(words)]
    return (" or " if is_english() else "或").join(names)


def finding_text(found: Finding, parameters: Parameters) -> str:
    """Why a lot fails: `烧失量 11.2 % > 10 %，III 级，GB/T 1596-2017 6.1 表 1`."""
    limit = found.limit
    said = [_broken(found, parameters), grade_text(limit.grade), place_text(limit)]
    return (", " if is_english() else "，").join(part for part in said if part)


def place_text(limit: Limit) -> str:
    """The standard and the clause, or that the buyer asks for it."""
    return f"{limit.standard} {limit.clause}".strip() or str(_("买方要求"))


def share_text(use: UseRow) -> str:
    """`10–45%`, or that nobody set one."""
    low, high = use.share_min_pct, use.share_max_pct
    if low is None and high is None:
        return str(_("没有规定"))
    if low is None or high is None:
        return f"≥{low}%" if high is None else f"≤{high}%"
    return f"{low}%" if low == high else f"{low}–{high}%"


def price_text(use: UseRow) -> str:
    """Who pays how much, in a range that is assumed; a bare minus is never shown."""
    low, high = use.price_low_cny_t, use.price_high_cny_t
    if low is None or high is None:
        return str(_("没有价格资料"))
    if low >= 0:
        return str(_("利废方付 %(low)s–%(high)s 元/吨", low=low, high=high))
    if high <= 0:
        return str(_("产废方付 %(low)s–%(high)s 元/吨", low=-high, high=-low))
    return str(_("产废方付至多 %(low)s，到利废方付至多 %(high)s 元/吨", low=-low, high=high))


def force_text(row: StandardRow) -> str:
    """The days on which an edition is in force."""
    if row.valid_to is None:
        return str(_("%(first)s 起", first=day(row.valid_from)))
    return str(_("%(first)s 至 %(last)s", first=day(row.valid_from), last=day(row.valid_to)))


def kind_of_limit(kind: str, kinds: Mapping[str, KindRow]) -> str:
    """The name of a kind, or that a limit holds for all."""
    return str(_("各种固废")) if kind == ANY else kinds[kind].name


def note_value(row: QualityNoteRow, parameters: Parameters) -> str:
    """The figure of a note with its unit, or "" where it is a sentence alone."""
    if row.parameter not in parameters:
        return ""
    return _with_unit(written(Range(row.minimum, row.maximum)), parameters[row.parameter].unit)


def subjects_text(found: Iterable[Finding], parameters: Parameters) -> str:
    """What findings are about, as a list in a sentence."""
    names = (subject_text(finding.limit.subject, parameters) for finding in found)
    return (", " if is_english() else "、").join(names)


def verdict_text(verdict: Verdict) -> str:
    """`可用：II 级`, `不可用` or `未证明`."""
    outcome = str(OUTCOMES[verdict.outcome][1])
    if not verdict.grade:
        return outcome
    return str(_("%(outcome)s：%(grade)s", outcome=outcome, grade=grade_text(verdict.grade)))


def _broken(found: Finding, parameters: Parameters) -> str:
    name = subject_text(found.limit.subject, parameters)
    if found.fact:
        values = {
            "name": name,
            "value": facts_text([found.fact]),
            "allowed": facts_text(found.limit.words),
        }
        return str(_("%(name)s是“%(value)s”，要求“%(allowed)s”", **values))
    beyond = overrun(found)
    if beyond is None:
        return str(_("这一用途不接收这种物料"))
    unit = found.limit.printed_unit
    reading, end = (_with_unit(text, unit) for text in (beyond.reading, beyond.end))
    return f"{name} {reading} {beyond.sign} {end}"


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit_text(unit)}".strip() if text else ""
