"""Blocking calls in threads, so that the loop goes on; none is waited for for ever."""

from __future__ import annotations

import asyncio
import functools
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from types import FrameType
from typing import Any, ParamSpec, Protocol, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

LONGEST_SECONDS = 120.0
"""Far longer than anything takes that ends: a lock of the database is waited for ten seconds, a connection for thirty."""
FRAMES = 6


class Blocking(Protocol):
    """Runs a blocking function so that the loop goes on."""

    async def __call__(self, work: Callable[P, T], /, *args: P.args, **more: P.kwargs) -> T: ...


def in_threads() -> Blocking:
    """Return a function that runs blocking calls in the loop's own threads."""

    async def call(work: Callable[P, T], /, *args: P.args, **more: P.kwargs) -> T:
        return await _run(None, functools.partial(work, *args, **more))

    return call


class Threads:
    """
    Threads of one's own (`Blocking`). A call that takes longer than *seconds* fails with `TimeoutError`.

    Its thread may hang for ever (a database that is gone without a word): the log says where, and new threads take the place of all.
    """

    def __init__(self, count: int, name: str, *, seconds: float = LONGEST_SECONDS) -> None:
        self._count, self._name, self._seconds = count, name, seconds
        self._executor = self._new()

    async def __call__(self, work: Callable[P, T], /, *args: P.args, **more: P.kwargs) -> T:
        executor = self._executor
        try:
            async with asyncio.timeout(self._seconds) as limit:
                return await _run(executor, functools.partial(work, *args, **more))
        except TimeoutError:
            if limit.expired() and executor is self._executor:
                log.error("threads hang and are given up", name=self._name, where=self.where())
                self._executor = self._new()
                executor.shutdown(wait=False)
            raise

    def where(self) -> list[str]:
        """Return where the threads stand that have something to do: each as files and lines from outside in."""
        names = {t.ident: t.name for t in threading.enumerate()}
        own = {i: f for i, f in sys._current_frames().items() if names.get(i, "").startswith(f"{self._name}_")}
        return [found for frame in own.values() if (found := _stands(frame))]

    def end(self) -> None:
        self._executor.shutdown(wait=False)

    def _new(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._count, thread_name_prefix=self._name)


async def _run(executor: Executor | None, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, _ended, work)


def _ended(work: Callable[[], T]) -> T:
    """Do *work*. A `StopIteration` would reach no future, and whoever waits for it would wait for ever (Python 3.11)."""
    try:
        return work()
    except StopIteration as error:
        raise RuntimeError("a blocking call raised StopIteration") from error


def _stands(frame: FrameType) -> str:
    """Return where a thread stands, "" if it waits for something to do."""
    frames = traceback.extract_stack(frame)
    work = [n for n, f in enumerate(frames) if f.name == _ended.__name__]
    return " ".join(place(f.filename, f.lineno or 0) for f in frames[work[-1] + 1 :][-FRAMES:]) if work else ""


def place(file: str, line: int) -> str:
    """Return a line of code as the log names it."""
    return f"{'/'.join(file.split('/')[-2:])}:{line}"


def where_waits(task: asyncio.Task[None]) -> list[str]:
    """Return where *task* waits, from outside in; nothing if its coroutine is over though the task is not."""
    found: list[str] = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None)
        if frame is not None:
            found.append(place(frame.f_code.co_filename, frame.f_lineno))
        awaited = getattr(awaited, "cr_await", None)
    return found[-FRAMES:]
