"""Tables as firms send them in, and imports worked off here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.queries import actor_of
from app.core.actor import Actor
from app.core.clock import CHINA, now
from app.core.i18n import speaking
from app.core.jobs.runner import run_job
from app.core.spreadsheets import csv_text
from app.core.transactions import database
from app.core.vault import own_vault
from app.imports import operations, queries
from app.imports.columns import headings
from app.imports.models import ImportFile
from app.imports.operations import SentFile
from app.imports.queries import ImportView
from app.imports.rules import ImportKind, ImportMode
from app.ledger.models import Entry
from app.listings.models import Listing
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import End
from app.trades.models import Trade
from tests.accounts.factories import user_of
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.shipments.factories import LOADED, TARE, UNLOADED, confirmed, vehicle

OFFER: dict[str, str] = {
    "materials": "粉煤灰",
    "tonnes": "1200",
    "first_month": "2026-12",
    "last_month": "2027-03",
}
REQUIREMENT: dict[str, str] = OFFER | {"materials": "粉煤灰、炉渣", "product": "水泥"}


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm's site and one of its people."""

    site_id: int
    actor: Actor


def table(
    kind: ImportKind, rows: Iterable[Mapping[str, str]], language: str = "zh", **added: str
) -> bytes:
    """Rows by column name as a CSV with every heading; `added` are further columns' cells."""
    with speaking(language):
        names = headings(kind)
    head = [*names.values(), *added]
    body = [[row.get(name, "") for name in names] + list(added.values()) for row in rows]
    return csv_text([head, *body]).encode()


def producer(session: Session, **changes: object) -> Firm:
    """A firm in Chiping and its manager."""
    return _firm(session, CHIPING, changes)


def consumer(session: Session) -> Firm:
    """A firm in Dongchangfu and its manager."""
    return _firm(session, DONGCHANGFU, {})


def member(session: Session, company: Any) -> Actor:
    """One more manager of a firm."""
    user = user_of(session, company)
    session.flush()
    return actor_of(user)


def received(
    actor: Actor,
    kind: ImportKind,
    content: bytes,
    mode: ImportMode = ImportMode.ALL,
    *,
    name: str = "表.csv",
    language: str = "zh",
) -> str:
    """Send a table in and return the import's number; nothing is worked off yet."""
    sent = SentFile(kind, mode, name, content)
    with database().writing() as session:
        return operations.receive(session, own_vault(), actor, sent, language, now()).number


def imported(
    actor: Actor,
    kind: ImportKind,
    content: bytes,
    mode: ImportMode = ImportMode.ALL,
    **more: str,
) -> ImportView:
    """Send a table in, work it off here, and look at what came of it."""
    number = received(actor, kind, content, mode, **more)
    work_off(number)
    return shown(actor, number)


def work_off(number: str) -> None:
    run_job(job_of(number))


def job_of(number: str) -> str:
    """The id of the job behind an import."""
    with database().reading() as session:
        wanted = select(ImportFile.job_id).where(ImportFile.number == number)
        return session.scalars(wanted).one()


def shown(actor: Actor, number: str) -> ImportView:
    with database().reading() as session:
        return queries.show(session, own_vault(), actor, number)


def told(view: ImportView) -> list[tuple[int, str, str]]:
    """Row, column and sentence of every remark."""
    return [(remark.row, remark.column, remark.sentence) for remark in view.remarks]


def counted() -> dict[str, int]:
    """How many listings, tickets and entries there are."""
    tables = {"listings": Listing, "tickets": Ticket, "entries": Entry}
    with database().reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(model)) or 0
            for name, model in tables.items()
        }


def trucks(session: Session, trade: Trade, count: int, kg: int = 30_000) -> list[Shipment]:
    """So many confirmed notes of a trade, each with a truck of its own."""
    made = (vehicle(session, trade.producer) for _ in range(count))
    return [confirmed(session, trade, truck, planned_kg=kg) for truck in made]


def ticket_row(shipment: Shipment, end: End = End.LOADING, kg: int = 30_000, **changes: str) -> Any:
    """The row of a whole load, weighed when `tests.shipments.factories` weighs it."""
    at = (LOADED if end is End.LOADING else UNLOADED).astimezone(CHINA)
    words = {End.LOADING: "装车过磅", End.UNLOADING: "收货过磅", End.RETURN: "退回过磅"}
    return {
        "note": shipment.number,
        "end": words[end],
        "number": f"P{shipment.number[-5:]}{end.value[0]}",
        "gross_kg": str(TARE + kg),
        "tare_kg": str(TARE),
        "weighed_at": f"{at:%Y-%m-%d %H:%M}",
    } | changes


def _firm(session: Session, place: Any, changes: dict[str, object]) -> Firm:
    company = approved_company(session, site_draft(*place), **changes)
    return Firm(company.sites[0].id, member(session, company))
