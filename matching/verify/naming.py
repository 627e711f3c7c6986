"""Names for what the audit of arrays finds."""

from matching.problem import Side
from matching.verify.audit import Audit
from matching.verify.claims import Breach, Place
from matching.verify.exact import Whole
from matching.verify.properties import Violation
from matching.verify.reading import Key, order_name, pair_name

_SIDE_OF = {Place.SUPPLY: Side.SUPPLY, Place.DEMAND: Side.DEMAND}


def named(audit: Audit, breach: Breach) -> list[Violation]:
    """The violations a breach stands for."""
    places = [_where(audit, breach.place, at) for at in breach.at.tolist()]
    found, expected = _texts(breach.found, places), _texts(breach.expected, places, breach.sign)
    return [
        Violation(breach.property, where, left, right, month)
        for (where, month), left, right in zip(places, found, expected, strict=True)
    ]


def _texts(values: Whole | None, places: list[Key], sign: str = "") -> list[str]:
    if values is None:
        return [""] * len(places)
    return [f"{sign}{value}" for value in values.tolist()]


def _where(audit: Audit, place: Place, at: int) -> Key:
    """What stands at a position, and in which month."""
    if place is Place.MATCH:
        match = audit.known.matches[at]
        return pair_name(match.supply, match.demand), match.month
    if place is Place.PAIR:
        return audit.names.pair(at), None
    if place is Place.OPENING:
        return order_name(Side.DEMAND, audit.book.demand.ids[at]), None
    if place is Place.LEVEL:
        return audit.claim.levels[at].name if audit.claim.levels else "", None
    order_id, month = audit.names.keys[_SIDE_OF[place]][at]
    return order_name(_SIDE_OF[place], order_id), month
