"""What declarations say against themselves, what was made, tickets and permits."""

from __future__ import annotations

from datetime import date

import pytest

from app.core.clock import add_months
from app.declarations.rules import ActivityKind
from app.watch.signs.facts import Active, Declared, Kind, Permit, Severity, Taken, Waste
from app.watch.signs.masses import stock_layers
from tests.watch.cases import ASH, MONTH, TONNE, declared, kinds, look, of_masses

GYPSUM = Waste(2, "fgd_gypsum")
CLOSED = {"generated": 1_000, "self_used": 600, "stored": 400, "opening": 100, "closing": 500}
"""Both identities close."""


def changed(**tonnes: int) -> list[Kind]:
    return kinds(declared=[of_masses(CLOSED | tonnes)])


def burnt(tonnes: int, months_ago: int = 0) -> Active:
    return Active(1, add_months(MONTH, -months_ago), ActivityKind.COAL_BURNT, tonnes * TONNE)


def test_a_declaration_that_closes_is_left_alone() -> None:
    assert changed() == []


@pytest.mark.parametrize(
    ("tonnes", "found"),
    [
        ({"generated": 1_009}, []),
        ({"generated": 1_015}, [Kind.BALANCE_OPEN]),
        ({"self_used": 700}, [Kind.BALANCE_OPEN]),
        ({"closing": 504}, []),
        ({"closing": 440}, [Kind.STOCK_OPEN]),
        ({"self_used": 580, "dumped": 20}, [Kind.DUMPED]),
        ({"old_used": 150, "stored": 550}, [Kind.STOCK_OVERDRAWN]),
    ],
)
def test_identities_are_held_to_a_hundredth(tonnes: dict[str, int], found: list[Kind]) -> None:
    assert changed(**tonnes) == found


def test_the_evidence_has_the_numbers() -> None:
    found = look(declared=[of_masses(CLOSED | {"self_used": 700})])[0]
    assert {each.name: each.value for each in found.evidence} == {
        "generated": 1_000 * TONNE,
        "accounted": 1_100 * TONNE,
        "gap": -100 * TONNE,
    }


def test_what_the_firm_explained_is_only_a_notice() -> None:
    silent, spoken = (
        look(declared=[of_masses(CLOSED | {"self_used": 700}, said=said)])[0]
        for said in ("", "雨季含水变化")
    )
    assert (silent.severity, spoken.severity) == (Severity.WARNING, Severity.NOTICE)


def test_a_month_begins_with_the_stock_the_last_one_left() -> None:
    before = declared(1, closing=160, opening=160)
    assert Kind.STOCK_BROKEN in kinds(declared=[before, of_masses(CLOSED)])
    assert kinds(declared=[declared(1, closing=100, opening=100), of_masses(CLOSED)]) == []


def test_a_chain_with_a_month_missing_is_not_called_broken() -> None:
    assert kinds(declared=[declared(2, closing=160, opening=160), of_masses(CLOSED)]) == []


def test_a_store_holds_what_it_was_built_for() -> None:
    one = [of_masses(CLOSED)]
    assert kinds(declared=one, capacities={ASH: 500 * TONNE}) == []
    assert kinds(declared=one, capacities={ASH: 499 * TONNE}) == [Kind.STOCK_OVER_CAPACITY]


def test_stock_leaves_in_the_order_it_came() -> None:
    history = [
        declared(2, opening=50, stored=30, closing=80),
        declared(1, opening=80, stored=20, old_used=60, closing=40),
        declared(0, opening=40, old_disposed=10, closing=30),
    ]
    months = [add_months(MONTH, -2), add_months(MONTH, -1)]
    assert stock_layers(history) == list(zip(months, [10 * TONNE, 20 * TONNE], strict=True))


def test_stock_that_is_turned_over_does_not_grow_old() -> None:
    def year(drawn: int) -> list[Declared]:
        return [
            declared(ago, opening=200, generated=drawn, stored=drawn, old_used=drawn, closing=200)
            for ago in range(8, -1, -1)
        ]

    assert Kind.STOCK_TOO_OLD not in kinds(declared=year(drawn=80))
    assert Kind.STOCK_TOO_OLD in kinds(declared=year(drawn=10))


def test_old_stock_is_one_finding_however_far_back_its_past_is_known() -> None:
    keys = set()
    for months in (8, 12):
        pile = [declared(ago, opening=200, closing=200) for ago in range(months, -1, -1)]
        keys |= {one.key for one in look(declared=pile) if one.kind is Kind.STOCK_TOO_OLD}
    assert keys == {f"stock_too_old:1:fly_ash::{MONTH:%Y-%m}"}


@pytest.mark.parametrize(
    ("coal", "found"),
    [(5_000, []), (3_700, [Kind.ARISINGS_OFF]), (12_600, [Kind.ARISINGS_OFF]), (12_400, [])],
)
def test_ash_follows_from_the_coal_within_the_range_of_the_factor(
    coal: int, found: list[Kind]
) -> None:
    assert kinds(declared=[of_masses(CLOSED)], activities=[burnt(coal)]) == found


def test_a_month_unlike_the_sites_own_months_is_found_inside_the_range_too() -> None:
    past = [declared(ago, generated=1_000, self_used=1_000) for ago in (3, 2, 1)]
    coal = [burnt(5_000, ago) for ago in range(4)]
    usual, half = (
        kinds(declared=[*past, declared(generated=g, self_used=g)], activities=coal)
        for g in (900, 600)
    )
    assert (usual, half) == ([], [Kind.ARISINGS_CHANGED])


def test_nothing_is_usual_before_there_are_enough_months() -> None:
    past = [declared(ago, generated=1_000, self_used=1_000) for ago in (2, 1)]
    coal = [burnt(5_000, ago) for ago in range(3)]
    assert kinds(declared=[*past, declared(generated=600, self_used=600)], activities=coal) == []


def test_use_that_no_ticket_shows_is_found_when_it_jumps() -> None:
    def shown(ticketed: int, ago: int = 0) -> Declared:
        return declared(ago, generated=500, entrusted_used=500, ticketed=ticketed)

    past = [shown(450, ago) for ago in (3, 2, 1)]
    assert kinds(declared=[*past, shown(400)]) == []
    assert kinds(declared=[*past, shown(300)]) == [Kind.USE_WITHOUT_TICKETS]


def test_tickets_of_more_than_was_declared_are_found() -> None:
    assert kinds(declared=[declared(generated=500, entrusted_used=500, ticketed=503)]) == []
    more = [declared(generated=500, entrusted_used=500, ticketed=540)]
    assert kinds(declared=more) == [Kind.TICKETS_BEYOND_USE]


@pytest.mark.parametrize(("tonnes", "found"), [(1_090, []), (1_120, [Kind.INTAKE_OFF])])
def test_board_takes_up_only_so_much_gypsum(tonnes: int, found: list[Kind]) -> None:
    months = (add_months(MONTH, -1), MONTH)
    made = [Active(2, month, ActivityKind.BOARD_MADE, 50_000) for month in months]
    taken = [Taken(GYPSUM, month, tonnes * TONNE // 2) for month in months]
    assert kinds(activities=made, taken=taken) == found


def test_a_permit_is_of_a_calendar_year() -> None:
    permit = Permit(GYPSUM, 1_000 * TONNE, date(2020, 1, 1))
    december = Taken(GYPSUM, date(2025, 12, 1), 900 * TONNE)
    this_year = [Taken(GYPSUM, date(2026, month, 1), 100 * TONNE) for month in range(1, 11)]
    assert kinds(taken=[december, *this_year], permits=[permit]) == []
    one_more = Taken(GYPSUM, MONTH, 1)
    assert kinds(taken=[*this_year, one_more], permits=[permit]) == [Kind.OVER_PERMIT]
