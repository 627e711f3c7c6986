"""The demo of a province: every county has its firms, and its past was published in its time."""

from __future__ import annotations

from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.catalogue.models import Park
from app.catalogue.operations import load_reference_data
from app.companies.models import Company, PublicFirm, Site
from app.core.actor import SYSTEM
from app.core.transactions import database
from app.demo.rules import PASSWORD, closing_of
from app.history.rules import past_months
from app.settings import ROOT
from app.simulation import province
from app.simulation.worlds.operations import Wanted, dealt_counties
from app.statistics.models import FactMonth, MonthClose
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.maps.test_drill import text_of

SMALL = Wanted(
    sites=16, months=4, tickets=60, seed=2, named_milli=1_000, unnamed=province.WORLD.unnamed
)


def load(session: Session) -> None:
    load_reference_data(session, SYSTEM, ROOT / "data", NOW, "370000")
    province.load(session, NOW, SMALL)


def test_its_past_is_published_as_far_as_it_was_due(any_app: Flask) -> None:
    with database().writing() as session:
        load(session)
        months = past_months(NOW, SMALL.months)
        due = {month for month in months if closing_of(month) <= NOW}
        assert due
        closed = session.scalars(select(MonthClose).where(MonthClose.version == 1)).all()
        assert {close.month for close in closed} == due
        assert all(close.closed_at == closing_of(close.month) for close in closed)
        assert set(session.scalars(select(FactMonth.month))) >= set(months)


def test_every_firm_says_that_it_is_generated(app: Flask) -> None:
    with database().writing() as session:
        load(session)
        companies = session.scalars(select(Company)).all()
        assert all(one.is_synthetic and one.name.startswith("生成") for one in companies)


def test_every_producer_is_named_but_those_of_red_mud(app: Flask) -> None:
    with database().writing() as session:
        load(session)
        producers = session.scalars(select(Company).where(Company.is_producer)).all()
        unnamed = {one.id for one in producers if "氧化铝" in one.name}
        assert unnamed
        assert (
            set(session.scalars(select(PublicFirm.company_id)))
            == {one.id for one in producers} - unnamed
        )


def test_every_county_has_a_park_that_says_it_is_an_example(app: Flask) -> None:
    with database().writing() as session:
        load(session)
        parks = session.scalars(select(Park)).all()
        assert len({park.adcode for park in parks}) == 136
        assert all("示例" in park.name_zh for park in parks if park.code.startswith("demo-"))


def test_as_many_sites_as_counties_leave_none_without(app: Flask) -> None:
    with database().writing() as session:
        load_reference_data(session, SYSTEM, ROOT / "data", NOW, "370000")
        locate, random = dealt_counties(session), Random(1)
        assert len({locate(random)[0] for _site in range(136)}) == 136


@pytest.mark.usefixtures("frozen")
def test_its_accounts_sign_in_to_their_regions(client: CheckedClient) -> None:
    with database().writing() as session:
        load(session)
        regions = dict(session.execute(select(User.email, User.region)).all())
        sites = session.scalar(select(func.count(Site.id).filter(Site.adcode.startswith("37"))))
    assert regions["province@demo.gufei"] == "370000"
    assert (regions["city@demo.gufei"], regions["county@demo.gufei"]) == ("371500", "371503")
    assert sites
    form = {"email": "province@demo.gufei", "password": PASSWORD}
    assert client.post("/accounts/sign-in", data=form).status_code == 303
    assert "of=cities" in text_of(client, "/map")
