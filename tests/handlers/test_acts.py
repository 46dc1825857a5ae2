"""The other acts: each opens, asks, refuses at its field, and reaches the procedure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from complaints import events as e
from handlers.act_table import ACTS
from handlers.acts import BUTTONS
from handlers.cards.refs import Ref
from tests.handlers.filled import block_ids, has_gap, labels_of, words_of
from tests.handlers.talk import Talk
from tests.handlers.test_approvals import ref
from tests.support.company import local
from tests.support.pcb import a_case


async def more(talk: Talk, member: str, stage: str, **how: str) -> object:
    """Let somebody press More… on the card of *stage*."""
    person = talk.person(member, **how)
    await person.click("visit.more", ref(talk, stage))
    return person


# --- More… ---------------------------------------------------------------------------------------------------


async def test_more_shows_one_row_for_each_act_and_leaves_out_what_is_not_allowed():
    talk = Talk(a_case("quality_analysis"))

    judge = await more(talk, "UQUAL1", "quality_analysis")

    labels = labels_of(judge.seen)
    assert {"Ask…", "Add…", "Hand over…", "Wait…", "Request…", "Show", "History"} <= set(labels)
    assert not {"Void…", "Withdraw…", "Correct…", "Take back…"} & set(labels)
    assert "Once, 2 days at most. General Manager decides." in words_of(judge.seen)


async def test_the_reporter_sees_other_rows_than_the_department():
    talk = Talk(a_case("quality_analysis"))

    rep = await more(talk, "USALES1", "quality_analysis")

    labels = set(labels_of(rep.seen))
    assert {"Correct…", "Withdraw…", "Merge…", "Urge…", "Add facts…"} <= labels
    assert not {"Ask…", "Hand over…", "Void…"} & labels


async def test_the_registry_may_declare_it_void():
    talk = Talk(a_case("quality_analysis"))
    office = await more(talk, "UGMO1", "quality_analysis")

    await office.press("Void…")
    answer = await office.submit(reason="A test entry")

    assert answer == {"response_action": "clear"}
    assert talk.desk.case().status == "void"


async def test_more_in_chinese_answers_whether_the_clock_stops():
    talk = Talk(a_case("quality_analysis"))

    judge = await more(talk, "UQUAL1", "quality_analysis", locale="zh-TW")

    assert "期限照算" in words_of(judge.seen)
    assert not has_gap(words_of(judge.seen))


async def test_a_stranger_finds_nothing_to_do_but_a_remark():
    talk = Talk(a_case("quality_analysis"))

    stranger = await more(talk, "USOMEBODY", "quality_analysis")

    assert not {"Ask…", "Void…", "Urge…"} & set(labels_of(stranger.seen))


# --- people --------------------------------------------------------------------------------------------------


async def test_a_question_goes_to_the_reporter_and_its_answer_back():
    talk = Talk(a_case("quality_analysis"))
    judge = await more(talk, "UQUAL1", "quality_analysis")
    await judge.press("Ask…")
    await judge.submit(words="Which lot?")

    rep = talk.person("USALES1")
    await rep.click("question.answer", Ref(case="case1", visit=talk.desk.visit("quality_analysis"), more="1"))
    assert "Which lot?" in words_of(rep.seen)
    await rep.submit(words="Lot 7")

    assert talk.desk.case().questions[1].answered
    await rep.click("question.answer", Ref(case="case1", more="1"))
    assert "answered" in rep.told


async def test_hand_over_stays_in_the_department():
    talk = Talk(a_case("quality_analysis"))
    judge = await more(talk, "UQUAL1", "quality_analysis")
    await judge.press("Hand over…")

    answer = await judge.submit(member="UPROD")
    assert "department stays the same" in words_of(answer["view"])
    judge.stack.pop()
    await judge.submit(member="UQUAL2", reason="I am away")

    assert talk.desk.open_visit("quality_analysis").seats[0].seat.member == "UQUAL2"


async def test_nobody_is_offered_to_hand_over_where_nobody_else_is():
    talk = Talk(a_case("manager_opinion"))

    alone = await more(talk, "UMGR", "manager_opinion")

    assert "Ask…" in labels_of(alone.seen)
    assert "Hand over…" not in labels_of(alone.seen)


async def test_what_is_taken_back_is_named():
    talk = Talk(a_case("gm_office_check"))
    visit = max(v.id for v in talk.desk.case().visits.values() if v.stage == "manager_opinion")
    judge = talk.person("UMGR")

    await judge.click("act.take_back", Ref(case=talk.desk.case().id, visit=visit))

    assert "“Manager's opinion” opens again" in words_of(judge.seen)


async def test_a_signer_is_added_before():
    talk = Talk(a_case("quality_analysis"))
    judge = await more(talk, "UQUAL1", "quality_analysis")
    await judge.press("Add…")

    await judge.submit(member="URND", place="before", reason="Look at the nickel")

    seats = talk.desk.open_visit("quality_analysis").seats
    assert (seats[-1].seat.member, seats[-1].seat.place) == ("URND", "before")


# --- time ----------------------------------------------------------------------------------------------------


async def test_waiting_for_the_customer_lasts_to_the_end_of_the_day_and_can_end_before():
    talk = Talk(a_case("quality_analysis"))
    judge = await more(talk, "UQUAL1", "quality_analysis")
    await judge.press("Wait…")
    answer = await judge.submit(reason="Samples are on the way", until="2026-11-01")
    assert "still to come" in answer["errors"]["until"]
    await judge.submit(until="2026-11-05")

    assert talk.desk.open_visit("quality_analysis").waiting_until == local("2026-11-05 24:00")
    await judge.click("visit.more", ref(talk, "quality_analysis"))
    await judge.press("End waiting")
    assert talk.desk.open_visit("quality_analysis").waiting_until is None
    assert "over" in words_of(judge.seen)


async def test_an_extension_is_asked_for_and_granted_with_the_day_filled_in():
    talk = Talk(a_case("quality_analysis"))
    due = talk.desk.due("quality_analysis")
    judge = talk.person("UQUAL1")
    await judge.click("visit.extend", ref(talk, "quality_analysis"))
    answer = await judge.submit(until="2027-01-30", reason="Cross sections")
    assert "At the latest" in answer["errors"]["until"]
    await judge.submit(until="2026-11-05")

    chief = talk.person("UGM")
    await chief.click("extension.grant", ref(talk, "quality_analysis"))
    assert chief.state({})["until"]["value"]["selected_date"] == "2026-11-05"
    await chief.submit()

    assert talk.desk.due("quality_analysis") > due
    assert len(talk.desk.happened(e.ExtensionRuled)) == 1
    await judge.click("visit.extend", ref(talk, "quality_analysis"))
    assert "had its extension" in judge.told


async def test_an_extension_is_refused_with_a_reason():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")
    await judge.click("visit.extend", ref(talk, "quality_analysis"))
    await judge.submit(until="2026-11-05", reason="Cross sections")

    chief = talk.person("UGM")
    await chief.click("extension.refuse", ref(talk, "quality_analysis"))
    await chief.submit(reason="The customer's line stands still")

    assert talk.desk.happened(e.ExtensionRuled)[0].granted is False


async def test_urging_has_a_limit():
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")
    await rep.click("case.urge", Ref(case="case1"))
    await rep.submit(words="Their line stands still")
    assert len(talk.desk.happened(e.Urged)) == 1

    await rep.click("case.urge", Ref(case="case1"))
    assert "short while ago" in rep.told


# --- the general manager ---------------------------------------------------------------------------------------


def late() -> Talk:
    talk = Talk(a_case("quality_analysis"))
    talk.desk.at("2026-11-06 10:00")
    return talk


async def test_the_general_manager_reassigns_to_a_person_or_a_department():
    talk = late()
    chief = talk.person("UGM")
    await chief.click("gm.reassign", ref(talk, "quality_analysis"))
    answer = await chief.submit(reason="Overloaded")
    assert "member" in answer["errors"]
    await chief.submit(role="rnd")

    assert talk.desk.roles("quality_analysis") == ["rnd"]


async def test_the_general_manager_grants_time_of_his_own():
    talk = late()
    chief = talk.person("UGM")
    await chief.click("gm.extend", ref(talk, "quality_analysis"))

    await chief.submit(until="2026-11-06", reason="Waiting for the lab")

    assert talk.desk.happened(e.ExtensionRuled)[0].granted is True


async def test_the_general_manager_calls_a_meeting():
    talk = late()
    chief = talk.person("UGM")
    await chief.click("gm.meeting", ref(talk, "quality_analysis"))
    answer = await chief.submit(at=datetime(2026, 11, 1, tzinfo=UTC))
    assert "at" in answer["errors"]

    await chief.submit(at=local("2026-11-06 15:00"), words="Who answers?")

    assert talk.desk.happened(e.EscalationAnswered)[0].how == "meeting"


@pytest.mark.parametrize("button", ["gm.reassign", "gm.extend", "gm.meeting", "extension.refuse"])
async def test_nobody_else_gets_the_general_managers_forms(button):
    talk = late()
    rep = talk.person("USALES1")

    await rep.click(button, ref(talk, "quality_analysis"))

    assert not rep.stack
    assert rep.told


# --- the case ------------------------------------------------------------------------------------------------


async def test_a_correction_changes_what_was_typed_and_leaves_the_rest():
    talk = Talk(a_case("quality_analysis"))
    rep = await more(talk, "USALES1", "quality_analysis")
    await rep.press("Correct…")
    answer = await rep.submit(reason="Counted again")
    assert answer["response_action"] == "errors"

    await rep.submit(field__quantity="2,500")

    (amended,) = [f for f in talk.desk.happened(e.FieldsSet) if f.reason]
    assert amended.fields == {"quantity": "2500"}


async def test_a_taken_back_decision_opens_the_stage_again():
    talk = Talk(a_case("production_analysis"))
    judge = talk.person("UQUAL1")
    await judge.click("case.more", Ref(case="case1"))
    await judge.press("Take back…")
    await judge.submit()

    assert talk.desk.open_stages() == ["quality_analysis"]


async def test_taking_back_from_the_decided_card_is_for_the_decider_alone():
    talk = Talk(a_case("production_analysis"))
    decided = Ref(case="case1", visit=talk.desk.visit("quality_analysis"))
    other, judge = talk.person("UPROD"), talk.person("UQUAL1")

    await other.click("act.take_back", decided)
    assert "<@UQUAL1> can take Quality analysis back" in other.told
    assert other.stack == []

    await judge.click("act.take_back", decided)
    assert await judge.submit() == {"response_action": "clear"}
    assert [v.stage for v in talk.desk.case().open_visits] == ["quality_analysis"]


async def test_it_is_too_late_to_take_back_when_the_next_one_acted():
    talk = Talk(a_case("production_analysis"))
    number = talk.desk.visit("quality_analysis")
    talk.desk.pass_stage("production_analysis")
    judge = talk.person("UQUAL1")

    await judge.click("act.take_back", Ref(case="case1", visit=number))

    assert "can't be taken back" in judge.told
    assert not judge.stack


async def test_a_case_is_merged_by_its_number():
    talk = Talk(a_case("quality_analysis"))
    talk.desk.complain("case2")
    rep = talk.person("USALES1")
    await rep.click("act.merge", Ref(case="case2"))
    answer = await rep.submit(into="999999", reason="Same lot")
    assert "999999" in answer["errors"]["into"]
    answer = await rep.submit(into="case2")
    assert "into" in answer["errors"]

    await rep.submit(into=talk.desk.case().number)

    assert talk.desk.case("case2").status == "merged"


async def test_the_reporter_withdraws():
    talk = Talk(a_case("quality_analysis"))
    rep = await more(talk, "USALES1", "quality_analysis")
    await rep.press("Withdraw…")
    await rep.submit(reason="The customer found it")

    assert talk.desk.case().status == "withdrawn"


async def test_an_objection_begins_by_hand_within_its_time():
    talk = Talk(a_case("closed"))
    unit = talk.person("UPROD")
    await unit.click("case.more", Ref(case="case1"))
    assert "Object…" in labels_of(unit.seen)
    await unit.press("Object…")
    await unit.submit(field__objection_reason="Not our bath")
    assert "objection_ruling" in talk.desk.open_stages()

    talk = Talk(a_case("closed"))
    talk.desk.at("2026-11-20 10:00")
    unit = talk.person("UPROD")
    await unit.click("act.route", Ref(case="case1", more="objection"))
    assert "time for this is over" in unit.told


async def test_facts_need_words_or_a_file():
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")
    await rep.click("case.facts", Ref(case="case1"))
    answer = await rep.submit()
    assert list(answer["errors"]) == ["words"]

    await rep.submit(files=["F9"])

    assert "F9" in talk.desk.case().files


# --- looking -------------------------------------------------------------------------------------------------


async def test_the_contact_is_shown_after_the_look_is_recorded():
    talk = Talk(a_case("quality_analysis"))
    judge = await more(talk, "UQUAL1", "quality_analysis")

    await judge.click("visit.contact", ref(talk, "quality_analysis"), on="modal")

    assert len(talk.desk.happened(e.WordsShown)) == 1
    assert "North Instruments" in words_of(judge.seen)


async def test_a_stranger_sees_no_contact():
    talk = Talk(a_case("quality_analysis"))
    stranger = talk.person("USOMEBODY")

    await stranger.click("visit.contact", ref(talk, "quality_analysis"))

    assert not stranger.stack
    assert not talk.desk.happened(e.WordsShown)


async def test_the_customer_s_name_is_masked_in_words_too():
    talk = Talk(a_case("quality_analysis", what_happened="North Instruments found black pads"))
    judge, rep = talk.person("UQUAL1"), talk.person("USALES1")

    await judge.click("visit.whole", Ref(case="case1"))
    await rep.click("visit.whole", Ref(case="case1"))

    assert "North Instruments" not in words_of(judge.seen)
    assert "North Instruments found black pads" in words_of(rep.seen)


async def test_history_names_every_step():
    talk = Talk(a_case("production_analysis"))
    judge = talk.person("UQUAL1")

    await judge.click("visit.history", Ref(case="case1"))

    words = words_of(judge.seen)
    assert "Quality analysis: sent" in words
    assert "number 261101 was given" in words


async def test_the_limit_is_explained_day_by_day():
    talk = Talk(a_case("quality_analysis", now="2026-10-09 16:00", shipped_on="2026-10-01"))
    judge = talk.person("UQUAL1", locale="zh-TW")

    await judge.click("visit.limit", ref(talk, "quality_analysis"))

    words = words_of(judge.seen)
    assert "起算日" in words
    assert "整案" in words


@pytest.mark.parametrize("language", ["en-US", "zh-CN", "zh-TW"])
@pytest.mark.parametrize("stage", ["register", "quality_analysis", "closed"])
async def test_the_whole_case_fits_into_a_view_in_each_language(language, stage):
    talk = Talk(a_case(stage))
    person = talk.person("USALES1", locale=language)

    await person.click("visit.whole", Ref(case="case1"))

    assert "Black pads after reflow" in words_of(person.seen)


def test_every_button_opens_an_act_and_every_act_has_a_button():
    assert set(BUTTONS.values()) == {act.id for act in ACTS}


@pytest.mark.parametrize("language", ["en-US", "zh-CN", "zh-TW"])
async def test_the_form_of_each_act_is_taken_by_slack_in_each_language(language):
    """Each act's form is drawn for somebody who may do it; the strict Slack of the tests checks the view."""
    talk = Talk(a_case("quality_analysis"))
    for button, act in BUTTONS.items():
        if act in ("answer", "refuse_extension", "reassign", "grant", "meeting", "route", "take_back"):
            continue
        member = {"amend": "USALES1", "withdraw": "USALES1", "merge": "USALES1", "void": "UGMO1", "urge": "USALES1"}
        person = talk.person(member.get(act, "UQUAL1"), locale=language)
        await person.click(button, ref(talk, "quality_analysis"))
        assert person.stack, (button, person.told)
        assert all(i for i in block_ids(person.seen))
