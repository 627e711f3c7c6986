"""Where the kilograms of a lot may stand and which ways lead from one place to the next."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
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
