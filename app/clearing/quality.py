"""Who may trade with whom by quality, told to an engine that knows materials only.

Offers of one material whose lots may go to exactly the same requirements share a label. Those that
every requirement of the material may take keep its code; the others get a number, in the order of
their first offer: `fly_ash#1`. A requirement accepts its materials and the labels it may take, so
that two orders meet in the engine if and only if quality lets them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.eligibility.fitting import Grading, Wish
from app.eligibility.pairs import Applicant, Fit
from app.eligibility.rules import Finding, Outcome, Ruling
from app.listings.book import BookOrder
from app.listings.rules import Side
from matching import Problem

MARK = "#"
RowName = tuple[str, int | None]
"""A row of the problem: the order's id and the index of the month."""
GroupName = tuple[str, str, Outcome, str, bool]
"""Kind of waste, use, outcome, what decides first, and whether a standard asks for it."""


@dataclass(frozen=True, slots=True)
class ShutOut:
    """Counterparts that quality keeps from an order for the same reason.

    `kind` is that of the lots; `fit` is the one of them that comes nearest.
    """

    count: int
    kind: str
    fit: Fit


@dataclass(frozen=True, slots=True)
class Refined:
    """A book whose orders name labels for materials, and whom quality shut out, by listing."""

    book: list[BookOrder]
    shut_out: dict[str, list[ShutOut]]


def refine(book: Sequence[BookOrder], grading: Grading) -> Refined:
    """Let quality decide in a book. Months and distance play no part in whom it shuts out."""
    lots, buyers = _lots(book, grading), _buyers(book)
    for lot in lots:
        for buyer in buyers:
            if lot.material in buyer.materials:
                _meet(lot, buyer)
    _name(lots, buyers)
    named = {number: party.labels for party in (*lots, *buyers) for number in party.numbers}
    return Refined(
        book=[replace(order, materials=tuple(sorted(named[order.number]))) for order in book],
        shut_out={
            number: rows
            for party in (*lots, *buyers)
            if (rows := party.shut_out.rows())
            for number in party.numbers
        },
    )


def material_of(label: str) -> str:
    """The material behind a label."""
    return label.partition(MARK)[0]


def named_in_month(problem: Problem) -> set[RowName]:
    """The rows whose material somebody on the other side handles in their month, fit or not."""
    offered = {(material_of(row.material), row.month) for row in problem.supplies}
    wanted = {(label, row.month) for row in problem.demands for label in row.materials}
    offers = (
        (row.id, row.month)
        for row in problem.supplies
        if (material_of(row.material), row.month) in wanted
    )
    takers = (
        (row.id, row.month)
        for row in problem.demands
        if any((label, row.month) in offered for label in row.materials)
    )
    return {*offers, *takers}


class _Tally:
    """Counterparts shut out, by reason."""

    def __init__(self) -> None:
        self._counts: defaultdict[GroupName, int] = defaultdict(int)
        self._nearest: dict[GroupName, tuple[Decimal, Fit]] = {}

    def add(self, name: GroupName, count: int, fit: Fit, shortfall: Decimal) -> None:
        self._counts[name] += count
        held = self._nearest.get(name)
        if held is None or shortfall < held[0]:
            self._nearest[name] = shortfall, fit

    def rows(self) -> list[ShutOut]:
        """The largest first."""
        names = sorted(self._counts, key=lambda name: (-self._counts[name], name))
        return [ShutOut(self._counts[name], name[0], self._nearest[name][1]) for name in names]


@dataclass(eq=False, slots=True)
class _Party:
    """Listings that quality treats alike."""

    numbers: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    shut_out: _Tally = field(default_factory=_Tally)


@dataclass(eq=False, slots=True, kw_only=True)
class _Lot(_Party):
    """Offers of which the same is known; `takers` are the buyers that may have them."""

    material: str
    kind: str
    applicant: Applicant
    takers: list[_Buyer] = field(default_factory=list)


@dataclass(eq=False, slots=True, kw_only=True)
class _Buyer(_Party):
    """Requirements that ask the same."""

    materials: tuple[str, ...]
    wish: Wish


def _lots(book: Iterable[BookOrder], grading: Grading) -> list[_Lot]:
    found: dict[object, _Lot] = {}
    for order in book:
        if order.side is Side.OFFER:
            known = frozenset(order.lot.readings.items()), frozenset(order.lot.facts.items())
            key = order.materials, order.kind, known
            if key not in found:
                applicant = Applicant(grading, order.kind, order.lot)
                found[key] = _Lot(material=order.materials[0], kind=order.kind, applicant=applicant)
            found[key].numbers.add(order.number)
    return list(found.values())


def _buyers(book: Iterable[BookOrder]) -> list[_Buyer]:
    found: dict[object, _Buyer] = {}
    for order in book:
        if order.side is Side.REQUIREMENT:
            key = order.materials, order.wish
            if key not in found:
                found[key] = _Buyer(materials=order.materials, wish=order.wish)
            found[key].numbers.add(order.number)
    return list(found.values())


def _meet(lot: _Lot, buyer: _Buyer) -> None:
    fit = lot.applicant.fit(buyer.wish)
    if fit.is_allowed:
        lot.takers.append(buyer)
        return
    limit = fit.decisive[0].limit
    use = fit.use.code if fit.use else ""
    name = lot.kind, use, fit.outcome, limit.subject, bool(limit.standard)
    shortfall = _shortfall(fit)
    lot.shut_out.add(name, len(buyer.numbers), fit, shortfall)
    buyer.shut_out.add(name, len(lot.numbers), fit, shortfall)


def _name(lots: Sequence[_Lot], buyers: Sequence[_Buyer]) -> None:
    """Give every lot its label, and every buyer its materials and the labels it may take."""
    for buyer in buyers:
        buyer.labels.update(buyer.materials)
    of_material: defaultdict[str, list[_Lot]] = defaultdict(list)
    for lot in lots:
        of_material[lot.material].append(lot)
    for material, alike in of_material.items():
        asking = sum(material in buyer.materials for buyer in buyers)
        _number(material, alike, asking)


def _number(material: str, lots: Sequence[_Lot], asking: int) -> None:
    """The labels of one material for which so many different buyers ask."""
    classes: defaultdict[tuple[int, ...], list[_Lot]] = defaultdict(list)
    for lot in sorted(lots, key=lambda lot: min(lot.numbers)):
        if len(lot.takers) == asking:
            lot.labels.add(material)
        else:
            classes[tuple(map(id, lot.takers))].append(lot)
    for count, alike in enumerate(classes.values(), start=1):
        label = f"{material}{MARK}{count}"
        for party in (*alike, *alike[0].takers):
            party.labels.add(label)


def _shortfall(fit: Fit) -> Decimal:
    """How far a lot is from passing: beyond the first limit it breaks, or in values missing."""
    first = fit.decisive[0]
    if first.ruling is not Ruling.BROKEN:
        return Decimal(len(fit.decisive))
    return _excess(first)


def _excess(found: Finding) -> Decimal:
    reading, allowed = found.reading, found.limit.allowed
    if reading is None or allowed is None:
        return Decimal(0)
    above = _gap(allowed.high, reading.low)
    return max(above, _gap(reading.high, allowed.low))


def _gap(lower: Decimal | None, upper: Decimal | None) -> Decimal:
    return Decimal(0) if lower is None or upper is None else upper - lower
