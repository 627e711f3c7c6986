"""What a name stands for, on the sheet of a laboratory or in the words of a buyer.

A name counts as a whole: what only contains a known one (`烧失量允许偏差`) is another thing. But
one thing may be named twice (`烧失量（LOI）`), and units and words for a share of mass fall off.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.catalogue.quality import ParameterRow
from app.eligibility.units import are_alike, is_unit

LEACHING = {"hjt299": ("hjt299", "hj299", "硫酸硝酸法"), "hj557": ("hj557", "水平振荡法")}
"""Ways of leaching, as the catalogue marks names with them, and how a sheet names them."""
SIEVED, SIEVE_UM = "residue_45um", 45
LONGEST = 80
_SPELT = str.maketrans({"μ": "u", "【": "(", "】": ")", "[": "(", "]": ")", "{": "(", "}": ")"})
_DROPPED = re.compile(r"[^\w.]|_|(?<!\d)\.|\.(?!\d)")
_WORDS = (("微米", "um"), ("毫米", "mm"), ("〔", "("), ("〕", ")"))
_DAYS = re.compile(r"(?<=\d)天")
_CIRCLED = re.compile(r"\A\s*[①-⑳]")
_NUMBERING = re.compile(r"\A\s*(?:\(?\d{1,2}\)|\d{1,2}[.、](?!\d))")
_SHARE_OF_MASS = re.compile(r"\((?:m/m|w/w)\)")
_COUNTED_AS = re.compile(r"以(.+)计")
_CONTENT = re.compile(r"的?(?:百分)?(?:质量分数|质量百分数|质量百分比|含量)$")
_SEPARATORS = " \t/,，;、:-"
_SHARE_WORDS = (
    "质量分数",
    "质量百分数",
    "质量百分比",
    "百分含量",
    "百分比",
    "含量",
    "massfraction",
)
_STATE_WORDS = ("干基", "以干基", "干燥基", "收到基", "湿基", "drybasis", "asreceived", "无量纲")
_RESULT_WORDS = ("w", "ω", "wt", "实测", "实测值", "检测结果", "检测值")
_DECOR = frozenset({*_SHARE_WORDS, *_STATE_WORDS, *_RESULT_WORDS})
_GROUP = re.compile(
    r"(?!.*(?:溶|游离|偏差|误差|允许|要求|标准|限|混合|平均)).*(?:成分|组成|性能|指标|性质|分析|项目|放射性.*|核素.*|浸出.*|毒性.*|重金属|氧化物|结果|参数|检测|"
    r"试验|常规|其他|粉煤灰|矿渣粉?|矿粉|钢渣粉?|石膏|煤矸石|样品|composition|properties|analysis)"
)
"""What stands over names and says nothing that would change them."""
_SIZE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(um|mm)")


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter that was recognised, by which words, and the unit that stands with them."""

    code: str
    words: str
    unit: str


def folded(text: str) -> str:
    """A text without width, case, blanks, raised digits and signs; a decimal point stays."""
    return _DAYS.sub("d", _DROPPED.sub("", _spelt(text)))


def leaching(texts: Iterable[str]) -> frozenset[str]:
    """The ways of leaching that texts name."""
    words = [folded(text) for text in texts]
    return frozenset(
        way
        for way, marks in LEACHING.items()
        if any(mark in word for mark in marks for word in words)
    )


def other_sieve(texts: Iterable[str]) -> bool:
    """Whether texts name a sieve of another size than 45 μm."""
    found = (size for text in texts for size in _SIZE.finditer(folded(text)))
    return any(float(size[1]) * (1000 if size[2] == "mm" else 1) != SIEVE_UM for size in found)


def without_unit(text: str) -> tuple[str, str]:
    """A piece of a name without the unit at its end: `("LOI", "%")` of `LOI/%`."""
    for start in range(len(text)):
        rest = text[start:]
        stands_apart = start == 0 or rest[0] in _SEPARATORS or any(sign in rest for sign in "/%‰")
        unit = rest.strip(_SEPARATORS)
        if stands_apart and is_unit(unit) and not _is_size(text[:start], unit):
            return text[:start], unit
    return text, ""


def _is_size(before: str, unit: str) -> bool:
    """Whether a unit belongs to a figure in the name: `passing 0.075 mm`."""
    return unit.isalpha() and before.rstrip()[-1:].isdigit()


class Names:
    """The names of the parameters, in both languages, with their synonyms and symbols."""

    def __init__(self, parameters: Mapping[str, ParameterRow]) -> None:
        self._parameters = parameters
        self._plain, self._leached = _index(tuple(parameters.values()))
        self._asked: dict[tuple[tuple[str, ...], str, str], Named | None] = {}

    def named(self, parts: Sequence[str], way: str = "", unit: str = "") -> Named | None:
        """The parameter that the parts of a name stand for, the widest part first.

        `way` is the way of leaching that the sheet names, `unit` one that stands elsewhere.
        """
        question = (tuple(filter(None, parts)), way, unit)
        if question not in self._asked:
            self._asked[question] = self._named(*question)
        return self._asked[question]

    def find(self, text: str) -> str | None:
        """The code of the parameter that a text names, if it names one."""
        found = self.named([text])
        return found.code if found else None

    def _named(self, texts: tuple[str, ...], way: str, unit: str) -> Named | None:
        if sum(map(len, texts)) > LONGEST:
            return None
        unit = unit or _pieces(texts)[1]
        found = self._of_all(texts, way, unit)
        names = [text for text in texts if _pieces([text])[0]]
        if found is None and _all_groups(names[:-1]):
            return self._of_all([*names[-1:], *_units(texts)], way, unit)
        return found

    def _of_all(self, texts: Sequence[str], way: str, unit: str) -> Named | None:
        pieces, own = _pieces(texts)
        for known in (self._leached[way], self._plain) if way else (self._plain,):
            code = _code("".join(pieces), known) or _code("".join(reversed(pieces)), known)
            if code and (known is self._plain or self._fits(code, own or unit)):
                return Named(code, " ".join(texts), own)
        return None

    def _fits(self, code: str, unit: str) -> bool:
        return not unit or are_alike(unit, str(self._parameters[code].unit))


def _spelt(text: str) -> str:
    spelt = unicodedata.normalize("NFKC", text).casefold().translate(_SPELT)
    for word, usual in _WORDS:
        spelt = spelt.replace(word, usual)
    return spelt


def _units(texts: Sequence[str]) -> list[str]:
    """Those texts that are no more than a unit."""
    return [text for text in texts if not _pieces([text])[0]]


def _all_groups(texts: list[str]) -> bool:
    """Whether all of these texts are mere headings of groups."""
    return all(_GROUP.fullmatch(piece) for text in texts for piece in _pieces([text])[0])


def split(text: str) -> tuple[list[str], str]:
    """The folded pieces of a text that brackets part, and the unit named in it."""
    pieces, unit = [], ""
    bare = _SHARE_OF_MASS.sub("", _NUMBERING.sub("", _spelt(_CIRCLED.sub("", text))))
    for piece in re.split(r"[()\n]", bare):
        rest, found = without_unit(piece.strip())
        unit = _as_written(found, text) or unit
        pieces.append(_COUNTED_AS.sub(r"\1", folded(rest)))
    return [piece for piece in pieces if piece], unit


def _pieces(texts: Sequence[str]) -> tuple[list[str], str]:
    """What the texts of a name say, without the unit, and the unit, the last one named."""
    parts = [split(text) for text in texts]
    units = [unit for _, unit in parts if unit]
    said = [piece for pieces, _ in parts for piece in pieces if piece not in _DECOR]
    return said, units[-1] if units else ""


def _as_written(unit: str, text: str) -> str:
    """The unit in the letters of the sheet, where they can be told."""
    place = text.casefold().rfind(unit) if unit else -1
    return text[place : place + len(unit)] if place >= 0 else unit


def _code(text: str, known: Mapping[str, str], used: frozenset[str] = frozenset()) -> str | None:
    """What a text stands for that is one name, or several different ones of one parameter."""
    for end in range(len(text), 0, -1):
        head = text[:end]
        code = known.get(head) or known.get(_CONTENT.sub("", head))
        if code is None or head in used:
            continue
        if end == len(text) or _code(text[end:], known, used | {head}) == code:
            return code
    return None


@lru_cache(maxsize=4)
def _index(rows: tuple[ParameterRow, ...]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """What each name stands for: by itself, and in a sheet that names a way of leaching."""
    plain = _plain_names(rows)
    return plain, {way: plain | _leached_names(rows, way) for way in LEACHING}


def _plain_names(rows: tuple[ParameterRow, ...]) -> dict[str, str]:
    """Names that stand for one parameter whatever else a sheet says; symbols where no name does."""
    names = _unambiguous(
        (spelling, row.code)
        for row in rows
        for name in (row.name_zh, row.name_en, *row.synonyms)
        for spelling in _spellings(name)
    )
    symbols = _unambiguous(
        (folded(symbol), row.code)
        for row in rows
        for symbol in (row.symbol, row.code)
        if len(folded(symbol)) > 1 and not leaching(row.synonyms)
    )
    return symbols | names


def _leached_names(rows: tuple[ParameterRow, ...], way: str) -> dict[str, str]:
    """Names that need the way of leaching, without it: a sheet that names it may leave it out."""
    marked = ((name, row) for row in rows for name in row.synonyms)
    return _unambiguous(
        (spelling.removesuffix(mark), row.code)
        for name, row in marked
        for mark in LEACHING[way]
        for spelling in _spellings(name)
        if spelling.endswith(mark)
    )


def _spellings(name: str) -> tuple[str, str]:
    """A name of the catalogue as a whole, and as the pieces of one on a sheet are put together."""
    return folded(name), "".join(_pieces([name])[0])


def _unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each name with what it stands for, but none that stands for two things or is empty."""
    found = {pair for pair in pairs if pair[0]}
    counts = Counter(name for name, _ in found)
    return {name: code for name, code in found if counts[name] == 1}
