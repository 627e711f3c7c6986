"""Whether a firm may enter into anything new: approved, and not barred for its defaults."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.companies.models import Company
from app.core.errors import Refused


class Barred(Refused):
    """A firm that has defaulted too often wants to deal before the operator has released it."""

    title = _l("企业暂时不能交易")
    next_step = _l("请联系运营方说明情况；运营方解除后就可以继续。")

    def __init__(self) -> None:
        super().__init__(
            _l("本企业违约次数已达上限，暂时不能发布、报价、提出或确认交易；没有改动任何数据。")
        )


def require_unbarred(company: Company) -> None:
    """Raise `Barred` for a firm whose defaults the operator has not forgiven."""
    if company.barred_at is not None:
        raise Barred
