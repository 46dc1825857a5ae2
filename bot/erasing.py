"""Erasing a case: its words through the one door, then the bytes of its files; and doing so by itself when its time is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import structlog

from bot.office import Office
from complaints.commands import CLOCK, EraseWords
from complaints.refusals import Refusal
from complaints.retention import last_day_kept, source_of_keeping
from complaints.world import policy_of

log = structlog.get_logger(__name__)

LOOKED_AT, ERASED_AT_ONCE = 100, 20
"""Cases of a run of the chore whose end is computed, and that are erased: a tick must not wait for an archive."""


def erase_case(office: Office, case_id: str, actor: str, why: str) -> tuple[int, int]:
    """
    Erase the words of a case and the bytes of its files that no other case has; return how many of each.

    Raises:
        Refusal: not theirs, or the case goes on or must be kept.
    """
    words = tuple(w for w, text in office.store.reader.words(case_id).items() if text is not None)
    case = office.store.reader.case(case_id)
    if words or case is None or not case.erased:  # another process may have been here
        key = f"{case_id}:erase:{len(words)}:{case.seq if case else 0}"
        office.desk.submit(EraseWords(actor=actor, key=key, case_id=case_id, why=why, words=words)).result()
    return len(words), erase_files(office, case_id)


def erase_files(office: Office, case_id: str) -> int:
    """Remove the bytes of an erased case's files; those that another case has as well stay. Done twice it does no harm."""
    doomed = office.store.retention.files_of_erased(case_id)
    return sum(office.store.files.erase(digest) for digest in doomed)


@dataclass
class Retention:
    """
    Erases by itself what need not be kept any longer, once a day of the desk: people's words and files of ended cases.

    Statistics, deadlines, dates and the chain stay as they are. A case that fails is named in the log and tried tomorrow.
    """

    office: Office
    _last_days: dict[str, date] = field(default_factory=dict)
    _done_on: date | None = None
    _tried: set[str] = field(default_factory=set)

    def __call__(self, now: datetime) -> None:
        today = self._today(now)
        if self._done_on == today:
            return
        waiting = [c for c in self.office.store.retention.ended_with_words(now) if c not in self._tried]
        unknown = [c for c in waiting if c not in self._last_days][:LOOKED_AT]
        for case_id in unknown:
            self._compute(case_id)
        due = [c for c in waiting if self._last_days.get(c, today) < today][:ERASED_AT_ONCE]
        for case_id in due:
            self._erase(case_id)
        if len(unknown) < LOOKED_AT and len(due) < ERASED_AT_ONCE:
            self._done_on = today
            self._tried.clear()

    def _today(self, now: datetime) -> date:
        plan = self.office.watched.plan()
        return self.office.watched.calendars()[plan.default_calendar].local(now).date()

    def _compute(self, case_id: str) -> None:
        """Compute until when a case is kept; one of which nobody can tell must not keep the others from being looked at."""
        last = None
        try:
            last = self._last_day(case_id)
        except Exception as error:
            log.error("nobody can tell how long a case is to be kept", exc_info=error, case=case_id)
        if last is None:
            self._tried.add(case_id)
        else:
            self._last_days[case_id] = last

    def _last_day(self, case_id: str) -> date | None:
        case = self.office.store.reader.case(case_id)
        if case is None:
            return None
        papers = policy_of(self.office.store.shelf.bundle(case.bundle), case.policy).papers
        calendars, plan = self.office.watched.calendars(), self.office.watched.plan()
        return last_day_kept(case, papers, calendars[plan.default_calendar])

    def _erase(self, case_id: str) -> None:
        self._tried.add(case_id)
        try:
            words, files = erase_case(self.office, case_id, CLOCK, self._why(case_id))
        except Refusal as refusal:
            self._last_days.pop(case_id, None)
            log.info("not erased yet", case=case_id, reason=refusal.reason)
        except Exception as error:
            log.error("a case whose time is over could not be erased", exc_info=error, case=case_id)
        else:
            self._last_days.pop(case_id, None)
            log.info("erased, its time of keeping is over", case=case_id, words=words, files=files)

    def _why(self, case_id: str) -> str:
        case = self.office.store.reader.case(case_id)
        assert case is not None
        source = source_of_keeping(policy_of(self.office.store.shelf.bundle(case.bundle), case.policy).papers)
        return f"kept until {self._last_days[case_id]}" + (f" ({source})" if source else "")
