"""More…: one row for each act that this person may do here, with what it does to the limit or to others (CARDS §5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from complaints.limits import limit_text, parse_limit
from complaints.views import Act
from handlers.modals.blocks import Block, Button, View, context, divider, modal, section
from handlers.modals.case_lines import case_lead
from handlers.modals.meta import Meta
from handlers.replies import person
from handlers.scenes import Scene
from handlers.texts import escape, say, when

MODAL_ID = "visit.more"
MOST_ROWS = 45

_ACTIONS = {
    "main": "visit.main",
    "gm_decide": "gm.decide",
    "gm_reassign": "gm.reassign",
    "gm_extend": "gm.extend",
    "gm_meeting": "gm.meeting",
    "return": "visit.return",
    "decide": "act.decide",
    "route": "act.route",
    "urge": "case.urge",
    "facts": "case.facts",
    "contact": "visit.contact",
    "whole": "visit.whole",
    "limit": "visit.limit",
    "history": "visit.history",
}
"""Which button a row has, where it is not `act.<id>`."""

RULING = ("gm_decide", "gm_reassign", "gm_extend", "gm_meeting")
PEOPLE = ("main", "return", "decide", "ask", "add_signer", "hand_over", "take_back", "route")
TIME = ("wait", "end_waiting", "extend", "urge")
CASE = ("facts", "amend", "withdraw", "merge", "void")
LOOK = ("limit", "contact", "history", "whole")
GROUPS = (RULING, PEOPLE, TIME, CASE, LOOK)


def more_view(scene: Scene, acts: Iterable[Act]) -> View:
    """Return the modal: groups without titles, in the order people, time, case, look; what is not allowed is absent."""
    language = scene.language
    return modal(
        callback_id=MODAL_ID,
        title=say(language, "more.title", no=scene.case.name),
        close=say(language, "form.close"),
        blocks=_blocks(scene, tuple(acts)),
        metadata=Meta(ref=scene.ref.text()).text(),
    )


def _blocks(scene: Scene, acts: tuple[Act, ...]) -> Iterator[Block]:
    yield case_lead(scene)
    if not acts:
        yield context(say(scene.language, "more.nothing"))
    for group in GROUPS:
        rows = [a for name in group for a in acts if _kind(a) == name]
        if rows:
            yield divider()
            yield from (row(scene, act) for act in rows[:MOST_ROWS])


def _kind(act: Act) -> str:
    return act.id.partition(":")[0]


def row(scene: Scene, act: Act) -> Block:
    """Return an act as a row: its name, one sentence, its button."""
    kind, _, more = act.id.partition(":")
    language = scene.language
    name = escape(_name(scene, act, kind))
    about = say(language, f"act.{kind}.about", **_facts(scene, act))
    visit = act.facts.get("visit", scene.ref.visit)
    ref = scene.ref_to(visit=visit if isinstance(visit, int) else None, more=more)
    button = Button(
        label=_button(scene, kind, more),
        action_id=_ACTIONS.get(kind, f"act.{kind}"),
        value=ref.text(),
        about=_name(scene, act, kind),
    )
    return section(f"*{name}*\n{about}", button=button)


def _name(scene: Scene, act: Act, kind: str) -> str:
    if kind in ("decide", "route"):
        return act.label
    if kind == "main":
        return scene.policy.label(scene.visit.stage, scene.language)
    return say(scene.language, f"act.{kind}.name")


def _button(scene: Scene, kind: str, more: str) -> str:
    if kind == "main":
        stage = scene.visit.stage
        return scene.policy.label(stage, scene.language, aspect="button") or say(scene.language, "act.main.button")
    if kind == "route":
        return scene.policy.label(more, scene.language, aspect="button") or say(scene.language, "act.route.button")
    return say(scene.language, f"act.{kind}.button")


def _facts(scene: Scene, act: Act) -> dict[str, str]:
    language, case = scene.language, scene.case
    until = act.facts.get("until")
    has_visit = scene.has_visit
    unit = ""
    if has_visit:
        role = next((s.seat.role for s in scene.visit.seats if s.seat.role), None)
        unit = escape(scene.world.people.role_label(role, language)) if role else ""
    return {
        "reporter": person(case.reporter),
        "unit": unit or say(language, "act.this_stage"),
        "until": when(until, language, scene.zone) if until is not None else "",
        "most": _most(scene),
        "gm": escape(scene.world.people.role_label(scene.world.people.general_manager, language)),
        "stage": escape(act.label),
        "clock": say(language, "act.clock_stops" if act.facts.get("stops") else "act.clock_goes_on"),
        "hint": escape(_hint(scene, act)),
    }


def _hint(scene: Scene, act: Act) -> str:
    kind, _, more = act.id.partition(":")
    if kind == "route":
        return scene.policy.label(more, scene.language, aspect="hint") or say(scene.language, "act.route.plain")
    if kind == "decide":
        key = f"{scene.visit.stage}.{more}" if scene.has_visit else more
        text = scene.policy.texts.get(key) or scene.policy.texts.get(more)
        hint = str(text.hint.in_language(scene.language)) if text and text.hint else ""
        return hint or say(scene.language, "act.decide.plain")
    return ""


def _most(scene: Scene) -> str:
    """Return how long an extension may be, in words."""
    deadline = scene.case.deadline_of(scene.ref.visit or 0)
    if deadline is None or not scene.has_visit:
        return ""
    rule = scene.stage.extension
    limit = rule.at_most if rule is not None and rule.at_most is not None else parse_limit(deadline.limit)
    return limit_text(limit, scene.language)
