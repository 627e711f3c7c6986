"""Who may send tables in, and who may open them again."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.core.actor import Actor, CompanyRole
from app.imports.models import ImportFile


def may_import(actor: Actor) -> bool:
    """Trades or weighs for a firm that makes or takes waste; the operations decide on each row."""
    trades = actor.company_role in (CompanyRole.MANAGER, CompanyRole.TRADER)
    return actor.is_company and trades and not actor.only_drives


def reads_imports(actor: Actor) -> bool:
    return actor.is_company and not actor.only_drives


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """A firm's own; a file may hold limit prices, so nobody else opens it, the operator neither."""
    return ImportFile.company_id == actor.company_id
