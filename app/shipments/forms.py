"""Forms of shipments: plan a truck, weigh it, settle a difference, keep vehicles and gates."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.errors import Conflict
from app.core.forms import Form, MomentField, WholeField, one_line
from app.core.i18n import short_moment
from app.shipments.gate_book import GateRow, VehicleRow
from app.shipments.gates import GateDraft
from app.shipments.notes import Haulage, PlanDraft
from app.shipments.rows import ShipmentView
from app.shipments.rules import EmissionClass, End, GateHours, Packaging, RejectReason, Verdict
from app.shipments.vehicles import VehicleDraft
from app.shipments.weighing import TicketDraft
from app.shipments.words import (
    EMISSION_WORDS,
    PACKAGING_WORDS,
    REASON_WORDS,
)

SLOT_SIZES = (15, 30, 60, 120)
USUAL_HOURS = GateHours(opens_hour=7, closes_hour=19, slot_minutes=30, trucks_per_slot=4)
NEAR_YEARS = range(2000, 3000)
"""At the ends of the calendar an instant cannot be moved to another zone."""
LONGEST_KG = 7
"""Digits of a weight in kilograms: no weighbridge carries a thousand tonnes."""


class KgField(StringField):
    """Whole kilograms as the scale prints them; full-width digits and commas are read too."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not text:
            return
        plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
        if not (plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_KG):
            raise ValueError(_l("“%(value)s”不是整公斤数，例如 46240。") % {"value": text[:40]})
        self.data = int(plain)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


def stripped(text: str | None) -> str:
    return (text or "").strip()


def line(label: LazyString, most: int, missing: LazyString | None = None) -> StringField:
    """One line of text; `missing` is said when it stays blank, without it may stay so."""
    length = Length(max=most, message=_l("最多 %(max)d 个字。"))
    needed = InputRequired(missing) if missing else Optional()
    return StringField(label, validators=[needed, length, one_line], filters=[stripped])


def options(words: dict[Any, LazyString]) -> list[SelectChoice]:
    return [SelectChoice(code.value, label) for code, label in words.items()]


def moment(text: object) -> datetime | None:
    """The instant of a slot as the form sends it; raises `ValueError`."""
    if not text:
        return None
    at = datetime.fromisoformat(str(text))
    if at.tzinfo is None or at.year not in NEAR_YEARS:
        raise ValueError("no instant of a slot")
    return at.astimezone(UTC)


class TicketForm(Form):
    """A weighbridge ticket; at unloading with the verdict of the button that was pressed."""

    client_key = HiddenField(validators=[Length(max=64)])
    end = HiddenField()
    number = line(_l("磅单号"), 32, _l("请填磅单上的编号。"))
    gross_kg = KgField(_l("毛重"), [InputRequired(_l("请填毛重。"))])
    tare_kg = KgField(_l("皮重"), [InputRequired(_l("请填皮重。"))])
    weighed_at = MomentField(_l("过磅时间"), [InputRequired(_l("请填过磅时间。"))])
    photo = FileField(_l("磅单照片"), validators=[Optional()])
    verdict = HiddenField()
    rejected_kg = KgField(_l("拒收重量"), [Optional()])
    reject_reason = RadioField(
        _l("拒收原因"), choices=options(REASON_WORDS), validators=[Optional()]
    )
    words = line(_l("说明"), 300)

    def wanted_end(self) -> End:
        """Which weighing; raises `Conflict` for a form that says none."""
        if self.end.data not in list(End):
            raise Conflict(_l("这张磅单没有写明是哪一次过磅。"), _l("请重新打开这辆车的过磅页。"))
        return End(self.end.data)

    def draft(self) -> TicketDraft:
        """The ticket; at the consumer's gate with the verdict of the button that was pressed."""
        end = self.wanted_end()
        verdict = Verdict(self.verdict.data) if self.verdict.data in list(Verdict) else None
        return TicketDraft(
            end=end,
            number=self.number.data,
            gross_kg=self.gross_kg.data,
            tare_kg=self.tare_kg.data,
            weighed_at=self.weighed_at.data,
            client_key=self.client_key.data or None,
            photo=self._photo_bytes(),
            verdict=verdict if end is End.UNLOADING else None,
            rejected_kg=self.rejected_kg.data or 0,
            reject_reason=self._reason(),
            words=self.words.data or "",
        )

    def _photo_bytes(self) -> bytes | None:
        """What was photographed; nothing if no file was chosen."""
        sent = self.photo.data
        return (sent.read() or None) if isinstance(sent, FileStorage) else None

    def _reason(self) -> RejectReason | None:
        return RejectReason(self.reject_reason.data) if self.reject_reason.data else None


class HaulageForm(Form):
    """Which truck comes, who drives it, and when; a slot that stays blank is not booked."""

    plate = line(_l("车牌号"), 12, _l("请填车牌号，例如 鲁P5D827。"))
    driver = line(_l("司机"), 40, _l("请填司机姓名。"))
    driver_phone = line(_l("司机电话"), 24, _l("请填司机电话。"))
    load_slot = SelectField(_l("装车时段"), coerce=moment, validate_choice=False)
    unload_slot = SelectField(_l("卸车时段"), coerce=moment, validate_choice=False)

    def offer_slots(
        self,
        load: Iterable[datetime],
        unload: Iterable[datetime],
        view: ShipmentView | None = None,
    ) -> None:
        """The slots with room at both ends; the appointments of `view` are among them."""
        made = (view.load_slot_at, view.unload_slot_at) if view else (None, None)
        ends = ((self.load_slot, load, made[0]), (self.unload_slot, unload, made[1]))
        for field, free, kept in ends:
            slots = sorted({*free, *([kept] if kept else [])})
            none = SelectChoice("", _l("不预约"))
            field.choices = [none, *(SelectChoice(at, short_moment(at)) for at in slots)]

    def show(self, view: ShipmentView) -> None:
        """Begin with what was planned."""
        self.plate.data, self.driver.data = view.plate, view.driver
        self.driver_phone.data = view.driver_phone
        self.load_slot.data, self.unload_slot.data = view.load_slot_at, view.unload_slot_at

    def haulage(self) -> Haulage:
        return Haulage(self.plate.data, self.driver.data, self.driver_phone.data)

    def slots(self) -> dict[End, datetime]:
        """The appointments asked for."""
        asked = {End.LOADING: self.load_slot.data, End.UNLOADING: self.unload_slot.data}
        return {end: at for end, at in asked.items() if at is not None}


class PlanForm(HaulageForm):
    """A truck of a trade with what it is to carry."""

    planned_kg = KgField(_l("计划装"), [InputRequired(_l("请填计划装多少公斤。"))])
    packaging = RadioField(
        _l("包装方式"),
        choices=options(PACKAGING_WORDS),
        coerce=Packaging,
        default=Packaging.BULK,
        validators=[InputRequired(_l("请选包装方式。"))],
        invalid_value_message=_l("请选包装方式。"),
    )
    via = line(_l("途经"), 120)

    def draft(self) -> PlanDraft:
        return PlanDraft(
            self.planned_kg.data, self.haulage(), self.packaging.data, self.via.data or ""
        )


class VehicleForm(Form):
    """A truck of one's own firm, as its licence says."""

    plate = line(_l("车牌号"), 12, _l("请填车牌号，例如 鲁P5D827。"))
    trailer_plate = line(_l("挂车号牌"), 12)
    emission = RadioField(
        _l("排放阶段"),
        choices=options(EMISSION_WORDS),
        coerce=EmissionClass,
        validators=[InputRequired(_l("请选排放阶段。"))],
        invalid_value_message=_l("请选排放阶段。"),
    )
    load_kg = KgField(_l("核定载质量"), [InputRequired(_l("请填核定载质量。"))])

    def show(self, vehicle: VehicleRow) -> None:
        """Begin with what is registered."""
        self.process(obj=vehicle)

    def draft(self) -> VehicleDraft:
        return VehicleDraft(
            self.plate.data, self.emission.data, self.load_kg.data, self.trailer_plate.data or ""
        )


class GateForm(Form):
    """When a site's gate works, how many trucks it takes, and how old an engine may be."""

    opens_hour = WholeField(_l("开门"), [InputRequired(_l("请填几点开门。"))])
    closes_hour = WholeField(_l("关门"), [InputRequired(_l("请填几点关门。"))])
    slot_minutes = RadioField(
        _l("一个时段"),
        choices=[SelectChoice(str(size), _l("%(count)s 分钟", count=size)) for size in SLOT_SIZES],
        coerce=int,
        validators=[InputRequired(_l("请选时段长短。"))],
        invalid_value_message=_l("请选时段长短。"),
    )
    trucks_per_slot = WholeField(_l("每个时段接车"), [InputRequired(_l("请填每个时段接几辆车。"))])
    least_emission = RadioField(
        _l("最低排放阶段"),
        choices=options(EMISSION_WORDS),
        coerce=EmissionClass,
        validators=[InputRequired(_l("请选最低排放阶段。"))],
        invalid_value_message=_l("请选最低排放阶段。"),
    )

    def show(self, gate: GateRow) -> None:
        """Begin with what the gate is, or with a usual working day."""
        hours = gate.hours or USUAL_HOURS
        self.opens_hour.data, self.closes_hour.data = hours.opens_hour, hours.closes_hour
        self.slot_minutes.data = hours.slot_minutes
        self.trucks_per_slot.data = hours.trucks_per_slot
        self.least_emission.data = gate.least_emission or EmissionClass.CHINA_5

    def draft(self) -> GateDraft:
        fields = (self.opens_hour, self.closes_hour, self.slot_minutes, self.trucks_per_slot)
        typed: list[Any] = [field.data for field in fields]
        return GateDraft(GateHours(*typed), self.least_emission.data)


class LossForm(Form):
    """The operator's word on a load that nobody weighed again."""

    words = line(_l("核实的情况"), 300, _l("请写明核实的情况，双方会看到。"))


class WeightForm(Form):
    """A weight to settle on, for a load whose two weighings differ."""

    kg = KgField(_l("净重"), [InputRequired(_l("请填净重。"))])
    words = line(_l("理由"), 300)
    end = HiddenField(default=End.UNLOADING.value)

    def wanted_end(self) -> End:
        return End(self.end.data) if self.end.data in list(End) else End.UNLOADING
