"""What a new edition moves, against a comparison that grades every lot for every use anew."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.transactions import database
from app.eligibility.editions import Change, coming_changes
from app.eligibility.fitting import Wish, grading, limits_of
from app.eligibility.queries import parameter_map, rulebook
from app.eligibility.rules import Verdict
from app.listings import operations as listings
from app.listings.models import Offer, Requirement
from app.passports.queries import known_lot
from app.passports.regrading import Regrading, regrade
from app.passports.rules import Direction
from tests.board.factories import statements_of
from tests.companies.factories import LINQING, approved_company, site_draft
from tests.conftest import NOW, TODAY
from tests.listings.factories import published_requirement, trader
from tests.passports.editions import FROM, LOOSER, NEW, OLD, TIGHTER, Ends, load_edition
from tests.passports.market import assayed_offer, random_offers, random_requirements

DAY_BEFORE = FROM - timedelta(days=1)
GRADES = ("I", "II", "III", "")
Moves = dict[tuple[str, str], tuple[str, str, Direction]]


def moves(found: Regrading) -> Moves:
    """Offer and use of every move, with the verdicts and the way it goes."""
    return {
        (move.listing.number, move.use.code): (said(move.before), said(move.after), move.direction)
        for move in found.moves
    }


def said(verdict: Verdict | None) -> str:
    return f"{verdict.outcome} {verdict.grade}".strip() if verdict else ""


def worth(verdict: Verdict) -> tuple[int, int]:
    """The better the larger."""
    outcome = ("fails", "not_shown", "qualifies").index(verdict.outcome)
    return outcome, -GRADES.index(verdict.grade)


def brute_moves(session: Session, offers: list[Offer]) -> Moves:
    found: Moves = {}
    for offer in offers:
        lot = known_lot(session, offer, TODAY).lot
        before, after = (
            {chapter.use.code: chapter.grade(lot) for chapter in rulebook(session, "fly_ash", day)}
            for day in (DAY_BEFORE, FROM)
        )
        for code in before.keys() & after.keys():
            step = worth(after[code]), worth(before[code])
            if step[0] != step[1]:
                way = Direction.UP if step[0] > step[1] else Direction.DOWN
                found[offer.number, code] = said(before[code]), said(after[code]), way
    return found


def brute_supplies(
    session: Session, offers: list[Offer], requirements: list[Requirement]
) -> dict[str, tuple[int, int]]:
    rules = [grading(session, day) for day in (DAY_BEFORE, FROM)]
    parameters = parameter_map(session)
    lost: Counter[str] = Counter()
    gained: Counter[str] = Counter()
    for offer in offers:
        lot = known_lot(session, offer, TODAY).lot
        for each in requirements:
            own = limits_of(each.own_limits, parameters)
            wish = Wish(each.product or "", own, each.accepts_not_shown)
            before, after = (one.suits("fly_ash", lot, wish).is_allowed for one in rules)
            lost[each.number] += before and not after
            gained[each.number] += after and not before
    numbers = [each.number for each in requirements]
    return {number: (lost[number], gained[number]) for number in numbers if (lost + gained)[number]}


@pytest.mark.parametrize("ends", [TIGHTER, LOOSER, TIGHTER | LOOSER])
def test_an_edition_moves_just_the_offers_that_a_full_comparison_names(
    any_session: Session, tmp_path: Path, ends: Ends
) -> None:
    random = Random(len(ends))
    offers = random_offers(any_session, random, 30)
    requirements = random_requirements(any_session, random, 8)
    load_edition(any_session, tmp_path, ends)
    found = regrade(any_session, FROM, TODAY)
    expected = brute_moves(any_session, offers)
    assert expected, "the market must have offers that move"
    assert moves(found) == expected
    assert {each.listing.number: (each.lost, each.gained) for each in found.supplies} == (
        brute_supplies(any_session, offers, requirements)
    )
    uses = len(rulebook(any_session, "fly_ash", FROM))
    assert (len(found.graded), found.same) == (30, 30 * uses - len(expected))


@pytest.mark.parametrize(("ends", "way"), [(TIGHTER, Direction.DOWN), (LOOSER, Direction.UP)])
def test_tighter_limits_move_nothing_up_and_looser_ones_nothing_down(
    session: Session, tmp_path: Path, ends: Ends, way: Direction
) -> None:
    random_offers(session, Random(7), 40)
    load_edition(session, tmp_path, ends)
    found = regrade(session, FROM, TODAY)
    assert {move.direction for move in found.moves} == {way}
    assert found.count(way) == len(found.moves)


def test_a_lot_goes_down_a_grade_by_the_limit_that_became_tighter(
    session: Session, tmp_path: Path
) -> None:
    offer = assayed_offer(session, {"loi": "4.6"})
    load_edition(session, tmp_path, TIGHTER)
    (move,) = [each for each in regrade(session, FROM, TODAY).moves if each.use.code == "concrete"]
    assert (move.listing.number, said(move.before), said(move.after)) == (
        offer.number,
        "qualifies I",
        "qualifies II",
    )
    (reason,) = move.because
    assert (reason.limit.subject, reason.limit.grade, reason.limit.standard) == ("loi", "I", NEW)


def test_a_lot_goes_up_by_the_limit_that_stood_in_its_way(session: Session, tmp_path: Path) -> None:
    assayed_offer(session, {"loi": "11.5"})
    load_edition(session, tmp_path, LOOSER)
    (move,) = [each for each in regrade(session, FROM, TODAY).moves if each.use.code == "concrete"]
    assert (said(move.before), said(move.after)) == ("fails", "qualifies III")
    assert [(each.limit.subject, each.limit.standard) for each in move.because] == [("loi", OLD)]


def test_an_assay_that_expires_between_two_editions_moves_nothing(
    session: Session, tmp_path: Path
) -> None:
    """Both verdicts rest on what is valid today, so that only the rules make a difference."""
    assayed_offer(session, {"loi": "3.2"}, last_month=date(2027, 11, 1))
    load_edition(session, tmp_path, TIGHTER, date(2027, 10, 1))
    assert regrade(session, date(2027, 10, 1), TODAY).moves == []


def test_an_offer_that_is_withdrawn_or_over_by_then_is_not_graded(
    session: Session, tmp_path: Path
) -> None:
    gone = assayed_offer(session, {"loi": "4.6"})
    listings.withdraw(session, trader(gone.company), gone.number, NOW)
    assayed_offer(session, {"loi": "4.6"}, last_month=date(2027, 1, 1))
    load_edition(session, tmp_path, TIGHTER)
    assert regrade(session, FROM, TODAY).graded == []


def test_a_buyer_counts_only_offers_it_could_meet(session: Session, tmp_path: Path) -> None:
    offer = assayed_offer(session, {"loi": "11.5"})
    common: dict[str, object] = {"materials": ("fly_ash",), "accepts_not_shown": False}
    met = published_requirement(session, **common)  # type: ignore[arg-type]
    published_requirement(session, offer.site, **common)  # type: ignore[arg-type]
    published_requirement(session, last_month=date(2027, 1, 1), **common)  # type: ignore[arg-type]
    published_requirement(session, materials=("red_mud",), accepts_not_shown=False)
    load_edition(session, tmp_path, LOOSER)
    supplies = regrade(session, FROM, TODAY).supplies
    assert [(each.listing.number, each.lost, each.gained) for each in supplies] == [
        (met.number, 0, 1)
    ]


def test_who_sees_which_offers_move(session: Session, tmp_path: Path) -> None:
    here = assayed_offer(session, {"loi": "4.6"})
    there = approved_company(session, site_draft(*LINQING)).sites[0]
    assayed_offer(session, {"loi": "4.6"}, site=there)
    load_edition(session, tmp_path, TIGHTER)
    found = regrade(session, FROM, TODAY)

    def seen(actor: Actor) -> list[int]:
        part = found.as_seen_by(actor)
        return [len({move.listing.id for move in part.moves}), len(part.graded)]

    assert seen(Actor(ActorKind.OPERATOR, user_id=1)) == [2, 2]
    assert seen(trader(here.company)) == [1, 1]
    assert seen(trader(approved_company(session))) == [0, 0]
    assert seen(Actor(ActorKind.REGULATOR, user_id=1, region="371500")) == [2, 2]
    assert seen(Actor(ActorKind.REGULATOR, user_id=1, region="371581")) == [1, 1]
    assert seen(Actor()) == [0, 0]


def test_more_offers_cost_no_more_statements(app: Flask, tmp_path: Path) -> None:
    with database().writing() as session:
        assayed_offer(session, {"so3": "2.8"})
        random_offers(session, Random(1), 5)
        random_requirements(session, Random(1), 3)
        load_edition(session, tmp_path, TIGHTER)
    few = statements_of(lambda session: regrade(session, FROM, TODAY))
    with database().writing() as session:
        random_offers(session, Random(2), 25)
        random_requirements(session, Random(2), 9)
    assert statements_of(lambda session: regrade(session, FROM, TODAY)) == few


def test_the_days_that_come_tell_what_begins_and_ends(any_session: Session, tmp_path: Path) -> None:
    assert coming_changes(any_session, TODAY) == []
    load_edition(any_session, tmp_path, TIGHTER)
    (coming,) = coming_changes(any_session, TODAY)
    assert coming.day == FROM
    assert {each.row.code: each.change for each in coming.standards} == {
        NEW: Change.STARTS,
        OLD: Change.ENDS,
    }
    assert {(each.kind, each.code, each.change) for each in coming.uses} == {
        ("fly_ash", "concrete", Change.CHANGES),
        ("fly_ash", "cement", Change.CHANGES),
    }
    assert coming.starting[NEW] == coming.ending[OLD] == 36
    assert coming_changes(any_session, FROM) == []
    assert coming_changes(any_session, DAY_BEFORE) == [coming]
    assert coming_changes(any_session, TODAY, until=DAY_BEFORE) == []
