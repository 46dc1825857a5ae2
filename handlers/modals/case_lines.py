"""The lines on top of every form: which case, whose turn, until when; and below it, what happens next."""

from __future__ import annotations

from complaints.case import Case, Visit
from complaints.policy_model import Do
from complaints.routes import find_step, path_of
from complaints.views_case import turn_of
from handlers.modals.blocks import Block, context, section
from handlers.replies import person
from handlers.scenes import Scene
from handlers.texts import escape, say, when


def case_title(case: Case, language: str) -> str:
    """Return "Complaint 261107": the word stands before the number (CARDS, principle 3)."""
    return say(language, "form.case", no=escape(case.name))


def visit_lead(scene: Scene, visit: Visit) -> Block:
    """Return the same two facts as the card: what is asked of whom, and until when."""
    turn = turn_of(scene.look, scene.policy, scene.case, visit)
    first = f"*{case_title(scene.case, scene.language)}*  {escape(scene.policy.label(visit.stage, scene.language))}"
    people = " ".join(p for m in turn.team.people[:3] if (p := person(m)))
    who = "  ".join(p for p in (f"*{escape(turn.team.label)}*" if turn.team.label else "", people) if p)
    due = ""
    if turn.due is not None:
        at = when(turn.due.at, scene.language, scene.zone)
        due = say(scene.language, "form.was_due" if turn.due.overdue else "form.due", at=at)
    second = "  ".join(p for p in (who, due) if p)
    return section(f"{first}\n{second}" if second else first)


def case_lead(scene: Scene) -> Block:
    """Return the case in one or two lines, for a form that is about no stage."""
    if scene.has_visit and scene.visit.is_open:
        return visit_lead(scene, scene.visit)
    stages = [escape(scene.policy.label(v.stage, scene.language)) for v in scene.case.open_visits]
    state = say(scene.language, f"status.{scene.case.status}")
    second = say(scene.language, "refusal.comma").join(dict.fromkeys(stages)) or state
    return section(f"*{case_title(scene.case, scene.language)}*\n{second}")


def next_line(scene: Scene, visit: Visit) -> Block:
    """Return what comes after this stage, until when it can be taken back, and the clause."""
    names = [scene.policy.label(s, scene.language) for s in following(scene, visit)]
    words = say(scene.language, "form.next_stage", stage=escape(names[0])) if names else ""
    taken = say(scene.language, "form.take_back_until", stage=escape(names[0])) if names else ""
    clause = escape(scene.clause) if scene.clause and not scene.clause.startswith("our") else ""
    return context(" ".join(p for p in (words, taken, clause) if p) or say(scene.language, "form.kept"))


def following(scene: Scene, visit: Visit) -> list[str]:
    """Return the next stage of the route as far as it is known now: the first one whose condition holds."""
    branch = scene.case.branches.get(visit.branch)
    steps = path_of(scene.draft, branch) if branch else ()
    at = find_step(steps, visit.stage)
    for step in steps[at + 1 :] if at is not None else ():
        if not isinstance(step, Do):
            return []
        if step.when is None or step.when.evaluate(scene.facts) is True:
            return [step.stage]
        if step.when.evaluate(scene.facts) is not False:
            return []
    return []
