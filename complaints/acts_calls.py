"""The call to the customer afterwards: attempts, answers, and what follows from them."""

from __future__ import annotations

from complaints import commands as cmd
from complaints import events as e
from complaints.authority import (
    source_of,
    standing,
)
from complaints.case import Visit
from complaints.decisions import decide_stage, main_decision, the_visit
from complaints.draft import Draft
from complaints.facts import Facts
from complaints.forms import read_fields
from complaints.ladder import next_turn
from complaints.refusals import FieldErrors, NotAllowedHere


def log_call(draft: Draft, command: cmd.LogCall) -> None:
    """Record an attempt to call the customer; what was answered decides what follows (CC-13 to CC-18, D6)."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    attempts = draft.stage(visit).attempts
    if attempts is None:
        raise NotAllowedHere("no_calls_here", source=source_of(draft.stage(visit)), stage=visit.stage)
    if command.result not in ("reached", "no_answer", "later", "declined"):
        raise FieldErrors({"result": ("not_a_choice", {"choices": ["reached", "no_answer", "later", "declined"]})})
    again = command.again_at
    if command.result == "later" and (again is None or again <= draft.world.now):
        raise FieldErrors({"again_at": ("not_in_future", {"field": "again_at"})})
    if command.result == "no_answer":
        if visit.again_at is not None and draft.world.now < visit.again_at:
            raise NotAllowedHere(
                "call_again_later", source=source_of(draft.stage(visit)), again=visit.again_at, stage=visit.stage
            )
        again = next_turn(attempts.gap, draft.world.now, draft.world.calendar())
    draft.emit(
        e.CallLogged(
            visit=visit.id,
            attempt=visit.attempts + 1,
            result=command.result,
            again_at=again,
            words=draft.words_or_none(command.words.strip()),
        )
    )
    decision = _call_decision(draft, draft.case.visits[visit.id], command)
    if decision is not None:
        decide_stage(
            draft,
            cmd.Decide(
                actor=command.actor,
                key=command.key,
                case_id=command.case_id,
                visit=visit.id,
                decision=decision,
                fields=command.fields if command.result == "reached" else {},
                facts_seen=command.facts_seen,
            ),
        )


def _call_decision(draft: Draft, visit: Visit, command: cmd.LogCall) -> str | None:
    stage = draft.stage(visit)
    assert stage.attempts is not None
    if command.result == "reached":
        return suggested(draft, visit, command.fields)
    tried_out = visit.attempts >= stage.attempts.times
    if command.result == "declined" or (command.result == "no_answer" and tried_out):
        return stage.attempts.else_ or next(iter(stage.decide), "approve")
    return None


def suggested(draft: Draft, visit: Visit, fields: dict[str, object]) -> str:
    """Return the decision that the policy suggests for what was filled in: the answers decide, not the caller."""
    stage = draft.stage(visit)
    facts = Facts(draft.case, draft.world, more=read_fields(draft, fields, mandatory=stage.fill, allowed=stage.filled))
    return next((d for d, when in stage.suggest.items() if when.evaluate(facts) is True), main_decision(stage))
