"""What goes wrong at Slack is read as one of four: too fast, not reached, in doubt, or no for good."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.slack_errors import Ambiguous, Permanent, RateLimited, Unreachable, read_error
from bot.slack_out import SlackOut, make_client


class Answer:
    def __init__(self, status: int, data: Any = None, headers: dict[str, str] | None = None) -> None:
        self.status_code, self.data, self.headers = status, data, headers or {}


def answered(status: int, error: str | None = None, **headers: str) -> Any:
    data = {"ok": False, "error": error} if error else {}
    return read_error(SlackApiError("x", Answer(status, data, headers)))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("is_archived", "channel"), ("not_in_channel", "channel"), ("channel_not_found", "channel"),
        ("user_disabled", "person"), ("cannot_dm_bot", "person"), ("invalid_blocks", "message"),
        ("msg_too_long", "message"), ("something_new", "message"), ("missing_scope", "token"),
        ("token_revoked", "token"),
    ],
)  # fmt: skip
def test_a_no_is_permanent_and_says_whose_it_is(error: str, kind: str) -> None:
    found = answered(200, error)

    assert isinstance(found, Permanent)
    assert (found.error, found.kind) == (error, kind)


def test_a_429_tells_how_long() -> None:
    assert answered(429, "ratelimited", **{"retry-after": "17"}).retry_after == 17
    assert answered(429, None).retry_after == 30
    assert answered(429, None, **{"retry-after": "soon"}).retry_after == 30
    assert [answered(429, None, **{"retry-after": odd}).retry_after for odd in ("inf", "nan", "-1")] == [3600, 0, 0]
    assert isinstance(answered(200, "ratelimited"), RateLimited)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_5xx_or_an_answer_that_is_none_is_in_doubt(status: int) -> None:
    assert isinstance(answered(status), Ambiguous)
    assert isinstance(answered(200), Ambiguous)
    assert isinstance(answered(200, "fatal_error"), Ambiguous)


@pytest.mark.parametrize(
    "error",
    [TimeoutError(), aiohttp.ServerDisconnectedError(), aiohttp.ClientPayloadError(), ConnectionResetError(),
     json.JSONDecodeError("x", "", 0), SlackRequestError("x")],
)  # fmt: skip
def test_a_broken_connection_after_sending_is_in_doubt(error: Exception) -> None:
    assert isinstance(read_error(error), Ambiguous)


def test_without_a_connection_nothing_was_done() -> None:
    key: Any = type("Key", (), {"ssl": False, "host": "x", "port": 1})()

    assert isinstance(read_error(aiohttp.ClientConnectorError(key, OSError("refused"))), Unreachable)


def test_our_own_faults_are_no_errors_of_slack() -> None:
    assert read_error(KeyError("x")) is None
    assert read_error(RuntimeError("bug")) is None


async def test_ok_without_a_ts_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    """PITFALLS 29: only a message that has its ts is shown; else it is in doubt and will be looked up."""
    client = make_client("xoxb-1", "http://127.0.0.1:1/api/")

    async def answers(**sent: Any) -> dict[str, Any]:
        return {"ok": True, "channel": sent["channel"]}

    monkeypatch.setattr(client, "chat_postMessage", answers)
    with pytest.raises(Ambiguous):
        await SlackOut(client).post("CQUALITY", text="card", blocks=[], key="k")
