"""A finding as plain data and back, for those who must tell later what held on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.catalogue.rules import Confidence, LimitRole
from app.eligibility.ranges import Range
from app.eligibility.rules import Finding, Limit, Ruling

Data = dict[str, Any]


def kept(found: Finding) -> Data:
    """A finding as JSON takes it: decimals as texts, sets as sorted lists."""
    limit = {field.name: _plain(getattr(found.limit, field.name)) for field in fields(Limit)}
    return {
        "limit": limit,
        "ruling": str(found.ruling),
        "reading": _plain(found.reading),
        "fact": found.fact,
    }


def told(data: Mapping[str, Any]) -> Finding:
    """The finding that `kept` wrote down."""
    return Finding(
        limit=_limit(data["limit"]),
        ruling=Ruling(data["ruling"]),
        reading=_range(data["reading"]),
        fact=data["fact"],
    )


def _limit(data: Data) -> Limit:
    exact = {
        "role": LimitRole(data["role"]),
        "allowed": _range(data["allowed"]),
        "confidence": Confidence(data["confidence"]),
        "words": frozenset(data["words"]),
        "fact_values": frozenset(data["fact_values"]),
    }
    return Limit(**(data | exact))


def _range(data: Data | None) -> Range | None:
    if data is None:
        return None
    low, high = (None if data[end] is None else Decimal(data[end]) for end in ("low", "high"))
    return Range(low, high, data["low_open"], data["high_open"])


def _plain(value: object) -> object:
    if isinstance(value, Range):
        low, high = (None if end is None else str(end) for end in (value.low, value.high))
        return {"low": low, "high": high, "low_open": value.low_open, "high_open": value.high_open}
    if isinstance(value, StrEnum):
        return str(value)
    return sorted(value) if isinstance(value, frozenset) else value
