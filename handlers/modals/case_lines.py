"""The lines on top of every form: which case, whose turn, until when; and below it, what happens next."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from complaints.authority import standing
from complaints.case import Answer, Visit
from complaints.policy_model import Do
from complaints.refusals import Refusal
from complaints.routes import find_step, path_of
from complaints.seats import waiting_seats
from complaints.stages import stage_def
from complaints.views_case import name_of_kind, nameless, turn_of
from complaints.views_words import team_of
from handlers.cards.parts import case_title as title_of_card
from handlers.cards.parts import mentions
from handlers.modals.blocks import Block, context, section
from handlers.replies import person
from handlers.scenes import Scene
from handlers.texts import escape, say, when


@dataclass(frozen=True, kw_only=True)
class Titled:
    """What the cards' title of a case is made of."""

    language: str
    kind: str
    number: str | None
    what: str


def scene_title(scene: Scene) -> str:
    """Return what the cards call the case, escaped: "Complaint 261107"; before it has a number what it is about."""
    case, look = scene.case, scene.look
    what = name_of_kind(case, look, scene.policy) or nameless(case, look, scene.policy)
    number = case.number or case.old_number
    return escape(title_of_card(Titled(language=scene.language, kind=case.kind, number=number, what=what)))


def visit_lead(scene: Scene, visit: Visit) -> Block:
    """Return the same two facts as the card: what is asked of whom, and until when."""
    turn = turn_of(scene.look, scene.policy, scene.case, visit)
    first = f"*{scene_title(scene)}*  {escape(scene.policy.label(visit.stage, scene.language))}"
    people = mentions([m for m in turn.team.people if person(m)], scene.language)
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
    return section(f"*{scene_title(scene)}*\n{second}")


def next_line(scene: Scene, visit: Visit) -> Block:
    """Return what comes after this answer, until when it can be taken back, and the clause."""
    if people := _next_seats(scene, visit):
        return context(say(scene.language, "form.next_seat", who=people))
    names = [scene.policy.label(s, scene.language) for s in following(scene, visit)]
    words = say(scene.language, "form.next_stage", stage=escape(names[0])) if names else ""
    taken = say(scene.language, "form.take_back_until") if names and is_taken_back(scene, visit) else ""
    clause = escape(scene.clause or "")
    both = ("" if scene.language.startswith("zh") else " ").join(p for p in (words, taken) if p)
    return context(" ".join(p for p in (both, clause) if p) or say(scene.language, "form.kept"))


def _next_seats(scene: Scene, visit: Visit) -> str:
    """Return whose turn it is in the same stage once this person has answered; nothing where the stage is done then."""
    stage = stage_def(scene.policy, visit.stage)
    try:
        mine = standing(scene.case, visit, scene.member, scene.world).seat
    except Refusal:
        return ""
    given = replace(mine, answer=Answer(decision="", by=scene.member, at=scene.world.now))
    later = replace(visit, seats=tuple(given if s is mine else s for s in visit.seats))
    team = team_of(scene.look, scene.policy, [s.seat for s in waiting_seats(later, stage.seats)])
    people = mentions([m for m in team.people if person(m)], scene.language)
    return "  ".join(p for p in (escape(team.label) if team.label else "", people) if p)


def is_taken_back(scene: Scene, visit: Visit) -> bool:
    """Say whether the decision may be taken back at all: not when it draws the number or closes the case."""
    number = scene.policy.papers.number
    branch = scene.case.branches.get(visit.branch)
    route = scene.policy.routes.get(branch.route) if branch else None
    draws = number is not None and number.at == visit.stage and scene.case.number is None
    return not draws and not (route is not None and route.closes == visit.stage)


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
