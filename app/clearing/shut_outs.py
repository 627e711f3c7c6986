"""Whom quality kept from an order of a run, as it stood when the book was frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.catalogue import quality
from app.catalogue.quality import UseRow
from app.clearing.models import ClearingRun, RunShutOut
from app.clearing.quality import ShutOut
from app.core.clock import china_day
from app.eligibility.kept import kept, told
from app.eligibility.rules import USE_STANDARD, Finding, Ruling
from app.listings.rules import Side


class Remedy(StrEnum):
    """What the owner of an order can do about counterparts that quality shut out."""

    TEST = "test"
    TEST_AGAIN = "test_again"
    NO_TEST = "no_test"
    ACCEPT = "accept"
    LOOSEN = "loosen"
    WAIT = "wait"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ShutOutRow:
    """Counterparts of one order that quality shut out for the same reason.

    `use` is none where nobody knows one. `subjects` are what the nearest of them breaks or does not
    show; `finding` is the first of those. In a call round, where what others bid is theirs to tell,
    `count` is none, and no value is told (`tells_values`) by which a listing could be found.
    """

    count: int | None
    tells_values: bool
    use: UseRow | None
    finding: Finding
    subjects: tuple[str, ...]
    if_accepted: bool

    @property
    def is_failing(self) -> bool:
        return self.finding.ruling is Ruling.BROKEN

    @property
    def is_own_limit(self) -> bool:
        """Whether no standard asks for it, but the buyer alone."""
        return not self.finding.limit.standard and self.finding.limit.subject != USE_STANDARD

    def remedy(self, side: Side) -> Remedy:
        """What the order's owner can do."""
        if side is Side.OFFER:
            is_testable = self.subjects != (USE_STANDARD,)
            missing = Remedy.TEST if is_testable else Remedy.NO_TEST
            return Remedy.TEST_AGAIN if self.is_failing else missing
        if not self.is_failing:
            return Remedy.ACCEPT if self.if_accepted else Remedy.WAIT
        return Remedy.LOOSEN if self.is_own_limit else Remedy.NONE


def keep(session: Session, run: ClearingRun, shut_out: Mapping[str, Iterable[ShutOut]]) -> None:
    """Keep with a run whom quality shuts out of its book, by listing."""
    rows = [
        {"run_id": run.id, "listing_number": number, "position": position} | _columns(each)
        for number, found in sorted(shut_out.items())
        for position, each in enumerate(found)
    ]
    if rows:
        session.execute(insert(RunShutOut), rows)


def shut_outs_of(
    session: Session, run: ClearingRun, listing_number: str, side: Side
) -> list[ShutOutRow]:
    """What was kept for a listing, the largest first; nothing in a run from before."""
    query = (
        select(RunShutOut)
        .where(RunShutOut.run_id == run.id, RunShutOut.listing_number == listing_number)
        .order_by(RunShutOut.position)
    )
    found = list(session.scalars(query))
    if not found or run.frozen_at is None:
        return []
    day = china_day(run.frozen_at)
    uses = {(use.kind, use.code): use for use in quality.uses(session, day)}
    clauses = _clauses(session, day)
    is_open, is_offer = run.round_number is None, side is Side.OFFER
    return [
        ShutOutRow(
            count=row.count if is_open else None,
            tells_values=is_open or (is_offer and bool(row.finding["limit"]["standard"])),
            use=uses.get((row.kind, row.use)),
            finding=_in_this_language(told(row.finding), clauses),
            subjects=tuple(row.subjects),
            if_accepted=row.if_accepted,
        )
        for row in found
    ]


def _columns(found: ShutOut) -> dict[str, Any]:
    fit = found.fit
    return {
        "count": found.count,
        "kind": found.kind,
        "use": fit.use.code if fit.use else "",
        "if_accepted": fit.if_accepted,
        "finding": kept(fit.decisive[0]),
        "subjects": [each.limit.subject for each in fit.decisive],
    }


def _clauses(session: Session, on: date) -> dict[tuple[str, str], str]:
    """The clauses of a day's limits as this reader reads them, by standard and text."""
    rows = quality.limits(session, on)
    return {
        (row.standard, text): row.clause for row in rows for text in (row.clause_zh, row.clause_en)
    }


def _in_this_language(found: Finding, clauses: Mapping[tuple[str, str], str]) -> Finding:
    limit = found.limit
    clause = clauses.get((limit.standard, limit.clause), limit.clause)
    return replace(found, limit=replace(limit, clause=clause))
