"""What a regulation works out from time, other cases and sums, on the screen of those whom it concerns; and who appeals."""

from __future__ import annotations

import pytest

from handlers.cards.refs import Ref
from tests.handlers.cards.drawn import draw, shown
from tests.handlers.filled import buttons_of, words_of
from tests.handlers.talk import Person, Talk
from tests.policies import test_fitness_club_graded as fitness
from tests.policies import test_furniture_mall_tenant as mall
from tests.policies import test_market_dev_first_contact as market
from tests.policies import test_module_graded as module
from tests.policies import test_nonconforming_loss_sharing as loss
from tests.policies import test_testing_laboratory as laboratory
from tests.support.policy_desk import PolicyDesk, head, person


def at(desk: PolicyDesk, stage: str, case_id: str = "case1") -> Ref:
    return Ref(case=case_id, visit=desk.open_visit(stage, case_id).id, facts=desk.case(case_id).facts_version)


async def case_on_screen(who: Person) -> str:
    return words_of(await who.command(f"show {who.talk.desk.case().name}"))


async def open_more(who: Person) -> Person:
    """Open the case with the command, and its More…."""
    answer = await who.command(f"show {who.talk.desk.case().name}")
    [more] = [b for b in buttons_of(answer["blocks"]) if b["action_id"] == "case.more"]
    await who.click("case.more", more["value"])
    return who


@pytest.mark.capabilities("CL-06")
async def test_half_a_month_unsolved_raises_the_grade_on_the_card() -> None:
    """fitness-club-graded 二级4."""
    desk = fitness.at("handle", our_fault=True, loss="5")
    manager = Talk(desk).person(head("customer_service"))
    desk.at("2026-11-16 12:00")
    assert "Grade 2" not in await case_on_screen(manager)
    desk.at("2026-11-17 24:00")

    assert "*Grade*  Grade 2" in await case_on_screen(manager)
    told = {n.to: n for n in desk.told("rule")}[person("general_manager")]
    assert "由于我方原因仍未解决投诉" in shown(draw(desk, told, "en"))


@pytest.mark.capabilities("CL-09", "SR-06")
async def test_the_third_different_person_with_the_same_matter_is_a_warning() -> None:
    """fitness-club-graded 二级3: who warns is the desk, who reads it is the head; the same person again is none."""
    desk = PolicyDesk(fitness.ID)
    for case_id, customer in (("second", "C-0900"), ("case1", "C-0417"), ("again", "C-0417")):
        desk.log("UTRAINER", case_id, **{**fitness.WALK.form, "customer": customer})
    assert desk.told("rule") == []
    trainer = Talk(desk).person("UTRAINER")
    desk.log("UTRAINER", "third", **{**fitness.WALK.form, "customer": "C-0333"})

    [warning] = desk.told("rule")
    assert warning.to == head("customer_service")
    card = shown(draw(desk, warning, "en"))
    assert "For your information" in card
    assert "一个月内累计三次以上不同投诉人的相同投诉" in card
    assert desk.case("third").number in card
    assert desk.case("third").number in words_of(await trainer.command(f"show {desk.case('third').name}"))


@pytest.mark.capabilities("CL-10")
@pytest.mark.parametrize(("before", "deputy_approves"), [("39", False), ("40", True)])
async def test_modules_of_repeats_add_up_and_another_person_approves(before: str, deputy_approves: bool) -> None:
    """module-graded 3.1.1D: 10 modules now, and those of the first complaint."""
    desk = module.second({"defect_degree": "degree_2"}, first_quantity=before)
    desk.walk("approval", module.USUAL, "case2", defect_degree="degree_2")
    deputy = Talk(desk).person(person("deputy_gm"))
    await deputy.open_home()

    assert (desk.case("case2").name in words_of(deputy.home)) is deputy_approves


@pytest.mark.capabilities("CL-13")
@pytest.mark.parametrize(
    ("complained_on", "stage", "signs"), [("2026-10-29", "six_sign", True), ("2026-10-30", "market_sign", False)]
)
async def test_the_80th_day_since_production_decides_which_departments_sign(
    complained_on: str, stage: str, signs: bool
) -> None:
    """nonconforming-loss-sharing 二1, 二2, 三R4: produced on 10 August."""
    desk = loss.at_stage(stage, {"inspection": "passed", "product": "other", "complained_on": complained_on})
    talk = Talk(desk)
    production, marketing = talk.person(person("production")), talk.person(person("market"))
    await production.open_home()
    await marketing.open_home()

    assert ("Signatures of six departments" in words_of(production.home)) is signs
    assert ("Signature of Marketing" in words_of(marketing.home)) is not signs


@pytest.mark.capabilities("DL-17")
async def test_a_contract_that_ends_in_a_month_is_asked_about() -> None:
    """furniture-mall-tenant 四(一)2, 二: a reminder in the month before, and the deposit a year after."""
    desk = mall.a_case(mall.CONTRACT, "renewal_check")
    desk.at("2026-12-30 10:00")
    assert desk.told("reminder") == []
    desk.at("2027-01-05 10:00")
    reminder = desk.told("reminder")[0]
    assert "Renewal due Sun 31 Jan" in shown(draw(desk, reminder, "en"))
    manager = Talk(desk).person(person("mall_manager"))
    await manager.click("visit.main", at(desk, "renewal_check"))
    await manager.submit(field__ruling_reason="The tenant leaves")
    desk.at("2028-02-01 09:00")
    await manager.open_home()

    assert "Deposit returned" in words_of(manager.home)


@pytest.mark.capabilities("LP-15")
async def test_the_mall_fines_a_tenant() -> None:
    """furniture-mall-tenant 四(一)2: the manager, who has had no part in the case, proposes and the general manager imposes."""
    desk = mall.a_case(mall.QUALITY, "settle")
    talk = Talk(desk)
    proposer = await open_more(talk.person(person("mall_manager")))
    await proposer.press("Sanction…")
    await proposer.submit(field__sanction="fine", field__sanction_reason="Never answers", field__fine_amount="500")
    manager = talk.person(person("general_manager"))
    await manager.click("visit.main", at(desk, "sanction_ruling"))

    assert "CNY 500" in await case_on_screen(manager)
    assert "Never answers" in await case_on_screen(manager)


@pytest.mark.capabilities("LP-17")
async def test_who_is_sanctioned_finds_the_appeal_in_more_and_the_general_manager_rules() -> None:
    """market-dev-first-contact (四)7: the employee has had no part in the case before."""
    desk = market.sanctioned()
    desk.decide(person("general_manager", 2), "sanction_approval")
    talk = Talk(desk)
    seller = await open_more(talk.person("USELLER"))
    await seller.press("Appeal…")
    await seller.submit(field__appeal_reason="It was my chief")
    manager = talk.person(person("general_manager"))
    await manager.open_home()
    assert "Ruling on the appeal" in words_of(manager.home)
    await manager.click("visit.main", at(desk, "appeal_ruling"))
    await manager.submit(decision="dismiss", field__appeal_ruling_text="It stands")

    assert "execute_sanction" in desk.open_stages()


@pytest.mark.parametrize("other", ["USTRANGER", person("market_dev")])
async def test_who_is_not_sanctioned_is_offered_no_appeal(other: str) -> None:
    desk = market.sanctioned()
    desk.decide(person("general_manager", 2), "sanction_approval")

    assert "Appeal…" not in words_of((await open_more(Talk(desk).person(other))).seen)


@pytest.mark.capabilities("LP-09")
async def test_a_late_case_without_good_reason_costs_pay() -> None:
    """market-dev-first-contact (六)1: the opinion asks who answers for the delay, what is deducted and the criticism."""
    desk = market.late()
    desk.go("late_reason")
    manager = Talk(desk).person(person("general_manager"))
    await manager.click("visit.main", at(desk, "handling_opinion"))
    usual = {"field__handling_opinion_text": "Handled well", "field__employee_at_fault": "no"}
    answer = await manager.submit(**usual)
    assert {"field.late_persons", "field.deductions", "field.criticism"} <= set(answer["errors"])
    await manager.submit(
        **usual,
        field__late_persons=["first_contact_person"],
        field__deductions="<@UREPORTER>; 100",
        field__criticism="Two days late",
    )
    screen = await case_on_screen(manager)

    assert "Who answers for the delay?*  First contact" in screen
    assert "Two days late" in screen
    assert "sanction_approval" in desk.open_stages()


@pytest.mark.capabilities("OS-12")
async def test_a_wrong_report_is_taken_back_and_stamped_void() -> None:
    """testing-laboratory 2.2.5."""
    desk = laboratory.at_stage("reissue", laboratory.DATA)
    office = Talk(desk).person(person("business_office"))
    await office.click("visit.main", at(desk, "reissue"))
    usual = {
        "field__original_recalled": "yes", "field__corrected_report": ["F2"], "field__change_mark": "g", "field__result": "COD 41",
    }  # fmt: skip
    refused = await office.submit(**usual, field__void_stamped="no")
    assert set(refused["errors"]) == {"field.void_stamped"}
    await office.submit(**usual, field__void_stamped="yes")

    screen = await case_on_screen(office)
    assert "*Change mark on it*  (g)" in screen
    assert "reissue" not in desk.open_stages()
