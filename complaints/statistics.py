"""
The figures of a period: what came in and went out, the measures of the policy with their targets, who was late.

A report is a fold over cases: the same cases in any order give the same report, and a case is what its log adds up to.
Source: D15 (received, closed, overdue, by type, grade and department, satisfaction), D21 (an extension counts as delay).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from complaints.case import OPEN
from complaints.limits import due_at
from complaints.lives import Life
from complaints.periods import Period, previous, year_before
from complaints.policy import Policy
from complaints.policy_examples import PLACES, rounded_share
from complaints.policy_model import Measure
from complaints.policy_targets import Target
from complaints.statistics_rows import NOT_COUNTED, Counted, Row, Span, hundredths_between, is_in_time
from complaints.workdays import WorkCalendar
from complaints.world import World

TENTH, ZERO = Decimal("0.1"), Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """What came in and went out: open at the beginning + received + reopened - closed - withdrawn = open at the end."""

    open_before: int = 0
    received: int = 0
    reopened: int = 0
    closed: int = 0
    withdrawn: int = 0
    open_after: int = 0
    finished: int = 0
    closed_late: int = 0
    open_late: int = 0
    delayed: int = 0

    @property
    def reconciles(self) -> bool:
        """Tell whether the balance comes out."""
        came, went = self.open_before + self.received + self.reopened, self.closed + self.withdrawn
        return came - went == self.open_after


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """A figure: *value* rounded as its measure says, None where there was nothing to count. *hit* of *of* rows."""

    value: Decimal | None
    of: int
    hit: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A measure of the policy in the period. *reached*: its target, None without one. *before*: what it compares with."""

    measure: str
    kind: str
    amount: Amount
    target: Target | None = None
    reached: bool | None = None
    before: Amount | None = None
    groups: tuple[tuple[str, Amount], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitFigures:
    """A department's stages: how many it did, how many late (open ones too), and how long one took on average."""

    unit: str
    done: int
    late: int
    mean_days: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenLine:
    """A case that is open at the end of the period. No words of people, no customer."""

    case_id: str
    name: str
    opened_at: datetime
    due_at: datetime | None
    is_late: bool
    stages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The figures of one policy in one period, as known at *now*."""

    policy: str
    period: Period
    now: datetime
    is_running: bool
    flow: Flow
    flow_before: Flow
    score: Amount
    figures: tuple[Figure, ...]
    tables: Mapping[str, Mapping[str, int]]
    units: tuple[UnitFigures, ...]
    open_cases: tuple[OpenLine, ...]

    def figure(self, measure: str) -> Figure:
        return next(f for f in self.figures if f.measure == measure)


# --- rounding --------------------------------------------------------------------------------------------


def rounded(value: Decimal, measure: Measure) -> Decimal:
    """Return *value* with the decimals of the measure, half up (D16)."""
    return value.quantize(Decimal(1).scaleb(-PLACES[measure.round]), ROUND_HALF_UP)


# --- one measure -------------------------------------------------------------------------------------------


@dataclass
class Count:
    """The rows of one group of a measure, taken one by one."""

    measure: Measure
    of: int = 0
    hit: int = 0
    total: Decimal = ZERO
    whole: Decimal = ZERO

    def add(self, hit: bool, number: Decimal, whole: Decimal) -> None:
        """Count a row with what `read` gave of it."""
        self.of += 1
        self.hit += hit
        if number:
            self.total += number
        if whole:
            self.whole += whole

    def exact(self) -> Decimal | None:
        if not self.of:
            return None
        if self.measure.hit is not None:
            return Decimal(self.hit) * 100 / self.of
        if self.measure.out_of is not None:
            return self.total * 100 / self.whole if self.whole else None
        return self.total if self.measure.sum else self.total / self.of

    def amount(self) -> Amount:
        exact, measure = self.exact(), self.measure
        if measure.hit is not None:
            value = rounded_share(measure, self.hit, self.of) if self.of else None
            return Amount(value=value, of=self.of, hit=self.hit)
        return Amount(value=None if exact is None else rounded(exact, measure), of=self.of)


def read(measure: Measure, row: Row) -> tuple[bool, Decimal, Decimal] | None:
    """Return what *measure* counts of a row: its answer, its number and the whole that the number is a part of; None where
    the answer or the number is unknown, or a part is without its whole."""
    if measure.hit is not None:
        answer = measure.hit.evaluate(row)
        return None if answer is None else (answer, ZERO, ZERO)
    number = row.number(measure.sum or measure.average or "")
    whole = ZERO if measure.out_of is None else row.number(measure.out_of)
    return None if number is None or whole is None else (False, number, whole)


def kind_of(measure: Measure) -> str:
    """Return what a figure is: a share of rows, a part of a sum, a sum or an average."""
    if measure.hit is not None:
        return "share"
    if measure.out_of is not None:
        return "part"
    return "sum" if measure.sum else "average"


@dataclass
class Tally:
    """A measure over one span."""

    measure: Measure
    span: Span
    whole: Count = field(init=False)
    groups: dict[str, Count] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.whole = Count(self.measure)

    def take(self, case: Counted) -> None:
        measure = self.measure
        for row in case.rows(measure.of, measure.from_, self.span):
            if measure.where is not None and measure.where.evaluate(row) is not True:
                continue
            counted = read(measure, row)
            if counted is None:
                continue
            self.whole.add(*counted)
            for name in row.groups(measure.per) if measure.per else ():
                group = self.groups.get(name)
                if group is None:
                    group = self.groups[name] = Count(measure)
                group.add(*counted)

    def figure(self, name: str, before: Tally | None) -> Figure:
        measure, exact = self.measure, self.whole.exact()
        return Figure(
            measure=name,
            kind=kind_of(measure),
            amount=self.whole.amount(),
            target=measure.target,
            reached=None if measure.target is None or exact is None else measure.target.is_reached(exact),
            before=before.whole.amount() if before else None,
            groups=tuple((name, count.amount()) for name, count in sorted(self.groups.items())),
        )


# --- the whole report --------------------------------------------------------------------------------------


@dataclass
class Ledger:
    """What every report counts of one span (D15)."""

    span: Span
    counts: Counter[str] = field(default_factory=Counter)

    def take(self, case: Counted) -> None:
        span, add = self.span, self.counts
        add["open_before"] += case.is_open_at(span.begin)
        add["received"] += span.holds(case.life.opened_at)
        for turn in case.life.turns:
            if span.holds(turn.at):
                add[turn.what] += 1
        add["finished"] += case.finished_in(span)
        is_open, has_closed = case.is_open_at(span.until), case.closed_in(span)
        add["open_after"] += is_open
        is_late = case.in_time(span) is False
        add["closed_late"] += has_closed and is_late
        add["open_late"] += is_open and is_late
        add["delayed"] += has_closed and (is_late or case.is_extended)

    def flow(self) -> Flow:
        return Flow(**{name: self.counts[name] for name in Flow.__dataclass_fields__})


@dataclass
class _Unit:
    """What a department did: its stages done, its late ones, and the time of those done in hundredths of days."""

    done: int = 0
    late: int = 0
    hundredths: int = 0

    def figures(self, name: str) -> UnitFigures:
        mean = Decimal(self.hundredths) / 100 / self.done if self.done else None
        days = mean.quantize(TENTH, ROUND_HALF_UP) if mean is not None else None
        return UnitFigures(unit=name, done=self.done, late=self.late, mean_days=days)


class Reporting:
    """Takes cases, in any order, and gives the report of a period. *world*: of the version of the policy in force."""

    def __init__(self, policy: Policy, period: Period, world: World, repeats: frozenset[str] = frozenset()) -> None:
        self.policy, self.period, self.world, self.repeats = policy, period, world, repeats
        self.span = span_of(period, world)
        self._ledger, self._before = Ledger(self.span), Ledger(span_of(previous(period), world))
        self._tallies = {name: Tally(measure, self.span) for name, measure in policy.measures.items()}
        self._earlier = {
            name: Tally(measure, span_of(period_before(measure, period), world))
            for name, measure in policy.measures.items()
            if measure.compare is not None
        }
        self._tables: dict[str, Counter[str]] = {n: Counter() for n in counted_by(policy)}
        self._outcomes: Counter[str] = Counter()
        self._units: dict[str, _Unit] = defaultdict(_Unit)
        self._scores: list[Decimal] = []
        self._open: list[OpenLine] = []

    def take(self, life: Life) -> None:
        """Count a case; void and merged ones never count."""
        if life.status in NOT_COUNTED:
            return
        case = Counted(life, self.policy, self.world, self.repeats)
        self._ledger.take(case)
        self._before.take(case)
        self._count_measures(case, of_duties=False)
        self._count_kinds(case)
        self._count_units(case)
        if case.is_open_at(self.span.until):
            self._open.append(self._open_line(life))

    def take_duty(self, life: Life) -> None:
        """Count what was done of a duty: for the measures that look at duties, and nothing else."""
        self._count_measures(Counted(life, self.policy, self.world, self.repeats), of_duties=True)

    def _count_measures(self, case: Counted, *, of_duties: bool) -> None:
        for tally in (*self._tallies.values(), *self._earlier.values()):
            if (tally.measure.of == "duties") == of_duties:
                tally.take(case)

    def report(self) -> Report:
        tables = {**self._tables, "outcome": self._outcomes}
        of = len(self._scores)
        score = (sum(self._scores, Decimal(0)) / of).quantize(TENTH, ROUND_HALF_UP) if of else None
        return Report(
            policy=self.policy.id,
            period=self.period,
            now=self.world.now,
            is_running=self.world.now < self.span.end,
            flow=self._ledger.flow(),
            flow_before=self._before.flow(),
            score=Amount(value=score, of=of),
            figures=tuple(t.figure(n, self._earlier.get(n)) for n, t in self._tallies.items()),
            tables={name: dict(sorted(counts.items())) for name, counts in tables.items() if counts},
            units=tuple(u.figures(name) for name, u in sorted(self._units.items()) if u.done or u.late),
            open_cases=tuple(sorted(self._open, key=lambda line: (line.opened_at, line.case_id))),
        )

    def _count_kinds(self, case: Counted) -> None:
        span, life = self.span, case.life
        if span.holds(life.opened_at):
            row = case.row({"unit": case.units})
            for name, counts in self._tables.items():
                counts.update(row.groups(name))
        if life.outcome is not None and case.closed_in(span):
            self._outcomes[life.outcome] += 1
        told = any(span.holds(c.at) and c.result == "reached" for s in life.stints for c in s.calls)
        if told and case.score is not None:
            self._scores.append(case.score)

    def _count_units(self, case: Counted) -> None:
        span = self.span
        for stint in case.life.stints:
            is_done = stint.ended == "done" and span.holds(stint.ended_at)
            is_open = stint.ended is None and stint.opened_at < span.until
            if stint.unit is None or not (is_done or is_open):
                continue
            is_late = is_in_time(stint, span) is False
            unit = self._units[stint.unit]
            unit.late += is_late
            if is_done:
                unit.done += 1
                unit.hundredths += hundredths_between(stint.opened_at, stint.ended_at or span.until)

    def _open_line(self, life: Life) -> OpenLine:
        due = life.promise.due_at if life.promise is not None else None
        waiting = (s.stage for s in life.stints if s.ended is None) if life.status == OPEN else ()
        return OpenLine(
            case_id=life.id,
            name=life.name,
            opened_at=life.opened_at,
            due_at=due,
            is_late=due is not None and due < self.span.until,
            stages=tuple(dict.fromkeys(waiting)),
        )


# --- periods -------------------------------------------------------------------------------------------------


def span_of(period: Period, world: World) -> Span:
    """Return the instants of a period in the desk's zone, as known now."""
    calendar: WorkCalendar = world.calendar()
    begin, end = period.instants(calendar)
    return Span(begin=begin, end=end, until=min(end, world.now))


def period_before(measure: Measure, period: Period) -> Period:
    """Return what a measure compares with: the period just before, or the same one of the year before."""
    return year_before(period) if measure.compare == "same period" else previous(period)


def spans_read(policy: Policy, period: Period, world: World) -> tuple[Span, ...]:
    """Return every span whose cases a report needs: the period, the one before, and those of last year."""
    periods = {p.name: p for p in (period, previous(period))}
    for measure in policy.measures.values():
        if measure.compare is not None:
            one = period_before(measure, period)
            periods[one.name] = one
    return tuple(span_of(p, world) for p in periods.values())


def counted_by(policy: Policy) -> tuple[str, ...]:
    """Return by what every report counts what came in: the choices of the intake form, the grade, the unit (D15)."""
    asked = [n for s in (policy.intake.stages if policy.intake else ()) for n in policy.stages[s].filled]
    choices = [n for n in asked if policy.fields[n].type in ("choice", "choices")]
    grades = [n for n in ("grade",) if n in policy.fields or n in policy.tables]
    return tuple(dict.fromkeys((*choices, *grades, "unit")))


# --- repeats ------------------------------------------------------------------------------------------------


def needs_repeats(policy: Policy) -> bool:
    """Tell whether a measure asks for repeats, and the policy says what one is."""
    asked = (x for m in policy.measures.values() for x in (m.where, m.hit) if x is not None)
    return policy.repeat is not None and any("repeat" in x.names for x in asked)


Matter = tuple[datetime, str, tuple[str, ...]]
"""When a case was opened, its id, and its values of the fields that make it the same matter."""


def repeats_among(matters: Iterable[Matter], policy: Policy, calendar: WorkCalendar) -> frozenset[str]:
    """Return the ids of the cases that repeat a first one within the policy's window, counted from that first one (D9)."""
    return frozenset(_repeats(sorted(matters), policy, calendar))


def _repeats(matters: Iterable[Matter], policy: Policy, calendar: WorkCalendar) -> Iterator[str]:
    assert policy.repeat is not None
    ends: dict[tuple[str, ...], datetime] = {}
    for opened_at, case_id, key in matters:
        if key in ends and opened_at <= ends[key]:
            yield case_id
        else:
            ends[key] = due_at(policy.repeat.within, opened_at, calendar).at
