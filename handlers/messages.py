"""Words typed in a thread of a case are kept with it; words that look like a decision get a hint, never an effect."""

from __future__ import annotations

import re

import structlog

from complaints.commands import AddNote
from complaints.refusals import UnknownCase
from complaints.stages import stage_def
from handlers.cards.refs import Ref
from handlers.modals.blocks import Button
from handlers.payloads import EventPart, Happened, given_files, unescaped
from handlers.replies import Reply, message_of
from handlers.scenes import Scene
from handlers.texts import escape
from handlers.turns import Acked, NotYet, Turn

log = structlog.get_logger(__name__)

KEPT_SUBTYPES = frozenset({None, "file_share", "thread_broadcast"})
"""Messages of people; edits, deletions, joins and messages of apps are no words for a case."""

_YES = re.compile(
    r"^\W*(同意|核准|批准|核可|准|可以|好的?|没问题|沒問題|ok(ay)?|approved?|agreed?|lgtm|yes|\+1)\W*$", re.IGNORECASE
)
_NO = re.compile(r"^\W*(不同意|退回|驳回|駁回|不准|return(ed)?|reject(ed)?|no|send back)\W*$", re.IGNORECASE)
MOST_SEEN = 2000


async def on_message(turn: Turn, happened: Happened) -> Acked:
    """
    Keep what was said in a thread of ours; answer a message to the app itself.

    Under a message of ours that is of no one case (a list, a report), or of which nobody could tell that it is shown, words are
    not kept; each who writes there is told so, once.
    """
    event = happened.event
    if event.subtype not in KEPT_SUBTYPES or event.hidden or not event.channel or not event.ts:
        return None
    if event.thread_ts and event.thread_ts != event.ts:
        # In this order: the thread may be under a card whose post is answered and noted just now, or was not answered.
        may_be_ours = await turn.talk.read(turn.talk.reader.is_being_sent, (event.channel, turn.member))
        found = await turn.talk.read(turn.talk.reader.case_of_thread, event.channel, event.thread_ts)
        if found is not None:
            await _keep(turn, event, Ref(case=found[0], visit=found[1]))
            return None
        if may_be_ours:
            raise NotYet
        if happened.is_under_ours and _is_first(turn, f"{event.channel}:{event.thread_ts}:{turn.member}"):
            await turn.whisper(message_of(Reply(title=turn.say("tell.unkept"), body=turn.say("tell.unkept.body"))))
    if event.channel_type == "im" and not event.thread_ts:
        await _answer_kindly(turn, event)
    return None


async def _keep(turn: Turn, event: EventPart, ref: Ref) -> None:
    """
    Record the words and files under the message's own key, so that a second delivery changes nothing.

    To who may not know of the case the thread is one of no case (GA-05): an answer would tell that there is one.
    """
    try:
        told = await turn.submit(_note(turn, event, ref))
    except UnknownCase:
        log.info("words in a thread of a case that is kept to others", case=ref.case, member=turn.member)
        return
    if told.repeated or not _is_decision(event.text):
        return
    scene = await turn.look_at(ref)
    reply = _hint(turn, scene, bool(_NO.match(event.text)))
    if reply is not None:
        await turn.whisper(message_of(reply))


def _note(turn: Turn, event: EventPart, ref: Ref) -> AddNote:
    return AddNote(
        actor=turn.member,
        key=f"{event.channel}:{event.ts}",
        case_id=ref.case,
        words=unescaped(event.text),
        channel=event.channel,
        ts=event.ts,
        visit=ref.visit,
        files=given_files(event.files),
    )


def _is_decision(text: str) -> bool:
    return bool(_YES.match(text) or _NO.match(text))


def _hint(turn: Turn, scene: Scene, is_return: bool) -> Reply | None:
    """Return the hint that words decide nothing, with the button that does; None for who has nothing to decide."""
    visits = [scene.visit] if scene.has_visit and scene.visit.is_open else scene.case.open_visits
    mine = [v for v in visits if scene.standing_refusal(v) is None]
    if not mine:
        return None
    visit = mine[0]
    ref = scene.ref_to(visit=visit.id)
    stage = scene.policy.label(visit.stage, turn.language)
    if is_return:
        button = Button(label=turn.say("act.return.button"), action_id="visit.return", value=ref.text())
    else:
        label = scene.policy.label(visit.stage, turn.language, aspect="button") or turn.say("act.main.button")
        action = "visit.log_call" if stage_def(scene.policy, visit.stage).attempts else "visit.main"
        button = Button(label=label, action_id=action, value=ref.text())
    return Reply(title=turn.say("tell.typed", stage=escape(stage)), body=turn.say("tell.typed.body"), button=button)


async def _answer_kindly(turn: Turn, event: EventPart) -> None:
    """Say how a complaint starts; once for a message, however often it is delivered."""
    if not _is_first(turn, f"{event.channel}:{event.ts}"):
        return
    if away := await turn.turned_away():
        await turn.whisper(message_of(Reply(title=turn.say(away), body=turn.say(f"{away}.body"))))
        return
    button = Button(label=turn.say("apphome.log"), action_id="home.log", green=True)
    await turn.whisper(message_of(Reply(title=turn.say("tell.start"), body=turn.say("tell.start.body"), button=button)))


def _is_first(turn: Turn, key: str) -> bool:
    """Say whether nothing under *key* was answered yet; from now on it was."""
    seen = turn.talk.seen
    if key in seen:
        return False
    if len(seen) >= MOST_SEEN:
        seen.clear()
    seen.add(key)
    return True
