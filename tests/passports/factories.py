"""Who enters quality data in tests, and files for them to send in."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from app.assays.models import AssayReport
from app.companies.models import Company
from app.core.actor import Actor, CompanyRole
from tests.listings import factories


def trader(company: Company, role: CompanyRole = CompanyRole.TRADER) -> Actor:
    """Somebody who trades for a firm, without an account of whom rows could speak."""
    return replace(factories.trader(company, role), user_id=None)


def report(content: bytes = b"%PDF-1.7") -> AssayReport:
    """A laboratory's report as it is kept once it was checked."""
    return AssayReport(
        name="检测报告.pdf",
        media_type="application/pdf",
        sha256=sha256(content).hexdigest(),
        content=content,
    )
