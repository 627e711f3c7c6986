"""How well the rules tell frauds from honest work, in worlds made to try them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from app.watch.signs.facts import Dossier, Finding, Kind
from app.watch.signs.rules import findings
from app.watch.signs.thresholds import ThresholdBook

MOST_FALSE = 0.05
"""The share of honest subjects that may be suspected; the plan's own demand on the bench."""
Cell = tuple[int, date]
"""A site in a month."""


class Judged(Protocol):
    """A world with or without frauds."""

    def dossiers(self) -> Iterable[Dossier]:
        """One of every month that the watch looks at."""
        ...


class Injected(Protocol):
    """A fraud: the word of the finding it deserves, where and when, and what else it touched."""

    @property
    def finding(self) -> str: ...
    @property
    def site(self) -> int: ...
    @property
    def months(self) -> frozenset[date]: ...
    @property
    def touched(self) -> frozenset[Cell]: ...


@dataclass(frozen=True, slots=True)
class Alarms:
    """Of honest subjects, how many were suspected: site by site and month by month."""

    months: int
    false_months: int
    sites: int
    false_sites: int
    kinds: Mapping[str, int]

    @property
    def share(self) -> float:
        return self.false_months / max(1, self.months)

    @property
    def site_share(self) -> float:
        return self.false_sites / max(1, self.sites)

    def figures(self) -> dict[str, Any]:
        return {
            "site_months": self.months,
            "false_site_months": self.false_months,
            "sites": self.sites,
            "false_sites": self.false_sites,
            "share": round(self.share, 4),
            "site_share": round(self.site_share, 4),
            "kinds": dict(self.kinds),
        }


@dataclass(frozen=True, slots=True)
class Score:
    """What was caught in a crooked world; false alarms there and in its honest twin."""

    caught: Sequence[Injected]
    missed: Sequence[Injected]
    beside: Alarms
    clean: Alarms

    @property
    def passes(self) -> bool:
        shares = self.beside.share, self.clean.share, self.clean.site_share
        return not self.missed and max(shares) < MOST_FALSE

    def figures(self) -> dict[str, Any]:
        kinds = sorted({each.finding for each in (*self.caught, *self.missed)})
        return {
            "injected": len(self.caught) + len(self.missed),
            "caught": len(self.caught),
            "kinds": {kind: self._of_kind(kind) for kind in kinds},
            "false_alarms": {"clean": self.clean.figures(), "beside_frauds": self.beside.figures()},
            "passes": self.passes,
        }

    def _of_kind(self, kind: str) -> dict[str, int]:
        caught = sum(each.finding == kind for each in self.caught)
        missed = sum(each.finding == kind for each in self.missed)
        return {"injected": caught + missed, "caught": caught}


def trial(
    crooked: Judged,
    frauds: Sequence[Injected],
    honest: Judged,
    book: ThresholdBook,
    kinds: Collection[Kind],
) -> Score:
    """What the rules of some kinds say of a world with frauds and of its twin without."""
    touched = frozenset(cell for fraud in frauds for cell in fraud.touched)
    dossiers, found = _looked_at(crooked, book, kinds)
    caught = [fraud for fraud in frauds if any(catches(each, fraud) for each in found)]
    return Score(
        caught=caught,
        missed=[fraud for fraud in frauds if fraud not in caught],
        beside=alarms(dossiers, found, touched),
        clean=alarms(*_looked_at(honest, book, kinds), frozenset()),
    )


def catches(finding: Finding, fraud: Injected) -> bool:
    here = (finding.kind, finding.site) == (fraud.finding, fraud.site)
    return here and finding.month in fraud.months


def alarms(
    dossiers: Iterable[Dossier], found: Iterable[Finding], touched: frozenset[Cell]
) -> Alarms:
    """Findings at subjects that nobody touched."""
    subjects = {cell for dossier in dossiers for cell in _subjects(dossier)} - touched
    guilty = {site for site, _ in touched}
    false = [each for each in found if (each.site, each.month) in subjects]
    sites = {site for site, _ in subjects} - guilty
    kinds: dict[str, int] = {}
    for each in false:
        kinds[each.kind] = kinds.get(each.kind, 0) + 1
    return Alarms(
        months=len(subjects),
        false_months=len({(each.site, each.month) for each in false}),
        sites=len(sites),
        false_sites=len({each.site for each in false} & sites),
        kinds=kinds,
    )


def _looked_at(
    world: Judged, book: ThresholdBook, kinds: Collection[Kind]
) -> tuple[list[Dossier], list[Finding]]:
    dossiers = list(world.dossiers())
    found = (findings(each, book.on(each.month), kinds) for each in dossiers)
    return dossiers, [one for each in found for one in each]


def _subjects(dossier: Dossier) -> set[Cell]:
    """The sites of which a dossier says anything new."""
    declaring = {one.waste.site for one in dossier.this_month()}
    weighing = {passage.weighing.site for passage in dossier.passages()}
    taking = {one.waste.site for one in dossier.taken if one.month == dossier.month}
    return {(site, dossier.month) for site in declaring | weighing | taking}
