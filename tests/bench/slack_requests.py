"""Signed presses of buttons as Slack sends them, about 3 kB each."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

SECRET = "bench-signing-secret"
TEAM, CHANNEL = "T0SAMPLE", "CREGISTRY"
PATH = "/slack/events"
_WORDS = "black pads on every panel of the lot, 186 of 2,400 pieces, solder mask lifted at the edge; "


def press(member: str, action_id: str, value: str, number: int) -> dict[str, Any]:
    """Return a `block_actions` payload of a button in a card with as many words as a real one has."""
    stamp = f"17634{number:05d}.{number % 1_000_000:06d}"
    return {
        "type": "block_actions",
        "user": {"id": member, "username": member.lower(), "name": member.lower(), "team_id": TEAM},
        "api_app_id": "A0BENCH",
        "token": "unused",
        "container": {"type": "message", "message_ts": stamp, "channel_id": CHANNEL, "is_ephemeral": False},
        "trigger_id": f"{number}.{number}.benchbenchbenchbenchbench",
        "team": {"id": TEAM, "domain": "bench"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": CHANNEL, "name": "registry"},
        "message": _message(stamp, action_id, value),
        "state": {"values": {}},
        "response_url": f"https://hooks.slack.com/actions/{TEAM}/{number}/bench",
        "actions": [
            {
                "action_id": action_id,
                "block_id": "acts",
                "text": {"type": "plain_text", "text": "Confirm", "emoji": True},
                "value": value,
                "type": "button",
                "action_ts": stamp,
            }
        ],
    }


def _message(stamp: str, action_id: str, value: str) -> dict[str, Any]:
    section = {"type": "section", "block_id": "what", "text": {"type": "mrkdwn", "text": _WORDS * 6, "verbatim": False}}
    fields = [{"type": "mrkdwn", "text": f"*Field {n}*\n{_WORDS[:40]}", "verbatim": False} for n in range(6)]
    button = {
        "type": "button",
        "action_id": action_id,
        "value": value,
        "text": {"type": "plain_text", "text": "Confirm"},
    }
    return {
        "bot_id": "B0BENCH", "type": "message", "text": _WORDS, "user": "UREDRESS", "ts": stamp, "app_id": "A0BENCH",
        "team": TEAM,
        "blocks": [section, {"type": "section", "fields": fields}, {"type": "actions", "block_id": "acts", "elements": [button]}],
    }  # fmt: skip


def signed(payload: dict[str, Any], host: str) -> bytes:
    """Return the whole request of an interaction, signed now."""
    body = urlencode({"payload": json.dumps(payload, separators=(",", ":"))}).encode()
    return _request(body, "application/x-www-form-urlencoded", host)


def home_opened(member: str, host: str) -> bytes:
    """Return the whole request that tells that somebody looks at App Home, signed now."""
    event = {"type": "app_home_opened", "user": member, "channel": "D0BENCH", "tab": "home", "event_ts": "1.1"}
    body = {
        "type": "event_callback", "team_id": TEAM, "api_app_id": "A0BENCH", "event_id": "Ev0BENCH", "event": event,
        "event_time": int(time.time()), "authorizations": [{"team_id": TEAM, "user_id": "UREDRESS", "is_bot": True}],
    }  # fmt: skip
    return _request(json.dumps(body).encode(), "application/json", host)


def _request(body: bytes, kind: str, host: str) -> bytes:
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nX-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={digest}\r\n"
        "User-Agent: Slackbot 1.0\r\nAccept: */*\r\n\r\n"
    )
    return head.encode() + body


def presses(action_id: str, buttons: Iterable[tuple[str, str]], host: str) -> Sequence[bytes]:
    """Return a signed press for each of *buttons* (who, value); they are good for five minutes."""
    return [signed(press(member, action_id, value, n), host) for n, (member, value) in enumerate(buttons)]
