"""The approval of a new policy version by the role that the policy names (GA-01)."""

from __future__ import annotations

from handlers.cards.desk import PUT_IN_FORCE
from handlers.cards.refs import parse_ref
from handlers.listeners import Handlers
from handlers.payloads import Click
from handlers.turns import Acked, Turn


async def on_put_in_force(turn: Turn, click: Click) -> Acked:
    """Put the version in force; the card then says who did. Raises Refusal: not theirs, or in force already."""
    ref = parse_ref(click.action.chosen)
    await turn.talk.read(turn.talk.put_in_force, ref.case, ref.more, turn.member, turn.now)
    return None


CLICKS: Handlers = {PUT_IN_FORCE: on_put_in_force}
