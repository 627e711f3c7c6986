"""What the gate's script says by itself, in the reader's language (see static/js/gate.js)."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SCRIPT_WORDS: dict[str, LazyString] = {
    "unsent": _l("%(count)s 张磅单未发送"),
    "waiting": _l("已存在本机，正在发送。"),
    "offline": _l("没有网络。已存在本机，连上自动发。"),
    "busy": _l("服务器暂时没有答复。已存在本机，过一会儿自动再发。"),
    "signed_out": _l("您已退出登录。磅单还在本机，登录后自动发。"),
    "other_person": _l("这张磅单是另一个账号录的，还在本机。请用原来的账号登录后发送。"),
    "refused": _l("没有记上。请打开改正后再发，或删除。"),
    "discard_sure": _l("删除后不能恢复：%(label)s。确定不要这张磅单吗？"),
    "same": _l("与发货净重相同"),
    "less": _l("比发货少 %(kg)s kg（%(percent)s）"),
    "more": _l("比发货多 %(kg)s kg（%(percent)s）"),
    "number_missing": _l("请填磅单上的编号。"),
    "weight_missing": _l("请填整公斤数，例如 46240。"),
    "gross_under_tare": _l("毛重要大于皮重：两个数可能填反了。"),
    "rejected_wrong": _l("请填拒收多少公斤，要小于净重；整车不收请选“整车拒收”。"),
    "photo_large": _l("照片超过 3 MB：请重拍，或先不附照片。"),
    "reason_missing": _l("请选一个原因，对方会看到。"),
}


def for_script() -> dict[str, str]:
    """Every sentence, translated now."""
    return {name: str(sentence) for name, sentence in SCRIPT_WORDS.items()}
