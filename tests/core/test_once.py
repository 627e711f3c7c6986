from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.core import once
from app.core.actor import SYSTEM, Actor, ActorKind
from app.core.errors import Refused
from tests.conftest import NOW

SOMEBODY = Actor(kind=ActorKind.COMPANY, user_id=1)


def test_a_form_that_is_sent_twice_finds_the_answer_of_the_first_time(any_session: Session) -> None:
    key = once.new_key()
    first = once.sending(any_session, SOMEBODY, "deal", key, NOW)
    assert first.answer == ""
    first.answer = "T-2611-0001"
    any_session.flush()
    assert once.sending(any_session, SOMEBODY, "deal", key, NOW).answer == "T-2611-0001"


def test_the_key_of_another_person_leads_to_nothing_of_theirs(any_session: Session) -> None:
    key = once.new_key()
    once.sending(any_session, SOMEBODY, "deal", key, NOW).answer = "T-2611-0001"
    assert once.sending(any_session, SYSTEM, "deal", key, NOW).answer == ""


def test_a_key_that_comes_with_another_form_is_another_key(any_session: Session) -> None:
    key = once.new_key()
    once.sending(any_session, SOMEBODY, "deal", key, NOW).answer = "T-2611-0001"
    assert once.sending(any_session, SOMEBODY, "negotiation", key, NOW).answer == ""


@pytest.mark.parametrize("key", ["", "x", "g" * 32, "a" * 33, "\0" * 32])
def test_what_is_no_key_is_refused(session: Session, key: str) -> None:
    with pytest.raises(Refused):
        once.sending(session, SOMEBODY, "deal", key, NOW)
