"""What the firm is asked when it enters quality data: offers, earlier assays, parameters, facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.assays import queries as assays
from app.assays import rules
from app.assays.models import Assay, AssayOffer, AssayReport
from app.assays.rules import Batch
from app.catalogue import quality
from app.catalogue.quality import KindRow, ParameterRow
from app.catalogue.rules import LimitRole
from app.core.actor import Actor
from app.core.errors import Forbidden, GufeiError, NotFound
from app.eligibility import queries as eligibility
from app.eligibility.queries import Chapter
from app.eligibility.rules import Finding, Limit, Lot, hazards
from app.listings.models import Listing, ListingMaterial
from app.listings.policy import owns
from app.listings.rules import ListingStatus, Side
from app.passports.policy import may_enter, may_void, reads_reports
from app.passports.queries import known_lot


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another offer of the same material, and how many of its assays do not speak of this one."""

    number: str
    assays: int
    newest: date


@dataclass(frozen=True, slots=True)
class Question:
    """A parameter to be typed, with the limits that it decides: those of the first use, by grade.

    `more_uses` counts the further uses that ask for it.
    """

    parameter: ParameterRow
    use: str = ""
    limits: tuple[Limit, ...] = ()
    more_uses: int = 0


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What may be typed: what some use asks of the kind, what the gates ask, and the rest."""

    asked: tuple[Question, ...]
    gates: tuple[Question, ...]
    rest: tuple[Question, ...]

    @property
    def everything(self) -> tuple[Question, ...]:
        return (*self.asked, *self.gates, *self.rest)


def offer_to_enter(session: Session, actor: Actor, number: str) -> Listing:
    """The actor's own offer; raises `NotFound`, or `Forbidden` for who only reads for the firm."""
    listing = _listing(session, number)
    if not may_enter(actor, listing):
        raise _refusal(actor, listing)
    return listing


def offer_to_void_of(session: Session, actor: Actor, number: str) -> Listing:
    """An offer whose assays the actor may void; raises as `offer_to_enter`."""
    listing = _listing(session, number)
    if not may_void(actor, listing):
        raise _refusal(actor, listing)
    return listing


def assay_of(session: Session, listing: Listing, assay_number: str) -> Assay:
    """An assay that speaks of an offer, void or not; raises `NotFound`."""
    query = (
        select(Assay)
        .join(AssayOffer, AssayOffer.assay_id == Assay.id)
        .where(Assay.number == assay_number, AssayOffer.listing_number == listing.number)
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def report_of(session: Session, actor: Actor, number: str, report_id: int) -> AssayReport:
    """A report that was sent in for an offer, for those who may read it; raises `NotFound`."""
    if not reads_reports(actor, _listing(session, number)):
        raise NotFound
    return kept_report(session, number, report_id)


def kept_report(session: Session, number: str, report_id: int) -> AssayReport:
    """A report of an offer that was not thrown away, whoever asks; raises `NotFound`."""
    query = select(AssayReport).where(
        AssayReport.id == report_id,
        AssayReport.listing_number == number,
        AssayReport.thrown_at.is_(None),
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def same_report(session: Session, listing: Listing, sha256: str) -> AssayReport | None:
    """The same file, if it was sent in for the offer before and not thrown away."""
    query = select(AssayReport).where(
        AssayReport.company_id == listing.company_id,
        AssayReport.listing_number == listing.number,
        AssayReport.sha256 == sha256,
        AssayReport.thrown_at.is_(None),
    )
    return session.scalar(query.order_by(AssayReport.id.desc()).limit(1))


def assays_of_report(session: Session, report_id: int) -> list[str]:
    """The numbers of the assays that rest on a report and are not void."""
    query = select(Assay.number).where(Assay.report_id == report_id, Assay.voided_at.is_(None))
    return list(session.scalars(query.order_by(Assay.id)))


def siblings(session: Session, listing: Listing) -> list[Listing]:
    """The other offers of the same material of the same site that are on the market."""
    active = _same_material(listing).where(Listing.status == ListingStatus.ACTIVE)
    return list(session.scalars(active.order_by(Listing.id)))


def earlier(session: Session, listing: Listing) -> list[Earlier]:
    """The other offers of the same material whose assays may be carried over, the newest first."""
    numbers = [found.number for found in session.scalars(_same_material(listing))]
    found = assays.batches(session, [*numbers, listing.number])
    here = {batch.number for batch in found.pop(listing.number, [])}
    rows = [
        Earlier(number, len(others), max(batch.day for batch in others))
        for number, batches in found.items()
        if (others := [batch for batch in batches if batch.number not in here])
    ]
    return sorted(rows, key=lambda row: row.newest, reverse=True)


def earlier_of(session: Session, listing: Listing, source: str) -> Earlier:
    """What may be carried over from one of them; raises `NotFound` if nothing."""
    found = next((row for row in earlier(session, listing) if row.number == source), None)
    if found is None:
        raise NotFound
    return found


def kinds_to_name(session: Session, listing: Listing) -> list[KindRow]:
    """What an offer's waste may be, where nobody has said so yet."""
    if listing.kind:
        return []
    return [row for row in quality.kinds(session) if row.material in listing.materials]


def facts_asked(session: Session, kind: str | None, on: date) -> tuple[str, ...]:
    """The facts of origin on which some limit of a kind depends."""
    return eligibility.facts_asked(eligibility.rulebook(session, kind or "", on))


def questionnaire(session: Session, kind: str | None, on: date) -> Questionnaire:
    """Every parameter, those first that some use of a kind asks for."""
    chapters = eligibility.rulebook(session, kind or "", on)
    gates = {limit.subject: [limit] for limit in eligibility.gates(session, on)}
    asked, gated, rest = [], [], []
    for parameter in quality.parameters(session):
        found = _question(parameter, chapters)
        if found.limits:
            asked.append(found)
        elif parameter.code in gates:
            gated.append(Question(parameter, limits=tuple(gates[parameter.code])))
        else:
            rest.append(found)
    return Questionnaire(tuple(asked), tuple(gated), tuple(rest))


def hazards_with(
    session: Session, listing: Listing, added: Sequence[Batch], on: date
) -> list[Finding]:
    """What makes the material of an offer hazardous waste once some more batches are known."""
    known = known_lot(session, listing, on)
    standing = rules.standing([*known.batches, *added], on, assays.terms_on(session, on))
    readings = {name: each.reading for name, each in standing.items()}
    return hazards(eligibility.gates(session, on), Lot(readings, known.facts))


def hazards_shown(session: Session, assay: Assay, on: date) -> list[Finding]:
    """The limits of hazard that an assay alone breaks."""
    return hazards(eligibility.gates(session, on), Lot(assays.batch_of(assay).readings))


def _listing(session: Session, number: str) -> Listing:
    found = session.scalar(select(Listing).where(Listing.number == number))
    if found is None:
        raise NotFound
    return found


def _refusal(actor: Actor, listing: Listing) -> GufeiError:
    """To strangers there is nothing; the firm's own people are told that they may not."""
    is_own_offer = listing.side is Side.OFFER and owns(actor, listing)
    return Forbidden() if is_own_offer else NotFound()


def _same_material(listing: Listing) -> Select[Listing]:
    """Other offers of the firm, of what a site gives off in the same kind."""
    material = ListingMaterial.material_code.in_(listing.materials)
    return select(Listing).where(
        Listing.side == Side.OFFER,
        Listing.company_id == listing.company_id,
        Listing.site_id == listing.site_id,
        Listing.kind == listing.kind if listing.kind else Listing.kind.is_(None),
        Listing.id != listing.id,
        Listing.accepted.any(material),
    )


def _question(parameter: ParameterRow, chapters: Sequence[Chapter]) -> Question:
    found: Mapping[str, tuple[Limit, ...]] = {
        chapter.use.name: limits for chapter in chapters if (limits := _asked(chapter, parameter))
    }
    if not found:
        return Question(parameter)
    use, limits = next(iter(found.items()))
    return Question(parameter, use, limits, len(found) - 1)


def _asked(chapter: Chapter, parameter: ParameterRow) -> tuple[Limit, ...]:
    """What a use asks of a parameter; rows for some origins only where there is no plain one."""
    asked = [
        limit
        for limit in chapter.limits
        if limit.subject == parameter.code and limit.role is LimitRole.ACCEPT
    ]
    return tuple([limit for limit in asked if not limit.fact] or asked)
