"""retail-stores: two gates, a report of six contents, the general manager's comments, and only customer service replies."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import NotAllowedHere, NotAuthorized
from complaints.views_reply import replier_name
from tests.support.company import local
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "retail-stores"
UNIT = "customer_service"  # the handling department of these cases; its head checks
REPORT = (
    "occurred_because",
    "course_of_events",
    "responsible_person",
    "conclusion",
    "countermeasure",
    "preventive_measure",
)
WALK = Walk(
    policy=ID,
    reporter=person("store"),
    form={"customer": "Mrs Lin", "anonymous": False, "contact": "138", "complaint": "Short weight", "demand": "A new one", "justified": True},
    steps={
        "anonymous_gate": (person("store_superior"), "investigate_it", {}),
        "acceptance": (person("store_superior"), "rule", {"cause": "company", "several_or_unclear": True}),
        "decline": (person("store"), "told", {"reason_told": "Worn out by use", "reply_channel": "oral_reply"}),
        "assign": (person("admin_dept"), "order", {"handling_unit": UNIT, "order_given": "Weigh them all"}),
        "investigation": (person(UNIT), "report", dict.fromkeys(REPORT, "As found") | {"responsible_person": "UWEIGHER"}),
        "admin_opinion": (person("admin_dept"), "present", {"admin_opinion": "Exchange it"}),
        "gm_review": (person("general_manager"), "comment", {"gm_comment": "Agreed"}),
        "handling_opinion": (person(UNIT), "propose", {"handling_opinion": "Exchange", "remedy": "exchange"}),
        "money_approval": (person("deputy_gm"), "approve", {}),
        "file_unanswered": (person("customer_service"), "file_it", {}),
        "reply": (person("customer_service"), "told", {"answer": "You get a new one", "reply_channel": "written_reply"}),
        "implement": (person(UNIT), "done", {"carried_out": "Scales renewed"}),
        "check_effect": (person("admin_dept"), "checked", {"effective": True}),
        "gm_measure": (person("general_manager"), "rule", {"ruling_on_measure": "Replace the supplier"}),
        "callback": (person("customer_service"), "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
SIMPLE: dict[str, Any] = {"several_or_unclear": False}
CUSTOMERS: dict[str, Any] = {"cause": "customer_side", "several_or_unclear": None}
MONEY: dict[str, Any] = {"remedy": "compensation"}
logged = WALK.logged


def take(desk: PolicyDesk, stage: str, decision: str | None = None, **fields: Any) -> None:
    """Decide as usual; whoever checks signs afterwards. In a simple matter the store handles and its superior checks."""
    simple = desk.case().fields.get("several_or_unclear") is False
    if stage == "handling_opinion" and simple:
        _who, usual, filled = WALK.steps[stage]
        desk.decide(person("store"), stage, decision or usual, **{**filled, **fields})
    else:
        WALK.take(desk, stage, decision, **fields)
    if stage in ("investigation", "handling_opinion") and stage in desk.open_stages():
        desk.decide(person("store_superior") if simple else head(UNIT), stage)


def at(stage: str, **changes: Any) -> PolicyDesk:
    desk = logged(**{n: v for n, v in changes.items() if n in WALK.form})
    rest = {n: v for n, v in changes.items() if n not in WALK.form}
    while stage not in desk.open_stages() and desk.case().closed_at is None:
        now = desk.open_stages()[0]
        take(desk, now, **{n: v for n, v in rest.items() if n in WALK.file.stages[now].filled})
    return desk


def closed(**changes: Any) -> PolicyDesk:
    return at("closed", **changes)


# --- the way ------------------------------------------------------------------------------------------------------------

WAY = [  # stage, who, due when everything is done on Monday 2 November 09:30
    ("acceptance", ["store_superior"], "2026-11-03 18:00"),
    ("assign", ["admin_dept"], "2026-11-03 18:00"),
    ("investigation", [UNIT, UNIT], "2026-11-05 18:00"),
    ("admin_opinion", ["admin_dept"], "2026-11-03 18:00"),
    ("gm_review", ["general_manager"], "2026-11-03 18:00"),
    ("handling_opinion", [UNIT, UNIT], "2026-11-03 18:00"),
    ("reply", ["customer_service"], "2026-11-03 18:00"),
]


@pytest.mark.clauses(ID, "九", "十一", "十二", "十三", "十四")
@pytest.mark.capabilities("RT-01", "RT-25", "DL-22", "GA-11")
def test_a_complaint_goes_from_the_store_to_the_general_manager_and_back_to_customer_service() -> None:
    """七 to 十四; the days are ours: three for the investigation, one for every other step."""
    desk = logged()
    for stage, who, due in WAY:
        assert (desk.open_stages(), desk.roles(stage), desk.due(stage)) == ([stage], who, local(due)), stage
        take(desk, stage)
    case = desk.case()
    assert (case.outcome, case.number, case.told_at) == ("answered", "202611-001", local("2026-11-02 09:30"))
    assert desk.promise().due_at == local("2026-11-16 18:00")


@pytest.mark.clauses(ID, "七")
@pytest.mark.capabilities("IN-09")
def test_the_superior_rules_whether_the_store_s_complaint_is_accepted() -> None:
    """七 「各門店接到投訴后,應確認其投訴理由是否成立,呈報上級主管裁定是否受理。」"""
    desk = logged(justified=False)
    assert desk.case().number is None
    assert refused_fields(lambda: take(desk, "acceptance", cause=None, several_or_unclear=None)) == {"cause"}
    assert refused_fields(lambda: take(desk, "acceptance", several_or_unclear=None)) == {"several_or_unclear"}
    take(desk, "acceptance")
    assert desk.case().number == "202611-001"


@pytest.mark.clauses(ID, "七")
@pytest.mark.capabilities("IN-09", "CC-07", "OS-01")
def test_the_customers_own_cause_is_explained_quickly_by_the_store_and_closes_the_case() -> None:
    """七 「如屬客戶原因,應迅速答復客戶,婉轉講明理由,請客戶諒解。」; quickly is one working day (ours)."""
    desk = at("decline", **CUSTOMERS)
    assert (desk.roles("decline"), desk.due("decline")) == (["store"], local("2026-11-03 18:00"))
    assert desk.may_reply()
    for missing in ("reason_told", "reply_channel"):
        assert refused_fields(lambda name=missing: take(desk, "decline", **{name: None})) == {missing}
    assert "婉转" in WALK.file.label("reason_told", "zh-Hans", aspect="hint")
    take(desk, "decline")
    assert (desk.case().outcome, desk.case().status, desk.open_stages()) == ("customers_cause", "finished", [])


@pytest.mark.clauses(ID, "十五")
def test_numbers_begin_anew_with_the_month() -> None:
    """十五 「受理時間和編號」; that they begin anew each month is D7."""
    desk = logged()
    take(desk, "acceptance")
    for case_id, day in (("case2", "2026-11-30 10:00"), ("case3", "2026-12-01 10:00")):
        desk.clock.at = local(day)
        desk.log(WALK.reporter, case_id, **{**WALK.form, "customer": f"Customer of {case_id}"})
        WALK.take(desk, "acceptance", case_id=case_id)
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]


def test_a_simple_matter_stays_in_the_store() -> None:
    """Ours, since article 8 is lost: no report, no general manager; the store proposes, its superior checks."""
    desk = at("handling_opinion", **SIMPLE)
    assert [v.stage for v in desk.case().visits.values()] == ["intake", "acceptance", "handling_opinion"]
    assert desk.roles("handling_opinion") == ["store", "store_superior"]
    take(desk, "handling_opinion")
    assert desk.open_stages() == ["reply"]
    take(desk, "reply")
    assert "implement" not in desk.open_stages()


@pytest.mark.clauses(ID, "十五")
@pytest.mark.capabilities("IN-05", "RD-01")
@pytest.mark.parametrize("missing", ["customer", "anonymous", "contact", "complaint", "demand", "justified"])
def test_the_record_card_is_complete(missing: str) -> None:
    """十五 「投訴客戶名稱、客戶要求、受理時間和編號、受理部門處理意見」."""
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}
    card = WALK.file.papers.forms["record_card"].fill
    assert set(card) == {"customer", "demand", "opened_on", "number", "handling_opinion"}


@pytest.mark.clauses(ID, "十七", "十一")
@pytest.mark.capabilities("RD-05")
@pytest.mark.parametrize("missing", REPORT)
def test_the_report_has_six_contents(missing: str) -> None:
    """十七 「發生原因、具體經過、具體責任者、結論、對策和防范措施」."""
    desk = at("investigation")
    assert refused_fields(lambda: take(desk, "investigation", **{missing: None})) == {missing}
    assert WALK.file.papers.forms["investigation_report"].fill == REPORT


@pytest.mark.clauses(ID, "十一", "十二")
def test_the_head_checks_the_report_before_administration_gets_it_and_copies_go_along() -> None:
    """十一 「一同交主管審核后,交行政人事部」; 十二 「呈報總經理批閱,回復受理部門」."""
    desk = at("investigation")
    WALK.take(desk, "investigation")
    assert (desk.open_stages(), may_decide(desk, "investigation")) == (["investigation"], {f"head of {UNIT}"})
    desk.decide(head(UNIT), "investigation")
    take(desk, "admin_opinion")
    take(desk, "gm_review")
    assert [(c.of, c.to) for c in desk.happened(e.CopiesSent)] == [
        ("record_card", ("admin_dept",)),
        ("investigation_report", ("admin_dept",)),
        ("investigation_report", ("general_manager",)),
        ("investigation_report", (UNIT,)),
    ]


MUST = [
    ("assign", {}, "handling_unit"), ("assign", {}, "order_given"), ("admin_opinion", {}, "admin_opinion"),
    ("gm_review", {}, "gm_comment"), ("handling_opinion", {}, "handling_opinion"), ("handling_opinion", {}, "remedy"),
    ("handling_opinion", {"remedy": "price_reduction"}, "amount"), ("handling_opinion", {"remedy": "compensation"}, "amount"),
    ("reply", {}, "answer"), ("reply", {}, "reply_channel"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "given", "missing"), MUST)
def test_each_stage_fills_what_it_must(stage: str, given: dict[str, Any], missing: str) -> None:
    desk = at(stage)
    assert refused_fields(lambda: take(desk, stage, **{**given, missing: None})) == {missing}


@pytest.mark.clauses(ID, "十二")
@pytest.mark.capabilities("RT-10")
def test_the_general_manager_sends_it_back_with_a_reason() -> None:
    """D18, 十二: his comments go back to the department."""
    desk = at("gm_review")
    assert refused_fields(lambda: take(desk, "gm_review", "return")) == {"reason"}
    desk.decide(person("general_manager"), "gm_review", "return", reason="Who weighed it?", to_stage="investigation")
    assert (desk.open_stages(), desk.due("investigation")) == (["investigation"], local("2026-11-05 18:00"))


# --- the reply ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "十四", "二十五")
@pytest.mark.capabilities("CC-04")
def test_only_customer_service_replies_and_not_before_the_opinion() -> None:
    """十四 「返回營運部客服,由客服以書面或者口頭形式答復客戶」."""
    desk = at("reply")
    assert may_decide(desk, "reply") == {"customer_service"}
    by = WALK.file.reply.by
    assert by is not None
    assert [str(r) for r in WALK.file.tables["replier"].results] == ["store", "customer_service"]
    assert WALK.file.fields["reply_channel"].choices == ("written_reply", "oral_reply")
    assert set(WALK.file.reply.channels) == {"written_reply", "oral_reply"}
    with pytest.raises(NotAuthorized):
        desk.decide(person("store"), "reply", "told", answer="x", reply_channel="oral_reply")
    take(desk, "reply")
    assert [x.channel for x in desk.happened(e.OutcomeTold)] == ["written_reply"]


@pytest.mark.clauses(ID, "十四", "二十五")
@pytest.mark.capabilities("CC-04")
@pytest.mark.parametrize(
    ("cause", "language", "who"),
    [
        ("company", "en", "Customer service of operations"),
        ("customer_side", "en", "Store"),
        (None, "en", "Store or Customer service of operations"),
        (None, "zh-Hant", "門店或營運部客服"),
    ],
)
def test_a_card_says_who_answers_in_words(cause: str | None, language: str, who: str) -> None:
    """Not "whoever table “Who answers” names": the one it is, and while the cause is open those who may be it."""
    unnamed = replace(PolicyDesk(ID).settings.plan(), roles={})

    assert replier_name(WALK.file, {"cause": cause} if cause else {}, unnamed, language) == who


AMOUNTS = [
    ("0.01", None),
    ("1000", None),
    ("1000.01", "deputy_gm"),
    ("10000", "deputy_gm"),
    ("10000.01", "general_manager"),
]


@pytest.mark.clauses(ID, "十八")
@pytest.mark.parametrize(("amount", "approver"), AMOUNTS)
def test_money_is_approved_by_its_amount(amount: str, approver: str | None) -> None:
    """十八 refers to rules that are not in the text: D11, the head to 1 000, the deputy to 10 000, the general manager above."""
    desk = at("handling_opinion")
    take(desk, "handling_opinion", **MONEY, amount=amount)
    assert desk.open_stages() == (["reply"] if approver is None else ["money_approval"])
    if approver is not None:
        assert (desk.roles("money_approval"), desk.due("money_approval")) == ([approver], local("2026-11-02 18:00"))


def test_nothing_is_paid_for_nothing() -> None:
    desk = at("handling_opinion")
    assert refused_fields(lambda: take(desk, "handling_opinion", **MONEY, amount="0")) == {"amount"}


# --- lateness, improvement, callback, objection -------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二十五")
@pytest.mark.capabilities("DL-22")
def test_a_late_stage_climbs_and_administration_hears_when_the_whole_case_is_late() -> None:
    """D5; 二十五 「行政人事部負責案件的檢查、監督、落實與協調」."""
    desk = at("assign")
    desk.at("2026-11-03 18:00")
    assert head("admin_dept") in slips(desk)
    assert not desk.told("escalation")
    desk.at("2026-11-04 18:00")
    assert person("general_manager") in {n.to for n in desk.told("escalation")}
    assert not desk.told("rule")
    desk.at("2026-11-16 18:00")
    assert {n.to for n in desk.told("rule")} == {person("admin_dept"), person("admin_dept", 2)}


@pytest.mark.clauses(ID, "十七", "二十五")
@pytest.mark.capabilities("OS-09")
def test_administration_sees_to_it_until_the_measure_works() -> None:
    """十七 「對策和防范措施」, 二十五 「落實」; after three rounds the general manager rules (ours)."""
    desk = closed()
    assert (desk.roles("implement"), desk.due("implement")) == ([UNIT], local("2026-11-16 18:00"))
    assert refused_fields(lambda: take(desk, "implement", carried_out=None)) == {"carried_out"}
    for _ in range(4):
        take(desk, "implement")
        assert (desk.roles("check_effect"), desk.due("check_effect")) == (["admin_dept"], local("2026-11-09 18:00"))
        assert refused_fields(lambda: take(desk, "check_effect", effective=None)) == {"effective"}
        take(desk, "check_effect", effective=False)
    assert desk.due("gm_measure") == local("2026-11-04 18:00")
    assert refused_fields(lambda: take(desk, "gm_measure", ruling_on_measure=None)) == {"ruling_on_measure"}
    take(desk, "gm_measure")
    assert "gm_measure" not in desk.open_stages()

    desk = closed()
    take(desk, "implement")
    take(desk, "check_effect")
    assert desk.open_stages() == ["callback"]


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_who_is_not_satisfied_gets_another_handling_opinion(answers: dict[str, Any], reopens: bool) -> None:
    """D6: three days after the answer."""
    desk = closed()
    assert desk.due("callback") == local("2026-11-05 24:00")
    usual = WALK.steps["callback"][2]
    for missing in usual:
        assert refused_fields(lambda n=missing: WALK.called(desk, **{n: None})) == {missing}
    WALK.called(desk, **answers)
    assert ("handling_opinion" in desk.open_stages()) is reopens
    told = {n.to for n in desk.told("rule")}
    assert told == ({head("customer_service"), person("admin_dept"), person("admin_dept", 2)} if reopens else set())


def test_three_calls_without_an_answer_are_enough() -> None:
    """D6."""
    desk = closed()
    for day in ("03", "04", "05"):
        desk.clock.at = local(f"2026-11-{day} 10:00")
        assert "callback" in desk.open_stages()
        WALK.called(desk, "no_answer")
    assert "callback" not in desk.open_stages()


def test_the_superior_decides_on_anonymous_complaints() -> None:
    """D10: recorded, no callback."""
    desk = at("anonymous_gate", anonymous=True, contact=None)
    assert desk.due("anonymous_gate") == local("2026-11-03 18:00")
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    desk.decide(person("store_superior"), "anonymous_gate", "record_only", reason="Nothing to go by")
    assert (desk.case().outcome, desk.open_stages()) == ("recorded_only", [])
    desk = at("file_unanswered", anonymous=True, contact=None)
    assert desk.due("file_unanswered") == local("2026-11-02 11:30")
    take(desk, "file_unanswered")
    assert (desk.case().outcome, desk.case().told_at, desk.open_stages()) == ("handled_unanswered", None, [])


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_the_handling_department_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12."""
    desk = closed()
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, person(UNIT))
        return
    assert refused_fields(lambda: WALK.object(desk, person(UNIT), objection_reason="")) == {"objection_reason"}
    WALK.object(desk, person(UNIT))
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert "handling_opinion" in desk.open_stages()


def test_papers_registers_and_monthly_figures() -> None:
    """D7, D8, D9, D15."""
    desk = closed()
    [row] = [x.row for x in desk.happened(e.RegisterEntered) if x.register == "complaint_register"]
    assert (row["cause"], row["customer"] is not None) == ("company", True)
    papers, duty, repeat = WALK.file.papers, WALK.file.duties["statistics"], WALK.file.repeat
    assert (str(papers.keep), papers.archive_by) == ("3 years", "admin_dept")
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month", "10th", "admin_dept", ["general_manager", "customer_service"],
    )  # fmt: skip
    assert repeat is not None
    assert (repeat.same, str(repeat.within)) == (("customer",), "3 months")


# --- who may, stage by stage ---------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[str, str]] = {  # stage: who may decide it (everybody else is refused); what may be decided
    "intake": ("store, reporter", "submit return"),
    "anonymous_gate": ("store_superior", "investigate_it record_only return"),
    "acceptance": ("store_superior", "rule return"),
    "decline": ("store, reporter", "told return"),
    "assign": ("admin_dept", "order return"),
    "investigation": (UNIT, "report return"),
    "admin_opinion": ("admin_dept", "present return"),
    "gm_review": ("general_manager", "comment return"),
    "handling_opinion": (UNIT, "propose return"),
    "money_approval": ("deputy_gm", "approve return"),
    "file_unanswered": ("customer_service", "file_it return"),
    "reply": ("customer_service", "told return"),
    "implement": (UNIT, "done return"),
    "check_effect": ("admin_dept", "checked return"),
    "gm_measure": ("general_manager", "rule return"),
    "callback": ("customer_service", "satisfied unreached dissatisfied return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "intake":
            desk = logged()
            desk.decide(person("store_superior"), "acceptance", "return", reason="Which store?")
            return desk
        case "anonymous_gate" | "file_unanswered":
            return at(stage, anonymous=True, contact=None)
        case "decline":
            return at(stage, **CUSTOMERS)
        case "money_approval":
            return at(stage, **MONEY, amount="5000")
        case "callback" | "implement":
            return closed()
        case "check_effect" | "gm_measure":
            desk = closed()
            while stage not in desk.open_stages():
                now = next(s for s in desk.open_stages() if s in ("implement", "check_effect"))
                take(desk, now, **({"effective": False} if now == "check_effect" else {}))
            return desk
        case "objection_ruling":
            desk = closed()
            WALK.object(desk, person(UNIT))
            return desk
        case _:
            return at(stage)


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    who, what = TABLE[stage]
    desk = waiting_at(stage)
    assert may_decide(desk, stage) == named(who)
    assert decisions(desk, stage) == what


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)
