"""Who acts: the signed-in person as plain values, free of session, request and database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.regions import is_county, lies_in


class ActorKind(StrEnum):
    PUBLIC = "public"
    COMPANY = "company"
    REGULATOR = "regulator"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    SYSTEM = "system"


class CompanyRole(StrEnum):
    """What a person may do for their company; each includes the ones below it."""

    MANAGER = "manager"
    TRADER = "trader"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or process) behind a request, a job or a command.

    `region` is a regulator's GB/T 2260 code: a city or a province covers its counties.
    """

    kind: ActorKind = ActorKind.PUBLIC
    user_id: int | None = None
    person_name: str = ""
    company_id: int | None = None
    company_name: str = ""
    company_role: CompanyRole | None = None
    company_approved: bool = False
    is_producer: bool = False
    is_consumer: bool = False
    is_carrier: bool = False
    region: str | None = None

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def is_operator(self) -> bool:
        return self.kind is ActorKind.OPERATOR

    @property
    def is_regulator(self) -> bool:
        return self.kind is ActorKind.REGULATOR

    @property
    def is_auditor(self) -> bool:
        return self.kind is ActorKind.AUDITOR

    @property
    def is_company(self) -> bool:
        return self.kind is ActorKind.COMPANY

    @property
    def only_drives(self) -> bool:
        """Belongs to a carrier that neither makes nor takes waste."""
        return self.is_carrier and not (self.is_producer or self.is_consumer)

    @property
    def may_trade(self) -> bool:
        """May list, confirm and decline for an approved company."""
        trades = self.company_role in (CompanyRole.MANAGER, CompanyRole.TRADER)
        return self.is_company and self.company_approved and trades

    @property
    def may_deal(self) -> bool:
        """May list waste, bid for it and propose trades: a firm that only drives has none."""
        return self.may_trade and not self.only_drives

    def oversees(self, adcode: str) -> bool:
        """Whether a regulator's region covers a county."""
        if not self.is_regulator or self.region is None:
            return False
        return lies_in(adcode, self.region)

    @property
    def is_above_counties(self) -> bool:
        """Whether this is an official of a city or of a province."""
        return self.is_regulator and self.region is not None and not is_county(self.region)

    @property
    def label(self) -> str:
        """How the audit trail names the actor."""
        return f"{self.kind}:{self.user_id}" if self.signed_in else str(self.kind)


PUBLIC = Actor()
SYSTEM = Actor(kind=ActorKind.SYSTEM)
