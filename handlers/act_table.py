"""The acts of a case beyond deciding it: for each its form, its command, and how to find out who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from complaints import commands as cmd
from complaints.commands import CaseCommand
from handlers import act_questions as ask
from handlers.act_commands import Call, amended, began, end_of_day, extension_until, given_again, met, noted, reassigned
from handlers.act_questions import Asks, Lines
from handlers.replies import person
from handlers.texts import say


@dataclass(frozen=True, kw_only=True)
class Act:
    """
    An act with a form. *id* names its texts (`act.<id>…`) and its modal. *probe*: a command that the procedure refuses
    when this person may not do it here, so that nobody types for nothing. *finds*: the input with a case number.
    """

    id: str
    asks: Asks
    command: Callable[[Call], CaseCommand]
    lines: Lines = lambda scene, ref: ()
    probe: Callable[[Call], CaseCommand] | None = None
    with_words: bool = False
    finds: str = ""

    @property
    def modal_id(self) -> str:
        return f"act.{self.id}"


ACTS: tuple[Act, ...] = (
    Act(
        id="ask",
        asks=lambda scene, ref: (ask.question(scene, "words", "text", "act.ask.words"),),
        lines=lambda scene, ref: (say(scene.language, "act.ask.to", reporter=person(scene.case.reporter)),),
        command=lambda c: cmd.AskReporter(**c.on_visit, words=c.words("words")),
        probe=lambda c: cmd.AskReporter(**c.on_visit, words=""),
    ),
    Act(
        id="add_signer",
        asks=ask.signer,
        command=lambda c: cmd.AddSigner(
            **c.on_visit, member=c.words("member"), place=c.words("place"), reason=c.words()
        ),
        probe=lambda c: cmd.AddSigner(**c.on_visit, member="", place=""),
    ),
    Act(
        id="hand_over",
        asks=ask.people,
        command=lambda c: cmd.HandOver(**c.on_visit, member=c.words("member") or None, reason=c.words()),
        probe=lambda c: cmd.HandOver(**c.on_visit),
    ),
    Act(
        id="wait",
        asks=ask.waiting,
        lines=ask.wait_lines,
        command=lambda c: cmd.WaitForCustomer(
            **c.on_visit, reason=c.words(), until=end_of_day(c.scene, c.answers, "until")
        ),
        probe=lambda c: cmd.WaitForCustomer(**c.on_visit, reason="", until=c.scene.world.now),
    ),
    Act(
        id="extend",
        asks=ask.extending,
        command=lambda c: cmd.AskExtension(
            **c.on_visit, until=extension_until(c.scene, c.ref, c.answers), reason=c.words()
        ),
        probe=lambda c: cmd.AskExtension(**c.on_visit, until=c.scene.world.now, reason=""),
    ),
    Act(
        id="take_back",
        asks=lambda scene, ref: (),
        lines=ask.taking_back,
        command=lambda c: cmd.TakeBack(**c.on_visit),
        probe=lambda c: cmd.TakeBack(**c.on_visit),
    ),
    Act(
        id="amend",
        asks=ask.amending,
        lines=lambda scene, ref: (say(scene.language, "act.amend.lines"),),
        command=amended,
        probe=lambda c: cmd.Amend(**c.base, fields={}, reason="?"),
        with_words=True,
    ),
    Act(
        id="withdraw",
        asks=ask.reason_only("withdraw"),
        lines=lambda scene, ref: (say(scene.language, "act.withdraw.lines"),),
        command=lambda c: cmd.Withdraw(**c.base, reason=c.words()),
        probe=lambda c: cmd.Withdraw(**c.base, reason=""),
    ),
    Act(
        id="void",
        asks=ask.reason_only("void"),
        lines=lambda scene, ref: (say(scene.language, "act.void.lines"),),
        command=lambda c: cmd.Void(**c.base, reason=c.words()),
        probe=lambda c: cmd.Void(**c.base, reason=""),
    ),
    Act(
        id="merge",
        asks=ask.merging,
        lines=lambda scene, ref: (say(scene.language, "act.merge.lines"),),
        command=lambda c: cmd.Merge(**c.base, into=c.found or "", reason=c.words()),
        probe=lambda c: cmd.Merge(**c.base, into="", reason=""),
        finds="into",
    ),
    Act(id="facts", asks=ask.facts, command=noted, probe=lambda c: cmd.AddNote(**c.base, words="")),
    Act(
        id="resend",
        asks=lambda scene, ref: (ask.question(scene, "files", "files", "act.facts.files"),),
        command=given_again,
        probe=lambda c: cmd.AddNote(**c.base, words=""),
    ),
    Act(
        id="urge",
        asks=ask.urging,
        command=lambda c: cmd.Urge(**c.on_visit, words=c.words("words")),
        probe=lambda c: cmd.Urge(**c.on_visit),
    ),
    Act(
        id="route",
        asks=ask.routing,
        command=began,
        probe=lambda c: cmd.BeginRoute(**c.base, route=c.ref.more),
    ),
    Act(
        id="answer",
        asks=ask.answering,
        lines=ask.question_lines,
        command=lambda c: cmd.AnswerQuestion(**c.base, question=ask.asked_question(c.ref), words=c.words("words")),
        probe=lambda c: cmd.AnswerQuestion(**c.base, question=ask.asked_question(c.ref), words=""),
        with_words=True,
    ),
    Act(
        id="refuse_extension",
        asks=ask.reason_only("refuse_extension"),
        lines=ask.asked_extension,
        command=lambda c: cmd.RuleExtension(**c.on_visit, granted=False, reason=c.words()),
        probe=lambda c: cmd.RuleExtension(**c.on_visit, granted=False),
    ),
    Act(
        id="grant",
        asks=ask.granting,
        lines=ask.asked_extension,
        command=lambda c: cmd.RuleExtension(
            **c.on_visit, granted=True, until=extension_until(c.scene, c.ref, c.answers), reason=c.words()
        ),
        probe=lambda c: cmd.RuleExtension(**c.on_visit, granted=True, until=c.scene.world.now),
    ),
    Act(
        id="reassign",
        asks=ask.reassigning,
        command=reassigned,
        probe=lambda c: cmd.HandOver(**c.on_visit),
    ),
    Act(
        id="meeting",
        asks=ask.meeting,
        command=met,
        probe=lambda c: cmd.CallMeeting(**c.on_visit, at=c.scene.world.now),
    ),
)
BY_ID = {act.id: act for act in ACTS}
