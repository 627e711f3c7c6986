"""Every committed CSV is plain: UTF-8, LF, rectangular, no stray white space."""

import csv
from pathlib import Path

import pytest

from tests.data.committed import DATA

OWN = [
    path
    for folder in ("catalogue", "demo", "gazetteer")
    for path in sorted((DATA / folder).glob("*.csv"))
]


def test_there_are_files_to_check() -> None:
    assert len(OWN) >= 14


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_a_file_is_utf8_with_bare_line_feeds_and_no_mark(path: Path) -> None:
    raw = path.read_bytes()
    assert raw.decode("utf-8").endswith("\n")
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_a_file_is_rectangular_and_its_cells_are_trimmed(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        head, *body = csv.reader(file, strict=True)
    assert len(set(head)) == len(head)
    assert body
    for line, cells in enumerate(body, 2):
        assert len(cells) == len(head), f"{path.name}:{line}"
        assert all(cell == cell.strip() for cell in cells), f"{path.name}:{line}"


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_every_reference_row_names_its_source(path: Path) -> None:
    if path.parent.name == "demo":
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["source"], row
            assert row.get("confidence", "K") in {"V", "K", "U"}, row
