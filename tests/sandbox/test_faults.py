"""Misbehaviour on demand, each kind told apart by what was done and what was answered."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from sandbox.client import CannotDo, Member, SandboxClient
from tests.sandbox.bolt import SocketBolt
from tests.sandbox.refusals import error_of, status_of


def test_a_lost_answer_leaves_the_message_there(slack: WebClient, desk: SandboxClient) -> None:
    desk.fault("lose_answer", method="chat.postMessage", count=1)

    with pytest.raises(Exception, match=r"[Rr]emote|reset|closed|aborted"):
        slack.chat_postMessage(channel="C01REG", text="lost answer")
    slack.chat_postMessage(channel="C01REG", text="next")

    assert [each.text for each in desk.messages("registry")[-2:]] == ["lost answer", "next"]
    assert desk.calls("chat.postMessage")[-2]["did"] is True


@pytest.mark.parametrize(("after_work", "count"), [(False, 0), (True, 1)])
def test_an_error_comes_before_or_after_the_work(
    slack: WebClient, desk: SandboxClient, after_work: bool, count: int
) -> None:
    words = f"error after work {after_work}"
    desk.fault("error", method="chat.*", status=503, count=1, after_work=after_work)

    assert error_of(slack.chat_postMessage, channel="C01REG", text=words).response.status_code == 503
    assert [each.text for each in desk.messages("registry")].count(words) == count


def test_a_dropped_request_is_not_done(slack: WebClient, desk: SandboxClient) -> None:
    desk.fault("drop", method="chat.postMessage", count=1)

    with pytest.raises(Exception, match=r"[Rr]emote|reset|closed|aborted"):
        slack.chat_postMessage(channel="C01REG", text="never")

    assert "never" not in [each.text for each in desk.messages("registry")]


def test_a_storm_of_429(slack: WebClient, desk: SandboxClient) -> None:
    desk.fault("ratelimit", method="chat.postMessage", seconds=30, count=2)

    refused = error_of(slack.chat_postMessage, channel="C01REG", text="t").response
    statuses = [status_of(slack.chat_postMessage, channel="C01REG", text="t") for _ in range(2)]

    assert refused.headers["Retry-After"] == "30"
    assert statuses == [429, 200]


def test_a_share_of_the_calls_is_the_same_each_time(slack: WebClient, desk: SandboxClient) -> None:
    def hit() -> list[bool]:
        desk.clear_faults()
        desk.fault("error", method="auth.test", share=0.5, seed=7)
        hits = []
        for _ in range(20):
            try:
                slack.auth_test()
                hits.append(False)
            except Exception:
                hits.append(True)
        return hits

    first, second = hit(), hit()

    assert first == second
    assert 0 < sum(first) < 20


def test_a_delay_lasts_as_long_as_it_says(slack: WebClient, desk: SandboxClient) -> None:
    desk.fault("delay", method="auth.test", seconds=0.3, count=1)

    slack.auth_test()

    assert desk.calls("auth.test")[-1]["took_ms"] >= 290


def test_every_payload_can_be_delivered_twice(bot: SocketBolt, lin: Member, desk: SandboxClient) -> None:
    desk.fault("redeliver")

    lin.command("/complaint", "twice")
    lin.say("registry", "twice too")

    desk.wait_for(lambda: len(bot.bodies("command")) == 2 and len(bot.events("message")) == 2)
    first, second = bot.bodies("command")
    assert first["trigger_id"] == second["trigger_id"]
    assert len({body["event_id"] for body in bot.bodies("event")}) == 1


def test_events_can_come_out_of_order(bot: SocketBolt, lin: Member, desk: SandboxClient) -> None:
    desk.fault("reorder", count=1)

    lin.say("registry", "first")
    lin.say("registry", "second")

    desk.wait_for(lambda: len(bot.events("message")) == 2)
    assert [each["text"] for each in bot.events("message")] == ["second", "first"]


def test_a_lost_ack_looks_like_a_timeout_to_the_person(bot: SocketBolt, lin: Member, desk: SandboxClient) -> None:
    desk.fault("lose_ack", method="slash_commands", count=1)

    outcome = lin.command("/complaint")

    assert outcome.error == "operation_timeout"
    assert len(bot.bodies("command")) == 1


def test_faults_are_listed_counted_and_cleared_one_by_one(slack: WebClient, desk: SandboxClient) -> None:
    first = desk.fault("delay", method="team.info", seconds=0)
    second = desk.fault("error", method="nothing.*")
    slack.team_info()

    listed = {each["id"]: each["used"] for each in desk.get("faults")["faults"]}
    desk.delete(f"faults/{first['id']}")

    assert listed == {first["id"]: 1, second["id"]: 0}
    assert [each["id"] for each in desk.get("faults")["faults"]] == [second["id"]]


def test_an_unknown_fault_is_refused_with_the_choices(desk: SandboxClient) -> None:
    with pytest.raises(CannotDo, match=r"no fault “explode”.*lose_answer"):
        desk.fault("explode")


def test_an_archived_channel_refuses_and_comes_back(slack: WebClient, desk: SandboxClient) -> None:
    desk.fault("archive_channel", channel="registry")
    with pytest.raises(Exception, match="is_archived"):
        slack.chat_postMessage(channel="C01REG", text="t")
    desk.fault("unarchive_channel", channel="registry")

    assert slack.chat_postMessage(channel="C01REG", text="t")["ok"]


def test_a_deactivated_person_can_do_nothing(lin: Member, desk: SandboxClient) -> None:
    desk.fault("deactivate_person", member="林佳穎")
    with pytest.raises(CannotDo, match="deactivated"):
        lin.say("registry", "hello")
    desk.fault("reactivate_person", member="林佳穎")


def test_unknown_words_in_a_fault_are_told(desk: SandboxClient) -> None:
    with pytest.raises(CannotDo, match="cannot read that"):
        desk.post("faults", kind="delay", colour="red")
