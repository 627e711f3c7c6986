"""What the measures are called on a page."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.maps.rules import Measure

MEASURES: dict[Measure, LazyString] = {
    Measure.RATE: _l("签约率"),
    Measure.OFFERED: _l("在市量"),
    Measure.REACHABLE: _l("物理可达"),
    Measure.FLOWS: _l("流向"),
}
