"""What can only be looked at: the whole case, its history, how a limit was computed, the customer's contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from complaints.case import Deadline
from complaints.clocks import calendar_of
from complaints.explain import explain, explain_text
from complaints.limits import limit_text, parse_limit
from complaints.policy_model import FieldDef
from complaints.ports import Customer
from complaints.views_case import case_view
from complaints.views_names import without_names
from complaints.views_words import field_label, value_text
from handlers.cards import home as home_card
from handlers.harmless import quoted
from handlers.modals.blocks import (
    Block,
    Button,
    View,
    actions,
    button_element,
    context,
    divider,
    in_view,
    modal,
    paragraphs,
    section,
)
from handlers.modals.case_lines import case_lead, scene_title
from handlers.replies import person
from handlers.scenes import Scene
from handlers.texts import escape, fit, knows, one_line, say, when

WHOLE_MODAL_ID, HISTORY_MODAL_ID, LIMIT_MODAL_ID, CONTACT_MODAL_ID = (
    "visit.whole",
    "visit.history",
    "visit.limit",
    "visit.contact",
)
LONGEST_VALUE = 600
MOST_ROWS = 20
CONTACT_ORDER = ("name", "phone", "email")
"""Whom to ask for, then how: who opens this is about to telephone."""


# --- the whole case ------------------------------------------------------------------------------------------


def whole_blocks(scene: Scene) -> list[Block]:
    """Return the case for a modal, from its first form to now: the home card's places, every field with all of its words,
    and what can be done."""
    blocks = [*_top(scene), *_fields(scene, field_lines)]
    return in_view(blocks, say(scene.language, "form.more_words"), _buttons(scene))


def short_blocks(scene: Scene, most: int) -> list[Block]:
    """Return the case for a message of at most *most* blocks; long words are cut, and a button shows them whole."""
    blocks = [*_top(scene), *_fields(scene, lambda scene, name, value: [field_text(scene, name, value)])]
    is_cut = len(blocks) + 2 > most or any(_is_long(scene, name, value) for name, value in scene.case.fields.items())
    last = [*([context(say(scene.language, "form.cut_words"))] if is_cut else ()), _buttons(scene, is_cut=is_cut)]
    return [*blocks[: most - len(last)], *last]


def _top(scene: Scene) -> list[Block]:
    drawn = home_card.home_card(case_view(scene.case, scene.look))
    return [block.to_dict() for block in drawn.blocks if block.type != "actions"]


def _fields(scene: Scene, lines_of: Callable[[Scene, str, object], list[str]]) -> Iterator[Block]:
    lines: list[str] = []
    for name, value in scene.case.fields.items():
        if name not in scene.policy.fields or scene.hides(name):
            continue
        first, *below = lines_of(scene, name, value)
        if first or below:
            lines += [f"*{escape(field_label(scene.policy, name, scene.language))}*  {first}".rstrip(), *below]
    if lines:
        yield divider()
        yield from paragraphs(lines)


def field_lines(scene: Scene, name: str, value: object) -> list[str]:
    """Return a field's value for mrkdwn: in the line of its name what is short, long words below it as a quote, whole."""
    definition = scene.policy.fields[name]
    if definition.is_contact and not scene.is_full:
        return [field_text(scene, name, value)]
    if definition.type == "lines":
        return ["", *(f"• {text}" for text in _row_texts(scene, definition, value))]
    text = scene.said(value) if _is_said(value) else ""
    text = text or value_text(scene.look, scene.policy, scene.case, name, value)
    if len(text) <= LONGEST_VALUE and "\n" not in text:
        return [field_text(scene, name, value)]
    return ["", *quoted(text, 3 * len(text)).split("\n")]  # composed anew, a letter takes up to three characters


def _is_long(scene: Scene, name: str, value: object) -> bool:
    """Say whether a message shows less of a field than there is."""
    definition = scene.policy.fields.get(name)
    if definition is None or scene.hides(name) or (definition.is_contact and not scene.is_full):
        return False
    if definition.type == "lines":
        return len(_row_texts(scene, definition, value)) > MOST_ROWS
    return len(scene.said(value) or "" if _is_said(value) else str(value)) > LONGEST_VALUE


def _is_said(value: object) -> bool:
    return isinstance(value, dict) and "$words" in value and not value.get("new")


def field_text(scene: Scene, name: str, value: object) -> str:
    """
    Return a field's value in one line for mrkdwn; words come from where they are kept apart.

    How to reach the customer is masked for who has no need of it: *Customer and contact* shows it and records the look.
    """
    definition = scene.policy.fields[name]
    if definition.is_contact and not scene.is_full:
        return say(scene.language, "form.masked")
    if definition.type == "lines":
        return _rows(scene, definition, value)
    if definition.type == "person" and (mention := person(value)):
        return mention
    if _is_said(value):
        text = scene.said(value)
        return one_line(fit(text, LONGEST_VALUE)) if text else say(scene.language, "form.erased")
    return one_line(fit(value_text(scene.look, scene.policy, scene.case, name, value), LONGEST_VALUE))


def _rows(scene: Scene, definition: FieldDef, value: object) -> str:
    """Return the lines of a field, one under the other; what does not fit is counted."""
    texts = _row_texts(scene, definition, value)
    rest = len(texts) - MOST_ROWS
    more = [say(scene.language, "form.more_lines", n=rest)] if rest > 0 else []
    return "".join(f"\n• {text}" for text in (*texts[:MOST_ROWS], *more))


def _row_texts(scene: Scene, definition: FieldDef, value: object) -> list[str]:
    kinds = definition.columns
    rows = (
        " · ".join(_cell(scene, part, kinds[column]) for column, part in row)
        for row in scene.seen_rows(definition, value)
    )
    return [text for text in rows if text]


def _cell(scene: Scene, part: str, kind: str) -> str:
    if kind == "person" and (mention := person(part)):
        return mention
    return one_line(without_names(part, scene.look, scene.policy, scene.case))


def _buttons(scene: Scene, *, is_cut: bool = False) -> Block:
    language = scene.language
    value = scene.ref_to().text()
    whole = Button(label=say(language, "act.whole.name"), action_id=WHOLE_MODAL_ID, value=value)
    return actions(
        *([button_element(whole)] if is_cut else ()),
        button_element(Button(label=say(language, "act.facts.button"), action_id="case.facts", value=value)),
        button_element(Button(label=say(language, "act.history.button"), action_id="visit.history", value=value)),
        button_element(Button(label=say(language, "more.button"), action_id="case.more", value=value)),
        block_id="acts",
    )


def _look_modal(scene: Scene, modal_id: str, title: str, blocks: Iterable[Block]) -> View:
    return modal(callback_id=modal_id, title=title, close=say(scene.language, "form.close"), blocks=blocks)


def whole_view(scene: Scene) -> View:
    title = say(scene.language, "form.case", no=scene.case.name)
    return _look_modal(scene, WHOLE_MODAL_ID, title, whole_blocks(scene))


def history_view(scene: Scene, lines: list[str]) -> View:
    blocks = in_view([section(f"*{scene_title(scene)}*"), *paragraphs(lines)], say(scene.language, "form.more_words"))
    return _look_modal(scene, HISTORY_MODAL_ID, say(scene.language, "act.history.name"), blocks)


# --- how a limit was computed ----------------------------------------------------------------------------------


def limit_view(scene: Scene) -> View:
    """Return, for the stage's limit and the case's promise, which days counted and which were skipped and why."""
    clocks = [d for d in (_stage_clock(scene), scene.case.clock("case")) if d is not None and d.limit != "none"]
    blocks: list[Block] = [case_lead(scene)]
    for deadline in clocks:
        blocks += [divider(), *paragraphs([_limit_title(scene, deadline), *limit_lines(scene, deadline)])]
        blocks += [context(note) for note in _limit_notes(scene, deadline)]
    if not clocks:
        blocks.append(context(say(scene.language, "limit.none")))
    return _look_modal(scene, LIMIT_MODAL_ID, say(scene.language, "limit.title"), blocks)


def _stage_clock(scene: Scene) -> Deadline | None:
    number = scene.ref.visit
    found = [d for d in scene.case.deadlines.values() if d.visit == number and d.clock == "stage"]
    return found[-1] if found and number is not None else None


def _limit_title(scene: Scene, deadline: Deadline) -> str:
    language = scene.language
    what = "limit.stage" if deadline.clock == "stage" else "limit.case"
    length = limit_text(parse_limit(deadline.limit), language)
    facts = {"limit": length, "at": when(deadline.due_at, language, scene.zone)}
    return f"*{say(language, what, **facts)}*"


def limit_lines(scene: Scene, deadline: Deadline) -> list[str]:
    """Return the spans in words; none for a limit whose due time was agreed, which no day count explains."""
    calendar = calendar_of(scene.draft, deadline)
    spans = explain(parse_limit(deadline.limit), deadline.starts_at, calendar)
    return [escape(line) for line in explain_text(spans, scene.language)]


def _limit_notes(scene: Scene, deadline: Deadline) -> Iterator[str]:
    language = scene.language
    yield say(language, "limit.starts", at=when(deadline.starts_at, language, scene.zone, style="at"))
    if deadline.first_due_at not in (None, deadline.due_at):
        yield say(language, "limit.moved", at=when(deadline.first_due_at, language, scene.zone))
    if deadline.provisional:
        yield say(language, "limit.provisional")
    if deadline.source:
        ours = deadline.ours or deadline.source.startswith(("our", "D"))
        yield say(language, "limit.ours") if ours else escape(deadline.source)


# --- the customer ----------------------------------------------------------------------------------------------


def contact_view(scene: Scene, customer: Customer | None, names: Mapping[str, str]) -> View:
    """
    Return the customer's name and contact as the register has them, and *names*: what the case itself says of them (label
    to text). The look is recorded before this is shown.
    """
    language = scene.language
    own = [f"*{escape(label)}*  {one_line(text)}" for label, text in names.items() if text]
    lines = list(own)
    if customer is not None:
        lines = [f"*{escape(customer.name(language))}*  ({escape(customer.code)})"]
        known = sorted(
            customer.contact, key=lambda k: CONTACT_ORDER.index(k) if k in CONTACT_ORDER else len(CONTACT_ORDER)
        )
        said = [(k, customer.contact[k]) for k in known if customer.contact[k]]
        lines += [f"*{escape(_contact_label(language, k))}*  {one_line(v)}" for k, v in said] + own
    if not lines or (customer is not None and not customer.contact and not own):
        lines.append(say(language, "contact.none"))
    blocks = [
        section(f"*{scene_title(scene)}*"),
        *paragraphs(lines),
        context(say(language, "contact.recorded")),
    ]
    return _look_modal(scene, CONTACT_MODAL_ID, say(language, "contact.title"), blocks)


def withheld_view(scene: Scene, name: str) -> View:
    """Return what is told instead to whom the policy hides the customer from: that it does, by which clause, and that it is
    recorded that he asked."""
    language = scene.language
    source = scene.policy.fields[name].source
    clause = source.text if source is not None and source.kind == "clause" else ""
    lines = [line for line in (say(language, "contact.withheld"), escape(clause)) if line]
    blocks = [section(f"*{scene_title(scene)}*"), *paragraphs(lines), context(say(language, "contact.asked"))]
    return _look_modal(scene, CONTACT_MODAL_ID, say(language, "contact.title"), blocks)


def _contact_label(language: str, key: str) -> str:
    return say(language, f"contact.{key}") if knows(f"contact.{key}") else key.replace("_", " ")
