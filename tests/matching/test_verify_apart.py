"""The audit is worth something because it is not the solver looking at itself."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import matching.verify

HOME = Path(matching.verify.__path__[0])
SHARED = ("matching.files", "matching.lanes", "matching.outcome", "matching.problem")


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.module is not None
            bare = node.module == "matching"
            yield from (f"matching.{name.name}" if bare else node.module for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("file", sorted(HOME.glob("*.py")), ids=lambda file: file.name)
def test_the_audit_shares_the_files_the_lanes_and_plain_types_with_the_solver(file: Path) -> None:
    for module in imported(file.read_text(encoding="utf-8")):
        top = module.partition(".")[0]
        allowed = module.startswith(("matching.verify", *SHARED))
        assert allowed or top == "numpy" or top in sys.stdlib_module_names, module
