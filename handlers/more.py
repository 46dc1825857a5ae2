"""More… and looking: what this person may do here, the whole case, its history, its limits, the customer's contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from complaints.case import Visit
from complaints.commands import BeginRoute, ShowMasked, Urge
from complaints.forms import LONGEST_TEXT
from complaints.hiding import customer_field
from complaints.views import Act
from complaints.views_acts import acts_for
from complaints.views_names import contacts_in, own_codes
from handlers.approvals import open_stage
from handlers.cards.refs import Ref, parse_ref
from handlers.listeners import Handlers
from handlers.modals.history import history_lines
from handlers.modals.looks import contact_view, history_view, limit_view, whole_view, withheld_view
from handlers.modals.more import more_view
from handlers.payloads import Click
from handlers.scenes import Scene
from handlers.texts import say
from handlers.turns import Acked, Turn

ON_CARD = "visit.more"
"""More… of a stage's card, whose green button is the main act already."""


async def on_more(turn: Turn, click: Click) -> Acked:
    """Open More… for a stage's card, or for the case: then the stage that waits for this person is meant."""
    ref = parse_ref(click.action.chosen)
    scene = await turn.look_at(ref)
    if not scene.has_visit or not scene.visit.is_open:
        ref = Ref(case=ref.case, visit=_own_visit(scene), facts=scene.case.facts_version)
        scene = await turn.look_at(ref)
    acts = acts_here(scene)
    if click.action.action_id == ON_CARD:
        acts = [a for a in acts if a.id != "main"]
    await turn.show(more_view(scene, acts))
    return None


def _own_visit(scene: Scene) -> int | None:
    mine = [v for v in scene.case.open_visits if scene.standing_refusal(v) is None]
    found: list[Visit] = mine or scene.case.open_visits
    return found[0].id if found else None


def acts_here(scene: Scene) -> list[Act]:
    """Return the rows of More…: what the procedure would take, asked of the procedure itself where it is cheap."""
    visit = scene.case.visits.get(scene.ref.visit or 0)
    return [*(a for a in acts_for(scene.case, visit, scene.member, scene.look) if _is_mine(scene, a)), *_always(scene)]


def _is_mine(scene: Scene, act: Act) -> bool:
    if not act.id.startswith("route:"):
        return True
    route = act.id.partition(":")[2]
    command = BeginRoute(actor=scene.member, key="probe", case_id=scene.case.id, route=route)
    return scene.refusal_of(command) is None


def _always(scene: Scene) -> Iterator[Act]:
    """Return what belongs to every case for its people: urge, add facts, see all of it."""
    open_visits = scene.case.open_visits
    if open_visits:
        number = scene.ref.visit if scene.has_visit and scene.visit.is_open else open_visits[0].id
        command = Urge(actor=scene.member, key="probe", case_id=scene.case.id, visit=number or 0)
        is_own = number is not None and scene.standing_refusal(scene.case.visits[number]) is None
        if not is_own and scene.refusal_of(command) is None:
            yield Act(id="urge")
    yield Act(id="facts")
    yield Act(id="whole")


async def on_other_decision(turn: Turn, click: Click) -> Acked:
    """Open the stage's form for one of its other decisions."""
    ref = parse_ref(click.action.chosen)
    await open_stage(turn, ref, decision=ref.more)
    return None


async def on_whole(turn: Turn, click: Click) -> Acked:
    """Show the whole case."""
    scene = await turn.look_at(click.action.chosen, with_words=True)
    await turn.show(whole_view(scene))
    return None


async def on_history(turn: Turn, click: Click) -> Acked:
    """Show every step, who and when."""
    scene = replace(await turn.look_at(click.action.chosen, with_words=True), longest_words=LONGEST_TEXT)
    log = await turn.talk.read(turn.talk.reader.log, scene.case.id)
    await turn.show(history_view(scene, history_lines(scene, log)))
    return None


async def on_limit(turn: Turn, click: Click) -> Acked:
    """Show how the limits were computed."""
    scene = await turn.look_at(click.action.chosen)
    await turn.show(limit_view(scene))
    return None


async def on_contact(turn: Turn, click: Click) -> Acked:
    """Record the look first, then show the customer's name and contact to this person alone; where the policy hides the
    customer from him, say so: that he asked is recorded. A press that comes again, after hours perhaps, shows nothing: it was
    recorded as one look."""
    scene = await turn.look_at(click.action.chosen, with_words=True)
    key = f"{scene.case.id}:{turn.member}:contact:{click.action.action_ts}"
    told = await turn.submit(ShowMasked(actor=turn.member, key=key, case_id=scene.case.id))
    if told.repeated:
        return None
    name = customer_field(scene.policy)
    if name is not None and scene.hides(name):
        await turn.show(withheld_view(scene, name))
        return None
    value = scene.case.fields.get(name or "")
    code = value if isinstance(value, str) else None
    customer = await turn.talk.read(turn.talk.reader.customer, code) if code else None
    names = {}
    if isinstance(value, dict) and name:
        names[scene.book.label(name)] = scene.words.get(str(value.get("$words"))) or ""
    await turn.show(contact_view(scene, customer, names | _contacts(scene)))
    return None


def _contacts(scene: Scene) -> dict[str, str]:
    """
    Return what the case itself says about how to reach the customer: label to text, what is hidden left out.

    Numbers and addresses that people wrote into other words are masked where these are shown; here they stand. They are left
    out for a person from whom any field is hidden: the other words may be what stood in it before it was amended.
    """
    found, others = dict[str, str](), {word: text or "" for word, text in scene.words.items()}
    own = own_codes(scene.policy, scene.case)
    for name, value in scene.case.fields.items():
        texts = [others.pop(word, "") for word in _words_in(value)] if not isinstance(value, str) else [value]
        field = scene.policy.fields.get(name)
        if field is None or scene.hides(name) or field.type == "customer":
            continue
        said = "\n".join(texts)
        found[scene.book.label(name)] = said if field.is_contact else ", ".join(dict.fromkeys(contacts_in(said, own)))
    if not any(scene.hides(name) for name in scene.policy.fields):
        written = dict.fromkeys(c for text in others.values() for c in contacts_in(text, own))
        found[say(scene.language, "contact.in_words")] = ", ".join(written)
    return {label: text for label, text in found.items() if text}


def _words_in(value: object) -> Iterator[str]:
    """Return the ids of the words that a field's value names."""
    if isinstance(value, Mapping):
        if isinstance(word := value.get("$words"), str):
            yield word
        yield from (word for part in value.values() for word in _words_in(part))
    elif isinstance(value, list | tuple):
        yield from (word for part in value for word in _words_in(part))


CLICKS: Handlers = {
    ON_CARD: on_more,
    "case.more": on_more,
    "act.decide": on_other_decision,
    "visit.whole": on_whole,
    "case.show": on_whole,
    "visit.history": on_history,
    "visit.limit": on_limit,
    "visit.contact": on_contact,
}
