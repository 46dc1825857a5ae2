"""What `policy_show` says of a stage, clock, amount or duty beside its main sentence: calendars, hints, rates, contents."""

from __future__ import annotations

from collections.abc import Iterator

from complaints.policy_model import CalendarRule, ClockDef, Discipline, Duty, Money, StageDef
from complaints.policy_papers import Register
from complaints.policy_parts import Words
from complaints.policy_phrases import Speaker
from complaints.policy_show_words import DETAILS, SAY
from complaints.policy_words import DISCIPLINE_WORDS


class Details:
    """Says the smaller parts of one policy in one language."""

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker

    def say(self, key: str, *parts: str) -> str:
        return self.speaker.say(DETAILS[key], *parts)

    def names(self, names: tuple[str, ...]) -> str:
        return self.speaker.joined([self.speaker.label(name) for name in names])

    def stage(self, stage: StageDef, name: str) -> Iterator[str]:
        """Yield how its limit is counted, what is proposed, what wants a reason, what must be ticked, whom it samples."""
        yield from self.calendar(stage.calendar)
        if stage.replaced_by is not None:
            yield self.say("replaced_by", self.speaker.label(stage.replaced_by))
        for decision, when in stage.suggest.items():
            yield self.say("suggest", self.speaker.label(decision, name), self.speaker.condition(when, name))
        if stage.reason:
            yield self.say("reason", self.speaker.joined([self.speaker.label(one, name) for one in stage.reason]))
        if stage.checklist:
            yield self.say("checklist", self.names(stage.checklist))
        if stage.sample is not None:
            yield self.say("sample", str(stage.sample))

    def clock(self, clock: ClockDef) -> Iterator[str]:
        """Yield when it runs at all, how it is counted, and which date wins over it."""
        if clock.when is not None:
            yield self.say("when", self.speaker.condition(clock.when))
        yield from self.calendar(clock.calendar)
        if clock.replaced_by is not None:
            yield self.say("replaced_by", self.speaker.label(clock.replaced_by))

    def calendar(self, rule: CalendarRule | None) -> Iterator[str]:
        if rule is None:
            return
        if rule.days is not None:
            first, last = (self.speaker.weekday(day) for day in rule.days.split("-"))
            yield self.say("days", first, last)
        if rule.hours is not None:
            yield self.say("hours", rule.hours)
        if rule.roll is not None:
            yield self.say("roll")

    def money(self, money: Money) -> Iterator[str]:
        """Yield out of what an amount is reckoned, with its rates and bands; when; to whom it goes."""
        parts = (money.of,) if isinstance(money.of, str) else tuple(money.of or ())
        parts += tuple(n for n in (money.from_, money.loss, money.real, money.points, money.base) if n is not None)
        if parts:
            yield self.say("out_of", self.speaker.joined([self._named(name) for name in parts]))
        for key in ("less", "rate", "approved", "tolerance", "cap", "code", "each", "by_lines"):
            if (value := getattr(money, key)) is not None:
                yield self.say(key, self._named(str(value)))
        if money.equally:
            yield self.say("equally", self.names(money.equally))
        for until, rate in money.bands:
            yield self.say("rest", rate) if str(until) == "rest" else self.say("band", str(until), rate)
        for code, amount in money.amounts.items():
            yield f"{self.speaker.label(code, money.code)}: {self._named(str(amount))}"
        if money.when is not None:
            yield self.say("when", self.speaker.condition(money.when))
        if money.to is not None:
            yield self.say("to", self.speaker.people(money.to))

    def _named(self, name: str) -> str:
        """Return a field, a value as people write it, or a column of lines; a number as it stands."""
        policy = self.speaker.policy
        if name in policy.values:
            return self.speaker.value(policy.values[name].is_)
        field, _, column = name.partition(".")
        known = field in policy.fields or field in policy.money or field in policy.tables
        if not known:
            return name
        return self.speaker.label(field) + (f" / {self.speaker.label(column)}" if column else "")

    def duty(self, duty: Duty) -> Iterator[str]:
        """Yield which cases it looks at, what it shows, what is filled in, who signs, what it begins."""
        if duty.from_ is not None:
            yield self.speaker.say(_FROM[duty.from_])
        if duty.where is not None:
            yield self.say("when", self.speaker.condition(duty.where))
        if duty.contents:
            yield self.say("contents", self.names(duty.contents))
        if duty.fill:
            yield self.say("fill", self.names(tuple(fill.name for fill in duty.fill)))
        if duty.approve:
            yield self.say("approve", self.speaker.joined([self.speaker.people(who) for who in duty.approve]))
        if duty.opens is not None:
            yield self.say("opens", self.speaker.label(duty.opens))

    def register(self, register: Register) -> Iterator[str]:
        """Yield when a line is entered, and its columns."""
        if register.upon is not None:
            yield self.say("upon", self.speaker.happening(register.upon))
        if register.when is not None:
            yield self.say("when", self.speaker.condition(register.when))
        if register.columns:
            yield self.say("columns", self.names(register.columns))

    def discipline(self, name: str, discipline: Discipline) -> str:
        """Return what stands under a discipline of the 8D report."""
        said = [self.names(discipline.fields)] if discipline.fields else []
        if discipline.stages:
            stages = self.speaker.joined([self.speaker.quoted(self.speaker.label(s)) for s in discipline.stages])
            said.append(self.say("discipline_team" if name == "D1" else "discipline_stages", stages))
        for key in ("occurrence", "escape", "lifted"):
            if fields := getattr(discipline, key):
                said.append(self.say(f"discipline_{key}", self.names(fields)))
        words = self.speaker.say(SAY["semicolon"]).join(said)
        return self.say("discipline", name, self.speaker.say(DISCIPLINE_WORDS[name]), words)


_FROM = {
    "cases closed last month": Words("cases closed last month", "上月结案的案件", "上月結案的案件"),
    "cases received last month": Words("cases received last month", "上月受理的案件", "上月受理的案件"),
    "cases closed last period": Words("cases closed in the last period", "上一期结案的案件", "上一期結案的案件"),
    "cases received last period": Words("cases received in the last period", "上一期受理的案件", "上一期受理的案件"),
    "open cases": Words("open cases", "未结案件", "未結案件"),
}
