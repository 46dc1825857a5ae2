"""The case's card in its home thread: where it is, who has it, until when (CARDS 2). Rewritten, never repeated."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk.models.blocks import ButtonElement

from complaints.views import CaseFacts, Stop
from handlers.cards import phrases as words
from handlers.cards.approval import original_text
from handlers.cards.parts import (
    Blocks,
    Drawn,
    actions,
    bold,
    button,
    card,
    context,
    fields,
    first_of,
    header,
    header_text,
    section,
)
from handlers.cards.refs import Ref
from handlers.texts import join, one_line, plain, say

URGE, FACTS, MORE = "case.urge", "case.facts", "case.more"
OVER = ("finished", "withdrawn", "void", "merged")
MOST_DONE, MOST_TURNS, STOPS_IN_A_LINE = 6, 4, 6


def home_card(case: CaseFacts, *, evidence: str | None = None) -> Drawn:
    """Return the card that heads the case's thread in the registry's channel."""
    title = header_text(case, doing_text(case))
    return card(
        words.push_text(title, case.turns[0].due if case.turns else None, case.language, case.zone),
        [header(title)],
        who_has_it(case),
        matter(case),
        fields(words.pairs_for_fields(case.fields, case.language)),
        section(*route_lines(case)),
        context(evidence_text(case, evidence)),
        buttons(case),
        context(place_line(case), sources_line(case), one_line(case.policy, 60) if case.several else ""),
    )


def doing_text(case: CaseFacts) -> str:
    """Return the header's second half: what is under way, or how it ended."""
    language, outcome = case.language, plain(case.outcome or "", 60)
    if case.status in ("withdrawn", "void", "merged"):
        return say(language, f"home.ended_{case.status}")
    if case.status == "finished":
        return say(language, "home.finished", outcome=outcome)
    if not case.turns:
        return say(language, "home.closed", outcome=outcome) if outcome else say(language, "home.waits")
    turn = case.turns[0]
    doing = turn.doing or say(language, "card.doing", team=words.team_name(turn.team), stage=turn.label)
    if len(case.turns) > 1:
        doing = say(language, "home.doings", doing=doing, n=len(case.turns) - 1)
    return say(language, "home.closed_then", doing=doing) if case.status == "closed" else doing


def who_has_it(case: CaseFacts) -> Blocks:
    """Return place 2: everybody whose turn it is with the deadline, and the case's promise."""
    turns = [words.who_and_when(t.team, t.due, case.language, case.zone) for t in case.turns]
    return section(*first_of(turns, MOST_TURNS, case.language), words.promise_text(case))


def matter(case: CaseFacts) -> Blocks:
    reporter = words.reporter_text(case) if case.kind == "complaint" else ""
    who = join((words.customer_text(case.customer, case.language), reporter, original_text(case)), case.language)
    return section(
        words.matter_text(case), who, words.reply_text(case), words.locks_text(case), words.archive_text(case)
    )


def buttons(case: CaseFacts) -> Blocks:
    """Return what anybody of the case may do; a card that asks nobody has no green button."""
    ref = Ref(case=case.case_id, visit=case.turns[0].visit if case.turns else None, facts=case.facts_version)
    over = case.status in OVER
    return actions(
        _button(case, "card.button_urge", URGE, ref) if case.turns and not over else None,
        _button(case, "card.button_facts", FACTS, ref) if case.status == "open" and case.kind == "complaint" else None,
        _button(case, "card.button_more", MORE, ref),
    )


def _button(case: CaseFacts, message: str, action_id: str, ref: Ref) -> ButtonElement:
    return button(say(case.language, message), action_id, ref)


def evidence_text(case: CaseFacts, evidence: str | None = None) -> str:
    files = words.linked(words.files_text(case.files, case.language), evidence)
    return join((one_line(case.sample, 60) if case.sample else "", files), case.language)


# --- the route ---------------------------------------------------------------------------------------------


def route_lines(case: CaseFacts) -> list[str]:
    """Return the route: finished stages with who and when, the current one bold, the rest between arrows."""
    if case.closed_at is not None:
        return after_closing(case)
    done = [s for s in case.route if s.state == "done"]
    now = [s for s in case.route if s.state == "now"]
    later = [s for s in case.route if s.state == "later"]
    first = [_joined("✓", done[:-MOST_DONE], case)] if len(done) > MOST_DONE else []
    return [
        *first,
        *(_done_line(s, case) for s in done[-MOST_DONE:]),
        *(bold(say(case.language, "home.under_way", stage=one_line(s.label, 40))) for s in now),
        *(_joined("→", part, case) for part in _parts(later)),
    ]


def after_closing(case: CaseFacts) -> list[str]:
    """Return the route of a closed case in a line, then what follows the closing."""
    done = [s for s in case.route if s.state == "done"]
    follow = sorted(case.after, key=lambda s: s.state == "now")
    return [
        _joined("✓", done, case) if done else "",
        *(_done_line(s, case) for s in follow[-MOST_DONE:] if s.state == "done"),
        *(bold(say(case.language, "home.under_way", stage=one_line(s.label, 40))) for s in follow if s.state == "now"),
    ]


def _done_line(stop: Stop, case: CaseFacts) -> str:
    who = f"<@{stop.by}>" if stop.by and stop.by.isupper() else ""
    at = words.event_time(stop.at, case) if stop.at else ""
    gap = "  " if case.language == "en" else "　"
    return f"✓  {gap.join(p for p in (one_line(stop.label, 40), who, at) if p)}"


def _joined(sign: str, stops: list[Stop], case: CaseFacts) -> str:
    return f"{sign}  " + " → ".join(one_line(s.label, 40) for s in stops)


def _parts(stops: list[Stop]) -> Iterator[list[Stop]]:
    """Break the stages to come into lines of about the same length."""
    count = -(-len(stops) // STOPS_IN_A_LINE)
    size = -(-len(stops) // count) if count else 1
    for start in range(0, len(stops), size):
        yield stops[start : start + size]


def place_line(case: CaseFacts) -> str:
    place = say(case.language, "card.place", n=case.place, of=case.of) if case.place and case.of else ""
    return join((place, say(case.language, "card.thread_kept")), case.language)


def sources_line(case: CaseFacts) -> str:
    locked = [case.reply_source] if case.reply == "locked" else []
    return join((words.promise_source(case), words.sources_text(locked, case.language)), case.language)
