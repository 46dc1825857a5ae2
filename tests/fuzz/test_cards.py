"""Every regulation's cards with the worst words in every place where people write: within Slack's limits, pinging nobody."""

from __future__ import annotations

import re

import pytest

from complaints.memory import MemoryRecord
from complaints.rehearsal import Assumptions, rehearsal_plan
from complaints.simulation import rehearse
from handlers.texts import LANGUAGES
from tests.fuzz.hostile import NASTY, foreign_tokens, mrkdwn_in
from tests.handlers.cards.drawn import renderer
from tests.handlers.strict_slack import check_shown_blocks
from tests.policies.test_who_may import ROUTED, START
from tests.support.company import a_calendar
from tests.support.desks import TestDesk, bundle

WORST = ("".join(part for part in NASTY if "\ud800" not in part and "\udfff" not in part) * 3)[:3000]

MEMBER = re.compile(r"<@[A-Z_]+\d*>")
"""People of a rehearsal are called by their role."""


@pytest.mark.parametrize("policy", ROUTED)
def test_the_cards_of_a_regulation_bear_the_worst_words(policy: str) -> None:
    loaded, record, calendar = bundle(policy), MemoryRecord(), a_calendar("CN")
    rehearse(loaded, Assumptions(cases=1), calendar, START, record)
    record.words = dict.fromkeys(record.words, WORST)
    desk = TestDesk(
        policy=policy, loaded=loaded, plan=rehearsal_plan(loaded, "Asia/Shanghai"), calendar=calendar, record=record
    )

    for case in list(record.cases.values())[:3]:
        for language in LANGUAGES:
            drawn = renderer(desk, language)
            for visit in list(case.visits.values())[:: max(len(case.visits) // 3, 1)]:
                for kind in ("home", "reporter", "approval"):
                    card = drawn._draw(kind, case, visit, None, {}, "CQUALITY")
                    shown = [
                        {"text": MEMBER.sub("<@U1>", text)} for text in mrkdwn_in([{"text": card.text}, *card.blocks])
                    ]
                    assert foreign_tokens(shown) == [], (policy, visit.stage, kind)
                    check_shown_blocks(list(card.blocks), "message")
