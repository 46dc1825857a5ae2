"""What a decision asks for, by where it leads, and what is recorded with it."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors
from tests.complaints.test_policy import small
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

SALES, QUALITY = person("sales"), person("quality")
FORM = {"market": "domestic", "amount": "100", "established": True}


def with_objection() -> dict[str, Any]:
    raw = small()
    raw["fields"] |= {"grounds": "text"}
    raw["stages"]["judge"] = {
        "who": "quality",
        "fill": ["grounds"],
        "decide": {"dismiss": "next", "grant": "reopen at decide", "pass_on": "close as passed_on"},
    }
    raw["routes"]["objection"] = {"opens": {"upon": "case closed"}, "path": ["judge"]}
    return raw


def decided(desk: MadeDesk) -> MadeDesk:
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    desk.decide(QUALITY, "decide")
    return desk


@pytest.mark.parametrize("decision", ["dismiss", "grant"])
def test_what_is_dismissed_or_reopened_wants_all_that_the_stage_must_fill(decision: str) -> None:
    desk = decided(MadeDesk(with_objection()))

    with pytest.raises(FieldErrors) as refusal:
        desk.decide(QUALITY, "judge", decision)
    assert set(refusal.value.errors) == {"grounds"}

    desk.decide(QUALITY, "judge", decision, grounds="new proof")
    assert desk.case().visits[3].decision == decision


def test_what_sends_the_matter_away_asks_only_what_the_policy_says_of_it() -> None:
    desk = decided(MadeDesk(with_objection()))

    desk.decide(QUALITY, "judge", "pass_on")

    assert desk.case().visits[3].decision == "pass_on"


def test_a_stage_that_tells_has_not_told_when_it_leads_to_an_earlier_stage() -> None:
    raw = small()
    raw["stages"]["reply"] = {"who": "sales", "tells": True, "decide": {"told": "next", "ask_again": "to decide"}}
    raw["reply"] = {"channels": ["phone"]}
    raw["routes"]["main"] = {"closes": "reply", "path": ["intake", "decide", "reply"]}
    desk = decided(MadeDesk(raw))

    desk.decide(SALES, "reply", "ask_again")
    assert not desk.happened(e.OutcomeTold)
    desk.decide(QUALITY, "decide")
    desk.decide(SALES, "reply", "told")
    assert len(desk.happened(e.OutcomeTold)) == 1


def test_a_stage_that_only_ends_a_loop_fulfils_what_needs_it() -> None:
    raw = small()
    raw["stages"] |= {"settle": {"who": "general_manager"}, "pay": {"who": "sales", "needs": ["settle"]}}
    loop = {"again": "decide", "until": "established", "at_most": 1, "else": "settle"}
    raw["routes"]["main"] = {"closes": "pay", "path": ["intake", "decide", loop, "pay"]}
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **(FORM | {"established": False}))
    desk.decide(QUALITY, "decide")
    desk.decide(person("quality", 2), "decide")

    desk.decide(person("general_manager"), "settle")
    desk.decide(SALES, "pay")

    assert desk.case().outcome is not None
