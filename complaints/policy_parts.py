"""The small words of a policy file: people, targets, limits, sources, happenings and labels, each with one grammar."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from complaints.limits import Limit, parse_limit

ID_PATTERN = r"^[A-Za-z][A-Za-z0-9_]*$"
POLICY_ID_PATTERN = r"^[a-z][a-z0-9_-]*$"
LANGUAGES = ("en", "zh-Hans", "zh-Hant")

WhoKind = Literal[
    "role",
    "reporter",
    "first_contact",
    "owner",
    "opener",
    "actor_of",
    "head_of",
    "superior_of",
    "unit_in",
    "person_in",
    "by_table",
]
TargetKind = Literal["next", "back", "to", "close_as", "open", "new_case", "reopen_at"]


class Part(BaseModel):
    """Any part of a policy file: frozen, and a key that nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class ShortPart(Part):
    """A part that may also be written short, as one text or number; `SHORT` is the key which that text stands for."""

    @classmethod
    def short_key(cls) -> str:
        raise NotImplementedError

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, raw: Any) -> Any:
        if raw is None or isinstance(raw, dict | BaseModel):
            return raw
        return {cls.short_key(): raw}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        full = handler(core)
        return {"anyOf": [{"type": ["string", "number", "boolean", "array"]}, full]}


# --- people --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Who:
    """People in the words of a regulation: `head of unit in liable_unit` is `head_of(unit_in(liable_unit))`."""

    kind: WhoKind
    arg: str | Who | None = None

    def __str__(self) -> str:
        """Return the words as they stand in the file."""
        words = {"role": "", "by_table": "by "}.get(self.kind, self.kind.replace("_", " ") + " ")
        if self.arg is None:
            return self.kind
        return f"{words}{self.arg}"

    def roles(self) -> tuple[str, ...]:
        """Return the roles that these words name."""
        if isinstance(self.arg, Who):
            return self.arg.roles()
        return (self.arg,) if self.kind == "role" and self.arg else ()


_WHO_ALONE: tuple[WhoKind, ...] = ("reporter", "first_contact", "owner", "opener")
_WHO_OF_NAME: dict[str, WhoKind] = {
    "actor of ": "actor_of",
    "unit in ": "unit_in",
    "person in ": "person_in",
    "by ": "by_table",
}
_WHO_OF_WHO: dict[str, WhoKind] = {"head of ": "head_of", "superior of ": "superior_of"}


def parse_who(text: object) -> Who:
    """Return the people that *text* names; ValueError says which forms there are."""
    if isinstance(text, Who):
        return text
    if not isinstance(text, str):
        raise ValueError(f"{text!r} does not name people; write a role such as `quality`, or `head of quality`")
    return _who(" ".join(text.split()))


@lru_cache(1024)  # asked of the same few words at every deadline
def _who(words: str) -> Who:
    for alone in _WHO_ALONE:
        if words == alone:
            return Who(alone)
    for start, kind in _WHO_OF_NAME.items():
        if words.startswith(start):
            return Who(kind, _one_name(words[len(start) :], words))
    for start, kind in _WHO_OF_WHO.items():
        if words.startswith(start):
            return Who(kind, _who(words[len(start) :]))
    return Who("role", _one_name(words, words))


def _one_name(name: str, words: str) -> str:
    if not re.match(ID_PATTERN, name):
        raise ValueError(
            f'"{words}" does not name people; write a role, reporter, first_contact, owner, opener, actor of STAGE, '
            "head of …, superior of …, unit in FIELD, person in FIELD or by TABLE"
        )
    return name


# --- what a decision leads to ----------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """What a decision leads to: `next`, `back`, `to STAGE`, `close as OUTCOME`, `open ROUTE`, `new case`, `reopen at STAGE`."""

    kind: TargetKind
    arg: str | None = None

    def __str__(self) -> str:
        """Return the words as they stand in the file."""
        return self.kind.replace("_", " ") + (f" {self.arg}" if self.arg else "")


_TARGET_ALONE: dict[str, TargetKind] = {"next": "next", "back": "back", "new case": "new_case"}
_TARGET_WITH: dict[str, TargetKind] = {
    "to ": "to",
    "close as ": "close_as",
    "open ": "open",
    "reopen at ": "reopen_at",
}


def parse_target(text: object) -> Target:
    """Return where *text* leads."""
    if isinstance(text, Target):
        return text
    words = " ".join(str(text).split())
    if words in _TARGET_ALONE:
        return Target(_TARGET_ALONE[words])
    for start, kind in _TARGET_WITH.items():
        if words.startswith(start) and re.match(ID_PATTERN, words[len(start) :]):
            return Target(kind, words[len(start) :])
    raise ValueError(
        f'"{words}" is not a target; write next, back, to STAGE, close as OUTCOME, open ROUTE, new case or reopen at STAGE'
    )


# --- sources ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SourceRef:
    """Where a rule comes from: a clause of the text, a default of the catalogue (`D5`), or our own choice with its reason."""

    kind: Literal["clause", "default", "ours"]
    text: str

    def __str__(self) -> str:
        """Return the reference as a card prints it."""
        return f"ours: {self.text}" if self.kind == "ours" else self.text


def parse_source(raw: object) -> SourceRef:
    """Return the source that *raw* names: a clause, a default such as `D5`, or `{ours: why}`."""
    if isinstance(raw, SourceRef):
        return raw
    if isinstance(raw, dict) and list(raw) == ["ours"] and isinstance(raw["ours"], str) and raw["ours"].strip():
        return SourceRef("ours", raw["ours"].strip())
    if isinstance(raw, str | int | Decimal) and not isinstance(raw, bool) and str(raw).strip():
        text = str(raw).strip()
        return SourceRef("default" if re.match(r"^D\d{1,2}$", text) else "clause", text)
    raise ValueError(f"{raw!r} is not a source; write a clause such as (九)4, a default such as D5, or {{ours: why}}")


# --- happenings --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Happening:
    """Something that the log can say: `case closed`, `approval_1 done`, `reply_due overdue`, `grade set`."""

    subject: str
    event: str

    def __str__(self) -> str:
        """Return the words as they stand in the file."""
        return f"{self.subject} {self.event}"


def parse_happening(text: object) -> Happening:
    """Return subject and event of a happening written as two words."""
    if isinstance(text, Happening):
        return text
    words = str(text).split()
    if len(words) != 2 or not all(re.match(ID_PATTERN, word) for word in words):
        raise ValueError(
            f'"{text}" is not something that happens; write two words such as `case closed`, `intake done` or `grade set`'
        )
    return Happening(words[0], words[1])


# --- limits ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LimitRef:
    """A limit as written: fixed, by a field (`rows`), by a table, or the name of a value; with a source of its own if it has one."""

    fixed: Limit | None = None
    by: str | None = None
    rows: tuple[tuple[str, Limit], ...] = ()
    table: str | None = None
    value: str | None = None
    source: SourceRef | None = None
    text: str = field(default="", compare=False)

    def row(self, choice: str) -> Limit | None:
        """Return the limit for one choice of the field `by`."""
        return dict(self.rows).get(choice)

    def limits(self) -> tuple[Limit, ...]:
        """Return every limit written here, for checks."""
        return (self.fixed,) if self.fixed else tuple(limit for _, limit in self.rows)


def parse_limit_ref(raw: object) -> LimitRef:
    """Return the limit written as text (`3 days`), as `by TABLE`, as a name of a value, or as a short table `{by: field, …}`."""
    if isinstance(raw, LimitRef):
        return raw
    if isinstance(raw, dict):
        return _limit_from_table(raw)
    text = " ".join(str(raw).split())
    if re.match(r"^by [A-Za-z][A-Za-z0-9_]*$", text):
        return LimitRef(table=text[3:], text=text)
    if re.match(ID_PATTERN, text) and text != "none":
        return LimitRef(value=text, text=text)
    return LimitRef(fixed=read_limit(text), text=text)


def _limit_from_table(raw: dict[Any, Any]) -> LimitRef:
    rest = dict(raw)
    source = parse_source(rest.pop("source")) if "source" in rest else None
    if "is" in rest and len(rest) == 1:
        inner = parse_limit_ref(rest["is"])
        return LimitRef(inner.fixed, inner.by, inner.rows, inner.table, inner.value, source, inner.text)
    by = rest.pop("by", None)
    if not isinstance(by, str) or not rest:
        raise ValueError("a limit by field is written {by: FIELD, CHOICE: 2 days, CHOICE: 3 days}")
    rows = tuple((_choice(name), read_limit(limit)) for name, limit in rest.items())
    words = ", ".join(f"{name}: {limit}" for name, limit in rest.items())
    return LimitRef(by=by, rows=rows, source=source, text=f"by {by}: {words}")


def _choice(name: object) -> str:
    return {True: "true", False: "false"}.get(name, "") if isinstance(name, bool) else str(name)


def read_limit(raw: object) -> Limit:
    """Return the limit that *raw* says, as `complaints.limits` reads it."""
    if isinstance(raw, Limit):
        return raw
    return parse_limit(" ".join(str(raw).split()))


# --- words ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """One wording in the three languages."""

    en: str
    zh_hans: str
    zh_hant: str

    def in_language(self, language: str) -> str:
        """Return the wording for a locale such as `en`, `zh-Hans`, `zh-TW`; unknown languages read English."""
        code = language.replace("_", "-").lower()
        if code in ("zh-hant", "zh-tw", "zh-hk", "zh-mo"):
            return self.zh_hant
        return self.zh_hans if code.startswith("zh") else self.en


def parse_words(raw: object) -> Words:
    """Return the three wordings; a missing one is refused, never guessed."""
    if isinstance(raw, Words):
        return raw
    if isinstance(raw, list | tuple) and len(raw) == 3 and all(isinstance(w, str) and w.strip() for w in raw):
        return Words(*(str(w) for w in raw))
    raise ValueError(
        "words are written as a list of three: [English, 简体中文, 繁體中文]; none may be missing or empty"
    )


def _as_field(parse: Callable[[Any], Any], schema: dict[str, Any]) -> Any:
    return (PlainValidator(parse), WithJsonSchema(schema))


_TEXT: dict[str, Any] = {"type": "string"}
_SOURCE: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "description": "a clause of the text, or a default such as D5"},
        {
            "type": "object",
            "properties": {"ours": _TEXT},
            "required": ["ours"],
            "additionalProperties": False,
        },
    ]
}
_LIMIT_REF: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "description": "3 days · 2 working days · same day · at once · by TABLE · none"},
        {"type": "object", "description": "{by: FIELD, CHOICE: limit, …} or {is: limit, source: …}"},
    ]
}
_WORDS: dict[str, Any] = {"type": "array", "items": _TEXT, "minItems": 3, "maxItems": 3}

WhoWords = Annotated[Who, *_as_field(parse_who, _TEXT)]
TargetWords = Annotated[Target, *_as_field(parse_target, _TEXT)]
Source = Annotated[SourceRef, *_as_field(parse_source, _SOURCE)]
Upon = Annotated[Happening, *_as_field(parse_happening, _TEXT)]
LimitText = Annotated[Limit, *_as_field(read_limit, _TEXT)]
LimitWords = Annotated[LimitRef, *_as_field(parse_limit_ref, _LIMIT_REF)]
ThreeWords = Annotated[Words, *_as_field(parse_words, _WORDS)]
