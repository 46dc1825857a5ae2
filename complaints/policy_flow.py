"""Follows the stages of a policy: which limits they have (D4), and what is known when each of them opens."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from complaints.conditions import Expression, Facts
from complaints.limits import SAME_DAY, Limit, Unit
from complaints.policy import Policy
from complaints.policy_defaults import STAGE_LIMIT
from complaints.policy_model import Do, FieldDef, Run, StageDef, Step, Together
from complaints.policy_parts import LimitRef

MAX_TRIES = 20_000
_HOURS_A_DAY = 8
_DAYS = {
    Unit.CALENDAR_DAYS: Decimal(1),
    Unit.WORKING_DAYS: Decimal(1),
    Unit.WORKING_HOURS: Decimal(1) / _HOURS_A_DAY,
    Unit.CLOCK_HOURS: Decimal(1) / 24,
    Unit.MONTHS: Decimal(30),
    Unit.YEARS: Decimal(365),
    Unit.SAME_DAY: Decimal(0),
    Unit.NEXT_DAY_AT: Decimal(1),
    Unit.THIS_MONTH_DAY: Decimal(31),
    Unit.NEXT_MONTH_DAY: Decimal(31),
    Unit.NONE: Decimal(0),
}

# --- limits (D4) ---------------------------------------------------------------------------------


def in_days(limit: Limit) -> Decimal:
    """Return about how many days a limit is; working days count as days, the same day as none, a day of a month as the most it can be."""
    of_next = (limit.on_day or 0) if limit.unit is Unit.NEXT_MONTH_DAY else 0
    return _DAYS[limit.unit] * Decimal(str(limit.amount)) + of_next


def stage_limits(policy: Policy, facts: Facts, route: str | None = None) -> dict[str, Limit]:
    """
    Return the limit of every stage for *facts*, written or by default; *route*: the main route, else what facts give.

    Inside the case limit a stage without a limit gets an equal share of what the written ones leave on the longest
    main path, at least the same day; elsewhere 2 working days.

    Source: D4 (our default).
    """
    written = {name: policy.limit(stage.limit, facts) for name, stage in policy.stages.items()}
    main = route or policy.main_route(facts) or next(iter(policy.main_routes()), None)
    inside, share = _share(policy, facts, written, main)
    found: dict[str, Limit] = {}
    for name, limit in written.items():
        found[name] = limit or (share if name in inside else STAGE_LIMIT)
    return found


def _share(
    policy: Policy, facts: Facts, written: Mapping[str, Limit | None], route: str | None
) -> tuple[frozenset[str], Limit]:
    whole = case_limit(policy, facts)
    if whole is None or route is None:
        return frozenset(), STAGE_LIMIT
    path = promised(policy, route)
    silent = [name for name in main_stages(path) if written.get(name) is None]
    stated = sum((in_days(limit) for name in main_stages(path) if (limit := written.get(name))), Decimal(0))
    rest = int((in_days(whole) - stated) // max(len(silent), 1))
    unit = Unit.WORKING_DAYS if whole.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS) else Unit.CALENDAR_DAYS
    share = Limit(amount=rest, unit=unit) if rest >= 1 else SAME_DAY
    return frozenset(all_stages(path)), share


def case_limit(policy: Policy, facts: Facts) -> Limit | None:
    """Return the promise for the whole case; the shortest one while the field that decides is unknown."""
    clock = policy.clocks.get("case")
    if clock is None:
        return None
    limit = policy.limit(clock.limit, facts) or min(clock.limit.limits(), key=in_days, default=None)
    return None if limit is None or limit.unit is Unit.NONE else limit


def promised(policy: Policy, route: str) -> tuple[Step, ...]:
    """Return the part of a main route that the case clock measures."""
    path = policy.routes[route].path
    clock = policy.clocks.get("case")
    if clock is None:
        return path
    begins = {upon.subject for upon in clock.starts if upon.event in ("done", *_decisions(policy, upon.subject))}
    ends = {upon.subject for upon in clock.stops} | _closing_stages(policy, route, {str(upon) for upon in clock.stops})
    first = next((n + 1 for n, step in enumerate(path) if begins & set(all_stages([step]))), 0)
    last = next((n + 1 for n, step in enumerate(path) if ends & set(all_stages([step]))), len(path))
    return path[first:last]


def _closing_stages(policy: Policy, route: str, stops: set[str]) -> set[str]:
    """Return the stages that mean `case closed` and `case told`."""
    found = {name for name, stage in policy.stages.items() if stage.tells and "case told" in stops}
    return found | ({str(policy.routes[route].closes)} if "case closed" in stops else set())


def _decisions(policy: Policy, stage: str) -> tuple[str, ...]:
    return tuple(policy.stages[stage].decisions) if stage in policy.stages else ()


def main_stages(path: Iterable[Step]) -> tuple[str, ...]:
    """Return the stages that every case passes; of branches side by side, the longest."""
    found: list[str] = []
    for step in path:
        if isinstance(step, Do) and step.when is None:
            found.append(step.do)
        elif isinstance(step, Together) and step.when is None:
            branches = sorted((main_stages(branch) for branch in step.together), key=lambda stages: len(stages))
            found += branches[-1] if branches else ()
    return tuple(found)


def all_stages(path: Iterable[Step]) -> tuple[str, ...]:
    """Return every stage of a path, optional ones and all branches too."""
    found: list[str] = []
    for step in path:
        if isinstance(step, Do):
            found.append(step.do)
        elif isinstance(step, Together):
            found += [stage for branch in step.together for stage in all_stages(branch)]
    return tuple(found)


# --- what is known when ------------------------------------------------------------------------------


def unanswered(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Go through what needs an answer on a route and may not have one, because nobody has filled a field before."""
    for name, route in policy.routes.items():
        before = _path_before(policy, name)
        picked = name if _is_picked_by_choices(policy, name) else None
        opens = [route.opens.when] if route.opens is not None and route.opens.when is not None else []
        for loc, what, step, asked in _questions(policy, route.path, ("routes", name, "path")):
            own = [step.when] if loc[0] == "stages" and isinstance(step, Do) and step.when is not None else []
            for gap in _gap(policy, [*before, *_up_to(route.path, step)], asked, [*opens, *own], picked):
                yield loc, what.format(gap)


def _is_picked_by_choices(policy: Policy, name: str) -> bool:
    """Say whether table `route` gives this main route by choices alone, so that trying them all shows who comes here."""
    table = policy.tables.get("route")
    if table is None or name not in policy.main_routes():
        return False
    fields = [policy.fields.get(field) for field in table.base_fields]
    return all(field is not None and field.type in ("choice", "yes_no") for field in fields)


def _path_before(policy: Policy, name: str) -> list[Step]:
    """Return the main route for a follow-up, which begins with what is known there."""
    mains = policy.main_routes()
    if name in mains:
        return []
    return [step for main in mains[:1] for step in policy.routes[main].path]


def _up_to(path: Iterable[Step], last: Step) -> list[Step]:
    return list(itertools.takewhile(lambda step: step is not last, path))


Question = tuple[tuple[str | int, ...], str, Step, Any]


def _questions(policy: Policy, path: tuple[Step, ...], loc: tuple[str | int, ...]) -> Iterator[Question]:
    for number, step in enumerate(path):
        here = (*loc, number)
        when = getattr(step, "when", None)
        if when is not None:
            yield (*here, "when"), f'"{when}" reads {{}}, which nobody has surely filled here', step, when
        for stage in all_stages([step]):
            yield from _of_stage(policy, stage, step)


def _of_stage(policy: Policy, name: str, step: Step) -> Iterator[Question]:
    stage = policy.stages[name]
    for who in (stage.who, *stage.with_):
        if who.kind == "by_table":
            table = policy.tables[str(who.arg)]
            text = f"table {who.arg} reads {{}}, which nobody has surely filled when {name} opens"
            yield ("stages", name, "who"), text, step, table
    limit = stage.limit
    if limit is not None and (limit.by or limit.table):
        text = f"its limit reads {{}}, which nobody has surely filled when {name} opens"
        yield ("stages", name, "limit"), text, step, limit


def _gap(
    policy: Policy, path: list[Step], asked: Any, only_if: list[Expression], picked: str | None = None
) -> Iterator[str]:
    """
    Return the fields that may be missing, with an example, trying every combination of the choices that matter.

    *picked*: the main route that stands here because table `route` gives it; what it sends elsewhere is not tried.
    """
    names = _names_of(policy, asked)
    routing = policy.tables["route"].base_fields if picked is not None else frozenset()
    matter = _closure(policy, path, names.union(routing, *(gate.reads for gate in only_if)))
    samples = {name: _samples(policy.fields[name]) for name in matter if name in policy.fields}
    tries = 1
    for choices in samples.values():
        tries *= len(choices)
    if tries > MAX_TRIES:
        return
    for values in itertools.product(*samples.values()):
        filled = dict(zip(samples, values, strict=True))
        known = known_after(policy, path, filled)
        if picked is not None and policy.main_route(known) not in (None, picked):
            continue
        if all(gate.value(known) is True for gate in only_if) and _answer(policy, asked, known) is None:
            missing = [name for name in sorted(names) if known.get(name) is None and not _is_given(policy, name)]
            if missing:
                yield f"{', '.join(missing)}{_example(known, matter)}"
            return


def _is_given(policy: Policy, name: str) -> bool:
    field = policy.fields.get(name)
    return field is None or field.count is not None or field.is_ is not None


def _example(known: Mapping[str, Any], matter: Iterable[str]) -> str:
    parts = [
        f"{name} = {str(known[name]).lower()}" for name in sorted(matter) if isinstance(known.get(name), bool | str)
    ]
    return f" (for example when {', '.join(parts)})" if parts else ""


def _names_of(policy: Policy, asked: Any) -> frozenset[str]:
    if isinstance(asked, Expression):
        return asked.reads
    if isinstance(asked, LimitRef):
        if asked.table:
            return policy.tables[asked.table].base_fields
        symbol = policy.symbols.get(asked.by or "")
        return symbol.reads() if symbol and symbol.reads else frozenset({asked.by or ""})
    return frozenset(asked.base_fields)


def _answer(policy: Policy, asked: Any, known: Facts) -> Any:
    if isinstance(asked, Expression):
        return asked.value(known)
    if isinstance(asked, LimitRef):
        return policy.limit(asked, known)
    return asked.pick(known)


def _closure(policy: Policy, path: list[Step], names: Iterable[str]) -> set[str]:
    """Return the fields on which it depends whether *names* are filled on *path*."""
    found: set[str] = set()
    open_names = set(names)
    while open_names:
        name = open_names.pop()
        found.add(name)
        field = policy.fields.get(name)
        if field is not None and field.from_ is not None:
            open_names |= {other for other, f in policy.fields.items() if f.type == "customer"} - found
        for when in _conditions_of_filling(policy, path, name):
            open_names |= set(when.reads) - found
    return found


def _conditions_of_filling(policy: Policy, path: list[Step], name: str) -> Iterator[Expression]:
    for step in path:
        for stage in all_stages([step]):
            fills = [fill for fill in policy.stages[stage].fill if fill.name == name]
            when = getattr(step, "when", None)
            if fills and when is not None:
                yield when
            yield from (fill.when for fill in fills if fill.when is not None)


def known_after(policy: Policy, path: Iterable[Step], filled: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is surely known after *path* when people fill in *filled*."""
    known: dict[str, Any] = {name: Decimal(0) for name, field in policy.fields.items() if field.count is not None}
    known |= {name: _sample(field) for name, field in policy.fields.items() if field.from_ and field.else_}
    for step in path:
        when = getattr(step, "when", None)
        if when is not None and when.value(known) is not True:
            continue
        if isinstance(step, Run):
            known |= {name: filled.get(name, _sample(policy.fields[name])) for name in step.take}
        for stage in all_stages([step]):
            _fill(policy, policy.stages[stage], filled, known)
    return known


def _fill(policy: Policy, stage: StageDef, filled: Mapping[str, Any], known: dict[str, Any]) -> None:
    for fill in sorted(stage.fill, key=lambda fill: fill.when is not None):
        if fill.when is None or fill.when.value(known) is True:
            _put(policy, fill.name, filled, known)
    for name in stage.may_fill:
        if policy.fields[name].type in ("choices", "units", "lines"):
            _put(policy, name, filled, known)


def _put(policy: Policy, name: str, filled: Mapping[str, Any], known: dict[str, Any]) -> None:
    field = policy.fields[name]
    known[name] = filled.get(name, _sample(field))
    if field.type == "customer":
        for other, given in policy.fields.items():
            if given.from_ is not None and given.from_.startswith(name):
                known[other] = filled.get(other, _sample(given))


def _samples(field: FieldDef) -> list[Any]:
    if field.type == "yes_no":
        return [True, False]
    if field.type == "choice":
        return list(field.choices)
    return [_sample(field)]


def _sample(field: FieldDef) -> Any:
    match field.type:
        case "yes_no":
            return True
        case "choice":
            return next(iter(field.choices), "x")
        case "number" | "money" | "ratio":
            return Decimal(1)
        case "date":
            return date(2026, 1, 1)
        case "instant":
            return datetime(2026, 1, 1, tzinfo=UTC)
        case "choices" | "units" | "lines":
            return ()
    return "x"
