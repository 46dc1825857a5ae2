"""What the desk officer does about messages that did not arrive: to where they go today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.fallbacks import is_member
from bot.office import Office
from bot.reporting import world_for_figures
from complaints.addresses import addresses_of
from complaints.draft import Draft
from complaints.ports import OutboxRow
from complaints.telling import card_kind


@dataclass
class Repairs:
    """The door to `storage.trouble` for the conversation (`handlers.conversation.Trouble`)."""

    office: Office

    def send_again(self, message: int) -> bool:
        row = self.office.store.trouble.failed(message)
        return self.office.store.trouble.send_again(message, to=self._channel_now(row) if row is not None else None)

    def _channel_now(self, row: OutboxRow) -> str | None:
        """
        Return the channel to which the card of a stage goes today, where the desk does not use the one any more that it went to
        first: the officer mended it by naming another one. None where it goes to the same place.
        """
        plan = self.office.watched.plan()
        used = {plan.fallback_channel, *(role.channel for role in plan.roles.values())}
        case = self.office.store.reader.case(row.case_id) if row.case_id is not None else None
        visit = case.visits.get(row.visit or 0) if case is not None else None
        if case is None or visit is None or is_member(row.to) or row.to in used:
            return None
        world = world_for_figures(self.office, self.office.store.shelf.bundle(case.bundle), self.office.clock.now())
        draft = Draft(world=world, actor="", case=case)
        have_it = self.office.store.record.now(lambda tx: tx.addressed(case.id, visit.id, row.kind))
        channels = [to for to in addresses_of(draft, visit) if not is_member(to) and to not in have_it]
        is_its_card = row.kind == card_kind(draft, visit)
        return channels[0] if is_its_card and len(channels) == 1 else None

    def address_of(self, message: int) -> str | None:
        return self.office.store.trouble.address_of(message)

    def is_there(self, message: int, place: tuple[str, str] | None, actor: str, now: datetime) -> bool:
        machine_now = self.office.machine.now()
        return self.office.store.trouble.is_there(message, place=place, actor=actor, at=now, now=machine_now)
