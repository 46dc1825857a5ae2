"""Single norms as a library: the golden four hours, first contact, third parties, audit questions; laid into a regulation of the desk."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.policy_show import policy_show
from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, person

ID = "supplementary-norms"
HOST = "sales-visit-first"
COMPLAINT: dict[str, Any] = {
    "customer": "C-0417", "anonymous": False, "channel": "phone", "subject": "goods", "object": "Pump P4",
    "content": "It leaks", "true_cause": "Seal too hard", "calmed": True, "items_confirmed": True,
    "norms_media": False, "norms_reached": "norms_direct", "norms_complainant": "norms_consumer", "norms_internal": False,
}  # fmt: skip
MEDIA = {"norms_media": True}


def a_case(now: str = "2026-11-02 09:30", actor: str = person("salesperson"), **changes: Any) -> PolicyDesk:
    """A complaint under a regulation of the desk, with the library along."""
    desk = PolicyDesk(HOST, now, libraries=(ID,))
    desk.log(actor=actor, **{n: v for n, v in {**COMPLAINT, **changes}.items() if v is not None})
    return desk


def both(role: str) -> set[str]:
    return {person(role, 1), person(role, 2)}


@pytest.mark.clauses(ID, "norms 4 sources", "norms 2 path")
@pytest.mark.capabilities("IN-02", "IN-14", "GA-11", "GA-12")
@pytest.mark.parametrize("missing", ["norms_media", "norms_reached", "norms_complainant", "norms_internal"])
def test_the_form_of_the_regulation_asks_for_the_norms_on_a_page_of_its_own(missing: str) -> None:
    """篇4 「來自零售客戶、煙農、消費者的投訴和其他方面的舉報投訴」; the regulation itself stays as it is."""
    with pytest.raises(FieldErrors) as refused:
        a_case(**{missing: None})
    assert set(refused.value.errors) == {missing}
    policy = bundle(HOST, ID).policy
    assert policy.intake is not None
    assert missing in policy.intake.pages[-1]
    assert missing not in bundle(HOST).policy.fields
    assert a_case().open_stages() == ["site_visit"]


@pytest.mark.clauses(ID, "norms 2", "norms 10 first", "norms 2 clarify", "norms 2 deleting")
@pytest.mark.capabilities("DL-21", "IN-03", "CL-18", "DL-09", "GA-12")
@pytest.mark.parametrize(
    ("logged", "due"), [("2026-11-02 09:30", "2026-11-02 13:30"), ("2026-11-07 22:00", "2026-11-08 02:00")]
)
def test_a_media_case_is_known_to_the_top_at_once_and_answered_by_the_first_contact_in_four_hours(
    logged: str, due: str
) -> None:
    """篇2 「黃金4小時」, around the clock; 篇10 「實行首問負責制」."""
    desk = a_case(logged, actor="UREPORTER", **MEDIA)
    assert (desk.roles("norms_response"), desk.due("norms_response")) == (["UREPORTER", "general_manager"], local(due))
    assert both("general_manager") <= {n.to for n in desk.told("rule")}
    with pytest.raises(FieldErrors) as silent:
        desk.decide("UREPORTER", "norms_response", "responded")
    assert set(silent.value.errors) == {"norms_answer", "norms_nothing_deleted"}
    with pytest.raises(FieldErrors) as deleted:
        desk.decide(
            "UREPORTER", "norms_response", "responded", norms_answer="We look into it", norms_nothing_deleted=False
        )
    assert set(deleted.value.errors) == {"norms_nothing_deleted"}
    desk.decide("UREPORTER", "norms_response", "responded", norms_answer="We look into it", norms_nothing_deleted=True)
    assert "norms_response" not in desk.open_stages()
    assert "norms_response" not in a_case().open_stages()


@pytest.mark.clauses(ID, "norms 2")
@pytest.mark.capabilities("DL-21", "DL-22")
@pytest.mark.parametrize("answered", [True, False])
def test_after_two_hours_without_an_answer_first_contact_and_top_are_reminded(answered: bool) -> None:
    """Our default: a reminder at 2; late, it climbs as everything does (D5)."""
    desk = a_case(actor="UREPORTER", **MEDIA)
    if answered:
        desk.decide("UREPORTER", "norms_response", "responded", norms_answer="x", norms_nothing_deleted=True)
    before = len(desk.told("rule"))
    desk.at("2026-11-02 11:29")
    assert len(desk.told("rule")) == before
    desk.at("2026-11-02 11:30")
    reminded = {n.to for n in desk.told("rule")[before:]}
    assert reminded == (set() if answered else {"UREPORTER", *both("general_manager")})
    if not answered:
        desk.at("2026-11-04 10:00")
        assert desk.steps(desk.stage_clock("norms_response"))["escalation"][1] == both("general_manager")


@pytest.mark.clauses(ID, "norms 10 media", "norms 10 pushing", "norms 10 plan")
@pytest.mark.capabilities("CL-11", "RT-13", "DL-09", "GA-12")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"norms_reached": "norms_press"}, True),
        ({"norms_reached": "norms_authority"}, False),
        ({"norms_causes": ["norms_pushed_around"]}, True),
        ({"norms_causes": ["norms_mis_selling", "norms_late_delivery"]}, False),
        ({"norms_partner": "Insurer", "norms_plan_on_file": False}, True),
        ({"norms_partner": "Insurer", "norms_plan_on_file": True}, False),
    ],
)
def test_press_pushing_about_and_a_partner_without_a_plan_go_to_the_top(changes: dict[str, Any], told: bool) -> None:
    """篇10 「第一時間向上級主管部門匯報」, 「相互推諉」, 「建立問題處理應對預案」."""
    desk = a_case(**changes)
    assert (both("general_manager") <= {n.to for n in desk.told("rule")}) is told
    assert bundle(HOST, ID).policy.roles["norms_third_party"].kind == "outside"


@pytest.mark.clauses(ID, "norms 10 selling", "norms 10 plan", "norms 4 delivery")
@pytest.mark.capabilities("CL-11")
def test_causes_are_coded_and_a_partner_needs_a_word_on_its_plan() -> None:
    """篇10 「不得進行誤導銷售」, 「不得代客戶簽字」; 篇4 「24小時內免費送貨」."""
    assert bundle(HOST, ID).policy.fields["norms_causes"].choices == (
        "norms_mis_selling", "norms_foreign_signature", "norms_pushed_around", "norms_late_delivery",
    )  # fmt: skip
    with pytest.raises(FieldErrors) as refused:
        a_case(norms_partner="Insurer")
    assert set(refused.value.errors) == {"norms_plan_on_file"}


@pytest.mark.clauses(ID, "norms 9")
@pytest.mark.capabilities("IN-17")
@pytest.mark.parametrize("internal", [True, False])
def test_an_internal_complaint_is_entered_as_a_slip(internal: bool) -> None:
    """篇9 「設備信息部投訴處理單」."""
    assert "“Internal complaint slips” is kept by General manager." in policy_show(bundle(HOST, ID), "en")
    desk = a_case(norms_internal=internal)
    assert ("norms_internal_slips" in {r.register for r in desk.happened(e.RegisterEntered)}) is internal


@pytest.mark.clauses(ID, "norms 3", "norms 9 questionnaire")
@pytest.mark.capabilities("SR-07", "SR-11")
def test_the_auditor_answers_the_audit_questions_every_year_against_the_year_before() -> None:
    """篇3 「是否建立客戶投訴管理制度,實際是否得到有效執行……是否高于同期水平,有無改進措施」; 篇9 「每月一次下發調查表」."""
    policy = bundle(HOST, ID).policy
    wanted = {
        "norms_audit": ("year", "28th", "norms_auditor", ["general_manager"]),
        "norms_monthly_questionnaire": ("month", "28th", "norms_auditor", ["general_manager"]),
    }
    assert {
        n: (d.every, d.by, str(d.who), [str(w) for w in d.send_to]) for n, d in policy.duties.items() if n in wanted
    } == wanted
    measures = {n: m.compare for n, m in policy.measures.items() if n.startswith("norms_")}
    assert measures == dict.fromkeys(("norms_media_share", "norms_by_cause", "norms_satisfaction"), "same period")
    assert set(policy.duties["norms_audit"].contents) == set(measures)

    desk = PolicyDesk(HOST, libraries=(ID,))
    for duty in wanted:
        task = desk.begin_duty(duty, "2026")
        assert desk.may_act(duty, task) == {"norms_auditor"}
        with pytest.raises(FieldErrors) as refused:
            desk.decide(person("norms_auditor"), duty, case_id=task)
        assert set(refused.value.errors) == {f.name for f in policy.duties[duty].fill}
    assert len(policy.duties["norms_audit"].fill) == 6


@pytest.mark.capabilities("GA-11")
@pytest.mark.parametrize("host", ["furniture-mall-tenant", "pcb-manufacturer", "hospital", "electrical-equipment"])
def test_any_regulation_takes_the_library_along(host: str) -> None:
    """The list of a desk's libraries changes no rule of the regulation itself."""
    own, laid = bundle(host).policy, bundle(host, ID).policy
    assert set(own.stages) <= set(laid.stages)
    assert {name: laid.routes[name] for name in own.routes} == dict(own.routes)
    assert "norms_golden" in laid.routes
