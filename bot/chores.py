"""What comes back with the tick: policy files that changed, duties that begin, the daily anchor."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.in_force import Shelved, approvers, policy_folder_of, put_in_force, shelve_policies
from bot.office import Office
from bot.people import policies_in_force
from bot.reporting import report_for, world_for_figures
from complaints.desk_values import wrong_values
from complaints.duties import DueDuty, due_duties, open_duty
from complaints.duty_figures import belongs_to, figures_of, reported_period, wants_figures
from complaints.notices import Notice
from complaints.people import DeskPlan
from complaints.policy import LANGUAGES, Policy
from complaints.qualifications import Ending, endings, told
from complaints.stages import duty_due
from complaints.world import Bundle
from storage.policy_files import policy_files
from storage.record import Transaction

log = structlog.get_logger(__name__)

Stamp = tuple[int, int]
SWEPT_EVERY = timedelta(hours=1)
OUTAGE = timedelta(hours=1)
"""So long nothing was recorded when the desk officer hears of it afterwards (our default)."""


@dataclass
class PolicyFiles:
    """Shelves policy files when they change, and keeps the memory of what is in force up to date."""

    office: Office
    problems: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    wrong_values: list[str] = field(default_factory=list)
    _seen: dict[str, Stamp] | None = None

    def __call__(self, now: datetime) -> None:
        plan = self.office.watched.plan()
        stamps = self._stamps()
        if stamps != self._seen:
            self._shelve(now)
            self._seen = stamps  # not before: what could not be recorded is looked at again
        self.office.in_force.refresh(plan.policies)
        self.wrong_values = list(wrong_values(policies_in_force(self.office).values(), plan.values))

    def _shelve(self, now: datetime) -> None:
        plan, extra = self.office.watched.plan(), self.office.settings.policies
        found = shelve_policies(self.office.store, plan, extra, now)
        self.problems = [f"{s.policy}: {s.problem}" for s in found if s.problem]
        self.waiting = [s.policy for s in found if s.waits]
        for one in found:
            if one.problem:
                log.error(
                    "a policy file can't be used, the version in force stays", policy=one.policy, error=one.problem
                )
            elif one.waits:
                log.info("a new version of a policy waits for its approval", policy=one.policy, label=one.label)
                self._tell(one, now)

    def _tell(self, waiting: Shelved, now: datetime) -> None:
        """Ask who approves the version, once: a card for who answers for that role now."""
        office = self.office
        plan, bundle = office.watched.plan(), office.store.shelf.bundle(waiting.bundle)
        people = approvers(office.store, bundle, plan, now) or (plan.officer,)
        notice = Notice(
            id=f"policy:{waiting.bundle}",
            kind="policy",
            to=people[0],
            live=True,
            facts={
                "policy": waiting.policy,
                "name": bundle.policy.policy.text,
                "digest": waiting.bundle,
                "label": waiting.label,
            },
        )
        office.store.record.now(lambda tx: None if tx.was_told(notice.id) else tx.put_out([notice], now))

    def _stamps(self) -> dict[str, Stamp]:
        """Return the stamps of every file that a bundle of this desk may be made of."""
        extra = self.office.settings.policies
        plan = self.office.watched.plan()
        folders = {policy_folder_of(p, extra) for p in (*plan.policies, *plan.libraries)}
        found: dict[str, Stamp] = {f"library {name}": (0, 0) for name in plan.libraries}
        for folder in folders:
            for path in policy_files(folder).values():
                with suppress(OSError):  # gone meanwhile, or a link to nowhere: reading it says so
                    stat = path.stat()
                    found[str(path)] = (stat.st_mtime_ns, stat.st_size)
        return found


@dataclass
class ByApproval:
    """Puts a waiting version in force for who approves it, and lets new cases run on it at once."""

    office: Office

    def __call__(self, policy: str, digest: str, actor: str, now: datetime) -> None:
        plan = self.office.watched.plan()
        bundle = put_in_force(self.office.store, policy, digest, plan, actor, now)
        self.office.in_force.refresh(plan.policies)
        log.info("a policy version is in force", policy=policy, label=bundle.label, member=actor)


@dataclass
class Duties:
    """
    Begins the duties of the policies in force, each once for its period.

    What had to be done before the desk began to run the policy was not the desk's to see to: it is left out (our default).
    """

    office: Office
    _begun: set[str] = field(default_factory=set)

    def __call__(self, now: datetime) -> None:
        plan, calendars = self.office.watched.plan(), self.office.watched.calendars()
        calendar = calendars[plan.default_calendar]
        due = set()
        for bundle in filter(None, map(self.office.in_force.in_force, plan.policies)):
            for policy in (bundle.policy, *bundle.annexes.values()):
                try:
                    found = list(due_duties(policy, now, calendar, plan.shifts, plan))
                except Exception as error:  # the other regulations' duties begin all the same
                    log.error("duties could not be counted", exc_info=error, policy=policy.policy.id)
                    continue
                for duty in found:
                    due.add(duty.case_id)
                    if duty.case_id not in self._begun:
                        self._begin(duty, bundle, policy, now)
        self._begun &= due

    def _begin(self, duty: DueDuty, bundle: Bundle, policy: Policy, now: datetime) -> None:
        try:
            if self.office.store.reader.case(duty.case_id) is None and not self._was_due_before(
                duty, bundle, policy, now
            ):
                figures = self._figures(duty, bundle, policy, now)
                command = open_duty(duty, self.office.watched.plan().language, bundle.digest, figures)
                self.office.desk.submit(command).result()
        except Exception as error:
            log.error("a duty could not begin", exc_info=error, case=duty.case_id)
        else:
            self._begun.add(duty.case_id)

    def _was_due_before(self, duty: DueDuty, bundle: Bundle, policy: Policy, now: datetime) -> bool:
        """Tell whether the duty of this period was due before the policy was first in force here."""
        plan, calendars = self.office.watched.plan(), self.office.watched.calendars()
        due = duty_due(policy.duties[duty.duty], now, calendars[plan.default_calendar], plan.shifts)
        since = self.office.store.shelf.first_in_force(bundle.policy.id)
        return due is not None and since is not None and due <= since

    def _figures(self, due: DueDuty, bundle: Bundle, policy: Policy, now: datetime) -> dict[str, Any] | None:
        """Count what the duty reports: once, before it begins; its log keeps the numbers as they were."""
        duty = policy.duties[due.duty]
        if not wants_figures(duty, policy):
            return None
        world = world_for_figures(self.office, bundle, now)
        period = reported_period(duty, world.calendar().local(now).date(), world.calendar())
        is_own = belongs_to(duty, policy, dict([due.at]), world.people) if due.at is not None else None
        return figures_of(report_for(self.office, bundle, policy, period, now, is_own), duty)


@dataclass
class Qualifications:
    """Tells people once a day of the qualifications that end: a month and a week before, and when they did."""

    office: Office
    _looked_on: date | None = None

    def __call__(self, now: datetime) -> None:
        plan = self.office.watched.plan()
        today = self.office.watched.calendars()[plan.default_calendar].local(now).date()
        if self._looked_on == today:
            return
        for bundle in filter(None, map(self.office.in_force.in_force, plan.policies)):
            for policy in (bundle.policy, *bundle.annexes.values()):
                for ending in endings(policy, plan, now):
                    self._tell(ending, policy, plan, now)
        self._looked_on = today  # not before: what could not be told is tried again

    def _tell(self, ending: Ending, policy: Policy, plan: DeskPlan, now: datetime) -> None:
        labels = {language: policy.label(ending.qualification, language) for language in LANGUAGES}
        for member in told(ending, plan):
            notice = Notice(
                id=f"{ending.id}:{member}",
                kind="qualification",
                to=member,
                facts={
                    "member": ending.member,
                    "role": ending.role,
                    "until": ending.until.isoformat(),
                    "ended": ending.until <= now,
                    "labels": labels,
                },
            )
            self.office.store.record.now(partial(_tell_once, notice, now))


def _tell_once(notice: Notice, now: datetime, tx: Transaction) -> None:
    if not tx.was_told(notice.id):
        tx.put_out([notice], now)


@dataclass
class Outages:
    """
    Tells the desk officer of an outage of the bot or of its database in which deadlines came due: before they are told, late.

    The tick's own heartbeat says until when anything was recorded; it is every process's, and stays through a restart.
    """

    office: Office

    def __call__(self, now: datetime) -> None:
        beats, until = self.office.store.heartbeats, self.office.machine.now()
        last = beats.last("tick")
        if last is None or until - last[0] < OUTAGE:
            return
        late, _ = beats.overdue_and_not_fired(now)
        if not late:
            return
        log.warning("deadlines came due while nothing was recorded", count=late, since=last[0].isoformat())
        notice = Notice(
            id=f"outage:{last[0].isoformat()}",
            kind="outage",
            to=self.office.watched.plan().officer,
            facts={"since": last[0].isoformat(), "until": until.isoformat(), "late": late},
        )
        self.office.store.record.now(partial(_tell_once, notice, now))


@dataclass
class DirectMessagesRefused:
    """
    Tells the desk officer that Slack lets us open no direct messages: in the fallback channel, once a day as long as it is so.

    *refused*: Slack's error meanwhile, else None.
    """

    office: Office
    refused: Callable[[], str | None]

    def __call__(self, now: datetime) -> None:
        plan = self.office.watched.plan()
        if self.refused() is None or not plan.fallback_channel:
            return
        day = self.office.watched.calendars()[plan.default_calendar].local(now).date()
        notice = Notice(
            id=f"no_direct_messages:{day}",
            kind="no_direct_messages",
            to=plan.fallback_channel,
            facts={"officer": plan.officer},
        )
        self.office.store.record.now(partial(_tell_once, notice, now))


@dataclass
class DailyAnchor:
    """Anchors the heads of all case logs in the desk's log, once a day of the desk."""

    office: Office
    _made_on: date | None = None

    def __call__(self, now: datetime) -> None:
        plan = self.office.watched.plan()
        today = self.office.watched.calendars()[plan.default_calendar].local(now).date()
        if self._made_on == today:
            return
        self.office.store.anchors.make(now)
        self._made_on = today  # not before: what could not be recorded is tried again


@dataclass
class OldDrafts:
    """Removes forms that were begun and not sent, once they are not offered any more: nobody need keep another one for that."""

    office: Office
    _swept_at: datetime | None = None

    def __call__(self, now: datetime) -> None:
        if self._swept_at is None or abs(now - self._swept_at) >= SWEPT_EVERY:
            self.office.store.drafts.sweep(now)
            self._swept_at = now
