"""What may be wrong in a policy file: one small change of a limit, a person, a condition, a decision or an amount at a time."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Loc = tuple[str | int, ...]
GONE = object()

_LIMIT = re.compile(r"^(\d+)( (?:working )?(?:days?|hours?|months?|years?))(.*)$")
_WORDS_OF_LIMITS = ("same day", "at once", "in time", "none")
_PEOPLE = (
    "who",
    "with",
    "not",
    "absent",
    "by",
    "tell",
    "to",
    "send_to",
    "kept_by",
    "approve",
    "sign",
    "owed_by",
    "disagree",
)
_CONDITIONS = ("when", "until", "must", "hit", "where", "is")
_COMPARED = re.compile(r"(?<![<>=])(<=|>=|<|>)(?!=)")
_OTHER = {"<=": "<", "<": "<=", ">=": ">", ">": ">="}
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_SEATS = {"all": "any", "each": "any", "any": "all", "lead": "any", "in turn": "any"}
_TARGETS = {"next": "back", "back": "next"}
_SILENT = (
    "texts",
    "clauses",
    "for_people",
    "defaults",
    "source",
    "examples",
    "hint",
    "ours",
    "columns",
    "contents",
    "choose_by",
)


_WITH_LIMITS = (
    "stages",
    "routes",
    "clocks",
    "ladders",
    "rules",
    "values",
    "papers",
    "reply",
    "repeat",
    "duties",
    "fields",
)
_LISTS_OF_PEOPLE = ("with", "tell", "sign", "to", "send_to", "approve")
_LISTS = ("fill", "needs", "checklist", "reason", "rules", "copies", "path")


@dataclass(frozen=True)
class Mutant:
    """
    One change: the place, what stood there, and what stands there instead (GONE: nothing). *kind*: a limit, a person who
    decides or is told, a condition, an amount; or something else: a way a decision leads, a question, a step, a form.
    """

    loc: Loc
    was: Any
    now: Any
    kind: str = "other"

    @property
    def place(self) -> str:
        """Return where the change stands: `stages.reply.rules[0].when`."""
        return "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in self.loc).lstrip(".")

    def __str__(self) -> str:
        return f"{self.place}: {_short(self.was)} -> {'(gone)' if self.now is GONE else _short(self.now)}"

    def apply(self, data: Any) -> Any:
        """Return a copy of *data* with the change."""
        changed = copy.deepcopy(data)
        at = changed
        for key in self.loc[:-1]:
            at = at[key]
        if self.now is GONE:
            del at[self.loc[-1]]
        else:
            at[self.loc[-1]] = self.now
        return changed


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 70 else f"{text[:67]}…"


def mutants(data: dict[str, Any]) -> list[Mutant]:
    """Return every change of a policy's plain data that its tests should notice."""
    roles = list(data.get("roles", ()))
    found = [
        Mutant(loc, value, now, kind) for loc, value in _places(data, ()) for kind, now in _changes(loc, value, roles)
    ]
    return list({str(m): m for m in found if m.was != m.now}.values())


def _places(value: Any, loc: Loc) -> Iterator[tuple[Loc, Any]]:
    if (loc and loc[-1] in _SILENT) or loc[:2] == ("policy", "label"):
        return
    yield loc, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*loc, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _places(item, (*loc, number))


def _changes(loc: Loc, value: Any, roles: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield the kind of each change, and what stands there then."""
    section, key = loc[0] if loc else "", _key(loc)
    if section in _WITH_LIMITS:
        yield from (("limit", now) for now in _limits(value))
    if (key in _CONDITIONS or _is_condition(loc)) and not _LIMIT.match(str(value)):
        yield from (("condition", now) for now in _conditions(value))
    if _is_person(loc, key) and isinstance(value, str) and value in roles:
        yield "decider", next(role for role in reversed(roles) if role != value)
    if len(loc) > 1 and isinstance(loc[-1], int):
        if loc[-2] in _LISTS_OF_PEOPLE:
            yield "decider", GONE
        elif loc[-2] in _LISTS:
            yield "other", GONE
    yield from ((_kind(loc), now) for now in _structure(loc, value))
    if section in ("values", "money", "measures") and key not in _CONDITIONS:
        yield from (("amount", now) for now in _numbers(value))


def _is_person(loc: Loc, key: str | int) -> bool:
    return loc[:1] != ("fields",) and (key in _PEOPLE or loc[:2] == ("policy", "access"))


def _kind(loc: Loc) -> str:
    last = _key(loc)
    if last in ("seats", "recusal", "not"):
        return "decider"
    if last in ("times", "at_most", "pauses", "extension", "ladder", "calendar") or loc[0] in ("clocks", "ladders"):
        return "limit"
    return "condition" if last == "join" else "other"


def _key(loc: Loc) -> str | int:
    return next((k for k in reversed(loc) if isinstance(k, str)), "")


def _is_condition(loc: Loc) -> bool:
    return (
        "suggest" in loc
        or ("fill" in loc and isinstance(loc[-1], str) and "stages" in loc)
        or (loc[:1] == ("tables",) and "rows" in loc)
    )


def _limits(value: Any) -> Iterator[Any]:
    if isinstance(value, str) and (match := _LIMIT.match(value)):
        count = int(match[1]) + 1
        yield f"{count}{_plural(match[2])}{match[3]}"
    elif isinstance(value, str) and (value in _WORDS_OF_LIMITS or value.startswith("next day")):
        yield "9 days"


def _plural(unit: str) -> str:
    return unit if unit.endswith("s") else f"{unit}s"


def _conditions(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    if not isinstance(value, str):
        return
    for found in _COMPARED.finditer(value):
        yield value[: found.start()] + _OTHER[found[0]] + value[found.end() :]
    for found in _NUMBER.finditer(value):
        yield value[: found.start()] + str(_more(found[0])) + value[found.end() :]
    if re.search(r" (is|in|and|or|<|>|<=|>=) |^not |^known", value):
        yield f"not ({value})"
    if " and " in value:
        yield value.replace(" and ", " or ", 1)
    if " or " in value:
        yield value.replace(" or ", " and ", 1)


def _more(number: str) -> str:
    return str(int(number) + 1) if number.isdigit() else f"{float(number) + 0.5:g}"


def _numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int) or type(value).__name__ == "Decimal":
        yield value + 1
    elif isinstance(value, str) and re.fullmatch(r"\D{0,3}\d+(\.\d+)? ?%?", value):
        yield _NUMBER.sub(lambda found: _more(found[0]), value)


def _structure(loc: Loc, value: Any) -> Iterator[Any]:
    match loc:
        case ("stages", _, "seats") if isinstance(value, str):
            yield _SEATS[value]
        case ("stages", _, "seats") | ("stages", _, "attempts", "times") | ("routes", *_, "at_most"):
            yield value + 1
        case ("stages", _, "decide", way):
            yield _TARGETS.get(value, "next")
            if (way, value) != ("return", "back"):  # open to every decider, said or not (D18)
                yield GONE
        case (
            "stages",
            _,
            "fill"
            | "recusal"
            | "not"
            | "sample"
            | "tells"
            | "copy_from"
            | "replaced_by"
            | "extension"
            | "ladder"
            | "calendar",
        ):
            yield GONE
        case (
            ("clocks", _, "pauses" | "replaced_by" | "extension" | "ladder" | "calendar")
            | ("clocks", _)
            | ("papers", "registers", _)
            | ("duties", _)
            | ("eight_d", _)
            | ("eight_d", _, "fields" | "stages" | "occurrence" | "escape" | "lifted", int())
        ):
            yield GONE
        case ("rules", int()) | ("routes", _, "opens") | ("routes", _, "before_close"):
            yield GONE
        case ("routes", *_, "join"):
            yield {"all": "any", "any": "all"}[value]
        case ("papers", "number", "pattern"):
            yield value.replace("N", "NN", 1)
        case ("papers", "number", "restart"):
            yield {"month": "year"}.get(value, "month")
        case ("tables", _, "rows", int(), int(last)) if last > 0 and not isinstance(value, list):
            yield from ()
        case ("ladders", _, int()):
            yield GONE
        case _:
            return
