"""The open data of a month as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from app.core.i18n import rate
from app.core.spreadsheets import csv_text
from app.statistics.queries import DataLine, OpenData
from app.statistics.rules import DEFINITIONS_VERSION
from app.statistics.words import DEMO


def figures_csv(found: OpenData, whole: str, is_synthetic: bool) -> str:
    """Whole kilograms by county and material, as a spreadsheet opens it; `whole` is all counties.

    On an installation with demonstration data the first line says so, before the heads.
    """
    notice = [[DEMO]] if is_synthetic else []
    return csv_text([*notice, _heads(), *(_cells(found, whole, line) for line in found.lines)])


def _heads() -> list[str]:
    return [
        _("月份"),
        _("行政区划代码"),
        _("县（市、区）"),
        _("物料"),
        _("计入聊城目标"),
        _("产废企业（家）"),
        _("在市（千克）"),
        _("已签约（千克）"),
        _("其中已收（千克）"),
        _("待确认（千克）"),
        _("未安置（千克）"),
        _("物理可达（千克）"),
        _("签约率"),
        _("说明"),
        _("撮合场次"),
        _("口径"),
    ]


def _cells(found: OpenData, whole: str, line: DataLine) -> Iterator[object]:
    yield f"{found.month:%Y-%m}"
    yield line.county.adcode if line.county else ""
    yield line.county.name if line.county else whole
    yield _material(line)
    yield _in_target(line)
    yield line.firms
    yield line.offered_kg
    yield line.contracted_kg
    yield line.received_kg
    yield line.reserved_kg
    yield line.unplaced_kg
    yield line.reachable_kg
    yield _contracted_rate(line)
    yield _("空格不公布：独立企业太少、一家占比过大，或为防推算") if line.untold else ""
    yield found.run_number
    yield DEFINITIONS_VERSION


def _contracted_rate(line: DataLine) -> str:
    if line.contracted_kg is None or not line.offered_kg:
        return ""
    return rate(line.contracted_kg, line.offered_kg)


def _material(line: DataLine) -> str:
    if line.material is not None:
        return line.material.name
    return str(_("合计（含赤泥）") if line.with_red_mud else _("合计（不含赤泥）"))


def _in_target(line: DataLine) -> str:
    if line.material is None:
        return ""
    return str(_("是") if line.material.in_target else _("否"))
