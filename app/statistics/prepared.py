"""What disclosure control has decided, kept under the digest of what it was decided from.

Deciding on a province takes seconds, and a page asks for two years of months. An answer that is
kept can be wrong for no question: other facts, names, limits or rules have another digest. The
folder may be emptied at any time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from time import time
from types import ModuleType

from flask import Flask, current_app

from app.settings import Settings
from app.statistics import algebra, disclosure, inference, withholding
from app.statistics.withholding import Secrets, Told, decide

EXTENSION = "gufei.disclosure"
RULES: tuple[ModuleType, ...] = (algebra, disclosure, inference, withholding)
MOST_REMEMBERED = 256
DRAFT, DRAFT_SECONDS = ".draft", 3600
"""The end of a draft's name, and after how long nobody is writing it any more."""
log = logging.getLogger(__name__)


class Shelf:
    """The answers in a folder, and the last of them in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rules = _digest(Path(str(module.__file__)).read_bytes() for module in RULES)
        self._remembered: dict[str, Told] = {}
        self._deciding = Lock()

    def told(self, secrets: Secrets) -> Told:
        """What may be published of a month; decided now if nobody has asked before.

        Who asks while it is being decided waits for that answer.
        """
        name = self._name(secrets)
        found = self._remembered.get(name)
        if found is None:
            with self._deciding:
                found = self._remembered.get(name) or self._find(name, secrets)
        return found

    def keep_only(self, wanted: Collection[Secrets]) -> None:
        """Put away what was decided from anything else, and drafts that were never finished."""
        names = {self._name(secrets) for secrets in wanted}
        for path in self._folder.glob("*.json"):
            if path.stem not in names:
                path.unlink(missing_ok=True)
        for draft in self._folder.glob(f"*{DRAFT}"):
            if draft.stat().st_mtime < time() - DRAFT_SECONDS:
                draft.unlink(missing_ok=True)

    def _find(self, name: str, secrets: Secrets) -> Told:
        found = self._read(name) or self._decide(name, secrets)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[name] = found
        return found

    def _name(self, secrets: Secrets) -> str:
        return _digest((self._rules.encode(), secrets.digest.encode()))

    def _read(self, name: str) -> Told | None:
        """Nothing where there is no answer, or none that can be read."""
        try:
            lines = json.loads(self._path(name).read_text(encoding="utf-8"))
            return {frozenset(materials): frozenset(areas) for materials, areas in lines}
        except (OSError, ValueError, TypeError):
            return None

    def _decide(self, name: str, secrets: Secrets) -> Told:
        found = decide(secrets)
        try:
            self._keep(name, found)
        except OSError:
            log.exception("what is told could not be kept")
        return found

    def _keep(self, name: str, found: Told) -> None:
        """Written aside first, so that nobody reads half of it."""
        lines = [[sorted(materials), sorted(areas)] for materials, areas in found.items()]
        self._folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            "w", dir=self._folder, suffix=DRAFT, delete=False, encoding="utf-8"
        ) as draft:
            json.dump(lines, draft)
        Path(draft.name).replace(self._path(name))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["gufei.settings"]
    app.extensions[EXTENSION] = Shelf(settings.data_dir / "disclosure")


def current_shelf() -> Shelf:
    found: Shelf = current_app.extensions[EXTENSION]
    return found


def _digest(parts: Iterable[bytes]) -> str:
    return sha256(b"\n".join(parts)).hexdigest()
