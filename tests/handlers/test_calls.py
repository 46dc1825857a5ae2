"""The call to the customer: attempts, questions, answers."""

from __future__ import annotations

from complaints import events as e
from tests.handlers.filled import block_ids, words_of
from tests.handlers.talk import Talk
from tests.handlers.test_approvals import ref
from tests.support.company import local
from tests.support.pcb import a_case


def to_callback() -> Talk:
    talk = Talk(a_case("closed"))
    talk.desk.pass_stage("execution")
    return talk


async def test_a_failed_attempt_costs_two_taps():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    assert block_ids(caller.seen) == ["result"]

    await caller.submit(result="no_answer")

    assert talk.desk.open_visit("callback").attempts == 1


async def test_what_was_reached_shows_the_questions_and_keeps_the_answer():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    await caller.choose("result", "reached")
    assert {"field.solved", "field.score", "words"} <= set(block_ids(caller.seen))

    await caller.submit(field__solved="yes", field__score="5", words="All is well")

    assert "callback" not in talk.desk.open_stages()


async def test_a_score_outside_the_scale_is_said_at_its_field():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    await caller.choose("result", "reached")
    score = next(b for b in caller.seen["blocks"] if b.get("block_id") == "field.score")

    assert [o["value"] for o in score["element"]["options"]] == ["1", "2", "3", "4", "5"]


async def test_a_bad_answer_is_asked_about_before_it_opens_a_new_complaint():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    await caller.choose("result", "reached")

    await caller.submit(field__solved="no", field__score="1", words="Still black")
    assert "Press once more" in words_of(caller.seen)
    assert not talk.desk.others()
    await caller.submit()

    assert len(talk.desk.others()) == 1


async def test_a_later_call_needs_its_time():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    await caller.choose("result", "later")

    await caller.submit(again_at=local("2026-11-04 15:00"))

    assert talk.desk.happened(e.CallLogged)[0].result == "later"


async def test_a_call_is_only_for_the_callback_role():
    talk = to_callback()
    rep = talk.person("USALES1")

    await rep.click("visit.log_call", ref(talk, "callback"))

    assert "belongs to someone else" in rep.told
