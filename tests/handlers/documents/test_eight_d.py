"""The 8D report as a page: empty disciplines are said, names are masked, nobody's words are read as markup."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from complaints import commands as cmd
from complaints.policy import LANGUAGES
from handlers.cards.refs import Ref
from handlers.documents.eight_d import Part, eight_d_page, eight_d_parts
from handlers.scenes import Scene
from tests.complaints.test_eight_d import QUALITY, SALES, desk_of, with_key
from tests.handlers.memory import MemoryReader
from tests.policies.test_pcb_afterwards import told
from tests.support.company import local
from tests.support.desks import TestDesk
from tests.support.made_desk import MadeDesk
from tests.support.pcb import a_case

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script> </td><img src=x onerror=alert(2)> {{ 7*7 }} \"'"
WORDS = "North Instruments found black pads, call Ms Lin 0912-345-678 or lin@north.example"


def scene_of(desk: TestDesk, member: str, language: str = "en", *, masked: bool = True) -> Scene:
    """Return the case before the eyes of who takes it out."""
    case, reader = desk.case(), MemoryReader(desk)
    world = desk.desk.world(desk.record, desk.bundle(""), AT)
    return Scene(
        case=case, policy=world.policy(case), world=world, member=member, language=language, ref=Ref(case=case.id),
        words=reader.words(case.id), masked=masked,
    )  # fmt: skip


def parts_of(desk: TestDesk, member: str = SALES, language: str = "en", **more: Any) -> dict[str, Part]:
    return {part.id: part for part in eight_d_parts(scene_of(desk, member, language, **more))}


def text_of(page: str) -> str:
    """Return what a page says, without its markup, its spaces as one."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page[page.index("<body>") :])).split())


def test_a_stage_stands_there_with_its_decision_who_took_it_and_what_it_found() -> None:
    part = parts_of(desk_of(with_key(D4={"stages": ["decide"], "escape": ["missed"]}), cause="Bath too old"))["D4"]

    stage, cause = part.rows
    assert (stage.is_stage, stage.label, stage.text) == (True, "Decide", "Approve")
    assert stage.note == f"{QUALITY}\n2026-11-02 09:30"
    assert (cause.label, cause.text) == ("Cause", "Bath too old")
    assert (part.state, part.source) == ("gaps", "6")
    assert part.gaps == ("Why it occurred is not recorded.", "Why it was not detected is not recorded.")
    assert part.missing == "Nothing recorded: Missed."


def test_a_cause_says_which_of_the_two_it_is() -> None:
    part = parts_of(desk_of(with_key(D4={"occurrence": ["cause"], "escape": ["missed"]}), cause="a", missed="b"))["D4"]

    assert [(r.label, r.text, r.tag) for r in part.rows] == [
        ("Cause", "a", "why it occurred"), ("Missed", "b", "why it was not detected"),
    ]  # fmt: skip
    assert (part.state, part.gaps) == ("full", ())


@pytest.mark.parametrize(
    ("language", "tag", "not_lifted", "fewer"),
    [
        ("en", "containment lifted", "When the containment was lifted is not recorded.", "Causes recorded: 2, actions: 1. Each cause needs an action."),
        ("zh-Hans", "遏制解除", "未记录遏制措施何时解除。", "记录了 2 个原因，只有 1 项措施：每个原因都应有措施。"),
        ("zh-Hant", "圍堵解除", "未記錄圍堵措施何時解除。", "記錄了 2 個原因，只有 1 項對策：每個原因都應有對策。"),
    ],
)  # fmt: skip
def test_a_containment_is_lifted_or_not_and_causes_are_held_against_actions(
    language: str, tag: str, not_lifted: str, fewer: str
) -> None:
    raw = with_key(
        D3={"fields": ["action"], "lifted": ["decide"]}, D4={"occurrence": ["cause"], "escape": ["missed"]},
        D5={"fields": ["action"]},
    )  # fmt: skip
    filled = {"cause": "a", "missed": "b", "action": "c"}
    parts = parts_of(desk_of(raw, **filled), language=language)
    del raw["eight_d"]["D3"]["lifted"]

    lifted = parts["D3"].rows[-1]
    assert (lifted.label, lifted.tag, lifted.note) == ("Decide", tag, f"{QUALITY}\n2026-11-02 09:30")
    assert parts["D3"].gaps == ()
    assert fewer in parts["D5"].gaps
    assert parts_of(desk_of(raw, **filled), language=language)["D3"].gaps == (not_lifted,)


@pytest.mark.parametrize(
    ("language", "call", "no_answer", "gap"),
    [
        ("en", "Callback, call 2", "no answer", "The customer was called afterwards and could not be asked whether it is solved."),
        ("zh-Hans", "，第 2 次去电", "无人接听", "已致电客户，但未能问到是否解决。"),
        ("zh-Hant", "，第 2 次去電", "無人接聽", "已致電客戶，但未能問到是否解決。"),
    ],
)  # fmt: skip
def test_calls_that_nobody_answered_stand_there_with_their_dates(
    language: str, call: str, no_answer: str, gap: str
) -> None:
    desk = told()
    for day in (3, 4, 5):
        desk.clock.at = local(f"2026-11-0{day} 14:00")
        desk.call("no_answer")
    part = parts_of(desk, "USALES1", language)["D8"]

    row = next(r for r in part.rows if r.label.endswith(call))
    assert (row.text, row.note.split("\n")[1]) == (no_answer, "2026-11-04 14:00")
    assert part.gaps == (gap,)


def test_a_file_field_stands_there_by_the_names_of_its_files() -> None:
    raw = with_key(D6={"fields": ["proof"]})
    files = (("proof", cmd.GivenFile(id="F-1", name="bath.jpg")), ("proof", cmd.GivenFile(id="F-2", name="log.pdf")))
    part = parts_of(desk_of(raw, action="x", files=files))["D6"]

    assert [row.text for row in part.rows] == ["bath.jpg\nlog.pdf"]


@pytest.mark.parametrize(
    ("language", "unmapped", "nothing"),
    [
        ("en", "Nothing recorded: this regulation names no field or stage for it.", "Nothing recorded. It would stand in: Cause, Decide."),
        ("zh-Hans", "无记录：本办法没有对应的字段或环节。", "无记录。应见于：Cause、Decide。"),
        ("zh-Hant", "無紀錄：本辦法沒有對應的欄位或關卡。", "無紀錄。應見於：Cause、Decide。"),
    ],
)  # fmt: skip
def test_an_empty_discipline_is_listed_with_a_sentence(language: str, unmapped: str, nothing: str) -> None:
    desk = MadeDesk(with_key(D4={"fields": ["cause"], "stages": ["decide"]}))
    desk.log(SALES)
    parts = parts_of(desk, language=language)

    assert list(parts) == [f"D{n}" for n in range(9)]
    assert (parts["D3"].state, parts["D3"].gaps, parts["D3"].rows) == ("empty", (unmapped,), ())
    assert (parts["D4"].state, parts["D4"].gaps, parts["D4"].missing) == ("empty", (nothing,), "")
    page = text_of(eight_d_page(scene_of(desk, SALES, language), AT))
    assert unmapped in page
    assert nothing in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_gap_and_fact_has_words_in_each_language(language: str) -> None:
    """A message that no catalogue has is refused when it is asked for."""
    raw = with_key(D4={"fields": ["cause"]}, D5={"fields": ["action"]}, D6={"fields": ["action"]})
    parts = parts_of(desk_of(raw, cause="x", action="y"), language=language)
    gaps = [gap for part in parts.values() for gap in part.gaps]

    raw = with_key(
        D3={"fields": ["action"]}, D4={"occurrence": ["cause"], "escape": ["missed"]}, D5={"fields": ["action"]}
    )
    parts_too = parts_of(desk_of(raw, cause="x", missed="y", action="z"), language=language)
    gaps += [gap for part in parts_too.values() for gap in part.gaps]

    assert len(set(gaps)) >= 10
    assert all(gap and "{" not in gap for gap in gaps)
    assert parts["D8"].rows[0].note.startswith("2026-11-02 09:30")


def test_names_and_contacts_are_masked_as_in_the_printed_case_file() -> None:
    desk = a_case("quality_analysis", what_happened=WORDS)
    page = eight_d_page(scene_of(desk, "USALES1"), AT)
    whole = eight_d_page(scene_of(desk, "USALES1", masked=False), AT)

    assert "black pads" in page
    for secret in ("North Instruments", "0912", "lin@north"):
        assert secret not in page
        assert secret in whole
    assert "Names and contacts are masked." in page
    assert "North Instruments" not in eight_d_page(scene_of(desk, "UQUAL1", masked=False), AT)


def test_hostile_words_stand_there_as_words() -> None:
    desk = desk_of(with_key(D4={"fields": ["cause", "proof"]}), cause=HOSTILE, files=(
        ("proof", cmd.GivenFile(id="F-1", name="<b onload=x>.jpg")),
    ))  # fmt: skip
    page = eight_d_page(scene_of(desk, SALES), AT)

    assert "<script" not in page
    assert "<img" not in page
    assert "<b onload" not in page
    assert "{{ 7*7 }}" in page
    assert " ".join(HOSTILE.split()) in text_of(page)


def test_what_a_policy_hides_from_somebody_is_withheld_from_him() -> None:
    raw = with_key(D4={"fields": ["cause"]})
    raw["fields"]["cause"] = {"type": "text", "hidden_from": ["sales"]}
    desk = desk_of(raw, cause="Bath too old")

    assert [row.text for row in parts_of(desk, SALES)["D4"].rows] == ["(withheld)"]
    assert [row.text for row in parts_of(desk, QUALITY)["D4"].rows] == ["Bath too old"]


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = eight_d_page(scene_of(a_case("closed"), "USALES1", "zh-Hant"), AT)

    assert '<html lang="zh-Hant">' in page
    assert not re.search(r"https?://|<script|<link|@import|url\(", page)
