"""A verdict of the past is found again as of its date, whatever was learnt since."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app.assays import operations as assays
from app.core.actor import SYSTEM
from app.core.transactions import database
from app.listings import operations as listings
from app.listings.models import Offer
from tests.assays.factories import GRADE_I, recorded
from tests.conftest import NOW, TODAY
from tests.listings.factories import offer_draft, published_offer, trader
from tests.passports.editions import FROM, LOOSER, TIGHTER, load_edition
from tests.passports.market import assayed_offer, told_pulverised

DAY = timedelta(days=1)
TODAY_IS = TODAY.isoformat()


def run(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=list(args))


def graded(app: Flask, number: str, *args: str, use: str = "concrete") -> str:
    result = run(app, "passports", "grade", number, "--use", use, *args)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def learnt_since(session: Session, number: str, now: datetime) -> None:
    """A new assay, an old one voided, another boiler, another site and another edition."""
    offer = session.query(Offer).filter_by(number=number).one()
    other = recorded(session, offer.company_id, number, values=GRADE_I | {"loi": "9"}, now=now)
    first = f"A-{NOW:%y%m}-0001"
    assert other.number != first
    assays.void(session, SYSTEM, first, "取样有误", now)
    assays.tell_facts(session, SYSTEM, offer.site_id, {"boiler_type": "fluidised_bed"}, now)


def test_a_past_verdict_is_the_same_to_the_byte(any_app: Flask, tmp_path: Path) -> None:
    with database().writing() as session:
        number = assayed_offer(session, {"loi": "4.6"}).number
    given = {
        (on, use): graded(any_app, number, "--on", on, "--known-at", TODAY_IS, use=use)
        for on in (TODAY_IS, "2027-01-31")
        for use in ("concrete", "cement", "road_base")
    }
    assert json.loads(given[TODAY_IS, "concrete"])["grade"] == "I"
    later = NOW + 2 * DAY
    with database().writing() as session:
        learnt_since(session, number, later)
        load_edition(session, tmp_path, TIGHTER | LOOSER)
    assert {
        (on, use): graded(any_app, number, "--on", on, "--known-at", TODAY_IS, use=use)
        for on, use in given
    } == given
    now_known = json.loads(graded(any_app, number, "--on", f"{later:%Y-%m-%d}"))
    assert (now_known["verdict"], now_known["failing"][0]["value"]) == ("fails", "fluidised_bed")


def test_the_kind_and_the_site_are_those_the_offer_had_then(app: Flask) -> None:
    with database().writing() as session:
        offer = published_offer(session, material="smelting_slag", kind="steel_slag_powder")
        number, site = offer.number, offer.site
        told_pulverised(session, site)
        before = {"--on": TODAY_IS}
        draft = offer_draft(site, material="smelting_slag", kind="ggbs")
    asked = ("--on", before["--on"])
    given = graded(app, number, *asked)
    assert json.loads(given)["material"] == "steel_slag_powder"
    with database().writing() as session:
        offer = session.query(Offer).filter_by(number=number).one()
        listings.change(session, trader(offer.company), number, draft, NOW + 2 * DAY)
    assert graded(app, number, *asked) == given
    later = f"{NOW + 2 * DAY:%Y-%m-%d}"
    assert json.loads(graded(app, number, "--on", later))["material"] == "ggbs"


def test_a_kind_that_was_named_later_stays_named_in_the_past(app: Flask) -> None:
    with database().writing() as session:
        offer = published_offer(session, material="smelting_slag")
        number, site, firm = offer.number, offer.site, trader(offer.company)
        listings.name_kind(session, firm, number, "steel_slag_powder", NOW + DAY)
        draft = offer_draft(site, material="smelting_slag", kind="ggbs")
        listings.change(session, firm, number, draft, NOW + 3 * DAY)
    named = (TODAY + 2 * DAY).isoformat()
    then = json.loads(graded(app, number, "--on", named, "--known-at", named))
    assert then["material"] == "steel_slag_powder"


def test_the_verdict_of_a_coming_day_is_that_of_its_edition(app: Flask, tmp_path: Path) -> None:
    with database().writing() as session:
        number = assayed_offer(session, {"loi": "4.6"}).number
        load_edition(session, tmp_path, TIGHTER)
    found = json.loads(graded(app, number, "--on", FROM.isoformat()))
    assert (found["verdict"], found["grade"]) == ("qualifies", "II")


def test_an_offer_or_a_use_that_was_not_there_is_refused(app: Flask) -> None:
    with database().writing() as session:
        number = published_offer(session).number
    asked = ("passports", "grade")
    for args in (
        (*asked, "S-9912-0001", "--use", "concrete"),
        (*asked, number, "--use", "concrete", "--on", "2026-11-21"),
        (*asked, number, "--use", "perfume"),
        (*asked, number, "--use", "concrete", "--on", "yesterday"),
    ):
        assert run(app, *args).exit_code == 2, args


def test_the_command_lists_what_each_coming_day_moves(
    app: Flask, tmp_path: Path, freeze: Callable[[datetime], None]
) -> None:
    freeze(NOW)
    assert run(app, "quality", "changes").stdout == ""
    with database().writing() as session:
        number = assayed_offer(session, {"loi": "4.6"}).number
        load_edition(session, tmp_path, TIGHTER)
    day, *moves = map(json.loads, run(app, "quality", "changes").stdout.splitlines())
    assert (day["day"], day["offers"]) == (FROM.isoformat(), 1)
    assert (day["up"], day["down"]) == (0, len(moves))
    (move,) = [each for each in moves if each["use"] == "concrete"]
    assert (move["offer"], move["before"], move["after"]) == (
        number,
        {"verdict": "qualifies", "grade": "I"},
        {"verdict": "qualifies", "grade": "II"},
    )
    assert [each["parameter"] for each in move["because"]] == ["loi"]
    assert run(app, "quality", "changes", "--on", FROM.isoformat()).stdout == ""
