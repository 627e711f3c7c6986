"""Where a lot may go: its uses with their verdicts, the buyers on the market, what is missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.catalogue.quality import UseRow
from app.catalogue.rules import LimitRole
from app.eligibility.fitting import BEST_FIRST, Suitability, Wish
from app.eligibility.queries import Chapter
from app.eligibility.rules import (
    USE_STANDARD,
    Finding,
    Lot,
    Outcome,
    Ruling,
    Rung,
    Verdict,
)
from app.listings.queries import ListingRow

RULINGS = (Ruling.BROKEN, Ruling.MET, Ruling.UNKNOWN)


class Answer(StrEnum):
    """What a requirement on the market says to a lot."""

    TAKES = "takes"
    WOULD = "would"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class UseOutlook:
    """A use of the lot's kind, and the verdict on the lot for it."""

    use: UseRow
    verdict: Verdict

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What keeps the next better verdict open: that of the use, or that of a better grade.

        Nothing where no value could make it better.
        """
        better = self.verdict.ladder[: self.verdict.ladder.index(self.verdict.rung) + 1]
        still_open = [rung for rung in better if rung.outcome is Outcome.NOT_SHOWN]
        return _testable(still_open[-1]) if still_open else ()


@dataclass(frozen=True, slots=True)
class Buyer:
    """A requirement on the market, and whether it takes the lot.

    `is_kind_known` is false where nobody told the lot's kind, so that no standard could be asked.
    """

    listing: ListingRow
    fit: Suitability
    is_kind_known: bool

    @property
    def answer(self) -> Answer:
        """A buyer for whose use no limit is known can only take the lot as it is."""
        if self.fit.is_allowed:
            return Answer.TAKES
        if self.fit.verdict.outcome is Outcome.FAILS:
            return Answer.CANNOT
        return Answer.WOULD if self.missing or not self.is_kind_known else Answer.CANNOT

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What this buyer waits for; nothing if it waits for nothing or will never take the lot."""
        fit = self.fit
        is_waiting = not fit.is_allowed and fit.verdict.outcome is Outcome.NOT_SHOWN
        return _testable(fit.verdict.rung) if is_waiting else ()


@dataclass(frozen=True, slots=True)
class Market:
    """The requirements for the lot's material, those that take it first, the largest first."""

    buyers: tuple[Buyer, ...]

    def of(self, answer: Answer) -> list[Buyer]:
        return [buyer for buyer in self.buyers if buyer.answer == answer]

    def kg(self, answer: Answer) -> int:
        """What those ask for, kg per month."""
        return sum(buyer.listing.kg_per_month for buyer in self.of(answer))


@dataclass(frozen=True, slots=True)
class GateOutlook:
    """How the lot stands at a gate: what was broken, what was met, what is presumed."""

    role: LimitRole
    broken: tuple[Finding, ...]
    met: tuple[Finding, ...]
    presumed: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class OpenTest:
    """A value or a fact nobody knows yet, and what waits for it; `kg` per month."""

    subject: str
    is_fact: bool
    uses: tuple[UseRow, ...]
    buyers: int
    kg: int

    @property
    def weight(self) -> int:
        """How many verdicts it keeps open."""
        return len(self.uses) + self.buyers


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to find out next, the uses that this settles, and the buyers waiting; `kg` per month."""

    uses: tuple[UseRow, ...]
    missing: tuple[Finding, ...]
    buyers: int
    kg: int


def use_outlooks(chapters: Iterable[Chapter], lot: Lot) -> list[UseOutlook]:
    """Every use of the kind, the best verdict first."""
    found = [UseOutlook(chapter.use, chapter.grade(lot)) for chapter in chapters]
    return sorted(found, key=lambda each: BEST_FIRST.index(each.verdict.outcome))


def market(
    listings: Iterable[ListingRow],
    wishes: Mapping[str, Wish],
    suits: Callable[[Wish], Suitability],
    is_kind_known: bool,
) -> Market:
    """What each requirement says to the lot; those that wish the same are asked once."""
    answers = {wish: suits(wish) for wish in set(wishes.values())}
    buyers = [
        Buyer(listing, answers[wishes[listing.number]], is_kind_known) for listing in listings
    ]
    return Market(tuple(sorted(buyers, key=_readiest_first)))


def gate_outlooks(gates: Sequence[Finding]) -> list[GateOutlook]:
    """The gates in their order, each with everything found at it."""
    return [
        GateOutlook(role, *(_ruled(gates, role, ruling) for ruling in RULINGS))
        for role in dict.fromkeys(finding.limit.role for finding in gates)
    ]


def open_tests(uses: Iterable[UseOutlook], buyers: Iterable[Buyer]) -> list[OpenTest]:
    """What is not known and keeps verdicts open, that which opens most first."""
    asked: dict[str, list[UseRow]] = defaultdict(list)
    waiting: dict[str, list[int]] = defaultdict(list)
    facts: set[str] = set()
    for outlook in uses:
        for subject in _subjects(outlook.missing, facts):
            asked[subject].append(outlook.use)
    for buyer in buyers:
        for subject in _subjects(buyer.missing, facts):
            waiting[subject].append(buyer.listing.kg_per_month)
    found = [
        OpenTest(name, name in facts, tuple(asked[name]), len(waiting[name]), sum(waiting[name]))
        for name in dict.fromkeys((*asked, *waiting))
    ]
    return sorted(found, key=lambda test: -test.weight)


def culprits(uses: Iterable[UseOutlook]) -> list[str]:
    """What the uses fail by, that which shuts most of them first."""
    counted: Counter[str] = Counter()
    for outlook in uses:
        counted.update({found.limit.subject for found in outlook.verdict.rung.failing})
    return sorted(counted, key=lambda subject: (-counted[subject], subject))


def next_step(uses: Sequence[UseOutlook], buyers: Sequence[Buyer]) -> NextStep | None:
    """What opens most tonnes for each value to find, and of equals that which asks for fewest."""
    steps = [_step(outlook.missing, uses, buyers) for outlook in uses if outlook.missing]
    return min(steps, key=_most_for_least, default=None)


def _readiest_first(buyer: Buyer) -> tuple[int, int]:
    return list(Answer).index(buyer.answer), -buyer.listing.kg_per_month


def _ruled(gates: Iterable[Finding], role: LimitRole, ruling: Ruling) -> tuple[Finding, ...]:
    return tuple(each for each in gates if each.limit.role is role and each.ruling is ruling)


def _testable(rung: Rung) -> tuple[Finding, ...]:
    """What is missing, unless it is the limits themselves: no test can find those."""
    return tuple(each for each in rung.missing if each.limit.subject != USE_STANDARD)


def _subjects(missing: Iterable[Finding], facts: set[str]) -> list[str]:
    """What findings are about, each once; notes which of them are facts of the origin."""
    found = list(missing)
    facts |= {each.limit.subject for each in found if each.limit.words}
    return list(dict.fromkeys(each.limit.subject for each in found))


def _step(
    missing: tuple[Finding, ...], uses: Iterable[UseOutlook], buyers: Iterable[Buyer]
) -> NextStep:
    """What these values would settle, in all uses and for all buyers that miss nothing else."""
    found = _about(missing)
    settled = [each for each in uses if each.missing and _about(each.missing) <= found]
    waiting = [each for each in buyers if each.missing and _about(each.missing) <= found]
    kg = sum(buyer.listing.kg_per_month for buyer in waiting)
    return NextStep(tuple(each.use for each in settled), missing, len(waiting), kg)


def _about(missing: Iterable[Finding]) -> set[str]:
    return {each.limit.subject for each in missing}


def _most_for_least(step: NextStep) -> tuple[float, int]:
    return -step.kg / len(step.missing), len(step.missing)
