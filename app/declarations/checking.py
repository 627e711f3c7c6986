"""What a month's balance may not break, what it leaves open, and the values that would close it.

A fault is refused. A question is asked: what went where may have lain there before, or the scales
may disagree, so that a balance that stays open is taken in with an explanation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.core.faults import Fault
from app.declarations.balance import MASSES, MassBalance
from app.declarations.rules import LARGEST_CAPACITY_KG, LARGEST_KG

LARGEST_MONTH_KG = 31 * LARGEST_KG
STOCKS = frozenset({"opening_kg", "closing_kg"})
SHORTEST_EXPLANATION = 4
"""Characters: less says nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record beside a statement: the stock last declared, and what others received.

    `ticketed_kg` was received for use in the month, by weighbridge tickets.
    """

    last_closing_kg: int | None = None
    ticketed_kg: int = 0


def faults(balance: MassBalance) -> list[Fault]:
    """What cannot be true of any month."""
    return [*_mass_faults(balance), *_part_faults(balance)]


def questions(balance: MassBalance, known: Known) -> list[Fault]:
    """What has to be corrected or explained, each at the field that would answer it."""
    return [*_opening_questions(balance, known), *_gap_questions(balance, known)]


def proposal(balance: MassBalance, known: Known) -> MassBalance | None:
    """The same month with every question answered, if naming what was old stock can do that.

    What went beyond what arose must have lain there before. Only the sum of U0 and D0 follows from
    the identities; D0 stays as stated where it can, the rest was used, as stock is mostly dug up
    for use. `None` if nothing is open, or if no U0 and D0 within the stock close the balance.
    """
    opening = balance.opening_kg if known.last_closing_kg is None else known.last_closing_kg
    entrusted = max(balance.entrusted_used_kg, known.ticketed_kg)
    asked = replace(balance, opening_kg=opening, entrusted_used_kg=entrusted)
    old = _gone(asked) - asked.generated_kg
    if not 0 <= old <= min(opening, asked.used_kg + asked.disposed_kg):
        return None
    found = taking(asked, old)
    return found if questions(balance, known) else None


def taking(balance: MassBalance, old_kg: int) -> MassBalance:
    """The same month with so much of what was used or disposed of coming from earlier stock."""
    stated = min(balance.old_disposed_kg, balance.disposed_kg, old_kg)
    disposed = max(stated, old_kg - balance.used_kg)
    return replace(
        balance,
        old_used_kg=old_kg - disposed,
        old_disposed_kg=disposed,
        closing_kg=balance.opening_kg + balance.stored_kg - old_kg,
    )


def is_explained(explanation: str) -> bool:
    return len(explanation.strip()) >= SHORTEST_EXPLANATION


def _gone(balance: MassBalance) -> int:
    """What went anywhere, out of the works or out of the store."""
    return balance.used_kg + balance.stored_kg + balance.disposed_kg + balance.dumped_kg


def _mass_faults(balance: MassBalance) -> Iterator[Fault]:
    for name in MASSES:
        kg, most = getattr(balance, name), LARGEST_MONTH_KG
        if name in STOCKS:
            most = LARGEST_CAPACITY_KG
        if kg < 0:
            yield Fault(name, "mass_below_zero", {"kg": kg})
        elif kg > most:
            yield Fault(name, "mass_too_large", {"mass_limit": most})


def _part_faults(balance: MassBalance) -> Iterator[Fault]:
    old = balance.old_used_kg + balance.old_disposed_kg
    if balance.old_used_kg > balance.used_kg:
        values = {"kg": balance.old_used_kg, "whole_kg": balance.used_kg}
        yield Fault("old_used_kg", "old_over_used", values)
    if balance.old_disposed_kg > balance.disposed_kg:
        values = {"kg": balance.old_disposed_kg, "whole_kg": balance.disposed_kg}
        yield Fault("old_disposed_kg", "old_over_disposed", values)
    if old > balance.opening_kg:
        values = {"kg": old, "whole_kg": balance.opening_kg}
        yield Fault("opening_kg", "old_over_opening", values)


def _opening_questions(balance: MassBalance, known: Known) -> Iterator[Fault]:
    if known.last_closing_kg not in (None, balance.opening_kg):
        values = {"kg": balance.opening_kg, "whole_kg": known.last_closing_kg}
        yield Fault("opening_kg", "opening_moved", values)


def _gap_questions(balance: MassBalance, known: Known) -> Iterator[Fault]:
    flow, stock = balance.flow_gap_kg, balance.stock_gap_kg
    if flow < 0:
        yield Fault("old_used_kg", "more_went", {"kg": -flow})
    elif flow > 0:
        yield Fault("stored_kg", "more_arose", {"kg": flow})
    if stock:
        values = {"kg": balance.closing_kg, "whole_kg": balance.closing_kg + stock}
        yield Fault("closing_kg", "stock_open", values)
    if balance.entrusted_used_kg < known.ticketed_kg:
        values = {"kg": balance.entrusted_used_kg, "whole_kg": known.ticketed_kg}
        yield Fault("entrusted_used_kg", "below_tickets", values)
