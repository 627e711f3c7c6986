"""Pages about accounts: entering and leaving, registering, passwords, colleagues."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.accounts import operations, policy, queries, throttle
from app.accounts.forms import (
    ROLES,
    ForgotForm,
    MemberForm,
    PasswordForm,
    RegistrationForm,
    ResetForm,
    RoleForm,
    SignInForm,
)
from app.accounts.rules import SHORTEST_PASSWORD
from app.accounts.setup import enter, leave
from app.core.actor import CompanyRole
from app.core.clock import now
from app.core.current import current_actor
from app.core.errors import Refused
from app.core.permissions import anyone, permits, signed_in
from app.core.transactions import current_session
from app.core.views import own_path

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")

Page = tuple[str, int]


@blueprint.route("/sign-in", methods=["GET", "POST"])
@permits(anyone)
def sign_in() -> Response | Page:
    """Enter with address and password; then on to where the reader wanted to go."""
    form = SignInForm()
    if form.validate_on_submit() and (token := _admitted(form)):
        enter(token)
        return redirect(own_path(request.args.get("next") or url_for("board.desk")), 303)
    return _form_page("accounts/sign_in.html", form)


@blueprint.post("/sign-out")
@permits(anyone)
def sign_out() -> Response:
    """End this session on the server; the old cookie opens nothing any more."""
    token = leave()
    if token:
        operations.sign_out(current_session(), token)
    return redirect(url_for("board.front"), 303)


@blueprint.route("/register", methods=["GET", "POST"])
@permits(anyone)
def register() -> Response | Page:
    """A company registers itself and waits for the operator's approval."""
    form = RegistrationForm()
    if form.validate_on_submit() and (token := _registered(form)):
        enter(token)
        return redirect(url_for("companies.own"), 303)
    places = form.places() if form.errors else []
    return _form_page("accounts/register.html", form, places=places, least=SHORTEST_PASSWORD)


@blueprint.route("/forgot", methods=["GET", "POST"])
@permits(anyone)
def forgot() -> Response | Page:
    """Mail a link to set a new password; the answer does not tell whether the address is known."""
    form = ForgotForm()
    if form.validate_on_submit():
        email = form.email.data or ""
        throttle.count(throttle.reset_counters(email, request.remote_addr), now())
        operations.ask_reset(current_session(), email, now())
        return render_template("accounts/forgot_sent.html", email=email), 200
    return _form_page("accounts/forgot.html", form)


@blueprint.route("/reset", methods=["GET", "POST"])
@permits(anyone)
def reset() -> Response | Page:
    """Set a new password through a link from a mail. The logs write paths, never the token."""
    form, token = ResetForm(), request.args.get("token", "")
    if not queries.link_works(current_session(), token, now()):
        return render_template("accounts/dead_link.html"), 410
    if form.validate_on_submit() and _was_reset(token, form):
        leave()
        flash(_("新密码已生效，请登录。"), "done")
        return redirect(url_for(".sign_in"), 303)
    return _form_page("accounts/reset.html", form, least=SHORTEST_PASSWORD)


@blueprint.route("/me", methods=["GET", "POST"])
@permits(signed_in)
def me() -> Response | Page:
    """One's own account, and another password for it."""
    form = PasswordForm()
    if form.validate_on_submit() and (token := _password_changed(form)):
        enter(token)
        flash(_("密码已更改，其他设备上的登录已全部退出。"), "done")
        return redirect(url_for(".me"), 303)
    account = queries.person(current_session(), current_actor().user_id or 0)
    return _form_page(
        "accounts/me.html", form, account=account, words=ROLES, least=SHORTEST_PASSWORD
    )


@blueprint.route("/members", methods=["GET", "POST"])
@permits(policy.manages_members)
def members() -> Response | Page:
    """A company's people; the manager adds one."""
    form = MemberForm()
    if form.validate_on_submit() and _member_added(form):
        flash(_("账号已开通，设置密码的链接已发到 %(email)s。", email=form.email.data), "done")
        return redirect(url_for(".members"), 303)
    people = queries.members(current_session(), current_actor().company_id or 0)
    return _form_page("accounts/members.html", form, people=people, words=ROLES)


@blueprint.post("/members/<int:user_id>/role")
@permits(policy.manages_members)
def change_role(user_id: int) -> Response:
    form = RoleForm()
    if not form.validate_on_submit():
        raise Refused(_("请选择权限。"))
    role = CompanyRole(form.role.data)
    user = operations.change_member_role(current_session(), current_actor(), user_id, role, now())
    flash(_("%(name)s 的权限已改为：%(role)s。", name=user.name, role=ROLES[role]), "done")
    return redirect(url_for(".members"), 303)


@blueprint.post("/members/<int:user_id>/deactivate")
@permits(policy.manages_members)
def deactivate(user_id: int) -> Response:
    user = operations.deactivate_member(current_session(), current_actor(), user_id, now())
    flash(_("%(name)s 的账号已停用。", name=user.name), "done")
    return redirect(url_for(".members"), 303)


@blueprint.post("/members/<int:user_id>/reactivate")
@permits(policy.manages_members)
def reactivate(user_id: int) -> Response:
    user = operations.reactivate_member(current_session(), current_actor(), user_id, now())
    flash(_("%(name)s 的账号已恢复。", name=user.name), "done")
    return redirect(url_for(".members"), 303)


def _form_page(template: str, form: FlaskForm, **values: object) -> Page:
    """A form as a page; 422 when it comes back with faults."""
    return render_template(template, form=form, **values), 422 if form.errors else 200


def _admitted(form: SignInForm) -> str | None:
    """The token of a new session, if address and password are right; every try is counted."""
    email, password = form.email.data or "", form.password.data or ""
    by_email, by_address = throttle.sign_in_counters(email, request.remote_addr)
    throttle.count((by_email, by_address), now())
    session = current_session()
    token = form.attempt(lambda: operations.sign_in(session, email, password, now()))
    if token:
        throttle.forget(session, by_email)
        throttle.give_back(session, by_address)
    return token


def _registered(form: RegistrationForm) -> str | None:
    """The token of the new manager's session, if the registration was taken."""
    throttle.count(throttle.registration_counters(request.remote_addr), now())
    session, actor, registration = current_session(), current_actor(), form.registration()
    user = form.attempt(lambda: operations.register_firm(session, actor, registration, now()))
    return operations.start_session(session, user.id, now()) if user else None


def _password_changed(form: PasswordForm) -> str | None:
    """The token of a new session, if the present password was right; every try is counted."""
    actor, old, new = current_actor(), form.old_password.data or "", form.password.data or ""
    counter = throttle.password_counter(actor.user_id)
    throttle.count((counter,), now())
    session = current_session()
    token = form.attempt(lambda: operations.change_password(session, actor, old, new, now()))
    if token:
        throttle.forget(session, counter)
    return token


def _was_reset(token: str, form: ResetForm) -> bool:
    session, password = current_session(), form.password.data or ""
    deed = form.attempt(lambda: operations.reset_password(session, token, password, now()))
    return deed is not None


def _member_added(form: MemberForm) -> bool:
    session, actor, draft = current_session(), current_actor(), form.draft()
    return form.attempt(lambda: operations.add_member(session, actor, draft, now())) is not None
