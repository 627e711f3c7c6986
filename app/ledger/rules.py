"""Where the kilograms of a lot may stand, which ways lead on, and how entries are chained."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType


class Account(StrEnum):
    """Where kilograms stand. `OUTSIDE` is the world beyond the market: it has no balance."""

    OUTSIDE = "outside"
    OPEN = "open"
    RESERVED = "reserved"
    CONTRACTED = "contracted"
    IN_TRANSIT = "in_transit"
    UTILISED = "utilised"
    REJECTED = "rejected"
    DIFFERENCE = "difference"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What an entry did."""

    ISSUE = "issue"
    ENLARGE = "enlarge"
    REDUCE = "reduce"
    RESERVE = "reserve"
    GIVE_BACK = "give_back"
    CONTRACT = "contract"
    RELEASE = "release"
    DISPATCH = "dispatch"
    RECEIVE = "receive"
    REJECT = "reject"
    DIFFER = "differ"
    RETURN = "return"
    WITHDRAW = "withdraw"


PATHS: Mapping[Verb, tuple[Account, Account]] = MappingProxyType(
    {
        Verb.ISSUE: (Account.OUTSIDE, Account.OPEN),
        Verb.ENLARGE: (Account.OUTSIDE, Account.OPEN),
        Verb.REDUCE: (Account.OPEN, Account.OUTSIDE),
        Verb.RESERVE: (Account.OPEN, Account.RESERVED),
        Verb.GIVE_BACK: (Account.RESERVED, Account.OPEN),
        Verb.CONTRACT: (Account.RESERVED, Account.CONTRACTED),
        Verb.RELEASE: (Account.CONTRACTED, Account.OPEN),
        Verb.DISPATCH: (Account.CONTRACTED, Account.IN_TRANSIT),
        Verb.RECEIVE: (Account.IN_TRANSIT, Account.UTILISED),
        Verb.REJECT: (Account.IN_TRANSIT, Account.REJECTED),
        Verb.DIFFER: (Account.IN_TRANSIT, Account.DIFFERENCE),
        Verb.RETURN: (Account.REJECTED, Account.OPEN),
        Verb.WITHDRAW: (Account.OPEN, Account.WITHDRAWN),
    }
)
"""From where to where each verb moves kilograms; nothing else moves any."""

FREE = frozenset({Account.OUTSIDE, Account.OPEN, Account.WITHDRAWN})
"""What stands here belongs to the listing; everywhere else it is held for a reference."""

HELD_BY_DOCUMENT = frozenset({Account.IN_TRANSIT, Account.REJECTED})
"""What stands here is on one truck: only its own paper moves it on."""


def two_legs(verb: Verb, kg: int) -> dict[Account, int]:
    """The signed postings of one movement in one lot; they sum to zero.

    Raises `ValueError` unless `kg` is positive.
    """
    if kg <= 0:
        raise ValueError(f"a movement needs a positive mass, not {kg} kg")
    source, target = PATHS[verb]
    return {source: -kg, target: kg}


def correction(offered_kg: int, wanted_kg: int) -> tuple[Verb, int] | None:
    """The movement that turns the mass on offer into the wanted one; none if they agree.

    Raises `ValueError` for a negative wish.
    """
    if wanted_kg < 0:
        raise ValueError(f"nobody offers {wanted_kg} kg")
    if wanted_kg == offered_kg:
        return None
    if wanted_kg > offered_kg:
        return Verb.ENLARGE, wanted_kg - offered_kg
    return Verb.REDUCE, offered_kg - wanted_kg


def issue_key(number: str, month: date) -> str:
    """What makes the issue of a listing happen once; `month` is its first."""
    return f"{Verb.ISSUE}:{number}:{month:%Y-%m}"


def hold_key(verb: Verb, reference: str, number: str, month: date) -> str:
    """What makes a step of a trade happen once; the lot is the first it moves."""
    return f"{verb}:{reference}:{number}:{month:%Y-%m}"


def move_key(verb: Verb, reference: str, document: str) -> str:
    """What makes a movement under a paper happen once."""
    return f"{verb}:{reference}:{document}"


Leg = tuple[str, date, Account, int]
"""A posting by names: the listing's number, the month, the account, the signed kilograms."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain of entries, counted from 1, and the digest of all up to there."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"


START = Link(0, "0" * 64)
"""What the first entry follows on."""


@dataclass(frozen=True, slots=True)
class Record:
    """An entry and its postings as the chain covers them; `at` knows its zone."""

    key: str
    verb: Verb
    reference: str
    document: str
    at: datetime
    actor: str
    legs: tuple[Leg, ...]


def digest(previous: str, record: Record) -> str:
    """SHA-256, in hex, of the digest before and everything an entry says, as canonical JSON.

    The order of the legs does not count; keys are sorted, without spaces, in UTF-8.
    """
    facts = {
        "previous": previous,
        "key": record.key,
        "verb": record.verb,
        "reference": record.reference,
        "document": record.document,
        "at": record.at.astimezone(UTC).isoformat(),
        "actor": record.actor,
        "postings": [[number, f"{month}", *rest] for number, month, *rest in sorted(record.legs)],
    }
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def follow(link: Link, record: Record) -> Link:
    """The place of an entry that comes after `link`."""
    return Link(link.position + 1, digest(link.digest, record))


def restored(previous: str, record: Record, sealed: str) -> frozenset[Leg] | None:
    """The legs an entry was sealed with, if one leg changed, added or lost explains its digest.

    Every movement has its counterpart in the same lot, so any leg can be doubted and built again.
    """
    doubted = [record.legs[:index] + record.legs[index + 1 :] for index in range(len(record.legs))]
    for rest in (*doubted, record.legs):
        whole = _with_counterparts(record.verb, rest)
        if digest(previous, replace(record, legs=whole)) == sealed:
            return frozenset(whole)
    return None


def _with_counterparts(verb: Verb, legs: Iterable[Leg]) -> tuple[Leg, ...]:
    masses = {(number, month): abs(kg) for number, month, _account, kg in legs}
    return tuple(
        (number, month, account, leg)
        for (number, month), kg in masses.items()
        for account, leg in two_legs(verb, kg).items()
    )
