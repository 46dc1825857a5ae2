"""testing-laboratory: a written appeal within ten days, a blind re-test by two others, 15 days or 3 working days, again until satisfied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors, NotAuthorized, Recused
from complaints.views_rows import row_of_case
from tests.handlers.cards.drawn import renderer
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.laboratory import ANSWER, DATA, ID, LATE, SURVEY, TABLE, USUAL, at, at_stage, begun, case_with
from tests.support.policy_desk import head, person

URGENT = {"kind": "data", "urgent": True}


# --- people and what they may decide ---------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "1.2", "2.1.1", "2.1.2", "2.1.3", "2.2.1", "2.2.2", "2.2.4", "2.2.5", "3.2")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_and_what(stage: str) -> None:
    """Section 3 of the regulation, column "Actor"; everybody else is refused."""
    now, later, decisions = TABLE[stage][:3]
    assert at(stage).seated(stage) == (now, later)
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions


def test_the_office_that_accepts_and_the_head_of_the_station_who_rules_complete_the_table() -> None:
    desk = at_stage("dept_handle")
    desk.decide(head("room"), "dept_handle", "return", reason="Which room?")
    assert desk.seated("accept") == ("business_office", "")
    assert list(decisions_of(bundle(ID).policy.stages["accept"])) == ["take", "return"]
    desk = at_stage("feedback")
    desk.act(cmd.BeginRoute, person("room"), route="objection", fields={"objection_reason": "x"})
    assert desk.seated("objection_ruling") == ("general_manager", "")
    assert list(decisions_of(bundle(ID).policy.stages["objection_ruling"])) == ["dismiss", "grant", "return"]
    assert set(TABLE) | {"accept", "objection_ruling"} == set(bundle(ID).policy.stages)


@pytest.mark.parametrize(
    ("slip", "later", "route"),
    [
        ({}, {}, "dept_handle tell_customer"),
        ({}, {"difficult": True}, "dept_handle take_over team tell_customer"),
        (SURVEY, {}, "take_over team tell_customer"),
        (DATA, {}, "review_records approve_opinion conclude approve_correction reissue tell_applicant"),
        (DATA, {"retest_needed": False, "report_wrong": False}, "review_records approve_opinion conclude tell_applicant"),
        (LATE, {"report_wrong": False}, "late_appeal review_records approve_opinion conclude tell_applicant"),
    ],
)  # fmt: skip
@pytest.mark.clauses(ID, "2", "2.1.1", "2.1.2", "2.1.3", "2.2.1", "2.2.2", "2.2.5")
@pytest.mark.capabilities("RT-01", "RT-02", "RT-03", "CL-01", "IN-01", "IN-21")
def test_general_matters_and_test_data_go_their_own_ways(slip: Any, later: Any, route: str) -> None:
    """2: 一般事務投訴 and 監測數據投訴; what the survey finds begins at the office."""
    desk = at_stage("feedback", slip, **later)
    assert [v.stage for v in desk.case().visits.values()] == ["accept", *route.split(), "feedback"]


# --- the form and the ten days -----------------------------------------------------------------------------------------


MANDATORY: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    *(("accept", f, {}, {}) for f in ("kind", "channel", "customer", "matter", "department_complained")),
    *(("accept", f, DATA, {}) for f in ("report_no", "reported_on", "appealed_on", "appeal_basis", "appeal", "urgent", "first_testers")),
    *(("dept_handle", f, {}, {}) for f in ("difficult", "cause", "measures", "result", "reasonable", "caused_loss", "nonconforming")),
    ("dept_handle", "difficulty", {}, {"difficult": True}),
    ("take_over", "group_needed", SURVEY, {}),
    ("take_over", "group_members", SURVEY, {"group_needed": True}),
    *(("team", f, SURVEY, {}) for f in ("truth", "cause", "measures", "result", "reasonable", "caused_loss", "nonconforming")),
    *(("review_records", f, DATA, {}) for f in ("records_review", "preliminary_opinion", "retest_needed", "sampling_fault")),
    *(("code_sample", f, DATA, {}) for f in ("blind_code", "sample_source")),
    ("retest", "retest_result", DATA, {}),
    *(("conclude", f, DATA, {}) for f in ("report_wrong", "caused_loss", "nonconforming")),
    *(("reissue", f, DATA, {}) for f in ("original_recalled", "void_stamped", "corrected_report", "change_mark", "result")),
    *(("tell_customer", f, {}, {}) for f in ANSWER),
    *(("tell_applicant", f, DATA, {}) for f in ANSWER),
    *(("tell_refusal", f, LATE, {"decision": "refuse"}) for f in ANSWER),
    *(("late_appeal", "reason", LATE, {"decision": d}) for d in ("allow_late", "refuse")),
    *(("feedback", f, {}, {}) for f in ("satisfied", "customer_opinion", "feedback_form")),
    ("look_again", "truth", {}, {"satisfied": False}),
    ("top_decision", "ruling_reason", {}, {"satisfied": False}),
    *(("negotiate", f, {}, {"caused_loss": True}) for f in ("compensation", "customer_agrees")),
    ("contain", "control", {}, {"nonconforming": True}),
    ("correct", "corrective_action", {}, {"nonconforming": True}),
    ("effect_check", "effective", {}, {"nonconforming": True}),
    ("correction_ruling", "ruling_reason", {}, {"nonconforming": True, "effective": False}),
]  # fmt: skip


@pytest.mark.clauses(ID, "1.1", "2.1.1", "2.1.2", "2.1.3", "2.2.1", "2.2.2", "2.2.5", "3.1", "3.3")
@pytest.mark.capabilities("IN-05", "IN-07", "IN-10", "CC-07", "CC-18")
@pytest.mark.parametrize(("stage", "field", "slip", "later"), MANDATORY)
def test_what_the_form_asks_is_mandatory(stage: str, field: str, slip: Any, later: Any) -> None:
    """1.1 「以書面形式提出申訴,詳細說明申訴的理由及有關依據」; 2.1.1, 2.2.5, 3.3: the registers and what stands in them."""
    if stage == "accept":
        with pytest.raises(FieldErrors) as refused:
            begun(**{**slip, field: None})
        assert field in refused.value.errors
        return
    desk = at_stage(stage, slip, **later)
    given = {n: later.get(n, v) for n, v in USUAL[stage].items()}
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, given.pop("decision", None), case_with(desk, stage), **{**given, field: None})
    assert set(refused.value.errors) == {field}


@pytest.mark.clauses(ID, "1.1")
@pytest.mark.capabilities("IN-18")
@pytest.mark.parametrize(
    ("reported_on", "stage"),
    [("2026-11-02", "review_records"), ("2026-10-23", "review_records"), ("2026-10-22", "late_appeal")],
)
def test_an_appeal_comes_within_ten_days_of_the_report(reported_on: str, stage: str) -> None:
    """1.1 「可在接到測試報告后十日內以書面形式提出申訴」: 23 October + 10 = 2 November; later the head of quality may allow it."""
    assert begun(kind="data", reported_on=reported_on).open_stages() == [stage]


@pytest.mark.clauses(ID, "3.1")
@pytest.mark.capabilities("OS-01", "CC-07")
def test_a_late_appeal_is_refused_and_explained_in_writing() -> None:
    """Ours: refused unless the head allows it; D17: a reason, and a polite letter (3.1)."""
    desk = at_stage("tell_refusal", LATE, decision="refuse")
    assert (desk.case().outcome, desk.case().status, desk.may_reply()) == ("inadmissible", "closed", True)
    assert desk.open_stages() == ["tell_refusal"]
    desk.play("tell_refusal", **ANSWER)
    assert (desk.case().status, desk.open_stages()) == ("finished", [])


@pytest.mark.parametrize(
    "wrong",
    [{"reported_on": "2026-11-03", "appealed_on": None}, {"appealed_on": "2026-11-03"}, {"appealed_on": "2026-10-22"}],
)
def test_impossible_dates_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(FieldErrors) as refused:
        begun(**{**DATA, **wrong})
    assert next(iter(wrong)) in refused.value.errors


@pytest.mark.clauses(ID, "1.2")
def test_the_head_of_quality_hears_of_every_complaint_in_time() -> None:
    """1.2 「及時報告質量負責人」."""
    assert {(n.to, n.facts["as"]) for n in begun().told("rule")} == {
        (person("quality_head", 1), "notice"),
        (person("quality_head", 2), "notice"),
    }


# --- times ------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2.2.5")
@pytest.mark.capabilities("DL-01", "DL-02", "DL-05")
@pytest.mark.parametrize(
    ("slip", "due"),
    [(DATA, "2026-11-17 24:00"), (URGENT, "2026-11-05 18:00"), ({}, "2026-11-16 18:00")],
)
def test_the_reply_is_due(slip: Any, due: str) -> None:
    """2.2.5 「復檢結果在受理后15日內以書面形式通知申訴人,緊急申訴應在三個工作日內答復」; general matters 10 working days (ours)."""
    assert begun(**slip).promise().due_at == local(due)


IN_TIME = "2026-11-03 18:00"


@pytest.mark.parametrize(
    ("stage", "due"),
    [
        *((s, "2026-11-04 24:00") for s in ("review_records", "approve_opinion", "code_sample", "retest", "conclude", "approve_correction", "reissue", "tell_applicant")),
        *((s, "2026-11-05 18:00") for s in ("dept_handle", "team", "tell_customer")),
        ("take_over", "2026-11-02 18:00"),
        *((s, IN_TIME) for s in ("late_appeal", "tell_refusal", "tell_again", "tell_ruling", "contain", "close_nonconformity")),
        ("feedback", "2026-11-05 24:00"),
        *((s, "2026-11-16 18:00") for s in ("look_again", "negotiate")),
        *((s, "2026-11-04 18:00") for s in ("top_decision", "approve_compensation", "correction_ruling")),
        *((s, "2026-11-09 18:00") for s in ("correct", "effect_check")),
    ],
)  # fmt: skip
def test_each_stage_has_its_limit(stage: str, due: str) -> None:
    """Shares of the reply (ours), in time = 1 working day (D3), D6 for the opinion, D4 for rulings."""
    desk = at(stage)
    assert desk.due(stage, case_with(desk, stage)) == local(due)


def test_the_stages_of_an_urgent_appeal_are_due_the_same_day() -> None:
    assert at_stage("conclude", URGENT).due("conclude") == local("2026-11-02 18:00")


@pytest.mark.capabilities("DL-22")
def test_a_late_department_is_urged_and_goes_to_the_head_of_the_station() -> None:
    """D5."""
    desk = at_stage("dept_handle")
    desk.at("2026-11-06 18:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("dept_handle").id]
    assert [x.as_ for x in fired] == ["reminder", "reminder_slip", "escalation"]
    assert set(fired[-1].told) == {person("general_manager", 1), person("general_manager", 2)}


# --- the re-test ----------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2.2.2", "2.2.4")
@pytest.mark.capabilities("RT-16", "RT-19")
def test_two_who_did_not_test_before_test_blind_in_a_case_of_its_own() -> None:
    """2.2.2 「將樣品密碼編號」, 2.2.4 「復檢時應由兩人同時測試」; who tested first is excluded (ours)."""
    desk = at_stage("retest", DATA)
    child = case_with(desk, "retest")
    assert (desk.case(child).link, desk.open_stages()) == ("sub", [])
    assert set(desk.case(child).fields) == {
        "kind",
        "urgent",
        "first_testers",
        "sampling_fault",
        "blind_code",
        "sample_source",
    }
    parent, drawn = desk.case(), renderer(desk, "en")
    assert row_of_case(parent, drawn.look(parent, person("tester"))).customer is None
    assert row_of_case(parent, drawn.look(parent, "CTESTER")).customer is None
    assert row_of_case(parent, drawn.look(parent, person("business_office"))).customer == "North Instruments"

    desk.decide("UTESTER1", "retest", "sign", child, retest_result="COD 41")
    with pytest.raises((Recused, NotAuthorized)):
        desk.decide("UTESTER1", "retest", "sign", child)
    assert desk.open_stages(child) == ["retest"]
    desk.decide("UTESTER2", "retest", "sign", child)
    assert (desk.case(child).status, desk.case(child).outcome) == ("finished", "retested")
    assert desk.open_stages() == ["conclude"]
    assert desk.case().fields["sample_source"] == "original"
    assert "retest_result" in desk.case().fields


def test_the_first_tester_is_excluded_from_the_retest() -> None:
    desk = at_stage("retest", {**DATA, "first_testers": [{"person": "UOLD"}, {"person": "UTESTER1"}]})
    with pytest.raises(Recused) as refused:
        desk.decide("UTESTER1", "retest", "sign", case_with(desk, "retest"), retest_result="x")
    assert refused.value.reason == "excluded_person"


@pytest.mark.clauses(ID, "2.2.4", "2.2.5")
@pytest.mark.parametrize(("role", "stage"), [("tester", "retest"), ("signatory", "approve_correction")])
def test_only_who_is_authorised_tests_and_signs(role: str, stage: str) -> None:
    """2.2.5 「報授權簽字人批準」; without anybody authorised it goes to the head of the station."""
    assert bundle(ID).policy.roles[role].needs == f"authorised {role}"
    desk = at_stage(stage, DATA)
    desk.settings.people = replace(desk.plan, qualifications={f"authorised {role}": {}})
    assert desk.seated(stage)[0] == "general_manager"


@pytest.mark.clauses(ID, "2.2.3")
@pytest.mark.parametrize(
    ("fault", "sample", "taken"),
    [(False, "original", True), (False, "new_sample", False), (True, "new_sample", True), (True, "original", True)],
)
def test_a_new_sample_only_when_sampling_or_transport_was_at_fault(fault: bool, sample: str, taken: bool) -> None:
    """2.2.3 「復檢樣品以原樣為準。若屬于采樣或運輸過程等有誤……重新采樣」."""
    desk = at_stage("code_sample", DATA, sampling_fault=fault)
    child = case_with(desk, "code_sample")
    if taken:
        desk.play("code_sample", case_id=child, blind_code="X-3", sample_source=sample)
        assert desk.open_stages(child) == ["retest"]
        return
    with pytest.raises(FieldErrors) as refused:
        desk.play("code_sample", case_id=child, blind_code="X-3", sample_source=sample)
    assert set(refused.value.errors) == {"sample_source"}


@pytest.mark.clauses(ID, "2.2.1")
def test_the_head_of_quality_may_order_a_retest_that_the_office_did_not_want() -> None:
    """2.2.1 「提出初步處理意見,報質量負責人審批」."""
    desk = at_stage("approve_opinion", DATA, retest_needed=False, sampling_fault=None)
    desk.play("approve_opinion", retest_needed=True)
    assert case_with(desk, "code_sample") != "case1"


@pytest.mark.clauses(ID, "2.2.5")
@pytest.mark.capabilities("OS-12")
@pytest.mark.parametrize("field", ["original_recalled", "void_stamped"])
def test_a_wrong_report_is_taken_back_and_stamped_before_the_right_one_goes_out(field: str) -> None:
    """2.2.5 「報授權簽字人批準,由技術業務室收回原報告,加蓋作廢章,出具正確的檢驗報告并加蓋更改(g)標識」."""
    desk = at_stage("reissue", DATA)
    with pytest.raises(FieldErrors) as refused:
        desk.play("reissue", **{**USUAL["reissue"], field: False})
    assert set(refused.value.errors) == {field}
    assert bundle(ID).policy.stages["reissue"].needs == ("approve_correction",)
    desk.play("reissue", **USUAL["reissue"])
    rows = [x for x in desk.happened(e.RegisterEntered) if x.register == "acceptance_register"]
    assert [r.row["result"] for r in rows][-1] == desk.case().fields["result"]
    assert len(rows) == 2  # at the acceptance, and again with the result


# --- records ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "7", "1.2", "2.1.1", "3.3")
@pytest.mark.capabilities("RD-04", "RD-09", "GA-11")
def test_registers_forms_archive_and_statistics() -> None:
    """7 「辦公室負責將與投訴處理有關的所有記錄按存檔要求定期交站檔案管理員歸檔保存」; D7, D8, D15."""
    desk = at_stage("feedback")
    assert desk.case().number == "202611-001"
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["acceptance_register", "handling_register"]
    papers = bundle(ID).policy.papers
    assert (str(papers.keep), papers.archive_by) == ("3 years", "archivist")
    assert {n: r.kept_by for n, r in papers.registers.items()} == {
        "acceptance_register": "business_office",
        "handling_register": "business_office",
    }
    assert {"report_no", "appeal_basis"} <= set(papers.forms["appeal_form"].fill)
    assert {"cause", "measures", "result"} <= set(papers.forms["handling_form"].fill)
    assert {"satisfied", "customer_opinion"} <= set(papers.forms["feedback_sheet"].fill)
    archive, statistics = (bundle(ID).policy.duties[n] for n in ("archive", "monthly_statistics"))
    assert (archive.every, str(archive.who), [str(w) for w in archive.approve], archive.from_) == (
        "month",
        "office",
        ["archivist"],
        "cases closed last month",
    )
    assert [f.name for f in archive.fill] == ["records_filed"]
    assert (statistics.every, statistics.by, str(statistics.who)) == ("month", "10th", "business_office")
    assert [str(w) for w in statistics.send_to] == ["general_manager", "quality_head"]
    assert not [
        x
        for x in at("feedback").happened(e.RegisterEntered)
        if x.register == "handling_register" and x.row["department_complained"] != "room"
    ]


def test_test_data_is_not_entered_in_the_register_of_general_matters() -> None:
    desk = at_stage("feedback", DATA, report_wrong=False)
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["acceptance_register"]
