"""A callback as the caller needs it: what was promised, what is asked, what was tried."""

from __future__ import annotations

from complaints import events as e
from complaints.case import Case, Visit
from complaints.policy import Policy
from complaints.policy_model import StageDef
from complaints.stages import stage_def
from complaints.views import CallAttempt, CallbackFacts, Look, Quote
from complaints.views_names import quote
from complaints.views_visit import visit_view


def callback_view(case: Case, visit: Visit, look: Look) -> CallbackFacts:
    """Return the facts of a callback card. Needs the case's log in *look* for the attempts."""
    policy = look.world.policy(case)
    stage = stage_def(policy, visit.stage)
    telling = _telling(case, policy)
    told = next((r for r in reversed(look.log) if isinstance(r.event, e.OutcomeTold)), None)
    return CallbackFacts(
        visit=visit_view(case, visit, look),
        told=_told(look, policy, case, telling),
        told_by=(told.actor if told else None) or (telling.decided_by if telling else None),
        told_at=case.told_at,
        told_channel=_channel(look, policy, told),
        questions=tuple(_question(policy, f, look.language) for f in stage.filled),
        attempts=tuple(_attempts(look, visit)),
        most_attempts=stage.attempts.times if stage.attempts else 0,
        bad=_bad(policy, visit, stage, look.language),
    )


def _telling(case: Case, policy: Policy) -> Visit | None:
    """Return the visit in which the customer was told the outcome."""
    done = [v for v in case.visits.values() if v.ended == "done" and stage_def(policy, v.stage).tells]
    return done[-1] if done else None


def _told(look: Look, policy: Policy, case: Case, telling: Visit | None) -> Quote | None:
    names = telling.filled if telling else ()
    name = next((n for n in names if (f := policy.fields.get(n)) is not None and f.long), None)
    return quote(look, policy, case, name) if name else None


def _channel(look: Look, policy: Policy, told: e.Recorded | None) -> str | None:
    channel = told.event.channel if told and isinstance(told.event, e.OutcomeTold) else ""
    return policy.label(channel, look.language) if channel else None


def _question(policy: Policy, name: str, language: str) -> str:
    return policy.label(name, language, aspect="question") or policy.label(name, language)


def _attempts(look: Look, visit: Visit) -> list[CallAttempt]:
    return [
        CallAttempt(number=r.event.attempt, at=r.at, result=r.event.result, again_at=r.event.again_at)
        for r in look.log
        if isinstance(r.event, e.CallLogged) and r.event.visit == visit.id
    ]


def _bad(policy: Policy, visit: Visit, stage: StageDef, language: str) -> str | None:
    """Return the name of the answer that begins a new complaint or reopens this one."""
    found = next((d for d, t in stage.decisions.items() if t.kind in ("new_case", "reopen_at")), None)
    return policy.label(found, language, of=visit.stage) if found else None
