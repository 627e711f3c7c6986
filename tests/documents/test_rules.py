"""What the ledger forms are made of, on plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.declarations.rules import EventKind
from app.documents.rules import Books, LoadLine, Log, SourceLine, Stream, Sum, YardLine, missing

ASH = Stream(1, "fly_ash")
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
SOURCE = SourceLine(
    "G-0001", ASH, "一厂", "粉煤灰", "900-001-S02", "I", "锅炉", "powder", "", "", 36_000_000
)
LOAD = LoadLine(
    number="W-2612-00001",
    trade="T-2612-0001",
    lot="S-2611-0001 2026-12",
    stream=ASH,
    departed_at=datetime(2026, 12, 5, 2, tzinfo=UTC),
    received_at=datetime(2026, 12, 5, 6, tzinfo=UTC),
    returned_at=None,
    dispatched_kg=30_000,
    received_kg=29_980,
    rejected_kg=0,
    tickets=("A-1", "B-1"),
    producer="电厂",
    sender_adcode="371503",
    receiver="水泥厂",
    receiver_adcode="371502",
    carrier="运输公司",
    plate="鲁P12345",
    driver="司机",
    handler="过磅员",
    product="cement",
)


def yard(number: str, kind: EventKind, kg: int, day: int = 3, month: int = 12) -> YardLine:
    at = datetime(2026, month, day, 2, tzinfo=UTC)
    return YardLine(number, ASH, kind, kg, at, "TS001 灰库", "班长", "", "")


MADE = yard("E-1", EventKind.GENERATED, 100_000)


def log(*happened: YardLine | LoadLine, sources: tuple[SourceLine, ...] = (SOURCE,)) -> Log:
    return Log(
        first=DECEMBER,
        last=DECEMBER,
        sources=sources,
        yard=tuple(one for one in happened if isinstance(one, YardLine)),
        loads=tuple(one for one in happened if isinstance(one, LoadLine)),
    )


def test_a_line_of_form_2_sums_its_month_and_names_every_event() -> None:
    happened = (
        MADE,
        yard("E-2", EventKind.GENERATED, 50_000, day=4),
        yard("E-3", EventKind.STORED, 60_000),
        yard("E-4", EventKind.TAKEN_OUT, 10_000),
        yard("E-5", EventKind.SELF_USED, 5_000),
        yard("E-6", EventKind.SELF_DISPOSED, 4_000),
        yard("E-7", EventKind.ENTRUSTED_DISPOSED, 3_000),
        LOAD,
    )
    (flow,) = Books(log(*happened)).flows()
    assert flow.generated == Sum(150_000, ("E-1", "E-2"))
    assert flow.stored == Sum(60_000, ("E-3",))
    assert flow.stock == Sum(50_000, ("E-3", "E-4"))
    assert flow.self_used == Sum(5_000, ("E-5",))
    assert flow.self_disposed == Sum(4_000, ("E-6",))
    assert flow.entrusted_disposed == Sum(3_000, ("E-7",))
    assert flow.entrusted_used == Sum(30_000, ("W-2612-00001", "A-1", "B-1"))


def test_the_stock_reaches_back_to_before_the_period() -> None:
    earlier = yard("E-0", EventKind.STORED, 70_000, month=10)
    (flow,) = Books(log(earlier, yard("E-1", EventKind.TAKEN_OUT, 20_000))).flows()
    assert (flow.stored.kg, flow.stock) == (0, Sum(50_000, ("E-0", "E-1")))


def test_what_came_back_did_not_leave() -> None:
    home = datetime(2026, 12, 6, 2, tzinfo=UTC)
    back = replace(LOAD, received_kg=20_000, rejected_kg=10_000, returned_at=home)
    (flow,) = Books(log(MADE, back)).flows()
    assert flow.entrusted_used.kg == 20_000


def test_a_source_without_movement_still_has_its_line() -> None:
    (flow,) = Books(log()).flows()
    assert (flow.stream, flow.generated) == (ASH, Sum(0, ()))


@pytest.mark.parametrize(
    ("happened", "sources", "codes"),
    [
        ((), (SOURCE,), []),
        ((MADE, LOAD), (SOURCE,), []),
        ((MADE, LOAD), (), ["no_source"]),
        ((LOAD,), (SOURCE,), ["not_generated"]),
        ((yard("E-2", EventKind.TAKEN_OUT, 30_000), LOAD), (SOURCE,), []),
        ((yard("E-2", EventKind.TAKEN_OUT, 29_999), LOAD), (SOURCE,), ["not_generated"]),
        ((yard("E-2", EventKind.SELF_USED, 1),), (SOURCE,), ["not_generated"]),
        ((MADE, replace(LOAD, received_at=None)), (SOURCE,), ["not_received"]),
        ((MADE, replace(LOAD, rejected_kg=1)), (SOURCE,), ["not_returned"]),
        (
            (replace(LOAD, received_at=None),),
            (),
            ["no_source", "not_received", "not_generated"],
        ),
    ],
)
def test_what_is_missing_is_named(
    happened: tuple[YardLine | LoadLine, ...], sources: tuple[SourceLine, ...], codes: list[str]
) -> None:
    assert [found.code for found in missing(log(*happened, sources=sources))] == codes


def test_a_month_begins_at_midnight_in_china() -> None:
    eve = replace(LOAD, departed_at=datetime(2026, 11, 30, 16, tzinfo=UTC))
    (flow,) = Books(log(MADE, eve)).flows()
    assert flow.entrusted_used.kg == 30_000


def test_a_year_has_a_line_for_each_month() -> None:
    year = replace(log(MADE), first=date(2026, 1, 1), last=DECEMBER)
    assert [flow.month.month for flow in Books(year).flows()] == list(range(1, 13))
