"""The figures file of a published month: canonical JSON, the same bytes for the same facts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC
from hashlib import sha256

from app.statistics.facts import Fact, MonthFacts
from app.statistics.indicators import INDICATORS, Share, Sums, values
from app.statistics.rules import rate_tenths

FORMAT = "gufei-figures"
OF_TODAY = frozenset({"related_used", "chain_rate"})
"""Indicators that follow what firms state of themselves now: on pages, and in no file."""


def figures(found: MonthFacts, definitions: str) -> bytes:
    """A month's facts and indicators: UTF-8, sorted keys, no blanks, one line feed at the end.

    Masses are whole kilograms; shares are a part, a whole and their tenths of a per cent, cut.
    """
    document = {
        "format": FORMAT,
        "definitions": definitions,
        "indicators": {code: INDICATORS[code].version for code in INDICATORS.keys() - OF_TODAY},
        "month": f"{found.month:%Y-%m}",
        "as_of": found.as_of.astimezone(UTC).isoformat(),
        **facts_of(found),
    }
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def facts_of(found: MonthFacts) -> dict[str, object]:
    """What a file says of a month: by county and material, and by site and material."""
    return {
        "counties": _lines(found.facts),
        "sites": [_site(fact) for fact in found.facts],
    }


def digest(body: bytes) -> str:
    return sha256(body).hexdigest()


def sums_of(fact: Fact) -> Sums:
    return Sums(
        balance=fact.balance,
        ticketed_kg=fact.ticketed_kg,
        tickets=fact.tickets,
        related_kg=fact.related_kg,
        chained_kg=fact.chained_kg,
        declared=1 if fact.version else 0,
        missing=0 if fact.version else 1,
    )


def _lines(facts: Iterable[Fact]) -> list[dict[str, object]]:
    """A line per county and material."""
    cells: dict[tuple[str, str], Sums] = defaultdict(Sums)
    for fact in facts:
        cells[fact.place.adcode, fact.waste[1]] += sums_of(fact)
    return [
        {"adcode": adcode, "material": material, **_told(sums)}
        for (adcode, material), sums in sorted(cells.items())
    ]


def _told(sums: Sums) -> dict[str, object]:
    told: dict[str, object] = {
        code: _share(value) if isinstance(value, Share) else value
        for code, value in values(sums).items()
        if code not in OF_TODAY
    }
    return told | {"declared": sums.declared, "missing": sums.missing, "tickets": sums.tickets}


def _share(share: Share) -> dict[str, int | None]:
    return {
        "part_kg": share.part,
        "whole_kg": share.whole,
        "tenths": rate_tenths(share.part, share.whole),
    }


def _site(fact: Fact) -> dict[str, object]:
    site_id, material = fact.waste
    return {
        "site": site_id,
        "company": fact.place.company_id,
        "adcode": fact.place.adcode,
        "park": fact.place.park,
        "material": material,
        "version": fact.version,
        "ticketed_kg": fact.ticketed_kg,
        "tickets": fact.tickets,
        **fact.balance.by_name,
    }
