"""Drawing the report of a period from the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from complaints.periods import Period, period_of, previous
from complaints.policy import Policy
from complaints.ports import Reader
from complaints.statistics import Report, Reporting, needs_repeats, repeats_among, spans_read
from complaints.world import World

IsOwn = Callable[[Mapping[str, Any]], bool]
"""Whether a case with these fields is one of those that a report looks at."""

COMPLAINTS, PROCEDURES, DUTIES = ("complaint",), ("complaint", "sub"), ("duty",)


def draw_report(reader: Reader, policy: Policy, period: Period, world: World, is_own: IsOwn | None = None) -> Report:
    """
    Return the report of *policy* for *period*. Reads the cases one after the other; blocks.

    *world*: of the version in force; its measures count the cases of all versions. *is_own*: only cases with such fields.
    """
    spans = [(span.begin, span.end) for span in spans_read(policy, period, world)]
    repeats = frozenset[str]()
    if policy.repeat is not None and needs_repeats(policy):
        found = reader.matters(policy.id, policy.repeat.same, max(end for _, end in spans))
        repeats = repeats_among(found, policy, world.calendar())
    reporting = Reporting(policy, period, world, repeats)
    for life in reader.lives(policy.id, kinds_of(policy), spans):
        if is_own is None or is_own(life.fields):
            reporting.take(life)
    if any(measure.of == "duties" for measure in policy.measures.values()):
        for life in reader.lives(policy.id, DUTIES, spans):
            if is_own is None or is_own(life.fields):
                reporting.take_duty(life)
    return reporting.report()


def kinds_of(policy: Policy) -> tuple[str, ...]:
    """Return which cases of a policy are counted: complaints; of an annex or sub-procedure those begun by another case."""
    return COMPLAINTS if policy.policy.kind == "complaints" else PROCEDURES


def last_period(kind: str, world: World) -> Period:
    """Return the last period of that kind that is over in the desk's zone."""
    return previous(period_of(kind, world.calendar().local(world.now).date()))
