"""`flask catalogue load`: bring the reference data of the database to the state of the files."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.catalogue.files import DamagedFiles, FileFault
from app.catalogue.operations import load_reference_data
from app.core.actor import SYSTEM
from app.core.clock import now
from app.core.transactions import database
from app.settings import ROOT, Settings

group = AppGroup("catalogue", help="Wastes, counties, targets and published figures.")
GROUPS = (group,)
SENTENCES: dict[str, LazyString] = {
    "no_file": _l("没有这个文件"),
    "no_text": _l("不是 UTF-8 或 GB18030 文本"),
    "no_column": _l("缺少这一列"),
    "ragged": _l("这一行的列数与表头不符"),
    "empty": _l("不能为空"),
    "bad_value": _l("“%(value)s”不是允许的值"),
    "twice": _l("“%(value)s”出现了两次"),
    "unknown": _l("“%(value)s”在它引用的文件里没有"),
}


@group.command("load")
@click.argument("folder", type=click.Path(path_type=Path), default=ROOT / "data")
def load(folder: Path) -> None:
    """Load FOLDER/catalogue/*.csv; exits 2 with one line per fault, then nothing was changed."""
    settings: Settings = current_app.extensions["gufei.settings"]
    try:
        with database().writing() as session:
            load_reference_data(session, SYSTEM, folder, now(), settings.region)
    except DamagedFiles as damaged:
        for fault in damaged.faults:
            click.echo(line(fault), err=True)
        sys.exit(2)


def line(fault: FileFault) -> str:
    """One fault as `file:row: column: sentence`."""
    place = f"{fault.file}:{fault.row}" if fault.row else fault.file
    sentence = str(SENTENCES[fault.code] % {"value": fault.value})
    return ": ".join(part for part in (place, fault.column, sentence) if part)
