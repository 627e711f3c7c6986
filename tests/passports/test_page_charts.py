"""Where things stand in the drawings: steps, uprights, bands, dots and lines."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy.orm import Session

from app.assays import operations
from app.catalogue import quality
from app.core.actor import SYSTEM
from app.passports.charts import BOTTOM, LABEL_PX, TOP, BatchChart, LadderRow, Scale
from app.passports.queries import Passport
from tests.assays.factories import recorded
from tests.conftest import NOW
from tests.listings.factories import published_offer
from tests.passports.lots import good_offer, seen, unfit_offer


def rung(found: Passport, standard: str, parameter: str) -> LadderRow:
    """One row of a ladder."""
    ladder = next(each for each in found.ladders if each.standard == standard)
    return next(row for row in ladder.rows if row.value.parameter.code == parameter)


def drawn(found: Passport, parameter: str) -> BatchChart:
    chart = found.chart(parameter)
    assert chart is not None
    assert chart.value.parameter.code == parameter
    return chart


def test_limits_are_steps_from_the_best_grade_to_none(session: Session) -> None:
    row = rung(seen(session, good_offer(session)), "GB/T 1596-2017", "loi")
    assert [zone.grade for zone in row.zones] == ["I", "II", "III", ""]
    assert [tick.amount for tick in row.ticks] == [Decimal(5), Decimal(8), Decimal(10)]
    assert row.grade == "II"


def test_the_value_stands_in_the_step_of_its_grade(session: Session) -> None:
    found = seen(session, good_offer(session))
    rows = [row for ladder in found.ladders for row in ladder.rows]
    for row in rows:
        assert row.at is not None
        within = [z for z in row.zones if z.left <= row.at <= z.left + z.width]
        assert row.grade in {zone.grade for zone in within}


def test_the_band_holds_the_valid_batches_alone(session: Session) -> None:
    row = rung(seen(session, good_offer(session)), "GB/T 1596-2017", "loi")
    assert row.band is not None
    left, width = row.band
    assert row.at == pytest.approx(left + width)
    assert row.value.spread.count == 5
    assert str(row.value.spread.most) == str(row.value.reading)


def test_lower_limits_climb_from_none_to_the_best(session: Session) -> None:
    row = rung(seen(session, good_offer(session)), "JC/T 409-2016", "sio2")
    assert [zone.grade for zone in row.zones] == ["", "II", "I"]
    assert row.grade == "I"


def test_uses_with_the_same_limits_share_a_ladder(session: Session) -> None:
    found = seen(session, published_offer(session))
    assert [(each.standard, len(each.uses)) for each in found.ladders] == [
        ("GB/T 1596-2017", 1),
        ("JC/T 409-2016", 2),
    ]


def test_a_bound_that_reaches_into_two_grades_settles_nothing(session: Session) -> None:
    offer = published_offer(session)
    recorded(session, offer.company_id, offer.number, values={"loi": "<8", "so3": "未检出"})
    row = rung(seen(session, offer), "GB/T 1596-2017", "loi")
    assert (row.grade, row.is_settled) == ("", False)


def test_every_ladder_of_every_kind_stays_within_its_drawing(session: Session) -> None:
    for kind in quality.kinds(session):
        if kind.material:
            offer = published_offer(session, material=kind.material, kind=kind.code)
            for row in (row for ladder in seen(session, offer).ladders for row in ladder.rows):
                assert sum(zone.width for zone in row.zones) == pytest.approx(100)
                assert all(0 <= tick.at <= 100 for tick in row.ticks)


def test_dots_run_from_the_first_to_the_last_day_and_expired_ones_are_told(
    session: Session,
) -> None:
    chart = drawn(seen(session, good_offer(session)), "loi")
    assert [dot.measured.counts for dot in chart.dots] == [True] * 5 + [False]
    places = [dot.x for dot in chart.dots]
    assert places == sorted(places, reverse=True)
    assert all(TOP <= dot.y <= BOTTOM for dot in chart.dots)


def test_a_higher_value_stands_higher_and_lines_stand_at_their_limits(session: Session) -> None:
    chart = drawn(seen(session, good_offer(session)), "loi")
    by_value = sorted(chart.dots, key=lambda dot: dot.measured.reading.low or 0)
    assert [dot.y for dot in by_value] == sorted((dot.y for dot in chart.dots), reverse=True)
    assert [line.end for line in chart.lines] == [20, 10, 8, 5]
    assert [line.y for line in chart.lines] == sorted(line.y for line in chart.lines)


def test_labels_of_lines_do_not_lie_on_each_other(session: Session) -> None:
    chart = drawn(seen(session, unfit_offer(session)), "loi")
    places = [line.label_y for line in chart.lines]
    assert min(low - high for high, low in pairwise(places)) >= LABEL_PX


def test_a_bound_is_drawn_at_its_end_with_the_side_it_opens_to(session: Session) -> None:
    found = seen(session, good_offer(session))
    assert {dot.reach for dot in drawn(found, "nh4").dots} == {-1}
    assert {dot.reach for dot in drawn(found, "loi").dots} == {0}


def test_what_was_not_found_has_a_row_and_no_dot(session: Session) -> None:
    offer = published_offer(session)
    recorded(session, offer.company_id, offer.number, values={"cl": "未检出"})
    chart = drawn(seen(session, offer), "cl")
    assert (len(chart.value.series), chart.dots) == (1, ())


def test_a_chart_nobody_asked_for_shows_a_graded_parameter(session: Session) -> None:
    found = seen(session, good_offer(session))
    chosen, unknown = found.chart(""), found.chart("no such thing")
    assert chosen is not None
    assert chosen == unknown
    assert chosen.value.parameter.code in {"loi", "residue_45um", "water_demand", "sio2", "so3"}


def test_a_chart_needs_a_batch(session: Session) -> None:
    offer = published_offer(session)
    operations.tell_facts(session, SYSTEM, offer.site_id, {"boiler_type": "pulverised"}, NOW)
    assert seen(session, offer).chart("loi") is None


def test_what_lies_beyond_a_scale_stands_at_its_end() -> None:
    scale = Scale(Decimal(2), Decimal(4))
    shares = [scale.share(Decimal(amount)) for amount in ("1", "2", "3", "4", "9")]
    assert shares == [0, 0, 0.5, 1, 1]
