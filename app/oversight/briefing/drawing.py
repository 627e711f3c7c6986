"""The map of a briefing: counties coloured by their rate, as on the page."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from app.core.colours import colours
from app.core.i18n import rate as rate_text
from app.core.office.paper import Area, Drawing, Label
from app.maps.outlines import Outline, sheet
from app.oversight.briefing.figures import CountyLine
from app.statistics.indicators import Sums, rate
from app.statistics.rules import rate_class

UNKNOWN = "n100"
DARK = frozenset({"r6", "r7"})
LINE, INK, PAPER = "n0", "n900", "n0"
"""Colours by their names in the style sheet."""
SHARE_OF_PAGE = 0.6
MOST_NAMED = 30
"""More names than these would lie upon each other."""


def map_of(lines: Iterable[CountyLine]) -> Drawing:
    """Every county of the installation; those that are not the reader's stay grey."""
    own = {line.county.adcode: line for line in lines}
    ground = sheet()
    areas = [area for one in ground.outlines for area in _areas(one, own.get(one.adcode))]
    named = [one for one in ground.outlines if one.adcode in own]
    labels = [_label(one, own[one.adcode]) for one in named] if len(named) <= MOST_NAMED else []
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
    known = _class(line.sums) if line else None
    fill, edge = colours()[known or UNKNOWN], colours()[LINE]
    return (Area(ring, fill=fill, line=edge) for ring in outline.rings)


def _label(outline: Outline, line: CountyLine) -> Label:
    colour = PAPER if _class(line.sums) in DARK else INK
    told = (line.county.short_name, share_text(line.sums))
    return Label(outline.label, told, colours()[colour])


def _class(sums: Sums) -> str | None:
    share = rate(sums)
    return rate_class(share.part, share.whole)
