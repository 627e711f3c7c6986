"""`flask quality grade`: may a lot of these readings go to a use, as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.catalogue.quality import KindRow
from app.core.clock import CHINA, china_day, now
from app.core.faults import Fault
from app.core.i18n import pick
from app.core.transactions import database
from app.eligibility.queries import Chapter, kinds_named, parameter_map, rulebook
from app.eligibility.ranges import Range
from app.eligibility.readings import sheet, unknown_facts
from app.eligibility.report import report
from app.eligibility.rules import Lot
from app.eligibility.words import fault_text

group = AppGroup("quality", help="What a lot may lawfully be used for.")
GROUPS = (group,)
ORIGINS = {
    "pulverised": "pulverised",
    "cfb": "fluidised_bed",
    "cofired": "co_fired",
    "incinerator": "incinerator",
}
"""The words of the command for the boiler an ash comes from, and the fact each stands for."""


@group.command("grade")
@click.option("--material", required=True, help="A kind of waste, or a class such as SW02.")
@click.option("--use", required=True, help="What it is to be used for, such as concrete.")
@click.option("--origin", type=click.Choice(list(ORIGINS)), help="The boiler of fly ash.")
@click.option("--class", "ash_class", type=click.Choice(("F", "C")), help="Of fly ash.")
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help="Another fact.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="By the standards of this day.")
@click.argument("readings", nargs=-1, metavar="[PARAMETER=VALUE]...")
def grade_command(
    material: str,
    use: str,
    origin: str | None,
    ash_class: str | None,
    facts: tuple[str, ...],
    on: datetime | None,
    readings: tuple[str, ...],
) -> None:
    """Print the verdict on a lot; a VALUE may be a bound such as "<0.01", or ND.

    Exit 2 with a sentence for a name nobody knows or a value that cannot be.
    """
    told = _facts(facts, boiler_type=ORIGINS.get(origin or ""), ash_class=ash_class)
    day = china_day(on.replace(tzinfo=CHINA) if on else now())
    with database().reading() as session:
        kind = _kind(session, material)
        chapter = _chapter(rulebook(session, kind.code, day), use, kind)
        lot = Lot(_readings(session, readings, chapter.printed_units), told)
        found = chapter.grade(lot)
    head = {"material": kind.code, "use": chapter.use.code, "on": f"{day:%Y-%m-%d}"}
    click.echo(json.dumps(head | report(found), ensure_ascii=False))


def _facts(pairs: tuple[str, ...], **named: str | None) -> dict[str, str]:
    told = dict(map(_pair, pairs)) | {name: value for name, value in named.items() if value}
    _refuse_first(unknown_facts(told))
    return told


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name.strip() and sign and value.strip()):
        raise click.UsageError(_("“%(text)s”应写成 名称=数值。", text=text))
    return name.strip(), value.strip()


def _kind(session: Session, name: str) -> KindRow:
    found = kinds_named(session, name)
    if len(found) == 1:
        return found[0]
    if found:
        choices = ", ".join(row.code for row in found)
        raise click.UsageError(
            _("%(name)s 包括几种废物，请写明是哪一种：%(choices)s。", name=name, choices=choices)
        )
    raise click.UsageError(_("没有“%(name)s”这种废物。", name=name))


def _chapter(chapters: Iterable[Chapter], code: str, kind: KindRow) -> Chapter:
    by_code = {chapter.use.code: chapter for chapter in chapters}
    if code not in by_code:
        raise click.UsageError(
            _(
                "%(kind)s没有“%(use)s”这种用途，可以是：%(choices)s。",
                kind=pick(kind.name_zh, kind.name_en),
                use=code,
                choices=", ".join(by_code),
            )
        )
    return by_code[code]


def _readings(
    session: Session, pairs: tuple[str, ...], printed: Mapping[str, str]
) -> dict[str, Range]:
    parameters = parameter_map(session)
    texts: dict[str, str] = {}
    for name, text in map(_pair, pairs):
        if name not in parameters:
            raise click.UsageError(_("没有“%(name)s”这项指标。", name=name))
        if name in texts:
            raise click.UsageError(_("%(name)s 写了两次。", name=name))
        texts[name] = text
    found = sheet(texts, parameters, printed)
    _refuse_first(found.faults)
    return found.readings


def _refuse_first(faults: Iterable[Fault]) -> None:
    for fault in faults:
        raise click.UsageError(fault_text(fault, fault.field))
