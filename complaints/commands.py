"""What people and the clock ask for: orders, each with who asks and one key per act."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

CLOCK = "clock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """
    Base of all commands.

    *actor* is a member id (or `clock`, `import`). *key* is unique per act: a second command with the same key
    changes nothing and gets the first one's outcome.
    """

    actor: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseCommand(Command):
    """A command on one case. *contents*: a digest of what the form held that it came by, None where it came by none."""

    case_id: str
    contents: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskCommand(Command):
    """A command on the desk itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SetOverride(DeskCommand):
    """Set something over the desk file. *kind*, *about*, *value*: as in `events.OverrideSet`; dates both included."""

    kind: str
    about: str
    value: dict[str, Any]
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WithdrawOverride(DeskCommand):
    """Let the desk file hold again. *override*: the id of what was set."""

    override: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenFile:
    """A file that came with a form or a message; its bytes are fetched after the commit."""

    id: str
    name: str
    mimetype: str = "application/octet-stream"
    size: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenCase(CaseCommand):
    """Log a complaint: open the case and fill its first form. *fields*: field id to plain value.
    *figures*: what a duty reports. *stage*: the route that it begins with instead of the main one."""

    policy: str
    fields: dict[str, Any]
    via: str = "command"
    language: str = "en"
    files: tuple[tuple[str, GivenFile], ...] = ()
    parent: str | None = None
    link: str | None = None
    note: str | None = None
    kind: str = "complaint"
    duty: str | None = None
    period: str | None = None
    bundle: str | None = None
    stage: str | None = None
    figures: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportCase(CaseCommand):
    """Take over an open paper case: *clock_started_at* is when its promise began."""

    policy: str
    old_number: str
    received_at: datetime
    clock_started_at: datetime
    stage: str
    reporter: str
    fields: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decide(CaseCommand):
    """Take a decision of the stage (approve, return, a decision of the policy) with its fields.

    *decision*: empty is the stage's main one. *facts_seen*: the version of the facts that the card showed; None where nothing was shown (import, tests).
    *to_stage*: where to return to, for `return`."""

    visit: int
    decision: str
    fields: dict[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, GivenFile], ...] = ()
    reason: str | None = None
    to_stage: str | None = None
    facts_seen: int | None = None
    instead: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOver(CaseCommand):
    """Give the seat to another member (轉交). By the general manager: reassign, also to a role."""

    visit: int
    member: str | None = None
    role: str | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AddSigner(CaseCommand):
    """Add a signer (加簽) before, after or beside."""

    visit: int
    member: str
    place: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AskReporter(CaseCommand):
    """Ask the reporter a question."""

    visit: int
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerQuestion(CaseCommand):
    """Answer a question."""

    question: int
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitForCustomer(CaseCommand):
    """Record that the case waits for the customer, why and until when."""

    visit: int
    reason: str
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EndWaiting(CaseCommand):
    """The customer answered."""

    visit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AskExtension(CaseCommand):
    """Ask for more time for a stage (D21)."""

    visit: int
    until: datetime
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleExtension(CaseCommand):
    """Grant or refuse more time; granting without a request is the general manager's own offer."""

    visit: int
    granted: bool
    until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallMeeting(CaseCommand):
    """Answer an escalation by a meeting."""

    visit: int
    at: datetime
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeBack(CaseCommand):
    """Take back one's own decision before the next one acts."""

    visit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Urge(CaseCommand):
    """Urge who has the case now (催辦), within limits on nagging."""

    visit: int
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdraw(CaseCommand):
    """Take the complaint back (reporter)."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Amend(CaseCommand):
    """Correct fields with a reason, until close."""

    fields: dict[str, Any]
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeVersion(CaseCommand):
    """Let the case go on under the version *bundle* (hash). *stages*: what a stage of the old version is called now."""

    bundle: str
    reason: str
    stages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Void(CaseCommand):
    """Declare that it was no case (registry, desk officer)."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge(CaseCommand):
    """Declare that it is the same matter as *into*."""

    into: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AddNote(CaseCommand):
    """Keep words typed in a thread, or a remark. *instead_of*: the missed file that the one of *files* stands for."""

    words: str
    channel: str | None = None
    ts: str | None = None
    visit: int | None = None
    files: tuple[GivenFile, ...] = ()
    instead_of: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreFile(CaseCommand):
    """The bytes of a file arrived (or did not: *sha256* None and *why*)."""

    file: str
    sha256: str | None
    size: int = 0
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogCall(CaseCommand):
    """Record one attempt to call the customer back; *fields* hold the answers when reached."""

    visit: int
    result: str
    fields: dict[str, Any] = field(default_factory=dict)
    words: str = ""
    again_at: datetime | None = None
    facts_seen: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BeginRoute(CaseCommand):
    """Begin by hand a route that the policy lets this person begin (an objection, an appeal)."""

    route: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShowMasked(CaseCommand):
    """Look at masked data; the look is recorded, or that it was withheld."""

    what: str = "contact"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportCase(CaseCommand):
    """Take the whole case out of the desk as a file of *form* (json, html, xlsx, csv, xes); *personal*: with names and contacts."""

    form: str
    personal: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EraseWords(CaseCommand):
    """Erase free words and names of a case (retention, a person's right). *words*: the ids of all that it has."""

    why: str
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineReached(CaseCommand):
    """The clock found a deadline whose next step is due."""

    deadline: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RecomputeDeadlines(CaseCommand):
    """A calendar changed: move what is still open."""

    why: str = "calendar"


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatCame(CaseCommand):
    """Another complaint about the matter of this case came in."""

    other: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedCaseClosed(CaseCommand):
    """A sub-procedure of this case closed. *ran*: its policy and its route; *filled*: its fields, of which this case takes
    what its path says."""

    other: str
    ran: tuple[str, ...]
    filled: dict[str, Any]
