"""Declarations against what a site made, against tickets and against a receiver's permit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from statistics import median

from app.catalogue.rules import FactorSide, Threshold, is_valid_on
from app.core.clock import add_months
from app.watch.signs.facts import (
    Active,
    Declared,
    Dossier,
    Evidence,
    Finding,
    Kind,
    Measure,
    Waste,
)
from app.watch.signs.thresholds import MILLI, Expected, Factor, Thresholds

KG = Measure.KG


def arisings_off(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """What was generated lies outside what such works generate of what they burnt or made."""
    widened = terms.of(Threshold.ARISINGS_SLACK_MILLI)
    for one, active, factor in _explained_by(dossier, terms):
        expected = Expected.of(factor, active.quantity).widened(widened)
        generated = one.balance.generated_kg
        if not expected.low_kg <= generated <= expected.high_kg:
            yield Finding(
                Kind.ARISINGS_OFF,
                one.waste.site,
                one.month,
                material=one.waste.material,
                evidence=(
                    Evidence("generated", generated, KG),
                    Evidence(active.kind, active.quantity, Measure.ACTIVITY),
                    Evidence("expected_low", expected.low_kg, KG),
                    Evidence("expected_high", expected.high_kg, KG),
                ),
                explanation=one.explanation,
            )


def arisings_changed(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """The site generated much more or less of what it burnt or made than it used to itself."""
    allowed = terms.of(Threshold.ARISINGS_OWN_MILLI)
    for one, active, factor in _explained_by(dossier, terms):
        usual = _usual_ratio(dossier, one, factor, terms)
        if usual is None:
            continue
        expected = int(active.quantity * usual)
        off = abs(one.balance.generated_kg - expected)
        if off * MILLI > expected * allowed and off > terms.slack(expected):
            yield Finding(
                Kind.ARISINGS_CHANGED,
                one.waste.site,
                one.month,
                material=one.waste.material,
                evidence=(
                    Evidence("generated", one.balance.generated_kg, KG),
                    Evidence(active.kind, active.quantity, Measure.ACTIVITY),
                    Evidence("expected_usual", expected, KG),
                ),
                explanation=one.explanation,
            )


def use_without_tickets(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """Much more entrusted use than usual is declared that no weighbridge ticket shows."""
    allowed = terms.of(Threshold.UNTICKETED_JUMP_MILLI)
    for one, past in dossier.histories():
        shares = [
            share for each in _latest(past, terms) if (share := _unticketed(each)) is not None
        ]
        share = _unticketed(one)
        if share is None or len(shares) < terms.of(Threshold.HISTORY_MONTHS):
            continue
        usual = int(median(shares))
        entrusted = one.balance.entrusted_used_kg
        if share - usual > allowed and entrusted - one.ticketed_kg > terms.slack(entrusted):
            shown = Evidence("unticketed_share", share, Measure.MILLI)
            facts = shown, Evidence("usual_share", usual, Measure.MILLI)
            yield _against_tickets(Kind.USE_WITHOUT_TICKETS, one, *facts)


def tickets_beyond_use(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """Weighbridge tickets show more than the producer says others used."""
    for one in dossier.this_month():
        over = one.ticketed_kg - one.balance.entrusted_used_kg
        if over > terms.slack(one.ticketed_kg):
            yield _against_tickets(Kind.TICKETS_BEYOND_USE, one, Evidence("gap", over, KG))


def intake_off(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A receiver took more over some months than what it made can have taken up."""
    length = terms.of(Threshold.INTAKE_WINDOW_MONTHS)
    first = add_months(dossier.month, 1 - length)
    widened = terms.of(Threshold.INTAKE_SLACK_MILLI)
    for factor in terms.factors_of(FactorSide.TAKEN):
        for site, made in _made(dossier, factor, first).items():
            waste = Waste(site, factor.material)
            taken = _taken(dossier, waste, first)
            expected = Expected.of(factor, made).widened(widened)
            if taken > expected.high_kg + terms.slack(taken):
                yield Finding(
                    Kind.INTAKE_OFF,
                    site,
                    dossier.month,
                    material=factor.material,
                    evidence=(
                        Evidence("taken", taken, KG),
                        Evidence(factor.activity, made, Measure.ACTIVITY),
                        Evidence("expected_high", expected.high_kg, KG),
                        Evidence("window", length, Measure.MONTHS),
                    ),
                )


def over_permit(dossier: Dossier, _: Thresholds) -> Iterator[Finding]:
    """A receiver took more this year than its permit allows."""
    january = dossier.month.replace(month=1)
    for permit in dossier.permits:
        if not is_valid_on(dossier.month, permit.valid_from, permit.valid_to):
            continue
        taken = _taken(dossier, permit.waste, january)
        if taken > permit.kg_per_year:
            yield Finding(
                Kind.OVER_PERMIT,
                permit.waste.site,
                dossier.month,
                material=permit.waste.material,
                evidence=(
                    Evidence("taken_this_year", taken, KG),
                    Evidence("permitted", permit.kg_per_year, KG),
                ),
                since=f"{january:%Y}",
            )


def _explained_by(dossier: Dossier, terms: Thresholds) -> Iterator[tuple[Declared, Active, Factor]]:
    """The month's declarations with the one activity they follow from."""
    done = {(one.site, one.kind): one for one in dossier.activities if one.month == dossier.month}
    arising = terms.factors_of(FactorSide.GENERATED)
    for one in dossier.this_month():
        grounds = [
            (done[one.waste.site, factor.activity], factor)
            for factor in arising
            if factor.material == one.waste.material and (one.waste.site, factor.activity) in done
        ]
        if len(grounds) == 1:
            yield one, *grounds[0]


def _usual_ratio(
    dossier: Dossier, one: Declared, factor: Factor, terms: Thresholds
) -> float | None:
    """Kilograms per unit, the median of the months before; `None` while they are too few."""
    past = [each for each in dossier.declared if each.waste == one.waste and each.month < one.month]
    made = {
        active.month: active.quantity
        for active in dossier.activities
        if active.site == one.waste.site and active.kind is factor.activity
    }
    ratios = [
        each.balance.generated_kg / made[each.month]
        for each in _latest(past, terms)
        if made.get(each.month)
    ]
    return median(ratios) if len(ratios) >= terms.of(Threshold.HISTORY_MONTHS) else None


def _latest(past: Sequence[Declared], terms: Thresholds) -> Sequence[Declared]:
    """The declarations that tell what is usual."""
    ordered = sorted(past, key=lambda one: one.month)
    return ordered[-terms.of(Threshold.HISTORY_REACH_MONTHS) :]


def _unticketed(one: Declared) -> int | None:
    """Thousandths of the entrusted use that no ticket shows."""
    entrusted = one.balance.entrusted_used_kg
    return None if entrusted == 0 else (entrusted - one.ticketed_kg) * MILLI // entrusted


def _against_tickets(kind: Kind, one: Declared, *facts: Evidence) -> Finding:
    figures = (
        Evidence("entrusted", one.balance.entrusted_used_kg, KG),
        Evidence("ticketed", one.ticketed_kg, KG),
    )
    return Finding(
        kind,
        one.waste.site,
        one.month,
        material=one.waste.material,
        evidence=(*figures, *facts),
        explanation=one.explanation,
    )


def _made(dossier: Dossier, factor: Factor, first: date) -> dict[int, int]:
    """What each site made since a month, of the sites that declare it for all months since."""
    quantities: dict[int, list[int]] = {}
    for active in dossier.activities:
        if active.kind is factor.activity and first <= active.month <= dossier.month:
            quantities.setdefault(active.site, []).append(active.quantity)
    length = (dossier.month.year - first.year) * 12 + dossier.month.month - first.month + 1
    return {site: sum(each) for site, each in quantities.items() if len(each) == length}


def _taken(dossier: Dossier, waste: Waste, first: date) -> int:
    return sum(
        one.kg
        for one in dossier.taken
        if one.waste == waste and first <= one.month <= dossier.month
    )
