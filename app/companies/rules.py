"""What makes a company or a site acceptable: pure decisions on plain values.

The check digit comes from python-stdnum, which is as pure as this module.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum

from stdnum.cn import uscc

from app.core.addresses import is_address
from app.core.faults import Fault

CREDIT_CODE_LENGTH = 18
CREDIT_CODE_SIGNS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
"""GB 32100-2015 leaves out I, O, S, V and Z, which are easily misread."""
REGION_PART = slice(2, 8)

CHINA_LONGITUDES = (73.0, 136.0)
CHINA_LATITUDES = (3.0, 54.0)

PHONE = re.compile(r"\+?[0-9][0-9 ()-]*(?:转[0-9]{1,6})?")
SHORTEST_PHONE_DIGITS, LONGEST_PHONE_DIGITS = 7, 18

GroupKey = tuple[str, int]
"""Who counts as one: `("group", id)` for firms under one control, else `("firm", id)`."""


class CompanyStatus(StrEnum):
    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    SUSPENDED = "suspended"


class PublicBasis(StrEnum):
    """On what ground a producer's figures stand under its name."""

    AGREED = "agreed"
    MUST_PUBLISH = "must_publish"


class CompanyKind(StrEnum):
    """What a company is here for, as one choice of four; makers and takers may drive as well."""

    PRODUCER = "producer"
    CONSUMER = "consumer"
    BOTH = "both"
    CARRIER = "carrier"

    @classmethod
    def of(cls, is_producer: bool, is_consumer: bool) -> CompanyKind:
        if is_producer and is_consumer:
            return cls.BOTH
        if is_producer:
            return cls.PRODUCER
        return cls.CONSUMER if is_consumer else cls.CARRIER

    @property
    def is_producer(self) -> bool:
        return self in (CompanyKind.PRODUCER, CompanyKind.BOTH)

    @property
    def is_consumer(self) -> bool:
        return self in (CompanyKind.CONSUMER, CompanyKind.BOTH)

    @property
    def is_carrier(self) -> bool:
        return self is CompanyKind.CARRIER


CHANGES: dict[CompanyStatus, frozenset[CompanyStatus]] = {
    CompanyStatus.APPLIED: frozenset({CompanyStatus.APPROVED, CompanyStatus.REFUSED}),
    CompanyStatus.APPROVED: frozenset({CompanyStatus.SUSPENDED}),
    CompanyStatus.REFUSED: frozenset(),
    CompanyStatus.SUSPENDED: frozenset({CompanyStatus.APPROVED}),
}
"""From each status, what the operator may decide; a refused company applies again itself."""


def may_become(old: CompanyStatus, new: CompanyStatus) -> bool:
    return new in CHANGES[old]


def lasts_into(end: date | None, day: date) -> bool:
    """Whether a time with that last day, or none yet, covers a day or one after it."""
    return end is None or end >= day


def may_be_amended(status: CompanyStatus) -> bool:
    """Name, code and kind are checked at approval and stand still from then on."""
    return status in (CompanyStatus.APPLIED, CompanyStatus.REFUSED)


def normal_credit_code(text: str) -> str:
    """A credit code as it is stored: half-width, upper case, without spaces or hyphens."""
    return uscc.compact(unicodedata.normalize("NFKC", text))


def credit_code_faults(code: str) -> list[Fault]:
    """What is wrong with a normalised unified social credit code; one fault at most.

    Positions 1 and 2 may be letters (rare kinds of registration), unlike in python-stdnum.
    """
    fault = _credit_code_fault(code)
    return [Fault("credit_code", *fault)] if fault else []


def _credit_code_fault(code: str) -> tuple[str, dict[str, object]] | None:
    if len(code) != CREDIT_CODE_LENGTH:
        return "credit_code_length", {"count": len(code)}
    wrong = sorted(set(code) - CREDIT_CODE_SIGNS)
    if wrong:
        return "credit_code_signs", {"signs": " ".join(wrong)}
    if not code[REGION_PART].isdecimal():
        return "credit_code_region", {"part": code[REGION_PART]}
    if code[-1] != uscc.calc_check_digit(code[:-1]):
        return "credit_code_check", {"sign": code[-1]}
    return None


def kind_faults(*parts: bool) -> list[Fault]:
    """A company that neither makes, takes nor drives waste has nothing to do here."""
    return [] if any(parts) else [Fault("kind", "kind")]


def phone_faults(phone: str) -> list[Fault]:
    """A mild test: digits with the usual signs between them, of a plausible number."""
    digits = sum(sign.isdecimal() for sign in phone)
    plausible = SHORTEST_PHONE_DIGITS <= digits <= LONGEST_PHONE_DIGITS
    if plausible and PHONE.fullmatch(phone):
        return []
    return [Fault("contact_phone", "phone", {"value": phone})]


def contact_email_faults(email: str) -> list[Fault]:
    """A contact may do without mail; what is given must be one address."""
    if not email or is_address(email):
        return []
    return [Fault("contact_email", "email", {"value": email})]


def position_faults(lon: float, lat: float) -> list[Fault]:
    """Whether a position can be in China, with a guess at the slip where there is one."""
    if _in_china(lon, lat):
        return []
    values = {"lon": f"{lon:g}", "lat": f"{lat:g}"}
    code = "position_swapped" if _in_china(lat, lon) else "position_abroad"
    return [Fault("lon", code, values)]


def _in_china(lon: float, lat: float) -> bool:
    west, east = CHINA_LONGITUDES
    south, north = CHINA_LATITUDES
    return west <= lon <= east and south <= lat <= north
