"""What the conversation needs: the desk to submit to, reads, drafts, policies, people, and Slack for the reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ParamSpec, Protocol, TypeVar

from complaints.choosing import offered
from complaints.commands import CaseCommand, DeskCommand
from complaints.desk import DeskSettings
from complaints.overrides import Override
from complaints.policy import Policy
from complaints.ports import Clock, Customer, Drafts, Reader, Told
from complaints.world import Bundle, World
from handlers.drafts import IntakeDrafts
from handlers.landings import Landings
from handlers.languages import Languages, SlackCalls

P = ParamSpec("P")
T = TypeVar("T")


class Submits(Protocol):
    """The one door (`complaints.desk.Desk`)."""

    def submit(self, command: CaseCommand) -> Future[Told]: ...


class PolicyShelf(Protocol):
    """Every policy version that a case ever began with, and the ones in force."""

    def bundle(self, digest: str) -> Bundle:
        """Return the bundle of that hash; it never changes."""

    def in_force(self, policy: str) -> Bundle | None:
        """Return the version in force for new cases, from memory, or None."""


class PutsInForce(Protocol):
    """Puts a shelved policy version in force."""

    def __call__(self, policy: str, digest: str, actor: str, now: datetime) -> object:
        """Blocks until it is recorded. Raises NotAuthorized, NotAllowedHere (it is in force already)."""


class Trouble(Protocol):
    """What the desk officer can do about messages that did not arrive; *message* is the outbox row. All of it blocks."""

    def send_again(self, message: int) -> bool:
        """Queue it anew; False if it is in no trouble."""

    def address_of(self, message: int) -> str | None:
        """Return to whom a message goes of which nobody can tell whether it is shown; None for any other."""

    def is_there(self, message: int, place: tuple[str, str] | None, actor: str, now: datetime) -> bool:
        """Record that *actor* found it (at channel and ts, where he says so); False if it is not in doubt."""


Respond = Callable[[str, Mapping[str, Any]], Any]


@dataclass(kw_only=True)
class Conversation:
    """
    All that a listener may reach. *customer* finds a customer by its code, *named_in* the one whose name is the
    longest in some words. *respond* posts to a `response_url`. *homes*: who opened App Home since we started;
    *seen*: messages to the app that were answered. *landings*: how results of the desk come back to the loop.
    *answered* is told of each answer: kind, outcome, seconds.
    *arrange* takes an act on the desk itself and blocks until it holds; *overrides* tells from memory what was set so.
    Reads and drafts block, so they run in a thread (`read`).
    """

    desk: Submits
    reader: Reader
    drafts: Drafts
    shelf: PolicyShelf
    settings: DeskSettings
    clock: Clock
    customer: Callable[[str], Customer | None]
    named_in: Callable[[str], Customer | None]
    languages: Languages
    slack: SlackCalls
    respond: Respond
    put_in_force: PutsInForce
    trouble: Trouble
    arrange: Callable[[DeskCommand], bool]
    overrides: Callable[[], tuple[Override, ...]]
    answered: Callable[[str, str, float], object] = lambda kind, outcome, seconds: None
    landings: Landings = field(default_factory=Landings)
    cache: dict[str, object] = field(default_factory=dict)
    homes: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.intake_drafts = IntakeDrafts(self.drafts)

    async def submit(self, command: CaseCommand) -> Told:
        """Submit *command* and wait until it is durable. Raises Refusal."""
        return await self.landings.wait(self.desk.submit(command))

    async def read(self, ask: Callable[P, T], /, *args: P.args, **named: P.kwargs) -> T:
        """Ask the reader or the drafts in a thread, so that the loop goes on."""
        return await asyncio.to_thread(ask, *args, **named)

    def world(self, bundle: Bundle, now: datetime) -> World:
        """
        Return a world to look around in before anything is submitted: who may do what, which form to show.

        Nothing is drawn or counted in it; the desk decides in its own.
        """
        return World(
            now=now,
            bundle=bundle,
            people=self.settings.plan(),
            calendars=self.settings.calendars(),
            serial=lambda series, period: 1,
            count=lambda query: 0,
            load=self.reader.case,
            customer=self.customer,
            bundles=self.shelf.bundle,
            cache=self.cache,
        )

    def policies(self) -> list[tuple[Bundle, Policy]]:
        """Return the policies of this desk in which a complaint can be logged now; not those that another overrides."""
        plan = self.settings.plan()
        found = [b for name in plan.policies if (b := self.shelf.in_force(name)) is not None]
        found = [b for b in found if b.policy.intake is not None]
        left = {p.id for p in offered([b.policy for b in found], plan.choosing)} if len(found) > 1 else None
        return [(b, b.policy) for b in found if left is None or b.policy.id in left]
