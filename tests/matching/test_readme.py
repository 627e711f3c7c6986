import re
import shlex
from pathlib import Path

import pytest

import matching
from matching import Property, Reason, cli
from matching.cli.parser import COMMANDS, parser
from matching.formats import settings_file
from matching.formats.layout import DEMANDS, LANES, SUPPLIES
from matching.messages import Language

HOME = Path(matching.__path__[0])
README = (HOME / "README.md").read_text(encoding="utf-8")
EXAMPLE = HOME / "example"
#: What stands for a value in the command table, and a value that fits.
FILLED = {"KIND": "market", "OUT|-": "OUT", "N": "3", "M": "1", "K": "5", "S": "60", "…": ""}


def commands() -> list[str]:
    return re.findall(r"^\| `(python -m matching [^`]+)` \|", README, re.MULTILINE)


def test_the_example_outcome_is_what_the_command_writes(tmp_path: Path) -> None:
    assert cli.main(["solve", str(EXAMPLE / "problem"), "--out", str(tmp_path)]) == 0
    for kept in (EXAMPLE / "outcome").iterdir():
        assert (tmp_path / kept.name).read_bytes() == kept.read_bytes()


@pytest.mark.parametrize(
    "file",
    [
        "problem/supplies.csv",
        "problem/demands.csv",
        "problem/lanes.csv",
        "problem/settings.json",
        "outcome/matches.csv",
        "outcome/orders.csv",
        "outcome/storage.csv",
    ],
)
def test_the_readme_shows_the_example_as_it_is(file: str) -> None:
    assert f"\n{(EXAMPLE / file).read_text(encoding='utf-8')}```" in README


def test_the_readme_names_every_column_setting_reason_and_promise() -> None:
    columns = {column for each in (SUPPLIES, DEMANDS, LANES) for column in each.names}
    words = columns | set(settings_file.KEYS) | {*Reason} | {*Property}
    assert [word for word in sorted(words) if f"`{word}`" not in README] == []


def test_the_command_table_has_every_command() -> None:
    assert {command.split()[3] for command in commands()} == set(COMMANDS)


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_table_is_understood(command: str) -> None:
    words = shlex.split(command.replace("[", "").replace("]", ""))[3:]
    filled = [value for word in words if (value := FILLED.get(word, word))]
    assert parser(Language.EN).parse_args(filled).command is COMMANDS[words[0]][0]


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_option_of_a_command_stands_in_the_table(name: str) -> None:
    stated = " ".join(command for command in commands() if command.split()[3] == name)
    flags = [flag for flag in COMMANDS[name][1] if flag.startswith("--")]
    assert [flag for flag in flags if flag not in stated] == []
