"""The verbs of the desk: naming a scenario, which a job solves, and keeping what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clearing.models import ClearingRun
from app.companies.models import Site
from app.core import audit
from app.core.actor import Actor
from app.core.errors import Refused
from app.core.jobs import operations as jobs
from app.core.vault import Vault
from app.oversight.gap.edits import Edit, SetFreight, edit_to_document, edited
from app.oversight.gap.measuring import scene_of
from app.oversight.gap.scenes import NotInScene
from app.oversight.models import Scenario
from app.oversight.policy import may_see_site, region_of
from app.oversight.rules import FREIGHT_STEP_FEN

SCENARIO_KIND = "oversight.solve_scenario"
MOST_EDITS = 12
SITES = ("site_id", "from_site", "to_site")
NOT_THERE = {
    "site": _l("这场撮合里没有这个厂点的报单。"),
    "material": _l("这个厂点没有这种物料的报单。"),
    "month": _l("这场撮合没有这个月份，或这个月没有停产。"),
    "silo": _l("整批交货的供应不能存放，建库没有作用。"),
}


def name_scenario(
    session: Session,
    vault: Vault,
    actor: Actor,
    run: ClearingRun,
    name: str,
    edits: Sequence[Edit],
    now: datetime,
) -> Scenario:
    """Keep edits of a run's book under a name, and ask for what would come of them.

    Raises `Refused` for what the book does not have, or the official may not ask.
    """
    assert actor.user_id is not None
    _require_sensible(session, actor, edits)
    try:
        edited(scene_of(session, vault, run), edits)
    except NotInScene as missing:
        raise Refused(NOT_THERE[str(missing)]) from missing
    count = session.scalar(select(func.count()).select_from(Scenario)) or 0
    number = f"X-{count + 1:04d}"
    found = Scenario(
        number=number,
        name=name,
        run_id=run.id,
        region=region_of(actor),
        owner_id=actor.user_id,
        created_at=now,
        edits=[edit_to_document(each) for each in edits],
        job_id=jobs.enqueue(session, SCENARIO_KIND, number, {"number": number}, now).id,
    )
    session.add(found)
    detail: dict[str, Any] = {"name": name, "run": run.number, "edits": found.edits}
    audit.record(session, actor, "scenario.named", ("scenario", number), now, **detail)
    return found


def keep_answer(
    vault: Vault, scenario: Scenario, plain: bytes, shown: dict[str, Any], now: datetime
) -> None:
    """Keep what came of a scenario, once."""
    if scenario.solved_at is None:
        scenario.box = vault.seal(plain, scenario.context)
        scenario.shown = shown
        scenario.solved_at = now


def _require_sensible(session: Session, actor: Actor, edits: Sequence[Edit]) -> None:
    if not edits:
        raise Refused(_l("请至少改一个条件。"))
    if len(edits) > MOST_EDITS:
        raise Refused(_l("一次试算最多改 12 个条件。"))
    for edit in edits:
        if isinstance(edit, SetFreight) and edit.per_tkm_fen % FREIGHT_STEP_FEN:
            raise Refused(_l("运价请按 0.05 元/吨·公里的整数倍填写。"), field="freight")
        sites = (getattr(edit, name) for name in SITES if hasattr(edit, name))
        for site_id in sites:
            site = session.get(Site, site_id)
            if site is None or not may_see_site(actor, site.adcode):
                raise Refused(_l("请从名单里选一个厂点。"), field="site")
