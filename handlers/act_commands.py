"""What a filled form becomes: the command that the desk takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from complaints import commands as cmd
from complaints.clocks import longest_extension
from complaints.commands import CaseCommand
from complaints.office_hours import MIDNIGHT_MINUTES
from complaints.refusals import FieldErrors, UnknownCase
from handlers.act_questions import amendable
from handlers.cards.refs import Ref, number_of
from handlers.modals.fields import field_names
from handlers.modals.inputs import Answers
from handlers.scenes import Scene


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
        return {**self.base, "visit": visit_number(self.scene, self.ref, self.answers)}

    def words(self, block_id: str = "reason") -> str:
        return self.answers.words(block_id)


def visit_number(scene: Scene, ref: Ref, answers: Answers) -> int:
    chosen = number_of(answers.words("visit"))
    if chosen is not None:
        return chosen
    if ref.visit is not None:
        return ref.visit
    open_visits = scene.case.open_visits
    if not open_visits:
        raise UnknownCase(name=scene.case.name)
    return open_visits[0].id


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


def amended(call: Call) -> CaseCommand:
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


def noted(call: Call) -> CaseCommand:
    files = tuple(f for _, f in call.answers.all_files())
    if not call.words("words") and not files:
        raise FieldErrors({"words": ("missing", {"field": "words"})})
    return cmd.AddNote(**call.base, words=call.words("words"), visit=call.ref.visit, files=files)


def given_again(call: Call) -> CaseCommand:
    """Put the file in the place of the one that could not be fetched."""
    files = tuple(f for _, f in call.answers.all_files())
    if not files:
        raise FieldErrors({"files": ("missing", {"field": "files"})})
    return cmd.AddNote(**call.base, words="", files=files, instead_of=call.ref.more or None)


def began(call: Call) -> CaseCommand:
    names = [n for n in field_names(call.answers) if n in call.scene.policy.fields]
    return cmd.BeginRoute(**call.base, route=call.ref.more, fields=call.scene.book.given(call.answers, names))


def reassigned(call: Call) -> CaseCommand:
    if not call.words():
        raise FieldErrors({"reason": ("missing", {"field": "reason"})})
    member, role = call.words("member") or None, call.words("role") or None
    return cmd.HandOver(**call.on_visit, member=member, role=role, reason=call.words())


def met(call: Call) -> CaseCommand:
    at = call.answers.instant("at")
    if at is None:
        raise FieldErrors({"at": ("missing", {"field": "at"})})
    return cmd.CallMeeting(**call.on_visit, at=at, words=call.words("words"))
