"""Freezing a run's book: once and for all, sealed, with the hash tree over it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.bidding.queries import round_book
from app.catalogue.queries import FreightRow, freight_terms
from app.clearing.engine import Effort, problem_of
from app.clearing.leaves import plant
from app.clearing.models import ClearingRun
from app.clearing.quality import refine
from app.clearing.queries import months_of, run_of
from app.clearing.rules import sha256
from app.clearing.shut_outs import keep
from app.core.clock import china_day
from app.core.errors import Conflict
from app.core.vault import Vault
from app.eligibility.fitting import grading
from app.listings.book import BookOrder, book
from app.trades.queries import kept_in_silos
from matching import PriceRule, Problem, Settings, problem_from_json, problem_to_json

ROUND_SECONDS = 30
"""How long the search over a round's indivisible bids may take; most rounds need a second."""


def freeze(session: Session, vault: Vault, number: str, now: datetime) -> Problem:
    """The run's problem: the book of this moment, sealed once and for all.

    A second call (after a crash) gives the problem frozen by the first, whatever the book is now.
    """
    run = run_of(session, number)
    if run.problem_box is None:
        _seal_book(session, vault, run, now)
    return frozen_problem(vault, run)


def frozen_problem(vault: Vault, run: ClearingRun) -> Problem:
    """The stored problem of a run that has been frozen."""
    return problem_from_json(frozen_document(vault, run))


def frozen_document(vault: Vault, run: ClearingRun) -> bytes:
    """Its canonical JSON."""
    if run.problem_box is None:
        raise Conflict(_l("这场撮合还没有冻结报单。"))
    return vault.open(run.problem_box, run.context("problem"))


def efforts_of(run: ClearingRun) -> tuple[Effort, Effort]:
    """How long market and plan may be searched; of a recorded run what repeats its search."""
    if "iterations" in run.settings:
        market, plan = run.settings["iterations"]
        return Effort(iterations=market), Effort(iterations=plan)
    effort = Effort(seconds=ROUND_SECONDS if run.round_number else None)
    return effort, effort


def _seal_book(session: Session, vault: Vault, run: ClearingRun, now: datetime) -> None:
    orders = _book(session, vault, run, china_day(now))
    refined = refine(orders, grading(session, china_day(now)))
    settings = _engine_settings(freight_terms(session, china_day(now)))
    problem = problem_of(refined.book, settings, months_of(run), kept_in_silos(session))
    plain = problem_to_json(problem)
    run.problem_box = vault.seal(plain, run.context("problem"))
    run.problem_sha256 = sha256(plain)
    run.settings = run.settings | {
        "idle": _idle_days(orders),
        "price_rule": str(settings.price_rule),
    }
    run.frozen_at = now
    keep(session, run, refined.shut_out)
    plant(session, vault, run, problem, {order.order_id: order.company_id for order in orders})


def _book(session: Session, vault: Vault, run: ClearingRun, on: date) -> list[BookOrder]:
    """The bids of the round a run clears, or every order of its months."""
    if run.round_number is not None:
        return round_book(session, vault, run.round_number, on)
    return book(session, vault, months_of(run), on)


def _idle_days(orders: Iterable[BookOrder]) -> dict[str, dict[str, list[int]]]:
    """By month and product, the idle days and all days, for every product some order is for."""
    idle: dict[str, dict[str, list[int]]] = {}
    for order in orders:
        if order.worked is not None and order.product is not None:
            days = [order.worked.idle, order.worked.days]
            idle.setdefault(f"{order.month:%Y-%m}", {})[order.product] = days
    return idle


def _engine_settings(terms: FreightRow) -> Settings:
    return Settings(
        detour_milli=terms.detour_milli,
        max_m=terms.max_km * 1000,
        freight_per_t=terms.per_t_fen,
        freight_per_tkm=terms.per_tkm_fen,
        price_rule=PriceRule.MIDPOINT_5,
    )
