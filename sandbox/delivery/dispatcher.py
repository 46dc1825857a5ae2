"""Hands payloads to the app: once for what a person does, with retries for events."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any, Protocol

from sandbox.clocks import MachineClock
from sandbox.delivery.answers import Answer, Attempt, Delivery, about
from sandbox.faults import DELIVERY_FAULTS, Faults
from sandbox.world.changes import Changes

RETRY_AFTER_SECONDS = (0.0, 60.0, 300.0)
KEPT = 100_000


class Transport(Protocol):
    async def send(self, kind: str, payload: dict[str, Any], retry: int, reason: str) -> tuple[Answer, str]: ...


class Dispatcher:
    def __init__(self, transport: Transport, clock: MachineClock, faults: Faults, changes: Changes):
        self.transport, self.clock, self.faults, self.changes = transport, clock, faults, changes
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._held: Delivery | None = None

    async def ask(self, kind: str, payload: dict[str, Any]) -> tuple[Delivery, Answer]:
        """Deliver what a person did, once, and return the app's answer."""
        delivery = self._new(kind, payload)
        faults = {each.kind: each for each in self.faults.striking(DELIVERY_FAULTS, kind)}
        if "delay_delivery" in faults:
            await self.clock.sleep(faults["delay_delivery"].seconds)
        if "redeliver" in faults:
            self._start(self._again(delivery))
        answer = await self._attempt(delivery, 0, "", lost="lose_delivery" in faults)
        if "lose_ack" in faults:
            answer = Answer(problem="timeout")
        self._settle(delivery, answer)
        return delivery, answer

    def tell(self, payload: dict[str, Any]) -> Delivery:
        """Deliver an event in the background, with Slack's three retries."""
        delivery = self._new("events_api", payload)
        faults = {each.kind: each for each in self.faults.striking(DELIVERY_FAULTS, "events_api")}
        if "reorder" in faults and self._held is None:
            self._held = delivery
            delivery.note = "held back until another event has gone"
            return delivery
        self._start(self._persist(delivery, faults))
        return delivery

    def again(self, delivery: Delivery) -> None:
        """Deliver the same payload once more."""
        self._start(self._again(delivery))

    def release(self) -> None:
        """Let the held event go, if there is one."""
        if self._held is not None:
            held, self._held = self._held, None
            self._start(self._persist(held, {}))

    async def _persist(self, delivery: Delivery, faults: dict[str, Any]) -> None:
        if "delay_delivery" in faults:
            await self.clock.sleep(faults["delay_delivery"].seconds)
        answer = await self._attempt(delivery, 0, "", lost="lose_delivery" in faults)
        if "redeliver" in faults:
            self._start(self._again(delivery))
        if "lose_ack" in faults:
            answer = Answer(problem="timeout")
        self.release()
        for number, wait in enumerate(RETRY_AFTER_SECONDS, start=1):
            if answer.problem is None or answer.no_retry:
                break
            await self.clock.sleep(wait)
            answer = await self._attempt(delivery, number, answer.problem)
        self._settle(delivery, answer)

    async def _again(self, delivery: Delivery) -> None:
        await self._attempt(delivery, len(delivery.attempts), "timeout")

    async def _attempt(self, delivery: Delivery, number: int, reason: str, *, lost: bool = False) -> Answer:
        attempt = Attempt(number, self.clock.now())
        delivery.attempts.append(attempt)
        if lost:
            answer = Answer(problem="timeout")
        else:
            answer, attempt.via = await self.transport.send(delivery.kind, delivery.payload, number, reason)
        attempt.took_ms = round((self.clock.now() - attempt.sent_at) * 1000, 2)
        attempt.problem = answer.problem
        return answer

    def _new(self, kind: str, payload: dict[str, Any]) -> Delivery:
        seq = self.deliveries[-1].seq + 1 if self.deliveries else 1
        delivery = Delivery(seq, kind, payload, about(kind, payload))
        self.deliveries.append(delivery)
        return delivery

    def _settle(self, delivery: Delivery, answer: Answer) -> None:
        delivery.status, delivery.answer = answer.problem or "acked", answer.body
        self.changes.tell("delivery", seq_no=delivery.seq, status=delivery.status)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
