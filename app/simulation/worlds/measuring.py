"""How long the questions behind each page take in a world, and how that grows with its tickets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.board.producers import material_pages
from app.catalogue.queries import county_map
from app.core.clock import china_day
from app.core.transactions import database
from app.settings import ROOT
from app.statistics import leaves, movements, official, report
from app.statistics.facts import gather, prepare
from app.statistics.models import MonthlyFlow
from app.statistics.official import Period
from app.statistics.rules import DEFINITIONS_VERSION
from app.trades.models import Trade

REPEATS = 5
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
LINEAR = ("prepare one month", "close: gather and write the file")
"""What may grow with the tickets; every other line is a page's and must not."""
Question = Callable[[Session], object]


@dataclass(frozen=True, slots=True)
class Spot:
    """The busiest trade of a month, and the way down to it."""

    month: date
    number: str
    site_id: int
    company_id: int
    material: str
    adcode: str
    to_adcode: str


def measure(months: Iterable[date], now: datetime) -> dict[str, float]:
    """Milliseconds of each question in the world of the database, the best of five.

    The facts of `months` are prepared first; the last of them is looked at. Raises `LookupError`
    if no trade brought anything in it.
    """
    known = list(months)
    for month in known:
        with database().writing() as session:
            prepare(session, month, now)
    with database().reading() as session:
        spot = _busiest(session, known[-1])
        questions = _questions(known, spot, now)
        times = {name: _best(session, ask) for name, ask in questions.items()}
    return times | {LINEAR[0]: _preparing(known[-1], now)}


def grown(
    sites: int, months: int, tickets: tuple[int, int], seed: int
) -> Mapping[str, tuple[float, float]]:
    """The same in a small and in a large world, each in a database of its own on this disk.

    Raises `CalledProcessError` if one cannot be made.
    """
    small, large = (_world(sites, months, count, seed) for count in tickets)
    return {name: (small[name], large[name]) for name in small}


def _busiest(session: Session, month: date) -> Spot:
    query = (
        select(Trade, MonthlyFlow)
        .join(MonthlyFlow, MonthlyFlow.trade_id == Trade.id)
        .where(MonthlyFlow.month == month)
        .order_by(MonthlyFlow.tickets.desc(), Trade.id)
    )
    found = session.execute(query.limit(1)).first()
    if found is None:
        raise LookupError(f"nothing was brought in {month:%Y-%m}")
    trade, flow = found
    site = trade.producer_site
    return Spot(
        month, trade.number, site.id, site.company_id, flow.material, site.adcode, flow.to_adcode
    )


def _questions(months: list[date], spot: Spot, now: datetime) -> dict[str, Question]:
    month, year = Period.month(spot.month), Period(months[-12:][0], months[-1])

    def chosen(session: Session) -> official.Choice:
        return official.choice(session, month)

    return {
        "city map, a month": lambda session: official.by_county(session, month, chosen(session)),
        "city map, twelve months": lambda session: official.by_county(
            session, year, chosen(session)
        ),
        "used here, a month": lambda session: official.consumed_here(
            session, month, chosen(session)
        ),
        "flows, a month": lambda session: movements.touching(
            session, month, chosen(session), county_map(session)
        ),
        "flows, twelve months": lambda session: movements.touching(
            session, year, chosen(session), county_map(session)
        ),
        "a flow's contracts": lambda session: leaves.contracts_between(
            session, month, chosen(session), spot.adcode, spot.to_adcode
        ),
        "a county's firms": lambda session: official.by_firm(
            session, month, chosen(session), spot.adcode
        ),
        "a county's firms, twelve months": lambda session: official.by_firm(
            session, year, chosen(session), spot.adcode
        ),
        "a firm's wastes": lambda session: official.by_waste(
            session, month, chosen(session), spot.company_id, spot.adcode
        ),
        "a waste's contracts": lambda session: leaves.contracts(
            session, month, spot.site_id, spot.material
        ),
        "a contract's trucks": lambda session: leaves.trucks(session, month, spot.number),
        "public board, every material": lambda session: material_pages(
            session, spot.month, china_day(now)
        ),
        LINEAR[1]: lambda session: report.figures(
            gather(session, spot.month, now), DEFINITIONS_VERSION
        ),
    }


def _best(session: Session, ask: Question) -> float:
    times = []
    for _again in range(REPEATS):
        session.expunge_all()
        started = perf_counter()
        ask(session)
        times.append(perf_counter() - started)
    return round(min(times) * 1000, 2)


def _preparing(month: date, now: datetime) -> float:
    times = []
    for _again in range(REPEATS):
        with database().writing() as session:
            started = perf_counter()
            prepare(session, month, now)
            times.append(perf_counter() - started)
    return round(min(times) * 1000, 2)


def _world(sites: int, months: int, tickets: int, seed: int) -> dict[str, float]:
    """Make a world in a new folder and measure it there, each step in a process of its own."""
    wanted = {"sites": sites, "months": months, "tickets": tickets, "seed": seed}
    options = [text for name, value in wanted.items() for text in (f"--{name}", str(value))]
    with TemporaryDirectory(prefix="gufei-bench-") as folder:
        _run(folder, "core", "migrate")
        _run(folder, "catalogue", "load")
        _run(folder, "statistics", "generate", *options)
        told = _run(folder, "statistics", "measure", "--months", str(months))
    measured: dict[str, float] = json.loads(told.splitlines()[-1])
    return measured


def _run(folder: str, *words: str) -> str:
    told = subprocess.run(
        (*FLASK, *words),
        cwd=ROOT,
        env=_environment(Path(folder)),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return told.stdout


def _environment(folder: Path) -> dict[str, str]:
    """This process's own, with a database of its own in a new folder."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | {"DATA_DIR": str(folder)}
