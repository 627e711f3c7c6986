"""The sheets that laboratories and plants write, each with what is read from it."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from datetime import date

import pytest
from openpyxl import Workbook

from app.assays.sheet import SampleHead, read_sheet, typed_rows
from app.catalogue.rules import Basis
from app.core.office.tables import open_table
from tests.assays.sheets import drawn, parameters, read, said
from tests.core.office.sheets import saved


@dataclass(frozen=True)
class Case:
    """A sheet drawn with `|`, its values in few words, and the cells told as not read."""

    name: str
    sheet: str
    found: tuple[str, ...]
    unread: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


CASES = (
    Case(
        "two result columns with subhead",
        """
        检测项目|单位|技术要求||检测结果||
        ||I级|II级|1#|2#
        烧失量|%|≤5.0|≤8.0|4.9|6.1
        SO3|%|≤3.0|≤3.0|2.1|2.0
        平均|||||
        """,
        (
            "0 loi 4.9 % E3",
            "0 so3 2.1 % E4",
            "1 loi 6.1 % F3",
            "1 so3 2.0 % F4",
        ),
        (),
        (
            "C",
            "D",
        ),
    ),
    Case(
        "dates as heads",
        """
        项目|2026-11-01|2026-11-02|平均值
        烧失量(%)|4.9|5.1|5.0
        细度(45μm筛余)/%|11|12|11.5
        """,
        (
            "0 loi 4.9 % B2",
            "0 residue_45um 11 % B3",
            "1 loi 5.1 % C2",
            "1 residue_45um 12 % C3",
        ),
        (),
        ("D",),
    ),
    Case(
        "headless samples",
        """
        样品编号|1#|2#|3#
        采样日期|2026-11-01|2026-11-02|2026.11.03
        烧失量|4.9|5.1|5
        氧化钙|3.1|3.2|
        """,
        (
            "0 loi 4.9 B3",
            "0 cao 3.1 B4",
            "1 loi 5.1 C3",
            "1 cao 3.2 C4",
            "2 loi 5 D3",
        ),
        (),
        (),
    ),
    Case(
        "pairs two side by side",
        """
        烧失量|4.9|SO3|2.1
        含水量|0.5|%|细度|11|%
        80μm筛余|3.2|密度|2.3
        """,
        (
            "0 loi 4.9 B1",
            "0 so3 2.1 D1",
            "0 moisture 0.5 % B2",
            "0 residue_45um 11 % E2",
            "0 density 2.3 D3",
        ),
        ("B3",),
        (),
    ),
    Case(
        "horizontal second head line",
        """
        序号|采样日期|样品|烧失量|化学成分||||比表面积
        ||||SiO2|Al2O3|Fe2O3|SO3|
        ||||%|%|%|%|m2/kg
        标准要求|||≤5||||≤3.5|
        1|2026/11/5|A|4.9|50.1|30.2|4.1|<0.1|420
        2|2026/11/6|B|5.9|51.1|30.0|4.0|ND|415
        平均值|||5.4|50.6|||0.1|
        审核：张三|||批准：
        """,
        (
            "0 loi 4.9 D5",
            "0 sio2 50.1 % E5",
            "0 al2o3 30.2 % F5",
            "0 fe2o3 4.1 % G5",
            "0 so3 <0.1 % H5",
            "0 ssa 420 m2/kg I5",
            "1 loi 5.9 D6",
            "1 sio2 51.1 % E6",
            "1 al2o3 30.0 % F6",
            "1 fe2o3 4.0 % G6",
            "1 so3 ND % H6",
            "1 ssa 415 m2/kg I6",
        ),
        (),
        (
            "4",
            "A",
            "7",
        ),
    ),
    Case(
        "activity two columns merged name",
        """
        序号|检测项目||单位|标准值|实测值|结论
        1|活性指数|7d|%|≥70|75|合格
        ||28d|%|≥95|98|合格
        2|放射性|内照射指数|-|≤1.0|0.4|合格
        ||外照射指数|-|≤1.0|0.6|
        3|混合样|内照射指数||≤1.0|0.3|
        4|细度|80μm筛余|%|≤10|3.3|合格
        """,
        (
            "0 activity_7d 75 % F2",
            "0 activity_28d 98 % F3",
            "0 ira 0.4 F4",
            "0 igamma 0.6 F5",
            "0 ira_mix 0.3 F6",
        ),
        ("F7",),
        (
            "A",
            "E",
        ),
    ),
    Case(
        "leaching 299",
        """
        浸出毒性检测报告
        检测依据：HJ/T 299-2007、GB 5085.3-2007
        检测项目|单位|标准限值|检测结果
        铜（以总铜计）|mg/L|100|0.02L
        总铬|mg/L|15|<0.01
        六价铬(Cr6+)|mg/L|5|未检出
        汞|mg/L|0.1|0.00005
        pH值|无量纲||9.8
        氟化物|mg/L|100|0.8
        """,
        (
            "0 leach299_Cu 0.02L mg/L D4",
            "0 leach299_Cr_total <0.01 mg/L D5",
            "0 leach299_Cr6 未检出 mg/L D6",
            "0 leach299_Hg 0.00005 mg/L D7",
            "0 ph 9.8 D8",
            "0 leach299_F 0.8 mg/L D9",
        ),
        (),
        ("C",),
    ),
    Case(
        "leaching both by method",
        """
        检测项目|检测方法|检测结果(mg/L)
        铅|HJ/T 299-2007|<0.01
        铅|HJ 557-2010|0.02
        铅||0.03
        """,
        (
            "0 leach299_Pb <0.01 mg/L C2",
            "0 leach557_Pb 0.02 mg/L C3",
        ),
        ("C4",),
        (),
    ),
    Case(
        "elements without a way of leaching",
        """
        项目|单位|结果
        铜|mg/L|0.02
        氟化物|%|0.5
        """,
        ("0 f 0.5 % C3",),
        ("C2",),
        (),
    ),
    Case(
        "radioactive",
        """
        检测参数|检测结果
        镭-226（Bq/kg）|120
        Th-232 (Bq/kg)|80.5
        钾-40/Bq/kg|400
        IRa|0.6
        Iγ|0.9
        """,
        (
            "0 c_ra 120 Bq/kg B2",
            "0 c_th 80.5 Bq/kg B3",
            "0 c_k 400 Bq/kg B4",
            "0 ira 0.6 B5",
            "0 igamma 0.9 B6",
        ),
        (),
        (),
    ),
    Case(
        "heads in two languages",
        """
        No.|Test Item 检测项目|Unit 单位|Requirement 标准要求|Result 检测结果|Method 检测方法
        1|烧失量 Loss on ignition|%|≤8.0|6.2|GB/T 176-2017
        2|需水量比 Water demand ratio|%|≤105|98|GB/T 1596
        """,
        (
            "0 loi 6.2 % E2",
            "0 water_demand 98 % E3",
        ),
        (),
        (
            "A",
            "D",
        ),
    ),
    Case(
        "names nobody knows and faults",
        """
        检测项目|单位|检测结果|参考
        烧失量允许偏差|%|0.2|
        总硫|%|0.6|
        三氧化硫|%|1.2|9
        烧失量|斤|3|
        烧失量||140|
        安定性|mm|合格|
        密度|g/cm3|2300kg/m3|
        """,
        (
            "0 so3 1.2 % C4",
            "0 loi 3 斤 C5 (no_such_unit)",
            "0 loi 140 C6 (impossible)",
            "0 soundness_lechatelier 合格 mm C7 (no_reading)",
            "0 density 2300 kg/m3 C8",
        ),
        (
            "C2",
            "C3",
            "D4",
        ),
        (),
    ),
    Case(
        "groups side by side",
        """
        序号|项目|单位|结果|序号|项目|单位|结果
        1|烧失量|%|4.9|5|SiO2|%|50
        2|细度|%|11|6|CaO|%|3.3
        """,
        (
            "0 loi 4.9 % D2",
            "0 sio2 50 % H2",
            "0 residue_45um 11 % D3",
            "0 cao 3.3 % H3",
        ),
        (),
        (
            "A",
            "E",
        ),
    ),
    Case(
        "one cell with colon",
        """
        样品名称：F类Ⅱ级粉煤灰  采样日期：2026.11.05  检测单位：聊城某检测有限公司
        烧失量：4.9%；SO3：2.1%；含水量：0.3%
        实验室认可证书 CNAS L12345
        """,
        (
            "0 loi 4.9 % A2",
            "0 so3 2.1 % A2",
            "0 moisture 0.3 % A2",
        ),
        (),
        (),
    ),
    Case(
        "one block for each sample",
        """
        样品编号：1#||采样日期：2026-11-01
        烧失量|4.9
        样品编号：2#||采样日期：2026-11-02
        烧失量|5.9
        """,
        (
            "0 loi 4.9 B2",
            "1 loi 5.9 B4",
        ),
        (),
        (),
    ),
    Case(
        "headless vertical with requirement",
        """
        1|烧失量|%|≤5.0|4.9|合格|GB/T 176-2017
        2|含水量|%|≤1.0|0.4|合格|GB/T 1596
        """,
        (
            "0 loi 4.9 % E1",
            "0 moisture 0.4 % E2",
        ),
        (
            "D1",
            "D2",
        ),
        ("A",),
    ),
    Case(
        "one column alone",
        """
        烧失量
        4.9
        5.1
        """,
        (
            "0 loi 4.9 A2",
            "1 loi 5.1 A3",
        ),
        (),
        (),
    ),
    Case(
        "two horizontal tables",
        """
        样品编号|烧失量%|细度%
        1#|4.9|11
        2#|5.1|12
        样品编号|SiO2|CaO
        1#|50|3
        2#|51|4
        """,
        (
            "0 loi 4.9 % B2",
            "0 residue_45um 11 % C2",
            "0 sio2 50 B5",
            "0 cao 3 C5",
            "1 loi 5.1 % B3",
            "1 residue_45um 12 % C3",
            "1 sio2 51 B6",
            "1 cao 4 C6",
        ),
        (),
        (),
    ),
    Case(
        "parallel",
        """
        检测项目|平行样1|平行样2|平均值
        烧失量|4.8|5.0|4.9
        """,
        ("0 loi 4.9 D2",),
        (),
        (
            "B",
            "C",
        ),
    ),
    Case(
        "unit over the table",
        """
        化学成分||单位：%
        项目|含量
        SiO2|50
        Al2O3|30
        Loss|3
        氯离子含量|0.02
        w(SO3)/%|2
        """,
        (
            "0 sio2 50 % B3",
            "0 al2o3 30 % B4",
            "0 loi 3 % B5",
            "0 cl 0.02 % B6",
            "0 so3 2 % B7",
        ),
        (),
        (),
    ),
    Case(
        "horizontal labels blank head",
        """
        |烧失量|SO3|
        1#灰库|4.9|2.1
        2#灰库|5.0|2.0
        """,
        (
            "0 loi 4.9 B2",
            "0 so3 2.1 C2",
            "1 loi 5.0 B3",
            "1 so3 2.0 C3",
        ),
        (),
        (),
    ),
    Case(
        "method row and horizontal limit",
        """
        项目|烧失量/%|SO3/%
        检测方法|GB/T 176|GB/T 176
        国标|≤5.0|≤3.0
        1|4.9|2.1
        """,
        (
            "0 loi 4.9 % B4",
            "0 so3 2.1 % C4",
        ),
        (),
        ("3",),
    ),
    Case(
        "80um horizontal",
        """
        日期|细度|烧失量
        |80μm方孔筛筛余|
        2026-11-05|3.3|4
        """,
        ("0 loi 4 C3",),
        ("B3",),
        (),
    ),
    Case(
        "vertical 80 in method",
        """
        检测项目|单位|结果|方法
        细度|%|3.3|GB/T 1345 80μm负压筛析法
        """,
        (),
        ("C2",),
        (),
    ),
    Case(
        "merged blank rows and spaced names",
        """
        检 测 项 目|检 测 结 果
        烧 失 量|4.9

        烧失量（干基）|
        含 水 量|0.8
        说明：结果见上
        """,
        (
            "0 loi 4.9 B2",
            "0 moisture 0.8 B5",
        ),
        (),
        (),
    ),
    Case(
        "report columns with dates below",
        """
        日期|时间|班次|出灰量t|烧失量|细度
        20261105|8:00|早|330|4.9|11
        |16:00|中|310|5.1|12
        20261106|8:00|早|300|4.6|11
        """,
        (
            "0 loi 4.9 E2",
            "0 residue_45um 11 F2",
            "1 loi 5.1 E3",
            "1 residue_45um 12 F3",
            "2 loi 4.6 E4",
            "2 residue_45um 11 F4",
        ),
        (
            "D2",
            "D3",
            "D4",
        ),
        (),
    ),
    Case(
        "facts below the table",
        """
        检测项目|检测结果(%)
        烧失量|4.9
        编号|12
        备注：温度 20
        检测单位：聊城质检中心
        采样日期|2026-11-05
        """,
        ("0 loi 4.9 % B2",),
        ("B3",),
        (),
    ),
    Case(
        "modifier over names",
        """
        样品|水溶性||总量
        |MgO|Na2O|MgO
        1|0.01|0.02|3
        """,
        (
            "0 mgo_sol 0.01 B3",
            "0 na2o_sol 0.02 C3",
        ),
        ("D3",),
        (),
    ),
    Case(
        "deviation over names",
        """
        样品|烧失量|允许偏差
        ||烧失量
        1|4.9|0.2
        """,
        ("0 loi 4.9 B3",),
        (),
        ("C",),
    ),
    Case(
        "vertical no result word",
        """
        检测项目|单位|国标|数值
        活性指数(7d)|%|≥70|75
        活性指数（28d）|%||98
        强度活性指数|%||97
        流动度比|%|≥95|101
        """,
        (
            "0 activity_7d 75 % D2",
            "0 activity_28d 98 % D3",
            "0 activity_28d 97 % D4",
            "0 flow_ratio 101 % D5",
        ),
        (),
        ("C",),
    ),
    Case(
        "report with title columns",
        """
        粉煤灰检验报告单|||单位：%
        编号|烧失量|细度|需水量比|含水量|三氧化硫|游离氧化钙|结论
        2026-11-001|3.2|10.1|94|0.2|1.1|0.4|Ⅰ级
        2026-11-002|3.6|11.4|95|0.2|1.2|0.5|Ⅰ级
        最大值|3.6|11.4|95|0.2|1.2|0.5|
        备注：|执行 GB/T 1596-2017
        """,
        (
            "0 loi 3.2 % B3",
            "0 residue_45um 10.1 % C3",
            "0 water_demand 94 % D3",
            "0 moisture 0.2 % E3",
            "0 so3 1.1 % F3",
            "0 f_cao 0.4 % G3",
            "1 loi 3.6 % B4",
            "1 residue_45um 11.4 % C4",
            "1 water_demand 95 % D4",
            "1 moisture 0.2 % E4",
            "1 so3 1.2 % F4",
            "1 f_cao 0.5 % G4",
        ),
        (),
        ("5",),
    ),
    Case(
        "texts that are no reading",
        """
        项目|结果
        烧失量|4.8~5.1
        SO3|1,2
        细度|11±0.5
        比表面积|1,420
        含水量|/
        密度|—
        CaO|4.9 %
        """,
        (
            "0 loi 4.8~5.1 B2 (no_reading)",
            "0 so3 1,2 B3 (no_reading)",
            "0 residue_45um 11±0.5 B4 (no_reading)",
            "0 ssa 1,420 B5",
            "0 cao 4.9 % B8",
        ),
        (),
        (),
    ),
    Case(
        "multi result heads with words",
        """
        序号|检测项目|单位|1#检测结果|2#检测结果|检出限
        1|烧失量|%|4.9|5.0|0.01
        """,
        (
            "0 loi 4.9 % D2",
            "1 loi 5.0 % E2",
        ),
        (),
        (
            "A",
            "F",
        ),
    ),
    Case(
        "result merged no labels",
        """
        检测项目|检测结果||判定
        烧失量|4.9|5.1|合格
        """,
        (
            "0 loi 4.9 B2",
            "1 loi 5.1 C2",
        ),
        (),
        (),
    ),
    Case(
        "requirement called quality index",
        """
        指标名称|计量单位|质量指标|实测值
        烧失量|%|8.0|6.2
        """,
        ("0 loi 6.2 % D2",),
        (),
        ("C",),
    ),
    Case(
        "gypsum with formulas in brackets",
        """
        检验项目|标准要求|检验结果
        附着水（H2O）质量分数/%|≤15|12.5
        二水硫酸钙（CaSO4·2H2O）质量分数/%|≥90|92.1
        水溶性五氧化二磷（P2O5）质量分数/%|≤0.2|0.12
        水溶性氟离子（F-）|≤0.1|0.05
        pH值|≥5.0|5.6
        氯离子（Cl-）质量分数/%||0.01
        """,
        (
            "0 free_water 12.5 % C2",
            "0 caso4_2h2o 92.1 % C3",
            "0 p2o5_sol 0.12 % C4",
            "0 f_sol 0.05 C5",
            "0 ph 5.6 C6",
            "0 cl 0.01 % C7",
        ),
        (),
        ("B",),
    ),
    Case(
        "units in the names of slag",
        """
        项目|矿渣粉S95
        密度/(g/cm3)|2.9
        比表面积/(m2/kg)|420
        活性指数7d/%|76
        流动度比/%|101
        初凝时间比/%|105
        含水量(质量分数)/%|0.1
        三氧化硫(质量分数)/%|0.3
        氯离子(质量分数)/%|0.01
        烧失量(质量分数)/%|0.5
        不溶物（质量分数）/%|0.6
        玻璃体含量（质量分数）/%|92
        放射性|合格
        """,
        (
            "0 density 2.9 g/cm3 B2",
            "0 ssa 420 m2/kg B3",
            "0 activity_7d 76 % B4",
            "0 flow_ratio 101 % B5",
            "0 set_ratio 105 % B6",
            "0 moisture 0.1 % B7",
            "0 so3 0.3 % B8",
            "0 cl 0.01 % B9",
            "0 loi 0.5 % B10",
            "0 insoluble 0.6 % B11",
            "0 glass 92 % B12",
        ),
        (),
        (),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_sheet_is_read_as_it_lies(case: Case) -> None:
    reading = read(case.sheet)
    assert tuple(map(said, reading.found)) == case.found
    assert tuple(one.cell for one in reading.unread) == case.unread
    assert tuple(one.area for one in reading.ignored) == case.ignored


REPORT = """
聊城某某检测有限公司
检测报告
报告编号：LC-2026-001||CMA证书编号|211512341234|CNAS L1234
样品名称|粉煤灰|采样日期|2026年11月5日|样品编号：A-7
基准|干基
检测项目|单位|标准要求|检测结果|检测方法
烧失量|%|≤5.0|4.9|GB/T 176-2017
含水量|%|≤1.0|0.4|
"""


def test_what_stands_around_a_table_is_read_with_it() -> None:
    reading = read(REPORT)
    assert reading.samples == (
        SampleHead(
            sampled_on=date(2026, 11, 5),
            label="A-7",
            laboratory="聊城某某检测有限公司",
            report_number="LC-2026-001",
            certificate="CMA 211512341234; CNAS L1234",
            basis=Basis.DRY,
        ),
    )
    assert [one.method for one in reading.found] == ["GB/T 176-2017", ""]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("检测单位|聊城市质检中心", {"laboratory": "聊城市质检中心"}),
        ("检 测 机 构：鲁西化验室", {"laboratory": "鲁西化验室"}),
        ("Laboratory: West Lab", {"laboratory": "West Lab"}),
        ("报 告 编 号|N-1", {"report_number": "N-1"}),
        ("Report No.: N-2", {"report_number": "N-2"}),
        ("资质认定证书编号：211512341234", {"certificate": "CMA 211512341234"}),
        ("实验室认可 CNAS No. L 12345", {"certificate": "CNAS L12345"}),
        ("采样日期：2026-11-05 10:30", {"sampled_on": date(2026, 11, 5)}),
        ("取样日期|2026/11/5", {"sampled_on": date(2026, 11, 5)}),
        ("采样时间:20261105", {"sampled_on": date(2026, 11, 5)}),
        ("采样日期：2026-11-05至2026-11-07", {}),
        ("采样日期：2026-13-05", {}),
        ("检测日期：2026-11-05", {}),
        ("收样日期|2026-11-05", {}),
        ("批号：B7 样品名称：粉煤灰", {"label": "B7"}),
        ("样品名称：粉煤灰", {"label": "粉煤灰"}),
        ("以下结果均为收到基", {"basis": Basis.AS_RECEIVED}),
        ("以下结果均为空干基", {}),
        ("灰样干基，水样收到基", {}),
    ],
)
def test_a_line_says_one_thing_of_the_sample(line: str, expected: dict[str, object]) -> None:
    (sample,) = read(f"{line}\n烧失量|4.9").samples
    blank = SampleHead(None, "", "", "", "", None)
    told = {
        name: getattr(sample, name)
        for name in SampleHead.__slots__
        if getattr(sample, name) != getattr(blank, name)
    }
    assert told == expected


def test_what_is_said_below_a_table_holds_for_it_and_a_new_sample_begins_anew() -> None:
    reading = read("烧失量|4.9\n批号|B1\n报告编号|R\n批号|B2\n烧失量|5.9")
    assert [(one.label, one.report_number) for one in reading.samples] == [("B1", "R"), ("B2", "R")]


@pytest.mark.parametrize(
    "name",
    [
        "烧失量",
        "烧 失 量",
        "烧失量（LOI）",
        "烧失量 LOI",
        "LOI 烧失量",
        "烧失量(质量分数)/%",
        "ＬＯＩ（％）",
        "Loss,%",
        "w(烧失量)/%",
        "1、烧失量",
        "（3）烧失量",
        "①烧失量",
        "*烧失量",
        "烧失量含量",
        "L.O.I.",
    ],
)
def test_a_name_is_known_however_it_is_written(name: str) -> None:
    assert [one.parameter for one in read(f"{name}|4.9").found] == ["loi"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SiO₂", "sio2"),
        ("二氧化硅(SiO2)/%", "sio2"),
        ("三氧化硫（以SO3计）", "so3"),
        ("氧化钙(CaO)", "cao"),
        ("游离氧化钙（f-CaO）", "f_cao"),
        ("氧化钙（游离）", "f_cao"),
        ("SiO2+Al2O3+Fe2O3", "sio2_al2o3_fe2o3"),
        ("∑(SiO2+Al2O3+Fe2O3)", "sio2_al2o3_fe2o3"),
        ("45微米筛余", "residue_45um"),
        ("45 μm 方孔筛筛余", "residue_45um"),
        ("0.045mm方孔筛筛余", "residue_45um"),
        ("细度", "residue_45um"),
        ("活性指数（28天）", "activity_28d"),
        ("28 d 活性指数", "activity_28d"),
        ("7天活性指数", "activity_7d"),
        ("比表面积，m²/kg", "ssa"),
        ("镭-226", "c_ra"),
        ("钍", "c_th"),
        ("K-40", "c_k"),
        ("内照射指数（IRa）", "ira"),
        ("IRa", "ira"),
        ("外照射指数 Iγ", "igamma"),
        ("水溶性五氧化二磷（P2O5）", "p2o5_sol"),
        ("烧失量允许偏差", None),
        ("总硫", None),
        ("总硫（以SO3计）", None),
        ("80μm筛余", None),
        ("细度（80μm筛余）", None),
        ("细度（0.08mm方孔筛筛余）", None),
        ("水泥烧失量", None),
        ("SS", None),
        ("钾", None),
        ("铜", None),
        ("K", None),
        ("CaO+MgO", None),
    ],
)
def test_a_name_stands_for_one_parameter_or_for_none(name: str, code: str | None) -> None:
    reading = read(f"检测项目|检测结果\n{name}|1")
    assert [one.parameter for one in reading.found] == ([code] if code else [])
    assert [one.cell for one in reading.unread] == ([] if code else ["B2"])


@pytest.mark.parametrize(
    ("value", "text", "unit", "fault"),
    [
        ("4.9", "4.9", "", ""),
        ("4.9%", "4.9", "%", ""),
        ("＜0.01", "＜0.01", "", ""),
        ("0.02L", "0.02L", "", ""),
        ("未检出", "未检出", "", ""),
        ("ND(<0.05)", "ND(<0.05)", "", ""),
        ("490 mg/kg", "490", "mg/kg", ""),
        ("140", "140", "", "impossible"),
        ("140 mg/kg", "140", "mg/kg", ""),
        ("4.9 斤", "4.9", "斤", "no_such_unit"),
        ("4，9", "4，9", "", "no_reading"),
        ("4.8-5.1", "4.8-5.1", "", "no_reading"),
        ("合格", "合格", "", "no_reading"),
    ],
)
def test_a_value_is_kept_as_written_and_its_fault_told(
    value: str, text: str, unit: str, fault: str
) -> None:
    (found,) = read(f"检测项目|检测结果\n烧失量|{value}").found
    assert (found.text, found.unit, found.fault) == (text, unit, fault)


@pytest.mark.parametrize("value", ["", "/", "—", "-", "未检测", "N/A", "***"])
def test_what_was_not_measured_is_no_value(value: str) -> None:
    reading = read(f"检测项目|标准要求|检测结果\n烧失量|≤5.0|{value}")
    assert (reading.found, reading.unread) == ((), ())


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("烧失量 4.9", ["0 loi 4.9 B1"]),
        ("烧失量 4.9 %", ["0 loi 4.9 % B1"]),
        ("烧失量：4.9%", ["0 loi 4.9 % B1"]),
        ("loi=4.9", ["0 loi 4.9 B1"]),
        ("烧失量\t%\t4.9", ["0 loi 4.9 % C1"]),
        ("烧失量，4.9，%", ["0 loi 4.9 % B1"]),
        ("烧失量 4.9, SO3 2.1", ["0 loi 4.9 B1", "0 so3 2.1 D1"]),
        ("烧失量 4.9  SO3 < 2.1", ["0 loi 4.9 B1", "0 so3 <2.1 D1"]),
        ("7 d 活性指数 85", ["0 activity_7d 85 B1"]),
        ("45 μm 筛余 12 %", ["0 residue_45um 12 % B1"]),
        ("water demand ratio 95 %", ["0 water_demand 95 % B1"]),
        ("\n\n含水量　0.5", ["0 moisture 0.5 B3"]),
        ("日期 烧失量 SO3\n2026-11-05 4.9 2.1", ["0 loi 4.9 B2", "0 so3 2.1 C2"]),
        ("日期,批号,烧失量\n2026/11/5,A,4.9\n,B,5.1", ["0 loi 4.9 C2", "1 loi 5.1 C3"]),
        ("检测项目\t标准\t结果\n烧失量\t≤5\t4.9", ["0 loi 4.9 C2"]),
        ("比表面积 1,234", []),
        ("烧失量 4，9", []),
        ("", []),
    ],
)
def test_what_is_typed_is_read_line_by_line(typed: str, found: list[str]) -> None:
    assert [said(one) for one in read_sheet(typed_rows(typed), parameters()).found] == found


def workbook(sheet: str, *, merged: str = "", numbers: bool = True) -> bytes:
    """A sheet as Excel saves it, with numbers and days as such and cells merged."""
    book = Workbook()
    for row in drawn(sheet):
        for column, text in enumerate(row.cells, start=1):
            cell = book.active.cell(row.number, column, _typed(text) if numbers else text)
            if isinstance(cell.value, float):
                cell.number_format = "0.00"
    for area in merged.split():
        book.active.merge_cells(area)
    return saved(book)


def _typed(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return date.fromisoformat(text) if len(text) == 10 and text[4] == "-" else text


def comma_separated(sheet: str, encoding: str, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(row.cells for row in drawn(sheet))
    return out.getvalue().encode(encoding)


LOG = """
日期|批号|烧失量(%)|细度
2026-11-05|A1|4.9|11.5
|A2|5.1|12
平均|||11.75
"""
TWO = """
检测项目|单位|检测结果|
||1#|2#
活性指数7d|%|75|76
"""
VERTICAL_FOUND = ["0 loi 4.9 % D7", "0 moisture 0.4 % D8"]
LOG_FOUND = ["0 loi 4.9 % C2", "0 residue_45um 11.5 D2", "1 loi 5.1 % C3", "1 residue_45um 12 D3"]
TWO_FOUND = ["0 activity_7d 75 % C3", "1 activity_7d 76 % D3"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(workbook(REPORT), VERTICAL_FOUND, id="report"),
        pytest.param(workbook(REPORT, numbers=False), VERTICAL_FOUND, id="report of texts"),
        pytest.param(workbook(REPORT, merged="A1:E1 A2:E2"), VERTICAL_FOUND, id="merged title"),
        pytest.param(workbook(LOG), LOG_FOUND, id="log"),
        pytest.param(workbook(LOG, merged="A2:A3"), LOG_FOUND, id="log with a merged day"),
        pytest.param(workbook(TWO, merged="A1:A2 B1:B2 C1:D1"), TWO_FOUND, id="merged head"),
        pytest.param(comma_separated(REPORT, "utf-8-sig"), VERTICAL_FOUND, id="csv utf-8"),
        pytest.param(comma_separated(REPORT, "gb18030"), VERTICAL_FOUND, id="csv gb18030"),
        pytest.param(comma_separated(LOG, "utf-8"), LOG_FOUND, id="csv log"),
        pytest.param(comma_separated(LOG, "gb18030", ";"), LOG_FOUND, id="csv semicolons"),
        pytest.param(comma_separated(TWO, "utf-8", "\t"), TWO_FOUND, id="tabs"),
        pytest.param(
            codecs.BOM_UTF16_LE + comma_separated(LOG, "utf-16-le", "\t"),
            LOG_FOUND,
            id="text in utf-16",
        ),
    ],
)
def test_a_file_is_read_as_its_program_shows_it(content: bytes, found: list[str]) -> None:
    reading = read_sheet(open_table(content).all_rows(), parameters())
    assert [said(one) for one in reading.found] == found


def test_a_day_that_spans_several_lines_holds_for_each() -> None:
    reading = read_sheet(open_table(workbook(LOG, merged="A2:A3")).all_rows(), parameters())
    assert [one.sampled_on for one in reading.samples] == [date(2026, 11, 5)] * 2


def test_lines_too_far_down_are_told_as_not_read() -> None:
    lines = "\n".join(["烧失量", *["4.9"] * 2_500])
    reading = read(lines)
    assert len(reading.found) == 1_999
    assert reading.ignored[-1].area == "2001+"
