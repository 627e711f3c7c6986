"""The forms of a run: which month it clears, and who audits it."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired

from app.core.forms import Form, MonthField


class RunForm(Form):
    month = MonthField(_l("撮合月份"), [InputRequired(_l("请填撮合月份，例如 2026-12。"))])


class AuditorForm(Form):
    """One of those who have an auditor's account."""

    auditor = SelectField(_l("审计员"), coerce=str, validate_choice=False)

    def offer(self, auditors: dict[int, str]) -> None:
        self.auditor.choices = [SelectChoice(str(key), name) for key, name in auditors.items()]

    def chosen(self, auditors: Iterable[int]) -> int | None:
        """Who was chosen out of all auditors, named before or not; `None` for nobody there is."""
        return {str(key): key for key in auditors}.get(self.auditor.data or "")
