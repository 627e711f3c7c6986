"""The mass balance of a waste in a month, as the statistics of discharge sources define it.

G = (U − U0) + S + (D − D0) + X and closing = opening + S − U0 − D0; the utilisation rate is
U ÷ (G + U0) (排放源统计调查制度; the identity as the statistics bureau explains it). In a month,
"earlier stock" is what lay there when the month began.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import add, attrgetter


@dataclass(frozen=True, slots=True)
class MassBalance:
    """Whole kilograms; `old_used_kg` (U0) and `old_disposed_kg` (D0) are parts of U and of D."""

    generated_kg: int = 0
    self_used_kg: int = 0
    entrusted_used_kg: int = 0
    old_used_kg: int = 0
    stored_kg: int = 0
    disposed_kg: int = 0
    old_disposed_kg: int = 0
    dumped_kg: int = 0
    opening_kg: int = 0
    closing_kg: int = 0

    @property
    def used_kg(self) -> int:
        """U: what was turned into something, by the producer itself or by others for it."""
        return self.self_used_kg + self.entrusted_used_kg

    @property
    def usable_kg(self) -> int:
        """G + U0, against which what was used is held."""
        return self.generated_kg + self.old_used_kg

    @property
    def flow_gap_kg(self) -> int:
        """What was generated and went nowhere by this account; negative: more went than arose."""
        new_used = self.used_kg - self.old_used_kg
        new_disposed = self.disposed_kg - self.old_disposed_kg
        return self.generated_kg - new_used - self.stored_kg - new_disposed - self.dumped_kg

    @property
    def stock_gap_kg(self) -> int:
        """What should lie there at the end and does not; negative: there is more than can be."""
        taken = self.old_used_kg + self.old_disposed_kg
        return self.opening_kg + self.stored_kg - taken - self.closing_kg

    @property
    def closes(self) -> bool:
        """Whether both identities hold."""
        return self.flow_gap_kg == 0 == self.stock_gap_kg

    def __add__(self, other: MassBalance) -> MassBalance:
        """Of two wastes or two sites in one month; months are not added like this, see U0."""
        return MassBalance(*map(add, self.masses, other.masses))

    @property
    def masses(self) -> tuple[int, ...]:
        """All of them, in the order of `MASSES`; many thousand balances make a sum."""
        found: tuple[int, ...] = _masses_of(self)
        return found

    @property
    def by_name(self) -> dict[str, int]:
        return dict(zip(MASSES, self.masses, strict=True))


MASSES = tuple(field.name for field in fields(MassBalance))
_masses_of = attrgetter(*MASSES)
