"""What codes and faults of this feature are called on a page."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.faults import Fault
from app.core.i18n import month, tonnes, yuan
from app.listings.rules import DealMode, ListingState, Product, Side

PRODUCTS: dict[Product, LazyString] = {
    Product.CEMENT: _l("水泥"),
    Product.CLINKER: _l("水泥熟料"),
    Product.CONCRETE: _l("混凝土"),
    Product.BRICK: _l("烧结砖"),
    Product.BLOCK: _l("砌块"),
    Product.PLASTERBOARD: _l("石膏板"),
    Product.ROAD_BASE: _l("道路基层"),
    Product.DESULFURISER: _l("脱硫剂"),
    Product.METAL_RECOVERY: _l("金属回收"),
}
STATES: dict[ListingState, tuple[str, LazyString]] = {
    ListingState.ON_MARKET: ("live", _l("在市")),
    ListingState.LAST_MONTH: ("waiting", _l("本月到期")),
    ListingState.PAUSED: ("wrong", _l("已停牌")),
    ListingState.TAKEN: ("done", _l("已订满")),
    ListingState.EXPIRED: ("ended", _l("已到期")),
    ListingState.WITHDRAWN: ("ended", _l("已撤回")),
}
"""The kind of chip and the word for each state."""
DEAL_MODES: dict[DealMode, LazyString] = {
    DealMode.OPEN: _l("公开议价"),
    DealMode.LIST_PRICE: _l("一口价"),
    DealMode.ROUND: _l("只参加竞价场次"),
    DealMode.PRIVATE: _l("单独成交"),
}
PUBLISHED: dict[DealMode, LazyString] = {
    DealMode.OPEN: _l("已发布 %(number)s，参加下一场撮合。"),
    DealMode.LIST_PRICE: _l("已发布 %(number)s。对方按挂牌价下单后，由您确认；不参加每月撮合。"),
    DealMode.ROUND: _l("已发布 %(number)s。请到竞价场次里报价；不参加每月撮合。"),
}
"""What becomes of a listing that was just published."""

FIRMS: dict[Side, LazyString] = {
    Side.OFFER: _l("产废企业"),
    Side.REQUIREMENT: _l("利废企业"),
}
"""What a firm is called that does not show its name."""
QUOTED: dict[str, Callable[..., str]] = {
    **dict.fromkeys(("kg", "guess", "taken", "wanted", "mass_limit"), tonnes),
    **dict.fromkeys(("first", "last", "now", "month", "latest"), month),
    "price_limit": yuan,
}
"""How the values a sentence quotes are written; the rest stand as they are."""
SENTENCES: dict[str, LazyString] = {
    "no_material": _l("请至少选一种物料。"),
    "unknown_material": _l("目录里没有“%(value)s”这种物料，请从列表中选。"),
    "mass_not_positive": _l("每月数量要大于 0；填的是 %(kg)s 吨。"),
    "mass_in_kg": _l(
        "%(kg)s 吨/月超过上限 %(mass_limit)s 吨/月。是不是把公斤填成了吨？那就应填 %(guess)s。"
    ),
    "mass_too_large": _l("数量超过上限 %(mass_limit)s 吨/月，请核对。"),
    "window_reversed": _l("截止月份 %(last)s 早于起始月份 %(first)s，请调换或改正。"),
    "window_past": _l("截止月份 %(last)s 已经过去；现在是 %(now)s。"),
    "starts_in_past": _l("起始月份 %(first)s 已经过去；最早可从 %(now)s 起。"),
    "starts_too_late": _l("起始月份太远：要在今后 %(limit)s 个月之内。"),
    "window_long": _l("时段超过 %(limit)s 个月；截止月份最晚 %(latest)s，到期前可以续期。"),
    "distance_out_of_range": _l("%(value)s 公里不在 1 到 %(limit)s 公里之间。"),
    "price_too_large": _l("价格超过上限 %(price_limit)s 元/吨，请核对单位是不是元/吨。"),
    "fixed_price_missing": _l("一口价要填挂牌价：对方按这个价直接下单。"),
    "silo_not_positive": _l("可存放的数量要大于 0；不能存放就留空。"),
    "silo_too_large": _l("可存放的数量超过上限 %(mass_limit)s 吨，请核对。"),
    "holding_without_silo": _l("填了存放成本，还要填可存放多少吨。"),
    "holding_negative": _l("存放成本不能是负数。"),
    "below_taken": _l(
        "%(month)s 已预留和签约 %(taken)s 吨，不能减到 %(wanted)s 吨；最少填 %(taken)s。"
    ),
    "month_taken": _l("%(month)s 已预留和签约 %(taken)s 吨，这个月不能移出时段。"),
    "material_bound": _l("已有 %(taken)s 吨预留或签约，不能去掉原来的物料；可另发一条。"),
    "site_bound": _l("已有 %(taken)s 吨预留或签约，不能更换厂区；可另发一条。"),
    "kind_of_other_material": _l("这个细分种类不属于所选的物料，请重选。"),
    "found_hazardous": _l(
        "%(number)s 的检测超出危险废物鉴别限值：本厂区这种物料不能再发布。"
        "危险废物请交给有经营许可证的单位；检测有误的，请联系运营方更正。"
    ),
    "unknown_parameter": _l("没有“%(value)s”这项指标。"),
    "limit_twice": _l("“%(value)s”写了两次，请合并成一条。"),
    "limit_without_end": _l("“%(value)s”没有写上限或下限。"),
    "limit_reversed": _l("“%(value)s”的下限大于上限，请调换。"),
    "hazardous_code": _l("“%(value)s”是危险废物代码，本平台只受理一般工业固体废物。"),
    "not_item_code": _l("“%(value)s”不是废物代码。格式如 441-001-S02，见排污许可证。"),
}


def spoken(fault: Fault) -> str:
    """The sentence for a fault, with its values written for the reader."""
    values = {name: _written(name, value) for name, value in fault.values.items()}
    return f"{SENTENCES[fault.code] % values}"


def firm_without_name(side: Side, county: str) -> str:
    """How a firm is named that keeps its name to itself."""
    return f"{county} · {FIRMS[side]}"


def _written(name: str, value: object) -> object:
    return QUOTED[name](value) if name in QUOTED else value
