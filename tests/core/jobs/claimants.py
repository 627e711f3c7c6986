"""Processes that all want the same jobs at the same moment: `claimants.py URL JOB…`.

Prints one line per process, with the ids it got.
"""

from __future__ import annotations

import multiprocessing
import os
import sys

from sqlalchemy import text

from app.core.clock import now
from app.core.jobs import operations
from app.core.transactions import Database

PROCESSES = 8
FORK = multiprocessing.get_context("fork")  # one import for all; nothing is connected yet
BARRIER = FORK.Barrier(PROCESSES)


def claim_all(order: tuple[str, list[str]]) -> list[str]:
    url, jobs = order
    database = Database(url)
    with database.reading() as session:
        session.execute(text("SELECT 1"))  # connected before the start, not after it
    BARRIER.wait()
    return [job for job in jobs if claim(database, job)]


def claim(database: Database, job: str) -> bool:
    with database.writing() as session:
        return operations.claim(session, job, f"here:{os.getpid()}", now()) is not None


def main(url: str, jobs: list[str]) -> None:
    with FORK.Pool(PROCESSES) as pool:
        for won in pool.map(claim_all, [(url, jobs)] * PROCESSES, chunksize=1):
            print(*won)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
