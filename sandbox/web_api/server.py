"""Answers `/api/<method>`: faults, token, scope, rate limit, the method, and the audit of it all."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import web

from sandbox.faults import CALL_FAULTS, Fault
from sandbox.problems import SlackProblem
from sandbox.standin import StandIn
from sandbox.web_api import apps, chat, conversations, files, people, reactions, views  # noqa: F401 - they register
from sandbox.web_api.call import METHODS, Call, Method, read_arguments
from sandbox.web_api.rate_limits import ratelimited


class WebApi:
    def __init__(self, desk: StandIn):
        self.desk = desk

    async def answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        began = time.perf_counter()
        record = self._record(name)
        try:
            arguments, token = await read_arguments(request)
        except SlackProblem as problem:
            return self._respond(record, began, problem.answer())
        record["arguments"] = arguments
        faults = self.desk.faults.striking(CALL_FAULTS, name, arguments.get("channel"))
        record["faults"] = [fault.kind for fault in faults]
        if spoiled := await self._before(faults, request, record, began):
            return spoiled
        answer, status, headers = self._work(name, arguments, token)
        if spoiled := await self._after(faults, request, record, began, answer):
            return spoiled
        return self._respond(record, began, answer, status, headers)

    def _work(
        self, name: str, arguments: dict[str, Any], token: str | None
    ) -> tuple[dict[str, Any], int, dict[str, str]]:
        headers: dict[str, str] = {}
        try:
            method = METHODS.get(name)
            if method is None:
                raise SlackProblem("unknown_method", req_method=name)
            self._check_token(method, token)
            if method.token == "bot":
                headers = {"X-OAuth-Scopes": ",".join(sorted(self.desk.workspace.app.scopes))}
            self.desk.limits.check_method(name, method.tier, self.desk.machine.now())
            call = Call(self.desk, name, arguments)
            call.need_scope(*method.scopes)
            return {"ok": True, **method.run(call)}, 200, headers
        except SlackProblem as problem:
            if problem.retry_after is not None:
                headers["Retry-After"] = str(problem.retry_after)
            return problem.answer(), problem.status, headers

    def _check_token(self, method: Method, token: str | None) -> None:
        settings = self.desk.settings
        if not token:
            raise SlackProblem("not_authed")
        if token in self.desk.revoked:
            raise SlackProblem("token_revoked")
        if token not in (settings.bot_token, settings.app_token):
            raise SlackProblem("invalid_auth")
        if (token == settings.app_token) != (method.token == "app"):
            raise SlackProblem("not_allowed_token_type")

    async def _before(
        self, faults: list[Fault], request: web.Request, record: dict[str, Any], began: float
    ) -> web.StreamResponse | None:
        for fault in faults:
            match fault.kind:
                case "delay" if not fault.after_work:
                    await self.desk.machine.sleep(fault.seconds)
                case "ratelimit":
                    problem = ratelimited(fault.seconds)
                    headers = {"Retry-After": str(problem.retry_after)}
                    return self._respond(record, began, problem.answer(), 429, headers)
                case "error" if not fault.after_work:
                    return self._broken(record, began, fault.status)
                case "drop" if not fault.after_work:
                    return self._cut(request, record, began)
        return None

    async def _after(
        self,
        faults: list[Fault],
        request: web.Request,
        record: dict[str, Any],
        began: float,
        answer: dict[str, Any],
    ) -> web.StreamResponse | None:
        for fault in faults:
            match fault.kind:
                case "delay" if fault.after_work:
                    await self.desk.machine.sleep(fault.seconds)
                case "lose_answer" | "drop":
                    record["did"] = answer.get("ok")
                    return self._cut(request, record, began)
                case "error":
                    record["did"] = answer.get("ok")
                    return self._broken(record, began, fault.status)
        return None

    def _record(self, name: str) -> dict[str, Any]:
        self.desk.call_count += 1
        record: dict[str, Any] = {
            "seq": self.desk.call_count,
            "method": name,
            "at": self.desk.machine.now(),
            "procedure_at": self.desk.procedure.now().isoformat(),
        }
        self.desk.calls.append(record)
        return record

    def _respond(
        self,
        record: dict[str, Any],
        began: float,
        answer: dict[str, Any],
        status: int = 200,
        headers: Any = None,
    ) -> web.Response:
        took_ms = round((time.perf_counter() - began) * 1000, 3)
        record |= {"ok": answer["ok"], "error": answer.get("error"), "status": status, "took_ms": took_ms}
        if "ts" in answer:
            record["ts"] = answer["ts"]
        if headers and "Retry-After" in headers:
            record["retry_after"] = int(headers["Retry-After"])
        return web.json_response(answer, status=status, headers=headers)

    def _broken(self, record: dict[str, Any], began: float, status: int) -> web.Response:
        took_ms = round((time.perf_counter() - began) * 1000, 3)
        record |= {"ok": False, "error": f"http_{status}", "status": status, "took_ms": took_ms}
        return web.Response(status=status, text="upstream error")

    def _cut(self, request: web.Request, record: dict[str, Any], began: float) -> web.Response:
        """Break the connection, so that the caller cannot know whether the work was done."""
        took_ms = round((time.perf_counter() - began) * 1000, 3)
        record |= {"ok": None, "error": "connection cut", "status": 0, "took_ms": took_ms}
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
