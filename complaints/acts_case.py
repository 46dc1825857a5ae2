"""Acts on the whole case: correct, withdraw, void, merge, remarks and files, routes by hand, looks and erasure."""

from __future__ import annotations

from typing import Any

from complaints import case as c
from complaints import commands as cmd
from complaints import events as e
from complaints.acts import required
from complaints.authority import (
    capacity_for,
    is_of_case,
    is_registry,
    require_full,
    require_of_case,
    require_open,
    source_of,
)
from complaints.case import Case, CaseFile
from complaints.clocks import (
    restart_changed_limits,
)
from complaints.consequences import give_up, reopen
from complaints.decisions import add_files
from complaints.draft import Draft
from complaints.forms import apart, as_said, take_fields
from complaints.hiding import customer_field, is_hidden_from
from complaints.holds import EXPORT, refuse_locked
from complaints.limits import due_at
from complaints.policy_index import index_of
from complaints.policy_model import Run
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from complaints.restricted import known_case
from complaints.retention import last_day_kept
from complaints.routes import (
    advance,
    change_route,
    finish_if_over,
    open_branch,
    return_to,
    steps_of,
)
from complaints.seats import holders_of, people_of
from complaints.triggers import may_begin
from complaints.unasked import drop_unasked, filled_by_none_but

WHOLE_LOG = "json"
"""The form of a file that holds the log as it is recorded."""


def withdraw(draft: Draft, command: cmd.Withdraw) -> None:
    """Withdraw one's complaint while it is open; it stays in the log and leaves the route."""
    if command.actor != draft.case.reporter and not is_registry(command.actor, draft.case, draft.world):
        raise NotAuthorized("only_reporter", source=None, people=(draft.case.reporter,))
    require_open(draft.case)
    reason = draft.keep_words(required(command.reason))
    give_up(draft, "withdrawn")
    draft.emit(e.CaseWithdrawn(reason=reason))


def amend(draft: Draft, command: cmd.Amend) -> None:
    """Correct fields with a reason until close; who decided on a changed decision field is asked again (DESIGN §8)."""
    if command.actor != draft.case.reporter and not is_registry(command.actor, draft.case, draft.world):
        raise NotAuthorized("only_reporter", source=None, people=(draft.case.reporter,))
    require_open(draft.case)
    reason = required(command.reason)
    fields = dict(take_fields(draft, command.fields, allowed=_amendable(draft)).items())
    changed = {n: v for n, v in fields.items() if draft.case.fields.get(n) != v}
    if not changed:
        raise FieldErrors({next(iter(command.fields), "reason"): ("unchanged", {})})
    before = {n: draft.case.fields.get(n) for n in changed}
    draft.emit(e.FieldsSet(fields=changed, reason=draft.keep_words(reason), before=before))
    drop_unasked(draft, _first_stages(draft), filled_by_none_but(draft, _first_stages(draft)) - set(changed))
    restart_changed_limits(draft)
    if not change_route(draft):
        _ask_again(draft, set(changed))


def _amendable(draft: Draft) -> list[str]:
    return [n for s in _first_stages(draft) for n in draft.policy.stages[s].filled]


def _first_stages(draft: Draft) -> tuple[str, ...]:
    intake = draft.policy.intake
    return intake.stages if intake else tuple(draft.policy.stages)[:1]


def _ask_again(draft: Draft, changed: set[str]) -> None:
    """Return to the first authority that decided on what changed now."""
    if not changed & index_of(draft.policy).decision_fields:
        return
    done = [v for v in draft.case.visits.values() if v.ended == "done"]
    approvals = [v for v in done if v.stage in index_of(draft.policy).approving]
    open_main = [v for v in draft.case.open_visits if not draft.case.branches[v.branch].follow_up]
    if approvals and open_main:
        return_to(draft, open_main[0], approvals[0].stage, why="amended")


def void(draft: Draft, command: cmd.Void) -> None:
    """Declare it no case: the number stays used, it leaves the statistics."""
    if not is_registry(command.actor, draft.case, draft.world):
        raise NotAuthorized("only_registry", source=None, people=())
    if draft.case.is_over:
        require_open(draft.case)
    reason = draft.keep_words(required(command.reason))
    give_up(draft, "void")
    draft.emit(e.CaseVoided(reason=reason))


def merge(draft: Draft, command: cmd.Merge) -> None:
    """Declare it the same matter as another open case, which goes on."""
    if not is_registry(command.actor, draft.case, draft.world) and command.actor != draft.case.reporter:
        raise NotAuthorized("only_registry", source=None, people=())
    require_open(draft.case)
    other = known_case(command.into, command.actor, draft.world) if command.into != draft.case.id else None
    if other is None or other.is_over or other.kind != "complaint" or not _is_of_case(command.actor, other, draft):
        raise FieldErrors({"into": ("no_such_case", {"value": command.into})})
    reason = draft.keep_words(required(command.reason))
    give_up(draft, "merged")
    draft.emit(e.CaseLinked(other=other.id, link="merged"))
    draft.emit(e.CaseMerged(into=other.id, reason=reason))


def _is_of_case(actor: str, other: Case, draft: Draft) -> bool:
    return is_of_case(actor, other, draft.world.around(other))


def add_note(draft: Draft, command: cmd.AddNote) -> None:
    """Keep what was typed in a thread; files dropped there come onto the case. In place of one that could not be fetched
    comes only a file of who gave that one, or could have."""
    require_of_case(command.actor, draft.case, draft.world)
    visit = command.visit if command.visit in draft.case.visits else None
    if command.words.strip():
        words = draft.keep_words(command.words)
        draft.emit(e.NoteAdded(words=words, channel=command.channel, ts=command.ts, visit=visit))
    missed = draft.case.files.get(command.instead_of or "")
    if missed is not None and missed.missed is not None and _gives(command.actor, missed, draft):
        again = [(missed.field or "", f) for f in command.files]
        add_files(draft, missed.visit, again, asked=[name for name, _ in again if name], instead_of=missed.id)
    else:
        add_files(draft, visit, [("", f) for f in command.files])


def _gives(actor: str, missed: CaseFile, draft: Draft) -> bool:
    """Say whether *actor* gave the file, or may answer the visit for which it was given, or keeps the register."""
    visit = draft.case.visits.get(missed.visit or 0)
    seats = [s.seat for s in visit.seats] if visit is not None else []
    may_answer = any(capacity_for(seat, actor, draft.world) for seat in seats)
    return actor == missed.by or may_answer or is_registry(actor, draft.case, draft.world)


def store_file(draft: Draft, command: cmd.StoreFile) -> None:
    file = draft.case.files.get(command.file)
    if file is None or file.sha256 is not None:
        return
    if command.sha256 is None:
        draft.emit(e.FileMissed(file=command.file, why=command.why))
    else:
        draft.emit(e.FileStored(file=command.file, sha256=command.sha256, size=command.size))


def begin_route(draft: Draft, command: cmd.BeginRoute) -> None:
    """Begin by hand a route that the policy opens to people: an objection, an appeal (RT-18, LP-17)."""
    if command.route not in draft.policy.routes:
        raise NotAllowedHere("no_such_route", source=None, route=command.route)
    route = draft.policy.routes[command.route]
    trigger = may_begin(draft, command.route)
    if trigger is None or draft.case.status in (c.WITHDRAWN, c.VOID, c.MERGED):
        raise NotAllowedHere("not_now", source=source_of(route), route=command.route)
    people = {
        m
        for who in trigger.by
        for h in holders_of(who, draft.case, draft.world, draft.facts)
        for m in people_of(h, draft.world)
    }
    if command.actor not in people:
        raise NotAuthorized(
            "route_not_yours", source=source_of(route), route=command.route, people=tuple(sorted(people))
        )
    if any(b.route == command.route and b.ended is None for b in draft.case.branches.values()):
        raise NotAllowedHere("route_open_already", source=source_of(route), route=command.route)
    began = draft.case.happened[str(trigger.upon)]
    if trigger.within is not None:
        end = due_at(trigger.within, began, draft.world.calendar()).at
        if draft.world.now > end:
            raise NotAllowedHere("time_is_over", source=source_of(route), route=command.route, began=began, end=end)
    fields = take_fields(draft, command.fields, mandatory=trigger.fill, allowed=[f.name for f in trigger.fill])
    if fields:
        draft.emit(e.FieldsSet(fields=fields))
    open_branch(draft, command.route, follow_up=True, by_hand=True)


def show_masked(draft: Draft, command: cmd.ShowMasked) -> None:
    """Record that somebody looked at contact data, or asked for it while the policy hides the customer from him; only
    people of the case may."""
    require_of_case(command.actor, draft.case, draft.world)
    name = customer_field(draft.policy)
    hidden = name is not None and is_hidden_from(command.actor, name, draft.case, draft.world)
    draft.emit(e.WordsWithheld(what=command.what) if hidden else e.WordsShown(what=command.what))


def export_case(draft: Draft, command: cmd.ExportCase) -> None:
    """
    Record that somebody takes the case out of the desk; people of the case may, unless a rule locks it.

    Names and contacts go only to who sees them whole anyway (reporter, registry, general manager), with a reason; the log as
    it is, which the chain needs whole, to nobody from whom the policy hides something in it.
    """
    require_of_case(command.actor, draft.case, draft.world)
    refuse_locked(EXPORT, draft)
    if command.form == WHOLE_LOG:
        _refuse_hidden(draft, command.actor)
    if command.personal:
        require_full(command.actor, draft.case, draft.world)
    why = draft.keep_words(required(command.why)) if command.personal else None
    draft.emit(e.CaseExported(form=command.form, personal=command.personal, why=why))


def _refuse_hidden(draft: Draft, actor: str) -> None:
    for name in (n for n in draft.case.fields if n in draft.policy.fields):
        if is_hidden_from(actor, name, draft.case, draft.world):
            raise NotAuthorized("hidden_in_log", source=source_of(draft.policy.fields[name]), case=draft.case.name)


def erase_words(draft: Draft, command: cmd.EraseWords) -> None:
    """
    Erase what people wrote in a case that is over; figures, dates and the chain stay (DESIGN 1).

    The desk officer may at any time, for a person may ask for it; the clock only when the case need not be kept longer.
    """
    if command.actor not in (draft.world.people.officer, cmd.CLOCK):
        raise NotAuthorized("only_officer_erases", source="D8", people=(draft.world.people.officer,))
    if not draft.case.is_over or (command.actor == cmd.CLOCK and not _is_kept_long_enough(draft)):
        raise NotAllowedHere("case_goes_on", source="D8", case=draft.case.name)
    draft.emit(e.WordsErased(words=command.words, why=required(command.why)))


def repeat_came(draft: Draft, command: cmd.RepeatCame) -> None:
    """The same matter came in again: link the two, and go on with a case that was closed where the policy says (RD-06)."""
    repeat = draft.policy.repeat
    draft.emit(e.CaseLinked(other=command.other, link="repeat"))
    if repeat is not None and repeat.reopens is not None and draft.case.status in (c.CLOSED, c.FINISHED):
        reopen(draft, repeat.reopens, f"repeat {command.other}")


def _taken(draft: Draft, branch: int | None, command: cmd.LinkedCaseClosed) -> dict[str, Any]:
    """Return what the path takes of a sub-procedure's fields: `take` of the step that ran it, and nothing else."""
    steps = steps_of(draft.policy, draft.case.branches[branch]) if branch in draft.case.branches else ()
    wanted = [name for step in steps if isinstance(step, Run) and step.run in command.ran for name in step.take]
    return {name: command.filled[name] for name in dict.fromkeys(wanted) if name in command.filled}


def _is_kept_long_enough(draft: Draft) -> bool:
    calendar = draft.world.calendar()
    last = last_day_kept(draft.case, draft.policy.papers, calendar)
    return last is not None and calendar.local(draft.world.now).date() > last


def linked_case_closed(draft: Draft, command: cmd.LinkedCaseClosed) -> None:
    """A sub-procedure is closed: take what it gives and let the branch that waited go on (RT-16)."""
    link = next((x for x in draft.case.links if x.other == command.other and not x.ended), None)
    if link is None:
        return
    taken = as_said(_taken(draft, link.branch, command), draft.world.words(command.other))
    kept = {name: apart(draft, name, value) for name, value in taken.items()}
    draft.emit(e.LinkedCaseEnded(other=command.other, taken=kept))
    if link.blocks == "stage" and link.branch is not None and draft.case.branches[link.branch].ended is None:
        advance(draft, link.branch)
    finish_if_over(draft)
