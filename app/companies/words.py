"""The words for what the rules of companies find wrong."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.core.errors import Refused
from app.core.faults import Fault

SENTENCES = {
    "blank": _l("这一项必须填写。"),
    "credit_code_length": _l("统一社会信用代码是 18 位，您填了 %(count)s 位。请对照营业执照补全。"),
    "credit_code_signs": _l(
        "统一社会信用代码不用“%(signs)s”：字母 I、O、S、V、Z 都不用，"
        "常见的误填是把 1 写成 I、0 写成 O、5 写成 S、2 写成 Z。"
    ),
    "credit_code_region": _l("第 3 至 8 位是登记地区码，应全为数字，您填的是“%(part)s”。"),
    "credit_code_check": _l(
        "末位校验码“%(sign)s”与前 17 位不符，说明有一位抄错了。请对照营业执照逐位核对。"
    ),
    "kind": _l("请选择企业是产废、利废、两者都是，还是承运。"),
    "email": _l("“%(value)s”不是邮箱地址。例如 name@example.com。"),
    "phone": _l("“%(value)s”不像电话号码。请填手机或带区号的座机，例如 0635-1234567。"),
    "position_swapped": _l(
        "经度 %(lon)s、纬度 %(lat)s 不在中国境内：经纬度可能填反了，请对调后再试。"
    ),
    "position_abroad": _l(
        "经度 %(lon)s、纬度 %(lat)s 不在中国境内。聊城一带经度约 116、纬度约 36.5。"
    ),
    "place_missing": _l("请查找并选中厂区所在的地点，或填写经纬度。"),
    "place_unchosen": _l("请在查到的地点中选一个，或填写经纬度。"),
    "place_unknown": _l("没有查到“%(value)s”。请换县、乡镇名再查，或填写经纬度。"),
    "half_position": _l("经度和纬度要一起填。"),
    "datum_missing": _l("请选择经纬度是从哪里读的：不同地图的坐标相差 500 至 1300 米。"),
    "position_outside": _l(
        "经度 %(lon)s、纬度 %(lat)s 不在本平台覆盖的县（市、区）内。请核对数字和坐标系。"
    ),
}


def refusal(fault: Fault) -> Refused:
    """A fault as the error that an operation raises."""
    return Refused(SENTENCES[fault.code] % dict(fault.values), field=fault.field)


def refuse_first(faults: Sequence[Fault]) -> None:
    """Raise `Refused` for the first fault, if there is one."""
    for fault in faults:
        raise refusal(fault)
