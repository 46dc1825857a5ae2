"""A case's log as people read it: every step, who and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from complaints import events as e
from complaints.decisions import APPROVE
from complaints.events import Recorded
from complaints.stages import stage_def
from complaints.views_words import number_text, read_source
from handlers.cards.parts import mentions
from handlers.replies import person
from handlers.scenes import Scene
from handlers.texts import escape, fit, knows, one_line, say, when

_STEPS = {"reminder", "reminder_slip", "escalation", "inquiry_slip"}


def history_lines(scene: Scene, log: Iterable[Recorded]) -> list[str]:
    """Return a line for each step that people care about, the latest first."""
    lines = [line for recorded in log if (line := history_line(scene, recorded))]
    return list(reversed(lines))


def history_line(scene: Scene, recorded: Recorded, *, bare: bool = False) -> str:
    """Return one line, "" for what happens inside; *bare*: without when and who."""
    said = _said(scene, recorded.event)
    if said is None:
        return ""
    message_id, facts = said
    if not knows(message_id):
        return ""
    words = say(scene.language, message_id, **facts)
    if bare:
        return words.strip()
    at = when(recorded.at, scene.language, scene.zone, style="at")
    return " ".join(p for p in (at, person(recorded.actor), words) if p)


Said = tuple[str, dict[str, str]]


def _said(scene: Scene, event: e.Event) -> Said | None:
    match event:
        case e.CaseOpened() | e.OutcomeTold() | e.CaseFinished() | e.CaseReopened():
            return f"history.{type(event).__name__}", {}
        case e.CaseImported():
            return "history.CaseImported", {"no": escape(event.old_number)}
        case e.CaseNumbered():
            return "history.CaseNumbered", {"no": escape(event.number)}
        case e.VersionChanged():
            return "history.VersionChanged", {"label": escape(event.label), "words": _words(scene, event.reason)}
        case e.CaseClosed():
            return "history.CaseClosed", {"outcome": _label(scene, event.outcome)}
        case e.CaseWithdrawn() | e.CaseVoided() | e.CaseMerged():
            return f"history.{type(event).__name__}", {"words": _words(scene, event.reason)}
        case e.CaseLinked():
            name = scene.name_of(event.other, event.link)
            return ("history.CaseLinked", {"no": escape(name)}) if name else None
        case e.FieldsSet() if event.reason is not None:
            names = [_label(scene, n) for n in event.fields]
            facts = {"fields": _listed(scene, names), "words": _words(scene, event.reason)}
            return "history.amended", facts
        case e.FieldsDropped():
            return "history.FieldsDropped", {"fields": _listed(scene, [_label(scene, n) for n in event.fields])}
        case e.AmountDropped():
            return "history.AmountDropped", {"amount": _label(scene, event.entry)}
        case e.GradeGiven():
            return _graded(scene, event)
        case _:
            return _said_of_stage(scene, event) or _said_of_time(scene, event) or _said_of_words(scene, event)


def _graded(scene: Scene, event: e.GradeGiven) -> Said | None:
    """Say the grade, the one before it, the clause that gives it, and what was counted for it."""
    if scene.hides(event.field):
        return None
    source = read_source(event.source)
    ours = source is not None and source.kind == "ours"
    clause = "" if source is None else scene.policy.reason(source.text, scene.language) if ours else source.text
    seen = {name: n for name, n in event.counted.items() if not scene.hides(name)}
    counted = [f"{scene.policy.label(name, scene.language)} {number_text(n)}" for name, n in seen.items()]
    why = _listed(scene, [escape(part) for part in (clause, *counted) if part])
    facts = {
        "field": _label(scene, event.field),
        "grade": _label(scene, event.grade, event.field),
        "why": say(scene.language, "history.why", why=why) if why else "",
    }
    if event.before is None:
        return "history.GradeGiven", facts
    return "history.grade_changed", {**facts, "before": _label(scene, event.before, event.field)}


def _said_of_stage(scene: Scene, event: e.Event) -> Said | None:
    match event:
        case e.VisitDone():
            stage = _stage(scene, event.visit)
            visit = scene.case.visits.get(event.visit)
            decision = _label(scene, event.decision, visit.stage if visit else None)
            if visit is not None and event.decision == APPROVE and stage_def(scene.policy, visit.stage).fill:
                return "history.VisitSent", {"stage": stage}  # nobody approves a cause: what was asked for was sent
            return "history.VisitDone", {"stage": stage, "decision": decision}
        case e.SeatAnswered() if event.reason is not None:
            facts = {"stage": _stage(scene, event.visit), "words": _words(scene, event.reason)}
            return "history.SeatAnswered", facts
        case e.DecisionTakenBack():
            return "history.DecisionTakenBack", {"stage": _stage(scene, event.visit)}
        case e.SeatAdded() if event.seat.member is not None:
            return "history.SeatAdded", {"member": person(event.seat.member), "stage": _stage(scene, event.visit)}
        case e.HandedOver():
            role = scene.world.people.role_label(event.role, scene.language) if event.role else ""
            to = person(event.member) or escape(role)
            facts = {"to": to, "stage": _stage(scene, event.visit), "words": _words(scene, event.reason)}
            return "history.HandedOver", facts
        case e.CallLogged():
            result = say(scene.language, f"call.{event.result}")
            return "history.CallLogged", {"n": str(event.attempt), "result": result}
        case _:
            return None


def _said_of_time(scene: Scene, event: e.Event) -> Said | None:
    match event:
        case e.StepFired() if event.as_ in _STEPS:
            return f"history.{event.as_}", {"people": mentions([m for m in event.told if person(m)], scene.language)}
        case e.WaitingBegun():
            return "history.WaitingBegun", {"at": _at(scene, event.until), "words": _words(scene, event.reason)}
        case e.WaitingEnded():
            return "history.WaitingEnded", {}
        case e.ExtensionAsked():
            return "history.ExtensionAsked", {"at": _at(scene, event.until), "words": _words(scene, event.reason)}
        case e.ExtensionRuled():
            granted = "granted" if event.granted else "refused"
            return f"history.extension_{granted}", {"at": _at(scene, event.until), "words": _words(scene, event.reason)}
        case e.EscalationAnswered():
            return f"history.escalation_{event.how}", {}
        case e.Urged():
            return "history.Urged", {"stage": _stage(scene, event.visit), "words": _words(scene, event.words)}
        case _:
            return None


def _said_of_words(scene: Scene, event: e.Event) -> Said | None:
    match event:
        case e.NoteAdded():
            return "history.NoteAdded", {"words": _words(scene, event.words)}
        case e.QuestionAsked():
            return "history.QuestionAsked", {"to": person(event.to), "words": _words(scene, event.words)}
        case e.QuestionAnswered():
            return "history.QuestionAnswered", {"words": _words(scene, event.words)}
        case e.FileAdded():
            return "history.FileAdded", {"name": _words(scene, event.name)}
        case e.CaseExported() if event.personal:
            return "history.exported_personal", {"form": event.form, "words": _words(scene, event.why)}
        case e.CaseExported():
            return "history.CaseExported", {"form": event.form}
        case e.FileMissed() | e.WordsErased() | e.WordsShown() | e.WordsWithheld():
            return f"history.{type(event).__name__}", {}
        case _:
            return None


def _words(scene: Scene, reference: object) -> str:
    """Return somebody's words in one line between quotes; nothing where they were erased or not read."""
    text = scene.said(reference)
    return say(scene.language, "history.quote", words=one_line(fit(text, scene.longest_words))) if text else ""


def _stage(scene: Scene, number: int) -> str:
    visit = scene.case.visits.get(number)
    return _label(scene, visit.stage) if visit else ""


def _label(scene: Scene, name: str, of: str | None = None) -> str:
    return escape(scene.policy.label(name, scene.language, of=of))


def _listed(scene: Scene, names: Iterable[str]) -> str:
    return say(scene.language, "refusal.comma").join(names)


def _at(scene: Scene, at: datetime | None) -> str:
    return when(at, scene.language, scene.zone) if at is not None else ""
