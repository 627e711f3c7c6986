"""The briefing as a paper, in Chinese as it goes to the office."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from app.catalogue.words import target_caveat, target_text
from app.core.clock import china_day
from app.core.i18n import moment, month, tonnes
from app.core.office.paper import Block, Facts, Heading, NewPage, Paper, Paragraph, Table
from app.oversight.briefing.drawing import map_of, share_text
from app.oversight.briefing.figures import Briefing, region_of
from app.oversight.briefing.outlook_paper import steps, work_list
from app.statistics.indicators import Sums, rate
from app.statistics.rules import rate_tenths
from app.statistics.words import DEMO

NOTHING = "—"
FIGURES = frozenset(range(1, 8))


def paper_of(found: Briefing, *, is_synthetic: bool) -> Paper:
    """The paper of a month for one region; the same figures make the same paper."""
    return Paper(
        title=_("%(region)s大宗工业固废综合利用月度简报", region=region_of(found.counties)),
        number=_(
            "%(month)s · 月结 v%(version)s", month=month(found.month), version=found.close.version
        ),
        blocks=tuple(_blocks(found)),
        notice=str(DEMO) if is_synthetic else "",
    )


def _blocks(found: Briefing) -> Iterator[Block]:
    yield Heading(_("一、要点"))
    yield Facts(tuple(_facts(found)))
    yield Heading(_("二、各县（市、区）综合利用率（不含赤泥）"))
    yield map_of(found.counties)
    yield NewPage()
    yield _counties(found)
    yield Heading(_("三、各物料"))
    yield _counted(found)
    yield Heading(_("四、目标不计的物料"))
    yield _apart(found)
    yield NewPage()
    yield Heading(_("五、距目标的差距"))
    yield from steps(found.outlook, found.month)
    yield Heading(_("六、工作单"))
    yield from work_list(found.outlook)
    yield Heading(_("七、数据说明"))
    for line in _notes(found):
        yield Paragraph(line)


def _facts(found: Briefing) -> Iterator[tuple[str, str]]:
    total, balance = found.total, found.total.balance
    yield _("综合利用率"), f"{share_text(total)}（{_compared(found.total, found.before)}）"
    yield _("目标"), target_text(found.target, china_day(found.close.closed_at))
    if caveat := target_caveat(found.region):
        yield _("目标的说明"), caveat
    yield _("距目标"), _("%(tonnes)s 吨", tonnes=tonnes(found.gap_kg(total)))
    yield _("产生量"), _("%(tonnes)s 吨", tonnes=tonnes(balance.generated_kg))
    yield (
        _("综合利用量"),
        _(
            "%(tonnes)s 吨，其中自行利用 %(own)s 吨、委托利用 %(others)s 吨",
            tonnes=tonnes(total.used_kg),
            own=tonnes(balance.self_used_kg),
            others=tonnes(balance.entrusted_used_kg),
        ),
    )
    yield (
        _("磅单支撑"),
        _(
            "委托利用量中 %(tonnes)s 吨有磅单（%(count)s 张）",
            tonnes=tonnes(total.ticketed_kg),
            count=total.tickets,
        ),
    )
    yield _("月末贮存量"), _("%(tonnes)s 吨", tonnes=tonnes(balance.closing_kg))
    yield (
        _("申报"),
        _(
            "已报 %(declared)s 项，未报 %(missing)s 项",
            declared=total.declared,
            missing=total.missing,
        ),
    )


def _compared(now: Sums, before: Sums) -> str:
    """The change against the month before in percentage points, of the rates as they are told."""
    shares = rate(now), rate(before)
    tenths = [rate_tenths(share.part, share.whole) for share in shares]
    if tenths[0] is None or tenths[1] is None:
        return str(_("上月没有数字"))
    change = tenths[0] - tenths[1]
    if change == 0:
        return str(_("与上月持平"))
    points = f"{abs(change) // 10}.{abs(change) % 10}"
    if change > 0:
        return str(_("比上月高 %(points)s 个百分点", points=points))
    return str(_("比上月低 %(points)s 个百分点", points=points))


def _counties(found: Briefing) -> Table:
    rows = [(line.county.name, *_cells(found, line.sums)) for line in found.counties]
    return _table(_("县（市、区）"), [*rows, (_("合计"), *_cells(found, found.total))])


def _counted(found: Briefing) -> Table:
    rows = [(line.material.name, *_cells(found, line.sums)) for line in found.materials]
    return _table(_("物料"), [*rows, (_("合计，不含赤泥"), *_cells(found, found.total))])


def _apart(found: Briefing) -> Table:
    """What no target speaks of, and so has no gap."""
    rows = [(line.material.name, *_masses(line.sums), NOTHING) for line in found.apart]
    return _table(_("物料"), [*rows, (_("合计，含赤泥"), *_masses(found.every_waste), NOTHING)])


def _table(first: str, rows: list[tuple[str, ...]]) -> Table:
    head = (
        first,
        _("利用率"),
        _("产生量\n吨"),
        _("利用量\n吨"),
        _("用往期\n吨"),
        _("贮存量\n吨"),
        _("处置量\n吨"),
        _("距目标\n吨"),
    )
    return Table(head, tuple(rows), widths=(25, 13, 24, 22, 20, 26, 20, 20), right=FIGURES)


def _cells(found: Briefing, sums: Sums) -> tuple[str, ...]:
    gap = tonnes(found.gap_kg(sums)) if sums.declared else NOTHING
    return (*_masses(sums), gap)


def _masses(sums: Sums) -> tuple[str, ...]:
    """Where nothing is declared nothing is known, which is not zero."""
    balance = sums.balance
    masses = (
        balance.generated_kg,
        sums.used_kg,
        balance.old_used_kg,
        balance.closing_kg,
        balance.disposed_kg,
    )
    told = [tonnes(mass) if sums.declared else NOTHING for mass in masses]
    return (share_text(sums), *told)


def _notes(found: Briefing) -> Iterator[str]:
    close = found.close
    yield _("综合利用率 = 综合利用量 ÷（产生量 + 利用往期贮存量），按产生地统计，只截不入。")
    yield _(
        "数据截至 %(as_of)s，口径 %(definitions)s。"
        "按企业月度申报和过磅单汇总，各级之和等于上级，精确到千克。",
        as_of=moment(close.as_of),
        definitions=close.definitions,
    )
    if close.reason:
        yield _("本月数字已更正：%(reason)s", reason=close.reason)
    yield _("数据文件 SHA-256：%(digest)s", digest=close.digest)
