"""Logging a complaint, from the first word typed to the case in the register."""

from __future__ import annotations

import pytest

from handlers.intake import case_id_of
from tests.handlers.filled import block_ids, labels_of, words_of
from tests.handlers.talk import Talk
from tests.support.pcb import a_case

PAGE_1 = {
    "field__customer": "C-0417", "field__part_no": "P4-2208-B", "field__what_happened": "Black pads after reflow",
    "field__order_no": "SO-26-08813", "field__shipped_on": "2026-10-26", "field__quantity": "2,400",
    "field__defective_quantity": "186",
}  # fmt: skip
PAGE_2 = {
    "field__wants": "exchange", "field__return_quantity": "186", "field__demand": "Replace 186 boards by Friday",
    "field__loss_caused": "yes", "field__survey_needed": "no", "field__defect_sample": "5 pieces, with Quality",
    "field__sales_remark": "Looks like ENIG",
}  # fmt: skip


async def test_a_sales_rep_logs_a_complaint_in_two_pages():
    talk = Talk()
    rep = talk.person("USALES1")

    await rep.command()
    assert rep.seen["title"]["text"] == "Log a complaint"
    answer = await rep.submit(**PAGE_1)
    assert answer["response_action"] == "push"
    answer = await rep.submit(**PAGE_2)

    assert answer == {"response_action": "clear"}
    (case,) = talk.desk.record.cases.values()
    assert (case.reporter, case.via, case.fields["quantity"]) == ("USALES1", "command", "2400")
    assert [v.stage for v in case.open_visits] == ["register"]


async def test_the_first_slack_call_opens_the_form_after_at_most_one_read():
    talk = Talk()

    await talk.person("USALES1").command()

    assert [m for m, _ in talk.slack.calls] == ["views.open"]
    assert talk.reader.reads == []


async def test_words_after_the_command_go_into_the_form_and_name_the_customer():
    talk = Talk()
    rep = talk.person("USALES1")

    await rep.command("North Instruments: black pads &amp; open joints on P4-2208-B")

    state = rep.state({})
    assert state["field.what_happened"]["value"]["value"].startswith("North Instruments: black pads & open joints")
    assert state["field.customer"]["value"]["selected_option"]["value"] == "C-0417"


@pytest.mark.parametrize("words", ["helpless customer, line stands", "mines are broken", "我的客戶說發黑"])
async def test_a_first_word_that_is_on_no_list_belongs_to_the_complaint(words):
    talk = Talk()
    rep = talk.person("USALES1")

    await rep.command(words)

    assert rep.state({})["field.what_happened"]["value"]["value"] == words


async def test_a_message_becomes_a_complaint_with_author_time_link_and_files():
    talk = Talk()
    rep = talk.person("USALES1")
    talk.languages.learn("UCUSTREP", locale="zh-TW", name="Lin Chia-ying")
    message = {
        "ts": "1793500000.000100", "user": "UCUSTREP", "text": "Alpine Boards report &lt;burnt&gt; pads",
        "files": [{"id": "F1", "name": "pads.jpg", "mimetype": "image/jpeg", "size": 10}],
    }  # fmt: skip

    await rep.shortcut("log_as_complaint", message)
    words = rep.state({})["field.what_happened"]["value"]["value"]
    await rep.submit(
        field__part_no="P4",
        field__order_no="SO-1",
        field__shipped_on="2026-10-26",
        field__quantity="100",
        field__defective_quantity="3",
    )
    await rep.submit(**{**PAGE_2, "field__return_quantity": "3", "field__defect_sample": None})

    assert words.startswith("Alpine Boards report <burnt> pads")
    assert "Lin Chia-ying" in words
    (case,) = talk.desk.record.cases.values()
    assert case.fields["customer"] == "C-0900"
    assert "F1" in case.files
    assert any("jingting.slack.com/archives/CTALK/p1793500000000100" in w for w in talk.desk.record.words.values())


async def ready_to_send(talk: Talk):
    """Return somebody with both pages filled in, and the payload that sends them."""
    rep = talk.person("USALES1")
    await rep.command()
    await rep.submit(**PAGE_1)
    view = rep.fill(**PAGE_2).view_payload()
    return rep, {"type": "view_submission", "user": rep.user, "team": {"id": "T0TEST"}, "view": view}


async def test_the_same_form_sent_twice_makes_one_case():
    talk = Talk()
    _, body = await ready_to_send(talk)

    first, second = await talk.send(body), await talk.send(body)

    assert first == second == {"response_action": "clear"}
    assert len(talk.desk.record.cases) == 1


async def test_who_changes_a_form_after_an_answer_that_was_lost_hears_that_the_first_one_counts():
    """Slack said that it had trouble, so he changed something and sent it once more: that must not vanish."""
    talk = Talk()
    rep, body = await ready_to_send(talk)
    await talk.send(body)

    changed = rep.fill(**{**PAGE_2, "field__demand": "Replace all of them"}).view_payload()
    second = await talk.send(body | {"view": changed})

    assert len(talk.desk.record.cases) == 1
    assert "as you first sent it" in words_of(second["view"])
    assert "add it to the case" in words_of(second["view"])


async def test_errors_name_both_values_at_the_field_that_can_be_mended():
    talk = Talk()
    rep = talk.person("USALES1")
    await rep.command()

    answer = await rep.submit(**{**PAGE_1, "field__quantity": "168", "field__defective_quantity": "186"})

    (error,) = answer["errors"].items()
    assert error[0] == "field.defective_quantity"
    assert "186" in error[1]
    assert "168" in error[1]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("quantity", "many"),
        ("quantity", "-3"),
        ("quantity", "1e999"),
        ("shipped_on", "2027-12-26"),
        ("defective_quantity", "９" * 40),
    ],
)
async def test_what_can_not_be_taken_is_said_at_its_field(field, typed):
    talk = Talk()
    rep = talk.person("USALES1")
    await rep.command()

    answer = await rep.submit(**{**PAGE_1, f"field__{field}": typed})

    assert f"field.{field}" in answer["errors"]
    assert not talk.desk.record.cases


async def test_a_new_customer_is_asked_for_the_market_that_the_register_would_say():
    talk = Talk()
    rep = talk.person("USALES1")
    await rep.command()

    await rep.submit(**{**PAGE_1, "field__customer": "new:Tiny Robots"})
    assert "field.market" in block_ids(rep.seen)
    await rep.submit(**PAGE_2, field__market="foreign")

    (case,) = talk.desk.record.cases.values()
    assert case.fields["market"] == "foreign"


async def test_what_is_still_needed_from_the_first_page_is_asked_on_the_last():
    talk = Talk()
    rep = talk.person("USALES1")
    await rep.command()
    await rep.submit(field__customer="C-0417", field__what_happened="Black pads")

    answer = await rep.submit(**{**PAGE_2, "field__return_quantity": None})
    assert answer["errors"]["field.return_quantity"] == "Please fill this in."
    elsewhere = "Part no., Order no., Shipping date, Shipped (boards), Defective (boards): Please fill this in."
    assert answer["errors"][block_ids(rep.seen)[0]] == elsewhere

    answer = await rep.submit(field__return_quantity="186")
    assert answer["response_action"] == "update"
    assert {"field.part_no", "field.quantity"} <= set(block_ids(rep.seen))
    named = {n: b["text"]["text"] for n, b in enumerate(rep.seen["blocks"]) if b["type"] == "section"}
    assert all(words.startswith(":warning: Still needed before it can be logged: ") for words in named.values())
    assert all("Part no." in words and "Market" not in words for words in named.values())
    top, above_the_questions = named  # the form stays where it was scrolled to: each end says it
    order = [b.get("block_id") for b in rep.seen["blocks"]]
    assert top < order.index("field.wants") < order.index("field.sales_remark") < above_the_questions
    assert order[above_the_questions + 1] == "field.part_no"
    assert "focus_on_load" in rep.seen["blocks"][above_the_questions + 1]["element"]
    missing = {k: v for k, v in PAGE_1.items() if k.replace("__", ".") in block_ids(rep.seen)}
    answer = await rep.submit(**missing)

    assert answer == {"response_action": "clear"}
    (case,) = talk.desk.record.cases.values()
    assert case.fields["part_no"] == "P4-2208-B"


async def test_not_yet_determined_is_a_tick_beside_the_number():
    talk = Talk()
    rep = talk.person("USALES1")
    await rep.command()
    await rep.submit(**PAGE_1)

    page_2 = {**PAGE_2, "field__return_quantity": None, "field__return_quantity__unknown": ["unknown"]}
    await rep.submit(**page_2)

    (case,) = talk.desk.record.cases.values()
    assert case.fields["return_quantity"] == {"unknown": "客戶加工中未確定"}


async def test_probable_repeats_show_below_the_field_and_keep_what_was_typed():
    talk = Talk(a_case())
    rep = talk.person("USALES2")
    await rep.command()

    await rep.choose("field.part_no", "P4-2208-B", field__customer="C-0417")

    assert "Probably a repeat" in words_of(rep.seen)
    assert rep.state({})["field.part_no"]["value"]["value"] == "P4-2208-B"
    ids = [b.get("block_id") for b in rep.seen["blocks"]]
    assert ids.index("repeat") == ids.index("field.part_no") + 1
    assert [m for m, _ in talk.slack.calls] == ["views.open", "views.update"]


async def test_a_repeat_is_shown_on_the_next_page_to_who_never_pressed_enter():
    talk = Talk(a_case())
    rep = talk.person("USALES2")
    await rep.command()

    await rep.submit(**PAGE_1)
    assert "Probably a repeat" in words_of(rep.seen)
    await rep.press("intake.add_to")

    assert PAGE_1["field__what_happened"] in rep.state({})["words"]["value"]["value"]


async def test_a_repeat_takes_what_was_typed_as_a_note():
    talk = Talk(a_case())
    rep = talk.person("USALES2")
    await rep.command()
    await rep.choose("field.part_no", "P4-2208-B", field__customer="C-0417")
    rep.fill(field__what_happened="Also on lot 7")

    await rep.press(next(b for b in labels_of(rep.seen) if b.startswith("Add to")))
    assert "Also on lot 7" in rep.state({})["words"]["value"]["value"]
    await rep.submit()

    assert "Also on lot 7" in " ".join(talk.desk.record.words.values())
    assert list(talk.desk.record.cases) == ["case1"]
    assert not rep.stack


async def test_what_was_typed_and_is_too_long_for_a_note_says_so():
    talk = Talk(a_case())
    rep = talk.person("USALES2")
    await rep.command()
    await rep.choose("field.part_no", "P4-2208-B", field__customer="C-0417")
    rep.fill(field__what_happened="x" * 3000)

    await rep.press(next(b for b in labels_of(rep.seen) if b.startswith("Add to")))

    assert rep.state({})["words"]["value"]["value"].endswith("… (the rest did not fit)")


async def test_a_closed_form_is_offered_again_for_a_day_and_then_forgotten():
    talk = Talk()
    rep = talk.person("USALES1")
    await rep.command()
    rep.fill(**PAGE_1)
    await rep.close()

    await rep.command()
    assert "did not send it" in words_of(rep.seen)
    await rep.press("Continue draft")
    assert rep.state({})["field.what_happened"]["value.2"]["value"] == "Black pads after reflow"
    await rep.submit()
    await rep.submit(**PAGE_2)
    assert len(talk.desk.record.cases) == 1

    await rep.command()
    assert "did not send it" not in words_of(rep.seen)
    rep.fill(field__what_happened="Later")
    await rep.close()
    talk.desk.at("2026-11-04 10:00")
    await rep.command()
    assert "did not send it" not in words_of(rep.seen)


async def test_customers_are_found_by_any_name_and_a_new_one_is_allowed():
    talk = Talk()
    rep = talk.person("USALES1", locale="zh-TW")
    await rep.command()

    assert await rep.suggest("field.customer", "北方") == ["C-0417", "new:北方"]
    assert await rep.suggest("field.customer", "") == []
    (only,) = await rep.suggest("field.customer", "Ω" * 300)
    assert only.startswith("new:Ω")


async def test_a_guest_is_refused_kindly():
    talk = Talk()
    talk.slack.guests.add("UGUEST")
    talk.languages.learn("UGUEST", locale="zh-TW", is_guest=True)

    answer = await talk.person_known("UGUEST").command("pads are black")

    assert "您是訪客" in words_of(answer)
    assert not talk.slack.stacks


async def test_an_expired_trigger_is_answered_in_words():
    talk = Talk()
    talk.slack.fails["views.open"] = "expired_trigger_id"

    answer = await talk.person("USALES1").command()

    assert "did not open in time" in words_of(answer)


def test_a_form_of_one_person_never_names_the_case_of_another():
    assert case_id_of("USALES1", "ABCD2345") != case_id_of("USALES2", "ABCD2345")
    assert case_id_of("USALES1", "ABCD2345") == case_id_of("USALES1", "ABCD2345")
