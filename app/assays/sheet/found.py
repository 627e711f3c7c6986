"""What is found in a sheet. Texts stand as they were written; nothing is converted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.catalogue.rules import Basis


@dataclass(frozen=True, slots=True)
class Found:
    """A value with its parameter.

    `batch` is the sample of the sheet, from 0; `name` the words that were recognised; `text` the
    value (`4.9`, `<0.01`, `未检出`) without its unit; `unit` the unit written beside it, in its
    name or over it, or "" for the parameter's own; `method` a method's number, if one is named;
    `cell` such as `C7`; `fault` is "" or `no_reading`, `no_such_unit` or `impossible`, as in
    `app/eligibility/readings.py`.
    """

    batch: int
    parameter: str
    name: str
    text: str
    unit: str
    method: str
    cell: str
    fault: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A figure of which nobody knows what it says, so that nothing is dropped silently."""

    name: str
    text: str
    cell: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A column (`D`) or line (`9`) of figures that are no results: limits, averages, numbering.

    Lines that are too far down to be read are told as `2001+`, without a name.
    """

    name: str
    area: str


@dataclass(frozen=True, slots=True)
class SampleHead:
    """What the sheet says of a sample; `basis` only where it says so of the sheet as a whole."""

    sampled_on: date | None
    label: str
    laboratory: str
    report_number: str
    certificate: str
    basis: Basis | None


@dataclass(frozen=True, slots=True)
class SheetReading:
    """`samples` holds one head for each `batch` of `found`."""

    found: tuple[Found, ...]
    unread: tuple[Unread, ...]
    samples: tuple[SampleHead, ...]
    ignored: tuple[Ignored, ...] = ()
