"""The clock: one interval job per process that runs the tick, and says so when a run was late or failed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

JOB = "tick"
TICK_SECONDS = 1.0


class TickClock:
    """
    Runs *tick* every *seconds* of machine time in a thread of its own, one run at a time.

    A late run is made up once (`misfire_grace_time=None`, `coalesce`): what fell due meanwhile is in the rows. A run
    that is longer than the interval delays the next one. APScheduler plans by the machine's clock and would rest for an hour when
    that is set back by one: a watch, which counts seconds by itself, brings such a run forward.

    *last_at*: when a run last came to its end (*monotonic*); *failure*: how the last run failed, None if it did not.
    """

    def __init__(
        self,
        tick: Callable[[], object],
        *,
        seconds: float = TICK_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tick, self._seconds, self._monotonic = tick, seconds, monotonic
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_listener(_tell, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self._watch = threading.Thread(target=self._keep_watch, name="clock watch", daemon=True)
        self.errors = 0
        self.last_at: float | None = None
        self.failure: Exception | None = None

    def start(self) -> None:
        """Run the tick now, and then at each interval."""
        self._scheduler.add_job(self._run, "interval", seconds=self._seconds, id=JOB, next_run_time=datetime.now(UTC))
        self._scheduler.start()
        self._watch.start()

    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """End after the batch that is being decided."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _run(self) -> None:
        """
        Run the tick. What goes wrong ends here and is not left to APScheduler, which clears all frames that an exception
        names: if one of them is a coroutine that waits, it is over and nobody hears of it.
        """
        try:
            self._tick()
        except Exception as error:
            self.errors, self.failure = self.errors + 1, error
            log.error("the tick failed: %s", type(error).__name__, exc_info=error)
        else:
            self.last_at, self.failure = self._monotonic(), None

    def _keep_watch(self) -> None:
        while not self._stopping.wait(self._seconds):
            job = self._scheduler.get_job(JOB)
            now = datetime.now(UTC)
            if job is not None and job.next_run_time - now > timedelta(seconds=2 * self._seconds):
                log.warning("the machine's clock was set back; the tick goes on")
                job.modify(next_run_time=now)


def _tell(event: JobEvent) -> None:
    if event.code == EVENT_JOB_MISSED:
        log.warning("a tick was missed; the next one makes up for it")
    else:
        log.info("the last tick still runs; this one is left out")
