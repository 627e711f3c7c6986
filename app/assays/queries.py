"""Read-only questions about assays, by the numbers of the offers they speak of.

`as_of` asks what was known at an instant: later assays, withdrawals of them and facts are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from app.assays import rules
from app.assays.models import Assay, AssayOffer, AssayReport, AssayValue, SiteFact
from app.assays.rules import AssayTerms, Batch, Evidence
from app.catalogue.queries import term
from app.catalogue.rules import Term
from app.core.clock import china_day
from app.eligibility.ranges import Range


def terms_on(session: Session, on: date) -> AssayTerms:
    """The market's terms about assays on a day."""
    return AssayTerms(
        term(session, Term.ASSAY_DAYS, on),
        term(session, Term.ASSAY_BATCHES, on),
        term(session, Term.ASSAY_SPAN_DAYS, on),
    )


def batches(
    session: Session, numbers: Iterable[str], as_of: datetime | None = None
) -> dict[str, list[Batch]]:
    """The assays of offers that were not voided, the newest first; an offer without has none."""
    query = _known(as_of).where(AssayOffer.listing_number.in_(set(numbers)))
    found: dict[str, list[Batch]] = defaultdict(list)
    for number, assay in session.execute(query.options(selectinload(Assay.values))):
        found[number].append(batch_of(assay))
    for rows in found.values():
        rows.sort(key=lambda batch: (batch.day, batch.number), reverse=True)
    return found


def evidence(session: Session, numbers: Iterable[str], on: date) -> dict[str, Evidence]:
    """The level of every offer on a day."""
    wanted, terms = list(numbers), terms_on(session, on)
    found: dict[str, list[Batch]] = defaultdict(list)
    query = _known().where(AssayOffer.listing_number.in_(wanted))
    for number, assay in session.execute(query):
        found[number].append(_batch(assay, {}))
    return {number: rules.evidence(found[number], on, terms) for number in wanted}


def readings(
    session: Session, numbers: Iterable[str], on: date, as_of: datetime | None = None
) -> dict[str, dict[str, Range]]:
    """What decides about each offer on a day, by parameter."""
    terms = terms_on(session, on)
    found = batches(session, numbers, as_of)
    return {number: rules.readings(rows, on, terms) for number, rows in found.items()}


def facts(
    session: Session, site_ids: Iterable[int], as_of: datetime | None = None
) -> dict[int, dict[str, str]]:
    """The facts of origin of sites, the latest word of each; what was taken back is left out."""
    query = select(SiteFact).where(SiteFact.site_id.in_(set(site_ids))).order_by(SiteFact.id)
    if as_of is not None:
        query = query.where(SiteFact.told_at <= as_of)
    told: dict[int, dict[str, str]] = defaultdict(dict)
    for row in session.scalars(query):
        told[row.site_id][row.fact] = row.value
    return {
        site: {name: value for name, value in words.items() if value}
        for site, words in told.items()
    }


def waiting_reports(session: Session, number: str) -> list[AssayReport]:
    """Files of an offer whose values nobody has confirmed, the newest first."""
    entered = select(Assay.report_id).where(Assay.report_id.is_not(None))
    query = select(AssayReport).where(
        AssayReport.listing_number == number,
        AssayReport.thrown_at.is_(None),
        AssayReport.id.not_in(entered),
    )
    return list(session.scalars(query.order_by(AssayReport.id.desc())))


def reported(session: Session, number: str) -> list[Assay]:
    """The assays of an offer that count and rest on a laboratory's file, the newest first."""
    query = (
        select(Assay)
        .join(AssayOffer, AssayOffer.assay_id == Assay.id)
        .join(Assay.report)
        .where(AssayOffer.listing_number == number, _stands(None))
        .order_by(Assay.id.desc())
    )
    return list(session.scalars(query))


def batch_of(assay: Assay) -> Batch:
    """An assay as the rules see it."""
    return _batch(assay, {value.parameter: range_of(value) for value in assay.values})


def range_of(value: AssayValue) -> Range:
    """The numbers a stored value stands for."""
    low, high = (None if end is None else Decimal(end) for end in (value.low, value.high))
    return Range(low, high, value.low_open, value.high_open)


def _batch(assay: Assay, values: Mapping[str, Range]) -> Batch:
    return Batch(
        number=assay.number,
        sampled_on=assay.sampled_on,
        recorded_on=china_day(assay.recorded_at),
        laboratory=assay.laboratory,
        certificate=assay.certificate,
        has_report=assay.report_id is not None,
        batch_kg=assay.batch_kg,
        moisture=None if assay.moisture is None else Decimal(assay.moisture),
        readings=values,
    )


def _known(as_of: datetime | None = None) -> Select[str, Assay]:
    """Assays with the offers they speak of, as far as they stood."""
    return (
        select(AssayOffer.listing_number, Assay)
        .join(Assay, Assay.id == AssayOffer.assay_id)
        .where(_stands(as_of))
        .order_by(Assay.id)
    )


def _stands(as_of: datetime | None) -> ColumnElement[bool]:
    if as_of is None:
        return Assay.voided_at.is_(None)
    return and_(
        Assay.recorded_at <= as_of,
        AssayOffer.carried_at <= as_of,
        or_(Assay.voided_at.is_(None), Assay.voided_at > as_of),
    )
