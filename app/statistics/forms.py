"""What the address of the open data says."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.core.errors import NotFound
from app.core.forms import Form, MonthField


class MonthForm(Form):
    """One month; it lives in the address, so the form carries no token."""

    class Meta:
        csrf = False

    month = MonthField(_l("月份"), [InputRequired(_l("请在网址里写明月份，例如 month=2026-12。"))])


def month_in(text: str) -> date:
    """The month a path names, such as 2026-10; raises `NotFound`."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NotFound from None
