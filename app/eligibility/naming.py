"""What laboratories and firms call a parameter: names, symbols and synonyms in both languages."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from app.catalogue.quality import ParameterRow
from app.catalogue.rules import QualityUnit

_SPELT = str.maketrans(
    {"μ": "u", "−": "-", "–": "-", "—": "-", "‐": "-", "⁄": "/", "·": ".", "⋅": "."}
)
_REMARK = re.compile(r"(\([^()]*\)|/[^/]*%[^/]*|%|[:,]|含量|质量分数|content)$")
"""What a heading says behind a name: a unit or remark in brackets, a sign, "content"."""
_OF_EXTRACTS = (QualityUnit.MG_PER_L, QualityUnit.NG_PER_L)
"""Where a symbol such as `Cu` names no parameter, for it does not say how the extract was made."""


class Names:
    """Finds the parameter that a text means. A word that may mean two of them means none."""

    def __init__(self, parameters: Mapping[str, ParameterRow]) -> None:
        rows = parameters.values()
        self._codes = _only((word, row.code) for row in rows for word in _symbols(row))
        self._codes |= _only((word, row.code) for row in rows for word in _names(row))

    def find(self, text: str) -> str | None:
        """The code of the parameter, whatever width, case, blanks and remarks its name has."""
        name = folded(text)
        while name and name not in self._codes:
            name, found = _REMARK.subn("", name)
            if not found:
                return None
        return self._codes.get(name)


def folded(text: str) -> str:
    """A name as it is compared: without width, case, blanks, and raised or lowered signs."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().translate(_SPELT).split())


def _names(row: ParameterRow) -> Iterator[str]:
    yield from (row.code, row.name_zh, row.name_en, *row.synonyms)


def _symbols(row: ParameterRow) -> Iterator[str]:
    if row.symbol and row.unit not in _OF_EXTRACTS:
        yield row.symbol


def _only(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of words and what they mean, those that mean one thing."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for word, code in words:
        meanings[folded(word)].add(code)
    return {word: next(iter(codes)) for word, codes in meanings.items() if len(codes) == 1}
