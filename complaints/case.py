"""The state of a case: what its log adds up to, kept small enough to be read whole at every click."""

from __future__ import annotations

from collections.abc import Set
from copy import copy
from datetime import date, datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import fields

from complaints import events as e

OPEN, CLOSED, FINISHED, WITHDRAWN, VOID, MERGED = "open", "closed", "finished", "withdrawn", "void", "merged"
ENDED = frozenset({FINISHED, WITHDRAWN, VOID, MERGED})


class Answer(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a seat answered, by whom and when."""

    decision: str
    by: str
    at: datetime
    on_behalf_of: str | None = None
    capacity: str = "member"


class SeatState(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A seat with its answer, if it has one. *has_card*: its turn was taken away again, its card stayed and waits."""

    seat: e.Seat
    answer: Answer | None = None
    has_card: bool = False


class Call(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An attempt to call the customer back. *result*: reached, no_answer, later, declined."""

    at: datetime
    by: str
    result: str


class Visit(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """
    A stage's turn in this case. *ended*: done, or why it was dropped; None while it is open. *extended_again*: how often
    it got more time after the first time.
    """

    id: int
    branch: int
    stage: str
    round: int
    opened_at: datetime
    seats: tuple[SeatState, ...]
    source: str | None = None
    ended: str | None = None
    ended_at: datetime | None = None
    decision: str | None = None
    decided_by: str | None = None
    in_time: bool | None = None
    filled: tuple[str, ...] = ()
    waiting_until: datetime | None = None
    extended: bool = False
    extension_asked: datetime | None = None
    escalated_at: datetime | None = None
    attempts: int = 0
    again_at: datetime | None = None
    calls: tuple[Call, ...] = ()
    reassigned: bool = False
    extended_again: int = 0

    @property
    def extensions(self) -> int:
        """How often it got more time."""
        return self.extended + self.extended_again

    @property
    def is_open(self) -> bool:
        return self.ended is None

    @property
    def key(self) -> str:
        """The visit's name for people and logs: stage and round."""
        return f"{self.stage}#{self.round}"


class Branch(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A way through a path: where it stands, and whether it holds the case clock."""

    id: int
    route: str
    path: str = ""
    step: int = -1
    follow_up: bool = False
    parent: int | None = None
    bound: dict[str, Any] = field(default_factory=dict)
    ended: str | None = None
    waits_for: str | None = None
    rounds: int = 0


class Deadline(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """
    A running clock with the steps that were not reached yet. *turns*: the highest turn that a step's id names.
    *granted*: its due time was granted or waited for, not only counted. *counted*: the calendars that it was counted
    with before, each with the instant until which. *held_at*: since when it stands still, and *held_due* its due time then.
    *extensions*: how often more time for a stage moved it, where it is a clock of the whole case.
    """

    id: int
    clock: str
    visit: int | None
    starts_at: datetime
    due_at: datetime
    limit: str
    provisional: bool
    calendar_version: str
    steps: tuple[e.Step, ...]
    ladder: str | None = None
    source: str | None = None
    ours: bool = False
    first_due_at: datetime | None = None
    ended: str | None = None
    in_time: bool | None = None
    turns: int = 1
    granted: bool = False
    counted: tuple[tuple[str, datetime], ...] = ()
    held_at: datetime | None = None
    held_due: datetime | None = None
    extensions: int = 0

    @property
    def next_at(self) -> datetime | None:
        """When the tick must look at it next: the earliest step to send; None when it is over or stands still."""
        if self.ended is not None or self.held_at is not None:
            return None
        return min((s.send_at for s in self.steps), default=None)


class Question(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A question to the reporter; *answered* once it was."""

    id: int
    visit: int
    by: str
    to: str
    words: dict[str, Any]
    at: datetime
    answered: bool = False


class CaseFile(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A file on the case; evidence once *sha256* is known."""

    id: str
    name: dict[str, Any]
    mimetype: str
    size: int
    by: str
    field: str | None = None
    visit: int | None = None
    sha256: str | None = None
    missed: str | None = None


class Link(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Another case that belongs to this one."""

    other: str
    link: str
    blocks: str = "none"
    branch: int | None = None
    ended: bool = False


class LedgerLine(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """
    A line of a ledger. *log*: the case in whose log it stands; *case_id*: the case out of which it is owed. *kind*:
    owed, paid (then in *month*). *at*: ISO 8601, for the order. *seq*: the event's.
    """

    log: str
    entry: str
    kind: str
    who: str
    case_id: str
    amount: str
    at: str
    seq: int
    month: str = ""


class Hold(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a rule holds back: acts that are locked, fields and stages that closing waits for. *until*: a happening."""

    rule: int
    set_at: datetime
    acts: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    until: str | None = None
    source: str | None = None


class Grade(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """
    A grade as its table gave it last. *reads*: for the grade and each count behind it the fields that it reads. *by_hand*:
    somebody or a rule set another one since; the table's does not come back.
    """

    value: str
    reads: dict[str, tuple[str, ...]]
    by_hand: bool = False


def outdated(grade: Grade, changed: Set[str]) -> set[str]:
    """Return which of the grade and its counts do not hold any more when the fields *changed* are other ones."""
    return {given for given, reads in grade.reads.items() if not changed.isdisjoint(reads)} if changed else set()


class Turn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A turn in the life of a case that the figures count. *what*: closed, reopened or withdrawn."""

    what: str
    at: datetime


class Case(Struct, kw_only=True, gc=False, omit_defaults=True):
    """
    A case as it stands after event *seq*.

    Only `evolve` changes it. *fields* hold plain values; the policy's `FieldDef` says how to read one.
    *happened* remembers when each trigger last happened ("register done"), for clocks and rules; *turns* every closing
    and reopening, for the figures of each month. *reckonings*: entry of `money` to the digest of how its amount came out.
    *grades*: field to the grade that a table gave; while it stands it is among *fields*, with what was counted for it.
    *amended*: field to who corrected it last.
    """

    id: str
    policy: str
    bundle: str
    kind: str
    reporter: str
    opened_at: datetime
    via: str = "command"
    language: str = "en"
    seq: int = 0
    status: str = OPEN
    owner: str | None = None
    number: str | None = None
    old_number: str | None = None
    parent: str | None = None
    link: str | None = None
    duty: str | None = None
    period: str | None = None
    outcome: str | None = None
    numbered_at: datetime | None = None
    closed_at: datetime | None = None
    finished_at: datetime | None = None
    told_at: datetime | None = None
    facts_version: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    visits: dict[int, Visit] = field(default_factory=dict)
    branches: dict[int, Branch] = field(default_factory=dict)
    deadlines: dict[int, Deadline] = field(default_factory=dict)
    questions: dict[int, Question] = field(default_factory=dict)
    files: dict[str, CaseFile] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    happened: dict[str, datetime] = field(default_factory=dict)
    urges: dict[str, datetime] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    amounts: dict[str, str] = field(default_factory=dict)
    reckonings: dict[str, str] = field(default_factory=dict)
    grades: dict[str, Grade] = field(default_factory=dict)
    amended: dict[str, str] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()
    archive_by: str | None = None
    keep_until: date | None = None
    turns: tuple[Turn, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    erased: bool = False

    @property
    def open_visits(self) -> list[Visit]:
        """The visits that wait for somebody; together they are the state of the case."""
        return [v for v in self.visits.values() if v.ended is None]

    @property
    def is_over(self) -> bool:
        return self.status in ENDED

    @property
    def name(self) -> str:
        """What people call the case: its number, the old number, or the short id before it has one."""
        return self.number or self.old_number or self.id

    def deadline_of(self, visit: int) -> Deadline | None:
        """The running stage clock of a visit."""
        return next(
            (d for d in self.deadlines.values() if d.visit == visit and d.clock == "stage" and d.ended is None),
            None,
        )

    def clock(self, name: str) -> Deadline | None:
        """The latest clock of that name, running or not."""
        return next((d for d in reversed(self.deadlines.values()) if d.clock == name), None)

    def last_visit(self, stage: str) -> Visit | None:
        """The latest visit of a stage that was not dropped."""
        found = [v for v in self.visits.values() if v.stage == stage and v.ended in (None, "done")]
        return found[-1] if found else None


def copy_case(case: Case) -> Case:
    """Return a copy that `evolve` may change: its parts are frozen, so only the containers are new."""
    made = copy(case)
    for name in _CONTAINERS:
        setattr(made, name, getattr(case, name).copy())
    return made


_CONTAINERS = tuple(f.name for f in fields(Case) if str(f.type).startswith("dict"))
