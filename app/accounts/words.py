"""The words for what the rules of accounts find wrong."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.companies.words import SENTENCES as COMPANY_SENTENCES
from app.core.errors import Refused
from app.core.faults import Fault

SENTENCES = COMPANY_SENTENCES | {
    "unapproved": _l("企业审核通过后才能添加成员。"),
    "email_taken": _l("这个邮箱已经有账号。请直接登录，或用“忘记密码”重设。"),
    "password_short": _l("密码至少 %(least)s 位。可以用几个词连成一句，容易记、难猜。"),
    "password_long": _l("密码最多 %(most)s 位。"),
    "password_is_email": _l("密码不能与邮箱相同。"),
    "password_plain": _l("密码只用了两三种字符，太容易猜到。请换一个。"),
    "wrong_sign_in": _l("邮箱或密码不对。请核对后再试，或用“忘记密码”重设。"),
    "inactive": _l("这个账号已停用。请联系本企业的管理员或运营方。"),
    "wrong_password": _l("现在的密码不对。"),
    "dead_link": _l("链接已失效：用过一次或已过期。请重新申请。"),
    "region": _l("“%(value)s”不是本平台覆盖的地区代码。例如聊城市 371500、茌平区 371503。"),
    "last_manager": _l("企业至少要有一位管理员。请先把另一位成员设为管理员。"),
}


def refusal(fault: Fault) -> Refused:
    """A fault as the error that an operation raises."""
    return Refused(SENTENCES[fault.code] % dict(fault.values), field=fault.field or None)


def refuse_first(faults: Sequence[Fault]) -> None:
    """Raise `Refused` for the first fault, if there is one."""
    for fault in faults:
        raise refusal(fault)
