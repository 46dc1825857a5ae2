"""The whole case behind `/complaint show`: lines stand as lines, people as people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.cards.refs import Ref
from handlers.documents.case_file import field_words
from handlers.scenes import Scene
from tests.handlers.filled import words_of
from tests.handlers.talk import Talk
from tests.policies import test_market_dev_first_contact as market
from tests.support.policy_desk import person

AT = datetime(2026, 11, 2, 3, tzinfo=UTC)


@pytest.fixture
def sanctioned() -> market.Market:
    rows = [{"person": "USELLER", "deduction": "200"}, {"person": "王小明", "deduction": "80.50"}]
    return market.sanctioned(deductions=rows)


async def show(desk: market.Market, locale: str = "en-US") -> str:
    reader = Talk(desk).person(person("general_manager"), locale)
    return words_of(await reader.command(f"show {desk.case().name}"))


async def test_lines_are_shown_one_under_the_other(sanctioned: market.Market) -> None:
    """(六)1: money out of whose pay, and not "2"."""
    assert "\n• <@USELLER> · CNY 200\n• 王小明 · CNY 80.5" in await show(sanctioned)


async def test_a_name_that_begins_like_an_id_mentions_nobody() -> None:
    shown = await show(market.sanctioned(deductions=[{"person": "Ursula", "deduction": "200"}]))

    assert "• Ursula · CNY 200" in shown


def test_a_case_that_is_taken_out_has_its_lines_whole(sanctioned: market.Market) -> None:
    talk = Talk(sanctioned)
    case = talk.desk.case()
    world = talk.conversation.world(talk.desk.bundle(""), AT)
    scene = Scene(
        case=case, policy=world.policy(case), world=world, member=person("general_manager"), language="en",
        ref=Ref(case=case.id), words=talk.reader.words(case.id), masked=True,
    )  # fmt: skip

    assert field_words(scene, "deductions", case.fields["deductions"]) == "USELLER · CNY 200\n王小明 · CNY 80.5"


async def test_a_person_is_mentioned(sanctioned: market.Market) -> None:
    """(六)2: the employee at fault."""
    assert "*Employee*  <@USELLER>" in await show(sanctioned)


async def test_what_does_not_fit_is_counted() -> None:
    rows = [{"person": f"USELLER{n}", "deduction": "1"} for n in range(23)]
    shown = await show(market.sanctioned(deductions=rows), "zh-TW")

    assert shown.count("<@USELLER") >= 20
    assert "• 另有 3 行" in shown
