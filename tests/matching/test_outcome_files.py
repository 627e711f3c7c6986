import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import (
    Certificate,
    Fault,
    InputFaults,
    Level,
    Match,
    OrderResult,
    Outcome,
    Reason,
    Side,
    Totals,
    outcome_from_directory,
    outcome_from_json,
    outcome_to_directory,
    outcome_to_json,
)
from matching.formats.outcome_files import FILES, outcome_to_files
from matching.formats.outcome_json import version_of
from matching.outcome import Storage

ids = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=4)
kilograms = st.integers(0, 10**12)
fen = st.integers(-(10**8), 10**8)
months = st.none() | st.integers(0, 30)
sides = st.sampled_from(Side)
wholes = st.lists(st.integers(0, 2**70), max_size=3).map(tuple)
details = st.dictionaries(st.sampled_from(["rivals", "missing"]), st.integers(-9, 2**40))
values = st.integers(-(2**80), 2**80)

matches = st.builds(Match, ids, ids, kilograms, fen, fen, fen, fen, months)
orders = st.builds(
    OrderResult, sides, ids, kilograms, kilograms, st.sampled_from(Reason), details, months
)
storages = st.builds(
    Storage, sides, ids, st.integers(0, 30), kilograms, kilograms, kilograms, kilograms
)
levels = st.builds(
    Level,
    st.sampled_from(["tonnes", "surplus", "cost"]),
    values,
    values,
    wholes,
    wholes,
    st.lists(wholes, max_size=3).map(tuple),
    st.none() | values,
)
certificates = st.builds(
    Certificate,
    st.just("f" * 64),
    st.builds(Totals, kilograms, values, values, values, values),
    st.lists(levels, max_size=3).map(tuple),
    wholes,
    wholes,
)
outcomes = st.builds(
    Outcome,
    st.lists(matches, max_size=3).map(tuple),
    st.lists(orders, max_size=3).map(tuple),
    certificates,
    st.lists(storages, max_size=3).map(tuple),
)

PLAIN = Outcome(
    (Match("plant", "works", 1_500, 2_428, 0, 536, 2_964, 1),),
    (
        OrderResult(Side.SUPPLY, "plant", 2_000, 1_500, Reason.TIE, {"rivals": 2, "a": 1}, 1),
        OrderResult(Side.DEMAND, "works", 1_500, 1_500, Reason.PLACED, {}, 1),
    ),
    Certificate("f" * 64, Totals(1_500, 4_446, 804, 3_642, 0), ()),
    (Storage(Side.SUPPLY, "plant", 1, 0, 500, 0, 500),),
)


@given(outcomes)
def test_every_outcome_comes_back_from_json_as_it_was(outcome: Outcome) -> None:
    data = outcome_to_json(outcome)
    assert outcome_from_json(data) == outcome
    assert outcome_to_json(outcome_from_json(data)) == data


@given(outcomes)
def test_every_outcome_comes_back_from_its_files_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, outcome: Outcome
) -> None:
    directory = tmp_path_factory.mktemp("out")
    outcome_to_directory(outcome, directory)
    assert outcome_from_directory(directory) == outcome


def test_the_files_are_as_documented() -> None:
    files = {name: data.decode() for name, data in outcome_to_files(PLAIN).items()}
    assert files["matches.csv"] == (
        "supply,demand,month,tonnes,cost,support,price_producer,price_consumer\n"
        "plant,works,1,1.5,24.28,0.00,5.36,29.64\n"
    )
    assert files["orders.csv"] == (
        "side,id,month,tonnes,placed,reason,detail\n"
        "supply,plant,1,2,1.5,tie,a=1; rivals=2\n"
        "demand,works,1,1.5,1.5,placed,\n"
    )
    assert files["storage.csv"] == (
        "side,id,month,opening_t,in_t,out_t,closing_t\nsupply,plant,1,0,0.5,0,0.5\n"
    )


def test_storage_of_an_earlier_outcome_does_not_stay_behind(tmp_path: Path) -> None:
    outcome_to_directory(PLAIN, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == set(FILES)
    outcome_to_directory(replace(PLAIN, storage=()), tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == set(FILES) - {"storage.csv"}


@pytest.mark.parametrize(
    ("file", "row", "column", "cell", "code"),
    [
        ("matches.csv", 2, "tonnes", "much", "not_a_number"),
        ("matches.csv", 2, "cost", "1.234", "too_many_decimals"),
        ("matches.csv", 2, "price_consumer", "", "blank"),
        ("matches.csv", 2, "month", "1.5", "too_many_decimals"),
        ("orders.csv", 3, "side", "both", "bad_choice"),
        ("orders.csv", 2, "reason", "bored", "bad_choice"),
        ("orders.csv", 2, "detail", "rivals=some", "not_a_number"),
        ("storage.csv", 2, "closing_t", "", "blank"),
        ("storage.csv", 2, "month", "", "blank"),
    ],
)
def test_a_bad_cell_is_named_by_file_row_and_column(
    tmp_path: Path, file: str, row: int, column: str, cell: str, code: str
) -> None:
    outcome_to_directory(PLAIN, tmp_path)
    lines = [line.split(",") for line in (tmp_path / file).read_text().splitlines()]
    lines[row - 1][lines[0].index(column)] = cell
    (tmp_path / file).write_text("\n".join(map(",".join, lines)) + "\n")
    with pytest.raises(InputFaults) as refused:
        outcome_from_directory(tmp_path)
    assert [(each.file, each.row, each.column, each.code) for each in refused.value.faults] == [
        (file, row, column, code)
    ]


@pytest.mark.parametrize("file", sorted(set(FILES) - {"storage.csv"}))
def test_a_missing_file_is_named(tmp_path: Path, file: str) -> None:
    outcome_to_directory(PLAIN, tmp_path)
    (tmp_path / file).unlink()
    with pytest.raises(InputFaults) as refused:
        outcome_from_directory(tmp_path)
    assert refused.value.faults == (Fault(file, None, None, "missing_file"),)


@pytest.mark.parametrize(
    ("place", "value", "where"),
    [
        (("matches", 0, "kg"), 1.5, "outcome.matches[0], kg"),
        (("matches", 0, "month"), "may", "outcome.matches[0], month"),
        (("orders", 1, "side"), "both", "outcome.orders[1], side"),
        (("orders", 0, "detail", "rivals"), None, "outcome.orders[0].detail, rivals"),
        (("storage", 0, "closing"), True, "outcome.storage[0], closing"),
        (("certificate", "totals"), [], "outcome.certificate.totals, None"),
        (("certificate", "supply_block"), [0.5], "outcome.certificate, supply_block"),
        (
            ("certificate", "levels", 0, "multipliers"),
            [[1], ["x"]],
            "outcome.certificate.levels[0], multipliers[1]",
        ),
    ],
)
def test_a_wrong_type_inside_json_is_named(
    place: tuple[str | int, ...], value: object, where: str
) -> None:
    level = Level("tonnes", 1, 1, (1,), (0,))
    outcome = replace(PLAIN, certificate=replace(PLAIN.certificate, levels=(level,)))
    content = json.loads(outcome_to_json(outcome))
    inner = content
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(InputFaults) as refused:
        outcome_from_json(json.dumps(content).encode())
    told = [f"{fault.file}, {fault.column}" for fault in refused.value.faults]
    assert where in told


def first_version() -> bytes:
    """What the first release of the product stored."""
    level = {"value": 1_500, "bound": 1_500, "supply_dual": [1], "demand_dual": [0]}
    content = {
        "format": "gufei-matching-outcome",
        "version": 1,
        "matches": [
            {
                "supply": "plant",
                "demand": "works",
                "kg": 1_500,
                "cost": 2_428,
                "support": 0,
                "price_producer": 536,
                "price_consumer": 2_964,
            }
        ],
        "orders": [
            {
                "side": "supply",
                "id": "plant",
                "kg": 2_000,
                "placed": 1_500,
                "reason": "full",
                "detail": {"counterparts": 1},
            }
        ],
        "certificate": {
            "problem_sha256": "f" * 64,
            "totals": {
                "kg": 1_500,
                "consumer": 4_446,
                "producer": 804,
                "freight": 3_642,
                "support": 0,
            },
            "levels": [
                {"name": "tonnes", "tonnes_dual": 0, **level},
                {"name": "surplus", "tonnes_dual": -7, **level},
            ],
        },
    }
    return json.dumps(content).encode()


def test_an_outcome_of_the_first_version_is_still_read() -> None:
    outcome = outcome_from_json(first_version())
    assert outcome.matches == (Match("plant", "works", 1_500, 2_428, 0, 536, 2_964),)
    assert outcome.orders[0].month is None
    assert outcome.storage == ()
    assert [level.multipliers for level in outcome.certificate.levels] == [((0,),), ((-7,),)]
    assert (version_of(first_version()), version_of(outcome_to_json(outcome))) == (1, 2)


def test_an_outcome_of_a_later_version_is_refused() -> None:
    data = outcome_to_json(PLAIN).replace(b'"version":2', b'"version":3')
    with pytest.raises(InputFaults):
        outcome_from_json(data)


def test_a_certificate_that_is_no_json_is_named_by_its_file(tmp_path: Path) -> None:
    outcome_to_directory(PLAIN, tmp_path)
    (tmp_path / "certificate.json").write_text("{")
    with pytest.raises(InputFaults) as refused:
        outcome_from_directory(tmp_path)
    assert [fault.file for fault in refused.value.faults] == ["certificate.json"]
