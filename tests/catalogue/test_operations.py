"""Loading the reference data, and what is asked of it afterwards; on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue import queries
from app.catalogue.files import DamagedFiles
from app.catalogue.models import MarketTerm, Material
from app.catalogue.operations import load_reference_data
from app.catalogue.rules import Confidence, Term
from app.core.actor import SYSTEM
from app.core.audit import AuditEvent
from app.settings import ROOT
from tests.conftest import NOW

TODAY = date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data" / "catalogue", tmp_path / "data" / "catalogue")
    return tmp_path / "data"


def edit(folder: Path, name: str, change: Callable[[str], str]) -> None:
    path = folder / "catalogue" / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def count_loads(session: Session) -> int:
    wanted = AuditEvent.verb == "catalogue.load"
    return session.scalar(select(func.count()).select_from(AuditEvent).where(wanted)) or 0


def test_loading_again_changes_nothing(any_session: Session) -> None:
    before = count_loads(any_session)
    load_reference_data(any_session, SYSTEM, ROOT / "data", NOW)
    any_session.flush()
    assert count_loads(any_session) == before == 1


def test_an_edited_row_is_updated_and_the_change_is_on_record(
    any_session: Session, folder: Path
) -> None:
    edit(folder, "materials.csv", lambda text: text.replace(",粉煤灰,", ",粉煤灰（干）,", 1))
    load_reference_data(any_session, SYSTEM, folder, NOW)
    any_session.flush()
    assert queries.material_map(any_session, TODAY)["fly_ash"].name_zh == "粉煤灰（干）"
    assert count_loads(any_session) == 2


def test_a_damaged_file_changes_nothing(any_session: Session, folder: Path) -> None:
    edit(folder, "materials.csv", lambda text: text.replace(",粉煤灰,", ",灰,", 1))
    edit(folder, "targets.csv", lambda text: text.replace("percent", "promille"))
    with pytest.raises(DamagedFiles):
        load_reference_data(any_session, SYSTEM, folder, NOW)
    assert queries.material_map(any_session, TODAY)["fly_ash"].name_zh == "粉煤灰"


def test_materials_come_in_the_order_of_display_red_mud_last(any_session: Session) -> None:
    rows = queries.materials(any_session, TODAY)
    assert [row.code for row in rows] == [
        *("fly_ash", "fgd_gypsum", "smelting_slag", "carbide_slag", "bottom_ash", "red_mud"),
    ]
    assert [row.code for row in rows if not row.in_target] == ["red_mud"]


def test_the_target_counts_a_material_between_its_dates_only(session: Session) -> None:
    slag = session.get_one(Material, "carbide_slag")
    slag.in_target_from, slag.in_target_to = date(2026, 1, 1), date(2026, 6, 30)
    session.flush()
    told = [
        queries.material_map(session, day)["carbide_slag"].in_target
        for day in (date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1))
    ]
    assert told == [False, True, False]


def test_the_plans_target_is_past_and_excludes_red_mud(any_session: Session) -> None:
    target = queries.plan_target(any_session, TODAY)
    assert (target.value, target.excludes) == (Decimal(100), ("red_mud",))
    assert target.is_past(TODAY)
    assert not target.is_past(date(2025, 12, 31))


def test_a_target_that_is_not_yet_in_force_is_not_told(session: Session) -> None:
    codes = [row.code for row in queries.targets(session, date(2024, 6, 1))]
    assert codes == ["liaocheng-2025"]
    with pytest.raises(LookupError):
        queries.plan_target(session, date(2020, 1, 1))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("飞灰", "HW18 772-002-18"),
        ("电解铝大修渣", "HW48 321-023-48"),
        ("二次铝灰", "HW48 321-026-48"),
        ("铝灰", "HW48 321-024-48"),
        ("废脱硝催化剂", "HW50 772-007-50"),
        ("铜冶炼烟尘", "HW48 AS"),
        ("危废", "HW"),
        ("粉煤灰", None),
        ("脱硫石膏", None),
        ("一般固废（非危险废物）", None),
    ],
)
def test_the_committed_block_list_refuses_what_it_should(
    session: Session, name: str, code: str | None
) -> None:
    hit = queries.blocked(session, [name], TODAY)
    assert (hit.row.code if hit else None) == code
    assert hit is None or (hit.row.reason and hit.row.go_to)


def test_an_ended_row_of_the_block_list_refuses_no_longer(session: Session) -> None:
    assert queries.blocked(session, ["飞灰"], date(2024, 12, 31)) is None


def test_eight_counties_have_their_label_points(any_session: Session) -> None:
    counties = queries.counties(any_session)
    assert len(counties) == 8
    assert all(115 < county.lon < 117 and 35 < county.lat < 38 for county in counties)
    assert queries.county_map(any_session)["371503"].name == "茌平区"


def test_every_term_of_the_market_stands_with_its_source(any_session: Session) -> None:
    rows = queries.terms(any_session, TODAY)
    assert [row.code for row in rows] == list(Term)
    assert all(row.source for row in rows)
    unsure = [row.code for row in rows if row.confidence is Confidence.UNSURE]
    assert unsure == [Term.WEIGHT_TOLERANCE_MILLI]


def test_a_term_is_that_of_the_day_it_is_asked_for(any_session: Session) -> None:
    first = any_session.get_one(MarketTerm, ("answer_days", date(2020, 1, 1)))
    first.valid_to = date(2026, 12, 31)
    later = {"confidence": first.confidence, "source": first.source, "note": ""}
    any_session.add(
        MarketTerm(code="answer_days", value=5, unit="days", valid_from=date(2027, 1, 1), **later)
    )
    any_session.flush()
    days = (date(2026, 12, 31), date(2027, 1, 1))
    assert [queries.term(any_session, "answer_days", day) for day in days] == [3, 5]


def test_a_term_nobody_set_is_an_error_that_names_it(session: Session) -> None:
    with pytest.raises(LookupError, match="answer_days on 2019-12-31"):
        queries.term(session, "answer_days", date(2019, 12, 31))
