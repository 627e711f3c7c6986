"""Forms about companies and sites. Their parts are reused where a company registers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.companies import rules
from app.companies.operations import Contact, Particulars, SiteDraft, position_faults
from app.companies.queries import CompanyRow, SiteRow
from app.companies.rules import CompanyKind, CompanyStatus
from app.companies.words import SENTENCES
from app.core.errors import Refused
from app.core.faults import Fault
from app.core.forms import DayField, DecimalDegreesField, Form, one_line
from app.core.places import Datum, Found, current_places

Done = TypeVar("Done")
PLACE_VALUE = re.compile(r"(-?\d{1,3}\.?\d*),(-?\d{1,3}\.?\d*)")

KINDS = (
    SelectChoice(CompanyKind.PRODUCER.value, _l("产废企业")),
    SelectChoice(CompanyKind.CONSUMER.value, _l("利废企业")),
    SelectChoice(CompanyKind.BOTH.value, _l("两者都是")),
    SelectChoice(CompanyKind.CARRIER.value, _l("承运企业")),
)
DATUMS = (
    SelectChoice(Datum.GCJ02.value, _l("高德、腾讯地图（GCJ-02）")),
    SelectChoice(Datum.BD09.value, _l("百度地图（BD-09）")),
    SelectChoice(Datum.WGS84.value, _l("GPS、北斗、天地图（WGS-84 / CGCS2000）")),
)
STATUSES = {
    CompanyStatus.APPLIED: _l("待审核"),
    CompanyStatus.APPROVED: _l("已通过"),
    CompanyStatus.REFUSED: _l("未通过"),
    CompanyStatus.SUSPENDED: _l("已暂停"),
}
NEEDED = DataRequired(SENTENCES["blank"])


def stripped(text: str | None) -> str:
    return (text or "").strip()


def line(label: object, most: int, *, needed: bool = True) -> StringField:
    """One line of text of at most `most` characters, without spaces around it."""
    length = Length(max=most, message=_l("最多 %(max)d 个字。"))
    validators = [NEEDED if needed else Optional(), length, one_line]
    return StringField(label, validators=validators, filters=[stripped])


class RuleForm(Form):
    """A form that shows what the rules find wrong beside what its fields find."""

    sentences: Mapping[str, LazyString] = SENTENCES

    def faults(self) -> list[Fault]:
        """What the rules find wrong; parts of forms add to it."""
        return []

    def validate(self, extra_validators: Any = None) -> bool:
        fields_are_good = super().validate(extra_validators)
        faults = [fault for fault in self.faults() if not self._is_marked(fault.field)]
        self.explain(faults, self.sentences)
        return bool(fields_are_good) and not faults

    def attempt(self, deed: Callable[[], Done]) -> Done | None:
        """Do something that may be refused; the refusal is shown at its field."""
        try:
            return deed()
        except Refused as refusal:
            self.refuse(refusal)
            return None

    def _is_marked(self, name: str) -> bool:
        """Whether the field already shows a fault: one at a time is enough."""
        return name in self and bool(self[name].errors)


class CompanyFields(RuleForm):
    """What the operator checks."""

    credit_code = line(_l("统一社会信用代码"), 40)
    company_name = line(_l("企业名称"), 80)
    kind = RadioField(_l("企业类型"), choices=KINDS, validate_choice=False)

    def faults(self) -> list[Fault]:
        code = rules.normal_credit_code(self.credit_code.data)
        kind = [] if self.kind.data in list(CompanyKind) else [Fault("kind", "kind")]
        return super().faults() + rules.credit_code_faults(code) + kind

    def particulars(self, contact: Contact, before: CompanyRow | None = None) -> Particulars:
        """What was typed; of `before`, what this form does not ask for stays."""
        kind = CompanyKind(self.kind.data)
        renamed = before is None or before.name != self.company_name.data
        return Particulars(
            credit_code=self.credit_code.data,
            name=self.company_name.data,
            name_en="" if before is None or renamed else before.name_en,
            is_producer=kind.is_producer,
            is_consumer=kind.is_consumer,
            is_carrier=kind.is_carrier,
            industry_code=before.industry_code if before else None,
            contact=contact,
        )


class ContactFields(RuleForm):
    """Whom to call."""

    contact_name = line(_l("联系人"), 40)
    contact_phone = line(_l("联系电话"), 24)

    def faults(self) -> list[Fault]:
        return super().faults() + rules.phone_faults(self.contact_phone.data)

    def contact(self, email: str = "") -> Contact:
        return Contact(self.contact_name.data, self.contact_phone.data, email)


class SiteFields(RuleForm):
    """Where a site lies: a place chosen from a search, or degrees and where they were read.

    Degrees win over a chosen place, being the more exact, unless they are those the site has
    had already (`known`).
    """

    known: tuple[float, float] | None = None

    site_name = line(_l("厂区名称"), 80)
    place = line(_l("所在地点"), 80, needed=False)
    found = StringField(validators=[Optional()])
    address = line(_l("详细地址"), 160, needed=False)
    lon = DecimalDegreesField(_l("经度"), validators=[Optional()])
    lat = DecimalDegreesField(_l("纬度"), validators=[Optional()])
    datum = RadioField(_l("经纬度读自"), choices=DATUMS, validate_choice=False)

    def faults(self) -> list[Fault]:
        return super().faults() + self._position_faults()

    def site_draft(self, before: SiteRow | None = None) -> SiteDraft:
        """What was typed; English names, which are not asked for, stay while the name does."""
        lon, lat, datum = self._position()
        renamed = before is None or before.name != self.site_name.data
        return SiteDraft(
            name=self.site_name.data,
            name_en="" if before is None or renamed else before.name_en,
            lon=lon,
            lat=lat,
            datum=datum,
            address=self.address.data,
        )

    def places(self) -> list[Found]:
        """What the search finds for the text that was typed."""
        return current_places().search(self.place.data or "")

    @property
    def has_degrees(self) -> bool:
        return bool(self.lon.raw_data and any(self.lon.raw_data)) or self.lon.data is not None

    def _position_faults(self) -> list[Fault]:
        if self.lon.errors or self.lat.errors:
            return []
        if self._place_decides():
            return position_faults(*self._position())
        if self.lon.data is None and self.lat.data is None:
            return [self._place_fault()]
        if self.lon.data is None or self.lat.data is None:
            return [Fault("lat" if self.lat.data is None else "lon", "half_position")]
        if self.datum.data not in list(Datum):
            return [Fault("datum", "datum_missing")]
        return position_faults(*self._position())

    def _place_decides(self) -> bool:
        """Whether a chosen place tells the position."""
        typed = (self.lon.data, self.lat.data)
        return chosen_place(self.found.data) is not None and typed in ((None, None), self.known)

    def _place_fault(self) -> Fault:
        if not self.place.data:
            return Fault("place", "place_missing")
        code = "place_unchosen" if self.places() else "place_unknown"
        return Fault("place", code, {"value": self.place.data})

    def _position(self) -> tuple[float, float, Datum]:
        place = chosen_place(self.found.data)
        if place and self._place_decides():
            return *place, Datum.WGS84
        return float(self.lon.data or 0), float(self.lat.data or 0), Datum(self.datum.data)


class ParticularsForm(CompanyFields, ContactFields):
    """A company's application, amended."""

    def show(self, company: CompanyRow) -> None:
        self.credit_code.data, self.company_name.data = company.credit_code, company.name
        self.kind.data = CompanyKind.of(company.is_producer, company.is_consumer).value
        self.contact_name.data = company.contact_name
        self.contact_phone.data = company.contact_phone


class ContactForm(ContactFields):
    """Whom to call and where decisions are mailed to."""

    contact_email = line(_l("通知邮箱"), 254, needed=False)

    def show(self, company: CompanyRow) -> None:
        self.contact_name.data = company.contact_name
        self.contact_phone.data = company.contact_phone
        self.contact_email.data = company.contact_email


class ApprovalsForm(Form):
    """Whether what binds the company needs two of its people."""

    needs_two = BooleanField(_l("确认交易和签订合同要两个人同意"))

    def show(self, company: CompanyRow) -> None:
        self.needs_two.data = company.needs_two_approvals


class SiteForm(SiteFields):
    """A site, new or changed."""

    def show(self, site: SiteRow) -> None:
        self.site_name.data, self.address.data = site.name, site.address
        self.lon.data, self.lat.data, self.datum.data = site.lon, site.lat, Datum.WGS84.value


class ReasonForm(Form):
    """Why a company is refused or suspended."""

    reason = TextAreaField(
        _l("原因"), validators=[NEEDED, Length(max=500, message=_l("最多 %(max)d 个字。"))]
    )


class JoinGroupForm(RuleForm):
    """Into which group a firm comes, and since when."""

    group_name = line(_l("集团名称"), 80)
    since = DayField(_l("自哪天起"), [InputRequired(SENTENCES["blank"])])


class LeaveGroupForm(RuleForm):
    """The last day of a firm in its group."""

    until = DayField(_l("到哪天为止"), [InputRequired(SENTENCES["blank"])])


class CompanyFilter(Form):
    """Which companies the operator looks at; its state lives in the address."""

    class Meta:
        csrf = False

    status = HiddenField()
    text = StringField(_l("名称或信用代码"), filters=[stripped])

    @property
    def wanted_status(self) -> CompanyStatus | None:
        return CompanyStatus(self.status.data) if self.status.data in list(CompanyStatus) else None

    @property
    def state(self) -> dict[str, str | None]:
        """The filter as it stands in an address."""
        return {"status": self.wanted_status, "text": self.text.data or None}


def chosen_place(text: str | None) -> tuple[float, float] | None:
    """Longitude and latitude of a search result's value, `116.15,36.58`."""
    found = PLACE_VALUE.fullmatch(text or "")
    return (float(found[1]), float(found[2])) if found else None
