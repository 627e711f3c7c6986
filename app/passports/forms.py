"""What a firm enters: samples with their values, as typed or as read from a sheet; facts; reasons.

The same fields serve the typed form and the page that confirms what was read. A row that is not
kept, or of which nobody said what it is or how much, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import wtforms
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.assays import rules
from app.assays.rules import LONGEST, AssayDraft, ValueDraft
from app.assays.words import BASES, spoken
from app.catalogue.quality import KindRow, ParameterRow
from app.catalogue.rules import FACT_VALUES, Basis, Fact
from app.companies.forms import line, stripped
from app.core.faults import Fault
from app.core.forms import DayField, Form, TonnesField
from app.eligibility.ranges import Range
from app.eligibility.readings import sheet
from app.eligibility.rules import PRESUMED_FACTS
from app.eligibility.words import FACT_WORDS, FACTS, headline
from app.passports.entry_words import Reading

MOST_SAMPLES = 40
MOST_ROWS = 160
MOST_PASTED = 20_000
MOISTURE = "moisture"
Parameters = Mapping[str, ParameterRow]


class RowForm(wtforms.Form):
    """A value: what the sheet calls it and where it stands, as it was written, and what it is."""

    name = StringField(filters=[stripped])
    cell = StringField(filters=[stripped])
    method = StringField(filters=[stripped])
    text = StringField(_l("数值"), filters=[stripped])
    unit = StringField(_l("单位"), filters=[stripped])
    parameter = StringField(_l("指标"), filters=[stripped])
    keep = BooleanField(_l("保存"))

    @property
    def is_kept(self) -> bool:
        return bool(self.keep.data and self.parameter.data and self.text.data)

    @property
    def has_figure(self) -> bool:
        return bool(self.text.data)

    def draft(self) -> ValueDraft:
        return ValueDraft(
            parameter=self.parameter.data or "",
            text=self.text.data or "",
            unit=self.unit.data or "",
            method=(self.method.data or "")[: LONGEST["method"]],
            cell=(self.cell.data or "")[: LONGEST["cell"]],
        )

    def read(self, parameters: Parameters) -> Reading:
        """What the row says in the unit of its parameter, or what is wrong with it."""
        code = self.parameter.data or ""
        if code not in parameters or not self.text.data:
            return None
        units = {code: self.unit.data} if self.unit.data else {}
        found = sheet({code: self.text.data}, parameters, units)
        return found.faults[0] if found.faults else found.readings[code]


class SampleForm(wtforms.Form):
    """One sample: when, by whom, on what basis, and its values."""

    label = StringField(filters=[stripped])
    sampled_on = DayField(_l("采样日期"), [Optional()])
    laboratory = line(_l("检测单位"), 80, needed=False)
    certificate = line(_l("证书编号"), 24, needed=False)
    report_number = line(_l("报告编号"), 40, needed=False)
    basis = SelectField(
        _l("数值基准"),
        choices=[SelectChoice(basis.value, word) for basis, word in BASES.items()],
        default=Basis.DRY.value,
    )
    moisture = line(_l("收到时含水量"), 16, needed=False)
    batch = TonnesField(_l("批量"), [Optional()])
    note = line(_l("备注"), 200, needed=False)
    rows = FieldList(FormField(RowForm), max_entries=MOST_ROWS)

    @property
    def row_forms(self) -> list[RowForm]:
        return [entry.form for entry in self.rows]

    @property
    def by_parameter(self) -> dict[str, RowForm]:
        return {row.parameter.data: row for row in self.row_forms if row.parameter.data}

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed of the sample, or nothing of it is to be kept."""
        heads = (self.sampled_on, self.laboratory, self.certificate, self.batch, self.moisture)
        has_rows = any(row.has_figure for row in self.row_forms)
        is_kept = any(row.is_kept for row in self.row_forms)
        return not is_kept and (has_rows or not any(field.data for field in heads))

    def draft(self, report_id: int | None) -> AssayDraft:
        values = tuple(row.draft() for row in self.row_forms if row.is_kept)
        return AssayDraft(
            values=values,
            sampled_on=self.sampled_on.data,
            laboratory=self.laboratory.data or "",
            certificate=(self.certificate.data or "").upper(),
            report_number=self.report_number.data or "",
            basis=Basis(self.basis.data),
            batch_kg=self.batch.data,
            moisture=self.moisture.data or self._measured_moisture(values),
            note=self.note.data or "",
            report_id=report_id,
        )

    def tell(self, fault: Fault, parameters: Parameters) -> str:
        """Hang a fault on its field or its row; returns the sentence."""
        field, _dot, code = fault.field.partition(".")
        if field != "values":
            sentence = spoken(fault, str(self[field].label.text))
            self[field].errors = [*self[field].errors, sentence]
            return sentence
        name = headline(parameters[code].name) if code in parameters else code
        sentence = spoken(fault, name)
        for row in self.row_forms:
            if row.is_kept and row.parameter.data == code:
                row.text.errors = [*row.text.errors, sentence]
        return sentence

    def dry(self, found: Reading, parameter: ParameterRow | None) -> Range | None:
        """A reading of the mass as received on the dry mass, where its limits are meant of that."""
        if not isinstance(found, Range) or parameter is None or parameter.basis is not Basis.DRY:
            return None
        try:
            water = Decimal(self.moisture.data or "")
            return rules.on_dry(found, water) if self.basis.data == Basis.AS_RECEIVED else None
        except (ArithmeticError, ValueError):
            return None

    def _measured_moisture(self, values: Iterable[ValueDraft]) -> str:
        """The water among the values, where it is wanted to convert and was not typed again."""
        if self.batch.data is None and self.basis.data == Basis.DRY:
            return ""
        return next((value.text for value in values if value.parameter == MOISTURE), "")


class EntryForm(Form):
    """The samples of one sheet and the offers they speak of."""

    samples = FieldList(FormField(SampleForm), max_entries=MOST_SAMPLES)
    offers = SelectMultipleField(_l("这些检测也用于"), [Optional()])
    knows_hazard = BooleanField(_l("我知道：这批物料属于危险废物，挂牌将撤下"))

    @property
    def sample_forms(self) -> list[SampleForm]:
        return [entry.form for entry in self.samples]

    @property
    def filled(self) -> list[SampleForm]:
        """The samples to be entered; the first where all are blank, so that it is told there."""
        return [form for form in self.sample_forms if not form.is_blank] or self.sample_forms[:1]

    def offer_choices(self, others: Iterable[tuple[str, str]]) -> None:
        self.offers.choices = [SelectChoice(number, words) for number, words in others]

    def name_rows(self, names: Mapping[str, str]) -> None:
        """Call every value what its parameter is called, else as the sheet does."""
        for row in (row for sample in self.sample_forms for row in sample.row_forms):
            row.text.label.text = names.get(row.parameter.data or "", row.name.data or "")

    def drafts(self, report_id: int | None = None) -> list[AssayDraft]:
        return [form.draft(report_id) for form in self.filled]

    def tell(self, faults: Iterable[tuple[int, Fault]], parameters: Parameters) -> None:
        """Hang each fault on the field of its sample; the place counts those that are filled."""
        filled = self.filled
        for place, fault in faults:
            sentence = filled[place].tell(fault, parameters)
            if fault.field == "values":
                self.add_error(None, sentence)

    def propose(self, samples: Iterable[Mapping[str, Any]]) -> None:
        """Fill the form in with what was read."""
        for sample in samples:
            self.samples.append_entry(dict(sample))

    @property
    def complaints(self) -> Iterator[tuple[str, str, str]]:
        """Every fault with the id and the name of its field, in the order of the page."""
        for field in (self.offers, self.knows_hazard):
            yield from ((field.id, field.label.text, error) for error in field.errors)
        for sample in self.sample_forms:
            heads = (field for field in sample if field.name != sample.rows.name)
            rows = (row.text for row in sample.row_forms)
            for field in (*heads, *rows):
                yield from ((field.id, field.label.text, str(error)) for error in field.errors)


class ReportForm(Form):
    """A laboratory's file."""

    file = FileField(_l("检测表或报告"), [FileRequired(_l("请选择要上传的文件。"))])


class PasteForm(Form):
    """A table that was copied from somewhere."""

    pasted = TextAreaField(
        _l("粘贴的表格"),
        [
            InputRequired(_l("请粘贴指标和数值。")),
            Length(max=MOST_PASTED, message=_l("最多 %(max)d 个字。")),
        ],
    )


class VoidForm(Form):
    """Why an assay is void."""

    reason = TextAreaField(
        _l("作废的原因"),
        [
            DataRequired(_l("请写明作废的原因。")),
            Length(max=200, message=_l("最多 %(max)d 个字。")),
        ],
        filters=[stripped],
    )


class KindForm(Form):
    """What kind of a material an offer is."""

    kind = SelectField(_l("渣的种类"), validate_choice=False)

    def fill(self, kinds: Iterable[KindRow]) -> None:
        named = (SelectChoice(row.code, headline(row.name)) for row in kinds)
        self.kind.choices = [SelectChoice("", _l("请选择")), *named]


class FactsForm(Form):
    """The facts of a site on which limits depend."""

    @classmethod
    def asking(cls, facts: Iterable[str], known: Mapping[str, str]) -> FactsForm:
        """The form for these facts, filled in with what was said before."""
        fields = {code: _fact_field(code) for code in facts}
        return type("FactsForm", (cls,), fields)(data=dict(known))  # type: ignore[no-any-return]

    @property
    def questions(self) -> list[SelectField]:
        return [field for field in self if field.type == "SelectField"]

    def told(self) -> dict[str, str]:
        return {field.name: field.data or "" for field in self.questions}


def _unstated(code: str) -> LazyString:
    if code not in PRESUMED_FACTS:
        return _l("没有说明")
    return _l("没有说明，按%(value)s", value=FACT_WORDS[PRESUMED_FACTS[code]])


def _fact_field(code: str) -> SelectField:
    values = [SelectChoice(value, FACT_WORDS[value]) for value in FACT_VALUES[Fact(code)]]
    choices = [SelectChoice("", _unstated(code)), *values]
    return SelectField(headline(str(FACTS[code])), [Optional()], choices=choices)
