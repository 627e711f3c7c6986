"""What an edit of a problem would change, told from two solved outcomes."""

from collections.abc import Iterator, Mapping

from matching.outcome import Match, OrderResult, Outcome

Key = tuple[str, str, int | None]


def compare(before: Outcome, after: Outcome) -> dict[str, object]:
    """The differences as whole numbers: kilograms, fen, and level values in their own units.

    Orders and matches that stand alike in both are left out.
    """
    return {
        "before": _sums(before),
        "after": _sums(after),
        "change": _change(_sums(before), _sums(after)),
        "orders": list(_orders(before, after)),
        "matches": list(_matches(before, after)),
    }


def _sums(outcome: Outcome) -> dict[str, int]:
    totals = outcome.certificate.totals
    money = {
        f"{name}_fen": getattr(totals, name)
        for name in ("consumer", "producer", "freight", "support")
    }
    levels = {f"level_{level.name}": level.value for level in outcome.certificate.levels}
    return {"placed_kg": totals.kg, "matches": len(outcome.matches), **money, **levels}


def _change(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    shared = [name for name in before if name in after]
    return {name: after[name] - before[name] for name in shared}


def _orders(before: Outcome, after: Outcome) -> Iterator[dict[str, object]]:
    old = {_order_key(line): line for line in before.orders}
    new = {_order_key(line): line for line in after.orders}
    for key in sorted(old.keys() | new.keys(), key=_sortable):
        if old.get(key) != new.get(key):
            side, order_id, month = key
            facts: dict[str, object] = {"side": side, "id": order_id, "month": month}
            yield facts | _line("before", old.get(key)) | _line("after", new.get(key))


def _line(when: str, line: OrderResult | None) -> dict[str, object]:
    return {
        f"kg_{when}": line.kg if line else None,
        f"placed_kg_{when}": line.placed if line else None,
        f"reason_{when}": line.reason.value if line else None,
    }


def _matches(before: Outcome, after: Outcome) -> Iterator[dict[str, object]]:
    old = {_match_key(match): match.kg for match in before.matches}
    new = {_match_key(match): match.kg for match in after.matches}
    for key in sorted(old.keys() | new.keys(), key=_sortable):
        kg_before, kg_after = old.get(key, 0), new.get(key, 0)
        if kg_before != kg_after:
            supply, demand, month = key
            pair: dict[str, object] = {"supply": supply, "demand": demand, "month": month}
            yield pair | {"kg_before": kg_before, "kg_after": kg_after}


def _order_key(line: OrderResult) -> Key:
    return line.side.value, line.id, line.month


def _match_key(match: Match) -> Key:
    return match.supply, match.demand, match.month


def _sortable(key: Key) -> tuple[str, str, int]:
    first, second, month = key
    return first, second, -1 if month is None else month
