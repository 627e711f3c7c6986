"""The forms of this feature: what a firm lists, and what a reader looks for.

The limit price is typed here and nowhere shown but to its owner: no message repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Self

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectFieldBase
from wtforms.validators import Length, Optional, StopValidation

from app.catalogue.quality import ParameterRow
from app.core.clock import parse_month
from app.core.errors import NotFound
from app.core.forms import Form, MonthField, TonnesField, WholeField, YuanField, one_line
from app.core.quantities import parse_tonnes
from app.eligibility.fitting import OwnLimit
from app.eligibility.own_limits import read_limits, written_limits
from app.eligibility.words import limit_fault_text
from app.listings.choices import FormChoices
from app.listings.market import PAGE_SIZES, ListingFilter, Sort
from app.listings.operations import ListingRefused, OfferDraft, RequirementDraft
from app.listings.queries import ListingView
from app.listings.rules import LARGEST_KG, OFFERED_MODES, RENEWALS, DealMode, Payer, Product, Side
from app.listings.words import DEAL_MODES, PRODUCTS

Words = Mapping[Any, object]
OFFER_PAYERS: Words = {Payer.CONSUMER: _l("产废方收"), Payer.PRODUCER: _l("产废方付")}
REQUIREMENT_PAYERS: Words = {Payer.CONSUMER: _l("我方付"), Payer.PRODUCER: _l("对方付处置费")}
SORTS: Words = {
    "-published": _l("最新发布"),
    "distance": _l("距离从近到远"),
    "-distance": _l("距离从远到近"),
    "-quantity": _l("数量从多到少"),
    "quantity": _l("数量从少到多"),
    "-price": _l("价格从高到低"),
    "price": _l("价格从低到高"),
    "until": _l("截止月份从早到晚"),
    "-until": _l("截止月份从晚到早"),
}
UNSEEN = ("csrf_token", "version")
LONGEST_NAME, LONGEST_NOTE, LONGEST_SEARCH, LONGEST_LIMITS = 80, 300, 60, 500


class Filled:
    """Validator: the field must hold something. What was typed but not understood keeps its
    own message.
    """

    def __init__(self, message: LazyString) -> None:
        self.message = message
        self.field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if not any(str(text).strip() for text in field.raw_data or []):
            raise StopValidation(self.message)


class LimitField(YuanField):
    """A private price: the complaint does not repeat what was typed."""

    complaint = _l("这不是金额。请填数字，最多两位小数，例如 8.50。")


class LimitsField(StringField):
    """A buyer's own quality limits in a line; what cannot be read stays as it was typed.

    They can be read once the parameters are known.
    """

    data: tuple[OwnLimit, ...] | None
    parameters: Mapping[str, ParameterRow]

    def process_formdata(self, valuelist: list[Any]) -> None:
        """A cell of a table may hold several lines; a field of a page has one."""
        self.raw_data = ["；".join(str(text).splitlines()) for text in valuelist]
        self.data = None

    def read(self, parameters: Mapping[str, ParameterRow]) -> None:
        """Read what was typed, if something was, and keep what is wrong with it."""
        self.parameters = parameters
        text = self.raw_data[0] if self.raw_data else ""
        if len(text) > LONGEST_LIMITS:
            self.process_errors.append(_l("最多 %(max)d 个字。", max=LONGEST_LIMITS))
        elif text:
            found = read_limits(text, parameters)
            self.data = found.limits
            self.process_errors += [limit_fault_text(one, parameters) for one in found.faults]

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return written_limits(self.data or (), self.parameters)


def choices(words: Words) -> list[SelectChoice]:
    """What a field lets choose from: the word shown for each value sent."""
    return [SelectChoice(value, label) for value, label in words.items()]


def stripped(text: str | None) -> str:
    return (text or "").strip()


def searchable(text: str | None) -> str:
    """What can be looked for: a short text without signs that no name holds."""
    kept = "".join(sign if sign.isprintable() else " " for sign in text or "")
    return kept.strip()[:LONGEST_SEARCH]


def short(label: LazyString, most: int) -> StringField:
    """One line of text that may stay blank."""
    longest = Length(max=most, message=_l("最多 %(max)d 个字。"))
    return StringField(label, [Optional(), longest, one_line], filters=[stripped])


class ListingForm(Form):
    """What both kinds of listing ask: four fields that must be filled, the rest may wait."""

    site_id = SelectField(
        _l("所在厂区"), [Filled(_l("请选厂区。"))], coerce=int, validate_choice=False
    )
    tonnes = TonnesField(_l("每月数量"), [Filled(_l("请填每月数量。"))])
    first_month = MonthField(_l("起始月份"), [Filled(_l("请填起始月份。"))])
    last_month = MonthField(_l("截止月份"), [Filled(_l("请填截止月份。"))])
    deal_mode = RadioField(
        _l("成交方式"),
        choices=choices({mode: DEAL_MODES[mode] for mode in OFFERED_MODES}),
        default=DealMode.OPEN,
        validate_choice=False,
    )
    version = WholeField(_l("版本"))
    list_payer = RadioField(_l("挂牌价由谁付"), [Optional()], validate_choice=False)
    list_price = YuanField(_l("挂牌价（公开）"), [Optional()])
    limit_payer = RadioField(_l("限价由谁付"), [Optional()], validate_choice=False)
    limit_price = LimitField(_l("限价（保密）"), [Optional()])
    max_km = WholeField(_l("最远距离"), [Optional()])
    silo = TonnesField(_l("可存放"), [Optional()])
    shows_name = BooleanField(_l("公开显示本企业名称"))
    note = short(_l("说明"), LONGEST_NOTE)

    optional_names: tuple[str, ...] = ("list_price", "limit_price", "max_km", "silo", "note")
    known: FormChoices

    def offer_choices(self, known: FormChoices) -> None:
        """Fill the choices in; the only site of a firm is chosen already."""
        self.known = known
        self.materials.choices = choices({row.code: row.name for row in known.materials})
        sites = {str(site.id): site.display_name for site in known.sites}
        self.site_id.choices = choices(sites)
        if len(sites) == 1 and self.site_id.data is None:
            (only,) = sites
            self.site_id.process(MultiDict({"site_id": only}))

    def begin_with(self, known: Mapping[str, str]) -> None:
        """Fill in what a link knows, a site and tonnes a month; what it gets wrong stays blank."""
        if known.get("site") in [str(one.value) for one in self.site_id.choices]:
            self.site_id.process(MultiDict({"site_id": known["site"]}))
        with suppress(ValueError):
            kg = parse_tonnes(known.get("tonnes", ""))
            self.tonnes.data = kg if kg > 0 else None

    def validate_site_id(self, field: SelectField) -> None:
        """Another firm's site answers as if it were not there."""
        if str(field.data) not in [one.value for one in field.choices]:
            raise NotFound

    def validate_deal_mode(self, field: RadioField) -> None:
        if field.data not in list(OFFERED_MODES):
            raise StopValidation(_l("请从三种成交方式里选一种。"))

    def validate_list_price(self, field: YuanField) -> None:
        self._check_direction(self.list_payer, field)

    def validate_limit_price(self, field: YuanField) -> None:
        self._check_direction(self.limit_payer, field)

    @property
    def has_optional_errors(self) -> bool:
        """Whether something in the folded part needs the reader."""
        return any(self[name].errors for name in self.optional_names)

    def told(self, refusal: ListingRefused) -> None:
        """Hang what the operation refused on its fields."""
        for name, sentence in refusal.problems:
            self.add_error(name, sentence)

    def show(self, view: ListingView) -> None:
        """Fill the form with a listing, its owner's limit included."""
        row = view.listing
        self.site_id.data = view.site_id
        self.tonnes.data = row.kg_per_month
        self.first_month.data, self.last_month.data = row.first_month, row.last_month
        self.max_km.data = row.max_km
        self.silo.data = view.silo_kg
        self.shows_name.data = view.shows_name
        self.note.data = view.note
        self.deal_mode.data, self.version.data = row.deal_mode, view.version
        _show_price(self.list_payer, self.list_price, row.list_price)
        _show_price(self.limit_payer, self.limit_price, view.limit_price)

    def catch_up(self, view: ListingView) -> list[tuple[object, str]]:
        """Label and saved value of every field that says something else than the listing does now.

        Whoever has seen them may save: the form then counts as made from this version.
        """
        saved = type(self)(formdata=None)
        saved.offer_choices(self.known)
        saved.show(view)
        self.version.raw_data, self.version.data = None, view.version
        return [
            (theirs.label.text, shown(theirs))
            for mine, theirs in zip(self, saved, strict=True)
            if mine.name not in UNSEEN and (mine.data or None) != (theirs.data or None)
        ]

    def _check_direction(self, payer: RadioField, amount: YuanField) -> None:
        if amount.data is None:
            return
        if amount.data < 0:
            raise StopValidation(_l("请不要填负号，改选付款方向。"))
        if amount.data and payer.data not in list(Payer):
            raise StopValidation(_l("请选由谁付款。"))

    def _common(self) -> dict[str, Any]:
        """The draft fields both kinds share."""
        return {
            "site_id": self.site_id.data,
            "kg_per_month": self.tonnes.data,
            "first_month": self.first_month.data,
            "last_month": self.last_month.data,
            "max_km": self.max_km.data,
            "silo_kg": self.silo.data,
            "list_price": _signed(self.list_payer, self.list_price),
            "limit_price": _signed(self.limit_payer, self.limit_price),
            "shows_name": self.shows_name.data,
            "note": self.note.data,
            "deal_mode": DealMode(self.deal_mode.data),
        }


class OfferForm(ListingForm):
    """A producer's waste."""

    materials = RadioField(_l("物料"), [Filled(_l("请选一种物料。"))], validate_choice=False)
    list_payer = RadioField(
        _l("挂牌价由谁付"), [Optional()], choices=choices(OFFER_PAYERS), validate_choice=False
    )
    limit_payer = RadioField(
        _l("限价由谁付"), [Optional()], choices=choices(OFFER_PAYERS), validate_choice=False
    )
    kind = SelectField(_l("细分种类"), [Optional()], validate_choice=False)
    holding_price = LimitField(_l("每月存放成本"), [Optional()])
    waste_name = short(_l("排污许可证上的名称"), LONGEST_NAME)
    waste_code = short(_l("废物代码"), 24)

    optional_names = (*ListingForm.optional_names, "holding_price", "waste_name", "waste_code")

    def offer_choices(self, known: FormChoices) -> None:
        """With the kinds of those materials that are of several."""
        super().offer_choices(known)
        self.kind.choices = [
            SelectChoice("", _l("未填")),
            *(
                SelectChoice(kind.code, kind.name, optgroup=material.name)
                for material, kinds in known.finer
                for kind in kinds
            ),
        ]

    def begin_with(self, known: Mapping[str, str]) -> None:
        """What a link knows, with the material."""
        super().begin_with(known)
        if known.get("material") in [one.value for one in self.materials.choices]:
            self.materials.data = known["material"]

    def show(self, view: ListingView) -> None:
        super().show(view)
        self.materials.data = view.listing.materials[0].code
        finer = [one.value for one in self.kind.choices]
        self.kind.data = view.listing.kind if view.listing.kind in finer else ""
        self.holding_price.data = view.holding_price
        self.waste_name.data = view.listing.waste_name
        self.waste_code.data = view.waste_code

    def draft(self) -> OfferDraft:
        return OfferDraft(
            material=self.materials.data,
            kind=self.kind.data or "",
            holding_price=self.holding_price.data,
            waste_name=self.waste_name.data,
            waste_code=self.waste_code.data.upper(),
            **self._common(),
        )


class RequirementForm(ListingForm):
    """A consumer's need; any of the materials will do."""

    materials = SelectMultipleField(
        _l("可接收的物料"), [Filled(_l("请至少选一种物料。"))], validate_choice=False
    )
    list_payer = RadioField(
        _l("挂牌价由谁付"), [Optional()], choices=choices(REQUIREMENT_PAYERS), validate_choice=False
    )
    limit_payer = RadioField(
        _l("限价由谁付"), [Optional()], choices=choices(REQUIREMENT_PAYERS), validate_choice=False
    )
    product = SelectField(
        _l("用途"),
        [Optional()],
        choices=choices({"": _l("未填"), **PRODUCTS}),
    )
    own_limits = LimitsField(_l("自定指标"), [Optional()])
    accepts_not_shown = BooleanField(_l("接受未证明的料"))

    def offer_choices(self, known: FormChoices) -> None:
        """With the parameters that a limit may be of."""
        super().offer_choices(known)
        self.own_limits.read(known.parameters)

    def show(self, view: ListingView) -> None:
        super().show(view)
        self.materials.data = [material.code for material in view.listing.materials]
        self.product.data = view.listing.product or ""
        self.own_limits.data = view.own_limits
        self.accepts_not_shown.data = view.listing.accepts_not_shown

    def draft(self) -> RequirementDraft:
        return RequirementDraft(
            materials=tuple(self.materials.data),
            product=Product(self.product.data) if self.product.data else None,
            own_limits=self.own_limits.data or (),
            accepts_not_shown=self.accepts_not_shown.data,
            **self._common(),
        )


FORMS: dict[Side, type[OfferForm | RequirementForm]] = {
    Side.OFFER: OfferForm,
    Side.REQUIREMENT: RequirementForm,
}


class RenewForm(Form):
    """By how many months a listing is extended."""

    months = SelectField(
        _l("续期"),
        coerce=int,
        choices=choices({str(count): _l("%(count)d 个月", count=count) for count in RENEWALS}),
        validate_choice=False,
    )


class FilterForm(Form):
    """What a reader looks for; it lives in the address, so it carries no token."""

    class Meta:
        csrf = False

    material = SelectMultipleField(_l("物料"), validate_choice=False)
    q = StringField(_l("查找"), [Optional()], filters=[searchable])
    county = SelectField(_l("县（市、区）"), [Optional()], validate_choice=False)
    min = TonnesField(_l("每月不少于"), [Optional()])
    site = SelectField(_l("我的厂区"), [Optional()], coerce=str, validate_choice=False)
    km = WholeField(_l("距离不超过"), [Optional()])
    month = SelectField(_l("月份"), [Optional()], validate_choice=False)
    sort = SelectField(_l("排序"), [Optional()], validate_choice=False)
    size = WholeField("", [Optional()])
    page = WholeField("", [Optional()])

    @classmethod
    def of(cls, address: MultiDict[str, str]) -> Self:
        return cls(formdata=address)

    def fill(self, materials: Words, counties: Words, sites: Words, months: Words) -> None:
        """Fill the choices in. A firm's first site is where distances start by default."""
        self.material.choices = choices(materials)
        self.county.choices = choices({"": _l("不限"), **counties})
        self.month.choices = choices({"": _l("不限"), **months})
        self.site.choices = choices(sites)
        self.sort.choices = choices(
            {code: word for code, word in SORTS.items() if sites or "distance" not in code}
        )
        self.site.data = self.site.data or next(iter(sites), "")
        self.sort.data = self.sort.data or ("distance" if sites else "-published")

    def wanted(self, side: Side, on: date) -> ListingFilter:
        """What was asked. The address is anybody's to write: what was not on offer asks nothing."""
        sort = _offered(self.sort) or "-published"
        site, month = _offered(self.site), _offered(self.month)
        offered = [one.value for one in self.material.choices]
        return ListingFilter(
            side=side,
            on=on,
            materials=tuple(code for code in self.material.data or () if code in offered),
            text=self.q.data,
            adcode=_offered(self.county),
            min_kg=None if self.min.data is None else min(self.min.data, LARGEST_KG + 1),
            max_km=self.km.data,
            site_id=int(site) if site else None,
            month=parse_month(month) if month else None,
            sort=Sort(sort.removeprefix("-")),
            descending=sort.startswith("-"),
            page=self.page.data or 1,
            size=self.size.data if self.size.data in PAGE_SIZES else PAGE_SIZES[0],
        )


def shown(field: Field) -> str:
    """What a field holds, as a reader would say it."""
    if isinstance(field, SelectFieldBase):
        chosen = [str(label) for _value, label, selected, _more in field.iter_choices() if selected]
        return "、".join(chosen) or "—"
    if isinstance(field, BooleanField):
        return str(_l("是") if field.data else _l("否"))
    return str(field._value() or "—")


def _show_price(payer: RadioField, amount: YuanField, fen: int | None) -> None:
    if fen is not None:
        payer.data, amount.data = Payer.of(fen), abs(fen)


def _signed(payer: RadioField, amount: YuanField) -> int | None:
    if amount.data is None:
        return None
    return Payer(payer.data).signed(amount.data) if amount.data else 0


def _offered(field: SelectField) -> str:
    """The value chosen, if it was there to choose."""
    values = [one.value for one in field.choices]
    return field.data if field.data in values else ""
