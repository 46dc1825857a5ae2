"""Fields of a policy as questions of a form, and the answers back as what `OpenCase` and `Decide` take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from complaints.commands import GivenFile
from complaints.currencies import asked_in
from complaints.forms import LONGEST_TEXT
from complaints.people import DeskPlan, is_member_id
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_model import FieldDef
from complaints.ports import Customer
from handlers.harmless import is_blank
from handlers.modals.blocks import LONGEST_LABEL, Block
from handlers.modals.inputs import ACTION, Answers, Option, Question, input_block
from handlers.texts import fit, plain, say

PREFIX = "field."
PLAIN_AMOUNT = re.compile(r"-?\d+(\.\d+)?")
UNKNOWN, WORDS, FILES = "unknown", "words", "files"
NEW_CUSTOMER = "new:"
LONGEST_NUMBER = 40
LONGEST_SCALE = 11  # 0 to 10
LONGEST_ORDER = 80

Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class FieldBook:
    """
    The fields of one policy for one reader. *words*: word id to text, for fields whose text is kept apart.
    """

    policy: Policy
    plan: DeskPlan
    language: str
    words: Mapping[str, str | None]

    # --- building -----------------------------------------------------------------------------------------

    def blocks(self, name: str, *, action: str = ACTION, **how: Any) -> list[Block]:
        """Return the input blocks of a field: most have one."""
        return [input_block(q, action) for q in self.questions(name, **how)]

    def questions(
        self, name: str, *, value: Any = None, mandatory: bool = False, dispatch: bool = False, focus: bool = False
    ) -> list[Question]:
        """
        Return the questions of a field with *value* (as typed before, or as it stands in the case) in it.

        *mandatory*: it is always asked; what is asked only sometimes is optional to Slack and checked by the desk.
        """
        definition = self.policy.fields[name]
        main = replace(
            self._main(name, definition, value),
            optional=not mandatory or definition.unknown is not None or definition.type == "sample",
            dispatch=dispatch,
            focus=focus,
        )
        return [main, *self._beside(name, definition, value)]

    def _main(self, name: str, definition: FieldDef, value: Any) -> Question:
        kind, options = self._kind(name, definition, value)
        shown, left = _whole_lines(people_in(value) if kind == "people" else self._shown(name, definition, value))
        return Question(
            id=f"{PREFIX}{name}",
            kind=kind,
            label=self._asked(self.label(name)) if definition.type == "money" else self.label(name),
            hint=" ".join(
                filter(
                    None,
                    (self._hint(name, definition, kind), say(self.language, "form.lines_left", n=left) if left else ""),
                )
            ),
            placeholder=self.policy.label(name, self.language, aspect="placeholder"),
            options=options,
            value=shown,
            longest={"number": LONGEST_NUMBER, "money": LONGEST_NUMBER, "order": LONGEST_ORDER}.get(
                definition.type, 200
            ),
        )

    def _kind(self, name: str, definition: FieldDef, value: Any) -> tuple[str, tuple[Option, ...]]:
        match definition.type:
            case "text":
                return ("text" if definition.long else "line"), ()
            case "lines" if definition.is_list_of_people and people_in(value) is not None:
                return "people", ()
            case "lines":
                return "text", ()
            case "date" | "instant" | "customer" | "person":
                return definition.type, ()
            case "yes_no":
                return "choice", tuple(Option(value=v, words=self.choice(name, v)) for v in ("yes", "no"))
            case "choice" | "choices":
                choices = tuple(
                    Option(value=c, words=self.choice(name, c), description=self._about(name, c))
                    for c in definition.choices
                )
                return definition.type, choices
            case "unit" | "units":
                return ("choice" if definition.type == "unit" else "choices"), self.units(name)
            case "file":
                return "files", ()
            case "number" if marks := scale_of(name, definition):
                return "choice", tuple(Option(value=m, words=m) for m in marks)
            case _:
                return "line", ()

    def _beside(self, name: str, definition: FieldDef, value: Any) -> list[Question]:
        """Return what stands under a field: "not yet determined", or the photos of a sample."""
        if definition.unknown is not None:
            ticked = value == UNKNOWN or (isinstance(value, dict) and "unknown" in value)
            words = say(self.language, "form.unknown", words=definition.unknown)
            tick = Option(value=UNKNOWN, words=words)
            return [
                Question(
                    id=f"{PREFIX}{name}.{UNKNOWN}", kind="tick", label=say(self.language, "form.or"), optional=True,
                    options=(tick,), value=[UNKNOWN] if ticked else None,
                )
            ]  # fmt: skip
        if definition.type == "sample":
            return [
                Question(
                    id=f"{PREFIX}{name}.{FILES}", kind="files", label=say(self.language, "form.photos"), optional=True
                )
            ]
        return []

    def label(self, name: str) -> str:
        """Return the question of a field; its unit stands behind it unless the words name it."""
        question = self.policy.label(name, self.language, aspect="question") or self.policy.label(name, self.language)
        unit = self.policy.fields[name].unit
        if not unit or "(" in question or "（" in question:
            return question
        words = self.policy.label(unit, self.language) if unit in self.policy.texts else ""
        in_brackets = f"（{words}）" if self.language.startswith("zh") else f" ({words})"
        return f"{question}{in_brackets}" if words else question

    def _asked(self, question: str) -> str:
        """Return the question for an amount, with the policy's currency behind it."""
        return asked_in(question, self.policy.policy.currency, self.language)

    def choice(self, field: str, value: str) -> str:
        """Return the words of a choice of *field*."""
        spoken = {"yes": "true", "no": "false"}.get(value, value)
        return self.policy.label(spoken, self.language, of=field)

    def unit(self, unit: str) -> str:
        if unit in self.policy.texts:
            return self.policy.label(unit, self.language)
        return self.plan.unit_label(unit, self.language)

    def units(self, name: str) -> tuple[Option, ...]:
        """
        Return the units that the field *name* can say; without a list of units every department with a channel is one.

        Where roles have one holder for each value of the field (RT-26), only units that have one are offered.
        """
        known = self.plan.units or {r: r for r, h in self.plan.roles.items() if h.channel and h.base is None}
        per = [role for role, definition in self.policy.roles.items() if definition.per == name]
        held = [u for u in known if all(self.plan.at(role, u) != role for role in per)] if per else []
        return tuple(Option(value=u, words=self.unit(u)) for u in held or known)

    def _hint(self, name: str, definition: FieldDef, kind: str) -> str:
        hint = self.policy.label(name, self.language, aspect="hint")
        if definition.type == "lines" and kind == "text":
            columns = "; ".join(self._column(name, c, kind) for c, kind in definition.columns.items())
            hint = " ".join(filter(None, (hint, say(self.language, "form.lines_hint", columns=columns))))
        if definition.type == "sample":
            hint = hint or say(self.language, "form.sample_hint")
        return hint

    def _column(self, name: str, column: str, kind: str) -> str:
        """Return the name of a column, with the words that it takes where they are few and known."""
        label = self.policy.label(column, self.language, of=name)
        if kind == "money":
            return self._asked(label)
        if kind == "person" and name in index_of(self.policy).named:
            return say(self.language, "form.person_column", column=label)
        words = " / ".join(o.words for o in self._in_column(column, kind)) if kind in ("choice", "yes_no") else ""
        return f"{label} ({words})" if words else label

    def _in_column(self, column: str, kind: str) -> tuple[Option, ...]:
        """Return what a column of lines can say: units, yes or no, the choices of the field of its name."""
        if kind == "unit":
            return self.units("")
        if kind == "yes_no":
            return tuple(Option(value=v, words=self.choice(column, v)) for v in ("yes", "no"))
        choices = self.policy.fields[column].choices if kind == "choice" else ()
        return tuple(Option(value=c, words=self.choice(column, c)) for c in choices)

    def _about(self, name: str, choice: str) -> str:
        text = self.policy.texts.get(f"{name}.{choice}") or self.policy.texts.get(choice)
        return str(text.hint.in_language(self.language)) if text and text.hint else ""

    # --- values ---------------------------------------------------------------------------------------------

    def _shown(self, name: str, definition: FieldDef, value: Any) -> Any:
        """Return what stands in the input for *value*, which may be typed text or the plain value of the case."""
        if value is None or value == UNKNOWN:
            return None
        if isinstance(value, dict) and "$words" in value:
            value = self.words.get(str(value["$words"])) or None
        match definition.type:
            case "customer":
                return self.customer_option(value)
            case "yes_no":
                return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
            case "lines":
                return value if isinstance(value, str) else self.lines_text(definition, value)
            case "sample":
                return value if isinstance(value, str) else None
            case "number" | "money" if isinstance(value, str):
                return _typed(value)
            case _:
                return None if isinstance(value, dict) else value

    def customer_option(self, value: Any) -> Option | None:
        if isinstance(value, Option) or value is None:
            return value
        if isinstance(value, dict):
            name = str(value.get("new") or self.words.get(str(value.get("$words"))) or "")
            return new_customer_option(name, self.language) if name and value.get("new") else None
        return Option(value=str(value)[:LONGEST_LABEL], words=str(value))

    def lines_text(self, definition: FieldDef, lines: Any) -> str:
        """Return the lines of a field as they are typed: one each, parts between semicolons."""
        rows = lines if isinstance(lines, list | tuple) else []
        return "\n".join(
            "; ".join(part for _, part in self.row_parts(definition, row)) for row in rows if isinstance(row, dict)
        )

    def row_parts(self, definition: FieldDef, row: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return each column of a line with what stands in it, as it is typed."""
        return [(c, self._part(row.get(c, ""), c, kind)) for c, kind in definition.columns.items()]

    def _part(self, value: Any, column: str, kind: str) -> str:
        if kind == "unit":
            return self.unit(str(value))
        text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        known = {o.value: o.words for o in self._in_column(column, kind)}
        return known.get(text, _typed(text) if kind in ("money", "number") else text)

    def given(self, answers: Answers, names: Iterable[str]) -> dict[str, Any]:
        """Return field id to what was entered, for the fields *names*."""
        found: dict[str, Any] = {}
        for name in names:
            if name not in self.policy.fields:
                continue
            value = self._given_one(answers, name, self.policy.fields[name])
            if value is not None:
                found[name] = value
        return found

    def _given_one(self, answers: Answers, name: str, definition: FieldDef) -> Any:
        value = answers.values.get(f"{PREFIX}{name}")
        if definition.unknown is not None and value is None and answers.values.get(f"{PREFIX}{name}.{UNKNOWN}"):
            return UNKNOWN
        if value is None:
            return None
        if definition.type == "customer" and str(value).startswith(NEW_CUSTOMER):
            name = str(value).removeprefix(NEW_CUSTOMER)
            return {"new": "" if is_blank(name) else name}
        if definition.type == "lines" and isinstance(value, str):
            return self.read_lines(value, definition)
        if definition.type == "lines":
            return [dict.fromkeys(definition.columns, member) for member in value]
        return value

    def read_lines(self, typed: str, definition: FieldDef) -> Any:
        """Return typed lines as rows of columns; the first line that has other parts, for an error that names it."""
        columns = list(definition.columns.items())
        rows = []
        for line in filter(str.strip, typed.splitlines()):
            parts = [p.strip() for p in re.split(r"[;；\t]", line)]
            if len(parts) != len(columns):
                return line
            rows.append({c: self._meant(c, k, p) for (c, k), p in zip(columns, parts, strict=True)})
        return rows

    def _meant(self, column: str, kind: str, words: str) -> str:
        """Return what the words in a column stand for: the id of a unit or choice; other words as they are."""
        known = {o.words.casefold(): o.value for o in self._in_column(column, kind)}
        return known.get(words.casefold(), words)

    def files(self, answers: Answers) -> tuple[tuple[str, GivenFile], ...]:
        """Return (field id, file); a file of no field stands under ""."""
        return tuple((file_field(block), file) for block, file in answers.all_files())


def people_in(value: Any) -> list[str] | None:
    """Return the members that stand in a list of people, as chosen or as it stands in the case; None where somebody in it
    is written by name only (an older version let people type), whom a choice of people would drop."""
    if value is None:
        return []
    items = value if isinstance(value, list | tuple) else [value]
    found = [str(part) for item in items for part in (item.values() if isinstance(item, Mapping) else (item,))]
    return found if all(map(is_member_id, found)) else None


def _whole_lines(value: Any) -> tuple[Any, int]:
    """Return as many whole lines as an input takes, and how many there are more."""
    if not isinstance(value, str) or len(value) <= LONGEST_TEXT or "\n" not in value:
        return value, 0
    lines = value.split("\n")
    kept, room = 0, LONGEST_TEXT
    while len(lines[kept]) < room:
        room -= len(lines[kept]) + 1
        kept += 1
    return "\n".join(lines[:kept]), len(lines) - kept


def _typed(amount: str) -> str:
    """Return an amount as people type it, without zeros behind the point; other words as they are."""
    return amount.rstrip("0").rstrip(".") if "." in amount and PLAIN_AMOUNT.fullmatch(amount) else amount


def scale_of(name: str, definition: FieldDef) -> tuple[str, ...]:
    """Return the marks of a number that must lie between two small ones (`1 <= score <= 5`): they are chosen."""
    bounds = re.fullmatch(rf"(\d+) <= {name} <= (\d+)", definition.must.text) if definition.must else None
    if bounds is None:
        return ()
    least, most = (int(n) for n in bounds.groups())
    return tuple(str(n) for n in range(least, most + 1)) if most - least < LONGEST_SCALE else ()


def file_field(block_id: str) -> str:
    """Return the field to which a file input belongs, "" for the general one."""
    return block_id.removeprefix(PREFIX).split(".")[0] if block_id.startswith(PREFIX) else ""


def field_names(answers: Answers) -> tuple[str, ...]:
    """Return the fields that were answered, without what stands beside them."""
    names = (b.removeprefix(PREFIX).split(".")[0] for b in (*answers.values, *answers.files) if b.startswith(PREFIX))
    return tuple(dict.fromkeys(names))


def new_customer_option(name: str, language: str) -> Option:
    """Return the option "new customer: …"; what is too long for an option's value is cut, and the name that is kept says so."""
    kept = plain(name, LONGEST_LABEL - len(NEW_CUSTOMER))
    return Option(value=NEW_CUSTOMER + kept, words=fit(say(language, "form.new_customer", name=kept), LONGEST_LABEL))


def customer_option(customer: Customer, language: str) -> Option:
    """Return a customer of the register as an option: the name, and the code behind it."""
    words = f"{fit(customer.name(language), LONGEST_LABEL - len(customer.code) - 3)} ({customer.code})"
    return Option(value=customer.code[:LONGEST_LABEL], words=words)
