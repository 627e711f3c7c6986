"""How a person wishes to hear of each kind of message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectMultipleField

from app.core.forms import Form
from app.notifications.rules import Kind, Wish
from app.notifications.words import TITLES

KINDS = [SelectChoice(kind.value, TITLES[kind]) for kind in Kind]


class WishForm(Form):
    """Two columns of ticks, one of each kind in either."""

    on_site = SelectMultipleField(_l("站内"), choices=KINDS)
    by_mail = SelectMultipleField(_l("邮件"), choices=KINDS)

    def show(self, wishes: Mapping[Kind, Wish]) -> None:
        self.on_site.data = [kind for kind, wish in wishes.items() if wish.on_site]
        self.by_mail.data = [kind for kind, wish in wishes.items() if wish.by_mail]

    def wishes(self, kinds: Iterable[Kind]) -> dict[Kind, Wish]:
        shown, mailed = self.on_site.data or [], self.by_mail.data or []
        return {kind: Wish(on_site=kind in shown, by_mail=kind in mailed) for kind in kinds}
