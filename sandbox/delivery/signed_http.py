"""Signed HTTP delivery: v0 signatures, three seconds, retry headers, url_verification."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox.clocks import MachineClock
from sandbox.delivery.answers import ACK_SECONDS, Answer

REDIRECTS_MOST = 2


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return Slack's v0 signature of *body*."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class SignedHttp:
    """Posts payloads to the app's request URL."""

    def __init__(self, clock: MachineClock, secret: str, url: str | None):
        self.clock, self.secret, self.url = clock, secret, url
        self._session: aiohttp.ClientSession | None = None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._session

    async def send(self, kind: str, payload: dict[str, Any], retry: int, reason: str) -> tuple[Answer, str]:
        if self.url is None:
            return Answer(problem="connection_failed"), ""
        body, content_type = _encoded(kind, payload)
        headers = self._headers(body, content_type)
        if retry:
            reason = {"timeout": "http_timeout", "error": "http_error"}.get(reason, reason)
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        post = asyncio.ensure_future(self._post(body, headers))
        try:
            return await self.clock.within(ACK_SECONDS, post), self.url
        except TimeoutError:
            return Answer(problem="timeout"), self.url
        except aiohttp.TooManyRedirects:
            return Answer(problem="too_many_redirects"), self.url
        except (aiohttp.ClientError, OSError):
            return Answer(problem="connection_failed"), self.url

    def _headers(self, body: bytes, content_type: str) -> dict[str, str]:
        """Sign with the wall clock: the receiver checks the age against its own, which tests cannot move."""
        timestamp = str(int(time.time()))
        return {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self.secret, timestamp, body),
        }

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        assert self.url is not None
        async with self._client().post(
            self.url, data=body, headers=headers, max_redirects=REDIRECTS_MOST + 1
        ) as response:
            text = await response.text()
            no_retry = response.headers.get("X-Slack-No-Retry") == "1"
            if not 200 <= response.status < 300:
                return Answer(problem="error", http_status=response.status, no_retry=no_retry)
            return Answer(body=_read_body(text), http_status=response.status, no_retry=no_retry)

    async def verify(self, url: str) -> bool:
        """Ask *url* to echo a challenge, as Slack does before it saves a request URL."""
        challenge = secrets.token_hex(16)
        body = json.dumps({"token": "sandbox", "challenge": challenge, "type": "url_verification"}).encode()
        request = self._client().post(url, data=body, headers=self._headers(body, "application/json"))
        try:
            async with request as response:
                text = await response.text()
        except (aiohttp.ClientError, OSError):
            return False
        answer = _read_body(text)
        echoed = answer.get("challenge") if isinstance(answer, dict) else answer
        return response.status == 200 and echoed == challenge

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _encoded(kind: str, payload: dict[str, Any]) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    if kind == "slash_commands":
        return urlencode(payload).encode(), form
    text = json.dumps(payload, ensure_ascii=False)
    if kind == "interactive":
        return urlencode({"payload": text}).encode(), form
    return text.encode(), "application/json"


def _read_body(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text
