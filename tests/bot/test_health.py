"""Health tells the truth: each thing that is not well is named."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.commands.common import opened
from bot.health import Behind, Health, Patient, Pulse, _problems
from reminders.audit import Audit

WELL = Health(
    transport="socket", is_started=True, socket_age=3.0, tick_age=1.0, set_aside=0, oldest_pending_age=None, pending=0,
    uncertain=0, failed=0, overdue=0, is_stuck=False, slack_refuses=None, courier_age=0.5, free_bytes=10**10,
)  # fmt: skip


def test_a_well_bot_has_no_problems() -> None:
    assert list(_problems(WELL)) == []
    assert list(_problems(replace(WELL, overdue=400, oldest_pending_age=60.0, uncertain=1))) == []
    assert list(_problems(replace(WELL, tick_age=11.0, tick_fault="OperationalError (SQLITE_BUSY)"))) == []


@pytest.mark.parametrize(
    ("ill", "said"),
    [
        (replace(WELL, is_started=False), "still starting"),
        (replace(WELL, is_started=False, tick_age=None, courier_age=90.0), "still starting"),
        (replace(WELL, is_ending=True), "is ending"),
        (replace(WELL, socket_age=None), "nothing comes in"),
        (replace(WELL, socket_age=61.0), "nothing comes in"),
        (replace(WELL, tick_age=None), "the tick does not run"),
        (replace(WELL, tick_age=61.0), "the tick does not run"),
        (replace(WELL, tick_age=16.0, tick_fault="OperationalError (SQLITE_FULL): the disk is full"), "SQLITE_FULL"),
        (replace(WELL, courier_age=61.0), "nobody has looked for messages"),
        (replace(WELL, record_fault="OperationalError: see that it runs"), "the database does not answer"),
        (replace(WELL, record_fault="no answer for 70 s", courier_age=70.0), "the database does not answer"),
        (replace(WELL, record_moved=True), "put that back before the bot ends"),
        (replace(WELL, free_bytes=5 * 1024**2), "5 MiB are left"),
        (replace(WELL, is_stuck=True, overdue=7), "7 deadlines are due and nothing fires"),
        (replace(WELL, oldest_pending_age=901.0), "quarter of an hour"),
        (replace(WELL, stale_cards=3, stale_cards_age=901.0), "of 3 cards that show an older state"),
        (replace(WELL, slack_refuses="token_revoked"), "token_revoked"),
    ],
)
def test_what_is_not_well_is_named(ill: Health, said: str) -> None:
    [problem] = _problems(ill)

    assert said in problem


def test_a_card_is_as_old_as_it_was_seen_to_be_while_slack_took_messages() -> None:
    behind, one, two = Behind(), (1, 6), (2, 4)
    assert behind.look([one], 0.0, 0.0) == 0.0
    assert behind.look([one, two], 1000.0, 0.0) == 1000.0
    assert behind.look([one, two], 1100.0, None) is None  # Slack is down: it says so itself
    assert behind.look([one, two], 1200.0, 1190.0) == 10.0
    assert behind.look([(1, 7), two], 3000.0, 1190.0) == 1810.0  # one was drawn, and its case moved again
    assert behind.look([(1, 7)], 3001.0, 1190.0) == 1.0
    assert behind.look([], 3002.0, 1190.0) is None


def test_a_question_that_hangs_holds_up_nobody_and_is_answered_when_it_can_be() -> None:
    """…and no second one is put beside it: pages that are asked every few seconds would pile up threads."""
    asked, free = [], threading.Event()

    def question() -> int:
        asked.append(1)
        free.wait(30)
        return len(asked)

    patient = Patient(question)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            patient.ask(0.01)
    assert patient.waiting() >= 0.03
    free.set()

    assert patient.ask(30) in (1, 2)  # the one that hung, or one that was put after it
    assert len(asked) <= 2


def test_what_a_question_ends_with_is_told_to_who_asked() -> None:
    def question() -> int:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        Patient(question).ask(30)


def test_a_card_in_a_channel_that_the_desk_uses_no_more_may_stay_as_it_is(own_data: None) -> None:
    """Its department is gone and so is its channel: nothing could be mended, and health would be ill for good."""
    with opened() as office:
        gate: Any = SimpleNamespace(is_open=True, opened_at=0.0)
        nobody: Any = None
        pulse = Pulse(office, nobody, gate, nobody, nobody, nobody, lambda: True)
        used = next(r.channel for r in office.watched.plan().roles.values() if r.channel)

        assert pulse._stale_cards_age([(1, 6, "CARCHIVED")]) is None
        assert pulse._stale_cards_age([(1, 6, used)]) is not None
        assert pulse._stale_cards_age([(1, 6, "D0SOMEBODY")]) is not None


def test_a_database_file_that_is_taken_away_is_noticed_until_it_is_back(own_data: None) -> None:
    """SQLite writes on to a file that nobody finds any more, and says nothing; the next start would begin an empty desk."""
    with opened() as office:
        nobody: Any = None
        at_work: Any = SimpleNamespace(
            name="http",
            age=lambda: 0.0,
            is_open=True,
            opened_at=0.0,
            why=None,
            last_at=None,
            failure=None,
            looked_at=None,
        )
        pulse = Pulse(office, at_work, at_work, Audit(nobody), at_work, at_work, lambda: True)
        file = Path(office.store.engines.write.url.database or "")
        moved = []
        for source, to in ((file, file), (file, file.with_name("old")), (file.with_name("old"), file)):
            source.rename(to)
            moved.append(pulse.look().record_moved)

    assert moved == [False, True, False]
