"""Rows of weighbridge tickets: each is weighed as at the gate, under the note it names.

A table is tried in slices that are taken back again, so what its own rows do to each other is
kept here: a note is weighed once, a ticket's number stands once at a site, and the loads of a
trade add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.clock import CHINA
from app.core.errors import Conflict
from app.core.quantities import tonnes_text
from app.imports.cells import RowRefused, Words, form_values, words_of
from app.imports.columns import TICKET_COLUMNS, headings
from app.imports.row_forms import TicketRow, remarks_of
from app.imports.rules import ImportKind, Outcome, Remark, Result
from app.ledger import operations as ledger
from app.shipments.gate_book import site_at
from app.shipments.locking import hold_all
from app.shipments.models import Shipment, Ticket
from app.shipments.plates import normal_plate
from app.shipments.policy import may_weigh, visible_to
from app.shipments.queries import contracted_kg, readable
from app.shipments.rules import End, Verdict
from app.shipments.weighing import TicketDraft, weigh_held
from app.shipments.words import END_WORDS, REASON_WORDS, VERDICT_WORDS
from app.trades.steps import listings

BATCH = 500


class TicketRows:
    """Enters the rows of a table on behalf of a firm, and writes the firm's own as such rows."""

    def __init__(self) -> None:
        self.words: Mapping[str, Words] = words_of(_choices)
        self._held: Mapping[str, Shipment] = {}
        self._notes: set[str] = set()
        self._numbers: set[tuple[int, str]] = set()
        self._gone: Counter[str] = Counter()
        self._loaded: Counter[str] = Counter()

    def hold(self, session: Session, actor: Actor, rows: Sequence[Mapping[str, str]]) -> None:
        """The trades, their notes, then their lots, each by id."""
        numbers = {row["note"].upper() for row in rows}
        held = hold_all(session, Shipment.number.in_(numbers) & visible_to(actor))
        self._held = {shipment.number: shipment for shipment in held}
        trades = {shipment.trade for shipment in held}
        ledger.lock_listings(session, [number for trade in trades for number in listings(trade)])

    def enter(
        self, session: Session, actor: Actor, cells: Mapping[str, str], now: datetime
    ) -> Result:
        """Weigh what the row says; raises `RowRefused`, or as the operation."""
        draft = self._draft(cells)
        shipment = self._note(cells["note"])
        _require_same(cells, draft, shipment)
        self._require_first(shipment, draft)
        if _is_recorded(shipment, draft):
            return Result(Outcome.KNOWN, shipment.number)
        self._require_left(session, shipment, draft)
        weigh_held(session, actor, shipment, draft, now)
        self._remember(shipment, draft)
        return Result(Outcome.ENTERED, shipment.number)

    def take_back(self) -> None:
        """Nothing of the rows entered so far stands; what they would have loaded still counts."""
        self._gone += self._loaded
        self._loaded.clear()

    def own_rows(self, session: Session, actor: Actor) -> Iterator[dict[str, str]]:
        """The tickets of the firm's own weighbridges, the oldest first, as the cells of rows."""
        last = 0
        while batch := session.execute(_tickets(actor, last)).all():
            for row in batch:
                if may_weigh(actor, row.Shipment, row.Ticket.end):
                    yield _cells(row.Shipment, row.Ticket)
            last = batch[-1].Ticket.id

    def _note(self, number: str) -> Shipment:
        shipment = self._held.get(number.upper())
        if shipment is None:
            told = _("没有运单 %(note)s，或者它不是本企业的。", note=number)
            raise _refused("note", told)
        return shipment

    def _draft(self, cells: Mapping[str, str]) -> TicketDraft:
        values = form_values(TICKET_COLUMNS, cells, self.words)
        if values.get("end") == End.UNLOADING and not values.get("verdict"):
            values["verdict"] = str(Verdict.ACCEPT)
        form = TicketRow(formdata=values)
        is_valid = form.validate()
        remarks = [*_missing(cells), *(() if is_valid else remarks_of(form, ImportKind.TICKETS))]
        if remarks:
            raise RowRefused(remarks)
        return form.late_draft()

    def _require_first(self, shipment: Shipment, draft: TicketDraft) -> None:
        if shipment.number in self._notes:
            told = _("前面的行已有运单 %(note)s：一份表里每张运单一行。", note=shipment.number)
            raise _refused("note", told)
        if (site_at(shipment.trade, draft.end), draft.number) in self._numbers:
            told = _("前面的行已用过磅单号 %(number)s。", number=draft.number)
            raise _refused("number", told)

    def _require_left(self, session: Session, shipment: Shipment, draft: TicketDraft) -> None:
        """Rows that were tried and taken back count against what the trade has left."""
        trade = shipment.trade
        before = self._gone[trade.number]
        if draft.end is not End.LOADING or not before:
            return
        left = contracted_kg(session, trade) - before
        if draft.net_kg > left:
            told = _(
                "交易 %(trade)s 到这一行只剩 %(left)s 吨，不够净重 %(net)s 吨。",
                trade=trade.number,
                left=tonnes_text(max(left, 0)),
                net=tonnes_text(draft.net_kg),
            )
            raise _refused("gross_kg", told)

    def _remember(self, shipment: Shipment, draft: TicketDraft) -> None:
        self._notes.add(shipment.number)
        self._numbers.add((site_at(shipment.trade, draft.end), draft.number))
        if draft.end is End.LOADING:
            self._loaded[shipment.trade.number] += draft.net_kg


def _choices() -> dict[str, list[tuple[str, str]]]:
    tables = {"end": END_WORDS, "verdict": VERDICT_WORDS, "reject_reason": REASON_WORDS}
    return {
        name: [(str(code), str(word)) for code, word in words.items()]  # type: ignore[attr-defined]
        for name, words in tables.items()
    }


def _missing(cells: Mapping[str, str]) -> Iterator[Remark]:
    """The columns that no field of the form asks for, and the one it takes for granted."""
    names = headings(ImportKind.TICKETS)
    if not cells["note"]:
        yield Remark(names["note"], _("请填运单号。"))
    if not cells["end"]:
        yield Remark(names["end"], _("请填是哪一次过磅。"))


def _require_same(cells: Mapping[str, str], draft: TicketDraft, shipment: Shipment) -> None:
    """What the row says twice, or what the note says already, must agree."""
    plate, net = normal_plate(cells.get("plate", "")), cells.get("net_kg", "")
    if plate and plate != shipment.plate:
        told = _("运单上的车是 %(plate)s，请核对车牌或运单号。", plate=shipment.plate)
        raise _refused("plate", told)
    if net and net.replace(",", "") != str(draft.net_kg):
        told = _("毛重减皮重是 %(net)s 公斤，请核对三个重量。", net=draft.net_kg)
        raise _refused("net_kg", told)


def _is_recorded(shipment: Shipment, draft: TicketDraft) -> bool:
    """Whether this very ticket is there; raises `Conflict` for another one of the same end."""
    ticket = shipment.ticket(draft.end)
    if ticket is None:
        return False
    before = (ticket.number, ticket.gross_kg, ticket.tare_kg)
    if before != (draft.number, draft.gross_kg, draft.tare_kg):
        raise Conflict(
            _(
                "这张运单已有磅单 %(number)s：毛重 %(gross)s、皮重 %(tare)s 公斤，与这一行不同。",
                number=ticket.number,
                gross=ticket.gross_kg,
                tare=ticket.tare_kg,
            )
        )
    return True


def _refused(name: str, sentence: str) -> RowRefused:
    return RowRefused([Remark(headings(ImportKind.TICKETS)[name], sentence)])


def _tickets(actor: Actor, after: int) -> Select[Any]:
    own = readable(actor).join(Ticket, Ticket.shipment_id == Shipment.id).add_columns(Ticket)
    return own.where(Ticket.id > after).order_by(None).order_by(Ticket.id).limit(BATCH)


def _cells(shipment: Shipment, ticket: Ticket) -> dict[str, str]:
    cells = {
        "note": shipment.number,
        "end": str(END_WORDS[ticket.end]),
        "number": ticket.number,
        "gross_kg": str(ticket.gross_kg),
        "tare_kg": str(ticket.tare_kg),
        "net_kg": str(ticket.net_kg),
        "weighed_at": f"{ticket.weighed_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
        "plate": shipment.plate,
    }
    return cells | (_judgement(shipment) if ticket.end is End.UNLOADING else {})


def _judgement(shipment: Shipment) -> dict[str, str]:
    verdict, reason = shipment.verdict, shipment.reject_reason
    return {
        "verdict": str(VERDICT_WORDS[verdict]) if verdict else "",
        "rejected_kg": str(shipment.rejected_kg) if verdict is Verdict.PART else "",
        "reject_reason": str(REASON_WORDS[reason]) if reason else "",
        "words": shipment.words,
    }
