"""Which events reach the app, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.client import Member, SandboxClient
from tests.sandbox.bolt import HttpBolt, SocketBolt


def test_words_reach_the_app_from_its_own_channels_only(bot: SocketBolt, lin: Member, desk: SandboxClient) -> None:
    lin.say("other", "unheard")
    lin.say("registry", "heard")

    desk.wait_for(lambda: bot.events("message"))
    event = bot.events("message")[0]
    assert [each["text"] for each in bot.events("message")] == ["heard"]
    assert (event["channel"], event["channel_type"], event["user"]) == ("C01REG", "channel", "U01LIN")


def test_a_direct_message_and_a_private_channel_have_their_own_subscriptions(
    bot: SocketBolt, lin: Member, chen: Member, desk: SandboxClient
) -> None:
    lin.say(None, "to the app")
    chen.say("quality", "inside")

    desk.wait_for(lambda: len(bot.events("message")) == 2)
    assert {each["channel_type"] for each in bot.events("message")} == {"im", "group"}


def test_a_thread_reply_and_a_mention(bot: SocketBolt, lin: Member, desk: SandboxClient) -> None:
    root = lin.say("registry", "root")
    lin.say("registry", "@Redress help", thread=root)

    desk.wait_for(lambda: bot.events("app_mention"))
    reply = desk.wait_for(lambda: [each for each in bot.events("message") if each.get("thread_ts")])[0]
    assert (reply["thread_ts"], reply["parent_user_id"]) == (root.ts, lin.id)
    assert bot.events("app_mention")[0]["text"] == "<@U0SANDBOXBOT> help"


def test_an_upload_is_told_with_its_file(bot: SocketBolt, lin: Member, desk: SandboxClient) -> None:
    lin.upload("registry", "pad.jpg", b"photo", text="see")

    desk.wait_for(lambda: bot.events("file_shared") and bot.events("message"))
    event = bot.events("message")[0]
    assert event["subtype"] == "file_share"
    assert event["files"][0]["id"] == bot.events("file_shared")[0]["file_id"]


def test_an_event_without_subscription_or_scope_is_not_told(
    bot: SocketBolt, lin: Member, slack: Any, desk: SandboxClient
) -> None:
    desk.fault("remove_scope", scope="channels:history")
    lin.say("registry", "unscoped")
    desk.fault("add_scope", scope="channels:history")
    slack.conversations_join(channel="C03OTHER")  # member_joined_channel is not subscribed
    desk.fault("remove_bot", channel="other")
    lin.say("registry", "scoped")

    desk.wait_for(lambda: bot.events("message"))
    assert [each["text"] for each in bot.events("message")] == ["scoped"]
    assert not bot.events("member_joined_channel")


def test_updates_and_deletions_are_told(lin: Member, slack: Any, desk: SandboxClient, bot: SocketBolt) -> None:
    before = len(desk.deliveries("events_api"))
    ts = slack.chat_postMessage(channel="C01REG", text="a")["ts"]
    slack.chat_update(channel="C01REG", ts=ts, text="b")
    slack.chat_delete(channel="C01REG", ts=ts)

    told = [each["about"] for each in desk.deliveries("events_api")[before:]]
    assert told == ["message", "message.message_changed", "message.message_deleted"]


def test_a_deactivated_person_is_told_as_user_change(bot: SocketBolt, desk: SandboxClient) -> None:
    desk.fault("deactivate_person", member="smith")
    desk.fault("reactivate_person", member="smith")

    desk.wait_for(lambda: len(bot.events("user_change")) == 2)
    assert sorted(each["user"]["deleted"] for each in bot.events("user_change")) == [False, True]


def test_a_failed_event_is_retried_at_once_after_one_and_after_five_minutes(
    http_bot: HttpBolt, http_running: Any
) -> None:
    desk = http_running.client

    async def broken(**_: Any) -> None:
        raise RuntimeError("boom")

    http_bot.on["event"] = broken
    http_bot.requests.clear()
    lin = desk.as_member("lin")

    def failed(attempts: int) -> None:
        """Wait until the sandbox has that many answers: only then it begins to wait for the next attempt."""
        desk.wait_for(
            lambda: [each["problem"] for each in desk.deliveries("events_api")[-1]["attempts"]] == ["error"] * attempts,
        )

    lin.say("registry", "fails")
    failed(2)
    desk.advance_machine(30)
    assert len(http_bot.requests) == 2
    desk.advance_machine(31)
    failed(3)
    desk.advance_machine("5 minutes")
    failed(4)
    desk.wait_for(lambda: desk.deliveries("events_api")[-1]["status"] == "error")
    desk.advance_machine("1 hour")

    headers = [(r.headers.get("X-Slack-Retry-Num"), r.headers.get("X-Slack-Retry-Reason")) for r in http_bot.requests]
    assert headers == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({event["ts"] for event in http_bot.events("message")}) == 1


def test_a_slow_event_is_retried_with_the_reason_timeout(http_bot: HttpBolt, http_running: Any) -> None:
    desk = http_running.client

    async def slow_once(ack: Any, **_: Any) -> None:
        if len(http_bot.requests) == 1:
            desk.advance_machine(3.2)
        await ack()

    http_bot.on["event"] = slow_once
    http_bot.requests.clear()

    desk.as_member("lin").say("registry", "slow")

    desk.wait_for(lambda: desk.deliveries("events_api")[-1]["status"] == "acked")
    assert http_bot.requests[1].headers["X-Slack-Retry-Reason"] == "http_timeout"


def test_no_retry_is_honoured(http_running: Any) -> None:
    from aiohttp import web  # a server of our own: Bolt does not set this header

    from tests.sandbox.bolt import Bolt

    desk, seen = http_running.client, []

    async def refuse(request: web.Request) -> web.Response:
        body = await request.json()
        if body["type"] == "url_verification":
            return web.json_response({"challenge": body["challenge"]})
        seen.append(body)
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    app = Bolt(http_running, "xoxb-sandbox")

    async def serve() -> web.AppRunner:
        server = web.Application()
        server.add_routes([web.post("/", refuse)])
        runner = web.AppRunner(server)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = app.run(serve())
    desk.set_events_url(f"http://127.0.0.1:{runner.addresses[0][1]}/")

    desk.as_member("lin").say("registry", "once")
    desk.wait_for(lambda: desk.deliveries("events_api")[-1]["status"] == "error")

    assert len(seen) == 1
    app.run(runner.cleanup())
    app.stop()


def test_over_30000_events_in_an_hour_are_told_as_a_rate_limit() -> None:
    """In process: 30,000 real deliveries would take too long."""
    from sandbox.delivery.events import EVENTS_PER_HOUR
    from sandbox.web_api.rate_limits import Bucket

    hourly = Bucket(EVENTS_PER_HOUR, EVENTS_PER_HOUR / 3600)

    taken = [hourly.take(0.0) for _ in range(EVENTS_PER_HOUR + 1)]

    assert taken[-2] == 0.0
    assert taken[-1] == pytest.approx(0.12)
