"""How long a case is kept: after that, people's words go by themselves; figures, dates and the chain stay."""

from __future__ import annotations

from datetime import date, datetime

from complaints.case import Case
from complaints.limits import Limit, Unit, due_at
from complaints.policy_papers import Papers
from complaints.workdays import WorkCalendar

KEEP = Limit(amount=3, unit=Unit.YEARS)  # D8
DEFAULT = "D8"


def last_day_kept(case: Case, papers: Papers, calendar: WorkCalendar) -> date | None:
    """
    Return the last local day on which an ended case is kept; None while it goes on, and for one that is kept for ever.

    What was recorded when it finished holds. A case that was withdrawn, void or merged, or whose regulation names nobody
    who archives, is kept as long from its end on.

    Source: `papers.keep` of the policy with its clause; D8 unless it says otherwise.
    """
    if not case.is_over:
        return None
    if case.keep_until is not None:
        return case.keep_until
    ended_at = case.closed_at or case.finished_at
    if ended_at is None:
        return None
    return kept_until(papers, ended_at, calendar)


def kept_until(papers: Papers, ended_at: datetime, calendar: WorkCalendar) -> date | None:
    """Return the last local day on which a case that ended at *ended_at* is kept; None where the policy says `keep: none`: for ever."""
    limit = papers.keep or KEEP
    return None if limit.unit is Unit.NONE else calendar.last_day(due_at(limit, ended_at, calendar).at)


def source_of_keeping(papers: Papers) -> str | None:
    """Return where the time of keeping comes from: the clause, D8 where the text leaves it open, None where it is bare."""
    if papers.keep_source is not None:
        return str(papers.keep_source)
    return DEFAULT if papers.keep is None else None
