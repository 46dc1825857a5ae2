"""The whole bot against the sandbox as a process: both ways in, delivery, health, and an orderly end."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from slack_bolt.async_app import AsyncApp

from bot.app import App
from bot.office import Office, open_office
from bot.rendering import Card
from bot.settings import load_settings
from bot.workspace import WrongWorkspace
from complaints.notices import Notice, Priority
from complaints.ports import OutboxRow, StaleCard
from handlers.conversation import Conversation
from sandbox.client import Running, start_sandbox

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = ROOT / "sandbox" / "sample" / "workspace.yml"
SECRET = "sandbox-signing-secret"
TAKEN: list[str] = []
"""What reached a listener."""


class PlainCards:
    """Draws a row as its number."""

    def render(self, row: OutboxRow) -> Card:
        return Card(text=f"notice {row.id} of {row.kind}", blocks=(), digest="d")

    def refresh(self, card: StaleCard) -> Card:
        return Card(text="again", blocks=(), digest="e")


def register(app: AsyncApp, talk: Conversation) -> None:
    """Answer the one command, so that these tests need no conversation."""

    @app.command("/complaint")
    async def on_command(ack: Any) -> None:
        TAKEN.append("command")
        await ack("help")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    options = ["--bot-token", "xoxb-sandbox", "--app-token", "xapp-sandbox", "--signing-secret", SECRET]
    with start_sandbox(WORKSPACE, *options) as running:
        yield running


@pytest.fixture(scope="module")
def http_sandbox() -> Iterator[Running]:
    options = ["--bot-token", "xoxb-sandbox", "--signing-secret", SECRET, "--mode", "http"]
    with start_sandbox(WORKSPACE, *options) as running:
        yield running


@asynccontextmanager
async def a_bot(slack: Running, folder: Path, **more: str) -> AsyncIterator[tuple[Office, str]]:
    """Run a bot and yield its office and the address of its pages once it is ready."""
    port = free_port()
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-sandbox", "SLACK_API_URL": slack.api_url, "REDRESS_DATA": str(folder),
        "REDRESS_HTTP_PORT": str(port), **more,
    }  # fmt: skip
    office = open_office(load_settings(settings))
    app = App(office, register=register, make_renderer=lambda talk, office: PlainCards())
    running = asyncio.create_task(app.run())
    try:
        url = f"http://127.0.0.1:{port}"
        while (await asyncio.to_thread(page, f"{url}/readyz"))[0] != 200:
            assert not running.done(), running.exception()
            await asyncio.sleep(0.02)
        yield office, url
    finally:
        app.end()
        await asyncio.wait_for(running, 60)
        office.close()


def page(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except urllib.error.URLError:
        return 0, ""


def tell(office: Office, to: str) -> None:
    notice = Notice(id=f"n-{to}-{datetime.now(UTC).timestamp()}", kind="notice", to=to, priority=Priority.CARD)
    office.store.record.now(lambda tx: tx.put_out([notice], datetime.now(UTC)))


async def test_socket_mode_takes_commands_and_the_courier_delivers(sandbox: Running, tmp_path: Path) -> None:
    async with a_bot(sandbox, tmp_path, SLACK_APP_TOKEN="xapp-sandbox") as (office, url):
        asked = await asyncio.to_thread(sandbox.client.as_member("林佳穎").command, "/complaint", "help")
        await asyncio.to_thread(tell, office, "CSALES")
        await asyncio.to_thread(tell, office, "ULIN")
        shown = await asyncio.to_thread(sandbox.client.wait_message, "CSALES", "of notice")
        while (answer := await asyncio.to_thread(page, f"{url}/healthz"))[0] != 200:  # until the first tick is over
            await asyncio.sleep(0.02)
        status, health = answer
        metrics = (await asyncio.to_thread(page, f"{url}/metrics"))[1]
        held = office.store.engines.read.pool.checkedout()

    assert asked
    assert held == 0  # nothing that was asked keeps a connection
    assert shown.words.startswith("notice ")
    facts = json.loads(health)
    assert (status, facts["problems"], facts["transport"]) == (200, [], "socket")
    assert facts["socket_age"] < 30
    assert "redress_deadlines_overdue 0.0" in metrics
    assert "redress_courier_posted_total" in metrics


async def test_a_closed_terminal_ends_it_in_order(http_sandbox: Running, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, lambda number, frame: None)
    try:
        async with a_bot(http_sandbox, tmp_path, SLACK_SIGNING_SECRET=SECRET) as (office, _):
            os.kill(os.getpid(), signal.SIGHUP)
            until = time.monotonic() + 20
            while office.store.leases.known() and time.monotonic() < until:
                await asyncio.sleep(0.02)
            left = office.store.leases.known()
    finally:
        signal.signal(signal.SIGHUP, before)

    assert left == []


async def test_signed_http_takes_commands_and_refuses_forged_ones(http_sandbox: Running, tmp_path: Path) -> None:
    async with a_bot(http_sandbox, tmp_path, SLACK_SIGNING_SECRET=SECRET) as (_, url):
        await asyncio.to_thread(http_sandbox.client.set_events_url, f"{url}/slack/events")
        asked = await asyncio.to_thread(http_sandbox.client.as_member("林佳穎").command, "/complaint", "help")
        forged = urllib.request.Request(f"{url}/slack/events", data=b"command=%2Fcomplaint&text=help&team_id=T0SAMPLE")
        status = (await asyncio.to_thread(post, forged))[0]
        large = (await asyncio.to_thread(post, urllib.request.Request(f"{url}/slack/events", data=b"x" * 2_200_000)))[0]

    assert asked
    assert status == 401
    assert large in (413, 0)


async def test_what_is_not_signed_by_slack_just_now_for_this_workspace_reaches_no_listener(
    http_sandbox: Running, tmp_path: Path
) -> None:
    """Forged, altered, replayed after five minutes, from the future, of another workspace: each ends at the door."""
    now = time.time()
    body = "command=%2Fcomplaint&text=help&user_id=ULIN&team_id=T0SAMPLE&trigger_id=1.1"
    click = {
        "type": "block_actions",
        "user": {"id": "ULIN"},
        "team": {"id": "T9OTHER"},
        "actions": [{"action_id": "a"}],
    }
    other = f"payload={quote(json.dumps(click))}"
    forged = {
        "not signed": (body, {}),
        "signed with another secret": (body, signature(body, now, "another")),
        "altered after it was signed": (body.replace("ULIN", "UGM"), signature(body, now)),
        "replayed": (body, signature(body, now - 400)),
        "from the future": (body, signature(body, now + 400)),
        "no time": (body, {k: v for k, v in signature(body, now).items() if k.endswith("Signature")}),
        "a time that is none": (body, {**signature(body, now), "X-Slack-Request-Timestamp": "soon"}),
        "an empty signature": (body, {**signature(body, now), "X-Slack-Signature": ""}),
    }
    TAKEN.clear()
    async with a_bot(http_sandbox, tmp_path, SLACK_SIGNING_SECRET=SECRET) as (_, url):

        async def sent(text: str, headers: dict[str, str]) -> int:
            request = urllib.request.Request(f"{url}/slack/events", data=text.encode(), headers=headers)
            return (await asyncio.to_thread(post, request))[0]

        refused = {name: await sent(*what) for name, what in forged.items()}
        of_other = body.replace("T0SAMPLE", "T9OTHER")
        elsewhere = [await sent(text, signature(text, now)) for text in (of_other, other)]
        reached = list(TAKEN)
        right = await sent(body, signature(body, now))

    assert set(refused.values()) <= {400, 401}, refused
    assert reached == []
    assert all(status < 500 for status in elsewhere)
    assert (right, TAKEN) == (200, ["command"])


async def test_the_secrets_stand_in_no_file_no_page_and_no_log(
    http_sandbox: Running, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Token and signing secret come from the environment and stay in memory, also when things go wrong."""
    now, body = time.time(), "command=%2Fcomplaint&text=help&user_id=ULIN&team_id=T0SAMPLE&trigger_id=1.1"
    async with a_bot(http_sandbox, tmp_path, SLACK_SIGNING_SECRET=SECRET) as (office, url):
        for headers in (signature(body, now), signature(body, now, "another"), {}):
            request = urllib.request.Request(f"{url}/slack/events", data=body.encode(), headers=headers)
            await asyncio.to_thread(post, request)
        await asyncio.to_thread(tell, office, "CNOWHERE")
        await asyncio.to_thread(tell, office, "CSALES")
        await asyncio.to_thread(http_sandbox.client.wait_message, "CSALES", "of notice")
        pages = [
            (await asyncio.to_thread(page, f"{url}/{p}"))[1] for p in ("healthz", "readyz", "metrics", "slack/events")
        ]
    told = capfd.readouterr()
    shown = "\n".join([*pages, told.out, told.err, repr(office.settings)])
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]

    for secret in ("xoxb-sandbox", SECRET):
        assert secret not in shown
        assert not any(secret.encode() in data for data in kept)
    assert len(kept) >= 1


def signature(body: str, at: float, secret: str = SECRET) -> dict[str, str]:
    signed = hmac.new(secret.encode(), f"v0:{int(at)}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(int(at)), "X-Slack-Signature": f"v0={signed}"}


def post(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, ""
    except urllib.error.URLError:
        return 0, ""


async def test_while_a_bot_works_a_rebuild_is_refused_and_afterwards_not(sandbox: Running, tmp_path: Path) -> None:
    async with a_bot(sandbox, tmp_path, SLACK_APP_TOKEN="xapp-sandbox"):
        refused = await asyncio.to_thread(redress, tmp_path, "db", "rebuild")
    done = await asyncio.to_thread(redress, tmp_path, "db", "rebuild")

    assert (refused.returncode, done.returncode) == (1, 0)
    assert "stop it first" in refused.stderr


def redress(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "REDRESS_DATA": str(folder)}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("token", "desk", "said"),
    [("xoxb-other", None, "refuses the bot token"), ("xoxb-sandbox", "T0OTHER", "belongs to workspace T0SAMPLE")],
)
async def test_the_wrong_token_or_workspace_is_refused_at_the_start(
    sandbox: Running, tmp_path: Path, token: str, desk: str | None, said: str
) -> None:
    text = (ROOT / "sandbox" / "sample" / "desk.yml").read_text("utf-8")
    file = tmp_path / "desk.yml"
    file.write_text(text.replace("T0SAMPLE", desk or "T0SAMPLE"), "utf-8")
    settings = {
        "SLACK_BOT_TOKEN": token, "SLACK_APP_TOKEN": "xapp-sandbox", "SLACK_API_URL": sandbox.api_url,
        "REDRESS_DATA": str(tmp_path), "REDRESS_DESK": str(file),
    }  # fmt: skip
    office = open_office(load_settings(settings))

    with pytest.raises(WrongWorkspace, match=said):
        await App(office, register=register, make_renderer=lambda talk, office: PlainCards()).run()

    assert office.store.leases.alive(datetime.now(UTC)) == []
    office.close()
