"""hospital: the content picks the office, seven days to accept or refuse, two investigators, anonymous letters apart."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import events as e
from complaints.commands import GivenFile
from complaints.facts import Facts
from complaints.refusals import NotAllowedHere, NotAuthorized, Recused
from tests.support.company import local
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields

ID = "hospital"
OFFICES = {  # 2: what it is about, who accepts it
    "administration": "hospital_office", "ethics": "party_office", "discipline": "supervision",
    "medical_quality": "medical_affairs", "outpatient": "outpatient_office", "reimbursement": "insurance_office",
    "nursing_quality": "nursing", "prices": "finance", "safety": "security", "logistics": "general_affairs",
    "equipment": "equipment_office", "infection": "infection_office",
}  # fmt: skip
HANDLER, SECOND = person("medical_affairs", 1), person("medical_affairs", 2)
SIGNED = (("record_signed", GivenFile(id="F-RECORD", name="record.pdf")),)
PAPER = (("statement", GivenFile(id="F-PAPER", name="letter.pdf")),)
WALK = Walk(
    policy=ID,
    reporter="UNURSE",
    form={
        "customer": "Mrs Chen", "anonymous": False, "real_name": "Chen", "contact": "138", "channel": "letter",
        "content": "medical_quality", "complaint": "Wrong dose",
    },
    steps={
        "anonymous_gate": (person("supervision"), "investigate_it", {}),
        "acceptance": (HANDLER, "check", {"handler": HANDLER, "relation": "patient", "object_named": True, "facts_given": True, "demand_given": True, "statement_kind": "by_telephone"}),
        "confirm_refusal": (person("general_manager"), "confirm", {}),
        "notify": (HANDLER, "notified", {"notice_words": "We look into it"}),
        "cooperate": (HANDLER, "agreed", {"joint_handling": "Nursing checks too"}),
        "investigation": (HANDLER, "investigated", {"record": "The chart"}),
        "decision": (HANDLER, "decide_it", {"established": True, "decision_text": "We pay", "legal_basis": "Article 54"}),
        "reply": (HANDLER, "told", {"answer": "We are sorry"}),
        "notify_refusal": (HANDLER, "notified", {"notice_words": "Not ours"}),
        "callback": (person("hospital_office"), "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
take, logged = WALK.take, WALK.logged


def investigate(desk: PolicyDesk, **fields: Any) -> None:
    """Both sign."""
    desk.decide(HANDLER, "investigation", "investigated", files=SIGNED, record="The chart")
    desk.decide(SECOND, "investigation", "investigated")


def at(stage: str, **changes: Any) -> PolicyDesk:
    """Like `WALK.at`, over the two investigators and the other departments."""
    first = stage if stage in ("anonymous_gate", "acceptance", "confirm_refusal", "notify", "cooperate") else None
    if first is None:
        desk = WALK.at("investigation" if not changes.get("other_units") else "cooperate", **changes)
        if "cooperate" in desk.open_stages():
            cooperate(desk)
        if stage == "investigation":
            return desk
        investigate(desk)
        return WALK.on(desk, stage, **changes)
    return WALK.at(first, **changes)


def cooperate(desk: PolicyDesk) -> None:
    desk.decide(person("nursing"), "cooperate")
    take(desk, "cooperate")


AT_ONCE: dict[str, Any] = {"channel": "in_person", "solved_at_once": True, "handling_record": "Explained the bill"}

# --- 1, 2: channels and offices ---------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2")
@pytest.mark.capabilities("CL-01", "CL-02", "RT-06")
@pytest.mark.parametrize(("content", "office"), OFFICES.items())
def test_the_content_decides_which_office_accepts_it(content: str, office: str) -> None:
    """2 「医院办公室:受理行政事务与管理方面的投诉」 and eleven more."""
    desk = logged(content=content)
    assert (desk.open_stages(), desk.roles("acceptance")) == (["acceptance"], [office])


@pytest.mark.clauses(ID, "2")
@pytest.mark.capabilities("IN-13")
@pytest.mark.parametrize("content", ["own_department", "other_content"])
def test_what_is_within_a_department_or_nowhere_else_goes_to_the_department_named(content: str) -> None:
    """2 「各部门、各科室受理本部门和科室范围内的投诉」, 「其他……由相应的职能部门受理」."""
    assert refused_fields(lambda: logged(content=content)) == {"own_unit"}
    assert logged(content=content, own_unit="security").roles("acceptance") == ["security"]


@pytest.mark.clauses(ID, "2")
@pytest.mark.capabilities("IN-13")
def test_the_wrong_office_passes_it_on_with_a_reason() -> None:
    desk = logged(content="prices")
    wrong = lambda **more: desk.decide(person("finance"), "acceptance", "pass_on", content="reimbursement", **more)
    assert refused_fields(wrong) == {"reason"}
    wrong(reason="A matter of the insurance")
    assert desk.roles("acceptance") == ["insurance_office"]


@pytest.mark.clauses(ID, "1", "4(1)")
@pytest.mark.capabilities("IN-01", "GA-09")
def test_channels_are_recorded_and_published() -> None:
    """1 「投诉监督电话(医政科、门诊办、医保办、监察室),医院公众场所设立意见投诉箱,各病区设有意见薄」; 4(1) 「投诉记录本」."""
    assert set(WALK.file.fields["channel"].choices) >= {"hotline", "comment_box", "comment_book"}
    assert set(WALK.file.policy.publish) == {"hotlines", "comment_boxes"}
    [entry] = logged().happened(e.RegisterEntered)
    assert (entry.register, entry.row["channel"], entry.row["content"]) == ("record_book", "letter", "medical_quality")


# --- 3: who may complain, and how --------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3(3)")
@pytest.mark.capabilities("IN-05", "IN-10")
@pytest.mark.parametrize("missing", sorted(WALK.form))
def test_the_form_is_complete(missing: str) -> None:
    """3(3) 「投诉人应报出真实姓名、联系地址、通讯方式」."""
    assert missing in refused_fields(lambda: logged(**{missing: None}))


@pytest.mark.clauses(ID, "3(3)")
@pytest.mark.capabilities("IN-10")
@pytest.mark.parametrize(("channel", "asked"), [("hotline", True), ("letter", False), ("comment_box", False)])
def test_the_address_is_asked_on_the_telephone(channel: str, asked: bool) -> None:
    """3(3) 「电话方式投诉的,投诉人应报出真实姓名、联系地址、通讯方式」."""
    if asked:
        assert refused_fields(lambda: logged(channel=channel)) == {"address"}
        assert logged(channel=channel, address="Road 1").open_stages() == ["acceptance"]
    else:
        assert logged(channel=channel).open_stages() == ["acceptance"]


@pytest.mark.clauses(ID, "3(1)", "3(2)", "3(3)")
@pytest.mark.capabilities("IN-09", "IN-11", "IN-14", "OS-01")
@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        ({"relation": "not_affected"}, "rights_not_affected"),
        ({"object_named": False}, "no_object"),
        ({"facts_given": False}, "no_facts"),
        ({"demand_given": False}, "no_demand"),
        ({"statement_kind": "oral_unsigned"}, "not_signed"),
    ],
)
def test_each_condition_alone_refuses_acceptance_and_the_superior_confirms(
    finding: dict[str, Any], reason: str
) -> None:
    """3 「投诉者必须是……自己的合法权益直接受到侵害的患者或合法代理人」, 「明确的投诉对象、事实根据和具体的要求」, 「签字盖章」."""
    desk = logged()
    assert refused_fields(lambda: take(desk, "acceptance", **finding)) == {"refusal_reason"}
    take(desk, "acceptance", **finding, refusal_reason="See the conditions")
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())

    assert WALK.file.tables["not_admissible"].pick(Facts(desk.case(), world)) == (reason,)
    assert (may_decide(desk, "confirm_refusal"), desk.due("confirm_refusal")) == (
        {"general_manager"},
        local("2026-11-03 18:00"),
    )
    take(desk, "confirm_refusal")
    assert (desk.case().outcome, desk.open_stages()) == ("not_accepted", ["notify_refusal"])
    assert desk.due("notify_refusal") == local("2026-11-02 18:00")
    assert refused_fields(lambda: take(desk, "notify_refusal", notice_words=None)) == {"notice_words"}
    take(desk, "notify_refusal")
    assert desk.case().clock("acceptance_decision").in_time is True
    assert desk.happened(e.OutcomeTold)


@pytest.mark.clauses(ID, "3(1)", "3(3)")
@pytest.mark.capabilities("IN-14")
@pytest.mark.parametrize("relation", ["patient", "representative"])
@pytest.mark.parametrize("kind", ["written_material", "oral_signed", "by_telephone"])
def test_patients_and_representatives_with_a_statement_are_accepted(relation: str, kind: str) -> None:
    """3(3) 「投诉者应有文字材料,或本人口诉由受理部门笔录后,投诉人签字盖章」: the paper is attached."""
    desk = logged()
    filled = {**WALK.steps["acceptance"][2], "relation": relation, "statement_kind": kind}
    if kind != "by_telephone":
        assert refused_fields(lambda: desk.decide(HANDLER, "acceptance", "check", **filled)) == {"statement"}
    desk.decide(HANDLER, "acceptance", "check", files=PAPER, **filled)
    assert desk.open_stages() == ["notify"]


def test_the_superior_may_accept_it_with_a_reason() -> None:
    """D17."""
    desk = at("confirm_refusal", relation="not_affected", refusal_reason="x")
    assert refused_fields(lambda: take(desk, "confirm_refusal", "accept_it")) == {"reason"}
    take(desk, "confirm_refusal", "accept_it", reason="She is his guardian")
    assert desk.open_stages() == ["notify"]


@pytest.mark.clauses(ID, "3(3)")
@pytest.mark.capabilities("IN-12")
def test_anonymous_letters_and_calls_go_to_the_supervision_office() -> None:
    """3 「投诉的匿名信和电话,按……有关文件精神办理」: own branch; no notice, no reply, no callback."""
    desk = logged(anonymous=True, real_name=None, contact=None)
    assert (may_decide(desk, "anonymous_gate"), desk.due("anonymous_gate")) == (
        {"supervision"},
        local("2026-11-03 18:00"),
    )
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    take(desk, "anonymous_gate", "record_only", reason="By the rules")
    assert (desk.case().status, desk.case().outcome) == ("finished", "recorded_only")

    desk = logged(anonymous=True, real_name=None, contact=None)
    take(desk, "anonymous_gate")
    take(desk, "acceptance")
    assert desk.open_stages() == ["investigation"]
    assert desk.case().clock("acceptance_decision").ended == "stopped"
    investigate(desk)
    take(desk, "decision")
    assert (desk.case().status, desk.happened(e.OutcomeTold)) == ("finished", [])


# --- 4: at once, acceptance, investigation --------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4(2)")
@pytest.mark.capabilities("IN-04", "OS-01")
def test_who_is_satisfied_at_once_needs_no_procedure_but_a_record() -> None:
    """4(2) 「当时能够口头恢复而让投诉人满意的,可以不按程序办理,但必须做好处理记录」."""
    assert refused_fields(lambda: logged(channel="in_person")) == {"solved_at_once"}
    assert refused_fields(lambda: logged(**{**AT_ONCE, "handling_record": None})) == {"handling_record"}
    desk = logged(**AT_ONCE)
    assert (desk.case().status, desk.case().outcome) == ("finished", "solved_at_once_outcome")
    assert [x.row["solved_at_once"] for x in desk.happened(e.RegisterEntered)] == [True]
    assert desk.case().clock("acceptance_decision") is None
    assert logged(**{**AT_ONCE, "solved_at_once": False}).open_stages() == ["acceptance"]


@pytest.mark.clauses(ID, "4(2)")
@pytest.mark.capabilities("IN-09", "CC-09", "DL-22")
def test_acceptance_is_decided_and_told_within_seven_days() -> None:
    """4(2) 「应在7日内做出是否受理的决定,并通知投诉者」; our default: five days for the decision itself."""
    desk = logged()
    clock = desk.case().clock("acceptance_decision")
    assert (clock.due_at, desk.due("acceptance")) == (local("2026-11-09 24:00"), local("2026-11-07 24:00"))
    take(desk, "acceptance")
    assert (desk.roles("notify"), desk.due("notify")) == ([HANDLER], local("2026-11-02 18:00"))
    assert refused_fields(lambda: take(desk, "notify", notice_words=None)) == {"notice_words"}
    desk.at("2026-11-10 00:01")
    take(desk, "notify")
    assert desk.case().clock("acceptance_decision").in_time is False
    assert person("general_manager") in {n.to for n in desk.told("escalation")}


MUST = ["handler", "relation", "object_named", "facts_given", "demand_given", "statement_kind"]


@pytest.mark.clauses(ID, "4(1)")
@pytest.mark.parametrize("missing", MUST)
def test_acceptance_names_the_handler_and_checks_every_condition(missing: str) -> None:
    """4(1) 「确定接受处理投诉的工作人员」."""
    desk = logged()
    assert refused_fields(lambda: take(desk, "acceptance", **{missing: None})) == {missing}


@pytest.mark.clauses(ID, "4(3)")
@pytest.mark.capabilities("RT-06")
def test_several_departments_work_under_the_lead_of_the_office_and_may_not_push_it_away() -> None:
    """4(3) 「由首席职能部门牵头,其余部门必须无条件地配合处理,不得互相推诿扯皮」."""
    desk = at("cooperate", other_units=["nursing"])
    assert (desk.roles("cooperate"), desk.due("cooperate")) == (
        ["medical_affairs", "nursing"],
        local("2026-11-04 18:00"),
    )
    with pytest.raises(NotAuthorized):
        take(desk, "cooperate")
    desk.decide(person("nursing"), "cooperate")
    assert refused_fields(lambda: take(desk, "cooperate", joint_handling=None)) == {"joint_handling"}
    take(desk, "cooperate")
    assert desk.open_stages() == ["investigation"]

    desk = at("cooperate", other_units=["nursing"])
    desk.decide(person("nursing"), "cooperate", "return", reason="Not us")
    assert {n.to for n in desk.told("rule")} == {person("general_manager"), person("general_manager", 2)}


@pytest.mark.clauses(ID, "4(4)")
@pytest.mark.capabilities("RT-19", "RD-10", "CC-11")
def test_two_different_persons_investigate_and_sign() -> None:
    """4(4) 「在调查核实案情时应有两人随行,要认真做好笔录并让调查人签名盖章」."""
    desk = at("investigation")
    assert (desk.roles("investigation"), desk.due("investigation")) == (
        ["medical_affairs"] * 2,
        local("2026-11-05 18:00"),
    )
    first = lambda **more: desk.decide(HANDLER, "investigation", "investigated", **more)
    assert refused_fields(first) == {"record", "record_signed"}
    first(files=SIGNED, record="The chart")
    with pytest.raises((Recused, NotAuthorized)):
        first(record="The chart")
    assert desk.open_stages() == ["investigation"]
    desk.decide(SECOND, "investigation", "investigated")
    assert desk.open_stages() == ["decision"]
    assert {"record", "record_signed"} <= set(WALK.file.papers.forms["investigation_record"].fill)


@pytest.mark.clauses(ID, "4(5)")
@pytest.mark.capabilities("OS-01")
@pytest.mark.parametrize(("established", "outcome"), [(True, "upheld"), (False, "not_upheld")])
def test_the_handler_decides_by_facts_and_law_and_answers(established: bool, outcome: str) -> None:
    """4(5) 「要以事实为依据,以法律法……」; our default: 15 working days to close, the answer within one more."""
    desk = at("decision")
    assert (desk.roles("decision"), desk.due("decision")) == ([HANDLER], local("2026-11-04 18:00"))
    assert desk.promise().due_at == local("2026-11-23 18:00")
    for missing in ("established", "decision_text", "legal_basis"):
        assert refused_fields(lambda name=missing: take(desk, "decision", **{name: None})) == {missing}
    assert not desk.may_reply()
    take(desk, "decision", established=established)
    assert (desk.case().outcome, desk.case().number, desk.may_reply()) == (outcome, "202611-001", True)
    assert (desk.roles("reply"), desk.due("reply")) == ([HANDLER], local("2026-11-03 18:00"))
    assert refused_fields(lambda: take(desk, "reply", answer=None)) == {"answer"}


# --- defaults --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_the_callback_and_what_a_dissatisfied_patient_does(answers: dict[str, Any], reopens: bool) -> None:
    """D6: three days after the answer, by the intake office; the office concerned investigates again."""
    desk = at("callback")
    assert (desk.roles("callback"), desk.due("callback")) == (["hospital_office"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    WALK.called(desk, **answers)
    assert desk.open_stages() == (["investigation"] if reopens else [])
    assert ({n.to for n in desk.told("rule")} == {head("medical_affairs")}) is reopens


@pytest.mark.parametrize("who", [*dict.fromkeys(OFFICES.values())])
def test_every_office_may_object(who: str) -> None:
    """D12: five working days, with a reason, decided by the director."""
    desk = at("reply")
    desk.clock.at = local("2026-11-09 18:00")
    assert refused_fields(lambda: WALK.object(desk, person(who), objection_reason="")) == {"objection_reason"}
    WALK.object(desk, person(who))
    assert (desk.roles("objection_ruling"), desk.due("objection_ruling")) == (
        ["general_manager"],
        local("2026-11-11 18:00"),
    )


def test_an_objection_comes_too_late_or_from_nobody_and_is_ruled_on_with_a_reason() -> None:
    desk = at("reply")
    with pytest.raises(NotAuthorized):
        WALK.object(desk, "UNURSE")
    WALK.object(desk, HANDLER)
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert desk.open_stages() == ["investigation"]

    desk = at("reply")
    desk.clock.at = local("2026-11-09 18:01")
    with pytest.raises(NotAllowedHere):
        WALK.object(desk, HANDLER)


@pytest.mark.capabilities("GA-11")
def test_monthly_statistics_repeats_and_keeping() -> None:
    """D15, D9, D8."""
    duty, repeat, papers = WALK.file.duties["statistics"], WALK.file.repeat, WALK.file.papers
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "hospital_office",
        ["general_manager"],
    )
    assert {"content", "office", "outcome", "late_by", "callback_score"} <= set(duty.contents)
    assert repeat is not None
    assert (repeat.same, str(repeat.within), str(papers.keep)) == (("customer", "content"), "3 months", "3 years")


# --- who may, stage by stage ---------------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[str, str]] = {  # stage: who may decide it (everybody else is refused); what may be decided
    "report": ("reporter", "send return"),
    "anonymous_gate": ("supervision", "investigate_it record_only return"),
    "acceptance": ("medical_affairs", "check pass_on return"),
    "confirm_refusal": ("general_manager", "confirm accept_it return"),
    "notify": (HANDLER, "notified return"),
    "cooperate": ("nursing", "agreed return"),
    "investigation": ("medical_affairs", "investigated return"),
    "decision": (HANDLER, "decide_it return"),
    "notify_refusal": (HANDLER, "notified return"),
    "reply": (HANDLER, "told return"),
    "callback": ("hospital_office", "satisfied unreached dissatisfied return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "report":
            desk = logged()
            desk.decide(HANDLER, "acceptance", "return", reason="Which ward?")
            return desk
        case "anonymous_gate":
            return logged(anonymous=True, real_name=None, contact=None)
        case "confirm_refusal":
            return at(stage, relation="not_affected", refusal_reason="x")
        case "notify_refusal":
            desk = at("confirm_refusal", relation="not_affected", refusal_reason="x")
            take(desk, "confirm_refusal")
            return desk
        case "cooperate":
            return at(stage, other_units=["nursing"])
        case "objection_ruling":
            desk = at("reply")
            WALK.object(desk, HANDLER)
            return desk
        case _:
            return at(stage)


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    desk = waiting_at(stage)
    who, what = TABLE[stage]
    if who == HANDLER:
        assert (may_decide(desk, stage), desk.roles(stage)) == (set(), [HANDLER])
    else:
        assert may_decide(desk, stage) == named(who)
    assert decisions(desk, stage) == what


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)
