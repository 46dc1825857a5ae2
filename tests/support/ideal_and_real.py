"""Between the second hand and the program: acts as commands, cases as the second hand knows them, deadlines by a formula."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from complaints import commands as cmd
from complaints import events as e
from complaints.case import Case
from tests.support.ideal_case import Act, Answer, IdealDesk


def audit_deadlines(log: Sequence[e.Recorded], case: Case) -> None:
    """Each step ended at most once, none after its deadline; a stage's clock runs exactly while somebody has the stage."""
    ended, steps, of_visit = set[int](), Counter[tuple[int, str]](), dict[int, int]()
    for recorded in log:
        match recorded.event:
            case e.DeadlineSet(deadline=number, clock="stage", visit=visit):
                of_visit[number] = visit or 0
            case e.DeadlineEnded(deadline=number):
                assert number not in ended, f"deadline {number} ended twice"
                ended.add(number)
            case e.StepFired(deadline=number, step=step) | e.StepSuperseded(deadline=number, step=step):
                assert number not in ended, f"deadline {number} fired after its end"
                steps[number, step] += 1
    assert all(times == 1 for times in steps.values()), steps
    running = sorted(visit for number, visit in of_visit.items() if number not in ended)
    assert running == sorted(v.id for v in case.open_visits)


def as_it_is(case: Case) -> Any:
    """Return of the program's case what the second hand knows, too."""
    turns = [
        (
            v.id, v.stage, v.ended, v.decided_by, v.decision, v.waiting_until, v.extension_asked is not None, v.extended,
            str(v.id) in case.urges,
            tuple(
                (s.seat.role, s.seat.member, s.seat.kind, s.seat.place, s.answer and s.answer.by, s.answer and s.answer.decision)
                for s in v.seats
            ),
        )
        for v in case.visits.values()
    ]  # fmt: skip
    return case.status, case.facts_version, turns, [q.answered for q in case.questions.values()]


def unexplained(ideal: IdealDesk, acts: list[Act], answers: list[Answer], seen: Any) -> str:
    """Return what to print when no order of the acts explains the answers and what was seen."""
    lines = [
        f"{act.case} {act.name} by {act.actor} {act.more}: {answer}" for act, answer in zip(acts, answers, strict=True)
    ]
    return "\n".join(["no order explains", *lines, "from", str(ideal.seen()), "to", str(seen)])


def command_of(act: Act, ids: tuple[str, str]) -> cmd.CaseCommand:
    """Return an act of the second hand as the program takes it; *ids*: of the two complaints."""
    base: dict[str, Any] = {"actor": act.actor, "key": act.key, "case_id": ids[act.case]}
    more = act.more
    match act.name:
        case "decide":
            return cmd.Decide(**base, **more, reason="Because")
        case "call":
            return cmd.LogCall(**base, **more)
        case "take_back":
            return cmd.TakeBack(**base, **more)
        case "hand_over":
            return cmd.HandOver(**base, **more)
        case "add_signer":
            return cmd.AddSigner(**base, **more)
        case "ask":
            return cmd.AskReporter(**base, **more, words="Which lot?")
        case "answer_question":
            return cmd.AnswerQuestion(**base, **more, words="That one")
        case "wait":
            return cmd.WaitForCustomer(**base, **more, reason="Away")
        case "end_waiting":
            return cmd.EndWaiting(**base, **more)
        case "ask_more":
            return cmd.AskExtension(**base, **more, reason="Full")
        case "grant":
            return cmd.RuleExtension(**base, **more, reason="So be it")
        case "meet":
            return cmd.CallMeeting(**base, **more, at=act.now + timedelta(days=1))
        case "urge":
            return cmd.Urge(**base, **more)
        case "amend":
            return cmd.Amend(**base, fields={"what_happened": f"It broke {more['number']} times"}, reason="Counted")
        case "note":
            return cmd.AddNote(**base, words="By the way")
        case "withdraw":
            return cmd.Withdraw(**base, reason="Solved")
        case "void":
            return cmd.Void(**base, reason="A trial")
        case "merge":
            return cmd.Merge(**base, into=ids[1 - act.case], reason="The same")
    raise TypeError(f"nobody does {act.name}")
