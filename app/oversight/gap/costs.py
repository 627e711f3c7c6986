"""What an investment costs, as dated rows say it; pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.rules import Means, Per

KG_PER_TONNE = 1_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one of a means costs, fen.

    `size_kg` is how much a piece holds, or takes in a month; `life_months` how long it lasts. Both
    are 0 where they mean nothing.
    """

    means: Means
    per: Per
    fen: int
    size_kg: int
    life_months: int

    def in_full(self, added_kg: int) -> int:
        """What is paid in all, fen; by the tonne, for what is added."""
        if self.per is Per.PIECE:
            return self.fen
        return self.fen * added_kg // KG_PER_TONNE

    def over(self, months: int, added_kg: int) -> int:
        """What falls to so many months, fen, begun fen counted whole: a piece wears off evenly."""
        if self.per is Per.PIECE:
            return -(-self.fen * months // self.life_months)
        return self.in_full(added_kg)
