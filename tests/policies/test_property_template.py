"""property-template: responsible, no liability or assist; five households or a month are major; reply at the agreed time."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import events as e
from complaints.facts import Facts
from complaints.ports import Customer
from complaints.refusals import NotAllowedHere, NotAuthorized
from tests.support.company import CUSTOMERS, local
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "property-template"
WALK = Walk(
    policy=ID,
    reporter="UDESK",
    form={
        "customer": "C-0417", "anonymous": False, "contact": "138", "estate": "House 3", "origin": "direct",
        "matter": "parking", "complaint": "Blocked", "apologised": True, "answered_now": False,
        "agreed_on": "2026-11-06", "manager_needed": False,
    },
    steps={
        "anonymous_gate": (head("reception"), "investigate_it", {}),
        "investigate": (person("handler"), "investigated", {"finding": "It is so"}),
        "classify": (person("handler"), "classify_it", {"liability_class": "responsible", "liable_unit": "responsible_team", "not_delivered": False, "injury": False, "loss": "0"}),
        "confirm_no_liability": (person("centre_manager"), "confirm", {}),
        "explain": (person("handler"), "explained", {"explanation": "The contract says so"}),
        "forward": (person("handler"), "forwarded", {"forwarded_to": "The developer"}),
        "follow_up": (person("handler"), "answered_by_developer", {"developer_answer": "They mend it"}),
        "handle": (person("responsible_team"), "handled", {"solution": "Towed away"}),
        "reply": (person("reception", 2), "told", {"answer": "It is towed away"}),
        "enter_result": (person("reception"), "enter", {}),
        "callback": (person("reception"), "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
take, logged, at, closed = WALK.take, WALK.logged, WALK.at, WALK.closed
NOT_LIABLE: dict[str, Any] = {"liability_class": "no_liability", "liable_unit": None, "not_delivered": None, "injury": None, "loss": None, "reason_no_liability": "Not in the contract"}  # fmt: skip
ASSIST: dict[str, Any] = {"liability_class": "assist", "assist_cause": "surroundings", "not_delivered": None, "injury": None, "loss": None}  # fmt: skip
DEVELOPER: dict[str, Any] = {**ASSIST, "assist_cause": "developer_caused", "liable_unit": None}
MANAGERS = {person("centre_manager"), person("centre_manager", 2)}


def severity(desk: PolicyDesk, case_id: str = "case1") -> str:
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    known = Facts(desk.case(case_id), world)
    return str(known.get("severity") or WALK.file.tables["severity"].pick(known))


# --- reception (一), (三) ---------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(三)", "(一)")
@pytest.mark.capabilities("CC-06", "CC-20")
def test_reception_apologises_for_the_department_before_it_registers() -> None:
    """(三) 「首先代表被投诉部门向顾客表示歉意,并立即在《业主投诉处理登记表》中作好详细记录」; (一) no quarrel, as the form says."""
    assert refused_fields(lambda: logged(apologised=False)) == {"apologised"}
    desk = logged()
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["owner_register"]
    assert WALK.file.reply.apology == "always"
    assert "严禁辩论、争吵" in WALK.file.label("complaint", "zh-Hans", aspect="hint")


@pytest.mark.parametrize("missing", sorted(WALK.form))
def test_the_register_is_complete(missing: str) -> None:
    """(三) 「作好详细记录」."""
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


@pytest.mark.clauses(ID, "(三)2")
def test_what_can_be_answered_at_once_is_answered_at_once() -> None:
    """(三) 「对于能够当时回复的要即时回复」."""
    at_once: dict[str, Any] = {"answered_now": True, "agreed_on": None}
    assert refused_fields(lambda: logged(**at_once)) == {"answer"}
    desk = logged(**at_once, answer="The lift is back at noon")
    assert (desk.case().status, desk.case().outcome, desk.case().clock("case")) == (
        "finished",
        "answered_outcome",
        None,
    )


@pytest.mark.clauses(ID, "(三)2")
@pytest.mark.capabilities("DL-06", "DL-22")
def test_the_reply_is_due_on_the_day_agreed_with_the_customer() -> None:
    """(三) 「当时无法回复的要与投诉人约定好回复时间」: the agreed day replaces two working days (our default)."""
    assert refused_fields(lambda: logged(agreed_on="2026-11-01")) == {"agreed_on"}
    desk = at("reply")
    assert (desk.promise().due_at, desk.due("reply")) == (local("2026-11-06 24:00"), local("2026-11-06 24:00"))
    desk.at("2026-11-09 09:00")  # the slip waits for Monday
    assert head("reception") in slips(desk)
    desk.at("2026-11-09 18:00")
    assert person("general_manager") in slips(desk, "escalation")
    take(desk, "reply")
    assert desk.promise().in_time is False

    unagreed = at("investigate", anonymous=True, contact=None, agreed_on=None)
    assert unagreed.promise().due_at == local("2026-11-04 18:00")


@pytest.mark.clauses(ID, "(二)b")
@pytest.mark.parametrize("needed", [True, False])
def test_manager_and_director_are_called_when_they_must_explain(needed: bool) -> None:
    """(二) 「必要时,通知客户服务中心经理或管理处主任出面解释」."""
    told = {n.to for n in logged(manager_needed=needed).told("rule")}
    assert told == (MANAGERS | {person("general_manager"), person("general_manager", 2)} if needed else set())


# --- classes and their ways ------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "责任投诉", "无责任投诉", "协助处理投诉", "处理1")
@pytest.mark.capabilities("CL-01", "CL-12", "RT-02", "OS-01")
@pytest.mark.parametrize(
    ("finding", "way", "outcome"),
    [
        ({}, ["handle", "reply"], "upheld"),
        (NOT_LIABLE, ["confirm_no_liability", "explain", "reply"], "not_liable"),
        (ASSIST, ["handle", "reply"], "assisted"),
        (DEVELOPER, ["forward", "follow_up", "reply"], "assisted"),
    ],
)
def test_who_is_liable_decides_the_way(finding: dict[str, Any], way: list[str], outcome: str) -> None:
    """责任投诉, 无责任投诉, 协助处理投诉; 处理 「投诉处理人对于投诉内容应该进行调查和分析」 first."""
    desk = at("investigate")
    assert desk.roles("investigate") == ["handler"]
    assert refused_fields(lambda: take(desk, "investigate", finding=None)) == {"finding"}
    take(desk, "investigate")
    take(desk, "classify", **finding)
    for stage in way:
        assert desk.open_stages() == [stage]
        take(desk, stage)
    assert desk.open_stages() == ["enter_result"]
    take(desk, "enter_result")
    assert (desk.case().outcome, desk.case().number) == (outcome, "202611-001")
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["owner_register", "results"]


@pytest.mark.clauses(ID, "处理2")
@pytest.mark.capabilities("RT-13")
def test_what_the_developer_caused_is_forwarded_and_followed_up() -> None:
    """处理 「由投诉处理人转呈发展商处理,投诉处理人应及时跟进投诉处理结果」."""
    desk = at("forward", **DEVELOPER)
    assert (desk.roles("forward"), desk.due("forward")) == (["handler"], local("2026-11-02 18:00"))
    assert refused_fields(lambda: take(desk, "forward", forwarded_to=None)) == {"forwarded_to"}
    take(desk, "forward")
    assert (desk.roles("follow_up"), desk.due("follow_up")) == (["handler"], local("2026-11-03 18:00"))
    assert refused_fields(lambda: take(desk, "follow_up", developer_answer=None)) == {"developer_answer"}


@pytest.mark.clauses(ID, "处理3", "无责任投诉")
@pytest.mark.capabilities("CC-07")
def test_without_liability_the_manager_confirms_and_the_handler_explains_patiently() -> None:
    """处理 「对无责任投诉,应向住户予以合理、耐心的解释,并尽量消除顾客疑虑」; D17: reason and confirmation."""
    desk = at("classify")
    assert refused_fields(lambda: take(desk, "classify", **{**NOT_LIABLE, "reason_no_liability": None})) == {
        "reason_no_liability"
    }
    take(desk, "classify", **NOT_LIABLE)
    assert (may_decide(desk, "confirm_no_liability"), desk.due("confirm_no_liability")) == (
        {"centre_manager"},
        local("2026-11-02 18:00"),
    )
    take(desk, "confirm_no_liability")
    assert desk.due("explain") == local("2026-11-02 18:00")
    assert refused_fields(lambda: take(desk, "explain", explanation=None)) == {"explanation"}


@pytest.mark.parametrize("missing", ["liability_class", "liable_unit", "not_delivered", "injury", "loss"])
def test_a_responsible_complaint_is_classified_completely(missing: str) -> None:
    desk = at("classify")
    assert missing in refused_fields(lambda: take(desk, "classify", **{missing: None}))


def test_help_needs_a_cause_and_who_helps() -> None:
    """协助处理投诉 「因发展商、外部环境、毗邻关系及……公共配套设施等原因」."""
    desk = at("classify")
    assert refused_fields(lambda: take(desk, "classify", **{**ASSIST, "assist_cause": None})) == {"assist_cause"}
    assert refused_fields(lambda: take(desk, "classify", **{**ASSIST, "liable_unit": None})) == {"liable_unit"}
    assert refused_fields(lambda: take(desk, "classify", not_delivered=True)) == {"raised_before"}
    assert WALK.file.fields["assist_cause"].choices == (
        "developer_caused",
        "surroundings",
        "neighbourhood",
        "outside_facilities",
    )


# --- major or ordinary -----------------------------------------------------------------------------------------------------------

CRITERIA = [
    ({"not_delivered": True, "raised_before": "2"}, {}, "major"),
    ({"not_delivered": True, "raised_before": "1"}, {}, "ordinary"),
    ({"injury": True}, {}, "major"),
    ({"loss": "10000"}, {}, "major"),
    ({"loss": "9999.99"}, {}, "ordinary"),
    ({}, {"origin": "authority"}, "major"),
    ({}, {"origin": "media"}, "major"),
    (NOT_LIABLE, {"origin": "media"}, "ordinary"),
    ({}, {}, "ordinary"),
]


@pytest.mark.clauses(ID, "重大a", "重大b", "重大d", "一般投诉", "责任投诉")
@pytest.mark.capabilities("CL-04", "CL-18", "IN-02")
@pytest.mark.parametrize(("found", "form", "expected"), CRITERIA)
def test_any_criterion_makes_a_responsible_complaint_major(
    found: dict[str, Any], form: dict[str, Any], expected: str
) -> None:
    """重大投诉 a, b, d; everything else is ordinary. Major goes to the manager at once (our default)."""
    desk = at("classify", **form)
    take(desk, "classify", **found)
    assert severity(desk) == expected
    assert {n.to for n in desk.told("rule")} == (MANAGERS if expected == "major" else set())


@pytest.mark.clauses(ID, "重大e")
@pytest.mark.capabilities("CL-09", "IN-15", "CL-08")
def test_five_households_of_one_estate_with_one_matter_within_a_week_are_collective(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """重大e 「同一物业范围内五户或五户以上的顾客针对同一事项同时提出」; our default: within 7 days, each household once."""
    monkeypatch.setitem(CUSTOMERS, "C-0005", Customer(code="C-0005", names={"en": "The fifth"}, values={}))
    desk = PolicyDesk(ID, now="2026-10-25 23:59")
    desk.log("UDESK", "too_old", **{**WALK.form, "customer": "C-0005", "agreed_on": "2026-11-06"})
    desk.clock.at = local("2026-11-02 09:30")
    others = [("C-0900", "House 3", "parking"), ("C-0808", "House 3", "parking"), ("C-0333", "House 3", "parking")]
    others += [("C-0900", "House 3", "parking"), ("C-0005", "House 4", "parking"), ("C-0005", "House 3", "safety")]
    for number, (customer, estate, matter) in enumerate(others):
        desk.log("UDESK", f"n{number}", **{**WALK.form, "customer": customer, "estate": estate, "matter": matter})
    desk.log("UDESK", "case1", **WALK.form)  # the fourth household
    WALK.on(desk, "handle")
    assert (desk.told("rule"), severity(desk)) == ([], "ordinary")

    desk.log("UDESK", "fifth", **{**WALK.form, "customer": "C-0005"})
    assert {n.to for n in desk.told("rule")} == MANAGERS
    WALK.on(desk, "handle", "fifth")
    assert severity(desk, "fifth") == "major"
    desk.at("2026-11-20 10:00")  # long after the week in which all of them came
    WALK.on(desk, "closed", "fifth")
    [line] = [x.row for x in desk.happened(e.RegisterEntered, "fifth") if x.register == "results"]
    assert (severity(desk, "fifth"), line["severity"]) == ("major", "major")


@pytest.mark.clauses(ID, "重大e")
@pytest.mark.parametrize(("households", "expected"), [(4, "ordinary"), (5, "major")])
def test_five_households_are_major_and_four_are_not(households: int, expected: str) -> None:
    """D19: 五户或五户以上 includes the number."""
    known = {
        "liability_class": "responsible",
        "households": households,
        "origin": "direct",
        "not_delivered": False,
        "injury": False,
        "loss": 0,
    }
    assert WALK.file.tables["severity"].pick(known) == expected


@pytest.mark.clauses(ID, "重大e")
@pytest.mark.parametrize(("households", "expected"), [(4, "ordinary"), (5, "major")])
def test_who_classifies_cannot_make_five_households_ordinary(
    monkeypatch: pytest.MonkeyPatch, households: int, expected: str
) -> None:
    """重大e: five are major, whatever severity was filled in by hand."""
    desk = PolicyDesk(ID, now="2026-11-02 09:30")
    for number in range(households):
        code = f"C-1{number:03}"
        monkeypatch.setitem(CUSTOMERS, code, Customer(code=code, names={"en": code}, values={}))
        desk.log("UDESK", f"h{number}", **{**WALK.form, "customer": code})
    last = f"h{households - 1}"
    WALK.on(desk, "classify", last)

    WALK.take(desk, "classify", case_id=last, severity="ordinary")

    assert severity(desk, last) == expected


@pytest.mark.clauses(ID, "重大c")
@pytest.mark.capabilities("CL-06", "CL-20")
@pytest.mark.parametrize(("finding", "expected"), [({}, "major"), (ASSIST, "ordinary")])
def test_a_responsible_complaint_unsolved_for_a_month_becomes_major(finding: dict[str, Any], expected: str) -> None:
    """重大c 「责任投诉在一个月内得不到合理解决的投诉」."""
    desk = at("handle", **finding)
    desk.at("2026-12-02 23:59")
    assert severity(desk) == "ordinary"
    desk.at("2026-12-02 24:00")
    assert severity(desk) == expected
    hear = MANAGERS | {person("general_manager", n) for n in (1, 2)}
    assert {n.to for n in desk.told("rule")} == (hear if expected == "major" else set())


def test_what_is_closed_stays_as_it_is() -> None:
    desk = closed()
    desk.at("2026-12-10 12:00")
    assert severity(desk) == "ordinary"
    assert not desk.told("rule")


@pytest.mark.capabilities("CL-20")
def test_the_handler_may_set_the_severity_himself() -> None:
    desk = at("classify")
    take(desk, "classify", severity="major")
    assert severity(desk) == "major"


# --- limits, defaults ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "due"),
    [("investigate", "2026-11-02 18:00"), ("classify", "2026-11-02 18:00"), ("handle", "2026-11-03 18:00"), ("enter_result", "2026-11-02 18:00")],
)  # fmt: skip
def test_the_stages_together_fit_into_two_working_days(stage: str, due: str) -> None:
    """Our default: no limit in the text."""
    assert at(stage).due(stage) == local(due)


def test_handling_and_reply_say_what_was_done() -> None:
    desk = at("handle")
    assert refused_fields(lambda: take(desk, "handle", solution=None)) == {"solution"}
    take(desk, "handle")
    assert refused_fields(lambda: take(desk, "reply", answer=None)) == {"answer"}
    take(desk, "reply")
    assert desk.happened(e.OutcomeTold)


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_a_dissatisfied_household_is_investigated_again_as_major(answers: dict[str, Any], reopens: bool) -> None:
    """D6: three days; the grade rises by one."""
    desk = closed()
    assert (desk.roles("callback"), desk.due("callback")) == (["reception"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    WALK.called(desk, **answers)
    assert desk.open_stages() == (["investigate"] if reopens else [])
    assert severity(desk) == ("major" if reopens else "ordinary")
    assert ({n.to for n in desk.told("rule")} == MANAGERS) is reopens


def test_anonymous_complaints_are_recorded_and_get_no_reply() -> None:
    """D10."""
    form: dict[str, Any] = {"anonymous": True, "contact": None, "agreed_on": None}
    desk = logged(**form)
    assert (may_decide(desk, "anonymous_gate"), desk.due("anonymous_gate")) == (
        {"head of reception"},
        local("2026-11-02 18:00"),
    )
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    take(desk, "anonymous_gate", "record_only", reason="Nothing to go by")
    assert (desk.case().status, desk.case().outcome) == ("finished", "recorded_only")
    for finding in ({}, NOT_LIABLE):
        quiet = closed(**form, **finding)
        assert (quiet.open_stages(), quiet.happened(e.OutcomeTold)) == ([], [])


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_who_is_blamed_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12."""
    desk = closed()
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, person("responsible_team"))
        return
    with pytest.raises(NotAuthorized):
        WALK.object(desk, "UDESK")
    assert refused_fields(lambda: WALK.object(desk, person("responsible_team"), objection_reason="")) == {
        "objection_reason"
    }
    WALK.object(desk, person("responsible_team"))
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert desk.open_stages() == ["investigate"]


def test_what_was_answered_at_once_has_nothing_to_object_to() -> None:
    desk = logged(answered_now=True, agreed_on=None, answer="Noon")
    with pytest.raises(NotAllowedHere):
        WALK.object(desk, person("reception"))


@pytest.mark.capabilities("GA-11", "CL-08")
def test_monthly_statistics_repeats_and_keeping() -> None:
    """D15, D9, D8."""
    duty, repeat, papers = WALK.file.duties["statistics"], WALK.file.repeat, WALK.file.papers
    assert (duty.every, duty.by, str(duty.who)) == ("month", "10th", "reception")
    assert [str(w) for w in duty.send_to] == ["centre_manager", "general_manager"]
    assert {"liability_class", "severity", "late_by", "callback_score"} <= set(duty.contents)
    assert repeat is not None
    assert (repeat.same, str(repeat.within), str(papers.keep)) == (("customer", "matter"), "3 months", "3 years")


# --- who may, stage by stage -----------------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[str, str, dict[str, Any]]] = {  # stage: who may (everybody else is refused); what; how it gets there
    "receive": ("reporter", "send return", {}),
    "anonymous_gate": ("head of reception", "investigate_it record_only return", {"anonymous": True, "contact": None, "agreed_on": None}),
    "investigate": ("handler", "investigated return", {}),
    "classify": ("handler", "classify_it return", {}),
    "confirm_no_liability": ("centre_manager", "confirm return", NOT_LIABLE),
    "explain": ("handler", "explained return", NOT_LIABLE),
    "forward": ("handler", "forwarded return", DEVELOPER),
    "follow_up": ("handler", "answered_by_developer return", DEVELOPER),
    "handle": ("responsible_team", "handled return", {}),
    "reply": ("reception", "told return", {}),
    "enter_result": ("reception", "enter return", {}),
    "callback": ("reception", "satisfied unreached dissatisfied return", {}),
    "objection_ruling": ("general_manager", "dismiss grant return", {}),
}  # fmt: skip


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "receive":
            desk = at("investigate")
            desk.decide(person("handler"), "investigate", "return", reason="Which car?")
            return desk
        case "callback":
            return closed()
        case "objection_ruling":
            desk = closed()
            WALK.object(desk, person("responsible_team"))
            return desk
        case _:
            return at(stage, **TABLE[stage][2])


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    desk = waiting_at(stage)
    assert may_decide(desk, stage) == named(TABLE[stage][0])
    assert decisions(desk, stage) == TABLE[stage][1]
    if stage == "receive":
        assert desk.due("receive") == local("2026-11-02 11:30")


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)
