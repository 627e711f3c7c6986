"""Read-only questions of the desk: scenarios, and what officials read of a run's gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.catalogue.rules import Means
from app.clearing.models import ClearingRun
from app.companies.models import Site
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.i18n import pick
from app.core.jobs import queries as jobs
from app.core.jobs.rules import OPEN
from app.listings.models import Listing
from app.oversight.gap.compass import Finding, ranked
from app.oversight.gap.edits import Edit, edit_from_document
from app.oversight.models import GapReport, Scenario
from app.oversight.policy import may_see_site, region_of
from app.oversight.rules import Band

SITES = ("site_id", "from_site", "to_site")


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as an official may know it."""

    id: int
    name: str
    adcode: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """What officials read of a run's gap, masses in kg over all its months.

    `findings` are those at sites that the reader may see, the most tonnes for a yuan first;
    `hidden` is how many others there are.
    """

    run: str
    months: tuple[date, date]
    measured_at: datetime
    free_kg: int
    most_kg: int
    bands: tuple[Band, ...]
    findings: tuple[Finding, ...]
    hidden: int
    tried: int
    candidates: int


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """A scenario; `shown` is what came of it, once it is solved."""

    number: str
    name: str
    run: str
    owner: str
    created_at: datetime
    solved_at: datetime | None
    is_open: bool
    edits: tuple[Edit, ...]
    shown: dict[str, Any] | None


def gap_of(session: Session, actor: Actor, run: str) -> GapRow | None:
    """The gap of a run, if it is measured."""
    query = select(GapReport).join(ClearingRun).where(ClearingRun.number == run)
    report = session.scalar(query)
    if report is None:
        return None
    shown = report.shown
    found = [_finding(row) for row in shown["findings"]]
    seen = sites(session, actor)
    told = [each for each in found if sites_in(each.edit) <= seen.keys()]
    return GapRow(
        run=run,
        months=(report.run.month, report.run.last_month),
        measured_at=report.measured_at,
        free_kg=shown["free_kg"],
        most_kg=shown["most_kg"],
        bands=tuple(_band(row) for row in shown["bands"]),
        findings=tuple(ranked(told)),
        hidden=len(found) - len(told),
        tried=shown["tried"],
        candidates=shown["candidates"],
    )


def sites(session: Session, actor: Actor) -> dict[int, SiteRow]:
    """The sites with a listing that an official may see, by id, in order of their names."""
    query = (
        select(Site).where(Site.id.in_(select(Listing.site_id).distinct())).order_by(Site.adcode)
    )
    found = [
        SiteRow(site.id, _site_name(site), site.adcode)
        for site in session.scalars(query)
        if may_see_site(actor, site.adcode)
    ]
    return {row.id: row for row in sorted(found, key=lambda row: (row.adcode, row.name))}


def sites_in(edit: Edit) -> set[int]:
    """The sites that an edit names."""
    return {getattr(edit, name) for name in SITES if hasattr(edit, name)}


def scenario_of(session: Session, number: str) -> Scenario:
    """The scenario of that number; raises `NotFound`."""
    found = session.scalar(select(Scenario).where(Scenario.number == number))
    if found is None:
        raise NotFound
    return found


def scenarios(session: Session, actor: Actor) -> list[ScenarioRow]:
    """The scenarios that an official may read, the newest first."""
    query = _readable(actor).order_by(Scenario.id.desc())
    return [_row(session, found) for found in session.scalars(query)]


def scenario(session: Session, actor: Actor, number: str) -> ScenarioRow:
    """One scenario of the official's own region, or of anybody for the operator."""
    found = session.scalar(_readable(actor).where(Scenario.number == number))
    if found is None:
        raise NotFound
    return _row(session, found)


def _site_name(site: Site) -> str:
    """Firm and site, where the site's name does not say the firm's already."""
    firm, name = site.company.display_name, pick(site.name, site.name_en)
    return name if name.startswith(firm) else f"{firm} {name}"


def _readable(actor: Actor) -> Select[Scenario]:
    query = select(Scenario)
    return query if actor.is_operator else query.where(Scenario.region == region_of(actor))


def _row(session: Session, found: Scenario) -> ScenarioRow:
    job = jobs.job(session, found.job_id)
    return ScenarioRow(
        number=found.number,
        name=found.name,
        run=found.run.number,
        owner=found.owner.name,
        created_at=found.created_at,
        solved_at=found.solved_at,
        is_open=job is not None and job.state in OPEN,
        edits=tuple(edit_from_document(each) for each in found.edits),
        shown=found.shown,
    )


def _finding(row: dict[str, Any]) -> Finding:
    means, edit = Means(row["means"]), edit_from_document(row["edit"])
    return Finding(**{**row, "means": means, "edit": edit})


def _band(row: dict[str, Any]) -> Band:
    return Band(**{**row, "materials": tuple((code, kg) for code, kg in row["materials"])})
