"""Counting attempts, so that nobody tries passwords at leisure.

An attempt is counted in a short transaction of its own and before the password is looked at: the
rollback of a refused request must not forget it, and parallel attempts must not pass side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts import rules
from app.accounts.models import SignInAttempt
from app.accounts.passwords import digest
from app.accounts.rules import Limit
from app.core.errors import TooMany
from app.core.transactions import database

INSERTS: dict[str, Callable[[Any], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted together: a kind of attempt and whose it is."""

    kind: str
    whose: str
    limit: Limit

    @property
    def key(self) -> str:
        return digest(f"{self.kind} {self.whose}")


def sign_in_counters(email: str, address: str | None) -> tuple[Counter, Counter]:
    return (
        Counter("sign-in email", rules.normal_email(email), rules.SIGN_INS_PER_EMAIL),
        Counter("sign-in address", _address(address), rules.SIGN_INS_PER_ADDRESS),
    )


def reset_counters(email: str, address: str | None) -> tuple[Counter, Counter]:
    return (
        Counter("reset email", rules.normal_email(email), rules.RESETS_PER_EMAIL),
        Counter("reset address", _address(address), rules.RESETS_PER_ADDRESS),
    )


def registration_counters(address: str | None) -> tuple[Counter]:
    return (Counter("register address", _address(address), rules.REGISTRATIONS_PER_ADDRESS),)


def password_counter(user_id: int | None) -> Counter:
    return Counter("password of user", str(user_id), rules.SIGN_INS_PER_EMAIL)


def count(counters: Sequence[Counter], now: datetime) -> None:
    """Count one attempt; raises `TooMany` if it is over a limit.

    Opens a transaction of its own: call it before the request's own first question to the
    database, which would hold the lock that this one needs.
    """
    with database().writing() as session:
        for counter in counters:
            if _tries(session, counter, now) > counter.limit.most:
                raise TooMany


def forget(session: Session, counter: Counter) -> None:
    """Start counting anew: the attempt was good."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.key_sha256 == counter.key))


def give_back(session: Session, counter: Counter) -> None:
    """Take one attempt back: it was good, but others at the same address may not be."""
    row = SignInAttempt.key_sha256 == counter.key
    session.execute(update(SignInAttempt).where(row).values(tries=SignInAttempt.tries - 1))


def _tries(session: Session, counter: Counter, now: datetime) -> int:
    """Count one attempt atomically and return how many there are within the window."""
    insert = INSERTS[session.get_bind().dialect.name](SignInAttempt)
    fresh = {"key_sha256": counter.key, "tries": 1, "first_at": now}
    over = SignInAttempt.first_at <= now - counter.limit.window
    counted = insert.values(fresh).on_conflict_do_update(
        index_elements=[SignInAttempt.key_sha256],
        set_={
            "tries": case((over, 1), else_=SignInAttempt.tries + 1),
            "first_at": case((over, now), else_=SignInAttempt.first_at),
        },
    )
    return int(session.execute(counted.returning(SignInAttempt.tries)).scalar_one())


def _address(address: str | None) -> str:
    return rules.counted_address(address or "")
