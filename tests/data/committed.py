"""Reads the committed data files as the loaders do: by column name, from the checkout."""

import csv
from pathlib import Path

from app.catalogue.rules import BlockRule, first_hit

DATA = Path(__file__).resolve().parents[2] / "data"

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """The rows of a CSV below ``data/``, in file order."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def by(column: str, name: str) -> dict[str, Row]:
    """The rows of a CSV by a column whose values must be unique."""
    found = rows(name)
    keyed = {row[column]: row for row in found}
    assert len(keyed) == len(found), f"{name}: {column} repeats"
    return keyed


def several(cell: str) -> list[str]:
    """The parts of a ``|``-separated cell; none for a blank one."""
    return cell.split("|") if cell else []


def block_list() -> list[BlockRule]:
    """The rows that refuse names, in their order."""
    return [
        BlockRule(row["code"], tuple(several(row["patterns"])), tuple(several(row["exceptions"])))
        for row in rows("catalogue/blocked_wastes.csv")
    ]


def blocked_by(name: str) -> str | None:
    """Code of the first row of the block list that refuses ``name``."""
    hit = first_hit([name], block_list())
    return hit.rule.code if hit else None
