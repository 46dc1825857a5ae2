"""The running bot looks at channels and people every day and tells the desk officer, once a day (pitfalls 28, 29)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.checkup import Finding
from bot.daily_checkup import DailyCheckup
from bot.office import Office, open_office
from bot.settings import load_settings
from complaints.memory import FrozenClock
from handlers.cards.desk import checkup_card
from storage.tables import notices
from tests.support.company import local


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "REDRESS_CLOCK_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REDRESS_DATA", str(tmp_path / "data"))
    opened = open_office(load_settings())
    opened.clock = FrozenClock(local("2026-11-02 09:30"))
    yield opened
    opened.close()


def checkup(office: Office, *findings: Finding) -> DailyCheckup:
    async def look() -> AsyncIterator[Finding]:
        for finding in findings:
            yield finding

    return DailyCheckup(office, look)


def told(office: Office) -> list[Any]:
    with office.store.engines.read.connect() as connection:
        return list(connection.execute(select(notices.c.dest, notices.c.facts).where(notices.c.kind == "checkup")))


GONE = Finding(about="member U0ANNA (quality)", todo="this person is deactivated; name somebody else in the desk file")
WELL = Finding(about="channel C0QUALITY (quality)")


async def test_what_is_wrong_is_told_once_a_day_while_it_is_wrong(office: Office):
    await checkup(office, WELL, GONE).once()
    await checkup(office, WELL, GONE).once()  # as after a restart on the same day
    assert [to for to, _ in told(office)] == [office.watched.plan().officer]

    office.clock.at = local("2026-11-03 09:30")  # type: ignore[attr-defined]  # a clock of the tests
    await checkup(office, WELL, GONE).once()
    assert len(told(office)) == 2

    office.clock.at = local("2026-11-04 09:30")  # type: ignore[attr-defined]
    await checkup(office, WELL).once()
    assert len(told(office)) == 2


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Desk check: 12 to mend"), ("zh-Hant", "每日檢查：12 項待處理")]
)
def test_the_card_names_what_to_do_and_how_many_more(language: str, title: str):
    drawn = checkup_card([f"{GONE} <!channel>"] * 12, 12, language)

    words = str([b.to_dict() for b in drawn.blocks])
    assert drawn.text == title
    assert words.count("name somebody else in the desk file") == 8
    assert "<!channel>" not in words
    assert "4" in words
