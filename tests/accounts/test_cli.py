"""The commands that make the first people of an installation."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import operations
from app.accounts.models import User
from app.core.actor import ActorKind
from app.core.transactions import database
from tests.accounts.factories import PASSWORD
from tests.conftest import NOW

OPERATOR = ["accounts", "create-operator", "--email", "O@x.cn", "--name", "运营 01"]
REGULATOR = ["accounts", "create-regulator", "--email", "r@x.cn", "--name", "工信局", "--region"]


def people() -> list[User]:
    with database().reading() as session:
        found = list(session.scalars(select(User)))
        session.expunge_all()
        return found


def test_the_first_operator_is_made_and_can_sign_in(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=OPERATOR, input=PASSWORD + "\n")
    assert result.exit_code == 0, result.output
    assert "o@x.cn" in result.output
    assert PASSWORD not in result.output
    with database().writing() as session:
        assert operations.sign_in(session, "o@x.cn", PASSWORD, NOW)
    assert people()[0].kind is ActorKind.OPERATOR


@pytest.mark.parametrize("region", ["371500", "371503"])
def test_a_regulator_has_a_region(app: Flask, region: str) -> None:
    result = app.test_cli_runner().invoke(args=[*REGULATOR, region], input=PASSWORD + "\n")
    assert result.exit_code == 0, result.output
    assert people()[0].region == region


@pytest.mark.parametrize(
    ("args", "password", "words"),
    [
        (OPERATOR, "short", "至少 10 位"),
        (OPERATOR, "", "至少 10 位"),
        ([*REGULATOR, "110101"], PASSWORD, "“110101”"),
        ([*OPERATOR[:3], "no address", *OPERATOR[4:]], PASSWORD, "“no address”"),
    ],
)
def test_what_will_not_do_is_refused_in_one_line(
    app: Flask, args: list[str], password: str, words: str
) -> None:
    result = app.test_cli_runner().invoke(args=args, input=password + "\n")
    assert result.exit_code == 1
    assert words in result.output
    assert "Traceback" not in result.output
    assert people() == []


def test_the_same_address_is_made_once(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=OPERATOR, input=PASSWORD + "\n")
    result = runner.invoke(args=OPERATOR, input=PASSWORD + "\n")
    assert result.exit_code == 1
    assert len(people()) == 1
