"""What the addresses of the desk say, and the form of a scenario: each kind of edit once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.core.clock import parse_month
from app.core.forms import Form, MonthField, TonnesField, WholeField, YuanField, one_line
from app.oversight.gap.edits import (
    AddLine,
    AddSilo,
    Alert,
    CloseSite,
    Edit,
    OpenMonth,
    OpenRoute,
    RaiseReach,
    SetFreight,
    SetTarget,
)

BLANK = SelectChoice("", "—")


class GapForm(Form):
    """The reader's choices; they live in the address, so the form carries no token."""

    class Meta:
        csrf = False

    month = MonthField(_l("月份"), [Optional()])
    material = SelectField(_l("物料"), [Optional()], validate_choice=False)
    county = SelectField(_l("县（市、区）"), [Optional()], validate_choice=False)

    @classmethod
    def of(cls, address: MultiDict[str, str]) -> Self:
        return cls(formdata=address)

    def chosen(self, field: Field, known: Mapping[str, object]) -> str:
        """A choice that is there, or none."""
        return field.data if field.data in known else ""


def _choice(label: Any) -> SelectField:
    return SelectField(label, [Optional()])


class ScenarioForm(Form):
    """A name, and of each kind of edit one at most; what is left blank stays as it is."""

    name = StringField(
        _l("名称"), [DataRequired(_l("请给这次试算起个名。")), Length(max=80), one_line]
    )
    silo_site = _choice(_l("厂点"))
    silo_material = _choice(_l("物料"))
    silo_kg = TonnesField(_l("容量"), [Optional(), NumberRange(min=1)])
    line_site = _choice(_l("厂点"))
    line_material = _choice(_l("物料"))
    line_kg = TonnesField(_l("每月能收"), [Optional(), NumberRange(min=1)])
    close_site = _choice(_l("厂点"))
    close_first = _choice(_l("从"))
    close_last = _choice(_l("到"))
    open_month = _choice(_l("产品和月份"))
    reach_site = _choice(_l("厂点"))
    reach_km = WholeField(_l("运距"), [Optional(), NumberRange(min=1, max=2_000)])
    route_from = _choice(_l("从哪家"))
    route_to = _choice(_l("到哪家"))
    route_material = _choice(_l("物料"))
    freight = YuanField(_l("运价"), [Optional(), NumberRange(min=0, max=1_000)])
    alert_percent = WholeField(_l("停运比例"), [Optional(), NumberRange(min=1, max=100)])
    alert_county = _choice(_l("县（市、区）"))
    alert_first = _choice(_l("从"))
    alert_last = _choice(_l("到"))
    target = WholeField(_l("目标"), [Optional(), NumberRange(min=1, max=100)])
    months: Sequence[date] = ()

    def offer(
        self,
        sites: Mapping[int, str],
        materials: Mapping[str, str],
        months: Sequence[tuple[date, str]],
        stops: Sequence[tuple[str, str]],
        counties: Mapping[str, str],
    ) -> None:
        """Give every choice what there is to choose; `stops` are keys as `clinker/2026-12`."""
        self.months = [each for each, _name in months]
        places = [SelectChoice(str(key), name) for key, name in sites.items()]
        kinds = [SelectChoice(code, name) for code, name in materials.items()]
        when = [SelectChoice(f"{each:%Y-%m}", name) for each, name in months]
        idle = [SelectChoice(key, name) for key, name in stops]
        where = [SelectChoice(code, name) for code, name in counties.items()]
        for field in self:
            choices = _choices_of(field.name, places, kinds, when, idle, where)
            if choices is not None:
                field.choices = [BLANK, *choices]

    def edits(self) -> list[Edit]:
        """The edits whose fields are filled; a half-filled one is an error on its blank field."""
        return [edit for make in _MAKERS for edit in make(self)]

    def filled(self, *names: str) -> list[Any] | None:
        """The data of some fields, or none where all are blank; a blank among others is refused."""
        fields = [self._fields[name] for name in names]
        blank = [field for field in fields if field.data in (None, "")]
        for field in blank if len(blank) < len(fields) else ():
            field.errors = [*field.errors, _l("请把这一项也填上，或整组留空。")]
        return None if blank else [field.data for field in fields]


def _choices_of(
    name: str,
    places: list[SelectChoice],
    kinds: list[SelectChoice],
    when: list[SelectChoice],
    idle: list[SelectChoice],
    where: list[SelectChoice],
) -> list[SelectChoice] | None:
    by_end = {
        "site": places,
        "from": places,
        "to": places,
        "material": kinds,
        "first": when,
        "last": when,
        "month": idle,
        "county": where,
    }
    return by_end.get(name.rpartition("_")[2])


def _silo(form: ScenarioForm) -> Iterator[Edit]:
    if found := form.filled("silo_site", "silo_material", "silo_kg"):
        site, material, kg = found
        yield AddSilo(int(site), material, kg)


def _line(form: ScenarioForm) -> Iterator[Edit]:
    if found := form.filled("line_site", "line_material", "line_kg"):
        site, material, kg = found
        yield AddLine(int(site), material, kg, form.months[0], form.months[-1])


def _close(form: ScenarioForm) -> Iterator[Edit]:
    if found := form.filled("close_site", "close_first", "close_last"):
        site, first, last = found
        yield CloseSite(int(site), parse_month(first), parse_month(last))


def _open(form: ScenarioForm) -> Iterator[Edit]:
    if form.open_month.data:
        product, _slash, month = form.open_month.data.partition("/")
        yield OpenMonth(product, parse_month(month))


def _reach(form: ScenarioForm) -> Iterator[Edit]:
    if found := form.filled("reach_site", "reach_km"):
        yield RaiseReach(int(found[0]), found[1])


def _route(form: ScenarioForm) -> Iterator[Edit]:
    if found := form.filled("route_from", "route_to", "route_material"):
        giver, taker, material = found
        yield OpenRoute(int(giver), int(taker), material)


def _freight(form: ScenarioForm) -> Iterator[Edit]:
    if form.freight.data is not None:
        yield SetFreight(form.freight.data)


def _alert(form: ScenarioForm) -> Iterator[Edit]:
    if found := form.filled("alert_percent", "alert_first", "alert_last"):
        percent, first, last = found
        counties = (form.alert_county.data,) if form.alert_county.data else ()
        yield Alert(percent, parse_month(first), parse_month(last), counties)


def _target(form: ScenarioForm) -> Iterator[Edit]:
    if form.target.data is not None:
        yield SetTarget(form.target.data * 1_000)


_MAKERS: tuple[Callable[[ScenarioForm], Iterator[Edit]], ...] = (
    _silo,
    _line,
    _close,
    _open,
    _reach,
    _route,
    _freight,
    _alert,
    _target,
)
