"""What came to a case and what went out of it: words, files, copies, figures, calls, amounts, ledgers, holds."""

from __future__ import annotations

from datetime import date, datetime

from complaints.events_base import Event, FieldValues


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
