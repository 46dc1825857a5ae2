"""Deciding a stage: its form, the return, one click, and what comes too late or twice."""

from __future__ import annotations

import pytest

from complaints.commands import CLOCK, AddSigner, Amend, OpenCase
from handlers.cards.refs import Ref
from tests.chaos.company import policy
from tests.handlers.filled import block_ids, words_of
from tests.handlers.strict_slack import NO_JSON
from tests.handlers.talk import Talk
from tests.support.made_desk import MadeDesk
from tests.support.pcb import FIELDS, a_case
from tests.support.policy_desk import person


def ref(talk: Talk, stage: str, **more: object) -> Ref:
    """Return the value of a button on the card of *stage* as it shows now."""
    case = talk.desk.case()
    return Ref(case=case.id, visit=talk.desk.visit(stage), facts=case.facts_version, **more)


ANALYSIS = {
    "field__sample_confirmed": "yes", "field__cause_class": "quality_abnormality", "field__quality_finding": "Nickel corrosion",
    "field__liable_unit": "production", "field__rnd_opinion_needed": "no", "field__third_party_involved": "no",
}  # fmt: skip


async def test_the_head_of_quality_fills_in_the_analysis():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.click("visit.main", ref(talk, "quality_analysis"))
    assert judge.seen["title"]["text"] == "Cause analysis"
    assert judge.seen["submit"]["text"] == "Submit analysis"
    answer = await judge.submit(**ANALYSIS)

    assert answer == {"response_action": "clear"}
    assert talk.desk.open_stages() == ["production_analysis"]


async def test_who_signs_before_others_is_told_that_these_come_next():
    talk = Talk(a_case("quality_analysis"))
    visit = talk.desk.visit("quality_analysis")
    talk.desk.act(AddSigner, "UQUAL1", visit=visit, member="URND", place="before")

    signer = talk.person("URND")
    await signer.click("visit.main", ref(talk, "quality_analysis"))
    assert "Next: Quality" in words_of(signer.seen)
    assert "<@UQUAL1>" in words_of(signer.seen)
    assert "Next: Production" not in words_of(signer.seen)
    talk.desk.decide("URND", "quality_analysis")
    judge = talk.person("UQUAL1")
    await judge.click("visit.main", ref(talk, "quality_analysis"))
    assert "Next: Production analysis." in words_of(judge.seen)


async def test_who_signs_off_sends_the_signature():
    """The button of the card and that of the form are called the same."""
    talk = Talk(a_case("customer_negotiation"))
    talk.desk.decide("USALES1", "customer_negotiation", "report", **FIELDS["customer_negotiation"])
    head = talk.person("USMGR")

    await head.click("visit.main", ref(talk, "customer_negotiation"))

    assert head.seen["submit"]["text"] == "Sign off"


async def test_nothing_that_decides_stands_chosen():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.click("visit.main", ref(talk, "quality_analysis"))

    chosen = [b["block_id"] for b in judge.seen["blocks"] if "initial_option" in str(b.get("element"))]
    assert chosen == []


async def test_a_click_is_acknowledged_even_while_slack_answers_with_pages_that_are_no_json():
    """Neither the form nor the words about the fault can be shown; the fault ends here all the same (PITFALLS 5)."""
    talk = Talk(a_case("quality_analysis"))
    talk.slack.fails |= {"views.open": NO_JSON, "chat.postEphemeral": NO_JSON}

    assert await talk.person("UQUAL1").click("visit.main", ref(talk, "quality_analysis")) is None


async def test_who_presses_where_slack_takes_no_more_whispers_is_answered_at_the_address_of_his_press():
    """Many press at once in a channel, and Slack takes one whisper a second there: silence would look like a decision."""
    talk = Talk(a_case("quality_analysis"))
    talk.slack.fails |= {"chat.postEphemeral": "ratelimited"}

    await talk.person("USALES1").click("visit.main", ref(talk, "quality_analysis"))

    [(url, told)] = talk.slack.responses
    assert url == "https://hooks.slack.com/actions/1"
    assert told["replace_original"] is False
    assert "quality" in str(told).lower()


async def test_the_form_opens_with_one_read_and_one_call():
    talk = Talk(a_case("quality_analysis"))

    await talk.person("UQUAL1").click("visit.main", ref(talk, "quality_analysis"))

    assert talk.reader.reads == ["case"]
    assert [m for m, _ in talk.slack.calls] == ["views.open"]


async def test_evidence_comes_along_with_its_field():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")
    await judge.click("visit.main", ref(talk, "quality_analysis"))

    await judge.submit(**ANALYSIS, field__evidence=["F77"])

    assert talk.desk.case().files["F77"].field == "evidence"


async def test_a_missing_answer_is_said_at_its_field_and_nothing_is_recorded():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")
    await judge.click("visit.main", ref(talk, "quality_analysis"))

    answer = await judge.submit(**{**ANALYSIS, "field__cause_class": "human_factor"})

    assert list(answer["errors"]) == ["field.human_cause"]
    assert talk.desk.open_stages() == ["quality_analysis"]


async def test_somebody_else_is_told_whose_it_is_and_what_they_can_do():
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")

    await rep.click("visit.main", ref(talk, "quality_analysis"))

    assert "<@UQUAL1>" in rep.told
    assert "(九)4" in rep.told
    assert "Leave a remark…" in rep.told
    assert not rep.stack


async def test_a_stranger_is_offered_no_remark_that_would_not_be_kept():
    talk = Talk(a_case("quality_analysis"))
    stranger = talk.person("USOMEBODY")

    await stranger.click("visit.main", ref(talk, "quality_analysis"))

    assert "remark" not in stranger.told
    assert "See progress" in stranger.told


async def test_the_button_of_a_refusal_works():
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")
    await rep.click("visit.main", ref(talk, "quality_analysis"))

    button = talk.slack.ephemerals[-1]["blocks"][-1]["elements"][0]
    await rep.click(button["action_id"], button["value"])
    await rep.submit(words="The line stands still")

    assert "The line stands still" in talk.desk.record.words.values()


async def test_a_second_click_on_a_decided_card_is_harmless():
    talk = Talk(a_case("quality_analysis"))
    old = ref(talk, "quality_analysis")
    talk.desk.pass_stage("quality_analysis")
    late = talk.person("UQUAL2", locale="zh-TW")

    await late.click("visit.main", old)

    assert "已經完成" in late.told
    assert "<@UQUAL1>" in late.told
    assert not late.stack


async def test_two_people_with_the_form_open_the_second_is_told_and_keeps_the_text():
    talk = Talk(a_case("quality_analysis"))
    one, two = talk.person("UQUAL1"), talk.person("UQUAL2")
    await one.click("visit.main", ref(talk, "quality_analysis"))
    await two.click("visit.main", ref(talk, "quality_analysis"))

    await one.submit(**ANALYSIS)
    answer = await two.submit(**ANALYSIS)

    assert answer["response_action"] == "push"
    assert "is done" in words_of(answer["view"])
    assert len(two.stack) == 2


async def test_a_card_drawn_before_a_correction_asks_to_look_again():
    talk = Talk(a_case("quality_analysis"))
    old = ref(talk, "quality_analysis")
    talk.desk.act(Amend, "USALES1", fields={"quantity": "2500"}, reason="Counted again")
    judge = talk.person("UQUAL1")

    await judge.click("visit.main", old)

    assert "corrected since" in judge.told
    await judge.click("visit.main", ref(talk, "quality_analysis"))
    assert judge.stack


async def test_a_correction_while_the_form_is_open_is_noticed_at_the_submit():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")
    await judge.click("visit.main", ref(talk, "quality_analysis"))
    talk.desk.act(Amend, "USALES1", fields={"quantity": "2500"}, reason="Counted again")

    answer = await judge.submit(**ANALYSIS)

    assert answer["response_action"] == "push"
    assert talk.desk.open_stages() == ["quality_analysis"]


async def test_one_click_takes_the_decision_once_and_a_second_is_told_that_it_is_recorded():
    talk = Talk(a_case("register"))
    registry = talk.person("UGMO1")
    card = ref(talk, "register")

    await registry.click("visit.confirm", card)
    assert registry.told == ""
    await registry.click("visit.confirm", card)

    assert "is done, nothing left for you to do" in registry.told

    assert talk.desk.open_stages() == ["quality_analysis"]
    assert len([a for a in talk.desk.record.acts if ":confirm:" in a]) == 1


async def test_on_a_joint_stage_each_is_told_who_has_answered():
    """One's own answer is one's own; that of a colleague of the same department is not said to be."""
    desk = MadeDesk(policy())
    desk.log(person("reception"), customer="C-0417", what_happened="It broke")
    desk.decide(person("department"), "handle", "approve", finding="So it is")
    talk = Talk(desk)
    first, second = talk.person(person("department")), talk.person(person("department", 2))
    card = ref(talk, "confirm")
    await first.click("visit.confirm", card)

    await first.click("visit.confirm", card)
    await second.click("visit.confirm", card)

    assert "You have answered Confirm already" in first.told
    assert f"<@{first.id}> has answered Confirm already" in second.told
    assert desk.open_stages() == ["confirm"]


async def test_one_click_on_a_stage_that_needs_its_form_says_so():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.click("visit.confirm", ref(talk, "quality_analysis"))

    assert "needs its form" in judge.told


async def test_a_return_names_the_stage_and_the_reason():
    talk = Talk(a_case("production_analysis"))
    judge = talk.person("UPROD")
    await judge.click("visit.return", ref(talk, "production_analysis"))

    assert "to_stage" in block_ids(judge.seen)
    await judge.submit(to_stage="quality_analysis", reason="The samples are of another lot")

    assert talk.desk.open_stages() == ["quality_analysis"]
    assert "The samples are of another lot" in talk.desk.record.words.values()


async def test_a_later_round_shows_what_was_written_before_and_asks_anew():
    talk = Talk(a_case("production_analysis"))
    talk.desk.decide("UPROD", "production_analysis", "return", reason="Again", to_stage="quality_analysis")
    judge = talk.person("UQUAL1")

    await judge.click("visit.main", ref(talk, "quality_analysis"))

    state = judge.state({})
    assert state["field.quality_finding"]["value"]["value"] == FIELDS["quality_analysis"]["quality_finding"]
    assert state["field.sample_confirmed"]["value"]["selected_option"] is None


async def test_several_decisions_are_a_choice_with_nothing_chosen():
    talk = Talk(a_case("closed"))
    talk.desk.at("2026-11-03 09:00")
    rep = talk.person("USALES1")
    await rep.click("visit.main", ref(talk, "execution"))

    assert block_ids(rep.seen)[0] == "decision"
    told = {"field__reply_channel": "phone", "field__answer_given": "Refused", "field__collection_affected": "no"}
    answer = await rep.submit(decision="refused", **told)
    assert list(answer["errors"]) == ["reason"]
    await rep.submit(decision="refused", reason="They want money", **told)

    assert len(talk.desk.others()) == 1


async def test_lines_are_typed_one_below_the_other():
    talk = Talk(a_case("consolidated_opinion_2"))
    office = talk.person("UGMO1")
    await office.click("visit.main", ref(talk, "consolidated_opinion_2"))
    filled = {
        "field__opinion_2": "As offered", "field__occurred_unit": "production", "field__own_quality_problem": "yes",
        "field__human_negligence": "no", "field__handling_method": "Bath control", "field__punishment": "no_punishment",
    }  # fmt: skip

    answer = await office.submit(**filled, field__department_losses="Production 8,000")
    assert "semicolon" in answer["errors"]["field.department_losses"]
    await office.submit(**filled, field__department_losses="Production; 8,000\nSales ; 4000")

    assert talk.desk.case().fields["department_losses"] == [
        {"unit": "production", "loss": "8000.00"},
        {"unit": "sales", "loss": "4000.00"},
    ]


async def test_the_general_manager_decides_for_a_late_department_with_a_reason():
    talk = Talk(a_case("quality_analysis"))
    talk.desk.at("2026-11-06 10:00")
    chief = talk.person("UGM")
    await chief.click("gm.decide", ref(talk, "quality_analysis"))

    assert "reason" in block_ids(chief.seen)
    await chief.submit(**ANALYSIS, reason="We can't wait")

    assert talk.desk.open_stages() == ["production_analysis"]


async def test_only_the_general_manager_gets_that_form():
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")

    await rep.click("gm.decide", ref(talk, "quality_analysis"))

    assert "general manager decides" in rep.told


@pytest.mark.parametrize("value", ["", "1|case1", "2|case1|1||", "1|case1|x||", "{}", "1|case1|" + "9" * 400 + "||"])
async def test_a_value_of_another_version_asks_to_press_again(value):
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.click("visit.main", value)

    assert "drawn anew" in judge.told or "No complaint" in judge.told


async def test_a_case_that_is_not_there_is_not_there():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.click("visit.main", Ref(case="NOSUCH", visit=1))

    assert "No complaint of that number" in judge.told


async def test_an_unknown_button_asks_to_press_the_new_card():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.click("act.of.last.year", "1|case1|1||")

    assert "drawn anew" in judge.told


async def test_what_was_typed_before_a_correction_is_filled_in_again():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")
    await judge.click("visit.main", ref(talk, "quality_analysis"))
    talk.desk.act(Amend, "USALES1", fields={"quantity": "2500"}, reason="Counted again")
    await judge.submit(**{**ANALYSIS, "field__quality_finding": "A long finding"})
    judge.stack.clear()

    await judge.click("visit.main", ref(talk, "quality_analysis"))
    assert "typed before" in words_of(judge.seen)
    assert judge.state({})["field.quality_finding"]["value"]["value"] == "A long finding"
    await judge.submit()

    assert talk.desk.open_stages() == ["production_analysis"]
    assert not talk.drafts.kept


async def test_the_form_of_a_meeting_knows_its_cases_already():
    """(九)10: one line for each case that closed last month; the share is left to be agreed."""
    desk = a_case("closed")
    desk.at("2026-12-01 09:30")
    desk.submit(
        OpenCase(
            actor=CLOCK, key="m", case_id="meeting", policy="pcb-manufacturer", fields={}, via="clock", kind="duty",
            duty="case_meeting", period="2026-12",
        )
    )  # fmt: skip
    talk = Talk(desk)
    office = talk.person("UGMO1")

    await office.click("visit.main", Ref(case="meeting", visit=1, facts=0))

    lines = next(b["element"] for b in office.seen["blocks"] if b.get("block_id") == "field.shares")
    assert lines["initial_value"] == f"{desk.case().number}; ; "
