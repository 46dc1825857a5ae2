"""The few listeners of Bolt: read the payload, find who answers it in our table, acknowledge once, answer."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError

from complaints.refusals import FieldErrors, Refusal
from handlers import payloads
from handlers.cards.refs import UnknownRef
from handlers.conversation import Conversation
from handlers.errors import errors_at_blocks
from handlers.modals.blocks import option
from handlers.modals.inputs import ACTION
from handlers.modals.meta import new_token
from handlers.payloads import BadPayload, Click, Happened, Shortcut, Submission, Suggestion, Typed
from handlers.replies import Reply, explain, message_of
from handlers.turns import GUEST, Acked, NotYet, TooLate, Turn, run_later, slack_code

log = structlog.get_logger(__name__)

Handler = Callable[[Turn, Any], Awaitable[Acked]]
Handlers = Mapping[str, Handler]
Ack = Callable[..., Awaitable[Any]]

ANYTHING = re.compile(r"")
EVENTS = re.compile(r"^(message|app_home_opened)$")
SLOW_SECONDS = 0.5
"""Slack waits three seconds; who looks after the desk hears long before that (PITFALLS 3)."""
STRANGER = "guest"
"""The one choice that who does not belong here is offered; what is sent with it is refused."""
LINKS = "link."
"""Buttons with an address: Slack sends them as clicks too, and nothing is to be done."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Who answers what. *fields*: by modal id, what happens when an input of it is dispatched."""

    clicks: Handlers
    submissions: Handlers
    fields: Handlers = field(default_factory=dict)
    closed: Handlers = field(default_factory=dict)
    shortcuts: Handlers = field(default_factory=dict)
    suggestions: Handlers = field(default_factory=dict)
    command: Handler | None = None
    message: Handler | None = None
    home_opened: Handler | None = None
    after_act: Callable[[Turn], None] = lambda turn: None


@dataclass(frozen=True)
class Listeners:
    """One listener for each kind of payload."""

    talk: Conversation
    table: Table

    def register(self, app: AsyncApp) -> None:
        """
        Make Bolt call us: one regular expression for each kind of payload (PERFORMANCE §1.8).

        Bolt asks them in this order and each costs the ones behind it a little, so what comes most often comes first.
        """
        app.action(ANYTHING)(self.on_click)
        app.event(EVENTS)(self.on_event)
        app.view(ANYTHING)(self.on_submission)
        app.view_closed(ANYTHING)(self.on_closed)
        app.command(ANYTHING)(self.on_command)
        app.shortcut(ANYTHING)(self.on_shortcut)
        app.options(ANYTHING)(self.on_suggestion)

    # --- one for each kind ------------------------------------------------------------------------------------

    async def on_click(self, body: dict[str, Any], ack: Ack) -> None:
        click = self._read(Click, body)
        if click is None or click.action.action_id.startswith(LINKS):
            await ack()
            return
        view = click.view
        turn = self._turn(
            "click",
            click.user.id,
            trigger=click.trigger_id,
            view=view,
            channel=click.channel.id if click.channel else click.container.channel_id,
            thread=click.thread,
            response_url=click.response_url,
            is_ephemeral=click.container.is_ephemeral,
            action_ts=click.action.action_ts,
        )
        if click.action.action_id.startswith(ACTION):
            handler = self.table.fields.get(view.callback_id if view else "", _nothing)
        else:
            handler = self.table.clicks.get(click.action.action_id, _unknown)
        await self._serve(turn, handler, click, ack)

    async def on_submission(self, body: dict[str, Any], ack: Ack) -> None:
        sent = self._read(Submission, body)
        if sent is None:
            await ack()
            return
        turn = self._turn("submission", sent.user.id, trigger=sent.trigger_id, view=sent.view)
        handler = self.table.submissions.get(sent.view.callback_id, _unknown)
        await self._serve(turn, handler, sent, ack)

    async def on_closed(self, body: dict[str, Any], ack: Ack) -> None:
        closed = self._read(Submission, body)
        if closed is None:
            await ack()
            return
        turn = self._turn("closed", closed.user.id, view=closed.view)
        await self._serve(turn, self.table.closed.get(closed.view.callback_id, _nothing), closed, ack)

    async def on_command(self, body: dict[str, Any], ack: Ack) -> None:
        typed = self._read(Typed, body)
        if typed is None:
            await ack()
            return
        turn = self._turn(
            "command",
            typed.user_id,
            trigger=typed.trigger_id,
            channel=typed.channel_id,
            response_url=typed.response_url,
        )
        await self._serve(turn, self.table.command or _nothing, typed, ack)

    async def on_shortcut(self, body: dict[str, Any], ack: Ack) -> None:
        used = self._read(Shortcut, body)
        if used is None:
            await ack()
            return
        turn = self._turn(
            "shortcut",
            used.user.id,
            trigger=used.trigger_id,
            channel=used.channel.id if used.channel else None,
            response_url=used.response_url,
        )
        await self._serve(turn, self.table.shortcuts.get(used.callback_id, _unknown), used, ack)

    async def on_suggestion(self, body: dict[str, Any], ack: Ack) -> None:
        asked = self._read(Suggestion, body)
        if asked is None:
            await ack(options=[])
            return
        turn = self._turn("options", asked.user.id, view=asked.view)
        handler = self.table.suggestions.get(asked.block_id) or self.table.suggestions["*"]
        await self._serve(turn, handler, asked, ack)

    async def on_event(self, body: dict[str, Any], ack: Ack) -> BoltResponse | None:
        happened = self._read(Happened, body)
        event = happened.event if happened else None
        if event is None or not event.user or event.bot_id:
            await ack()
            return None
        turn = self._turn("event", event.user, channel=event.channel, thread=event.thread_ts)
        handler = self.table.message if event.type == "message" else self.table.home_opened
        try:
            await self._serve(turn, handler or _nothing, happened, ack)
        except NotYet:
            log.info("not acknowledged, to be delivered again", channel=turn.channel, ts=event.ts)
            return BoltResponse(status=503)
        return None

    # --- the one surface ----------------------------------------------------------------------------------------

    def _read(self, kind: type[Any], body: dict[str, Any]) -> Any:
        try:
            return payloads.read(kind, body)
        except BadPayload as bad:
            log.warning("payload refused", error=str(bad))
            return None

    def _turn(self, kind: str, member: str, **more: Any) -> Turn:
        language = self.talk.languages.of(member)
        return Turn(talk=self.talk, kind=kind, member=member, language=language, now=self.talk.clock.now(), **more)

    async def _serve(self, turn: Turn, handler: Handler, payload: Any, ack: Ack) -> None:
        """Let *handler* answer, acknowledge exactly once, then do what can wait. Raises NotYet: then it is not acknowledged."""
        begun = time.perf_counter()
        answer = await self._answer(turn, handler, payload)
        self.talk.answered(turn.kind, turn.outcome, seconds := time.perf_counter() - begun)
        if seconds > SLOW_SECONDS:
            log.warning("slow answer", kind=turn.kind, seconds=round(seconds, 2), case=turn.case_id)
        await ack(**(answer or {}))
        if turn.has_acted:
            self.table.after_act(turn)
        for work in turn.later:
            run_later(self._afterwards(turn, work), member=turn.member, case=turn.case_id)

    async def _afterwards(self, turn: Turn, work: Awaitable[None]) -> None:
        """Do what goes on after the acknowledgement; who typed a command still waits for words, a fault too (PITFALLS 7)."""
        try:
            await work
        except (SlackClientError, OSError, TimeoutError):
            raise
        except Exception as error:
            reply = self._logged(turn, error)
            if turn.kind == "command":
                await turn.respond(message_of(reply))

    async def _answer(self, turn: Turn, handler: Handler, payload: Any) -> Acked:
        try:
            if away := await self._turned_away(turn, payload):
                turn.outcome = "refused"
                if turn.kind == "closed":
                    return None  # what a guest typed into a form that was never his is not kept
                if turn.kind == "options":
                    return {"options": [option(STRANGER, turn.say(away))]}  # no customer, and why
                return await turn.tell(Reply(title=turn.say(away), body=turn.say(f"{away}.body")))
            return await handler(turn, payload)
        except FieldErrors as wrong:
            return await self._guarded(turn, self._wrong_fields(turn, wrong))
        except Refusal as refusal:
            return await self._guarded(turn, self._refuse(turn, refusal))
        except UnknownRef:
            return await self._guarded(turn, self._tell(turn, "tell.redrawn"))
        except TooLate:
            return await self._too_late(turn)
        except NotYet:
            raise
        except Exception as error:  # the one place where faults end (CARDS, principle 11; STYLE §7)
            answer = await self._fault(turn, error)
            if turn.kind == "event":  # what nobody will press again: Slack delivers it once more, and it may go well
                raise NotYet from error
            return answer

    async def _turned_away(self, turn: Turn, payload: Any) -> str | None:
        """Return the message that says why the person may do nothing here; a form is taken, and customers are listed, only
        once Slack has said who it is."""
        if turn.kind == "event":
            return None
        team = payload.user.team_id if hasattr(payload, "user") else payload.team_id
        away = await turn.turned_away(team, wait=turn.kind in ("submission", "options"))
        return None if turn.kind == "closed" and away != GUEST else away

    # --- what goes wrong ------------------------------------------------------------------------------------------

    async def _wrong_fields(self, turn: Turn, wrong: FieldErrors) -> Acked:
        """Put each error at its input; without a form, say that it needs one."""
        turn.outcome = "wrong_fields"
        if turn.kind == "submission" and turn.view is not None:
            zone = self.talk.settings.plan().timezone
            book = turn.book or (turn.scene.book if turn.scene else None)
            errors = errors_at_blocks(wrong, turn.view.input_ids, turn.language, zone, book)
            if errors:
                return {"response_action": "errors", "errors": errors}
        return await self._refuse(turn, wrong)

    async def _refuse(self, turn: Turn, refusal: Refusal) -> Acked:
        turn.outcome = "refused" if turn.outcome == "done" else turn.outcome
        log.info("refused", reason=refusal.reason, case=turn.case_id, member=turn.member)
        return await turn.tell(explain(refusal, turn.language, await turn.about()))

    async def _tell(self, turn: Turn, message_id: str) -> Acked:
        return await turn.tell(Reply(title=turn.say(message_id), body=turn.say(f"{message_id}.body")))

    async def _too_late(self, turn: Turn) -> Acked:
        """Slack opens nothing any more: say it in words where the person is, else leave it."""
        turn.outcome = "too_late"
        reply = Reply(title=turn.say("tell.too_late"), body=turn.say("tell.too_late.body"))
        if turn.kind == "command":
            return await turn.tell(reply)
        if turn.view is None and turn.channel and turn.kind == "click":
            return await self._guarded(turn, turn.tell(reply))
        log.info("trigger expired", kind=turn.kind, case=turn.case_id)
        return None

    async def _fault(self, turn: Turn, error: Exception) -> Acked:
        turn.outcome = "fault"
        return await self._guarded(turn, turn.tell(self._logged(turn, error)))

    def _logged(self, turn: Turn, error: Exception) -> Reply:
        """Log where it went wrong, never the words in it; return what gives the person a reference to name."""
        reference = new_token()[:8]
        log.error(
            "listener failed",
            reference=reference,
            exc_info=error,
            slack=slack_code(error),
            kind=turn.kind,
            case=turn.case_id,
            member=turn.member,
        )
        return Reply(title=turn.say("tell.fault"), body=turn.say("tell.fault.body", reference=reference))

    async def _guarded(self, turn: Turn, answering: Awaitable[Acked]) -> Acked:
        """Answer, and let Slack's own troubles with the answer end here."""
        try:
            return await answering
        except TooLate:
            log.info("trigger expired", kind=turn.kind, case=turn.case_id)
            return None
        except (SlackClientError, OSError, TimeoutError) as error:
            log.warning(
                "the answer was not shown",
                error=type(error).__name__,
                slack=slack_code(error),
                kind=turn.kind,
                case=turn.case_id,
            )
            return None


async def _nothing(turn: Turn, payload: Any) -> Acked:
    return None


async def _unknown(turn: Turn, payload: Any) -> Acked:
    """A button or form that this version of the program does not know (PITFALLS 46)."""
    raise UnknownRef("an act of another version")
