"""What happened: the facts of a case's log, past tense, in the order in which they were recorded; and the desk's own.

Every kind has its name here; those of time stand in `events_time`, those of words and papers in `events_papers`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from complaints.events_base import (
    Event,
    FieldValues,
    Recorded,
)
from complaints.events_papers import (
    AmountComputed,
    AmountDropped,
    CallLogged,
    CaseExported,
    CaseToArchive,
    CopiesSent,
    FiguresTaken,
    FileAdded,
    FileMissed,
    FileStored,
    HoldLifted,
    HoldSet,
    LedgerOwed,
    LedgerTaken,
    NoteAdded,
    RegisterEntered,
    RuleFired,
    WordsErased,
    WordsShown,
    WordsWithheld,
)
from complaints.events_time import (
    DeadlineEnded,
    DeadlineHeld,
    DeadlineMoved,
    DeadlineSet,
    EscalationAnswered,
    ExtensionAsked,
    ExtensionRuled,
    Step,
    StepFired,
    StepSuperseded,
    Urged,
    WaitingBegun,
    WaitingEnded,
)

# --- the case itself -------------------------------------------------------------------------------------


class CaseOpened(Event, frozen=True, kw_only=True):
    """A case begins with its first recorded act. *bundle*: hash of the policy and its annexes, pinned.
    *kind*: complaint, duty or sub. *via*: where it was logged (command, shortcut, message, home, parent,
    clock, import)."""

    case_id: str
    policy: str
    bundle: str
    kind: str
    via: str
    reporter: str
    parent: str | None = None
    link: str | None = None
    language: str = "en"
    duty: str | None = None
    period: str | None = None


class CaseImported(Event, frozen=True, kw_only=True):
    """An open paper case came in: its old number, when it was received, which stage it stands at."""

    old_number: str
    received_at: datetime
    stage: str


class VersionChanged(Event, frozen=True, kw_only=True):
    """The case goes on under another version of its policy. *stages*: names of stages that changed; *places*: path and
    step of each open branch in the new paths; *rules*: old numbers of rules to new ones, for what they hold and time."""

    bundle: str
    label: str
    reason: FieldValues
    stages: dict[str, str]
    places: dict[str, list[Any]]
    rules: dict[str, int]


class CaseNumbered(Event, frozen=True, kw_only=True):
    """The number was drawn, without gaps, in this transaction. *period*: what the serial restarts with."""

    number: str
    series: str
    period: str
    serial: int
    source: str | None = None


class FieldsSet(Event, frozen=True, kw_only=True):
    """Fields were filled (*visit* names where) or amended (*reason* is set, and what they were before)."""

    fields: FieldValues
    visit: int | None = None
    reason: FieldValues | None = None
    before: FieldValues | None = None


class FieldsDropped(Event, frozen=True, kw_only=True):
    """Fields are empty again: the condition upon which they were filled does not hold any more, or they were taken out of the
    form. *fields*: what they were."""

    fields: FieldValues
    visit: int | None = None


class GradeGiven(Event, frozen=True, kw_only=True):
    """A table of the policy gave the case its grade, or another one than *before*, out of *counted*: what was counted from
    other cases, by field, as it was then. *reads*: for the grade and each count the fields of this case that it reads;
    when one of them becomes another thing, it is given or counted anew."""

    field: str
    grade: str
    before: str | None = None
    counted: FieldValues = {}
    reads: dict[str, tuple[str, ...]] = {}
    source: str | None = None


class CaseClosed(Event, frozen=True, kw_only=True):
    """The outcome is fixed and the case clock stops; follow-ups may still be open."""

    outcome: str
    source: str | None = None


class OutcomeTold(Event, frozen=True, kw_only=True):
    """The customer was told the outcome, by whom and by which channel."""

    channel: str
    words: FieldValues | None = None


class CaseFinished(Event, frozen=True, kw_only=True):
    """No follow-up is open any more."""


class CaseReopened(Event, frozen=True, kw_only=True):
    """A closed case goes on."""

    stage: str
    why: str


class CaseWithdrawn(Event, frozen=True, kw_only=True):
    """The reporter took the complaint back."""

    reason: FieldValues


class CaseVoided(Event, frozen=True, kw_only=True):
    """It was no case; its number stays used, it leaves the statistics."""

    reason: FieldValues


class CaseMerged(Event, frozen=True, kw_only=True):
    """It is the same matter as another case, which goes on."""

    into: str
    reason: FieldValues


class CaseLinked(Event, frozen=True, kw_only=True):
    """Another case belongs to this one. *link*: refused, repeat, sub, objection, merged."""

    other: str
    link: str
    blocks: str = "none"
    branch: int | None = None


class LinkedCaseEnded(Event, frozen=True, kw_only=True):
    """A sub-procedure that this case waited for is closed; *taken* are the fields it gave back."""

    other: str
    taken: FieldValues


# --- route -----------------------------------------------------------------------------------------------


class BranchOpened(Event, frozen=True, kw_only=True):
    """A way through a path begins. *follow_up*: it does not hold the case clock. *parent*: the branch whose
    `together` it belongs to. *bound*: what `each` binds in this run."""

    branch: int
    route: str
    path: str = ""
    follow_up: bool = False
    parent: int | None = None
    bound: FieldValues | None = None
    by_hand: bool = False
    source: str | None = None


class BranchMoved(Event, frozen=True, kw_only=True):
    """The branch stands at *step* of its path now (counted from 0)."""

    branch: int
    step: int


class BranchEnded(Event, frozen=True, kw_only=True):
    """The branch reached its end (`done`) or was given up (`dropped`)."""

    branch: int
    how: str


class Seat(Struct, frozen=True, kw_only=True, gc=False):
    """One who must act in a visit: a role of the policy (with an instance such as a unit), or one member.

    *kind*: `main`, `with`, `sign`, `added`. *place*: `beside`, `before`, `after` (order of acting). *absent*: the
    role or member that stands in while nobody of the seat's own is there."""

    id: int
    role: str | None = None
    unit: str | None = None
    member: str | None = None
    kind: str = "main"
    place: str = "beside"
    head: bool = False
    absent: str | None = None


class VisitOpened(Event, frozen=True, kw_only=True):
    """A stage got its turn. *round* counts the stage's turns in this case from 1."""

    visit: int
    branch: int
    stage: str
    round: int
    seats: tuple[Seat, ...]
    source: str | None = None


class SeatAnswered(Event, frozen=True, kw_only=True):
    """Somebody of the seat decided. *on_behalf_of*: the member or role deputised for. *capacity*: member,
    deputy, head, fallback, general_manager."""

    visit: int
    seat: int
    decision: str
    on_behalf_of: str | None = None
    capacity: str = "member"
    reason: FieldValues | None = None


class VisitDone(Event, frozen=True, kw_only=True):
    """The stage is over with *decision*; the route goes on as the policy says."""

    visit: int
    decision: str
    target: str


class VisitDropped(Event, frozen=True, kw_only=True):
    """The visit ended without a decision of its own. *why*: returned, taken_back, void, withdrawn, merged,
    superseded, closed."""

    visit: int
    why: str


class DecisionTakenBack(Event, frozen=True, kw_only=True):
    """
    The decider took the decision back before the next one acted; in a visit still open only the seat's answer.

    *later*: the seats whose turn that answer had made it; they wait for it again.
    """

    visit: int
    seat: int
    later: tuple[int, ...] = ()


class SeatAdded(Event, frozen=True, kw_only=True):
    """A signer was added; the visit's limit does not move."""

    visit: int
    seat: Seat
    reason: FieldValues | None = None


class HandedOver(Event, frozen=True, kw_only=True):
    """The seat goes to another person (or another role) for good."""

    visit: int
    seat: int
    member: str | None
    role: str | None = None
    reason: FieldValues | None = None
    by_general_manager: bool = False


class QuestionAsked(Event, frozen=True, kw_only=True):
    """The decider asks the reporter; the limit goes on."""

    visit: int
    question: int
    to: str
    words: FieldValues


class QuestionAnswered(Event, frozen=True, kw_only=True):
    """The reporter answered."""

    question: int
    words: FieldValues


# --- the desk's own log ----------------------------------------------------------------------------------


class PolicyProposed(Event, frozen=True, kw_only=True):
    """A file was read whose content is new."""

    policy: str
    label: str
    bundle: str


class PolicyPutInForce(Event, frozen=True, kw_only=True):
    """A version takes effect for new cases, by a recorded approval."""

    policy: str
    label: str
    bundle: str
    first: bool = False


class CalendarChanged(Event, frozen=True, kw_only=True):
    """A calendar of the desk file counts differently from now on. *spec*: its entry, so that what was counted with
    it can be explained later. *version*: hash of its days and hours."""

    calendar: str
    version: str
    spec: FieldValues


class HeadsAnchored(Event, frozen=True, kw_only=True):
    """The daily anchor: one digest over the chain heads of all case logs."""

    digest: str
    logs: int


class OverrideSet(Event, frozen=True, kw_only=True):
    """
    Something was set in Slack that overrides the desk file until it is withdrawn. *kind*: absence, deputy, members,
    head, closure or value; *about*: the member, role, calendar or policy. *from_on*, *until_on*: ISO dates of the
    desk's zone, both included; None is without a limit on that side.
    """

    kind: str
    about: str
    value: FieldValues
    from_on: str | None = None
    until_on: str | None = None


class OverrideWithdrawn(Event, frozen=True, kw_only=True):
    """The desk file holds again. *override*: the place of its `OverrideSet` in this log."""

    override: int


class MessageFound(Event, frozen=True, kw_only=True):
    """The desk officer found a message of which nobody could tell whether it is shown. *message*: the outbox row."""

    message: int
    to: str
    case_id: str | None = None
