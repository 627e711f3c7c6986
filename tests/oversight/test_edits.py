from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.oversight.gap.edits import (
    AddLine,
    AddSilo,
    Alert,
    CloseSite,
    Edit,
    OpenMonth,
    OpenRoute,
    RaiseReach,
    SetFreight,
    SetTarget,
    edit_from_document,
    edit_to_document,
    edited,
    written_out,
)
from app.oversight.gap.scenes import NotInScene, scene_from_document, scene_to_document
from matching import Mode, solve
from tests.oversight.markets import (
    BLOCKS,
    CHIPING,
    DEC,
    GAOTANG,
    KILN,
    NOV,
    OCT,
    PLANT,
    placed,
    scene,
)

ALL: tuple[Edit, ...] = (
    SetTarget(90_000),
    SetFreight(35),
    RaiseReach(BLOCKS, 300),
    OpenMonth("clinker", DEC),
    AddLine(KILN, "fly_ash", 100, OCT, DEC),
    AddSilo(PLANT, "fly_ash", 400),
    CloseSite(KILN, OCT, OCT),
    Alert(50, NOV, NOV, (CHIPING,)),
    OpenRoute(PLANT, BLOCKS, "fly_ash"),
)


def test_the_market_places_what_its_kiln_takes() -> None:
    assert placed(scene()) == 900


def test_a_closed_site_takes_nothing_in_its_months() -> None:
    assert placed(CloseSite(KILN, OCT, OCT).apply(scene())) == 300
    assert placed(CloseSite(PLANT, NOV, DEC).apply(scene())) == 600


def test_a_line_takes_more_on_the_days_that_are_worked() -> None:
    wider = AddLine(KILN, "fly_ash", 100, OCT, DEC).apply(scene())
    assert placed(wider) == 900 + 100 + 50
    assert placed(AddLine(KILN, "fly_ash", 100, NOV, NOV).apply(scene())) == 950


def test_a_line_for_another_material_is_a_requirement_of_its_own() -> None:
    gypsum = AddLine(BLOCKS, "fgd_gypsum", 70, NOV, DEC).apply(scene())
    fresh = [row for row in gypsum.problem.demands if row.materials == ("fgd_gypsum",)]
    assert [(row.kg, row.month, row.bid, row.lon) for row in fresh] == [
        (70, 1, 0, 117.50),
        (70, 2, 0, 117.50),
    ]
    assert gypsum.spots[fresh[0].id].adcode == GAOTANG


def test_a_silo_brings_goods_into_months_with_room() -> None:
    roomy = AddLine(KILN, "fly_ash", 1_000, NOV, NOV).apply(scene())
    assert placed(roomy) == 600 + 800
    assert placed(edited(scene(), [AddLine(KILN, "fly_ash", 1_600, NOV, NOV)])) == 600 + 1_000
    silo: list[Edit] = [AddLine(KILN, "fly_ash", 1_600, NOV, NOV), AddSilo(PLANT, "fly_ash", 60)]
    assert placed(edited(scene(), silo)) == 600 + 1_000 + 60


def test_a_silo_of_a_works_takes_deliveries_ahead() -> None:
    silo: list[Edit] = [CloseSite(PLANT, NOV, NOV), AddSilo(KILN, "fly_ash", 200)]
    assert placed(edited(scene(), silo)) == 600 + 200


def test_an_open_month_takes_the_days_that_stood_still() -> None:
    assert placed(OpenMonth("clinker", NOV).apply(scene())) == 600 + 600
    assert placed(OpenMonth("clinker", DEC).apply(scene())) == 900 + 600
    both = [OpenMonth("clinker", NOV), OpenMonth("clinker", DEC, CHIPING)]
    assert placed(edited(scene(), both)) == 1_800


def test_reach_must_be_raised_where_it_is_short() -> None:
    assert placed(RaiseReach(BLOCKS, 250).apply(scene())) == 900 + 600
    assert placed(RaiseReach(PLANT, 250).apply(scene())) == 900


def test_a_route_opens_one_way_and_pays_for_its_road() -> None:
    routed = OpenRoute(PLANT, BLOCKS, "fly_ash").apply(scene())
    reached = RaiseReach(BLOCKS, 250).apply(scene())
    assert placed(routed) == 900 + 600
    costs = [
        {match.cost for match in solve(each.problem).matches if match.demand == "D-2"}
        for each in (routed, reached)
    ]
    assert costs[0] == costs[1] != set()


def test_freight_decides_what_pays_for_itself() -> None:
    far = RaiseReach(BLOCKS, 250).apply(scene())
    assert placed(far, Mode.MARKET) == 900 + 600
    assert placed(SetFreight(200).apply(far), Mode.MARKET) == 900


def test_an_alert_stops_a_share_in_its_counties_and_months() -> None:
    assert placed(Alert(50, OCT, OCT, (CHIPING,)).apply(scene())) == 300 + 300
    assert placed(Alert(50, OCT, OCT, (GAOTANG,)).apply(scene())) == 900
    assert placed(Alert(100, OCT, DEC).apply(scene())) == 0


def test_a_target_changes_no_tonne() -> None:
    found = SetTarget(95_500).apply(scene())
    assert found.target_milli == 95_500
    assert found.problem == scene().problem


@pytest.mark.parametrize(
    "edit",
    [
        CloseSite(9, OCT, DEC),
        CloseSite(PLANT, date(2030, 1, 1), date(2030, 2, 1)),
        AddSilo(PLANT, "red_mud", 5),
        OpenMonth("brick", NOV),
        OpenMonth("clinker", OCT),
        OpenMonth("clinker", NOV, GAOTANG),
        OpenRoute(PLANT, BLOCKS, "red_mud"),
        AddLine(9, "fly_ash", 5, OCT, DEC),
    ],
)
def test_what_the_market_does_not_have_is_refused(edit: Edit) -> None:
    with pytest.raises(NotInScene):
        edit.apply(scene())


def test_goods_that_go_whole_get_no_silo() -> None:
    whole = scene().with_supplies(lambda row: replace(row, single=True))
    with pytest.raises(NotInScene):
        AddSilo(PLANT, "fly_ash", 5).apply(whole)


@given(st.permutations(ALL))
def test_the_order_in_which_edits_are_written_down_means_nothing(edits: list[Edit]) -> None:
    assert edited(scene(), edits) == edited(scene(), ALL)


@pytest.mark.parametrize("edit", ALL, ids=lambda edit: edit.kind)
def test_an_edit_is_kept_word_for_word(edit: Edit) -> None:
    assert edit_from_document(edit_to_document(edit)) == edit


def test_a_scene_is_kept_beside_its_problem() -> None:
    found = scene()
    assert scene_from_document(found.problem, scene_to_document(found)) == found


def test_lanes_written_out_are_the_same_market() -> None:
    problem = scene().problem
    assert solve(written_out(problem)).matches == solve(problem).matches
