"""A card whose channel is gone goes to the desk's channel; the officer hears it, mends it, and sends it again."""

from __future__ import annotations

import pytest

from sandbox.tour.scene import Scene
from sandbox.tour.story import QUALITY, log_and_register

pytestmark = pytest.mark.slow
OFFICER = "UOFFICER"


def test_an_archived_channels_card_is_sent_again_by_the_desk_officer_alone(scene: Scene) -> None:
    scene.desk.fault("archive_channel", channel="CQUALITY")
    log_and_register(scene)
    officer = scene.desk.as_member(OFFICER)
    told = scene.see("told what did not arrive", OFFICER, "*客訴 2611")
    assert "已封存" in told.words
    assert "<#CQUALITY>" in told.words
    assert "<#CDESK>" in told.words
    instead = scene.until(
        lambda: [m for m in scene.desk.messages("CDESK") if scene.button(m, "visit.main")],
        "the card in the desk's channel",
    )
    assert len(instead) == 1

    told.click("trouble.send_again")
    scene.until(lambda: len([m for m in officer.dms() if "已封存" in m.words]) == 2, "told again: it is not mended yet")
    assert len([m for m in scene.desk.messages("CDESK") if scene.button(m, "visit.main")]) == 1

    scene.desk.fault("unarchive_channel", channel="CQUALITY")
    scene.desk.fault("add_bot", channel="CQUALITY")
    told.click("trouble.send_again")

    card, _ = scene.card(QUALITY)
    assert card.channel == "CQUALITY"
    told.click("trouble.send_again")
    scene.desk.as_member(OFFICER).wait_ephemeral("沒有需要重新發送的訊息")
    assert len([m for m in scene.desk.messages("CQUALITY") if scene.button(m, "visit.main")]) == 1
