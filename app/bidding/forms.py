"""The forms of this feature. What a bid says is shown to its firm alone: no message repeats it."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length, Optional, StopValidation

from app.bidding.deals import DealDraft
from app.bidding.negotiating import Reply
from app.bidding.operations import BidRefused
from app.bidding.queries import BidRow
from app.bidding.rules import MOST_STEPS, BidTerms, DealTerms, RoundTerms, Step
from app.bidding.words import BID_PAYERS, GATE_PAYERS
from app.core import once
from app.core.clock import parse_month
from app.core.errors import NotFound
from app.core.forms import (
    Form,
    MomentField,
    MonthField,
    TonnesField,
    WholeField,
    YuanField,
    one_line,
)
from app.core.security import LARGEST_ROW_ID
from app.listings.forms import Filled, LimitField, Words, choices, stripped
from app.listings.rules import Payer, Side

LONGEST_WORDS = 300
NO_MINUS = _l("请不要填负号，改选付款方向。")


class SealedTonnes(TonnesField):
    """A private mass: the complaint does not repeat what was typed."""

    complaint = _l("这不是吨数。请填数字，最多三位小数，例如 1200。")


class PositivePrice(YuanField):
    """A price whose direction is chosen beside it."""

    def pre_validate(self, form: Form) -> None:
        if self.data is not None and self.data < 0:
            raise StopValidation(NO_MINUS)


class SealedPrice(LimitField, PositivePrice):
    """The same, and no message repeats it."""


def held(field: Field) -> Any:
    """What a field holds that was found filled."""
    return field.data


class RefusableForm(Form):
    """A form on whose fields the faults of an operation are hung."""

    def told(self, refusal: BidRefused) -> None:
        for name, sentence in refusal.problems:
            self.add_error(self.field_of(name), sentence)

    def field_of(self, name: str) -> str:
        return name


class RoundForm(RefusableForm):
    """A call round as the operator announces it."""

    key = StringField(default=once.new_key)
    month = MonthField(_l("交货月份"), [Filled(_l("请填交货月份。"))])
    opens_at = MomentField(_l("开始报价"), [Filled(_l("请填开始时间。"))])
    closes_at = MomentField(_l("截止报价"), [Filled(_l("请填截止时间。"))])
    materials = SelectMultipleField(_l("物料"), [Optional()], validate_choice=False)

    def terms(self) -> RoundTerms:
        return RoundTerms(
            held(self.month),
            held(self.opens_at),
            held(self.closes_at),
            tuple(dict.fromkeys(self.materials.data or ())),
        )


class BidForm(RefusableForm):
    """A sealed bid in up to five steps; `tonnes_1`, `payer_1`, `price_1` and so on are its rows."""

    version = WholeField(default=0)
    min_lot = SealedTonnes(_l("每笔最少"), [Optional()])
    is_single = BooleanField(_l("不可拆分：整批给一家"))

    def offer_payers(self, side: Side) -> None:
        for _tonnes, payer, _price in self.rows:
            payer.choices = choices(BID_PAYERS[side])

    @property
    def rows(self) -> list[tuple[Field, Field, Field]]:
        names = ("tonnes", "payer", "price")
        return [
            (self[f"{names[0]}_{place}"], self[f"{names[1]}_{place}"], self[f"{names[2]}_{place}"])
            for place in range(1, MOST_STEPS + 1)
        ]

    def validate(self, extra_validators: object = None) -> bool:
        """Each row is filled or empty; what is half filled says what it lacks."""
        sound: bool = super().validate(extra_validators)
        for tonnes, _payer, price in self.rows:
            given = [
                bool(field.raw_data and field.raw_data[0].strip()) for field in (tonnes, price)
            ]
            if given == [True, False]:
                self.add_error(price.name, _l("这一档还缺价格。"))
            elif given == [False, True]:
                self.add_error(tonnes.name, _l("这一档还缺吨数。"))
        return sound and not self.errors

    def show(self, bid: BidRow | None) -> None:
        """Fill the form with the firm's standing bid."""
        if bid is None:
            return
        self.version.data = bid.version
        if bid.is_withdrawn:
            return
        self.min_lot.data = bid.terms.min_lot_kg or None
        self.is_single.data = bid.terms.is_single
        for (tonnes, payer, price), step in zip(self.rows, bid.terms.steps, strict=False):
            tonnes.data, payer.data, price.data = step.kg, Payer.of(step.fen), abs(step.fen)

    def catch_up(self, version: int) -> None:
        """Whoever has seen the colleague's bid may save: the form counts as made from it."""
        self.version.raw_data, self.version.data = None, version

    def terms(self) -> BidTerms:
        return BidTerms(
            tuple(
                Step(tonnes.data, _signed(payer, price)) for tonnes, payer, price in self._filled
            ),
            self.min_lot.data or 0,
            self.is_single.data,
        )

    def field_of(self, name: str) -> str:
        """The operation counts filled rows; an empty one between them does not shift a fault."""
        word, _line, place = name.rpartition("_")
        if not place.isdecimal() or int(place) > len(self._filled):
            return name
        return f"{word}_{self._filled[int(place) - 1][0].name.rpartition('_')[2]}"

    @property
    def _filled(self) -> list[tuple[Field, Field, Field]]:
        return [row for row in self.rows if row[0].data is not None and row[2].data is not None]


def _add_steps() -> None:
    for place in range(1, MOST_STEPS + 1):
        fields = {
            "tonnes": SealedTonnes(_l("第 %(place)s 档数量", place=place), [Optional()]),
            "payer": SelectField(
                _l("第 %(place)s 档付款方", place=place),
                default=Payer.CONSUMER,
                validate_choice=False,
            ),
            "price": SealedPrice(_l("第 %(place)s 档价格", place=place), [Optional()]),
        }
        for name, field in fields.items():
            setattr(BidForm, f"{name}_{place}", field)


_add_steps()


class PlainForm(Form):
    """A button that names the version or the position it is meant for."""

    version = WholeField(default=0)
    position = WholeField(default=0)
    freight = WholeField(default=0)
    words = StringField(filters=[stripped], validators=[Length(max=LONGEST_WORDS), one_line])


def _words(label: LazyString) -> StringField:
    longest = Length(max=LONGEST_WORDS, message=_l("最多 %(max)d 个字。"))
    return StringField(label, [Optional(), longest, one_line], filters=[stripped])


def _payers() -> RadioField:
    return RadioField(
        _l("出厂价由谁付"),
        [Optional()],
        choices=choices(GATE_PAYERS),
        default=Payer.CONSUMER,
        validate_choice=False,
    )


class TakeForm(RefusableForm):
    """So many tonnes of a listing at its list price, for one of the own sites."""

    key = StringField(default=once.new_key)
    site_id = SelectField(_l("我方厂区"), coerce=int, validate_choice=False)
    material = SelectField(_l("物料"), validate_choice=False)
    month = SelectField(_l("交货月份"), validate_choice=False)
    tonnes = TonnesField(_l("数量"), [Filled(_l("请填数量。"))])
    seen_price = WholeField()

    def offer_choices(self, sites: Words, materials: Words, months: Words) -> None:
        self.site_id.choices = choices(sites)
        self.material.choices = choices(materials)
        self.month.choices = choices(months)

    def validate_site_id(self, field: SelectField) -> None:
        """What can be no site is not there; whether it is the firm's own, the operation says."""
        if field.data is None or not 0 < field.data <= LARGEST_ROW_ID:
            raise NotFound

    def validate_month(self, field: SelectField) -> None:
        """Whether it is a month at all; whether the listing runs in it, the operation says."""
        try:
            parse_month(field.data or "")
        except ValueError:
            raise StopValidation(_l("请从列表里选一个月份。")) from None

    def draft(self) -> DealDraft:
        terms = self._terms(None)
        return DealDraft(self.site_id.data or 0, terms, seen_price=self.seen_price.data)

    def _terms(self, price: int | None) -> DealTerms:
        month = parse_month(self.month.data or "")
        return DealTerms(self.material.data or "", month, held(self.tonnes), price)


class OfferForm(TakeForm):
    """A direct offer: the same with a price at the producer's gate, and a word to the owner."""

    payer = _payers()
    price = PositivePrice(_l("出厂价"), [Filled(_l("请填价格；不要钱就填 0。"))])
    words = _words(_l("留言"))

    def draft(self) -> DealDraft:
        terms = self._terms(_signed(self.payer, self.price))
        return DealDraft(self.site_id.data or 0, terms, self.words.data or "")


class CounterForm(RefusableForm):
    """Other conditions in answer to the standing offer at `position`."""

    position = WholeField(default=0)
    tonnes = TonnesField(_l("数量"), [Filled(_l("请填数量。"))])
    payer = _payers()
    price = PositivePrice(_l("出厂价"), [Filled(_l("请填价格；不要钱就填 0。"))])
    words = _words(_l("留言"))

    def show(self, kg: int | None, price: int | None, position: int) -> None:
        """Start from the standing offer."""
        self.tonnes.data, self.position.data = kg, position
        self.payer.data, self.price.data = Payer.of(price or 0), abs(price or 0)

    def reply(self) -> Reply:
        price = _signed(self.payer, self.price)
        return Reply(self.position.data or 0, held(self.tonnes), price, self.words.data or "")


class MessageForm(Form):
    """A line in the thread."""

    text = StringField(
        _l("留言"),
        [
            Filled(_l("请写留言。")),
            Length(max=LONGEST_WORDS, message=_l("最多 %(max)d 个字。")),
            one_line,
        ],
        filters=[stripped],
    )


def _signed(payer: Field, amount: Field) -> int:
    fen: int = amount.data
    return Payer(payer.data).signed(fen) if fen and payer.data in list(Payer) else fen
