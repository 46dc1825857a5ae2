"""People who answer change: somebody is away or back, or was set in Slack or in the file; cards and lists follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import structlog

from bot.fallbacks import is_member
from bot.office import Office
from complaints.addresses import addresses_of
from complaints.commands import DeskCommand
from complaints.draft import Draft
from complaints.notices import Notice
from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.ports import OpenSeat
from complaints.telling import card_kind
from complaints.world import World
from storage.outbox import LEASE
from storage.record import Transaction

log = structlog.get_logger(__name__)

BEAT, AGAIN = "people", "people again"
UNDER = "|"
"""Between a role and the regulation that asks a qualification of it."""
OFFICER = "@officer"
"""Under what the desk officer stands among those who answer; no member has such an id."""
ON_ITS_WAY = LEASE + timedelta(seconds=10)
"""So long after a change (machine time) a message may still be posted that was drawn before it."""


@dataclass
class DeskActs:
    """Takes what is set in Slack over the desk file to the door, and lets it hold at once."""

    office: Office

    def __call__(self, command: DeskCommand) -> bool:
        """Blocks until it is recorded; False for a repeat. Raises Refusal."""
        done = self.office.desk.arrange(command, policies_in_force(self.office)).result()
        self.office.watched.refresh()
        return done


def policies_in_force(office: Office) -> dict[str, Policy]:
    """Return the policies in force with their annexes, by id."""
    bundles = [office.in_force.in_force(name) for name in office.watched.plan().policies]
    return {p.policy.id: p for b in bundles if b is not None for p in (b.policy, *b.annexes.values())}


@dataclass
class People:
    """
    Looks at each tick who answers for what, and lets cards follow where it is somebody else than before.

    A card in a channel is drawn again, and so is every message to whom came into a role or went out of it, a deputy for some
    days too, and in a channel that became a role's or was one: who may see a customer's name is a matter of roles. So is the card
    of what such a person decided: he may no longer, or again, take it back. Where a role has no channel, who answers now gets a
    card as well. What was seen last is kept in the database: a change while the bot was down is no exception. All of it is done
    once more when nothing drawn before the last change can be on its way any more, also for who came and left in between.
    """

    office: Office
    _seen: dict[str, Any] | None = None
    _again: dict[str, list[str]] = field(default_factory=dict)
    _since: datetime | None = None

    def __call__(self, now: datetime) -> None:
        self.office.watched.refresh()
        found = answering(self.office.watched.plan(), now, policies_in_force(self.office))
        machine_now = self.office.machine.now()
        if self._seen is None or self._since is None:
            self._seen, self._since = self._last(BEAT, found, machine_now)
            self._again, _ = self._last(AGAIN, {}, machine_now)
        if found != self._seen:
            changed = _changed(self._seen, found)
            self._follow(changed, now)
            self._again = {n: sorted({*self._again.get(n, ()), *changed.get(n, ())}) for n in {*self._again, *changed}}
            self._seen, self._since = found, machine_now
            self.office.store.heartbeats.beat(AGAIN, machine_now, self._again)
            self.office.store.heartbeats.beat(BEAT, machine_now, found)
        elif self._again and machine_now - self._since > ON_ITS_WAY:
            self._follow(self._again, now)
            self._again = {}
            self.office.store.heartbeats.beat(AGAIN, machine_now, self._again)

    def _last(self, name: str, first: dict[str, Any], machine_now: datetime) -> tuple[dict[str, Any], datetime]:
        """Return what was kept under that name, and since when; *first* from now on where nothing was."""
        last = self.office.store.heartbeats.last(name)
        if last is not None:
            return last[1], last[0]
        self.office.store.heartbeats.beat(name, machine_now, first)
        return first, machine_now

    def _follow(self, changed: Mapping[str, Iterable[str]], now: datetime) -> None:
        """Let what hangs on *changed* (as `_changed` names it) be looked at again."""
        readers = sorted({reader for of_one in changed.values() for reader in of_one})
        named = sorted({case_id for reader in readers for case_id in self.office.store.reader.naming(reader)})

        def mark(tx: Transaction) -> None:
            tx.readers_changed(readers)
            for case_id in named:
                tx.people_changed(case_id)

        self.office.store.record.now(mark)
        seats = self._seats(changed)
        for case_id, visit in dict.fromkeys((s.case_id, s.visit) for s in seats):
            try:
                self._show(case_id, visit, now)
            except Exception as error:
                log.error("a card could not follow its people", exc_info=error, case=case_id)
        log.info("other people answer now", role=sorted(changed), cards=len(seats))

    def _seats(self, changed: Iterable[str]) -> list[OpenSeat]:
        reader = self.office.store.reader
        members = [name.removeprefix("@") for name in changed if name.startswith("@")]
        roles = sorted({name.partition(UNDER)[0] for name in changed if not name.startswith("@")})
        found = reader.open_seats(roles=roles, member="")
        return [*found, *(seat for member in members for seat in reader.open_seats(roles=(), member=member))]

    def _show(self, case_id: str, number: int, now: datetime) -> None:
        """Draw the case's cards again, and give one to who has none and answers by direct message."""
        case = self.office.store.reader.case(case_id)
        visit = case.visits.get(number) if case is not None else None
        if case is None or visit is None or not visit.is_open:
            return
        draft = Draft(world=self._world(case.bundle, now), actor="", case=case)
        kind, people = card_kind(draft, visit), [to for to in addresses_of(draft, visit) if is_member(to)]

        def work(tx: Transaction) -> None:
            tx.people_changed(case_id)
            new = [to for to in people if to not in tx.addressed(case_id, number, kind)]
            tx.put_out([_card(case_id, number, kind, to) for to in new], now)

        self.office.store.record.now(work)

    def _world(self, bundle: str, now: datetime) -> World:
        office = self.office
        return World(
            now=now, bundle=office.store.shelf.bundle(bundle), people=office.watched.plan(),
            calendars=office.watched.calendars(), serial=_nothing, count=_nothing, load=office.store.reader.case,
            customer=office.customers, bundles=office.store.shelf.bundle,
        )  # fmt: skip


def answering(plan: DeskPlan, now: datetime, policies: Mapping[str, Policy] = MappingProxyType({})) -> dict[str, Any]:
    """Return who answers now, as JSON keeps it: for each role its people and its channel, for each `@member` who is away the
    deputies, and the desk officer; and for each `role|policy` of which a regulation asks a qualification, who has it (GA-04)."""
    found: dict[str, Any] = {OFFICER: {"people": [plan.officer]}}
    for role in plan.roles.values():
        chief = plan.member_holders(role.head, None, now) if role.head else ()
        people = [
            *plan.holders(role.id, now), *plan.deputies(role.id, now), *([role.head] if role.head else []), *chief,
        ]  # fmt: skip
        found[role.id] = {"people": people, "head": role.head, "channel": role.channel}
    for name, policy in policies.items():
        needs = {r: role.needs for r, role in policy.roles.items() if role.needs is not None}
        asked = plan.under(needs)
        held = [role for role in plan.roles if plan.base(role) in needs]
        found |= {f"{role}{UNDER}{name}": {"people": list(asked.holders(role, now))} for role in held}
    for absence in plan.absences:
        if absence.covers(now):
            found[f"@{absence.member}"] = {"people": list(plan.member_holders(absence.member, None, now))}
    return found


def _changed(before: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the entries of `answering` that differ, each with the people and channels that came or left."""
    names = {name for name in {*before, *found} if before.get(name) != found.get(name)}
    return {n: sorted(_readers(before.get(n)) ^ _readers(found.get(n))) for n in names}


def _readers(entry: Any) -> set[str]:
    """Return the people of an entry of `answering`, and its channel; what an older version kept names none."""
    return {*entry["people"], *filter(None, [entry.get("channel")])} if isinstance(entry, dict) else set()


def _card(case_id: str, visit: int, kind: str, to: str) -> Notice:
    return Notice(
        id=f"{case_id}-people-{visit}-{to}", kind=kind, to=to, case_id=case_id, visit=visit, live=True,
    )  # fmt: skip


def _nothing(*_: Any) -> int:
    raise AssertionError("nothing is drawn or counted to find out who answers")
