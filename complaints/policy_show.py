"""Prints a policy in plain sentences, with every default filled in, so that its owner can read and sign it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from complaints.limits import Limit, Unit
from complaints.policy import LoadedPolicy, Policy, Rule, Rung, StageDef
from complaints.policy_flow import case_limit, stage_limits
from complaints.policy_model import Again, Do, RouteDef, Run, Step, Together
from complaints.policy_papers import Measure
from complaints.policy_parts import SourceRef, Who, Words
from complaints.policy_phrases import Speaker
from complaints.policy_show_details import Details
from complaints.policy_show_forms import Forms
from complaints.policy_show_words import COUNTED, HEADS, LOCKED, NOTICES, SAY, SEATS, SPANS, USES
from complaints.policy_stages import Extension
from complaints.policy_symbols import walk
from complaints.policy_terms import ALWAYS


def policy_show(loaded: LoadedPolicy | Policy, language: str = "en") -> str:
    """Return the regulation in plain sentences in *language* (en, zh-Hans, zh-Hant), its annexes too."""
    policies = list(loaded) if isinstance(loaded, LoadedPolicy) else [loaded]
    lines = list(_Printer(policies[0], language).lines())
    for annex in policies[1:]:
        printer = _Printer(annex, language)
        lines += ["", f"# {printer.say('annex', printer.speaker.label(annex.id))}", *list(printer.lines())[1:]]
    return "\n".join(lines) + "\n"


class _Printer:
    """Prints one policy, section by section."""

    def __init__(self, policy: Policy, language: str) -> None:
        self.policy, self.speaker = policy, Speaker(policy, language)
        self.details, self.forms = Details(self.speaker), Forms(self.speaker)
        self.limits = stage_limits(policy, {})

    def say(self, key: str, *parts: str) -> str:
        return self.speaker.say(SAY.get(key) or HEADS[key], *parts)

    def lines(self) -> Iterator[str]:
        head = self.policy.policy
        yield f"# {self.speaker.label(self.policy.id)} ({head.text})"
        yield ""
        yield self.say("version", head.label, self.speaker.label(head.in_force_by)) + self._source(head.source)
        sections = {
            "access": self._access(),
            "form": self._form(),
            "route": self._main(),
            "follow": self._follow(),
            "entries": (f"- {words}{self._source(field.source)}" for words, field in self.forms.entries()),
            "clocks": self._clocks(),
            "late": self._late(),
            "rules": self._rules(),
            "tables": self._tables(),
            "reply": self._reply(),
            "money": self._money(),
            "publish": (f"- {words}" for words in self.forms.published()),
            "papers": self._papers(),
            "eight_d": self._eight_d(),
            "duties": self._duties(),
            "figures": self._figures(),
            "silent": self._silent(),
            "people": (f"- {clause}　{self._reason(why)}" for clause, why in self.policy.for_people.items()),
            "clauses": (f"- {clause}　{text}" for clause, text in self.policy.clauses.items()),
        }
        for key, section in sections.items():
            if found := list(section):
                yield from ("", f"## {self.speaker.say(HEADS[key])}", "", *found)

    def _source(self, source: SourceRef | None) -> str:
        if source is None or source.kind != "ours":
            return f" [{source}]" if source is not None else ""
        return f" [{self.say('ours')}: {self.policy.source_text(source, self.speaker.language)}]"

    def _people(self, people: Any) -> str:
        return self.speaker.joined([self.speaker.people(who) for who in people])

    def _names(self, names: Any) -> str:
        return self.speaker.joined([self.speaker.label(name) for name in names])

    def _access(self) -> Iterator[str]:
        for access in self.policy.policy.access:
            when = "" if access.when == ALWAYS else self._only_if(access.when)
            yield "- " + self.forms.say("access", self._people(access.to), when) + self._source(access.source)

    def _form(self) -> Iterator[str]:
        source = self.policy.intake.source if self.policy.intake is not None else None
        yield from (f"- {words}{self._source(source)}" for words in self.forms.pages())

    # routes

    def _main(self) -> Iterator[str]:
        for name in self.policy.main_routes():
            route = self.policy.routes[name]
            if len(self.policy.main_routes()) > 1:
                yield f"### {self.speaker.label(name)}{self._source(route.source)}"
            yield from self._path(route.path)
            yield self.say("closes", self.speaker.label(str(route.closes)), self._outcomes(route))
        yield self.say("recused")

    def _outcomes(self, route: RouteDef) -> str:
        """Return what a route may close with: what table `outcome` gives, or its own outcome."""
        table = self.policy.tables.get("outcome")
        found = [str(result) for result in table.results] if table is not None else [route.outcome or "closed"]
        return " / ".join(self.speaker.label(name) for name in dict.fromkeys(found))

    def _reason(self, why: str) -> str:
        return self.speaker.label(why) if why in self.policy.texts else why

    def _path(self, path: tuple[Step, ...], indent: str = "") -> Iterator[str]:
        for number, step in enumerate(path, 1):
            start = f"{indent}{number}. "
            match step:
                case Do():
                    yield start + self._stage(step)
                case Together():
                    yield start + self.say("together")
                    for branch in step.together:
                        yield from self._path(branch, indent + "   ")
                case Again():
                    last = self.speaker.label(step.else_) if step.else_ else "—"
                    until = self.speaker.condition(step.until)
                    yield start + self.say("again", self.speaker.label(step.again), until, str(step.at_most), last)
                case Run():
                    yield start + self.say("run", self.speaker.label(step.run)) + self._only_if(step.when)

    def _only_if(self, when: Any) -> str:
        return self.say("semicolon") + self.say("when", self.speaker.condition(when)) if when is not None else ""

    def _stage(self, step: Do) -> str:
        stage = self.policy.stages[step.do]
        parts = [self.say("who", self.speaker.people(stage.who))]
        if stage.with_:
            seats = str(stage.seats) if isinstance(stage.seats, int) else self.speaker.say(SEATS[stage.seats])
            parts.append(self.say("with", self._people(stage.with_), seats))
        if step.when is not None:
            parts.append(self.say("when", self.speaker.condition(step.when)))
        parts.append(self._limit(step.do, stage))
        parts += [*self._acts(stage, step.do), *self.details.stage(stage, step.do)]
        words = self.say("semicolon").join(parts)
        return self.say("sentence", self.speaker.label(step.do), words) + self._source(step.source or stage.source)

    def _limit(self, name: str, stage: StageDef) -> str:
        if stage.limit is None:
            return self.say("d4", self.speaker.limit(self.limits[name]))
        return self.say("limit", self.speaker.limit_ref(stage.limit)) + self._source(stage.limit.source)

    def _acts(self, stage: StageDef, name: str) -> Iterator[str]:
        if stage.fill:
            yield self.say("fill", self.speaker.joined([self._fill(fill, name) for fill in stage.fill]))
        if stage.may_fill:
            yield self.say("may_fill", self._names(stage.may_fill))
        if stage.disagree is not None:
            yield self.say("disagree", self.speaker.people(stage.disagree))
        if stage.needs:
            yield self.say("needs", self._names(stage.needs))
        if stage.not_:
            yield self.say("not", self._people(stage.not_))
        if stage.absent is not None:
            yield self.say("absent", self.speaker.people(stage.absent))
        if stage.sign:
            yield self.say("sign", self._people(stage.sign))
        for decision, target in stage.decisions.items():
            yield self.say("decides", self.speaker.label(decision, name), self.speaker.target(target))
        if stage.attempts is not None:
            last = self.speaker.label(stage.attempts.else_, name) if stage.attempts.else_ else "—"
            yield self.say("attempts", str(stage.attempts.times), self.speaker.limit(stage.attempts.gap), last)
        if stage.extension is not None:
            yield self._extension(stage.extension)
        if stage.copy_from is not None:
            when = self.speaker.condition(stage.copy_from.when)
            yield self.say("copy", self.speaker.label(stage.copy_from.stage), when)
        if stage.tells:
            yield self.say("tells")
        if stage.recusal is not None:
            yield self.say("waived", str(stage.recusal.waived))

    def _extension(self, extension: Extension) -> str:
        most = self.speaker.limit(extension.at_most) if extension.at_most is not None else self.say("own_limit")
        silent = "" if extension.reason else self.say("no_reason")
        return self.say("extension", self._people(extension.by), str(extension.times), most) + silent

    def _fill(self, fill: Any, stage: str) -> str:
        label = self.speaker.label(fill.name)
        return label if fill.when is None else self.say("if", label, self.speaker.condition(fill.when, stage))

    def _follow(self) -> Iterator[str]:
        others = [name for name in self.policy.routes if name not in self.policy.main_routes()]
        for name in others:
            route = self.policy.routes[name]
            words = self.say("sentence", self.speaker.label(name), self._opening(name, route))
            yield "- " + words + self._source(route.source)
            yield from self._path(route.path, "   ")

    def _opening(self, name: str, route: RouteDef) -> str:
        trigger = route.opens
        if trigger is None:
            by = [
                s
                for s, stage in self.policy.stages.items()
                if any(t.kind == "open" and t.arg == name for t in stage.decide.values())
            ]
            return self.say("opens", self._names(by))
        upon = self._later(self.speaker.happening(trigger.upon), trigger.after)
        if trigger.by_hand:
            people, more = self._people(trigger.by), self._only_if(trigger.when)
            if trigger.fill:
                fields = self.speaker.joined([self._fill(fill, name) for fill in trigger.fill])
                more += self.say("semicolon") + self.say("fill", fields)
            if trigger.within is None:
                return self.say("by_hand_always", people, upon) + more
            return self.say("by_hand", people, self.speaker.limit(trigger.within), upon) + more
        each = self.say("semicolon") + self.say("each", self.speaker.each(trigger.each)) if trigger.each else ""
        return self.say("opens", upon) + self._only_if(trigger.when) + each

    # the other sections

    def _clocks(self) -> Iterator[str]:
        if "case" not in self.policy.clocks:
            yield f"- {self.speaker.say(Words('10 working days', '10 个工作日', '10 個工作天'))} [D4]"
        for clock in self.policy.clocks.values():
            starts = self.speaker.joined([self.speaker.happening(upon) for upon in clock.starts])
            stops = self.speaker.joined([self.speaker.happening(upon) for upon in clock.stops])
            extra = [self.say(pause.while_) + self._source(pause.source) for pause in clock.pauses]
            extra += [self._extension(clock.extension)] if clock.extension is not None else []
            extra += list(self.details.clock(clock))
            yield (
                "- "
                + self.say("clock", starts, stops, self.speaker.limit_ref(clock.limit))
                + "".join(f" ({words})" for words in extra)
                + (self.say("owed_by", self.speaker.people(clock.owed_by)) if clock.owed_by is not None else "")
                + self._source(clock.source)
            )

    def _late(self) -> Iterator[str]:
        """Print the usual ladder, and each other one with the stages, clocks and duties that climb it."""
        for name, rungs in {"default": self.policy.ladder(), **self.policy.ladders}.items():
            own = self.speaker.joined([self.speaker.quoted(self.speaker.label(part)) for part in self._climbing(name)])
            for rung in rungs:
                yield f"- {own}{own and ': '}" + self._rung(rung) + self._source(rung.source)

    def _climbing(self, ladder: str) -> list[str]:
        policy = self.policy
        found = [name for name, stage in policy.stages.items() if stage.ladder == ladder]
        found += [name for name, clock in policy.clocks.items() if clock.ladder == ladder]
        found += [name for name, duty in policy.duties.items() if duty.ladder == ladder]
        return [] if ladder == "default" else found

    def _rung(self, rung: Rung) -> str:
        what, people = self.speaker.say(NOTICES[rung.as_]), self._people(rung.tell)
        if rung.at is not None:
            key = "rung_due" if rung.at == "due" else "rung_share"
            return self.say(key, rung.at, what, people)
        for key in ("before", "after", "every"):
            if (limit := getattr(rung, key)) is not None:
                return self.say(f"rung_{key}", self.speaker.limit(limit), what, people)
        return what

    def _rules(self) -> Iterator[str]:
        for rule in self.policy.rules:
            upon = self._later(self.speaker.happening(rule.upon), rule.after)
            when = self._only_if(rule.when)
            acts = [
                f"{self.speaker.label(field)} ≥ {self.speaker.label(choice, field)}"
                for field, choice in rule.raise_.items()
            ]
            acts += [self.speaker.label(name) for name in rule.open]
            acts += [self.say("require", self._names(rule.require))] if rule.require else []
            acts += [self._lock(rule)] if rule.lock else []
            acts += [self.speaker.label(rule.enter)] if rule.enter else []
            if rule.tell:
                yield "- " + self.say("tell", upon, when, self._people(rule.tell)) + self._source(rule.source)
            if acts:
                yield "- " + self.say("rule", upon, when, self.speaker.joined(acts)) + self._source(rule.source)

    def _later(self, upon: str, after: Limit | None) -> str:
        """Return something that happens, or how much later than it."""
        return upon if after is None else self.say("later", upon, self.speaker.limit(after))

    def _lock(self, rule: Rule) -> str:
        acts = self.speaker.joined([self.speaker.say(LOCKED[act]) for act in rule.lock])
        if rule.until is None:
            return self.say("lock", acts)
        return self.say("lock_until", acts, self.speaker.happening(rule.until))

    def _tables(self) -> Iterator[str]:
        for name, table in self.policy.tables.items():
            yield f"- {self.speaker.label(name)}:{self._source(table.source)}"
            for row, tests, result in zip(table.rows, table.tests, table.results, strict=True):
                when = self.speaker.say(Words(" and ", "，且", "，且")).join(
                    self.speaker.condition(test) for test in tests
                )
                yield f"   - {when or '…'} → {self._result(result)}{self._source(row.source)}"

    def _result(self, result: Any) -> str:
        if hasattr(result, "kind"):
            return self.speaker.people(result)
        if hasattr(result, "unit"):
            return self.speaker.limit(result)
        return self.speaker.condition(result) if hasattr(result, "tree") else self.speaker.label(str(result))

    def _reply(self) -> Iterator[str]:
        reply = self.policy.reply
        if reply.until:
            upon = self.speaker.say(Words(" or ", "或", "或")).join(self.speaker.happening(u) for u in reply.until)
            yield "- " + self.say("locked", upon) + self._source(reply.source)
        if reply.by is not None:
            yield "- " + self.say("by", self.speaker.people(reply.by))
        if reply.channels:
            yield "- " + self.say("channels", self._names(reply.channels))
        if reply.written_when is not None:
            written = self._names(reply.written_channels)
            yield "- " + self.say("written", written, self.speaker.condition(reply.written_when))
        if reply.never:
            yield "- " + self.say("never", self._names(reply.never))
        if reply.apology is not None:
            liable = f" ({self.speaker.condition(reply.liable_when)})" if reply.liable_when is not None else ""
            yield "- " + self.say(f"apology_{reply.apology}", liable)
        for inform in reply.inform:
            by = self.speaker.people(inform.by or reply.by or Who("owner"))
            words = self.say("inform", self.speaker.happening(inform.upon), self._only_if(inform.when), by)
            yield f"- {words}{self.speaker.quoted(self.speaker.label(inform.what))}{self._source(inform.source)}"

    def _money(self) -> Iterator[str]:
        for name, money in self.policy.money.items():
            by = self.speaker.people(money.by) if money.by else self.say("anybody")
            needs = self._names(money.needs) or self.say("approved")
            yield (
                "- "
                + self.say("money", self.speaker.label(name), self.speaker.say(USES[money.use]), by, needs)
                + self._more(self.details.money(money))
                + self._source(money.source)
            )

    def _papers(self) -> Iterator[str]:
        papers = self.policy.papers
        if papers.number is not None:
            stage = self.speaker.label(papers.number.at)
            yield "- " + self.say("number", papers.number.pattern, stage) + self._source(papers.number.source)
            if papers.number.overflow == "refuse":
                yield "- " + self.say("overflow")
        for copies in papers.copies:
            upon = self.speaker.happening(copies.upon)
            paper = self.speaker.label(copies.of)
            yield (
                "- "
                + self.say("copies", upon + self._only_if(copies.when), paper, self._people(copies.to))
                + self._source(copies.source)
            )
        for name, form in papers.forms.items():
            sheets = self.say("sheets", str(form.copies)) if form.copies > 1 else ""
            yield (
                "- "
                + self.say("form", self.speaker.label(name), self._names(form.fill), sheets)
                + self._source(form.source)
            )
        for name, register in papers.registers.items():
            kept_by = self.speaker.label(register.kept_by)
            yield (
                "- "
                + self.say("register", self.speaker.label(name), kept_by)
                + self._more(self.details.register(register))
                + self._source(register.source)
            )
        if (repeat := self.policy.repeat) is not None:
            again = self.details.say("reopens", self.speaker.label(repeat.reopens)) if repeat.reopens else ""
            words = self.details.say("repeat", self._names(repeat.same), self.speaker.limit(repeat.within), again)
            yield "- " + words + self._source(repeat.source)
        if papers.keep is not None:
            is_ever = papers.keep.unit is Unit.NONE
            words = self.say("keep_ever") if is_ever else self.say("keep", self.speaker.limit(papers.keep))
            yield "- " + words + self._source(papers.keep_source)
        if papers.archive_by is not None:
            yield "- " + self.say("archive", self.speaker.label(papers.archive_by))

    def _eight_d(self) -> Iterator[str]:
        for name, discipline in sorted(self.policy.eight_d.items()):
            yield "- " + self.details.discipline(name, discipline) + self._source(discipline.source)

    def _duties(self) -> Iterator[str]:
        for name, duty in self.policy.duties.items():
            people = self._people((duty.who, *duty.with_))
            span = (
                self.speaker.say(SPANS[duty.every])
                if duty.every
                else self.speaker.happening(duty.upon)
                if duty.upon
                else ""
            )
            send = self.say("send", self._people(duty.send_to)) if duty.send_to else ""
            words = self.say("duty", self.speaker.label(name), span, self.speaker.by(duty.by), people, send)
            yield "- " + words + self._more(self.details.duty(duty)) + self._source(duty.source)

    def _more(self, details: Iterator[str]) -> str:
        """Return what else is to be said of one line, in brackets."""
        found = self.say("semicolon").join(details)
        return f" ({found})" if found else ""

    def _figures(self) -> Iterator[str]:
        for name, measure in self.policy.measures.items():
            where = self.say("of_those", self.speaker.condition(measure.where)) if measure.where else ""
            per = self.say("per", self.speaker.label(measure.per)) if measure.per else ""
            what = self._counted(measure)
            words = self.say(
                "figure", self.speaker.label(name), what, self.speaker.say(COUNTED[measure.of]), where, per
            )
            yield "- " + words + self._source(measure.source)

    def _counted(self, measure: Measure) -> str:
        if measure.hit is not None:
            return self.say("share", self.speaker.condition(measure.hit))
        if measure.sum is not None and measure.out_of is not None:
            return self.say("sum_of_sum", self.speaker.label(measure.sum), self.speaker.label(measure.out_of))
        if measure.sum is not None:
            return self.say("sum", self.speaker.label(measure.sum))
        return self.say("average", self.speaker.label(measure.average)) if measure.average else self.say("how_many")

    def _silent(self) -> Iterator[str]:
        """Print each topic with its default in full, and then every choice of ours with its place."""
        for topic, source in self.policy.defaults.items():
            text = self.policy.source_text(source, self.speaker.language)
            name = source.text if source.kind == "default" else self.say("ours")
            yield "- " + self.say("default", f"{self.speaker.label(topic)} [{name}]", text)
        whole = case_limit(self.policy, {})
        if whole is None:
            yield f"- {self.policy.source_text(SourceRef('default', 'D4'), self.speaker.language)} [D4]"
        ours = [(loc, part) for loc, part in walk(self.policy) if isinstance(part, SourceRef) and part.kind == "ours"]
        for loc, part in ours:
            if loc[0] != "defaults":
                yield f"- {'.'.join(str(step) for step in loc[:-1])}:{self._source(part)}"
