"""Everything of one running sandbox in one place."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.clocks import MachineClock, ProcedureClock
from sandbox.delivery.dispatcher import Dispatcher
from sandbox.delivery.events import Events
from sandbox.delivery.signed_http import SignedHttp
from sandbox.delivery.socket_mode import SocketMode
from sandbox.delivery.triggers import ResponseUrls, Triggers
from sandbox.faults import Faults
from sandbox.web_api.rate_limits import RateLimits
from sandbox.world.changes import Changes
from sandbox.world.workspace import Workspace

CALLS_KEPT = 100_000


@dataclass(kw_only=True)
class Settings:
    """How the sandbox was started."""

    mode: str = "socket"
    events_url: str | None = None
    clock_file: Path | None = None
    machine_file: Path | None = None
    signing_secret: str = "sandbox-signing-secret"
    bot_token: str = "xoxb-sandbox"
    app_token: str = "xapp-sandbox"
    post_burst: int = 3
    posts_per_minute: int = 600


@dataclass
class StandIn:
    """The stand-in Slack: the workspace, its clocks, its limits, its faults, and the way to the app."""

    workspace: Workspace
    settings: Settings
    base_url: str = ""
    changes: Changes = field(default_factory=Changes)
    faults: Faults = field(default_factory=Faults)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    call_count: int = 0
    revoked: set[str] = field(default_factory=set)
    upload_keys: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = self.settings
        self.machine = MachineClock(settings.machine_file)
        self.procedure = ProcedureClock(settings.clock_file, lambda: self.changes.tell("clock"))
        self.limits = RateLimits(post_burst=settings.post_burst, posts_per_minute=settings.posts_per_minute)
        self.triggers, self.response_urls = Triggers(self.machine), ResponseUrls(self.machine)
        self.socket_mode = SocketMode(self.machine, self.workspace.app.id, self.changes)
        self.http = SignedHttp(self.machine, settings.signing_secret, settings.events_url)
        transport = self.socket_mode if settings.mode == "socket" else self.http
        self.dispatcher = Dispatcher(transport, self.machine, self.faults, self.changes)
        self.events = Events(self.workspace, self.dispatcher, self.machine)

    async def close(self) -> None:
        self.procedure.run(False)
        await self.socket_mode.close()
        await self.http.close()
