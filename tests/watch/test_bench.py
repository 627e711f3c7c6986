"""The watch tells frauds from honest work, in worlds that know none of its figures."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from flask import Flask

from app.settings import ROOT
from app.watch import cli
from app.watch.signs.bench import alarms, catches, trial
from app.watch.signs.facts import Dossier, Finding, Kind
from app.watch.signs.rules import findings
from app.watch.signs.thresholds import ThresholdBook
from app.watch.watching import book_from_files
from tests.watch.frauds import Crooked, crooked_world
from tests.watch.paper_frauds import ON_PAPER
from tests.watch.road_frauds import ON_THE_ROAD
from tests.watch.worlds import clean_world

FRAUDS = (*ON_THE_ROAD, *ON_PAPER)


@pytest.fixture(scope="module")
def book() -> ThresholdBook:
    return book_from_files(ROOT / "data")


@pytest.fixture(scope="module")
def every_kind() -> Crooked:
    """A world with one fraud of every kind there is."""
    return crooked_world(11, len(FRAUDS))


@pytest.fixture(scope="module")
def found(every_kind: Crooked, book: ThresholdBook) -> list[Finding]:
    dossiers: list[Dossier] = list(every_kind.world.dossiers())
    return [one for each in dossiers for one in findings(each, book.on(each.month))]


@pytest.mark.parametrize("seed", [1, 20, 300])
def test_all_frauds_are_caught_and_honest_work_is_left_alone(
    seed: int, book: ThresholdBook
) -> None:
    check_a_world(seed, book)


@pytest.mark.soak
def test_all_frauds_are_caught_in_worlds_nobody_has_seen(book: ThresholdBook) -> None:
    for _again in range(100):
        check_a_world(secrets.randbelow(2**32), book)


def check_a_world(seed: int, book: ThresholdBook) -> None:
    crooked = crooked_world(seed)
    assert len(crooked.frauds) == 20
    assert len({fraud.finding for fraud in crooked.frauds}) >= 8
    score = trial(crooked.world, crooked.frauds, clean_world(seed), book, list(Kind))
    assert score.passes, (seed, score.figures())


def test_a_world_of_every_kind_of_fraud_has_them_all_caught(
    every_kind: Crooked, found: list[Finding]
) -> None:
    missed = [
        fraud.finding
        for fraud in every_kind.frauds
        if not any(catches(one, fraud) for one in found)
    ]
    assert missed == []


def test_every_fraud_is_missed_once_its_rule_is_switched_off(
    every_kind: Crooked, found: list[Finding]
) -> None:
    for fraud in every_kind.frauds:
        others = [one for one in found if one.kind != fraud.finding]
        assert not any(catches(one, fraud) for one in others), fraud


def test_the_bench_counts_a_finding_nobody_deserved(
    every_kind: Crooked, found: list[Finding]
) -> None:
    dossiers = list(every_kind.world.dossiers())
    honest = alarms(dossiers, found, every_kind.touched)
    suspected = alarms(dossiers, found, frozenset())
    assert suspected.false_months > honest.false_months
    assert suspected.false_sites > 0


def test_the_same_seed_gives_the_same_world_and_another_one_another() -> None:
    one, again, other = clean_world(3), clean_world(3), clean_world(4)
    assert one.loads == again.loads
    assert one.declared == again.declared
    assert one.loads != other.loads


def test_the_generator_shares_no_figure_with_the_rules() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        if path.stem in ("worlds", "damage", "frauds", "road_frauds", "paper_frauds"):
            source = path.read_text(encoding="utf-8")
            assert "hreshold" not in source, path
            assert "watching" not in source, path


def test_the_command_prints_its_seed_and_what_it_caught(sqlite_app: Flask) -> None:
    result = sqlite_app.test_cli_runner().invoke(args=["oversight", "bench"])
    printed = json.loads(result.output)
    assert result.exit_code == 0, printed
    assert printed["injected"] == printed["caught"] == 20
    assert printed["seed"] >= 0


def test_the_command_fails_where_a_rule_is_left_out(sqlite_app: Flask) -> None:
    arguments = ["oversight", "bench", "--seed", "1"]
    for kind in (Kind.OVER_PERMIT, Kind.TWO_PLACES, Kind.STOCK_OPEN):
        arguments += ["--without", kind]
    result = sqlite_app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 1
    assert json.loads(result.output)["passes"] is False


def test_an_installation_without_tests_is_told_what_is_missing(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cli, "GENERATOR", tmp_path / "frauds.py")
    result = sqlite_app.test_cli_runner().invoke(args=["oversight", "bench"])
    assert result.exit_code == 1
    assert "comes with a checkout" in result.output
