"""What the address of the map says. All of it is optional."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Self

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.core.forms import Form, MonthField
from app.maps.questions import Question
from app.maps.rules import Measure, View


class _Address(Form):
    """The reader's choices; they live in the address, so the form carries no token."""

    class Meta:
        csrf = False

    month = MonthField(_l("月份"), [Optional()])
    measure = SelectField(_l("指标"), [Optional()], choices=list(Measure), validate_choice=False)
    red_mud = BooleanField(_l("计入赤泥"))

    @classmethod
    def of(cls, address: MultiDict[str, str]) -> Self:
        return cls(formdata=address)

    def asked(self, default: Measure) -> Measure:
        """The measure to show; an unknown one asks for the default."""
        return next((one for one in Measure if one == self.measure.data), default)


class MapForm(_Address):
    """What is asked of the market's figures."""

    county = SelectField(_l("县（市、区）"), [Optional()], validate_choice=False)

    def view(self, month: date, counties: list[str], own_county: str) -> View:
        """What to show: unknown choices ask for nothing, missing ones for the defaults given."""
        chosen = self.county.data if self.county.raw_data else own_county
        asked = self.asked(Measure.RATE)
        return View(
            month=self.month.data or month,
            measure=Measure.RATE if asked.is_official else asked,
            with_red_mud=self.red_mud.data,
            adcode=chosen if chosen in counties else "",
        )


class QuestionForm(_Address):
    """What is asked of the official figures, on the map and on every level below it."""

    span = SelectField(_l("期间"), [Optional()], validate_choice=False)
    material = SelectField(_l("物料"), [Optional()], validate_choice=False)
    against = MonthField(_l("对比"), [Optional()])
    city = SelectField(_l("市"), [Optional()], validate_choice=False)

    def question(
        self, month: date, materials: Collection[str], cities: Collection[str], own_city: str
    ) -> Question:
        """What to show: unknown choices ask for nothing, missing ones for what is given.

        `cities` is empty where there is only one.
        """
        asked = self.asked(Measure.UTILISATION)
        shown = self.month.data or month
        against = self.against.data
        return Question(
            month=shown,
            measure=asked if asked.is_official else Measure.UTILISATION,
            whole_year=self.span.data == "year",
            material=self.material.data if self.material.data in materials else "",
            with_red_mud=self.red_mud.data,
            against=against if against != shown else None,
            city=self._city(cities, own_city) if cities else None,
        )

    def _city(self, known: Collection[str], own: str) -> str:
        chosen = self.city.data if self.city.raw_data else own
        return chosen if chosen in known else ""


class CloseForm(Form):
    """Publishing a month asks for nothing; what is refused is said above it."""


class RestateForm(Form):
    """Why a published month is stated anew."""

    reason = StringField(
        _l("更正原因"),
        [
            InputRequired(_l("请写明更正的原因，它随数字一起公布。")),
            Length(max=300, message=_l("原因最多 300 字。")),
        ],
    )
