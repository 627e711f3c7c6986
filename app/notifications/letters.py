"""A message as a mail, Chinese first and English below: nobody knows which its reader wants."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import force_locale
from flask_babel import gettext as _

from app.core.i18n import LOCALES
from app.core.mail import Letter
from app.notifications.mailing import Owed
from app.notifications.rules import Kind, unlinked
from app.notifications.words import TITLES, sentence

SETTINGS_PATH = "/notifications/settings"


def letter_of(owed: Owed, public_url: str) -> Letter:
    """The same letter whenever it is written: its name and time are those of the message."""
    harmless = {name: unlinked(text) for name, text in owed.values.items()}
    subjects, bodies = [], []
    for locale in LOCALES:
        with force_locale(locale):
            subjects.append(_subject(owed.kind, harmless))
            bodies.append(_body(owed.kind, harmless, public_url, owed.path))
    return Letter(
        to=owed.to,
        subject=" / ".join(subjects),
        body="\n\n----\n\n".join(bodies),
        name=f"notification-{owed.id}-{owed.at:%Y%m%d%H%M%S}",
        at=owed.at,
    )


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
