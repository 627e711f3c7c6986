"""How a name is read that may have been written so as to be overlooked.

What a reader sees counts, not how it is encoded: width, case, accents, invisible signs and letters
borrowed from another script are read as the usual ones, and any signs may stand between two
characters of a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

GAP = r"[\W_]*"
DASH = rf"{GAP}[-‐-―−._·]{GAP}"
"""What parts the groups of a waste code."""
ANY_DIGIT = "#"
UNSEEN = frozenset({"Mn", "Mc", "Me", "Lm", "Cf"})
"""Marks above and below, letters that stand for a mark, and what takes no room at all."""
FILLERS = "\u115f\u1160"
TRADITIONAL = (
    "於價傷體內農淨齣製劑劇醫昇廠壓發變後塊處學實導塵屬巖廢棄惡噁報揀損換無舊顯機殺雜極標樹檢殘"
    "氫霑漿濃塗潤濾燈爐煉烴煙燒熱電療鹽礬礦鹼離穩窩繫級紙聯膠脫藥蟲蝕襯裝觸診試輪輸達過選痠針鍼"
    "釩鈦鈍鋇鋼鎢鈀鑽鉀鐵鉛鉈銅鋁鉻銀銷鋅銻鍍鎘鎳陰險霧頁飛飽餅餾驗黃齒產線黴髮"
)
SIMPLIFIED = (
    "于价伤体内农净出制剂剧医升厂压发变后块处学实导尘属岩废弃恶恶报拣损换无旧显机杀杂极标树检残"
    "氢沾浆浓涂润滤灯炉炼烃烟烧热电疗盐矾矿碱离稳窝系级纸联胶脱药虫蚀衬装触诊试轮输达过选酸针针"
    "钒钛钝钡钢钨钯钻钾铁铅铊铜铝铬银销锌锑镀镉镍阴险雾页飞饱饼馏验黄齿产线霉发"
)
BORROWED = "авекмнорстухѕіјԝһαβεηικμνορτυχω"
LATIN = "abekmhopctyxsijwhabehikmnoptyxw"
USUAL = str.maketrans(TRADITIONAL + BORROWED, SIMPLIFIED + LATIN, FILLERS)
"""Traditional characters, only those of the block list's names, and letters that look like ours."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is read, and for each of its characters the place where it was typed."""

    typed: str
    text: str
    places: tuple[int, ...]
    folded: str

    def spans(self, name: str) -> Sequence[tuple[int, int]]:
        """Where a name of the block list stands, from its first character to behind its last."""
        if fold(name) not in self.folded:  # most are not there, and this is quick to see
            return ()
        return [found.span() for found in pattern(name).finditer(self.text)]

    def quote(self, start: int, end: int) -> str:
        """What was typed for a part of the reading, without what nobody sees."""
        part = self.typed[self.places[start] : self.places[end - 1] + 1]
        return "".join(sign for sign in part if unicodedata.category(sign) not in UNSEEN)


def read(typed: str) -> Reading:
    """Read a text sign by sign."""
    signs = [(sign, place) for place, one in enumerate(typed) for sign in _signs(one)]
    text = "".join(sign for sign, _ in signs)
    return Reading(typed, text, tuple(place for _, place in signs), _bare(text))


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """A text as it is read, with nothing between its letters and digits."""
    return _bare("".join(map(_signs, text)))


@lru_cache(maxsize=4096)
def pattern(name: str) -> re.Pattern[str]:
    """What finds a name in a reading; `#`, at an end of the name or of a code, is any digit.

    A name of digits alone is a code: it is found where no further digit touches it, and if it is
    not written out in full, only where its groups are parted.
    """
    if any(sign.isalpha() for sign in name):
        rest = r"[a-z]*" if name[-1].isascii() and name[-1].isalpha() else ""
        return re.compile(_spread(name) + rest)
    groups = name.split("-") if ANY_DIGIT in name else [name]
    return re.compile(rf"(?<!\d){DASH.join(map(_spread, groups))}(?!\d)")


def _spread(name: str) -> str:
    wanted = (sign for one in name for sign in _signs(one) if sign.isalnum() or sign == ANY_DIGIT)
    return GAP.join(r"\d" if sign == ANY_DIGIT else re.escape(sign) for sign in wanted)


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


@lru_cache(maxsize=4096)
def _signs(sign: str) -> str:
    """What one sign is read as: none, one or several."""
    spelt = unicodedata.normalize("NFKD", sign).casefold().translate(USUAL)
    return "".join(map(_digit, (one for one in spelt if unicodedata.category(one) not in UNSEEN)))


def _digit(sign: str) -> str:
    """The digits of every script as our own."""
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
