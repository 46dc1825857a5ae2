"""The other acts of a case, each a small form: opened only for who may, sent to the desk."""

from __future__ import annotations

from dataclasses import replace

from complaints import commands as cmd
from complaints.refusals import FieldErrors
from handlers.act_commands import Call
from handlers.act_table import ACTS, BY_ID, Act
from handlers.cards.refs import Ref, parse_ref
from handlers.listeners import Handler, Handlers
from handlers.modals.blocks import View, context, modal
from handlers.modals.case_lines import case_lead
from handlers.modals.inputs import Answers, answers_of, input_block
from handlers.modals.meta import Meta, new_token, read_meta
from handlers.payloads import Click, Submission
from handlers.replies import Reply, notice_view
from handlers.scenes import Scene
from handlers.texts import say
from handlers.turns import Acked, Turn

MEMBER = "member"
"""The input for who shall sign, or take a stage over."""

# --- opening and sending -----------------------------------------------------------------------------------------


def opening(act: Act) -> Handler:
    """Return the listener of the act's button."""

    async def on_act(turn: Turn, click: Click) -> Acked:
        await open_act(turn, act, parse_ref(click.action.chosen))
        return None

    return on_act


async def open_act(turn: Turn, act: Act, ref: Ref, *, answers: Answers | None = None, token: str = "") -> None:
    """Open the act's form. Raises Refusal: this person may not do it here, or it is too late."""
    scene = await turn.look_at(ref, with_words=act.with_words)
    call = Call(scene=scene, ref=ref, answers=Answers(), actor=turn.member, key="probe")
    refusal = scene.refusal_of(act.probe(call)) if act.probe else None
    if refusal is not None:
        raise refusal
    meta = Meta(ref=scene.ref_to(more=ref.more).text(), token=token or new_token())
    await turn.show(act_view(act, scene, ref, meta, answers or Answers()))


def act_view(act: Act, scene: Scene, ref: Ref, meta: Meta, filled: Answers) -> View:
    """Return the act's form; the submit label repeats the act."""
    language = scene.language
    questions = [replace(q, value=filled.values.get(q.id, q.value)) for q in act.asks(scene, ref)]
    lines = [context(line) for line in act.lines(scene, ref) if line]
    title, submit = _titles(act, scene, ref)
    return modal(
        callback_id=act.modal_id,
        title=title,
        submit=submit,
        close=say(language, "form.cancel"),
        blocks=[case_lead(scene), *lines, *(input_block(q) for q in questions)],
        metadata=meta.text(),
    )


def _titles(act: Act, scene: Scene, ref: Ref) -> tuple[str, str]:
    if act.id == "route":
        name = scene.policy.label(ref.more, scene.language)
        button = scene.policy.label(ref.more, scene.language, aspect="button").rstrip("…")
        return name, button or say(scene.language, "act.route.submit")
    return say(scene.language, f"act.{act.id}.title"), say(scene.language, f"act.{act.id}.submit")


def sending(act: Act) -> Handler:
    """Return the listener of the act's form."""

    async def on_act_sent(turn: Turn, sent: Submission) -> Acked:
        meta = read_meta(sent.view.private_metadata)
        answers = answers_of(sent.view.state.values)
        scene = await turn.look_at(meta.case, with_words=act.with_words)
        await turn.refuse_guests(answers, MEMBER)
        call = Call(
            scene=scene,
            ref=meta.case,
            answers=answers,
            actor=turn.member,
            key=f"{turn.member}:{act.id}:{meta.token}",
            found=await _found(turn, act, answers),
        )
        try:
            await turn.submit(act.command(call))
        except FieldErrors as wrong:
            raise _by_the_name_typed(act, answers, wrong) from None
        if act.id == "facts":
            turn.talk.intake_drafts.drop(turn.member, meta.token)
        return {"response_action": "clear"}

    return on_act_sent


async def _found(turn: Turn, act: Act, answers: Answers) -> str | None:
    if not act.finds:
        return None
    found = await turn.talk.read(turn.talk.reader.find, answers.words(act.finds))
    if found is None:
        raise FieldErrors({act.finds: ("no_such_case", {"value": answers.words(act.finds)})})
    return found


def _by_the_name_typed(act: Act, answers: Answers, wrong: FieldErrors) -> FieldErrors:
    """Return the errors with the case called as it was typed: its id would betray that there is one (GA-05)."""
    if act.finds not in wrong.errors:
        return wrong
    problem, facts = wrong.errors[act.finds]
    return FieldErrors({**wrong.errors, act.finds: (problem, {**facts, "value": answers.words(act.finds)})})


# --- one click -----------------------------------------------------------------------------------------------------


async def on_end_waiting(turn: Turn, click: Click) -> Acked:
    """The customer answered."""
    scene = await turn.look_at(click.action.chosen)
    key = f"{scene.case.id}:{scene.visit.id}:{turn.member}:end_waiting:{click.action.action_ts}"
    await turn.submit(cmd.EndWaiting(actor=turn.member, key=key, case_id=scene.case.id, visit=scene.visit.id))
    return await _done(turn, "act.end_waiting.done")


async def _done(turn: Turn, message_id: str) -> Acked:
    """Say in the modal that it is recorded; a card is redrawn by itself."""
    if turn.view is not None and turn.view.type == "modal":
        await turn.change(notice_view(Reply(title=turn.say(message_id)), turn.language))
    return None


BUTTONS = {
    "act.ask": "ask",
    "act.add_signer": "add_signer",
    "act.hand_over": "hand_over",
    "act.wait": "wait",
    "act.extend": "extend",
    "visit.extend": "extend",
    "act.take_back": "take_back",
    "act.amend": "amend",
    "act.withdraw": "withdraw",
    "act.void": "void",
    "act.merge": "merge",
    "act.route": "route",
    "case.facts": "facts",
    "case.urge": "urge",
    "file.resend": "resend",
    "question.answer": "answer",
    "extension.grant": "grant",
    "extension.refuse": "refuse_extension",
    "gm.reassign": "reassign",
    "gm.extend": "grant",
    "gm.meeting": "meeting",
}
"""Which button opens which form."""

CLICKS: Handlers = {
    **{action: opening(BY_ID[act]) for action, act in BUTTONS.items()},
    "act.end_waiting": on_end_waiting,
}
SUBMISSIONS: Handlers = {act.modal_id: sending(act) for act in ACTS}
