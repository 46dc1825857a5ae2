"""What reminds, what asks why it is late, and what climbs to the general manager."""

from __future__ import annotations

import pytest

from complaints import commands as cmd
from complaints.notices import Notice
from handlers.render import Nothing
from tests.complaints.test_policy import small
from tests.handlers.cards.drawn import buttons, draw, in_english, redraw, renderer, row_of, shown
from tests.support.company import local
from tests.support.made_desk import MadeDesk
from tests.support.pcb import a_case
from tests.support.policy_desk import person


def test_two_items_are_one_reminder_the_nearest_first() -> None:
    desk = in_english(a_case("quality_analysis"))
    desk.at("2026-11-03 09:30")
    desk.complain("case2")
    desk.pass_stage("register", "case2")
    notices = [
        Notice(
            id=f"n{n}",
            kind="reminder",
            to="UQUAL1",
            case_id=case,
            visit=desk.visit("quality_analysis", case),
            merge="m",
        )
        for n, case in enumerate(("case2", "case1"))
    ]
    desk.record.notices.extend(notices)

    card = draw(desk, notices, "en")

    assert card.text.startswith(
        "2 items wait for you, the nearest by Wed 4 Nov 23:59: Complaint 261101, quality analysis"
    )
    assert [a for _, a in buttons(card)] == ["visit.main", "visit.main"]


def test_a_reminder_of_what_is_decided_tells_nothing() -> None:
    desk = a_case("quality_analysis")
    desk.at("2026-11-04 13:30")
    notice = desk.told("reminder")[0]
    desk.to("production_analysis")

    assert isinstance(renderer(desk).render(row_of(notice)), Nothing)


def test_the_slip_says_what_happens_when() -> None:
    desk = in_english(a_case("production_analysis"))
    desk.at("2026-11-05 09:00")

    card = draw(desk, desk.told("reminder_slip")[0])

    said = shown(card)
    assert "Complaint 261101 | Reminder slip: production analysis is late" in said
    assert ":warning: *Production*  <@UPROD>  *due <!date^" in said
    assert "Still not sent: *<!date^" in said
    assert [a for _, a in buttons(card)] == ["visit.main", "visit.extend", "visit.more"]


def test_a_slip_whose_stage_was_given_more_time_threatens_nobody_any_more() -> None:
    desk = in_english(a_case("production_analysis"))
    desk.at("2026-11-05 09:00")
    notice, visit = desk.told("reminder_slip")[0], desk.visit("production_analysis")
    desk.act(cmd.AskExtension, "UPROD", visit=visit, until=local("2026-11-06 23:00"), reason="Retest")
    desk.act(cmd.RuleExtension, "UGM", visit=visit, granted=True)

    card = redraw(desk, notice)

    assert card.text == "Complaint 261101 | Reminder slip: production analysis was extended"


@pytest.mark.parametrize(("times", "again"), [(1, False), (2, True)])
def test_the_slip_offers_more_time_as_often_as_the_regulation_allows(times: int, again: bool) -> None:
    raw = small()
    more = {"by": ["quality"], "times": times, "at_most": "1 day", "source": "D21"}
    raw["stages"]["intake"] |= {"limit": "1 day", "extension": more}
    desk = MadeDesk(raw)
    desk.log(person("sales"))
    visit = desk.visit("intake")
    desk.act(cmd.AskExtension, person("sales"), visit=visit, until=local("2026-11-04 18:00"), reason="Away")
    desk.act(cmd.RuleExtension, person("quality"), visit=visit, granted=True)
    desk.at("2026-11-06 09:00")

    offered = [a for _, a in buttons(draw(desk, desk.told("reminder_slip")[-1], "en"))]

    assert ("visit.extend" in offered) is again


def test_the_general_manager_sees_reserve_history_and_four_equal_buttons() -> None:
    desk = in_english(a_case("production_analysis"))
    desk.at("2026-11-05 18:30")

    card = draw(desk, desk.told("escalation")[0], "en")

    said = shown(card)
    assert "Your decision: Production is late" in said
    assert "*only 2 days in reserve*" in said or "in reserve" in said
    assert "no extension asked, no word in the thread" in said
    assert [a for _, a in buttons(card)] == ["gm.decide", "gm.reassign", "gm.extend", "gm.meeting"]
    assert "primary" not in str(card.blocks)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "*Meeting <!date^"), ("zh-Hans", "*会议 <!date^"), ("zh-Hant", "*會議 <!date^")]
)
def test_an_escalation_for_which_a_meeting_was_called_says_when_it_is(language: str, said: str) -> None:
    """The general manager is told of it nowhere else: he called it."""
    desk = a_case("production_analysis")
    desk.at("2026-11-05 18:00")
    notice = desk.told("escalation")[0]
    assert said not in shown(draw(desk, notice, language))

    desk.act(cmd.CallMeeting, "UGM", visit=desk.visit("production_analysis"), at=local("2026-11-06 15:00"))

    [line] = [text for text in shown(redraw(desk, notice, language)).splitlines() if said in text]
    assert "15:00" in line


@pytest.mark.parametrize(("by", "label"), [("UGM", "Reassigned by the general manager"), ("UQUAL1", "Handed over")])
def test_who_is_handed_a_stage_reads_why(by: str, label: str) -> None:
    """A card out of nothing, late perhaps, says in whose words it comes to him."""
    desk = in_english(a_case("quality_analysis"))
    desk.at("2026-11-05 18:00")
    reason = "You know the bath"
    desk.act(cmd.HandOver, by, visit=desk.visit("quality_analysis"), member="UQUAL2", reason=reason)
    [card] = [n for n in desk.told("approval") if n.to == "UQUAL2"]

    said = shown(draw(desk, card, "en"))

    assert label in said
    assert reason in said.partition(label)[2].splitlines()[1]


def test_an_answered_escalation_says_what_was_decided() -> None:
    desk = in_english(a_case("production_analysis"))
    desk.at("2026-11-05 18:30")
    notice = desk.told("escalation")[0]
    desk.act(cmd.CallMeeting, "UGM", visit=desk.visit("production_analysis"), at=local("2026-11-06 15:00"))

    card = redraw(desk, notice, "en")

    assert "Meeting called" in card.text
    assert buttons(card) == []
