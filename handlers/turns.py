"""One interaction: who did it, and the few ways to answer that person. It is acknowledged once, by the surface."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from complaints.authority import is_of_case
from complaints.commands import CaseCommand
from complaints.people import is_member_id
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.ports import Told
from complaints.refusals import FieldErrors, NotAllowedHere
from handlers.cards.refs import Ref, parse_ref
from handlers.conversation import Conversation
from handlers.languages import Known
from handlers.modals.blocks import View
from handlers.modals.fields import FieldBook
from handlers.modals.inputs import Answers
from handlers.payloads import ViewPart
from handlers.replies import About, Reply, message_of, notice_view
from handlers.scenes import Scene, scene_of
from handlers.texts import say

log = structlog.get_logger(__name__)

TOO_LATE = frozenset({"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged"})
NOT_THERE = frozenset({"not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived"})
NOT_NOW = "ratelimited"
"""Slack takes a whisper a second in a channel; the address of a click is not limited so."""
GUEST, UNKNOWN = "tell.guest", "tell.unknown"
MOST_MODALS = 3
NAMED_WITHIN = 60.0
"""Seconds: of who is chosen to act Slack is asked anew, unless it was a moment ago; he may have been deactivated today."""

Acked = Mapping[str, Any] | None


class TooLate(Exception):
    """Slack's three seconds for opening a form are over; the person is asked to press again."""


class NotYet(Exception):
    """What happened can't be placed yet; without an acknowledgement Slack delivers it again, in a minute and in five."""


@dataclass(kw_only=True)
class Turn:
    """
    What somebody did, and where to answer. *now*: procedure time, asked once. *kind*: click, submission, closed,
    command, shortcut, options, event. *outcome*: done, refused, wrong_fields, too_late, fault.
    """

    talk: Conversation
    kind: str
    member: str
    language: str
    now: datetime
    trigger: str = ""
    view: ViewPart | None = None
    channel: str | None = None
    thread: str | None = None
    response_url: str | None = None
    is_ephemeral: bool = False
    action_ts: str = ""
    scene: Scene | None = None
    book: FieldBook | None = None
    case_id: str | None = None
    has_acted: bool = False
    outcome: str = "done"
    later: list[Coroutine[Any, Any, None]] = field(default_factory=list)

    # --- who it is --------------------------------------------------------------------------------------------

    async def turned_away(self, team: str | None = None, *, wait: bool = False) -> str | None:
        """
        Return the message that says why the person may do nothing here: deactivated; or without a role and a guest, from
        outside (PITFALLS 45), or somebody of whom Slack does not say who it is; else None.

        Who holds a role is at once let in, unless *wait*: Slack gives us three seconds. Of anybody else Slack is asked first.
        *team*: the workspace that the payload itself names.
        """
        people, has_role = self.talk.languages, self.talk.settings.plan().has_any_role(self.member, self.now)
        if people.is_elsewhere(team) and not has_role:
            return GUEST
        known = await people.who(self.member, wait=wait or not has_role)
        if known is None:
            return None if has_role else UNKNOWN
        return GUEST if known.is_gone or (known.is_guest and not has_role) else None

    # --- the case and the desk ------------------------------------------------------------------------------

    async def look_at(self, ref: Ref | str, *, with_words: bool = False) -> Scene:
        """Read the case that a button or form is about. Raises UnknownRef, UnknownCase."""
        ref = parse_ref(ref) if isinstance(ref, str) else ref
        self.case_id = ref.case
        self.scene = await scene_of(
            self.talk, ref, member=self.member, language=self.language, now=self.now, with_words=with_words
        )
        return self.scene

    async def submit(self, command: CaseCommand) -> Told:
        """Submit *command* and wait for the commit. Raises Refusal; FieldErrors also for a guest who would be asked or told."""
        self.case_id = command.case_id
        named = named_in(command, self._policy_of(command), self.scene.case.fields if self.scene is not None else {})
        if named:
            await self._refuse_guests(named)
        told = await self.talk.submit(replace(command, contents=self._contents()))
        self.has_acted = True
        if told.changed:  # no answer came, so something was changed and the form sent once more
            raise NotAllowedHere("sent_before", source=None)
        return told

    def _contents(self) -> str | None:
        """Return what tells a form that was changed from one that was only delivered again; None where there is none."""
        if self.kind != "submission" or self.view is None:
            return None
        return sha256(repr(self.view.state.values).encode()).hexdigest()

    def _policy_of(self, command: CaseCommand) -> Policy | None:
        """Return by which regulation the fields of *command* are read; None where that is no matter."""
        if self.scene is not None:
            return self.scene.policy
        named = getattr(command, "policy", None)
        return next((p for _, p in self.talk.policies() if p.id == named), None)

    async def refuse_guests(self, answers: Answers, *blocks: str, known: Collection[str] = ()) -> None:
        """
        Refuse a guest, or somebody from outside, who was chosen to act for the company: he would be sent cards, and could
        answer none. A guest who holds a role can; who is deactivated, and an app, can't, also with a role. Himself anybody
        may name, and *known* are those who were named before.

        Raises:
            FieldErrors: at the first such input.
        """
        named = [(block, member) for block in blocks for member in _each(answers.values.get(block))]
        await self._refuse_guests(named, known)

    async def _refuse_guests(self, named: Iterable[tuple[str, str]], known: Collection[str] = ()) -> None:
        asked = [(place, m) for place, m in named if m not in (self.member, *known)]
        found = await asyncio.gather(
            *(self.talk.languages.who(member, wait=True, within=NAMED_WITHIN) for _, member in asked)
        )
        plan = self.talk.settings.plan()
        for (place, member), person in zip(asked, found, strict=True):
            problem = _why_nobody(person, has_role=plan.has_any_role(member, self.now))
            if problem:
                raise FieldErrors({place: (problem, {})})

    async def about(self) -> About:
        """Return what a refusal may name: the case as it stands now, not as the form saw it."""
        plan = self.talk.settings.plan()
        if self.scene is None:
            return About(plan=plan)
        case = await self.talk.read(self.talk.reader.case, self.scene.case.id) or self.scene.case
        may_remark = is_of_case(self.member, case, self.scene.world)
        policy, visit = self.scene.policy, self.scene.ref.visit
        return About(plan=plan, case=case, policy=policy, visit=visit, may_remark=may_remark)

    # --- answering --------------------------------------------------------------------------------------------

    async def show(self, view: View) -> None:
        """
        Put *view* before the person: a new modal, on top of the one pressed in, or in its place when three lie there.

        Raises:
            TooLate: the trigger is used up.
        """
        in_modal = self.view is not None and self.view.type == "modal"
        try:
            if not in_modal:
                await self.call("views.open", trigger_id=self.trigger, view=view)
            elif self.view is not None and self.view.depth < MOST_MODALS:
                await self.call("views.push", trigger_id=self.trigger, view=view)
            else:
                await self.change(view)
        except SlackApiError as error:
            if slack_code(error) in TOO_LATE:
                raise TooLate from error
            raise

    async def change(self, view: View) -> None:
        """Replace the modal in which something was pressed; what was typed stays where block ids stay."""
        assert self.view is not None
        sent: dict[str, Any] = {"view_id": self.view.id, "view": view}
        if self.view.hash:
            sent["hash"] = self.view.hash
        try:
            await self.call("views.update", **sent)
        except SlackApiError as error:
            if slack_code(error) not in ("hash_conflict", "not_found"):
                raise
            log.info("view changed meanwhile", view_id=self.view.id)

    async def tell(self, reply: Reply) -> Acked:
        """Say something to this person alone; returns what the acknowledgement must carry, if anything."""
        if self.kind == "command":
            return {"response_type": "ephemeral", **message_of(reply)}
        if self.kind == "submission":
            on_top = self.view is None or self.view.depth < MOST_MODALS
            return {"response_action": "push" if on_top else "update", "view": notice_view(reply, self.language)}
        if self.view is not None or self.kind == "shortcut":
            await self.show(notice_view(reply, self.language))
        elif self.channel is not None:
            await self.whisper(message_of(reply))
        return None

    async def whisper(self, message: Mapping[str, Any]) -> None:
        """Send a message that only this person sees, where the person is."""
        if self.is_ephemeral and self.response_url:
            await self.respond(message)
            return
        where = {"channel": self.channel, "user": self.member}
        if self.thread:
            where["thread_ts"] = self.thread
        try:
            await self.call("chat.postEphemeral", **where, **message)
        except SlackApiError as error:
            if slack_code(error) not in {*NOT_THERE, NOT_NOW} or not self.response_url:
                raise
            await self.respond(message)

    async def respond(self, message: Mapping[str, Any]) -> None:
        sent = {"response_type": "ephemeral", "replace_original": False, **message}
        await self.talk.respond(str(self.response_url), sent)

    async def call(self, method: str, **arguments: Any) -> Any:
        return await self.talk.slack.api_call(method, json=arguments)

    # --- afterwards ---------------------------------------------------------------------------------------------

    def after(self, work: Coroutine[Any, Any, None]) -> None:
        """Do *work* after the acknowledgement (redrawing App Home); its failure is logged, and told to who typed a command."""
        self.later.append(work)

    def say(self, message_id: str, /, **facts: Any) -> str:
        return say(self.language, message_id, **facts)


def _why_nobody(person: Known | None, *, has_role: bool) -> str:
    """Return why *person* could answer nothing that he is asked, "" if he could."""
    if person is None:
        return "" if has_role else "not_said_who"
    if person.is_gone or person.is_bot:
        return "deactivated" if person.is_gone else "an_app"
    return "a_guest" if person.is_guest and not has_role else ""


def named_in(command: CaseCommand, policy: Policy | None, before: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (field, member) of everybody whom the fields of *command* newly give a stage, or name to be asked or told;
    *before*: what the fields hold."""
    fields = getattr(command, "fields", None) or {}
    named = index_of(policy).reached & set(fields) if policy is not None and fields else ()
    return [(n, m) for n in sorted(named) for m in _members(fields[n]) if m not in _members(before.get(n))]


def _members(value: Any) -> list[str]:
    """Return the members in a person field, or in the lines of one."""
    lines = value if isinstance(value, list | tuple) else [{"": value}]
    cells = [cell for line in lines if isinstance(line, Mapping) for cell in line.values()]
    return list(dict.fromkeys(cell for cell in cells if isinstance(cell, str) and is_member_id(cell)))


def _each(chosen: Any) -> tuple[str, ...]:
    """Return the ids that an input holds, of one person or of several."""
    return tuple(map(str, chosen)) if isinstance(chosen, list | tuple) else (chosen,) if isinstance(chosen, str) else ()


def slack_code(error: Exception) -> str | None:
    """Return Slack's code for *error*; None where its answer was no JSON, as of a proxy before it, or there was none."""
    answer = getattr(error, "response", None)
    data = getattr(answer, "data", answer)
    return str(data["error"]) if isinstance(data, dict) and data.get("error") else None


_RUNNING: set[asyncio.Task[None]] = set()


def run_later(work: Coroutine[Any, Any, None], **ids: object) -> None:
    """Run *work* in a task of its own; Slack's troubles are logged with *ids* and forgotten."""

    async def guarded() -> None:
        try:
            await work
        except (SlackClientError, OSError, TimeoutError) as error:
            log.info("could not be shown afterwards", error=type(error).__name__, **ids)

    task = asyncio.get_running_loop().create_task(guarded())
    _RUNNING.add(task)
    task.add_done_callback(_RUNNING.discard)


async def settle_later() -> None:
    """Wait for what still runs (tests, shutdown)."""
    while _RUNNING:
        await asyncio.gather(*_RUNNING, return_exceptions=True)
