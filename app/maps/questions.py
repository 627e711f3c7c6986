"""What is asked of the official figures: all of it stands in the address, at every level."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Self

from flask import url_for
from flask_babel import gettext as _

from app.core.i18n import month as month_text
from app.maps.rules import Measure
from app.statistics.official import Period


@dataclass(frozen=True, slots=True)
class Question:
    """A month, or its year up to it; one material, or what the target counts; against what.

    `city` is whose counties are shown, blank for all cities, none where there is only one.
    """

    month: date
    measure: Measure = Measure.UTILISATION
    whole_year: bool = False
    material: str = ""
    with_red_mud: bool = False
    against: date | None = None
    city: str | None = None

    @property
    def period(self) -> Period:
        return self._period(self.month)

    @property
    def other(self) -> Period | None:
        """The period it is held against."""
        return None if self.against is None else self._period(self.against)

    @property
    def when(self) -> str:
        return self._when(self.month)

    @property
    def other_when(self) -> str:
        return "" if self.against is None else self._when(self.against)

    def but(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def address(self, endpoint: str = "maps.show", **values: Any) -> str:
        """A page that asks the same; fields of the question among `values` change it."""
        names = {field.name for field in fields(self)}
        changed = self.but(**{name: values.pop(name) for name in names & values.keys()})
        return url_for(endpoint, **changed.parameters() | values)

    def parameters(self) -> dict[str, str]:
        """The question as `QuestionForm` reads it."""
        return {
            "measure": str(self.measure),
            "month": f"{self.month:%Y-%m}",
            **({"span": "year"} if self.whole_year else {}),
            **({"material": self.material} if self.material else {}),
            **({"red_mud": "1"} if self.with_red_mud else {}),
            **({"against": f"{self.against:%Y-%m}"} if self.against else {}),
            **({} if self.city is None else {"city": self.city}),
        }

    def _period(self, month: date) -> Period:
        return Period.year(month.year, month) if self.whole_year else Period.month(month)

    def _when(self, month: date) -> str:
        if not self.whole_year:
            return month_text(month)
        return str(_("全年至 %(month)s", month=month_text(month)))
