"""The forms of a case: to say no, sign, cancel, decide, look up; and a whole deal in one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation

from app.core import once
from app.core.clock import month_of
from app.core.errors import NotFound
from app.core.forms import Form, MonthField, TonnesField, YuanField, one_line
from app.listings.forms import Filled, Words, choices
from app.listings.operations import Problem
from app.listings.rules import LARGEST_PRICE_FEN, Payer
from app.trades.elsewhere import DealDraft
from app.trades.rules import DeclineReason, Party
from app.trades.words import PARTY_WORDS, REASON_WORDS

LONGEST_WORDS = 200
LONGEST_NUMBER = 40
LONGEST_NAME = 80
ROW_ID = re.compile(r"[0-9]{1,9}")
CHOOSE = _l("请选一个原因，对方能看到。")
TOO_LONG = _l("说明最多 %(max)d 个字。")
FIELDS = {"materials": "material", "first_month": "month", "last_month": "month"}
"""Where the faults of the listings behind a deal belong on its form."""
PAYERS: Words = {Payer.CONSUMER: _l("产废方收"), Payer.PRODUCER: _l("产废方付")}


def stripped(text: str | None) -> str:
    return (text or "").strip()


def line(label: LazyString, most: int, needed: LazyString | None = None) -> StringField:
    """One line of text; `needed` is said where it is missing, without it the line may be blank."""
    longest = Length(max=most, message=_l("最多 %(max)d 个字。"))
    first = Optional() if needed is None else DataRequired(needed)
    return StringField(label, filters=[stripped], validators=[first, longest, one_line])


class ReasonForm(Form):
    """A reason of the closed list, and words for the other side if one wishes."""

    reason = RadioField(
        _l("原因"),
        choices=choices(REASON_WORDS),
        coerce=DeclineReason,
        invalid_value_message=CHOOSE,
        validators=[InputRequired(CHOOSE)],
    )
    words = StringField(
        _l("说明"),
        filters=[stripped],
        validators=[Optional(), Length(max=LONGEST_WORDS, message=TOO_LONG), one_line],
    )


class DeclineForm(ReasonForm):
    """To say no to a proposal."""


class CancelForm(ReasonForm):
    """To ask the other side to let a trade go."""


class SignForm(Form):
    """The contract is signed; it bears this number, or the trade's."""

    contract_number = line(_l("合同编号"), LONGEST_NUMBER)


class Decision(StrEnum):
    """How the operator ends a case."""

    CANCEL = "cancel"
    PRODUCER = "producer"
    CONSUMER = "consumer"

    @property
    def at_fault(self) -> Party | None:
        return None if self is Decision.CANCEL else Party(self)


DECISIONS: Words = {
    Decision.CANCEL: _l("取消，没有一方违约"),
    Decision.PRODUCER: _l("产废方违约"),
    Decision.CONSUMER: _l("利废方违约"),
}


class DecisionForm(Form):
    """The operator's word on a case that does not move on."""

    decision = RadioField(
        _l("怎样结束"),
        choices=choices(DECISIONS),
        coerce=Decision,
        invalid_value_message=_l("请选怎样结束。"),
        validators=[InputRequired(_l("请选怎样结束。"))],
    )
    words = line(_l("理由"), LONGEST_WORDS, _l("请写明原因，双方会看到这段话。"))

    def without_default(self) -> None:
        """Before a contract there is nothing to default on."""
        self.decision.choices = [SelectChoice(Decision.CANCEL, DECISIONS[Decision.CANCEL])]


class LookupForm(Form):
    """Why a regulator opens the names of a trade."""

    reason = line(_l("理由"), LONGEST_WORDS, _l("请写明查看的理由，企业会看到这句话。"))


class DealForm(Form):
    """A deal made elsewhere, in one form. `key` makes it count once, however often it is sent."""

    key = HiddenField(default=once.new_key)
    my_side = RadioField(
        _l("本企业是"),
        choices=choices(PARTY_WORDS),
        coerce=Party,
        invalid_value_message=_l("请选本企业是哪一方。"),
        validators=[InputRequired(_l("请选本企业是哪一方。"))],
    )
    my_site_id = SelectField(
        _l("本企业厂区"), [Filled(_l("请选厂区。"))], coerce=int, validate_choice=False
    )
    partner = StringField(_l("对方企业"), filters=[stripped])
    other_site_id = StringField(_l("对方厂区"))
    material = RadioField(_l("物料"), [Filled(_l("请选一种物料。"))], validate_choice=False)
    month = MonthField(_l("交货月份"), [Filled(_l("请填交货月份。"))])
    tonnes = TonnesField(_l("数量"), [Filled(_l("请填数量。"))])
    payer = RadioField(
        _l("价格由谁付"), [Optional()], choices=choices(PAYERS), validate_choice=False
    )
    price = YuanField(_l("产废方价"), [Filled(_l("请填价格，免费填 0。"))])
    freight = YuanField(_l("运费"), [Optional()])
    contract_number = line(_l("合同编号"), LONGEST_NUMBER)
    waste_name = line(_l("排污许可证上的名称"), LONGEST_NAME)

    def fill(self, sites: Words, materials: Words) -> None:
        self.my_site_id.choices = choices(sites)
        self.material.choices = choices(materials)

    def validate_my_site_id(self, field: SelectField) -> None:
        """Another firm's site answers as if it were not there."""
        if str(field.data) not in [one.value for one in field.choices]:
            raise NotFound

    def validate_other_site_id(self, field: StringField) -> None:
        if not ROW_ID.fullmatch(field.data or ""):
            raise StopValidation(_l("请查找对方企业，并在查到的厂区中选一个。"))

    def validate_price(self, field: YuanField) -> None:
        _require_amount(field)
        if field.data and self.payer.data not in list(Payer):
            raise StopValidation(_l("请选由谁付款。"))

    def validate_freight(self, field: YuanField) -> None:
        _require_amount(field)

    def told(self, problems: Iterable[Problem]) -> None:
        """Hang what speaks against the deal on the fields of this form.

        A field that could not be read says that alone, and without the own side nobody knows
        whether the other firm fits.
        """
        unread = {name for name, errors in self.errors.items() if errors}
        unread |= {"other_site_id"} if "my_side" in unread else set()
        for name, sentence in problems:
            field = FIELDS.get(name, name)
            if field not in unread:
                self.add_error(field, sentence)

    def draft(self, today: date) -> DealDraft:
        """The deal the form tells; what could not be read stands as something harmless."""
        fen: int = self.price.data or 0
        payer = self.payer.data if self.payer.data in list(Payer) else Payer.CONSUMER
        other = self.other_site_id.data or ""
        values: dict[str, Any] = {
            "month": self.month.data or month_of(today),
            "kg": self.tonnes.data or 0,
            "price_producer": Payer(payer).signed(fen),
            "freight": self.freight.data,
        }
        return DealDraft(
            my_side=self.my_side.data or Party.PRODUCER,
            my_site_id=self.my_site_id.data or 0,
            other_site_id=int(other) if ROW_ID.fullmatch(other) else 0,
            material=self.material.data or "",
            contract_number=self.contract_number.data or "",
            waste_name=self.waste_name.data or "",
            **values,
        )


def _require_amount(field: YuanField) -> None:
    if field.data is None:
        return
    if field.data < 0:
        raise StopValidation(_l("请不要填负号，改选付款方向。"))
    if field.data > LARGEST_PRICE_FEN:
        raise StopValidation(_l("金额太大，请核对单位是不是元/吨。"))
