"""The office goes on changing while people work: who answers, the calendar, the regulation; and the night of a changed clock."""

from __future__ import annotations

import contextlib
import copy
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.tour_desk import members
from handlers.cards.desk import PUT_IN_FORCE
from sandbox.client import CannotDo
from tests.chaos.company import DEPUTISED, MOVES, POLICY, ROLES, STAND_IN, TOP, Days, Deputised, channels_of
from tests.chaos.settle import bring_due
from tests.chaos.stage import Stage

LIMITS = ("1 working day", "2 working days", "3 working days", "60 hours")
SEEN_SECONDS = 1.5
"""The bot looks at its files every second of machine time, and takes in what it saw with its next tick."""
LATE_SECONDS, LATE_STEPS = 50.0, 3
"""Machine time, in steps, after which a bot looks once more at what may have been drawn before people changed."""
BEFORE_THE_NIGHT, STEP, STEPS = timedelta(minutes=45), timedelta(minutes=20), 9
"""Three hours around the change: the hour that comes twice, or never, is in their middle."""


class Changes:
    """Does one thing after the other to the files of a desk and to its clock, beside bots that live or die meanwhile."""

    def __init__(self, stage: Stage, days: Days, dice: random.Random) -> None:
        self._stage, self._days, self._dice = stage, days, dice
        self._desk: dict[str, Any] = yaml.safe_load(stage.company.desk.read_text("utf-8"))
        self._policy: dict[str, Any] = yaml.safe_load(self._policy_file.read_text("utf-8"))
        self._label = 1
        self.seen: Counter[str] = Counter()
        self.deputised: list[Deputised] = []
        self._all: list[Callable[[], None]] = [
            self._other_people, self._day_closed, self._other_regulation, self._desk_broken, self._regulation_broken,
            self._label_taken, self._night, self._deputy, self._away, self._other_channel,
        ]  # fmt: skip
        self._next: list[Callable[[], None]] = []

    def change(self) -> None:
        """Do the next thing: all of them in some order, and then all again in another one."""
        self._next = self._next or self._dice.sample(self._all, len(self._all))
        chosen = self._next.pop()
        self.seen[chosen.__name__.strip("_").replace("_", " ")] += 1
        chosen()

    def end(self) -> None:
        """Leave both files whole."""
        self._write(self._stage.company.desk, self._desk)
        self._write(self._policy_file, self._policy)

    def close_when_all_is_quiet(self) -> None:
        """Once nobody acts any more: limits follow the desk file all the same."""
        self._close(1)

    def part_when_all_is_quiet(self) -> None:
        """At the very end, when no case goes on and has its cards drawn again anyhow: cards follow the people alone."""
        self._other_people(*ROLES)
        for _ in range(LATE_STEPS):
            self._stage.advance(LATE_SECONDS)
            time.sleep(SEEN_SECONDS / 2)

    # --- the desk file -------------------------------------------------------------------------------------------

    def _other_people(self, *roles: str) -> None:
        """Somebody of each of *roles* (unsaid: of any one) leaves the file, or comes back."""
        for role in roles or [self._dice.choice(ROLES)]:
            both, entry = list(members(role)), self._desk["roles"][role]
            entry["members"] = both if entry["members"] != both else [self._dice.choice(both)]
        self._write(self._stage.company.desk, self._desk)
        self._wait()

    def _deputy(self) -> None:
        """Somebody without a role stands in for one of them for some days, that begin today and end by themselves."""
        role, (first, last) = self._dice.choice(DEPUTISED), self._some_days()
        self._desk["roles"][role]["deputies"] = [{"member": STAND_IN, "from": str(first), "until": str(last)}]
        self.deputised.append(Deputised(role=role, of=None, first=first, last=last))
        self._write(self._stage.company.desk, self._desk)
        self._wait()

    def _away(self) -> None:
        """Somebody is away for some days, with a deputy."""
        role, (first, last) = self._dice.choice(DEPUTISED), self._some_days()
        member = self._dice.choice(members(role))
        days = {"from": str(first), "until": str(last)}
        self._desk["absences"] = [{"member": member, **days, "deputy": STAND_IN}]
        self.deputised.append(Deputised(role=role, of=member, first=first, last=last))
        self._write(self._stage.company.desk, self._desk)
        self._wait()

    def _some_days(self) -> tuple[date, date]:
        today = self._stage.now().astimezone(ZoneInfo(self._days.zone)).date()
        return today, today + timedelta(days=self._dice.randint(0, 1))

    def _other_channel(self) -> None:
        """The cards of a role come into another channel from now on, and then into the old one again."""
        role, (first, other) = self._desk["roles"][MOVES], channels_of(MOVES)
        role["channel"] = other if role["channel"] == first else first
        self._write(self._stage.company.desk, self._desk)
        self._wait()

    def _day_closed(self) -> None:
        """The office is closed on one of the next days: open limits move, also those of which somebody was reminded."""
        bring_due(self._stage)
        self._wait()
        self._close(self._dice.randint(1, 5))

    def _close(self, days_ahead: int) -> None:
        day = (self._stage.now() + timedelta(days=days_ahead)).date().isoformat()
        self._desk["calendars"]["main"].setdefault("closures", []).append({"from": day, "to": day})
        self._write(self._stage.company.desk, self._desk)
        self._wait()

    def _desk_broken(self) -> None:
        """The file cannot be read for a while; the last good one holds."""
        self._stage.company.desk.write_text("roles: [", "utf-8")
        self._wait()
        self._write(self._stage.company.desk, self._desk)

    # --- the regulation ------------------------------------------------------------------------------------------

    def _other_regulation(self) -> None:
        """A new version with another limit; the general manager approves it, if the card is there in time."""
        self._label += 1
        self._policy["policy"]["label"] = str(self._label)
        self._policy["stages"]["handle"]["limit"]["is"] = self._dice.choice(LIMITS)
        self._write(self._policy_file, self._policy)
        self._wait()
        self.approve()

    def approve(self) -> None:
        """Press the general manager's button for a version that waits, where its card is there."""
        for member in map(self._stage.desk.as_member, members(TOP)):
            for message in reversed(member.dms()):
                if PUT_IN_FORCE in str(message.blocks):
                    with contextlib.suppress(CannotDo, AssertionError):
                        message.click(PUT_IN_FORCE)
                    return

    def _regulation_broken(self) -> None:
        """Neither a file of which half was written nor one that makes no sense becomes a version."""
        whole = self._policy_file.read_text("utf-8")
        self._policy_file.write_text(whole[: len(whole) // 2], "utf-8")
        self._wait()
        self._write(self._policy_file, self._policy)

    def _label_taken(self) -> None:
        """Another text under a label that is taken already is refused."""
        other = copy.deepcopy(self._policy)
        other["stages"]["answer"]["limit"]["is"] = "4 working days"
        self._write(self._policy_file, other)
        self._wait()
        self._write(self._policy_file, self._policy)

    # --- the night -----------------------------------------------------------------------------------------------

    def _night(self) -> None:
        """Procedure time goes through the night in which clocks are changed, in steps, while people act; later it only goes on."""
        night = datetime.fromisoformat(self._days.night)
        if self._stage.now() < night - BEFORE_THE_NIGHT:
            self._stage.desk.set_clock((night - BEFORE_THE_NIGHT).isoformat())
        for _ in range(STEPS):
            self._stage.desk.advance_clock(STEP.total_seconds())
            time.sleep(SEEN_SECONDS / STEPS)

    # --- files -----------------------------------------------------------------------------------------------------

    @property
    def _policy_file(self) -> Path:
        return self._stage.company.policies / f"{POLICY}.yml"

    def _write(self, path: Path, data: dict[str, Any]) -> None:
        """Put the whole file in place at once, as an editor does."""
        fresh = path.with_suffix(".new")
        fresh.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
        fresh.replace(path)

    def _wait(self) -> None:
        """Let the bots see it, and people act on it."""
        self._stage.advance(SEEN_SECONDS)
        time.sleep(SEEN_SECONDS / 2)
