"""What a firm takes out comes in again and changes nothing; blank tables have all columns."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.companies.models import Company
from app.core.clock import now
from app.core.i18n import LOCALES, speaking
from app.core.office.tables import open_table
from app.core.transactions import database
from app.eligibility.fitting import OwnLimit
from app.imports import exports
from app.imports.columns import COLUMNS, find_columns
from app.imports.rules import ImportKind, ImportState
from app.listings.rules import DealMode, Product
from tests.imports.factories import (
    imported,
    member,
    producer,
    table,
    ticket_row,
    told,
    trucks,
)
from tests.listings.factories import published_offer, published_requirement
from tests.shipments.factories import LATEST, rejected
from tests.trades.factories import contracted_trade

SUFFIXES = (".xlsx", ".csv")


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_listings_taken_out_and_sent_in_again_change_nothing(
    app: Flask, frozen: datetime, suffix: str, language: str
) -> None:
    with database().writing() as session:
        offer = published_offer(
            session,
            limit_price=-12_50,
            list_price=3_00,
            deal_mode=DealMode.LIST_PRICE,
            max_km=80,
            silo_kg=5_000_500,
            holding_price=1_25,
            shows_name=True,
            waste_name="+粉煤灰",
            waste_code="441-001-S02",
            note="'=1+1",
        )
        published_offer(session, offer.site, material="bottom_ash")
        published_offer(session, offer.site, material="smelting_slag", kind="steel_slag_powder")
        published_requirement(
            session,
            offer.site,
            product=Product.CEMENT,
            note="@cmd",
            accepts_not_shown=False,
            own_limits=(
                OwnLimit("sio2_al2o3_fe2o3", Decimal(70), None),
                OwnLimit("activity_28d", Decimal("70.5"), Decimal(90)),
                OwnLimit("ssa", None, Decimal(450)),
            ),
        )
        published_requirement(session, offer.site)
        actor = member(session, session.get_one(Company, offer.company_id))
    for kind, rows in ((ImportKind.OFFERS, 3), (ImportKind.REQUIREMENTS, 2)):
        with speaking(language), database().reading() as session:
            content = exports.own_table(session, actor, kind, suffix, now())
        view = imported(actor, kind, content, name=f"t{suffix}")
        assert (view.file.state, view.file.known) == (ImportState.DONE, rows), told(view)
        with speaking(language), database().reading() as session:
            assert cells(exports.own_table(session, actor, kind, suffix, now())) == cells(content)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_tickets_taken_out_and_sent_in_again_change_nothing(
    app: Flask, freeze: Callable[[datetime], None], suffix: str
) -> None:
    freeze(LATEST)
    with database().writing() as session:
        trade = contracted_trade(session)
        rejected(session, trade, part=4_000)
        sides = (trade.producer_company_id, trade.consumer_company_id)
        people = [member(session, session.get_one(Company, side)) for side in sides]
    for actor in people:
        with database().reading() as session:
            content = exports.own_table(session, actor, ImportKind.TICKETS, suffix, now())
        assert len(cells(content)) == 1
        view = imported(actor, ImportKind.TICKETS, content, name=f"t{suffix}")
        assert (view.file.state, view.file.known) == (ImportState.DONE, 1), told(view)


def test_each_firm_takes_out_the_tickets_of_its_own_weighbridge(
    app: Flask, freeze: Callable[[datetime], None]
) -> None:
    freeze(LATEST)
    with database().writing() as session:
        trade = contracted_trade(session)
        notes = trucks(session, trade, 2)
        actor = member(session, session.get_one(Company, trade.producer_company_id))
        taker = member(session, session.get_one(Company, trade.consumer_company_id))
        rows = [ticket_row(note) for note in notes]
    imported(actor, ImportKind.TICKETS, table(ImportKind.TICKETS, rows))
    with database().reading() as session:
        own = exports.own_table(session, actor, ImportKind.TICKETS, ".csv", now())
        others = exports.own_table(session, taker, ImportKind.TICKETS, ".csv", now())
    assert [row[0] for row in cells(own)] == [row["note"] for row in rows]
    assert cells(others) == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(note=st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), max_size=40))
def test_any_words_come_in_as_they_were_typed(app: Flask, note: str) -> None:
    """Whatever a spreadsheet would have run stands in the listing as text."""
    row = {"note": note}
    found = open_table(table(ImportKind.OFFERS, [{"materials": "粉煤灰"} | row]))
    head = find_columns(ImportKind.OFFERS, found.head.cells)
    assert head.picked(next(found.rows()).cells)["note"] == note.strip()


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("kind", list(ImportKind))
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_blank_table_has_every_column_and_no_row(
    app: Flask, frozen: datetime, kind: ImportKind, suffix: str, language: str
) -> None:
    with database().writing() as session:
        actor = producer(session).actor
    with speaking(language), database().reading() as session:
        content = exports.blank_table(session, actor, kind, suffix, now())
    found = open_table(content)
    head = find_columns(kind, found.head.cells)
    assert set(head.places) == {column.name for column in COLUMNS[kind]}
    assert (head.missing, head.doubled, head.unknown) == ((), (), ())
    assert list(found.rows()) == []


def test_a_blank_workbook_offers_the_words_and_explains_the_columns(
    app: Flask, frozen: datetime
) -> None:
    with database().writing() as session:
        actor = producer(session).actor
    with database().reading() as session:
        content = exports.blank_table(session, actor, ImportKind.OFFERS, ".xlsx", now())
    book = load_workbook(io.BytesIO(content))
    page, help_page, choices = book.worksheets
    assert (page.title, help_page.title, choices.title) == ("供应", "填写说明", "可选内容")
    offered = {cell.value for row in choices.iter_rows() for cell in row}
    assert {"粉煤灰", "公开议价", "产废方收"} <= offered
    assert len(page.data_validations.dataValidation) == 6
    assert [row[0].value for row in help_page.iter_rows(min_row=2)] == [
        str(column.heading) for column in COLUMNS[ImportKind.OFFERS]
    ]


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in open_table(content).rows()]
