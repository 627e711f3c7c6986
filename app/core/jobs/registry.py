"""What the features declare in their `jobs.py`, gathered.

    HANDLERS: dict[str, Handler]                     kind → what does the work
    STAGES: dict[str, tuple[LazyString, ...]]        kind → the stages a reader sees
    ENDINGS: dict[str, Ending]                       kind → what else changes when it fails
    SCHEDULE: tuple[Periodic, ...]                   what recurs
    OCCASIONS: dict[str, Occasion]                   kind → whether there is cause for it now

Outside production `GUFEI_EXTRA_JOBS` may name one more module, for tests.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from flask_babel import LazyString
from sqlalchemy.orm import Session

from app.core.jobs.queries import JobRow
from app.core.jobs.rules import Periodic
from app.features import modules

if TYPE_CHECKING:
    from app.core.jobs.context import JobContext

Handler = Callable[["JobContext"], None]
Ending = Callable[[Session, JobRow, datetime], None]
"""Called in the transaction that records a job as failed or cancelled."""

Occasion = Callable[[Session, datetime], bool]
"""Asked at every tick of a period in which the job has not been added: one small question."""


def handler(kind: str) -> Handler | None:
    found: Handler | None = _declared("HANDLERS").get(kind)
    return found


def stages(kind: str) -> tuple[LazyString, ...]:
    found: tuple[LazyString, ...] = _declared("STAGES").get(kind, ())
    return found


def ending(kind: str) -> Ending | None:
    found: Ending | None = _declared("ENDINGS").get(kind)
    return found


def has_occasion(session: Session, kind: str, now: datetime) -> bool:
    """Whether recurring work has anything to do; what names no occasion always has."""
    found: Occasion | None = _declared("OCCASIONS").get(kind)
    return found is None or found(session, now)


def schedule() -> tuple[Periodic, ...]:
    return tuple(entry for module in _modules() for entry in getattr(module, "SCHEDULE", ()))


def _declared(name: str) -> dict[str, Any]:
    return {
        kind: value for module in _modules() for kind, value in getattr(module, name, {}).items()
    }


def _modules() -> list[ModuleType]:
    extra = os.environ.get("GUFEI_EXTRA_JOBS")
    if extra and os.environ.get("GUFEI_ENV") != "production":
        return [*modules("jobs"), import_module(extra)]
    return modules("jobs")
