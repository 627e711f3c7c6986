"""Read-only: what has been declared, in all its versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, SQLColumnExpression, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.companies.models import Site
from app.core.actor import ActorKind
from app.declarations.balance import MASSES, MassBalance
from app.declarations.models import Activity, Declaration
from app.declarations.rules import ActivityKind

Waste = tuple[int, str]
"""A site and a material."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The version that stands."""

    number: str
    version: int
    explanation: str
    balance: MassBalance


@dataclass(frozen=True, slots=True)
class Change:
    """One mass that a version states otherwise than the one before."""

    name: str
    before_kg: int
    after_kg: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version as it was declared; `person` is empty where nobody signed it in person."""

    number: str
    version: int
    balance: MassBalance
    explanation: str
    reason: str
    declared_at: datetime
    person: str
    changes: tuple[Change, ...] = ()


def latest(session: Session, site_id: int, material: str, month: date) -> Declaration | None:
    """What is in force of a waste for a month."""
    return session.scalar(
        select(Declaration)
        .where(Declaration.site_id == site_id, Declaration.material == material)
        .where(Declaration.month == month)
        .order_by(Declaration.version.desc())
        .limit(1)
    )


def in_force(session: Session, where: ColumnElement[bool], month: date) -> dict[Waste, InForce]:
    """What is in force of a month, by waste, of the sites that `where` chooses."""
    masses = (getattr(Declaration, name) for name in MASSES)
    columns = (Declaration.number, Declaration.version, Declaration.explanation, *masses)
    rows = _of_month(session, columns, where, month)
    return {
        (site_id, material): InForce(number, version, explanation, MassBalance(*kg))
        for site_id, material, number, version, explanation, *kg in rows
    }


def closings(session: Session, where: ColumnElement[bool], month: date) -> dict[Waste, int]:
    """By waste, the stock that is declared of the end of a month."""
    rows = _of_month(session, (Declaration.closing_kg,), where, month)
    return {(site_id, material): closing_kg for site_id, material, closing_kg in rows}


def versions(session: Session, site_id: int, material: str, month: date) -> list[VersionRow]:
    """Every version of a waste's month, the latest first, each with what it changed."""
    found = session.scalars(
        select(Declaration)
        .where(Declaration.site_id == site_id, Declaration.material == material)
        .where(Declaration.month == month)
        .order_by(Declaration.version)
    ).all()
    people = _people(session, {row.declared_by for row in found})
    before = [None, *(row.balance for row in found)]
    rows = [_version(row, last, people) for row, last in zip(found, before, strict=False)]
    return rows[::-1]


def activities(session: Session, site_id: int, month: date) -> dict[ActivityKind, int]:
    """What is in force of a site's month beside its wastes."""
    query = select(Activity).where(Activity.site_id == site_id, Activity.month == month)
    found = session.scalars(query.order_by(Activity.version))
    return {row.kind: row.quantity for row in found}


def _of_month(
    session: Session,
    columns: Iterable[SQLColumnExpression[Any]],
    where: ColumnElement[bool],
    month: date,
) -> Iterable[Row[*tuple[Any, ...]]]:
    """Site, material and these columns of every version of a month, later versions later.

    Columns and no objects: a city has thousands.
    """
    query = (
        select(Declaration.site_id, Declaration.material, *columns)
        .join(Site, Site.id == Declaration.site_id)
        .where(where, Declaration.month == month)
        .order_by(Declaration.version)
    )
    return session.execute(query)


def _version(row: Declaration, before: MassBalance | None, people: Mapping[str, str]) -> VersionRow:
    return VersionRow(
        number=row.number,
        version=row.version,
        balance=row.balance,
        explanation=row.explanation,
        reason=row.reason,
        declared_at=row.declared_at,
        person=people.get(row.declared_by, ""),
        changes=tuple(_changes(before, row.balance)) if before else (),
    )


def _changes(before: MassBalance, after: MassBalance) -> Iterable[Change]:
    for name in MASSES:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(name, old, new)


def _people(session: Session, labels: Iterable[str]) -> dict[str, str]:
    """By the label of the audit trail, the names of a firm's people."""
    prefix = f"{ActorKind.COMPANY}:"
    ids = {int(label.removeprefix(prefix)) for label in labels if label.startswith(prefix)}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {f"{prefix}{user_id}": name for user_id, name in rows}
