"""What the address of the map says. All of it is optional."""

from __future__ import annotations

from datetime import date
from typing import Self

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField
from wtforms.validators import Optional

from app.core.forms import Form, MonthField
from app.maps.rules import Measure, View


class MapForm(Form):
    """The reader's choices; they live in the address, so the form carries no token."""

    class Meta:
        csrf = False

    month = MonthField(_l("月份"), [Optional()])
    measure = SelectField(_l("指标"), [Optional()], choices=list(Measure), validate_choice=False)
    red_mud = BooleanField(_l("计入赤泥"))
    county = SelectField(_l("县（市、区）"), [Optional()], validate_choice=False)

    @classmethod
    def of(cls, address: MultiDict[str, str]) -> Self:
        return cls(formdata=address)

    def view(self, month: date, counties: list[str], own_county: str) -> View:
        """What to show: unknown choices ask for nothing, missing ones for the defaults given."""
        chosen = self.county.data if self.county.raw_data else own_county
        return View(
            month=self.month.data or month,
            measure=next((one for one in Measure if one == self.measure.data), Measure.RATE),
            with_red_mud=self.red_mud.data,
            adcode=chosen if chosen in counties else "",
        )
