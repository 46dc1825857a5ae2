"""Every way into a complaint, and that nothing typed is lost on the way."""

from __future__ import annotations

import pytest

from sandbox.client import Form, Member
from sandbox.tour.scene import WAIT_SECONDS
from sandbox.tour.story import PAGE_1, PAGE_2, REGISTRAR, REP
from tests.stories.conversation import Story

pytestmark = pytest.mark.slow

WORDS = "北儀說 2,400 片裡有 186 片焊墊發黑"


def typed(form: Form, field: str) -> object:
    (value,) = form.values[f"field.{field}"].values()
    chosen = value.get("selected_option")
    return chosen["value"] if chosen else value.get("value")


@pytest.mark.shows("form.intake.page")
@pytest.mark.capabilities("IN-05")
def test_the_words_behind_the_command_and_the_customer_in_them_are_filled_in(story: Story) -> None:
    form = story.member(REP).command("/complaint", WORDS).view(WAIT_SECONDS)

    assert typed(form, "what_happened") == WORDS
    assert typed(form, "customer") == "C-0417"


def test_a_first_word_of_the_list_followed_by_a_sentence_is_a_complaint(story: Story) -> None:
    form = story.member(REP).command("/complaint", "late delivery, 200 boards missing").view(WAIT_SECONDS)

    assert typed(form, "what_happened") == "late delivery, 200 boards missing"


def test_the_global_shortcut_opens_the_empty_form(story: Story) -> None:
    form = story.member("黃志明").shortcut("log_complaint").view(WAIT_SECONDS)

    assert typed(form, "what_happened") is None
    assert "草稿" not in "".join(b["text"]["text"] for b in form.blocks if b["type"] == "section")


def test_a_message_becomes_a_complaint_with_its_words_author_and_time(story: Story) -> None:
    before = _cases(story)
    said = story.member("Emily Carter").say("CSALES", "北方儀器剛來電：板子翹曲")
    form = story.member(REP).message_shortcut("log_as_complaint", said).view(WAIT_SECONDS)

    filled = str(typed(form, "what_happened"))
    assert filled.startswith("北方儀器剛來電：板子翹曲")
    assert "Emily Carter" in filled
    assert typed(form, "customer") == "C-0417"
    story.send(form, **{n: v for n, v in PAGE_1.items() if n not in ("what_happened", "customer")})
    story.send(Form(form.member, story.eventually(lambda: _page_2(form), "page 2")), **PAGE_2)
    (case,) = story.eventually(lambda: _cases(story) - before, "the reporter's card")
    kept = "".join(str(w) for w in story.recorded(case)["words"].values())
    assert "轉自訊息" in kept
    assert f"/CSALES/p{said.ts.replace('.', '')}" in kept


def test_an_error_names_its_field_and_keeps_what_was_typed(story: Story) -> None:
    form = story.member(REP).command("/complaint").view(WAIT_SECONDS)
    for name, value in {**PAGE_1, "quantity": "兩千", "shipped_on": "2026-12-24"}.items():
        form.fill(f"field.{name}", value)

    outcome = form.submit()

    assert set(outcome["errors"]) == {"field.quantity", "field.shipped_on"}
    assert "不是數字" in outcome["errors"]["field.quantity"]
    assert typed(form.now(), "what_happened") == PAGE_1["what_happened"]


def test_what_was_typed_before_cancel_is_offered_again(story: Story) -> None:
    rep = story.member("黃志明")
    form = rep.command("/complaint").view(WAIT_SECONDS)
    form.fill("field.part_no", "CANCELLED-1")
    form.fill("field.what_happened", "外層短路")
    form.close()

    again = story.eventually(lambda: _offered(rep), "the draft to be offered")
    again.click("intake.resume")

    story.eventually(lambda: typed(again.now(), "part_no") == "CANCELLED-1", "the draft in the form")
    assert typed(again.now(), "what_happened") == "外層短路"


@pytest.mark.shows("form.act.facts")
@pytest.mark.capabilities("CL-08", "RD-06")
def test_a_probable_repeat_is_shown_and_can_be_added_to_the_first(story: Story) -> None:
    first = story.logged(part_no="R-1")
    form = story.member(REP).command("/complaint").view(WAIT_SECONDS)
    form.fill("field.what_happened", "同一批又發現 30 片")
    form.fill("field.customer", "C-0417")
    form.now().fill("field.part_no", story.recorded(first)["case"]["fields"]["part_no"])

    story.eventually(lambda: "可能是重複客訴" in form.now().words, "the repeat")
    add = form.now().click("intake.add_to").view()
    assert "同一批又發現 30 片" in str(add.values["words"])
    done = add.submit()

    assert done.get("response_action") == "clear"
    assert "同一批又發現 30 片\n料號：R-1" in story.recorded(first)["words"].values()


def test_the_same_form_sent_twice_makes_one_case(story: Story) -> None:
    before = len(story.redress("case", "list"))
    story.logged("黃志明")

    sent = story.desk.deliveries(kind="interactive")[-1]
    story.desk.redeliver(sent["seq"])
    story.eventually(lambda: _answers(story, sent["seq"]) == 2, "the second answer")

    assert len(story.redress("case", "list")) == before + 1
    assert len([m for m in story.member("黃志明").dms() if story._case_of(m) == story.case]) == 1


@pytest.mark.capabilities("IN-07")
def test_the_second_page_asks_what_the_procedure_needs(story: Story) -> None:
    form = story.member(REP).command("/complaint").view(WAIT_SECONDS)
    story.send(form, **{**PAGE_1, "part_no": "P2-1"})
    second = Form(form.member, story.eventually(lambda: _page_2(form), "page 2"))
    for name, value in PAGE_2.items():
        if not name.startswith("defect_sample"):
            second.fill(f"field.{name}", value)

    outcome = second.submit()

    assert "樣品" in "".join(outcome["errors"].values())
    assert all(block.startswith("field.defect_sample") for block in outcome["errors"])


@pytest.mark.capabilities("IN-06")
def test_a_quantity_that_nobody_knows_yet_is_said_to_be_so_and_completed_later(story: Story) -> None:
    """(九)1b 「客戶加工中未確定」 stands for the quantity until somebody corrects it."""
    known = {name: value for name, value in PAGE_2.items() if name != "return_quantity"}
    story.log(REP, [{**PAGE_1, "part_no": "U-1"}, {**known, "return_quantity__unknown": ["unknown"]}])
    assert story.recorded()["case"]["fields"]["return_quantity"] == {"unknown": "客戶加工中未確定"}
    assert "客戶加工中未確定" in story.card_of(REGISTRAR).words

    story.done(story.more_of_case(REP, "act.amend"), {"field.return_quantity": "186"}, reason="客戶已確定")

    assert story.recorded()["case"]["fields"]["return_quantity"] == "186"


def _answers(story: Story, delivery: int) -> int:
    """Return how often a delivery was answered."""
    [found] = [each for each in story.desk.deliveries(kind="interactive") if each["seq"] == delivery]
    return len([attempt for attempt in found["attempts"] if attempt["took_ms"] is not None])


def _offered(rep: Member) -> Form | None:
    form = rep.command("/complaint").view(WAIT_SECONDS)
    if "未送出的草稿" in form.words:
        return form
    form.close()
    return None


def _cases(story: Story) -> set[str]:
    return {story._case_of(m) for m in story.member(REP).dms()} - {""}


def _page_2(form: Form) -> object:
    view = form.member.view_now()
    return view if view is not None and view["id"] != form.id else None
