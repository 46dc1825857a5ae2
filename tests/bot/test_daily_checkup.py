"""The running bot looks at channels and people every day and tells the desk officer, once a day (pitfalls 28, 29)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.checkup import Finding, of_desk
from bot.daily_checkup import DailyCheckup
from bot.office import Office, open_office
from bot.settings import load_settings
from complaints.memory import FrozenClock
from complaints.policy import LANGUAGES
from handlers.cards.desk import checkup_card
from storage.tables import notices
from tests.support.company import local


@pytest.fixture
def office(own_data: None) -> Iterator[Office]:
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


GONE = of_desk("member", "deactivated", member="U0ANNA", roles=["quality", "desk officer"])
WELL = of_desk("channel", channel="C0QUALITY", roles=["quality"])


async def test_what_is_wrong_is_told_once_a_day_while_it_is_wrong(office: Office):
    await checkup(office, WELL, GONE).once()
    await checkup(office, WELL, GONE).once()  # as after a restart on the same day
    assert [to for to, _ in told(office)] == [office.watched.plan().officer]

    office.clock.at = local("2026-11-03 09:30")
    await checkup(office, WELL, GONE).once()
    assert len(told(office)) == 2

    office.clock.at = local("2026-11-04 09:30")
    await checkup(office, WELL).once()
    assert len(told(office)) == 2


@pytest.mark.parametrize(
    ("language", "title", "line"),
    [
        ("en", "Desk check: 12 to mend",
         "member <@U0ANNA> (Quality &lt;!channel&gt;, desk officer): this person is deactivated; name somebody else in the desk file"),
        ("zh-Hans", "每日检查：12 项需处理",
         "<@U0ANNA>（Quality &lt;!channel&gt;、客诉管理员）：此账号已停用；请在服务台文件中改派他人"),
        ("zh-Hant", "每日檢查：12 項待處理",
         "<@U0ANNA>（Quality &lt;!channel&gt;、客訴管理員）：此帳號已停用；請在服務台檔案中改派他人"),
    ],
)  # fmt: skip
def test_the_card_names_what_to_do_and_how_many_more(language: str, title: str, line: str):
    todo = [{"what": GONE.what, "wrong": GONE.wrong, **GONE.facts}] * 12

    drawn = checkup_card(todo, 12, language, lambda role, language: "Quality <!channel>")

    words = str([b.to_dict() for b in drawn.blocks])
    assert drawn.text == title
    assert words.count(line) == 8
    assert "<!channel>" not in words
    assert "4" in words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("what", "wrong"),
    [("channel", w) for w in ("unseen", "no_member", "archived")]
    + [("member", w) for w in ("unknown", "deactivated", "outside", "bot", "absent")],
)
def test_each_finding_has_its_words_in_each_language(language: str, what: str, wrong: str):
    facts = {"channel": "C1", "member": "U1", "roles": ["fallback", "quality"], "missing": ["quality"], "error": "x"}
    found = of_desk(what, wrong, **facts)

    drawn = checkup_card([{"what": what, "wrong": wrong, **facts}], 1, language, lambda role, language: role)

    words = "\n".join(str(b.to_dict()) for b in drawn.blocks)
    assert str(found) == f"{found.about}: {found.todo}"
    assert ("C1" if what == "channel" else "U1") in words
    assert (found.todo in words) == (language == "en")


async def test_who_was_deactivated_answers_for_nothing_until_slack_says_otherwise(office: Office):
    """D14: the other members answer, then deputies and the head; a card never waits for somebody who left."""
    left = of_desk("member", "deactivated", member="UCHEN", roles=["quality"])
    now = office.clock.now()
    assert office.watched.plan().holders("quality", now) == ("UCHEN", "UTSAI")

    await checkup(office, WELL, left).once()
    assert office.watched.plan().holders("quality", now) == ("UTSAI",)
    assert office.watched.plan().capacity("UCHEN", "quality", now) is None

    again = open_office(load_settings())  # as after a restart, or in another process
    assert again.watched.plan().holders("quality", now) == ("UTSAI",)
    again.close()

    await checkup(office, WELL).once()
    assert office.watched.plan().holders("quality", now) == ("UCHEN", "UTSAI")
