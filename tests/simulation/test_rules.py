"""How lazy people are drawn, and the funnel of what they did."""

from __future__ import annotations

from random import Random

from app.simulation.rules import Ended, Load, funnel, temper
from app.trades.rules import Owner, TradeStatus


def test_the_same_seed_draws_the_same_people() -> None:
    assert [temper(Random(7)) for _ in range(2)] == [temper(Random(7))] * 2


def test_many_people_do_everything_that_can_be_done() -> None:
    random = Random(1)
    drawn = [temper(random) for _ in range(500)]
    assert {load for one in drawn for load in one.loads} == set(Load)
    assert {one.operator_acts for one in drawn} == {True, False}
    assert any(one.producer.declines for one in drawn)
    assert any(one.consumer.wants_out for one in drawn)


def test_the_funnel_counts_every_case_once_and_names_what_has_no_end() -> None:
    done = Ended(TradeStatus.COMPLETED, "delivered", None, True, True, 60_000, 59_000)
    cases = [
        done,
        done,
        Ended(TradeStatus.EXPIRED, "no_answer", None, False, False, 30_000, 0),
        Ended(TradeStatus.CONFIRMED, "", Owner.BOTH, True, False, 30_000, 0),
        Ended(TradeStatus.CONTRACTED, "", None, True, True, 30_000, 0),
    ]
    assert funnel(cases) == {
        "proposed": 5,
        "confirmed": 4,
        "contracted": 3,
        "delivered": 2,
        "endings": {"completed:delivered": 2, "expired:no_answer": 1},
        "without_ending": 2,
        "without_owner": 1,
        "kg_proposed": 210_000,
        "kg_received": 118_000,
    }
