"""
The door of Slack: whoever presses or sends what is not theirs changes nothing, whatever the payload says.

Every button and every form of the table is tried, on a card and in a forged form, by people who may not: a colleague who
has nothing to do with the case, a guest, somebody of another workspace in a shared channel, somebody deactivated, and, on a
restricted case, everybody who must not even know of it. What may be done by whom is `tests/policies/test_who_may.py`'s.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from complaints import events as e
from handlers.cards.refs import Ref
from handlers.modals.meta import Meta, new_token
from handlers.table import TABLE
from tests.chaos.company import policy
from tests.complaints.test_restricted import restricted_desk
from tests.handlers.cards.drawn import draw
from tests.handlers.filled import buttons_of, words_of
from tests.handlers.strict_slack import TEAM
from tests.handlers.talk import Person, Talk
from tests.policies.test_airport_group import at
from tests.support.made_desk import MadeDesk
from tests.support.pcb import PcbDesk, a_case
from tests.support.policy_desk import person as holder

OPEN_TO_ALL = {"intake.page", "intake.choose", "desk.absence"}
"""Forms that anybody of the company sends for himself: a complaint, one's own absence."""

SECRET = "rude"
_KEYS = itertools.count(1)


def elsewhere(talk: Talk) -> Person:
    """Return a colleague of a department that has nothing to do with the case."""
    return talk.person("UWH")


def guest(talk: Talk) -> Person:
    talk.slack.guests.add("UGUEST")
    return Person(talk, "UGUEST")


def partner(talk: Talk) -> Person:
    """Return somebody of another workspace in a shared channel: Slack does not call them strangers (Slack Connect)."""
    talk.slack.teams["UPARTNER"] = "T9PARTNER"
    return Person(talk, "UPARTNER")


def gone(talk: Talk) -> Person:
    """Return somebody who left, though the desk file still names him for quality."""
    talk.slack.deleted.add("UQUAL1")
    return Person(talk, "UQUAL1")


OUTSIDE = (guest, partner, gone)
Who = Callable[[Talk], Person]


def recorded(talk: Talk) -> dict[str, int]:
    return {case_id: len(log) for case_id, log in talk.desk.record.logs.items()} | {
        "desk": len(talk.desk.record.desk_log)
    }


def refs(talk: Talk, case_id: str = "case1") -> list[str]:
    """Return values that buttons of this case carry, with each kind of further part."""
    case = talk.desk.case(case_id)
    visit = case.open_visits[0].id
    return [
        Ref(case=case_id, visit=visit, facts=case.facts_version, more=more).text()
        for more in ("", "1", "objection", "approve")
    ]


FILLED = {
    "reason": {"value": {"type": "plain_text_input", "value": "Because"}},
    "words": {"value": {"type": "plain_text_input", "value": "Because"}},
    "member": {"value": {"type": "users_select", "selected_user": "UQUAL2"}},
    "deputy": {"value": {"type": "users_select", "selected_user": "UQUAL2"}},
    "place": {"value": {"type": "static_select", "selected_option": {"value": "before"}}},
    "role": {"value": {"type": "static_select", "selected_option": {"value": "production"}}},
    "decision": {"value": {"type": "static_select", "selected_option": {"value": "approve"}}},
    "result": {"value": {"type": "static_select", "selected_option": {"value": "reached"}}},
    "into": {"value": {"type": "plain_text_input", "value": "case1"}},
    "until": {"value": {"type": "datepicker", "selected_date": "2026-11-05"}},
    "from": {"value": {"type": "datepicker", "selected_date": "2026-11-05"}},
    "at": {"value": {"type": "datetimepicker", "selected_date_time": 1_795_000_000}},
    "field.quantity": {"value": {"type": "plain_text_input", "value": "7"}},
}


async def send_form(person: Person, callback_id: str, meta: str, **more: Any) -> Any:
    """Send a form that never was open: its id, metadata and values are of the sender's own making."""
    view = {
        "id": f"V{next(_KEYS)}", "type": "modal", "callback_id": callback_id, "private_metadata": meta,
        "state": {"values": FILLED}, "blocks": [{"type": "input", "block_id": b} for b in FILLED],
    }  # fmt: skip
    body = {
        "type": "view_submission",
        "user": person.user,
        "team": {"id": TEAM},
        "trigger_id": person.trigger(),
        "view": view,
    }
    return await person.talk.send({**body, **more})


@pytest.mark.parametrize("action", sorted(TABLE.clicks))
async def test_no_button_does_anything_for_somebody_of_another_department(action: str) -> None:
    talk = Talk(a_case("quality_analysis"))
    before = recorded(talk)
    person = elsewhere(talk)
    for value in (*refs(talk), "production", "1", "pcb-manufacturer.repeat_months", "-"):
        await person.click(action, value)
        person.stack.clear()

    assert recorded(talk) == before


@pytest.mark.parametrize("form", sorted(set(TABLE.submissions) - OPEN_TO_ALL))
async def test_no_forged_form_does_anything_for_somebody_of_another_department(form: str) -> None:
    """The metadata is the sender's own: another case, another role, a decision that the form did not offer."""
    talk = Talk(a_case("quality_analysis"))
    before = recorded(talk)
    for ref in refs(talk):
        for decision in ("", "approve", "return", "satisfied"):
            meta = Meta(
                ref=ref, token=new_token(), decision=decision, extra=("production", "x"), policy="pcb-manufacturer"
            )
            await send_form(elsewhere(talk), form, meta.text())

    assert recorded(talk) == before


@pytest.mark.parametrize("who", OUTSIDE)
async def test_who_is_no_colleague_may_do_nothing_at_all(who: Who) -> None:
    """Slack's answer is waited for before anything is shown or taken; a role does not help who was deactivated."""
    talk = Talk(a_case("quality_analysis"))
    before = recorded(talk)
    person = who(talk)
    for action in ("visit.confirm", "visit.contact", "act.end_waiting"):
        await person.click(action, refs(talk)[0])
    for form in TABLE.submissions:
        meta = Meta(ref=refs(talk)[0], token=new_token(), policy="pcb-manufacturer")
        answer = await send_form(person, form, meta.text())
        assert answer["response_action"] == "push", form
        assert "guest" in words_of(answer["view"])

    assert recorded(talk) == before
    assert SECRET not in words_of(person.stack)


@pytest.mark.parametrize("who", [guest, partner])
@pytest.mark.parametrize("words", ["", "North Instruments says it leaks", "show case1", "late"])
async def test_nothing_opens_for_an_outsider_whom_slack_was_never_asked_about(who: Who, words: str) -> None:
    """The very first command and the very first press: Slack is asked before, not meanwhile."""
    talk = Talk(a_case("quality_analysis"))
    person = who(talk)

    answer = await person.command(words)
    for action in ("visit.whole", "visit.main", "case.more"):
        await person.click(action, refs(talk)[0])

    assert "Complaints are logged by employees" in words_of(answer)
    assert person.stack == []
    assert "N…" not in words_of(answer) + person.told


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "sent before counts only once"),
        ("zh-Hans", "先前若已送出，只会计一次"),
        ("zh-Hant", "先前若已送出，只會計一次"),
    ],
)
async def test_while_slack_does_not_say_who_somebody_is_nothing_opens_and_nothing_is_taken(
    locale: str, said: str
) -> None:
    """For who holds a role the form opens all the same: the desk file says who he is."""
    talk = Talk(a_case("quality_analysis"))
    talk.languages.default = lambda: locale
    talk.slack.fails["users.info"] = "ratelimited"
    before = recorded(talk)
    nobody, judge = Person(talk, "UNOBODY"), Person(talk, "UQUAL1")

    told = words_of(await nobody.command("The board leaks"))
    sent = await send_form(nobody, "intake.page", Meta(token=new_token(), policy="pcb-manufacturer").text())
    await judge.click("visit.main", refs(talk)[0])

    assert said in told
    assert said in words_of(sent["view"])
    assert nobody.stack == []
    assert judge.stack != []
    assert recorded(talk) == before
    del talk.slack.fails["users.info"]
    await nobody.command("The board leaks")
    assert nobody.stack != []


@pytest.mark.parametrize("who", OUTSIDE)
async def test_who_is_no_colleague_is_offered_no_customer(who: Who) -> None:
    talk = Talk()
    person = who(talk)
    await person.command()
    body = {
        "type": "block_suggestion", "user": person.user, "team": {"id": TEAM}, "action_id": "value",
        "block_id": "field.customer", "value": "North", "view": {"id": "V1", "callback_id": "intake.page"},
    }  # fmt: skip

    (only,) = (await talk.send(body))["options"]
    assert only["text"]["text"] == "Complaints are logged by employees"
    body["user"] = talk.person("USALES1").user
    assert next(o["value"] for o in (await talk.send(body))["options"]) == "C-0417"


@pytest.mark.parametrize("who", OUTSIDE)
async def test_home_and_a_message_to_the_bot_offer_who_is_no_colleague_nothing_to_press(who: Who) -> None:
    talk = Talk(a_case("quality_analysis"))
    person = who(talk)
    await talk.languages.who(person.id, wait=True)

    await person.open_home()
    await person.say("The board leaks", "D1", "1.1", channel_type="im")

    for shown in (person.home["blocks"], talk.slack.ephemerals[-1]["blocks"]):
        assert "Complaints are logged by employees" in words_of(shown)
        assert buttons_of(shown) == []


@pytest.mark.parametrize("who", [guest, partner, gone, elsewhere])
async def test_what_who_is_no_colleague_left_in_a_forged_form_is_not_kept(who: Who) -> None:
    talk = Talk(PcbDesk())
    person, token = who(talk), new_token()
    view = {
        "id": "V1", "type": "modal", "callback_id": "intake.page", "state": {"values": FILLED},
        "private_metadata": Meta(token=token, policy="pcb-manufacturer", via="command").text(),
    }  # fmt: skip
    await talk.languages.who(person.id, wait=True)
    await talk.send({"type": "view_closed", "user": person.user, "team": {"id": TEAM}, "view": view})

    kept = talk.conversation.intake_drafts.get(person.id, token, talk.desk.clock.now())
    assert bool(kept.fields) == (who is elsewhere)


async def test_the_payload_itself_may_say_that_somebody_is_of_another_workspace() -> None:
    talk = Talk(a_case("quality_analysis"))
    before = recorded(talk)
    meta = Meta(ref=refs(talk)[0], token=new_token())
    for form in TABLE.submissions:
        await send_form(talk.person("UNOBODY"), form, meta.text(), user={"id": "UNOBODY", "team_id": "T9PARTNER"})

    assert recorded(talk) == before


async def test_in_an_organisation_people_of_its_other_workspaces_are_colleagues() -> None:
    talk = Talk()
    talk.languages.home = lambda: (TEAM, "E1ORG")
    talk.slack.teams |= {"UORG": "T2ORG", "UOTHER": "T3OTHER"}
    talk.slack.organisations |= {"UORG": "E1ORG", "UOTHER": "E2OTHER"}

    assert not await talk.languages.is_guest("UORG", wait=True)
    assert await talk.languages.is_guest("UOTHER", wait=True)
    assert not talk.languages.is_elsewhere("T2ORG")


@pytest.mark.parametrize("member", ["UGM", "UCLERK1", "UOFFICER", "UTWO", "UNOBODY"])
async def test_a_restricted_case_says_nothing_to_whom_must_not_know_of_it(member: str) -> None:
    """GA-05: by no button and by no form, right or forged; and the answer is that of a case that isn't there."""
    talk = Talk(restricted_desk())
    before = recorded(talk)
    person = talk.person(member)
    case = talk.desk.case()
    shown: list[Any] = []
    for action in TABLE.clicks:
        await person.click(action, Ref(case="case1", visit=talk.desk.visit("handle"), facts=case.facts_version))
        shown += [*person.stack, *talk.slack.ephemerals]
        person.stack.clear()
    for form in sorted(set(TABLE.submissions) - OPEN_TO_ALL):
        meta = Meta(ref=Ref(case="case1", visit=talk.desk.visit("handle"), facts=0).text(), token=new_token())
        shown.append(await send_form(person, form, meta.text()))
    await person.command(f"urge {case.id}")
    words = words_of([*person.stack, *talk.slack.ephemerals]) + words_of([part for part in shown if part])

    assert recorded(talk)["case1"] == before["case1"]
    assert SECRET not in words
    assert case.name not in words.replace("case1", "")


@pytest.mark.parametrize(("locale", "label"), [("en-US", "withheld"), ("zh-CN", "不显示"), ("zh-TW", "不顯示")])
async def test_how_to_reach_the_customer_is_masked_until_somebody_of_the_case_looks_and_that_is_recorded(
    locale: str, label: str
) -> None:
    """Personal data is masked by default; *Customer and contact* reveals it, after the look stands in the log."""
    desk = at("reply", contact="0912-345-678")
    talk = Talk(desk)
    reader = talk.person(holder("unit"), locale=locale)
    await reader.click("visit.whole", Ref(case="case1"))
    before = words_of(reader.seen)
    looks = len(desk.happened(e.WordsShown))
    reader.stack.clear()
    await reader.click("visit.contact", Ref(case="case1"))

    assert "0912" not in before
    assert label in before
    assert "0912-345-678" in words_of(reader.seen)
    assert len(desk.happened(e.WordsShown)) == looks + 1


@pytest.mark.parametrize(
    ("tell", "name"), [("head of owner", "N… Instruments"), ("general_manager", "North Instruments")]
)
def test_an_escalation_shows_its_reader_no_more_of_the_customer_than_everything_else_does(tell: str, name: str) -> None:
    """Registry, reporter and general manager see the whole name (CARDS, principle 12); the head of a department does not."""
    raw = policy() | {"ladders": {"default": [{"after": "1 working day", "tell": [tell], "as": "escalation"}]}}
    desk = MadeDesk(raw)
    desk.log(holder("reception"), customer="C-0417", what_happened="It leaks")
    desk.at("2026-11-09 12:00")

    shown = words_of(list(draw(desk, desk.told("escalation")[0], "en").blocks))

    assert name in shown
    assert ("North Instruments" in shown) == (name == "North Instruments")


@pytest.mark.parametrize("via", ["parent", "clock", "import", "x" * 120])
async def test_a_forged_way_in_leaves_out_nothing_that_the_first_form_asks(via: str) -> None:
    """What begins out of another case is asked nothing and may bring any field: a person's form is no such thing."""
    talk = Talk(PcbDesk())
    meta = f'{{"token": "{new_token()}", "policy": "pcb-manufacturer", "via": "{via}", "page": 9, "extra": ["amount"]}}'

    answer = await send_form(talk.person("USALES1"), "intake.page", meta)

    assert answer["response_action"] == "push"
    assert talk.desk.record.cases == {}


@pytest.mark.parametrize("page", [-5, 0, 100])
async def test_a_page_that_no_form_has_is_of_another_version(page: int) -> None:
    talk = Talk(PcbDesk())
    meta = f'{{"token": "{new_token()}", "policy": "pcb-manufacturer", "via": "command", "page": {page}}}'

    answer = await send_form(talk.person("USALES1"), "intake.page", meta)

    assert "reference" not in words_of(answer["view"])
    assert talk.desk.record.cases == {}


async def test_a_button_value_longer_than_any_of_ours_is_of_another_version() -> None:
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.click("act.ask", Ref(case="case1", visit=talk.desk.visit("quality_analysis"), more="x" * 130))

    assert judge.stack == []
    assert "reference" not in judge.told
    assert judge.told


async def test_a_press_for_the_contact_that_comes_again_shows_nothing_for_it_is_recorded_once() -> None:
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")
    await judge.click("visit.contact", Ref(case="case1"), action_ts="1.5")
    assert "C-0417" in words_of(judge.seen)
    judge.stack.clear()

    await judge.click("visit.contact", Ref(case="case1"), action_ts="1.5")
    assert judge.stack == []
    await judge.click("visit.contact", Ref(case="case1"), action_ts="1.6")

    assert "C-0417" in words_of(judge.seen)
    assert len(talk.desk.happened(e.WordsShown)) == 2
