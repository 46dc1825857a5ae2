"""What tests of the bot share: the sample company's office on an empty record, and a courier's post."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.chores import PolicyFiles
from bot.commands.common import opened
from bot.office import Office
from bot.slack_out import make_session
from tests.bot.posting import Post
from tests.bot.stub_slack import StubSlack
from tests.bot.virtual_time import VirtualMachine


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of Slack in the environment, and a data folder of the test's own."""
    monkeypatch.setenv("REDRESS_DATA", str(tmp_path / "data"))
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "REDRESS_CLOCK_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def office_at(own_data: None) -> Iterator[Callable[[datetime], Office]]:
    """Return a function that puts the sample company's policies in force at an instant, and returns the office."""
    with opened() as office:

        def at(now: datetime) -> Office:
            PolicyFiles(office)(now)
            return office

        yield at


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    machine = VirtualMachine()
    slack = StubSlack(machine.monotonic)
    await slack.start()
    session = make_session()
    client = slack.client(session)
    machine.is_busy = lambda: client.flying > 0
    made = Post(machine=machine, slack=slack, client=client)
    made.outbox.now = machine.now
    yield made
    await session.close()
    await slack.stop()
