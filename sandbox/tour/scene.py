"""What a tour does: find the card, press, fill, submit, move the clock; each step leaves a line of transcript."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.client import CannotDo, Form, Member, SandboxClient, Shown

WAIT_SECONDS = 60.0
MAIN_BUTTONS = ("visit.main", "visit.confirm", "visit.log_call")


class StepFailed(Exception):
    """A step of the life of a complaint did not happen."""


@dataclass
class Line:
    """One step of the transcript: what it was, who did it, when (procedure time), what was then to be read."""

    step: str
    who: str
    at: str
    saw: str
    ok: bool = True


@dataclass
class Scene:
    """The stage of a tour: the people, one complaint at a time, and the lines so far."""

    desk: SandboxClient
    tell: Callable[[Line], None] = lambda line: None
    lines: list[Line] = field(default_factory=list)
    case: str = ""
    pressed: dict[tuple[str, str], Shown] = field(default_factory=dict)
    """The messages that were pressed, as they were then."""
    over: set[str] = field(default_factory=set)
    """The visits that were decided: cards of theirs that are still to be rewritten ask for nothing."""

    # --- transcript -----------------------------------------------------------------------------------------

    def note(self, step: str, who: str, saw: str) -> None:
        line = Line(step=step, who=who, at=str(self.desk.clock().get("now") or ""), saw=" ".join(saw.split()))
        self.lines.append(line)
        self.tell(line)

    def until(self, look: Callable[[], Any], what: str) -> Any:
        """Wait for something to be there; a step that does not happen ends the tour."""
        try:
            return self.desk.wait_for(look, WAIT_SECONDS, what)
        except AssertionError as missing:
            raise StepFailed(f"{what}: {missing}") from missing

    # --- the clock ------------------------------------------------------------------------------------------

    def to(self, instant: str) -> None:
        self.desk.set_clock(instant)

    # --- cards ----------------------------------------------------------------------------------------------

    def cards(self, member: Member, action: str, contains: str = "") -> Iterator[tuple[Shown, dict[str, Any]]]:
        """Return the messages with a button *action* of the case: the department's channel first, the newest first."""
        for message in self._seen(member):
            button = self.button(message, action)
            if button is not None and contains in message.words and self._has_moved(message):
                yield message, button

    def _has_moved(self, message: Shown) -> bool:
        """Say whether a pressed message was rewritten since: decided, or another signer's turn."""
        pressed = self.pressed.get((message.channel, message.ts))
        return pressed is None or message.blocks != pressed.blocks

    def _seen(self, member: Member) -> Iterator[Shown]:
        for channel in self.desk.workspace()["channels"]:
            if member.id in channel.get("members", ()) and channel.get("kind", "") not in ("im", "dm"):
                yield from reversed(member.messages(channel["id"]))
        yield from reversed(member.dms())

    def button(self, message: Shown, action: str) -> dict[str, Any] | None:
        """Return the button with this action id whose value belongs to the case."""
        for block in message.blocks:
            for element in [*block.get("elements", ()), block.get("accessory") or {}]:
                value = str(element.get("value", ""))
                if element.get("action_id") == action and f"|{self.case}|" in value and _visit(value) not in self.over:
                    found: dict[str, Any] = element
                    return found
        return None

    def card(self, who: str, action: str | tuple[str, ...] = MAIN_BUTTONS, contains: str = "") -> tuple[Shown, str]:
        """Wait for the card of a person that asks for something now."""
        member = self.desk.as_member(who)
        actions = (action,) if isinstance(action, str) else action

        def look() -> tuple[Shown, str] | None:
            for each in actions:
                for message, _ in self.cards(member, each, contains):
                    return message, each
            return None

        found: tuple[Shown, str] = self.until(look, f"a card for {who}" + (f" with “{contains}”" if contains else ""))
        return found

    # --- acts -----------------------------------------------------------------------------------------------

    def act(
        self,
        step: str,
        who: str,
        decision: str | None = None,
        contains: str = "",
        *,
        more_sign: bool = False,
        **fields: Any,
    ) -> None:
        """Press the main button of the person's card, fill the form if there is one, and submit it."""
        message, action = self.card(who, contains=contains)
        self.press(step, message, action, decision, more_sign=more_sign, **fields)

    def press(
        self,
        step: str,
        message: Shown,
        action: str,
        decision: str | None = None,
        *,
        more_sign: bool = False,
        **fields: Any,
    ) -> None:
        """Press a button of a card and send its form; *more_sign*: the stage goes on with another signer."""
        header, button = message.text, self.button(message, action) or {}
        self.pressed[message.channel, message.ts] = message
        outcome = message.click(action)
        if action != "visit.confirm":
            self.send(outcome.view(WAIT_SECONDS), decision, **fields)
        if not more_sign:
            self.over.add(_visit(str(button.get("value", ""))))
        self.note(step, self._who(message), header)

    def see_all_rewritten(self, step: str) -> None:
        """Wait until every card that was pressed shows what came of it."""

        def done() -> bool:
            return all(self._has_moved(message.now()) for message in self.pressed.values())

        self.until(done, step)
        self.note(step, "", f"{len(self.pressed)} cards")

    def _who(self, message: Shown) -> str:
        return message.member.real_name if message.member else ""

    def send(self, form: Form, decision: str | None = None, **fields: Any) -> None:
        """Fill a form by its field ids and submit it; an error names the field and ends the tour."""
        if decision is not None and any(b.get("block_id") == "decision" for b in form.blocks):
            form.fill("decision", decision)
        for name, value in fields.items():
            block = name.replace("__", ".")
            if (
                block not in ("reason", "to_stage", "until", "member", "result", "place", "words") and "." not in block
            ) or ("." in block and not block.startswith("field.")):
                block = f"field.{block}"
            try:
                form.fill(block, value)
            except CannotDo as problem:
                blocks = [b.get("block_id") for b in form.blocks]
                raise StepFailed(f"{form.title}: {problem}; the form has {blocks}") from problem
            form = form.now()
        done = form.submit()
        if not done.ok or done.get("errors"):
            raise StepFailed(f"{form.title}: {done.get('errors') or done.get('error') or done}")

    def log(self, who: str, pages: list[dict[str, Any]], step: str = "intake by modal") -> None:
        """Log a complaint with `/complaint`, page by page, and find out its id from the reporter's card."""
        member = self.desk.as_member(who)
        before = {self._case_of(m) for m in member.dms()}
        form = member.command("/complaint").view(WAIT_SECONDS)
        self.note(f"{step}: form opens", member.real_name, form.title)
        for number, page in enumerate(pages):
            self.send(form, **page)
            if number + 1 < len(pages):
                form = Form(member, self.until(lambda: _next_page(member), "the next page"))

        def opened() -> Shown | None:
            fresh = [m for m in member.dms() if self._case_of(m) and self._case_of(m) not in before]
            return fresh[-1] if fresh else None

        receipt = self.until(opened, "the reporter's card")
        self.case = self._case_of(receipt)
        self.note(step, member.real_name, receipt.text)

    def _case_of(self, message: Shown) -> str:
        for block in message.blocks:
            for element in [*block.get("elements", ()), block.get("accessory") or {}]:
                parts = str(element.get("value", "")).split("|")
                if len(parts) == 5 and parts[1]:
                    return parts[1]
        return ""

    def see(self, step: str, who: str, contains: str, *, channel: str | None = None) -> Shown:
        """Wait until a person sees a message with these words (in a channel, else as a direct message)."""
        member = self.desk.as_member(who)

        def look() -> Shown | None:
            seen = member.messages(channel) if channel else member.dms()
            fitting = [m for m in seen if contains in m.words]
            return fitting[-1] if fitting else None

        found: Shown = self.until(look, f"{step}: “{contains}” for {who}")
        self.note(step, member.real_name, found.text)
        return found


def _visit(value: str) -> str:
    """Return case and visit of a button's value."""
    return "|".join(value.split("|")[1:3])


def _next_page(member: Member) -> dict[str, Any] | None:
    view = member.view_now()
    return view if view is not None and _page(view) > 1 else None


def _page(view: dict[str, Any]) -> int:
    try:
        return int(json.loads(view.get("private_metadata") or "{}").get("page", 1))
    except (ValueError, TypeError):
        return 1
