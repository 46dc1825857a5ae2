"""Checks a policy as its owner would: every stage is reached and ends, has a limit and a ladder, and nothing is asked too early."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal

from complaints.conditions_types import shortened
from complaints.limits import Limit
from complaints.policy import LoadedPolicy, Policy
from complaints.policy_defaults import GENERAL_MANAGER
from complaints.policy_examples import example_findings
from complaints.policy_findings import Finding, path_text
from complaints.policy_flow import (
    all_stages,
    case_limit,
    in_days,
    main_stages,
    promised,
    stage_limits,
    unanswered,
)
from complaints.policy_grids import table_findings
from complaints.policy_model import Run
from complaints.policy_parts import Who
from complaints.policy_references import stages_in
from complaints.policy_symbols import walk
from complaints.policy_words import missing_words

MOST_CASES = 200  # combinations of choices for which the limits are added up
__all__ = ["check_bundle", "check_policy", "stage_limits"]


def check_policy(policy: Policy) -> list[Finding]:
    """Return everything that `redress policy check` has to say: errors, warnings, and notes on defaults that are used."""
    checks = (
        _reached,
        _ends,
        _ladders,
        _too_early,
        _promise,
        _numbered,
        _recusal,
        _replies,
        _sources,
        _words,
        _defaults,
    )
    found = [finding for check in checks for finding in check(policy)]
    return found + table_findings(policy) + example_findings(policy)


def check_bundle(loaded: LoadedPolicy) -> list[Finding]:
    """Return what does not fit between a policy and the annexes that it runs: fields given or taken that they lack."""
    found = []
    for policy in loaded:
        for name, route in policy.routes.items():
            for number, step in enumerate(route.path):
                if isinstance(step, Run) and step.run in loaded.annexes:
                    missing = [
                        field for field in (*step.give, *step.take) if field not in loaded.annexes[step.run].fields
                    ]
                    text = f"{step.run} has no field {', '.join(missing)}."
                    found += (
                        [_error(("routes", name, "path", number), text, "Add it there, or leave it out here.")]
                        if missing
                        else []
                    )
    return found


def _error(loc: tuple[str | int, ...], text: str, suggestion: str = "") -> Finding:
    return Finding("error", path_text(loc), text, suggestion)


def _warning(loc: tuple[str | int, ...], text: str, suggestion: str = "") -> Finding:
    return Finding("warning", path_text(loc), text, suggestion)


def _reached(policy: Policy) -> Iterator[Finding]:
    """Every stage stands on a route, and every route begins somewhere."""
    used = {stage for route in policy.routes.values() for stage in stages_in(route.path)}
    used |= {str(t.arg) for stage in policy.stages.values() for t in stage.decide.values() if t.kind == "to"}
    if policy.is_library and policy.intake is not None:
        used |= set(policy.intake.stages)
    for name in policy.stages:
        if name not in used:
            yield _error(("stages", name), "no route comes here.", "Put it into a path, or take it out.")
    run = {step.run for route in policy.routes.values() for step in route.path if isinstance(step, Run)}
    for name, route in policy.routes.items():
        if route.own_case and name not in run and route.opens is None:
            yield _error(
                ("routes", name),
                "nothing runs this route.",
                f"Write {{run: {name}}} in a path, or give it `opens`.",
            )


def _asked(policy: Policy) -> Iterator[Finding]:
    """What the first stage must know is asked on the form that logs a complaint."""
    if policy.intake is None or policy.intake.stages[0] not in policy.stages:
        return
    asked = {field for page in policy.intake.pages for field in page}
    first = policy.intake.stages[0]
    must = [fill.name for fill in policy.stages[first].fill if fill.when is None]
    missing = [name for name in must if name not in asked and policy.fields[name].from_ is None]
    if missing:
        text = f"stage {first} must know {shortened(missing)}, which no page asks."
        yield _warning(("intake", "pages"), text, "Put it on a page.")


def _ends(policy: Policy) -> Iterator[Finding]:
    """Every stage has a decision that leads on, and a jump lands where the same route goes."""
    for name, stage in policy.stages.items():
        if all(target.kind in ("back", "to", "reopen_at") for target in stage.decisions.values()):
            yield _error(
                ("stages", name, "decide"),
                "every decision leads back.",
                "Let one of them be next or close as OUTCOME.",
            )
    for route in policy.routes.values():
        inside = all_stages(route.path)
        for name in inside:
            for decision, target in policy.stages[name].decisions.items():
                if target.kind == "to" and target.arg not in inside:
                    text = f"`{target}` leads out of the route. Stages there: {shortened(inside, 30)}."
                    yield _error(("stages", name, "decide", decision), text)
    for name, route in policy.routes.items():
        if not route.path:
            yield _error(("routes", name, "path"), "a path needs at least one stage.")
        if (
            name in policy.main_routes()
            and route.closes in all_stages(route.path)
            and route.closes not in main_stages(route.path)
        ):
            yield _error(
                ("routes", name, "closes"), f"{route.closes} is passed only sometimes, so some cases would never close."
            )


def _ladders(policy: Policy) -> Iterator[Finding]:
    """The last rung of every ladder tells the top of the house (DL-22)."""
    top = policy.policy.top
    if top not in policy.roles:
        hint = "Add the role, or say `policy: {top: ROLE}`." if top == GENERAL_MANAGER else "Name a role of this file."
        yield _error(("policy", "top"), f'lateness climbs to "{top}", which is not a role.', hint)
        return
    for name, rungs in policy.ladders.items():
        if not rungs or top not in {role for who in rungs[-1].tell for role in who.roles()}:
            yield _error(
                ("ladders", name),
                f"the last rung does not tell {top}.",
                f"End with tell: [{top}], as: escalation.",
            )


def _too_early(policy: Policy) -> Iterator[Finding]:
    """Nothing is asked that nobody can answer yet."""
    for loc, text in dict.fromkeys(unanswered(policy)):
        yield _error(loc, f"{text}.", "Let an earlier stage fill it, or give this one a `when`.")


def _promise(policy: Policy) -> Iterator[Finding]:
    """The written limits fit into the promise on the longest main path; optional stages are only noted."""
    if "case" not in policy.clocks:
        return
    refs = [policy.clocks["case"].limit, *(stage.limit for stage in policy.stages.values() if stage.limit)]
    choices = {ref.by: [choice for choice, _ in ref.rows] for ref in refs if ref.by is not None}
    for values in itertools.islice(itertools.product(*choices.values()), MOST_CASES):
        facts = dict(zip(choices, values, strict=True))
        for name in policy.main_routes():
            if policy.main_route(facts) in (None, name):
                yield from _sum(policy, name, facts)


def _sum(policy: Policy, route: str, facts: dict[str, str]) -> Iterator[Finding]:
    whole = case_limit(policy, facts)
    if whole is None or not _is_promised(policy, route):
        return
    limits = stage_limits(policy, facts, route) | _longest(policy)
    path = promised(policy, route)
    main = sum((in_days(limits[name]) for name in main_stages(path)), Decimal(0))
    every = sum((in_days(limits[name]) for name in all_stages(path)), Decimal(0))
    given = "".join(f", {key} = {value}" for key, value in facts.items())
    words = f"the stages of route {route} may take {{}} days{given}; the case has {whole}."
    if main > in_days(whole):
        yield _warning(("clocks", "case", "limit"), words.format(_plain(main)), "Shorten a stage or lengthen the case.")
    elif every > in_days(whole):
        text = "with every optional stage " + words.format(_plain(every))
        yield Finding("note", "clocks.case.limit", text)


def _is_promised(policy: Policy, route: str) -> bool:
    """Say whether the case clock can start on a main route: a case that never passes its start has no promise."""
    starts = {happening.subject for happening in policy.clocks["case"].starts}
    return not starts <= set(policy.stages) or bool(starts & set(all_stages(policy.routes[route].path)))


def _longest(policy: Policy) -> dict[str, Limit]:
    """Return the longest limit of each stage whose limit a table gives, unless the case follows the same table."""
    case = policy.clocks["case"].limit.table
    tables = {n: stage.limit.table for n, stage in policy.stages.items() if stage.limit and stage.limit.table}
    return {n: max(policy.tables[table].results, key=in_days) for n, table in tables.items() if table != case}


def _plain(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.1')):f}".removesuffix(".0")


def _numbered(policy: Policy) -> Iterator[Finding]:
    number = policy.papers.number
    for name in policy.main_routes():
        if number is not None and number.at not in main_stages(policy.routes[name].path):
            yield _error(
                ("papers", "number", "at"),
                f"{number.at} is not a stage that every case of route {name} passes.",
            )


def _replies(policy: Policy) -> Iterator[Finding]:
    """What never leaves the house goes to nobody outside; the stages that tell the customer keep to the reply's rules."""
    reply = policy.reply
    for number, copies in enumerate(policy.papers.copies):
        outside = [r for who in copies.to for r in _roles(policy, who) if policy.roles[r].kind == "outside"]
        if copies.of in reply.never and outside:
            text = f"{copies.of} never leaves the house, and {', '.join(outside)} stands outside."
            yield _error(("papers", "copies", number, "to"), text, "Leave this copy out.")
    for name, stage in policy.stages.items():
        if not stage.tells:
            continue
        asks = any(set(policy.fields[f].choices) & set(reply.channels) for f in stage.filled if f in policy.fields)
        if reply.written_when is not None and len(reply.channels) > 1 and not asks:
            text = "an answer in writing may be wanted, and this stage does not ask by which channel it goes."
            yield _error(("stages", name, "fill"), text, "Add a choice field of the channels.")
        mine, theirs = _roles(policy, stage.who), _roles(policy, reply.by) if reply.by is not None else []
        if mine and theirs and not set(mine) & set(theirs):
            text = f"only {reply.by} replies (reply.by), so {stage.who} can't finish this stage."
            yield _error(("stages", name, "who"), text, "Let the one who replies act here.")


def _roles(policy: Policy, who: Who) -> list[str]:
    """Return the roles that *who* may be: named, or given by a table."""
    if who.kind == "by_table" and str(who.arg) in policy.tables:
        return [r for x in policy.tables[str(who.arg)].results for r in (x.roles() if isinstance(x, Who) else [str(x)])]
    return [r for r in who.roles() if r in policy.roles]


def _recusal(policy: Policy) -> Iterator[Finding]:
    """Nobody judges alone what he caused: who names the liable unit, and who acts as that unit."""
    for name, stage in policy.stages.items():
        alone = not stage.with_ and stage.recusal is None
        where = {role.per for role in policy.roles.values()}
        fields = {name: policy.fields[name] for name in stage.filled if name not in where}
        units = [n for n, f in fields.items() if f.type in ("unit", "units") and f.blames is not False]
        if alone and stage.who.kind == "role" and units and not _confirmed(policy, name):
            text = f"{stage.who} names the unit to blame ({', '.join(units)}) and nobody confirms it (recusal)."
            yield _warning(
                ("stages", name),
                text,
                "Let another role fill it too, add a seat, or say recusal: {waived: CLAUSE}.",
            )
        if alone and stage.who.kind == "unit_in" and stage.who.arg not in ("late_unit", "each_unit"):
            text = f"the {stage.who} judges its own matter (recusal)."
            yield _warning(
                ("stages", name),
                text,
                "Add another seat, or say recusal: {waived: CLAUSE} with the clause that says so.",
            )
        if stage.recusal is not None:
            yield Finding("note", path_text(("stages", name, "recusal")), f"recusal is waived: {stage.recusal.waived}.")


def _confirmed(policy: Policy, name: str) -> bool:
    """Say whether others sign it, or a stage of somebody else decides after it on the same route."""
    stage = policy.stages[name]
    for route in policy.routes.values():
        stages = all_stages(route.path)
        if name in stages:
            later = [policy.stages[other] for other in stages[stages.index(name) + 1 :]]
            if any(str(other.who) != str(stage.who) and "return" in other.decisions for other in later):
                return True
    return bool(stage.sign)


def _sources(policy: Policy) -> Iterator[Finding]:
    """Every stage, clock, table and follow-up says where it comes from."""
    for section in ("stages", "clocks", "tables", "routes"):
        silent = [name for name, part in getattr(policy, section).items() if part.source is None]
        if section == "routes":
            silent = [name for name in silent if name in policy.follow_ups()]
        if silent:
            text = f"no source: {shortened(silent, 30)}."
            yield _warning((section,), text, "Name the clause, a default (D5), or {ours: why}.")
    used = {str(part) for _, part in walk(policy) if type(part).__name__ == "SourceRef"}
    unused = [clause for clause in policy.clauses if clause not in used and clause not in policy.for_people]
    if unused:
        yield Finding("note", "clauses", f"no rule names {shortened(unused, 30)}.")


def _words(policy: Policy) -> Iterator[Finding]:
    missing = missing_words(policy)
    if missing:
        yield _warning(("texts",), f"no words for {shortened(missing, 60)}.", "People see the id until they have some.")


def _defaults(policy: Policy) -> Iterator[Finding]:
    """Note the limits that D4 gives, so that a gap does not look like a decision."""
    if policy.is_library:
        return
    silent = [name for name, stage in policy.stages.items() if stage.limit is None]
    if silent:
        yield Finding("note", "stages", f"limit by default D4: {shortened(silent, 30)}.")
    if "case" not in policy.clocks:
        yield Finding("note", "clocks", "no case limit: default D4, 10 working days.")
