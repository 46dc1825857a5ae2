"""Calling the customer back: each attempt is recorded, and the answers decide what follows."""

from __future__ import annotations

from complaints.acts_calls import suggested
from complaints.commands import LogCall
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors
from handlers.cards.refs import UnknownRef, parse_ref
from handlers.listeners import Handlers
from handlers.modals.callback import AGAIN_AT, MODAL_ID, REACHED, RESULT, WORDS, CallForm
from handlers.modals.inputs import answers_of
from handlers.modals.meta import Meta, new_token, read_meta
from handlers.payloads import Click, Submission
from handlers.scenes import refuse_over
from handlers.turns import Acked, Turn


async def on_log_call(turn: Turn, click: Click) -> Acked:
    """Ask whether the customer was reached. Raises Refusal: not theirs, or too late."""
    scene = await turn.look_at(parse_ref(click.action.chosen))
    refuse_over(scene.visit)
    refusal = scene.standing_refusal(scene.visit)
    if refusal is not None:
        raise refusal
    await turn.show(CallForm(scene=scene, meta=Meta(ref=scene.ref_to().text(), token=new_token())).view())
    return None


async def on_result(turn: Turn, click: Click) -> Acked:
    """Show what this result still needs."""
    if click.view is None:
        raise UnknownRef("an input of a form, without its form")
    meta = read_meta(click.view.private_metadata)
    scene = await turn.look_at(meta.case)
    answers = answers_of(click.view.state.values)
    await turn.change(CallForm(scene=scene, meta=meta.model_copy(update={"decision": ""}), answers=answers).view())
    return None


async def on_call_sent(turn: Turn, sent: Submission) -> Acked:
    """Record the call; an answer that begins a new complaint is asked about once more."""
    meta, answers = read_meta(sent.view.private_metadata), answers_of(sent.view.state.values)
    scene = await turn.look_at(meta.case)
    refuse_over(scene.visit)
    form = CallForm(scene=scene, meta=meta, answers=answers)
    if not form.result:
        raise FieldErrors({RESULT: ("missing", {"field": RESULT})})
    fields = scene.book.given(answers, form.fields) if form.result == REACHED else {}
    bad = _bad_decision(form, fields)
    if bad and meta.decision != bad:
        warned = CallForm(scene=scene, meta=meta.model_copy(update={"decision": bad}), answers=answers)
        return {"response_action": "update", "view": warned.view()}
    await turn.submit(
        LogCall(
            actor=turn.member,
            key=f"{turn.member}:call:{meta.token}",
            case_id=scene.case.id,
            visit=scene.visit.id,
            result=form.result,
            fields=fields,
            words=answers.words(WORDS),
            again_at=answers.instant(AGAIN_AT),
            facts_seen=meta.case.facts,
        )
    )
    return {"response_action": "clear"}


def _bad_decision(form: CallForm, fields: dict[str, object]) -> str:
    """Return the decision that these answers lead to when it begins a case anew; "" otherwise. Raises FieldErrors."""
    if form.result != REACHED or not form.stage.suggest:
        return ""
    decision = suggested(form.scene.draft, form.scene.visit, fields)
    target = decisions_of(form.stage).get(decision)
    return decision if target is not None and target.kind in ("new_case", "reopen_at") else ""


CLICKS: Handlers = {"visit.log_call": on_log_call}
FIELDS: Handlers = {MODAL_ID: on_result}
SUBMISSIONS: Handlers = {MODAL_ID: on_call_sent}
