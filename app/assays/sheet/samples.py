"""Which values belong to the same sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

from app.assays.sheet.facts import Facts
from app.assays.sheet.found import Found, SampleHead


@dataclass
class Draft:
    """The values of one line or column of one table, and what the table says of them."""

    table: int
    facts: Facts
    label: str = ""
    sampled_on: date | None = None
    found: list[Found] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, date | None]:
        return self.label or self.facts.label, self.sampled_on or self.facts.sampled_on

    @property
    def parameters(self) -> set[str]:
        return {found.parameter for found in self.found}

    @property
    def names_itself(self) -> bool:
        return bool(self.label or self.sampled_on)

    def continues(self, other: Draft) -> bool:
        """Whether this is the same sample, measured for other things in another table."""
        return (
            self.table != other.table
            and self.key == other.key
            and not self.parameters & other.parameters
        )

    def head(self) -> SampleHead:
        label, sampled_on = self.key
        bases = self.facts.bases
        return SampleHead(
            sampled_on=sampled_on,
            label=label,
            laboratory=self.facts.laboratory,
            report_number=self.facts.report_number,
            certificate=self.facts.certificate,
            basis=next(iter(bases)) if len(bases) == 1 else None,
        )


def sorted_out(drafts: list[Draft]) -> tuple[tuple[Found, ...], tuple[SampleHead, ...]]:
    """The values with the numbers of their samples, and the samples."""
    filled = [draft for draft in drafts if draft.found]
    sizes = Counter(draft.table for draft in filled)
    samples: list[list[Draft]] = []
    for draft in filled:
        can_be_told = draft.names_itself or sizes[draft.table] == 1
        own = _same(draft, samples) if can_be_told else None
        if own is None:
            samples.append([draft])
        else:
            own.append(draft)
    found = tuple(
        replace(one, batch=batch)
        for batch, parts in enumerate(samples)
        for part in parts
        for one in part.found
    )
    return found, tuple(parts[0].head() for parts in samples)


def _same(draft: Draft, samples: list[list[Draft]]) -> list[Draft] | None:
    return next((one for one in samples if all(map(draft.continues, one))), None)
