"""What the pages of entering say: the limits beside a field, offers to tick, facts of the site."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext as _

from app.catalogue.quality import ParameterRow
from app.core.faults import Fault
from app.core.i18n import is_english
from app.core.i18n import month as written_month
from app.core.quantities import tonnes_text
from app.eligibility.ranges import Range, written
from app.eligibility.rules import Limit
from app.eligibility.words import TABLES, facts_text, fault_text, grade_text, headline, unit_text
from app.listings.models import Listing
from app.passports.entries import Question

Reading = Range | Fault | None
"""What a row says in the unit of its parameter, what is wrong with it, or nothing."""


def parameter_text(row: ParameterRow) -> str:
    """`烧失量 LOI`."""
    name = headline(row.name)
    has_symbol = row.symbol and row.symbol.casefold() not in name.casefold()
    return f"{name} {row.symbol}" if has_symbol else name


def limit_hint(question: Question) -> str:
    """`水泥活性混合材料：≤8；另有 2 种用途要求`, in the unit of the field."""
    allowed = list(dict.fromkeys(text for limit in question.limits if (text := _allowed(limit))))
    if not allowed:
        return ""
    said = (", " if is_english() else "，").join(allowed)
    whom = headline(question.use) if question.use else TABLES[question.limits[0].role]
    hint = str(_("%(use)s：%(limits)s", use=whom, limits=said))
    if question.more_uses:
        hint += str(_("；另有 %(count)s 种用途要求", count=question.more_uses))
    return hint


def offer_text(listing: Listing) -> str:
    """How an offer is told from its siblings: number, tonnes a month, window."""
    return str(
        _(
            "%(number)s，%(tonnes)s 吨/月，%(first)s 至 %(last)s",
            number=listing.number,
            tonnes=tonnes_text(listing.kg_per_month),
            first=written_month(listing.first_month),
            last=written_month(listing.last_month),
        )
    )


def plain(found: Range) -> Range:
    """The same range, its ends without powers of ten: a unit may have been converted."""
    low, high = (None if end is None else Decimal(f"{end:f}") for end in (found.low, found.high))
    return Range(low, high, found.low_open, found.high_open)


def read_text(found: Reading, parameter: ParameterRow | None) -> str:
    """What a row is read as: `4.9 %`, `<0.01 %`, or what is wrong with it."""
    if found is None or parameter is None:
        return ""
    if isinstance(found, Fault):
        return fault_text(found, headline(parameter.name))
    text = written(plain(found)) or str(_("未检出"))
    return f"{text} {unit_of(parameter)}".strip()


def unit_of(row: ParameterRow) -> str:
    return unit_text(str(row.unit))


def _allowed(limit: Limit) -> str:
    allowed = written(plain(limit.allowed)) if limit.allowed else ""
    whose = (grade_text(limit.grade), facts_text(limit.fact_values), allowed)
    return " ".join(part for part in whose if part) if allowed else ""
