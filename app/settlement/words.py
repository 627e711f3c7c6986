"""What a reader is told of money: who gets and who pays, never a bare minus."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.i18n import yuan


def producer_money(fen: int) -> str:
    """What the producer gets, or pays, in CNY."""
    if fen < 0:
        return str(_("产废方付 %(amount)s", amount=yuan(-fen)))
    return str(_("产废方收 %(amount)s", amount=yuan(fen)))


def consumer_money(fen: int) -> str:
    """What the consumer pays, or gets, in CNY, freight included."""
    if fen < 0:
        return str(_("利废方收 %(amount)s", amount=yuan(-fen)))
    return str(_("利废方付 %(amount)s", amount=yuan(fen)))
