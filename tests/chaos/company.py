"""The company that the harness plays with: a small regulation, two people and a head for each role, all made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.policy_template import Answers, StageAnswer, policy_text
from bot.tour_desk import REPORTER, channel, head, make_tour_desk, members
from storage.policy_files import load_bundle

POLICY = "chaos"
START = "2026-11-02T09:30:00+08:00"
"""A Monday morning."""


@dataclass(frozen=True, kw_only=True)
class Days:
    """
    When and where a run is played. *night*: the instant at which clocks are changed there, if they are; such a company
    never closes, so that its hours are worked in that night, too.
    """

    start: str = START
    zone: str = "Asia/Shanghai"
    night: str = ""


ORDINARY = Days()
AUTUMN = Days(start="2026-10-23T14:30:00+02:00", zone="Europe/Berlin", night="2026-10-25T01:00:00+00:00")
SPRING = Days(start="2027-03-26T14:30:00+01:00", zone="Europe/Berlin", night="2027-03-28T01:00:00+00:00")
"""The Friday before the day with 25 hours, and that before the day with 23."""
FALLBACK_CHANNEL, OFFICER = "CTOURDESK", "UTOUROFFICER"
_STAGES = (
    StageAnswer(id="intake", role="reception", limit="same day"),
    StageAnswer(id="handle", role="department", limit="2 working days"),
    StageAnswer(id="confirm", role="head_office", limit="1 working day"),
    StageAnswer(id="answer", role="reception", limit="1 working day"),
)


ROLES = ("reception", "department", "head_office", "callers")
TOP = "general_manager"
MOVES = "department"
"""The role that has its cards in another channel at times, where the desk file changes during a run."""
DEPUTISED = ("department", "head_office")
STAND_IN = REPORTER
"""Stands in for them at times; else he has no role, and reads and presses in their channels all the same."""


@dataclass(frozen=True, kw_only=True)
class Deputised:
    """Days (both included) on which STAND_IN answers for a role, or, of a member who is away, for that person (*of*)."""

    role: str
    of: str | None
    first: date
    last: date

    def covers(self, day: date, role: str | None, member: str | None) -> bool:
        """Say whether he answers, on *day*, a seat of *role* or of *member* alone."""
        return self.first <= day <= self.last and (member == self.of if member else role == self.role)


def channels_of(role: str) -> tuple[str, ...]:
    """Return every channel that a role ever has."""
    return (channel(role), f"{channel(role)}2") if role == MOVES else (channel(role),)


def answer_for() -> dict[str, frozenset[str]]:
    """Return who may answer for each role, with its head."""
    return {role: frozenset((*members(role), head(role))) for role in (*ROLES, TOP)}


@dataclass(frozen=True, kw_only=True)
class Company:
    """The files of the company."""

    policies: Path
    desk: Path
    workspace: Path
    customers: Path


def make_company(folder: Path, days: Days = ORDINARY) -> Company:
    """
    Write the files into *folder*.

    The route has a form, a return, a stage confirmed by one click by two signers, a reply, and a callback that may
    reopen the case; every stage has a limit with reminder, slip and escalation (D5), and the case one that stands still while
    the customer is waited for.
    """
    policies = folder / "policies"
    policies.mkdir(parents=True, exist_ok=True)
    raw = policy()
    raw["clocks"]["case"]["pauses"] = [{"while": "waiting_for_customer", "source": {"ours": "so that a clock stands"}}]
    raw["clocks"]["case"]["limit"] = "2 working days"  # so that it runs out in a short run, too
    if days.night:
        raw["stages"]["confirm"]["limit"]["is"] = "60 hours"  # through the night
    (policies / f"{POLICY}.yml").write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), "utf-8")
    made = make_tour_desk(load_bundle(policies, POLICY), folder)
    if days.night:
        desk = yaml.safe_load(made.desk.read_text("utf-8"))
        desk |= {
            "timezone": days.zone,
            "calendars": {"main": {"country": "DE", "days": "mon-sun", "hours": ["00:00-24:00"]}},
        }
        made.desk.write_text(yaml.safe_dump(desk, allow_unicode=True, sort_keys=False), "utf-8")
        made.workspace.write_text(
            yaml.safe_dump(_with_stand_in(yaml.safe_load(made.workspace.read_text("utf-8")))), "utf-8"
        )
    return Company(policies=policies, desk=made.desk, workspace=made.workspace, customers=made.customers)


def _with_stand_in(workspace: dict[str, Any]) -> dict[str, Any]:
    """Return the workspace with STAND_IN in the channels of those for whom he stands in, and with the channel that MOVES goes to."""
    of = {each["id"]: each for each in workspace["channels"]}
    for role in DEPUTISED:
        of[channel(role)]["members"].append(STAND_IN)
    other = channels_of(MOVES)[1]
    return workspace | {"channels": [*of.values(), of[channel(MOVES)] | {"id": other, "name": other.lower()}]}


def policy() -> dict[str, Any]:
    """Return the regulation as its file says it."""
    answers = Answers(
        id=POLICY,
        text="Made up for the fault harness",
        stages=_STAGES,
        case_limit="8 working days",
        callback_by="callers",
    )
    raw: dict[str, Any] = yaml.safe_load(policy_text(answers))
    confirm = raw["stages"]["confirm"]
    confirm.pop("fill")
    confirm |= {"with": ["department"], "seats": "each"}
    confirm["copy_from"] = {"stage": "handle", "same": ["finding"], "source": {"ours": "one click"}}
    return raw
