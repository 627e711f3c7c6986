"""What features above know of a trade's trucks, asked by name: trades need not know trucks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from types import ModuleType

from sqlalchemy.orm import Session

from app.features import modules
from app.trades.rules import Dispute


def disputes_of(session: Session, numbers: Iterable[str]) -> dict[str, list[Dispute]]:
    """The weights of these trades that are being settled or were, by number; every number is there.

    Answered by `disputes.disputes_of`.
    """
    wanted = list(numbers)
    found: dict[str, list[Dispute]] = defaultdict(list)
    for module in _answering("disputes"):
        for number, disputes in module.disputes_of(session, wanted).items():
            found[number] += disputes
    return {number: found[number] for number in wanted}


def lost_kg(session: Session, number: str) -> int:
    """Kilograms of a trade that left on a truck and never arrived; by `losses.lost_kg`."""
    return sum(module.lost_kg(session, number) for module in _answering("losses"))


@cache
def _answering(name: str) -> tuple[ModuleType, ...]:
    return tuple(modules(name))
