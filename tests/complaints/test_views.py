"""What cards show: masked names, the matter in one line, the route, the reserve, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from complaints import commands as cmd
from complaints.case import Case
from complaints.views import Look
from complaints.views_acts import acts_for
from complaints.views_case import case_view
from complaints.views_late import escalation_view
from complaints.views_matter import first_sentence
from complaints.views_names import masked
from complaints.views_rows import row_of_case, row_of_visit
from complaints.views_visit import visit_view
from complaints.views_words import date_text, fitting, number_text
from complaints.world import World
from tests.support.company import CUSTOMERS, local
from tests.support.desks import TestDesk
from tests.support.pcb import PcbDesk, a_case


def look_at(desk: TestDesk, case_id: str = "case1", language: str = "en", full: bool = False) -> Look:
    case = desk.case(case_id)
    world = World(
        now=desk.clock.now(),
        bundle=desk.bundle(case.bundle),
        people=desk.settings.plan(),
        calendars=desk.settings.calendars(),
        serial=lambda series, period: 0,
        count=lambda query: 0,
        load=desk.record.cases.get,
        customer=CUSTOMERS.get,
    )
    log = tuple(desk.record.logs[case_id])
    return Look(world=world, language=language, words=desk.record.words, full=full, log=log)


def states(desk: TestDesk) -> dict[str, str]:
    return {s.stage: s.state for s in case_view(desk.case(), look_at(desk)).route}


# --- words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("北橋儀器", "北○儀器"), ("王明", "王○"), ("王小明", "王○明"), ("Northbridge Instruments", "N… Instruments"),
        ("Northbridge", "N…"), ("A", "A…"), ("  North   Co., Ltd. ", "N… Co., Ltd."),
    ],
)  # fmt: skip
def test_a_masked_name_keeps_what_its_friends_need(name: str, shown: str) -> None:
    """○ is only the mask in a name (CARDS, principle 9)."""
    assert masked(name) == shown


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("焊墊發黑、空焊。產線停線。", "焊墊發黑、空焊"),
        ("Black pads. The line stands.", "Black pads"),
        ("Rev. 2.5 boards warp", "Rev"),
        ("gold 0.03 µm too thin", "gold 0.03 µm too thin"),
        ("\n\n  first line\nsecond", "first line"),
        ("", ""),
    ],
)
def test_the_matter_is_the_first_sentence(text: str, line: str) -> None:
    assert first_sentence(text, 80) == line


def test_a_long_sentence_is_cut_visibly() -> None:
    assert first_sentence("黑" * 100, 10) == "黑" * 9 + "…"


def test_a_long_clause_is_quoted_where_it_speaks_of_the_stage() -> None:
    """pcb-manufacturer (九)4 names eight stages in one sentence."""
    clause = (
        "總經理室生產管理組接到業務部門的客戶抱怨處理表后即編列客戶投訴編號并登記于客戶抱怨案件登記追蹤表后"
        "送質量管理部追查分析原因及判定責任歸屬部門后,送生產單位分析異常原因并擬定處理對策,并送經理室批示意見"
    )

    assert fitting(clause, "品管分析 請品管分析原因") == "送質量管理部追查分析原因及判定責任歸屬部門"
    assert fitting(clause, "經理室批示 請批示意見") == "并送經理室批示意見"
    assert fitting(clause, "callback") == ""
    assert fitting("短的條文", "anything") == "短的條文"


def test_numbers_and_dates_for_people() -> None:
    assert number_text("2400.50") == "2,400.5"
    assert number_text("12000.00") == "12,000"
    assert date_text(local("2026-10-26 00:00").date(), "zh-Hans") == "2026/10/26"


def test_a_quantity_that_is_not_yet_determined_stays_as_written() -> None:
    """pcb-manufacturer (九)1b: 「客戶加工中未確定」."""
    desk = a_case("quality_analysis", return_quantity="unknown")

    chinese = {p.name: p.value for p in case_view(desk.case(), look_at(desk, language="zh-Hant")).fields}
    english = {p.name: p.value for p in case_view(desk.case(), look_at(desk)).fields}

    assert chinese["wants"] == "換貨 客戶加工中未確定"
    assert english["wants"] == "Replace the goods, not yet determined"


@pytest.mark.parametrize(("typed", "shown"), [
    ("樣品 5 片在業務部", "樣品 5 片在業務部"), ("样品5片", "样品5片"), ("5 片已寄出", "樣品 5 片已寄出"), ("5", "樣品 5 件"),
])  # fmt: skip
def test_a_sample_is_called_one_once(typed: str, shown: str) -> None:
    desk = a_case("quality_analysis", defect_sample=typed)

    assert case_view(desk.case(), look_at(desk, language="zh-Hant")).sample == shown


# --- the case ----------------------------------------------------------------------------------------------


def test_the_place_counts_only_the_stages_that_apply() -> None:
    """Stage 3 of 12: R&D, a third party and "not established" are not on this case's way (CARDS 2)."""
    facts = case_view((desk := a_case("production_analysis")).case(), look_at(desk))

    assert (facts.place, facts.of) == (3, 12)
    assert [s.stage for s in facts.route][:4] == [
        "register",
        "quality_analysis",
        "production_analysis",
        "manager_opinion",
    ]


def test_an_optional_stage_counts_once_somebody_asked_for_it() -> None:
    desk = a_case("production_analysis", rnd_opinion_needed=True)

    assert case_view(desk.case(), look_at(desk)).of == 13


def test_a_returned_stage_is_not_done() -> None:
    desk = a_case("production_analysis")
    desk.decide("UPROD", "production_analysis", "return", reason="Which lot?", to_stage="quality_analysis")

    assert states(desk)["quality_analysis"] == "now"
    assert states(desk)["production_analysis"] == "later"


def test_a_stage_that_comes_again_says_why_it_was_sent_back() -> None:
    desk = a_case("production_analysis")
    desk.decide("UPROD", "production_analysis", "return", reason="Which lot?", to_stage="quality_analysis")

    quotes = visit_view(desk.case(), desk.case().open_visits[0], look_at(desk)).quotes

    assert (quotes[0].label, quotes[0].text) == ("Production analysis: Return", "Which lot?")


def test_what_follows_the_closing_is_told_apart() -> None:
    desk = a_case("closed")
    facts = case_view(desk.case(), look_at(desk))

    assert {s.state for s in facts.route} == {"done"}
    assert {s.stage for s in facts.after} == {"execution", "improvement_plan"}
    assert facts.promise is None


def test_the_reply_is_locked_until_the_approval_and_open_until_it_is_given() -> None:
    """pcb-manufacturer (九)11."""
    found = [_reply(a_case(stage)) for stage in ("approval_1", "customer_negotiation", "closed")]
    desk = a_case("closed")
    desk.pass_stage("execution")

    assert found == ["locked", "open", "open"]
    assert _reply(desk) is None


def _reply(desk: PcbDesk) -> str | None:
    return case_view(desk.case(), look_at(desk)).reply


def test_a_reader_without_need_sees_the_masked_name() -> None:
    desk = a_case("quality_analysis")

    names = [case_view(desk.case(), look_at(desk, full=full)).customer for full in (False, True)]

    assert [c.name for c in names if c] == ["N… Instruments", "North Instruments"]


# --- a visit -----------------------------------------------------------------------------------------------


def test_an_extension_shows_what_the_limit_was() -> None:
    desk = a_case("quality_analysis")
    visit = desk.visit("quality_analysis")
    before = desk.due("quality_analysis")
    desk.act(cmd.RuleExtension, "UGM", visit=visit, granted=True, until=local("2026-11-05 18:00"), reason="Fair")

    due = visit_view(desk.case(), desk.open_visit("quality_analysis"), look_at(desk)).due

    assert due is not None
    assert (due.at, due.was) == (local("2026-11-05 18:00"), before)


def test_a_changed_amount_is_not_confirmed_with_one_click() -> None:
    """`copy_from.same`: amount, settlement, quantity."""
    same, changed = a_case("final_decision"), a_case("consolidated_opinion_2")
    changed.at("2026-11-02 10:30")
    changed.pass_stage("consolidated_opinion_2", amount="13000")

    assert _confirm(same) == "Approval"
    assert _confirm(changed) is None


def _confirm(desk: PcbDesk) -> str | None:
    return visit_view(desk.case(), desk.open_visit("final_decision"), look_at(desk)).confirm


# --- lateness ----------------------------------------------------------------------------------------------


def test_the_reserve_is_what_the_stages_to_come_leave_of_the_promise() -> None:
    """CARDS 9: the promise ends on Sun 22 Nov, brought up on Fri 13 Nov 18:00, 7 days of stages to come."""
    desk = a_case("register", now="2026-11-09 10:20")
    desk.to("quality_analysis")
    desk.at("2026-11-10 15:42")
    desk.to("production_analysis")
    desk.at("2026-11-13 18:01")

    late = escalation_view(desk.case(), desk.open_visit("production_analysis"), look_at(desk))

    assert late.fired_at == local("2026-11-13 18:00")
    assert late.rest_days == Decimal(7)
    assert late.reserve_days == Decimal(2)
    assert late.late == "1 working day"
    assert [line.kind for line in late.history] == ["opened", "reminder", "reminder_slip"]
    assert late.again_at == local("2026-11-16 09:00")


def test_repeated_escalations_are_one_line() -> None:
    desk = a_case("production_analysis")
    desk.at("2026-11-10 12:00")

    late = escalation_view(desk.case(), desk.open_visit("production_analysis"), look_at(desk))

    assert [(line.kind, line.times) for line in late.history if line.kind == "escalation"] == [("escalation", 3)]


# --- rows and acts -----------------------------------------------------------------------------------------


def test_a_decided_row_has_nothing_to_press() -> None:
    desk = a_case("quality_analysis")
    number = desk.visit("quality_analysis")
    desk.to("production_analysis")
    case: Case = desk.case()

    row = row_of_visit(case, case.visits[number], look_at(desk))

    assert (row.act, row.done) == (None, True)
    assert row_of_case(case, look_at(desk)).stage == "Production analysis"


def acts(desk: PcbDesk, actor: str, stage: str) -> set[str]:
    return {a.id for a in acts_for(desk.case(), desk.open_visit(stage), actor, look_at(desk))}


def test_more_shows_only_what_this_person_may_do() -> None:
    desk = a_case("quality_analysis")

    assert acts(desk, "UQUAL1", "quality_analysis") == {
        "main", "return", "ask", "add_signer", "hand_over", "wait", "extend", "limit", "contact", "history",
    }  # fmt: skip
    assert acts(desk, "UGMO1", "quality_analysis") >= {"amend", "void", "merge", "history"}
    assert "main" not in acts(desk, "UGMO1", "quality_analysis")
    assert acts(desk, "UWH", "quality_analysis") == set()


def test_a_decided_stage_names_who_answered_and_not_who_holds_the_role_today() -> None:
    """Its card says who came next; somebody who comes into that department later had nothing to do with it."""
    desk = a_case("manager_opinion")
    quality = next(v for v in desk.case().visits.values() if v.stage == "quality_analysis")
    role = desk.settings.people.roles["production"]
    others = {**desk.settings.people.roles, role.id: replace(role, members=("UNEW1", "UNEW2"))}
    desk.settings.people = replace(desk.settings.people, roles=others)

    decided = visit_view(desk.case(), quality, look_at(desk)).decided

    assert decided is not None
    assert [turn.team.people for turn in decided.next] == [("UPROD",)]


def test_a_decision_can_be_taken_back_until_the_next_one_acts() -> None:
    desk = a_case("production_analysis")

    assert "take_back" in acts(desk, "UQUAL1", "production_analysis")
    desk.pass_stage("production_analysis")
    assert "take_back" not in acts(desk, "UQUAL1", "manager_opinion")


def test_an_objection_is_offered_once_there_is_a_final_decision() -> None:
    """pcb-manufacturer (九)12."""
    desk = a_case("closing")

    assert "route:objection" in acts(desk, "UPROD", "closing")


def test_erased_words_are_none_not_empty() -> None:
    desk = a_case("quality_analysis")
    look = replace(look_at(desk), words=dict.fromkeys(desk.record.words))

    facts = case_view(desk.case(), look)

    assert facts.quote is not None
    assert facts.quote.text is None
    assert facts.matter == "186 of 2,400 boards (7.75%)"
