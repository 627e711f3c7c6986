"""What the watch reads from the database, and the job that flags what it finds there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import UsePermit
from app.core.clock import china_instant
from app.core.jobs.operations import enqueue
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.declarations.models import Activity, Facility
from app.declarations.rules import ActivityKind, FacilityKind
from app.settings import ROOT
from app.statistics.closing import close
from app.statistics.facts import prepare
from app.watch.dossiers import dossier, open_months
from app.watch.jobs import WATCH
from app.watch.models import Flag
from app.watch.signs.facts import Active, Kind, Waste
from app.watch.signs.rules import findings
from app.watch.watching import book, book_from_files
from tests.conftest import NOW
from tests.statistics.factories import CITY
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, loads_of, producer

TONNE = 1000


def test_the_figures_are_the_same_from_files_and_from_the_database(any_session: Session) -> None:
    kept, written = book(any_session), book_from_files(ROOT / "data")
    assert sorted(map(str, kept.rows)) == sorted(map(str, written.rows))
    assert sorted(map(str, kept.factors)) == sorted(map(str, written.factors))


def test_a_dossier_holds_declarations_tickets_and_what_bounds_them(any_session: Session) -> None:
    site, taker = producer(any_session), producer(any_session)
    declared(any_session, site, OCTOBER, closing=7_000)
    declared(any_session, site, generated=90_000, entrusted_used=80_000, opening=7_000)
    trade = loads_of(any_session, site, 30_000, 31_000, taker=taker)
    any_session.add(
        Activity(
            site_id=site.id,
            month=NOVEMBER,
            kind=ActivityKind.COAL_BURNT,
            version=1,
            quantity=400_000,
            declared_at=NOW,
            declared_by="company:1",
        )
    )
    any_session.add(
        Facility(
            site_id=site.id,
            kind=FacilityKind.STORAGE,
            code="TS001",
            name="灰库",
            material="fly_ash",
            capacity_kg=50_000,
        )
    )
    any_session.add(
        UsePermit(
            site_id=taker.id,
            material="fly_ash",
            valid_from=date(2026, 1, 1),
            kg_per_year=60_000,
            number="许可-1",
        )
    )
    any_session.flush()
    for month in (OCTOBER, NOVEMBER):
        prepare(any_session, month, CLOSING)

    known = dossier(any_session, NOVEMBER)

    ash = Waste(site.id, "fly_ash")
    ((now, past),) = known.histories()
    assert (now.waste, now.balance.generated_kg, now.ticketed_kg) == (ash, 90_000, 61_000)
    assert [one.balance.closing_kg for one in past] == [7_000]
    assert known.activities == [Active(site.id, NOVEMBER, ActivityKind.COAL_BURNT, 400_000)]
    assert known.capacities == {ash: 50_000}
    assert [(one.waste.site, one.kg) for one in known.taken] == [(taker.id, 61_000)]
    assert sorted(one.unloading.net_kg for one in known.loads) == [30_000, 31_000]
    assert {one.road_m for one in known.loads} == {trade.road_m}
    found = [one.kind for one in findings(known, book(any_session).on(NOVEMBER))]
    assert Kind.OVER_PERMIT in found


def test_a_later_version_of_an_activity_is_the_one_in_force(any_session: Session) -> None:
    site = producer(any_session)
    for version, quantity in ((1, 100), (2, 250)):
        any_session.add(
            Activity(
                site_id=site.id,
                month=NOVEMBER,
                kind=ActivityKind.COAL_BURNT,
                version=version,
                quantity=quantity,
                declared_at=NOW,
                declared_by="company:1",
            )
        )
    any_session.flush()
    assert [one.quantity for one in dossier(any_session, NOVEMBER).activities] == [250]


def test_a_closed_month_is_not_looked_at_again(any_session: Session) -> None:
    site = producer(any_session)
    for month in (OCTOBER, NOVEMBER):
        declared(any_session, site, month, generated=5_000, self_used=5_000)
        prepare(any_session, month, CLOSING)
    assert open_months(any_session) == [OCTOBER, NOVEMBER]
    close(any_session, CITY, OCTOBER, CLOSING)
    assert open_months(any_session) == [NOVEMBER]


def test_the_daily_job_flags_once_what_it_finds(
    any_app: Flask, freeze: Callable[[datetime], None]
) -> None:
    freeze(china_instant(date(2026, 12, 8)))
    with database().writing() as session:
        site = producer(session)
        site_id = site.id
        declared(session, site, generated=500 * TONNE, self_used=200 * TONNE)
        prepare(session, NOVEMBER, CLOSING)
    for day in ("first", "second"):
        with database().writing() as session:
            job = enqueue(session, WATCH, day, {}, CLOSING).id
        run_job(job)
    with database().reading() as session:
        flags = session.scalars(select(Flag)).all()
        assert [(flag.kind, flag.site_id) for flag in flags] == [(Kind.BALANCE_OPEN, site_id)]
