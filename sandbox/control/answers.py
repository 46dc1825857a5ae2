"""JSON answers of the control API, and how its mistakes are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.problems import ActProblem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def tell_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what a person cannot do with 409, and what cannot be read with 400, each with one sentence."""
    try:
        return await handler(request)
    except ActProblem as problem:
        return web.json_response({"ok": False, "problem": str(problem)}, status=409)
    except (ValueError, KeyError, TypeError) as problem:
        if not request.path.startswith("/control/"):
            raise
        return web.json_response({"ok": False, "problem": f"cannot read that: {problem!r}"}, status=400)


async def body_of(request: web.Request) -> dict[str, Any]:
    if not request.can_read_body:
        return {}
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body
