"""The same thing is told by several real processes at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context

from flask import Flask

from app.core.actor import CompanyRole
from app.settings import Settings
from tests.notifications.factories import firm_of, told
from tests.notifications.tellers import tell

PROCESSES = 4
KEYS = [f"T-2611-{number:04d}" for number in range(8)]


def test_whoever_tells_at_once_each_person_hears_it_once(any_app: Flask, frozen: datetime) -> None:
    settings: Settings = any_app.extensions["gufei.settings"]
    company_id, people = firm_of(CompanyRole.MANAGER, CompanyRole.TRADER)

    context = get_context("forkserver")
    with context.Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        start = manager.Barrier(PROCESSES)
        running = [
            pool.submit(tell, settings.database_url, company_id, KEYS, frozen, start)
            for _ in range(PROCESSES)
        ]
        mails = sum(future.result() for future in running)

    heard = Counter((message.user_id, message.key) for message in told())
    assert heard == Counter((person, key) for person in people for key in KEYS)
    assert mails == len(people) * len(KEYS)
