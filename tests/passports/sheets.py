"""Sheets as laboratories send them in."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from openpyxl import Workbook

GRADE_I_SHEET = (
    ("检测报告", "", "", ""),
    ("检测单位", "聊城市产品质量监督检验所", "采样日期", "2026-11-05"),
    ("项目", "检测结果", "单位", "检测方法"),
    ("烧失量", "4.2", "%", "GB/T 176-2017"),
    ("细度（45μm筛余）", "10.5", "%", "GB/T 1596-2017"),
    ("需水量比", "93", "%", "GB/T 1596-2017"),
    ("含水量", "0.3", "%", "GB/T 1596-2017"),
    ("三氧化硫", "1.4", "%", "GB/T 176-2017"),
    ("游离氧化钙", "0.4", "%", "GB/T 176-2017"),
    ("二氧化硅", "52", "%", "GB/T 176-2017"),
    ("硅铝铁氧化物总量", "86", "%", "GB/T 1596-2017"),
    ("密度", "2.3", "g/cm3", "GB/T 208-2014"),
    ("28d活性指数", "76", "%", "GB/T 1596-2017"),
    ("安定性（雷氏夹法）", "1.5", "mm", "GB/T 1346-2011"),
    ("氯离子", "100", "mg/kg", "GB/T 176-2017"),
)
"""What shows that pulverised-coal fly ash is of grade I; the values stand in column B."""


def workbook(rows: tuple[tuple[str, ...], ...], slips: Mapping[str, str]) -> bytes:
    """The sheet as a workbook, with other values in some lines."""
    book = Workbook()
    page = book.active
    assert page is not None
    for name, text, *rest in rows:
        page.append([name, slips.get(name, text), *rest])
    target = BytesIO()
    book.save(target)
    return target.getvalue()
