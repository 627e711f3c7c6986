"""Whether a firm may enter into anything new: approved, not barred for its defaults, no carrier."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_

from app.companies.models import Company
from app.companies.rules import CompanyStatus
from app.core.errors import Forbidden, Refused


class Barred(Refused):
    """A firm that has defaulted too often wants to deal before the operator has released it."""

    title = _l("企业暂时不能交易")
    next_step = _l("请联系运营方说明情况；运营方解除后就可以继续。")

    def __init__(self) -> None:
        super().__init__(
            _l("本企业违约次数已达上限，暂时不能发布、报价、提出或确认交易；没有改动任何数据。")
        )


class OnlyDrives(Forbidden):
    """A firm that neither makes nor takes waste wants to list some."""

    title = _l("承运企业不发布供需")
    message = _l("承运企业只运输，不产生也不利用固废，不能发布供应和需求；没有改动任何数据。")
    next_step = _l("派车请看“运单”和“车辆”；要买卖固废，请联系运营方变更企业类型。")


def may_deal() -> ColumnElement[bool]:
    """`Company.may_deal` as a condition."""
    return and_(Company.status == CompanyStatus.APPROVED, Company.barred_at.is_(None))


def require_part(company: Company) -> None:
    """Raise `OnlyDrives` for a firm that has no waste to give or to take."""
    if not (company.is_producer or company.is_consumer):
        raise OnlyDrives


def require_unbarred(company: Company) -> None:
    """Raise `Barred` for a firm whose defaults the operator has not forgiven."""
    if company.barred_at is not None:
        raise Barred
