from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.trades import operations, queries, words
from app.trades.queries import TradeView
from app.trades.rules import DeclineReason
from tests.conftest import NOW
from tests.trades.factories import confirmed_trade, consumer_of, proposed_trade

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
    return [(str(station.label), station.state) for station in words.stations(view)]


def test_the_stations_of_a_trade_follow_what_happened(session: Session) -> None:
    trade = proposed_trade(session)
    assert stations(session, trade.number) == [
        ("撮合提出", "past"),
        ("一方确认", "now"),
        ("双方确认", "ahead"),
    ]
    operations.confirm(session, consumer_of(trade), trade.number, NOW)
    assert stations(session, trade.number) == [
        ("撮合提出", "past"),
        ("利废方确认", "past"),
        ("双方确认", "now"),
    ]
    operations.decline(session, consumer_of(trade), trade.number, DeclineReason.TAKEN, NOW)
    assert stations(session, trade.number) == [
        ("撮合提出", "past"),
        ("利废方确认", "past"),
        ("已拒绝", "now"),
    ]


def test_a_confirmed_trade_waits_for_delivery(session: Session) -> None:
    assert stations(session, confirmed_trade(session).number) == [
        ("撮合提出", "past"),
        ("产废方确认", "past"),
        ("双方确认", "past"),
        ("履约", "now"),
    ]


@pytest.mark.parametrize(
    ("hours", "text"), [(26, "剩 1 天"), (23, "剩 23 小时"), (0.5, "剩 30 分钟")]
)
def test_what_is_left_until_a_deadline_is_told_with_its_unit(hours: float, text: str) -> None:
    assert words.left(NOW + timedelta(hours=hours), NOW) == text
