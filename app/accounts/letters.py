"""Mail that carries a link to set a password, in the language of the page it was asked on."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import mail
from app.core.links import public_link


def send_reset(session: Session, user: User, token: str) -> None:
    body = _(
        "%(name)s，您好：\n\n请在 30 分钟内打开下面的链接重设密码，链接只能用一次：\n\n%(link)s"
        "\n\n如果不是您本人申请，请忽略这封邮件，密码不会改变。",
        name=user.name,
        link=public_link("accounts.reset", token=token),
    )
    _send(session, user, _("固废通：重设密码"), body)


def send_invitation(session: Session, user: User, token: str) -> None:
    body = _(
        "%(name)s，您好：\n\n%(company)s 为您开通了固废通账号。"
        "请在 7 天内打开下面的链接设置密码：\n\n%(link)s"
        "\n\n登录名就是这个邮箱。链接过期后，可在登录页用“忘记密码”重新获取。",
        name=user.name,
        company=user.company.display_name if user.company else "",
        link=public_link("accounts.reset", token=token),
    )
    _send(session, user, _("固废通：设置密码"), body)


def _send(session: Session, user: User, subject: str, body: str) -> None:
    mail.send(session, current_app.extensions["gufei.settings"], user.email, subject, body)
