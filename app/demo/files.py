"""Reading `data/demo`: rows as the drafts that the product's own operations take."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from app.catalogue.quality import ParameterRow
from app.companies.operations import Application, Contact, Particulars, SiteDraft
from app.core.clock import add_months
from app.core.quantities import KG_PER_TONNE, parse_yuan
from app.eligibility.own_limits import read_limits
from app.listings.operations import OfferDraft, RequirementDraft
from app.listings.rules import Product

Row = dict[str, str]


def rows(folder: Path, name: str) -> list[Row]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sites_by_company(folder: Path) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows(folder, "sites.csv"):
        found[row["company_key"]].append(row)
    return found


def application(company: Row, first_site: Row) -> Application:
    contact = Contact(
        name=company["contact_name"],
        name_en=company["contact_name_en"],
        phone=company["phone"],
    )
    particulars = Particulars(
        credit_code=company["credit_code"],
        name=company["name"],
        name_en=company["name_en"],
        is_producer=company["is_producer"] == "1",
        is_consumer=company["is_consumer"] == "1",
        is_carrier=company["is_carrier"] == "1",
        contact=contact,
        industry_code=company["industry_code"],
    )
    return Application(particulars, site_draft(first_site), is_synthetic=True)


def site_draft(row: Row) -> SiteDraft:
    return SiteDraft(
        name=row["name"],
        name_en=row["name_en"],
        lon=float(row["lon"]),
        lat=float(row["lat"]),
        address=row["address"],
        address_en=row["address_en"],
    )


def offer_draft(row: Row, site_id: int, this_month: date) -> OfferDraft:
    first, last = _window(row, this_month)
    return OfferDraft(
        site_id=site_id,
        material=row["material"],
        kind=row["kind"],
        kg_per_month=tonnes(row["tonnes_per_month"]),
        first_month=first,
        last_month=last,
        list_price=price(row["list_price"]),
        limit_price=price(row["limit_price"]),
        silo_kg=_mass(row["silo_t"]),
        holding_price=price(row["holding"]),
        shows_name=row["shows_name"] == "1",
        note=row["note"],
    )


def requirement_draft(
    row: Row, site_id: int, this_month: date, parameters: Mapping[str, ParameterRow]
) -> RequirementDraft:
    first, last = _window(row, this_month)
    return RequirementDraft(
        site_id=site_id,
        materials=tuple(row["materials"].split("|")),
        kg_per_month=tonnes(row["tonnes_per_month"]),
        first_month=first,
        last_month=last,
        max_km=int(row["max_km"]),
        list_price=price(row["list_price"]),
        limit_price=price(row["limit_price"]),
        silo_kg=_mass(row["silo_t"]),
        shows_name=row["shows_name"] == "1",
        product=Product(row["product"]),
        accepts_not_shown=row["takes_untested"] == "1",
        own_limits=read_limits(row["own_limits"], parameters).limits,
        note=row["note"],
    )


def _window(row: Row, this_month: date) -> tuple[date, date]:
    first, last = int(row["first_offset"]), int(row["last_offset"])
    return add_months(this_month, first), add_months(this_month, last)


def price(text: str) -> int | None:
    """Fen per tonne; none for a blank cell."""
    return parse_yuan(text) if text else None


def tonnes(text: str) -> int:
    """Kilograms."""
    return int(text) * KG_PER_TONNE


def _mass(text: str) -> int | None:
    return tonnes(text) if text else None
