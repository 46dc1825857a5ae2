"""Setting things over the desk file from Slack: `/complaint desk` and App Home; who may is asked at click and submit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from complaints.commands import SetOverride, WithdrawOverride
from complaints.overrides import ABSENCE, CLOSURE, DEPUTY, HEAD, MEMBERS, VALUE
from complaints.overriding import require_may
from complaints.refusals import FieldErrors, NotAllowedHere
from handlers.cards.refs import number_of
from handlers.listeners import Handlers
from handlers.modals import desk as shown
from handlers.modals.blocks import View
from handlers.modals.inputs import Answers, answers_of
from handlers.modals.meta import Meta, new_token, read_meta
from handlers.payloads import Click, Submission
from handlers.turns import Acked, Turn, slack_code

log = structlog.get_logger(__name__)


def eyes_of(turn: Turn) -> shown.DeskEyes:
    talk = turn.talk
    bundles = [talk.shelf.in_force(name) for name in talk.settings.plan().policies]
    return shown.DeskEyes(
        member=turn.member, language=turn.language, now=turn.now, plan=talk.settings.plan(),
        overrides=talk.overrides(), calendars=tuple(talk.settings.calendars()),
        policies={p.policy.id: p for b in bundles if b is not None for p in (b.policy, *b.annexes.values())},
    )  # fmt: skip


# --- lists -------------------------------------------------------------------------------------------------------


async def open_desk(turn: Turn) -> None:
    await turn.show(shown.desk_view(eyes_of(turn)))


async def on_open(turn: Turn, click: Click) -> Acked:
    """Show the list: a new modal from Home, in place of the roles or values it is come back from."""
    await _put(turn, shown.desk_view(eyes_of(turn)))
    return None


async def on_roles(turn: Turn, click: Click) -> Acked:
    eyes = eyes_of(turn)
    if not eyes.may_for_others:
        require_may(MEMBERS, "", turn.member, eyes.plan)
    await _put(turn, shown.roles_view(eyes))
    return None


async def on_values(turn: Turn, click: Click) -> Acked:
    eyes = eyes_of(turn)
    require_may(VALUE, "", turn.member, eyes.plan)
    await _put(turn, shown.values_view(eyes))
    return None


async def _put(turn: Turn, view: View) -> None:
    """Put *view* in the place of a list of ours, else open it."""
    if turn.view is not None and turn.view.callback_id == shown.LIST_MODAL_ID:
        await turn.change(view)
    else:
        await turn.show(view)


# --- forms -------------------------------------------------------------------------------------------------------


async def on_away(turn: Turn, click: Click) -> Acked:
    await turn.show(shown.absence_form(eyes_of(turn), new_token()))
    return None


async def on_role(turn: Turn, click: Click) -> Acked:
    eyes, name = eyes_of(turn), click.action.chosen
    require_may(DEPUTY, name, turn.member, eyes.plan)
    role = eyes.plan.roles.get(name)
    if role is None:
        raise NotAllowedHere("desk_withdrawn_already", source=None)
    await turn.show(shown.role_form(eyes, role, new_token()))
    return None


async def on_close_days(turn: Turn, click: Click) -> Acked:
    eyes = eyes_of(turn)
    require_may(CLOSURE, "", turn.member, eyes.plan)
    await turn.show(shown.closure_form(eyes, new_token()))
    return None


async def on_set_value(turn: Turn, click: Click) -> Acked:
    eyes = eyes_of(turn)
    policy_id, _, name = click.action.chosen.partition(".")
    require_may(VALUE, policy_id, turn.member, eyes.plan)
    policy = eyes.policies.get(policy_id)
    if policy is None or name not in policy.values:
        raise NotAllowedHere("desk_withdrawn_already", source=None)
    await turn.show(shown.value_form(eyes, policy, name, new_token()))
    return None


# --- sending -----------------------------------------------------------------------------------------------------


async def on_absence_sent(turn: Turn, sent: Submission) -> Acked:
    """Set an absence; without a person chosen, the own one."""
    meta, answers = _read(sent)
    await turn.refuse_guests(answers, shown.MEMBER, shown.DEPUTY_BLOCK)
    who, deputy = answers.words(shown.MEMBER) or turn.member, answers.words(shown.DEPUTY_BLOCK)
    await _set(turn, meta, answers, ABSENCE, who, {"deputy": deputy} if deputy else {})
    return await _back(turn, "office.done")


async def on_role_sent(turn: Turn, sent: Submission) -> Acked:
    """Set what was changed: members, head, a deputy; each is an act of its own."""
    meta, answers = _read(sent)
    name = meta.extra[0] if meta.extra else ""
    role = turn.talk.settings.plan().roles.get(name)
    known = (*role.members, role.head or "") if role is not None else ()
    await turn.refuse_guests(answers, shown.MEMBERS_BLOCK, shown.HEAD_BLOCK, shown.DEPUTY_BLOCK, known=known)
    changes: list[tuple[str, dict[str, Any]]] = []
    if role is not None and shown.MEMBERS_BLOCK in sent.view.input_ids:
        members = list(answers.values.get(shown.MEMBERS_BLOCK) or ())
        if set(members) != set(role.members):
            changes.append((MEMBERS, {"members": members}))
        if answers.words(shown.HEAD_BLOCK) not in ("", role.head):
            changes.append((HEAD, {"head": answers.words(shown.HEAD_BLOCK)}))
    if answers.words(shown.DEPUTY_BLOCK) or shown.MEMBERS_BLOCK not in sent.view.input_ids:
        changes.append((DEPUTY, {"member": answers.words(shown.DEPUTY_BLOCK)}))
    if not changes:
        raise FieldErrors({shown.MEMBERS_BLOCK: ("unchanged", {})})
    for kind, value in changes:
        await _set(turn, meta, answers, kind, name, value)
    return await _back(turn, "office.done")


async def on_closure_sent(turn: Turn, sent: Submission) -> Acked:
    meta, answers = _read(sent)
    calendar = answers.words(shown.CALENDAR) or next(iter(turn.talk.settings.calendars()))
    await _set(turn, meta, answers, CLOSURE, calendar, {})
    return await _back(turn, "office.done_closure")


async def on_value_sent(turn: Turn, sent: Submission) -> Acked:
    meta, answers = _read(sent)
    policy, name = (*meta.extra, "", "")[:2]
    await _set(turn, meta, answers, VALUE, policy, {"name": name, "value": answers.words(shown.AMOUNT)})
    return await _back(turn, "office.done")


async def on_withdraw(turn: Turn, click: Click) -> Acked:
    """Let the desk file hold again; pressed twice it is withdrawn once."""
    number = number_of(click.action.chosen)
    if number is None:
        raise NotAllowedHere("desk_withdrawn_already", source=None)
    command = WithdrawOverride(actor=turn.member, key=f"desk:withdraw:{number}", override=number)
    await turn.talk.read(turn.talk.arrange, command)
    await _put(turn, shown.desk_view(eyes_of(turn), turn.say("office.withdrawn")))
    return None


def _read(sent: Submission) -> tuple[Meta, Answers]:
    return read_meta(sent.view.private_metadata), answers_of(sent.view.state.values)


async def _set(turn: Turn, meta: Meta, answers: Answers, kind: str, about: str, value: Mapping[str, Any]) -> None:
    command = SetOverride(
        actor=turn.member, key=f"{turn.member}:desk:{kind}:{meta.token}", kind=kind, about=about, value=dict(value),
        from_on=_day(answers, shown.FROM), until_on=_day(answers, shown.UNTIL),
    )  # fmt: skip
    try:
        await turn.talk.read(turn.talk.arrange, command)
    except FieldErrors as wrong:
        raise FieldErrors(_at_inputs(kind, wrong)) from None
    turn.has_acted = True


def _at_inputs(kind: str, wrong: FieldErrors) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Return the problems at the inputs of our forms: a deputy's `member` is asked as `deputy`."""
    renamed = {DEPUTY: {"member": shown.DEPUTY_BLOCK}}.get(kind, {})
    return {renamed.get(name, name): problem for name, problem in wrong.errors.items()}


def _day(answers: Answers, block: str) -> date | None:
    text = answers.words(block)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise FieldErrors({block: ("not_a_date", {"value": text})}) from None


async def _back(turn: Turn, note: str) -> Acked:
    """Show the list again, with what was just set on top; a form that stands alone becomes the list."""
    view = shown.desk_view(eyes_of(turn), turn.say(note))
    root = turn.view.root_view_id if turn.view is not None else None
    if turn.view is None or root in (None, turn.view.id):
        return {"response_action": "update", "view": view}
    try:
        await turn.call("views.update", view_id=root, view=view)
    except SlackApiError as error:
        log.info("the list could not be drawn again", error=slack_code(error))
    return None


CLICKS: Handlers = {
    shown.OPEN: on_open,
    shown.AWAY: on_away,
    shown.ROLES: on_roles,
    shown.ROLE: on_role,
    shown.CLOSE_DAYS: on_close_days,
    shown.VALUES: on_values,
    shown.SET_VALUE: on_set_value,
    shown.WITHDRAW: on_withdraw,
}
SUBMISSIONS: Handlers = {
    shown.ABSENCE_MODAL_ID: on_absence_sent,
    shown.ROLE_MODAL_ID: on_role_sent,
    shown.CLOSURE_MODAL_ID: on_closure_sent,
    shown.VALUE_MODAL_ID: on_value_sent,
}
