"""APScheduler's own job store, one job for each deadline: the reference for sweeps."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.executors.debug import DebugExecutor
from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.base import STATE_RUNNING, BaseScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import insert

from tests.bench.setup import timed

FIRED = 100


class _Still(BaseScheduler):
    """A scheduler that looks at its jobs only when told to."""

    def wakeup(self) -> None:
        pass

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)


def remind(case_id: str) -> None:
    """The job: it does nothing, so that only the scheduler is measured."""


def firing_rate(folder: Path, jobs: int, runs: int) -> list[float]:
    """Return jobs fired per second, *runs* times 100 of them among *jobs* that wait, on SQLite."""
    scheduler = _Still(timezone=UTC, executors={"default": DebugExecutor()}, job_defaults={"misfire_grace_time": None})
    store = SQLAlchemyJobStore(url=f"sqlite:///{folder / 'jobs.sqlite3'}")
    scheduler.add_jobstore(store)
    scheduler.start(paused=True)
    scheduler.state = STATE_RUNNING
    now = datetime.now(UTC)
    _fill(scheduler, store, "ahead", jobs, now + timedelta(days=90))
    rates = []
    for run in range(runs):
        _fill(scheduler, store, f"due{run}", FIRED, now - timedelta(hours=1))
        rates.append(FIRED / timed(scheduler._process_jobs))
    scheduler.shutdown()
    return rates


def _fill(scheduler: Any, store: Any, prefix: str, count: int, at: datetime) -> None:
    """Put jobs into the store's table as the store itself does, but many at once."""
    rows = []
    for number in range(count):
        job = Job(scheduler, id=f"{prefix}-{number}", trigger=DateTrigger(at), executor="default", func=remind,
                  args=(f"case-{number}",), kwargs={}, name="remind", misfire_grace_time=None, coalesce=True,
                  max_instances=1, next_run_time=at)  # fmt: skip
        state = pickle.dumps(job.__getstate__(), pickle.HIGHEST_PROTOCOL)
        rows.append({"id": job.id, "next_run_time": at.timestamp(), "job_state": state})
    with store.engine.begin() as core:
        for start in range(0, count, 10_000):
            core.execute(insert(store.jobs_t), rows[start : start + 10_000])
