"""What happens at the counter: which tables are taken in, by whom, and who sees them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import User
from app.core.actor import Actor, ActorKind, CompanyRole
from app.core.clock import now
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.core.transactions import database
from app.core.vault import own_vault
from app.imports import operations, queries
from app.imports.models import ImportFile
from app.imports.rules import KEPT, MOST_ROWS, ImportKind, ImportMode, ImportState
from app.notifications.models import Notification
from app.notifications.rules import Kind
from tests.conftest import NOW
from tests.imports.factories import (
    OFFER,
    counted,
    imported,
    producer,
    received,
    shown,
    table,
    told,
    work_off,
)

pytestmark = pytest.mark.usefixtures("frozen")
OFFERS = ImportKind.OFFERS


@pytest.fixture
def actor(app: Flask) -> Actor:
    with database().writing() as session:
        return producer(session).actor


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("物料,起始月份,截止月份\r\n粉煤灰,2026-12,2027-01\r\n", "表头缺少：“每月数量（吨）”"),
        ("物料,每月数量,起始月份,截止月份,物料\r\n", "表头重复：“物料”"),
        ("你好", "表头缺少"),
        (
            "物料,每月数量,起始月份,截止月份,限制价,#内部备注\r\n",
            "不认识的列：“限制价”。请照模板改正；自用的列，请在表头前加 #。",
        ),
        ("", ""),
    ],
)
def test_a_table_that_cannot_be_taken_is_refused_at_once_and_leaves_nothing(
    actor: Actor, content: str, sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        received(actor, OFFERS, content.encode())
    assert refusal.value.field == "file"
    assert sentence in str(refusal.value.message)
    with database().reading() as session:
        assert session.scalars(select(ImportFile)).all() == []


def test_a_table_without_rows_enters_nothing_and_says_so(actor: Actor) -> None:
    view = imported(actor, OFFERS, table(OFFERS, []))
    assert (view.file.state, view.problem) == (
        ImportState.REFUSED,
        "表头下面没有数据，没有导入任何内容。",
    )


def test_more_rows_than_a_table_may_have_are_refused_by_their_number(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST_ROWS, OFFERS, 2)
    view = imported(actor, OFFERS, table(OFFERS, [OFFER] * 3))
    assert view.problem == "这份表有 3 行，一次最多 2 行：请分成几份上传。"
    assert counted()["listings"] == 0


def test_the_very_same_table_of_listings_does_not_enter_twice(actor: Actor) -> None:
    content = table(OFFERS, [OFFER])
    imported(actor, OFFERS, content)
    with pytest.raises(Refused) as refusal:
        received(actor, OFFERS, content)
    assert refusal.value.field == "file"
    assert "这份文件已经导入过" in str(refusal.value.message)


def test_a_table_that_was_refused_may_be_sent_again(actor: Actor) -> None:
    content = table(OFFERS, [OFFER | {"tonnes": "x"}])
    imported(actor, OFFERS, content)
    assert imported(actor, OFFERS, content).file.state is ImportState.REFUSED


def test_another_firm_may_send_the_same_table(actor: Actor) -> None:
    content = table(OFFERS, [OFFER])
    imported(actor, OFFERS, content)
    with database().writing() as session:
        other = producer(session).actor
    assert imported(other, OFFERS, content).file.entered == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"company_role": CompanyRole.VIEWER},
        {"kind": ActorKind.OPERATOR, "company_id": None, "company_role": None},
        {"kind": ActorKind.REGULATOR, "company_id": None, "company_role": None},
        {"is_producer": False, "is_consumer": False, "is_carrier": True},
    ],
)
def test_who_does_not_trade_sends_no_tables(actor: Actor, changes: dict[str, object]) -> None:
    with pytest.raises(Forbidden):
        received(replace(actor, **changes), OFFERS, table(OFFERS, [OFFER]))  # type: ignore[arg-type]


def test_nobody_but_the_firm_opens_its_tables(actor: Actor) -> None:
    number = imported(actor, OFFERS, table(OFFERS, [OFFER | {"tonnes": "x"}])).file.number
    with database().writing() as session:
        other = producer(session).actor
    operator = Actor(kind=ActorKind.OPERATOR, user_id=1)
    for stranger in (other, operator):
        with database().reading() as session:
            assert queries.own(session, stranger) == []
            with pytest.raises(NotFound):
                queries.show(session, own_vault(), stranger, number)
            with pytest.raises(NotFound):
                queries.remarked_file(session, own_vault(), stranger, number)


def test_a_limit_price_stands_nowhere_in_the_database_whatever_column_it_was_typed_in(
    actor: Actor,
) -> None:
    canary = "4837.19"
    rows = [
        OFFER | {"limit_price": canary, "limit_payer": "产废方收"},
        OFFER | {"tonnes": canary + "9", "deal_mode": canary, "limit_price": canary},
    ]
    imported(actor, OFFERS, table(OFFERS, rows), ImportMode.VALID)
    with database().reading() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type='table'")).all()
        for name in tables:
            for row in session.execute(text(f'SELECT * FROM "{name}"')):
                assert canary not in repr(tuple(row)), name


def test_the_senders_file_comes_back_with_what_is_wrong(actor: Actor) -> None:
    rows = [OFFER, OFFER | {"tonnes": "x", "note": "=2*3"}]
    number = imported(actor, OFFERS, table(OFFERS, rows)).file.number
    with database().reading() as session:
        name, content = queries.remarked_file(session, own_vault(), actor, number)
    lines = content.decode("utf-8-sig").splitlines()
    assert name == "表-原因.csv"
    assert lines[0].endswith("没有导入的原因")
    assert lines[1].endswith(",")
    assert "“x”不是吨数" in lines[2]
    assert "'=2*3" in lines[2]


def test_of_a_table_whose_other_rows_were_entered_the_faulty_ones_come_back_alone(
    actor: Actor,
) -> None:
    rows = [OFFER, OFFER | {"tonnes": "x"}, OFFER | {"tonnes": "900"}]
    number = imported(actor, OFFERS, table(OFFERS, rows), ImportMode.VALID).file.number
    with database().reading() as session:
        _name, content = queries.remarked_file(session, own_vault(), actor, number)
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    mended = content.decode("utf-8-sig").replace(",x,", ",700,").encode()
    assert imported(actor, OFFERS, mended).file.entered == 1


def test_a_table_that_is_called_off_before_it_began_enters_nothing(actor: Actor) -> None:
    number = received(actor, OFFERS, table(OFFERS, [OFFER]))
    with database().writing() as session:
        operations.cancel(session, actor, number, now())
    work_off(number)
    assert shown(actor, number).file.state is ImportState.CANCELLED
    assert counted()["listings"] == 0


def test_a_table_that_has_ended_is_not_called_off(actor: Actor) -> None:
    number = imported(actor, OFFERS, table(OFFERS, [OFFER])).file.number
    with database().writing() as session, pytest.raises(Conflict):
        operations.cancel(session, actor, number, now())


def test_what_a_person_who_left_has_sent_is_not_entered_any_more(actor: Actor) -> None:
    number = received(actor, OFFERS, table(OFFERS, [OFFER]))
    with database().writing() as session:
        session.get_one(User, actor.user_id).is_active = False
    work_off(number)
    view = shown(actor, number)
    assert (view.file.state, counted()["listings"]) == (ImportState.REFUSED, 0)
    assert view.problem == "上传人已不再为本企业办理业务，没有导入任何内容。"


def test_the_firm_is_told_once_of_a_table_that_was_entered(actor: Actor) -> None:
    number = imported(actor, OFFERS, table(OFFERS, [OFFER])).file.number
    with database().reading() as session:
        news = session.scalars(select(Notification)).all()
        assert [(one.kind, one.path) for one in news] == [(Kind.IMPORT_DONE, f"/imports/{number}")]


def test_files_are_dropped_when_their_time_is_over_and_the_counts_stay(actor: Actor) -> None:
    number = imported(actor, OFFERS, table(OFFERS, [OFFER | {"tonnes": "x"}])).file.number
    with database().writing() as session:
        assert operations.forget_files(session, NOW + KEPT) == 0
        assert operations.forget_files(session, NOW + KEPT + timedelta(seconds=1)) == 1
    view = shown(actor, number)
    assert (view.has_file, view.file.refused) == (False, 1)
    assert told(view) != []
    with database().reading() as session, pytest.raises(NotFound):
        queries.remarked_file(session, own_vault(), actor, number)
