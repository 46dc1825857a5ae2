"""The sandbox as a real process, with Slack's own SDK and Bolt as its clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient

from sandbox.client import Member, Running, SandboxClient, start_sandbox
from tests.sandbox.bolt import HttpBolt, SocketBolt

WORKSPACE = Path(__file__).parent / "workspace.yml"
BOT_TOKEN, APP_TOKEN = "xoxb-sandbox", "xapp-sandbox"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    clock = tmp_path_factory.mktemp("clock") / "now"
    clock.write_text("2026-11-09T09:00:00+08:00\n")
    with start_sandbox(WORKSPACE, "--clock-file", str(clock)) as started:
        yield started


@pytest.fixture
def desk(running: Running) -> SandboxClient:
    """The control client; buckets are full again and no fault is left from the test before."""
    running.client.clear_faults()
    running.client.advance_machine("1 hour")
    return running.client


@pytest.fixture
def slack(running: Running, desk: SandboxClient) -> WebClient:
    return WebClient(BOT_TOKEN, base_url=running.api_url, retry_handlers=[])


@pytest.fixture
def lin(desk: SandboxClient) -> Member:
    return desk.as_member("林佳穎")


@pytest.fixture
def chen(desk: SandboxClient) -> Member:
    return desk.as_member("chen")


@pytest.fixture
def bot(running: Running, desk: SandboxClient) -> Iterator[SocketBolt]:
    """A Bolt app in Socket Mode that acknowledges everything, until a test gives it something to do."""
    with SocketBolt(running, BOT_TOKEN, APP_TOKEN) as app:
        yield app


@pytest.fixture(scope="module")
def http_running() -> Iterator[Running]:
    with start_sandbox(WORKSPACE, "--mode", "http", "--signing-secret", "s3cret") as started:
        yield started


@pytest.fixture
def http_bot(http_running: Running) -> Iterator[HttpBolt]:
    """A Bolt app behind signed HTTP."""
    http_running.client.clear_faults()
    http_running.client.advance_machine("1 hour")
    with HttpBolt(http_running, BOT_TOKEN, "s3cret") as app:
        yield app
