"""The procedure's clock in its file, apart from the machine's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sandbox.client import CannotDo, SandboxClient, start_sandbox
from sandbox.clocks import next_working_morning, read_duration
from tests.sandbox.conftest import WORKSPACE


def test_the_file_follows_what_the_clock_is_told(tmp_path: Path) -> None:
    clock = tmp_path / "now"
    with start_sandbox(WORKSPACE, "--clock-file", str(clock)) as running:
        desk = running.client
        began = datetime.fromisoformat(clock.read_text().strip())

        desk.set_clock("2026-11-09T09:00:00+08:00")
        at_nine = clock.read_text().strip()
        desk.advance_clock("2 days 3 hours")
        later = clock.read_text().strip()
        desk.post("clock", next_working_morning="Asia/Taipei")
        morning = clock.read_text().strip()
        clock.write_text("2027-01-01T00:00:00+00:00")
        from_outside = desk.clock()["now"]

    assert abs(began - datetime.now(UTC)) < timedelta(minutes=1)
    assert at_nine == "2026-11-09T09:00:00+08:00"
    assert later == "2026-11-11T12:00:00+08:00"
    assert morning == "2026-11-12T09:00:00+08:00"
    assert from_outside == "2027-01-01T00:00:00+00:00"


def test_a_running_clock_moves_by_itself_and_stops(desk: SandboxClient) -> None:
    desk.set_clock("2026-11-09T09:00:00+08:00")
    desk.run_clock()
    desk.wait_for(lambda: desk.clock()["now"] > "2026-11-09T09:00:00+08:00")
    desk.run_clock(False)
    stopped = desk.clock()

    assert stopped["running"] is False
    assert stopped["now"].startswith("2026-11-09T09:00:0")


def test_the_machine_clock_stays_where_it_is(desk: SandboxClient) -> None:
    before = desk.clock()["machine"]

    desk.advance_clock("400 days")

    assert desk.clock()["machine"] - before < 60


@pytest.mark.parametrize("words", ["tomorrow", "2 moons", ""])
def test_other_words_are_refused(desk: SandboxClient, words: str) -> None:
    with pytest.raises(CannotDo, match="not a length of time"):
        desk.advance_clock(words)


def test_an_instant_without_a_zone_is_refused(desk: SandboxClient) -> None:
    with pytest.raises(CannotDo, match="zone"):
        desk.set_clock("2026-11-09T09:00:00")


def test_the_machine_clock_only_moves_forward(desk: SandboxClient) -> None:
    with pytest.raises(CannotDo, match="forward"):
        desk.advance_machine(-1)


def test_lengths() -> None:
    assert read_duration("90s") == timedelta(seconds=90)
    assert read_duration("1 hour 30 minutes") == timedelta(minutes=90)
    assert read_duration(5) == timedelta(seconds=5)


def test_a_friday_evening_leads_to_monday_morning() -> None:
    friday_evening = datetime(2026, 11, 13, 18, tzinfo=ZoneInfo("Asia/Taipei"))

    assert next_working_morning(friday_evening) == datetime(2026, 11, 16, 9, tzinfo=ZoneInfo("Asia/Taipei"))


def test_a_message_carries_both_times(desk: SandboxClient) -> None:
    desk.set_clock("2026-11-09T09:00:00+08:00")

    said = desk.as_member("lin").say("registry", "when?")

    assert said.content["procedure_at"] == "2026-11-09T09:00:00+08:00"
    assert abs(float(said.ts) - desk.clock()["machine"]) < 5
