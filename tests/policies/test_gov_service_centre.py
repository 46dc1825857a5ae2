"""gov-service-centre: oral at once, written in two working days, complex in five; written for written; verified afresh."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import NotAllowedHere, NotAuthorized
from complaints.routes import is_sampled
from tests.support.company import local
from tests.support.pcb import PROOF
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields

ID = "gov-service-centre"
RECEIVER = person("supervision")
STATEMENT = (("written_statement", PROOF[1]),)
WALK = Walk(
    policy=ID,
    reporter="UCLERK",
    form={"customer": "Mr Zhao", "anonymous": False, "contact": "138", "channel": "in_person", "complaint": "Rude"},
    steps={
        "intake": (RECEIVER, "accept", {"kind": "quality_attitude", "liable_units": ["centre"], "complex": False, "major": False}),
        "anonymous_gate": (head("supervision"), "investigate_it", {}),
        "confirm_invalid": (head("supervision"), "confirm", {}),
        "written_form": (RECEIVER, "received", {}),
        "investigate": (RECEIVER, "verified", {"finding": "He was rude", "liability": "not_liable"}),
        "reply": (RECEIVER, "told", {"answer": "We are sorry", "answered_in": "written_answer"}),
        "staff_outcome": (person("centre"), "carried_out", {"severity": "ordinary", "measure_carried_out": "Two points"}),
        "judiciary_handover": (person("centre"), "handed_over", {"handed_over_on": "2026-11-02"}),
        "archive": (person("supervision", 2), "file_it", {}),
        "re_verify": (RECEIVER, "verified", {"new_finding": "He was not there"}),
        "reply_again": (RECEIVER, "told", {"further_answer": "Sorry again", "further_answered_in": "written_answer", "disputed_again": False}),
        "superior_opinion": (person("general_manager"), "told", {"superior_answer": "It stays", "finally_answered_in": "written_answer"}),
        "explain_invalid": (RECEIVER, "told", {"explanation": "Not ours", "explained_in": "written_answer"}),
        "callback": (RECEIVER, "satisfied", {"visit_way": "phone", "opinion_on_centre": "Good", "solved": True, "score": "4"}),
    },
)  # fmt: skip
IN_SAMPLE = next(f"case{n}" for n in range(1, 99) if is_sampled(f"case{n}", "callback", 20))
take, at, closed, logged = WALK.take, WALK.at, WALK.closed, WALK.logged
UNLAWFUL: dict[str, Any] = {"liability": "staff", "severity": "unlawful", "measure_carried_out": None}


# --- 5: the limit by form and complexity --------------------------------------------------------------------------------------


LIMITS = [  # channel, complex, departments, due from Monday 09:30
    ("in_person", False, ["centre"], "2026-11-02 11:30"),
    ("phone", False, ["centre"], "2026-11-02 11:30"),
    ("letter", False, ["centre"], "2026-11-04 18:00"),
    ("touch_screen", False, ["centre"], "2026-11-04 18:00"),
    ("assessment_form", False, ["centre"], "2026-11-04 18:00"),
    ("online", False, ["centre"], "2026-11-04 18:00"),
    ("letter", True, ["centre"], "2026-11-09 18:00"),
    ("in_person", True, ["centre"], "2026-11-09 18:00"),
    ("in_person", False, ["centre", "supervision"], "2026-11-09 18:00"),
    ("letter", False, ["centre", "supervision"], "2026-11-09 18:00"),
]


@pytest.mark.clauses(ID, "5", "3")
@pytest.mark.capabilities("IN-01", "CL-07", "CL-19", "DL-01", "DL-02", "DL-05")
@pytest.mark.parametrize(("channel", "complex_", "units", "due"), LIMITS)
def test_form_complexity_and_departments_set_the_limit_of_the_reply(
    channel: str, complex_: bool, units: list[str], due: str
) -> None:
    """5 「口头投诉,应马上进行调查……一般书面投诉在2个工作日内作出答复;对较为复杂或涉及两个以上部门的投诉,应在5个工作日内」."""
    desk = at("investigate", channel=channel, complex=complex_, liable_units=units)
    assert (desk.promise().due_at, desk.due("investigate")) == (local(due), local(due))
    take(desk, "investigate")
    assert desk.due("reply") == local("2026-11-02 18:00")
    take(desk, "reply")
    assert desk.promise().in_time is True


@pytest.mark.clauses(ID, "5")
@pytest.mark.capabilities("DL-22")
def test_a_late_reply_climbs_to_the_director() -> None:
    """D5: slip to the owner and the head at the due time; one working day later the director."""
    desk = at("reply", channel="letter")
    desk.at("2026-11-03 17:59")
    assert head("supervision") in {n.to for n in desk.told("reminder_slip")}
    assert not desk.told("escalation")
    desk.at("2026-11-03 18:00")
    assert person("general_manager") in {n.to for n in desk.told("escalation")}
    desk.at("2026-11-04 18:01")
    take(desk, "reply")
    assert desk.promise().in_time is False


@pytest.mark.clauses(ID, "5")
@pytest.mark.capabilities("IN-04")
def test_an_oral_complaint_may_be_answered_on_the_spot() -> None:
    """5 「尽可能当场做出答复」: acceptance, finding and answer in one go."""
    desk = at("archive")
    assert [v.ended_at for v in desk.case().visits.values() if v.stage == "reply"] == [local("2026-11-02 09:30")]


# --- 1 to 4: acceptance ----------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "1")
@pytest.mark.parametrize("receiver", ["supervision", "complaint_counter"])
def test_whoever_of_the_two_accepts_first_owns_the_complaint(receiver: str) -> None:
    """1 「中心督查科和监察投诉窗口共同负责受理服务对象的投诉」; our default: the first receiver owns."""
    desk = logged()
    assert (desk.roles("intake"), desk.due("intake")) == (
        ["supervision", "complaint_counter"],
        local("2026-11-02 11:30"),
    )
    _, decision, filled = WALK.steps["intake"]
    desk.decide(person(receiver), "intake", decision, **filled)
    assert desk.roles("investigate") == [person(receiver)]
    with pytest.raises(NotAuthorized):
        desk.decide(person(receiver, 2), "investigate", "verified", finding="x", liability="staff")


@pytest.mark.clauses(ID, "2")
@pytest.mark.capabilities("CL-01", "CL-11")
def test_seven_kinds_of_conduct_may_be_complained_of() -> None:
    """2 「有下列行为之一者,均可投诉」: seven; everything else is confirmed by the head and explained (D17)."""
    kinds = WALK.file.fields["kind"].choices
    assert len(kinds) == 8
    for kind in kinds[:-1]:
        assert at("investigate", kind=kind).open_stages() == ["investigate"]
    desk = logged()
    assert refused_fields(lambda: take(desk, "intake", kind="none_of_these")) == {"invalid_reason"}
    take(desk, "intake", kind="none_of_these", invalid_reason="A neighbour's dog")
    assert may_decide(desk, "confirm_invalid") == {"head of supervision"}
    assert desk.due("confirm_invalid") == local("2026-11-03 18:00")
    take(desk, "confirm_invalid")
    assert (desk.case().outcome, desk.open_stages()) == ("not_accepted", ["explain_invalid"])
    assert desk.due("explain_invalid") == local("2026-11-03 18:00")
    for missing in ("explanation", "explained_in"):
        assert refused_fields(lambda name=missing: take(desk, "explain_invalid", **{name: None})) == {missing}


def test_the_head_may_find_it_in_scope_with_a_reason() -> None:
    """D17."""
    desk = at("confirm_invalid", kind="none_of_these", invalid_reason="x")
    assert refused_fields(lambda: take(desk, "confirm_invalid", "see_it_otherwise")) == {"reason"}
    take(desk, "confirm_invalid", "see_it_otherwise", reason="It is ours")
    assert desk.open_stages() == ["investigate"]


@pytest.mark.clauses(ID, "3")
@pytest.mark.capabilities("IN-10")
@pytest.mark.parametrize(
    ("channel", "major", "asked"), [("in_person", True, True), ("phone", True, True), ("letter", True, False), ("in_person", False, False)]
)  # fmt: skip
def test_a_major_matter_is_asked_for_in_writing(channel: str, major: bool, asked: bool) -> None:
    """3 「涉及重大事项的投诉,一般应采用书面形式」."""
    desk = logged(channel=channel)
    take(desk, "intake", major=major)
    assert desk.open_stages() == (["written_form"] if asked else ["investigate"])


@pytest.mark.clauses(ID, "3", "6")
def test_what_came_in_writing_afterwards_counts_as_written_and_may_stay_oral_with_a_reason() -> None:
    """3 「一般」: normally; 6 「书面投诉必须书面答复」."""
    desk = at("written_form", major=True)
    assert desk.due("written_form") == local("2026-11-03 18:00")
    assert refused_fields(lambda: take(desk, "written_form")) == {"written_statement"}
    assert refused_fields(lambda: take(desk, "written_form", "stays_oral")) == {"reason"}
    desk.decide(RECEIVER, "written_form", "received", files=STATEMENT)
    assert desk.due("investigate") == local("2026-11-04 18:00")

    desk = at("written_form", major=True)
    take(desk, "written_form", "stays_oral", reason="He cannot write")
    assert desk.due("investigate") == local("2026-11-02 11:30")


@pytest.mark.clauses(ID, "4")
@pytest.mark.parametrize("missing", sorted(WALK.form))
def test_the_form_is_complete(missing: str) -> None:
    """4 「认真做好登记」."""
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


MUST = [
    ("intake", {}, "kind"), ("intake", {}, "liable_units"), ("intake", {}, "complex"), ("intake", {}, "major"),
    ("investigate", {}, "finding"), ("investigate", {}, "liability"), ("reply", {}, "answer"), ("reply", {}, "answered_in"),
    ("staff_outcome", {"liability": "staff"}, "severity"), ("staff_outcome", {"liability": "staff"}, "measure_carried_out"),
    ("judiciary_handover", UNLAWFUL, "handed_over_on"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "way", "missing"), MUST)
def test_each_stage_fills_what_it_must(stage: str, way: dict[str, Any], missing: str) -> None:
    desk = at(stage, **way)
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


# --- 6: reply ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "6")
@pytest.mark.capabilities("CC-02")
@pytest.mark.parametrize(
    ("channel", "oral_is_enough"), [("letter", False), ("online", False), ("in_person", True), ("phone", True)]
)
def test_a_written_complaint_is_answered_in_writing(channel: str, oral_is_enough: bool) -> None:
    """6 「书面投诉必须书面答复,其它投诉以口头答复为主」."""
    desk = at("reply", channel=channel)
    if not oral_is_enough:
        assert refused_fields(lambda: take(desk, "reply", answered_in="oral_answer")) == {"answered_in"}
        take(desk, "reply", answered_in="written_answer")
    else:
        take(desk, "reply", answered_in="oral_answer")
    assert desk.happened(e.OutcomeTold)


@pytest.mark.clauses(ID, "6")
def test_nobody_is_answered_before_the_investigation() -> None:
    """6 「投诉处理完毕后应及时将处理意见反馈」."""
    assert not at("investigate").may_reply()
    assert at("reply").may_reply()


# --- 7: not accepted by the complainant ------------------------------------------------------------------------------------------------


def disputed(**changes: Any) -> PolicyDesk:
    desk = closed(**changes)
    WALK.object(desk, RECEIVER, "dispute", dispute_reason="It was him")
    return desk


@pytest.mark.clauses(ID, "7")
@pytest.mark.capabilities("CC-17")
@pytest.mark.parametrize(("channel", "due"), [("in_person", "2026-11-02 11:30"), ("letter", "2026-11-04 18:00")])
def test_who_does_not_accept_it_is_verified_afresh_with_a_new_limit(channel: str, due: str) -> None:
    """7 「投诉人对处理意见不服的,受理部门要重新进行核实,并提出进一步处理意见」; our default: by the same table."""
    desk = disputed(channel=channel)
    assert (desk.roles("re_verify"), desk.due("re_verify")) == ([RECEIVER], local(due))
    assert refused_fields(lambda: take(desk, "re_verify", new_finding=None)) == {"new_finding"}
    take(desk, "re_verify")
    assert desk.due("reply_again") == local("2026-11-02 18:00")
    for missing in ("further_answer", "further_answered_in", "disputed_again"):
        assert refused_fields(lambda name=missing: take(desk, "reply_again", **{name: None})) == {missing}
    if channel == "letter":
        wrong = refused_fields(lambda: take(desk, "reply_again", further_answered_in="oral_answer"))
        assert wrong == {"further_answered_in"}
    take(desk, "reply_again")
    assert "superior_opinion" not in desk.open_stages()


@pytest.mark.clauses(ID, "7")
def test_who_still_does_not_accept_it_goes_to_the_director() -> None:
    """Our default: verified once more, then the superior."""
    desk = disputed()
    take(desk, "re_verify")
    take(desk, "reply_again", disputed_again=True)
    assert (desk.roles("superior_opinion"), desk.due("superior_opinion")) == (
        ["general_manager"],
        local("2026-11-04 18:00"),
    )
    for missing in ("superior_answer", "finally_answered_in"):
        assert refused_fields(lambda name=missing: take(desk, "superior_opinion", **{name: None})) == {missing}
    take(desk, "superior_opinion")
    assert len(desk.happened(e.OutcomeTold)) == 3


@pytest.mark.clauses(ID, "7")
def test_a_dispute_has_its_reason_and_comes_after_the_answer() -> None:
    with pytest.raises(NotAllowedHere):
        WALK.object(at("reply"), RECEIVER, "dispute", dispute_reason="x")
    desk = closed()
    assert refused_fields(lambda: WALK.object(desk, RECEIVER, "dispute", dispute_reason="")) == {"dispute_reason"}
    with pytest.raises(NotAuthorized):
        WALK.object(desk, person("centre"), "dispute", dispute_reason="x")
    WALK.object(desk, person("complaint_counter"), "dispute", dispute_reason="x")


# --- 9: who is liable --------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "9")
@pytest.mark.capabilities("OS-14", "LP-16")
@pytest.mark.parametrize(
    ("liability", "severity", "measure"),
    [
        ("staff", "ordinary", "assessment"),
        ("counter_unit", "ordinary", "assessment"),
        ("staff", "serious", "replaced_and_suspended"),
        ("counter_unit", "serious", "assessment"),
        ("staff", "unlawful", "handed_to_judiciary"),
        ("counter_unit", "unlawful", "handed_to_judiciary"),
        ("not_liable", None, None),
    ],
)
def test_the_severity_gives_the_measure(liability: str, severity: str | None, measure: str | None) -> None:
    """9 「按照考核办法进行处理;情节严重的,窗口工作人员给予调换,并做待岗处理;违法违纪的移交司法机关处理」."""
    desk = at("reply")
    desk = at("reply", liability=liability)
    take(desk, "reply")
    if severity is None:
        assert desk.open_stages() == ["archive"]
        return
    assert (desk.roles("staff_outcome"), desk.due("staff_outcome")) == (["centre"], local("2026-11-04 18:00"))
    take(desk, "staff_outcome", severity=severity)
    assert WALK.file.tables["measure"].pick({"severity": severity, "liability": liability}) == measure
    assert desk.open_stages() == (["judiciary_handover"] if measure == "handed_to_judiciary" else ["archive"])
    [row] = [x.row for x in desk.happened(e.RegisterEntered) if x.register == "staff_measures"]
    assert row["severity"] == severity


@pytest.mark.clauses(ID, "9")
def test_a_breach_of_law_is_handed_to_the_judiciary_and_the_director_hears() -> None:
    """9 「违法违纪的移交司法机关处理」."""
    desk = at("judiciary_handover", **UNLAWFUL)
    assert (desk.roles("judiciary_handover"), desk.due("judiciary_handover")) == (["centre"], local("2026-11-04 18:00"))
    late = refused_fields(lambda: take(desk, "judiciary_handover", handed_over_on="2026-11-03"))
    assert late == {"handed_over_on"}
    take(desk, "judiciary_handover")
    assert {n.to for n in desk.told("rule")} == {person("general_manager"), person("general_manager", 2)}


# --- 8, 10: return visits, filing -------------------------------------------------------------------------------------------------------


def asked(**changes: Any) -> tuple[PolicyDesk, str]:
    desk = PolicyDesk(ID)
    desk.log("UCLERK", IN_SAMPLE, **{**WALK.form, **changes})
    WALK.on(desk, "closed", IN_SAMPLE)
    return desk, IN_SAMPLE


@pytest.mark.clauses(ID, "8")
@pytest.mark.capabilities("CC-15")
def test_one_in_five_is_asked_within_a_month() -> None:
    """8 「定期或不定期地通过多种形式对投诉人进行回访,了解有关情况,征询其对中心工作的意见」; our default: 20 %, a month."""
    share = sum(is_sampled(f"c{n}", "callback", WALK.file.stages["callback"].sample_percent) for n in range(1000))
    assert 160 <= share <= 240
    desk, case = asked()
    assert (desk.open_stages(case), desk.due("callback", case)) == (["callback"], local("2026-12-02 24:00"))
    assert WALK.file.fields["visit_way"].choices == ("home_visit", "phone", "letter", "questionnaire")


@pytest.mark.clauses(ID, "8", "7")
@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_who_is_not_satisfied_then_is_verified_afresh_too(answers: dict[str, Any], reopens: bool) -> None:
    """D6 for the questions, 7 for what follows."""
    desk, case = asked()
    usual = WALK.steps["callback"][2]
    for missing in usual:
        assert refused_fields(lambda n=missing: desk.call("reached", RECEIVER, case, **{**usual, n: None})) == {missing}
    desk.call("reached", RECEIVER, case, **{**usual, **answers})
    assert desk.open_stages(case) == (["re_verify"] if reopens else [])
    assert ({n.to for n in desk.told("rule")} == {head("supervision")}) is reopens


@pytest.mark.clauses(ID, "7")
@pytest.mark.parametrize("disputed_again", [True, False])
def test_who_disputes_it_again_after_the_callback_hears_the_superior(disputed_again: bool) -> None:
    """7: verified once more; a second dispute goes to the superior (ours)."""
    desk, case = asked()
    desk.call("reached", RECEIVER, case, **{**WALK.steps["callback"][2], "solved": False})
    WALK.take(desk, "re_verify", case_id=case)
    WALK.take(desk, "reply_again", case_id=case, disputed_again=disputed_again)
    assert desk.open_stages(case) == (["superior_opinion"] if disputed_again else [])


@pytest.mark.clauses(ID, "10")
@pytest.mark.capabilities("RD-04", "RD-09")
def test_the_supervision_section_files_everything() -> None:
    """10 「一切投诉资料由中心督查科备案」; D8: three years; D7: the number."""
    desk = at("archive")
    assert (desk.roles("archive"), desk.due("archive")) == (["supervision"], local("2026-11-03 18:00"))
    take(desk, "archive")
    assert (desk.case().status, desk.case().outcome, desk.case().number) == ("finished", "answered", "202611-001")
    assert (WALK.file.papers.archive_by, str(WALK.file.papers.keep)) == ("supervision", "3 years")
    [row] = [x.row for x in desk.happened(e.RegisterEntered) if x.register == "complaint_register"]
    assert row["kind"] == "quality_attitude"


# --- defaults -------------------------------------------------------------------------------------------------------------------------------


def test_the_head_of_supervision_decides_on_anonymous_complaints() -> None:
    """D10: recorded, no reply, no callback; the head decides whether to investigate."""
    desk = at("anonymous_gate", anonymous=True, contact=None)
    assert (may_decide(desk, "anonymous_gate"), desk.due("anonymous_gate")) == (
        {"head of supervision"},
        local("2026-11-03 18:00"),
    )
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    take(desk, "anonymous_gate", "record_only", reason="Nothing to go by")
    assert desk.case().outcome == "recorded_only"

    desk, case = asked(anonymous=True, contact=None)
    assert (desk.case(case).status, desk.happened(e.OutcomeTold, case)) == ("finished", [])


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_the_unit_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12."""
    desk = closed()
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, person("centre"))
        return
    assert refused_fields(lambda: WALK.object(desk, person("centre"), objection_reason="")) == {"objection_reason"}
    WALK.object(desk, person("centre"))
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert desk.open_stages() == ["re_verify"]


@pytest.mark.capabilities("GA-11")
def test_monthly_statistics_and_repeats() -> None:
    """D15, D9."""
    duty, repeat = WALK.file.duties["statistics"], WALK.file.repeat
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "supervision",
        ["general_manager"],
    )
    assert {"kind", "liability", "late_by", "callback_score"} <= set(duty.contents)
    assert repeat is not None
    assert (repeat.same, str(repeat.within)) == (("customer", "kind"), "3 months")


# --- who may, stage by stage -----------------------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[str, str]] = {  # stage: who may decide it (everybody else is refused); what may be decided
    "report": ("reporter", "send return"),
    "intake": ("supervision, complaint_counter", "accept return"),
    "anonymous_gate": ("head of supervision", "investigate_it record_only return"),
    "confirm_invalid": ("head of supervision", "confirm see_it_otherwise return"),
    "written_form": ("", "received stays_oral return"),
    "investigate": ("", "verified return"),
    "reply": ("", "told return"),
    "staff_outcome": ("centre", "carried_out return"),
    "judiciary_handover": ("centre", "handed_over return"),
    "archive": ("supervision", "file_it return"),
    "re_verify": ("", "verified return"),
    "reply_again": ("", "told return"),
    "superior_opinion": ("general_manager", "told return"),
    "explain_invalid": ("", "told return"),
    "callback": ("", "satisfied unreached dissatisfied return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


@cache
def waiting_at(stage: str) -> tuple[PolicyDesk, str]:
    match stage:
        case "report":
            desk = logged()
            desk.decide(RECEIVER, "intake", "return", reason="Which counter?")
            return desk, "case1"
        case "anonymous_gate":
            return at(stage, anonymous=True, contact=None), "case1"
        case "confirm_invalid" | "explain_invalid":
            return at(stage, kind="none_of_these", invalid_reason="x"), "case1"
        case "written_form":
            return at(stage, major=True), "case1"
        case "staff_outcome" | "judiciary_handover":
            return at(stage, **UNLAWFUL), "case1"
        case "re_verify" | "reply_again" | "superior_opinion":
            return WALK.on(disputed(), stage, disputed_again=True), "case1"
        case "callback":
            return asked()
        case "objection_ruling":
            desk = closed()
            WALK.object(desk, person("centre"))
            return desk, "case1"
        case _:
            return at(stage), "case1"


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    """Where no role stands, it is the one who accepted the complaint."""
    desk, case = waiting_at(stage)
    who, what = TABLE[stage]
    assert may_decide(desk, stage, case) == named(who)
    if not who:
        assert desk.roles(stage, case) == [RECEIVER]
    assert decisions(desk, stage) == what


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)
