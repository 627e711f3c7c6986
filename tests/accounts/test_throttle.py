"""Attempts are counted before they are looked at, and survive the refusal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import throttle
from app.accounts.models import SignInAttempt
from app.accounts.rules import Limit
from app.accounts.throttle import Counter
from app.core.errors import TooMany
from app.core.transactions import database
from tests.conftest import NOW

FIVE = Counter("sign-in email", "a@test.example", Limit(5, timedelta(minutes=15)))


def attempts(app: Flask, counter: Counter, times: int) -> int:
    """How many of so many attempts, one after another, were let through."""
    return sum(let_through(app, counter) for _ in range(times))


def let_through(app: Flask, counter: Counter) -> bool:
    with app.app_context():
        try:
            throttle.count((counter,), NOW)
        except TooMany:
            return False
        return True


def test_five_attempts_pass_and_the_sixth_does_not(any_app: Flask) -> None:
    assert attempts(any_app, FIVE, 7) == 5


def test_parallel_attempts_do_not_slip_past(any_app: Flask) -> None:
    with ThreadPoolExecutor(8) as pool:
        passed = pool.map(lambda _: let_through(any_app, FIVE), range(16))
    assert sum(passed) == 5


def test_the_window_opens_again(any_app: Flask) -> None:
    attempts(any_app, FIVE, 6)
    with pytest.raises(TooMany):
        throttle.count((FIVE,), NOW + timedelta(minutes=14, seconds=59))
    for _ in range(5):
        throttle.count((FIVE,), NOW + timedelta(minutes=15))
    with pytest.raises(TooMany):
        throttle.count((FIVE,), NOW + timedelta(minutes=16))


def test_success_forgets_the_address_and_takes_back_one_of_the_network(any_app: Flask) -> None:
    email, network = throttle.sign_in_counters(" A@Test.Example ", "2001:db8::1")
    for _ in range(5):
        throttle.count((email, network), NOW)
    with database().writing() as session:
        throttle.forget(session, email)
        throttle.give_back(session, network)
    with database().reading() as session:
        (row,) = session.scalars(select(SignInAttempt))
        assert (row.key_sha256, row.tries) == (network.key, 4)


def test_kinds_and_people_are_counted_apart(any_app: Flask) -> None:
    other = Counter("sign-in email", "b@test.example", FIVE.limit)
    reset = Counter("reset email", "a@test.example", FIVE.limit)
    assert [attempts(any_app, counter, 5) for counter in (FIVE, other, reset)] == [5, 5, 5]


def test_what_people_type_cannot_be_read_from_the_table(app: Flask) -> None:
    throttle.count(throttle.sign_in_counters("my-password-by-mistake", "203.0.113.7"), NOW)
    with database().reading() as session:
        keys = session.scalars(select(SignInAttempt.key_sha256)).all()
    assert len(keys) == 2
    assert all(len(key) == 64 and "password" not in key for key in keys)
