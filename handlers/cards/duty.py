"""A duty's list on its card: the cases of the month with what the meeting or the list needs."""

from __future__ import annotations

from collections.abc import Iterator

from complaints.duty_figures import TakenFigures
from complaints.statistics import Figure, Flow
from complaints.views import VisitFacts
from complaints.views_case import period_text
from complaints.views_duty import DutyList, DutyRow
from handlers.cards import phrases as say_
from handlers.cards.approval import approval_card, small_print, who_until
from handlers.cards.parts import (
    Blocks,
    Drawn,
    bold,
    card,
    context,
    first_of,
    header,
    header_text,
    lines,
    section,
    spaced,
)
from handlers.report_texts import Reader, amount_text, before_text, is_member, target_text
from handlers.texts import join, one_line, say, when

MOST_GROUPS = 12
MOST_ROWS, MOST_TEXT, FIGURES = 30, 6_000, 2_800
"""Rows and characters of a list on a card, characters of its figures; Slack refuses longer messages."""


def duty_card(visit: VisitFacts, found: DutyList | None, figures: Blocks = ()) -> Drawn:
    """Return the card of who does the duty, live or decided, with its figures and its list under who is asked."""
    return with_list(approval_card(visit), visit, found, figures)


def invitation_card(visit: VisitFacts, found: DutyList | None, figures: Blocks = ()) -> Drawn:
    """Return what the other departments of a duty see: who holds it until when, figures and list; no buttons."""
    if visit.decided is not None:
        return duty_card(visit, found, figures)
    language, zone = visit.case.language, visit.case.zone
    title = header_text(visit.case, say(language, "duty.invited"))
    drawn = card(
        say_.push_text(title, visit.due, language, zone),
        [header(title)],
        who_until(visit),
        small_print(visit, ()),
    )
    return with_list(drawn, visit, found, figures)


def with_list(drawn: Drawn, visit: VisitFacts, found: DutyList | None, figures: Blocks) -> Drawn:
    """Put figures and list after header and place 2."""
    rows = list_blocks(found, visit.case.language) if found is not None else ()
    return Drawn(drawn.text, (*drawn.blocks[:2], *figures, *rows, *drawn.blocks[2:]))


def figure_blocks(taken: TakenFigures | None, reader: Reader) -> Blocks:
    """Return the figures that a duty was given: what came and went, then a line for each measure, groups below."""
    if taken is None:
        return ()
    head = bold(reader.say("report.figures", period=period_text(taken.period, reader.language)))
    at = when(taken.taken_at, reader.language, reader.plan.timezone, "at")
    texts = [line for figure in taken.figures for line in figure_lines(figure, reader)]
    body = "\n".join(first_of(texts, len(_fitting(texts, FIGURES)), reader.language))
    return (
        *section(lines(head, flow_line(taken.flow, reader))),
        *section(body),
        *context(reader.say("report.frozen", at=at)),
    )


def flow_line(flow: Flow | None, reader: Reader) -> str:
    """Return the balance in one line: `Received 5 · Closed 3 …`."""
    if flow is None:
        return ""
    names = ("open_before", "received", "reopened", "closed", "closed_late", "withdrawn", "open_after", "open_late")
    shown = [n for n in names if getattr(flow, n) or n in ("received", "closed", "open_after")]
    return join((f"{reader.say(f'report.{n}')} {getattr(flow, n)}" for n in shown), reader.language)


def figure_lines(figure: Figure, reader: Reader) -> Iterator[str]:
    name = one_line(reader.policy.label(figure.measure, reader.language), 80)
    amount = amount_text(figure, figure.amount, reader)
    yield spaced(bold(name), join((amount, target_text(figure, reader), before_text(figure, reader)), reader.language))
    per = str(reader.policy.measures[figure.measure].per) if figure.measure in reader.policy.measures else ""
    groups = [f"{_group(group, per, reader)}  {amount_text(figure, one, reader)}" for group, one in figure.groups]
    yield from (f"      {text}" for text in first_of(groups, MOST_GROUPS, reader.language))


def _group(group: str, per: str, reader: Reader) -> str:
    return f"<@{group}>" if is_member(group) else one_line(reader.group(per, group), 60)


def list_blocks(found: DutyList, language: str) -> Blocks:
    """Return how many cases there are and how many were in time, then a section for each."""
    if not found.rows:
        return section(say(language, f"duty.none_{found.what}", month=found.month))
    texts = [row_text(row, language) for row in found.rows]
    shown = _fitting(texts)
    rest = len(texts) - len(shown)
    head = say(language, f"duty.{found.what}", n=len(texts), month=found.month)
    promised = any(row.in_time is not None for row in found.rows)
    in_time = say(language, "duty.in_time_of", n=found.in_time) if found.what == "closed" and promised else ""
    return (
        *section(spaced(bold(head), in_time)),
        *(block for text in shown for block in section(text)),
        *context(say(language, "duty.more", n=rest) if rest else ""),
    )


def row_text(row: DutyRow, language: str) -> str:
    """Return a case of the list: number, customer, in time or late; below what the policy wants to be seen."""
    state = "" if row.in_time is None else say(language, "duty.in_time" if row.in_time else "duty.late")
    name = say_.customer_text(row.customer, language)
    return lines(spaced(bold(one_line(row.number, 40)), name, state), say_.pairs_in_line(row.pairs, language))


def _fitting(texts: list[str], most: int = MOST_TEXT) -> list[str]:
    shown: list[str] = []
    for text in texts[:MOST_ROWS]:
        if sum(map(len, shown)) + len(shown) + len(text) > most:
            break
        shown.append(text)
    return shown
