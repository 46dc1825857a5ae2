"""What comes back by the calendar: a report that is signed before it is sent, and a box whose letters become cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.policy_tools import bundle_of
from bot.playground import Playground
from bot.settings import load_settings
from bot.tour_desk import channel, head, make_tour_desk, members
from sandbox.tour.scene import Scene
from sandbox.tour.story import START
from tests.chaos.bots import Nursery
from tests.stories.hurried import hurried

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path, nursery: Nursery, request: pytest.FixtureRequest) -> Iterator[Playground]:
    """Return a company made up for the regulation that the test names."""
    made = make_tour_desk(bundle_of(request.param), tmp_path / "company")
    with hurried(
        nursery, folder=tmp_path / "desk", start_at=START, desk_file=made.desk, workspace=made.workspace,
        customers=made.customers, policies=load_settings().policies,
    ) as started:  # fmt: skip
        yield started


@pytest.mark.parametrize("place", ["home-furnishing-group"], indirect=True)
@pytest.mark.capabilities("SR-08", "RD-12", "SR-05", "DL-16")
def test_a_report_goes_out_after_the_head_and_the_office_signed_it(place: Playground, scene: Scene) -> None:
    """3 report 「经部门审核后报总经理室批准再发送各相关人员」."""
    scene.case = "duty.home-furnishing-group.monthly_report.2026-11"
    outside = scene.desk.as_member(members("dept_head")[0])
    figures = scene.card(members("cs_sub_dept")[0])[0].words
    assert "Figures for Oct 2026" in figures

    scene.act("handed up", members("cs_sub_dept")[0], more_sign=True)
    scene.act("checked", head("cs_sub_dept"), more_sign=True)
    assert not [m for m in outside.messages(channel("dept_head")) if "Monthly report" in m.words]
    scene.act("approved", members("gm_office")[0])

    for role in ("dept_head", "responsible_person"):
        scene.see("sent", members(role)[0], "Monthly report", channel=channel(role))


@pytest.mark.parametrize("place", ["employee-suggestions"], indirect=True)
@pytest.mark.capabilities("IN-21", "CL-01")
def test_each_letter_in_the_box_becomes_a_case(place: Playground, scene: Scene) -> None:
    """意见箱: what it is about is written in words of the form and becomes a choice of the case."""
    scene.case = "duty.employee-suggestions.open_box.2026-W45"
    office = members("company_office")[0]
    letters = "A second till; Open one more at noon; Nonsense"
    message, action = scene.card(office)
    form = message.click(action).view()
    form.fill("field.box_place", "Hall")
    form.now().fill("field.box_items", letters)
    refused = form.now().submit()
    assert "“Nonsense” is none of these" in refused["errors"]["field.box_items"]

    form.now().fill("field.box_items", letters.replace("Nonsense", "Efficiency"))
    assert form.now().submit().ok

    def begun() -> list[str]:
        cases = json.loads(place.run_command("case", "list", "--json"))
        return [case["case_id"] for case in cases if case["kind"] == "complaint"]

    (case,) = scene.until(begun, "the case of the letter")
    shown = json.loads(place.run_command("case", "show", case, "--json"))
    assert shown["case"]["fields"]["subject"] == "efficiency"
