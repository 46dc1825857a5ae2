"""The desk officer's buttons about delivery: send again what did not arrive, and say that a message is there."""

from __future__ import annotations

import re

from complaints.people import DeskPlan
from complaints.refusals import FieldErrors, NotAuthorized
from handlers.cards.desk import IS_THERE, SEND_AGAIN, mention
from handlers.cards.refs import Ref, number_of, parse_ref
from handlers.listeners import Handlers
from handlers.modals.blocks import View, context, modal
from handlers.modals.inputs import Question, answers_of, input_block
from handlers.modals.meta import Meta, read_meta
from handlers.payloads import Click, Submission
from handlers.replies import Reply
from handlers.turns import Acked, Turn

THERE_MODAL_ID = "trouble.is_there"
LINK = "link"
_LINK = re.compile(r"/archives/(?P<channel>[CDG][A-Z0-9]{2,})/p(?P<seconds>\d{10})(?P<part>\d{6})(?:\?|$)")


async def on_send_again(turn: Turn, click: Click) -> Acked:
    """Queue the messages anew; those that were sent again already are left alone. Raises NotAuthorized."""
    require_officer(turn.member, turn.talk.settings.plan())
    named = (number_of(n) for n in parse_ref(click.action.chosen).more.split(","))
    numbers = [number for number in named if number is not None]
    done = [await turn.talk.read(turn.talk.trouble.send_again, number) for number in numbers]
    if any(done):
        return await turn.tell(Reply(title=turn.say("trouble.sent_again", n=sum(done))))
    return await turn.tell(Reply(title=turn.say("trouble.nothing_left"), body=turn.say("trouble.nothing_left.body")))


def require_officer(member: str, plan: DeskPlan) -> None:
    """Refuse everybody but the desk officer. Raises NotAuthorized."""
    if member != plan.officer:
        raise NotAuthorized("only_officer", source=None, people=(plan.officer,))


# --- it is there -----------------------------------------------------------------------------------------------


async def on_is_there(turn: Turn, click: Click) -> Acked:
    """Ask for the message's link, which nobody has to give. Raises NotAuthorized."""
    require_officer(turn.member, turn.talk.settings.plan())
    number = _number(parse_ref(click.action.chosen))
    to = await turn.talk.read(turn.talk.trouble.address_of, number)
    if to is None:
        return await _settled(turn)
    await turn.show(_form(turn, number, to))
    return None


def _form(turn: Turn, number: int, to: str) -> View:
    asked = Question(
        id=LINK, kind="line", label=turn.say("trouble.link"), hint=turn.say("trouble.link.hint"), optional=True
    )
    return modal(
        callback_id=THERE_MODAL_ID,
        title=turn.say("trouble.there.title"),
        submit=turn.say("trouble.there.submit"),
        close=turn.say("form.cancel"),
        blocks=[context(turn.say("trouble.there.lines", who=mention(to))), input_block(asked)],
        metadata=Meta(ref=Ref(case="", more=str(number)).text()).text(),
    )


async def on_is_there_sent(turn: Turn, sent: Submission) -> Acked:
    """Settle the message, and keep in the desk's log who found it. Raises NotAuthorized, FieldErrors."""
    require_officer(turn.member, turn.talk.settings.plan())
    number = _number(read_meta(sent.view.private_metadata).case)
    to = await turn.talk.read(turn.talk.trouble.address_of, number)
    if to is None:
        return await _settled(turn)
    place = place_of(answers_of(sent.view.state.values).words(LINK), to)
    if not await turn.talk.read(turn.talk.trouble.is_there, number, place, turn.member, turn.now):
        return await _settled(turn)
    return {"response_action": "clear"}


def place_of(link: str, to: str) -> tuple[str, str] | None:
    """
    Return channel and ts that a message's link names; None where none was given.

    Raises:
        FieldErrors: it is no such link, or of another conversation than *to*.
    """
    if not link:
        return None
    found = _LINK.search(link)
    if found is None:
        raise FieldErrors({LINK: ("no_link", {})})
    is_direct = found["channel"].startswith("D")
    if to != found["channel"] and not (to.startswith(("U", "W")) and is_direct):
        raise FieldErrors({LINK: ("link_elsewhere", {})})
    return found["channel"], f"{found['seconds']}.{found['part']}"


async def _settled(turn: Turn) -> Acked:
    return await turn.tell(Reply(title=turn.say("trouble.settled"), body=turn.say("trouble.settled.body")))


def _number(ref: Ref) -> int:
    return number_of(ref.more) or 0


CLICKS: Handlers = {SEND_AGAIN: on_send_again, IS_THERE: on_is_there}
SUBMISSIONS: Handlers = {THERE_MODAL_ID: on_is_there_sent}
