"""What the ledger forms are made of, and what must have been recorded before they may be written.

The seven forms are those of the guide to ledgers of general industrial solid waste (Ministry of
Ecology and Environment, announcement 2021 no. 82). Masses are whole kilograms; months are first
days. A figure is never written without the events it is the sum of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.core.clock import china_day, month_of, months_between
from app.declarations.rules import EventKind


@dataclass(frozen=True, slots=True)
class Stream:
    """One waste of one site: what a line of forms 1 and 2 is about."""

    site_id: int
    material: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A registered source of waste; the fields of form 1."""

    number: str
    stream: Stream
    site: str
    waste_name: str
    waste_code: str
    waste_class: str
    process: str
    form: str
    composition: str
    pollution: str
    yearly_kg: int


@dataclass(frozen=True, slots=True)
class YardLine:
    """One happening inside the fence that has not been reversed."""

    number: str
    stream: Stream
    kind: EventKind
    kg: int
    at: datetime
    facility: str
    handler: str
    destination: str
    product: str


@dataclass(frozen=True, slots=True)
class LoadLine:
    """One truck that left. `tickets` are its weighbridge tickets in the order they were made."""

    number: str
    trade: str
    lot: str
    stream: Stream
    departed_at: datetime
    received_at: datetime | None
    returned_at: datetime | None
    dispatched_kg: int
    received_kg: int
    rejected_kg: int
    tickets: tuple[str, ...]
    producer: str
    sender_adcode: str
    receiver: str
    receiver_adcode: str
    carrier: str
    plate: str
    driver: str
    handler: str
    product: str
    is_lost: bool = False

    @property
    def out_kg(self) -> int:
        """What left for somebody's use: neither what came back nor what never arrived counts."""
        if self.is_lost:
            return 0
        return self.dispatched_kg - (self.rejected_kg if self.returned_at else 0)

    @property
    def papers(self) -> tuple[str, ...]:
        """Its number and those of its tickets."""
        return (self.number, *self.tickets)


@dataclass(frozen=True, slots=True)
class Sum:
    """Kilograms and the numbers of the events that add up to them."""

    kg: int
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """A line of form 2: one waste in one month. `stock` is what lies there at the month's end."""

    month: date
    stream: Stream
    generated: Sum
    stored: Sum
    stock: Sum
    self_used: Sum
    entrusted_used: Sum
    self_disposed: Sum
    entrusted_disposed: Sum


@dataclass(frozen=True, slots=True)
class Missing:
    """An event without which a form would be wrong; `values` fill the sentence of its code."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Log:
    """What a producer recorded. `yard` reaches back to the beginning, for the stock."""

    first: date
    last: date
    sources: tuple[SourceLine, ...]
    yard: tuple[YardLine, ...]
    loads: tuple[LoadLine, ...]

    @property
    def months(self) -> list[date]:
        return months_between(self.first, self.last)

    def yard_of(self, *kinds: EventKind) -> list[YardLine]:
        """The happenings of these kinds within the period, in the order they happened."""
        months = set(self.months)
        found = [one for one in self.yard if one.kind in kinds and month_in(one.at) in months]
        return sorted(found, key=lambda one: (one.at, one.number))


def month_in(moment: datetime) -> date:
    """The calendar month in China of an instant."""
    return month_of(china_day(moment))


class Books:
    """A log laid out by month and stream, so that each sum looks at its own lines only."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._yard: dict[tuple[date, Stream, EventKind], list[YardLine]] = defaultdict(list)
        self._loads: dict[tuple[date, Stream], list[LoadLine]] = defaultdict(list)
        for line in log.yard:
            self._yard[month_in(line.at), line.stream, line.kind].append(line)
        for load in log.loads:
            self._loads[month_in(load.departed_at), load.stream].append(load)

    def streams(self, month: date) -> list[Stream]:
        """The wastes that have a source or moved in the month, by site and material."""
        found = {source.stream for source in self.log.sources}
        found |= {stream for at, stream, _kind in self._yard if at == month}
        found |= {stream for at, stream in self._loads if at == month}
        return sorted(found, key=lambda one: (one.site_id, one.material))

    def of(self, month: date, stream: Stream, kind: EventKind) -> Sum:
        """What happened of one kind in a month."""
        lines = self._yard.get((month, stream, kind), [])
        return Sum(sum(line.kg for line in lines), tuple(line.number for line in lines))

    def sent(self, month: date, stream: Stream) -> Sum:
        """What left for good by truck in a month."""
        loads = self._loads.get((month, stream), [])
        papers = tuple(paper for load in loads for paper in load.papers)
        return Sum(sum(load.out_kg for load in loads), papers)

    def stock(self, month: date, stream: Stream) -> Sum:
        """What was stored less what was taken out, from the beginning to the end of the month."""
        kg, events = 0, list[str]()
        for kind, sign in ((EventKind.STORED, 1), (EventKind.TAKEN_OUT, -1)):
            for (at, whose, what), lines in self._yard.items():
                if at <= month and (whose, what) == (stream, kind):
                    kg += sign * sum(line.kg for line in lines)
                    events += [line.number for line in lines]
        return Sum(kg, tuple(sorted(events)))

    def flow(self, month: date, stream: Stream) -> Flow:
        """One line of form 2."""
        return Flow(
            month=month,
            stream=stream,
            generated=self.of(month, stream, EventKind.GENERATED),
            stored=self.of(month, stream, EventKind.STORED),
            stock=self.stock(month, stream),
            self_used=self.of(month, stream, EventKind.SELF_USED),
            entrusted_used=self.sent(month, stream),
            self_disposed=self.of(month, stream, EventKind.SELF_DISPOSED),
            entrusted_disposed=self.of(month, stream, EventKind.ENTRUSTED_DISPOSED),
        )

    def flows(self) -> list[Flow]:
        """Form 2: every month of the period, every waste."""
        months = self.log.months
        return [self.flow(month, stream) for month in months for stream in self.streams(month)]


def missing(log: Log) -> list[Missing]:
    """Everything that must still be recorded; the forms are refused until nothing is missing."""
    return [*_unregistered(log), *_unfinished(log), *_from_nowhere(Books(log))]


def _unregistered(log: Log) -> Iterator[Missing]:
    """Whatever moves needs its line in form 1."""
    known = {source.stream for source in log.sources}
    moved: dict[Stream, str] = {}
    for number, stream in (
        *((one.number, one.stream) for one in log.yard_of(*EventKind)),
        *((load.number, load.stream) for load in log.loads),
    ):
        moved.setdefault(stream, number)
    for stream, number in moved.items():
        if stream not in known:
            yield Missing("no_source", {"stream": stream, "number": number})


def _unfinished(log: Log) -> Iterator[Missing]:
    """A truck that left was received, and what was sent back came home."""
    for load in log.loads:
        if load.received_at is None and not load.is_lost:
            yield Missing("not_received", {"number": load.number})
        elif load.rejected_kg and load.returned_at is None:
            yield Missing("not_returned", {"number": load.number})


def _from_nowhere(books: Books) -> Iterator[Missing]:
    """What is used or leaves was made in the month, or had been taken out of a store."""
    for flow in books.flows():
        gone = (flow.self_used, flow.entrusted_used, flow.self_disposed, flow.entrusted_disposed)
        taken = books.of(flow.month, flow.stream, EventKind.TAKEN_OUT)
        if sum(part.kg for part in gone) > taken.kg and not flow.generated.events:
            yield Missing("not_generated", {"stream": flow.stream, "month": flow.month})
