"""What happened: the facts of a case's log, past tense, in the order in which they were recorded.

Field values are plain JSON (text, number as text, list, yes/no); the policy says how to read them. Free words
stand as a reference `{"$words": id}`: their text is kept apart from the chain, so that it can be erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

FieldValues = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Base of all events; the envelope (seq, at, actor) is `Recorded`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """An event in its place: *seq* counts from 1 within the log, *at* is aware UTC, *actor* a member id, or
    `clock`, `desk`, `import`."""

    seq: int
    at: datetime
    actor: str
    event: Event


# --- the case itself -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseOpened(Event):
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


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseImported(Event):
    """An open paper case came in: its old number, when it was received, which stage it stands at."""

    old_number: str
    received_at: datetime
    stage: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseNumbered(Event):
    """The number was drawn, without gaps, in this transaction. *period*: what the serial restarts with."""

    number: str
    series: str
    period: str
    serial: int
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldsSet(Event):
    """Fields were filled (*visit* names where) or amended (*reason* is set, and what they were before)."""

    fields: FieldValues
    visit: int | None = None
    reason: FieldValues | None = None
    before: FieldValues | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseClosed(Event):
    """The outcome is fixed and the case clock stops; follow-ups may still be open."""

    outcome: str
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeTold(Event):
    """The customer was told the outcome, by whom and by which channel."""

    channel: str
    words: FieldValues | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFinished(Event):
    """No follow-up is open any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseReopened(Event):
    """A closed case goes on."""

    stage: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseWithdrawn(Event):
    """The reporter took the complaint back."""

    reason: FieldValues


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseVoided(Event):
    """It was no case; its number stays used, it leaves the statistics."""

    reason: FieldValues


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseMerged(Event):
    """It is the same matter as another case, which goes on."""

    into: str
    reason: FieldValues


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLinked(Event):
    """Another case belongs to this one. *link*: refused, repeat, sub, objection, merged."""

    other: str
    link: str
    blocks: str = "none"
    branch: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedCaseEnded(Event):
    """A sub-procedure that this case waited for is closed; *taken* are the fields it gave back."""

    other: str
    taken: FieldValues


# --- route -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchOpened(Event):
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


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchMoved(Event):
    """The branch stands at *step* of its path now (counted from 0)."""

    branch: int
    step: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchEnded(Event):
    """The branch reached its end (`done`) or was given up (`dropped`)."""

    branch: int
    how: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitOpened(Event):
    """A stage got its turn. *round* counts the stage's turns in this case from 1."""

    visit: int
    branch: int
    stage: str
    round: int
    seats: tuple[Seat, ...]
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatAnswered(Event):
    """Somebody of the seat decided. *on_behalf_of*: the member or role deputised for. *capacity*: member,
    deputy, head, fallback, general_manager."""

    visit: int
    seat: int
    decision: str
    on_behalf_of: str | None = None
    capacity: str = "member"
    reason: FieldValues | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitDone(Event):
    """The stage is over with *decision*; the route goes on as the policy says."""

    visit: int
    decision: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitDropped(Event):
    """The visit ended without a decision of its own. *why*: returned, taken_back, void, withdrawn, merged,
    superseded, closed."""

    visit: int
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionTakenBack(Event):
    """The decider took the decision back before the next one acted; in a visit still open only the seat's answer."""

    visit: int
    seat: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatAdded(Event):
    """A signer was added; the visit's limit does not move."""

    visit: int
    seat: Seat
    reason: FieldValues | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOver(Event):
    """The seat goes to another person (or another role) for good."""

    visit: int
    seat: int
    member: str | None
    role: str | None = None
    reason: FieldValues | None = None
    by_general_manager: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionAsked(Event):
    """The decider asks the reporter; the limit goes on."""

    visit: int
    question: int
    to: str
    words: FieldValues


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionAnswered(Event):
    """The reporter answered."""

    question: int
    words: FieldValues


# --- time ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A rung of a ladder with its computed instant. *send_at*: when it is sent (quiet hours); *as_*: reminder,
    reminder_slip, escalation, inquiry_slip, notice, rule, waiting_over."""

    id: str
    at: datetime
    send_at: datetime
    as_: str
    tell: tuple[str, ...] = ()
    rung: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineSet(Event):
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


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineMoved(Event):
    """The due time moved. *why*: extension, calendar, replaced, restarted, waiting. *steps*: all that are still to
    come; a step that waits keeps its id, a rung that was over comes again under a new one."""

    deadline: int
    due_at: datetime
    provisional: bool
    calendar_version: str
    steps: tuple[Step, ...]
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineEnded(Event):
    """The clock stopped; steps not reached are cancelled with it. *in_time*: stopped not later than due."""

    deadline: int
    why: str
    in_time: bool
    cancelled: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StepFired(Event):
    """A rung was reached and told. *after_outage*: it fired later than it should, with the next tick."""

    deadline: int
    step: str
    as_: str
    told: tuple[str, ...]
    late: bool = False
    next_steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StepSuperseded(Event):
    """A later rung was due as well, so only that one was told."""

    deadline: int
    step: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingBegun(Event):
    """The case waits for the customer. *stops*: clocks that stand still meanwhile (empty: none, D20)."""

    visit: int
    reason: FieldValues
    until: datetime
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingEnded(Event):
    """The customer answered, or the date came."""

    visit: int
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtensionAsked(Event):
    """More time was asked for (D21)."""

    visit: int
    until: datetime
    reason: FieldValues


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtensionRuled(Event):
    """The general manager granted or refused more time."""

    visit: int
    granted: bool
    until: datetime | None
    reason: FieldValues | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationAnswered(Event):
    """The general manager decided what happens: decide, reassign, extend, meeting."""

    visit: int
    how: str
    words: FieldValues | None = None
    meeting_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Urged(Event):
    """Somebody urged (催辦)."""

    visit: int
    words: FieldValues | None = None


# --- words, files, papers --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteAdded(Event):
    """Words typed in one of the case's threads, or a remark."""

    words: FieldValues
    channel: str | None = None
    ts: str | None = None
    visit: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FileAdded(Event):
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


@dataclass(frozen=True, kw_only=True, slots=True)
class FileStored(Event):
    """The bytes are in the data folder under their SHA-256."""

    file: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FileMissed(Event):
    """The bytes could not be fetched; the card says so until they are given again."""

    file: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WordsErased(Event):
    """Row and salt of these words are gone; the digests stay."""

    words: tuple[str, ...]
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WordsShown(Event):
    """Somebody looked at masked data; the look is recorded."""

    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CopiesSent(Event):
    """Copies of a form went to roles (or on paper); *copies* in the order of the form. *kept_back*: roles outside
    the house to which a form that never leaves it did not go."""

    of: str
    to: tuple[str, ...]
    source: str | None = None
    kept_back: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FiguresTaken(Event):
    """The figures of the last period were counted for a duty; later corrections do not change them."""

    figures: FieldValues


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterEntered(Event):
    """A line was entered in a register."""

    register: str
    row: FieldValues
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLogged(Event):
    """One attempt to call the customer back. *result*: reached, no_answer, later, declined."""

    visit: int
    attempt: int
    result: str
    again_at: datetime | None = None
    words: FieldValues | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AmountComputed(Event):
    """A calculator of the policy gave an amount."""

    entry: str
    amount: str
    parts: FieldValues
    beyond: bool = False
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerOwed(Event):
    """From now on each one owes this much out of this case by a ledger; instead of what was owed out of it before."""

    entry: str
    debts: dict[str, str]
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerTaken(Event):
    """A month's instalments were taken: *taken* names who, for which case, how much. *month*: `2026-11`."""

    entry: str
    month: str
    taken: tuple[dict[str, str], ...]
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleFired(Event):
    """A rule of the policy took effect; the effects stand beside it."""

    rule: int
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseToArchive(Event):
    """The case is finished: *by* puts its record away and keeps it until *keep_until* (None: no end is known)."""

    by: str
    keep_until: date | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldSet(Event):
    """A rule holds something back: *acts* that are locked (reply, close, number, export, money), *required* fields or
    stages without which the case does not close. *until*: the happening that lifts it; None: it stays."""

    rule: int
    acts: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    until: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldLifted(Event):
    """What brought a rule's hold about happened again, and the rule's condition does not hold any more."""

    rule: int


# --- the desk's own log ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyProposed(Event):
    """A file was read whose content is new."""

    policy: str
    label: str
    bundle: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyPutInForce(Event):
    """A version takes effect for new cases, by a recorded approval."""

    policy: str
    label: str
    bundle: str
    first: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarChanged(Event):
    """A calendar of the desk file counts differently from now on. *spec*: its entry, so that what was counted with
    it can be explained later. *version*: hash of its days and hours."""

    calendar: str
    version: str
    spec: FieldValues


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadsAnchored(Event):
    """The daily anchor: one digest over the chain heads of all case logs."""

    digest: str
    logs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OverrideSet(Event):
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


@dataclass(frozen=True, kw_only=True, slots=True)
class OverrideWithdrawn(Event):
    """The desk file holds again. *override*: the place of its `OverrideSet` in this log."""

    override: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageFound(Event):
    """The desk officer found a message of which nobody could tell whether it is shown. *message*: the outbox row."""

    message: int
    to: str
    case_id: str | None = None
