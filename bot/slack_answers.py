"""How the conversation reaches Slack: plain API calls, and the answer to a `response_url`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.hosts import may_see_token

log = structlog.get_logger(__name__)


class Calls:
    """The SDK's client, as narrow as `handlers.languages.SlackCalls` asks for it."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def api_call(self, api_method: str, *, http_verb: str = "POST", **how: Any) -> Any:
        return await self._client.api_call(api_method, http_verb=http_verb, **how)


class Responder:
    """Posts to a `response_url`, if it is Slack's."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str) -> None:
        self._session, self._api_url = session, api_url

    async def __call__(self, url: str, message: Mapping[str, Any]) -> None:
        if not may_see_token(url, self._api_url):
            log.warning("an answer was not sent: its address is not Slack's")
            return
        async with self._session.post(url, json=dict(message), allow_redirects=False) as answer:
            if answer.status >= 400:
                log.warning("an answer was not taken", status=answer.status)
