"""Whatever people click, in any order: only refusals, and a log that alone gives the case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints import case as c
from complaints import commands as cmd
from complaints import events as e
from complaints.case import Visit
from complaints.decisions import decisions_of
from complaints.policy_model import FieldDef, StageDef
from complaints.refusals import Refusal
from complaints.seats import people_of, waiting_seats
from complaints.stages import stage_def
from tests.complaints.test_clocks import every_step_ends_once
from tests.support.desks import bundle
from tests.support.pcb import COMPLAINT, PROOF, SIGNED_CERTIFICATE, PcbDesk, a_case

PEOPLE = ["USALES1", "USALES2", "UQUAL1", "UPQA", "UPROD", "UMGR", "URND", "UGMO1", "UGMOHEAD", "USMGR", "UDGM", "UGM", "UACC", "UWH", "UHR", "UOFFICER", "UNOBODY", cmd.CLOCK]  # fmt: skip
JUNK = st.sampled_from(["", "x", "-1", "0", "2026-02-30", "maybe", True, False, [], {}, None, "9" * 40, {"new": "N"}, [{"unit": "x"}]])  # fmt: skip


def good_value(field: FieldDef, draw: Any) -> Any:
    """Return a value that the field takes, drawn among a few that lead different ways."""
    match field.type:
        case "yes_no":
            return draw(st.booleans())
        case "choice":
            return draw(st.sampled_from(field.choices))
        case "number":
            return draw(st.sampled_from(["1", "3", "5", "100"]))
        case "money":
            return draw(st.sampled_from(["0", "10000", "10000.01", "50000", "50000.01"]))
        case "ratio":
            return "50 %"
        case "date":
            return draw(st.sampled_from(["2026-10-26", "2026-11-20"]))
        case "unit":
            return draw(st.sampled_from(["production", "quality", "sales", "gm_office"]))
        case "units":
            return ["production", "quality"]
        case "customer":
            return draw(st.sampled_from(["C-0417", "C-0900", "C-0333"]))
        case "person":
            return "URND"
        case "sample":
            return True
        case "lines":
            return [{name: "production" if kind == "unit" else "1" for name, kind in field.columns.items()}]
        case _:
            return "words"


class Company:
    """A desk at which anybody does anything; every act is checked for what must always hold."""

    def __init__(self, draw: Any):
        self.draw, self.desk = draw, PcbDesk()
        self.desk.complain(survey_needed=draw(st.booleans()), customer=draw(st.sampled_from(["C-0417", "C-0900"])))

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def step(self) -> None:
        case_id = self.pick(list(self.desk.record.cases)[:6])
        act = self.pick(["usual"] * 8 + ["decide", "other", "other", "time", "outage", "open"])
        try:
            getattr(self, f"_{act}")(case_id)
        except Refusal as refused:
            assert refused.reason  # noqa: PT017 (every refusal names its rule)
        self.check()

    # --- what people do ---------------------------------------------------------------------------------------------

    def _visit(self, case_id: str) -> Visit | None:
        return self.pick(self.desk.case(case_id).open_visits or [None])

    def _stage(self, case_id: str, visit: Visit) -> StageDef:
        return stage_def(self.desk.bundle("").of(self.desk.case(case_id).policy), visit.stage)

    def _usual(self, case_id: str) -> None:
        """Whose turn it is decides, with everything filled."""
        visit = self._visit(case_id)
        if visit is None:
            return
        stage = self._stage(case_id, visit)
        world = self.desk.desk.world(self.desk.record, self.desk.bundle(""), self.desk.clock.now())
        seat = waiting_seats(visit, stage.seats)[0].seat
        actor = people_of((seat.role, seat.member, seat.head), world)[0]
        fields = self._filled(case_id, stage)
        if stage.attempts is not None:
            result = self.pick(["reached", "no_answer", "declined"])
            self.desk.act(cmd.LogCall, actor, case_id, visit=visit.id, result=result, fields=fields)
            return
        own = [d for d in decisions_of(stage) if d != "return"] if seat.kind in ("main", "final") else ["approve"]
        self._submit(actor, case_id, visit, self.pick(own), fields, (SIGNED_CERTIFICATE, PROOF))

    def _filled(self, case_id: str, stage: StageDef) -> dict[str, Any]:
        policy = self.desk.bundle("").of(self.desk.case(case_id).policy)
        usual = {"quantity": "2400", "defective_quantity": "186", "return_quantity": "100", "shipped_on": "2026-10-26"}
        fields = {n: good_value(policy.fields[n], self.draw) for n in stage.filled if n in policy.fields}
        names = {n: v for n, v in fields.items() if policy.fields[n].type != "file"}
        return {**names, **{n: v for n, v in usual.items() if n in names}}

    def _decide(self, case_id: str) -> None:
        """Anybody decides anything with anything."""
        visit = self.pick(self.desk.case(case_id).visits.values())
        stage = self._stage(case_id, visit)
        fields = self._filled(case_id, stage)
        for name in list(fields):
            if self.draw(st.integers(0, 5)) == 0:
                fields[name] = self.draw(JUNK)
        self._submit(self.pick(PEOPLE), case_id, visit, self.pick([*decisions_of(stage), "nonsense"]), fields, ())

    def _submit(
        self, actor: str, case_id: str, visit: Visit, decision: str, fields: dict[str, Any], files: Any
    ) -> None:
        stages = [v.stage for v in self.desk.case(case_id).visits.values()]
        self.desk.submit(
            cmd.Decide(
                actor=actor, key=self.desk.key(), case_id=case_id, visit=visit.id, decision=decision, fields=fields,
                files=files, reason=self.pick(["because", "because", None]), to_stage=self.pick([None, *stages]),
                instead=self.draw(st.integers(0, 9)) == 0,
            )
        )  # fmt: skip

    def _other(self, case_id: str) -> None:
        """Anybody does any of the other acts."""
        case = self.desk.case(case_id)
        visit = self.pick([*case.visits, 99])
        later = self.desk.clock.at + timedelta(hours=self.pick([-1, 1, 30, 50]))
        actor, member = self.pick(PEOPLE), self.pick(PEOPLE)
        kind, more = self.pick(
            [
                (cmd.HandOver, {"visit": visit, "member": member, "role": self.pick([None, None, "rnd", "nowhere"])}),
                (cmd.AddSigner, {"visit": visit, "member": member, "place": self.pick(["before", "after", "beside", "above"])}),
                (cmd.AskReporter, {"visit": visit, "words": "Which?"}),
                (cmd.AnswerQuestion, {"question": self.pick([1, 2]), "words": "That"}),
                (cmd.WaitForCustomer, {"visit": visit, "reason": "away", "until": later}),
                (cmd.EndWaiting, {"visit": visit}),
                (cmd.AskExtension, {"visit": visit, "until": later, "reason": "full"}),
                (cmd.RuleExtension, {"visit": visit, "granted": self.draw(st.booleans()), "until": self.pick([None, later]), "reason": "so"}),
                (cmd.CallMeeting, {"visit": visit, "at": later}),
                (cmd.TakeBack, {"visit": visit}),
                (cmd.Urge, {"visit": visit}),
                (cmd.Amend, {"fields": {self.pick(["quantity", "market", "amount", "loss_caused"]): self.pick(["5", "foreign", "domestic", False])}, "reason": "counted"}),
                (cmd.AddNote, {"words": "hm"}),
                (cmd.LogCall, {"visit": visit, "result": self.pick(["reached", "no_answer", "later", "what"]), "again_at": later}),
                (cmd.BeginRoute, {"route": self.pick(["objection", "track", "main", "nowhere"]), "fields": {"objection_reason": "no"}}),
                (cmd.ShowMasked, {}),
                (cmd.ExportCase, {"form": "json"}),
                (cmd.RecomputeDeadlines, {}),
                (cmd.Withdraw, {"reason": self.pick(["", "", "found"])}),
                (cmd.Void, {"reason": self.pick(["", "", "", "test"])}),
                (cmd.Merge, {"into": self.pick(list(self.desk.record.cases)), "reason": self.pick(["", "", "same"])}),
            ]
        )  # fmt: skip
        self.desk.act(kind, actor, case_id, **more)

    def _time(self, _: str) -> None:
        until = self.desk.clock.at + timedelta(hours=self.pick([1, 5, 20, 70]))
        for _ in range(200):
            due = self.desk._next_due(until)
            if due is None:
                break
            self.desk.clock.at = max(due, self.desk.clock.at)
            self.desk.tick()
        self.desk.clock.at = until

    def _outage(self, _: str) -> None:
        self.desk.clock.at += timedelta(hours=self.pick([3, 26, 200]))
        self.desk.tick()

    def _open(self, _: str) -> None:
        fields = {n: v for n, v in COMPLAINT.items() if self.draw(st.integers(0, 12))}
        self.desk.log(actor=self.pick(PEOPLE), case_id=f"case{len(self.desk.record.cases) + 1}", **fields)

    # --- what must always hold -----------------------------------------------------------------------------------------

    def check(self) -> None:
        for case_id, case in self.desk.record.cases.items():
            assert self.desk.rebuilt(case_id) == case, "the log alone gives the case"
            assert case.owner, "somebody owns it"
            places = [v.branch for v in case.open_visits]
            assert len(places) == len(set(places)), "a branch stands at one place"
            assert all(case.branches[v.branch].ended is None for v in case.open_visits)
            assert all(v.seats for v in case.open_visits)
            if case.status == c.OPEN:
                assert case.open_visits, "an open case waits for somebody"
                assert case.closed_at is None
            else:
                assert case.outcome, "what is closed has an outcome"
            if case.is_over:
                assert not case.open_visits
                assert all(d.ended for d in case.deadlines.values()), "nothing runs when all is over"
            assert every_step_ends_once(self.desk, case_id)
            for deadline in case.deadlines.values():
                assert deadline.ended or deadline.clock == "waiting" or deadline.steps, (
                    "a running clock has a next step"
                )


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_sequence_of_acts_keeps_the_procedure_whole(data: st.DataObject) -> None:
    """STYLE 7: only refusals; DESIGN 1: the event log is the truth; DESIGN 4: each step ends in exactly one event."""
    company = Company(data.draw)
    for _ in range(data.draw(st.integers(10, 45))):
        company.step()


def test_a_refused_command_leaves_no_trace() -> None:
    desk = a_case("approval_1")
    log, notices = len(desk.record.logs["case1"]), len(desk.record.notices)
    for who in ("USALES1", "UGMO1", "UNOBODY"):
        with pytest.raises(Refusal):
            desk.decide(who, "approval_1")
    assert (len(desk.record.logs["case1"]), len(desk.record.notices)) == (log, notices)


def test_the_log_counts_without_gaps_and_only_people_clock_and_desk_act() -> None:
    desk = a_case("closed")
    desk.at("2026-11-20 12:00")
    log = desk.record.logs["case1"]
    assert [r.seq for r in log] == list(range(1, len(log) + 1))
    assert {r.actor for r in log} <= {*PEOPLE, "UQUAL2"}
    assert {r.actor for r in log if isinstance(r.event, e.StepFired)} == {cmd.CLOCK}


def test_the_policy_of_the_tests_is_the_one_that_ships() -> None:
    assert bundle("pcb-manufacturer").id == "pcb-manufacturer"
