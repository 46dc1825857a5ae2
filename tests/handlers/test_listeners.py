"""Around every listener: many at once, one acknowledgement, nothing before it, and no fault that nobody hears of."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.middleware.async_custom_middleware import AsyncCustomMiddleware
from slack_sdk.errors import SlackApiError

from handlers import reports
from handlers.cards.refs import Ref
from handlers.modals.inputs import MOST_OPTIONS, Option, Question, answers_of, input_block
from sandbox.rules.views import check_view
from tests.handlers.filled import initial, words_of
from tests.handlers.talk import Talk
from tests.support.pcb import a_case

AT_ONCE = 30


def quality(talk: Talk) -> Ref:
    return Ref(case="case1", visit=talk.desk.visit("quality_analysis"))


async def test_thirty_at_once_wait_for_slack_together_and_not_for_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """PITFALLS 2: no pool of five; Slack answers only when the forms of all thirty are on their way."""
    talk = Talk(a_case("quality_analysis"))
    everybody, ask, begun = asyncio.Event(), talk.slack.api_call, 0

    async def slow(method: str, **how: Any) -> Any:
        nonlocal begun
        if method == "views.open":
            begun += 1
            if begun == AT_ONCE:
                everybody.set()
            await everybody.wait()
        return await ask(method, **how)

    monkeypatch.setattr(talk.slack, "api_call", slow)
    judge = talk.person("UQUAL1")
    await asyncio.wait_for(asyncio.gather(*(judge.click("visit.main", quality(talk)) for _ in range(AT_ONCE))), 30)

    assert begun == AT_ONCE


def test_nothing_of_ours_runs_before_the_listener() -> None:
    """PITFALLS 3: the time of a middleware is time before the acknowledgement; we have none."""
    before = Talk().app._async_middleware_list

    assert before, "Bolt's own are among them"
    assert [each.name for each in before if isinstance(each, AsyncCustomMiddleware)] == []


async def test_whatever_comes_of_it_a_click_is_acknowledged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """PITFALLS 4: Slack hears only the first; done, refused, unknown and faulty alike."""
    talk = Talk(a_case("quality_analysis"))
    acknowledged: list[Any] = []
    first = AsyncAck.__call__

    async def counted(self: AsyncAck, *words: Any, **more: Any) -> Any:
        acknowledged.append(more)
        return await first(self, *words, **more)

    monkeypatch.setattr(AsyncAck, "__call__", counted)
    judge, stranger = talk.person("UQUAL1"), talk.person("UPROD")
    for person, action, value in (
        (judge, "visit.main", quality(talk)),
        (stranger, "visit.main", quality(talk)),
        (judge, "no.such.act", "-"),
        (judge, "visit.main", "not a reference"),
    ):
        acknowledged.clear()
        await person.click(action, value)
        assert len(acknowledged) == 1, action

    acknowledged.clear()
    talk.slack.fails["views.open"] = "fatal_error"
    await judge.click("visit.main", quality(talk))
    assert len(acknowledged) == 1


async def test_a_fault_after_the_acknowledgement_is_told_with_a_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """PITFALLS 7: who was told that the figures are being counted hears that they could not be."""
    desk = a_case("closed")
    desk.at("2026-12-01 09:30")
    talk = Talk(desk)

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(reports, "draw_report", broken)
    answer = await talk.person("UGM").command("report")

    assert "Counting" in words_of([answer])
    said = words_of([message for _, message in talk.slack.responses])
    assert "This did not work" in said
    assert "tell the desk officer this reference" in said


async def test_a_form_is_rewritten_only_as_it_was_seen_and_the_newer_one_stays() -> None:
    """PITFALLS 33: two rewritings may cross; Slack refuses the one made of an older state, and that is no fault."""
    talk = Talk(a_case())
    rep = talk.person("USALES2")
    await rep.command()
    shown = rep.seen["blocks"]
    talk.slack.fails["views.update"] = "hash_conflict"

    await rep.choose("field.part_no", "P4-2208-B", field__customer="C-0417")

    sent = [how for method, how in talk.slack.calls if method == "views.update"]
    assert [how["hash"] for how in sent] == ["h1"]
    assert rep.seen["blocks"] == shown
    assert talk.slack.ephemerals == []


async def test_a_press_on_a_whisper_is_answered_where_it_stands_and_anything_else_by_channel() -> None:
    """PITFALLS 34: the answer address ends after half an hour and five uses, so only where nothing else reaches."""
    talk = Talk(a_case("quality_analysis"))
    stranger = talk.person("UPROD")
    await stranger.click("visit.main", quality(talk))
    assert (len(talk.slack.ephemerals), talk.slack.responses) == (1, [])

    where = {"type": "message", "channel_id": "CCARD", "message_ts": "1.1", "is_ephemeral": True}
    action = {
        "type": "button",
        "action_id": "visit.main",
        "block_id": "b",
        "value": quality(talk).text(),
        "action_ts": "9.0",
    }
    await talk.send({
        "type": "block_actions", "user": stranger.user, "team": {"id": stranger.user["team_id"]}, "actions": [action],
        "trigger_id": stranger.trigger(), "response_url": "https://hooks.slack.com/actions/1", "container": where,
        "channel": {"id": "CCARD"}, "message": {"ts": "1.1", "text": "whisper"},
    })  # fmt: skip

    [(url, said)] = talk.slack.responses
    assert (url, said["response_type"], said["replace_original"]) == (
        "https://hooks.slack.com/actions/1", "ephemeral", False,
    )  # fmt: skip
    assert len(talk.slack.ephemerals) == 1


@pytest.mark.parametrize(
    ("thread", "whispered_in"),
    [(None, None), ("1.1", None), ("0.9", "0.9")],
    ids=["alone", "heads a thread", "a reply"],
)
async def test_who_presses_on_a_card_with_replies_is_answered_where_he_sees_it(
    thread: str | None, whispered_in: str | None
) -> None:
    """Slack names a message that has replies as its own thread; a whisper in there is not seen in the channel."""
    talk = Talk(a_case("quality_analysis"))
    stranger = talk.person("UPROD")
    body = stranger._click_body({"type": "button", "action_id": "visit.main", "block_id": "b", "action_ts": "9.0",
                                 "value": quality(talk).text()}, "message")  # fmt: skip
    for part in ("message", "container"):
        body[part] |= {"thread_ts": thread} if thread else {}

    await talk.send(body)

    assert [w.get("thread_ts") for w in talk.slack.ephemerals] == [whispered_in]


@pytest.mark.parametrize("kind", ["choice", "choices"])
@pytest.mark.parametrize("count", [1, MOST_OPTIONS, MOST_OPTIONS + 1, 2 * MOST_OPTIONS + 50])
def test_every_option_of_a_long_list_can_be_chosen(kind: str, count: int) -> None:
    """PITFALLS 31: Slack takes a hundred options; more are not cut off in silence."""
    options = tuple(Option(value=f"v{n}", words=f"Branch {n}") for n in range(count))
    last = options[-1].value if kind == "choice" else [options[-1].value]
    block = input_block(Question(id="field.unit", kind=kind, label="Unit", options=options, value=last))

    check_view({"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": [block],
                "submit": {"type": "plain_text", "text": "s"}}, "modal")  # fmt: skip
    element = block["element"]
    offered = [o for group in element.get("option_groups", [element]) for o in group["options"]]
    assert [o["value"] for o in offered] == [o.value for o in options]
    assert answers_of({"field.unit": {"value": initial(element)}}).values == {"field.unit": last}


async def test_the_slack_of_these_tests_refuses_what_slack_refuses() -> None:
    """PITFALLS 48: a test against it can fail; an expired trigger, a title too long, a fourth modal."""
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")
    trigger = judge.trigger()
    title = {"type": "plain_text", "text": "t" * 24}
    view = {"type": "modal", "title": title, "blocks": []}
    await talk.slack.api_call("views.open", json={"trigger_id": trigger, "view": view})

    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await talk.slack.api_call("views.open", json={"trigger_id": trigger, "view": view})
    title["text"] += "t"
    with pytest.raises(AssertionError, match="Slack refuses"):
        await talk.slack.api_call("views.open", json={"trigger_id": judge.trigger(), "view": view})
    with pytest.raises(AttributeError):
        await talk.slack.api_call("chat.postMessage", json={"channel": "CANY", "text": "nobody asked for this"})
