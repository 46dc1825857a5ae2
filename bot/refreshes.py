"""Rewriting a posted card whose case moved on. A lost rewrite does no harm: the card is still stale."""

from __future__ import annotations

import structlog

from bot.delivery import Delivery
from bot.pacing import KEPT_FOR_CLICKS
from bot.rendering import Card, Nothing
from bot.slack_errors import CHANNEL, GONE, Permanent, SlackError
from complaints.notices import Priority
from complaints.ports import StaleCard

log = structlog.get_logger(__name__)

LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_OF_CHANNEL_SECONDS = 600.0, 6 * 3600.0
OVERVIEWS = frozenset({"home", "reporter"})
"""Cards that show how the whole case stands: they change with every act, and nobody waits for them."""
OVERVIEW_SECONDS = 8.0
CLICKED_RANK = Priority.REMINDER * 10 - 5


class RefreshJob:
    """Shows the present state on *card*; one that somebody just clicked goes before queued reminders."""

    is_claimed = False

    def __init__(self, card: StaleCard, delivery: Delivery) -> None:
        self.card, self._d = card, delivery
        self.key = f"card {card.id}"
        self.rank = (CLICKED_RANK if card.clicked else Priority.REFRESH * 10, card.id)
        self.ids: dict[str, object] = {"card": card.id, "case": card.case_id, "kind": card.kind}
        self._shown: Card | None = None

    async def prepare(self) -> bool:
        try:
            shown = await self._d.call(self._d.renderer.refresh, self.card)
        except Exception:
            await self._later("could not be drawn")
            raise
        if isinstance(shown, Nothing):
            await self._refreshed(self.card.shown_digest or "")
        elif shown.digest == self.card.shown_digest:
            await self._refreshed(shown.digest, gone=shown.is_last)
        else:
            self._shown = shown
        return self._shown is not None

    def wait(self) -> float:
        reserve = 0.0 if self.card.clicked else KEPT_FOR_CLICKS
        return max(self._d.pacer.wait(self.card.channel), self._d.updates.wait(self._d.machine.monotonic(), reserve))

    def take(self) -> None:
        self._d.pacer.take(self.card.channel)
        self._d.updates.take(self._d.machine.monotonic())

    async def send(self) -> None:
        assert self._shown is not None
        try:
            await self._d.slack.update(
                self.card.channel, self.card.ts, text=self._shown.text, blocks=self._shown.blocks
            )
        except SlackError as error:
            self._d.note(error, self.card.channel, update=True)
            await self._failed(error)
        else:
            self._d.gate.answered()
            self._d.figures.refreshed += 1
            await self._refreshed(self._shown.digest, gone=self._shown.is_last)
            if self.card.kind in OVERVIEWS:
                await self._rest()

    async def _failed(self, error: SlackError) -> None:
        if isinstance(error, Permanent) and error.error in GONE:
            log.info("card is gone", error=error.error, **self.ids)
            self._d.figures.gone += 1
            await self._refreshed(self.card.shown_digest or "", gone=True)
            return
        log.warning("could not refresh", error=str(error), **self.ids)
        if isinstance(error, Permanent):
            most = LONGEST_PAUSE_OF_CHANNEL_SECONDS if error.kind == CHANNEL else LONGEST_PAUSE_SECONDS
            await self._later(error.error, most)

    async def _later(self, why: str, most: float = LONGEST_PAUSE_SECONDS) -> None:
        """Leave the card alone for 10 s, doubled each time up to *most*: a channel that comes back finds its cards healed."""
        self._d.figures.faults += 1
        seconds = min(most, self._d.pauses.get(self.card.id, 5.0) * 2)
        self._d.pauses[self.card.id] = seconds
        await self._d.call(self._d.outbox.refresh_later, self.card, at=self._d.later(seconds), error=why)

    async def _rest(self) -> None:
        """Leave an overview alone for a moment: several acts in a row become one rewriting."""
        at = self._d.later(OVERVIEW_SECONDS)
        await self._d.call(self._d.outbox.refresh_later, self.card, at=at, error="")

    async def _refreshed(self, digest: str, gone: bool = False) -> None:
        self._d.pauses.pop(self.card.id, None)
        await self._d.call(self._d.outbox.refreshed, self.card, digest=digest, gone=gone)

    async def give_back(self) -> None:
        """It is stale until it is refreshed; nothing to note."""
