"""The documents of a run for its auditor: what was asked, what was answered, and the proof."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from app.clearing.engine import as_plan
from matching import (
    outcome_from_json,
    outcome_to_directory,
    problem_from_json,
    problem_to_directory,
)

SETTINGS = "settings.json"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The one time stamp of every file, so that the same run gives the same archive."""

README = """{number}

problem.json  market.json  plan.json
    The canonical documents. Their SHA-256 stand on the page of the run, for its auditor:
        sha256sum problem.json market.json plan.json
tree.json
    Every order of the problem with the salt of its leaf, in the order of the leaves. Their root was
    public before there was a result; docs/proof.md says how a leaf and the root are made.
problem/  market/  plan/
    The same as CSV. To check both answers without the solver, from a checkout of Gufei:
        python -m matching verify problem market
        python -m matching verify problem plan

A material with a number, such as fly_ash#2, is a material as quality parts it: the offers of one
number may go to the same requirements, and a requirement names the numbers it may take.

These files hold the limit prices of every firm that took part. They are for the auditor named by
the operator and for nobody else.
"""


def archive(number: str, documents: Mapping[str, bytes]) -> bytes:
    """A ZIP of a recorded run: canonical documents, the same as CSV, and how to check them.

    `documents` are the canonical JSON under `problem`, `market`, `plan` and, in runs that have a
    hash tree, `tree`. Nothing in the archive
    depends on when it is made. The CSV files pass through a directory that only this process may
    enter and that is gone when the archive stands.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        _add(file, "README.txt", README.format(number=number).encode())
        for name, document in documents.items():
            _add(file, f"{name}.json", document)
        for path, content in _tables(documents):
            _add(file, path, content)
    return packed.getvalue()


def _tables(documents: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    market = problem_from_json(documents["problem"])
    with TemporaryDirectory() as folder:
        root = Path(folder)
        problem_to_directory(market, root / "problem")
        for name, problem in (("market", market), ("plan", as_plan(market))):
            problem_to_directory(problem, root / "asked" / name)
            outcome_to_directory(outcome_from_json(documents[name]), root / name)
            (root / "asked" / name / SETTINGS).rename(root / name / SETTINGS)
        for part in ("problem", "market", "plan"):
            for path in sorted((root / part).iterdir()):
                yield f"{part}/{path.name}", path.read_bytes()


def _add(file: zipfile.ZipFile, path: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(path, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    file.writestr(entry, content)
