"""Lies about rows of orders, silos and totals."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from matching.bench.mutations.case import Case, Mutation
from matching.outcome import Outcome, Reason, Storage
from matching.verify.lines import FROM_STOCK
from matching.verify.properties import Property

#: More than any silo or order of these problems can hold.
HEAP = 10**12


def _without_line(case: Case) -> Outcome | None:
    at = case.some_line()
    orders = case.outcome.orders
    return None if at is None else replace(case.outcome, orders=orders[:at] + orders[at + 1 :])


def _line_twice(case: Case) -> Outcome | None:
    at = case.some_line()
    orders = case.outcome.orders
    return None if at is None else replace(case.outcome, orders=(*orders, orders[at]))


def _line(make: Callable[[Case, int], dict[str, Any]]) -> Callable[[Case], Outcome | None]:
    """Changes one order line by values made from it."""

    def apply(case: Case) -> Outcome | None:
        at = case.some_line()
        return None if at is None else case.with_line(at, **make(case, at))

    return apply


def _other_month(case: Case, at: int) -> dict[str, Any]:
    month = case.outcome.orders[at].month
    return {"month": 0 if month is None else month + 1_201}


def _shifted(name: str) -> Callable[[Case, int], dict[str, Any]]:
    """One kilogram more or less."""
    return lambda case, at: {
        name: getattr(case.outcome.orders[at], name) + case.draw.choice((-1, 1))
    }


def _more_from_stock(case: Case, at: int) -> dict[str, Any]:
    detail = case.outcome.orders[at].detail
    return {"detail": {**detail, FROM_STOCK: detail.get(FROM_STOCK, 0) + 1}}


def _other_reason(case: Case, at: int) -> dict[str, Any]:
    stands = case.outcome.orders[at].reason
    return {"reason": case.draw.choice([reason for reason in Reason if reason is not stands])}


def _other_detail(case: Case) -> Outcome | None:
    """One figure beside the reason is one more; those of stock are another promise."""
    orders = case.outcome.orders
    at = case.some_line(lambda k: bool(orders[k].detail.keys() - {FROM_STOCK}))
    if at is None:
        return None
    key = case.draw.choice(sorted(orders[at].detail.keys() - {FROM_STOCK}))
    return case.with_line(at, detail={**orders[at].detail, key: orders[at].detail[key] + 1})


def _extra_detail(case: Case, at: int) -> dict[str, Any]:
    return {"detail": {**case.outcome.orders[at].detail, "hearsay": 1}}


def _storage(
    make: Callable[[Storage], dict[str, Any]],
    fits: Callable[[Case, int], bool] = lambda case, at: True,
) -> Callable[[Case], Outcome | None]:
    """Changes one storage line by values made from it."""

    def apply(case: Case) -> Outcome | None:
        at = case.some_storage(lambda k: fits(case, k))
        return None if at is None else case.with_storage(at, **make(case.outcome.storage[at]))

    return apply


def _without_storage(case: Case) -> Outcome | None:
    at = case.some_storage()
    storage = case.outcome.storage
    return None if at is None else replace(case.outcome, storage=storage[:at] + storage[at + 1 :])


def _storage_twice(case: Case) -> Outcome | None:
    at = case.some_storage()
    storage = case.outcome.storage
    return None if at is None else replace(case.outcome, storage=(*storage, storage[at]))


def _moved(opening: int, closing: int) -> dict[str, Any]:
    change = closing - opening
    return {
        "opening": opening,
        "closing": closing,
        "added": max(0, change),
        "drawn": max(0, -change),
    }


def _is_last(case: Case, at: int) -> bool:
    """Whether a storage line is the last of its silo."""
    storage = case.outcome.storage
    rest = (line for line in storage[at + 1 :] if line.side is storage[at].side)
    return all(line.id != storage[at].id for line in rest)


def _heaped(case: Case) -> Outcome | None:
    """A silo that holds a heap from one month to the next, with every line in order."""
    at = case.some_storage(lambda k: not _is_last(case, k))
    if at is None:
        return None
    line = case.outcome.storage[at]
    key = (line.side, line.id, line.month + 1)
    storage = case.outcome.storage
    after = next(k for k, each in enumerate(storage) if (each.side, each.id, each.month) == key)
    closing = line.closing + HEAP
    heaped = case.with_storage(at, **_moved(line.opening, closing))
    emptied = replace(storage[after], **_moved(closing, storage[after].closing))
    lines = tuple(emptied if k == after else each for k, each in enumerate(heaped.storage))
    return replace(heaped, storage=lines)


def _total(name: str) -> Callable[[Case], Outcome | None]:
    def apply(case: Case) -> Outcome | None:
        totals = case.outcome.certificate.totals
        wrong = {name: getattr(totals, name) + case.draw.choice((-1, 1))}
        return case.with_certificate(totals=replace(totals, **wrong))

    return apply


MUTATIONS = (
    Mutation("a row is missing", Property.ORDER_ONCE, _without_line),
    Mutation("a row stands twice", Property.ORDER_ONCE, _line_twice),
    Mutation("a row is of nobody", Property.ORDER_ONCE, _line(lambda case, at: {"id": "nobody"})),
    Mutation("a row is of another month", Property.ORDER_ONCE, _line(_other_month)),
    Mutation("a row has other tonnes", Property.ORDER_TONNES, _line(_shifted("kg"))),
    Mutation("a row places other tonnes", Property.ORDER_PLACED, _line(_shifted("placed"))),
    Mutation("a stock gives what it has not", Property.ORDER_STOCK, _line(_more_from_stock)),
    Mutation("a reason is untrue", Property.REASON, _line(_other_reason)),
    Mutation("a detail is untrue", Property.REASON_DETAIL, _other_detail),
    Mutation("a detail is made up", Property.REASON_DETAIL, _line(_extra_detail)),
    Mutation("a month of a silo is missing", Property.STORAGE_ONCE, _without_storage),
    Mutation("a month of a silo stands twice", Property.STORAGE_ONCE, _storage_twice),
    Mutation(
        "an order without a silo stores",
        Property.STORAGE_ONCE,
        _storage(lambda line: {"id": "nobody"}),
    ),
    Mutation(
        "a silo fills by more than goes in",
        Property.STORAGE_SUM,
        _storage(lambda line: {"added": line.added + 1}),
    ),
    Mutation(
        "goods go in and out in one month",
        Property.STORAGE_SUM,
        _storage(lambda line: {"added": line.added + 1, "drawn": line.drawn + 1}),
    ),
    Mutation(
        "a silo gains overnight",
        Property.STORAGE_CHAIN,
        _storage(lambda line: _moved(line.opening + 1, line.closing)),
    ),
    Mutation("a silo overflows", Property.STORAGE_LIMIT, _heaped),
    Mutation("goods come from nowhere", Property.STORAGE_BALANCE, _heaped),
    Mutation(
        "a silo ends the horizon with goods",
        Property.STORAGE_END,
        _storage(lambda line: _moved(line.opening, line.closing + 1), _is_last),
    ),
    *(
        Mutation(f"the total of {name} is false", Property.TOTALS, _total(name))
        for name in ("kg", "consumer", "producer", "freight", "support")
    ),
)
