"""Who stands in for whom, who owes a clock of the case, how many numbers there are, and who puts the record away."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from complaints import events as e
from complaints.people import Absence
from complaints.refusals import NotAllowedHere, NotAuthorized
from complaints.retention import last_day_kept
from complaints.views import Look
from complaints.views_case import case_view
from complaints.views_visit import visit_view
from handlers.cards.approval import approval_card
from handlers.cards.drawing import Matter, draw
from handlers.cards.home import home_card
from handlers.replies import About, explain
from tests.complaints.test_policy import small
from tests.support.company import local
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import head, person

SALES, QUALITY, GM = person("sales"), person("quality"), person("general_manager")
FORM = {"market": "domestic", "amount": "100", "established": True}


def away(role: str, **more: Any) -> tuple[Absence, ...]:
    """Both people of a role are away for the week."""
    return tuple(
        Absence(member=person(role, n), from_at=local("2026-11-01 00:00"), until_at=local("2026-11-08 00:00"), **more)
        for n in (1, 2)
    )


def opened(raw: dict[str, Any], **plan: Any) -> MadeDesk:
    desk = MadeDesk(raw, **plan)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    return desk


def look_at(desk: MadeDesk, language: str = "en") -> Look:
    return Look(world=desk.desk.world(desk.record, desk.loaded, desk.clock.at), language=language)


# --- stages.absent ---------------------------------------------------------------------------------------------


def standing_in(absent: str = "service") -> dict[str, Any]:
    raw = small()
    raw["roles"] |= {"service": {}}
    raw["stages"]["decide"] |= {"who": "quality", "absent": absent}
    return raw


def test_the_one_named_stands_in_before_the_head_of_the_department() -> None:
    """RT-08: `absent` comes before the chain of D14."""
    desk = opened(standing_in(), absences=away("quality"))

    with pytest.raises(NotAuthorized):
        desk.decide(head("quality"), "decide")
    desk.decide(person("service"), "decide")

    [answer] = [a for a in desk.happened(e.SeatAnswered) if a.visit == desk.visit("decide")]
    assert (answer.capacity, answer.on_behalf_of) == ("stand_in", "quality")


def test_who_stands_in_gets_the_card_and_the_reminders() -> None:
    desk = opened(standing_in("head of service"), absences=away("quality"))

    told = [n.to for n in desk.told("approval") if n.visit == desk.visit("decide")]
    desk.at("2026-11-04 20:00")

    assert told == ["CQUALITY", head("service")]
    assert {n.to for n in desk.told("reminder")} == {head("service")}
    card = approval_card(visit_view(desk.case(), desk.open_visit("decide"), look_at(desk)))
    assert f"<@{head('service')}>" in str(card.blocks)


def test_while_somebody_of_the_role_is_there_nobody_stands_in() -> None:
    desk = opened(standing_in(), absences=away("quality")[:1])

    with pytest.raises(NotAuthorized):
        desk.decide(person("service"), "decide")
    desk.decide(person("quality", 2), "decide")

    assert desk.happened(e.SeatAnswered)[-1].capacity == "member"


def test_a_deputy_that_the_desk_names_may_act_too() -> None:
    desk = opened(standing_in(), absences=away("quality", deputy=GM))

    desk.decide(GM, "decide")

    assert desk.happened(e.SeatAnswered)[-1].capacity == "deputy"


def test_without_a_word_in_the_policy_the_chain_of_d14_acts() -> None:
    raw = standing_in()
    del raw["stages"]["decide"]["absent"]
    desk = opened(raw, absences=away("quality"))

    desk.decide(head("quality"), "decide")

    assert desk.happened(e.SeatAnswered)[-1].capacity == "head"


# --- clocks.owed_by ----------------------------------------------------------------------------------------------


def owed(**more: Any) -> dict[str, Any]:
    raw = small()
    raw["roles"] |= {"service": {}}
    raw["stages"]["decide"]["limit"] = "20 days"
    raw["clocks"] = {
        "case": {"starts": "case opened", "stops": "decide done", "limit": "2 days", "owed_by": "service"} | more
    }
    return raw


def test_who_owes_the_promise_is_reminded_and_urged_and_his_head_gets_the_copy() -> None:
    desk = opened(owed())

    desk.at("2026-11-05 12:00")

    slips = desk.told("reminder_slip")
    assert {n.to for n in desk.told("reminder")} == {person("service", 1), person("service", 2)}
    assert [n.to for n in slips] == ["CSERVICE"]
    assert slips[0].facts["copy"] == [head("service")]


def test_without_owed_by_whoever_has_the_case_owes_it() -> None:
    desk = opened(owed(owed_by=None))

    desk.at("2026-11-05 12:00")

    assert {n.to for n in desk.told("reminder_slip")} == {"CQUALITY"}


def test_the_card_says_who_answers_for_the_promise() -> None:
    desk = opened(owed())

    text = str(home_card(case_view(desk.case(), look_at(desk, "zh-Hant"))).blocks)

    assert "由 *service*" in text
    assert "負責" in text


# --- papers --------------------------------------------------------------------------------------------------------


def numbered(overflow: str) -> dict[str, Any]:
    raw = small()
    raw["clauses"] = {"8": "numbers"}
    raw["papers"] = {"number": {"pattern": "YYMMNN", "at": "intake", "overflow": overflow, "source": "8"}}
    return raw


def hundredth(overflow: str) -> MadeDesk:
    desk = MadeDesk(numbered(overflow))
    desk.record.serials["small:YYMMNN", "2026-11"] = 98
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    assert desk.case().number == "261199"
    desk.log(SALES, case_id="case2")
    return desk


def test_when_the_digits_are_used_up_the_number_grows() -> None:
    desk = hundredth("widen")

    desk.decide(SALES, "intake", case_id="case2", **FORM)

    assert desk.case("case2").number == "2611100"


def test_or_it_is_refused_and_nothing_is_lost() -> None:
    """RD-01: the ninety-ninth number is the last; the serial is given back."""
    desk = hundredth("refuse")

    with pytest.raises(NotAllowedHere) as refused:
        desk.decide(SALES, "intake", case_id="case2", **FORM)

    assert (refused.value.reason, refused.value.source) == ("numbers_used_up", "8")
    assert desk.record.serials["small:YYMMNN", "2026-11"] == 99
    assert "used up" in explain(refused.value, "en", About(plan=desk.plan)).title


def test_a_finished_case_goes_to_who_archives_with_the_day_until_which_it_is_kept() -> None:
    """RD-09, RD-04: two years after the closing; the fact is recorded and shown."""
    raw = small()
    raw["roles"] |= {"records": {}}
    raw["papers"] = {"keep": "2 years", "archive_by": "records"}
    desk = opened(raw)
    desk.decide(QUALITY, "decide")

    [kept] = desk.happened(e.CaseToArchive)
    assert (kept.by, kept.keep_until) == ("records", date(2028, 11, 2))
    assert [n.to for n in desk.told("archive")] == ["CRECORDS"]
    assert desk.rebuilt() == desk.case()
    card = draw("archive", Matter(case=desk.case(), look=look_at(desk)))
    assert card is not None
    assert "Record kept by records until 2 Nov 2028" in str(card.blocks)
    assert "Record kept by records until 2 Nov 2028" in str(home_card(case_view(desk.case(), look_at(desk))).blocks)


def test_without_a_word_in_the_policy_a_record_is_kept_three_years() -> None:
    """D8."""
    raw = small()
    raw["papers"] = {"archive_by": "sales"}
    desk = opened(raw)
    desk.decide(QUALITY, "decide")

    assert desk.happened(e.CaseToArchive)[0] == e.CaseToArchive(by="sales", keep_until=date(2029, 11, 2), source="D8")


def test_what_is_kept_for_ever_is_closed_like_anything_else() -> None:
    """`keep: none` is no limit, not a fault at each closing; nothing of it is erased by the clock."""
    raw = small()
    raw["papers"] = {"keep": "none", "archive_by": "sales"}
    desk = opened(raw)
    desk.decide(QUALITY, "decide")

    assert desk.case().is_over
    assert desk.happened(e.CaseToArchive)[0].keep_until is None
    assert last_day_kept(desk.case(), desk.bundle("").policy.papers, desk.calendar) is None
