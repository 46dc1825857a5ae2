"""The load: so many requests in flight on connections that are kept, each answer's time and status."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.bench.figures import percentile

MILLISECONDS = 1e3
LONGEST_SECONDS = 120


@dataclass
class Answers:
    """What came back: *times* in seconds, in the order of the answers."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    def ms(self, share: float) -> float:
        """Return the time that *share* of the answers did not exceed, in milliseconds."""
        return percentile(self.times, share) * MILLISECONDS

    def must_be_good(self) -> Answers:
        """Return this. Raises: RuntimeError when an answer was not 200."""
        if set(self.statuses) != {200}:
            raise RuntimeError(f"answers were not all 200: {dict(self.statuses)}")
        return self


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is whole."""

    def __init__(self, waiting: Iterator[bytes], answers: Answers, done: asyncio.Future[None]) -> None:
        self._waiting, self._answers, self._done = waiting, answers, done
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if (status := _whole(self._buffer)) is not None:
            self._answers.times.append(time.perf_counter() - self._sent_at)
            self._answers.statuses[status] += 1
            self._buffer = b""
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        request = next(self._waiting, None)
        if request is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


def _whole(buffer: bytes) -> int | None:
    """Return the status of a complete answer, None while some of it is missing."""
    head, found, body = buffer.partition(b"\r\n\r\n")
    if not found:
        return None
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        complete = body.endswith(b"0\r\n\r\n")
    else:
        _, _, length = lower.partition(b"content-length:")
        complete = len(body) >= int(length.split(b"\r\n", 1)[0] or 0)
    return int(head.split(b" ", 2)[1]) if complete else None


async def _fire(port: int, requests: Sequence[bytes], in_flight: int) -> Answers:
    loop, answers, waiting = asyncio.get_running_loop(), Answers(), iter(requests)
    ends = [loop.create_future() for _ in range(min(in_flight, len(requests)))]
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(partial(_Connection, waiting, answers, end), "127.0.0.1", port)
    async with asyncio.timeout(LONGEST_SECONDS):
        await asyncio.gather(*ends)
    answers.seconds = time.perf_counter() - began
    return answers


def fire(port: int, requests: Sequence[bytes], in_flight: int) -> Answers:
    """Send *requests* with *in_flight* of them under way at any time."""
    return asyncio.run(_fire(port, requests, in_flight))
