"""What the addresses of the public pages say: a day, a kind of waste, values to try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from app.catalogue.quality import KindRow, ParameterRow
from app.catalogue.rules import FACT_VALUES, Fact
from app.core.forms import DayField, Form
from app.eligibility.queries import Questions
from app.eligibility.readings import sheet, unknown_facts
from app.eligibility.rules import PRESUMED_FACTS, Lot
from app.eligibility.words import FACT_WORDS, FACTS, fault_text, headline


class DayForm(Form):
    """As of which day; it lives in the address, so the form carries no token."""

    class Meta:
        csrf = False

    on = DayField(_l("截至"), [Optional()])

    @classmethod
    def of(cls, address: MultiDict[str, str]) -> Self:
        form = cls(formdata=address)
        form.validate()
        return form

    def day(self, today: date) -> date:
        """The day that was asked for, else today."""
        wanted: date | None = self.on.data
        return wanted or today

    def refuse_day(self, message: str) -> None:
        """Fall back to today and say why."""
        self.add_error("on", message)
        self.on.data = None


class UsesForm(DayForm):
    """The uses of one kind of waste, or of all."""

    kind = SelectField(_l("固废"), [Optional()], validate_choice=False)

    def fill(self, kinds: list[KindRow]) -> None:
        named = (SelectChoice(row.code, row.name) for row in kinds)
        self.kind.choices = [SelectChoice("", _l("全部")), *named]
        if self.kind.data and self.kind.data not in {row.code for row in kinds}:
            self.add_error("kind", _l("没有这种固废，下面列出全部。"))
            self.kind.data = ""


class TrialForm(DayForm):
    """Readings and facts of a lot, each under its own code; nothing is stored."""

    questions: Questions
    lot: Lot = Lot()

    @classmethod
    def asking(
        cls, questions: Questions, parameters: Mapping[str, ParameterRow], address: Any
    ) -> Self:
        """The form for what a use asks about, filled in from the address and checked."""
        fields: dict[str, Any] = {code: _fact_field(code) for code in questions.facts}
        for row in (*questions.readings, *questions.gates):
            fields[row.code] = StringField(headline(row.name), [Optional()])
        form = type("TrialForm", (cls,), fields)(formdata=address)
        form.questions = questions
        if form.validate():
            form.read(parameters)
        return form  # type: ignore[no-any-return]

    @property
    def is_tried(self) -> bool:
        """Whether the address holds a field of this form besides the day."""
        return any(field.raw_data for field in self if field.name != "on")

    @property
    def is_answered(self) -> bool:
        """Whether values were tried and all of them can be judged."""
        return self.is_tried and not self.errors

    @property
    def gates_open(self) -> bool:
        """Whether a field of the gates holds something the reader has to see."""
        return any(self[row.code].errors or self[row.code].data for row in self.questions.gates)

    def read(self, parameters: Mapping[str, ParameterRow]) -> None:
        """Read what was typed, as the command line reads it, and tell faults at their fields."""
        facts = {code: self[code].data for code in self.questions.facts if self[code].data}
        asked = (*self.questions.readings, *self.questions.gates)
        typed = ((row.code, (self[row.code].data or "").strip()) for row in asked)
        texts = {code: text for code, text in typed if text}
        found = sheet(texts, parameters, self.questions.units)
        for fault in (*unknown_facts(facts), *found.faults):
            name = self[fault.field].label.text if fault.field else ""
            self.add_error(fault.field or None, fault_text(fault, name))
        self.lot = Lot(found.readings, facts)


def _fact_field(code: str) -> SelectField:
    values = [SelectChoice(value, FACT_WORDS[value]) for value in FACT_VALUES[Fact(code)]]
    choices = [SelectChoice("", _unstated(code)), *values]
    return SelectField(
        headline(str(FACTS[code])), [Optional()], choices=choices, validate_choice=False
    )


def _unstated(code: str) -> str:
    if code not in PRESUMED_FACTS:
        return str(_("没有说明"))
    return str(_("没有说明，按%(value)s", value=FACT_WORDS[PRESUMED_FACTS[code]]))
