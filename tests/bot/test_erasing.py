"""
When its time is over a case loses people's words by itself: through the one door, with the clause, the figures unchanged and
the chain whole. What another case still needs stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot import erasing
from bot.chores import OldDrafts
from bot.erasing import Retention, erase_case
from bot.office import Office
from bot.reporting import bundle_in_force, report_for
from complaints import commands as cmd
from complaints import events as e
from complaints.memory import FrozenClock
from complaints.periods import parse_period
from complaints.refusals import NotAllowedHere
from storage.chain import verify
from storage.tables import drafts
from storage.wire import read_wire
from tests.complaints.test_changed_calendars import FORM

TAIPEI = ZoneInfo("Asia/Taipei")
LOGGED, LAST_DAY = datetime(2026, 11, 2, 9, 30, tzinfo=TAIPEI), datetime(2029, 11, 2, 23, 59, tzinfo=TAIPEI)
DAY_AFTER = datetime(2029, 11, 3, 0, 1, tzinfo=TAIPEI)
PHOTO = b"\xff\xd8 the same photo"


@pytest.fixture
def office(office_at: Callable[[datetime], Office]) -> Office:
    """The sample company's office with three cases: two are withdrawn, with the same photo in one of them and in the third."""
    office = office_at(LOGGED)
    office.desk.clock = FrozenClock(LOGGED)
    for case_id in ("first", "second", "open"):
        log(office, case_id)
    for case_id in ("first", "second"):
        act(office, cmd.Withdraw, case_id, actor="ULIN", reason="solved by itself")
    return office


def act(office: Office, kind: type[cmd.CaseCommand], case_id: str, actor: str = cmd.CLOCK, **more: Any) -> None:
    key = f"{case_id}:{kind.__name__}:{more}"
    office.desk.submit(kind(actor=actor, key=key, case_id=case_id, **more)).result()


def log(office: Office, case_id: str) -> None:
    files = (("defect_sample", cmd.GivenFile(id=f"F{case_id.upper()}", name="pad.jpg")),) if case_id != "second" else ()
    fields = FORM | {"customer": {"new": "Mrs Lin"}, "market": "domestic", "what_happened": f"black pads of {case_id}"}
    act(office, cmd.OpenCase, case_id, "ULIN", policy="pcb-manufacturer", fields=fields, files=files)
    if files:
        digest, size = office.store.files.write(PHOTO)
        act(office, cmd.StoreFile, case_id, file=files[0][1].id, sha256=digest, size=size)


def run(office: Office, now: datetime, times: int = 3) -> None:
    """Let the chore run as the tick does."""
    office.desk.clock = FrozenClock(now)
    chore = Retention(office)
    for _ in range(times):
        chore(now)


def words(office: Office, case_id: str) -> set[str]:
    return {text for text in office.store.reader.words(case_id).values() if text is not None}


def test_on_its_last_day_everything_is_there_and_the_day_after_the_words_are_gone(office: Office) -> None:
    """D8: three years from the end; the last day is a whole one."""
    run(office, LAST_DAY)
    assert "black pads of first" in words(office, "first")

    run(office, DAY_AFTER)
    assert words(office, "first") == words(office, "second") == set()
    assert "black pads of open" in words(office, "open")


def test_the_log_says_that_the_clock_did_it_and_by_which_rule_and_still_verifies(office: Office) -> None:
    run(office, DAY_AFTER)

    (erased,) = [r for r in office.store.reader.log("first") if isinstance(r.event, e.WordsErased)]
    assert (erased.actor, erased.event.why) == (cmd.CLOCK, "kept until 2029-11-02 (D8)")
    with read_wire(office.store.engines) as wire:
        assert [verify(wire, case_id) for case_id in ("first", "second", "open", "desk")] == [None] * 4


def test_the_figures_are_the_same_before_and_after(office: Office) -> None:
    bundle, policy = bundle_in_force(office, "pcb-manufacturer")
    period = parse_period("2026-11")
    before = report_for(office, bundle, policy, period, DAY_AFTER)
    run(office, DAY_AFTER)

    assert report_for(office, bundle, policy, period, DAY_AFTER) == before
    assert before.flow.received == 3


def test_a_photo_goes_only_when_no_other_case_has_it(office: Office) -> None:
    digest = office.store.files.write(PHOTO)[0]
    run(office, DAY_AFTER)
    assert office.store.files.exists(digest)

    act(office, cmd.Withdraw, "open", actor="ULIN", reason="solved by itself")
    assert erase_case(office, "open", office.watched.plan().officer, "asked by the customer")[1] == 1
    assert not office.store.files.exists(digest)


def test_it_is_erased_once_and_what_comes_later_goes_the_next_day(office: Office) -> None:
    run(office, DAY_AFTER)
    seq = office.store.reader.case("first").seq
    run(office, DAY_AFTER)
    assert office.store.reader.case("first").seq == seq

    act(office, cmd.AddNote, "first", actor="ULIN", words="It leaks again")
    run(office, DAY_AFTER + timedelta(days=1))
    assert words(office, "first") == set()


def test_the_clock_erases_nothing_before_its_time(office: Office) -> None:
    office.desk.clock = FrozenClock(LAST_DAY)

    with pytest.raises(NotAllowedHere) as refused:
        erase_case(office, "first", cmd.CLOCK, "kept long enough")
    assert refused.value.reason == "case_goes_on"
    assert words(office, "first")


def test_one_case_that_fails_does_not_stop_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    submit = office.desk.submit

    def failing(command: cmd.CaseCommand) -> Any:
        if command.case_id == "first":
            raise OSError("disk full")
        return submit(command)

    monkeypatch.setattr(office.desk, "submit", failing)
    run(office, DAY_AFTER)
    assert (bool(words(office, "first")), words(office, "second")) == (True, set())

    monkeypatch.undo()
    run(office, DAY_AFTER + timedelta(days=1))
    assert words(office, "first") == set()


def test_a_case_of_which_nobody_can_tell_how_long_it_is_kept_stops_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if as many of them as one run looks at come first."""
    known = office.store.reader.case

    def failing(case_id: str) -> Any:
        if case_id == "first":
            raise ValueError("its state can't be read")
        return known(case_id)

    monkeypatch.setattr(office.store.reader, "case", failing)
    monkeypatch.setattr(erasing, "LOOKED_AT", 1)
    run(office, DAY_AFTER)

    assert (bool(words(office, "first")), words(office, "second")) == (True, set())


def test_a_form_that_was_begun_and_not_sent_is_gone_a_day_later(office: Office) -> None:
    """Nobody need keep another one for that: a desk may be quiet for weeks."""
    office.store.drafts.keep("ULIN", "intake", {"customer": "Mrs Lin"}, LOGGED)
    chore = OldDrafts(office)

    chore(LOGGED + timedelta(hours=23))
    assert _drafts(office) == 1
    chore(LOGGED + timedelta(hours=23, minutes=30))
    chore(LOGGED + timedelta(hours=24, minutes=30))

    assert _drafts(office) == 0


def _drafts(office: Office) -> int:
    office.store.record.now(lambda tx: None)
    with office.store.engines.read.connect() as core:
        return len(core.execute(select(drafts)).all())
