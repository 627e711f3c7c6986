"""Form fields for the product's own quantities, and forms that answer 422 keeping what was typed.

Every field keeps the raw text of a refused value, so that a page shows it again as it was typed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from app.core.clock import CHINA, parse_month
from app.core.errors import NotFound, Refused
from app.core.faults import Fault
from app.core.quantities import (
    parse_percent,
    parse_tonnes,
    parse_yuan,
    percent_text,
    tonnes_text,
    yuan_text,
)
from app.core.texts import is_one_line

MONTH = re.compile(r"(\d{4})-(\d{1,2})")
MOMENT = re.compile(r"((?:19|2\d)\d\d-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?")


class Form(FlaskForm):
    """Parent of every form."""

    def explain(self, faults: list[Fault], sentences: Mapping[str, LazyString]) -> None:
        """Hang each fault of the rules on its field, in the words of `sentences`."""
        for fault in faults:
            self.add_error(fault.field, sentences[fault.code] % dict(fault.values))

    def refuse(self, refusal: Refused) -> None:
        """Show what an operation refused at its field, or above the form."""
        self.add_error(refusal.field, refusal.message)

    def add_error(self, name: str | None, message: object) -> None:
        """Add a message to a field, or above the form where there is no such field."""
        field = self._fields.get(name) if name else None
        if field is None:
            self.form_errors: list[object] = [*self.form_errors, message]
        else:
            field.errors = [*field.errors, message]


class _ParsedField(StringField):
    """A text field whose data is parsed exactly; a refused text stays on the page."""

    data: Any
    unit: object = ""
    complaint: object = ""

    def parse(self, text: str) -> Any:
        raise NotImplementedError

    def write(self, data: Any) -> str:
        raise NotImplementedError

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not text:
            return
        try:
            self.data = self.parse(text)
        except ValueError:
            raise ValueError(self.complaint % {"value": text}) from None  # type: ignore[operator]

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)


class TonnesField(_ParsedField):
    """Tonnes on the page, whole kilograms in the data."""

    unit = _l("吨")
    complaint = _l("“%(value)s”不是吨数。请填数字，最多三位小数，例如 1200。")

    def parse(self, text: str) -> int:
        return parse_tonnes(text)

    def write(self, data: int) -> str:
        return tonnes_text(data).replace(",", "")


class YuanField(_ParsedField):
    """CNY per tonne on the page, whole fen per tonne in the data."""

    unit = _l("元/吨")
    complaint = _l("“%(value)s”不是金额。请填数字，最多两位小数，例如 8.50。")

    def parse(self, text: str) -> int:
        return parse_yuan(text)

    def write(self, data: int) -> str:
        return yuan_text(data).replace(",", "").replace("−", "-")


class WholeField(_ParsedField):
    """A whole number."""

    complaint = _l("“%(value)s”不是整数。")

    def parse(self, text: str) -> int:
        return int(text)

    def write(self, data: int) -> str:
        return str(data)


class DecimalDegreesField(_ParsedField):
    """A longitude or latitude in decimal degrees."""

    unit = "°"
    complaint = _l("“%(value)s”不是经纬度。请填十进制度数，例如 115.985。")

    def parse(self, text: str) -> float:
        degrees = float(text)
        if not math.isfinite(degrees) or abs(degrees) > 360:
            raise ValueError("not an angle")
        return degrees

    def write(self, data: float) -> str:
        return f"{data:.6f}".rstrip("0").rstrip(".")


class MonthField(_ParsedField):
    """A month as `2026-12`; the data is its first day. Browsers without a picker type it."""

    complaint = _l("“%(value)s”不是月份。请写成 2026-12。")

    def parse(self, text: str) -> date:
        found = MONTH.fullmatch(text)
        if not found:
            raise ValueError("not a month")
        return date(int(found[1]), int(found[2]), 1)

    def write(self, data: date) -> str:
        return f"{data:%Y-%m}"


def month_in_address(text: str) -> date:
    """The month an address names, such as `2026-10`; raises `NotFound`.

    Neither the first nor the last there is, so that a page can ask for its neighbours.
    """
    try:
        found = parse_month(text)
    except ValueError:
        raise NotFound from None
    if found in (date.min, date.max.replace(day=1)):
        raise NotFound
    return found


class DayField(_ParsedField):
    """A day as `2026-11-25`. Browsers without a picker type it."""

    complaint = _l("“%(value)s”不是日期。请写成 2026-11-25。")

    def parse(self, text: str) -> date:
        return date.fromisoformat(text)

    def write(self, data: date) -> str:
        return data.isoformat()


class MomentField(_ParsedField):
    """An instant as `2026-11-25T15:00` on a clock in China; the data is aware."""

    complaint = _l("“%(value)s”不是时间。请写成 2026-11-25 15:00。")

    def parse(self, text: str) -> datetime:
        found = MOMENT.fullmatch(text)
        if found is None:
            raise ValueError("not a minute")
        return datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=CHINA)

    def write(self, data: datetime) -> str:
        return f"{data.astimezone(CHINA):%Y-%m-%dT%H:%M}"


class PercentField(_ParsedField):
    """Per cent on the page, with at most one decimal; thousandths in the data."""

    unit = "%"
    complaint = _l("“%(value)s”不是百分数。请填数字，最多一位小数，例如 12.5。")

    def parse(self, text: str) -> int:
        return parse_percent(text)

    def write(self, data: int) -> str:
        return percent_text(data)


def one_line(form: FlaskForm, field: Field) -> None:
    """Validator: nothing that breaks tables, papers and logs, or turns the writing around."""
    if not is_one_line(field.data or ""):
        raise ValidationError(_l("不能含换行或控制字符。"))
