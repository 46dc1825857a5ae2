"""tobacco-three-types: an answer in 24 hours, the leader's instruction by the promised day, an investigation by a named person."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import NotAllowedHere
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.who_may import decisions, may_decide, named, refused_fields

ID = "tobacco-three-types"
REPORTER, INVESTIGATOR = "UREPORTER", "UDELIVERY2"
FORM: dict[str, Any] = {
    "type": "complaint", "receiver_kind": "branch_marketing", "receiving": "order_dept", "in_scope": True,
    "channel": "telephone_line", "customer": "C-0417", "anonymous": False, "contact": "0912", "content": "service",
    "matter": "late", "words_said": "Came late",
}  # fmt: skip
CONSULTATION: dict[str, Any] = {"type": "consultation", "content": None}
SUGGESTION: dict[str, Any] = {"type": "suggestion", "content": None, "reply_wanted": True, "promised_on": "2026-11-06"}
STAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "transfer": (person("branch_customer_service"), "take_over", {}),
    "answer_consultation": (REPORTER, "answered_at_once", {"answer": "On Tuesdays"}),
    "suggestion_decision": (person("leader"), "instruct", {"adopted": True, "instruction": "Do it"}),
    "reply_suggestion": (REPORTER, "told", {"answer": "We do it"}),
    "dispatch": (person("order_dept"), "pass_on", {"liable_unit": "delivery", "handling_opinion": "Ask the driver"}),
    "appoint": (head("delivery"), "appoint_it", {"investigator": INVESTIGATOR}),
    "investigate": (INVESTIGATOR, "found", {"facts_found": "A flat tyre", "finding": "ordinary_mistake"}),
    "leader_decision": (person("leader"), "instruct", {"leader_instruction": "By the procedure"}),
    "dispose": (person("delivery"), "disposed", {"disposal": "Warned", "corrected": True}),
    "reply": (REPORTER, "told", {"reply_text": "Sorry"}),
    "verify": (person("order_dept"), "verify_it", {"corrective": "Spare van", "verified": True}),
}  # fmt: skip


def logged(**changes: Any) -> PolicyDesk:
    desk = PolicyDesk(ID, departments=("delivery",))
    desk.log(REPORTER, **{**FORM, **changes})
    return desk


def take(desk: PolicyDesk, stage: str, by: str | None = None, how: str | None = None, **fields: Any) -> None:
    who, decision, filled = STAGES[stage]
    desk.decide(by or who, stage, how or decision, **{**filled, **fields})


def at(stage: str, **changes: Any) -> PolicyDesk:
    at_intake = (*FORM, "reply_wanted", "promised_on")
    desk = logged(**{n: v for n, v in changes.items() if n in at_intake})
    while stage not in desk.open_stages():
        now = desk.open_stages()[0]
        asked = desk.bundle("").policy.stages[now].filled
        by = person("county_company") if desk.roles(now) == ["county_company"] else None
        take(desk, now, by, **{n: v for n, v in changes.items() if n not in at_intake and n in asked})
    return desk


def closed(**changes: Any) -> PolicyDesk:
    desk = at("verify", **changes)
    take(desk, "verify")
    return desk


# --- three types --------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "四", "四 record")
@pytest.mark.capabilities("CL-01", "RT-01", "RT-02", "IN-19", "IN-01")
@pytest.mark.parametrize(
    ("changes", "stage"),
    [(CONSULTATION, "answer_consultation"), (SUGGESTION, "suggestion_decision"), ({}, "dispatch")],
)
def test_each_type_has_its_own_way(changes: dict[str, Any], stage: str) -> None:
    """四 「客户投诉分咨询、建议、投诉三种类型」."""
    assert logged(**changes).open_stages() == [stage]


@pytest.mark.clauses(ID, "四 consultation")
@pytest.mark.capabilities("IN-04", "DL-01", "DL-02")
def test_a_consultation_is_answered_at_once_or_within_24_hours() -> None:
    """「能直接解答的,当即解答……在24小时答复客户」: 24 hours by the clock."""
    desk = logged(**CONSULTATION)
    assert (may_decide(desk, "answer_consultation"), desk.due("answer_consultation")) == (
        {"reporter"},
        local("2026-11-03 09:30"),
    )
    clock = desk.case().clock("consultation_reply")
    assert clock is not None
    assert clock.due_at == local("2026-11-03 09:30")
    assert refused_fields(lambda: take(desk, "answer_consultation", how="answered_after_asking")) == {"asked_dept"}
    assert refused_fields(lambda: take(desk, "answer_consultation", answer=None)) == {"answer"}
    take(desk, "answer_consultation")
    assert (desk.case().outcome, desk.case().status) == ("answered", "finished")
    [row] = [x.row for x in desk.happened(e.RegisterEntered)]
    assert "answer" in row


@pytest.mark.clauses(ID, "四 suggestion")
@pytest.mark.capabilities("DL-06", "CC-09")
@pytest.mark.parametrize(("adopted", "outcome"), [(True, "suggestion_adopted"), (False, "suggestion_not_adopted")])
def test_a_suggestion_is_answered_by_the_promised_day(adopted: bool, outcome: str) -> None:
    """「要给客户承诺一定回复期限,待领导做出批示后向客户答复建议被采用情况」."""
    desk = logged(**SUGGESTION)
    assert {n.to for n in desk.told("rule")} == {person("leader", 1), person("leader", 2)}
    assert (desk.roles("suggestion_decision"), desk.due("suggestion_decision")) == (
        ["leader"],
        local("2026-11-06 24:00"),
    )
    take(desk, "suggestion_decision", adopted=adopted)
    assert (desk.case().outcome, desk.open_stages()) == (outcome, ["reply_suggestion"])
    assert (may_decide(desk, "reply_suggestion"), desk.due("reply_suggestion")) == (
        {"reporter"},
        local("2026-11-06 24:00"),
    )
    take(desk, "reply_suggestion")
    assert desk.case().status == "finished"


@pytest.mark.clauses(ID, "四 suggestion")
@pytest.mark.capabilities("DL-06")
def test_without_a_wish_for_a_reply_no_day_is_promised() -> None:
    assert refused_fields(lambda: logged(**{**SUGGESTION, "promised_on": None})) == {"promised_on"}
    assert refused_fields(lambda: logged(**{**SUGGESTION, "promised_on": "2026-11-01"})) == {"promised_on"}
    assert refused_fields(lambda: logged(**{**SUGGESTION, "reply_wanted": None})) >= {"reply_wanted"}
    desk = logged(**{**SUGGESTION, "reply_wanted": False, "promised_on": None})
    assert desk.due("suggestion_decision") == local("2026-11-04 18:00")
    take(desk, "suggestion_decision")
    assert desk.case().status == "finished"
    assert logged(**{**SUGGESTION, "promised_on": "2026-11-02"}).due("suggestion_decision") == local("2026-11-02 24:00")


# --- complaints ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "四 complaint", "三 order", "四 dispatch")
@pytest.mark.capabilities("CL-02", "RT-01")
def test_the_order_department_passes_it_on_and_a_named_person_investigates() -> None:
    """「部门要指定专人进行调查」."""
    desk = logged()
    assert desk.promise().due_at == local("2026-11-09 18:00")
    take(desk, "dispatch")
    assert may_decide(desk, "appoint") == {"head of delivery"}
    take(desk, "appoint")
    assert (may_decide(desk, "investigate"), desk.due("investigate")) == ({"delivery"}, local("2026-11-04 18:00"))
    assert desk.roles("investigate") == [INVESTIGATOR]


@pytest.mark.clauses(ID, "四 finding")
@pytest.mark.capabilities("RT-02")
@pytest.mark.parametrize(
    ("finding", "path", "outcome"),
    [
        ("violation", ["leader_decision", "dispose", "reply", "verify"], "handled"),
        ("ordinary_mistake", ["dispose", "reply", "verify"], "handled"),
        ("not_established", ["reply", "verify"], "not_valid"),
    ],
)
def test_the_finding_decides_who_deals_with_it(finding: str, path: list[str], outcome: str) -> None:
    """「属于违规或工作失职的,应将具体情况向本部门领导汇报……属于一般工作失误、服务欠缺的……并使其立即纠正」."""
    desk = at("investigate")
    take(desk, "investigate", finding=finding)
    told = {n.to for n in desk.told("rule")}
    assert told == ({person("leader", 1), person("leader", 2)} if finding == "violation" else set())
    passed = []
    while desk.case().status == "open":
        passed.append(desk.open_stages()[0])
        take(desk, passed[-1])
    assert (passed, desk.case().outcome) == (path, outcome)
    assert desk.case().told_at is not None


@pytest.mark.clauses(ID, "四 record")
def test_the_record_says_who_complained_of_what_and_how() -> None:
    """四 「认真倾听记录客户投诉,按要求在[客户投诉记录表]详细记录客户投诉」."""
    shown = bundle(ID).policy.papers.forms["record_form"].fill
    assert set(shown) == {"number", "type", "receiving", "customer", "channel", "content", "words_said"}


@pytest.mark.clauses(ID, "四 finding")
def test_an_ordinary_mistake_is_corrected_at_once() -> None:
    desk = at("dispose")
    assert refused_fields(lambda: take(desk, "dispose", corrected=None)) == {"corrected"}
    other = at("dispose", finding="violation")
    take(other, "dispose", corrected=None)
    assert other.open_stages() == ["reply"]


@pytest.mark.clauses(ID, "三 county", "三 order")
@pytest.mark.capabilities("OS-09", "RT-26")
@pytest.mark.parametrize(
    ("kind", "in_scope", "tracker"),
    [("branch_marketing", True, "order_dept"), ("branch_marketing", False, "order_dept"), ("county", True, "county_company"), ("county", False, "order_dept")],
)  # fmt: skip
def test_who_received_it_tracks_and_verifies_it(kind: str, in_scope: bool, tracker: str) -> None:
    """三 「负责本部门客户投诉处理及跟踪、验证,包括采取必要的纠正措施」; 二 「属地管理」."""
    desk = at("verify", receiver_kind=kind, in_scope=in_scope)
    assert (desk.roles("dispatch"), may_decide(desk, "verify")) == ([tracker], {tracker})
    for missing, value in (("corrective", None), ("verified", False)):
        assert refused_fields(lambda m=missing, v=value: take(desk, "verify", person(tracker), **{m: v})) == {missing}


@pytest.mark.clauses(ID, "二")
@pytest.mark.capabilities("RT-26")
def test_each_county_company_has_people_of_its_own() -> None:
    assert logged().bundle("").policy.roles["county_company"].per == "receiving"


@pytest.mark.clauses(ID, "四 transfer")
@pytest.mark.capabilities("IN-13")
@pytest.mark.parametrize("changes", [CONSULTATION, SUGGESTION, {}])
def test_what_is_beyond_a_unit_goes_to_the_branchs_customer_service(changes: dict[str, Any]) -> None:
    """「各单位接收超出本单位范围投诉的,应及时登记,传真到分公司客户服务部」."""
    desk = logged(**changes, in_scope=False)
    assert (desk.open_stages(), may_decide(desk, "transfer")) == (["transfer"], {"branch_customer_service"})
    assert desk.due("transfer") == local("2026-11-03 18:00")
    assert {person("branch_customer_service", 1), person("branch_customer_service", 2)} <= {
        n.to for n in desk.told("rule")
    }


@pytest.mark.capabilities("CL-20")
def test_what_was_noted_wrongly_is_corrected_with_a_reason() -> None:
    desk = logged()
    with pytest.raises(Exception, match="field_errors"):
        desk.act(cmd.Amend, REPORTER, fields={"content": "staff"}, reason="")
    desk.act(cmd.Amend, REPORTER, fields={"content": "staff"}, reason="It was the driver")
    assert desk.case().fields["content"] == "staff"


@pytest.mark.clauses(ID, "三 order")
@pytest.mark.capabilities("DL-10")
def test_the_order_department_urges() -> None:
    """三 「并督促处理」."""
    desk = at("dispose")
    desk.act(cmd.Urge, person("order_dept", 2), visit=desk.visit("dispose"), words="Please")
    assert {n.to for n in desk.told("urge")} == {person("delivery", 1), person("delivery", 2)}


@pytest.mark.clauses(ID, "phones")
@pytest.mark.capabilities("GA-09")
def test_the_complaint_lines_are_published() -> None:
    """「要设立投诉电话,并向卷烟零售客户公布」: /complaint terms."""
    policy = logged().bundle("").policy
    assert all("投诉电话" in policy.label(name, "zh-Hans") for name in policy.policy.publish)
    assert len(policy.policy.publish) == 2


# --- people, forms, time ----------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "一", "四 record")
@pytest.mark.parametrize("missing", sorted(set(FORM) - {"anonymous"}))
def test_the_form_is_complete(missing: str) -> None:
    """「认真倾听记录客户投诉,按要求……详细记录」."""
    assert missing in refused_fields(lambda: logged(**{missing: None}))


@pytest.mark.clauses(ID, "三 order", "四 complaint", "四 finding")
@pytest.mark.parametrize(
    ("stage", "changes", "people", "allowed", "due"),
    [
        ("answer_consultation", CONSULTATION, "reporter", "answered_at_once answered_after_asking return", "2026-11-03 09:30"),
        ("suggestion_decision", SUGGESTION, "leader", "instruct return", "2026-11-06 24:00"),
        ("dispatch", {}, "order_dept", "pass_on return", "2026-11-02 18:00"),
        ("appoint", {}, "head of delivery", "appoint_it return", "2026-11-02 18:00"),
        ("investigate", {}, "delivery", "found return", "2026-11-04 18:00"),
        ("leader_decision", {"finding": "violation"}, "leader", "instruct return", "2026-11-02 18:00"),
        ("dispose", {}, "delivery", "disposed return", "2026-11-03 18:00"),
        ("reply", {}, "reporter", "told return", "2026-11-02 18:00"),
        ("verify", {}, "order_dept", "verify_it return", "2026-11-03 18:00"),
    ],
)  # fmt: skip
def test_who_may_decide_what_until_when(
    stage: str, changes: dict[str, Any], people: str, allowed: str, due: str
) -> None:
    desk = at(stage, **changes)

    assert may_decide(desk, stage) == named(people)
    assert decisions(desk, stage) == allowed
    assert desk.due(stage) == local(due)


@pytest.mark.parametrize(
    ("stage", "missing"),
    [
        ("dispatch", "liable_unit"), ("dispatch", "handling_opinion"), ("appoint", "investigator"), ("investigate", "facts_found"),
        ("investigate", "finding"), ("leader_decision", "leader_instruction"), ("dispose", "disposal"), ("reply", "reply_text"),
    ],
)  # fmt: skip
def test_what_each_stage_must_say(stage: str, missing: str) -> None:
    desk = at(stage, finding="violation")
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


@pytest.mark.capabilities("DL-22")
def test_a_late_answer_climbs_to_the_general_manager() -> None:
    """D5."""
    desk = logged(**CONSULTATION)
    desk.at("2026-11-04 18:00")
    assert {n.to for n in desk.told("escalation")} == {person("general_manager", 1), person("general_manager", 2)}


@pytest.mark.parametrize(("solved", "score", "reopens"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_dissatisfied_customer_reopens_the_case(solved: bool, score: str, reopens: bool) -> None:
    """D6."""
    desk = closed()
    assert desk.due("callback") == local("2026-11-05 24:00")
    assert refused_fields(lambda: desk.call("reached", actor=person("order_dept"), solved=solved)) == {"score"}
    desk.call("reached", actor=person("order_dept"), solved=solved, score=score)
    assert ("dispatch" in desk.open_stages()) is reopens
    assert closed(anonymous=True, contact=None).open_stages() == []


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_the_department_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12."""
    desk = closed()
    desk.clock.at = local(when)
    begin = lambda **fields: desk.act(cmd.BeginRoute, person("delivery"), route="objection", fields=fields)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            begin(objection_reason="Not ours")
        return
    assert refused_fields(begin) == {"objection_reason"}
    begin(objection_reason="Not ours")
    assert (may_decide(desk, "objection_ruling"), desk.due("objection_ruling")) == (
        {"general_manager"},
        local("2026-11-11 18:00"),
    )
    dismiss = lambda: desk.decide(person("general_manager"), "objection_ruling", "dismiss")
    assert refused_fields(dismiss) == {"ruling_reason"}
    desk.decide(person("general_manager"), "objection_ruling", "grant", ruling_reason="Right")
    assert "dispatch" in desk.open_stages()


@pytest.mark.capabilities("GA-11")
def test_numbers_count_within_the_month() -> None:
    """D7."""
    assert logged().case().number == "202611-001"
