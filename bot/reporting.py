"""Reports for the command line, the conversation and the tick, drawn from the record of an open office."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from bot.office import Office
from complaints.periods import Period
from complaints.policy import Policy
from complaints.ports import CaseCount
from complaints.reports import IsOwn, draw_report
from complaints.statistics import Report
from complaints.world import Bundle, World, policy_of


class NotReported(ValueError):
    """There is no such policy in force, or no such register."""


def bundle_in_force(office: Office, policy: str | None) -> tuple[Bundle, Policy]:
    """
    Return the policy of that id with its bundle, an annex too; without one the only policy of the desk.

    Raises:
        NotReported: none is in force, or several are and none was named.
    """
    plan = office.watched.plan()
    office.in_force.refresh(plan.policies)
    bundles = [b for name in plan.policies if (b := office.in_force.in_force(name)) is not None]
    known = {id_: b for b in bundles for id_ in (*b.annexes, b.policy.id)}
    if policy is None and len(bundles) == 1:
        policy = bundles[0].policy.id
    if policy is None or policy not in known:
        names = ", ".join(sorted(known)) or "none yet (start the bot once)"
        what = f"There is no policy “{policy}” in force" if policy else "Say which policy (--policy)"
        raise NotReported(f"{what}. In force: {names}.")
    return known[policy], policy_of(known[policy], policy)


def world_for_figures(office: Office, bundle: Bundle, now: datetime) -> World:
    """Return a world in which nothing is drawn, counted or decided."""
    return World(
        now=now,
        bundle=bundle,
        people=office.watched.plan(),
        calendars=office.watched.calendars(),
        serial=_never,
        count=_never_count,
        load=office.store.reader.case,
        customer=office.customers,
        bundles=office.store.shelf.bundle,
    )


def report_for(
    office: Office, bundle: Bundle, policy: Policy, period: Period, now: datetime, is_own: IsOwn | None = None
) -> Report:
    """Draw the report of a period, of all cases or of those that *is_own* names. Blocks: a month of 100,000 cases takes
    seconds."""
    return draw_report(office.store.reader, policy, period, world_for_figures(office, bundle, now), is_own)


def _never(series: str, period: str) -> NoReturn:
    raise AssertionError("a report draws no serial")


def _never_count(query: CaseCount) -> NoReturn:
    raise AssertionError("a report counts by itself")
