"""Offline place search: a geopy geocoder over a table of city, counties and townships."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from geopy.geocoders.base import Geocoder
from geopy.location import Location

from app.core.regions import city_of

IGNORED = frozenset(" '’-·,，")
SHORTEST_STEM = 2
NO_MATCH = 9
Row = Mapping[str, str]


class Gazetteer(Geocoder):
    """Answers Chinese and pinyin, whole or in part: 乐平铺, lepingpu, or a whole address.

    `Location.raw` carries `name_en` and `precision` of the place.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__()
        by_code = {row["code"]: row for row in rows if row["level"] != "township"}
        self._entries = [_Entry.of(row, by_code) for row in rows]

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Self:
        return cls([row for path in paths for row in _rows(path)])

    def geocode(self, query: str, *, exactly_one: bool = True) -> Location | list[Location] | None:
        """The best location, or all of them best first; `None` if nothing fits."""
        folded = fold(query)
        ranked = sorted((entry.rank(folded), place) for place, entry in enumerate(self._entries))
        found = [self._entries[place].location for rank, place in ranked if rank < NO_MATCH]
        if not found:
            return None
        return found[0] if exactly_one else found


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row with its names folded for comparing."""

    level: str
    names: tuple[str, str]
    stem: str
    county_stem: str
    full_name: str
    location: Location

    @classmethod
    def of(cls, row: Row, by_code: Mapping[str, Row]) -> Self:
        """`by_code` are the rows of the counties and cities."""
        below = by_code[row["county_adcode"]] if row["level"] == "township" else None
        city = by_code[city_of(row["code"])]["name_zh"]
        title = f"{below['name_zh']} {row['name_zh']}" if below else row["name_zh"]
        english = f"{row['name_en']}, {below['name_en']}" if below else row["name_en"]
        raw = {"name_en": english, "precision": row["precision"]}
        return cls(
            level=row["level"],
            names=(fold(row["name_zh"]), fold(row["name_en"])),
            stem=_stem(row),
            county_stem=_stem(below) if below else "",
            full_name=fold(f"{city}{title}"),
            location=Location(title, (float(row["lat"]), float(row["lon"]), 0.0), raw),
        )

    def rank(self, query: str) -> int:
        """How well the entry answers a folded query: 0 is best, `NO_MATCH` not at all."""
        if not query:
            return NO_MATCH
        if query in (*self.names, self.stem):
            return 0
        if any(name.startswith(query) for name in self.names):
            return 1
        if any(query in name for name in self.names):
            return 2
        if query in self.full_name:
            return 3
        return self._rank_within(query)

    def _rank_within(self, address: str) -> int:
        """An address that names a township and its county says most, the city alone least."""
        if self.stem not in address:
            return NO_MATCH
        if self.level == "township":
            return 4 if self.county_stem in address else 6
        return 5 if self.level == "county" else 7


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fold(text: str) -> str:
    """A name as it is compared: width, case, spaces, apostrophes and hyphens do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in IGNORED)


def _stem(row: Row) -> str:
    """茌平 of 茌平区; but 莘县 stays whole, since 莘 alone would be found in anything."""
    name = fold(row["name_zh"])
    stem = name.removesuffix(fold(row["kind_zh"]))
    return stem if len(stem) >= SHORTEST_STEM else name
