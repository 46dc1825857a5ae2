"""Slack's signed requests handed to Bolt, their forms read in C: most of what a press costs Bolt is reading its form."""

from __future__ import annotations

from binascii import a2b_qp
from typing import Any

from msgspec import DecodeError
from msgspec.json import decode
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.asgi.http_request import AsgiHttpRequest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

PAYLOAD = "payload="


class SignedRequests(AsyncSlackRequestHandler):
    """Bolt's handler; what `read_payload` can't read is left to Bolt."""

    async def dispatch(self, request: AsgiHttpRequest) -> BoltResponse:
        raw, headers = await request.get_raw_body(), request.get_headers()
        payload = read_payload(raw)
        if payload is None:
            found = AsyncBoltRequest(body=raw, query=request.query_string, headers=headers)
        else:
            found = AsyncBoltRequest(body=payload, query=request.query_string, headers=headers, mode="socket_mode")
            found.raw_body, found.mode = raw, "http"  # so that Bolt verifies the signature over what was sent
        return await self.app.async_dispatch(found)


def read_payload(form: str) -> dict[str, Any] | None:
    """
    Return the JSON object in a form of one field `payload`, as Bolt would read it; None for anything else.

    Percent signs are read as the equals signs of quoted-printable, which Python decodes in C. Both write a byte as two
    hexadecimal digits; what is not so well formed has another length afterwards.
    """
    text = form.removeprefix(PAYLOAD)
    if len(text) == len(form) or not text.isascii() or "=" in text or "&" in text:
        return None
    json = a2b_qp(text.replace("+", " ").replace("%", "="))
    if len(json) != len(text) - 2 * text.count("%"):
        return None
    try:
        found = decode(json)
    except (DecodeError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None
