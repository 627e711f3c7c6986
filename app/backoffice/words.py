"""The words of the work list: what to do, whose turn it is, and where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.backoffice.queries import Item, Matter
from app.backoffice.rules import JobTrouble, Task
from app.clearing.operations import JOB_KIND as CLEARING
from app.core.i18n import short_moment
from app.trades.rules import TimeUnit, time_left
from app.trades.words import left


@dataclass(frozen=True, slots=True)
class TaskWords:
    """A task's title, whose turn it is, the unit of its count, and the one action."""

    title: LazyString
    owner: LazyString
    unit: LazyString
    action: LazyString
    endpoint: str
    anchor: str | None = None


TASKS: dict[Task, TaskWords] = {
    Task.JOBS: TaskWords(
        _l("后台任务出错或卡住"),
        _l("系统管理员"),
        _l("个"),
        _l("查看任务"),
        "backoffice.work",
        "jobs",
    ),
    Task.ESCALATED: TaskWords(
        _l("过了期限的交易"),
        _l("运营方"),
        _l("笔交易"),
        _l("联系双方或结束交易"),
        "backoffice.work",
        "matters",
    ),
    Task.DISCREPANCIES: TaskWords(
        _l("双方没有谈拢的磅差"),
        _l("运营方"),
        _l("张运单"),
        _l("裁定磅差"),
        "backoffice.work",
        "matters",
    ),
    Task.MISSING: TaskWords(
        _l("没有到达的车"),
        _l("运营方"),
        _l("张运单"),
        _l("核实后结案"),
        "backoffice.work",
        "matters",
    ),
    Task.BARRED: TaskWords(
        _l("因违约停止交易的企业"),
        _l("运营方"),
        _l("家企业"),
        _l("核实后解除限制"),
        "backoffice.work",
        "matters",
    ),
    Task.EXPIRING: TaskWords(
        _l("24 小时内到期的成交意向"),
        _l("双方企业"),
        _l("笔意向"),
        _l("提醒双方确认"),
        "trades.index",
    ),
    Task.FIRMS: TaskWords(
        _l("等待审核的企业"), _l("运营方"), _l("家企业"), _l("审核企业"), "companies.index"
    ),
    Task.CLEARING: TaskWords(
        _l("下个月还没有撮合"), _l("运营方"), _l("条供应"), _l("开始撮合"), "clearing.index"
    ),
}
PAGES: dict[Task, tuple[str, str]] = {
    Task.ESCALATED: ("trades.show", "number"),
    Task.DISCREPANCIES: ("shipments.show", "number"),
    Task.MISSING: ("shipments.show", "number"),
    Task.BARRED: ("trades.firm", "company_id"),
}
"""Where a single matter is dealt with: the page, and what it is found by."""
TROUBLES: dict[JobTrouble, tuple[str, LazyString]] = {
    JobTrouble.FAILED: ("wrong", _l("失败")),
    JobTrouble.NOT_TAKEN: ("waiting", _l("没有进程领取")),
    JobTrouble.LOST: ("wrong", _l("执行中断")),
}
REMEDIES: dict[JobTrouble, LazyString] = {
    JobTrouble.FAILED: _l("按错误代码查日志；排除后，下一次成功就从这里消失。"),
    JobTrouble.NOT_TAKEN: _l("检查后台进程是否在运行。"),
    JobTrouble.LOST: _l("检查后台进程；恢复后自动接着做。"),
}
KINDS: dict[str, LazyString] = {
    CLEARING: _l("撮合"),
    "trades.keep_time": _l("交易期限"),
    "shipments.keep_time": _l("运单期限"),
    "bidding.schedule_rounds": _l("安排竞价场次"),
    "bidding.expire_offers": _l("到期报价作废"),
    "clearing.weekly": _l("每周撮合"),
    "clearing.clear_rounds": _l("竞价场次出清"),
    "accounts.tidy": _l("清理过期登录"),
    "notifications.mail": _l("寄送通知邮件"),
    "notifications.give_up_mail": _l("放弃寄不出的邮件"),
}
WAITED: dict[TimeUnit, LazyString] = {
    TimeUnit.DAYS: _l("已等 %(count)s 天"),
    TimeUnit.HOURS: _l("已等 %(count)s 小时"),
    TimeUnit.MINUTES: _l("已等 %(count)s 分钟"),
}


def kind(name: str) -> object:
    """What a kind of job is called; an unknown one by its code."""
    return KINDS.get(name, name)


def waited(since: datetime, now: datetime) -> str:
    """How long something has waited: `已等 3 天`."""
    count, unit = time_left(now, since)
    return str(WAITED[unit] % {"count": count})


def page_of(matter: Matter) -> str:
    """The address where a matter is dealt with."""
    endpoint, name = PAGES[matter.task]
    values: dict[str, Any] = {name: matter.key}
    return url_for(endpoint, **values)


def age(item: Item, now: datetime) -> list[str]:
    """When an item came or ends, and how long that is from now; nothing where it has no time."""
    if item.at is None:
        return []
    at = short_moment(item.at)
    if item.task is Task.EXPIRING:
        return [str(_("最早 %(at)s 截止", at=at)), left(item.at, now)]
    return [str(_("最早 %(at)s 起", at=at)), waited(item.at, now)]
