"""The forms of the pages, filled from the rows of a table instead of a browser.

So a row is read, checked and told what is wrong by the very words of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core.forms import Form
from app.imports.columns import headings
from app.imports.rules import ImportKind, Remark
from app.listings.forms import OfferForm, RequirementForm
from app.shipments.forms import TicketForm
from app.shipments.weighing import TicketDraft


class OfferRow(OfferForm):
    """An offer from a row, which no foreign page can have sent."""

    class Meta:
        csrf = False


class RequirementRow(RequirementForm):
    """A requirement from a row."""

    class Meta:
        csrf = False


class TicketRow(TicketForm):
    """A weighbridge ticket from a row, weighed some time ago."""

    class Meta:
        csrf = False

    def late_draft(self) -> TicketDraft:
        return replace(self.draft(), is_late=True)


LISTING_ROWS: Mapping[ImportKind, type[OfferRow | RequirementRow]] = {
    ImportKind.OFFERS: OfferRow,
    ImportKind.REQUIREMENTS: RequirementRow,
}


def remarks_of(form: Form, kind: ImportKind) -> tuple[Remark, ...]:
    """What a form says against its row, at the columns it belongs to."""
    names = headings(kind)
    errors: dict[str | None, list[Any]] = {**form.errors}
    return tuple(
        Remark(names.get(name or "", ""), str(message))
        for name, messages in errors.items()
        for message in messages
    )
