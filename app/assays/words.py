"""What levels and faults of assays are called on a page."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.assays.rules import Evidence
from app.catalogue.rules import Basis
from app.core.faults import Fault
from app.core.i18n import day, tonnes
from app.eligibility.words import fault_text

EVIDENCE: dict[Evidence, LazyString] = {
    Evidence.NONE: _l("没有检测"),
    Evidence.TYPED: _l("企业自填"),
    Evidence.DATED: _l("申报，有采样日期"),
    Evidence.REPORTED: _l("附检测报告"),
    Evidence.ACCREDITED: _l("认可实验室，多批"),
}
BASES: dict[Basis, LazyString] = {
    Basis.DRY: _l("干基"),
    Basis.AS_RECEIVED: _l("收到基"),
}
QUOTED: dict[str, Callable[..., str]] = {"day": day, "mass_limit": tonnes}
"""How the values a sentence quotes are written; the rest stand as they are."""
SENTENCES: dict[str, LazyString] = {
    "no_values": _l("至少要有一项检测值。"),
    "too_many_values": _l("一份检测最多 %(limit)s 项，请分开填写。"),
    "too_long": _l("最多 %(limit)s 个字。"),
    "twice": _l("%(name)s 填了两次，请只留一个。"),
    "no_such_parameter": _l("没有这项指标，请从列表中选。"),
    "sampled_in_future": _l("采样日期 %(day)s 还没有到，请核对。"),
    "sampled_long_ago": _l("采样日期 %(day)s 已超过十年，请核对。"),
    "no_certificate": _l("“%(value)s”不是证书编号。CMA 后面 12 位数字，或 CNAS L 加编号。"),
    "laboratory_missing": _l("填了证书编号，还要填检测单位。"),
    "batch_out_of_range": _l("批量要大于 0，不超过 %(mass_limit)s 吨。"),
    "moisture_missing": _l("填了批量，或数值是收到基，就要填含水量，才能换算成干基。"),
    "moisture_not_a_number": _l("含水量要是一个 0 到 100 之间的数。"),
}


def spoken(fault: Fault, name: str) -> str:
    """What is wrong with a field of an assay, in a sentence; `name` is what the page calls it."""
    if fault.code not in SENTENCES:
        return fault_text(fault, name)
    values = {key: QUOTED.get(key, str)(value) for key, value in fault.values.items()}
    return str(SENTENCES[fault.code] % (values | {"name": name}))
