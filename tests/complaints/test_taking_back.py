"""Taking back one's own decision: before the next one acts, by who may still decide there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints.people import Deputy
from complaints.refusals import NotAllowedHere, NotAuthorized
from tests.support.pcb import FIELDS, a_case


def test_a_decision_is_taken_back_before_the_next_one_acts() -> None:
    desk = a_case("quality_analysis")
    due, visit = desk.due("quality_analysis"), desk.visit("quality_analysis")
    desk.clock.at += timedelta(hours=2)
    desk.pass_stage("quality_analysis")
    desk.take_back("UQUAL1", visit)

    assert desk.open_stages() == ["quality_analysis"]
    assert desk.due("quality_analysis") == due
    desk.pass_stage("quality_analysis", liable_unit="rnd")
    assert desk.open_stages() == ["production_analysis"]


def test_it_is_too_late_once_the_next_one_acted() -> None:
    desk = a_case("quality_analysis")
    visit = desk.visit("quality_analysis")
    desk.pass_stage("quality_analysis")
    desk.pass_stage("production_analysis")
    with pytest.raises(NotAllowedHere) as refused:
        desk.take_back("UQUAL1", visit)
    assert refused.value.reason == "too_late_to_take_back"


def test_nobody_takes_back_what_another_decided() -> None:
    desk = a_case("production_analysis")
    for other in ("UQUAL2", "UGM", "USALES1"):
        with pytest.raises(NotAuthorized):
            desk.take_back(other, desk.visit("quality_analysis"))


def test_a_registration_is_not_taken_back_since_the_number_is_used() -> None:
    """(八), DESIGN 8: numbers have no gaps."""
    desk = a_case("quality_analysis")
    with pytest.raises(NotAllowedHere):
        desk.take_back("UGMO1", desk.visit("register"))


def test_a_closing_is_not_taken_back() -> None:
    desk = a_case("closed")
    with pytest.raises(NotAllowedHere):
        desk.take_back("UGMO1", desk.visit("closing"))


def test_what_waits_for_a_signature_is_taken_back_until_it_is_signed() -> None:
    """(九)5: before the head has read it, sales may correct what it reported."""
    desk = a_case("customer_negotiation")
    desk.decide("USALES1", "customer_negotiation", "report", **FIELDS["customer_negotiation"])
    with pytest.raises(NotAuthorized):
        desk.take_back("USMGR", desk.visit("customer_negotiation"))
    desk.take_back("USALES1", desk.visit("customer_negotiation"))

    with pytest.raises(NotAuthorized):
        desk.decide("USMGR", "customer_negotiation")
    desk.pass_stage("customer_negotiation", offer_accepted=False)
    assert desk.case().fields["offer_accepted"] is False


@pytest.mark.parametrize(("hours", "may"), [(1, True), (2, False), (30, False)])
def test_a_deputy_takes_back_until_his_days_are_over(hours: int, may: bool) -> None:
    """At the very instant of their end he is nobody any more; what he decided stands."""
    desk = a_case("quality_analysis")
    now, plan = desk.clock.at, desk.settings.people
    deputy = Deputy(member="UDEPUTY", from_at=now, until_at=now + timedelta(hours=2))
    quality = replace(plan.roles["quality"], deputies=(deputy,))
    desk.settings.people = replace(plan, roles={**plan.roles, "quality": quality})
    visit = desk.visit("quality_analysis")
    desk.decide("UDEPUTY", "quality_analysis", **FIELDS["quality_analysis"])
    desk.clock.at += timedelta(hours=hours)

    if may:
        desk.take_back("UDEPUTY", visit)
    else:
        with pytest.raises(NotAuthorized) as refused:
            desk.take_back("UDEPUTY", visit)
        assert refused.value.reason == "no_longer_yours"

    assert desk.open_stages() == ["quality_analysis" if may else "production_analysis"]


def test_who_took_it_back_and_left_since_is_not_told_that_what_he_decided_stands() -> None:
    desk = a_case("quality_analysis")
    plan = desk.settings.people
    visit = desk.visit("quality_analysis")
    desk.decide("UQUAL1", "quality_analysis", **FIELDS["quality_analysis"])
    desk.take_back("UQUAL1", visit)
    desk.settings.people = replace(
        plan, roles={**plan.roles, "quality": replace(plan.roles["quality"], members=("UQUAL2",))}
    )

    with pytest.raises(NotAuthorized) as refused:
        desk.take_back("UQUAL1", visit)

    assert refused.value.reason == "nothing_to_take_back"
