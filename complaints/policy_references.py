"""Checks that every name in a policy exists: roles, stages, fields, routes, tables, clauses, and what may happen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from complaints.duty_due import parse_by
from complaints.policy_model import Again, Do, Rule, Run, StageDef, Step, Together
from complaints.policy_papers import Money
from complaints.policy_parts import Who
from complaints.policy_symbols import Loc, Problem

if TYPE_CHECKING:
    from complaints.policy import Policy

from complaints.policy_library import NOT_SHARED
from complaints.policy_names import LOCKS, Names


def reference_problems(policy: Policy) -> list[Problem]:
    """Return what *policy* names and does not have, with the place of each."""
    return list(_References(policy).problems())


class _References(Names):
    """Walks a policy once, section by section."""

    def problems(self) -> Iterator[Problem]:
        yield from super().problems()
        for section in (
            self._head,
            self._fields,
            self._stages,
            self._routes,
            self._clocks,
            self._rules,
            self._reply,
            self._papers,
        ):
            yield from section()
        for section in (
            self._eight_d,
            self._money,
            self._measures,
            self._duties,
            self._intake,
            self._tables,
            self._for_people,
        ):
            yield from section()

    def _head(self) -> Iterator[Problem]:
        head = self.policy.policy
        yield from self._known(("policy", "in_force_by"), [head.in_force_by], "role", self.policy.roles)
        yield from self._known(("policy", "registry"), [head.registry], "role", self.policy.roles)
        yield from self._known(("policy", "publish"), head.publish, "text", self.policy.texts)
        yield from self._known(("policy", "languages"), head.languages, "language", ("en", "zh-Hans", "zh-Hant"))
        for name, role in self.policy.roles.items():
            where = self._of("choice", "choices", "unit", "units", "text")
            yield from self._known(("roles", name, "per"), [role.per], "field of a choice, unit or text", where)
        if self.policy.is_library:
            yield from self._library()
        elif not self.stages:
            yield ("stages",), 'the key "stages" is missing here. Add at least one stage.'

    def _library(self) -> Iterator[Problem]:
        """What each regulation says for itself does not stand in a library."""
        written = self.policy.model_fields_set
        for section in NOT_SHARED:
            if section in written:
                yield (section,), "a library leaves this to the policies that include it; take it out"
        papers = self.policy.papers
        for key in ("number", "keep", "archive_by"):
            if key in papers.model_fields_set:
                yield ("papers", key), "a library leaves this to the policies that include it; take it out"

    def _fields(self) -> Iterator[Problem]:
        for name, field in self.fields.items():
            loc: Loc = ("fields", name)
            if field.type in ("choice", "choices") and not field.choices and name not in self.policy.tables:
                yield loc, f"a {field.type} field needs its choices: of: [first, second]"
            if field.type == "lines" and not isinstance(field.of, dict):
                yield loc, "a lines field names its columns with types: of: {name: text, amount: money}"
            for column, kind in field.columns.items():
                if kind == "choice" and (column not in self.fields or self.fields[column].type != "choice"):
                    yield (
                        (*loc, "of", column),
                        f"a column is a choice of the field of its name, and no choice field is called {column}",
                    )
            if field.type not in ("choice", "choices", "lines") and field.of:
                yield (*loc, "of"), f"a {field.type} field has no choices; leave `of` out"
            if field.else_ is not None:
                yield from self._known(
                    (*loc, "else"), [field.else_], "field or value", [*self.fields, *self.policy.values]
                )
            if field.count is not None:
                yield from self._count((*loc, "count"), field.count)

    def _count(self, loc: Loc, count: Any) -> Iterator[Problem]:
        names = [*count.same, *count.different, count.sum, count.in_]
        yield from self._known(loc, names, "field", self.fields)
        if count.of == "cases" and not (count.same or count.where):
            yield loc, "counting cases needs `same: [fields]` or `where`"
        if count.of == "cases":
            for name in (*count.same, *count.different, *filter(None, (count.sum,))):
                if name in self.fields and (self.fields[name].is_ is not None or self.fields[name].count is not None):
                    yield loc, f'"{name}" is computed and not kept of earlier cases; count a field that is filled'
        if len(count.different) > 1:
            yield (*loc, "different"), "different values are counted of one field"
        stored = [
            n for n, f in self.fields.items() if not (f.count or f.long or f.personal or f.type in ("file", "lines"))
        ]
        if count.where is not None:
            for name in sorted(count.where.reads - set(stored)):
                yield (*loc, "where"), f'"{name}" is not kept of earlier cases; ask a field that is filled in one value'
        if count.of != "cases" and count.in_ is None:
            yield loc, f"counting {count.of} needs `in: FIELD`"

    def _for_people(self) -> Iterator[Problem]:
        yield from self._known(("for_people",), self.policy.for_people, "clause", self.policy.clauses)

    def _stages(self) -> Iterator[Problem]:
        for name, stage in self.stages.items():
            loc: Loc = ("stages", name)
            yield from self._stage(loc, stage)
            for field in stage.may_fill:
                yield from self._writable((*loc, "may_fill"), field)

    def _stage(self, loc: Loc, stage: StageDef) -> Iterator[Problem]:
        for decision, target in stage.decide.items():
            known: Iterable[str] = self.routes if target.kind == "open" else self.stages
            if target.kind in ("to", "open", "reopen_at"):
                what = "route" if target.kind == "open" else "stage"
                yield from self._known((*loc, "decide", decision), [target.arg], what, known)
        yield from self._known((*loc, "suggest"), stage.suggest, "decision of this stage", stage.decisions)
        yield from self._known((*loc, "reason"), stage.reason, "decision of this stage", stage.decisions)
        yield from self._known((*loc, "ladder"), [stage.ladder], "ladder", [*self.policy.ladders, "default"])
        yield from self._known((*loc, "needs"), stage.needs, "stage", self.stages)
        yield from self._known((*loc, "checklist"), stage.checklist, "field", self.fields)
        yield from self._known((*loc, "replaced_by"), [stage.replaced_by], "date field", self._of("date", "instant"))
        if stage.copy_from is not None:
            yield from self._known((*loc, "copy_from", "stage"), [stage.copy_from.stage], "stage", self.stages)
            yield from self._known((*loc, "copy_from", "same"), stage.copy_from.same, "field", self.fields)
        if stage.attempts is not None:
            yield from self._known(
                (*loc, "attempts"), [stage.attempts.else_], "decision of this stage", stage.decisions
            )
        if isinstance(stage.seats, int) and stage.with_ and stage.seats > 1 + len(stage.with_):
            yield (*loc, "seats"), f"{stage.seats} seats are wanted, {1 + len(stage.with_)} are named"

    def _routes(self) -> Iterator[Problem]:
        if not self.policy.main_routes() and not self.policy.is_library:
            yield (
                ("routes",),
                "there is no main route; leave `opens` out of the route that a case begins with",
            )
        if len(self.policy.main_routes()) > 1 and "route" not in self.policy.tables:
            names = ", ".join(self.policy.main_routes())
            yield ("routes",), f"several main routes ({names}) and no table `route` that picks one"
        for name, route in self.routes.items():
            loc: Loc = ("routes", name)
            yield from self._path((*loc, "path"), route.path)
            inside = stages_in(route.path)
            if route.closes is not None and route.closes not in inside:
                yield (
                    (*loc, "closes"),
                    f'"{route.closes}" does not stand in the path. Stages: {", ".join(inside)}.',
                )
            if name in self.policy.main_routes() and route.closes is None:
                yield loc, "a main route says with `closes: STAGE` which stage fixes the outcome"

    def _path(self, loc: Loc, path: Iterable[Step]) -> Iterator[Problem]:
        for number, step in enumerate(path):
            here: Loc = (*loc, number)
            match step:
                case Do():
                    yield from self._known(here, [step.do], "stage", self.stages)
                case Together():
                    for branch_number, branch in enumerate(step.together):
                        yield from self._path((*here, "together", branch_number), branch)
                case Again():
                    yield from self._known(here, [step.again, step.else_], "stage", self.stages)
                case Run():
                    own = [name for name, route in self.routes.items() if route.own_case]
                    yield from self._known(
                        here,
                        [step.run],
                        "policy of `annexes` or route with own_case",
                        [*self.policy.policy.annexes, *own],
                    )
                    yield from self._known(here, [*step.give, *step.take], "field", self.fields)

    def _clocks(self) -> Iterator[Problem]:
        for name, clock in self.policy.clocks.items():
            loc: Loc = ("clocks", name)
            yield from self._known((*loc, "ladder"), [clock.ladder], "ladder", [*self.policy.ladders, "default"])
            yield from self._known(
                (*loc, "replaced_by"), [clock.replaced_by], "date field", self._of("date", "instant")
            )
        for name, rungs in self.policy.ladders.items():
            for number, rung in enumerate(rungs):
                if sum(part is not None for part in (rung.at, rung.before, rung.after, rung.every)) != 1:
                    yield ("ladders", name, number), "a rung says exactly one of at, before, after, every"

    def _rules(self) -> Iterator[Problem]:
        for number, rule in enumerate(self.policy.rules):
            loc: Loc = ("rules", number)
            yield from self._rule(loc, rule)
            yield from self._each(loc, rule.each)

    def _rule(self, loc: Loc, rule: Rule) -> Iterator[Problem]:
        rising = {name: field for name, field in self.fields.items() if field.order == "rising"}
        yield from self._known((*loc, "raise"), rule.raise_, "field with order: rising", rising)
        for name, choice in rule.raise_.items():
            if name in rising:
                yield from self._known((*loc, "raise", name), [choice], f"choice of {name}", rising[name].choices)
        yield from self._known((*loc, "open"), rule.open, "route", self.routes)
        yield from self._known((*loc, "require"), rule.require, "field or stage", [*self.fields, *self.stages])
        yield from self._known((*loc, "lock"), rule.lock, "act that can be locked", LOCKS)
        yield from self._known((*loc, "enter"), [rule.enter], "register", self.policy.papers.registers)
        if not (rule.tell or rule.raise_ or rule.open or rule.require or rule.lock or rule.enter):
            yield loc, "this rule does nothing; give it tell, raise, open, require, lock or enter"

    def _reply(self) -> Iterator[Problem]:
        reply = self.policy.reply
        yield from self._known(("reply", "written"), reply.written, "channel", reply.channels)
        yield from self._known(("reply", "never"), reply.never, "form", self.policy.papers.forms)
        if reply.written_when is not None and not reply.written_channels:
            yield ("reply", "written_when"), "no channel is a written one; name them: written: [letter]"
        blames = any(field.is_blame for field in self.fields.values())
        if reply.apology == "when_liable" and reply.liable_when is None and not blames:
            yield ("reply", "apology"), "nobody can tell who is liable; say when: liable_when: CONDITION"
        yield from self._informs()

    def _informs(self) -> Iterator[Problem]:
        taken = {*self.stages, *self.policy.duties, *self.fields}
        for number, inform in enumerate(self.policy.reply.inform):
            loc: Loc = ("reply", "inform", number)
            if inform.what in taken:
                yield (*loc, "what"), f'"{inform.what}" is something else already; give what is told an id of its own'
            taken.add(inform.what)
            yield from self._known((*loc, "ladder"), [inform.ladder], "ladder", [*self.policy.ladders, "default"])

    def _papers(self) -> Iterator[Problem]:
        papers = self.policy.papers
        if papers.number is not None:
            yield from self._known(("papers", "number", "at"), [papers.number.at], "stage", self.stages)
        for number, copies in enumerate(papers.copies):
            yield from self._known(("papers", "copies", number, "of"), [copies.of], "form", papers.forms)
        for name, form in papers.forms.items():
            yield from self._known(("papers", "forms", name, "fill"), form.fill, "field", self._columns())
        for name, register in papers.registers.items():
            loc: Loc = ("papers", "registers", name)
            yield from self._known((*loc, "columns"), register.columns, "field", self._columns())
            yield from self._known((*loc, "kept_by"), [register.kept_by], "role", self.policy.roles)
        yield from self._known(("papers", "archive_by"), [papers.archive_by], "role", self.policy.roles)

    def _eight_d(self) -> Iterator[Problem]:
        for name, discipline in self.policy.eight_d.items():
            loc: Loc = ("eight_d", name)
            for key in ("fields", "occurrence", "escape"):
                for field in getattr(discipline, key):
                    yield from self._writable((*loc, key), field)
            yield from self._known((*loc, "stages"), discipline.stages, "stage", self.stages)
            if name != "D4" and (discipline.occurrence or discipline.escape):
                yield loc, "only D4 tells apart why it occurred and why it was not detected; write `fields` here"
            yield from self._lifted((*loc, "lifted"), name, discipline.lifted)
            if not (discipline.fields or discipline.stages or discipline.occurrence or discipline.escape):
                yield loc, "nothing would stand there; name fields or stages, or leave the discipline out"

    def _lifted(self, loc: Loc, discipline: str, names: Iterable[str]) -> Iterator[Problem]:
        """Yield what can not say when the containment was lifted: neither a field that somebody fills nor a stage."""
        if names and discipline != "D3":
            yield loc, "only D3 has a containment that is lifted; write `fields` or `stages` here"
        for name in names:
            if name in self.policy.fields:
                yield from self._writable(loc, name)
            else:
                yield from self._known(loc, [name], "field or stage", (*self.policy.fields, *self.stages))

    def _columns(self) -> tuple[str, ...]:
        """Return what may stand in a register or report: fields, money, tables, measures, and what the case knows."""
        known = (
            "number",
            "opened_on",
            "closed_on",
            "reporter",
            "owner",
            "stage",
            "late_by",
            "late_unit",
            "late_stage",
            "outcome",
            "counts",
        )
        policy = self.policy
        return (*self.fields, *policy.money, *policy.tables, *policy.measures, *known)

    def _money(self) -> Iterator[Problem]:
        policy = self.policy
        names = {*self.fields, *policy.money, *policy.values, *policy.tables}
        for name, money in policy.money.items():
            loc: Loc = ("money", name)
            of = (money.of,) if isinstance(money.of, str) else money.of or ()
            parts = [part.partition(".") for part in of]
            yield from self._known((*loc, "of"), [first for first, _, _ in parts], "field or amount", names)
            for first, _, column in parts:
                if column:
                    columns = self.fields[first].columns if first in self.fields else {}
                    yield from self._known((*loc, "of"), [column], f"column of {first}", columns)
            amounts = (
                money.from_,
                money.less,
                money.rate,
                money.by_lines,
                money.loss,
                money.points,
            )
            rest = (money.own, money.base, money.who, money.code, money.approved, money.real, money.tolerance)
            yield from self._known(loc, [*amounts, *rest], "field, value or amount", names)
            yield from self._conversion(loc, money, names)
            yield from self._known((*loc, "needs"), money.needs, "stage", self.stages)
            yield from self._known((*loc, "beyond"), [money.beyond], "stage", self.stages)
            yield from self._known((*loc, "equally"), money.equally, "role", policy.roles)

    def _conversion(self, loc: Loc, money: Money, names: set[str]) -> Iterator[Problem]:
        """A code that no amount stands for, or an amount that nobody knows, would cost nothing in silence."""
        if money.use != "convert":
            return
        yield from self._known((*loc, "amounts"), money.amounts, "answer of its code", self._answers(money.code or ""))
        for words in (str(a) for a in money.amounts.values() if isinstance(a, str)):
            field, _, column = words.partition(".")
            yield from self._known((*loc, "amounts"), [field], "number, value, field or table", names)
            if column:
                columns = self.fields[field].columns if field in self.fields else {}
                yield from self._known((*loc, "amounts"), [column], f"column of {field}", columns)
        yield from self._known((*loc, "each"), [money.each], "amount with parts", self.policy.money)
        yield from self._known((*loc, "as"), [money.as_], "money field", self._of("money"))
        if (money.each is None) is not (money.as_ is None):
            yield loc, "`each` names whose parts are converted and `as` the field that a part is known by; write both"

    def _answers(self, code: str) -> tuple[str, ...]:
        """Return what a choice field or a table may answer."""
        if code in self.fields:
            return self.fields[code].choices
        table = self.policy.tables.get(code)
        return () if table is None else tuple(str(row.give) for row in table.rows)

    def _measures(self) -> Iterator[Problem]:
        for name, measure in self.policy.measures.items():
            loc: Loc = ("measures", name)
            per = (*self.fields, *self.policy.tables, "stage", "person", "unit", "outcome", "month")
            yield from self._known((*loc, "per"), [measure.per], "field, or stage, person, unit, month", per)
            numbers = (
                *self._of("number", "money", "ratio"),
                *self.policy.money,
                "days",
                "score",
                "late_days",
            )
            yield from self._known(loc, [measure.sum, measure.out_of, measure.average], "number", numbers)
            if measure.out_of is not None and measure.sum is None:
                yield (*loc, "out_of"), "what is a share of it: write `sum` too"
            if not (measure.hit or measure.sum or measure.average):
                yield loc, "a measure has `hit` (a share), `sum` or `average`"
            asked = {n for x in (measure.where, measure.hit) if x is not None for n in x.names}
            if "repeat" in asked and self.policy.repeat is None:
                yield loc, "it asks for repeats, but the file does not say what one is: write `repeat`"

    def _duties(self) -> Iterator[Problem]:
        for name, duty in self.policy.duties.items():
            loc: Loc = ("duties", name)
            yield from self._known((*loc, "contents"), duty.contents, "field or measure", self._columns())
            yield from self._known((*loc, "opens"), [duty.opens], "route", self.routes)
            yield from self._known((*loc, "ladder"), [duty.ladder], "ladder", [*self.policy.ladders, "default"])
            if duty.by is not None:
                try:
                    parse_by(duty.by)
                except ValueError as error:
                    yield (*loc, "by"), str(error)
            if (duty.every is None) == (duty.upon is None):
                yield loc, "a duty says either `every` (month, week …) or `upon` (something that happens)"

    def _intake(self) -> Iterator[Problem]:
        intake = self.policy.intake
        if intake is not None:
            yield from self._known(("intake", "stages"), intake.stages, "stage", self.stages)
            for number, page in enumerate(intake.pages):
                for field in page:
                    yield from self._writable(("intake", "pages", number), field)
        if self.policy.repeat is not None:
            yield from self._known(("repeat", "same"), self.policy.repeat.same, "field", self.fields)
            yield from self._known(("repeat", "reopens"), [self.policy.repeat.reopens], "stage", self.stages)

    def _tables(self) -> Iterator[Problem]:
        for name, table in self.policy.tables.items():
            loc: Loc = ("tables", name, "rows")
            for number, result in enumerate(table.results):
                if isinstance(result, Who):
                    yield from self._who((*loc, number), result)
                elif table.gives == "route":
                    yield from self._known((*loc, number), [result], "route", self.routes)
            if name in self.fields and self.fields[name].choices and table.gives in ("grade", "reason"):
                yield from self._known(
                    loc, [str(r) for r in table.results], f"choice of {name}", self.fields[name].choices
                )
            if table.hit == "highest" and not (name in self.fields and self.fields[name].order == "rising"):
                yield (
                    ("tables", name, "hit"),
                    f"`highest` needs a field `{name}` of type choice with order: rising",
                )


def stages_in(path: Iterable[Step]) -> tuple[str, ...]:
    """Return the stages of a path in order, those of branches and the last resort of loops too."""
    found: list[str] = []
    for step in path:
        match step:
            case Do():
                found.append(step.do)
            case Together():
                found += [stage for branch in step.together for stage in stages_in(branch)]
            case Again():
                found += [step.else_] if step.else_ else []
    return tuple(dict.fromkeys(found))
