"""What laboratories found in the demo offers, entered at the time as their firms would."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assays.models import AssayReport
from app.assays.operations import keep_report, record, tell_facts
from app.assays.rules import AssayDraft, ValueDraft
from app.core.clock import china_day
from app.demo import files
from app.demo.files import Row
from app.demo.stage import Act, Stage
from app.listings.models import Listing

SHORTLY = timedelta(minutes=1)
"""After the market has opened its firms say where their material comes from."""


def acts(stage: Stage) -> Iterator[Act]:
    yield Act(stage.calendar.opened + SHORTLY, partial(_tell_origins, stage))
    for row in files.rows(stage.folder, "assays.csv"):
        yield Act(stage.calendar.at(row["at"]), partial(_enter, stage, row))


def _tell_origins(stage: Stage, session: Session, now: datetime) -> None:
    told: dict[str, dict[str, str]] = {}
    for row in files.rows(stage.folder, "facts.csv"):
        told.setdefault(row["site_key"], {})[row["fact"]] = row["value"]
    for key, words in told.items():
        site_id = stage.market.sites[key]
        tell_facts(session, stage.owner(session, site_id), site_id, words, now)


def _enter(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    number = stage.market.listings[row["listing"]]
    firm = session.scalars(select(Listing.company_id).where(Listing.number == number)).one()
    owner = stage.owner_of_listing(session, number)
    draft = _draft(row, china_day(stage.calendar.now))
    if row["report"] == "1":
        kept = keep_report(session, owner, firm, number, _report(row, draft), now)
        draft = replace(draft, report_id=kept.id, report_number=f"DEMO-{row['key']}")
    record(session, owner, firm, [number], draft, now)


def _draft(row: Row, today: date) -> AssayDraft:
    pairs = (text.split("=") for text in row["values"].split("|"))
    return AssayDraft(
        values=tuple(ValueDraft(parameter=name, text=text) for name, text in pairs),
        sampled_on=_day(row["sampled"], today),
        laboratory=row["laboratory"],
        certificate=row["certificate"],
        batch_kg=files.tonnes(row["batch_t"]) if row["batch_t"] else None,
        moisture=row["moisture"],
    )


def _day(text: str, today: date) -> date | None:
    return today + timedelta(days=int(text.removesuffix("d"))) if text else None


def _report(row: Row, draft: AssayDraft) -> AssayReport:
    """A laboratory's sheet: a table that says what it is and what was found."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("演示数据，不是真实检测报告", ""))
    writer.writerow(("采样日期", f"{draft.sampled_on:%Y-%m-%d}"))
    writer.writerow(("检测单位", draft.laboratory))
    writer.writerows((value.parameter, value.text) for value in draft.values)
    content = sheet.getvalue().encode("utf-8-sig")
    return AssayReport(
        name=f"DEMO-{row['key']}.csv",
        media_type="text/csv",
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )
