"""What stands about the demo firms: parks, groups, permits, wastes, trucks, who is public."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.companies.models import (
    Company,
    FirmGroup,
    GroupMember,
    PublicFirm,
    Site,
    UsePermit,
)
from app.companies.rules import PublicBasis
from app.core.actor import SYSTEM
from app.core.bulk import add_rows
from app.core.clock import china_day
from app.declarations.operations import SourceDraft, add_source
from app.declarations.rules import WasteClass, WasteForm
from app.demo import files, practice
from app.demo.deliveries import Partners
from app.demo.files import Row
from app.history.declaring import Waste
from app.history.rules import TRUCK_LOAD_KG
from app.shipments.models import Vehicle
from app.shipments.rules import EmissionClass

PUBLIC_SOURCE = "演示数据：产废企业按信息公开要求公布"
MONTHS_OF_A_YEAR = 12


def settle(session: Session, partners: Partners, joined: datetime) -> None:
    """Enter it all, valid since the firms joined."""
    for row in files.rows(partners.folder, "parks.csv"):
        session.get_one(Site, partners.sites[row["site_key"]]).park = row["park"]
    session.flush()
    _group(session, partners, joined)
    _permit(session, partners, joined)
    _make_public(session, partners.companies, joined)
    _describe_wastes(session, partners, joined)
    _register_trucks(session, partners, joined)


def _group(session: Session, partners: Partners, joined: datetime) -> None:
    groups: dict[str, FirmGroup] = {}
    for row in files.rows(partners.folder, "groups.csv"):
        name = row["group"]
        if name not in groups:
            groups[name] = FirmGroup(name=row["name"], name_en=row["name_en"])
        company_id = partners.companies[row["company_key"]]
        member = GroupMember(company_id=company_id, valid_from=china_day(joined))
        member.group = groups[name]
        session.add(member)
    session.flush()


def _permit(session: Session, partners: Partners, joined: datetime) -> None:
    """Every receiver may take what its works could use in a full year."""
    permits = practice.permits(partners.folder)
    rows = [
        {
            "site_id": partners.sites[site],
            "material": material,
            "valid_from": china_day(joined).replace(month=1, day=1),
            "kg_per_year": kg,
            "number": f"示例环评 {place:04d}",
        }
        for place, ((site, material), kg) in enumerate(permits.items(), start=1)
    ]
    add_rows(session, UsePermit, rows)


def _make_public(session: Session, companies: Mapping[str, int], joined: datetime) -> None:
    rows = [
        {
            "company_id": company_id,
            "valid_from": china_day(joined),
            "basis": PublicBasis.MUST_PUBLISH,
            "source": PUBLIC_SOURCE,
        }
        for company_id in companies.values()
        if session.get_one(Company, company_id).is_producer
    ]
    add_rows(session, PublicFirm, rows)


def _describe_wastes(session: Session, partners: Partners, joined: datetime) -> None:
    """Form 1 of every site that makes waste, but for what the story enters itself."""
    texts = {row["material"]: row for row in files.rows(partners.folder, "wastes.csv")}
    told = {
        (partners.sites[row["site_key"]], row["material"])
        for row in files.rows(partners.folder, "sources.csv")
    }
    for works in practice.works(session, partners.folder, partners.sites):
        for waste in works.wastes:
            site_id = works.place.site_id
            if (site_id, waste.material) not in told:
                draft = _source(texts[waste.material], waste)
                add_source(session, SYSTEM, site_id, waste.material, draft, joined)


def _source(row: Row, waste: Waste) -> SourceDraft:
    return SourceDraft(
        waste_name=row["waste_name"],
        waste_code=row["waste_code"],
        waste_class=WasteClass(row["waste_class"]),
        process=row["process"],
        form=WasteForm(row["form"]),
        yearly_kg=waste.habit.mean_kg * MONTHS_OF_A_YEAR,
        composition=row["composition"],
        pollution=row["pollution"],
    )


def _register_trucks(session: Session, partners: Partners, joined: datetime) -> None:
    rows = [
        {
            "company_id": truck.company_id,
            "plate": truck.plate,
            "trailer_plate": truck.trailer_plate,
            "emission": EmissionClass.CHINA_6,
            "load_kg": TRUCK_LOAD_KG,
            "is_active": True,
            "registered_at": joined,
        }
        for truck in practice.trucks(partners.folder, partners.companies)
    ]
    add_rows(session, Vehicle, rows)
