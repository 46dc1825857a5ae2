"""A policy: one complaint regulation as data, checked when it is read, asked by the procedure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, PrivateAttr, ValidationInfo, model_validator

from complaints.conditions import Condition, Expression, Facts, Symbols
from complaints.limits import Limit
from complaints.policy_defaults import default_ladder
from complaints.policy_library import LIBRARY
from complaints.policy_model import (
    DEFAULT_DECISIONS,
    Access,
    Again,
    Attempts,
    CalendarRule,
    ClockDef,
    Copies,
    CopyFrom,
    Count,
    Discipline,
    DisciplineId,
    Do,
    Duty,
    Extension,
    FieldDef,
    Fill,
    Form,
    Header,
    Id,
    Inform,
    Intake,
    Measure,
    Money,
    Numbering,
    Papers,
    Pause,
    Recusal,
    Register,
    Repeat,
    Reply,
    RoleDef,
    RouteDef,
    Rule,
    Run,
    Rung,
    StageDef,
    Step,
    Text,
    Together,
    Trigger,
    Value,
)
from complaints.policy_parts import (
    LANGUAGES,
    Happening,
    LimitRef,
    Part,
    Source,
    SourceRef,
    Target,
    Who,
    Words,
    parse_target,
    parse_who,
)
from complaints.policy_symbols import bind_policy
from complaints.policy_tables import Row, Table
from complaints.policy_terms import OUTCOME_TABLE
from complaints.policy_words import BUILT_IN_WORDS, default_words, read_id


def _clauses(raw: Any) -> Any:
    return {str(clause): text for clause, text in raw.items()} if isinstance(raw, dict) else raw


class Policy(Part):
    """One regulation. Every rule in it names its clause, a default, or our own reason (`source`)."""

    policy: Header
    values: dict[Id, Value] = {}
    roles: dict[Id, RoleDef]
    fields: dict[Id, FieldDef] = {}
    tables: dict[Id, Table] = {}
    intake: Intake | None = None
    stages: dict[Id, StageDef] = {}
    routes: dict[Id, RouteDef] = {}
    repeat: Repeat | None = None
    clocks: dict[Id, ClockDef] = {}
    ladders: dict[Id, tuple[Rung, ...]] = {}
    rules: tuple[Rule, ...] = ()
    reply: Reply = Reply()
    money: dict[Id, Money] = {}
    papers: Papers = Papers()
    eight_d: dict[DisciplineId, Discipline] = {}
    measures: dict[Id, Measure] = {}
    duties: dict[Id, Duty] = {}
    defaults: dict[str, Source] = {}
    texts: dict[str, Text] = {}
    clauses: Annotated[dict[str, str], BeforeValidator(_clauses)] = {}
    for_people: Annotated[dict[str, str], BeforeValidator(_clauses)] = {}
    _symbols: Symbols = PrivateAttr(default_factory=Symbols)

    @model_validator(mode="after")
    def _bind(self, info: ValidationInfo) -> Policy:
        """Resolve every name in conditions and tables; problems go to the reader's list, or refuse the policy."""
        self._symbols, problems = bind_policy(self)
        self.__dict__.pop("symbols", None)
        wanted = (info.context or {}).get("problems") if isinstance(info.context, dict) else None
        if wanted is not None:
            wanted.extend(problems)
        elif problems:
            raise ValueError("; ".join(f"{'.'.join(map(str, loc))}: {text}" for loc, text in problems))
        return self

    @property
    def id(self) -> str:
        """Return the id of the regulation."""
        return self.policy.id

    @property
    def is_library(self) -> bool:
        """Say whether these are rules for other policies to include, with no cases of their own."""
        return self.policy.kind == LIBRARY

    @cached_property
    def symbols(self) -> Symbols:
        """Return the names that conditions may use."""
        return self._symbols

    def main_route(self, facts: Facts) -> str | None:
        """Return the id of the main route for *facts*: what table `route` gives, or the only main route there is."""
        if "route" in self.tables:
            picked = self.tables["route"].pick(facts)
            return None if picked is None else str(picked)
        return next(iter(self.main_routes()), None)

    def main_routes(self) -> tuple[str, ...]:
        """Return the routes that a case may begin with."""
        opened = {t.arg for stage in self.stages.values() for t in stage.decide.values() if t.kind == "open"}
        opened |= {name for rule in self.rules for name in rule.open}
        opened -= {str(row.give) for row in self.tables["route"].rows} if "route" in self.tables else set()
        return tuple(
            id_
            for id_, route in self.routes.items()
            if route.opens is None and not route.own_case and id_ not in opened
        )

    def follow_ups(self) -> tuple[str, ...]:
        """Return the routes that open later: upon a happening, by hand, by a decision or a rule."""
        mains = self.main_routes()
        return tuple(id_ for id_, route in self.routes.items() if id_ not in mains and not route.own_case)

    def value(self, id_: str) -> Any:
        """Return the named value as written (an amount, share, limit or list)."""
        return self.values[id_].is_

    def limit(self, ref: LimitRef | None, facts: Facts) -> Limit | None:
        """Return the limit that *ref* gives for *facts*; None when nothing is written or the deciding field is unknown."""
        if ref is None or ref.fixed is not None:
            return ref.fixed if ref else None
        if ref.table is not None:
            picked = self.tables[ref.table].pick(facts)
            return picked if isinstance(picked, Limit) else None
        if ref.value is not None:
            named = facts.get(ref.value, self.values[ref.value].is_)
            return named if isinstance(named, Limit) else None
        symbol = self.symbols.get(ref.by or "")
        choice = symbol.get(facts) if symbol else None
        if isinstance(choice, bool):
            choice = "true" if choice else "false"
        return None if choice is None else ref.row(str(choice))

    def fields_of(self, condition: Expression | None) -> frozenset[str]:
        """Return the fields that a condition reads in the end, derived ones resolved."""
        return frozenset() if condition is None else condition.reads

    def ladder(self, name: str | None = None) -> tuple[Rung, ...]:
        """Return the rungs called *name*, else those called `default`, else D5."""
        if name is not None and name in self.ladders:
            return self.ladders[name]
        return self.ladders.get("default") or default_ladder(self.policy.top)

    def outcomes(self) -> tuple[str, ...]:
        """Return every outcome that a case may close with."""
        found = dict.fromkeys(route.outcome for route in self.routes.values() if route.outcome)
        for stage in self.stages.values():
            found |= dict.fromkeys(t.arg for t in stage.decisions.values() if t.kind == "close_as" and t.arg)
        if OUTCOME_TABLE in self.tables:
            found |= dict.fromkeys(str(row.give) for row in self.tables[OUTCOME_TABLE].rows)
        return tuple(str(name) for name in found)

    def source_text(self, source: SourceRef | None, language: str = "en") -> str:
        """Return the quoted clause, the wording of a default, or our reason (whose words may stand in `texts`)."""
        if source is None:
            return ""
        if source.kind == "clause":
            return self.clauses.get(source.text, "")
        if source.kind == "default":
            return default_words(source.text).in_language(language)
        return self.reason(source.text, language)

    def reason(self, why: str, language: str = "en") -> str:
        """Return a reason of our own: as written, or the words of the text that it names."""
        return self.label(why, language) if why in self.texts else why

    def label(self, id_: str, language: str = "en", *, of: str | None = None, aspect: str = "name") -> str:
        """
        Return the words for an id: a stage, field, choice (of the field *of*), decision, role or outcome.

        *aspect*: name, ask, doing, done, short, button, title, submit, question, placeholder, hint, error. An aspect
        that is not written returns "" (for `short`: the name); a name that is not written returns the id, readable.
        """
        text = (self.texts.get(f"{of}.{id_}") if of else None) or self.texts.get(id_)
        words = getattr(text, aspect, None) if text else None
        if words is None and aspect == "short":
            return self.label(id_, language, of=of)
        if words is None:
            words = BUILT_IN_WORDS.get(id_) if aspect == "name" else None
        if words is not None:
            return str(words.in_language(language))
        return read_id(id_) if aspect == "name" else ""


@dataclass(frozen=True)
class LoadedPolicy:
    """A policy with its annexes, as one bundle: *digest* names its content (SHA-256, hex), *label* its version for people."""

    policy: Policy
    annexes: dict[str, Policy]
    digest: str
    label: str
    texts: dict[str, str]

    @property
    def id(self) -> str:
        """Return the id of the main policy."""
        return self.policy.id

    def of(self, policy_id: str) -> Policy:
        """Return the main policy or one of its annexes."""
        return self.policy if policy_id == self.policy.id else self.annexes[policy_id]

    def __iter__(self) -> Iterator[Policy]:
        """Go through the main policy and then its annexes."""
        yield self.policy
        yield from self.annexes.values()


__all__ = [
    "DEFAULT_DECISIONS",
    "LANGUAGES",
    "Access",
    "Again",
    "Attempts",
    "CalendarRule",
    "ClockDef",
    "Condition",
    "Copies",
    "CopyFrom",
    "Count",
    "Do",
    "Duty",
    "Expression",
    "Extension",
    "FieldDef",
    "Fill",
    "Form",
    "Happening",
    "Header",
    "Inform",
    "Intake",
    "LimitRef",
    "LoadedPolicy",
    "Measure",
    "Money",
    "Numbering",
    "Papers",
    "Pause",
    "Policy",
    "Recusal",
    "Register",
    "Repeat",
    "Reply",
    "RoleDef",
    "RouteDef",
    "Row",
    "Rule",
    "Run",
    "Rung",
    "SourceRef",
    "StageDef",
    "Step",
    "Table",
    "Target",
    "Text",
    "Together",
    "Trigger",
    "Value",
    "Who",
    "Words",
    "parse_target",
    "parse_who",
]
