"""One merged reminder instead of ten: how many wait, the nearest first, one button each (CARDS 7)."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.views import HomeRow
from handlers.cards.parts import Drawn, card, case_title, context, header, header_text
from handlers.cards.phrases import inside
from handlers.cards.rows import list_row
from handlers.texts import escape, join, one_line, say, when_plain

MOST_ROWS = 8


def reminder_card(
    rows: Sequence[HomeRow], language: str, zone: str, *, percent: int | None = None, slip_clause: str = ""
) -> Drawn:
    """
    Return the digest of *rows*, the nearest deadline first; decided ones sink to the end.

    *percent*: the share of the limit at which the ladder reminds, None where it does so otherwise. *slip_clause*: the
    clause of the reminder slip that follows, "" where none does.
    """
    ordered = sorted(rows, key=_order)
    waiting = [r for r in ordered if not r.done]
    title, text = _title(waiting, language, zone)
    shown = ordered[:MOST_ROWS]
    rest = len(ordered) - len(shown)
    return card(
        text,
        [header(title)],
        [list_row(row, green=bool(waiting) and row is waiting[0]) for row in shown],
        context(
            say(language, "reminder.more", n=rest) if rest else "",
            join(
                (
                    say(language, "reminder.sent_at", percent=percent) if percent else "",
                    say(language, "reminder.pace"),
                    say(language, "reminder.then_slip", clause=one_line(slip_clause, 20)).strip()
                    if slip_clause
                    else "",
                ),
                language,
            ),
        ),
    )


def _order(row: HomeRow) -> tuple[bool, bool, float, str]:
    return row.done, row.due is None, row.due.at.timestamp() if row.due else 0.0, row.case_id


def _title(waiting: Sequence[HomeRow], language: str, zone: str) -> tuple[str, str]:
    """Return header and push text; a single item says itself when it is due (the last call)."""
    if not waiting:
        done = say(language, "reminder.all_done")
        return done, done
    first = waiting[0]
    due = when_plain(first.due.at, language, zone) if first.due else say(language, "card.no_limit")
    if len(waiting) == 1:
        title = header_text(first, say(language, "reminder.one", stage=first.stage, due=due))
        return title, escape(title)
    facts = {"case": escape(case_title(first)), "stage": escape(inside(first.stage, language))}
    text = say(language, "reminder.push", n=len(waiting), due=due, **facts)
    return say(language, "reminder.header", n=len(waiting)), text
