"""What a column or a line is for, by the words that stand over or before it."""

from __future__ import annotations

import re
from enum import StrEnum, auto

from app.eligibility.naming import folded, split


class Role(StrEnum):
    NAME = auto()
    RESULT = auto()
    UNIT = auto()
    METHOD = auto()
    AVERAGE = auto()
    LIMIT = auto()
    """What a standard or the buyer demands."""
    SERIAL = auto()
    OTHER = auto()
    """Known, and nothing to read: verdicts, detection limits, remarks, other dates."""


_TESTED = "(?:检测|检验|测试|试验|分析|化验|检查|质量|考核|测定)?"
_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        (
            Role.OTHER,
            (
                r".*(?:判定|结论|评价|判断|是否合格|达标|检出限|定量限|不确定度|备注|说明)"
                r"|.*(?:仪器|设备|人员|检测人|签名).*"
                r"|verdict|conclusion|judge?ment|lod|loq|mdl|remarks?|notes?|uncertainty"
                r"|(?:检测|检验|化验|分析|试验|报告|送检|送样|收样|来样|签发|完成)(?:日期|时间)"
            ),
        ),
        (
            Role.METHOD,
            (r".*(?:方法|依据).*|(?:检测|检验|执行|试验|方法)标准.*|(?:test|analysis)?methods?"),
        ),
        (
            Role.AVERAGE,
            (
                r".*(?:平均|均值|最大值|最小值|极差|标准差|标准偏差|合计|总计|方差).*"
                r"|最大|最小|mean|average|avg|max(?:imum)?|min(?:imum)?|std(?:ev|dev)?|sd|rsd|range"
            ),
        ),
        (
            Role.LIMIT,
            (
                r".*(?:标准|要求|限值|规定|技术指标|指标值|质量指标|内控|允许|国标|行标|企标).*"
                r"|(?:i{1,3}|[ⅰⅱⅲ一二三])级(?:品|灰)?|[fc]类.*|s(?:75|95|105)级?"
                r"|gbt?\d.*|limits?|requirements?|specifications?|spec"
            ),
        ),
        (Role.SERIAL, r"序号?|项次|no|sn|编号"),
        (Role.UNIT, r"(?:计量|计算)?单位|units?"),
        (
            Role.NAME,
            (
                rf"{_TESTED}(?:项目|参数|内容|指标)(?:名称)?|(?:检测|检验)?项目(?:及|和|与)?参数"
                r"|(?:化学)?(?:成分|组分)(?:名称)?|元素|氧化物|名称"
                r"|(?:test)?items?|parameters?|components?|analytes?|oxides?|tests?|name"
            ),
        ),
        (
            Role.RESULT,
            (
                r".*(?:结果|实测|测定值|检测值|检验值|试验值|化验值|测量值|检测数据|试验数据).*"
                r"|含量|质量分数|数据|数值|results?|testresults?|values?|measured"
            ),
        ),
    )
)
_DATE = re.compile(r"(?:采样|取样|抽样|制样|生产|出厂|进厂)?(?:日期|时间)|(?:sampling)?date")
_LATIN = re.compile(r"[a-z.]+")
_LIMIT_LINE = re.compile(
    r".*(?:国标|行标|企标|标准(?!样)|要求|限值|规定|指标|内控|允许|合格值).*|limits?|requirements?|spec.*"
)
_SAMPLE_HEAD = re.compile(r".*[\d#＃样批号班炉线机].*|[A-Z]")
_REPEAT = re.compile(r"(?:平行|重复|第[一二三1-3]次|[一二三]次|测定\d).*")
_LABELS = (
    re.compile(r"(?:生产|出厂|样品|产品)?(?:批号|批次)(?:编号)?|(?:batch|lot)(?:no|number|id)?"),
    re.compile(r"(?:样品|试样|样|原样|出厂)?(?:编号|标识|号)|sample(?:no|number|id)?|id"),
    re.compile(
        r"(?:样品|试样|产品|物料)(?:名称)?|名称|.*(?:地点|位置|点位|车号|库号|罐号|班次)|name"
    ),
    re.compile(r"序号?|项次|no|sn"),
)
"""Heads of the columns that name a sample, the most telling first."""
_FOOTER = re.compile(
    r"备注|注\d|注意|说明|审核|批准|编制|检验员|检测员|化验员|检测人|制表|复核|校核|签发|主检|"
    r"(?:检[测验]|本批)?结论|以下空白|声明|地址|电话|第\d+页|remark|note|approved|checked"
)


def role_of(text: str) -> Role | None:
    """What a column with this head is for; of one that could be two things the safer one.

    A head may say the same in two languages: `检测项目 Test Item`.
    """
    word = "".join(split(text)[0])
    return _role(word) or _role(_LATIN.sub("", word))


def _role(word: str) -> Role | None:
    return next((role for role, pattern in _ROLES if pattern.fullmatch(word)), None)


def is_date_head(text: str) -> bool:
    return _DATE.fullmatch(folded(text)) is not None


def label_rank(text: str) -> int | None:
    """How well a column with this head names a sample, 0 best; None if it does not."""
    word = folded(text)
    return next((rank for rank, one in enumerate(_LABELS) if one.fullmatch(word)), None)


def is_left_out(text: str) -> bool:
    """Whether a line that is called so is no sample: a limit, an average."""
    return role_of(text) is Role.AVERAGE or _LIMIT_LINE.fullmatch(folded(text)) is not None


def names_a_sample(text: str) -> bool:
    """Whether a head without any word for results may be that of a sample."""
    return _SAMPLE_HEAD.fullmatch(text) is not None


def is_repeat(text: str) -> bool:
    """Whether a head is that of one of several measurements of one sample."""
    return _REPEAT.fullmatch(folded(text)) is not None


def is_footer(text: str) -> bool:
    """Whether a line that begins so stands under a table."""
    return text.startswith(("注:", "注：")) or _FOOTER.match(folded(text)) is not None
