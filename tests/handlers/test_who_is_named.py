"""Who is named to act, or to be told: only somebody who belongs here and can answer, asked of Slack when the form is sent."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from handlers.cards.refs import Ref
from handlers.turns import NAMED_WITHIN
from tests.complaints.test_restricted import with_a_witness
from tests.handlers.talk import Talk
from tests.handlers.test_who_may import recorded
from tests.support.group import STORES, stores_desk
from tests.support.pcb import a_case

OUTSIDERS = [
    ("UGUEST", "guest"), ("UPARTNER", "guest"), ("UGONE", "deactivated"), ("UAPP", "an app"), ("USLACKBOT", "an app"),
    ("UNEVER", "guest"),
]  # fmt: skip


def people_of_all_sorts(talk: Talk) -> Talk:
    talk.slack.guests.add("UGUEST")
    talk.slack.teams["UPARTNER"] = "T9PARTNER"
    talk.slack.deleted.add("UGONE")
    talk.slack.bots.add("UAPP")
    talk.slack.unknown.add("UNEVER")
    return talk


TOLD = """
rules: [{upon: register done, tell: [person in witness], as: notice, source: "1"}]
"""


def witnessed(text: str = with_a_witness(STORES)) -> Talk:
    """Return the stores' desk where a form names somebody who then handles the complaint too."""
    return people_of_all_sorts(Talk(stores_desk(text=text)))


@pytest.mark.parametrize(("outsider", "said"), OUTSIDERS)
@pytest.mark.parametrize(("action", "form"), [("act.add_signer", {"place": "before"}), ("act.hand_over", {})])
async def test_a_guest_is_given_no_stage_and_so_no_card(
    outsider: str, said: str, action: str, form: dict[str, str]
) -> None:
    """Slack offers guests and people of shared channels in the list; a stage that they had nobody could answer."""
    talk = people_of_all_sorts(Talk(a_case("quality_analysis")))
    before = recorded(talk)
    judge = talk.person("UQUAL1")
    await judge.click(action, Ref(case="case1", visit=talk.desk.visit("quality_analysis")))

    answer = await judge.submit(member=outsider, **form)

    assert said in answer["errors"]["member"]
    assert recorded(talk) == before


@pytest.mark.parametrize(("outsider", "said"), OUTSIDERS)
async def test_nobody_who_could_not_answer_gets_a_stage_by_a_field_of_the_first_form(outsider: str, said: str) -> None:
    talk = witnessed()
    clerk = talk.person("UCLERK1")
    await clerk.command()

    answer = await clerk.submit(field__store="store1", field__what="leak", field__witness=outsider)

    assert said in answer["errors"]["field.witness"]
    assert talk.desk.record.notices == []
    await clerk.submit(field__store="store1", field__what="leak", field__witness="UWITNESS")
    assert "UWITNESS" in [n.to for n in talk.desk.record.notices]


@pytest.mark.parametrize(("outsider", "said"), OUTSIDERS)
async def test_nobody_who_does_not_belong_here_is_told_of_a_complaint_by_a_field_of_its_form(
    outsider: str, said: str
) -> None:
    """He signs nothing, but would read of the case: a rule of the regulation tells who is named."""
    talk = witnessed(with_a_witness(STORES).replace(" with: [person in witness],", "") + TOLD)
    clerk = talk.person("UCLERK1")
    await clerk.command()

    answer = await clerk.submit(field__store="store1", field__what="leak", field__witness=outsider)

    assert said in answer["errors"]["field.witness"]
    assert talk.desk.record.cases == {}
    await clerk.submit(field__store="store1", field__what="leak", field__witness="UWITNESS")
    assert "UWITNESS" in [n.to for n in talk.desk.record.notices if n.kind == "rule"]


async def test_while_slack_does_not_say_who_somebody_is_he_gets_no_stage() -> None:
    """As at the door: only who holds a role is known without Slack."""
    talk = witnessed()
    clerk = talk.person("UCLERK1")
    await clerk.command()
    talk.slack.fails["users.info"] = "ratelimited"

    answer = await clerk.submit(field__store="store1", field__what="leak", field__witness="UWITNESS")

    assert "has not said yet" in answer["errors"]["field.witness"]
    await clerk.submit(field__store="store1", field__what="leak", field__witness="UTWO")
    assert "UTWO" in [n.to for n in talk.desk.record.notices]


async def test_who_was_named_before_hinders_no_other_correction() -> None:
    """He left since; what he was told stays told."""
    talk = witnessed()
    talk.desk.log("UCLERK1", what="leak", store="store1", witness="UGONE")
    clerk = talk.person("UCLERK1")
    await clerk.click("act.amend", Ref(case="case1"))

    await clerk.submit(field__store="store2", reason="the other store")

    assert talk.desk.case().fields["store"] == "store2"


@pytest.mark.parametrize(("outsider", "said"), OUTSIDERS)
async def test_nobody_who_could_not_answer_gets_a_stage_by_a_correction(outsider: str, said: str) -> None:
    talk = witnessed()
    talk.desk.log("UCLERK1", what="leak", store="store1", witness="UWITNESS")
    before = recorded(talk)
    clerk = talk.person("UCLERK1")
    await clerk.click("act.amend", Ref(case="case1"))

    answer = await clerk.submit(field__witness=outsider, reason="it was another one")

    assert said in answer["errors"]["field.witness"]
    assert recorded(talk) == before


async def test_who_is_deactivated_is_handed_no_stage() -> None:
    talk = witnessed()
    talk.desk.log("UCLERK1", what="leak", store="store1")
    manager = talk.person("UONE")
    await manager.click("act.add_signer", Ref(case="case1", visit=talk.desk.visit("handle")))

    answer = await manager.submit(member="UGONE", place="before")

    assert "deactivated" in answer["errors"]["member"]


async def signs_before_quality(talk: Talk, member: str) -> Any:
    """Let Quality add *member* as a signer; return the answer to the form."""
    judge = talk.person("UQUAL1")
    await judge.click("act.add_signer", Ref(case="case1", visit=talk.desk.visit("quality_analysis")))
    return await judge.submit(member=member, place="before")


async def test_who_is_deactivated_is_handed_no_stage_though_the_desk_file_still_has_him() -> None:
    talk = Talk(a_case("quality_analysis"))
    talk.slack.deleted.add("UPROD")

    answer = await signs_before_quality(talk, "UPROD")

    assert "deactivated" in answer["errors"]["member"]


@pytest.mark.parametrize("is_away", [False, True], ids=["Slack answers", "Slack does not answer"])
async def test_who_was_deactivated_since_he_was_heard_of_is_asked_about_anew(
    is_away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of people is kept for half a day; where no answer comes, it holds."""
    talk = Talk(a_case("quality_analysis"))
    talk.languages.learn("UPROD", locale=None)
    talk.slack.deleted.add("UPROD")
    monkeypatch.setattr(talk.languages, "seconds", lambda: time.monotonic() + NAMED_WITHIN + 1)
    if is_away:
        monkeypatch.setattr("handlers.languages.WAIT_SECONDS", 0.01)
        monkeypatch.setattr(talk.languages, "_fetch", lambda _: asyncio.sleep(60))

    answer = await signs_before_quality(talk, "UPROD")

    assert ("deactivated" in str(answer)) == (not is_away)
    assert ("UPROD" in [n.to for n in talk.desk.record.notices]) == is_away


async def test_a_guest_to_whom_the_desk_file_gives_a_role_may_sign() -> None:
    talk = Talk(a_case("quality_analysis"))
    talk.slack.guests.add("UPROD")

    await signs_before_quality(talk, "UPROD")

    assert "UPROD" in [n.to for n in talk.desk.record.notices]
