"""Results of the writer's thread brought to the event loop, those of one commit in a single call."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Landings:
    """
    Waits for futures of the record on the event loop.

    Each call into the loop from another thread costs a write to a pipe and a change of threads. Whoever promises to call
    `land` after each commit (`expect`) gets one call for all its works; without that promise each future calls by itself.
    """

    def __init__(self) -> None:
        self._done: deque[tuple[Future[Any], asyncio.Future[Any]]] = deque()
        self._is_promised = False

    def expect(self) -> None:
        """From now on `land` is called whenever futures are done."""
        self._is_promised = True

    async def wait(self, future: Future[T]) -> T:
        """Return the result of *future*, or raise its exception; who is cancelled cancels it, if it has not begun."""
        here: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def done(it: Future[T]) -> None:
            self._done.append((it, here))
            if not self._is_promised:
                self.land()

        future.add_done_callback(done)
        if future.done():  # maybe before we asked: then nobody else calls
            self._hand_over()
        try:
            return await here
        except asyncio.CancelledError:
            future.cancel()
            raise

    def land(self) -> None:
        """Hand over what is done. Thread-safe; harmless after the loop's end."""
        with contextlib.suppress(IndexError, RuntimeError):
            self._done[0][1].get_loop().call_soon_threadsafe(self._hand_over)

    def _hand_over(self) -> None:
        while self._done:
            it, here = self._done.popleft()
            if here.done():
                continue
            if it.cancelled():
                here.cancel()
            elif (error := it.exception()) is not None:
                here.set_exception(error)
            else:
                here.set_result(it.result())
