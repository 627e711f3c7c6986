"""The open data of a published month: files at stable addresses, each with its checksum.

Columns and keys are English and do not change with the language of a page; masses are whole
kilograms. They hold what the board shows by name, and sums of that where nobody is withheld.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import reduce
from hashlib import sha256
from operator import add

from app.board.producers import MaterialPage, ProducerRow
from app.catalogue.queries import CountyRow
from app.core.spreadsheets import csv_text
from app.statistics.indicators import Sums, rate
from app.statistics.rules import rate_tenths

LICENCE = "CC BY 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
COLUMNS = (
    "material",
    "month",
    "published_month",
    "published_version",
    "as_of",
    "stale",
    "producer",
    "adcode",
    "generated_kg",
    "used_kg",
    "old_used_kg",
    "rate_tenths_of_per_cent",
    "evidence_level",
    "fit_for",
    "used_in",
    "synthetic",
)
Line = dict[str, object]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A file: what it is called in its address, and what is in it."""

    name: str
    media_type: str
    body: bytes

    @property
    def checksum(self) -> str:
        """SHA-256, in hex."""
        return sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Published:
    """What the files of a month are made of."""

    pages: Sequence[MaterialPage]
    counties: Mapping[str, CountyRow]
    is_synthetic: bool


def datasets(found: Published) -> list[Dataset]:
    """Every file of a month, in the order of the page."""
    return [Dataset(name, kind, write(found)) for name, (kind, write) in FILES.items()]


def _producers_csv(found: Published) -> bytes:
    rows = [[_cell(line[column]) for column in COLUMNS] for line in _producers(found)]
    return csv_text([COLUMNS, *rows]).encode()


def _producers_json(found: Published) -> bytes:
    return _document(found, {"producers": list(_producers(found))})


def _counties_geojson(found: Published) -> bytes:
    """A point at the seat of every county: boundaries have no open licence."""
    features = [_feature(found, county) for county in found.counties.values()]
    return _document(found, {"type": "FeatureCollection", "features": features})


FILES: Mapping[str, tuple[str, Callable[[Published], bytes]]] = {
    "producers.csv": ("text/csv; charset=utf-8", _producers_csv),
    "producers.json": ("application/json", _producers_json),
    "counties.geojson": ("application/geo+json", _counties_geojson),
}


def _document(found: Published, content: Line) -> bytes:
    about = {"licence": LICENCE, "licence_url": LICENCE_URL, "synthetic": found.is_synthetic}
    return (json.dumps(about | content, ensure_ascii=False, indent=1) + "\n").encode()


def _producers(found: Published) -> Iterator[Line]:
    for page in found.pages:
        for row in page.rows:
            yield _producer(page, row)


def _producer(page: MaterialPage, row: ProducerRow) -> Line:
    return {
        "material": page.material.code,
        "month": f"{row.month:%Y-%m}",
        "published_month": f"{page.month:%Y-%m}",
        "published_version": page.version,
        "as_of": page.as_of.astimezone(UTC).isoformat(),
        "stale": row.is_stale,
        "producer": row.firm,
        "adcode": row.county.adcode,
        **_figures(row.sums),
        "evidence_level": int(row.quality.level) if row.quality else None,
        "fit_for": [each.use.code for each in row.quality.uses] if row.quality else [],
        "used_in": [str(product) for product in row.products],
        "synthetic": row.is_synthetic,
    }


def _feature(found: Published, county: CountyRow) -> Line:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [county.seat_lon, county.seat_lat]},
        "properties": {
            "adcode": county.adcode,
            "name_zh": county.name_zh,
            "name_en": county.name_en,
            **_county(found.pages, county.adcode),
        },
    }


def _county(pages: Iterable[MaterialPage], adcode: str) -> Line:
    """What a county's producers of what the target counts declared, if all of them are named."""
    counted = [page for page in pages if page.material.in_target]
    if any(page.withheld.get(adcode) for page in counted):
        return {**dict.fromkeys(_figures(Sums())), "withheld": True}
    rows = [row for page in counted for row in page.rows if row.county.adcode == adcode]
    return _figures(reduce(add, (row.sums for row in rows if not row.is_stale), Sums())) | {
        "withheld": False
    }


def _figures(sums: Sums) -> Line:
    share = rate(sums)
    return {
        "generated_kg": sums.balance.generated_kg,
        "used_kg": sums.used_kg,
        "old_used_kg": sums.balance.old_used_kg,
        "rate_tenths_of_per_cent": rate_tenths(share.part, share.whole),
    }


def _cell(value: object) -> object:
    if isinstance(value, list):
        return "|".join(value)
    return str(value).lower() if isinstance(value, bool) else value
