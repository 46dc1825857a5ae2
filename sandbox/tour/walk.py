"""
Plays a complaint under any regulation: whoever has a card presses its main button and fills in what the form asks, until nobody
has one any more. What a field may be filled with is given; an answer that the app refuses is followed by the next one.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.client import CannotDo, Form, Member, Shown, StillWaiting
from sandbox.tour.scene import MAIN_BUTTONS, Scene, StepFailed

MOST_STEPS = 80
MOST_TRIES = 12
QUIET_JUMPS = (timedelta(hours=2), timedelta(days=1), timedelta(days=3), timedelta(days=4), timedelta(days=30))
SETTLE_SECONDS = 240.0
"""So long an app may take to post what is due: about one message a second in a channel."""
TICK_SECONDS = 1.5
"""So long an app gets to notice that the clock was moved."""
LOOK_SECONDS = 0.2
AGAIN_SECONDS, MOST_PRESSES = 15.0, 4
FILE = ("evidence.pdf", b"%PDF-1.4 made up")

Answers = Mapping[str, Sequence[Any]]


@dataclass
class Walk:
    """
    One complaint from `/complaint` to the last card.

    *answers*: field id to what may be entered, the first one first. *also*: fields that are filled in though a form
    does not insist. *health*: the address where the app says what it
    still has to do (`overdue` deadlines, `pending` messages); without it a walk waits a moment before it believes that
    nobody has a card.
    """

    scene: Scene
    reporter: str
    people: Sequence[str]
    answers: Answers
    also: Collection[str] = ()
    health: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    quiet: int = 0

    def play(self) -> None:
        """Raises: StepFailed when a form takes no answer, or cards never end."""
        self.log()
        for _ in range(MOST_STEPS):
            if not self._one_card():
                if self.quiet == len(QUIET_JUMPS):
                    return
                self._wait(QUIET_JUMPS[self.quiet])
                self.quiet += 1
        raise StepFailed(f"after {MOST_STEPS} steps somebody still has a card")

    def _wait(self, span: timedelta) -> None:
        """Move the clock on and give the app the time to notice."""
        now = datetime.fromisoformat(str(self.scene.desk.clock()["now"]))
        self.scene.to((now + span).isoformat())
        time.sleep(TICK_SECONDS)

    def _has_caught_up(self) -> bool:
        """Say whether the app has nothing to do now; asks the app itself."""
        if not self.health:
            time.sleep(TICK_SECONDS)
            return True
        try:
            with urllib.request.urlopen(self.health, timeout=10) as answer:
                found = json.loads(answer.read())
        except urllib.error.HTTPError as unwell:
            found = json.loads(unwell.read())
        return not found["overdue"] and not found["pending"]

    def _member(self, who: str) -> Member:
        if who not in self.members:
            self.members[who] = self.scene.desk.as_member(who)
        return self.members[who]

    # --- intake ---------------------------------------------------------------------------------------------

    def log(self) -> None:
        """Fill in the first form, page by page, and find out the complaint's id from the reporter's card."""
        member = self._member(self.reporter)
        before = {self.scene._case_of(m) for m in member.dms()}
        self._until_answered(lambda: member.command("/complaint"), member.view_now, "the form")
        form = Form(member, member.view_now() or {})
        self.scene.note("the form opens", member.real_name, form.title)
        while True:
            page = form.content.get("private_metadata")
            self._submit(form)
            again = member.view_now()
            if again is None or again.get("private_metadata") == page:
                break
            form = Form(member, again)
        receipt = self.scene.until(lambda: self._receipt(member, before), "the reporter's card")
        self.scene.case = self.scene._case_of(receipt)
        self.scene.note("the complaint is logged", member.real_name, receipt.text)

    def _receipt(self, member: Member, before: Collection[str]) -> Shown | None:
        return next((m for m in reversed(member.dms()) if self.scene._case_of(m) not in ("", *before)), None)

    # --- cards ------------------------------------------------------------------------------------------------

    def _one_card(self) -> bool:
        """
        Press the main button of a card that somebody has; False when the app has caught up and nobody has one.

        Raises: StepFailed when the app does not catch up: nobody could say then what it would still show.
        """
        until = time.monotonic() + SETTLE_SECONDS
        while True:
            is_last = self._has_caught_up()
            found = self._any_card()
            if found is not None:
                self.quiet = 0
                self._press(*found)
                return True
            if is_last:
                return False
            if time.monotonic() > until:
                raise StepFailed(f"after {SETTLE_SECONDS:.0f} s the app still has something to post")
            time.sleep(LOOK_SECONDS)

    def _any_card(self) -> tuple[Shown, str, list[str]] | None:
        """Return a card that asks for something: the message, its button, and who sees it."""
        for message, seen_by in self._shown():
            for action in MAIN_BUTTONS:
                if self._is_ours(message, action) and self.scene._has_moved(message):
                    return message, action, seen_by
        return None

    def _is_ours(self, message: Shown, action: str) -> bool:
        """Say whether the message has this button for the complaint or for what grew out of it."""
        elements = [e for b in message.blocks for e in [*b.get("elements", ()), b.get("accessory") or {}]]
        values = [str(e.get("value", "")) for e in elements if e.get("action_id") == action]
        return any(f"|{self.scene.case}" in value for value in values)

    def _shown(self) -> Iterator[tuple[Shown, list[str]]]:
        """Go through the channels once, the newest message first, and then through everybody's direct messages."""
        state = self.scene.desk.state()
        for channel in sorted(state["channels"], key=lambda c: c["kind"] in ("im", "dm")):
            seen_by = [who for who in self.people if who in channel["members"]]
            for message in reversed(state["messages"][channel["id"]] if seen_by else ()):
                yield Shown(self.scene.desk, self._member(seen_by[0]), message), seen_by

    def _press(self, message: Shown, action: str, seen_by: list[str]) -> None:
        """Let whoever may press the button and fill in its form; who may not is told so, and the next one tries."""
        scene = self.scene
        scene.pressed[message.channel, message.ts] = message
        for who in seen_by:
            if self._pressed_by(self._member(who), message, action):
                scene.note("the card", self._member(who).real_name, message.words)
                return
            scene.note("not theirs", self._member(who).real_name, self._last_words(self._member(who)))

    def _last_words(self, member: Member) -> str:
        found = member.ephemerals()
        return found[-1].words if found else ""

    def _pressed_by(self, member: Member, message: Shown, action: str) -> bool:
        """Press the button and fill in what opens; False when the app says that it is not theirs, or too late."""
        whispers = len(member.ephemerals())

        def answered() -> bool:
            if len(member.ephemerals()) > whispers:
                return True
            if action == "visit.confirm":
                return bool(message.now().blocks != message.blocks)
            return member.view_now() is not None or not self._is_ours(
                message.now(), action
            )  # rewritten with a file: asks on

        card = Shown(self.scene.desk, member, message.content)
        try:
            self._until_answered(lambda: card.click(action), answered, f"an answer to {member.real_name}'s press")
        except CannotDo:  # the card was rewritten meanwhile
            return False
        if action == "visit.confirm":
            return bool(message.now().blocks != message.blocks)
        view = member.view_now()
        if view is None:
            return False
        form = Form(member, view)
        if not form.content.get("submit"):
            self.scene.note("a notice", member.real_name, form.words)
            member.act("view/close", all=True)
            return False
        self._submit(form)
        return self._confirmed(member)

    def _until_answered(self, press: Callable[[], Any], answered: Callable[[], Any], what: str) -> None:
        """
        Press, and press again while nothing comes, as a person does: where everything is slow, Slack takes no view any more
        for a press of three seconds ago.
        """
        for _ in range(MOST_PRESSES):
            press()
            try:
                self.scene.desk.wait_for(answered, AGAIN_SECONDS, what)
                return
            except StillWaiting:
                continue
        raise StepFailed(f"{what} does not come after {MOST_PRESSES} presses")

    def _confirmed(self, member: Member) -> bool:
        """Answer what the app asks once more after a form; False when it says instead that nothing came of it."""
        view = member.view_now()
        if view is None:
            return True
        form = Form(member, view)
        self.scene.note("asked again", member.real_name, form.words)
        if form.content.get("submit"):
            self._submit(form)
        left = member.view_now() is not None
        member.act("view/close", all=True)
        return not left

    # --- forms --------------------------------------------------------------------------------------------------

    def _submit(self, form: Form) -> None:
        """Fill what is empty, submit, and try the next answer for what is refused."""
        tried: dict[str, int] = {}
        for _ in range(MOST_TRIES):
            form = self._filled(form, tried)
            done = form.submit()
            errors = done.get("errors") or {}
            self.scene.note("refused" if errors else "filled in", form.member.real_name, _as_filled(form, errors))
            if done.ok and not errors:
                return
            form = form.now()
            for block in errors:
                tried[block] = tried.get(block, 0) + (1 if self._has_value(form, block) else 0)
        raise StepFailed(f"{form.title}: no answer is taken: {errors or done.get('error')}")

    def _filled(self, form: Form, tried: Mapping[str, int]) -> Form:
        for block_id in [str(b.get("block_id", "")) for b in form.blocks if b.get("type") == "input"]:
            block = next((b for b in form.blocks if b.get("block_id") == block_id), None)
            if block is None or (block_id not in tried and self._has_value(form, block_id)):
                continue
            if block.get("optional") and block_id not in tried and block_id.removeprefix("field.") not in self.also:
                continue
            entered = self._answer(block, tried.get(block_id, 0))
            if entered is None:
                continue
            try:
                form.fill(block_id, entered)
            except CannotDo as problem:
                raise StepFailed(f"{form.title}: {block_id}: {problem}") from problem
            form = form.now()
        return form

    def _has_value(self, form: Form, block_id: str) -> bool:
        states = form.values.get(block_id, {}).values()
        return any(v for state in states for k, v in state.items() if k != "type")

    def _answer(self, block: Mapping[str, Any], turn: int) -> Any:
        """Return what to enter: the given answer of the field, an option, words; None leaves it empty."""
        name = str(block["block_id"]).removeprefix("field.").partition(".")[0]
        element = block["element"]
        if element["type"] == "file_input":
            return [FILE]
        options = [o["value"] for o in element.get("options", ())]
        given = [a for a in self.answers.get(name, ()) if not options or a in options or isinstance(a, list)]
        choices = given or options
        if choices:
            chosen = choices[turn % len(choices)]
            several = element["type"] in ("checkboxes", "multi_static_select", "multi_external_select")
            return [chosen] if several and not isinstance(chosen, list) else chosen
        now = datetime.fromisoformat(str(self.scene.desk.clock()["now"]))
        match element["type"]:
            case "datepicker":
                return (now.date() + timedelta(days=(0, 3, -3, 30, -30)[turn % 5])).isoformat()
            case "datetimepicker":
                return int((now + timedelta(days=(1, -1, 3)[turn % 3])).timestamp())
            case "users_select" | "multi_users_select":
                return self.people[turn % len(self.people)]
            case _:
                return ("Made up for the tour", "1", "2", "0", "100")[turn % 5]


def _as_filled(form: Form, errors: Mapping[str, str]) -> str:
    """Return what a form says, what stands in it and what the app says against it."""
    entered = {
        block: [v for k, v in state.items() if k != "type"]
        for block, value in form.values.items()
        for state in value.values()
    }
    return " | ".join([form.words, str(entered), *(f"{block}: {why}" for block, why in errors.items())])
