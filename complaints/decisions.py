"""Deciding a stage: fields, reason, seats."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Set
from dataclasses import replace
from typing import Any

from complaints import events as e
from complaints.authority import Standing, blamed_units, is_sole_judge_blamed, source_of, standing
from complaints.case import Case, SeatState, Visit
from complaints.clocks import end_clocks_of_visit
from complaints.commands import Decide, GivenFile
from complaints.consequences import NEXT, finish_visit
from complaints.draft import Draft
from complaints.facts import Facts
from complaints.forms import take_fields
from complaints.holds import MONEY, carries_out_money, refuse_locked
from complaints.policy_model import Fill, StageDef
from complaints.policy_parts import Target, Who
from complaints.refusals import FactsChanged, FieldErrors, NotAllowedHere, UnknownCase
from complaints.reply import is_channel, refuse_reply, refuse_spoken
from complaints.routes import (
    add_recusal_seat,
    earlier_stages,
    is_passed,
    return_to,
)
from complaints.seats import holders_of, is_complete, joint_decision, role_at
from complaints.triggers import settle
from complaints.unasked import drop_unasked, filled_by_none_but, taken_out

APPROVE, RETURN, DISAGREE = "approve", "return", "disagree"


def decisions_of(stage: StageDef) -> dict[str, Target]:
    """Return what may be decided at a stage; a return to an earlier stage is always among it (D18)."""
    return stage.all_decisions


def main_decision(stage: StageDef) -> str:
    """Return the stage's main act: the first decision that leads on."""
    return stage.main_decision


def asks_everything(stage: StageDef, decision: str) -> bool:
    """Say whether *decision* asks for all that the stage must fill: the main one, and one that reopens what was decided;
    what stands for a customer whom nobody reached does not."""
    if decision == main_decision(stage):
        return True
    unreached = stage.attempts is not None and decision == stage.attempts.else_
    return decisions_of(stage).get(decision, NEXT).kind == "reopen_at" and not unreached


def the_visit(case: Case, number: int) -> Visit:
    """Return the visit of that number or refuse as for an unknown case."""
    if number not in case.visits:
        raise UnknownCase(name=case.name)
    return case.visits[number]


def decide_stage(draft: Draft, command: Decide) -> None:
    """
    Take a decision of a stage.

    Raises:
        Refusal: not theirs, too late, facts changed, not allowed here, fields missing or wrong.
    """
    visit = the_visit(draft.case, command.visit)
    place = standing(draft.case, visit, command.actor, draft.world, instead=command.instead)
    if command.facts_seen is not None and command.facts_seen != draft.case.facts_version:
        raise FactsChanged(case=draft.case.name, stage=visit.stage)
    stage = draft.stage(visit)
    command = command if command.decision else replace(command, decision=main_decision(stage))
    if command.instead:
        place = _for_all_seats(draft, visit, place)
    _refuse_unknown_decision(draft, stage, place, command)
    _refuse_without_call(draft, visit, stage, command)
    _refuse_before_needs(draft, stage, place, command)
    fill_and_answer(draft, visit, place, command)


def _for_all_seats(draft: Draft, visit: Visit, place: Standing) -> Standing:
    """Give the general manager, who decides instead, the last word in a visit of several seats: he decides the stage."""
    if sum(s.answer is None for s in visit.seats) == 1:
        return place
    seat = e.Seat(id=len(visit.seats) + 1, role=draft.world.people.general_manager, kind="final")
    draft.emit(e.SeatAdded(visit=visit.id, seat=seat))
    return replace(place, seat=SeatState(seat=seat))


def _refuse_unknown_decision(draft: Draft, stage: StageDef, place: Standing, command: Decide) -> None:
    allowed = list(decisions_of(stage)) if place.seat.seat.kind in ("main", "final") else [APPROVE, RETURN]
    if place.seat.seat.kind == "with" and stage.disagree is not None:
        allowed.append(DISAGREE)
    if command.decision not in allowed:
        raise NotAllowedHere(source=source_of(stage), decision=command.decision, allowed=allowed)


def _refuse_without_call(draft: Draft, visit: Visit, stage: StageDef, command: Decide) -> None:
    """A callback is decided by what the customer answered in a logged call, not by who clicks (D6)."""
    if stage.attempts is None or command.decision == RETURN or command.instead:
        return
    if not any(isinstance(r.event, e.CallLogged) for r in draft.events):
        raise NotAllowedHere("call_first", source=source_of(stage), stage=visit.stage, allowed=[RETURN])


def _refuse_before_needs(draft: Draft, stage: StageDef, place: Standing, command: Decide) -> None:
    missing = [n for n in stage.needs if not is_passed(draft.case, draft.policy, n) and not draft.facts.get(n)]
    if missing and command.decision != RETURN:
        raise NotAllowedHere("needs_first", source=source_of(stage), needs=missing)
    if command.decision == RETURN:
        return
    if stage.tells:
        # who confirms beside him who replies (recusal, a signer put in) does not tell the customer himself
        only_signs = place.seat.seat.kind in ("recusal", "added", "sign")
        refuse_reply(draft, command.actor, instead=command.instead or only_signs)
    if carries_out_money(stage, draft.policy):
        refuse_locked(MONEY, draft)


def fill_and_answer(draft: Draft, visit: Visit, place: Standing, command: Decide) -> None:
    stage = draft.stage(visit)
    is_main = place.seat.seat.kind in ("main", "final")
    returns = decisions_of(stage).get(command.decision, NEXT).kind == "back"
    reason = _reason(draft, stage, command, returns)
    target_stage = _return_stage(draft, visit, command) if returns else None
    add_files(draft, visit.id, command.files, asked=stage.filled)
    filled = filled_by_none_but(draft, [visit.stage], visit.id)
    out = taken_out(draft, visit, command.fields) if is_main and not returns else set[str]()
    fields = command_fields(draft, visit, stage, command, mandatory=is_main and not returns, filled=filled, out=out)
    if fields:
        draft.emit(e.FieldsSet(fields=fields, visit=visit.id))
    if is_main and not returns:
        drop_unasked(draft, [visit.stage], filled, visit.id, out)
    if is_main and not returns and _passes_on(draft, visit, place, reason):
        return
    if fields and not is_main and not returns:
        _refuse_beyond(draft, draft.case.visits[visit.id])
    draft.emit(
        e.SeatAnswered(
            visit=visit.id,
            seat=place.seat.seat.id,
            decision=command.decision,
            reason=reason,
            on_behalf_of=place.capacity.on_behalf_of,
            capacity=place.capacity.kind,
        )
    )
    if command.instead:
        draft.emit(e.EscalationAnswered(visit=visit.id, how="decide", words=reason))
    _confirm_own_blame(draft, visit.id, returns)
    if target_stage is not None:
        _return(draft, visit.id, command.decision, target_stage)
    elif command.decision == DISAGREE:
        _disagree(draft, visit.id, stage)
    elif is_complete(draft.case.visits[visit.id], stage.seats):
        finish_visit(draft, visit.id, joint_decision(draft.case.visits[visit.id]))


def _reason(draft: Draft, stage: StageDef, command: Decide, returns: bool) -> dict[str, Any] | None:
    needs_reason = returns or command.decision in stage.reason or command.decision == DISAGREE or command.instead
    if needs_reason and not (command.reason or "").strip():
        raise FieldErrors({"reason": ("missing", {"field": "reason"})})
    return draft.words_or_none((command.reason or "").strip())


def _return_stage(draft: Draft, visit: Visit, command: Decide) -> str:
    possible = earlier_stages(draft, visit)
    target = decisions_of(draft.stage(visit))[command.decision]
    wanted = command.to_stage or (possible[-1] if possible else None)
    if wanted is None or wanted not in possible:
        raise NotAllowedHere(
            "no_such_stage_before", source="D18", stage=command.to_stage, possible=possible, kind=target.kind
        )
    return wanted


def command_fields(
    draft: Draft, visit: Visit, stage: StageDef, command: Decide, *, mandatory: bool, filled: Set[str], out: Set[str]
) -> dict[str, Any]:
    """
    Return the plain fields of a decision. What other stages filled need not be filled again; what this stage
    filled in an earlier round is asked anew, and what the policy asks upon this decision. A decision that does not ask
    everything asks only that, and how the customer was told. *filled*: by earlier rounds of this stage alone; *out*: what
    was taken out of the form.
    """
    fills: Iterable[Fill] = stage.fill if mandatory else ()
    if mandatory and not asks_everything(stage, command.decision):
        fills = [f for f in stage.fill if f.name in command.fields or _is_asked_beside(draft, stage, f)]
    fields = take_fields(
        draft,
        command.fields,
        mandatory=fills,
        allowed=stage.filled,
        with_files=[name for name, _ in command.files],
        decision=command.decision,
        anew=[*_filled_before(draft, visit), *(f.name for f in stage.fill if _depends_on_decision(f))],
        may_go=filled,
        out=out,
    )
    _check_list(draft, stage, fields, mandatory)
    if stage.tells and mandatory:
        refuse_spoken(draft, stage, fields)
    return fields


def _is_asked_beside(draft: Draft, stage: StageDef, fill: Fill) -> bool:
    """Say whether a decision that does not lead on asks for it too: it depends on the decision, or is the channel."""
    return _depends_on_decision(fill) or (stage.tells and is_channel(fill.name, draft.policy))


def _depends_on_decision(fill: Fill) -> bool:
    return fill.when is not None and "decision" in fill.when.names


def _filled_before(draft: Draft, visit: Visit) -> list[str]:
    """Return what earlier rounds of this stage filled."""
    return [n for v in draft.case.visits.values() if v.stage == visit.stage and v.id != visit.id for n in v.filled]


def _check_list(draft: Draft, stage: StageDef, fields: Mapping[str, Any], mandatory: bool) -> None:
    open_points = [n for n in stage.checklist if not fields.get(n, draft.case.fields.get(n))]
    if mandatory and open_points:
        raise FieldErrors({n: ("checklist", {"field": n}) for n in open_points})


def add_files(
    draft: Draft, visit: int | None, files: Iterable[tuple[str, GivenFile]], *,
    asked: Container[str] = (), instead_of: str | None = None,
) -> None:  # fmt: skip
    """
    Put files on the case; the bytes are fetched after the commit. *instead_of*: the missed one that they replace.

    A file for a field that is not *asked* here is evidence like any other: it stands in for none that another stage must give.
    """
    for field, file in files:
        if file.id not in draft.case.files:
            draft.emit(
                e.FileAdded(
                    file=file.id,
                    name=draft.keep_words(file.name),
                    mimetype=file.mimetype,
                    size=file.size,
                    field=field if field in asked else None,
                    visit=visit,
                    instead_of=instead_of,
                )
            )
            instead_of = None


def _passes_on(draft: Draft, visit: Visit, place: Standing, reason: dict[str, Any] | None) -> bool:
    """Hand the visit to the right authority when an entry exceeded the decider's own (POLICY-FORMAT 2.5)."""
    seat = place.seat.seat
    role = _authority_above(draft, draft.stage(visit), seat)
    if role is None or draft.world.people.has_role(draft.actor, role, draft.world.now):
        return False
    draft.emit(e.HandedOver(visit=visit.id, seat=seat.id, member=None, role=role, reason=reason))
    return True


def _refuse_beyond(draft: Draft, visit: Visit) -> None:
    """Refuse what a signer enters where that is beyond the authority of who decided: the decision would stand all the same."""
    stage = draft.stage(visit)
    for state in visit.seats:
        role = _authority_above(draft, stage, state.seat) if state.answer is not None else None
        if role is not None and not draft.world.people.has_role(draft.actor, role, draft.world.now):
            raise NotAllowedHere("beyond_authority", source=source_of(stage), stage=visit.stage, role=role)


def _authority_above(draft: Draft, stage: StageDef, seat: e.Seat) -> str | None:
    """Return the role that the table of the stage asks for now, if it stands above the seat's own; else None."""
    if stage.who.kind != "by_table" or seat.kind != "main" or seat.role is None:
        return None
    table = draft.policy.tables[str(stage.who.arg)]
    order, own = [_role_name(row.give) for row in table.rows], draft.world.people.base(seat.role)
    if own not in order or order.index(own) == len(order) - 1:  # nobody stands above
        return None
    role = _role_name(table.pick(draft.facts))
    if role == own or role not in order or order.index(role) < order.index(own):
        return None
    return role_at(role, draft.case, draft.world, draft.facts)


def _role_name(picked: object) -> str:
    return str(picked.arg) if isinstance(picked, Who) else str(picked)


def _confirm_own_blame(draft: Draft, number: int, returns: bool) -> None:
    """Ask somebody else to confirm when the finding of this stage blames its own unit (recusal)."""
    visit = draft.case.visits[number]
    blamed = blamed_units(draft.case, draft.policy, Facts(draft.case, draft.world), draft.world)
    if not returns and is_sole_judge_blamed(visit, draft.stage(visit), blamed, draft.policy, draft.world):
        add_recusal_seat(draft, visit, blamed)


def _return(draft: Draft, number: int, decision: str, stage: str) -> None:
    draft.emit(e.VisitDone(visit=number, decision=decision, target="back"))
    end_clocks_of_visit(draft, number, "returned")
    settle(draft)
    return_to(draft, draft.case.visits[number], stage)


def _disagree(draft: Draft, number: int, stage: StageDef) -> None:
    """Departments disagree: who is named decides alone (RT-05, DL-12)."""
    assert stage.disagree is not None
    visit = draft.case.visits[number]
    facts = draft.facts_of(draft.case.branches[visit.branch])
    for role, member, head in holders_of(stage.disagree, draft.case, draft.world, facts):
        seat = e.Seat(id=len(draft.case.visits[number].seats) + 1, role=role, member=member, head=head, kind="final")
        draft.emit(e.SeatAdded(visit=number, seat=seat))
