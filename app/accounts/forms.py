"""Forms about accounts: entering, registering, passwords, colleagues."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from app.accounts import rules
from app.accounts.operations import MemberDraft, Registration
from app.accounts.words import SENTENCES
from app.companies.forms import (
    NEEDED,
    CompanyFields,
    ContactFields,
    RuleForm,
    SiteFields,
    line,
    stripped,
)
from app.companies.operations import Application
from app.core.actor import CompanyRole
from app.core.faults import Fault

ROLES = {
    CompanyRole.MANAGER: _l("管理员"),
    CompanyRole.TRADER: _l("业务员"),
    CompanyRole.VIEWER: _l("只读"),
}
ROLE_CHOICES = tuple(SelectChoice(role.value, word) for role, word in ROLES.items())


def _email_field() -> StringField:
    return StringField(_l("邮箱"), validators=[NEEDED], filters=[stripped])


class AccountForm(RuleForm):
    """A form whose faults also speak of accounts."""

    sentences = SENTENCES


class EmailFields(AccountForm):
    email = _email_field()

    def faults(self) -> list[Fault]:
        return super().faults() + rules.email_faults(rules.normal_email(self.email.data))


class NewPasswordFields(AccountForm):
    password = PasswordField(_l("新密码"), validators=[NEEDED])

    def faults(self) -> list[Fault]:
        return super().faults() + rules.password_faults(self.password.data or "")


class SignInForm(AccountForm):
    email = _email_field()
    password = PasswordField(_l("密码"), validators=[NEEDED])


class ForgotForm(EmailFields):
    """The address a reset link goes to."""


class ResetForm(NewPasswordFields):
    """The new password behind a link from a mail."""


class PasswordForm(NewPasswordFields):
    """One's own password, changed while signed in."""

    old_password = PasswordField(_l("现在的密码"), validators=[NEEDED])


class RegistrationForm(CompanyFields, ContactFields, SiteFields, EmailFields):
    """A company with its first site and the person who will manage it."""

    password = PasswordField(_l("密码"), validators=[NEEDED])

    def faults(self) -> list[Fault]:
        email = rules.normal_email(self.email.data)
        return super().faults() + rules.password_faults(self.password.data or "", email)

    def registration(self) -> Registration:
        application = Application(self.particulars(self.contact()), self.site_draft())
        return Registration(application, self.email.data or "", self.password.data or "")


class MemberForm(EmailFields):
    """A colleague to be added."""

    name = line(_l("姓名"), 40)
    phone = line(_l("电话"), 24, needed=False)
    role = SelectField(_l("权限"), choices=ROLE_CHOICES, default=CompanyRole.TRADER.value)

    def draft(self) -> MemberDraft:
        role = CompanyRole(self.role.data)
        return MemberDraft(self.email.data or "", self.name.data or "", role, self.phone.data or "")


class RoleForm(AccountForm):
    """Another role for a colleague."""

    role = SelectField(_l("权限"), choices=ROLE_CHOICES)
