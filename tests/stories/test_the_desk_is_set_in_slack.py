"""Absences, deputies and closed days are set from Slack; cards, lists and deadlines follow, and withdrawing undoes it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.tour.story import PRODUCTION, REGISTRAR
from tests.stories.conversation import ANSWER, Story

pytestmark = pytest.mark.slow
OFFICER, PRODUCTION_HEAD, COLLEAGUE = "鄭雅慧", "楊文雄", "方麗娟"


def desk_of(story: Story, who: str) -> Any:
    return story.member(who).command("/complaint", "desk").view()


@pytest.mark.shows("form.desk.absence")
@pytest.mark.capabilities("RT-08")
def test_somebody_is_away_with_a_deputy_until_it_is_withdrawn(story: Story) -> None:
    story.at_production()
    card = story.card_of(PRODUCTION)
    assert "UWU" in str(card.blocks)

    form = desk_of(story, PRODUCTION).click("desk.away").view()
    story.answer(form, {"from": "2026-11-02", "until": "2026-11-06", "deputy": COLLEAGUE})
    story.eventually(lambda: "已設定" in (listed(story, PRODUCTION) or ""), "the list with what was set")
    story.eventually(lambda: "UWU" not in str(card.now().blocks), "the card without who is away")

    refused = card.now()
    refused.click("visit.main")
    assert story.whispered(PRODUCTION, "由他人處理").words
    home, number = story.member(COLLEAGUE).home(), story.recorded()["case"]["number"]
    story.eventually(lambda: number in home.now().words, "the case on the deputy's Home")

    story.member(PRODUCTION).view().click("desk.withdraw")
    story.eventually(lambda: "UWU" in str(card.now().blocks), "the card with who is back")
    story.member(PRODUCTION).act("view/close", all=True)
    story.done(card.now().click("visit.main").view(), ANSWER)
    assert story.waits_at() == ["manager_opinion"]


def test_a_head_sets_only_the_own_department_and_the_officer_reads_who_did(story: Story) -> None:
    form = desk_of(story, PRODUCTION_HEAD).click("desk.away").view()
    story.answer(form, member=REGISTRAR)
    assert "您不能設定這一項" in story.notice(PRODUCTION_HEAD)

    form = desk_of(story, PRODUCTION_HEAD).click("desk.away").view()
    story.answer(form, member="张伟")

    shown = desk_of(story, OFFICER).words
    assert "<@UZHANG>" in shown
    assert "由 <@UYANG> 於" in shown
    values = {v["name"]: v for v in story.redress("desk", "show", "--effective")}
    assert values["absence of UZHANG"]["origin"].startswith("set in Slack by UYANG")


@pytest.mark.shows("form.desk.closure")
@pytest.mark.capabilities("GA-07")
def test_a_closed_day_moves_what_is_open_and_withdrawn_moves_it_back(story: Story) -> None:
    story.logged()

    def due() -> str:
        open_ones = [d for d in story.recorded()["case"]["deadlines"].values() if d["ended"] is None and d["visit"]]
        return str(open_ones[0]["due_at"])

    before = due()
    card, _ = story.card(REGISTRAR)
    shown = str(card.blocks)
    day = story.desk.clock()["now"][:10]
    form = desk_of(story, OFFICER).click("desk.close_days").view()
    story.answer(form, {"from": day, "until": day})

    story.eventually(lambda: due() > before, "the deadline after the closed day")
    story.eventually(lambda: str(card.now().blocks) != shown, "the card with the later day")
    story.member(OFFICER).view().click("desk.withdraw")
    story.eventually(lambda: due() == before, "the deadline as it was")
    assert [e["why"] for e in story.events("DeadlineMoved")] == ["calendar", "calendar"]


@pytest.mark.shows("form.desk.list", "form.desk.role")
@pytest.mark.capabilities("GA-03", "RT-08", "GA-07")
def test_the_officer_names_the_people_of_a_role_until_a_day_and_each_can_read_it(story: Story) -> None:
    """GA-03: the table of roles names its people for a time; the card goes to them, and the list says who set it."""
    story.at_production()
    card = story.card_of(PRODUCTION)

    form = change(story, "desk.roles", "desk.role", "production")
    outcome = story.answer(form, {"members": ["UYANG"], "until": "2026-12-31"})
    assert not outcome.get("errors"), outcome
    story.member(OFFICER).act("view/close", all=True)

    story.eventually(
        lambda: "UYANG" in str(card.now().blocks) and "UWU" not in str(card.now().blocks), "the new people"
    )
    shown = desk_of(story, OFFICER)
    assert "12/31" in shown.words
    assert story.desk.as_member(OFFICER).id in shown.words
    shown.click("desk.withdraw")
    story.member(OFFICER).act("view/close", all=True)
    story.eventually(lambda: "UWU" in str(card.now().blocks), "the people of the desk file")


@pytest.mark.shows("form.desk.value")
@pytest.mark.capabilities("RT-07")
def test_the_officer_moves_a_border_of_authority_and_only_within_what_the_regulation_leaves_open(story: Story) -> None:
    form = change(story, "desk.values", "desk.set_value", "pcb-manufacturer.sales_manager_max")

    wrong = story.answer(form, value="much")
    assert set(wrong["errors"]) == {"value"}
    story.answer(form.now(), value="20000")
    story.member(OFFICER).act("view/close", all=True)

    known = {v["name"]: v for v in story.redress("desk", "show", "--effective")}
    assert any("sales_manager_max" in name and "20000" in str(v["value"]) for name, v in known.items()), sorted(known)
    desk_of(story, OFFICER).click("desk.withdraw")
    story.member(OFFICER).act("view/close", all=True)


def change(story: Story, page: str, action: str, what: str) -> Any:
    """Turn the officer's list to its roles or values, press the button of the row of *what*, and return its form."""
    view = desk_of(story, OFFICER)
    view.click(page)
    story.eventually(lambda: action in str(view.now().blocks), f"{page} of the desk")
    row = next(b for b in view.now().blocks if (b.get("accessory") or {}).get("value") == what)
    return view.now().click(action, block_id=row["block_id"]).view()


def listed(story: Story, who: str) -> str | None:
    view = story.member(who).view_now()
    return str(view["blocks"]) if view is not None and view["callback_id"] == "desk.list" else None
