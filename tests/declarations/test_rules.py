from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.declarations import rules
from app.declarations.rules import EventKind, FacilityKind, Happening, Place, Shortage
from app.declarations.words import EVENTS, FACILITIES, SENTENCES
from tests.conftest import NOW
from tests.declarations.factories import happening

STORE = Place(FacilityKind.STORAGE, None)
ASH_STORE = Place(FacilityKind.STORAGE, "fly_ash")
PRESS = Place(FacilityKind.USE, None)


def codes(event: Happening) -> list[str]:
    return [fault.code for fault in rules.happening_faults(event, NOW)]


def test_every_kind_has_a_word_and_every_fault_a_sentence() -> None:
    assert set(EVENTS) == set(EventKind)
    assert set(FACILITIES) == set(FacilityKind)
    for kind in FacilityKind:
        assert f"facility_missing_{kind}" in SENTENCES
    for asked in rules.ASKED.values():
        assert f"{asked}_missing" in SENTENCES


@pytest.mark.parametrize(
    ("tonnes", "faults"),
    [
        (-1, ["mass_not_positive"]),
        (0, ["mass_not_positive"]),
        (1, []),
        (100_000, []),
        (100_001, ["mass_too_large"]),
    ],
)
def test_an_event_has_a_mass_a_site_can_have(tonnes: int, faults: list[str]) -> None:
    assert codes(happening(EventKind.GENERATED, tonnes)) == faults


@pytest.mark.parametrize(
    ("away", "faults"),
    [
        (timedelta(minutes=1), ["in_future"]),
        (timedelta(0), []),
        (-rules.KEPT, []),
        (-rules.KEPT - timedelta(minutes=1), ["long_past"]),
    ],
)
def test_an_event_has_happened_and_not_too_long_ago(away: timedelta, faults: list[str]) -> None:
    assert codes(happening(EventKind.GENERATED, 1, happened_at=NOW + away)) == faults


@pytest.mark.parametrize(("milli", "faults"), [(-1, 1), (0, 0), (999, 0), (1000, 1), (None, 0)])
def test_moisture_is_less_than_all(milli: int | None, faults: int) -> None:
    assert len(codes(happening(EventKind.GENERATED, 1, moisture_milli=milli))) == faults


@pytest.mark.parametrize(
    ("kind", "lacking", "faults"),
    [
        (EventKind.GENERATED, "handler", ["handler_missing"]),
        (EventKind.GENERATED, "product", []),
        (EventKind.SELF_USED, "product", ["product_missing"]),
        (EventKind.SELF_USED, "destination", []),
        (EventKind.SELF_DISPOSED, "destination", ["destination_missing"]),
        (EventKind.ENTRUSTED_DISPOSED, "destination", ["destination_missing"]),
    ],
)
def test_each_kind_asks_for_its_texts(kind: EventKind, lacking: str, faults: list[str]) -> None:
    without: dict[str, Any] = {lacking: ""}
    assert codes(happening(kind, 1, **without)) == faults


@pytest.mark.parametrize(
    ("kind", "place", "faults"),
    [
        (EventKind.GENERATED, None, []),
        (EventKind.GENERATED, STORE, ["facility_unwanted"]),
        (EventKind.STORED, None, ["facility_missing_storage"]),
        (EventKind.STORED, PRESS, ["facility_missing_storage"]),
        (EventKind.STORED, STORE, []),
        (EventKind.STORED, ASH_STORE, []),
        (EventKind.STORED, Place(FacilityKind.STORAGE, "red_mud"), ["facility_other_material"]),
        (EventKind.TAKEN_OUT, ASH_STORE, []),
        (EventKind.SELF_USED, None, ["facility_missing_use"]),
        (EventKind.SELF_USED, PRESS, []),
        (EventKind.SELF_DISPOSED, PRESS, ["facility_missing_disposal"]),
        (EventKind.ENTRUSTED_DISPOSED, STORE, ["facility_unwanted"]),
    ],
)
def test_an_event_happens_where_it_can(
    kind: EventKind, place: Place | None, faults: list[str]
) -> None:
    assert [fault.code for fault in rules.place_faults(kind, place, "fly_ash")] == faults


@pytest.mark.parametrize(
    ("code", "capacity", "kind", "faults"),
    [
        ("TS001", 1, FacilityKind.STORAGE, []),
        ("MF0001", None, FacilityKind.USE, []),
        ("TS1", 1, FacilityKind.STORAGE, ["facility_code"]),
        ("ts001", 1, FacilityKind.STORAGE, ["facility_code"]),
        ("TS００１", 1, FacilityKind.STORAGE, ["facility_code"]),
        ("TS001", None, FacilityKind.STORAGE, ["capacity_missing"]),
        ("TS001", 0, FacilityKind.USE, ["mass_not_positive"]),
        ("TS001", rules.LARGEST_CAPACITY_KG + 1, FacilityKind.USE, ["mass_too_large"]),
    ],
)
def test_a_facility_has_the_permits_code_and_a_store_a_capacity(
    code: str, capacity: int | None, kind: FacilityKind, faults: list[str]
) -> None:
    assert [fault.code for fault in rules.facility_faults(kind, code, capacity)] == faults


@pytest.mark.parametrize(
    ("opening", "moves", "short"),
    [
        (0, [], None),
        (10, [(0, -10)], None),
        (10, [(0, -11)], Shortage(NOW, 10)),
        (0, [(0, -5), (0, 5)], None),
        (10, [(2, -10), (1, -5)], Shortage(NOW + timedelta(days=2), 5)),
        (0, [(1, 5), (0, -5)], Shortage(NOW, 0)),
        (0, [(0, 5), (1, -5), (2, 3), (3, -4)], Shortage(NOW + timedelta(days=3), 3)),
    ],
)
def test_no_store_ever_holds_less_than_nothing(
    opening: int, moves: list[tuple[int, int]], short: Shortage | None
) -> None:
    timed = [(NOW + timedelta(days=days), kg) for days, kg in moves]
    assert rules.shortage(opening, timed) == short


@pytest.mark.parametrize(("stock", "capacity", "over"), [(5, 10, 0), (12, 10, 2), (12, None, 0)])
def test_what_lies_beyond_the_capacity_is_counted(
    stock: int, capacity: int | None, over: int
) -> None:
    assert rules.over_capacity(stock, capacity) == over


@pytest.mark.parametrize(
    ("text", "is_number"),
    [
        ("E-2611-00001", True),
        ("E-2611-0001", False),
        ("E-２611-00001", False),
        ("\0", False),
    ],
)
def test_an_event_number_is_told_from_anything_else(text: str, is_number: bool) -> None:
    assert rules.is_event_number(text) is is_number
