"""A run: kill and restart a bot under load as often as asked, let everything settle, and audit what is left."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.playground import free_port
from tests.chaos.audit import Audit
from tests.chaos.bots import Bot, Nursery
from tests.chaos.changes import Changes
from tests.chaos.company import AUTUMN, ORDINARY, SPRING, answer_for
from tests.chaos.drawn import draw_cards
from tests.chaos.findings import Findings
from tests.chaos.ground import Ground
from tests.chaos.history import History
from tests.chaos.officer import doubted, in_trouble, see_to_it
from tests.chaos.people import Crowd
from tests.chaos.seams import MIGRATION, POINTS, TICK
from tests.chaos.settle import bring_due, settle, to_the_morning, waits_for_its_hour
from tests.chaos.stage import Stage, open_stage
from tests.chaos.weather import Weather

LIVE_SECONDS = (0.5, 3.0)
"""Machine time that passes at once beside living bots: little against a lease, as a request of theirs may be on its way."""
DEEPEST = {
    "before commit": 20, "after commit": 20, "after claim": 8, "before post": 8, "after post": 8, "before update": 8,
    "after update": 8, "before ack": 5,
}  # fmt: skip
"""A chosen point kills when it is passed for the n-th time, n up to this; in a tick, up to as many as are due."""
PATIENCE_SECONDS = 10.0
"""So long a bot may live that does not come to its chosen point; it is then killed where it is."""
ONE_BOT = ("slack", "storage")
"""Faults that one bot must live through without being killed."""
GIVES_WAY = ("slack", "storage", "all")
"""Faults beside which an act may fail through nobody's fault."""
MOST_REPAIRS = 4
LEAST_MORNINGS, MOST_MORNINGS = 2, 10
"""So that also in a short run limits run out and are told of. At most: closed days in a row, holidays among them; on the first
that is open all that waited for its hour goes."""
RUSHES_EVERY = 3
"""Spells; so the first comes when there is something to be told."""
RUSH_DUE, RUSH_STEPS, RUSH_STEP_SECONDS, RUSH_REST_SECONDS = 8, 16, 0.25, 0.12
"""In a rush so many deadlines are due at once. Machine time moves on in steps that are short against what a bot needs to read an answer."""
LAST_DUE, LAST_STEPS, LAST_STEP_SECONDS, LAST_REST_SECONDS = 8, 20, 1.0, 0.2
DOWN_SECONDS = (11.0, 25.0)
"""Machine time that passes while no bot runs: leases and doubts of the dead one run out."""


@dataclass
class Result:
    """What came of a run. *points*: how often the bot died where."""

    seed: int
    kills: int
    findings: Findings
    left: dict[str, int]
    seconds: float
    points: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    weather: Counter[str] = field(default_factory=Counter)
    ended_in_order: bool = True

    @property
    def is_clean(self) -> bool:
        """Say whether nothing is wrong; a run in which nobody was told that anything is done shows nothing."""
        bad = {n: v for n, v in self.findings.figures().items() if n != "acknowledged"}
        wrong = any(bad.values()) or any(self.left.values())
        return self.findings.acknowledged > 0 and not wrong and self.ended_in_order

    def told(self) -> str:
        """Return all of it, for whoever reads of a failure."""
        return "\n".join([str(self.as_json()), *self.findings.lines()])

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed, "kills": self.kills, **self.findings.figures(), "left undone": sum(self.left.values()),
            "seconds": round(self.seconds, 1), "points": dict(self.points), "acts": dict(self.acts),
            "weather": dict(self.weather),
        }  # fmt: skip


@dataclass
class Campaign:
    """
    One run on one stage. *points*: where the bot dies, in turn; a random moment where it does not get there.

    *faults*: `storage` (what one bot stands on gives way), `kill`, `slack` (spells of bad weather over one bot), `replicas`
    (up to *replicas* bots at once, killed and added), `desk` (kills while the desk file, the regulation and the calendar
    change, and through the night of a changed clock), or `all` (kills and weather at once, with as many bots). *depth*: at
    most the n-th passing of a chosen point kills. *tell* hears of progress, a line now and then.
    """

    stage: Stage
    seed: int
    kills: int
    points: tuple[str, ...] = POINTS
    workers: int = 4
    faults: str = "kill"
    depth: int = 100
    replicas: int = 1
    tell: Callable[[str], None] = lambda line: None

    def run(self) -> Result:
        began = time.monotonic()
        dice = random.Random(self.seed)
        self._points: Counter[str] = Counter()
        chosen = [p for p in self.points if p != MIGRATION]
        self._next_point = itertools.cycle(chosen or [None])
        self._die_in_migration()
        history = History(self.stage.folder / "history.jsonl")
        weather = self.faults in ("slack", "all")
        first_day = date.fromisoformat(self.stage.days.start[:10])
        crowd = Crowd(
            self.stage.desk, history, self.seed, self.workers, self.stage.is_up, whispers_arrive=not weather,
            first_day=first_day,
        )  # fmt: skip
        crowd.start()
        self._weather = Weather(self.stage.desk, dice)
        self._fleet: list[Bot] = []
        self._ground = Ground(self.stage, dice)
        self._changes = Changes(self.stage, self.stage.days, dice) if self.faults == "desk" else None
        if self.faults in ONE_BOT:
            bot = self._start_well()
        while self._points.total() < self.kills:
            if self.faults == "slack":
                self._bad_spell(dice, bot)
                self._pass_time(dice, DOWN_SECONDS)
            elif self.faults == "storage":
                self._shake(dice, bot)
                self._pass_time(dice, LIVE_SECONDS)
            elif self.replicas > 1:
                self._among_replicas(dice)
                self._pass_time(dice, LIVE_SECONDS)
            else:
                self._live_and_die(dice)
                self._pass_time(dice, DOWN_SECONDS)
            if self._points.total() % 25 == 0:
                self.tell(f"{self._points.total()} kills, {len(history.acts)} acts, {time.monotonic() - began:.0f} s")
        self._weather.clear()
        if self._changes:
            self._changes.end()
        last = bot if self.faults in ONE_BOT else self._start_well()
        if self.stage.sabotage in (None, "healing"):  # cards go stale where people go on; the others show at the kills
            self._live_on()
        crowd.stop()
        self._end_others()
        if crowd.faults:
            raise crowd.faults[0]
        if self._changes:
            self._changes.close_when_all_is_quiet()
        left = self._settle()
        ended_in_order = last.end() == 0
        findings = self._audit(history)
        if self.stage.run_command("db", "check") != 0:
            findings.broken.append(f"the tables are not what the logs add up to; see {self.stage.log}")
        history.close()
        return Result(
            seed=self.seed, kills=self._points.total(), findings=findings, left=left, seconds=time.monotonic() - began,
            points=self._points, acts=Counter(act.outcome for act in history.acts), ended_in_order=ended_in_order,
            weather=self._weather.seen + self._ground.seen + (self._changes.seen if self._changes else Counter()),
        )  # fmt: skip

    # --- bad weather ---------------------------------------------------------------------------------------------

    def _bad_spell(self, dice: random.Random, bot: Bot) -> None:
        """Let Slack misbehave for a while; the bot must live through it."""
        if self._is_rush():
            self._rush()
        for turn in (self._weather.turn_bad, self._weather.turn_good):
            turn()
            if bot.ended.wait(dice.uniform(0.5, 1.5)):
                raise AssertionError(f"the bot ended with {bot.how} in bad weather; see {self.stage.log}")
        self._points["bad spell"] += 1

    def _is_rush(self) -> bool:
        return self._points.total() % RUSHES_EVERY == RUSHES_EVERY - 1

    def _rush(self) -> None:
        """Much is due at once, and Slack takes no post for some seconds: what waits for a busy channel must leave it alone so long."""
        self._weather.turn_busy()
        bring_due(self.stage, RUSH_DUE)
        for _ in range(RUSH_STEPS):
            time.sleep(RUSH_REST_SECONDS)
            self.stage.advance(RUSH_STEP_SECONDS)
        self._weather.turn_good()

    def _turn_bad(self) -> None:
        """Begin a spell over bots that die in it."""
        if self._is_rush():
            self._weather.turn_busy()
            bring_due(self.stage, RUSH_DUE)
        else:
            self._weather.turn_bad()

    # --- the ground ----------------------------------------------------------------------------------------------

    def _shake(self, dice: random.Random, bot: Bot) -> None:
        """Do something to the database, the disk, the process or the clock; the bot must live through it."""
        self._ground.shake(bot)
        if bot.ended.wait(dice.uniform(0.5, 1.5)):
            raise AssertionError(f"the bot ended with {bot.how} on shaking ground; see {self.stage.log}")
        self._points["shaken"] += 1

    # --- dying ----------------------------------------------------------------------------------------------------

    def _die_in_migration(self) -> None:
        """Kill the first starts while they make the tables, each a few statements further."""
        if MIGRATION not in self.points or self.faults in ONE_BOT:
            return
        for statements in (1, 5, 20, 45):
            bot = self.stage.start((MIGRATION, statements))
            if bot.wait_ready():
                bot.kill()
                return
            self._points[MIGRATION] += 1

    def _live_and_die(self, dice: random.Random) -> None:
        point = next(self._next_point) if dice.random() < 0.8 else None
        most = bring_due(self.stage) if point == TICK else DEEPEST.get(point or "", 0)
        die = (point, dice.randint(1, min(self.depth, most))) if point and most else None
        bot = self.stage.start(die)
        if bot.wait_ready():
            self.stage.is_up.set()
        if self.faults == "all":
            self._turn_bad()
        if self._changes:
            self._changes.change()
        bot.ended.wait(PATIENCE_SECONDS if die else dice.uniform(0.1, 1.5))
        is_where_chosen = not bot.is_alive
        self.stage.is_up.clear()
        if bot.is_alive:
            bot.kill()
        if self.faults == "all":
            self._weather.clear()
        if bot.how != -9:
            raise AssertionError(f"the bot ended by itself with {bot.how}; see {self.stage.folder / 'bot.log'}")
        self._points[str(point) if die and is_where_chosen else "at random"] += 1

    # --- many at once ---------------------------------------------------------------------------------------------

    def _among_replicas(self, dice: random.Random) -> None:
        """Bring the fleet to some size, let it work, and kill one of it; some die by themselves."""
        for _ in range(dice.randint(2, self.replicas) - len(self._fleet)):
            point = dice.choice([p for p in self.points if p != MIGRATION]) if dice.random() < 0.4 else None
            most = bring_due(self.stage) if point == TICK else 3 * DEEPEST.get(point or "", 0)
            die = (point, dice.randint(1, most)) if point and most else None
            self._fleet.append(self.stage.start(die, port=free_port()))
        for bot in self._fleet:
            if bot.wait_ready():
                self.stage.is_up.set()
        if self.faults == "all":
            self._turn_bad()
        if self._changes:
            self._changes.change()
        time.sleep(dice.uniform(0.3, 1.2))
        if self.faults == "all":
            self._weather.clear()
        if all(bot.is_alive for bot in self._fleet):
            dice.choice(self._fleet).kill()
        for bot in [bot for bot in self._fleet if not bot.is_alive]:
            self._fleet.remove(bot)
            if bot.how != -9:
                raise AssertionError(f"a bot ended by itself with {bot.how}; see {self.stage.log}")
            self._points[str(bot.plan["die"][0]) if bot.plan["die"] else "at random"] += 1

    def _end_others(self) -> None:
        for bot in self._fleet:
            if bot.end() not in (0, -9 if bot.plan["die"] else 0):
                raise AssertionError(f"a bot did not end in order; see {self.stage.log}")

    def _pass_time(self, dice: random.Random, seconds: tuple[float, float]) -> None:
        self.stage.advance(dice.uniform(*seconds))
        if dice.random() < 0.6:
            self.stage.desk.advance_clock(dice.choice([300, 900, 1800, 3600]))

    def _live_on(self) -> None:
        """
        Let people go on for a while beside bots that live, after some limits ran out: what takes several acts, or follows a
        reminder, hardly comes about between kills.
        """
        bring_due(self.stage, LAST_DUE)
        for _ in range(LAST_STEPS):
            time.sleep(LAST_REST_SECONDS)
            self.stage.advance(LAST_STEP_SECONDS)

    def _start_well(self) -> Bot:
        bot = self.stage.start()
        if not bot.wait_ready():
            raise AssertionError(f"the last bot ended with {bot.how}; see {self.stage.folder / 'bot.log'}")
        self.stage.is_up.set()
        return bot

    # --- the end --------------------------------------------------------------------------------------------------

    def _settle(self) -> dict[str, int]:
        settle(self.stage)
        if self._changes:
            self._changes.approve()
        for morning in range(1, MOST_MORNINGS + 1):
            to_the_morning(self.stage)
            left = settle(self.stage)
            if morning >= LEAST_MORNINGS and not waits_for_its_hour(self.stage):
                break
        for _ in range(MOST_REPAIRS):
            if not see_to_it(self.stage):
                break
            left = settle(self.stage)
        if self._changes:
            self._changes.part_when_all_is_quiet()
            left = settle(self.stage)
        return left | {"messages in trouble": in_trouble(self.stage)}

    def _audit(self, history: History) -> Findings:
        stage = self.stage
        return Audit(
            url=stage.database, history=history, state=stage.state(), deliveries=stage.desk.deliveries("events_api"),
            now=stage.now(), drawn=draw_cards(stage),
            doubted=doubted(stage), roles=answer_for(), come_and_go=self._changes is not None,
            deputised=self._changes.deputised if self._changes else (), zone=stage.days.zone,
            answers=None if self.faults in GIVES_WAY else stage.desk.get("deliveries", kind="interactive", payload="0")["deliveries"],
            calls=stage.desk.calls() if self.faults in ONE_BOT else (),
        ).run()  # fmt: skip


def run_kills(
    folder: Path, *, seed: int, kills: int, db: str = "sqlite", sabotage: str | None = None, http: bool = False,
    points: tuple[str, ...] = (MIGRATION, *POINTS), tell: Callable[[str], None] = lambda line: None,
    nursery: Nursery | None = None, faults: str = "kill", depth: int = 100, replicas: int = 1,
) -> Result:  # fmt: skip
    """Kill a bot *kills* times under load (or let as many bad spells pass over it) and audit what is left."""
    days = (AUTUMN, SPRING)[seed % 2] if faults == "desk" else ORDINARY
    with open_stage(folder, db=db, sabotage=sabotage, http=http, nursery=nursery, days=days) as stage:
        return Campaign(
            stage=stage, seed=seed, kills=kills, points=points, tell=tell, faults=faults, depth=depth, replicas=replicas
        ).run()
