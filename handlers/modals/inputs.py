"""A question as an input block, and the answer read back; both from the same description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from complaints.commands import GivenFile
from complaints.forms import LONGEST_LINE, LONGEST_TEXT
from complaints.people import is_member_id
from handlers.harmless import is_blank
from handlers.modals.blocks import LONGEST_INPUT_LABEL, Block, option, text
from handlers.payloads import State, given_files, whole
from handlers.texts import fit

ACTION = "value"
"""The action id of every input; the block id says which one it is."""

FEW_OPTIONS = 5
MOST_OPTIONS = 100
MOST_TICKS = 10
LONGEST_OF_SPAN = 30
LAST_SECOND = 32_503_680_000  # the year 3000


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """A choice: its value, its words, and a second line."""

    value: str
    words: str
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """
    One input of a form. *id* is its block id. *kind*: line, text, date, instant, choice, choices, tick, customer, person,
    people, files. *value*: what stands in it when the form opens (for files nothing).
    """

    id: str
    kind: str
    label: str
    optional: bool = False
    hint: str = ""
    placeholder: str = ""
    options: tuple[Option, ...] = ()
    value: Any = None
    dispatch: bool = False
    longest: int = LONGEST_LINE
    focus: bool = False
    most_files: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What somebody entered: block id to plain value (None left out), and block id to files."""

    values: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, tuple[GivenFile, ...]] = field(default_factory=dict)

    def words(self, block_id: str) -> str:
        """Return what was typed, "" for nothing."""
        return str(self.values.get(block_id) or "").strip()

    def instant(self, block_id: str) -> datetime | None:
        found = self.values.get(block_id)
        return datetime.fromisoformat(found) if isinstance(found, str) and found else None

    def all_files(self) -> tuple[tuple[str, GivenFile], ...]:
        """Return (block id, file) of every file."""
        return tuple((block, file) for block, files in self.files.items() for file in files)


NOTHING = Answers()


# --- building ------------------------------------------------------------------------------------------------


def input_block(question: Question, action: str = ACTION) -> Block:
    """Return the input block of *question*; another *action* id makes Slack forget what was typed there."""
    found: Block = {
        "type": "input",
        "block_id": question.id,
        "label": text(question.label, LONGEST_INPUT_LABEL),
        "element": {**_ELEMENTS[question.kind](question), "action_id": action},
        "optional": question.optional,
    }
    if question.hint:
        found["hint"] = text(question.hint, LONGEST_INPUT_LABEL)
    if question.dispatch:
        found["dispatch_action"] = True
    if question.focus:
        found["element"]["focus_on_load"] = True
    return found


def _with_placeholder(element: Block, question: Question) -> Block:
    if question.placeholder:
        element["placeholder"] = text(question.placeholder, 150)
    return element


def _line(question: Question) -> Block:
    value = "" if question.value is None else fit(str(question.value), LONGEST_TEXT)
    # What stands there already stays whole: a shorter field would give back less than it was shown.
    element: Block = {"type": "plain_text_input", "max_length": max(question.longest, len(value))}
    if value:
        element["initial_value"] = value
    if question.dispatch:
        element["dispatch_action_config"] = {"trigger_actions_on": ["on_enter_pressed"]}
    return _with_placeholder(element, question)


def _text(question: Question) -> Block:
    return {**_line(replace(question, longest=LONGEST_TEXT)), "multiline": True}


def _date(question: Question) -> Block:
    element: Block = {"type": "datepicker"}
    if question.value:
        element["initial_date"] = str(question.value)
    return element


def _instant(question: Question) -> Block:
    element: Block = {"type": "datetimepicker"}
    if isinstance(question.value, datetime):
        element["initial_date_time"] = int(question.value.timestamp())
    return element


def _options(question: Question) -> list[Block]:
    return [option(o.value, o.words, o.description) for o in question.options]


def _menu(question: Question) -> Block:
    """Return the options of a menu; Slack takes a hundred, more of them in groups of a hundred (PITFALLS 31)."""
    found = _options(question)
    if len(found) <= MOST_OPTIONS:
        return {"options": found}
    groups = [found[at : at + MOST_OPTIONS] for at in range(0, len(found), MOST_OPTIONS)]
    return {"option_groups": [{"label": _span(group), "options": group} for group in groups]}


def _span(group: list[Block]) -> Block:
    """Return the label of a group: its first and its last option."""
    first, last = (str(o["text"]["text"])[:LONGEST_OF_SPAN] for o in (group[0], group[-1]))
    return text(f"{first} … {last}")


def _chosen(question: Question) -> list[Block]:
    """Return the options that stand chosen; an `initial_option` must be exactly one of the options."""
    wanted = question.value if isinstance(question.value, list | tuple) else [question.value]
    return [built for o, built in zip(question.options, _options(question), strict=False) if o.value in wanted]


def _choice(question: Question) -> Block:
    few = len(question.options) <= FEW_OPTIONS
    element: Block = {"type": "radio_buttons" if few else "static_select", **_menu(question)}
    chosen = _chosen(question)
    if chosen:
        element["initial_option"] = chosen[0]
    return element if few else _with_placeholder(element, question)


def _choices(question: Question) -> Block:
    few = len(question.options) <= MOST_TICKS
    element: Block = {"type": "checkboxes" if few else "multi_static_select", **_menu(question)}
    chosen = _chosen(question)
    if chosen:
        element["initial_options"] = chosen
    return element if few else _with_placeholder(element, question)


def _customer(question: Question) -> Block:
    element: Block = {"type": "external_select", "min_query_length": 1}
    if isinstance(question.value, Option):
        element["initial_option"] = option(question.value.value, question.value.words)
    return _with_placeholder(element, question)


def _person(question: Question) -> Block:
    element: Block = {"type": "users_select"}
    if question.value:
        element["initial_user"] = str(question.value)
    return _with_placeholder(element, question)


def _people(question: Question) -> Block:
    element: Block = {"type": "multi_users_select"}
    if question.value and not isinstance(question.value, str):
        element["initial_users"] = [str(member) for member in question.value]
    return _with_placeholder(element, question)


def _files(question: Question) -> Block:
    return {"type": "file_input", "max_files": question.most_files}


_ELEMENTS = {
    "line": _line,
    "text": _text,
    "date": _date,
    "instant": _instant,
    "choice": _choice,
    "choices": _choices,
    "tick": _choices,
    "customer": _customer,
    "person": _person,
    "people": _people,
    "files": _files,
}


# --- reading -------------------------------------------------------------------------------------------------


def answers_of(state: State) -> Answers:
    """Return what stands in a view's inputs; menus that belong to no input are left out."""
    values: dict[str, Any] = {}
    files: dict[str, tuple[GivenFile, ...]] = {}
    for block_id, elements in state.items():
        element = next((e for action, e in elements.items() if action.startswith(ACTION)), None)
        if not isinstance(element, dict):
            continue
        if element.get("type") == "file_input":
            files[whole(block_id)] = given_files(element.get("files"))
            continue
        value = _value(element)
        if value not in (None, "", []):
            values[whole(block_id)] = value
    return Answers(values=values, files={b: f for b, f in files.items() if f})


def _value(element: Mapping[str, Any]) -> Any:
    match element.get("type"):
        case "radio_buttons" | "static_select" | "external_select":
            return _option_value(element.get("selected_option"))
        case "checkboxes" | "multi_static_select" | "multi_external_select":
            chosen = element.get("selected_options")
            return [v for o in chosen if (v := _option_value(o))] if isinstance(chosen, list) else []
        case "datepicker":
            picked = element.get("selected_date")
            return whole(picked) if isinstance(picked, str) else None
        case "datetimepicker":
            at = element.get("selected_date_time")
            return _instant_text(at)
        case "users_select":
            return _member(element.get("selected_user"))
        case "multi_users_select":
            chosen = element.get("selected_users")
            return [m for one in chosen if (m := _member(one))] if isinstance(chosen, list) else []
        case _:
            value = element.get("value")
            return whole(value) if isinstance(value, str) and not is_blank(value) else None


def _member(chosen: Any) -> str | None:
    """Return a chosen person; what is no member id of Slack's is nobody, for it would stand in a mention."""
    return chosen if isinstance(chosen, str) and is_member_id(chosen) else None


def _option_value(chosen: Any) -> str | None:
    value = chosen.get("value") if isinstance(chosen, dict) else None
    return whole(value) if isinstance(value, str) else None


def _instant_text(at: Any) -> str | None:
    """Return a picked instant (seconds since 1970) as ISO text, aware UTC; None for what no calendar has."""
    known = isinstance(at, int) and 0 < at < LAST_SECOND
    return datetime.fromtimestamp(at, UTC).isoformat() if known else None
