"""docs/slack-contract.md says what the code does, and its examples work."""

from __future__ import annotations

import copy
import json

from handlers import contract
from handlers import contract_examples as examples
from handlers.act_table import ACTS
from handlers.modals.inputs import answers_of
from tests.handlers.filled import block_ids
from tests.handlers.strict_slack import TEAM
from tests.handlers.talk import Talk
from tests.handlers.test_approvals import ref
from tests.support.pcb import a_case


def test_the_document_is_the_one_that_the_code_writes():
    assert contract.DOCUMENT.read_text("utf-8") == contract.document(), "run `python -m handlers.contract`"


def test_the_document_names_every_button_form_and_command():
    assert contract.missing() == []


def test_every_modal_that_is_built_is_named():
    sources = [p.read_text() for p in (contract.DOCUMENT.parents[1] / "handlers").rglob("*.py")]
    for name in (*contract.MODALS, *contract.SHOWN_ONLY):
        assert f"`{name}`" in contract.document()
    assert sum(s.count("callback_id=") for s in sources) > 10


async def test_the_inputs_of_each_act_are_the_ones_the_document_names():
    talk = Talk(a_case("quality_analysis"))
    buttons = {"ask": "UQUAL1", "add_signer": "UQUAL1", "hand_over": "UQUAL1", "wait": "UQUAL1", "extend": "UQUAL1",
               "withdraw": "USALES1", "void": "UGMO1", "merge": "USALES1"}  # fmt: skip
    for act in ACTS:
        if act.id not in buttons:
            continue
        person = talk.person(buttons[act.id])
        await person.click(f"act.{act.id}", ref(talk, "quality_analysis"))
        assert block_ids(person.seen) == [b for b, _ in contract.ACT_INPUTS[act.id]], act.id


async def test_the_examples_log_a_complaint_and_decide_a_stage():
    talk = Talk()
    rep = talk.person("USALES1")
    await talk.send({**examples.LOG, "user_id": rep.id, "team_id": TEAM, "trigger_id": rep.trigger()})
    assert rep.seen["callback_id"] == "intake.page"
    for page in (examples.PAGE_1, examples.PAGE_2):
        answer = await talk.send(_sent(rep, page))
        if answer["response_action"] == "push":
            talk.slack.push(rep.id, answer["view"])
    assert answer == {"response_action": "clear"}
    (case_id,) = talk.desk.record.cases

    office, judge = talk.person("UGMO1"), talk.person("UQUAL1")
    visit = talk.desk.visit("register", case_id)
    await office.click("visit.confirm", f"1|{case_id}|{visit}|0|")
    click = copy.deepcopy(examples.CLICK) | {"user": judge.user, "trigger_id": judge.trigger()}
    click["actions"][0]["value"] = f"1|{case_id}|{talk.desk.visit('quality_analysis', case_id)}|0|"
    await talk.send(click)
    answer = await talk.send(_sent(judge, examples.ANALYSIS))

    assert answer == {"response_action": "clear"}
    assert talk.desk.open_stages(case_id) == ["production_analysis"]


def _sent(person, values):
    """Return the example's submission with the id and metadata of the form that stands open."""
    assert set(values) <= set(block_ids(person.seen))
    body = examples.submission(person.seen["callback_id"], person.id, values)
    body["view"] |= {"id": person.seen["id"], "private_metadata": person.seen["private_metadata"]}
    return json.loads(json.dumps(body))


def test_the_examples_are_read_as_they_are_meant():
    assert answers_of(examples.PAGE_1).values["field.quantity"] == "2,400"
    assert answers_of(examples.ANALYSIS).values["field.liable_unit"] == "production"
