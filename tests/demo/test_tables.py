"""The tables of the story are synthetic, valid and name only each other's keys."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.demo.files import Row, rows
from app.demo.rules import Calendar
from app.settings import ROOT
from app.shipments.plates import PlateKind, plate_kind

FOLDER = ROOT / "data" / "demo"
NOW = datetime(2026, 11, 22, 8, 42, tzinfo=UTC)
CALENDAR = Calendar(NOW, NOW - timedelta(days=25), date(2026, 11, 20))
TIMES = {
    "earlier_listings": ("published",),
    "assays": ("at",),
    "deals": ("at",),
    "steps": ("at",),
    "threads": ("at",),
    "moves": ("at",),
    "weights": ("at",),
    "yard": ("at",),
    "flags": ("at",),
    "loads": ("planned", "confirmed", "loaded", "arrived", "unloaded", "returned", "closed"),
}


def table(name: str) -> list[Row]:
    return rows(Path(FOLDER), f"{name}.csv")


def keys(*names: str, column: str = "key") -> set[str]:
    return {row[column] for name in names for row in table(name)}


@pytest.mark.parametrize("name", TIMES)
def test_everything_that_happened_lies_in_the_past_and_after_the_opening(name: str) -> None:
    for row in table(name):
        for column in TIMES[name]:
            if row[column]:
                assert CALENDAR.opened < CALENDAR.at(row[column]) <= NOW, row


def test_plates_are_valid_and_none_that_is_issued() -> None:
    for row in table("vehicles"):
        assert plate_kind(row["plate"]) in (PlateKind.TRUCK, PlateKind.NEW_ENERGY), row
        assert row["plate"].startswith("鲁PDEM") or row["plate"] == "鲁P00000D", row
        if row["trailer_plate"]:
            assert plate_kind(row["trailer_plate"]) is PlateKind.TRAILER, row
            assert row["trailer_plate"].startswith("鲁PDEM"), row


def test_drivers_are_role_words() -> None:
    assert all(re.fullmatch(r"司机 \d\d", row["driver"]) for row in table("loads"))


@pytest.mark.parametrize(
    ("name", "column", "known"),
    [
        ("deals", "producer_site", keys("sites")),
        ("deals", "consumer_site", keys("sites")),
        ("steps", "deal", keys("deals", "threads")),
        ("steps", "by", keys("companies")),
        ("threads", "site_key", keys("sites")),
        ("moves", "thread", keys("threads")),
        ("moves", "by", keys("companies")),
        ("loads", "deal", keys("deals", "threads")),
        ("loads", "plate", keys("vehicles", column="plate")),
        ("weights", "load", keys("loads")),
        ("bids", "listing", keys("offers", "requirements")),
        ("gates", "site_key", keys("sites")),
        ("vehicles", "company_key", keys("companies")),
        ("facilities", "site_key", keys("sites")),
        ("yard", "facility", keys("facilities", column="code") | {""}),
        ("oddities", "site_key", keys("sites")),
        ("flags", "site_key", keys("sites")),
        ("flags", "by", keys("companies") | {"city", "county"}),
    ],
)
def test_a_table_names_what_another_one_has(name: str, column: str, known: set[str]) -> None:
    assert {row[column] for row in table(name)} <= known
