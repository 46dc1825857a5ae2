"""
Grades that a table gives: given once, out of what was counted then, and another one only with its reason.

What a grade counts from other cases is another number tomorrow, and one upon the next complaint. So the grade is an
event as soon as a criterion fits or none is open any more, at the latest when the case closes; with it what was counted.
It is given anew when what it reads of its own case becomes another thing. Source: DESIGN §8 (truth in the log).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from complaints import events as e
from complaints.draft import Draft
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_tables import Table
from complaints.stages import stage_def

CLOSED = "case closed"


def give_grades(draft: Draft, happening: str) -> None:
    """Record each grade that *happening* settles; one that stands, or that somebody set by hand, stays."""
    if draft.case.kind != "complaint" or (not happening.endswith((" done", " set")) and happening != CLOSED):
        return
    for name, reads in index_of(draft.policy).grades.items():
        if draft.case.fields.get(name) is None and _is_ripe(draft, name, reads[name], happening):
            _give(draft, name, reads)


def _is_ripe(draft: Draft, name: str, reads: tuple[str, ...], happening: str) -> bool:
    """Say whether the grade is to be given now: it was given before, nothing is open any more, or nobody will be asked."""
    if name in draft.case.grades:
        return True
    if happening == CLOSED:
        return _was_judged(draft, reads)
    return happening.endswith(" done") and not draft.policy.tables[name].is_open(draft.facts)


def _was_judged(draft: Draft, reads: tuple[str, ...]) -> bool:
    """Say whether a stage behind the first form was done that asks what the grade reads; an opinion has no grade."""
    first = draft.policy.intake.stages if draft.policy.intake is not None else ()
    done = {v.stage for v in draft.case.visits.values() if v.ended == "done"} - set(first)
    return any(not set(reads).isdisjoint(stage_def(draft.policy, name).filled) for name in done)


def _give(draft: Draft, name: str, reads: Mapping[str, tuple[str, ...]]) -> None:
    table, facts = draft.policy.tables[name], draft.facts
    grade = table.pick(facts)
    if grade is None:
        return
    counted = {n: f"{value:f}" for n in reads if n != name and isinstance(value := facts.get(n), Decimal)}
    before = draft.case.grades.get(name)
    draft.emit(
        e.GradeGiven(
            field=name,
            grade=grade,
            before=before.value if before is not None else None,
            counted=counted,
            reads={n: reads[n] for n in (name, *counted)},
            source=_source(draft.policy, table, table.rows_for(facts) or (), grade),
        )
    )


def _source(policy: Policy, table: Table, rows: tuple[int, ...], grade: str) -> str | None:
    """Return the clause of the criterion that gives *grade*: the first of those that fit."""
    fitting = (table.rows[row] for row in rows if table.results[row] == grade)
    found = next((row.source for row in fitting if row.source is not None), table.source)
    return str(found) if found is not None else None
