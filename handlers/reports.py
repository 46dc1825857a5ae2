"""`/complaint report`: a month's figures for who may see them, counted after the answer and shown to that person alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from complaints.periods import Period, UnknownPeriod, parse_period
from complaints.policy import Policy
from complaints.reports import draw_report, last_period
from complaints.statistics import Report
from complaints.views_case import period_text
from complaints.world import Bundle
from handlers.cards.duty import figure_lines, flow_line
from handlers.cards.parts import Blocks, bold, context, first_of, header, lines, section
from handlers.harmless import fit_mrkdwn
from handlers.home import viewer
from handlers.report_texts import Reader, footer, title_text
from handlers.texts import escape, number, one_line
from handlers.turns import Acked, Turn

MOST_TEXT, MOST_UNITS = 2_800, 10
_POLICY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")


def is_asked(rest: str) -> bool:
    """Tell whether what follows the word asks for a report: periods and policies only, or nothing."""
    return all(_POLICY.fullmatch(word) or _period(word) is not None for word in rest.split())


def _period(word: str) -> Period | None:
    try:
        return parse_period(word)
    except UnknownPeriod:
        return None


async def on_report(turn: Turn, rest: str) -> Acked:
    """Say that the figures are being counted, and show them when they are."""
    if not viewer(turn).sees_all:
        return _said(turn.say("report.slack.not_yours"))
    words = rest.split()
    bundle = _chosen(turn, [w for w in words if _POLICY.fullmatch(w)])
    if bundle is None:
        names = turn.say("refusal.comma").join(f"`{name}`" for name in sorted(_in_force(turn)))
        return _said(turn.say("report.slack.which", policies=names))
    world = turn.talk.world(bundle, turn.now)
    named = [p for w in words if (p := _period(w)) is not None]
    period = named[0] if named else last_period("month", world)
    turn.after(_count(turn, bundle, period))
    return _said(turn.say("report.slack.counting", period=period_text(period.name, turn.language)))


def _said(text: str) -> dict[str, Any]:
    return {"response_type": "ephemeral", "text": text}


def _in_force(turn: Turn) -> Mapping[str, Bundle]:
    found = {name: turn.talk.shelf.in_force(name) for name in turn.talk.settings.plan().policies}
    return {name: bundle for name, bundle in found.items() if bundle is not None}


def _chosen(turn: Turn, named: list[str]) -> Bundle | None:
    known = _in_force(turn)
    if named:
        return known.get(named[0])
    return next(iter(known.values())) if len(known) == 1 else None


async def _count(turn: Turn, bundle: Bundle, period: Period) -> None:
    world, policy = turn.talk.world(bundle, turn.now), bundle.policy
    report = await turn.talk.read(draw_report, turn.talk.reader, policy, period, world)
    blocks = [block.to_dict() for block in report_blocks(report, policy, turn)]
    await turn.respond({"text": escape(title_text(report, _reader(policy, turn))), "blocks": blocks})


def _reader(policy: Policy, turn: Turn) -> Reader:
    return Reader(policy=policy, plan=turn.talk.settings.plan(), language=turn.language)


def report_blocks(report: Report, policy: Policy, turn: Turn) -> Blocks:
    """Return the figures as a card: the balance, each measure, who was late; no names of cases or customers."""
    reader = _reader(policy, turn)
    texts = [line for figure in report.figures for line in figure_lines(figure, reader)]
    score = report.score
    satisfied = f"{reader.say('report.score')} {number(score.value)} ({score.of})" if score.value is not None else ""
    return (
        header(title_text(report, reader)),
        *section(lines(flow_line(report.flow, reader), satisfied)),
        *section(fit_mrkdwn("\n".join(texts), MOST_TEXT)),
        *section(_late_units(report, reader)),
        *context(footer(report, reader)),
        *context(reader.say("report.slack.whole", policy=report.policy, period=report.period.name)),
    )


def _late_units(report: Report, reader: Reader) -> str:
    late = sorted((u for u in report.units if u.late), key=lambda u: (-u.late, u.unit))
    if not late:
        return reader.say("report.slack.none")
    names = first_of(
        [f"{one_line(reader.unit(u.unit), 40)} {bold(str(u.late))}" for u in late], MOST_UNITS, reader.language
    )
    return reader.say("report.slack.units", units=reader.say("refusal.comma").join(names))
