"""What the reporter's closing note and a callback's card say once the case has gone on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.handlers.cards.drawn import buttons, draw, in_english, redraw, shown
from tests.policies import test_group_supervision as supervision
from tests.support.pcb import PcbDesk, a_case


def closed() -> PcbDesk:
    """Return a desk whose one complaint is closed, with nothing to settle and nothing to improve."""
    return in_english(a_case("closed", own_quality_problem=False, settlement="nothing", approved_quantity=None))


def told() -> PcbDesk:
    desk = closed()
    desk.pass_stage("execution")
    return desk


def test_the_closing_note_names_what_is_still_to_do_and_nothing_once_it_is_done() -> None:
    desk = closed()
    [note] = desk.told("closed")
    assert "Still to do:\n→  Execution" in shown(draw(desk, note, "en"))

    desk.pass_stage("execution")
    after = shown(redraw(desk, note, "en"))
    assert "Still to do:\n→  Callback" in after
    assert "Execution" not in after

    desk.call("reached", solved=True, score="4")
    done = shown(redraw(desk, note, "en"))
    assert desk.case().status == "finished"
    assert "Complaint 261101 | Closed: Established" in done
    assert "Everything after closing is done too." in done
    assert "Still to do" not in done
    assert "→" not in done


def test_the_closing_note_of_a_case_that_was_taken_up_again_says_so() -> None:
    """What waits then stands on the reporter's card; the note keeps the outcome that was told."""
    desk = in_english(supervision.at("closing"))
    supervision.take(desk, "closing")
    [note] = desk.told("closed")
    before = draw(desk, note, "en")

    desk.call("reached", actor=supervision.person("member_office"), solved=False, score="5")

    again = redraw(desk, note, "en")
    assert desk.case().status == "open"
    assert again.text == before.text
    assert "The complaint was taken up again since." in shown(again)
    assert "Still to do" not in shown(again)


@pytest.mark.parametrize(
    ("language", "said", "button"),
    [
        ("en", "*New complaint: North Instruments P4-2208-B*", "See the new complaint"),
        ("zh-Hans", "*新客诉：", "看新客诉"),
        ("zh-Hant", "*新客訴：", "看新客訴"),
    ],
)
def test_a_callback_that_began_a_new_complaint_leads_there(language: str, said: str, button: str) -> None:
    """(九)9, D6: the customer is not satisfied; a linked form goes through the whole route."""
    desk = told()
    desk.settings.people = replace(desk.settings.people, language=language)
    [card] = [n for n in desk.told("callback") if n.visit == desk.visit("callback")]

    desk.call("reached", solved=False, score="5")

    drawn = redraw(desk, card, language)
    assert said in shown(drawn)
    assert "<@USALES1>" in shown(drawn)
    assert (button, "case.show") in buttons(drawn)
    assert desk.others() == ["case1r1"]
    assert "1|case1r1|" in str(drawn.blocks)


def test_the_reporter_reads_out_of_which_complaint_the_new_one_came() -> None:
    """A card for something that he did not log himself."""
    desk = told()
    desk.call("reached", solved=False, score="5")
    [new] = [n for n in desk.told("reporter") if n.case_id == "case1r1"]

    assert "North Instruments (C-0417) · Original: complaint 261101" in shown(draw(desk, new, "en"))


def test_a_callback_of_a_content_customer_leads_nowhere() -> None:
    desk = told()
    [card] = [n for n in desk.told("callback") if n.visit == desk.visit("callback")]

    desk.call("reached", solved=True, score="5")

    assert "case.show" not in str(redraw(desk, card, "en").blocks)
