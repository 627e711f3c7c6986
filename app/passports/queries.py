"""What is known of the material of an offer on a day, and what the law says of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from app.assays import queries as assays
from app.assays import rules
from app.assays.models import AssayReport
from app.assays.rules import AssayTerms, Batch, Standing
from app.catalogue import quality
from app.catalogue.quality import KindRow, ParameterRow, UseRow
from app.core.actor import Actor
from app.core.errors import NotFound
from app.eligibility.fitting import Grading
from app.eligibility.queries import Chapter, facts_asked, gates, parameter_map, rulebook
from app.eligibility.rules import Finding, Limit, Lot, Outcome, judge
from app.listings import market as listed
from app.listings import queries as listings
from app.listings.market import ListingFilter, Sort
from app.listings.models import Listing
from app.listings.queries import ListingView
from app.listings.rules import Side
from app.passports import charts, outlook
from app.passports.charts import BatchChart, Ladder
from app.passports.history import origin
from app.passports.outlook import GateOutlook, Market, NextStep, OpenTest, UseOutlook
from app.passports.values import ValueRow, value_rows


@dataclass(frozen=True, slots=True)
class KnownLot:
    """The material of an offer: its kind, blank if untold, its batches, and what decides."""

    number: str
    kind: str
    batches: list[Batch]
    standing: dict[str, Standing]
    facts: dict[str, str]
    terms: AssayTerms

    @property
    def lot(self) -> Lot:
        readings = {name: each.reading for name, each in self.standing.items()}
        return Lot(readings, self.facts)


@dataclass(frozen=True, slots=True)
class Passport:
    """Everything the page of an offer's material tells, as of `on`.

    `kinds` are what its material may be more finely, for one whose `kind` was not told; `asked`
    are the facts of the origin that its uses ask for; `waiting` are files that only its owner sees.
    """

    on: date
    view: ListingView
    known: KnownLot
    kind: KindRow | None
    kinds: tuple[KindRow, ...]
    asked: tuple[str, ...]
    uses: list[UseOutlook]
    gates: list[GateOutlook]
    market: Market
    values: list[ValueRow]
    ladders: list[Ladder]
    tests: list[OpenTest]
    next_step: NextStep | None
    waiting: list[AssayReport]
    chapters: tuple[Chapter, ...]
    parameters: Mapping[str, ParameterRow]
    MOST_BUYERS: ClassVar[int] = 30

    def uses_with(self, outcome: Outcome) -> list[UseOutlook]:
        """The uses of which the verdict says this."""
        return [each for each in self.uses if each.verdict.outcome == outcome]

    @property
    def valid_batches(self) -> list[Batch]:
        return [each for each in self.known.batches if each.counts(self.on, self.known.terms)]

    @property
    def culprits(self) -> list[str]:
        """What shuts most of the uses, that first."""
        return outlook.culprits(self.uses)

    @property
    def without_limits(self) -> list[UseOutlook]:
        """The uses of which nobody could read a limit: no test can show a lot fit for them."""
        return [each for each in self.uses_with(Outcome.NOT_SHOWN) if not each.missing]

    @property
    def conditions(self) -> list[tuple[Limit, list[UseRow]]]:
        """What binds a buyer's product, or the lot in a case nobody spoke of, in open uses."""
        found: dict[Limit, list[UseRow]] = {}
        for each in self.uses:
            if each.verdict.outcome is not Outcome.FAILS:
                for limit in each.verdict.conditions:
                    found.setdefault(limit, []).append(each.use)
        return list(found.items())

    @property
    def measured(self) -> list[ValueRow]:
        """The values that some batch has, of which a chart can be drawn."""
        return [row for row in self.values if row.series]

    def chart(self, wanted: str) -> BatchChart | None:
        """The chart of a parameter; of the first graded or measured one if that has no batch."""
        graded = {row.value.parameter.code for ladder in self.ladders for row in ladder.rows}
        found = sorted(self.measured, key=lambda row: row.parameter.code not in graded)
        chosen = [row for row in found if row.parameter.code == wanted] or found
        return charts.batch_chart(chosen[0], self.chapters, self.known.lot) if chosen else None


def passport(session: Session, actor: Actor, number: str, on: date) -> Passport:
    """The passport of an offer; raises `NotFound` where its reader may not see the offer."""
    listing = listings.readable(session, actor, number, on)
    if listing.side is not Side.OFFER:
        raise NotFound
    known = known_lot(session, listing, on)
    lot, parameters = known.lot, parameter_map(session)
    grading = Grading({known.kind: rulebook(session, known.kind, on)}, gates(session, on))
    chapters = tuple(grading.chapters[known.kind])
    uses = outlook.use_outlooks(chapters, lot)
    market = _market(session, actor, listing, known, grading, on)
    values = value_rows(known.batches, known.standing, chapters, parameters, on, known.terms)
    kinds = quality.kinds(session)
    view = listings.view_of(session, actor, listing, on)
    return Passport(
        on=on,
        view=view,
        known=known,
        kind=next((row for row in kinds if row.code == known.kind), None),
        kinds=tuple(row for row in kinds if row.material in listing.materials),
        asked=facts_asked(chapters),
        uses=uses,
        gates=outlook.gate_outlooks(_gate_findings(uses, grading.gates, lot)),
        market=market,
        values=values,
        ladders=charts.ladders(chapters, lot, values),
        tests=outlook.open_tests(uses, market.buyers),
        next_step=outlook.next_step(uses, market.buyers),
        waiting=assays.waiting_reports(session, number) if view.may_change else [],
        chapters=chapters,
        parameters=parameters,
    )


def known_lot(
    session: Session, listing: Listing, on: date, as_of: datetime | None = None
) -> KnownLot:
    """What was known at an instant, by default by now, of what an offer is on a day."""
    kind, site_id = origin(session, listing, as_of)
    found = assays.batches(session, [listing.number], as_of).get(listing.number, [])
    told = assays.facts(session, [site_id], as_of).get(site_id, {})
    terms = assays.terms_on(session, on)
    standing = rules.standing(found, on, terms)
    return KnownLot(listing.number, kind or "", found, standing, told, terms)


def _market(
    session: Session, actor: Actor, listing: Listing, known: KnownLot, grading: Grading, on: date
) -> Market:
    """The requirements on the market for the material, in months that the offer has, too."""
    wanted = ListingFilter(
        side=Side.REQUIREMENT, on=on, materials=listing.materials, sort=Sort.QUANTITY
    )
    rows = [row.listing for row in listed.everything(session, actor, wanted)]
    meeting = [
        row
        for row in rows
        if row.first_month <= listing.last_month and listing.first_month <= row.last_month
    ]
    wishes = listings.wishes(session, [row.number for row in meeting], on)
    lot, kind = known.lot, known.kind
    return outlook.market(
        meeting, wishes, lambda wish: grading.suits(kind, lot, wish), is_kind_known=bool(kind)
    )


def _gate_findings(
    uses: list[UseOutlook], limits: tuple[Limit, ...], lot: Lot
) -> tuple[Finding, ...]:
    """What the lot shows at the gates: the same for every use, and told without one, too."""
    if uses:
        return uses[0].verdict.gates
    return tuple(judge(limit, lot) for limit in limits)
