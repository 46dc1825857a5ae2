"""Who is told what: the addresses of cards, reminders, slips and copies, and when they may be sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints.commands import AddSigner, AnswerQuestion, AskExtension, AskReporter, RuleExtension, Urge
from complaints.notices import Priority
from complaints.people import Absence
from complaints.refusals import NotAuthorized
from tests.complaints.test_policy import small
from tests.support.company import local
from tests.support.group import STORES, stores_desk
from tests.support.made_desk import MadeDesk
from tests.support.pcb import FIELDS, PcbDesk, a_case
from tests.support.policy_desk import person


def test_a_stages_card_goes_to_the_channel_of_its_department() -> None:
    """DESIGN 3: each responsible department gets its card in its own channel in turn."""
    desk = a_case("closing", rnd_opinion_needed=True)
    visits = desk.case().visits
    assert [(visits[n.visit or 0].stage, n.to) for n in desk.told("approval") if visits[n.visit or 0].id > 2] == [
        ("register", "CGMOFFICE"),
        ("quality_analysis", "CQUALITY"),
        ("production_analysis", "CPRODUCTION"),
        ("manager_opinion", "CMANAGEROFFICE"),
        ("rnd_opinion", "CRND"),
        ("gm_office_check", "CGMOFFICE"),
        ("sales_opinion", "CSALES"),
        ("consolidated_opinion_1", "CGMOFFICE"),
        ("approval_1", "CDEPUTYGM"),
        ("customer_negotiation", "CSALES"),
        ("customer_negotiation", "USMGR"),
        ("consolidated_opinion_2", "CGMOFFICE"),
        ("consolidated_opinion_2", "UGMOHEAD"),
        ("final_decision", "CDEPUTYGM"),
        ("closing", "CGMOFFICE"),
    ]


def test_the_case_has_one_home_and_the_reporter_one_thread() -> None:
    """DESIGN 8: one home thread in the registry's channel, a direct thread for the reporter."""
    desk = a_case("closed")
    assert [n.to for n in desk.told("home") if n.case_id == "case1"] == ["CGMOFFICE"]
    assert [n.to for n in desk.told("reporter")] == ["USALES1"]
    assert [n.facts["outcome"] for n in desk.told("closed")] == ["upheld"]


def test_reminders_of_one_half_day_have_one_merge_key() -> None:
    """DESIGN 3: one merged reminder, not ten."""
    desk = PcbDesk()
    for case_id in ("a", "b", "c"):
        desk.complain(case_id)
        desk.pass_stage("register", case_id)
    desk.at("2026-11-04 13:00")
    mine = [n for n in desk.told("reminder") if n.to == "UQUAL1"]
    assert len(mine) == 3
    assert {n.merge for n in mine} == {"reminder:UQUAL1"}
    assert {n.not_before for n in mine} == {None}


def test_a_reminder_that_comes_late_at_night_waits_for_the_morning() -> None:
    """DESIGN 4: quiet hours also hold for what an outage held up, as long as the due time is not reached by then."""
    desk = a_case("quality_analysis", customer="C-0900")  # promised till the 19th, reminded on Monday the 16th at 13:00
    desk.clock.at = local("2026-11-17 03:00")
    desk.tick()
    assert {n.not_before for n in desk.told("reminder") if n.facts["clock"] == "case"} == {local("2026-11-17 08:00")}


def test_an_escalation_keeps_no_quiet_hours() -> None:
    """DESIGN 4: escalations ignore quiet hours."""
    desk = a_case("quality_analysis")
    desk.clock.at = local("2026-11-08 03:00")
    desk.tick()
    [escalation] = [n for n in desk.told("escalation") if n.visit == desk.visit("quality_analysis")]
    assert (escalation.to, escalation.not_before, escalation.priority) == ("UGM", None, Priority.ESCALATION)


def test_the_daily_escalations_of_a_stage_overtake_one_another_and_no_slip_nor_another_stages() -> None:
    """DESIGN 4: after an outage only the latest is sent. A slip is a writing of its own right (DL-10)."""
    desk = a_case("quality_analysis")
    desk.at("2026-11-10 12:00")
    mine = [n for n in desk.told("escalation") if n.facts["clock"] == "stage"]
    [slip] = desk.told("reminder_slip")

    assert (len(mine), len({n.merge for n in mine}), {n.overtakes for n in mine}) == (4, 1, {True})
    assert slip.merge not in {n.merge for n in mine}
    assert not [n for n in desk.told("reminder") if n.overtakes]

    other = a_case("quality_analysis")
    other.pass_stage("quality_analysis")
    other.at("2026-11-20 12:00")
    assert len({(n.visit, n.deadline) for n in other.told("escalation")}) == len(
        {n.merge for n in other.told("escalation")}
    )


def test_nobody_is_told_twice_by_a_decision() -> None:
    desk = a_case("closed")
    keys = [(n.kind, n.to, n.visit, n.deadline, str(n.facts)) for n in desk.record.notices]
    assert len(keys) == len(set(keys))
    assert len({n.id for n in desk.record.notices}) == len(desk.record.notices)


def test_who_must_sign_gets_the_card_when_it_is_his_turn() -> None:
    """A card in turn (DESIGN 3): before sales has answered, the head's button would only be refused."""
    desk = a_case("customer_negotiation")
    visit = desk.visit("customer_negotiation")
    before = [n.to for n in desk.told("approval") if n.visit == visit]
    desk.decide("USALES1", "customer_negotiation", "report", **FIELDS["customer_negotiation"])
    after = [n.to for n in desk.told("approval") if n.visit == visit]
    assert (before, after) == (["CSALES"], ["CSALES", "USMGR"])


def test_who_signs_has_one_card_also_when_the_answer_before_his_was_taken_back_and_given_again() -> None:
    """PITFALLS 43, one card for each step: the card that he had waits with him and comes alive again."""
    desk = a_case("customer_negotiation")
    visit = desk.visit("customer_negotiation")
    for accepted in (True, False):
        desk.decide(
            "USALES1", "customer_negotiation", "report", **FIELDS["customer_negotiation"] | {"offer_accepted": accepted}
        )
        if accepted:
            desk.take_back("USALES1", visit)

    assert [n.to for n in desk.told("approval") if n.visit == visit] == ["CSALES", "USMGR"]


def test_departments_that_answer_one_after_the_other_have_one_card_each_whatever_is_taken_back() -> None:
    """RT-05, `seats: in turn`: the third department's turn goes back by two answers and comes again."""
    raw = small()
    raw["roles"] |= {"service": {}}
    raw["stages"]["decide"] |= {"who": "quality", "with": ["service", "general_manager"], "seats": "in turn"}
    first, second, third = (person(role) for role in ("quality", "service", "general_manager"))
    desk = MadeDesk(raw)
    desk.log(person("sales"))
    desk.decide(person("sales"), "intake", market="domestic", amount="100", established=True)
    visit = desk.visit("decide")

    desk.decide(first, "decide")
    desk.decide(second, "decide")
    before = [n.to for n in desk.told("approval") if n.visit == visit]
    desk.take_back(second, visit)
    desk.take_back(first, visit)
    with pytest.raises(NotAuthorized):
        desk.decide(third, "decide")
    desk.decide(first, "decide")
    desk.decide(second, "decide")

    assert len(before) == len(set(before)) == 3
    assert [n.to for n in desk.told("approval") if n.visit == visit] == before
    desk.decide(third, "decide")
    assert "decide" not in desk.open_stages()


def test_a_signer_put_after_gets_the_card_after_the_decider_and_one_before_at_once() -> None:
    desk = a_case("approval_1")
    visit = desk.visit("approval_1")

    def told() -> list[str]:
        return [n.to for n in desk.told("approval") if n.visit == visit]

    desk.act(AddSigner, desk.actor("approval_1"), visit=visit, member="UACC", place="after")
    desk.act(AddSigner, desk.actor("approval_1"), visit=visit, member="UQHEAD", place="before")
    with_the_one_before = told()
    desk.decide("UQHEAD", "approval_1")
    when_he_signed = told()
    desk.pass_stage("approval_1")
    assert with_the_one_before == when_he_signed == ["CDEPUTYGM", "UQHEAD"]
    assert told() == ["CDEPUTYGM", "UQHEAD", "UACC"]


def test_whatever_shows_the_buttons_of_a_stage_is_a_card_that_follows_it() -> None:
    """DESIGN 3: decided cards lose their buttons everywhere they were posted; an urge or an answer is no exception."""
    desk = a_case("quality_analysis")
    visit, later = desk.visit("quality_analysis"), desk.due("quality_analysis") + timedelta(days=1)
    desk.act(Urge, "USALES1", visit=visit)
    desk.act(AskReporter, "UQUAL1", visit=visit, words="Which lot?")
    desk.act(AnswerQuestion, "USALES1", question=1, words="Lot 7")
    desk.act(AskExtension, "UQUAL1", visit=visit, until=later, reason="A sample is on its way")
    desk.act(RuleExtension, "UGM", visit=visit, granted=True, until=later)

    told = [n for kind in ("urge", "question", "answer", "extension", "extension_ruled") for n in desk.told(kind)]
    assert {n.kind for n in told if n.live} == {n.kind for n in told}
    assert len({n.kind for n in told}) == 5


CLIMBING = STORES.replace("tell: [superior of owner]", "tell: [head of owner]").replace(
    "tell: [general_manager]", "tell: [head of owner]"
)


@pytest.mark.parametrize(
    ("who", "away", "told"),
    [
        ("store_manager", None, "UNORTH"),
        ("store_manager", "UDEPUTY", "UDEPUTY"),
        ("store_manager", "", "UGM"),
        ("clerk", None, "UGM"),
    ],
    ids=["the head", "his deputy", "nobody stands in", "no head"],
)
def test_an_escalation_to_the_head_reaches_somebody_who_is_there(who: str, away: str | None, told: str) -> None:
    """D14: who stands in for a head on leave, else the general manager; it was told to nobody where there is no head."""
    desk = stores_desk(text=CLIMBING.replace("handle: {who: store_manager", f"handle: {{who: {who}"))
    now = desk.clock.at
    absence = Absence(member="UNORTH", from_at=now, until_at=now + timedelta(days=30), deputy=away or None)
    desk.settings.people = replace(desk.plan, absences=(absence,) if away is not None else ())
    desk.log("UCLERK2", what="leak", store="store1")
    desk.at("2026-11-09 12:00")

    assert {n.to for n in desk.told("escalation")} == {told}
