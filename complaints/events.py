"""What happened: the facts of a case's log, past tense, in the order in which they were recorded.

Field values are plain JSON (text, number as text, list, yes/no); the policy says how to read them. Free words
stand as a reference `{"$words": id}`: their text is kept apart from the chain, so that it can be erased.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from msgspec import Struct

FieldValues = dict[str, Any]


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """Base of all events; the envelope (seq, at, actor) is `Recorded`."""


class Recorded(Struct, frozen=True, kw_only=True, gc=False):
    """An event in its place: *seq* counts from 1 within the log, *at* is aware UTC, *actor* a member id, or
    `clock`, `desk`, `import`."""

    seq: int
    at: datetime
    actor: str
    event: Event


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
    """Fields that were filled upon a condition are empty again, for it does not hold any more. *fields*: what they were."""

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


# --- time ------------------------------------------------------------------------------------------------


class Step(Struct, frozen=True, kw_only=True, gc=False):
    """A rung of a ladder with its computed instant. *send_at*: when it is sent (quiet hours); *as_*: reminder,
    reminder_slip, escalation, inquiry_slip, notice, rule, waiting_over."""

    id: str
    at: datetime
    send_at: datetime
    as_: str
    tell: tuple[str, ...] = ()
    rung: int = 0


class DeadlineSet(Event, frozen=True, kw_only=True):
    """A clock began to run. *clock*: `stage`, `case`, a clock of the policy, `rule`, `waiting`. *limit* is the
    text of the limit; *due_at* excludes nothing: the last instant in time."""

    deadline: int
    clock: str
    visit: int | None
    starts_at: datetime
    due_at: datetime
    limit: str
    provisional: bool
    calendar_version: str
    steps: tuple[Step, ...]
    ladder: str | None = None
    source: str | None = None
    ours: bool = False


class DeadlineMoved(Event, frozen=True, kw_only=True):
    """The due time moved. *why*: extension, calendar, replaced, restarted, waiting. *steps*: all that are still to
    come; a step that waits keeps its id, a rung that was over comes again under a new one."""

    deadline: int
    due_at: datetime
    provisional: bool
    calendar_version: str
    steps: tuple[Step, ...]
    why: str


class DeadlineHeld(Event, frozen=True, kw_only=True):
    """The clock stands still, as its policy says: nothing of it fires. *due_at*: when it will be due if what it waits for
    ends when it should; `DeadlineMoved` tells when it goes on. *why*: waiting_for_customer or waiting_for_outside."""

    deadline: int
    due_at: datetime
    why: str


class DeadlineEnded(Event, frozen=True, kw_only=True):
    """The clock stopped; steps not reached are cancelled with it. *in_time*: stopped not later than due."""

    deadline: int
    why: str
    in_time: bool
    cancelled: tuple[str, ...] = ()


class StepFired(Event, frozen=True, kw_only=True):
    """A rung was reached and told. *after_outage*: it fired later than it should, with the next tick."""

    deadline: int
    step: str
    as_: str
    told: tuple[str, ...]
    late: bool = False
    next_steps: tuple[Step, ...] = ()


class StepSuperseded(Event, frozen=True, kw_only=True):
    """A later rung was due as well, so only that one was told."""

    deadline: int
    step: str
    by: str


class WaitingBegun(Event, frozen=True, kw_only=True):
    """The case waits for the customer. *stops*: clocks that stand still meanwhile (empty: none, D20)."""

    visit: int
    reason: FieldValues
    until: datetime
    stops: tuple[str, ...] = ()


class WaitingEnded(Event, frozen=True, kw_only=True):
    """The customer answered, or the date came."""

    visit: int
    why: str


class ExtensionAsked(Event, frozen=True, kw_only=True):
    """More time was asked for (D21); without a reason only where the policy wants none."""

    visit: int
    until: datetime
    reason: FieldValues | None


class ExtensionRuled(Event, frozen=True, kw_only=True):
    """The general manager granted or refused more time."""

    visit: int
    granted: bool
    until: datetime | None
    reason: FieldValues | None = None


class EscalationAnswered(Event, frozen=True, kw_only=True):
    """The general manager decided what happens: decide, reassign, extend, meeting."""

    visit: int
    how: str
    words: FieldValues | None = None
    meeting_at: datetime | None = None


class Urged(Event, frozen=True, kw_only=True):
    """Somebody urged (催辦)."""

    visit: int
    words: FieldValues | None = None


# --- words, files, papers --------------------------------------------------------------------------------


class NoteAdded(Event, frozen=True, kw_only=True):
    """Words typed in one of the case's threads, or a remark."""

    words: FieldValues
    channel: str | None = None
    ts: str | None = None
    visit: int | None = None


class FileAdded(Event, frozen=True, kw_only=True):
    """
    A file was given; its bytes count as evidence once stored. *name* is words of a person. *instead_of*: the missed
    file that was given again.
    """

    file: str
    name: FieldValues
    mimetype: str
    size: int
    field: str | None = None
    visit: int | None = None
    instead_of: str | None = None


class FileStored(Event, frozen=True, kw_only=True):
    """The bytes are in the data folder under their SHA-256."""

    file: str
    sha256: str
    size: int


class FileMissed(Event, frozen=True, kw_only=True):
    """The bytes could not be fetched; the card says so until they are given again."""

    file: str
    why: str


class WordsErased(Event, frozen=True, kw_only=True):
    """Row and salt of these words are gone; the digests stay."""

    words: tuple[str, ...]
    why: str


class WordsShown(Event, frozen=True, kw_only=True):
    """Somebody looked at masked data; the look is recorded."""

    what: str


class WordsWithheld(Event, frozen=True, kw_only=True):
    """Somebody asked for masked data that the policy hides from him; nothing was shown, the attempt is recorded."""

    what: str


class CaseExported(Event, frozen=True, kw_only=True):
    """Somebody took the whole case out of the desk as a file; *personal*: with names and contacts, and *why*."""

    form: str
    personal: bool
    why: dict[str, str] | None = None


class CopiesSent(Event, frozen=True, kw_only=True):
    """Copies of a form went to roles (or on paper); *copies* in the order of the form. *kept_back*: roles outside
    the house to which a form that never leaves it did not go."""

    of: str
    to: tuple[str, ...]
    source: str | None = None
    kept_back: tuple[str, ...] = ()


class FiguresTaken(Event, frozen=True, kw_only=True):
    """The figures of the last period were counted for a duty; later corrections do not change them."""

    figures: FieldValues


class RegisterEntered(Event, frozen=True, kw_only=True):
    """A line was entered in a register."""

    register: str
    row: FieldValues
    source: str | None = None


class CallLogged(Event, frozen=True, kw_only=True):
    """One attempt to call the customer back. *result*: reached, no_answer, later, declined."""

    visit: int
    attempt: int
    result: str
    again_at: datetime | None = None
    words: FieldValues | None = None


class AmountComputed(Event, frozen=True, kw_only=True):
    """A calculator of the policy gave an amount out of *inputs*: what it looked at, by name, as it was then. Again when
    an input, a part or the amount becomes another one."""

    entry: str
    amount: str
    parts: FieldValues
    beyond: bool = False
    source: str | None = None
    inputs: FieldValues = {}


class AmountDropped(Event, frozen=True, kw_only=True):
    """A calculator gives no amount any more: its condition is false now, or what it needs is not asked any more."""

    entry: str
    source: str | None = None


class LedgerOwed(Event, frozen=True, kw_only=True):
    """From now on each one owes this much out of this case by a ledger; instead of what was owed out of it before."""

    entry: str
    debts: dict[str, str]
    source: str | None = None


class LedgerTaken(Event, frozen=True, kw_only=True):
    """A month's instalments were taken: *taken* names who, for which case, how much. *month*: `2026-11`."""

    entry: str
    month: str
    taken: tuple[dict[str, str], ...]
    source: str | None = None


class RuleFired(Event, frozen=True, kw_only=True):
    """A rule of the policy took effect; the effects stand beside it."""

    rule: int
    source: str | None = None


class CaseToArchive(Event, frozen=True, kw_only=True):
    """The case is finished: *by* puts its record away and keeps it until *keep_until* (None: no end is known)."""

    by: str
    keep_until: date | None = None
    source: str | None = None


class HoldSet(Event, frozen=True, kw_only=True):
    """A rule holds something back: *acts* that are locked (reply, close, number, export, money), *required* fields or
    stages without which the case does not close. *until*: the happening that lifts it; None: it stays."""

    rule: int
    acts: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    until: str | None = None
    source: str | None = None


class HoldLifted(Event, frozen=True, kw_only=True):
    """What brought a rule's hold about happened again, and the rule's condition does not hold any more."""

    rule: int


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
