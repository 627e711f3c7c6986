"""What the front page leads with: the last published month, and nothing that is kept from it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask, current_app
from flask_babel import refresh
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.board.official import official
from app.companies.models import Company, PublicFirm
from app.companies.rules import PublicBasis
from app.core.actor import PUBLIC
from app.core.transactions import database
from app.statistics.closing import restate
from tests.board.factories import statements_of
from tests.html import CheckedClient
from tests.maps.official_town import OPERATOR, more, town
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, producer

TODAY = date(2026, 12, 20)
USED, GENERATED, WITH_RED_MUD = 260_007, 479_011, 979_011


def named_town(session: Session) -> None:
    """The town, all of whose firms publish under their names."""
    town(session)
    for company_id in session.scalars(select(Company.id)):
        name(session, company_id)


def name(session: Session, company_id: int) -> None:
    row = PublicFirm(company_id=company_id, basis=PublicBasis.MUST_PUBLISH, source="试验")
    row.valid_from = OCTOBER
    session.add(row)
    session.flush()


def page_of(client: CheckedClient, language: str = "zh") -> str:
    refresh()  # the test's own context has told firms something, in the language of none
    client.set_cookie("language", language)
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_before_a_month_is_published_there_is_nothing_official(any_session: Session) -> None:
    declared(any_session, producer(any_session), generated=1_000, self_used=1_000)
    assert official(any_session, PUBLIC, TODAY) is None


def test_what_the_target_counts_and_red_mud_are_two_rates(any_session: Session) -> None:
    named_town(any_session)
    found = official(any_session, PUBLIC, TODAY)
    assert found is not None
    assert (found.month, found.version) == (NOVEMBER, 1)
    total, whole = found.counted.total.rate, found.whole.total.rate
    assert (total.part, total.whole) == (USED, GENERATED)
    assert (whole.part, whole.whole) == (USED, WITH_RED_MUD)
    assert [line.code for line in found.apart] == ["red_mud"]
    assert found.counted.gap_kg(found.counted.total) == GENERATED - USED
    assert found.whole.gap_kg(found.whole.total) is None


def test_counties_and_materials_add_up_to_the_same_total(any_session: Session) -> None:
    named_town(any_session)
    found = official(any_session, PUBLIC, TODAY)
    assert found is not None
    assert found.areas.total.sums == found.counted.total.sums
    rates = [line.rate.exact for line in found.areas.lines if line.rate.exact is not None]
    assert rates == sorted(rates)


def test_a_month_that_was_stated_again_says_so(any_session: Session) -> None:
    named_town(any_session)
    session = any_session
    again = producer(session)
    name(session, again.company_id)
    declared(session, again, generated=1_000, self_used=1_000, at=CLOSING)
    later = CLOSING.replace(day=18)
    restate(session, OPERATOR, NOVEMBER, "企业更正申报", later)
    found = official(session, PUBLIC, TODAY)
    assert found is not None
    assert found.version == 2
    assert found.counted.total.rate.whole == GENERATED + 1_000


def test_where_few_firms_hide_behind_a_sum_it_is_kept_from_the_public_alone(
    any_session: Session,
) -> None:
    town(any_session)
    with current_app.test_request_context():
        found, seen = (official(any_session, actor, TODAY) for actor in (PUBLIC, OPERATOR))
    assert found is not None
    assert found.counted.total.withheld
    assert found.whole.total.withheld
    assert all(line.withheld for line in found.counted.lines if line.code == "fgd_gypsum")
    assert seen is not None
    assert seen.counted.total.rate.whole == GENERATED


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_leads_with_it_and_leads_on(
    client: CheckedClient, frozen: datetime, language: str
) -> None:
    with database().writing() as session:
        named_town(session)
    page = page_of(client, language)
    assert page.index("54.2%") < page.index("key-figure-context")
    assert "26.5%" in page
    assert {"zh": "期限 2025-12-31，已过", "en": "due 31 Dec 2025, now past"}[language] in page
    for path in (
        "/map?measure=utilisation&amp;month=2026-11",
        "/open-data",
        "/statistics/definitions",
    ):
        assert f'href="{path}' in page, path


def test_what_is_withheld_is_said_in_words_and_never_as_zero(
    client: CheckedClient, frozen: datetime
) -> None:
    with database().writing() as session:
        town(session)
    page = page_of(client)
    assert "54.2%" not in page
    assert "479" not in page
    assert "不公布" in page


def test_a_large_town_costs_no_more_statements_than_a_small_one(app: Flask) -> None:
    with database().writing() as session:
        place = town(session)
    few = statements_of(lambda session: official(session, PUBLIC, TODAY))
    with database().writing() as session:
        more(session, place)
    assert statements_of(lambda session: official(session, PUBLIC, TODAY)) == few
