from pathlib import Path

import pytest

import matching
from matching import Property, Reason, cli, files, settings_file

HOME = Path(matching.__path__[0])
README = (HOME / "README.md").read_text(encoding="utf-8")
EXAMPLE = HOME / "example"


def test_the_example_outcome_is_what_the_command_writes(tmp_path: Path) -> None:
    assert cli.main(["solve", str(EXAMPLE / "problem"), "--out", str(tmp_path)]) == 0
    for kept in (EXAMPLE / "outcome").iterdir():
        assert (tmp_path / kept.name).read_bytes() == kept.read_bytes()


@pytest.mark.parametrize(
    "file",
    [
        "problem/supplies.csv",
        "problem/demands.csv",
        "problem/settings.json",
        "outcome/matches.csv",
        "outcome/orders.csv",
    ],
)
def test_the_readme_shows_the_example_as_it_is(file: str) -> None:
    assert f"\n{(EXAMPLE / file).read_text(encoding='utf-8')}```" in README


def test_the_readme_names_every_column_setting_reason_and_promise() -> None:
    layouts = (files.SUPPLIES, files.DEMANDS, files.LANES)
    columns = {c for each in layouts for c in each.required + each.optional + each.unsupported}
    words = columns | set(settings_file.KEYS) | {*Reason} | {*Property}
    assert [word for word in sorted(words) if f"`{word}`" not in README] == []
