"""Decisions about accounts on plain values: passwords, addresses, how long things live."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.addresses import is_address
from app.core.faults import Fault

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 128

IDLE_LIFE = timedelta(hours=12)
LONGEST_LIFE = timedelta(days=7)
TOUCH_EVERY = timedelta(minutes=10)
RESET_LIFE = timedelta(minutes=30)
INVITATION_LIFE = timedelta(days=7)
IPV6_HOUSEHOLD = 64
"""One subscriber holds a whole /64, so it is counted as one address."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts within `window` of the first."""

    most: int
    window: timedelta


SIGN_INS_PER_EMAIL = Limit(5, timedelta(minutes=15))
SIGN_INS_PER_ADDRESS = Limit(30, timedelta(minutes=15))
RESETS_PER_EMAIL = Limit(3, timedelta(minutes=15))
RESETS_PER_ADDRESS = Limit(20, timedelta(minutes=15))
REGISTRATIONS_PER_ADDRESS = Limit(20, timedelta(minutes=15))
LONGEST_WINDOW = timedelta(minutes=15)


def normal_email(text: str) -> str:
    """An address as it is stored and compared."""
    return text.strip().casefold()


def email_faults(email: str) -> list[Fault]:
    """A mild test: only mail that arrives proves an address."""
    return [] if is_address(email) else [Fault("email", "email", {"value": email})]


def password_faults(password: str, email: str = "") -> list[Fault]:
    """Length is what counts; the address itself is the one word everybody would try."""
    if len(password) < SHORTEST_PASSWORD:
        return [Fault("password", "password_short", {"least": SHORTEST_PASSWORD})]
    if len(password) > LONGEST_PASSWORD:
        return [Fault("password", "password_long", {"most": LONGEST_PASSWORD})]
    if email and password.casefold() == email:
        return [Fault("password", "password_is_email")]
    if len(set(password)) < 4:
        return [Fault("password", "password_plain")]
    return []


def session_lives(started_at: datetime, touched_at: datetime, now: datetime) -> bool:
    """A session ends after 12 hours without use and after 7 days in any case."""
    return now - touched_at < IDLE_LIFE and now - started_at < LONGEST_LIFE


def needs_touch(touched_at: datetime, now: datetime) -> bool:
    """Use is noted at most every ten minutes, so that reading pages hardly ever writes."""
    return now - touched_at >= TOUCH_EVERY


def counted_address(address: str) -> str:
    """The network address that attempts are counted under."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, IPV6_HOUSEHOLD), strict=False))


def keeps_a_manager(managers: set[int], changed: int, stays_manager: bool) -> bool:
    """Whether a company still has an active manager once one of its people has changed."""
    return stays_manager or bool(managers - {changed})
