"""Published months that firms have corrected since, as those who publish are told of them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.statistics.closing import close, restate
from app.statistics.corrections import corrected_since
from app.statistics.facts import SETTLING
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, producer

CITY = Actor(kind=ActorKind.REGULATOR, region="371500")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_only_what_came_after_the_close_is_told(any_session: Session) -> None:
    session = any_session
    site, other = producer(session), producer(session)
    declared(session, site, generated=1_000, self_used=1_000)
    close(session, CITY, NOVEMBER, CLOSING)
    assert corrected_since(session, CLOSING + DAY) == []
    for material in ("fly_ash", "bottom_ash"):
        declared(session, other, material=material, generated=500, self_used=500, at=CLOSING + DAY)
    declared(session, site, OCTOBER, generated=7, self_used=7, at=CLOSING + DAY)
    (found,) = corrected_since(session, CLOSING + 2 * DAY)
    assert (found.month, found.version, found.declarations) == (NOVEMBER, 1, 2)
    assert found.materials == ("炉渣", "粉煤灰")


def test_what_was_entered_a_minute_ago_waits_until_it_can_be_stated(any_session: Session) -> None:
    session = any_session
    site = producer(session)
    declared(session, site, generated=1_000, self_used=1_000)
    close(session, CITY, NOVEMBER, CLOSING)
    later = CLOSING + DAY
    declared(session, site, version=2, generated=900, self_used=900, at=later)
    assert corrected_since(session, later + MINUTE) == []
    assert len(corrected_since(session, later + SETTLING)) == 1


def test_a_month_that_was_stated_again_is_settled(any_session: Session) -> None:
    session = any_session
    site = producer(session)
    declared(session, site, generated=1_000, self_used=1_000)
    close(session, CITY, NOVEMBER, CLOSING)
    declared(session, site, version=2, generated=900, self_used=900, at=CLOSING + DAY)
    restate(session, CITY, NOVEMBER, "企业更正申报", CLOSING + 2 * DAY)
    assert corrected_since(session, CLOSING + 3 * DAY) == []
    assert corrected_since(session, CLOSING + 3 * DAY, OCTOBER) == []
