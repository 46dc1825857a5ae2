"""Trigger ids: valid three seconds, once. And response urls: five uses in thirty minutes."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.clocks import MachineClock
from sandbox.ids import secret
from sandbox.problems import SlackProblem

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60
RESPONSE_USES = 5


@dataclass
class Trigger:
    id: str
    member_id: str
    at: float
    from_view: str | None = None
    used: bool = False
    view_id: str | None = None


class Triggers:
    def __init__(self, clock: MachineClock):
        self.clock = clock
        self.given: dict[str, Trigger] = {}

    def new(self, member_id: str, from_view: str | None = None) -> Trigger:
        now = self.clock.now()
        trigger = Trigger(f"{int(now * 1000)}.{len(self.given)}.{secret()}", member_id, now, from_view)
        self.given[trigger.id] = trigger
        return trigger

    def exchange(self, trigger_id: str | None) -> Trigger:
        """
        Use the trigger.

        Raises:
            SlackProblem: `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        trigger = self.given.get(trigger_id or "")
        if trigger is None:
            raise SlackProblem("invalid_trigger_id")
        if trigger.used:
            raise SlackProblem("exchanged_trigger_id")
        if self.clock.now() - trigger.at > TRIGGER_SECONDS:
            raise SlackProblem("expired_trigger_id")
        trigger.used = True
        return trigger


@dataclass
class ResponseUrl:
    key: str
    member_id: str
    channel_id: str
    at: float
    message_ts: str | None = None
    from_command: bool = False
    uses: int = 0
    thread_ts: str | None = None


class ResponseUrls:
    def __init__(self, clock: MachineClock):
        self.clock = clock
        self.given: dict[str, ResponseUrl] = {}

    def new(self, member_id: str, channel_id: str, **about: object) -> ResponseUrl:
        given = ResponseUrl(secret(), member_id, channel_id, self.clock.now(), **about)  # type: ignore[arg-type]  # the names are those of its fields
        self.given[given.key] = given
        return given

    def use(self, key: str) -> ResponseUrl:
        """
        Count one use.

        Raises:
            SlackProblem: `expired_url` after 30 minutes, `used_url` after five uses.
        """
        given = self.given.get(key)
        if given is None or self.clock.now() - given.at > RESPONSE_SECONDS:
            raise SlackProblem("expired_url", status=404)
        if given.uses >= RESPONSE_USES:
            raise SlackProblem("used_url", status=404)
        given.uses += 1
        return given
