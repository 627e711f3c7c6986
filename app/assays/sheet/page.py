"""What is known while the lines of a sheet are read one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from app.assays.sheet.cells import Line, has_no_value, is_bound, is_figure
from app.assays.sheet.facts import Fact, Facts, bases_of
from app.assays.sheet.found import Found, Ignored, Unread
from app.assays.sheet.samples import Draft
from app.catalogue.quality import ParameterRow
from app.catalogue.rules import Basis
from app.eligibility.naming import SIEVE_UM, SIEVED, Named, Names, folded, leaching, other_sieve
from app.eligibility.readings import reading_or_fault
from app.eligibility.units import are_alike, parted


@dataclass
class Page:
    """The values, and what the lines so far say of those that follow."""

    parameters: Mapping[str, ParameterRow]
    names: Names
    facts: Facts = field(default_factory=Facts)
    drafts: list[Draft] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    ignored: dict[Ignored, None] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """The texts around the tables."""
    ways: frozenset[str] = frozenset()
    """The ways of leaching that were named for what follows."""
    tables: int = 0
    loose: list[Draft] = field(default_factory=list)
    """The samples of the lines that stand in no table."""
    _says_of_read: bool = False

    def open_table(self) -> int:
        """The number of a table that begins here."""
        self.tables += 1
        return self.tables

    def draft(self, table: int) -> Draft:
        """A sample of a table, as yet without values."""
        made = Draft(table, self.facts)
        self.drafts.append(made)
        return made

    def loose_draft(self, number: int) -> Draft:
        """The sample that the n-th figure behind a name belongs to, outside of tables."""
        if self.loose and self.loose[0].facts is not self.facts:
            self.loose = []
        table = self.loose[0].table if self.loose else self.open_table()
        while len(self.loose) <= number:
            self.loose.append(self.draft(table))
        return self.loose[number]

    def note(self, told: dict[Fact, str]) -> None:
        """Keep what a line says of the sheet; of another sample if values of one were read."""
        was_read = any(draft.found and draft.facts is self.facts for draft in self.drafts[-64:])
        if was_read and self.facts.contradicts(told):
            self.facts = self.facts.of_the_next_sample()
        self.facts.note(told)

    def hear(self, texts: Iterable[str]) -> None:
        """Keep what texts around a table say of its values: state, way of leaching, sieve."""
        texts = [text for text in texts if not is_figure(text)]
        self.facts.bases.update(bases_of(texts))
        self.told += texts
        found = leaching(texts)
        if found:
            self.ways = found if self._says_of_read else self.ways | found
            self._says_of_read = False

    def named(self, parts: Sequence[str], near: Collection[str], unit: str = "") -> Named | None:
        """The parameter that a name stands for beside the texts that are `near` it."""
        ways = leaching(near) or self.ways
        way = next(iter(ways)) if len(ways) == 1 else ""
        found = self.names.named(parts, way, unit)
        if found and found.code == SIEVED and str(SIEVE_UM) not in folded(found.words):
            return None if other_sieve([*near, *self.told]) else found
        return found

    def is_name(self, text: str) -> bool:
        """Whether a text is by itself the name of a parameter, and more than a letter."""
        return len(folded(text)) > 1 and self.names.named([text]) is not None

    def take(
        self, draft: Draft, line: Line, column: int, named: Named, *, unit: str, method: str = ""
    ) -> None:
        """Propose a value; `unit` is what stands beside it or over it, if anything does."""
        text = line.cell(column)
        if has_no_value(text):
            return
        self._says_of_read = True
        parameter = self.parameters[named.code]
        reading, own = parted(text)
        said = own or unit or named.unit or self._unit_for(parameter)
        found = reading_or_fault(reading, parameter, said or str(parameter.unit))
        fault = found if isinstance(found, str) else ""
        cell = line.name_of(column)
        draft.found.append(Found(0, named.code, named.words, reading, said, method, cell, fault))
        if parameter.basis is Basis.DRY:
            draft.facts.bases.update(bases_of([named.words]))

    def leave_unread(self, name: str, line: Line, columns: Iterable[int]) -> None:
        """Tell the figures in these columns; blank cells and words are none."""
        self.unread += (
            Unread(name, line.cell(column), line.name_of(column))
            for column in columns
            if is_figure(line.cell(column))
        )

    def ignore_column(self, name: str, column: int) -> None:
        self.ignored[Ignored(name, get_column_letter(column + 1))] = None

    def ignore_line(self, line: Line) -> None:
        """Leave a line out, and tell so if it has figures."""
        if line.figures or any(map(is_bound, line.cells.values())):
            self.ignored[Ignored(next(iter(line.cells.values())), str(line.number))] = None

    def _unit_for(self, parameter: ParameterRow) -> str:
        """The unit told for the whole sheet, where it is one of the same quantity."""
        unit = self.facts.unit
        return unit if unit and are_alike(unit, str(parameter.unit)) else ""
