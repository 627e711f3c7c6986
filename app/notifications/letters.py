"""A message as a mail, Chinese first and English below: nobody knows which its reader wants."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import mail
from app.core.i18n import LOCALES
from app.notifications.rules import Kind, unlinked
from app.notifications.words import TITLES, sentence
from app.settings import Settings

SETTINGS_PATH = "/notifications/settings"


def send(session: Session, to: str, kind: Kind, values: Mapping[str, str], path: str) -> None:
    """Mail one message once this session has committed."""
    settings: Settings = current_app.extensions["gufei.settings"]
    harmless = {name: unlinked(text) for name, text in values.items()}
    subjects, bodies = [], []
    for locale in LOCALES:
        with force_locale(locale):
            subjects.append(_subject(kind, harmless))
            bodies.append(_body(kind, harmless, settings.public_url, path))
    mail.send(session, settings, to, " / ".join(subjects), "\n\n----\n\n".join(bodies))


def _subject(kind: Kind, values: Mapping[str, str]) -> str:
    title = " ".join(part for part in (str(TITLES[kind]), values.get("number", "")) if part)
    return str(_("固废通：%(title)s", title=title))


def _body(kind: Kind, values: Mapping[str, str], public_url: str, path: str) -> str:
    return str(
        _(
            "%(sentence)s\n\n打开查看：%(link)s\n\n不想再收到这类邮件，可在这里关闭：%(settings)s",
            sentence=sentence(kind, values),
            link=public_url + path,
            settings=public_url + SETTINGS_PATH,
        )
    )
