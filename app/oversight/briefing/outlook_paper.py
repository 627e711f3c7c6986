"""The steps to the target and the work-list as parts of a paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask_babel import gettext as _

from app.catalogue.words import amount
from app.clearing.words import REASON_WORDS
from app.core.i18n import month as month_text
from app.core.i18n import rate, whole_tonnes
from app.core.office.paper import Block, Paragraph, Table
from app.oversight import words
from app.oversight.briefing.bars import material_bars, step_bars
from app.oversight.briefing.outlook import MaterialSteps, Outlook
from app.oversight.gap.waterfall import Waterfall
from app.oversight.gap.worklist import Task

NOTHING = "—"
MOST_TASKS = 20
"""On paper; the desk has them all."""


def steps(found: Outlook | None, month: date) -> Iterator[Block]:
    """From what is used to the target, first of all wastes it counts, then of each."""
    if found is None:
        yield Paragraph(_not_computed(month))
        return
    if found.month != month:
        yield Paragraph(_of_another_month(found, month))
    yield Paragraph(_basis(found))
    yield step_bars(found.whole)
    yield _step_table(found)
    yield Paragraph(_("各物料分步构成（条长为该物料合计）："))
    yield material_bars([one for one in found.materials if one.fall.whole_kg])
    yield _material_table(found)


def work_list(found: Outlook | None) -> Iterator[Block]:
    """Which tonnes, whose, what single deed, how many, and whose it is to do."""
    if found is None:
        yield Paragraph(_("尚无撮合结果，未生成工作单。"))
        return
    if not found.tasks:
        yield Paragraph(_("%(month)s每一吨都有着落。", month=month_text(found.month)))
        return
    shown, rest = found.tasks[:MOST_TASKS], found.tasks[MOST_TASKS:]
    yield _task_table(found, shown)
    if rest:
        yield Paragraph(_rest(found.tasks, rest))


def _not_computed(month: date) -> str:
    return str(
        _(
            "%(month)s没有出结果的月度撮合，没有计算已签约、市场可达、物理可达各多少吨。",
            month=month_text(month),
        )
    )


def _of_another_month(found: Outlook, month: date) -> str:
    return str(
        _(
            "%(month)s没有出结果的月度撮合，没有计算这个月的差距；下面是 %(told)s的。",
            month=month_text(month),
            told=month_text(found.month),
        )
    )


def _basis(found: Outlook) -> str:
    values = {"month": month_text(found.month), "run": found.whole.run}
    basis = words.basis_of(found.whole)
    return str(_("%(month)s，据 %(run)s。%(basis)s。", basis=basis, **values))


def _step_table(found: Outlook) -> Table:
    whole = found.whole
    rows = [
        (
            str(words.STEPS[row.step][0]),
            whole_tonnes(row.kg),
            rate(row.end_kg, whole.whole_kg),
            str(words.GROUNDS[row.step]),
        )
        for row in whole.rows
    ]
    goal = amount(found.target.value, found.target.unit)
    rows.append((_("目标"), whole_tonnes(whole.target_kg), goal, _("不含赤泥")))
    head = (_("步骤"), _("数量\n吨"), _("累计"), _("依据"))
    return Table(head, tuple(rows), widths=(3, 3, 2, 9), right=frozenset({1, 2}))


def _material_table(found: Outlook) -> Table:
    head = (
        _("物料（吨）"),
        *(str(name) for name, _fill in words.STEPS.values()),
        _("合计"),
        _("目标"),
    )
    counted = [_material_row(one) for one in found.materials if one.material.in_target]
    apart = [_material_row(one) for one in found.materials if not one.material.in_target]
    total = (_("合计，不含赤泥"), *_masses(found.whole), whole_tonnes(found.whole.target_kg))
    rows = (*counted, total, *apart)
    return Table(head, rows, widths=(28, 21, 20, 20, 20, 20, 21, 20), right=frozenset(range(1, 8)))


def _material_row(one: MaterialSteps) -> tuple[str, ...]:
    goal = whole_tonnes(one.fall.target_kg) if one.material.in_target else NOTHING
    return one.material.name, *_masses(one.fall), goal


def _masses(fall: Waterfall) -> tuple[str, ...]:
    return (*(whole_tonnes(row.kg) for row in fall.rows), whole_tonnes(fall.whole_kg))


def _task_table(found: Outlook, shown: list[Task]) -> Table:
    head = (_("序"), _("事项"), _("企业"), _("责任方"), _("数量\n吨"))
    rows = tuple(_task_row(found, number, task) for number, task in enumerate(shown, 1))
    return Table(head, rows, widths=(8, 66, 38, 36, 22), right=frozenset({0, 4}))


def _task_row(found: Outlook, number: int, task: Task) -> tuple[str, ...]:
    deed = words.deed_of(task, found.parameters)
    return (
        str(number),
        f"{found.name_of(task.material)}：{deed}（{REASON_WORDS[task.reason].title}）",
        f"{task.firm}，{found.counties[task.adcode].short_name}",
        words.owner_of(task),
        whole_tonnes(task.kg),
    )


def _rest(every: list[Task], rest: list[Task]) -> str:
    return str(
        _(
            "共 %(count)s 件、%(tonnes)s 吨；上面是最大的 %(shown)s 件，其余 %(rest)s 吨见差距页。",
            count=len(every),
            tonnes=whole_tonnes(sum(task.kg for task in every)),
            shown=len(every) - len(rest),
            rest=whole_tonnes(sum(task.kg for task in rest)),
        )
    )
