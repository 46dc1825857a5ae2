"""What the procedure asks of a policy at every click, found out once: who listens to what, which fields blame."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from complaints.policy import Policy
from complaints.policy_model import Again, Do, StageDef, Together
from complaints.policy_parts import Who
from complaints.policy_symbols import Loc, expressions, walk
from complaints.stages import stage_def

_READ_BY_THE_ROUTE = ("tables", "routes", "stages", "clocks", "policy")
_KNOWN: dict[int, tuple[Policy, PolicyIndex]] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyIndex:
    """
    *heard*: the happenings that start, stop, open, number, copy, enter or rule anything. *blame_fields*: who is
    liable. *decision_fields*: fields that conditions, tables and limits read (POLICY-FORMAT 2.1: nobody marks them).
    *per*: a field to the roles that are held for each of its values.
    *places*: (route, path of a branch) to where each stage stands in it first.
    *registered*: the fields that come from the customer register, with the field of its code and the register's name.
    *compared*: the fields that counts and repeats compare with those of earlier cases.
    *judging*: the stages that judge the matter, *approving* those of them that approve by authority (recusal).
    *grades*: a field whose grade a table gives to what it reads of its own case: for itself, and for each count behind it.
    *amounts*: the named values that are compared with amounts of money or given as such: they are amounts too.
    *unlocks*: the happenings any of which opens the reply.
    *seated*: the fields that name a person who then has a stage (`who: person in FIELD`). *named*: those that name one for
    anything: a stage, a message, an objection, or that he may not judge. *reached*: those whose person has a stage, is asked or
    told, or may know of a restricted case; not who is only excluded, may object or is paid.
    *offered*: a list field to the happenings after which it is empty where nobody filled it (a stage that may is done).
    """

    heard: frozenset[str]
    blame_fields: tuple[str, ...]
    decision_fields: frozenset[str]
    per: Mapping[str, tuple[str, ...]]
    places: Mapping[tuple[str, str], Mapping[str, int]]
    registered: Mapping[str, tuple[str, str]]
    offered: Mapping[str, tuple[str, ...]]
    compared: frozenset[str]
    judging: frozenset[str]
    approving: frozenset[str]
    amounts: frozenset[str]
    unlocks: tuple[str, ...]
    seated: frozenset[str]
    named: frozenset[str]
    reached: frozenset[str]
    grades: Mapping[str, Mapping[str, tuple[str, ...]]]


def index_of(policy: Policy) -> PolicyIndex:
    """Return the index of *policy*, made at its first use and kept as long as the policy is."""
    kept = _KNOWN.get(id(policy))
    if kept is None or kept[0] is not policy:
        kept = (policy, _make(policy))
        _KNOWN[id(policy)] = kept
    return kept[1]


def _make(policy: Policy) -> PolicyIndex:
    read = {n for loc, x in expressions(policy) if loc and loc[0] in _READ_BY_THE_ROUTE for n in x.reads}
    blame_fields = tuple(n for n, field in policy.fields.items() if _blames(policy, n))
    turns = {n: stage_def(policy, n) for n in (*policy.stages, *policy.duties, *(i.what for i in policy.reply.inform))}
    limits = [stage.limit for stage in policy.stages.values()] + [clock.limit for clock in policy.clocks.values()]
    read |= {limit.by for limit in limits if limit is not None and limit.by is not None}
    return PolicyIndex(
        heard=frozenset(_heard(policy)),
        blame_fields=blame_fields,
        decision_fields=frozenset(read),
        per=_per(policy),
        places={
            place: stages for name, route in policy.routes.items() for place, stages in _places(name, "", route.path)
        },
        registered={n: _source(f.from_) for n, f in policy.fields.items() if f.from_ is not None},
        offered={n: _offered(policy, n) for n, f in policy.fields.items() if f.type in ("choices", "units", "lines")},
        compared=frozenset(_compared(policy)),
        judging=frozenset(n for n, stage in turns.items() if _judges(n, stage, policy, blame_fields)),
        approving=frozenset(n for n, stage in turns.items() if _approves(stage, policy)),
        grades={
            n: _reads(policy, n) for n, table in policy.tables.items() if table.gives == "grade" and n in policy.fields
        },
        amounts=frozenset(_amounts(policy)),
        unlocks=tuple(str(upon) for upon in policy.reply.until),
        seated=frozenset(name for stage in turns.values() for name in _seated(stage, policy)),
        named=frozenset(name for _, part in walk(policy) if isinstance(part, Who) for name in _persons_of(part)),
        reached=frozenset(_reached(policy)),
    )


def _seated(stage: StageDef, policy: Policy) -> Iterator[str]:
    """Yield the fields in which the people of a stage stand."""
    asked: list[object] = [stage.who, *stage.with_, *stage.sign, stage.disagree, stage.absent]
    tables = [policy.tables[str(who.arg)] for who in asked if isinstance(who, Who) and who.kind == "by_table"]
    results = [result for table in tables for result in table.results]
    yield from (str(w.arg) for w in (*asked, *results) if isinstance(w, Who) and w.kind == "person_in")


def _persons_of(who: Who) -> Iterator[str]:
    if isinstance(who.arg, Who):
        yield from _persons_of(who.arg)
    elif who.kind == "person_in":
        yield str(who.arg)


def _reached(policy: Policy) -> Iterator[str]:
    """Yield the fields in which people stand whom any part of the policy reaches."""
    found = [who for loc, who in walk(policy) if not _is_aside(loc)]
    found += [result for table in policy.tables.values() for result in table.results]
    yield from (str(w.arg) for w in found if isinstance(w, Who) and w.kind == "person_in")


def _is_aside(loc: Loc) -> bool:
    """Say whether people at *loc* are only spoken of: excluded, allowed to object, paid."""
    *_, part, key = ("", "", *(place for place in loc if isinstance(place, str)))
    return loc[:1] == ("money",) or key in ("not", "hidden_from") or (part, key) == ("opens", "by")


def _amounts(policy: Policy) -> Iterator[str]:
    """Yield the named values that stand beside a field of money in a comparison, or that a calculator converts into."""
    for entry in policy.money.values():
        yield from (str(amount) for amount in entry.amounts.values() if str(amount) in policy.values)
    for _, expression in expressions(policy):
        for node in ast.walk(expression.tree):
            if isinstance(node, ast.Compare):
                names = [n.id for n in (node.left, *node.comparators) if isinstance(n, ast.Name)]
                symbols = (policy.symbols.get(name) for name in names if name not in policy.values)
                if any(symbol is not None and symbol.type.kind == "money" for symbol in symbols):
                    yield from (name for name in names if name in policy.values)


def _judges(name: str, stage: StageDef, policy: Policy, blame_fields: Sequence[str]) -> bool:
    """Say whether a stage judges the matter: it names who is to blame, approves by authority, or closes the case."""
    return (
        any(f in blame_fields for f in stage.filled)
        or _approves(stage, policy)
        or any(route.closes == name for route in policy.routes.values())
        or any(t.kind == "close_as" for t in stage.decide.values())
    )


def _approves(stage: StageDef, policy: Policy) -> bool:
    """Say whether the stage approves by authority: a table of amounts or grades names its decider, or it says approve.
    (A table may also only find who acts, as it does for the survey of pcb-manufacturer.)"""
    if stage.who.kind != "by_table":
        return False
    if not stage.decide or "approve" in stage.decide:
        return True
    reads = {name for row in policy.tables[str(stage.who.arg)].rows if row.when is not None for name in row.when.reads}
    fields = [policy.fields[name] for name in reads if name in policy.fields]
    return any(f.type in ("money", "number") or f.order == "rising" for f in fields)


def _source(from_: str) -> tuple[str, str]:
    """Return the two halves of `customer.market`."""
    source, _, key = from_.partition(".")
    return source, key


def _places(route: str, path: str, steps: Sequence[Any]) -> Iterator[tuple[tuple[str, str], Mapping[str, int]]]:
    """Yield a path and those of its `together`, named as a branch names them."""
    otherwise = {s.else_: n for n, s in enumerate(steps) if isinstance(s, Again) and s.else_ is not None}
    yield (route, path), otherwise | {s.stage: n for n, s in reversed(list(enumerate(steps))) if isinstance(s, Do)}
    for n, step in enumerate(steps):
        if isinstance(step, Together):
            for way, own in enumerate(step.branches):
                yield from _places(route, f"{path}/{n}.{way}".removeprefix("/"), own)


def _blames(policy: Policy, name: str) -> bool:
    """Say whether a field names who is to blame; the unit where it happened, for whose holder a role is, does not."""
    field = policy.fields[name]
    says_where = field.blames is None and any(role.per == name for role in policy.roles.values())
    return field.is_blame and not says_where


def _compared(policy: Policy) -> Iterator[str]:
    counts = [field.count for field in policy.fields.values() if field.count is not None]
    yield from (name for count in counts for name in (*count.same, *count.different))
    yield from policy.repeat.same if policy.repeat is not None else ()


def _reads(policy: Policy, grade: str) -> dict[str, tuple[str, ...]]:
    """
    Return the fields of its own case that a grade reads, and each count of cases behind it. `where` is asked of earlier
    cases: that this one is handled now makes it no repeat of itself.
    """
    own, counts = set[str](), dict[str, tuple[str, ...]]()
    for name in policy.tables[grade].base_fields & set(policy.fields) - {grade}:
        count = policy.fields[name].count
        if count is None:
            own.add(name)
            continue
        read = {*count.same, *count.different, *(n for n in (count.sum, count.in_) if n is not None)}
        own |= read
        if count.of == "cases":
            counts[name] = tuple(sorted(read))
    return {grade: tuple(sorted(own)), **counts}


def _offered(policy: Policy, field: str) -> tuple[str, ...]:
    return tuple(f"{name} done" for name, stage in policy.stages.items() if field in stage.may_fill)


def _per(policy: Policy) -> dict[str, tuple[str, ...]]:
    fields = dict.fromkeys(role.per for role in policy.roles.values() if role.per is not None)
    return {field: tuple(n for n, role in policy.roles.items() if role.per == field) for field in fields}


def _heard(policy: Policy) -> set[str]:
    papers = policy.papers
    upon = {str(h) for clock in policy.clocks.values() for h in (*clock.starts, *clock.stops)}
    upon |= {str(route.opens.upon) for route in policy.routes.values() if route.opens is not None}
    upon |= {str(rule.upon) for rule in policy.rules} | {str(copies.upon) for copies in papers.copies}
    upon |= {str(register.upon) for register in papers.registers.values()}
    upon |= {str(inform.upon) for inform in policy.reply.inform}
    if papers.archive_by is not None:
        upon.add("case finished")
    upon |= {str(duty.upon) for duty in policy.duties.values() if duty.upon is not None}
    if papers.number is not None:
        upon.add(f"{papers.number.at} done")
    return upon
