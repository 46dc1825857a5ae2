"""Cards about the desk itself: what did not arrive, and a policy version that waits for its approval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from handlers.cards.parts import Blocks, Drawn, actions, bold, button, card, context, header, lines, one_row, section
from handlers.cards.refs import Ref
from handlers.texts import escape, knows, one_line, plain, say, when

SEND_AGAIN, IS_THERE = "trouble.send_again", "trouble.is_there"
UNCERTAIN = "uncertain"
PUT_IN_FORCE = "policy.put_in_force"
MOST_SHOWN = 8
MOST_CHANGES, LONGEST_CHANGE = 10, 200
MOST_MESSAGES = 150
"""Outbox rows that fit in a button's value (2,000 characters)."""
WRITTEN_OUT = 150
OWN_ROLES = {
    "desk officer": "checkup.role.officer", "fallback": "checkup.role.fallback", "deputy": "checkup.role.deputy",
}  # fmt: skip
"""What a channel or person is for beside the roles of a regulation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Undelivered:
    """A message that did not arrive. *case*: the case's name, "" for the desk's own; *went_to*: where it is now."""

    message: int
    case: str
    to: str
    went_to: str | None
    error: str


def undelivered_card(found: Sequence[Undelivered], language: str) -> Drawn:
    """Return for the desk officer what did not arrive, why, where it went instead, and the way to send it again."""
    title = say(language, "trouble.title", n=len(found))
    rest = len(found) - MOST_SHOWN
    ref = Ref(case="", more=",".join(str(one.message) for one in found[:MOST_MESSAGES]))
    return card(
        escape(title),
        [header(title)],
        *(_row(one, language) for one in found[:MOST_SHOWN]),
        context(say(language, "trouble.more", n=rest) if rest > 0 else "", say(language, "trouble.after_repair")),
        actions(button(say(language, "trouble.button"), SEND_AGAIN, ref)),
    )


def checkup_card(
    todo: Sequence[Mapping[str, Any]], count: int, language: str, role_label: Callable[[str, str], str]
) -> Drawn:
    """Return for the desk officer what the daily check found: the channel or person, and what to do about it."""
    title = say(language, "checkup.title", n=count)
    shown = [_found(one, language, role_label) for one in todo[:MOST_SHOWN]]
    rest = count - len(shown)
    return card(
        escape(title),
        [header(title)],
        section(*(f"• {one}" for one in shown)),
        context(say(language, "trouble.more", n=rest) if rest > 0 else "", say(language, "checkup.after_repair")),
    )


def _found(one: Mapping[str, Any], language: str, role_label: Callable[[str, str], str]) -> str:
    comma = say(language, "refusal.comma")

    def roles(names: Iterable[str]) -> str:
        return comma.join(
            say(language, OWN_ROLES[n]) if n in OWN_ROLES else escape(role_label(n, language)) for n in names
        )

    facts = {
        "channel": f"<#{one.get('channel')}>", "member": f"<@{one.get('member')}>", "error": escape(str(one.get("error"))),
        "roles": roles(one["roles"]), "missing": roles(one.get("missing", ())),
    }  # fmt: skip
    about, what_to_do = (
        say(language, f"checkup.{one['what']}", **facts),
        say(language, f"checkup.{one['wrong']}", **facts),
    )
    return say(language, "checkup.line", about=about, todo=what_to_do)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ends:
    """A qualification of *member* for *role*, by their names, that ends or ended at *until* (aware, exclusive)."""

    member: str
    role: str
    qualification: str
    until: datetime
    is_over: bool


def qualification_card(ends: Ends, language: str, zone: str) -> Drawn:
    """Return for whom it concerns that a qualification ends, until when it holds, and what that means."""
    name = plain(ends.qualification, 80)
    title = say(language, "qualification.over" if ends.is_over else "qualification.soon", name=name)
    last = when(ends.until - timedelta(minutes=1), language, zone, "day")  # the end of a day is the day's own
    line = "qualification.was" if ends.is_over else "qualification.is"
    return card(
        escape(title),
        [header(title)],
        section(say(language, line, who=f"<@{ends.member}>", role=bold(one_line(ends.role, 60)), last=last)),
        context(say(language, "qualification.do")),
    )


def outage_card(since: datetime, until: datetime, late: int, language: str, zone: str) -> Drawn:
    """Return for the desk officer from when to when nothing worked, and how many deadlines are told late because of that."""
    title = say(language, "outage.title", n=round((until - since).total_seconds() / 3600))
    span = {"since": when(since, language, zone, "at"), "until": when(until, language, zone, "at")}
    return card(
        escape(title),
        [header(title)],
        section(say(language, "outage.span", **span), say(language, "outage.late", n=late)),
        context(say(language, "outage.kept")),
    )


def no_direct_messages_card(officer: str, language: str) -> Drawn:
    """Return for the fallback channel that nobody gets direct messages, and what *officer* can do; only a channel can tell him."""
    title = say(language, "no_direct.title")
    return card(
        escape(title),
        [header(title)],
        section(say(language, "no_direct.why", officer=mention(officer))),
        context(say(language, "no_direct.do")),
    )


def _row(one: Undelivered, language: str) -> Blocks:
    """Return a message as a row; who found one that is in doubt says so beside it."""
    if one.error != UNCERTAIN:
        return section(_line(one, language))
    there = button(say(language, "trouble.button_there"), IS_THERE, Ref(case="", more=str(one.message)))
    return (one_row(_line(one, language), there),)


def _line(one: Undelivered, language: str) -> str:
    what = one_line(one.case, 60) or say(language, "trouble.of_the_desk")
    known = f"trouble.error.{one.error}"
    why = say(language, known) if knows(known) else say(language, "trouble.error", error=one_line(one.error, 60))
    went = (
        say(language, "trouble.went_to", who=mention(one.went_to)) if one.went_to else say(language, "trouble.nowhere")
    )
    return lines(bold(what), say(language, "trouble.meant_for", who=mention(one.to), why=why), went)


def mention(address: str) -> str:
    return f"<@{address}>" if address.startswith(("U", "W")) else f"<#{address}>"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewVersion:
    """
    A version of a policy beside the one in force. *by*, *at*: who put it in force and when, once that happened; *since*:
    since when the present one is in force. *is_overtaken*: that one was proposed later. *changes*: what it changes, in plain sentences; None where nobody knows.
    *officer*: who has the files.
    """

    policy: str
    name: str
    digest: str
    label: str
    label_now: str
    since: datetime | None
    by: str | None = None
    at: datetime | None = None
    is_overtaken: bool = False
    changes: tuple[str, ...] | None = None
    officer: str = ""


def policy_card(version: NewVersion, language: str, zone: str) -> Drawn:
    """Return the card that asks for the approval of a version, or says who gave it."""
    facts = {"policy": plain(version.name, WRITTEN_OUT), "label": plain(version.label, 40)}
    if version.at is not None:
        title = say(language, "policy.title_done", **facts)
        who, at = f"<@{version.by}>", when(version.at, language, zone, "at")
        done = section(say(language, "policy.done", who=who, at=at))
        return card(escape(title), [header(title)], done, _changes(version, language))
    now = bold(one_line(version.label_now, 40))
    if version.is_overtaken:
        title = say(language, "policy.title_overtaken", **facts)
        return card(escape(title), [header(title)], section(say(language, "policy.overtaken", label=now)))
    title = say(language, "policy.title", **facts)
    since = when(version.since, language, zone, "day") if version.since is not None else ""
    return card(
        escape(title),
        [header(title)],
        section(
            say(language, "policy.now", label=now, since=since),
            say(language, "policy.new", label=bold(one_line(version.label, 40))),
        ),
        _changes(version, language),
        context(
            say(language, "policy.open_cases"),
            say(language, "policy.to_read", policy=one_line(version.policy, 60), officer=f"<@{version.officer}>"),
        ),
        actions(
            button(
                say(language, "policy.button"), PUT_IN_FORCE, Ref(case=version.policy, more=version.digest), green=True
            )
        ),
    )


def _changes(version: NewVersion, language: str) -> Blocks:
    """Return what the version changes, so that nobody signs what he has not read; what does not fit is counted."""
    if version.changes is None:
        return ()
    shown = version.changes[:MOST_CHANGES]
    rest = len(version.changes) - len(shown)
    return section(
        bold(say(language, "policy.changes")) if shown else say(language, "policy.no_changes"),
        *(f"• {one_line(line, LONGEST_CHANGE)}" for line in shown),
        say(language, "policy.more_changes", n=rest) if rest else "",
    )
