"""The desk officer's buttons about delivery: send again what did not arrive."""

from __future__ import annotations

from complaints.refusals import NotAuthorized
from handlers.cards.desk import SEND_AGAIN
from handlers.cards.refs import parse_ref
from handlers.listeners import Handlers
from handlers.payloads import Click
from handlers.replies import Reply
from handlers.turns import Acked, Turn


async def on_send_again(turn: Turn, click: Click) -> Acked:
    """Queue the messages anew; those that were sent again already are left alone. Raises NotAuthorized."""
    officer = turn.talk.settings.plan().officer
    if turn.member != officer:
        raise NotAuthorized("only_officer", source=None, people=(officer,))
    numbers = [int(n) for n in parse_ref(click.action.chosen).more.split(",") if n.isdigit()]
    done = [await turn.talk.read(turn.talk.send_again, number) for number in numbers]
    if any(done):
        return await turn.tell(Reply(title=turn.say("trouble.sent_again", n=sum(done))))
    return await turn.tell(Reply(title=turn.say("trouble.nothing_left"), body=turn.say("trouble.nothing_left.body")))


CLICKS: Handlers = {SEND_AGAIN: on_send_again}
