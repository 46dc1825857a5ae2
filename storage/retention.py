"""What the end of keeping needs to know: ended cases that still have words, and files that only erased cases have."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from complaints.case import ENDED
from storage.engine import Engines
from storage.tables import case_files, cases, words

SHORTEST = timedelta(days=28)
"""No regulation keeps a case shorter; what was opened since is not looked at."""


class StoredRetention:
    """Questions of `bot.erasing`; nothing is written here."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def ended_with_words(self, now: datetime) -> list[str]:
        """Return the ids of ended cases of which words are still there, the oldest first. *now*: procedure time."""
        has_words = exists().where(words.c.log_id == cases.c.id)
        asked = select(cases.c.id).where(cases.c.status.in_(list(ENDED)), cases.c.opened_at < now - SHORTEST, has_words)
        with self._engines.read.connect() as core:
            return [str(row[0]) for row in core.execute(asked.order_by(cases.c.opened_at, cases.c.id))]

    def files_of_erased(self, case_id: str) -> list[str]:
        """Return the digests of an erased case's files that no case has whose words are still there."""
        other = case_files.alias()
        is_needed = exists().where(other.c.sha256 == case_files.c.sha256, other.c.state != "erased")
        asked = select(case_files.c.sha256).distinct()
        asked = asked.where(
            case_files.c.case_id == case_id,
            case_files.c.state == "erased",
            case_files.c.sha256.is_not(None),
            ~is_needed,
        )
        with self._engines.read.connect() as core:
            return [str(row[0]) for row in core.execute(asked)]
