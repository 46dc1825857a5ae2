"""The 8D report of regulations that say with `eight_d` what stands where: a case is played, and each discipline shows what its stages recorded."""

from __future__ import annotations

import pytest

from complaints.commands import GivenFile
from tests.complaints.test_eight_d import said, sections
from tests.handlers.documents.test_eight_d import parts_of
from tests.policies import test_nonconforming_ab_control as ab
from tests.policies import test_quality_dept_capa as capa
from tests.support import electrical, metering
from tests.support.desks import TestDesk
from tests.support.pcb import PcbDesk, a_case
from tests.support.policy_desk import person

PCB, CAPA, ELECTRICAL = "pcb-manufacturer", "quality-dept-capa", "electrical-equipment"
METERING, AB = "metering-after-sales", "nonconforming-ab-control"


def entries(desk: TestDesk, discipline: str, case_id: str = "case1") -> list[str]:
    return said(sections(desk, case_id)[discipline].entries)


def gaps(desk: TestDesk, case_id: str = "case1") -> dict[str, tuple[str, ...]]:
    """Return the gaps of each discipline that has some."""
    return {name: section.gaps for name, section in sections(desk, case_id).items() if section.gaps}


def rows(desk: TestDesk, discipline: str, member: str) -> dict[str, str]:
    """Return what stands in the page under a discipline: label to text."""
    return {row.label: row.text for row in parts_of(desk, member)[discipline].rows}


# --- pcb-manufacturer ---------------------------------------------------------------------------------------------------


@pytest.mark.clauses(PCB, "(三)", "(九)4")
def test_pcb_causes_come_from_the_quality_department_and_from_production() -> None:
    """(九)4 「追查分析原因及判定責任歸屬部門」, then 「送生產單位分析異常原因並擬定處理對策」."""
    desk = a_case("closing")

    assert entries(desk, "D0") == ["loss_caused", "survey_needed"]
    assert entries(desk, "D4") == [
        "occurrence cause_class", "occurrence quality_finding", "occurrence production_finding", "production_origin",
        "stage quality_analysis approve", "sample_confirmed", "liable_unit", "rnd_opinion_needed", "third_party_involved",
    ]  # fmt: skip
    found = rows(desk, "D4", "UGMO1")
    assert {"Nickel corrosion", "Gold bath too old", "Line 2, night, 2026-10-19"} <= set(found.values())
    assert gaps(desk) == {
        "D3": ("nothing",), "D4": ("no_escape",), "D5": ("no_date",), "D6": ("nothing",), "D7": ("unmapped",),
        "D8": ("nothing", "not_closed"),
    }  # fmt: skip


@pytest.mark.clauses(PCB, "(九)2")
def test_pcb_containment_is_what_was_done_together_at_the_customer() -> None:
    """(九)2 「會同制造部門人員共同前往處理」."""
    desk = PcbDesk()
    desk.complain(survey_needed=True)
    desk.decide("UQUAL1", "survey_call", "answer", survey_by="quality")
    desk.decide("USALES1", "joint_survey", "report", survey_finding="186 boards set aside")
    desk.decide("UQUAL1", "joint_survey")
    desk.decide("UPROD", "joint_survey")

    assert entries(desk, "D3") == ["stage joint_survey report", "survey_finding"]
    assert "186 boards set aside" in rows(desk, "D3", "USALES1").values()


@pytest.mark.clauses(PCB, "(九)7", "(七)3")
def test_pcb_actions_are_the_countermeasure_and_the_plan_and_the_check_validates_them() -> None:
    """(九)7 「應另擬定處理方式,改善方法」, (七)3 「執行成果的督促及效果確認」."""
    desk = a_case("closed")
    desk.decide("UPROD", "improvement_plan")
    desk.decide(
        "UGMO1", "improvement_plan", "plan", corrective_action="Change the bath weekly", action_due="2026-11-20"
    )
    desk.decide(
        "UGMO1", "improvement_check", "confirm", effective=True, effect_evidence="None in 4 weeks",
        files=(("evidence", GivenFile(id="F-1", name="yield.xlsx")),),
    )  # fmt: skip

    assert entries(desk, "D5") == [
        "countermeasure", "handling_method", "occurred_unit", "stage improvement_plan plan", "corrective_action", "action_due",
    ]  # fmt: skip
    assert entries(desk, "D6") == ["stage improvement_check confirm", "effective", "effect_evidence", "evidence"]
    assert {"None in 4 weeks", "yield.xlsx"} <= set(rows(desk, "D6", "UGMO1").values())
    assert {"D5", "D6"}.isdisjoint(gaps(desk))


# --- quality-dept-capa --------------------------------------------------------------------------------------------------


@pytest.mark.clauses(CAPA, "五12", "五14", "八3", "八1", "十二1", "十二2", "十二3")
def test_capa_shows_cause_measure_effect_and_standard_each_in_its_discipline() -> None:
    """十二 adds to a complaint just what D4 to D8 ask; why it left the house is not asked."""
    desk = capa.at_stage("finished", capa.SUPPLIER | {"major_accident": True})

    assert entries(desk, "D0") == ["major_accident", "emergency"]
    assert entries(desk, "D3") == ["accident_handling"]
    assert entries(desk, "D4") == [
        "occurrence cause_code", "occurrence cause", "process_unit", "stage special_analysis report", "analysis_minutes",
    ]  # fmt: skip
    assert entries(desk, "D5") == [
        "measure", "measure_owner", "measure_due", "stage supplier_measure report", "supplier_measure_text", "supplier_due",
    ]  # fmt: skip
    assert entries(desk, "D6") == [
        "stage implemented report", "implemented_on", "implementation", "stage supplier_tracked report", "supplier_done",
        "stage effect_confirmed confirm", "effective", "effect_evidence",
    ]  # fmt: skip
    assert entries(desk, "D7") == ["stage standardised standardise", "standard_updated", "instruction"]
    assert entries(desk, "D8")[-4:] == ["stage periodic_tracking close", "still_effective", "instruction_audited", "tracking"]  # fmt: skip
    assert gaps(desk)["D4"] == ("no_escape",)
    assert rows(desk, "D4", person("quality"))["Cause found"] == "No scale"


@pytest.mark.clauses(CAPA, "五12", "十2")
def test_capa_keeps_the_cause_out_of_the_problem() -> None:
    """The form asks both at once; the report tells the problem in D2 and the cause in D4."""
    desk = capa.begun(customer="C-0417", complaint_no="261101", defect_pictures="box.jpg")

    assert entries(desk, "D2") == ["customer", "complaint_no", "product", "what_happened", "defect_pictures"]
    assert gaps(desk)["D2"] == ("no_quantity",)


def test_capa_says_what_is_still_to_come() -> None:
    desk = capa.at_stage("implemented")
    found = sections(desk)

    assert (found["D5"].gaps, found["D5"].missing) == ((), ("supplier_measure",))
    assert (found["D6"].gaps, found["D6"].missing) == (("nothing",), ("implemented", "supplier_tracked", "effect_confirmed"))  # fmt: skip
    assert (found["D7"].gaps, found["D7"].missing) == (("nothing",), ("standardised",))


# --- electrical-equipment -----------------------------------------------------------------------------------------------


@pytest.mark.clauses(ELECTRICAL, "5.4.1", "5.4.2", "5.2.1")
def test_electrical_equipment_shows_the_feedback_slip_and_what_production_carried_out() -> None:
    """5.4.1 「进行质量问题分析,然后把分析结果反馈给生产部进行落实处理」, 5.4.2 counts what came back."""
    desk = electrical.a_case(electrical.CLAIM, "record")
    desk.go("record", goods_back=True, files=(("evidence", GivenFile(id="F-1", name="spring.jpg")),))
    desk.to("closed")

    assert entries(desk, "D3") == ["stage goods_check counted", "returned_quantity"]
    assert entries(desk, "D4") == ["occurrence cause", "occurrence problem_analysis", "verified_cause", "evidence"]
    assert entries(desk, "D5") == ["measure"]
    assert entries(desk, "D6") == ["stage execute executed", "measure"]
    assert entries(desk, "D8") == ["outcome", "told", "stage reply replied", "answer_given", "reply_channel"]
    assert "Spring too weak" in rows(desk, "D4", person("quality")).values()
    assert gaps(desk) == {
        "D0": ("unmapped",), "D3": ("not_lifted",), "D4": ("no_escape",), "D5": ("no_owner", "no_date"), "D6": ("no_evidence",),
        "D7": ("unmapped",), "D8": ("not_called",),
    }  # fmt: skip


@pytest.mark.clauses(ELECTRICAL, "5.2.1")
def test_electrical_equipment_closes_with_the_callback() -> None:
    desk = electrical.a_case(electrical.QUALITY, "closed")
    desk.call("reached", solved=True, score="4", actor=person("quality"))

    assert entries(desk, "D8")[-3:] == ["stage callback satisfied", "solved", "score"]
    assert "D8" not in gaps(desk)


# --- metering-after-sales -----------------------------------------------------------------------------------------------


@pytest.mark.clauses(METERING, "4.3.1", "4.3.5")
def test_metering_after_sales_contains_on_site_and_verifies_what_was_done() -> None:
    """4.3.1 「及时反馈给顾客,共同协商措施」, 4.3.5 「对售后服务结果进行验证」."""
    desk = metering.a_case(metering.VISIT, "complete")
    desk.go("complete", "cannot_solve", agreed_measures="A bench on loan")
    desk.go("route_request", way="on_site", visit_at="2026-11-06T14:00:00+08:00", visit_set_by="Ms Li")
    desk.to("closed")

    assert entries(desk, "D3") == ["agreed_measures", "work_done"]
    assert entries(desk, "D8")[-4:] == ["stage verify_result verified", "verification", "open_points", "improvement_needed"]  # fmt: skip


@pytest.mark.clauses(METERING, "4.6.4", "4.6.5")
def test_metering_after_sales_shows_the_measure_and_its_effect_in_the_case_of_the_improvement() -> None:
    """4.6.5 「采取相应的纠正、预防或改进措施并对实施效果进行验证,直至实施有效」."""
    desk = metering.a_case(metering.PHONE, "verify_result")
    desk.go("verify_result", improvement_needed=True)
    desk.go("close_service")
    improvement = next(c for c in desk.record.cases if c != "case1")
    for stage in ("plan_measure", "carry_out", "verify_effect"):
        desk.go(stage, case_id=improvement)

    assert entries(desk, "D5", improvement) == [
        "stage plan_measure plan", "measure", "measure_kind", "measure_units", "measure_due",
    ]  # fmt: skip
    assert entries(desk, "D6", improvement) == [
        "stage carry_out carried_out", "carried_out", "stage verify_effect verified", "effective", "effect_evidence",
    ]  # fmt: skip
    assert "D5" not in gaps(desk, improvement)


# --- nonconforming-ab-control -------------------------------------------------------------------------------------------


@pytest.mark.clauses(AB, "4.2.1", "4.1.3", "3.2")
def test_nonconforming_goods_are_contained_in_their_zone_and_tracked_until_disposed() -> None:
    """4.2.1 「放置于不合格品区,并设置不合格标识……交供应部或生产部处置」: disposing of them ends it. The grade stands in D0."""
    desk = ab.at_stage("finished")

    assert entries(desk, "D0") == ["grade"]
    assert entries(desk, "D3") == ["stage isolate isolate", "in_zone", "marked", "lifted stage hand_over dispose"]
    assert "D3" not in gaps(desk)
    assert gaps(ab.at_stage("hand_over"))["D3"] == ("not_lifted",)
    assert entries(desk, "D5")[:3] == ["stage disposition_proposal propose", "disposition", "method"]
    assert entries(desk, "D6") == ["stage hand_over dispose", "disposal_result", "stage track close", "tracked_result"]
    assert gaps(desk)["D4"] == ("unmapped",)
