"""The platform's tables, named here so that the schema is whole once this is imported."""

from app.core.audit import AuditEvent
from app.core.jobs.models import Job
from app.core.once import SentForm
from app.core.series import NumberSeries

__all__ = ["AuditEvent", "Job", "NumberSeries", "SentForm"]
