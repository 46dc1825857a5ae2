"""customer-service-conduct: true cause and wanted result, an apology only where liable, a fine for each complaint, a daily report."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import events as e
from complaints.facts import Facts
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, Recused
from complaints.reply import apology_of
from complaints.views import Look
from complaints.views_visit import visit_view
from handlers.cards.approval import approval_card
from tests.support.company import local
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "customer-service-conduct"
REP, MANAGER = person("representative"), person("department_manager")
BLAMED = "UCLERK"
WALK = Walk(
    policy=ID,
    reporter=REP,
    form={
        "complainant_kind": "from_customer", "anonymous": False, "customer": "Mr Sun", "contact": "137",
        "complaint": "Nobody came", "true_cause": "The order was lost", "wanted_result": "A visit today",
        "liability": "company", "certain": True, "small": True, "against_person": False,
    },
    steps={
        "anonymous_gate": (MANAGER, "investigate_it", {}),
        "manager_decides": (MANAGER, "decided_now", {"gravity": "slight", "answer_decided": "We come today", "report_to_company": False}),
        "file_unanswered": (MANAGER, "file_it", {}),
        "reply": (REP, "told", {"answer": "We come today", "reply_channel": "by_phone", "not_exaggerated": True, "no_pressure": True}),
        "fine_decision": (MANAGER, "impose", {"fine_reason": "He forgot it"}),
        "deduct_from_pay": (person("payroll"), "booked", {"pay_month": "2026-11-30"}),
        "callback": (REP, "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
PERSON: dict[str, Any] = {"against_person": True, "person_complained_of": BLAMED}
SALES: dict[str, Any] = {
    "complainant_kind": "from_sales_staff",
    "customer": None,
    "contact": None,
    "colleague": "USELLER",
}
take = WALK.take
FORM_ONLY = ("person_complained_of", "colleague")


def logged(**changes: Any) -> PolicyDesk:
    return WALK.logged(**changes)


def at(stage: str, **changes: Any) -> PolicyDesk:
    form = {n: v for n, v in changes.items() if n in WALK.form or n in FORM_ONLY}
    desk = logged(**form)
    return WALK.on(desk, stage, **{n: v for n, v in changes.items() if n not in form})


def closed(**changes: Any) -> PolicyDesk:
    return at("closed", **changes)


def fined(gravity: str = "slight") -> PolicyDesk:
    return closed(**PERSON, gravity=gravity, established=True)


# --- 三: what is asked -------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "三2", "三4")
@pytest.mark.capabilities("IN-05", "CC-20", "GA-11")
@pytest.mark.parametrize("missing", sorted(WALK.form))
def test_true_cause_and_wanted_result_are_asked_with_all_the_rest(missing: str) -> None:
    """三2 「應明確客戶投訴的真正原因及想要得到的解決結果」; 三4 「建立完整的客戶資料」."""
    assert missing in refused_fields(lambda: logged(**{missing: None}))
    assert "争辩" in WALK.file.label("true_cause", "zh-Hans", aspect="hint")
    assert "打断" in WALK.file.label("complaint", "zh-Hans", aspect="hint")


@pytest.mark.clauses(ID, "六1")
@pytest.mark.capabilities("IN-17")
def test_colleagues_complain_too_and_stand_in_a_register_of_their_own() -> None:
    """六1 「如沒有客戶和銷售人員的投訴」: complaints of sales staff count, and are counted separately."""
    assert refused_fields(lambda: logged(**SALES | {"colleague": None})) == {"colleague"}
    desk = closed(**SALES)
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["internal_complaints"]
    assert "callback" not in desk.open_stages()
    assert [x.register for x in closed().happened(e.RegisterEntered)] == ["customer_file"]
    desk = PolicyDesk(ID)
    desk.log(person("sales_staff"), **{**WALK.form, **SALES})
    assert desk.open_stages() == ["reply"]


ROUTES = [  # certain, small, against a person: does the manager decide?
    (True, True, False, False), (False, True, False, True), (True, False, False, True), (True, True, True, True),
]  # fmt: skip


@pytest.mark.clauses(ID, "三3")
@pytest.mark.parametrize(("certain", "small", "against", "decides"), ROUTES)
def test_what_nobody_is_certain_of_goes_to_the_manager(
    certain: bool, small: bool, against: bool, decides: bool
) -> None:
    """三3 「如有自己不能確定的事項不能信口辭黃」; ours: what is certain and small is answered at once."""
    person_ = {"person_complained_of": BLAMED} if against else {}
    desk = logged(certain=certain, small=small, against_person=against, **person_)
    assert desk.open_stages() == (["manager_decides"] if decides else ["reply"])
    assert desk.case().number == "202611-001"


MUST = [
    ("manager_decides", {}, "gravity"), ("manager_decides", {}, "answer_decided"), ("manager_decides", {}, "report_to_company"),
    ("reply", {}, "answer"), ("reply", {}, "reply_channel"), ("reply", {}, "not_exaggerated"), ("reply", {}, "no_pressure"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "way", "missing"), MUST)
def test_each_stage_fills_what_it_must(stage: str, way: dict[str, Any], missing: str) -> None:
    desk = at(stage, certain=stage == "reply", **way)
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


def test_a_complaint_against_a_person_names_him_and_the_manager_says_whether_it_stands() -> None:
    assert refused_fields(lambda: logged(against_person=True)) == {"person_complained_of"}
    desk = at("manager_decides", **PERSON)
    assert refused_fields(lambda: take(desk, "manager_decides")) == {"established"}


# --- 三1, 五5: words ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "三1")
@pytest.mark.capabilities("CC-05")
@pytest.mark.parametrize("point", ["not_exaggerated", "no_pressure"])
def test_the_reply_promises_nothing_too_much_and_presses_nobody(point: str) -> None:
    """三1 「不得對用戶做出夸大其辭的承諾,或運用某些權威機構的名義對客戶施壓」: confirmed before it is sent."""
    desk = at("reply")
    with pytest.raises(FieldErrors) as refused:
        take(desk, "reply", **{point: False})
    assert refused.value.errors == {point: ("checklist", {"field": point})}
    take(desk, "reply")
    assert desk.case().outcome == "answered"


@pytest.mark.clauses(ID, "五5")
@pytest.mark.capabilities("CC-06")
@pytest.mark.parametrize(
    ("liability", "apology", "said", "unsaid"),
    [
        ("company", "apologise", "向您致歉", "您的情况我们已经了解"),
        ("not_company", "no_apology", "您的情况我们已经了解", "向您致歉"),
        ("not_clear", "no_apology", "您的情况我们已经了解", "向您致歉"),
    ],
)
def test_an_apology_only_where_the_company_is_liable(liability: str, apology: str, said: str, unsaid: str) -> None:
    """五5 「如果不是本公司的責任,決不要說出致歉的話語」: the card of the reply carries the words."""
    desk = at("reply", liability=liability)
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    assert apology_of(WALK.file, Facts(desk.case(), world)) == apology
    look = Look(world=world, language="zh-Hans")
    text = str(approval_card(visit_view(desk.case(), desk.open_visit("reply"), look)).blocks)
    assert said in text
    assert unsaid not in text


@pytest.mark.clauses(ID, "五5")
@pytest.mark.parametrize(
    ("liability", "report", "hears"), [("company", True, True), ("company", False, False), ("not_company", None, False)]
)
def test_the_gravity_decides_whether_the_company_hears(liability: str, report: bool | None, hears: bool) -> None:
    """五5 「如果是本公司的責任,要根據情節輕重,決定是否要上報公司」."""
    desk = at("manager_decides", certain=False, liability=liability)
    take(desk, "manager_decides", gravity="grave", report_to_company=report)
    told = {n.to for n in desk.told("rule")}
    assert told == ({person("general_manager"), person("general_manager", 2)} if hears else set())


def test_the_manager_may_see_the_liability_otherwise() -> None:
    desk = at("manager_decides", certain=False, liability="not_clear")
    take(desk, "manager_decides", liability="company", report_to_company=True)
    assert desk.case().fields["liability"] == "company"


def test_only_customer_service_replies() -> None:
    desk = at("reply")
    with pytest.raises(NotAuthorized):
        desk.decide(MANAGER, "reply", "told", **WALK.steps["reply"][2])


# --- 七1, 二3: hours and the daily report --------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "七1")
@pytest.mark.capabilities("DL-04", "GA-07")
def test_the_office_closes_at_half_past_five() -> None:
    """七1 「上班時間:早8:30——17:30」: one working day ends there (D4: ten for the case)."""
    desk = logged(certain=False)
    assert desk.due("manager_decides") == local("2026-11-03 17:30")
    assert desk.promise().due_at == local("2026-11-16 17:30")
    desk.decide(person("department_manager"), "manager_decides", "return", reason="What did he say?", to_stage="intake")
    assert desk.due("intake") == local("2026-11-03 17:30")
    desk = logged(certain=False)
    take(desk, "manager_decides")
    assert desk.due("reply") == local("2026-11-03 17:30")


@pytest.mark.clauses(ID, "二3")
@pytest.mark.capabilities("DL-16", "SR-02")
def test_every_day_ends_with_a_report_to_the_manager() -> None:
    """二3 「根據當天的工作情況……以工作報表的形式進行登記,并向部門經理匯報」."""
    desk = PolicyDesk(ID)
    case_id = desk.begin_duty("daily_report", "2026-11-02")
    assert desk.due("daily_report", case_id) == local("2026-11-02 17:30")
    lines = [{"customer": "Mr Sun", "matter": "visit", "result": "promised"}]
    with pytest.raises(NotAuthorized):
        desk.decide(MANAGER, "daily_report", "approve", case_id, contacts_of_the_day=lines)
    assert refused_fields(lambda: desk.decide(REP, "daily_report", "approve", case_id)) == {"contacts_of_the_day"}
    desk.decide(REP, "daily_report", "approve", case_id, contacts_of_the_day=lines)
    assert "CDEPARTMENTMANAGER" in {n.to for n in desk.told("duty")}


# --- 六1: the fine --------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "六1")
@pytest.mark.capabilities("LP-08")
@pytest.mark.parametrize(("gravity", "fine"), [("slight", "10.00"), ("medium", "50.00"), ("grave", "200.00")])
def test_each_established_complaint_is_fined_by_its_gravity(gravity: str, fine: str) -> None:
    """六1 「視情節嚴重性而定,最低罰款10元/次」; 50 and 200 are ours."""
    desk = fined(gravity)
    assert (desk.roles("fine_decision"), desk.due("fine_decision")) == (
        ["department_manager"],
        local("2026-11-03 17:30"),
    )
    assert refused_fields(lambda: take(desk, "fine_decision", fine_reason=None)) == {"fine_reason"}
    take(desk, "fine_decision")
    assert desk.case().amounts["fine"] == fine
    [row] = [x.row for x in desk.happened(e.RegisterEntered) if x.register == "fines"]
    assert row["person_complained_of"] == BLAMED
    assert (desk.roles("deduct_from_pay"), desk.due("deduct_from_pay")) == (["payroll"], local("2026-12-02 24:00"))
    assert refused_fields(lambda: take(desk, "deduct_from_pay", pay_month=None)) == {"pay_month"}
    take(desk, "deduct_from_pay")
    assert desk.open_stages() == ["callback"]


@pytest.mark.clauses(ID, "六1")
@pytest.mark.parametrize(
    ("way", "opens"), [({**PERSON, "established": True}, True), ({**PERSON, "established": False}, False), ({}, False)]
)
def test_nobody_is_fined_for_what_does_not_stand(way: dict[str, Any], opens: bool) -> None:
    desk = closed(**way)
    assert ("fine_decision" in desk.open_stages()) is opens
    assert ("fine" in desk.case().amounts) is opens


def test_nobody_fines_himself() -> None:
    desk = closed(**PERSON | {"person_complained_of": MANAGER}, established=True)
    with pytest.raises(Recused):
        take(desk, "fine_decision")
    desk.decide(person("department_manager", 2), "fine_decision", "impose", fine_reason="He forgot it")


@pytest.mark.clauses(ID, "六1")
def test_the_payroll_gets_the_fines_of_the_month() -> None:
    duty = WALK.file.duties["pay_list"]
    assert (duty.every, duty.by, [str(w) for w in duty.send_to]) == ("month", "10th", ["payroll"])
    assert {"person_complained_of", "fine"} <= set(duty.contents)


# --- defaults ------------------------------------------------------------------------------------------------------------------


@pytest.mark.capabilities("DL-22")
def test_a_late_reply_climbs_to_the_general_manager() -> None:
    """D5."""
    desk = at("reply")
    desk.at("2026-11-03 20:00")
    assert head("representative") in slips(desk)
    assert not desk.told("escalation")
    desk.at("2026-11-04 17:30")
    assert person("general_manager") in {n.to for n in desk.told("escalation")}


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_who_is_not_satisfied_comes_before_the_manager(answers: dict[str, Any], reopens: bool) -> None:
    """D6."""
    desk = closed()
    assert (desk.roles("callback"), desk.due("callback")) == (["representative"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    WALK.called(desk, **answers)
    assert ("manager_decides" in desk.open_stages()) is reopens
    assert bool(desk.told("rule")) is reopens


def test_the_manager_decides_on_anonymous_complaints() -> None:
    """D10."""
    nameless = {"anonymous": True, "customer": None, "contact": None}
    desk = at("anonymous_gate", **nameless)
    assert desk.due("anonymous_gate") == local("2026-11-03 17:30")
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    take(desk, "anonymous_gate", "record_only", reason="Nothing to go by")
    assert desk.case().outcome == "recorded_only"
    desk = at("file_unanswered", **nameless)
    assert desk.due("file_unanswered") == local("2026-11-03 17:30")
    take(desk, "file_unanswered")
    assert (desk.case().outcome, desk.case().told_at) == ("handled_unanswered", None)


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_the_person_complained_of_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12."""
    desk = fined()
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, BLAMED)
        return
    assert refused_fields(lambda: WALK.object(desk, BLAMED, objection_reason="")) == {"objection_reason"}
    WALK.object(desk, BLAMED)
    assert desk.due("objection_ruling") == local("2026-11-11 17:30")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert "manager_decides" in desk.open_stages()


def test_monthly_figures_retention_and_repeats() -> None:
    """D8, D9, D15."""
    duty, repeat = WALK.file.duties["statistics"], WALK.file.repeat
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month", "10th", "department_manager", ["general_manager"],
    )  # fmt: skip
    assert str(WALK.file.papers.keep) == "3 years"
    assert repeat is not None
    assert (repeat.same, str(repeat.within)) == (("customer",), "3 months")


# --- who may, stage by stage ---------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[str, str]] = {  # stage: who may decide it (everybody else is refused); what may be decided
    "intake": ("representative, sales_staff, reporter", "send return"),
    "anonymous_gate": ("department_manager", "investigate_it record_only return"),
    "manager_decides": ("department_manager", "decided_now return"),
    "file_unanswered": ("department_manager", "file_it return"),
    "reply": ("representative, reporter", "told return"),
    "fine_decision": ("department_manager", "impose return"),
    "deduct_from_pay": ("payroll", "booked return"),
    "callback": ("representative, reporter", "satisfied unreached dissatisfied return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "intake":
            desk = logged(certain=False)
            desk.decide(MANAGER, "manager_decides", "return", reason="Ask again")
            return desk
        case "anonymous_gate" | "file_unanswered":
            return at(stage, anonymous=True, customer=None, contact=None)
        case "manager_decides":
            return at(stage, certain=False)
        case "fine_decision":
            return fined()
        case "deduct_from_pay":
            desk = fined()
            take(desk, "fine_decision")
            return desk
        case "callback":
            return closed()
        case "objection_ruling":
            desk = fined()
            WALK.object(desk, BLAMED)
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
