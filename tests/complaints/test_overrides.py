"""What is set in Slack over the desk file: who may, what fits, from when to when it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.desk_values import wrong_values
from complaints.events import Recorded
from complaints.overrides import Override, closures_of, in_effect, standing
from complaints.overriding import Office, decide, may_set
from complaints.people import DeskPlan
from complaints.policy_head import desk_value, value_text
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, Refusal
from tests.support.company import OFFICER, a_plan, local
from tests.support.desks import bundle
from tests.support.pcb import PcbDesk, a_case

NOW = "2026-11-02 09:30"
MON, TUE, FRI = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 6)


def an_office(*overrides: Override, plan: DeskPlan | None = None, now: str = NOW) -> Office:
    return Office(
        plan=plan or a_plan(),
        overrides=overrides,
        calendars=("main",),
        policies={p.policy.id: p for p in bundle("pcb-manufacturer")},
        now=local(now),
    )


def _of(name: str) -> Any:
    return next(p for p in bundle("pcb-manufacturer") if p.policy.id == name)


def ask(
    actor: str, kind: str, about: str, value: dict[str, Any], start: date | None = None, end: date | None = None
) -> Any:
    return cmd.SetOverride(actor=actor, key="set-1", kind=kind, about=about, value=value, from_on=start, until_on=end)


def an_override(
    kind: str, about: str, value: dict[str, Any], start: date | None = None, end: date | None = None
) -> Override:
    return Override(
        id=7, kind=kind, about=about, value=value, from_on=start, until_on=end, by=OFFICER, at=local(NOW)
    )  # fmt: skip


# --- who may -----------------------------------------------------------------------------------------------

WHO_MAY = [
    # the desk officer sets everything
    ("absence", "UPROD", OFFICER, True),
    ("deputy", "quality", OFFICER, True),
    ("members", "quality", OFFICER, True),
    ("head", "quality", OFFICER, True),
    ("closure", "main", OFFICER, True),
    ("value", "pcb-manufacturer", OFFICER, True),
    # anybody the own absence
    ("absence", "UPROD", "UPROD", True),
    ("absence", "USOMEBODY", "USOMEBODY", True),
    ("absence", "UQUAL1", "UQUAL2", False),
    # a head the absences of the department's people and its deputies, of no other one and nothing else
    ("absence", "UQUAL1", "UQHEAD", True),
    ("absence", "UPROD", "UQHEAD", False),
    ("deputy", "quality", "UQHEAD", True),
    ("deputy", "production", "UQHEAD", False),
    ("deputy", "quality", "UQUAL1", False),
    ("members", "quality", "UQHEAD", False),
    ("head", "quality", "UQHEAD", False),
    ("closure", "main", "UQHEAD", False),
    ("value", "pcb-manufacturer", "UGM", False),
]


@pytest.mark.parametrize(("kind", "about", "actor", "may"), WHO_MAY)
def test_who_may_set_what(kind: str, about: str, actor: str, may: bool) -> None:
    assert may_set(kind, about, actor, a_plan()) is may


def test_a_refusal_names_the_head_and_the_desk_officer() -> None:
    with pytest.raises(NotAuthorized) as refused:
        decide(ask("UQUAL2", "absence", "UQUAL1", {}, MON, FRI), an_office())

    assert refused.value.facts["people"] == ("UQHEAD", OFFICER)


# --- what fits ---------------------------------------------------------------------------------------------

WRONG = [
    (ask(OFFICER, "absence", "UPROD", {}, None, FRI), {"from": "missing"}),
    (ask(OFFICER, "absence", "UPROD", {}, FRI, TUE), {"until": "before_the_first_day"}),
    (ask(OFFICER, "absence", "UPROD", {}, date(2026, 10, 1), date(2026, 11, 1)), {"until": "not_in_future"}),
    (ask(OFFICER, "absence", "UPROD", {}, MON, date(2027, 11, 4)), {"until": "longer_than_a_year"}),
    (ask(OFFICER, "absence", "UPROD", {"deputy": "UPROD"}, MON, FRI), {"deputy": "somebody_else"}),
    (ask(OFFICER, "absence", "<!channel>", {}, MON, FRI), {"member": "missing"}),
    (ask(OFFICER, "deputy", "no_role", {"member": "UPROD"}), {"role": "not_a_choice"}),
    (ask(OFFICER, "deputy", "quality", {"member": "UPROD", "for": "UWH"}), {"for": "not_a_choice"}),
    (ask(OFFICER, "members", "quality", {"members": []}), {"members": "missing"}),
    (ask(OFFICER, "head", "quality", {"head": "*bold*"}), {"head": "missing"}),
    (ask(OFFICER, "closure", "moon", {}, MON, MON), {"calendar": "not_a_choice"}),
    (ask(OFFICER, "closure", "main", {}), {"from": "missing", "until": "missing"}),
    (ask(OFFICER, "value", "pcb-manufacturer", {"name": "deputy_gm_max", "value": "plenty"}), {"value": "not_such_a_value"}),
    (ask(OFFICER, "value", "pcb-manufacturer", {"name": "deputy_gm_max", "value": "NaN"}), {"value": "not_such_a_value"}),
    (ask(OFFICER, "value", "pcb-manufacturer", {"name": "company_excess", "value": "5"}), {"value": "not_such_a_value"}),
    (ask(OFFICER, "value", "pcb-manufacturer", {"name": "no_value", "value": "1"}), {"name": "not_a_choice"}),
    (ask(OFFICER, "value", "no_policy", {"name": "deputy_gm_max", "value": "1"}), {"name": "not_a_choice"}),
]  # fmt: skip


@pytest.mark.parametrize(("command", "wrong"), WRONG)
def test_what_does_not_fit_is_said_at_its_field(command: cmd.SetOverride, wrong: dict[str, str]) -> None:
    with pytest.raises(FieldErrors) as refused:
        decide(command, an_office())

    assert {name: reason for name, (reason, _) in refused.value.errors.items()} == wrong


def test_a_value_that_the_regulation_keeps_to_itself_can_not_be_set() -> None:
    office = an_office()
    policy = office.policies["pcb-manufacturer"]
    kept = policy.values["deputy_gm_max"].model_copy(update={"desk": False})
    office = replace(
        office, policies={"pcb-manufacturer": policy.model_copy(update={"values": {"deputy_gm_max": kept}})}
    )

    with pytest.raises(FieldErrors):
        decide(ask(OFFICER, "value", "pcb-manufacturer", {"name": "deputy_gm_max", "value": "1"}), office)


def test_the_same_again_is_refused() -> None:
    set_already = an_override("head", "quality", {"head": "UQUAL1"})

    with pytest.raises(NotAllowedHere, match="desk_set_already"):
        decide(ask(OFFICER, "head", "quality", {"head": "UQUAL1"}), an_office(set_already))


# --- withdrawing -------------------------------------------------------------------------------------------


def withdraw(actor: str, *overrides: Override, number: int = 7) -> e.Event:
    return decide(cmd.WithdrawOverride(actor=actor, key="k", override=number), an_office(*overrides))


def test_who_may_set_it_can_withdraw_it_and_who_set_it_only_while_he_may() -> None:
    absence = an_override("absence", "UQUAL1", {}, MON, FRI)

    assert withdraw("UQHEAD", absence) == e.OverrideWithdrawn(override=7)
    assert withdraw("UQUAL1", absence)
    assert withdraw(OFFICER, absence)
    with pytest.raises(NotAuthorized):
        withdraw("UPROD", absence)
    with pytest.raises(NotAuthorized):
        withdraw("UFORMER", replace(absence, by="UFORMER"))


@pytest.mark.parametrize(
    ("number", "override", "reason"),
    [
        (8, an_override("absence", "UQUAL1", {}, MON, FRI), "desk_withdrawn_already"),
        (7, an_override("closure", "main", {}, date(2026, 10, 1), date(2026, 10, 2)), "desk_over_already"),
    ],
)
def test_what_is_gone_or_over_is_not_withdrawn(number: int, override: Override, reason: str) -> None:
    with pytest.raises(NotAllowedHere, match=reason):
        withdraw(OFFICER, override, number=number)


def test_what_was_withdrawn_stands_no_more() -> None:
    log = [
        Recorded(seq=3, at=local(NOW), actor="UPROD", event=e.OverrideSet(
            kind="absence", about="UPROD", value={}, from_on="2026-11-02", until_on="2026-11-06")),
        Recorded(seq=4, at=local(NOW), actor=OFFICER, event=e.OverrideSet(kind="head", about="rnd", value={"head": "URND"})),
        Recorded(seq=9, at=local(NOW), actor="UPROD", event=e.OverrideWithdrawn(override=3)),
    ]  # fmt: skip

    (left,) = standing(log)

    assert (left.id, left.by, left.about) == (4, OFFICER, "rnd")


# --- what follows ------------------------------------------------------------------------------------------


def test_an_absence_holds_from_its_first_to_the_end_of_its_last_day() -> None:
    plan = in_effect(a_plan(), [an_override("absence", "UPROD", {"deputy": "UWH"}, TUE, FRI)], local(NOW))

    assert plan.holders("production", local("2026-11-02 23:59")) == ("UPROD",)
    assert plan.holders("production", local("2026-11-03 00:00")) == ("UWH",)
    assert plan.holders("production", local("2026-11-06 23:59")) == ("UWH",)
    assert plan.holders("production", local("2026-11-07 00:00")) == ("UPROD",)
    assert plan.stands_in_for("UWH", local("2026-11-04 10:00")) == ("UPROD",)
    assert plan.stands_in_for("UWH", local("2026-11-07 10:00")) == ()


def test_members_and_head_hold_on_their_days_and_the_later_one_wins() -> None:
    overrides = [
        an_override("members", "quality", {"members": ["UNEW"]}, TUE),
        an_override("head", "quality", {"head": "UNEW"}),
        an_override("head", "quality", {"head": "UNEWER"}),
        an_override("members", "role_that_is_gone", {"members": ["UNEW"]}),
    ]

    before = in_effect(a_plan(), overrides, local(NOW))
    after = in_effect(a_plan(), overrides, local("2026-11-03 08:00"))

    assert before.roles["quality"].members == ("UQUAL1", "UQUAL2")
    assert after.roles["quality"].members == ("UNEW",)
    assert (before.head("quality"), after.head("quality")) == ("UNEWER", "UNEWER")


def test_a_deputy_may_act_for_the_role_in_his_days() -> None:
    plan = in_effect(a_plan(), [an_override("deputy", "production", {"member": "UWH"}, TUE, FRI)], local(NOW))

    assert not plan.has_role("UWH", "production", local(NOW))
    assert plan.has_role("UWH", "production", local("2026-11-04 10:00"))


def test_closures_belong_to_their_calendar_even_when_they_are_over() -> None:
    overrides = [an_override("closure", "main", {}, MON, TUE), an_override("closure", "plant", {}, FRI, FRI)]

    assert closures_of("main", overrides) == ((MON, TUE),)


def test_a_value_that_was_set_decides_who_approves() -> None:
    """(九)6 leaves the amounts to the company: with 100,000 for the deputy GM he decides on what was the GM's."""
    desk = a_case("approval_1", amount="60000")
    assert "general_manager" in decider(desk)

    raised = a_case("quality_analysis")
    raised.settings.people = a_plan(values={"pcb-manufacturer": {"deputy_gm_max": "100,000"}})
    raised.to("approval_1", amount="60000")

    assert "deputy_gm" in decider(raised)


@pytest.mark.parametrize("nonsense", ["ten thousand", "1 day", "-1", "", "1e999"])
def test_a_value_of_the_desk_file_that_is_none_leaves_the_regulations_own(nonsense: str) -> None:
    """No act of any case ends in a fault because of it; the doctor, the check and health say it."""
    desk = a_case("quality_analysis")
    desk.settings.people = a_plan(values={"pcb-manufacturer": {"deputy_gm_max": nonsense}})
    desk.to("approval_1", amount="60000")

    assert "general_manager" in decider(desk)
    [said] = wrong_values([_of("pcb-manufacturer")], desk.settings.people.values)
    assert said.startswith("values.pcb-manufacturer.deputy_gm_max: ")
    assert said.endswith("until then what the regulation says holds.")


def test_a_value_that_no_regulation_has_is_said() -> None:
    written = {"pcb-manufacturer": {"deputy_gm_maxx": "1", "deputy_gm_max": "20,000"}, "pcb-manufacturers": {"a": "1"}}

    assert list(wrong_values([_of("pcb-manufacturer")], written)) == [
        "values.pcb-manufacturer.deputy_gm_maxx: the regulation has no such value. Did you mean deputy_gm_max?",
        "values.pcb-manufacturers: no regulation of this desk is called so. Did you mean pcb-manufacturer?",
    ]


def decider(desk: PcbDesk) -> list[str | None]:
    return [s.seat.role for v in desk.case().open_visits for s in v.seats]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("deputy_gm_max", "20,000", Decimal(20000)), ("company_excess", "4 %", Decimal("0.04"))],
)
def test_the_desk_writes_a_value_as_the_regulation_does(name: str, text: str, value: Decimal) -> None:
    assert desk_value(_of("pcb-manufacturer").values[name], text) == value


def test_a_share_is_shown_as_one() -> None:
    values = _of("pcb-manufacturer").values

    assert (value_text(values["company_excess"]), value_text(values["deputy_gm_max"])) == ("5 %", "50000")


def test_the_door_records_it_once_and_refuses_in_the_same_transaction() -> None:
    desk = a_case("quality_analysis")
    command = ask("UPROD", "absence", "UPROD", {"deputy": "UWH"}, TUE, FRI)

    first = desk.desk.arrange(command, {}).result()
    again = desk.desk.arrange(command, {}).result()
    with pytest.raises(Refusal):
        desk.desk.arrange(replace(command, key="set-2", kind="head", about="production"), {}).result()

    assert (first, again) == (True, False)
    assert [type(r.event).__name__ for r in desk.record.desk_log] == ["OverrideSet"]
