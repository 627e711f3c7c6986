"""The steps to the target as bars on paper, in mm: the surer a tonne, the darker its fill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

from app.core.colours import colours
from app.core.i18n import whole_tonnes
from app.core.office.paper import Area, Drawing, Label
from app.oversight import words
from app.oversight.briefing.outlook import MaterialSteps
from app.oversight.gap.waterfall import Row, Step, Waterfall

Shape = Area | Label
FILLS: dict[Step, tuple[str, str]] = {
    Step.ACTUAL: ("b700", "b700"),
    Step.CONTRACTED: ("b500", "b500"),
    Step.MARKET: ("b300", "b600"),
    Step.PHYSICAL: ("b100", "b600"),
    Step.NOWHERE: ("n0", "bad"),
}
"""Fill and line of a step, by their names in the style sheet."""
WIDTH, LEFT, SCALE, RIGHT = 170.0, 32.0, 100.0, 137.0
"""Of the page, where bars begin, how long the whole is, and where figures are written."""
ROW, BAR, AXIS, TARGET = 8.0, 4.6, 6.0, 0.5


def step_bars(whole: Waterfall) -> Drawing:
    """One bar a step, each from where the one before ends."""
    shapes: list[Shape] = [*_axis(_share(whole), len(whole.rows))]
    for place, row in enumerate(whole.rows):
        sign = "" if place == 0 else "+"
        shapes += _named(place, str(words.STEPS[row.step][0]), f"{sign}{whole_tonnes(row.kg)}")
        shapes += _bar(place, row, whole.whole_kg)
    return _drawing(shapes, len(whole.rows), _("从实际利用到目标的各步见下表。"))


def material_bars(found: Sequence[MaterialSteps]) -> Drawing:
    """One bar a material, its steps side by side; whole bars are of one length."""
    shapes: list[Shape] = []
    for place, one in enumerate(found):
        shapes += _named(place, one.material.name, whole_tonnes(one.fall.whole_kg))
        for row in one.fall.rows:
            shapes += _bar(place, row, one.fall.whole_kg)
    shapes += _legend(len(found))
    return _drawing(shapes, len(found) + 1, _("各物料的各步见下表。"))


def _drawing(shapes: Sequence[Shape], rows: int, text: str) -> Drawing:
    return Drawing(WIDTH, AXIS + rows * ROW, tuple(shapes), str(text))


def _share(fall: Waterfall) -> float:
    return fall.target_kg / fall.whole_kg if fall.whole_kg else 1.0


def _middle(place: int) -> float:
    return AXIS + (place + 0.5) * ROW


def _named(place: int, name: str, figure: str) -> Iterator[Label]:
    yield Label((0, _middle(place)), (name,), is_centred=False)
    yield Label((RIGHT, _middle(place)), (_("%(tonnes)s 吨", tonnes=figure),), is_centred=False)


def _bar(place: int, row: Row, whole_kg: int) -> Iterator[Area]:
    if not row.kg:
        return
    fill, line = (colours()[name] for name in FILLS[row.step])
    start, end = (LEFT + SCALE * kg / whole_kg for kg in (row.start_kg, row.end_kg))
    top = _middle(place) - BAR / 2
    corners = _corners(start, top, end, top + BAR)
    yield Area(corners, fill=fill, line=line, is_dashed=row.step is Step.NOWHERE)


def _axis(share: float, rows: int) -> Iterator[Shape]:
    """Quarters of the whole over the bars, and the target as an upright through them."""
    for quarter in range(5):
        at = LEFT + SCALE * quarter / 4
        yield Label((at, AXIS / 2), (f"{quarter * 25}%",), colours()["n600"])
        yield _upright(at, 0.1, rows, "n200")
    yield _upright(LEFT + SCALE * share, TARGET, rows, "n900")


def _upright(at: float, wide: float, rows: int, colour: str) -> Area:
    return Area(_corners(at, AXIS, at + wide, AXIS + rows * ROW), fill=colours()[colour])


def _legend(place: int) -> Iterator[Shape]:
    wide = (WIDTH - LEFT) / len(FILLS)
    for number, (step, names) in enumerate(FILLS.items()):
        left, middle = LEFT + number * wide, _middle(place)
        fill, line = (colours()[name] for name in names)
        corners = _corners(left, middle - 1.5, left + 5, middle + 1.5)
        yield Area(corners, fill=fill, line=line, is_dashed=step is Step.NOWHERE)
        yield Label((left + 6.5, middle), (str(words.STEPS[step][0]),), is_centred=False)


def _corners(
    left: float, top: float, right: float, bottom: float
) -> tuple[tuple[float, float], ...]:
    return (left, top), (right, top), (right, bottom), (left, bottom)
