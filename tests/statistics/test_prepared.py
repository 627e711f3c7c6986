"""Answers of disclosure control are decided once, and never given to another question."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.clock import china_day, now
from app.core.jobs.models import Job
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.statistics import closing, prepared
from app.statistics.official import Period
from app.statistics.prepared import Shelf
from app.statistics.published import published
from app.statistics.withholding import Secrets, Told, decide
from tests.statistics.months import CLOSING, NOVEMBER
from tests.statistics.test_published import maker
from tests.statistics.test_withholding import enough_in, secrets_of

SOME = secrets_of(*enough_in("370102"))
OTHER = secrets_of(("370102", "ash", "a", 10), ("370202", "ash", "b", 10))


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> list[Secrets]:
    """What had to be decided."""
    found: list[Secrets] = []

    def told(secrets: Secrets) -> Told:
        found.append(secrets)
        return decide(secrets)

    monkeypatch.setattr(prepared, "decide", told)
    return found


def test_a_question_is_decided_once_whoever_asks_it_again(
    tmp_path: Path, decided: list[Secrets]
) -> None:
    answers = [Shelf(tmp_path).told(SOME) for _process in range(2)]
    assert answers[0] == answers[1] == decide(SOME)
    assert decided == [SOME]


def test_another_question_is_decided_by_itself(tmp_path: Path, decided: list[Secrets]) -> None:
    shelf = Shelf(tmp_path)
    assert shelf.told(SOME) != shelf.told(OTHER)
    assert decided == [SOME, OTHER]


def test_an_answer_that_cannot_be_read_is_decided_again(
    tmp_path: Path, decided: list[Secrets]
) -> None:
    Shelf(tmp_path).told(SOME)
    for path in tmp_path.glob("*.json"):
        path.write_text("{", encoding="utf-8")
    assert Shelf(tmp_path).told(SOME) == decide(SOME)
    assert decided == [SOME, SOME]


def test_answers_of_other_rules_are_not_read(
    tmp_path: Path, decided: list[Secrets], monkeypatch: pytest.MonkeyPatch
) -> None:
    Shelf(tmp_path).told(SOME)
    monkeypatch.setattr(prepared, "RULES", (prepared,))
    Shelf(tmp_path).told(SOME)
    assert decided == [SOME, SOME]


def test_what_nobody_asks_any_more_is_put_away(tmp_path: Path, decided: list[Secrets]) -> None:
    shelf = Shelf(tmp_path)
    for secrets in (SOME, OTHER):
        shelf.told(secrets)
    shelf.keep_only([OTHER])
    assert len(list(tmp_path.glob("*.json"))) == 1
    Shelf(tmp_path).told(OTHER)
    assert decided == [SOME, OTHER]


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(
    tmp_path: Path, decided: list[Secrets]
) -> None:
    folder = tmp_path / "disclosure"
    folder.write_text("a file stands where the folder should", encoding="utf-8")
    shelf = Shelf(folder)
    assert [shelf.told(SOME) for _time in range(2)] == [decide(SOME)] * 2
    assert decided == [SOME]


def test_who_asks_while_it_is_decided_waits_for_that_answer(
    tmp_path: Path, decided: list[Secrets]
) -> None:
    shelf, start = Shelf(tmp_path), Barrier(4)

    def ask(_reader: int) -> Told:
        start.wait()
        return shelf.told(OTHER)

    with ThreadPoolExecutor(4) as readers:
        assert list(readers.map(ask, range(4))) == [decide(OTHER)] * 4
    assert decided == [OTHER]


def test_drafts_that_were_never_finished_are_put_away(tmp_path: Path) -> None:
    old, fresh = tmp_path / "old.draft", tmp_path / "fresh.draft"
    for draft in (old, fresh):
        draft.write_text("[", encoding="utf-8")
    os.utime(old, (0, 0))
    Shelf(tmp_path).keep_only([])
    assert list(tmp_path.iterdir()) == [fresh]


def published_month(session: Session) -> str:
    """A month that is closed; the id of the job that its close has asked for."""
    for _firm in range(4):
        maker(session, (116.2, 36.6))
    closing.close(session, Actor(kind=ActorKind.OPERATOR), NOVEMBER, CLOSING)
    return session.scalars(select(Job.id).where(Job.kind == closing.DECIDE)).one()


def test_once_a_month_is_published_its_answer_is_prepared(
    any_app: Flask, freeze: Callable[[datetime], None], decided: list[Secrets]
) -> None:
    freeze(CLOSING)
    with database().writing() as session:
        job = published_month(session)
    run_job(job)
    assert len(decided) == 1
    with database().reading() as session:
        published(session, Period.month(NOVEMBER), china_day(now()))
    assert len(decided) == 1
