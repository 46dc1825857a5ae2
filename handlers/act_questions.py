"""What the form of each act asks, and the lines above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from complaints.clocks import longest_extension
from complaints.extensions import wants_reason
from handlers.cards.refs import Ref, UnknownRef, number_of
from handlers.modals.inputs import Option, Question
from handlers.replies import person
from handlers.scenes import Scene
from handlers.texts import escape, knows, say, when, when_plain

Asks = Callable[[Scene, Ref], Sequence[Question]]
Lines = Callable[[Scene, Ref], Sequence[str]]


def question(scene: Scene, block_id: str, kind: str, text_id: str, **how: Any) -> Question:
    """Return a question with its label, and hint and placeholder where the catalogue has them."""
    label = say(scene.language, text_id)
    hint = how.pop("hint", "") or (say(scene.language, f"{text_id}.hint") if knows(f"{text_id}.hint") else "")
    placeholder = say(scene.language, f"{text_id}.placeholder") if knows(f"{text_id}.placeholder") else ""
    return Question(id=block_id, kind=kind, label=label, hint=hint, placeholder=placeholder, **how)


def reason_only(act: str, *, optional: bool = False) -> Asks:
    return lambda scene, ref: (question(scene, "reason", "text", f"act.{act}.reason", optional=optional),)


def which_visit(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    """Ask which stage is meant where several wait and the button named none."""
    if ref.visit is not None or len(scene.case.open_visits) < 2:
        return ()
    options = tuple(
        Option(value=str(v.id), words=scene.policy.label(v.stage, scene.language)) for v in scene.case.open_visits
    )
    return (question(scene, "visit", "choice", "act.which_stage", options=options),)


def people(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (
        question(scene, "member", "person", "act.hand_over.member"),
        question(scene, "reason", "text", "act.hand_over.reason", optional=True),
    )


def signer(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    places = tuple(
        Option(value=p, words=say(scene.language, f"act.add_signer.{p}")) for p in ("before", "beside", "after")
    )
    return (
        question(scene, "member", "person", "act.add_signer.member"),
        question(scene, "place", "choice", "act.add_signer.place", options=places),
        question(scene, "reason", "text", "act.add_signer.reason", optional=True),
    )


def waiting(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (question(scene, "reason", "text", "act.wait.reason"), question(scene, "until", "date", "act.wait.until"))


def wait_lines(scene: Scene, ref: Ref) -> tuple[str, ...]:
    stops = [n for n, k in scene.policy.clocks.items() if any(p.while_ == "waiting_for_customer" for p in k.pauses)]
    return (say(scene.language, "act.wait.stops" if stops else "act.wait.goes_on"),)


def extending(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    most = longest_extension(scene.draft, scene.visit)
    hint = (
        say(scene.language, "act.extend.until.hint", most=when_plain(most, scene.language, scene.zone)) if most else ""
    )
    return (
        question(scene, "until", "date", "act.extend.until", hint=hint),
        question(scene, "reason", "text", "act.extend.reason", optional=not wants_reason(scene.stage)),
    )


def taking_back(scene: Scene, ref: Ref) -> tuple[str, ...]:
    """Say which stage opens again: the lines above name the one that has the case now."""
    stage = escape(scene.policy.label(scene.visit.stage, scene.language))
    return (say(scene.language, "act.take_back.lines", stage=stage),)


def asked_extension(scene: Scene, ref: Ref) -> tuple[str, ...]:
    asked = scene.visit.extension_asked
    return (say(scene.language, "act.extend.asked", at=when(asked, scene.language, scene.zone)),) if asked else ()


def amending(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    questions = [q for name in amendable(scene) for q in _amended(scene, name) if q.kind != "files"]
    return (*questions, question(scene, "reason", "text", "act.amend.reason"))


def _amended(scene: Scene, name: str) -> Iterator[Question]:
    """Return what asks for a field anew; what this person may not see, or does not fit, stands empty and is kept."""
    value = scene.case.fields.get(name)
    unseen = value is not None and not scene.sees_whole(name)
    for number, question in enumerate(scene.book.questions(name, value=None if unseen else value)):
        kept = scene.kept_hint(name) if unseen and number == 0 else ""
        yield replace(question, hint=" ".join(filter(None, (kept, question.hint))))


def amendable(scene: Scene) -> tuple[str, ...]:
    """Return the fields of the first form, which may be corrected until the case closes, but those hidden from this person."""
    intake = scene.policy.intake
    stages = intake.stages if intake else tuple(scene.policy.stages)[:1]
    known = scene.policy.fields
    names = (n for s in stages for n in scene.policy.stages[s].filled)
    return tuple(
        n for n in dict.fromkeys(names) if n in known and known[n].type not in ("file", "sample") and not scene.hides(n)
    )


def merging(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (question(scene, "into", "line", "act.merge.into"), question(scene, "reason", "text", "act.merge.reason"))


def facts(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (
        question(scene, "words", "text", "act.facts.words", optional=True),
        question(scene, "files", "files", "act.facts.files", optional=True),
    )


def urging(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (*which_visit(scene, ref), question(scene, "words", "text", "act.urge.words", optional=True))


def routing(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    route = scene.policy.routes.get(ref.more)
    fills = route.opens.fill if route is not None and route.opens is not None else ()
    return tuple(q for f in fills for q in scene.book.questions(f.name, mandatory=f.when is None))


def answering(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (question(scene, "words", "text", "act.answer.words"),)


def question_lines(scene: Scene, ref: Ref) -> tuple[str, ...]:
    question = scene.case.questions.get(asked_question(ref))
    words = scene.said(question.words) if question else None
    asked_by = person(question.by) if question else ""
    return (f"{asked_by}\n{escape(words)}",) if words else ()


def asked_question(ref: Ref) -> int:
    number = number_of(ref.more)
    if number is None:
        raise UnknownRef(ref.more)
    return number


def reassigning(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    people = scene.world.people
    options = tuple(
        Option(value=r, words=people.role_label(r, scene.language)) for r in people.roles if people.base(r) == r
    )
    return (
        question(scene, "member", "person", "act.reassign.member", optional=True),
        question(scene, "role", "choice", "act.reassign.role", options=options, optional=True),
        question(scene, "reason", "text", "act.reassign.reason"),
    )


def meeting(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    return (
        question(scene, "at", "instant", "act.meeting.at"),
        question(scene, "words", "text", "act.meeting.words", optional=True),
    )


def _asked_day(scene: Scene) -> str | None:
    """Return the last day that was asked for, as a date picker takes it."""
    asked = scene.visit.extension_asked
    return scene.world.calendar().last_day(asked).isoformat() if asked else None


def granting(scene: Scene, ref: Ref) -> tuple[Question, ...]:
    until = replace(extending(scene, ref)[0], value=_asked_day(scene))
    may_be_silent = scene.visit.extension_asked is not None or not wants_reason(scene.stage)
    return until, question(scene, "reason", "text", "act.grant.reason", optional=may_be_silent)
