"""The one form of a run: which month."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.core.forms import Form, MonthField


class RunForm(Form):
    month = MonthField(_l("撮合月份"), [InputRequired(_l("请填撮合月份，例如 2026-12。"))])
