"""Pages of the firm itself: entering assays, confirming what was read, telling the origin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.assays import attachments, queries
from app.assays.attachments import Attachment
from app.assays.models import AssayReport
from app.assays.sheet import typed_rows
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.errors import Refused
from app.core.forms import Form
from app.core.office.sent import SentRow
from app.core.office.tables import open_table
from app.core.permissions import permits, signed_in
from app.core.request_size import MIB, takes_up_to
from app.core.transactions import current_session
from app.eligibility.queries import parameter_map
from app.eligibility.words import headline
from app.listings import operations as listings
from app.listings.models import Listing
from app.passports import entries, entry_words, operations
from app.passports.files import attached
from app.passports.forms import (
    EntryForm,
    FactsForm,
    KindForm,
    PasteForm,
    ReportForm,
    VoidForm,
)
from app.passports.operations import Entered, HazardFound, SheetRefused
from app.passports.proposals import Proposals, blank_sample, proposals

LARGEST_REQUEST = attachments.MOST_BYTES + MIB
"""The largest file and the form around it; one just too large still gets the page's own answer."""
ACCEPTED = ".xlsx,.csv,.txt,.pdf,.jpg,.jpeg,.png"
blueprint = Blueprint("entry", __name__)
Answer = str | tuple[str, int] | BaseResponse
Done = TypeVar("Done")


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "ACCEPTED": ACCEPTED,
        "MOST_MB": attachments.MOST_BYTES // MIB,
        "entry_words": entry_words,
        "headline": headline,
        "today": china_day(now()),
    }


@blueprint.get("/<number>/reports")
@permits(signed_in)
def reports(number: str) -> str:
    """Where entering begins: a file to send in, files that wait, earlier assays to carry over."""
    return _start_page(_offer(number), ReportForm(formdata=None))


@blueprint.post("/<number>/reports")
@permits(signed_in)
@takes_up_to(LARGEST_REQUEST)
def send(number: str) -> Answer:
    listing, form = _offer(number), ReportForm()
    kept = _kept(number, form) if form.validate() else None
    if kept is None:
        return _start_page(listing, form), 422
    return redirect(url_for(".report", number=number, report_id=kept.id), 303)


@blueprint.get("/<number>/reports/<int:report_id>")
@permits(signed_in)
def report(number: str, report_id: int) -> str:
    """What was read from a file, beside the cells it stands in; or rows to type it from."""
    listing, file = _offer(number), _report(number, report_id)
    found = _proposed(file)
    form = _entry_form(listing, formdata=None)
    form.propose(found.samples or [_blank(listing)])
    return _entry_page(listing, form, file, is_read=bool(found.samples), found=found)


@blueprint.post("/<number>/reports/<int:report_id>")
@permits(signed_in)
def confirm(number: str, report_id: int) -> Answer:
    listing, file = _offer(number), _report(number, report_id)
    return _save(listing, file)


@blueprint.get("/<number>/reports/<int:report_id>/file")
@permits(signed_in)
def file(number: str, report_id: int) -> Response:
    """The laboratory's own file, for those who may read it."""
    found = entries.report_of(current_session(), current_actor(), number, report_id)
    return attached(found)


@blueprint.post("/<number>/reports/<int:report_id>/throw")
@permits(signed_in)
def throw(number: str, report_id: int) -> BaseResponse:
    operations.throw_report(current_session(), current_actor(), number, report_id, now())
    flash(_("文件已删除。"), "done")
    return redirect(url_for(".reports", number=number), 303)


@blueprint.get("/<number>/assay")
@permits(signed_in)
def assay(number: str) -> str:
    """An assay to be typed: what the uses of the kind ask for first."""
    listing = _offer(number)
    form = _entry_form(listing, formdata=None)
    form.propose([_blank(listing)])
    return _entry_page(listing, form)


@blueprint.post("/<number>/assay")
@permits(signed_in)
def record(number: str) -> Answer:
    return _save(_offer(number), None)


@blueprint.post("/<number>/assay/pasted")
@permits(signed_in)
def paste(number: str) -> Answer:
    """What was read from a table that was pasted, to be confirmed as that of a file."""
    listing, pasted = _offer(number), PasteForm()
    form = _entry_form(listing, formdata=None)
    found = _read(typed_rows(pasted.pasted.data)) if pasted.validate() else Proposals([], ())
    if not found.samples:
        if not pasted.errors:
            pasted.add_error("pasted", _("没有读到数值。请一行写一项，例如“烧失量 4.2 %”。"))
        form.propose([_blank(listing)])
        return _entry_page(listing, form, pasted=pasted), 422
    form.propose(found.samples)
    return _entry_page(listing, form, is_read=True, found=found)


@blueprint.post("/<number>/carry")
@permits(signed_in)
def carry(number: str) -> BaseResponse:
    """Let the assays of an earlier offer speak of this one."""
    source = request.form.get("source", "")
    count = operations.carry_over(current_session(), current_actor(), number, source, now())
    flash(_("已沿用 %(source)s 的 %(count)s 份检测。", source=source, count=count), "done")
    return _to_passport(number)


@blueprint.post("/<number>/kind")
@permits(signed_in)
def kind(number: str) -> Answer:
    """Say what a smelting slag is."""
    listing, form = _offer(number), KindForm()
    form.fill(entries.kinds_to_name(current_session(), listing))
    if not form.validate() or _attempt(form, listings.name_kind, number, form.kind.data) is None:
        return _start_page(listing, ReportForm(formdata=None), form), 422
    flash(_("种类已保存。"), "done")
    return redirect(url_for(".reports", number=number), 303)


@blueprint.get("/<number>/facts")
@permits(signed_in)
def facts(number: str) -> str:
    """Where the material of the site comes from, asked once."""
    listing = _offer(number)
    return _facts_page(listing, _facts_form(listing))


@blueprint.post("/<number>/facts")
@permits(signed_in)
def tell(number: str) -> Answer:
    listing = _offer(number)
    form = _facts_form(listing)
    if not form.validate() or _attempt(form, operations.tell_facts, number, form.told()) is None:
        return _facts_page(listing, form), 422
    flash(_("来源情况已保存，本厂区的同种物料一并适用。"), "done")
    return _to_passport(number)


@blueprint.get("/<number>/assays/<assay_number>/void")
@permits(signed_in)
def void(number: str, assay_number: str) -> str:
    return _void_page(number, assay_number, VoidForm(formdata=None))


@blueprint.post("/<number>/assays/<assay_number>/void")
@permits(signed_in)
def do_void(number: str, assay_number: str) -> Answer:
    form = VoidForm()
    told = (number, assay_number, form.reason.data or "")
    if not form.validate() or _attempt(form, operations.void, *told) is None:
        return _void_page(number, assay_number, form), 422
    flash(_("%(number)s 已作废。", number=assay_number), "done")
    return _to_passport(number)


def _offer(number: str) -> Listing:
    """The reader's own offer; to everybody else it is not there."""
    return entries.offer_to_enter(current_session(), current_actor(), number)


def _report(number: str, report_id: int) -> AssayReport:
    return entries.kept_report(current_session(), number, report_id)


def _kept(number: str, form: ReportForm) -> AssayReport | None:
    """The file that was sent, checked and kept; or the same one that waits already."""
    sent = form.file.data
    try:
        found = attachments.checked(sent.filename or "", sent.read())
    except Refused as refusal:
        form.refuse(refusal)
        return None
    file = AssayReport(
        name=found.name,
        media_type=found.media_type,
        sha256=found.sha256,
        content=found.content,
    )
    return _attempt(form, operations.keep_report, number, file)


def _proposed(file: AssayReport) -> Proposals:
    """What a file seems to say; nothing where it is no table."""
    found = Attachment(file.name, file.media_type, file.content or b"", file.sha256)
    if not attachments.is_table(found):
        return Proposals([], ())
    return _read(open_table(found.content).all_rows())


def _read(rows: Iterable[SentRow]) -> Proposals:
    return proposals(rows, parameter_map(current_session()))


def _blank(listing: Listing) -> dict[str, Any]:
    asked = entries.questionnaire(current_session(), listing.kind, china_day(now()))
    return blank_sample(question.parameter.code for question in asked.everything)


def _entry_form(listing: Listing, **given: Any) -> EntryForm:
    form = EntryForm(**given)
    others = entries.siblings(current_session(), listing)
    form.offer_choices((other.number, entry_words.offer_text(other)) for other in others)
    return form


def _save(listing: Listing, file: AssayReport | None) -> Answer:
    """Enter what was confirmed; otherwise the same page with everything that was typed."""
    form, is_read = _entry_form(listing), request.form.get("layout") == "read"
    if not form.sample_forms:
        form.propose([_blank(listing)])
    elif "more" in request.form:
        form.propose([_blank(listing)])
        return _entry_page(listing, form, file)
    found = _entered(listing.number, form, file)
    if isinstance(found, Entered):
        return _told(listing.number, found)
    return _entry_page(listing, form, file, is_read=is_read, hazard=found), 422


def _entered(
    number: str, form: EntryForm, file: AssayReport | None
) -> Entered | HazardFound | None:
    """The assays; or what speaks against entering them, which the form then tells, too."""
    if not form.validate():
        return None
    session, actor = current_session(), current_actor()
    drafts = form.drafts(file.id if file else None)
    offers, knows = form.offers.data or [], bool(form.knows_hazard.data)
    try:
        return operations.enter(session, actor, number, drafts, offers, now(), knows_hazard=knows)
    except SheetRefused as refusal:
        form.tell(refusal.faults, parameter_map(session))
    except HazardFound as hazard:
        return hazard
    except Refused as refusal:
        form.refuse(refusal)
    return None


def _told(number: str, found: Entered) -> BaseResponse:
    numbers = "、".join(one.number for one in found.assays)
    if found.withdrawn:
        left = "、".join(found.withdrawn)
        flash(
            _(
                "检测已保存：%(numbers)s。物料属于危险废物，%(left)s 已撤下，已通知运营方。",
                numbers=numbers,
                left=left,
            ),
            "wrong",
        )
    else:
        flash(_("检测已保存：%(numbers)s。", numbers=numbers), "done")
    return _to_passport(number)


def _to_passport(number: str) -> BaseResponse:
    return redirect(url_for("passports.show", number=number), 303)


def _attempt(form: Form, deed: Callable[..., Done], *told: object) -> Done | None:
    """Let the reader do something that may be refused; the refusal is shown at its field."""
    try:
        return deed(current_session(), current_actor(), *told, now())
    except Refused as refusal:
        form.refuse(refusal)
        return None


def _start_page(listing: Listing, form: ReportForm, kind_form: KindForm | None = None) -> str:
    session = current_session()
    kinds = entries.kinds_to_name(session, listing)
    if kind_form is None:
        kind_form = KindForm(formdata=None)
        kind_form.fill(kinds)
    return render_template(
        "passports/start.html",
        listing=listing,
        form=form,
        kind_form=kind_form if kinds else None,
        waiting=queries.waiting_reports(session, listing.number),
        earlier=entries.earlier(session, listing),
        untold=_untold(listing),
    )


def _untold(listing: Listing) -> list[str]:
    """The facts that limits of the kind depend on and nobody has stated."""
    session = current_session()
    known = queries.facts(session, [listing.site_id]).get(listing.site_id, {})
    asked = entries.facts_asked(session, listing.kind, china_day(now()))
    return [fact for fact in asked if fact not in known]


def _entry_page(
    listing: Listing,
    form: EntryForm,
    file: AssayReport | None = None,
    *,
    is_read: bool = False,
    found: Proposals | None = None,
    hazard: HazardFound | None = None,
    pasted: PasteForm | None = None,
) -> str:
    session = current_session()
    parameters = parameter_map(session)
    form.name_rows({code: entry_words.parameter_text(row) for code, row in parameters.items()})
    return render_template(
        "passports/entry.html",
        listing=listing,
        form=form,
        file=file,
        is_read=is_read,
        ignored=found.ignored if found else (),
        hazard=hazard,
        hazard_reason=operations.reason_of(session, hazard.findings) if hazard else "",
        paste_form=pasted or PasteForm(formdata=None),
        parameters=parameters,
        questions=entries.questionnaire(session, listing.kind, china_day(now())),
    )


def _facts_form(listing: Listing) -> FactsForm:
    session = current_session()
    asked = entries.facts_asked(session, listing.kind, china_day(now()))
    known = queries.facts(session, [listing.site_id]).get(listing.site_id, {})
    return FactsForm.asking(asked, known)


def _facts_page(listing: Listing, form: FactsForm) -> str:
    return render_template("passports/facts.html", listing=listing, form=form)


def _void_page(number: str, assay_number: str, form: VoidForm) -> str:
    session = current_session()
    listing = entries.offer_to_void_of(session, current_actor(), number)
    return render_template(
        "passports/void.html",
        listing=listing,
        assay=entries.assay_of(session, listing, assay_number),
        form=form,
        parameters=parameter_map(session),
    )
