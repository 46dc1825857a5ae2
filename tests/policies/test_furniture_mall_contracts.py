"""Two complaints in a contract, staff, sanctions; the contract's end and the deposit."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.facts import Facts
from complaints.refusals import FieldErrors, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.mall import CONTRACT, ID, QUALITY, STAFF, Mall, a_case, both
from tests.support.policy_desk import head, person

# --- two complaints, staff, sanctions ------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "四(一)2 renewal")
@pytest.mark.capabilities("LP-15")
@pytest.mark.parametrize(
    ("second", "established", "flagged"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"tenant_name": "Elm Ltd"}, True, False),
        ({"contract_no": "K-8"}, True, False),
    ],
)
def test_two_established_complaints_in_a_contract_and_the_mall_may_refuse_to_renew(
    second: dict[str, Any], established: bool, flagged: bool
) -> None:
    """「合同期內甲方接到兩起及以上顧客對乙方的投訴,甲方有權不再續簽合同」; established ones count (ours)."""
    desk = a_case(QUALITY, "closed", "case0")
    assert "may_not_be_renewed" not in {r.register for r in desk.happened(e.RegisterEntered, "case0")}
    desk.clock.at = local("2027-09-01 10:00")
    a_case(QUALITY, "closed", desk=desk, established=established, **second)
    assert ("may_not_be_renewed" in {r.register for r in desk.happened(e.RegisterEntered)}) is flagged
    assert (both("mall_manager") <= {n.to for n in desk.told("rule")}) is flagged


@pytest.mark.clauses(ID, "四(一)3")
@pytest.mark.capabilities("LP-15")
@pytest.mark.parametrize(
    ("severe", "action", "allowed"),
    [
        (False, "punished", True),
        (True, "dismissal_demanded", True),
        (True, "replacement_demanded", True),
        (False, "dismissal_demanded", False),
        (False, "replacement_demanded", False),
    ],
)
def test_sales_staff_is_punished_and_replaced_or_dismissed_only_if_it_is_severe(
    severe: bool, action: str, allowed: bool
) -> None:
    """四(一)3 「對行為后果嚴重者,甲方有權要求乙方對其調換或辭退」."""
    desk = a_case(STAFF, "staff_measure")
    assert (desk.may_act("staff_measure"), desk.due("staff_measure")) == ({"mall_manager"}, local("2026-11-04 18:00"))
    with pytest.raises(FieldErrors) as silent:
        desk.go("staff_measure", severe=None, employee=None, staff_action=None)
    assert set(silent.value.errors) == {"severe", "employee", "staff_action"}
    if not allowed:
        with pytest.raises(FieldErrors) as refused:
            desk.go("staff_measure", severe=severe, staff_action=action)
        assert set(refused.value.errors) == {"staff_action"}
        return
    desk.go("staff_measure", severe=severe, staff_action=action)
    assert desk.open_stages() == ["settle"]


@pytest.mark.clauses(ID, "四(一)2")
@pytest.mark.capabilities("LP-15")
@pytest.mark.parametrize("sanction", ["suspension", "fine", "termination"])
def test_the_mall_may_suspend_fine_or_end_the_contract(sanction: str) -> None:
    """四(一)2 「甲方有權采取停業、罰款等有效措施直至終止合同」."""
    desk = a_case(QUALITY, "settle")
    given = {"sanction": sanction, "sanction_reason": "Never answers"} | (
        {"fine_amount": "500"} if sanction == "fine" else {}
    )
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("mall_service"), route="sanctions", fields=given)
    with pytest.raises(FieldErrors) as refused:
        desk.act(cmd.BeginRoute, person("mall_manager"), route="sanctions", fields={"sanction": "fine"})
    assert set(refused.value.errors) == {"sanction_reason", "fine_amount"}
    desk.act(cmd.BeginRoute, person("mall_manager"), route="sanctions", fields=given)
    assert (desk.may_act("sanction_ruling"), desk.due("sanction_ruling")) == (
        {"general_manager"},
        local("2026-11-04 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("sanction_ruling", "impose", ruling_reason=None)
    desk.go("sanction_ruling", "impose")


# --- contract and deposit ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "四(一)2 renewal", "二 deposit")
@pytest.mark.capabilities("DL-17")
def test_a_contract_is_looked_at_before_it_ends_and_the_deposit_goes_back_a_year_after() -> None:
    """二 「終止合同期滿一年后……若無客戶投訴質量問題,甲方無條件予以退還」."""
    desk = a_case(CONTRACT, "renewal_check")
    assert (desk.may_act("renewal_check"), desk.due("renewal_check")) == ({"mall_manager"}, local("2027-01-31 24:00"))
    desk.at("2027-01-05 10:00")  # the last day of December and New Year's days are over
    reminded = {"reminder": (local("2027-01-04 09:00"), both("mall_manager"))}
    assert desk.steps(desk.stage_clock("renewal_check")) == reminded
    with pytest.raises(FieldErrors):
        desk.go("renewal_check", "ended", ruling_reason=None)
    desk.clock.at = local("2027-01-31 15:00")
    desk.go("renewal_check", "ended")
    assert (desk.case().outcome, desk.open_stages()) == ("contract_over", [])
    desk.at("2028-01-31 20:00")
    assert desk.open_stages() == []
    desk.at("2028-02-01 00:00")
    assert desk.may_act("deposit_release") == {"mall_manager"}
    assert desk.due("deposit_release") == local("2028-02-08 18:00")
    with pytest.raises(FieldErrors) as silent:
        desk.go("deposit_release")
    assert set(silent.value.errors) == {"quality_complaint", "deposit_returned"}
    with pytest.raises(FieldErrors) as less:
        desk.go("deposit_release", quality_complaint=False, deposit_returned="4999.99")
    assert set(less.value.errors) == {"deposit_returned"}
    desk.go("deposit_release", quality_complaint=False, deposit_returned="5000")
    assert desk.case().status == "finished"


@pytest.mark.clauses(ID, "四(一)2 renewal", "二 deposit")
@pytest.mark.capabilities("DL-17")
def test_a_late_renewal_climbs_and_a_renewed_contract_keeps_its_deposit() -> None:
    desk = a_case(CONTRACT, "renewal_check")
    desk.at("2027-02-03 10:00")
    steps = desk.steps(desk.stage_clock("renewal_check"))
    assert steps["reminder_slip"][1] == {*both("mall_manager"), head("mall_manager")}
    assert steps["escalation"][1] == both("general_manager")
    desk.go("renewal_check", "renewed")
    assert desk.case().outcome == "contract_renewed"
    desk.at("2028-03-01 10:00")
    assert desk.open_stages() == []


@pytest.mark.clauses(ID, "二 deposit")
def test_with_a_quality_complaint_less_may_be_returned() -> None:
    desk = a_case(CONTRACT, "renewal_check")
    desk.go("renewal_check", "ended")
    desk.at("2027-11-03 10:00")
    desk.go("deposit_release", quality_complaint=True, deposit_returned="0")


@pytest.mark.clauses(ID, "四(一)2 renewal", "二 deposit")
@pytest.mark.capabilities("LP-15", "DL-17")
@pytest.mark.parametrize(
    ("complaints", "refused", "quality"),
    [([QUALITY], False, 1), ([QUALITY, STAFF], True, 1), ([STAFF, STAFF], True, 0), ([QUALITY, QUALITY], True, 2)],
)
def test_the_contract_knows_its_complaints(complaints: list[dict[str, Any]], refused: bool, quality: int) -> None:
    """What the mall manager sees when he decides on renewal and deposit; the contract itself is no complaint."""
    desk = Mall()
    for number, complaint in enumerate(complaints):
        a_case(complaint, "closed", f"c{number}", desk=desk)
    a_case(CONTRACT, "renewal_check", desk=desk)
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    facts = Facts(desk.case(), world)
    suggest = bundle(ID).policy.stages["renewal_check"].suggest["ended"]
    assert (suggest.evaluate(facts), facts.get("quality_count")) == (refused, quality)
