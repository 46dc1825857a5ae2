"""Photos are evidence: fetched, kept by their SHA-256, shown once in the case's thread, and asked for again when lost."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from bot.playground import Playground
from sandbox.client import Shown
from sandbox.tour.scene import Scene
from sandbox.tour.story import PAGE_1, PAGE_2, REGISTRAR, REP

REGISTRY = "CREGISTRY"
ARRIVING = "接收中"

pytestmark = pytest.mark.slow


def log_with(scene: Scene, photo: tuple[str, bytes]) -> Shown:
    """Log a complaint with a photo and return the case's card in the registry's channel."""
    scene.log(REP, [PAGE_1, {**PAGE_2, "defect_sample__files": [photo]}])

    def home() -> Shown | None:
        fitting = [m for m in scene.desk.messages(REGISTRY) if scene.button(m, "case.more")]
        return fitting[-1] if fitting else None

    found: Shown = scene.until(home, "the case's card")
    return found


def shared(card: Shown) -> list[dict[str, Any]]:
    """Return the files shown in the card's thread."""
    return [file for reply in card.replies() for file in reply.content.get("files", ())]


def says(scene: Scene, card: Shown, words: str) -> None:
    scene.until(lambda: words in card.now().words and ARRIVING not in card.now().words, f"the card to say {words}")


def kept(place: Playground, content: bytes) -> bool:
    digest = hashlib.sha256(content).hexdigest()
    path = place.folder / "files" / digest[:2] / digest
    return path.exists() and path.read_bytes() == content


def test_a_photo_of_the_form_is_kept_and_shown_once_and_the_card_links_to_it(place: Playground, scene: Scene) -> None:
    photo = ("pad.png", b"\x89PNG one")

    card = log_with(scene, photo)
    says(scene, card, "照片 1 張")
    scene.until(lambda: shared(card), "the photo in the thread")

    link = f"https://jingting.slack.com/archives/{REGISTRY}/p{card.ts.replace('.', '')}"
    scene.see("the photo's link", REP, f"<{link}|照片 1 張>")
    assert [f["name"] for f in shared(card)] == ["pad.png"]
    assert kept(place, photo[1])


def test_a_photo_dropped_in_the_thread_comes_to_the_case(place: Playground, scene: Scene) -> None:
    card = log_with(scene, ("pad.png", b"\x89PNG two"))
    says(scene, card, "照片 1 張")

    scene.desk.as_member(REGISTRAR).upload(REGISTRY, "section.png", b"\x89PNG section", thread=card.ts)

    says(scene, card, "照片 2 張")
    assert kept(place, b"\x89PNG section")


def test_a_bot_that_dies_between_fetching_and_sharing_shares_it_once(place: Playground, scene: Scene) -> None:
    scene.desk.fault("error", method="files.getUploadURLExternal", status=503)
    card = log_with(scene, ("pad.png", b"\x89PNG three"))
    says(scene, card, "照片 1 張")
    scene.until(lambda: calls(scene, "files.getUploadURLExternal"), "sharing to begin")

    place.stop_bot(kill=True)
    scene.desk.clear_faults()
    place.start_bot()

    scene.until(lambda: shared(card), "the photo in the thread")
    assert len(shared(card)) == 1


def test_a_bot_that_dies_before_it_hears_that_it_shared_does_not_share_again(place: Playground, scene: Scene) -> None:
    before = len(calls(scene, "files.info"))
    scene.desk.fault("lose_answer", method="files.completeUploadExternal", count=1)
    card = log_with(scene, ("pad.png", b"\x89PNG four"))
    scene.until(lambda: shared(card), "the photo in the thread")

    place.stop_bot(kill=True)
    scene.desk.clear_faults()
    place.start_bot()

    scene.until(lambda: len(calls(scene, "files.info")) >= before + 2, "the upload to be looked at")
    scene.until(lambda: not waiting_files(place), "nothing left to share")
    assert len(shared(card)) == 1


@pytest.mark.shows("card.file_missed", "form.act.resend")
def test_a_photo_that_is_gone_is_asked_for_again_and_takes_its_place(place: Playground, scene: Scene) -> None:
    scene.desk.fault("error", method="files.info", status=503)
    before = len(calls(scene, "files.info"))
    card = log_with(scene, ("gone.png", b"\x89PNG gone"))
    scene.until(lambda: len(calls(scene, "files.info")) > before, "the first try")
    scene.desk.fault("delete_file", name="gone.png")
    scene.desk.clear_faults()

    missed = scene.see("told that it did not arrive", REP, "gone.png")
    form = missed.click("file.resend").view()
    form.fill("files", [("again.png", b"\x89PNG again")])
    assert form.submit().ok

    says(scene, card, "照片 1 張")
    scene.until(lambda: shared(card), "the photo in the thread")
    assert [f["name"] for f in shared(card)] == ["again.png"]
    assert "未收到" not in card.now().words
    verified = json.loads(place.run_command("case", "verify", "--json"))
    assert verified


def test_with_an_erased_case_our_copy_goes_from_the_thread_too(place: Playground, scene: Scene) -> None:
    """Slack fails at first; the copy is deleted all the same, and the reporter's own upload is left to him."""
    card = log_with(scene, ("private.png", b"\x89PNG private"))
    scene.until(lambda: shared(card), "the photo in the thread")
    scene.until(lambda: not waiting_files(place), "the sharing to be noted")
    scene.desk.as_member(REP).command("/complaint", f"show {scene.case}")
    rows = scene.desk.as_member(REP).ephemerals()[-1].click("case.more").view()
    form = rows.click("act.withdraw").view()
    form.fill("reason", "試單")
    assert form.submit().ok

    scene.desk.fault("error", method="files.delete", status=503, count=1)
    place.run_command("case", "erase", scene.case, "--why", "test", "--yes")

    scene.until(lambda: [f.get("mode") for f in shared(card)] == ["tombstone"], "the photo to be gone")
    assert not kept(place, b"\x89PNG private")
    assert len(calls(scene, "files.delete")) == 2


def calls(scene: Scene, method: str) -> list[dict[str, Any]]:
    return scene.desk.calls(method)


def waiting_files(place: Playground) -> int:
    """Return how many stored files were not shared, as the record says."""
    import sqlite3

    with sqlite3.connect(place.folder / "redress.sqlite3") as core:
        found = core.execute("SELECT count(*) FROM case_files WHERE state = 'stored' AND shared = 0").fetchone()
    return int(found[0])
