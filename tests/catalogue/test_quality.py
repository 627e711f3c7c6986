"""What the catalogue knows of quality: whole, consistent, and the same on both databases."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.orm import Session

from app.catalogue import quality
from app.catalogue.models import QualityLimit, Standard, Use
from app.catalogue.quality import (
    KindRow,
    LimitRow,
    ParameterRow,
    QualityNoteRow,
    StandardRow,
    UseRow,
)
from app.catalogue.queries import material_map
from app.catalogue.rules import (
    ANY,
    FACT_VALUES,
    Confidence,
    Fact,
    LimitRole,
    NoteRole,
    Radioactivity,
)
from app.catalogue.spelling import fold
from app.eligibility.ranges import Range, exactly
from app.eligibility.units import converted
from app.listings.rules import Product

TODAY = date(2026, 11, 22)
LIMITS_OF = {
    "GB/T 1596-2017": 36,
    "GB/T 18046-2017": 36,
    "GB/T 20491-2017": 26,
    "GB 18599-2020": 20,
    "GB/T 21371-2019": 18,
    "GB 5085.3-2007": 17,
    "JC/T 409-2016": 16,
    "GB/T 37785-2019": 13,
    "GB/T 203-2008": 11,
    "GB 6566-2010": 9,
    "JTG/T F20-2015": 5,
    "GB 31893-2015": 3,
    "GB/T 25824-2010": 2,
    "GB 5085.1-2007": 2,
    "GB/T 39701-2020": 1,
    "GB 175-2023": 1,
    "国家危险废物名录（2025年版）": 1,
}
NOTES_OF = {
    NoteRole.INFO: 9,
    NoteRole.BENCHMARK: 7,
    NoteRole.TYPICAL: 7,
    NoteRole.HISTORIC: 6,
    NoteRole.SITE: 4,
    NoteRole.METHOD: 3,
    NoteRole.TAX: 1,
}


@dataclass(frozen=True)
class Known:
    """What a freshly loaded catalogue answers today, and its dated rows of whatever day."""

    kinds: list[KindRow]
    parameters: list[ParameterRow]
    standards: list[StandardRow]
    uses: list[UseRow]
    limits: list[LimitRow]
    notes: list[QualityNoteRow]
    editions: dict[str, Standard]
    ruled: list[QualityLimit | Use]
    traded: set[str]

    def only(self, kind: str, **wanted: object) -> LimitRow:
        """The one limit of a kind that has the attributes wanted."""
        own = (row for row in self.limits if row.kind == kind)
        (row,) = [row for row in own if all(getattr(row, k) == v for k, v in wanted.items())]
        return row

    def places(self) -> set[tuple[str, str]]:
        """Where a limit or a note may stand: kind and use, each of them named or any."""
        named = {(row.kind, row.code) for row in self.uses}
        kinds = {row.code for row in self.kinds} | {ANY}
        return named | {(kind, ANY) for kind in kinds} | {(ANY, use) for _, use in named}


@pytest.fixture(scope="module", params=["sqlite_template", "postgres_template"])
def known(request: pytest.FixtureRequest) -> Known:
    """The catalogue of each database, read once: no test here changes what it answers."""
    template = request.getfixturevalue(request.param)
    server = make_url(os.environ["GUFEI_TEST_POSTGRES_URL"])
    is_file = isinstance(template, Path)
    engine = create_engine(f"sqlite:///{template}" if is_file else server.set(database=template))
    with Session(engine, expire_on_commit=False) as session:
        found = _read(session)
        session.expunge_all()
    # A database that somebody is connected to cannot be copied for the next test.
    engine.dispose()
    return found


def _read(session: Session) -> Known:
    return Known(
        kinds=quality.kinds(session),
        parameters=quality.parameters(session),
        standards=quality.standards(session, TODAY),
        uses=quality.uses(session, TODAY),
        limits=quality.limits(session, TODAY),
        notes=quality.quality_notes(session, TODAY),
        editions={row.code: row for row in session.scalars(select(Standard))},
        ruled=[*session.scalars(select(QualityLimit)), *session.scalars(select(Use))],
        traded=set(material_map(session, TODAY)),
    )


def test_each_limit_names_kind_use_parameter_and_a_standard_in_force(known: Known) -> None:
    measured = {row.code for row in known.parameters}
    in_force = {row.code for row in known.standards}
    places = known.places()
    for row in known.limits:
        assert (row.kind, row.use) in places, row
        assert row.standard in in_force, row
        is_of_origin = bool(row.allowed) or row.role is LimitRole.BARRED
        assert (row.parameter in measured) != is_of_origin, row


def test_each_limit_has_something_to_decide_by_unless_it_closes_the_use(known: Known) -> None:
    for row in known.limits:
        bounds = (row.minimum, row.maximum, *row.allowed)
        closed = row.role is LimitRole.BARRED
        assert any(bound is not None for bound in bounds) != closed, row


def test_the_limits_of_each_standard_are_all_there(known: Known) -> None:
    rows = known.limits
    assert Counter(row.standard for row in rows) == LIMITS_OF
    assert len(rows) == sum(isinstance(row, QualityLimit) for row in known.ruled) == 217


def test_bounds_keep_the_digits_that_the_standard_prints(known: Known) -> None:
    fineness = known.only("fly_ash", use="concrete", parameter="residue_45um", grade="I")
    demand = known.only("fly_ash", use="concrete", parameter="water_demand", grade="I")
    chloride = known.only("fgd_gypsum", parameter="cl", grade="I")
    assert [str(row.maximum) for row in (fineness, demand, chloride)] == ["12.0", "95", "100"]
    assert fineness.minimum is None


def test_a_bound_is_in_the_unit_that_its_standard_prints(known: Known) -> None:
    assert {(row.kind, row.parameter, row.unit) for row in known.limits if row.unit} == {
        ("fgd_gypsum", "cl", "mg/kg"),
        ("fly_ash", "ssa", "cm2/g"),
    }


def test_bounds_are_in_order_and_physically_possible(known: Known) -> None:
    measured = {row.code: row for row in known.parameters}
    for row in known.limits:
        found = measured.get(row.parameter)
        bounds = [bound for bound in (row.minimum, row.maximum) if bound is not None]
        assert bounds == sorted(bounds), row
        for bound in bounds:
            assert found is not None
            usual = converted(exactly(bound), row.unit or found.unit, found.unit)
            assert usual.is_within(Range(found.lowest, found.highest)), row


def test_a_fact_is_known_and_so_is_each_of_its_values(known: Known) -> None:
    assert set(FACT_VALUES) == set(Fact)
    for row in known.limits:
        assert bool(row.fact) == bool(row.fact_values), row
        assert row.fact is None or set(row.fact_values) <= set(FACT_VALUES[row.fact]), row
        if row.allowed:
            assert set(row.allowed) < set(FACT_VALUES[Fact(row.parameter)]), row


def test_no_parameter_is_called_as_a_fact_is(known: Known) -> None:
    assert not {row.code for row in known.parameters} & set(Fact)


def test_grades_have_ranks_and_a_worse_grade_is_never_held_to_more(known: Known) -> None:
    graded: dict[tuple[str, ...], dict[int, LimitRow]] = defaultdict(dict)
    for row in known.limits:
        assert (row.grade_rank is None) == (not row.grade or row.role is LimitRole.PRODUCT), row
        if row.grade_rank is not None:
            place = (row.standard, row.kind, row.use, row.parameter)
            assert row.grade_rank not in graded[place], row
            graded[place][row.grade_rank] = row
    for rows in graded.values():
        for better, worse in pairwise(rows[rank] for rank in sorted(rows)):
            assert (better.maximum or 0) <= (worse.maximum or 0)
            assert (better.minimum or 0) >= (worse.minimum or 0)


def test_radioactivity_binds_the_product_by_category(known: Known) -> None:
    rows = [row for row in known.limits if row.standard == "GB 6566-2010"]
    assert {row.role for row in rows} == {LimitRole.PRODUCT}
    assert {row.grade for row in rows} == set(Radioactivity)
    assert {(row.kind, row.use) for row in rows} == {(ANY, ANY)}


def test_ash_must_come_from_a_pulverised_coal_boiler_for_cement_and_concrete(known: Known) -> None:
    rows = [row for row in known.limits if row.kind == "fly_ash"]
    origin = [row for row in rows if row.role is LimitRole.ORIGIN]
    assert {row.use for row in origin} == {"concrete", "cement"}
    assert {(row.parameter, row.allowed) for row in origin} == {("boiler_type", ("pulverised",))}


def test_slag_of_named_ores_has_its_own_row_beside_the_common_one(known: Known) -> None:
    common = known.only("bf_slag", parameter="tio2", fact=None)
    relaxed = known.only("bf_slag", parameter="tio2", fact=Fact.ORE)
    assert (common.maximum, relaxed.maximum) == (Decimal("2.0"), Decimal("10.0"))
    assert relaxed.fact_values == ("vanadium_titanium",)


def test_steel_slag_powder_is_barred_from_common_cement_alone(known: Known) -> None:
    barred = known.only("steel_slag_powder", role=LimitRole.BARRED)
    assert (barred.use, barred.standard) == ("common_cement", "GB 175-2023")


def test_the_limits_of_a_kind_are_its_own_and_those_of_any(any_session: Session) -> None:
    rows = quality.limits(any_session, TODAY, "red_mud")
    assert {row.kind for row in rows} == {ANY}
    assert {row.kind for row in quality.limits(any_session, TODAY, "ggbs")} == {"ggbs", ANY}
    assert Counter(row.role for row in rows if row.use == ANY) == {
        LimitRole.HAZARD: 19,
        LimitRole.CLASS_1: 20,
        LimitRole.PRODUCT: 9,
    }


def test_a_limit_holds_between_its_days_only(session: Session) -> None:
    def told(day: date) -> bool:
        return any(row.standard == "GB 175-2023" for row in quality.limits(session, day))

    (row,) = session.scalars(select(QualityLimit).where(QualityLimit.standard == "GB 175-2023"))
    row.valid_to = date(2026, 12, 31)
    session.flush()
    days = (date(2024, 5, 31), date(2024, 6, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [told(day) for day in days] == [False, True, True, False]


def test_a_limit_is_in_force_no_longer_than_its_standard(known: Known) -> None:
    editions = known.editions
    for row in known.ruled:
        if row.standard:
            edition = editions[row.standard]
            assert edition.valid_from <= row.valid_from, row.standard
            assert (edition.valid_to or date.max) >= (row.valid_to or date.max), row.standard


def test_a_replaced_standard_ends_on_the_day_before_the_next_begins(known: Known) -> None:
    editions = known.editions
    replaced = [row for row in editions.values() if row.replaces]
    assert len(replaced) == 2
    for row in replaced:
        assert editions[row.replaces or ""].valid_to == row.valid_from - timedelta(days=1)


def test_a_use_names_its_kind_its_standard_and_products_of_the_market(known: Known) -> None:
    in_force = {row.code for row in known.standards} | {None}
    kinds = [row.code for row in known.kinds]
    rows = known.uses
    assert len({(row.kind, row.code) for row in rows}) == len(rows) == 39
    assert list(dict.fromkeys(row.kind for row in rows)) == kinds
    for row in rows:
        assert row.standard in in_force, row
        assert set(row.products) <= set(Product), row


def test_shares_and_prices_of_a_use_are_in_order_and_prices_are_unsure(known: Known) -> None:
    for row in known.uses:
        for low, high in (
            (row.share_min_pct, row.share_max_pct),
            (row.price_low_cny_t, row.price_high_cny_t),
        ):
            assert (low is None) == (high is None), row
            assert low is None or high is None or low <= high, row
        assert (row.share_max_pct or 0) <= 100, row
        unsure = None if row.price_low_cny_t is None else Confidence.UNSURE
        assert row.price_confidence is unsure, row


def test_the_sentences_of_a_use_stand_in_both_languages(known: Known) -> None:
    for row in known.uses:
        for zh, en in (
            (row.share_basis_zh, row.share_basis_en),
            (row.limited_by_zh, row.limited_by_en),
            (row.replaces_zh, row.replaces_en),
            (row.tax_zh, row.tax_en),
        ):
            assert bool(zh) == bool(en), row


def test_only_class_1_material_goes_into_the_ground(known: Known) -> None:
    bound = {row.code for row in known.uses if row.needs_class_1}
    assert bound == {"backfill", "embankment"}


def test_a_use_is_that_of_the_day_it_is_asked_for(any_session: Session) -> None:
    def edition(day: date) -> str | None:
        rows = quality.uses(any_session, day, "phosphogypsum")
        return next(row.standard for row in rows if row.code == "gypsum_products")

    days = (date(2026, 6, 30), date(2026, 7, 1))
    assert [edition(day) for day in days] == ["GB/T 23456-2018", "GB/T 23456-2025"]


def test_what_nobody_could_read_has_no_limits(known: Known) -> None:
    ruled = {(row.kind, row.use) for row in known.limits}
    assert ("phosphogypsum", "gypsum_products") not in ruled


def test_kinds_point_to_materials_of_the_market(known: Known) -> None:
    traded = known.traded
    rows = known.kinds
    assert {row.material for row in rows if row.material} == traded
    untraded = [row.code for row in rows if row.material is None]
    assert untraded == ["byproduct_gypsum", "phosphogypsum", "coal_gangue"]


def test_no_name_on_a_lab_sheet_stands_for_two_parameters(known: Known) -> None:
    rows = known.parameters
    called = [{fold(name) for name in (row.name_zh, row.name_en, *row.synonyms)} for row in rows]
    names = [name for own in called for name in own]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert len(rows) == 100


def test_a_parameter_has_a_range_in_order(known: Known) -> None:
    for row in known.parameters:
        assert row.lowest is not None, row
        assert row.highest is None or row.lowest < row.highest, row


@pytest.mark.parametrize("name", ["烧失量", "LOI", "Ig.loss", "三氧化硫", "SO3", "比表面积"])
def test_the_usual_names_on_a_lab_sheet_are_known(known: Known, name: str) -> None:
    assert fold(name) in {fold(word) for row in known.parameters for word in row.synonyms}


def test_notes_stand_where_they_belong_and_are_all_there(known: Known) -> None:
    rows = known.notes
    assert [row.position for row in rows] == list(range(1, 38))
    assert Counter(row.role for row in rows) == NOTES_OF
    measured = {row.code for row in known.parameters} | {""}
    editions = known.editions.keys() | {""}
    places = known.places()
    for row in rows:
        assert (row.kind, row.use or ANY) in places, row
        assert row.parameter in measured, row
        assert row.standard in editions, row
