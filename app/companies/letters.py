"""What a company is told by mail, in both languages: nobody knows which its reader wants."""

from __future__ import annotations

from flask import current_app
from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.companies.rules import CompanyStatus
from app.core import mail
from app.core.i18n import LOCALES
from app.core.links import public_link


def send_decision(session: Session, company: Company) -> None:
    """Tell the company's contact what was decided, once it is committed."""
    if not company.contact_email:
        return
    subjects, bodies = [], []
    for locale in LOCALES:
        with force_locale(locale):
            subjects.append(_subject(company.status))
            bodies.append(_body(company))
    settings = current_app.extensions["gufei.settings"]
    subject, body = " / ".join(subjects), "\n\n----\n\n".join(bodies)
    mail.send(session, settings, company.contact_email, subject, body)


def _subject(status: CompanyStatus) -> str:
    if status is CompanyStatus.APPROVED:
        return str(_("固废通：企业审核已通过"))
    if status is CompanyStatus.SUSPENDED:
        return str(_("固废通：企业已暂停交易"))
    return str(_("固废通：企业审核未通过"))


def _body(company: Company) -> str:
    values = {
        "name": company.display_name,
        "reason": company.refusal_reason,
        "link": public_link("companies.own"),
    }
    return str(_body_text(company.status) % values)


def _body_text(status: CompanyStatus) -> LazyString:
    if status is CompanyStatus.APPROVED:
        return _l("%(name)s：\n\n贵企业已通过审核，现在可以发布供应和需求。\n\n%(link)s")
    if status is CompanyStatus.SUSPENDED:
        return _l("%(name)s：\n\n贵企业已被暂停交易，原因：%(reason)s\n\n本企业页面：%(link)s")
    return _l("%(name)s：\n\n贵企业的申请未通过，原因：%(reason)s\n\n改正后可以再次申请：%(link)s")
