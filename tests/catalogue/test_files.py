"""A damaged reference file is named by file, row and column, all faults at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.catalogue.files import DamagedFiles, FileFault, read
from app.catalogue.layouts import MATERIALS
from app.catalogue.operations import TABLES
from app.settings import ROOT

LAYOUTS = tuple(layout for layout, _ in TABLES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the committed files, to be damaged."""
    return Path(shutil.copytree(ROOT / "data" / "catalogue", tmp_path / "catalogue"))


def rewrite(folder: Path, name: str, change: Callable[[str], str]) -> None:
    path = folder / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def faults(folder: Path) -> list[FileFault]:
    with pytest.raises(DamagedFiles) as damaged:
        read(folder, LAYOUTS)
    return damaged.value.faults


def test_the_committed_files_are_sound(folder: Path) -> None:
    rows = read(folder, LAYOUTS)
    assert [row["code"] for row in rows["materials.csv"]][-1] == "red_mud"
    assert rows["published_figures.csv"][0]["position"] == 1


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("targets.csv", ",100,percent", ",viel,percent", (2, "value", "bad_value", "viel")),
        ("targets.csv", "2025-12-31", "31.12.2025", (2, "due_on", "bad_value", "31.12.2025")),
        ("targets.csv", ",V,聊工信", ",X,聊工信", (2, "confidence", "bad_value", "X")),
        ("counties.csv", "115.97065", "NaN", (114, "label_lon", "bad_value", "NaN")),
        ("counties.csv", "115.97065", "1159.7", (114, "label_lon", "bad_value", "1159.7")),
        ("materials.csv", "fly_ash,粉煤灰,", "fly_ash,,", (2, "name_zh", "empty", "")),
        (
            "materials.csv",
            "FGD gypsum,SW06",
            "FGD gypsum,SW99",
            (3, "waste_class", "unknown", "SW99"),
        ),
        (
            "materials.csv",
            "441-001-S02",
            "441-001-S08",
            (2, "default_item", "bad_value", "441-001-S08"),
        ),
        ("industries.csv", "2651,", "2221,", (3, "code", "twice", "2221")),
        ("materials.csv", "glyph_zh", "glyph", (1, "glyph_zh", "no_column", "")),
        ("industries.csv", "2221,", "2221,2221,", (2, "", "ragged", "")),
        ("production_stops.csv", ",12-01,", ",12-32,", (2, "idle_from", "bad_value", "12-32")),
        ("quality_limits.csv", ",,12.0,", ",,1.2E1,", (2, "maximum", "bad_value", "1.2E1")),
        (
            "quality_limits.csv",
            ",residue_45um,",
            ",residue,",
            (2, "parameter", "unknown", "residue"),
        ),
        (
            "quality_limits.csv",
            "GB/T 1596-2017,",
            "GB/T 1596,",
            (2, "standard", "unknown", "GB/T 1596"),
        ),
        (
            "quality_limits.csv",
            "any,any,product",
            "all,any,product",
            (144, "kind", "unknown", "all"),
        ),
        ("quality_limits.csv", ",ash_class,F,", ",ash,F,", (13, "fact", "bad_value", "ash")),
        (
            "quality_limits.csv",
            "fly_ash,road_base,",
            "fly_ash,road,",
            (153, "use", "unknown", "road"),
        ),
        (
            "quality_limits.csv",
            "fly_ash,road_base,",
            "fly_ash,rail,",
            (153, "use", "unknown", "rail"),
        ),
        ("quality_notes.csv", "red_mud,subgrade,", "red_mud,road,", (24, "use", "unknown", "road")),
        ("uses.csv", "JTG/T F20-2015,", "JTG/T F20,", (7, "standard", "unknown", "JTG/T F20")),
        (
            "standards.csv",
            ",GB/T 23456-2009,",
            ",GB/T 23456,",
            (16, "replaces", "unknown", "GB/T 23456"),
        ),
        ("waste_kinds.csv", ",SW16,", ",SW61,", (13, "waste_class", "unknown", "SW61")),
    ],
)
def test_each_damage_is_named_where_it_is(
    folder: Path, name: str, old: str, new: str, fault: tuple[int, str, str, str]
) -> None:
    rewrite(folder, name, lambda text: text.replace(old, new, 1))
    assert faults(folder) == [FileFault(name, *fault)]


def test_every_fault_of_every_file_is_told_at_once(folder: Path) -> None:
    (folder / "industries.csv").unlink()
    rewrite(folder, "targets.csv", lambda text: text.replace("percent", "promille"))
    assert {(fault.file, fault.code) for fault in faults(folder)} == {
        ("industries.csv", "no_file"),
        ("targets.csv", "bad_value"),
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_saved_by_a_spreadsheet_reads_the_same(folder: Path, encoding: str) -> None:
    plain = read(folder, (MATERIALS,))
    path = folder / "materials.csv"
    path.write_text(path.read_text(encoding="utf-8"), encoding=encoding)
    assert read(folder, (MATERIALS,)) == plain


def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "materials.csv").write_bytes(b"\xff\xfe\x00\xff")
    assert FileFault("materials.csv", 0, "", "no_text") in faults(folder)
