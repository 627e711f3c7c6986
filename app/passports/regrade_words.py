"""What a page and a message say of the days on which standards change."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.i18n import is_english
from app.eligibility.editions import Change, Coming
from app.eligibility.rules import Finding, Ruling, Verdict
from app.eligibility.words import (
    Parameters,
    finding_text,
    grade_text,
    headline,
    place_text,
    subject_text,
    verdict_text,
)
from app.passports.regrading import Move
from app.passports.rules import Direction

DIRECTIONS: dict[Direction, tuple[str, LazyString]] = {
    Direction.UP: ("done", _l("变好")),
    Direction.DOWN: ("wrong", _l("变差")),
}
"""The kind of chip and the word for each way a verdict goes."""
STANDARD_CHANGES: dict[Change, LazyString] = {
    Change.STARTS: _l("施行"),
    Change.ENDS: _l("停止使用"),
    Change.CHANGES: _l("有改动"),
}
USE_CHANGES: dict[Change, LazyString] = {
    Change.STARTS: _l("新列入"),
    Change.ENDS: _l("不再列入"),
    Change.CHANGES: _l("规定有变"),
}


def side_text(found: Verdict | None) -> str:
    """The verdict before or after, or that nobody knows the use then."""
    return verdict_text(found) if found else str(_("没有这一用途"))


def reasons(move: Move, parameters: Parameters) -> list[str]:
    """Why a verdict moves; of one that gets better, what stood in its way so far."""
    if not move.because:
        return [str(_("这一用途从这一天起列入") if move.after else _("这一用途从这一天起不再列入"))]
    texts = [headline(_reason(found, parameters)) for found in move.because]
    if move.direction is Direction.DOWN:
        return texts
    return [str(_("此前：%(reason)s", reason=text)) for text in texts]


def moves_text(moves: Iterable[Move]) -> str:
    """The moves of one offer in a line: use, before, after."""
    parts = (
        f"{move.use.name} {side_text(move.before)} → {side_text(move.after)}" for move in moves
    )
    return _joined(parts)


def limits_text(coming: Coming, standard: str) -> str:
    """How many limits of a standard begin and end on a day."""
    starting, ending = coming.starting[standard], coming.ending[standard]
    said = [
        str(_("新增 %(count)s 条", count=starting)) if starting else "",
        str(_("停用 %(count)s 条", count=ending)) if ending else "",
    ]
    return (", " if is_english() else "，").join(part for part in said if part)


def _reason(found: Finding, parameters: Parameters) -> str:
    if found.ruling is not Ruling.UNKNOWN:
        return finding_text(found, parameters)
    name = subject_text(found.limit.subject, parameters)
    said = [_("缺少%(name)s", name=name), grade_text(found.limit.grade), place_text(found.limit)]
    return (", " if is_english() else "，").join(str(part) for part in said if part)


def _joined(parts: Iterable[str]) -> str:
    return ("; " if is_english() else "；").join(parts)
