"""
What carries a default's id says what the default says, in every regulation of the shelf: D3, D4, D6 to D9, D12, D15, D17,
D18; what is left open is the desk's to set; and the check of policies is content with each of them.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from complaints import commands as cmd
from complaints.limits import Limit, Unit
from complaints.overriding import Office, decide
from complaints.policy import Policy
from complaints.policy_checks import check_policy
from complaints.policy_head import value_text
from complaints.policy_library import is_library
from complaints.refusals import FieldErrors
from storage.yaml_files import read_yaml
from tests.support.company import OFFICER, local
from tests.support.desks import POLICIES, bundle
from tests.support.each import each
from tests.support.policy_desk import plan_of

POLICIES_OF_COMPLAINTS = [
    p.stem for p in sorted(POLICIES.glob("*.yml")) if not is_library(read_yaml(p.read_bytes()).data)
]
EACH = pytest.mark.parametrize("policy", each(POLICIES_OF_COMPLAINTS))


def limit_of(amount: int, unit: Unit) -> Limit:
    return Limit(amount=amount, unit=unit)


NOW = local("2026-11-02 09:30")
AT_ONCE, IN_TIME = limit_of(2, Unit.WORKING_HOURS), limit_of(1, Unit.WORKING_DAYS)


def says(source: object, default: str) -> bool:
    return getattr(source, "text", None) == default


def of(name: str) -> Policy:
    return bundle(name).policy


@EACH
def test_at_once_is_two_working_hours_and_in_time_one_working_day(policy: str) -> None:
    """D3."""
    limits = [s.limit for s in of(policy).stages.values() if s.limit and says(s.limit.source, "D3")]
    assert {limit.fixed for limit in limits} <= {AT_ONCE, IN_TIME}


@EACH
def test_a_stage_without_a_limit_has_two_working_days_or_its_share_and_a_case_ten(policy: str) -> None:
    """D4: an equal share of a case limit is a day at the least; where the type decides, its table has a test of its own."""
    limits = [s.limit for s in of(policy).stages.values() if s.limit and says(s.limit.source, "D4")]
    assert {limit.fixed for limit in limits} <= {
        IN_TIME,
        limit_of(2, Unit.WORKING_DAYS),
        limit_of(10, Unit.WORKING_DAYS),
    }
    for clock in of(policy).clocks.values():
        if says(clock.source, "D4") and clock.limit is not None and clock.limit.table is None:
            assert clock.limit.fixed == limit_of(10, Unit.WORKING_DAYS)


@EACH
def test_the_callback_comes_on_the_third_day_and_is_tried_three_times(policy: str) -> None:
    """D6: 3 calendar days after the outcome was told; three attempts, a working day apart, then it is left."""
    for stage in of(policy).stages.values():
        if says(stage.source, "D6") and stage.attempts is not None:
            assert stage.limit is not None
            assert stage.limit.fixed == limit_of(3, Unit.CALENDAR_DAYS)
            assert (stage.attempts.times, stage.attempts.gap) == (3, limit_of(1, Unit.WORKING_DAYS))
            assert stage.decide[stage.attempts.else_].kind == "next"


@EACH
@pytest.mark.parametrize(
    ("solved", "score", "dissatisfied"), [(True, 3, False), (True, 2, True), (False, 5, True), (False, 2, True)]
)
def test_not_solved_or_two_and_below_is_dissatisfied(policy: str, solved: bool, score: int, dissatisfied: bool) -> None:
    """D6."""
    for stage in of(policy).stages.values():
        if says(stage.source, "D6") and stage.attempts is not None and stage.suggest:
            facts = {"solved": solved, "score": Decimal(score)}
            assert stage.suggest["dissatisfied"].evaluate(facts) is dissatisfied


@EACH
@pytest.mark.parametrize(("score", "allowed"), [("0.9", False), ("1", True), ("5", True), ("5.1", False), ("6", False)])
def test_satisfaction_is_asked_from_one_to_five(policy: str, score: str, allowed: bool) -> None:
    """D6."""
    for name, field in of(policy).fields.items():
        if says(field.source, "D6") and field.type == "number":
            assert field.must is not None
            assert field.must.evaluate({name: Decimal(score)}) is allowed


@EACH
def test_numbers_begin_anew_every_month(policy: str) -> None:
    """D7."""
    number = of(policy).papers.number
    if number and says(number.source, "D7"):
        assert (number.pattern, number.restart) == ("YYYYMM-NNN", "month")


@EACH
def test_records_are_kept_three_years_and_a_repeat_is_one_within_three_months(policy: str) -> None:
    """D8, D9."""
    loaded = of(policy)
    if says(loaded.papers.keep_source, "D8"):
        assert (loaded.papers.keep.amount, loaded.papers.keep.unit) == (3, "years")
    if loaded.repeat and says(loaded.repeat.source, "D9"):
        assert loaded.repeat.within == limit_of(3, Unit.MONTHS)


@EACH
def test_an_objection_comes_within_five_working_days_with_a_reason(policy: str) -> None:
    """D12: the reason is mandatory."""
    for route in of(policy).routes.values():
        if says(route.source, "D12") and route.opens and route.opens.by:
            assert route.opens.within == limit_of(5, Unit.WORKING_DAYS)
            assert [f.name for f in route.opens.fill if f.when is None] == ["objection_reason"]


@EACH
def test_statistics_are_made_every_month_by_the_tenth_and_sent_to_somebody(policy: str) -> None:
    """D15."""
    loaded = of(policy)
    ours = [d for d in loaded.duties.values() if says(d.source, "D15")]
    assert {(str(d.every), str(d.by)) for d in ours} <= {("month", "10th")}
    assert all(d.send_to for d in ours)
    if says(loaded.defaults.get("statistics"), "D15"):
        assert any(str(d.every) == "month" for d in loaded.duties.values())


@EACH
def test_who_explains_that_a_complaint_is_not_accepted_tells_the_customer(policy: str) -> None:
    """D17: the customer is informed politely."""
    for stage in of(policy).stages.values():
        if says(stage.source, "D17") and "told" in stage.decide:
            assert stage.tells


@EACH
def test_a_return_goes_back(policy: str) -> None:
    """D18."""
    targets = [s.decide["return"] for s in of(policy).stages.values() if "return" in s.decide]
    assert {target.kind for target in targets} <= {"back"}


@EACH
def test_who_is_satisfied_is_done_and_what_is_dismissed_stays(policy: str) -> None:
    """D6, D12: a satisfied customer and a dismissed objection lead on, never back."""
    for stage in of(policy).stages.values():
        for decision in {"satisfied", "dismiss"} & set(stage.decide):
            if says(stage.source, "D6") or says(stage.source, "D12"):
                assert stage.decide[decision].kind == "next"


@EACH
def test_the_desk_may_set_what_the_text_leaves_open_and_nothing_else(policy: str) -> None:
    """Figures of ours and the authority of D11 are set in Slack; what a clause fixes is not, a minimum (至少/以上) is."""
    loaded = of(policy)
    office = Office(plan=plan_of(bundle(policy)), overrides=(), calendars=(), policies={policy: loaded}, now=NOW)
    minimum = {"warning_fine", "minor_fine"}  # pcb-admin-penalty (五) 「罰扣400元以上」, 「罰扣800元以上」
    for name, value in loaded.values.items():
        wish = cmd.SetOverride(
            actor=OFFICER, key="set", kind="value", about=policy, value={"name": name, "value": value_text(value)}
        )
        if value.source.kind == "clause" and name not in minimum:
            with pytest.raises(FieldErrors):
                decide(wish, office)
        else:
            decide(wish, office)


@EACH
def test_the_check_has_nothing_to_say(policy: str) -> None:
    """Every stage is reached, ends, has an owner, a limit and somebody to climb to; nobody is the only judge of his own matter."""
    assert [str(finding) for finding in check_policy(of(policy)) if finding.severity != "note"] == []
