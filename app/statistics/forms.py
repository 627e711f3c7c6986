"""What the address of the open data says."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.core.forms import Form, MonthField


class MonthForm(Form):
    """One month; it lives in the address, so the form carries no token."""

    class Meta:
        csrf = False

    month = MonthField(_l("月份"), [InputRequired(_l("请在网址里写明月份，例如 month=2026-12。"))])
