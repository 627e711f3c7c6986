from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.trades import cases, log, operations, queries, story, words
from app.trades.queries import TradeView
from app.trades.rules import STANDING, DeclineReason, Party, TradeStatus
from tests.conftest import NOW
from tests.trades.factories import (
    consumer_of,
    contracted_trade,
    deliver,
    producer_of,
    proposed_trade,
)

OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)


@pytest.fixture
def view(session: Session) -> TradeView:
    return queries.show(session, OPERATOR, proposed_trade(session).number, NOW)


@pytest.mark.parametrize(
    ("producer", "consumer", "labels", "sentence"),
    [
        (
            155,
            2_465,
            ["产废方收", "运费（测算）", "到厂价，利废方付"],
            "到厂价 24.65 − 产废方价 1.55 = 运费 23.10 元/吨",
        ),
        (
            -1_200,
            1_110,
            ["到厂价，利废方付", "产废方付", "运费（测算）"],
            "到厂价 11.10 + 产废方付 12.00 = 运费 23.10 元/吨",
        ),
        (
            -2_600,
            -290,
            ["运费（测算）", "到厂价，利废方收", "产废方付"],
            "产废方付 26.00 − 利废方收 2.90 = 运费 23.10 元/吨",
        ),
    ],
)
def test_every_price_names_its_payer_and_the_lines_add_up(
    view: TradeView, producer: int, consumer: int, labels: list[str], sentence: str
) -> None:
    view = replace(view, price_producer=producer, price_consumer=consumer)
    lines = words.payments(view)
    assert [str(line.label) for line in lines] == labels
    assert all(line.fen >= 0 and line.fen_per_t >= 0 for line in lines)
    assert lines[0].fen + lines[1].fen == lines[2].fen
    assert lines[0].fen_per_t + lines[1].fen_per_t == lines[2].fen_per_t
    assert words.balance_of_prices(view) == sentence


def stations(session: Session, number: str) -> list[tuple[str, str]]:
    view = queries.show(session, OPERATOR, number, NOW)
    return [(str(station.label), station.state) for station in story.stations(view)]


def test_the_stations_of_a_case_are_all_there_from_the_first_day(session: Session) -> None:
    trade = proposed_trade(session)
    way = [
        ("提出", "past"),
        ("双方确认", "now"),
        ("合同签订", "ahead"),
        ("交货", "ahead"),
        ("完成", "ahead"),
    ]
    assert stations(session, trade.number) == way
    operations.confirm(session, consumer_of(trade), trade.number, NOW)
    assert stations(session, trade.number) == way
    operations.decline(session, producer_of(trade), trade.number, DeclineReason.TAKEN, NOW)
    assert stations(session, trade.number) == [("提出", "past"), ("已拒绝", "now")]


def test_a_contracted_trade_waits_for_its_first_truck(session: Session) -> None:
    trade = contracted_trade(session)
    assert stations(session, trade.number)[2:4] == [("合同签订", "past"), ("交货", "now")]
    deliver(session, trade, 30_000)
    assert stations(session, trade.number)[3:] == [("交货", "now"), ("完成", "ahead")]


@pytest.mark.parametrize("status", STANDING)
@pytest.mark.parametrize("escalated", [None, NOW])
def test_every_case_that_is_not_over_names_whose_turn_it_is_and_at_what(
    view: TradeView, status: TradeStatus, escalated: datetime | None
) -> None:
    view = replace(view, status=status, escalated_at=escalated)
    assert str(story.turn(view)) == ("运营方" if escalated else "双方")
    assert str(story.step(view))


def test_an_ending_is_told_with_its_reason(session: Session) -> None:
    trade = contracted_trade(session)
    cases.find_default(session, OPERATOR, trade.number, Party.PRODUCER, "车没有来", NOW)
    view = queries.show(session, OPERATOR, trade.number, NOW)
    assert str(story.ending(view)) == "产废方违约：产废方没有交货"
    assert story.missed_kg(view) == 600_000
    told = [str(log.sentence(row)) for row in log.log_of(session, trade.number)]
    assert told[0] == "认定违约：产废方没有交货。没有交的吨数退回双方"
    assert "产废方签订合同" in told
    assert "trade." not in "".join(told)


@pytest.mark.parametrize(
    ("hours", "text"), [(26, "剩 1 天"), (23, "剩 23 小时"), (0.5, "剩 30 分钟")]
)
def test_what_is_left_until_a_deadline_is_told_with_its_unit(hours: float, text: str) -> None:
    assert words.left(NOW + timedelta(hours=hours), NOW) == text
