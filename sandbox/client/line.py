"""The way to the control API."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.client.problems import CannotDo

WAIT_SECONDS = 30.0


class Line:
    """JSON over HTTP to the control API; each thread has a connection of its own."""

    def __init__(self, url: str):
        parts = urlsplit(url)
        self.url, self._host, self._port = url.rstrip("/"), parts.hostname or "127.0.0.1", parts.port or 80
        self._local = threading.local()

    def get(self, path: str, /, **query: Any) -> dict[str, Any]:
        given = {name: value for name, value in query.items() if value is not None}
        return self._ask("GET", path + (f"?{urlencode(given)}" if given else ""))

    def post(self, path: str, /, **body: Any) -> dict[str, Any]:
        return self._ask("POST", path, body)

    def delete(self, path: str) -> dict[str, Any]:
        return self._ask("DELETE", path)

    def _ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        text = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"} if text else {}
        for last_try in (False, True):
            try:
                self._connection().request(verb, f"/control/{path}", text, headers)
                response = self._connection().getresponse()
                answer: dict[str, Any] = json.loads(response.read())
                break
            except (http.client.HTTPException, ConnectionError):
                self._local.connection = None
                if last_try or verb != "GET":
                    raise
        if response.status >= 400:
            raise CannotDo(answer.get("problem", f"HTTP {response.status}"))
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        found: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = http.client.HTTPConnection(self._host, self._port, timeout=120)
        return found
