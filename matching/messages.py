"""What is wrong with an input, in English and Chinese, and how any sentence is said."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from matching.faults import Fault
from matching.sentences import COMMANDS

if TYPE_CHECKING:
    from matching.verify import Violation


class Language(StrEnum):
    """The languages of the command line."""

    EN = "en"
    ZH = "zh"


def language_of(locale: str) -> Language:
    """Chinese for a locale such as ``zh_CN.UTF-8``, otherwise English."""
    return Language.ZH if locale.lower().startswith("zh") else Language.EN


def say(language: Language, code: str, values: Mapping[str, object] | None = None) -> str:
    """The sentence of a code with its values filled in."""
    english, chinese = SENTENCES[code]
    sentence = chinese if language is Language.ZH else english
    return sentence.format_map(values or {})


def say_fault(language: Language, fault: Fault) -> str:
    """One line: where a fault stands, and what it is."""
    place = [fault.file]
    if fault.row is not None:
        place.append(say(language, "place_row", {"row": fault.row}))
    if fault.column is not None:
        place.append(say(language, "place_column", {"column": fault.column}))
    what = say(language, fault.code, fault.values)
    return say(language, "place_and_what", {"place": _comma(language).join(place), "what": what})


def say_violation(language: Language, violation: "Violation") -> str:
    """One line: which promise is broken, where and when, and by what."""
    code = "violation_values" if violation.expected else "violation"
    place = [violation.where]
    if violation.month is not None:
        place.append(say(language, "place_month", {"month": violation.month}))
    values = {
        "property": violation.property.value,
        "where": _comma(language).join(place),
        "found": violation.found,
        "expected": violation.expected,
    }
    return say(language, code, values)


def _comma(language: Language) -> str:
    return "，" if language is Language.ZH else ", "


_FAULTS: Mapping[str, tuple[str, str]] = {
    "place_row": ("row {row}", "第 {row} 行"),
    "place_month": ("month {month}", "第 {month} 期"),
    "place_column": ("column {column}", "{column} 列"),
    "place_and_what": ("{place}: {what}", "{place}：{what}"),
    # files
    "missing_file": ("the file is missing", "缺少该文件"),
    "unreadable_file": ("the file cannot be read: {error}", "无法读取该文件：{error}"),
    "unwritable": ("{path} cannot be written: {error}", "无法写入 {path}：{error}"),
    "bad_encoding": (
        "the text is neither UTF-8 nor GB18030",
        "文字编码既不是 UTF-8 也不是 GB18030",
    ),
    "bad_csv": ("this is not a CSV file: {error}", "不是有效的 CSV 文件：{error}"),
    "bad_json": ("this is not the JSON expected: {error}", "不是有效的 JSON：{error}"),
    "no_header": ("the header with the column names is missing", "缺少列名所在的表头行"),
    "missing_column": ("this required column is missing", "缺少必填列"),
    "repeated_column": ("this column stands twice", "该列重复出现"),
    "ragged_row": (
        "{cells} cells under a header of {columns} columns",
        "该行有 {cells} 个单元格，表头有 {columns} 列",
    ),
    "unknown_columns": ("{file}: columns kept aside: {columns}", "{file}：未使用的列：{columns}"),
    # values
    "blank": ("a value is needed here", "此处必须填写"),
    "not_a_number": ("“{value}” is not a plain number", "“{value}”不是普通数字"),
    "not_whole": ("{value} is not a whole number", "{value} 不是整数"),
    "not_text": ("{value} is not text", "{value} 不是文字"),
    "not_a_list": ("a list is needed here", "此处应为列表"),
    "not_an_object": ("a JSON object is needed here", "此处应为 JSON 对象"),
    "unknown_key": ("this key is unknown", "未知的键"),
    "untidy_text": (
        "{value} begins or ends with a blank or holds a control character",
        "{value} 首尾有空格或含有控制字符",
    ),
    "too_many_decimals": (
        "{value} has more than {decimals} decimals",
        "{value} 的小数超过 {decimals} 位",
    ),
    "negative": ("{value} is negative", "{value} 是负数"),
    "out_of_range": ("{value} is not within {low} to {high}", "{value} 不在 {low} 至 {high} 之间"),
    "total_too_large": ("all together, {value} kg, are too large", "合计 {value} 千克，超出范围"),
    "swapped": (
        "{value} is no latitude; longitude and latitude seem to be swapped",
        "{value} 不是纬度，经度和纬度似乎填反了",
    ),
    "no_place": (
        "“{id}” has no coordinates and no lanes.csv lists its lanes",
        "“{id}”没有坐标，也没有 lanes.csv 列出其线路",
    ),
    "several_materials": (
        "“{value}”: a supply has one material; only a demand may list several",
        "“{value}”：供应只能有一种物料，只有需求可以列出多种",
    ),
    "repeated_id": ("“{id}” stands more than once", "“{id}”重复出现"),
    "repeated_lane": (
        "the lane “{supply}” → “{demand}” stands more than once",
        "线路“{supply}”→“{demand}”重复出现",
    ),
    "unknown_order": ("there is no order “{id}”", "没有编号为“{id}”的供需"),
    "bad_choice": ("{value} is not one of: {allowed}", "{value} 不在可选范围内：{allowed}"),
    "not_a_flag": ("{value} is neither true nor false", "{value} 既不是 true 也不是 false"),
    "not_a_month": (
        "“{value}” is not a month such as 2026-01",
        "“{value}”不是月份，请写成 2026-01 的形式",
    ),
    "repeated_word": ("{value}: a word stands twice", "{value}：有重复的词"),
    "repeated_month": (
        "“{id}” stands more than once in month {month}",
        "“{id}”在第 {month} 期重复出现",
    ),
    "mixed_months": (
        "the month is blank here and filled in other rows; fill in all or none",
        "此行未填月份，而其他行已填；请全部填写或全部留空",
    ),
    "no_months": (
        "a month is given here, but no supply or demand has one",
        "此处填了月份，而供应和需求都没有月份",
    ),
    "changes": (
        "“{id}” has another value in its first month; it has to be the same in all of them",
        "“{id}”在首个月份的取值与此不同，各月必须一致",
    ),
    "silo_below_stock": (
        "a silo of {value} cannot hold the opening stock of {stock}",
        "{value} 的料仓容量放不下 {stock} 的期初库存",
    ),
    "single_with_silo": (
        "what goes to one demand in one month cannot have a silo",
        "须在当月整批交付同一需求的供应不能设料仓",
    ),
    "min_above_capacity": (
        "a minimum of {value} is above the capacity of {capacity}",
        "最小量 {value} 大于通过能力 {capacity}",
    ),
    "two_fixed_costs": (
        "“{supply}” → “{demand}” has two different fixed costs; it is paid once per pair",
        "“{supply}”→“{demand}”有两个不同的固定费用，每对供需只付一次",
    ),
    "value_too_large": (
        "prices times tonnes come to more than can be counted exactly",
        "价格与吨数相乘的合计超出可精确计算的范围",
    ),
    "already_months": (
        "the rows name their months already; they cannot be split once more",
        "各行已注明月份，不能再次拆分",
    ),
    "unknown_row": ("{file} has no row “{id}”", "{file} 中没有“{id}”这一行"),
    "unknown_month_row": (
        "{file} has no row “{id}” in month {month}",
        "{file} 中没有“{id}”第 {month} 期这一行",
    ),
    "unknown_setting": ("there is no such setting", "没有这项设置"),
    "bad_option": ("write it as key=value", "请写成 key=value"),
}

SENTENCES: Mapping[str, tuple[str, str]] = {**_FAULTS, **COMMANDS}
