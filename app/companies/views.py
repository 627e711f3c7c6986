"""Pages about companies: one's own, and the operator's list of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.catalogue.queries import county_map
from app.companies import grouping, operations, policy, queries
from app.companies.forms import (
    STATUSES,
    ApprovalsForm,
    CompanyFilter,
    ContactForm,
    JoinGroupForm,
    LeaveGroupForm,
    ParticularsForm,
    ReasonForm,
    SiteForm,
)
from app.companies.models import Company
from app.companies.queries import CompanyRow, SiteRow
from app.companies.rules import may_be_amended
from app.core.actor import Actor
from app.core.clock import now
from app.core.current import current_actor
from app.core.errors import Conflict, NotFound
from app.core.forms import Form
from app.core.permissions import anyone, operator, permits
from app.core.places import current_places
from app.core.transactions import current_session

blueprint = Blueprint("companies", __name__, url_prefix="/companies")

Page = tuple[str, int]
Decision = Callable[[Session, Actor, int, str, datetime], Company]


@blueprint.get("/")
@permits(operator)
def index() -> str:
    """The operator's list: who waits, who is in, who is out."""
    form = CompanyFilter(request.args)
    session, number = current_session(), request.args.get("page", 1, int)
    return render_template(
        "companies/index.html",
        form=form,
        counts=queries.count_by_status(session),
        words=STATUSES,
        page=queries.find_companies(session, form.wanted_status, form.text.data, number),
    )


@blueprint.get("/<int:company_id>")
@permits(operator)
def show(company_id: int) -> Page:
    """One company, for the operator to decide about."""
    return _decision_page(company_id, ReasonForm())


@blueprint.post("/<int:company_id>/group")
@permits(operator)
def join_group(company_id: int) -> Response | Page:
    """Enter the company into a group of firms under one control."""
    form, session, actor = JoinGroupForm(), current_session(), current_actor()
    if form.validate_on_submit():
        name, since = form.group_name.data, form.since.data
        verb = grouping.join_group
        if form.attempt(lambda: verb(session, actor, company_id, name, since, now())):
            flash(_("已记入集团“%(name)s”。", name=name), "done")
            return _back_to(company_id)
    return _decision_page(company_id, ReasonForm(formdata=None), join=form)


@blueprint.post("/<int:company_id>/group/end")
@permits(operator)
def leave_group(company_id: int) -> Response | Page:
    """End the company's time in its group."""
    form, session, actor = LeaveGroupForm(), current_session(), current_actor()
    if form.validate_on_submit():
        until, verb = form.until.data, grouping.leave_group
        if form.attempt(lambda: verb(session, actor, company_id, until, now())):
            flash(_("已记下离开集团的日期。"), "done")
            return _back_to(company_id)
    return _decision_page(company_id, ReasonForm(formdata=None), leave=form)


@blueprint.post("/<int:company_id>/approve")
@permits(operator)
def approve(company_id: int) -> Response:
    """Admit the company to the market."""
    company = operations.approve(current_session(), current_actor(), company_id, now())
    flash(_("已通过：%(name)s。", name=company.display_name), "done")
    return redirect(url_for(".index"), 303)


@blueprint.post("/<int:company_id>/refuse")
@permits(operator)
def refuse(company_id: int) -> Response | Page:
    return _with_reason(company_id, operations.refuse)


@blueprint.post("/<int:company_id>/suspend")
@permits(operator)
def suspend(company_id: int) -> Response | Page:
    return _with_reason(company_id, operations.suspend)


@blueprint.get("/own")
@permits(policy.is_member)
def own() -> str:
    """One's own company: where its application stands, its particulars, its sites."""
    company = _own_company()
    return render_template("companies/own.html", **_company_values(company))


@blueprint.route("/own/application", methods=["GET", "POST"])
@permits(policy.is_manager)
def amend() -> Response | Page:
    """Amend an application that waits or was refused, and apply again."""
    company, form = _own_company(), ParticularsForm()
    if not may_be_amended(company.status):
        raise Conflict(_("审核以后，名称和代码不能自行修改。"), _("需要变更时，请联系运营方。"))
    if form.validate_on_submit() and _applied_again(company, form):
        flash(_("已再次提交审核。"), "done")
        return redirect(url_for(".own"), 303)
    if not form.is_submitted():
        form.show(company)
    return _form_page("companies/amend.html", form, company=company)


@blueprint.route("/own/contact", methods=["GET", "POST"])
@permits(policy.is_manager)
def contact() -> Response | Page:
    """Change whom to call."""
    company, form = _own_company(), ContactForm()
    if form.validate_on_submit():
        changed = form.contact(form.contact_email.data)
        operations.change_contact(current_session(), current_actor(), company.id, changed, now())
        flash(_("联系方式已更新。"), "done")
        return redirect(url_for(".own"), 303)
    if not form.is_submitted():
        form.show(company)
    return _form_page("companies/contact.html", form, company=company)


@blueprint.route("/own/approvals", methods=["GET", "POST"])
@permits(policy.is_manager)
def approvals() -> Response | Page:
    """Say whether what binds the company needs two of its people."""
    company, form = _own_company(), ApprovalsForm()
    if form.validate_on_submit():
        operations.ask_for_two_people(
            current_session(), current_actor(), company.id, form.needs_two.data, now()
        )
        flash(_("交易的同意方式已更新。"), "done")
        return redirect(url_for(".own"), 303)
    if not form.is_submitted():
        form.show(company)
    return _form_page("companies/approvals.html", form, company=company)


@blueprint.route("/own/sites/new", methods=["GET", "POST"])
@permits(policy.is_manager)
def new_site() -> Response | Page:
    company, form = _own_company(), SiteForm()
    if form.validate_on_submit():
        draft = form.site_draft()
        operations.add_site(current_session(), current_actor(), company.id, draft, now())
        flash(_("厂区“%(name)s”已添加。", name=draft.name), "done")
        return redirect(url_for(".own"), 303)
    return _form_page("companies/site.html", form, site=None)


@blueprint.route("/own/sites/<int:site_id>", methods=["GET", "POST"])
@permits(policy.is_manager)
def change_site(site_id: int) -> Response | Page:
    site, form = _own_site(site_id), SiteForm()
    form.known = (site.lon, site.lat)
    if form.validate_on_submit() and _site_changed(form, site):
        flash(_("厂区“%(name)s”已更新。", name=form.site_name.data), "done")
        return redirect(url_for(".own"), 303)
    if not form.is_submitted():
        form.show(site)
    return _form_page("companies/site.html", form, site=site)


@blueprint.get("/places")
@permits(anyone)
def places() -> str:
    """What a place search finds, as choices for the form around it."""
    text = request.args.get("place", "").strip()
    return render_template(
        "companies/_places.html", text=text, places=current_places().search(text), chosen=""
    )


def _site_changed(form: SiteForm, site: SiteRow) -> bool:
    session, actor, draft = current_session(), current_actor(), form.site_draft(site)
    verb = operations.change_site
    return form.attempt(lambda: verb(session, actor, site.id, draft, now())) is not None


def _form_page(template: str, form: Form, **values: object) -> Page:
    """A form as a page; 422 when it comes back with faults."""
    return render_template(template, form=form, **values), 422 if form.errors else 200


def _company_values(company: CompanyRow) -> dict[str, object]:
    session = current_session()
    return {
        "company": company,
        "sites": queries.sites_of(session, company.id),
        "counties": county_map(session),
        "words": STATUSES,
    }


def _decision_page(
    company_id: int,
    form: ReasonForm,
    join: JoinGroupForm | None = None,
    leave: LeaveGroupForm | None = None,
) -> Page:
    session = current_session()
    company = queries.company(session, company_id)
    page = render_template(
        "companies/show.html",
        form=form,
        join=join or JoinGroupForm(formdata=None),
        leave=leave or LeaveGroupForm(formdata=None),
        times=queries.group_times(session, company_id),
        groups=queries.group_names(session),
        **_company_values(company),
    )
    return page, 422 if any(each and each.errors for each in (form, join, leave)) else 200


def _back_to(company_id: int) -> Response:
    return redirect(url_for(".show", company_id=company_id, _anchor="group"), 303)


def _with_reason(company_id: int, decide: Decision) -> Response | Page:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _decision_page(company_id, form)
    reason = form.reason.data
    company = decide(current_session(), current_actor(), company_id, reason, now())
    word = STATUSES[company.status]
    flash(_("%(name)s：%(word)s。", name=company.display_name, word=word), "done")
    return redirect(url_for(".index"), 303)


def _own_company() -> CompanyRow:
    company_id = current_actor().company_id
    if company_id is None:
        raise NotFound
    return queries.company(current_session(), company_id)


def _own_site(site_id: int) -> SiteRow:
    """A site of one's own company; another company's answers as if it were not there."""
    site = queries.site(current_session(), site_id)
    if site.company_id != current_actor().company_id:
        raise NotFound
    return site


def _applied_again(company: CompanyRow, form: ParticularsForm) -> bool:
    """Whether the amended application was taken; if not, the form says why."""
    session, actor = current_session(), current_actor()
    particulars = form.particulars(form.contact(company.contact_email), company)
    deed = form.attempt(
        lambda: operations.apply_again(session, actor, company.id, particulars, now())
    )
    return deed is not None
