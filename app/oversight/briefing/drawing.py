"""The map of a briefing: counties coloured by their rate, as on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _

from app.core.i18n import rate as rate_text
from app.core.office.paper import Area, Drawing, Label
from app.maps.outlines import Outline, sheet
from app.oversight.briefing.figures import CountyLine
from app.statistics.indicators import Sums, rate
from app.statistics.rules import rate_class

COLOURS: Mapping[str | None, str] = {
    "r1": "#fbf0cf",
    "r2": "#d6dfa9",
    "r3": "#a6cfb0",
    "r4": "#6cb1b3",
    "r5": "#4596af",
    "r6": "#1b628e",
    "r7": "#0f3a63",
    None: "#eceff1",
}
"""Those of the page's style sheet."""
DARK = frozenset({"r6", "r7"})
LINE, INK, PAPER = "#ffffff", "#12191d", "#ffffff"
SHARE_OF_PAGE = 0.46


def map_of(lines: Iterable[CountyLine]) -> Drawing:
    """Every county of the installation; those that are not the reader's stay grey."""
    own = {line.county.adcode: line for line in lines}
    ground = sheet()
    areas = [area for one in ground.outlines for area in _areas(one, own.get(one.adcode))]
    labels = [_label(one, own[one.adcode]) for one in ground.outlines if one.adcode in own]
    return Drawing(
        width=ground.width,
        height=ground.height,
        shapes=(*areas, *labels),
        text=_("各县（市、区）综合利用率见下表。"),
        share=SHARE_OF_PAGE,
    )


def share_text(sums: Sums) -> str:
    """A rate in per cent, cut; of nothing there is none."""
    share = rate(sums)
    return rate_text(share.part, share.whole) if share.whole else "—"


def _areas(outline: Outline, line: CountyLine | None) -> Iterable[Area]:
    fill = COLOURS[_class(line.sums) if line else None]
    return (Area(ring, fill=fill, line=LINE) for ring in outline.rings)


def _label(outline: Outline, line: CountyLine) -> Label:
    colour = PAPER if _class(line.sums) in DARK else INK
    return Label(outline.label, (line.county.short_name, share_text(line.sums)), colour)


def _class(sums: Sums) -> str | None:
    share = rate(sums)
    return rate_class(share.part, share.whole)
