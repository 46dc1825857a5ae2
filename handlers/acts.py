"""The other acts of a case, each a small form: what it asks, and the command that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from complaints import commands as cmd
from complaints.clocks import longest_extension
from complaints.commands import CaseCommand
from complaints.refusals import FieldErrors, UnknownCase
from complaints.workdays import MIDNIGHT_MINUTES
from handlers.cards.refs import Ref, UnknownRef, parse_ref
from handlers.listeners import Handler, Handlers
from handlers.modals.blocks import View, context, modal
from handlers.modals.case_lines import case_lead
from handlers.modals.fields import field_names
from handlers.modals.inputs import Answers, Option, Question, answers_of, input_block
from handlers.modals.meta import Meta, new_token, read_meta
from handlers.payloads import Click, Submission
from handlers.replies import Reply, notice_view, person
from handlers.scenes import Scene
from handlers.texts import escape, knows, say, when, when_plain
from handlers.turns import Acked, Turn


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a form became: where, what was entered, and the parts that every command has. *found*: the case that a
    number named."""

    scene: Scene
    ref: Ref
    answers: Answers
    actor: str
    key: str
    found: str | None = None

    @property
    def base(self) -> dict[str, Any]:
        return {"actor": self.actor, "key": self.key, "case_id": self.scene.case.id}

    @property
    def on_visit(self) -> dict[str, Any]:
        return {**self.base, "visit": _visit_number(self.scene, self.ref, self.answers)}

    def words(self, block_id: str = "reason") -> str:
        return self.answers.words(block_id)


Asks = Callable[[Scene, Ref], Sequence[Question]]
Lines = Callable[[Scene, Ref], Sequence[str]]


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


# --- small questions -----------------------------------------------------------------------------------------


def _ask(scene: Scene, block_id: str, kind: str, text_id: str, **how: Any) -> Question:
    """Return a question with its label, and hint and placeholder where the catalogue has them."""
    label = say(scene.language, text_id)
    hint = how.pop("hint", "") or (say(scene.language, f"{text_id}.hint") if knows(f"{text_id}.hint") else "")
    placeholder = say(scene.language, f"{text_id}.placeholder") if knows(f"{text_id}.placeholder") else ""
    return Question(id=block_id, kind=kind, label=label, hint=hint, placeholder=placeholder, **how)


def _reason(act: str, *, optional: bool = False) -> Asks:
    return lambda scene, ref: (_ask(scene, "reason", "text", f"act.{act}.reason", optional=optional),)


def _visit_number(scene: Scene, ref: Ref, answers: Answers) -> int:
    chosen = answers.words("visit")
    if chosen.isdigit():
        return int(chosen)
    if ref.visit is not None:
        return ref.visit
    open_visits = scene.case.open_visits
    if not open_visits:
        raise UnknownCase(name=scene.case.name)
    return open_visits[0].id


def _which_visit(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    """Ask which stage is meant where several wait and the button named none."""
    if ref.visit is not None or len(scene.case.open_visits) < 2:
        return ()
    options = tuple(
        Option(value=str(v.id), words=scene.policy.label(v.stage, scene.language)) for v in scene.case.open_visits
    )
    return (_ask(scene, "visit", "choice", "act.which_stage", options=options),)


def end_of_day(scene: Scene, answers: Answers, block_id: str) -> datetime:
    """Return the end of the day that was picked, in the desk's zone; a day not picked is named as missing."""
    picked = answers.words(block_id)
    try:
        day = date.fromisoformat(picked)
    except ValueError:
        raise FieldErrors({block_id: ("missing", {"field": block_id})}) from None
    return scene.world.calendar().at(day, MIDNIGHT_MINUTES)


def extension_until(scene: Scene, ref: Ref, answers: Answers) -> datetime:
    """Return the new due time: the end of the picked day, or the longest there is when that falls on the same day."""
    until = end_of_day(scene, answers, "until")
    visit = scene.case.visits.get(ref.visit or 0)
    most = longest_extension(scene.draft, visit) if visit else None
    if most is not None and most < until and until - most < timedelta(hours=24):
        return most
    return until


# --- the acts ------------------------------------------------------------------------------------------------


def _people(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (
        _ask(scene, "member", "person", "act.hand_over.member"),
        _ask(scene, "reason", "text", "act.hand_over.reason", optional=True),
    )


def _signer(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    places = tuple(
        Option(value=p, words=say(scene.language, f"act.add_signer.{p}")) for p in ("before", "beside", "after")
    )
    return (
        _ask(scene, "member", "person", "act.add_signer.member"),
        _ask(scene, "place", "choice", "act.add_signer.place", options=places),
        _ask(scene, "reason", "text", "act.add_signer.reason", optional=True),
    )


def _waiting(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (_ask(scene, "reason", "text", "act.wait.reason"), _ask(scene, "until", "date", "act.wait.until"))


def _wait_lines(scene: Scene, ref: Ref) -> tuple[str, ...]:
    stops = [n for n, k in scene.policy.clocks.items() if any(p.while_ == "waiting_for_customer" for p in k.pauses)]
    return (say(scene.language, "act.wait.stops" if stops else "act.wait.goes_on"),)


def _extending(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    most = longest_extension(scene.draft, scene.visit)
    hint = (
        say(scene.language, "act.extend.until.hint", most=when_plain(most, scene.language, scene.zone)) if most else ""
    )
    return (
        _ask(scene, "until", "date", "act.extend.until", hint=hint),
        _ask(scene, "reason", "text", "act.extend.reason"),
    )


def _asked_extension(scene: Scene, ref: Ref) -> tuple[str, ...]:
    asked = scene.visit.extension_asked
    return (say(scene.language, "act.extend.asked", at=when(asked, scene.language, scene.zone)),) if asked else ()


def _amending(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    questions = [
        q
        for name in amendable(scene)
        for q in scene.book.questions(name, value=scene.case.fields.get(name))
        if q.kind != "files"
    ]
    return (*questions, _ask(scene, "reason", "text", "act.amend.reason"))


def amendable(scene: Scene) -> tuple[str, ...]:
    """Return the fields of the first form, which may be corrected until the case closes."""
    intake = scene.policy.intake
    stages = intake.stages if intake else tuple(scene.policy.stages)[:1]
    known = scene.policy.fields
    names = (n for s in stages for n in scene.policy.stages[s].filled)
    return tuple(n for n in dict.fromkeys(names) if n in known and known[n].type not in ("file", "sample"))


def _amended(call: Call) -> CaseCommand:
    book, case = call.scene.book, call.scene.case
    given = book.given(call.answers, [n for n in field_names(call.answers) if n in amendable(call.scene)])
    changed = {n: v for n, v in given.items() if not _is_same_text(call.scene, case.fields.get(n), v)}
    return cmd.Amend(**call.base, fields=changed, reason=call.words())


def _is_same_text(scene: Scene, old: Any, new: Any) -> bool:
    """Say whether a text that is kept apart was left as it is; other values are compared by the desk."""
    if not (isinstance(old, dict) and "$words" in old):
        return False
    words = scene.words.get(str(old["$words"])) or ""
    return words.strip() == str(new.get("new") if isinstance(new, dict) else new).strip()


def _merging(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (_ask(scene, "into", "line", "act.merge.into"), _ask(scene, "reason", "text", "act.merge.reason"))


def _facts(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (
        _ask(scene, "words", "text", "act.facts.words", optional=True),
        _ask(scene, "files", "files", "act.facts.files", optional=True),
    )


def _noted(call: Call) -> CaseCommand:
    files = tuple(f for _, f in call.answers.all_files())
    if not call.words("words") and not files:
        raise FieldErrors({"words": ("missing", {"field": "words"})})
    return cmd.AddNote(**call.base, words=call.words("words"), visit=call.ref.visit, files=files)


def _urging(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (*_which_visit(scene, ref), _ask(scene, "words", "text", "act.urge.words", optional=True))


def _routing(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    route = scene.policy.routes.get(ref.more)
    fills = route.opens.fill if route is not None and route.opens is not None else ()
    return tuple(q for f in fills for q in scene.book.questions(f.name, mandatory=f.when is None))


def _began(call: Call) -> CaseCommand:
    names = [n for n in field_names(call.answers) if n in call.scene.policy.fields]
    return cmd.BeginRoute(**call.base, route=call.ref.more, fields=call.scene.book.given(call.answers, names))


def _answering(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (_ask(scene, "words", "text", "act.answer.words"),)


def _question_lines(scene: Scene, ref: Ref) -> tuple[str, ...]:
    question = scene.case.questions.get(_question(ref))
    words = scene.words.get(str(question.words.get("$words"))) if question else None
    asked_by = person(question.by) if question else ""
    return (f"{asked_by}\n{escape(words)}",) if words else ()


def _question(ref: Ref) -> int:
    if not ref.more.isdigit():
        raise UnknownRef(ref.more)
    return int(ref.more)


def _reassigning(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    roles = scene.world.people.roles
    options = tuple(Option(value=r, words=scene.world.people.role_label(r, scene.language)) for r in roles)
    return (
        _ask(scene, "member", "person", "act.reassign.member", optional=True),
        _ask(scene, "role", "choice", "act.reassign.role", options=options, optional=True),
        _ask(scene, "reason", "text", "act.reassign.reason"),
    )


def _reassigned(call: Call) -> CaseCommand:
    if not call.words():
        raise FieldErrors({"reason": ("missing", {"field": "reason"})})
    member, role = call.words("member") or None, call.words("role") or None
    return cmd.HandOver(**call.on_visit, member=member, role=role, reason=call.words())


def _meeting(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (
        _ask(scene, "at", "instant", "act.meeting.at"),
        _ask(scene, "words", "text", "act.meeting.words", optional=True),
    )


def _met(call: Call) -> CaseCommand:
    at = call.answers.instant("at")
    if at is None:
        raise FieldErrors({"at": ("missing", {"field": "at"})})
    return cmd.CallMeeting(**call.on_visit, at=at, words=call.words("words"))


def _granting(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    until = _extending(scene, ref)[0]
    return until, _ask(scene, "reason", "text", "act.grant.reason", optional=scene.visit.extension_asked is not None)


ACTS: tuple[Act, ...] = (
    Act(
        id="ask",
        asks=lambda scene, ref: (_ask(scene, "words", "text", "act.ask.words"),),
        lines=lambda scene, ref: (say(scene.language, "act.ask.to", reporter=person(scene.case.reporter)),),
        command=lambda c: cmd.AskReporter(**c.on_visit, words=c.words("words")),
        probe=lambda c: cmd.AskReporter(**c.on_visit, words=""),
    ),
    Act(
        id="add_signer",
        asks=_signer,
        command=lambda c: cmd.AddSigner(
            **c.on_visit, member=c.words("member"), place=c.words("place"), reason=c.words()
        ),
        probe=lambda c: cmd.AddSigner(**c.on_visit, member="", place=""),
    ),
    Act(
        id="hand_over",
        asks=_people,
        command=lambda c: cmd.HandOver(**c.on_visit, member=c.words("member") or None, reason=c.words()),
        probe=lambda c: cmd.HandOver(**c.on_visit),
    ),
    Act(
        id="wait",
        asks=_waiting,
        lines=_wait_lines,
        command=lambda c: cmd.WaitForCustomer(
            **c.on_visit, reason=c.words(), until=end_of_day(c.scene, c.answers, "until")
        ),
        probe=lambda c: cmd.WaitForCustomer(**c.on_visit, reason="", until=c.scene.world.now),
    ),
    Act(
        id="extend",
        asks=_extending,
        command=lambda c: cmd.AskExtension(
            **c.on_visit, until=extension_until(c.scene, c.ref, c.answers), reason=c.words()
        ),
        probe=lambda c: cmd.AskExtension(**c.on_visit, until=c.scene.world.now, reason=""),
    ),
    Act(
        id="take_back",
        asks=lambda scene, ref: (),
        lines=lambda scene, ref: (say(scene.language, "act.take_back.lines"),),
        command=lambda c: cmd.TakeBack(**c.on_visit),
        probe=lambda c: cmd.TakeBack(**c.on_visit),
    ),
    Act(
        id="amend",
        asks=_amending,
        lines=lambda scene, ref: (say(scene.language, "act.amend.lines"),),
        command=_amended,
        probe=lambda c: cmd.Amend(**c.base, fields={}, reason="?"),
        with_words=True,
    ),
    Act(
        id="withdraw",
        asks=_reason("withdraw"),
        lines=lambda scene, ref: (say(scene.language, "act.withdraw.lines"),),
        command=lambda c: cmd.Withdraw(**c.base, reason=c.words()),
        probe=lambda c: cmd.Withdraw(**c.base, reason=""),
    ),
    Act(
        id="void",
        asks=_reason("void"),
        lines=lambda scene, ref: (say(scene.language, "act.void.lines"),),
        command=lambda c: cmd.Void(**c.base, reason=c.words()),
        probe=lambda c: cmd.Void(**c.base, reason=""),
    ),
    Act(
        id="merge",
        asks=_merging,
        lines=lambda scene, ref: (say(scene.language, "act.merge.lines"),),
        command=lambda c: cmd.Merge(**c.base, into=c.found or "", reason=c.words()),
        probe=lambda c: cmd.Merge(**c.base, into="", reason=""),
        finds="into",
    ),
    Act(id="facts", asks=_facts, command=_noted, probe=lambda c: cmd.AddNote(**c.base, words="")),
    Act(
        id="urge",
        asks=_urging,
        command=lambda c: cmd.Urge(**c.on_visit, words=c.words("words")),
        probe=lambda c: cmd.Urge(**c.on_visit),
    ),
    Act(
        id="route",
        asks=_routing,
        command=_began,
        probe=lambda c: cmd.BeginRoute(**c.base, route=c.ref.more),
    ),
    Act(
        id="answer",
        asks=_answering,
        lines=_question_lines,
        command=lambda c: cmd.AnswerQuestion(**c.base, question=_question(c.ref), words=c.words("words")),
        probe=lambda c: cmd.AnswerQuestion(**c.base, question=_question(c.ref), words=""),
        with_words=True,
    ),
    Act(
        id="refuse_extension",
        asks=_reason("refuse_extension"),
        lines=_asked_extension,
        command=lambda c: cmd.RuleExtension(**c.on_visit, granted=False, reason=c.words()),
        probe=lambda c: cmd.RuleExtension(**c.on_visit, granted=False),
    ),
    Act(
        id="grant",
        asks=_granting,
        lines=_asked_extension,
        command=lambda c: cmd.RuleExtension(
            **c.on_visit, granted=True, until=extension_until(c.scene, c.ref, c.answers), reason=c.words()
        ),
        probe=lambda c: cmd.RuleExtension(**c.on_visit, granted=True, until=c.scene.world.now),
    ),
    Act(
        id="reassign",
        asks=_reassigning,
        command=_reassigned,
        probe=lambda c: cmd.HandOver(**c.on_visit),
    ),
    Act(
        id="meeting",
        asks=_meeting,
        command=_met,
        probe=lambda c: cmd.CallMeeting(**c.on_visit, at=c.scene.world.now),
    ),
)
BY_ID = {act.id: act for act in ACTS}


# --- opening and sending -----------------------------------------------------------------------------------------


def opening(act: Act) -> Handler:
    """Return the listener of the act's button."""

    async def on_act(turn: Turn, click: Click) -> Acked:
        await open_act(turn, act, parse_ref(click.action.chosen))
        return None

    return on_act


async def open_act(turn: Turn, act: Act, ref: Ref, *, answers: Answers | None = None, token: str = "") -> None:
    """Open the act's form. Raises Refusal: this person may not do it here, or it is too late."""
    scene = await turn.look_at(ref, with_words=act.with_words)
    call = Call(scene=scene, ref=ref, answers=Answers(), actor=turn.member, key="probe")
    refusal = scene.refusal_of(act.probe(call)) if act.probe else None
    if refusal is not None:
        raise refusal
    meta = Meta(ref=scene.ref_to(more=ref.more).text(), token=token or new_token())
    await turn.show(act_view(act, scene, ref, meta, answers or Answers()))


def act_view(act: Act, scene: Scene, ref: Ref, meta: Meta, filled: Answers) -> View:
    """Return the act's form; the submit label repeats the act."""
    language = scene.language
    questions = [replace(q, value=filled.values.get(q.id, q.value)) for q in act.asks(scene, ref)]
    lines = [context(line) for line in act.lines(scene, ref) if line]
    title, submit = _titles(act, scene, ref)
    return modal(
        callback_id=act.modal_id,
        title=title,
        submit=submit,
        close=say(language, "form.cancel"),
        blocks=[case_lead(scene), *lines, *(input_block(q) for q in questions)],
        metadata=meta.text(),
    )


def _titles(act: Act, scene: Scene, ref: Ref) -> tuple[str, str]:
    if act.id == "route":
        name = scene.policy.label(ref.more, scene.language)
        button = scene.policy.label(ref.more, scene.language, aspect="button").rstrip("…")
        return name, button or say(scene.language, "act.route.submit")
    return say(scene.language, f"act.{act.id}.title"), say(scene.language, f"act.{act.id}.submit")


def sending(act: Act) -> Handler:
    """Return the listener of the act's form."""

    async def on_act_sent(turn: Turn, sent: Submission) -> Acked:
        meta = read_meta(sent.view.private_metadata)
        answers = answers_of(sent.view.state.values)
        scene = await turn.look_at(meta.case, with_words=act.with_words)
        call = Call(
            scene=scene,
            ref=meta.case,
            answers=answers,
            actor=turn.member,
            key=f"{turn.member}:{act.id}:{meta.token}",
            found=await _found(turn, act, answers),
        )
        await turn.submit(act.command(call))
        if act.id == "facts":
            turn.talk.intake_drafts.drop(turn.member, meta.token)
        return {"response_action": "clear"}

    return on_act_sent


async def _found(turn: Turn, act: Act, answers: Answers) -> str | None:
    if not act.finds:
        return None
    found = await turn.talk.read(turn.talk.reader.find, answers.words(act.finds))
    if found is None:
        raise FieldErrors({act.finds: ("no_such_case", {"value": answers.words(act.finds)})})
    return found


# --- one click -----------------------------------------------------------------------------------------------------


async def on_end_waiting(turn: Turn, click: Click) -> Acked:
    """The customer answered."""
    scene = await turn.look_at(click.action.chosen)
    key = f"{scene.case.id}:{scene.visit.id}:{turn.member}:end_waiting:{click.action.action_ts}"
    await turn.submit(cmd.EndWaiting(actor=turn.member, key=key, case_id=scene.case.id, visit=scene.visit.id))
    return await _done(turn, "act.end_waiting.done")


async def on_grant(turn: Turn, click: Click) -> Acked:
    """Grant the extension that was asked for; pressed twice it is granted once."""
    scene = await turn.look_at(click.action.chosen)
    asked = scene.visit.extension_asked
    key = f"{scene.case.id}:{scene.visit.id}:{turn.member}:grant:{int(asked.timestamp()) if asked else ''}"
    await turn.submit(
        cmd.RuleExtension(actor=turn.member, key=key, case_id=scene.case.id, visit=scene.visit.id, granted=True)
    )
    return await _done(turn, "act.grant.done")


async def _done(turn: Turn, message_id: str) -> Acked:
    """Say in the modal that it is recorded; a card is redrawn by itself."""
    if turn.view is not None and turn.view.type == "modal":
        await turn.change(notice_view(Reply(title=turn.say(message_id)), turn.language))
    return None


BUTTONS = {
    "act.ask": "ask",
    "act.add_signer": "add_signer",
    "act.hand_over": "hand_over",
    "act.wait": "wait",
    "act.extend": "extend",
    "visit.extend": "extend",
    "act.take_back": "take_back",
    "act.amend": "amend",
    "act.withdraw": "withdraw",
    "act.void": "void",
    "act.merge": "merge",
    "act.route": "route",
    "case.facts": "facts",
    "case.urge": "urge",
    "question.answer": "answer",
    "extension.refuse": "refuse_extension",
    "gm.reassign": "reassign",
    "gm.extend": "grant",
    "gm.meeting": "meeting",
}
"""Which button opens which form."""

CLICKS: Handlers = {
    **{action: opening(BY_ID[act]) for action, act in BUTTONS.items()},
    "act.end_waiting": on_end_waiting,
    "extension.grant": on_grant,
}
SUBMISSIONS: Handlers = {act.modal_id: sending(act) for act in ACTS}
