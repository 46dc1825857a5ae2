"""business-hall: intent gives the response, the customer signs, a promised day is kept, what exceeds the hall goes up."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import events as e
from complaints.facts import Facts
from complaints.refusals import NotAllowedHere, NotAuthorized
from complaints.reply import apology_of
from tests.support.company import local
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "business-hall"
STAFF = person("hall_staff")
WALK = Walk(
    policy=ID,
    reporter=STAFF,
    form={
        "customer": "Mr Qian", "anonymous": False, "contact": "139", "channel": "told_to_staff", "invited": True,
        "statement": "Billed twice", "category": "billing", "stated_intent": "solve", "signed_record": ["F1"],
    },
    steps={
        "anonymous_gate": (person("hall_manager"), "investigate_it", {}),
        "answer": (STAFF, "go_on", {"on_the_spot": True, "answer_given": "Credited", "agreed": True}),
        "later_answer": (STAFF, "answered_now", {"answer_given": "Credited", "agreed": True}),
        "explain": (STAFF, "explained_now", {"explained": "The second bill is the new month", "beyond_authority": False}),
        "escalate": (person("hall_manager"), "coordinated", {"coordination": "Half is credited"}),
        "file_unanswered": (STAFF, "file_it", {}),
        "thank": (STAFF, "taken_leave", {"closing_words": "thanked", "told_by": "in_person"}),
        "enter_in_system": (STAFF, "entered", {"wms_number": "W-1"}),
        "superior_steps_in": (person("hall_manager"), "seen_to", {"step_taken": "Called them"}),
        "callback": (person("hall_manager"), "satisfied", {"solved": True, "score": "5"}),
    },
)  # fmt: skip
LATER: dict[str, Any] = {"on_the_spot": False, "answer_given": None, "agreed": None, "promised_on": "2026-11-05"}
ASIDE = ("enter_in_system", "superior_steps_in", "callback")
take, logged = WALK.take, WALK.logged


def at(stage: str, **changes: Any) -> PolicyDesk:
    """Return a desk whose case waits at *stage*; what runs beside the route is left alone."""
    desk = logged(**{n: v for n, v in changes.items() if n in WALK.form})
    rest = {n: v for n, v in changes.items() if n not in WALK.form}
    while stage not in desk.open_stages() and desk.case().closed_at is None:
        now = next(s for s in desk.open_stages() if s not in ASIDE)
        take(desk, now, **{n: v for n, v in rest.items() if n in WALK.file.stages[now].filled})
    return desk


def closed(**changes: Any) -> PolicyDesk:
    return at("closed", **changes)


def intent_of(desk: PolicyDesk, case_id: str = "case1") -> Any:
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    symbol = desk.bundle("").policy.symbols.get("intent")
    assert symbol is not None
    return symbol.get(Facts(desk.case(case_id), world))


# --- 1: channels and intents ----------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "1.1")
@pytest.mark.capabilities("IN-01")
def test_two_ways_lead_to_a_complaint() -> None:
    """1 「直接向营业服务人员表示;」 「填写营业厅的客户意见簿。」 Whoever writes in the book is in no room."""
    assert WALK.file.fields["channel"].choices == ("told_to_staff", "comment_book")
    assert refused_fields(lambda: logged(invited=None)) == {"invited"}
    assert set(logged(channel="comment_book", invited=None).open_stages()) == {"answer", "enter_in_system"}


RESPONSES = {
    "solve": "倾听，认同并表达改善之意，及时处理与回复",
    "vent": "倾听",
    "expectation": "认同并表达改善之意",
    "company_fault": "认同并表达改善之意",
}


@pytest.mark.clauses(ID, "1.2")
@pytest.mark.capabilities("CL-15", "CC-20")
@pytest.mark.parametrize("intent", RESPONSES)
def test_each_intent_has_its_marks_and_its_response(intent: str) -> None:
    """1 「理由充分,愤怒中带有理智……」 and so on: the script stands under the choice."""
    assert RESPONSES[intent] in WALK.file.label(intent, "zh-Hans", aspect="hint")
    assert intent_of(logged(stated_intent=intent)) == intent


@pytest.mark.clauses(ID, "1.2")
@pytest.mark.capabilities("CL-09", "SR-06")
def test_five_of_a_kind_in_a_day_are_a_fault_of_the_company_and_the_superior_hears() -> None:
    """1 「或在短时间内出现批量投诉」; ours: five of the same category in 24 hours."""
    desk = logged()
    for number in range(2, 5):
        desk.log(STAFF, f"case{number}", **WALK.form)
    desk.log(STAFF, "other", **{**WALK.form, "category": "tariff"})
    assert (intent_of(desk, "case4"), desk.told("rule")) == ("solve", [])
    desk.log(STAFF, "case5", **WALK.form)
    assert intent_of(desk, "case5") == "company_fault"
    assert {n.to for n in desk.told("rule")} == {person("hall_manager"), person("hall_manager", 2), head("hall_staff")}

    desk = logged()
    for number in range(2, 5):
        desk.log(STAFF, f"case{number}", **WALK.form)
    desk.clock.at = local("2026-11-03 09:31")
    desk.log(STAFF, "case5", **WALK.form)
    assert (intent_of(desk, "case5"), desk.told("rule")) == ("solve", [])


# --- 3: six steps -----------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.1", "3.2", "2.1")
@pytest.mark.capabilities("IN-03", "IN-10", "CC-11")
def test_whoever_is_told_first_records_it_has_it_signed_and_keeps_it() -> None:
    """2 「首问责任制,不得推诿」; 3 「倾听并详细记录客户陈述内容,并请客户签字确认」."""
    assert refused_fields(lambda: logged(signed_record=None)) == {"signed_record"}
    desk = logged()
    assert (desk.roles("answer"), may_decide(desk, "answer")) == ([STAFF], {"reporter"})
    with pytest.raises(NotAuthorized):
        take_by(desk, person("hall_staff", 2))
    assert "请到接待室" in WALK.file.label("calm", "zh-Hans", aspect="ask")


def take_by(desk: PolicyDesk, who: str) -> None:
    desk.decide(who, "answer", "go_on", **WALK.steps["answer"][2])


@pytest.mark.clauses(ID, "3.2")
@pytest.mark.parametrize(
    "missing", ["customer", "anonymous", "contact", "channel", "statement", "category", "stated_intent"]
)
def test_the_record_is_complete(missing: str) -> None:
    """「详细记录」."""
    assert refused_fields(lambda: logged(**{missing: None})) >= {missing}


@pytest.mark.clauses(ID, "3.3")
@pytest.mark.capabilities("IN-04", "GA-11")
def test_what_is_answered_on_the_spot_only_needs_thanks() -> None:
    """3 「力求在现场回复客户(包括请示上级主管等方式)」."""
    desk = logged()
    assert desk.due("answer") == local("2026-11-02 18:00")
    for missing in ("on_the_spot", "answer_given", "agreed"):
        assert refused_fields(lambda name=missing: take(desk, "answer", **{name: None})) >= {missing}
    take(desk, "answer")
    assert [s for s in desk.open_stages() if s not in ASIDE] == ["thank"]
    take(desk, "thank")
    assert (desk.case().outcome, desk.case().number) == ("answered", "202611-001")
    assert desk.promise().due_at == local("2026-11-16 18:00")


@pytest.mark.clauses(ID, "3.3")
@pytest.mark.capabilities("DL-06", "CC-11")
@pytest.mark.parametrize(("promised", "due"), [("2026-11-02", "2026-11-02 24:00"), ("2026-11-12", "2026-11-12 24:00")])
def test_the_day_told_to_the_customer_is_the_limit(promised: str, due: str) -> None:
    """3 「如不能现场答复的应告知客户需要的时间(有必要时需请客户签字确认)」."""
    desk = logged()
    assert refused_fields(lambda: take(desk, "answer", **LATER | {"promised_on": None})) == {"promised_on"}
    assert refused_fields(lambda: take(desk, "answer", **LATER | {"promised_on": "2026-11-01"})) == {"promised_on"}
    take(desk, "answer", **LATER | {"promised_on": promised, "signed_promise": ["F2"]})
    assert (desk.roles("later_answer"), desk.due("later_answer")) == ([STAFF], local(due))
    for missing in ("answer_given", "agreed"):
        assert refused_fields(lambda name=missing: take(desk, "later_answer", **{name: None})) == {missing}
    take(desk, "later_answer")
    assert "thank" in desk.open_stages()


def test_two_working_days_where_no_day_was_promised() -> None:
    """Ours."""
    limit = WALK.file.stages["later_answer"].limit
    assert limit is not None
    assert str(limit.text) == "2 working days"


ABOVE = [
    ("0.01", "hall_manager"),
    ("1000", "hall_manager"),
    ("1000.01", "deputy_gm"),
    ("10000", "deputy_gm"),
    ("10000.01", "general_manager"),
]


@pytest.mark.clauses(ID, "3.4")
@pytest.mark.capabilities("RT-07", "RT-29")
@pytest.mark.parametrize(("amount", "superior"), ABOVE)
def test_what_exceeds_the_authority_goes_to_the_next_superior(amount: str, superior: str) -> None:
    """3 「超出处理权限时应及时上报上一级主管协调处理」; D11 for the amounts."""
    desk = at("explain", agreed=False)
    take(desk, "explain", beyond_authority=True, amount=amount)
    assert (desk.roles("escalate"), desk.due("escalate")) == ([superior], local("2026-11-03 18:00"))
    assert refused_fields(lambda: desk.decide(person(superior), "escalate", "coordinated")) == {"coordination"}
    desk.decide(person(superior), "escalate", "coordinated", coordination="Half")
    assert "thank" in desk.open_stages()


@pytest.mark.clauses(ID, "3.4")
def test_who_does_not_agree_is_patiently_explained_to_first() -> None:
    """3 「若遇客户不同意,应耐心解释」."""
    desk = at("explain", agreed=False)
    assert (desk.roles("explain"), desk.due("explain")) == ([STAFF], local("2026-11-02 18:00"))
    for missing in ("explained", "beyond_authority"):
        assert refused_fields(lambda name=missing: take(desk, "explain", **{name: None})) == {missing}
    assert refused_fields(lambda: take(desk, "explain", beyond_authority=True)) == {"amount"}
    assert refused_fields(lambda: take(desk, "explain", beyond_authority=True, amount="0")) == {"amount"}
    take(desk, "explain")
    assert "escalate" not in desk.open_stages()
    assert "thank" in desk.open_stages()


@pytest.mark.clauses(ID, "3.5")
@pytest.mark.parametrize(
    ("intent", "apology"),
    [("company_fault", "apologise"), ("solve", "no_apology"), ("vent", "no_apology"), ("expectation", "no_apology")],
)
def test_thanks_or_an_apology_close_the_matter(intent: str, apology: str) -> None:
    """3 「投诉处理完毕,要向客户致谢或致歉」: an apology where the company is at fault."""
    desk = at("thank", stated_intent=intent)
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    assert apology_of(WALK.file, Facts(desk.case(), world)) == apology
    assert desk.due("thank") == local("2026-11-03 18:00")
    for missing in ("closing_words", "told_by"):
        assert refused_fields(lambda name=missing: take(desk, "thank", **{name: None})) == {missing}
    assert WALK.file.fields["closing_words"].choices == ("thanked", "apologised")
    take(desk, "thank")
    assert [x.channel for x in desk.happened(e.OutcomeTold)] == ["in_person"]


@pytest.mark.clauses(ID, "3.6")
def test_a_sign_of_escalation_calls_the_superior_at_once_at_any_time() -> None:
    """3 「若遇到有升级投诉倾向的时候,要及时向上级上报」."""
    desk = logged()
    sign = {"sign_of_escalation": "He calls the newspaper"}
    assert refused_fields(lambda: WALK.object(desk, STAFF, "report_escalation", sign_of_escalation="")) == {
        "sign_of_escalation"
    }
    with pytest.raises(NotAuthorized):
        WALK.object(desk, person("deputy_gm"), "report_escalation", **sign)
    WALK.object(desk, person("hall_staff", 2), "report_escalation", **sign)
    assert (desk.roles("superior_steps_in"), desk.due("superior_steps_in")) == (
        ["hall_manager"],
        local("2026-11-02 11:30"),
    )
    assert refused_fields(lambda: take(desk, "superior_steps_in", step_taken=None)) == {"step_taken"}
    take(desk, "superior_steps_in")
    assert "answer" in desk.open_stages()


@pytest.mark.clauses(ID, "7")
@pytest.mark.capabilities("RD-13")
def test_every_record_is_entered_in_the_other_system_the_same_day() -> None:
    """7 「所有客户投诉记录应及时录入WMS投诉管理系统」."""
    desk = logged()
    assert (desk.roles("enter_in_system"), desk.due("enter_in_system")) == ([STAFF], local("2026-11-02 18:00"))
    assert refused_fields(lambda: take(desk, "enter_in_system", wms_number=None)) == {"wms_number"}
    [row] = [x.row for x in desk.happened(e.RegisterEntered) if x.register == "hall_register"]
    assert row["category"] == "billing"
    closed_desk = closed()
    take(closed_desk, "enter_in_system")
    WALK.called(closed_desk)
    assert closed_desk.case().status == "finished"


# --- lateness and defaults ----------------------------------------------------------------------------------------------------


@pytest.mark.capabilities("DL-22")
def test_a_broken_promise_climbs() -> None:
    """D5: the slip to the owner and the head at the promised time, one working day later the general manager."""
    desk = at("later_answer", **LATER)
    desk.at("2026-11-06 08:00")
    assert head("hall_staff") in slips(desk)
    desk.at("2026-11-06 17:59")
    late = [n for n in desk.told("escalation") if n.visit == desk.visit("later_answer")]
    assert late == []
    desk.at("2026-11-06 18:00")
    assert person("general_manager") in {n.to for n in desk.told("escalation") if n.visit == desk.visit("later_answer")}


@pytest.mark.clauses(ID, "2.2")
@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_the_superior_asks_whether_the_customer_is_content(answers: dict[str, Any], reopens: bool) -> None:
    """2 「以客户满意为投诉处理的最终目标」; D6."""
    desk = closed()
    assert (desk.roles("callback"), desk.due("callback")) == (["hall_manager"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    WALK.called(desk, **answers)
    assert ("explain" in desk.open_stages()) is reopens
    assert ({n.to for n in desk.told("rule")} == {head("hall_staff")}) is reopens


def test_the_superior_decides_on_anonymous_complaints() -> None:
    """D10."""
    nameless = {"anonymous": True, "contact": None, "signed_record": None}
    desk = at("anonymous_gate", **nameless)
    assert desk.due("anonymous_gate") == local("2026-11-03 18:00")
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    take(desk, "anonymous_gate", "record_only", reason="Nothing to go by")
    assert desk.case().outcome == "recorded_only"
    desk = at("file_unanswered", **nameless)
    assert desk.due("file_unanswered") == local("2026-11-03 18:00")
    take(desk, "file_unanswered")
    assert (desk.case().outcome, desk.case().told_at) == ("handled_unanswered", None)
    assert "callback" not in desk.open_stages()


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_the_staff_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12."""
    desk = closed()
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, STAFF)
        return
    assert refused_fields(lambda: WALK.object(desk, STAFF, objection_reason="")) == {"objection_reason"}
    WALK.object(desk, STAFF)
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert "explain" in desk.open_stages()


def test_monthly_figures_retention_and_repeats() -> None:
    """D8, D9, D15."""
    papers, duty, repeat = WALK.file.papers, WALK.file.duties["statistics"], WALK.file.repeat
    assert (str(papers.keep), papers.forms["signed_statement"].fill[-1]) == ("3 years", "signed_record")
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month", "10th", "hall_manager", ["general_manager"],
    )  # fmt: skip
    assert repeat is not None
    assert (repeat.same, str(repeat.within)) == (("customer", "category"), "3 months")


# --- who may, stage by stage ---------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[str, str]] = {  # stage: who may decide it (everybody else is refused); what may be decided
    "calm": ("hall_staff, reporter", "go_on return"),
    "record": ("reporter", "recorded return"),
    "anonymous_gate": ("hall_manager", "investigate_it record_only return"),
    "answer": ("reporter", "go_on return"),
    "later_answer": ("reporter", "answered_now return"),
    "explain": ("reporter", "explained_now return"),
    "escalate": ("hall_manager", "coordinated return"),
    "file_unanswered": ("reporter", "file_it return"),
    "thank": ("reporter", "taken_leave return"),
    "enter_in_system": ("reporter", "entered return"),
    "superior_steps_in": ("hall_manager", "seen_to return"),
    "callback": ("hall_manager", "satisfied unreached dissatisfied return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "calm" | "record":
            desk = logged()
            desk.decide(STAFF, "answer", "return", reason="Ask again", to_stage=stage)
            return desk
        case "anonymous_gate" | "file_unanswered":
            return at(stage, anonymous=True, contact=None, signed_record=None)
        case "later_answer":
            return at(stage, **LATER)
        case "explain":
            return at(stage, agreed=False)
        case "escalate":
            desk = at("explain", agreed=False)
            take(desk, "explain", beyond_authority=True, amount="10")
            return desk
        case "superior_steps_in":
            desk = logged()
            WALK.object(desk, STAFF, "report_escalation", sign_of_escalation="x")
            return desk
        case "callback":
            return closed()
        case "objection_ruling":
            desk = closed()
            WALK.object(desk, STAFF)
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
