"""Pages and downloads of documents: the contract of a trade, the ledger forms, the evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from app.catalogue.queries import material_map
from app.companies.policy import is_member
from app.companies.queries import sites_of
from app.core.actor import Actor
from app.core.clock import add_months, china_day, month_of, now, parse_month
from app.core.current import current_actor
from app.core.errors import NotFound, Refused
from app.core.i18n import in_chinese
from app.core.office.download import download
from app.core.office.paper import Paper
from app.core.office.render import docx_of, pdf_of
from app.core.permissions import permits, signed_in
from app.core.transactions import current_session
from app.documents import queries
from app.documents.contract import contract_of
from app.documents.evidence import evidence_workbook
from app.documents.ledger_forms import Names, ledger_workbook
from app.documents.rules import Log, Stream, missing
from app.documents.words import spoken

blueprint = Blueprint("documents", __name__, url_prefix="/documents")
YEAR = re.compile(r"2[0-9]{3}")
MONTH = re.compile(rf"{YEAR.pattern}-(?:0[1-9]|1[0-2])")
MONTHS_OFFERED = 13


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a year as an address writes it, and the months it covers."""

    text: str
    first: date
    last: date

    @classmethod
    def of(cls, text: str) -> Period:
        """Raises `NotFound` for anything but `2026-12` or `2026`."""
        if MONTH.fullmatch(text):
            month = parse_month(text)
            return cls(text, month, month)
        if YEAR.fullmatch(text):
            return cls(text, date(int(text), 1, 1), date(int(text), 12, 1))
        raise NotFound


@blueprint.get("")
@permits(is_member)
def index() -> str:
    """What can be written for a month or a year, and what is still missing."""
    period = Period.of(request.args.get("period") or f"{month_of(china_day(now())):%Y-%m}")
    log = _log(period)
    return render_template(
        "documents/index.html",
        period=period,
        periods=_offered(),
        missing=_sentences(log),
        log=log,
    )


@blueprint.get("/ledger/<period>.xlsx")
@permits(is_member)
def ledger(period: str) -> Response:
    """The seven forms; refused, naming them, while events are missing."""
    wanted = Period.of(period)
    log = _log(wanted)
    gaps = _sentences(log)
    if gaps:
        raise Refused(
            "".join(gaps[:5]), next_step=_("补记以后再下载；全部缺项列在“台账与凭据”页。")
        )
    firm = queries.firm(current_session(), _firm_id())
    with in_chinese():
        content = ledger_workbook(firm, log, _names())
    return download(content, f"{firm.name}-固废台账-{wanted.text}.xlsx")


@blueprint.get("/evidence/<period>.xlsx")
@permits(is_member)
def evidence(period: str) -> Response:
    wanted = Period.of(period)
    session, actor = current_session(), current_actor()
    firm = queries.firm(session, _firm_id())
    loads = queries.all_loads(session, actor, wanted.first, wanted.last)
    with in_chinese():
        content = evidence_workbook(firm, loads, (wanted.first, wanted.last), _names())
    return download(content, f"{firm.name}-综合利用凭据-{wanted.text}.xlsx")


@blueprint.get("/contracts/<number>.pdf")
@permits(signed_in)
def contract_pdf(number: str) -> Response:
    return download(pdf_of(_contract(number)), f"{number}-合同.pdf")


@blueprint.get("/contracts/<number>.docx")
@permits(signed_in)
def contract_docx(number: str) -> Response:
    return download(docx_of(_contract(number)), f"{number}-合同.docx")


def _contract(number: str) -> Paper:
    session = current_session()
    trade = queries.contract_trade(session, current_actor(), number)
    source = queries.source_of(session, trade.producer_site_id, trade.material)
    with in_chinese():
        return contract_of(trade, source, _names().materials[trade.material])


def _firm_id() -> int:
    company_id = current_actor().company_id
    if company_id is None:
        raise NotFound
    return company_id


def _log(period: Period) -> Log:
    return queries.log_of(current_session(), current_actor(), period.first, period.last)


def _names() -> Names:
    return Names.of(material_map(current_session(), china_day(now())))


def _sentences(log: Log) -> list[str]:
    wastes = _wastes(current_actor())
    return [spoken(found, wastes) for found in missing(log)]


def _wastes(actor: Actor) -> dict[Stream, str]:
    """How a waste of one of the firm's sites is called on a page."""
    session = current_session()
    materials = material_map(session, china_day(now()))
    return {
        Stream(site.id, code): f"{site.display_name} · {material.name}"
        for site in sites_of(session, actor.company_id or 0)
        for code, material in materials.items()
    }


def _offered() -> list[Period]:
    """The months of the last year, newest first, and the years they lie in."""
    this_month = month_of(china_day(now()))
    months = [add_months(this_month, -back) for back in range(MONTHS_OFFERED)]
    years = sorted({month.year for month in months}, reverse=True)
    return [
        *(Period.of(f"{month:%Y-%m}") for month in months),
        *(Period.of(f"{year:04d}") for year in years),
    ]
