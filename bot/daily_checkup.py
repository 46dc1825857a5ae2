"""Once a day the running bot looks at its channels and people itself; the desk officer hears what is to be mended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import structlog

from bot.checkup import Finding
from bot.office import Office
from complaints.notices import Notice

log = structlog.get_logger(__name__)

FIRST_SECONDS, DAY_SECONDS = 600.0, 86_400.0
"""Some minutes after the start, so that what waits from before goes out first; then every day."""
MOST_LINES = 40


@dataclass
class DailyCheckup:
    """*look* asks Slack: is the bot in its channels, are the named people there and no guests (pitfalls 28, 29)."""

    office: Office
    look: Callable[[], AsyncIterator[Finding]]

    async def run(self) -> None:
        await self.office.machine.sleep(FIRST_SECONDS)
        while True:
            try:
                await self.once()
            except Exception as error:  # tomorrow is another day; nothing else may stop for it
                log.error("the daily check could not be done", exc_info=error)
            await self.office.machine.sleep(DAY_SECONDS)

    async def once(self) -> None:
        """
        Look, and tell the officer what is wrong: at most one message a day, as long as it is wrong.

        Whom Slack calls deactivated answers for nothing from then on (D14: deputies, head, fallback), until it no longer does.
        """
        wrong = [finding async for finding in self.look() if not finding.is_ok]
        gone = frozenset(str(f.facts["member"]) for f in wrong if (f.what, f.wrong) == ("member", "deactivated"))
        if gone != self.office.watched.gone:
            await asyncio.to_thread(self._note, gone)
        if wrong:
            log.warning("the daily check found something to mend", count=len(wrong))
            await asyncio.to_thread(self._tell, wrong)

    def _note(self, gone: frozenset[str]) -> None:
        log.warning("other people are deactivated than before", member=sorted(gone ^ self.office.watched.gone))
        self.office.store.heartbeats.note_gone(gone, self.office.machine.now())
        self.office.watched.refresh()

    def _tell(self, wrong: list[Finding]) -> None:
        office = self.office
        plan, now = office.watched.plan(), office.clock.now()
        day = office.watched.calendars()[plan.default_calendar].local(now).date()
        todo = [{"what": f.what, "wrong": f.wrong, **f.facts} for f in wrong[:MOST_LINES]]
        notice = Notice(id=f"checkup:{day}", kind="checkup", to=plan.officer, facts={"todo": todo, "n": len(wrong)})
        office.store.record.now(lambda tx: None if tx.was_told(notice.id) else tx.put_out([notice], now))
