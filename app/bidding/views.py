"""Pages of call rounds, sealed bids, direct negotiations and orders at a fixed price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    flash,
    redirect,
    render_template,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.bidding import deals, desk, negotiating, operations, queries, rules, threads, words
from app.bidding.forms import (
    BidForm,
    CounterForm,
    MessageForm,
    OfferForm,
    PlainForm,
    RoundForm,
    TakeForm,
)
from app.bidding.operations import BidChangedMeanwhile, BidRefused
from app.bidding.policy import belongs_to_a_company, may_deal, runs_rounds
from app.catalogue import queries as catalogue
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.errors import Conflict, NotFound
from app.core.permissions import anyone, permits
from app.core.transactions import current_session, database
from app.core.vault import own_vault
from app.listings.forms import choices
from app.listings.rules import DealMode, is_public_number
from app.trades.words import at_gate

Answer = str | tuple[str, int] | BaseResponse
blueprint = Blueprint("bidding", __name__, url_prefix="/bidding")
NUMBERS: dict[str, Callable[[str], bool]] = {
    "number": rules.is_round_number,
    "thread": rules.is_negotiation_number,
    "listing": is_public_number,
}


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "at_gate": at_gate, "now": now()}


@blueprint.url_value_preprocessor
def _refuse_what_is_no_number(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What cannot be a number is not there; PostgreSQL would choke on some of it."""
    for name, value in (values or {}).items():
        if not NUMBERS[name](value):
            raise NotFound


@blueprint.get("/")
@permits(anyone)
def index() -> str:
    """The rounds; for a firm also what it has bid and what it is negotiating."""
    session, actor = current_session(), current_actor()
    return render_template(
        "bidding/index.html",
        rounds=queries.rounds(session, now()),
        bids=queries.own_bids(session, own_vault(), actor, now()) if actor.is_company else [],
        waiting=threads.waiting_threads(session, actor, now()),
        scheduled=operations.scheduled_terms(session, now()),
    )


@blueprint.get("/rounds/new")
@permits(runs_rounds)
def new_round() -> str:
    form = _round_form()
    terms = operations.scheduled_terms(current_session(), now())
    form.month.data, form.closes_at.data = terms.month, terms.closes_at
    form.opens_at.data = max(terms.opens_at, now())
    return render_template("bidding/round_form.html", form=form)


@blueprint.post("/rounds/new")
@permits(runs_rounds)
def announce() -> Answer:
    form = _round_form()
    found = _carried_out(
        form,
        lambda: operations.announce_round(
            current_session(), current_actor(), form.terms(), now(), key=form.key.data or ""
        ),
    )
    if found is None:
        return render_template("bidding/round_form.html", form=form), 422
    flash(_("已公布场次 %(number)s。", number=found.number), "done")
    return redirect(url_for("bidding.show", number=found.number), 303)


@blueprint.get("/rounds/<number>")
@permits(anyone)
def show(number: str) -> str:
    session, actor = current_session(), current_actor()
    found = queries.show(session, number, now())
    own = queries.biddable(session, own_vault(), actor, number, now()) if actor.is_company else []
    return render_template("bidding/round.html", round=found, own=own)


@blueprint.post("/rounds/<number>/cancel")
@permits(runs_rounds)
def cancel(number: str) -> BaseResponse:
    operations.cancel_round(current_session(), current_actor(), number, now())
    flash(_("场次 %(number)s 已取消，已有的报价作废。", number=number), "done")
    return redirect(url_for("bidding.show", number=number), 303)


@blueprint.get("/rounds/<number>/bids/<listing>")
@permits(may_deal)
def bid(number: str, listing: str) -> str:
    row = _own_bid(number, listing)
    form = _bid_form(row)
    form.show(row.bid)
    return _bid_page(form, number, row)


@blueprint.post("/rounds/<number>/bids/<listing>")
@permits(may_deal)
def place(number: str, listing: str) -> Answer:
    row = _own_bid(number, listing)
    form = _bid_form(row)
    try:
        placed = _carried_out(form, lambda: _place(number, listing, form))
    except BidChangedMeanwhile as stale:
        row = _own_bid(number, listing)
        form.catch_up(row.bid.version if row.bid else 0)
        return _bid_page(form, number, row, stale), stale.status
    if placed is None:
        return _bid_page(form, number, row), 422
    flash(_("报价已密封保存；截止前可以改，也可以撤回。"), "done")
    return redirect(url_for("bidding.show", number=number), 303)


@blueprint.post("/rounds/<number>/bids/<listing>/withdraw")
@permits(may_deal)
def withdraw_bid(number: str, listing: str) -> BaseResponse:
    version = PlainForm().version.data or 0
    operations.withdraw_bid(
        current_session(), current_actor(), number, listing, now(), version=version
    )
    flash(_("%(listing)s 的报价已撤回；截止前可以重报。", listing=listing), "done")
    return redirect(url_for("bidding.show", number=number), 303)


@blueprint.get("/of-listing/<listing>")
@permits(belongs_to_a_company)
def of_listing(listing: str) -> str:
    """The part of a listing's page that says how the reader may deal with it."""
    return render_template(
        "bidding/_of_listing.html",
        ways=desk.ways_of(current_session(), current_actor(), listing, now()),
    )


@blueprint.get("/take/<listing>")
@permits(may_deal)
def take_form(listing: str) -> str:
    return _deal_page(TakeForm(), _counter_listing(listing, DealMode.LIST_PRICE))


@blueprint.post("/take/<listing>")
@permits(may_deal)
def take(listing: str) -> Answer:
    form = TakeForm()
    trade = _carried_out(form, lambda: _deal(deals.take, listing, form))
    if trade is None:
        return _deal_page(form, _counter_listing(listing, DealMode.LIST_PRICE)), 422
    flash(_("已下单，等对方确认；对方确认后才成交。"), "done")
    return redirect(url_for("trades.show", number=trade.number), 303)


@blueprint.get("/offer/<listing>")
@permits(may_deal)
def offer_form(listing: str) -> str:
    return _deal_page(OfferForm(), _counter_listing(listing, DealMode.OPEN))


@blueprint.post("/offer/<listing>")
@permits(may_deal)
def offer(listing: str) -> Answer:
    form = OfferForm()
    found = _carried_out(form, lambda: _deal(negotiating.open_negotiation, listing, form))
    if found is None:
        return _deal_page(form, _counter_listing(listing, DealMode.OPEN)), 422
    flash(_("报价已发给对方；对方答复后会通知您。"), "done")
    return redirect(url_for("bidding.negotiation", thread=found.number), 303)


@blueprint.get("/negotiations")
@permits(belongs_to_a_company)
def negotiations() -> str:
    rows = threads.own_threads(current_session(), current_actor(), now())
    return render_template("bidding/negotiations.html", rows=rows)


@blueprint.get("/negotiations/<thread>")
@permits(belongs_to_a_company)
def negotiation(thread: str) -> str:
    return _thread_page(thread)


@blueprint.post("/negotiations/<thread>/counter")
@permits(may_deal)
def counter(thread: str) -> Answer:
    form = CounterForm()
    done = _carried_out(
        form,
        lambda: negotiating.counter(
            current_session(), current_actor(), thread, form.reply(), now()
        ),
    )
    if done is None:
        return _thread_page(thread, counter=form), 422
    return _back(thread, _("还价已发给对方。"))


@blueprint.post("/negotiations/<thread>/message")
@permits(may_deal)
def message(thread: str) -> Answer:
    form = MessageForm()
    done = _carried_out(
        form,
        lambda: negotiating.say(current_session(), current_actor(), thread, form.text.data, now()),
    )
    if done is None:
        return _thread_page(thread, message=form), 422
    return _back(thread, _("留言已发给对方。"))


@blueprint.post("/negotiations/<thread>/accept")
@permits(may_deal)
def accept(thread: str) -> BaseResponse:
    position, freight, _words = _meant()
    trade = negotiating.accept(current_session(), current_actor(), thread, position, freight, now())
    flash(_("已谈成，交易编号 %(number)s。", number=trade.number), "done")
    return redirect(url_for("trades.show", number=trade.number), 303)


@blueprint.post("/negotiations/<thread>/decline")
@permits(may_deal)
def decline(thread: str) -> BaseResponse:
    position, _freight, words_ = _meant()
    negotiating.decline(current_session(), current_actor(), thread, position, words_, now())
    return _back(thread, _("已拒绝，商谈结束。"))


@blueprint.post("/negotiations/<thread>/withdraw")
@permits(may_deal)
def withdraw(thread: str) -> BaseResponse:
    position, _freight, _words = _meant()
    negotiating.withdraw(current_session(), current_actor(), thread, position, now())
    return _back(thread, _("报价已撤回，商谈结束。"))


def _carried_out(form: Any, deed: Callable[[], Any]) -> Any:
    """What the deed made of the form; `None` if its fields now say what is wrong.

    Nobody then waits for a lot while the page that says so is written.
    """
    try:
        if form.validate():
            return deed()
    except BidRefused as refusal:
        form.told(refusal)
    database().only_reads(current_session())
    return None


def _deal(deed: Callable[..., Any], listing: str, form: TakeForm) -> Any:
    session, actor = current_session(), current_actor()
    return deed(session, actor, listing, form.draft(), now(), key=form.key.data or "")


def _place(number: str, listing: str, form: BidForm) -> Any:
    return operations.place_bid(
        current_session(),
        own_vault(),
        current_actor(),
        number,
        listing,
        form.terms(),
        now(),
        version=form.version.data or 0,
    )


def _back(thread: str, message: str) -> BaseResponse:
    flash(message, "done")
    return redirect(url_for("bidding.negotiation", thread=thread), 303)


def _meant() -> tuple[int, int, str]:
    """Which offer a button was pressed for, the freight it showed, and a word with it."""
    form = PlainForm()
    if not form.validate():
        raise Conflict
    return form.position.data or 0, form.freight.data or 0, form.words.data or ""


def _round_form() -> RoundForm:
    form = RoundForm()
    names = catalogue.materials(current_session(), china_day(now()))
    form.materials.choices = choices({row.code: row.name for row in names})
    return form


def _own_bid(number: str, listing: str) -> queries.Biddable:
    return queries.own_bid(current_session(), own_vault(), current_actor(), number, listing, now())


def _bid_form(row: queries.Biddable) -> BidForm:
    form = BidForm()
    form.offer_payers(row.listing.side)
    return form


def _bid_page(
    form: BidForm, number: str, row: queries.Biddable, stale: Conflict | None = None
) -> str:
    found = queries.show(current_session(), number, now())
    return render_template("bidding/bid.html", form=form, round=found, own=row, stale=stale)


def _counter_listing(listing: str, mode: DealMode) -> desk.Counterpart:
    return desk.counterpart(current_session(), current_actor(), listing, mode, now())


def _deal_page(form: TakeForm, view: desk.Counterpart) -> str:
    form.offer_choices(view.site_words, view.material_words, view.month_words)
    return render_template("bidding/deal.html", form=form, view=view)


def _thread_page(
    thread: str, counter: CounterForm | None = None, message: MessageForm | None = None
) -> str:
    view = threads.show(current_session(), current_actor(), thread, now())
    if counter is None:
        counter = CounterForm(formdata=None)
        counter.show(view.row.offer.kg, view.row.offer.price, view.row.offer.position)
    message = message or MessageForm(formdata=None)
    return render_template("bidding/negotiation.html", view=view, counter=counter, message=message)
