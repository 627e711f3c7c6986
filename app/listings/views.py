"""Pages of the market: browse, one listing, a firm's own, and the forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from app.assays.words import EVIDENCE
from app.catalogue import queries as catalogue
from app.catalogue.words import stop_text
from app.companies.queries import barred_since, sites_of
from app.companies.standing import OnlyDrives
from app.core.actor import Actor
from app.core.clock import add_months, china_day, month_of, now
from app.core.current import current_actor
from app.core.errors import NotFound
from app.core.i18n import month as written_month
from app.core.i18n import tonnes
from app.core.permissions import anyone, permits
from app.core.transactions import current_session
from app.listings import exports, market, operations, queries
from app.listings.choices import form_choices
from app.listings.forms import FORMS, FilterForm, ListingForm, RenewForm, Words
from app.listings.market import PAGE_SIZES, ListingFilter
from app.listings.models import Listing
from app.listings.operations import AnyDraft, AwaitingApproval, ChangedMeanwhile, ListingRefused
from app.listings.policy import belongs_to_a_company, lists_for_a_company
from app.listings.rules import Side, is_public_number
from app.listings.words import DEAL_MODES, PRODUCTS, PUBLISHED, STATES

MONTHS_AHEAD = 12
DEFAULT_WINDOW = 3
Answer = str | tuple[str, int] | BaseResponse
blueprint = Blueprint("listings", __name__, url_prefix="/listings")


@blueprint.app_context_processor
def _words_of_rows() -> dict[str, Any]:
    """What a row of a listing needs wherever it stands."""
    return {"EVIDENCE": EVIDENCE}


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "DEAL_MODES": DEAL_MODES,
        "PRODUCTS": PRODUCTS,
        "STATES": STATES,
        "stop_text": stop_text,
        "today": china_day(now()),
    }


@blueprint.url_value_preprocessor
def _refuse_what_is_no_number(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What cannot be a number is not there; PostgreSQL would choke on some of it."""
    if values and not is_public_number(values.get("number", "")):
        raise NotFound


@blueprint.get("/offers")
@permits(anyone)
def browse_offers() -> tuple[str, int]:
    return _market_page(Side.OFFER)


@blueprint.get("/requirements")
@permits(anyone)
def browse_requirements() -> tuple[str, int]:
    return _market_page(Side.REQUIREMENT)


@blueprint.get("/offers.csv")
@permits(anyone)
def export_offers() -> Response:
    return _export(Side.OFFER)


@blueprint.get("/requirements.csv")
@permits(anyone)
def export_requirements() -> Response:
    return _export(Side.REQUIREMENT)


@blueprint.get("/offers/map.json")
@permits(anyone)
def map_offers() -> Response:
    return _map(Side.OFFER)


@blueprint.get("/requirements/map.json")
@permits(anyone)
def map_requirements() -> Response:
    return _map(Side.REQUIREMENT)


@blueprint.get("/own")
@permits(belongs_to_a_company)
def own() -> str:
    """The firm's own listings, whatever their state."""
    session, actor = current_session(), current_actor()
    rows = queries.own_listings(session, actor, china_day(now()))
    barred_at = barred_since(session, actor.company_id)
    return render_template("listings/own.html", rows=rows, barred_at=barred_at)


@blueprint.get("/offers/new")
@permits(lists_for_a_company)
def new_offer() -> str:
    return _blank_form(Side.OFFER)


@blueprint.post("/offers/new")
@permits(lists_for_a_company)
def publish_offer() -> Answer:
    return _publish(Side.OFFER, operations.publish_offer)


@blueprint.get("/requirements/new")
@permits(lists_for_a_company)
def new_requirement() -> str:
    return _blank_form(Side.REQUIREMENT)


@blueprint.post("/requirements/new")
@permits(lists_for_a_company)
def publish_requirement() -> Answer:
    return _publish(Side.REQUIREMENT, operations.publish_requirement)


@blueprint.get("/<number>")
@permits(anyone)
def show(number: str) -> str:
    view = _view(number)
    is_own = view.listing.is_own
    barred_at = barred_since(current_session(), current_actor().company_id) if is_own else None
    return render_template(
        "listings/show.html", view=view, renew_form=RenewForm(), barred_at=barred_at
    )


@blueprint.get("/<number>/edit")
@permits(lists_for_a_company)
def edit(number: str) -> str:
    view = _own_view(number)
    form = _form(view.listing.side)
    form.show(view)
    return _form_page(form, view.listing.side, view)


@blueprint.post("/<number>/edit")
@permits(lists_for_a_company)
def change(number: str) -> Answer:
    view = _own_view(number)
    form = _form(view.listing.side)
    try:
        listing = _carried_out(form, lambda draft: _change(number, draft, form.version.data))
    except ChangedMeanwhile as stale:
        return _form_page(form, view.listing.side, _own_view(number), stale), stale.status
    if listing is None:
        return _form_page(form, view.listing.side, view), 422
    return _done(listing, _("%(number)s 已改好。", number=number))


@blueprint.post("/<number>/withdraw")
@permits(lists_for_a_company)
def withdraw(number: str) -> Answer:
    kg = operations.withdraw(current_session(), current_actor(), number, now())
    left = tonnes(kg)
    flash(_("%(number)s 已撤回，%(left)s 吨不再参加撮合。", number=number, left=left), "done")
    return redirect(url_for("listings.show", number=number), 303)


@blueprint.post("/<number>/renew")
@permits(lists_for_a_company)
def renew(number: str) -> Answer:
    form = RenewForm()
    months = form.months.data if form.validate() else 0
    listing = operations.renew(current_session(), current_actor(), number, months, now())
    until = written_month(listing.last_month)
    return _done(listing, _("%(number)s 已续期到 %(until)s。", number=number, until=until))


def _market_page(side: Side) -> tuple[str, int]:
    form = _filter_form()
    readable = form.validate()
    wanted = form.wanted(side, china_day(now()))
    page = market.browse(current_session(), current_actor(), wanted)
    body = render_template(
        "listings/browse.html",
        side=side,
        form=form,
        page=page,
        wanted=wanted,
        origin=_origin(wanted),
        address=_address,
        sizes=[(size, _address(size=size, page=None), size == page.size) for size in PAGE_SIZES],
    )
    return body, 200 if readable else 422


def _export(side: Side) -> Response:
    form = _filter_form()
    form.validate()
    rows = market.everything(
        current_session(), current_actor(), form.wanted(side, china_day(now()))
    )
    answer = Response(exports.market_csv(rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{side}s.csv"'
    return answer


def _map(side: Side) -> Response:
    form = _filter_form()
    form.validate()
    wanted, session = form.wanted(side, china_day(now())), current_session()
    points = market.county_points(session, current_actor(), wanted)
    return jsonify(exports.map_figures(catalogue.counties(session), points, _origin(wanted)))


def _filter_form() -> FilterForm:
    session, today = current_session(), china_day(now())
    form = FilterForm.of(request.args)
    this_month = month_of(today)
    months = [add_months(this_month, step) for step in range(MONTHS_AHEAD + 1)]
    form.fill(
        materials=_material_choices(session, today),
        counties={county.adcode: county.name for county in catalogue.counties(session)},
        sites=_site_choices(session, current_actor()),
        months={f"{month:%Y-%m}": written_month(month) for month in months},
    )
    return form


def _origin(wanted: ListingFilter) -> Any:
    return market.own_site(current_session(), current_actor(), wanted.site_id)


def _address(endpoint: str | None = None, **changes: object) -> str:
    """This page's address with some of its state changed; blank values leave it."""
    state: dict[str, Any] = request.args.to_dict(flat=False) | changes
    kept = {name: value for name, value in state.items() if value not in (None, "", [""])}
    return url_for(endpoint or str(request.endpoint), **kept)


def _material_choices(session: Session, on: date) -> Words:
    return {row.code: row.name for row in catalogue.materials(session, on)}


def _site_choices(session: Session, actor: Actor) -> Words:
    if actor.company_id is None:
        return {}
    return {str(site.id): site.display_name for site in sites_of(session, actor.company_id)}


def _form(side: Side) -> Any:
    """The empty form, or what was sent, with the firm's sites to choose from."""
    session, actor = current_session(), current_actor()
    if actor.only_drives:
        raise OnlyDrives
    if not actor.company_approved:
        raise AwaitingApproval
    form = FORMS[side]()
    form.offer_choices(form_choices(session, actor, china_day(now())))
    return form


def _blank_form(side: Side) -> str:
    form = _form(side)
    form.begin_with(request.args)
    form.first_month.data = add_months(month_of(china_day(now())), 1)
    form.last_month.data = add_months(form.first_month.data, DEFAULT_WINDOW - 1)
    return _form_page(form, side)


def _form_page(
    form: ListingForm,
    side: Side,
    view: queries.ListingView | None = None,
    stale: ChangedMeanwhile | None = None,
) -> str:
    saved = form.catch_up(view) if stale and view else []
    return render_template(
        "listings/form.html", form=form, side=side, view=view, stale=stale, saved=saved
    )


def _change(number: str, draft: AnyDraft, version: int | None) -> Listing:
    session, actor = current_session(), current_actor()
    return operations.change(session, actor, number, draft, now(), version=version)


def _publish(side: Side, publish: Callable[..., Listing]) -> Answer:
    form = _form(side)
    listing = _carried_out(
        form, lambda draft: publish(current_session(), current_actor(), draft, now())
    )
    if listing is None:
        return _form_page(form, side), 422
    return _done(listing, str(PUBLISHED[listing.deal_mode] % {"number": listing.number}))


def _carried_out(form: Any, deed: Callable[[Any], Listing]) -> Listing | None:
    """The listing the deed made of the form; `None` if its fields now say what is wrong."""
    if not form.validate():
        return None
    try:
        return deed(form.draft())
    except ListingRefused as refusal:
        form.told(refusal)
        return None


def _done(listing: Listing, message: str) -> BaseResponse:
    flash(message, "done")
    return redirect(url_for("listings.show", number=listing.number), 303)


def _view(number: str) -> queries.ListingView:
    return queries.show(current_session(), current_actor(), number, china_day(now()))


def _own_view(number: str) -> queries.ListingView:
    """The listing to change; to everybody but its firm it is not there."""
    return queries.own(current_session(), current_actor(), number, china_day(now()))
