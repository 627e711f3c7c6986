"""The forms of a producer's own records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from app.companies.forms import RuleForm, line
from app.core.forms import MomentField, PercentField, TonnesField
from app.declarations.operations import FacilityDraft, SourceDraft
from app.declarations.queries import FacilityRow, SourceRow
from app.declarations.rules import EventKind, FacilityKind, Happening, WasteClass, WasteForm
from app.declarations.words import CLASSES, EVENTS, FACILITIES, FORMS

ANY = ""
"""The choice of no facility, or of any material."""
MASS_NEEDED = _l("请填吨数。")


def choices(words: Mapping[Any, object]) -> list[SelectChoice]:
    return [SelectChoice(str(value), label) for value, label in words.items()]


class SourceForm(RuleForm):
    """A line of form 1; site and material are chosen once."""

    site_id = SelectField(_l("厂区"))
    material = SelectField(_l("物料"))
    waste_name = line(_l("废物名称"), 80)
    waste_code = line(_l("废物代码"), 16)
    waste_class = RadioField(_l("类别"), choices=choices(CLASSES), default=WasteClass.I.value)
    origin = line(_l("产生环节"), 120)
    waste_form = RadioField(_l("物理性状"), choices=choices(FORMS), default=WasteForm.POWDER.value)
    yearly = TonnesField(_l("年产生量"), [InputRequired(MASS_NEEDED)])
    composition = line(_l("主要成分"), 200, needed=False)
    pollution = line(_l("污染特性"), 200, needed=False)

    def offer_choices(self, sites: Mapping[int, str], materials: Mapping[str, str]) -> None:
        self.site_id.choices, self.material.choices = choices(sites), choices(materials)

    def show(self, source: SourceRow) -> None:
        self.site_id.data, self.material.data = str(source.site_id), source.material.code
        for name in ("waste_name", "waste_code", "composition", "pollution"):
            self[name].data = getattr(source, name)
        self.waste_class.data, self.waste_form.data = source.waste_class, source.form.value
        self.origin.data, self.yearly.data = source.process, source.yearly_kg

    def add_error(self, name: str | None, message: object) -> None:
        """The library keeps the name `process` for itself, so the field has another."""
        super().add_error("origin" if name == "process" else name, message)

    def keep(self, source: SourceRow) -> None:
        """What cannot be changed is what it was, whatever was sent."""
        self.offer_choices({source.site_id: source.site}, {source.material.code: ""})
        self.site_id.data, self.material.data = str(source.site_id), source.material.code

    def draft(self) -> SourceDraft:
        return SourceDraft(
            waste_name=self.waste_name.data,
            waste_code=self.waste_code.data,
            waste_class=WasteClass(self.waste_class.data),
            process=self.origin.data,
            form=WasteForm(self.waste_form.data),
            yearly_kg=self.yearly.data or 0,
            composition=self.composition.data,
            pollution=self.pollution.data,
        )


class FacilityForm(RuleForm):
    """A facility; site, kind, code and material are chosen once."""

    site_id = SelectField(_l("厂区"))
    kind = RadioField(_l("种类"), choices=choices(FACILITIES), default=FacilityKind.STORAGE.value)
    code = line(_l("设施编码"), 8)
    name = line(_l("名称"), 80)
    material = SelectField(_l("存放的物料"))
    capacity = TonnesField(_l("容量"), [Optional()])

    def offer_choices(self, sites: Mapping[int, str], materials: Mapping[str, str]) -> None:
        self.site_id.choices = choices(sites)
        self.material.choices = choices({ANY: _l("不限"), **materials})

    def draft(self) -> FacilityDraft:
        return FacilityDraft(
            kind=FacilityKind(self.kind.data),
            code=self.code.data,
            name=self.name.data,
            material=self.material.data or None,
            capacity_kg=self.capacity.data,
        )


class FacilityChangeForm(RuleForm):
    """What may change of a facility that is in the records."""

    name = line(_l("名称"), 80)
    capacity = TonnesField(_l("容量"), [Optional()])

    def show(self, facility: FacilityRow) -> None:
        self.name.data, self.capacity.data = facility.name, facility.capacity_kg


class EventForm(RuleForm):
    """One happening, quickly: what, how much, where and when."""

    form_key = HiddenField()
    source_id = SelectField(_l("废物"), coerce=int)
    kind = RadioField(_l("种类"), choices=choices(EVENTS), default=EventKind.GENERATED.value)
    tonnes = TonnesField(_l("数量"), [InputRequired(MASS_NEEDED)])
    happened_at = MomentField(_l("时间"), [InputRequired(_l("请填时间。"))])
    facility_id = SelectField(_l("设施"), [Optional()])
    handler = line(_l("经办人"), 40, needed=False)
    product = line(_l("利用方式"), 80, needed=False)
    destination = line(_l("去向或处置方式"), 120, needed=False)
    moisture = PercentField(_l("含水率"), [Optional()])

    def offer_choices(
        self, sources: Iterable[SourceRow], facilities: Iterable[FacilityRow]
    ) -> None:
        named = {row.id: f"{row.waste_name} · {row.site}" for row in sources}
        places = {str(row.id): f"{row.code} {row.name} · {row.site}" for row in facilities}
        self.source_id.choices = choices(named)
        self.facility_id.choices = choices({ANY: _l("不用设施"), **places})

    def begin(self, handler: str, now: datetime, key: str) -> None:
        """A blank form: now, by the person who fills it in."""
        self.handler.data, self.form_key.data = handler, key
        self.happened_at.data = now.replace(second=0, microsecond=0)

    @property
    def wanted_facility(self) -> int | None:
        return int(self.facility_id.data) if self.facility_id.data else None

    def happening(self) -> Happening:
        return Happening(
            kind=EventKind(self.kind.data),
            kg=self.tonnes.data or 0,
            happened_at=cast("datetime", self.happened_at.data),
            handler=self.handler.data,
            destination=self.destination.data,
            product=self.product.data,
            moisture_milli=self.moisture.data,
        )
