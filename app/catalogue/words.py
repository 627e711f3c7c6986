"""What codes and values of the catalogue are called on a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.catalogue.queries import (
    Blocked,
    FigureRow,
    RegionRow,
    StopRow,
    TargetRow,
    TermRow,
    region,
)
from app.catalogue.rules import (
    Answer,
    Comparison,
    Scope,
    Term,
    TermUnit,
    Unit,
    is_hazardous_code,
)
from app.core.i18n import EN_MONTHS, day, is_english

HUNDRED_MILLION = 100_000_000
TEN_THOUSAND = 10_000
SCOPES: dict[Scope, LazyString] = {
    Scope.LIAOCHENG: _l("聊城市"),
    Scope.SHANDONG: _l("山东省"),
    Scope.NATIONAL: _l("全国"),
}
ANSWERS: dict[Answer, LazyString] = {
    Answer.YES: _l("是"),
    Answer.NO: _l("否"),
    Answer.AMBIGUOUS: _l("说法不一"),
}
TERMS: dict[Term, LazyString] = {
    Term.ANSWER_DAYS: _l("撮合意向提出后，双方在第 %(value)s 天截止前答复"),
    Term.ANSWER_HOUR: _l("答复在截止当天 %(value)s:00 截止（中国标准时间）"),
    Term.CONTRACT_DAYS: _l("双方确认后，%(value)s 天内签订合同"),
    Term.DELIVERY_GRACE_DAYS: _l("交货月结束后，最多再有 %(value)s 天交清"),
    Term.CLOSE_DAYS: _l("最后一车办完后，%(value)s 天内办结"),
    Term.REMINDER_HOURS: _l("期限前 %(value)s 小时提醒"),
    Term.ESCALATE_DAYS: _l("过期后转运营方处理，%(value)s 天后自动了结"),
    Term.DISCREPANCY_DAYS: _l("磅差由双方在 %(value)s 天内商定"),
    Term.WEIGHT_TOLERANCE_MILLI: _l("两端磅单相差不超过 %(value)s%% 算作一致"),
    Term.SHORT_TOLERANCE_MILLI: _l("少交不超过 %(value)s%% 的，任何一方都可以办结"),
    Term.DEFAULT_LIMIT: _l("违约满 %(value)s 次的企业，运营方解除后才能再交易"),
    Term.DEFAULT_WINDOW_DAYS: _l("违约次数按最近 %(value)s 天计算"),
    Term.NEGOTIATION_DAYS: _l("直接报价 %(value)s 天内有效"),
    Term.ROUND_OPEN_DAYS: _l("定期竞价场次开放 %(value)s 天"),
    Term.ROUND_WEEKDAY: _l("定期竞价场次每周一次，在星期 %(value)s 截止（1 是星期一）"),
    Term.ROUND_CLOSE_HOUR: _l("定期竞价场次在 %(value)s:00 截止（中国标准时间）"),
    Term.LOOKUP_HOURS: _l("监管人员查询企业名称后，%(value)s 小时内可见"),
    Term.SILO_WARN_DAYS: _l("料仓预计 %(value)s 天内装满时提醒企业"),
    Term.TRANSIT_HOURS: _l("车辆发出后超过 %(value)s 小时未到，提醒双方和运营方"),
    Term.RETURN_HOURS: _l("拒收的货应在 %(value)s 小时内退回并过磅"),
    Term.LOST_DAYS: _l("在途或退回的货 %(value)s 天没有过磅，转运营方按未到货核实"),
    Term.ASSAY_DAYS: _l("品质检测自采样日起 %(value)s 天内有效"),
    Term.ASSAY_BATCHES: _l("认可实验室检测满 %(value)s 批，才算最高一级品质依据"),
    Term.ASSAY_SPAN_DAYS: _l("这些批次的采样日期前后至少相隔 %(value)s 天"),
    Term.DECLARE_DAY: _l("每月 %(value)s 日前申报上月的固体废物"),
    Term.DECLARE_REMIND_DAYS: _l("申报期限前 %(value)s 天提醒还没有申报的企业"),
    Term.DECLARE_ESCALATE_DAYS: _l("申报逾期超过 %(value)s 天，转监管部门跟进"),
    Term.DISCLOSURE_GROUPS: _l("公布的合计至少来自 %(value)s 个互不关联的集团或企业"),
    Term.DISCLOSURE_SHARE_MILLI: _l("公布的合计里，一个集团最多占 %(value)s%%"),
    Term.DISCLOSURE_MARGIN_MILLI: _l("凭公布的数推算别家，至少要差 %(value)s%%"),
}


def target_text(target: TargetRow, on: date) -> str:
    """The target, its term, and plainly whether that has passed."""
    values = {
        "amount": amount(target.value, target.unit),
        "due": day(target.due_on),
        "days": (target.due_on - on).days,
    }
    if target.is_past(on):
        return str(_("目标 %(amount)s（期限 %(due)s，已过）", **values))
    return str(_("目标 %(amount)s（期限 %(due)s，还有 %(days)s 天）", **values))


def target_caveat(where: RegionRow | None) -> str:
    """Whose target it is, wherever one is shown for more than its own city; else nothing."""
    if where is None or not where.is_province:
        return ""
    return str(_("这是聊城市的目标。其他市和全省按同一目标算缺口，只作比较。"))


def whole_of(*, is_province: bool) -> str:
    """What all of a region is called where the region itself is not named."""
    return str(_("全省") if is_province else _("全市"))


def whole_region(session: Session) -> str:
    """The same of all counties of this installation."""
    found = region(session)
    return whole_of(is_province=found is not None and found.is_province)


def stop_text(stop: StopRow) -> str:
    """The days of a yearly stop, both idle."""
    first, last = map(day_of_year, (stop.idle_from, stop.idle_to))
    if stop.idle_to < stop.idle_from:
        return str(_("每年 %(first)s 至次年 %(last)s", first=first, last=last))
    return str(_("每年 %(first)s 至 %(last)s", first=first, last=last))


def day_of_year(text: str) -> str:
    """`11-15`, or `15 Nov`."""
    month, day_of_month = text.split("-")
    return f"{int(day_of_month)} {EN_MONTHS[int(month) - 1]}" if is_english() else text


def figure_text(figure: FigureRow) -> str:
    """A published figure as its source words it."""
    value = amount(figure.value, figure.unit)
    if figure.comparison is Comparison.OVER:
        return str(_("超过 %(amount)s", amount=value))
    if figure.comparison is Comparison.ABOUT:
        return str(_("约 %(amount)s", amount=value))
    return value


def term_text(row: TermRow) -> str:
    """A term of the market as a sentence; thousandths are written as a percentage."""
    value = Decimal(row.value) / 10 if row.unit is TermUnit.PER_MILLE else row.value
    return str(TERMS[row.code] % {"value": value})


def amount(value: Decimal, unit: Unit) -> str:
    """A value with its unit; large masses in 万 or 亿 tonnes on Chinese pages."""
    if unit is Unit.PERCENT:
        return f"{_plain(value)}%"
    if unit is Unit.FIRMS:
        return str(_("%(count)s 家", count=_plain(value)))
    if is_english():
        return f"{_plain(value)} t/year"
    if value >= HUNDRED_MILLION:
        return f"{_plain(value / HUNDRED_MILLION)} 亿吨/年"
    return f"{_plain(value / TEN_THOUSAND)} 万吨/年"


def _plain(value: Decimal) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class HazardNotice:
    """Why words are refused and where such waste must go: a panel on a page, one text elsewhere.

    It is worded when it is shown, in the language of whoever reads it.
    """

    blocked: Blocked

    @property
    def headline(self) -> str:
        """What was refused, in one sentence."""
        if is_hazardous_code(self.blocked.found):
            return str(_("“%(found)s”是危险废物代码，不受理。", found=self.blocked.found))
        return str(_("“%(found)s”是危险废物的名称，不受理。", found=self.blocked.found))

    @property
    def waste(self) -> str:
        """The hazardous waste by its codes and its name."""
        row = self.blocked.row
        return " ".join([*row.official_codes, row.name])

    @property
    def reason(self) -> str:
        return self.blocked.row.reason

    @property
    def go_to(self) -> str:
        return self.blocked.row.go_to

    def __str__(self) -> str:
        told = _("危险废物：%(waste)s。应送往：%(go_to)s", waste=self.waste, go_to=self.go_to)
        return _spaced(self.headline, self.reason, told)


def _spaced(*sentences: str) -> str:
    return (" " if is_english() else "").join(sentences)
