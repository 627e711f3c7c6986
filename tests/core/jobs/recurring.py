"""Recurring work for tests, added to a process by `GUFEI_EXTRA_JOBS`."""

from datetime import timedelta

from app.core.jobs.rules import Periodic
from tests.core.jobs.handlers import work

HANDLERS = {"test.recurring": work}
SCHEDULE = (Periodic("test.recurring", every=timedelta(days=1000)),)
