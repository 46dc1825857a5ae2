"""The monthly meeting and the punishment list: the cases that they are about stand on their cards."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from functools import cache

import pytest

from complaints import commands as cmd
from complaints.notices import Notice
from complaints.statistics import Amount, Flow
from complaints.statistics_rows import NOBODY
from complaints.views import CustomerFacts, Pair
from complaints.views_duty import DutyList, DutyRow
from handlers.cards.duty import list_blocks
from handlers.report_texts import Reader
from handlers.texts import LANGUAGES
from tests.handlers.cards.drawn import buttons, draw, redraw, shown
from tests.handlers.cards.test_cards import check
from tests.support.pcb import PcbDesk, a_case
from tests.support.policy_desk import PolicyDesk

MEETING = {
    "shares": [{"complaint": "261101", "unit": "production", "share": "100 %"}],
    "measures_reviewed": "All were looked at",
}


def begin(desk: PcbDesk, duty: str) -> None:
    desk.submit(
        cmd.OpenCase(
            actor=cmd.CLOCK, key=duty, case_id=duty, policy="pcb-manufacturer", fields={}, via="clock", kind="duty",
            duty=duty, period="2026-12",
        )
    )  # fmt: skip


@cache
def december(duty: str, punishment: str = "administrative") -> PcbDesk:
    """Return a desk on 1 December: a complaint was closed in November."""
    desk = a_case("closed", punishment=punishment)
    desk.at("2026-12-01 09:30")
    begin(desk, duty)
    return desk


def of(desk: PcbDesk, kind: str, duty: str) -> dict[str, Notice]:
    """Return address to notice of what a duty told."""
    return {n.to: n for n in desk.told(kind) if n.case_id == duty}


@pytest.mark.clauses("pcb-manufacturer", "(九)10")
@pytest.mark.capabilities("SR-01")
def test_the_meeting_is_shown_to_the_departments_that_take_part() -> None:
    """(九)10 「會同制造部、質量管理部、研發部」: each in its own channel, and only the office has buttons."""
    desk = december("case_meeting")
    people = desk.settings.plan()

    assert set(of(desk, "approval", "case_meeting")) == {people.channel("gm_office")}
    invited = of(desk, "duty", "case_meeting")
    assert set(invited) == {people.channel(role) for role in ("production", "quality", "rnd")}
    for notice in invited.values():
        assert buttons(draw(desk, notice)) == []


@pytest.mark.clauses("pcb-manufacturer", "(九)10")
@pytest.mark.capabilities("SR-01")
def test_the_card_lists_last_months_cases() -> None:
    """(九)10 「匯總上月份結案的案件」: number, masked customer, unit, measure, in time or late."""
    desk = december("case_meeting")
    for notice in (*of(desk, "approval", "case_meeting").values(), *of(desk, "duty", "case_meeting").values()):
        card = draw(desk, notice)
        check(card, notice.kind)
        text = shown(card)
        assert desk.case().number in text
        assert "C-0417" in text


def test_a_channel_that_needs_no_name_sees_it_masked() -> None:
    desk = december("case_meeting")
    people = desk.settings.plan()
    office = draw(desk, of(desk, "approval", "case_meeting")[str(people.channel("gm_office"))])
    production = draw(desk, of(desk, "duty", "case_meeting")[str(people.channel("production"))])

    assert "北方儀器" in shown(office)
    assert "北方" not in shown(production)
    assert "北○儀器" in shown(production)


def test_a_case_closed_in_another_month_is_not_listed() -> None:
    desk = a_case("closed")
    desk.at("2027-01-04 09:30")
    begin(desk, "case_meeting")
    card = draw(desk, next(iter(of(desk, "approval", "case_meeting").values())))
    assert "2026 年 12 月沒有須列入的結案案件。" in shown(card)


@pytest.mark.clauses("pcb-manufacturer", "(十二)1")
@pytest.mark.parametrize(("punishment", "is_listed"), [("administrative", True), ("both_punishments", True), ("economic", False), ("no_punishment", False)])  # fmt: skip
def test_the_punishment_list_holds_administrative_punishments(punishment: str, is_listed: bool) -> None:
    """(十二)1 「凡經批示為行政處分者」."""
    desk = december("punishment_list", punishment)
    card = draw(desk, next(iter(of(desk, "approval", "punishment_list").values())))
    assert (str(desk.case().number) in shown(card)) is is_listed


@pytest.mark.clauses("pcb-manufacturer", "(十二)1")
def test_the_list_goes_to_personnel_when_it_is_sent() -> None:
    """(十二)1 「經整理后送人事單位」: before that nobody but the office sees it."""
    desk = a_case("closed", punishment="administrative")
    desk.at("2026-12-01 09:30")
    begin(desk, "punishment_list")
    personnel = desk.settings.plan().channel("personnel")
    assert of(desk, "duty", "punishment_list") == {}

    desk.decide("UGMO1", "punishment_list", case_id="punishment_list")

    sent = of(desk, "duty", "punishment_list")
    assert list(sent) == [personnel]
    assert str(desk.case().number) in shown(draw(desk, sent[str(personnel)]))


def test_the_invitation_says_that_the_meeting_was_held() -> None:
    desk = a_case("closed")
    desk.at("2026-12-01 09:30")
    begin(desk, "case_meeting")
    invited = next(iter(of(desk, "duty", "case_meeting").values()))
    desk.decide("UGMO1", "case_meeting", case_id="case_meeting", **MEETING)

    card = redraw(desk, invited)
    assert "<@UGMO1>" in shown(card)
    assert str(desk.case().number) in shown(card)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_stays_within_what_a_message_takes(language: str) -> None:
    """The longest month: what does not fit is counted."""
    pairs = tuple(Pair(label="處理對策", value="x" * 200) for _ in range(6))
    customer = CustomerFacts(name="北○儀器", code="C-0417")
    rows = tuple(DutyRow(number=f"2611{n}", customer=customer, in_time=n % 2 == 0, pairs=pairs) for n in range(150))

    blocks = list_blocks(DutyList(what="closed", month="Nov 2026", rows=rows), language)

    assert len(blocks) <= 33
    assert sum(len(str(block.to_dict())) for block in blocks) < 9_000
    assert any(str(150 - (len(blocks) - 2)) in str(block.to_dict()) for block in blocks[-1:])


def test_what_nobody_was_promised_is_neither_in_time_nor_late() -> None:
    rows = (
        DutyRow(number="261101", customer=None, in_time=None, pairs=(Pair(label="What is it?", value="A question"),)),
    )

    said = str([b.to_dict() for b in list_blocks(DutyList(what="closed", month="Nov 2026", rows=rows), "en")])

    assert "in time" not in said
    assert "What is it? A question" in said


# --- figures -----------------------------------------------------------------------------------------------------


def with_figures(*, group: str = "production") -> PcbDesk:
    """The meeting of December with November's figures."""
    desk = december("case_meeting")
    policy = desk.bundle("").policy
    share = Amount(value=Decimal("83.3"), of=18, hit=15)
    figures = {
        "period": "2026-11", "taken_at": "2026-12-01T01:30:00+00:00",
        "counts": asdict(Flow(open_before=4, received=20, closed=18, open_after=6, closed_late=3)),
        "figures": [
            {"measure": "closed_in_time", "kind": "share", "amount": plain(share), "target": "≥ 95 %", "reached": False,
             "before": plain(replace(share, value=Decimal("90.0"))), "groups": []},
            {"measure": "stages_in_time", "kind": "share", "amount": plain(share), "target": None, "reached": None,
             "before": None, "groups": [[group, plain(share)]]},
        ],
    }  # fmt: skip
    assert set(policy.measures) >= {"closed_in_time", "stages_in_time"}
    desk.submit(
        cmd.OpenCase(
            actor=cmd.CLOCK, key=f"f{group}", case_id=f"f{group}", policy="pcb-manufacturer", fields={}, via="clock",
            kind="duty", duty="case_meeting", period="2026-12", figures=figures,
        )
    )  # fmt: skip
    return desk


def plain(amount: Amount) -> dict[str, object]:
    return {"value": str(amount.value), "of": amount.of, "hit": amount.hit}


def test_the_meeting_card_carries_the_months_figures_with_target_and_the_month_before() -> None:
    """(九)10; SR-01: each figure with what it is a share of, its target, and what it was."""
    desk = with_figures()
    card = draw(desk, of(desk, "approval", "fproduction")[str(desk.settings.plan().channel("gm_office"))])
    check(card, "approval")
    text = shown(card)

    assert "2026 年 11 月數字" in text
    assert "受理 20" in text
    assert "逾期結案 3" in text
    assert "83.3%（15／18 件）" in text
    assert "≥ 95 % 未達標" in text
    assert "上期：90%" in text
    assert "production  83.3%" in text


@pytest.mark.parametrize("group", ["<!channel>", "*x*" * 40, "UQUAL1"])
def test_the_groups_of_a_figure_are_shown_as_words_and_people_by_their_names(group: str) -> None:
    desk = with_figures(group=group)
    card = draw(desk, next(iter(of(desk, "approval", f"f{group}").values())))
    check(card, "approval")
    assert "<!channel>" not in shown(card)
    assert ("<@UQUAL1>" in shown(card)) is (group == "UQUAL1")


@pytest.mark.parametrize(("language", "shown"), [("en", "(none)"), ("zh-Hant", "（未填）")])
def test_a_group_of_none_is_said_in_words(language: str, shown: str) -> None:
    desk = december("case_meeting")
    reader = Reader(policy=desk.bundle("").policy, plan=desk.settings.plan(), language=language)

    assert reader.group("unit", NOBODY) == shown


@pytest.mark.parametrize(("language", "button"), [("en", "Fill in…"), ("zh-Hans", "填写…"), ("zh-Hant", "填寫…")])
def test_who_does_a_duty_reports_it_and_approves_nothing(language: str, button: str) -> None:
    """pcb-economic-penalty names no verb for its monthly list; the built-in decision is called "Approve"."""
    desk = PolicyDesk("pcb-economic-penalty")
    desk.settings.people = replace(desk.settings.people, language=language)
    desk.begin_duty("monthly_deduction", "2026-11")
    [card, *_] = desk.told("approval")

    assert buttons(draw(desk, card, language))[0] == (button, "visit.main")
