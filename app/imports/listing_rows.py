"""Rows of offers and requirements: each is published, or changes the listing it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectFieldBase

from app.core.actor import Actor
from app.core.errors import NotFound
from app.imports.cells import Choices, RowRefused, Words, form_values, words_of
from app.imports.columns import COLUMNS, Column, Reading, headings
from app.imports.row_forms import LISTING_ROWS, OfferRow, RequirementRow, remarks_of
from app.imports.rules import ImportKind, Outcome, Remark, Result
from app.listings import operations, queries
from app.listings.choices import form_choices
from app.listings.operations import AnyDraft, ListingRefused, OfferDraft
from app.listings.queries import ListingView
from app.listings.rules import Side

SIDES = {ImportKind.OFFERS: Side.OFFER, ImportKind.REQUIREMENTS: Side.REQUIREMENT}
OF_WORDS = (Reading.WORD, Reading.WORDS)
ListingRow = OfferRow | RequirementRow


class ListingRows:
    """Enters the rows of a table on behalf of a firm, and writes the firm's own as such rows."""

    def __init__(self, session: Session, actor: Actor, kind: ImportKind, on: date) -> None:
        self._kind, self._on = kind, on
        self._columns = COLUMNS[kind]
        self._known = form_choices(session, actor, on)
        self._seen: set[str] = set()
        self.words: Mapping[str, Words] = words_of(self._choices)

    def hold(self, session: Session, actor: Actor, rows: Sequence[Mapping[str, str]]) -> None:
        """The listings that rows name, then their lots, each by id."""
        numbers = {row["listing"].upper() for row in rows if row.get("listing")}
        if numbers:
            operations.hold(session, actor, numbers)

    def enter(
        self, session: Session, actor: Actor, cells: Mapping[str, str], now: datetime
    ) -> Result:
        """Publish or change what the row says; raises `RowRefused`, or as the operations."""
        number = cells.get("listing", "").upper()
        if not number:
            return self._publish(session, actor, cells, now)
        if number in self._seen:
            raise self._refused("listing", _("前面的行已经改过 %(number)s。", number=number))
        self._seen.add(number)
        return self._change(session, actor, self._view(session, actor, number), cells, now)

    def take_back(self) -> None:
        """A listing that an earlier row names is still named twice."""

    def own_rows(self, session: Session, actor: Actor) -> Iterator[dict[str, str]]:
        """The firm's listings on the market, each as the cells of a row."""
        for row in queries.own_listings(session, actor, self._on):
            listing = row.listing
            if listing.side is SIDES[self._kind] and listing.state.is_on_market:
                yield self._cells(queries.own(session, actor, listing.number, self._on))

    def _publish(
        self, session: Session, actor: Actor, cells: Mapping[str, str], now: datetime
    ) -> Result:
        form = self._filled(cells)
        draft: AnyDraft = form.draft()
        with self._telling(form):
            if isinstance(draft, OfferDraft):
                listing: Any = operations.publish_offer(session, actor, draft, now)
            else:
                listing = operations.publish_requirement(session, actor, draft, now)
        return Result(Outcome.ENTERED, listing.number)

    def _change(
        self,
        session: Session,
        actor: Actor,
        view: ListingView,
        cells: Mapping[str, str],
        now: datetime,
    ) -> Result:
        """Change what the row says otherwise; what the table has no column for stays as it is."""
        form = self._filled({**self._standing(view, cells), **cells})
        number, version, draft = view.listing.number, form.version.data, form.draft()
        if not form.catch_up(view):
            return Result(Outcome.KNOWN, number)
        with self._telling(form):
            operations.change(session, actor, number, draft, now, version=version)
        return Result(Outcome.ENTERED, number)

    def _standing(self, view: ListingView, cells: Mapping[str, str]) -> dict[str, str]:
        """What the listing says now; its kind only if the row leaves the material as it is."""
        standing = self._cells(view)
        material = self.words["materials"].value(cells["materials"])
        if material not in {row.code for row in view.listing.materials}:
            standing.pop("kind", None)
        return standing

    def _view(self, session: Session, actor: Actor, number: str) -> ListingView:
        try:
            view = queries.own(session, actor, number, self._on)
        except NotFound:
            view = None
        if view is None or view.listing.side is not SIDES[self._kind]:
            told = _("本企业没有编号 %(number)s 的挂牌；新发布的请把编号留空。", number=number)
            raise self._refused("listing", told)
        return view

    def _filled(self, cells: Mapping[str, str]) -> ListingRow:
        """The form with the row's values, once it finds nothing wrong with them."""
        form = self._blank(form_values(self._columns, cells, self.words))
        if not form.validate():
            raise RowRefused(remarks_of(form, self._kind))
        return form

    @contextmanager
    def _telling(self, form: ListingRow) -> Iterator[None]:
        """Say what the operation refuses at the columns it belongs to."""
        try:
            yield
        except ListingRefused as refusal:
            form.told(refusal)
            raise RowRefused(remarks_of(form, self._kind)) from None

    def _refused(self, name: str, sentence: str) -> RowRefused:
        return RowRefused([Remark(headings(self._kind)[name], sentence)])

    def _blank(self, values: Any = None) -> ListingRow:
        form = LISTING_ROWS[self._kind](formdata=values)
        form.offer_choices(self._known)
        return form

    def _choices(self) -> Choices:
        form = self._blank()
        return {
            column.name: [(str(one.value), str(one.label)) for one in form[column.name].choices]
            for column in self._columns
            if column.reading in OF_WORDS
        }

    def _cells(self, view: ListingView) -> dict[str, str]:
        """A listing as the texts of its row, its owner's limit included."""
        form = self._blank()
        form.show(view)
        cells = {column.name: _written(form, column) for column in self._columns[1:]}
        return {"listing": view.listing.number, **cells}


def _written(form: ListingRow, column: Column) -> str:
    field = form[column.name]
    if isinstance(field, SelectFieldBase):
        chosen = [str(label) for value, label, on, _more in field.iter_choices() if on and value]
        return "、".join(chosen)
    if column.reading is Reading.YES_NO:
        return str(_("是") if field.data else _("否"))
    text: str = field._value()
    return text
