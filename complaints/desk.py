"""The one door: every click and every tick is submitted here, decided on, and recorded in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from complaints import case as c
from complaints.case import Case
from complaints.commands import (
    CLOCK,
    CaseCommand,
    ChangeVersion,
    DeadlineReached,
    DeskCommand,
    ImportCase,
    LinkedCaseClosed,
    OpenCase,
    RepeatCame,
)
from complaints.lifecycle import decide
from complaints.overriding import Office
from complaints.overriding import decide as decide_on_desk
from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.ports import Clock, Customer, Record, Told, Tx
from complaints.refusals import NotAllowedHere, UnknownCase
from complaints.workdays import WorkCalendar
from complaints.world import Bundle, World, no_customer


class Shelf(Protocol):
    """Every policy version that a case ever began with."""

    def bundle(self, digest: str) -> Bundle:
        """Return the bundle of that hash; it never changes."""


class DeskSettings(Protocol):
    """What is in force now: people, calendars. Read anew at each act (DESIGN §2)."""

    def plan(self) -> DeskPlan: ...
    def calendars(self) -> Mapping[str, WorkCalendar]: ...


@dataclass
class Desk:
    """
    The desk of a company.

    `submit` returns a future that is done when the commit is durable; its exception is a `Refusal` when the
    procedure says no (nothing was recorded then).
    """

    record: Record
    shelf: Shelf
    settings: DeskSettings
    clock: Clock
    customer: Callable[[str], Customer | None] = no_customer
    past_calendars: Callable[[], tuple[WorkCalendar, ...]] = tuple
    cache: dict[str, object] = field(default_factory=dict)

    def submit(self, command: CaseCommand) -> Future[Told]:
        """Decide on *command* and record the ruling; a repeat of the same key changes nothing."""
        now = self.clock.now()
        return self.record.submit(lambda tx: self.take(tx, command, now), case=command.case_id, key=command.key)

    def take(self, tx: Tx, command: CaseCommand, now: datetime) -> Told:
        """
        Decide and record inside a transaction that is already open (the tick's).

        The case is loaded, and so locked, before the key is looked up: the same act may be on its way through another
        replica, and whoever comes second is told that it is done, not that it comes too late.
        """
        case = tx.load(command.case_id)
        done = tx.done_before(command.key)
        if done is not None:
            case = case if done == command.case_id else tx.load(done)
            first = tx.contents_of(command.key) if command.contents else None
            return Told(case=case, repeated=True, changed=first not in (None, command.contents))
        if case is None and not isinstance(command, OpenCase | ImportCase):
            raise UnknownCase(name=command.case_id)
        if case is not None and isinstance(command, OpenCase | ImportCase):
            return Told(case=case, repeated=True)
        return self._rule(tx, case, command, now)

    def reach(self, tx: Tx, case_id: str, deadline: int, now: datetime) -> Told:
        """Fire what is due of a deadline (the tick's way in)."""
        case = tx.load(case_id)
        if case is None or deadline not in case.deadlines:
            return Told(case=case)
        steps = [s.id for s in case.deadlines[deadline].steps if s.send_at <= now]
        if not steps:
            return Told(case=case)
        key = f"{case_id}:d{deadline}:{case.seq}:{'+'.join(steps)}"
        return self._rule(tx, case, DeadlineReached(actor=CLOCK, key=key, case_id=case_id, deadline=deadline), now)

    def arrange(self, command: DeskCommand, policies: Mapping[str, Policy]) -> Future[bool]:
        """
        Decide on the desk itself and record it in the desk's log; False for a repeat of the same key.

        *policies*: those in force by id, with their annexes: what they leave to the desk can be set.
        """
        now = self.clock.now()
        return self.record.submit(lambda tx: self._arrange(tx, command, policies, now))

    def _arrange(self, tx: Tx, command: DeskCommand, policies: Mapping[str, Policy], now: datetime) -> bool:
        overrides = tx.overrides()  # locks the desk's log: as in `take`
        if tx.done_before(command.key) is not None:
            return False
        office = Office(
            plan=self.settings.plan(),
            overrides=overrides,
            calendars=tuple(self.settings.calendars()),
            policies=policies,
            now=now,
        )
        tx.record_desk([decide_on_desk(command, office)], actor=command.actor, at=now, key=command.key)
        return True

    def world(self, tx: Tx, bundle: Bundle, now: datetime) -> World:
        """Return what a decision in this transaction may look at."""
        return World(
            now=now,
            bundle=bundle,
            people=self.settings.plan(),
            calendars=self.settings.calendars(),
            serial=tx.next_serial,
            count=tx.count_cases,
            find=tx.find_cases,
            namesake=tx.namesake,
            words=tx.words_of,
            load=tx.load,
            customer=self.customer,
            ledger=tx.ledger,
            past_calendars=self.past_calendars(),
            bundles=self.shelf.bundle,
            cache=self.cache,
        )

    def _rule(self, tx: Tx, case: Case | None, command: CaseCommand, now: datetime) -> Told:
        world = self.world(tx, self._bundle(tx, case, command), now)
        if isinstance(command, ChangeVersion) and case is not None:
            world = replace(world, previous=self.shelf.bundle(case.bundle))
        ruling = decide(case, command, world)
        if ruling.events:
            tx.record(
                ruling.case, ruling.events, ruling.notices,
                key=command.key, words=ruling.words, contents=command.contents,
            )  # fmt: skip
        for child in ruling.spawned:
            self.take(tx, child, now)
        for first in ruling.repeats:
            self.take(
                tx, RepeatCame(actor=CLOCK, key=f"{ruling.case.id}:repeat", case_id=first, other=ruling.case.id), now
            )
        if ruling.case.parent and ruling.case.link == "sub" and ruling.case.status in (c.CLOSED, *c.ENDED):
            self._tell_parent(tx, ruling.case, now)
        return Told(case=ruling.case, events=ruling.events)

    def _bundle(self, tx: Tx, case: Case | None, command: CaseCommand) -> Bundle:
        if case is not None:
            return self.shelf.bundle(command.bundle if isinstance(command, ChangeVersion) else case.bundle)
        assert isinstance(command, OpenCase | ImportCase)
        digest = getattr(command, "bundle", None) or tx.in_force(command.policy)
        if digest is None:
            raise NotAllowedHere("no_policy_in_force", source=None, policy=command.policy)
        return self.shelf.bundle(digest)

    def _tell_parent(self, tx: Tx, child: Case, now: datetime) -> None:
        """Let the parent of a closed sub-procedure go on, in the same transaction."""
        parent = tx.load(str(child.parent))
        if parent is None or all(x.other != child.id or x.ended for x in parent.links):
            return
        first = next(iter(child.branches.values()), None)
        command = LinkedCaseClosed(
            actor=CLOCK, key=f"{child.id}:closed:{child.seq}", case_id=parent.id, other=child.id,
            ran=(child.policy, *((first.route,) if first is not None else ())), filled=child.fields,
        )  # fmt: skip
        self.take(tx, command, now)
