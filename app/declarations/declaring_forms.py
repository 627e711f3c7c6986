"""The form of a month: every mass of the balance, why it stays open, what the site made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.companies.forms import RuleForm
from app.core.faults import Fault
from app.core.forms import TonnesField, WholeField, one_line
from app.declarations import checking
from app.declarations.balance import MASSES, MassBalance
from app.declarations.checking import Known
from app.declarations.declaring import Statement
from app.declarations.duties import Duty
from app.declarations.prefill import Evidence, prefilled
from app.declarations.rules import ActivityKind
from app.declarations.words import ACTIVITIES, MASS_WORDS, spoken

NO_VERSION = -1
LONGEST_VERSION = 6
"""Digits of a version number; nobody corrects a month so often."""


def mass(name: str) -> TonnesField:
    return TonnesField(MASS_WORDS[name], [InputRequired(_l("请填吨数，没有就填 0。"))])


def unbroken(text: str | None) -> str:
    """A few typed lines as one."""
    return " ".join((text or "").split())


def sentence(label: object) -> TextAreaField:
    length = Length(max=300, message=_l("最多 %(max)d 个字。"))
    return TextAreaField(label, validators=[Optional(), length, one_line], filters=[unbroken])


class DeclarationForm(RuleForm):
    """One waste of a month. Fields are named as the masses, the activities as their kinds."""

    form_key = HiddenField()
    based_on = HiddenField()
    generated_kg = mass("generated_kg")
    self_used_kg = mass("self_used_kg")
    entrusted_used_kg = mass("entrusted_used_kg")
    old_used_kg = mass("old_used_kg")
    disposed_kg = mass("disposed_kg")
    old_disposed_kg = mass("old_disposed_kg")
    stored_kg = mass("stored_kg")
    opening_kg = mass("opening_kg")
    closing_kg = mass("closing_kg")
    dumped_kg = mass("dumped_kg")
    explanation = sentence(_l("不平衡的原因"))
    reason = sentence(_l("更正的原因"))
    coal_burnt = TonnesField(ACTIVITIES[ActivityKind.COAL_BURNT], [Optional()])
    alumina_made = TonnesField(ACTIVITIES[ActivityKind.ALUMINA_MADE], [Optional()])
    pvc_made = TonnesField(ACTIVITIES[ActivityKind.PVC_MADE], [Optional()])
    copper_made = TonnesField(ACTIVITIES[ActivityKind.COPPER_MADE], [Optional()])
    alloy_made = TonnesField(ACTIVITIES[ActivityKind.ALLOY_MADE], [Optional()])
    board_made = WholeField(ACTIVITIES[ActivityKind.BOARD_MADE], [Optional()])

    @property
    def balance(self) -> MassBalance | None:
        """The masses as typed; nothing while one is missing or is no mass."""
        typed = {name: self[name].data for name in MASSES}
        return None if None in typed.values() else MassBalance(**typed)

    def begin(
        self, duty: Duty, found: Evidence, known: Mapping[ActivityKind, int], key: str
    ) -> None:
        """What is in force, or else what the records say."""
        self.show(duty.balance or prefilled(found))
        if duty.balance is None and not found.is_generation_known:
            self.generated_kg.data = None
        self.form_key.data, self.based_on.data = key, str(duty.version)
        self.explanation.data = duty.declared.explanation if duty.declared else ""
        for kind, quantity in known.items():
            self[kind].data = quantity

    def show(self, balance: MassBalance) -> None:
        """Write these masses, whatever was typed."""
        for name in MASSES:
            self[name].raw_data = None
            self[name].data = getattr(balance, name)

    def adopt(self, known: Known) -> None:
        """Take the values proposed for what was typed, if there are any."""
        balance = self.balance
        found = checking.proposal(balance, known) if balance else None
        if found:
            self.show(found)

    def faults(self) -> list[Fault]:
        balance = self.balance
        return [*super().faults(), *(checking.faults(balance) if balance else [])]

    def explain(self, faults: list[Fault], _sentences: Any) -> None:
        for fault in faults:
            self.add_error(fault.field, spoken(fault))

    def statement(self, duty: Duty) -> Statement:
        return Statement(
            site_id=duty.site_id,
            material=duty.material.code,
            month=duty.month,
            balance=self.balance or MassBalance(),
            based_on=self._version_seen(),
            explanation=self.explanation.data,
            reason=self.reason.data,
        )

    def made(self, kinds: tuple[ActivityKind, ...]) -> dict[ActivityKind, int]:
        """What was typed of the kinds that were asked for; an empty field says nothing."""
        return {kind: self[kind].data for kind in kinds if self[kind].data is not None}

    def _version_seen(self) -> int:
        text = self.based_on.data or ""
        is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_VERSION
        return int(text) if is_number else NO_VERSION
