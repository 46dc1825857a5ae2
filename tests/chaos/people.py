"""The load: seeded people who log complaints and press whatever is on the cards, often late, twice, or at the same time."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sandbox.client import CannotDo, Form, Member, Outcome, SandboxClient, Shown
from tests.chaos.history import DONE, HEARD, REFUSED, UNKNOWN, Act, History, content_of

TAIL = 25
"""People press what stands lowest in a channel."""
FIRST_CASES, ACTS_OF_A_CASE = 6, 9
HEAD_OR_NUMBER = "H12"
"""How members of one department differ in their ids."""
OPTIONAL = ("plain_text_input", "file_input")
"""What people fill in though they need not."""
VIEW_SECONDS = 1.0
REST_SECONDS = 0.02
NEXT_DAYS, LATER_DAYS, NEXT_HOURS = (1, 4), (1, 60), (1, 50)
"""Dates that people enter: mostly one of the next days of procedure time, else one after the first day; instants."""
PRESSED = {
    "visit.main": 10, "visit.confirm": 10, "visit.return": 2, "visit.log_call": 8, "act.take_back": 5, "visit.more": 8,
    "case.facts": 0.5, "case.urge": 0.5, "case.more": 1, "gm.decide": 4, "gm.extend": 4, "extension.grant": 8, "extension.refuse": 4, "question.answer": 5,
    "act.wait": 0.8, "act.extend": 0.8, "act.ask": 0.6, "act.hand_over": 0.6, "act.add_signer": 0.6,
}  # fmt: skip
"""How often a button is pressed, in parts; others are pressed once in a while."""


class Crowd:
    """
    Some workers, each with dice of its own; a person does one thing at a time.

    *is_up*: set while a bot answers. Workers mostly wait for that, and sometimes press all the same. *whispers_arrive*: a click
    that nothing is said about was taken; in bad weather that nothing was heard says nothing. *first_day*: dates that people
    enter lie behind it.
    """

    def __init__(
        self, desk: SandboxClient, history: History, seed: int, workers: int, is_up: threading.Event, *, whispers_arrive: bool = True,
        first_day: date,
    ) -> None:  # fmt: skip
        self._desk, self._history, self._is_up, self._whispers_arrive = desk, history, is_up, whispers_arrive
        there = desk.workspace()
        self._members = {p["id"]: desk.as_member(p["id"]) for p in there["people"] if not p.get("is_bot")}
        self._places = [c for c in there["channels"] if len(c["members"]) > 1]
        self._first_day = first_day
        self._free, self._lock = set(self._members), threading.Lock()
        self._stopping, self._running = threading.Event(), threading.Event()
        self._idle = threading.Semaphore(0)
        self._workers = [
            threading.Thread(target=self._work, args=(random.Random(f"{seed} {number}"),), daemon=True)
            for number in range(workers)
        ]
        self.faults: list[BaseException] = []

    def start(self) -> None:
        self._running.set()
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Let everybody finish what they do."""
        self._stopping.set()
        self._is_up.set()
        for worker in self._workers:
            worker.join(60)

    # --- a worker -----------------------------------------------------------------------------------------------

    def _work(self, dice: random.Random) -> None:
        while not self._stopping.is_set():
            if not self._is_up.is_set() and dice.random() < 0.9:
                self._is_up.wait(0.5)
                continue
            try:
                self._something(dice)
            except (CannotDo, AssertionError, ConnectionError, http.client.HTTPException):
                pass  # a card was rewritten meanwhile, a view was closed: people live with that
            except BaseException as error:
                self.faults.append(error)
                return
            time.sleep(REST_SECONDS)

    def _something(self, dice: random.Random) -> None:
        if dice.random() < 0.15 and self._there_is_room():
            with self._somebody(dice) as member:
                if member is not None:
                    self._log(dice, member)
            return
        place = dice.choice([*self._places, None])
        among = place["members"] if place else list(self._members)
        with self._somebody(dice, among) as member:
            if member is None:
                return
            channel = place["id"] if place else member.dm
            shown = self._desk.get(f"channels/{channel}/messages", **{"as": member.id, "tail": TAIL})["messages"]
            if not shown:
                return
            asks = [each for each in shown if "visit." in str(each.get("blocks"))]
            message = Shown(self._desk, member, dice.choice(asks if asks and dice.random() < 0.4 else shown))
            if dice.random() < 0.06:
                self._say(dice, member, message)
            else:
                self._press(dice, member, message)

    def _there_is_room(self) -> bool:
        """A company logs no more than it can deal with: what lies about for weeks is escalated every day."""
        done = [act.what.startswith("log") for act in self._history.of(DONE)]
        return sum(done) <= FIRST_CASES + len(done) / ACTS_OF_A_CASE

    @contextlib.contextmanager
    def _somebody(self, dice: random.Random, among: list[str] | None = None) -> Iterator[Member | None]:
        """Lend a person who is free, with no modal left open."""
        with self._lock:
            free = sorted(self._free.intersection(among) if among is not None else self._free)
            chosen = dice.choice(free) if free else None
            if chosen:
                self._free.discard(chosen)
        try:
            yield self._members[chosen] if chosen else None
        finally:
            if chosen:
                if self._members[chosen].view_now() is not None:
                    with contextlib.suppress(CannotDo):
                        self._members[chosen].act("view/close", all=True)
                with self._lock:
                    self._free.add(chosen)

    # --- acts -----------------------------------------------------------------------------------------------------

    def _log(self, dice: random.Random, member: Member) -> None:
        if (form := self._opened(member, lambda: member.command("/complaint"))) is not None:
            self._fill_and_send(dice, form, "log")

    def _say(self, dice: random.Random, member: Member, message: Shown) -> None:
        act = self._history.begin(member.id, "say")
        act.words = self._words(act)
        said = member.say(message.channel, f"I heard {act.words}", message)
        act.at = (said.channel, said.ts)
        self._history.answered(act, HEARD)
        if dice.random() < 0.3:
            self._desk.redeliver("last", kind="events_api")

    def _press(self, dice: random.Random, member: Member, message: Shown) -> None:
        found = [(a, v) for a, v in _buttons(message.blocks) if not a.startswith("link.")]
        if not found:
            return
        weights = [PRESSED.get(action, 0.3) for action, _ in found]
        if max(weights) < 1 and dice.random() < 0.7:  # nothing that asks for him: people mostly read on
            return
        action, value = dice.choices(found, weights)[0]
        if action == "visit.confirm":
            self._confirm(dice, member, message, value)
            return
        late = dice.random() < 0.05 and message.content.get("edited")
        self._go_on(dice, member, lambda: message.stale_click(action) if late else message.click(action), action)

    def _confirm(self, dice: random.Random, member: Member, message: Shown, value: str) -> None:
        """Decide by one click: what the person was told is a whisper, or nothing when it is done."""
        act = self._history.begin(member.id, "visit.confirm")
        _, act.case, visit, *_ = value.split("|")
        act.visit = int(visit)
        whispers = len(member.ephemerals())
        for _ in range(2 if dice.random() < 0.3 else 1):
            outcome = message.click("visit.confirm")
            here = message.content.get("thread_ts")  # elsewhere, words of a moment before may be answered
            heard = [w for w in member.ephemerals()[whispers:] if w.content.get("thread_ts") == here]
            silent = DONE if self._whispers_arrive else UNKNOWN
            if not outcome.ok or any(_leaves_it_open(whisper.words, member.id) for whisper in heard):
                self._history.answered(act, UNKNOWN)
            else:
                self._history.answered(act, REFUSED if heard else silent, *(whisper.words for whisper in heard))

    def _go_on(self, dice: random.Random, member: Member, press: Callable[[], Outcome], action: str) -> None:
        """Press, and deal with what that opens: a form, or a list to choose from."""
        for _ in range(3):
            form = self._opened(member, press)
            if form is None:
                return
            if form.content.get("submit"):
                self._fill_and_send(dice, form, action)
                return
            rows = [a for a, _ in _buttons(form.blocks) if not a.startswith("link.")]
            if not rows:
                return
            [action] = dice.choices(rows, [PRESSED.get(row, 0.3) for row in rows])
            press = partial(form.click, action)

    def _opened(self, member: Member, act: Callable[[], Outcome]) -> Form | None:
        """Return the view that an act opens, or None when nothing opens (a whisper says why not, or the bot is dead)."""
        heard = len(member.ephemerals())
        outcome = act()
        if not outcome.ok:
            return None
        trigger = f"triggers/{outcome['trigger_id']}"
        with contextlib.suppress(AssertionError):
            found = self._desk.wait_for(
                lambda: self._desk.get(trigger)["view"] or len(member.ephemerals()) > heard, VIEW_SECONDS
            )
            return Form(member, found) if isinstance(found, dict) else None
        return None

    def _fill_and_send(self, dice: random.Random, form: Form, what: str) -> None:
        act = self._history.begin(form.member.id, f"{what}:{form.content.get('callback_id')}")
        meta = json.loads(form.content.get("private_metadata") or "{}")
        act.form = meta.get("token", "")
        _, act.case, visit, *_ = (str(meta.get("ref", "")) + "||||").split("|")[:5]
        act.visit = int(visit) if visit.isdigit() else None
        form = self._fill(dice, form, act)
        for _ in range(3):
            sent = form.submit()
            told = _told(sent, form.member)
            self._history.answered(act, told)
            if told == DONE and dice.random() < 0.1:
                self._desk.redeliver(sent["delivery"])
            if told != UNKNOWN or self._stopping.is_set() or dice.random() < 0.3:
                return
            if sent.get("response_action") == "push":
                form.member.view().close()  # the notice lies on the form
            self._is_up.wait(5)  # the form is still there: try again, as people do

    def _fill(self, dice: random.Random, form: Form, act: Act) -> Form:
        for block_id in [str(b["block_id"]) for b in form.blocks if b.get("type") == "input"]:
            block = next((b for b in form.blocks if b.get("block_id") == block_id), None)
            if block is None:
                continue
            entered = self._entry(dice, block_id, block["element"], act)
            if entered is not None and (not block.get("optional") or block["element"]["type"] in OPTIONAL):
                form.fill(block_id, entered)
                form = form.now()
        return form

    def _entry(self, dice: random.Random, block_id: str, element: dict[str, Any], act: Act) -> Any:
        options = [o["value"] for o in element.get("options", ())]
        match element["type"]:
            case "plain_text_input" if block_id.split(".")[-1] == "into":
                return f"{self._first_day:%Y%m}-{dice.randint(1, FIRST_CASES):03}"
            case "plain_text_input":
                if act.words:
                    return "further words"
                act.words = self._words(act)
                return f"Made up: {act.words}"
            case "number_input":
                return str(dice.randint(1, 5))
            case "file_input":
                if act.file or dice.random() < 0.5:
                    return None
                act.file = f"file-{act.number}-{act.who.lower()}.txt"
                return [(act.file, content_of(act.file))]
            case "external_select":
                return "C-0001"
            case "users_select":
                near = [m for m in self._members if m.rstrip(HEAD_OR_NUMBER) == act.who.rstrip(HEAD_OR_NUMBER)]
                return dice.choice(sorted(near if dice.random() < 0.5 else self._members))
            case "datepicker":
                if dice.random() < 0.3:
                    return (self._first_day + timedelta(days=dice.randint(*LATER_DAYS))).isoformat()
                return (self._now().date() + timedelta(days=dice.randint(*NEXT_DAYS))).isoformat()
            case "datetimepicker":
                return (self._now() + timedelta(hours=dice.randint(*NEXT_HOURS))).isoformat()
            case "checkboxes" | "multi_static_select":
                return [dice.choice(options)] if options else None
            case "static_select" | "radio_buttons":
                return dice.choice(options) if options else None
        return None

    def _now(self) -> datetime:
        return datetime.fromisoformat(str(self._desk.clock()["now"]))

    @staticmethod
    def _words(act: Act) -> str:
        return f"word-{act.number}-{act.who.lower()}."


def _buttons(blocks: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return (action id, value) of each button."""
    elements = [e for b in blocks for e in [*b.get("elements", ()), b.get("accessory") or {}]]
    return [(e["action_id"], str(e.get("value", ""))) for e in elements if e.get("type") == "button"]


def _leaves_it_open(told: str, member: str) -> bool:
    """
    Say whether what somebody is told is no refusal: his own answer is recorded (his press was delivered twice, and this answers
    the second delivery), or nobody knows yet (a fault, or Slack does not say who he is; the other delivery may have gone well).
    """
    settled = (f"<@{member}> settled it", f"<@{member}> had settled it")
    return any(said in told for said in ("Your answer is recorded", *settled, "It may not be recorded", "counts once"))


def _told(sent: Outcome, member: Member) -> str:
    """Return what the answer to a submission means to the person."""
    if sent.get("errors"):
        return REFUSED
    if not sent.ok:
        return UNKNOWN if sent.get("sent") else REFUSED
    if sent.get("response_action") in (None, "clear"):
        return DONE
    on_top = member.view_now()
    if on_top and "recorded as you first sent it" in Form(member, on_top).words:
        return DONE
    return UNKNOWN if on_top and _leaves_it_open(Form(member, on_top).words, member.id) else REFUSED
