"""What nobody asked for and somebody must know: people who are gone, qualifications that end, slips that ask why."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands.policy_tools import bundle_of
from bot.daily_checkup import FIRST_SECONDS
from bot.in_force import SHIPPED
from bot.settings import load_settings
from bot.tour_desk import OFFICER, TourDesk, make_tour_desk, members
from sandbox.tour.scene import Scene
from sandbox.tour.story import GM, PRODUCTION, START, log_and_register, quality_names
from tests.chaos.bots import Nursery
from tests.stories.hurried import HurriedPlayground, hurried

pytestmark = pytest.mark.slow
ENGINEER = "two_months_and_examined"


def with_slips(folder: Path) -> dict[str, Any]:
    """Return the sample company under a regulation that sends an inquiry slip at the due time."""
    shutil.copytree(SHIPPED, folder / "policies")
    file = folder / "policies" / "pcb-manufacturer.yml"
    file.write_text(file.read_text("utf-8").replace("as: reminder_slip", "as: inquiry_slip"), "utf-8")
    return {"policies": folder / "policies"}


def with_a_gap(folder: Path) -> dict[str, Any]:
    """Return a company with a channel that nobody let the bot into."""
    made = make_tour_desk(bundle_of("business-hall"), folder / "company")
    workspace = yaml.safe_load(made.workspace.read_text("utf-8"))
    workspace["channels"][1]["members"].remove("bot")
    made.workspace.write_text(yaml.safe_dump(workspace, allow_unicode=True), "utf-8")
    return files_of(made)


def with_an_end(folder: Path) -> dict[str, Any]:
    """Return a company one of whose engineers has to be examined again by the end of the month."""
    made = make_tour_desk(bundle_of("instrument-after-sales"), folder / "company")
    desk = yaml.safe_load(made.desk.read_text("utf-8"))
    first, second = members("service_engineer")
    desk["qualifications"] = {ENGINEER: {first: "2026-11-30", second: "always"}}
    made.desk.write_text(yaml.safe_dump(desk, allow_unicode=True), "utf-8")
    return files_of(made)


def files_of(made: TourDesk) -> dict[str, Any]:
    return {
        "desk_file": made.desk,
        "workspace": made.workspace,
        "customers": made.customers,
        "policies": load_settings().policies,
    }


@pytest.fixture
def place(tmp_path: Path, nursery: Nursery, request: pytest.FixtureRequest) -> Iterator[HurriedPlayground]:
    with hurried(nursery, folder=tmp_path / "desk", start_at=START, **request.param(tmp_path)) as started:
        yield started


@pytest.mark.parametrize("place", [with_a_gap], indirect=True)
@pytest.mark.shows("card.checkup")
def test_what_the_daily_look_finds_is_told_to_the_officer(place: HurriedPlayground, scene: Scene) -> None:
    place.hurry(FIRST_SECONDS)

    told = scene.see("what is to be mended", OFFICER, "channel")

    assert scene.desk.as_member(OFFICER).dms()
    assert "<#" in told.words


@pytest.mark.parametrize("place", [with_an_end], indirect=True)
@pytest.mark.shows("card.qualification")
@pytest.mark.capabilities("GA-04")
def test_an_examination_that_is_due_is_told_a_month_before(place: HurriedPlayground, scene: Scene) -> None:
    first, second = members("service_engineer")

    for who in (first, OFFICER):
        assert "30 Nov" in scene.see("the end of a qualification", who, f"<@{first}>").words
    assert not scene.desk.as_member(second).dms()


@pytest.mark.parametrize("place", [with_slips], indirect=True)
@pytest.mark.shows("card.inquiry_slip")
@pytest.mark.capabilities("DL-11")
def test_a_department_that_is_late_gets_a_slip_that_asks_why(place: HurriedPlayground, scene: Scene) -> None:
    log_and_register(scene)
    quality_names(scene)
    scene.card(PRODUCTION)

    scene.to("2026-11-05T08:00:00+08:00")

    assert scene.see("asked why", PRODUCTION, "洽辦單", channel="CPRODUCTION")


@pytest.mark.parametrize("place", [with_slips], indirect=True)
@pytest.mark.shows("card.outage")
def test_after_a_night_without_the_bot_the_officer_hears_of_it_once(place: HurriedPlayground, scene: Scene) -> None:
    log_and_register(scene)
    quality_names(scene)
    scene.card(PRODUCTION)
    place.stop_bot(kill=True)
    scene.to("2026-11-05T08:00:00+08:00")
    place.hurry(15 * 3600)
    place.start_bot()

    told = scene.see("of the outage", "UOFFICER", "停擺了 15 小時")

    assert "期間有 1 個期限" in told.words
    assert scene.see("the slip, late", PRODUCTION, "洽辦單", channel="CPRODUCTION")
    assert len([m for m in scene.desk.as_member("UOFFICER").dms() if "停擺" in m.words]) == 1


@pytest.mark.parametrize("place", [with_slips], indirect=True)
@pytest.mark.shows("card.no_direct_messages")
def test_where_no_direct_message_can_be_opened_a_channel_hears_of_it_once_and_people_get_theirs_after_the_repair(
    place: HurriedPlayground, scene: Scene
) -> None:
    log_and_register(scene)
    quality_names(scene)
    scene.card(PRODUCTION)
    scene.desk.fault("remove_scope", scope="im:write")
    scene.to("2026-11-06T10:00:00+08:00")

    told = scene.desk.wait_message("CDESK", "私訊發不出去")

    assert {"im:write", "<@UOFFICER>"} <= set(told.words.replace("`", " ").split())
    assert not scene.desk.as_member(GM).dms()
    scene.desk.fault("add_scope", scope="im:write")
    place.hurry(120)
    assert scene.see("the escalation after the repair", GM, "請裁示：")
    assert len([m for m in scene.desk.messages("CDESK") if "私訊發不出去" in m.words]) == 1
