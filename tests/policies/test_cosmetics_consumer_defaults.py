"""What our defaults add: lateness, callback, anonymous complaints, objections, registers."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.cosmetics import ALLERGY, DEALER, ID, LOCAL, NOBODY, WALK, at, logged, take
from tests.support.policy_desk import head, person
from tests.support.who_may import may_decide, refused_fields, slips

# --- defaults ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.capabilities("DL-22")
def test_what_is_late_climbs_to_the_general_manager() -> None:
    """D5; the case has 15 working days (our default)."""
    desk = at("coordinate_dealer", **DEALER)
    assert desk.promise().due_at == local("2026-11-23 18:00")
    desk.at("2026-11-04 09:00")
    assert head("local_head") in slips(desk)
    desk.at("2026-11-04 18:00")
    assert person("general_manager") in slips(desk, "escalation")


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
@pytest.mark.parametrize(("form", "again"), [(DEALER, "coordinate_dealer"), (ALLERGY, "explain_and_letter")])
def test_a_dissatisfied_consumer_is_taken_up_again(
    answers: dict[str, Any], reopens: bool, form: dict[str, Any], again: str
) -> None:
    """D6: the same way once more, by its kind."""
    desk = at("callback", **form)
    assert (desk.roles("callback"), desk.due("callback")) == (["market_management"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    before = len(desk.told("rule"))
    WALK.called(desk, **answers)
    assert desk.open_stages() == (["take_up_again"] if reopens else [])
    assert (head("market_management") in {n.to for n in desk.told("rule")[before:]}) is reopens
    if reopens:
        assert desk.due("take_up_again") == local("2026-11-03 18:00")
        assert refused_fields(lambda: take(desk, "take_up_again", again_words=None)) == {"again_words"}
        take(desk, "take_up_again")
        assert desk.open_stages() == [again]


def test_anonymous_complaints_are_recorded_and_nobody_is_called() -> None:
    """D10."""
    desk = logged(**NOBODY)
    assert (may_decide(desk, "anonymous_gate"), desk.due("anonymous_gate")) == (
        {"head of market_management"},
        local("2026-11-03 18:00"),
    )
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    take(desk, "anonymous_gate", "record_only", reason="Nothing to go by")
    assert desk.case().outcome == "recorded_only"
    assert "callback" not in at("closed", **DEALER, **NOBODY).open_stages()


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
@pytest.mark.parametrize("who", [person("sales_section"), person("market_management"), person("local_head"), LOCAL])
def test_who_is_concerned_may_object_for_five_working_days(when: str, allowed: bool, who: str) -> None:
    """D12; the person complained of is one of them (here a market head), the other heads too."""
    desk = at("closed")
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, who)
        return
    with pytest.raises(NotAuthorized):
        WALK.object(desk, person("legal"))
    assert refused_fields(lambda: WALK.object(desk, who, objection_reason="")) == {"objection_reason"}
    WALK.object(desk, who)
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert "take_up_again" in desk.open_stages()


@pytest.mark.clauses(ID, "管理部门")
@pytest.mark.capabilities("GA-11")
def test_register_statistics_repeats_and_keeping() -> None:
    """管理部门 「营销中心负责消费者投诉的管理」; D15, D9, D8."""
    [entry] = [x for x in logged().happened(e.RegisterEntered) if x.register == "consumer_complaints"]
    assert entry.row["kind"] == "service"
    duty, repeat, papers = WALK.file.duties["statistics"], WALK.file.repeat, WALK.file.papers
    assert (duty.every, duty.by, str(duty.who)) == ("month", "10th", "marketing_centre")
    assert [str(w) for w in duty.send_to] == ["market_gm", "general_manager"]
    assert {"counts", "kind", "settlement", "amount", "late_by"} <= set(duty.contents)
    assert repeat is not None
    assert (repeat.same, str(repeat.within), str(papers.keep)) == (("customer", "kind"), "3 months", "3 years")
