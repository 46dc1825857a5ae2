"""Deciding a stage: its form, the return, the one-click confirmation, and the general manager's decision instead."""

from __future__ import annotations

from dataclasses import replace

from complaints.acts_calls import suggested
from complaints.authority import standing
from complaints.commands import Decide
from complaints.decisions import RETURN
from complaints.hiding import customer_field
from complaints.refusals import FactsChanged, FieldErrors, NotAllowedHere, Refusal
from complaints.routes import earlier_stages
from complaints.views_names import is_words
from handlers.cards.refs import Ref, parse_ref
from handlers.duty_lines import lines_of_duty
from handlers.listeners import Handlers
from handlers.modals.inputs import Answers, answers_of
from handlers.modals.meta import Meta, new_token, read_meta
from handlers.modals.stage import (
    DECISION,
    INSTEAD_MODAL_ID,
    MODAL_ID,
    REASON,
    RETURN_MODAL_ID,
    TO_STAGE,
    StageForm,
    return_view,
)
from handlers.payloads import Click, Submission
from handlers.scenes import Scene, refuse_over
from handlers.turns import Acked, Turn

DONE: Acked = {"response_action": "clear"}


# --- the stage's form ----------------------------------------------------------------------------------------


async def on_main(turn: Turn, click: Click) -> Acked:
    """Open the form of the stage."""
    await open_stage(turn, parse_ref(click.action.chosen))
    return None


async def open_stage(turn: Turn, ref: Ref, *, decision: str = "", instead: bool = False) -> None:
    """Open the form of a visit, or refuse before anything is typed. Raises Refusal."""
    scene = await _scene_for_form(turn, ref)
    refusal = scene.standing_refusal(scene.visit, instead=instead)
    if refusal is not None:
        raise refusal
    if ref.facts is not None and ref.facts != scene.case.facts_version:
        raise FactsChanged(case=scene.case.name, stage=scene.visit.stage)
    meta = Meta(ref=scene.ref_to().text(), token=new_token(), decision=decision)
    typed = await turn.talk.read(turn.talk.drafts.get, turn.member, _draft_name(scene), turn.now)
    form = _form(scene, meta, instead=instead)
    offered = await turn.talk.read(lines_of_duty, turn.talk, scene) if scene.case.duty is not None else {}
    await turn.show(replace(form, typed=Answers(values=typed or {}), offered=Answers(values=offered)).view())


def _draft_name(scene: Scene) -> str:
    return f"visit:{scene.case.id}:{scene.visit.id}"


async def _scene_for_form(turn: Turn, ref: Ref) -> Scene:
    """Read the case, and its words only when a later round has some to show again, or a new customer's name to mask."""
    scene = await turn.look_at(ref)
    refuse_over(scene.visit)
    shown = (*scene.stage.filled, customer_field(scene.policy) or "")
    if any(is_words(scene.case.fields.get(n)) for n in shown):
        return await turn.look_at(ref, with_words=True)
    return scene


def _form(scene: Scene, meta: Meta, *, instead: bool) -> StageForm:
    return StageForm(scene=scene, meta=meta, decision=meta.decision, instead=instead, kind=_seat_kind(scene, instead))


def _seat_kind(scene: Scene, instead: bool) -> str:
    try:
        return standing(scene.case, scene.visit, scene.member, scene.world, instead=instead).seat.seat.kind
    except Refusal:
        return "main"


async def on_main_sent(turn: Turn, sent: Submission) -> Acked:
    """Take the decision with what was filled in."""
    return await _decide(turn, sent, instead=False)


async def on_instead_sent(turn: Turn, sent: Submission) -> Acked:
    """Take the decision for the owner of a late stage (general manager)."""
    return await _decide(turn, sent, instead=True)


async def _decide(turn: Turn, sent: Submission, *, instead: bool) -> Acked:
    meta, answers = read_meta(sent.view.private_metadata), answers_of(sent.view.state.values)
    scene = await turn.look_at(meta.case)
    turn.talk.drafts.keep(turn.member, _draft_name(scene), answers.values, turn.now)
    form = _form(scene, meta, instead=instead)
    fields = dict.fromkeys(form.emptied(answers)) | scene.book.given(answers, form.fields)
    await turn.submit(
        Decide(
            actor=turn.member,
            key=_key(turn, "decide", meta.token),
            case_id=scene.case.id,
            visit=scene.visit.id,
            decision=_decision(form, answers, fields),
            fields=fields,
            files=scene.book.files(answers),
            reason=answers.words(REASON) or None,
            facts_seen=meta.case.facts,
            instead=instead,
        )
    )
    turn.talk.drafts.drop(turn.member, _draft_name(scene))
    return DONE


def _decision(form: StageForm, answers: Answers, fields: dict[str, object]) -> str:
    """Return what was chosen; what the answers decide by the policy where nothing was; the only one there is."""
    if len(form.decisions) == 1:
        return form.decisions[0]
    chosen = answers.words(DECISION)
    if chosen in form.decisions:
        return chosen
    if not form.stage.suggest:
        raise FieldErrors({DECISION: ("missing", {"field": DECISION})})
    return suggested(form.scene.draft, form.scene.visit, fields)


def _key(turn: Turn, act: str, token: str) -> str:
    return f"{turn.member}:{act}:{token}"


# --- one click -------------------------------------------------------------------------------------------------


async def on_confirm(turn: Turn, click: Click) -> Acked:
    """Take the main decision of a stage that has nothing to fill in; pressed twice it is taken once."""
    ref = parse_ref(click.action.chosen)
    facts = "" if ref.facts is None else str(ref.facts)
    command = Decide(
        actor=turn.member,
        key=f"{ref.case}:{ref.visit}:{turn.member}:confirm:{facts}",
        case_id=ref.case,
        visit=ref.visit or 0,
        decision="",
        facts_seen=ref.facts,
    )
    try:
        told = await turn.submit(command)
    except Refusal:
        await turn.look_at(ref)  # the desk needs no look beforehand; the words that say why not do
        raise
    if told.repeated:
        scene = await turn.look_at(ref)
        refusal = scene.standing_refusal(scene.visit)
        if refusal is not None:
            raise refusal  # the words say that the answer is recorded
        # The answer of a joint stage was taken back: the same click is a new one.
        await turn.submit(replace(command, key=f"{command.key}:{scene.case.seq}"))
    return None


# --- the return ------------------------------------------------------------------------------------------------


async def on_return(turn: Turn, click: Click) -> Acked:
    """Ask to which stage, and why."""
    await open_return(turn, parse_ref(click.action.chosen))
    return None


async def open_return(turn: Turn, ref: Ref) -> None:
    """Open the return form. Raises Refusal: not theirs, too late, or nothing to return to."""
    scene = await turn.look_at(ref)
    refusal = scene.standing_refusal(scene.visit)
    if refusal is not None:
        raise refusal
    stages = earlier_stages(scene.draft, scene.visit)
    if not stages:
        raise NotAllowedHere("no_such_stage_before", source="D18", stage=scene.visit.stage)
    await turn.show(return_view(scene, Meta(ref=scene.ref_to().text(), token=new_token()), stages))


async def on_return_sent(turn: Turn, sent: Submission) -> Acked:
    """Send the case back."""
    meta, answers = read_meta(sent.view.private_metadata), answers_of(sent.view.state.values)
    scene = await turn.look_at(meta.case)
    await turn.submit(
        Decide(
            actor=turn.member,
            key=_key(turn, "return", meta.token),
            case_id=scene.case.id,
            visit=scene.visit.id,
            decision=RETURN,
            reason=answers.words(REASON),
            to_stage=answers.words(TO_STAGE) or None,
            facts_seen=meta.case.facts,
        )
    )
    return DONE


async def on_gm_decide(turn: Turn, click: Click) -> Acked:
    """Open the stage's form for the general manager, with a reason."""
    await open_stage(turn, parse_ref(click.action.chosen), instead=True)
    return None


CLICKS: Handlers = {
    "visit.main": on_main,
    "visit.confirm": on_confirm,
    "visit.return": on_return,
    "gm.decide": on_gm_decide,
}
SUBMISSIONS: Handlers = {
    MODAL_ID: on_main_sent,
    RETURN_MODAL_ID: on_return_sent,
    INSTEAD_MODAL_ID: on_instead_sent,
}
