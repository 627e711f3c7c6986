"""Words of the desk: steps, deeds, investments, and edits of a scenario in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.catalogue.quality import ParameterRow
from app.catalogue.rules import Means
from app.core.i18n import month, months, tonnes, whole_tonnes, yuan
from app.listings.rules import Product
from app.listings.words import PRODUCTS
from app.oversight.gap.edits import (
    AddLine,
    AddSilo,
    Alert,
    CloseSite,
    Edit,
    OpenMonth,
    OpenRoute,
    RaiseReach,
    SetFreight,
    SetTarget,
)
from app.oversight.gap.waterfall import Step, Waterfall
from app.oversight.gap.worklist import Deed, Owner, Task

STEPS: dict[Step, tuple[LazyString, str]] = {
    Step.ACTUAL: (_l("实际利用"), "weighed"),
    Step.CONTRACTED: (_l("已签约"), "signed"),
    Step.MARKET: (_l("市场可达"), "market"),
    Step.PHYSICAL: (_l("物理可达"), "possible"),
    Step.NOWHERE: (_l("仍无去处"), "nowhere"),
}
"""A step's name and the fill of its bar."""

GROUNDS: dict[Step, LazyString] = {
    Step.ACTUAL: _l("申报的利用量；没有申报的月份是磅单收到的吨数"),
    Step.CONTRACTED: _l("合同在手，在途或待发"),
    Step.MARKET: _l("双方价差够付运费，等双方确认"),
    Step.PHYSICAL: _l("有接收能力，不看价格"),
    Step.NOWHERE: _l("不看价格也没有去处，见工作单"),
}
DEEDS: dict[Deed, LazyString] = {
    Deed.TEST: _l("补一项检测"),
    Deed.ANOTHER_USE: _l("按品质另找用途"),
    Deed.PRICE: _l("双方重新看价格，或安排补贴"),
    Deed.TAKER: _l("引进能用它的企业"),
    Deed.ROUTE: _l("开通更远的路线"),
    Deed.CAPACITY: _l("扩大接收能力"),
    Deed.STORE: _l("建库或错开月份"),
    Deed.LOTS: _l("拆分批量或降低起运量"),
    Deed.CLEAR_AGAIN: _l("再撮合一场"),
}
OWNERS: dict[Owner, LazyString] = {
    Owner.FIRM: _l("企业"),
    Owner.COUNTY: _l("县（市、区）工信部门"),
    Owner.OPERATOR: _l("运营方"),
}
MEANS: dict[Means, LazyString] = {
    Means.SILO: _l("料库"),
    Means.LINE: _l("受料线"),
    Means.MONTH: _l("开放一个月"),
    Means.ROUTE: _l("路线"),
}
AUDIT_WORDS: dict[str, LazyString] = {"scenario.named": _l("命名一次试算")}


@dataclass(frozen=True, slots=True)
class Names:
    """What codes and ids are called: sites by id, materials and counties by code; all of them."""

    sites: Mapping[int, str]
    materials: Mapping[str, str]
    counties: Mapping[str, str]
    whole: str

    def site(self, site_id: int) -> str:
        return self.sites.get(site_id, str(_("别处的厂点")))

    def product(self, code: str) -> str:
        return str(PRODUCTS[Product(code)])


def basis_of(fall: Waterfall) -> str:
    """What the steps are shares of."""
    return "".join(_basis(fall))


def _basis(fall: Waterfall) -> Iterator[str]:
    if not fall.is_declared:
        yield _("本月没有申报，分母是在市量；它不是综合利用率")
        return
    yield _("分母是申报的产生量加利用的往期贮存量，各步依次计入，计满为止")
    if fall.on_offer_kg:
        yield _(
            "；没有申报的物料按在市量计，共 %(tonnes)s 吨，所以它不是综合利用率",
            tonnes=whole_tonnes(fall.on_offer_kg),
        )
    if fall.missing:
        yield _("；还有 %(count)s 份没有申报", count=fall.missing)


def deed_of(task: Task, parameters: Mapping[str, ParameterRow]) -> str:
    """What is to be done, with the test that is meant."""
    deed = str(DEEDS[task.deed])
    return f"{deed} · {parameters[task.parameter].name}" if task.parameter else deed


def owner_of(task: Task) -> str:
    """Who is to do it: the firm itself by its name."""
    return task.firm if task.owner is Owner.FIRM else str(OWNERS[task.owner])


def sentence(edit: Edit, names: Names) -> str:
    """An edit as a reader names it."""
    return _SENTENCES[type(edit)](edit, names)


def _close(edit: CloseSite, names: Names) -> str:
    values = {"site": names.site(edit.site_id), "months": _span(edit.first, edit.last)}
    return str(_("%(site)s 停产（%(months)s）", **values))


def _line(edit: AddLine, names: Names) -> str:
    values = {
        "site": names.site(edit.site_id),
        "material": names.materials[edit.material],
        "tonnes": tonnes(edit.kg),
        "months": _span(edit.first, edit.last),
    }
    return str(_("%(site)s 添受料线：%(material)s %(tonnes)s 吨/月（%(months)s）", **values))


def _silo(edit: AddSilo, names: Names) -> str:
    values = {
        "site": names.site(edit.site_id),
        "material": names.materials[edit.material],
        "tonnes": tonnes(edit.kg),
    }
    return str(_("%(site)s 建料库：%(material)s %(tonnes)s 吨", **values))


def _month(edit: OpenMonth, names: Names) -> str:
    values = {"product": names.product(edit.product), "month": month(edit.month)}
    if edit.adcode:
        values["county"] = names.counties[edit.adcode]
        return str(_("%(county)s 的%(product)s企业 %(month)s不停产", **values))
    return str(_("%(product)s企业 %(month)s不停产", **values))


def _reach(edit: RaiseReach, names: Names) -> str:
    return str(_("%(site)s 运距放宽到 %(km)s 公里", site=names.site(edit.site_id), km=edit.km))


def _route(edit: OpenRoute, names: Names) -> str:
    values = {
        "giver": names.site(edit.from_site),
        "taker": names.site(edit.to_site),
        "material": names.materials[edit.material],
    }
    return str(_("开通路线：%(giver)s 到 %(taker)s（%(material)s）", **values))


def _freight(edit: SetFreight, _names: Names) -> str:
    return str(_("运价 %(price)s 元/吨·公里", price=yuan(edit.per_tkm_fen)))


def _alert(edit: Alert, names: Names) -> str:
    where = "、".join(names.counties[code] for code in edit.adcodes) or names.whole
    values = {"where": where, "percent": edit.percent, "months": _span(edit.first, edit.last)}
    return str(_("污染预警：%(where)s 停运 %(percent)s%%（%(months)s）", **values))


def _target(edit: SetTarget, _names: Names) -> str:
    return str(_("目标 %(percent)s%%", percent=f"{edit.milli / 1_000:g}"))


def _span(first: date, last: date) -> str:
    return months(first, last)


_SENTENCES: dict[type, Callable[..., str]] = {
    CloseSite: _close,
    AddLine: _line,
    AddSilo: _silo,
    OpenMonth: _month,
    RaiseReach: _reach,
    OpenRoute: _route,
    SetFreight: _freight,
    Alert: _alert,
    SetTarget: _target,
}
