"""What cards, forms and lists show: plain facts, already masked for their reader and in the reader's language.

Words of people stand here as they were typed; whoever shows them makes them harmless. Labels are the policy's and
the desk's own. Instants are aware UTC. Nothing here grows false by itself: it follows from the record, never from "now",
except a row of App Home, which says when it was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from complaints.events import Recorded
from complaints.people import DeskPlan
from complaints.world import World


@dataclass(frozen=True, kw_only=True)
class Look:
    """
    With which eyes a case is looked at.

    *words*: word id to text, None where erased. *full*: the reader may see the customer's whole name (registry,
    reporter, general manager); else it is masked. *log*: the case's events, only for cards that show a history.
    *reader*: the member or channel, from whom the policy may hide a field; None for anybody.
    """

    world: World
    language: str
    words: Mapping[str, str | None] = field(default_factory=dict)
    full: bool = False
    log: tuple[Recorded, ...] = ()
    reader: str | None = None

    @property
    def people(self) -> DeskPlan:
        return self.world.people

    @property
    def is_of_several(self) -> bool:
        """Say whether the desk runs several regulations, so that each case says which one is its own."""
        return len(self.people.policies) > 1

    @property
    def zone(self) -> str:
        return self.world.people.timezone


# --- small facts -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """Who is asked: the department's name, None for a person alone, and the members who answer for it now."""

    label: str | None
    people: tuple[str, ...] = ()
    role: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A limit that runs. *was*: the due time before it was extended. *overdue*: a step of the clock said so."""

    at: datetime
    provisional: bool = False
    was: datetime | None = None
    overdue: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A field with its value, both for people; *people*: member ids, where the value is a person."""

    label: str
    value: str
    name: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """Somebody's words. *text* is None when they were erased. *label*: whose words, or None for the customer's."""

    text: str | None
    label: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFacts:
    """The customer as this reader may see it; *name* is None when erased or unknown, *code* None for a new one."""

    name: str | None
    code: str | None = None
    is_new: bool = False
    erased: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFacts:
    """How many files there are; *arriving* ones don't count as evidence yet, *missed* could not be fetched."""

    photos: int = 0
    others: int = 0
    arriving: int = 0
    missed: int = 0

    @property
    def total(self) -> int:
        return self.photos + self.others


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """
    Where a rule on the card comes from.

    *what*: `stage` (the clause that gives the stage), `limit`, `case` (the promise), `reply`, `rule`. *kind*:
    clause, default, ours. *clause*: its number. *quote*: its words, in the language of the regulation. *limit*: the
    length as words. *reason*: why it is our setting.
    """

    what: str
    kind: str
    clause: str = ""
    quote: str = ""
    limit: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """A stage on the route. *state*: done, now, later. *by*, *at*: who did it and when."""

    stage: str
    label: str
    state: str
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """Whose turn it is: a stage that waits for somebody."""

    visit: int
    stage: str
    label: str
    team: Team
    due: Due | None = None
    doing: str = ""
    ask: str = ""
    waiting_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LockFacts:
    """What a rule locks: *acts* (reply, close, number, export, money), until which happening in words ("": for good)."""

    acts: tuple[str, ...]
    until: str
    source: Source | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    """What a month took from one by a ledger, for which case."""

    ledger: str
    month: str
    who: str
    case: str
    amount: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What of an amount falls on one: a member id, or a unit's name. *why*: the code it comes from, in words."""

    who: str
    amount: str
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoned:
    """An amount that a calculator of the policy gives, and how it is shared."""

    label: str
    total: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """Who keeps the record of a finished case, and until which day."""

    by: str
    until: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """A thing that must be there before the case closes, and whether it is."""

    label: str
    there: bool
    source: Source | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyRules:
    """
    How the customer is answered, for whoever answers. *by*: the only one who does, "" for anybody. *written*: the
    channels, where the answer must be in writing. *never*: papers that stay inside. *apology*: apologise, if_liable,
    no_apology or None; *script*: the policy's words for it.
    """

    by: str = ""
    written: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    apology: str | None = None
    script: str = ""
    source: Source | None = None


# --- the case ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFacts:
    """
    The case for any card.

    *number* is None before it has one. *kind*: complaint, sub, duty; *what* is the name of a duty (with its period) or
    of a sub-procedure, and of a complaint without number customer and part. *part*: what is complained of. *place*, *of*: stage n of m on the main route; None off it.
    *parent*: the number of the complaint to which it belongs. *after*: what follows the closing. *reply*: locked, open, or None where the policy locks nothing or the customer
    was told.
    """

    case_id: str
    seq: int
    facts_version: int
    language: str
    zone: str
    kind: str
    number: str | None
    what: str
    part: str
    parent: str | None
    policy: str
    status: str
    outcome: str | None
    matter: str
    quote: Quote | None
    customer: CustomerFacts | None
    market: str | None
    fields: tuple[Pair, ...]
    sample: str | None
    files: FileFacts
    reporter: str
    reporter_role: str | None
    route: tuple[Stop, ...]
    after: tuple[Stop, ...]
    place: int | None
    of: int | None
    promise: Due | None
    promise_source: Source | None
    turns: tuple[Turn, ...]
    reply: str | None
    reply_channels: tuple[str, ...]
    may_say: str | None
    reply_source: Source | None
    opened_at: datetime
    closed_at: datetime | None = None
    finished_at: datetime | None = None
    several: bool = False
    erased: bool = False
    locks: tuple[LockFacts, ...] = ()
    reply_by: str = ""
    promise_team: Team | None = None
    archive: Archive | None = None
    booked: tuple[Booking, ...] = ()


# --- a visit -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatFacts:
    """One who must act in the visit, and the answer if there is one. *kind*: main, with, sign, added, recusal, final."""

    team: Team
    kind: str
    is_turn: bool
    decision: str | None = None
    by: str | None = None
    at: datetime | None = None
    for_: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A complaint that began with a decision, the old one attached: what it is called, and who has it."""

    case_id: str
    name: str
    turn: Turn | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """
    How a visit ended. *how*: done, returned, taken_back, or why it was dropped. *for_*: the member or role deputised
    for. *begun*: the new complaint that the decision led to. *in_time* None: it had no limit. *late*: by how much, in words. *may_take_back*: the decider still could.
    """

    how: str
    by: str | None
    at: datetime | None
    decision: str | None = None
    decision_label: str = ""
    for_: str | None = None
    in_time: bool | None = None
    late: str = ""
    reason: Quote | None = None
    outcome: str | None = None
    results: tuple[Pair, ...] = ()
    quote: Quote | None = None
    next: tuple[Turn, ...] = ()
    begun: Begun | None = None
    may_take_back: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    """The late stage that an inquiry slip asks about: when it was sent, when it was due, how late that was."""

    label: str
    at: datetime
    due: datetime
    late: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitFacts:
    """
    A stage's turn for its card. *ask*, *doing*, *done*, *button*: the policy's words, "" where it has none.
    *found*: what earlier stages entered; *reckoned*: what the calculators give. *quotes*: the customer's words, then the last finding. *main*: the decision
    of the green button; *confirm*: the label of the earlier decision that can be confirmed in one click.
    """

    case: CaseFacts
    visit: int
    stage: str
    label: str
    ask: str
    doing: str
    done: str
    button: str
    round: int
    team: Team
    seats: tuple[SeatFacts, ...]
    due: Due | None
    sources: tuple[Source, ...]
    found: tuple[Pair, ...] = ()
    reckoned: tuple[Reckoned, ...] = ()
    quotes: tuple[Quote, ...] = ()
    main: str = ""
    fills: bool = True
    can_return: bool = True
    confirm: str | None = None
    waiting_until: datetime | None = None
    waiting_reason: Quote | None = None
    extension_asked: datetime | None = None
    may_extend: bool = False
    is_callback: bool = False
    is_duty: bool = False
    follow_up: bool = False
    concern: Concern | None = None
    before_closing: tuple[Check, ...] = ()
    reply_rules: ReplyRules | None = None
    informs: bool = False
    script: str = ""
    decided: Decided | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryLine:
    """A line of an escalation's history; *times*: how often up to *at*. *kind*: opened, reminder, reminder_slip, escalation, urged, extension_asked,
    extension_refused, extension_granted, waiting."""

    kind: str
    at: datetime
    people: tuple[str, ...] = ()
    by: str | None = None
    times: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationFacts:
    """
    A late stage before the general manager. *rest_days*: what the remaining stages may take, in the promise's unit.
    *reserve_days*: days to the promise at the escalation, minus that; negative: short. *again_at*: when it comes
    again. *of_case*: the case's promise ran out, not the stage's limit. *answer*: decide, reassign, extend, meeting; None while it is open. *meeting_at*: when they meet.
    """

    visit: VisitFacts
    fired_at: datetime
    late: str
    history: tuple[HistoryLine, ...]
    asked_extension: bool
    words_in_thread: int
    rest_days: Decimal | None
    reserve_days: Decimal | None
    again_at: datetime | None
    general_manager: tuple[str, ...]
    of_case: bool = False
    sources: tuple[Source, ...] = ()
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    meeting_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallAttempt:
    """A call that was tried. *result*: reached, no_answer, later, declined."""

    number: int
    at: datetime
    result: str
    again_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallbackFacts:
    """What the caller needs. *told*: what the customer was told. *bad*: the labels of answers that open a new form."""

    visit: VisitFacts
    told: Quote | None
    told_by: str | None
    told_at: datetime | None
    told_channel: str | None
    questions: tuple[str, ...]
    attempts: tuple[CallAttempt, ...]
    most_attempts: int
    bad: str | None


# --- lists -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeRow:
    """
    An item of a list: App Home, merged reminder. *act*: main (its green button), urge, open, or None for done.
    *button*: the stage's verb. *number* None: no number yet. *done*: the item is decided. *regulation*: its name, where
    the desk runs several, else "".
    """

    case_id: str
    visit: int | None
    facts_version: int | None
    language: str
    zone: str
    kind: str
    number: str | None
    what: str
    stage: str
    team: Team | None
    due: Due | None
    customer: str | None
    matter: str
    button: str = ""
    act: str | None = "main"
    done: bool = False
    regulation: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """
    Something this person may do here beyond the three buttons. *id*: `return`, `decide:<decision>`, `ask`, `add_signer`,
    `hand_over`, `wait`, `end_waiting`, `extend`, `take_back`, `route:<route>`, `limit`, `contact`, `history`.
    *label*: the policy's word where it has one.
    """

    id: str
    label: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
