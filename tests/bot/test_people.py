"""What is set in Slack holds at once, and cards, lists and deadlines follow; on a real record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.calendars import LOGGED_BY_THEN, TRIED_AGAIN, Calendars
from bot.chores import PolicyFiles
from bot.office import Office, open_office
from bot.people import ON_ITS_WAY, DeskActs, People, answering
from bot.settings import load_settings
from complaints import commands as cmd
from complaints.memory import FrozenClock
from complaints.notices import Notice
from storage import outbox
from storage.tables import notices, posted_cards
from tests.complaints.test_changed_calendars import FORM
from tests.support.company import local

OFFICER, QUALITY = "UOFFICER", "UCHEN"
WED, FRI = date(2026, 11, 4), date(2026, 11, 6)


@dataclass
class Company:
    """The sample company on an empty record, Monday 2 November 2026 at 09:30."""

    office: Office
    keys: int = 0
    chores: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        PolicyFiles(self.office)(self.now)
        self.chores = [People(self.office), Calendars(self.office)]
        self.tick()

    @property
    def now(self) -> Any:
        return self.office.clock.now()

    def tick(self, at: str | None = None) -> None:
        if at is not None:
            self.office.clock.at = local(at)
        for chore in self.chores:
            chore(self.now)
        self.office.store.record.now(lambda tx: None)

    def set(
        self, kind: str, about: str, value: dict[str, Any] | None = None, start: Any = None, end: Any = None
    ) -> None:
        self.keys += 1
        command = cmd.SetOverride(
            actor=OFFICER, key=f"set{self.keys}", kind=kind, about=about, value=value or {}, from_on=start, until_on=end
        )
        DeskActs(self.office)(command)

    def logged(self) -> int:
        """Log a case, which waits for its registration, and return the visit's number."""
        fields = {**FORM, "market": "domestic"}
        command = cmd.OpenCase(actor="ULIN", key="open", case_id="case1", policy="pcb-manufacturer", fields=fields)
        case = self.office.desk.submit(command).result().case
        assert case is not None
        return case.open_visits[0].id

    def registered(self, by: str = "UWANG") -> None:
        """Bring the case to the quality department."""
        command = cmd.Decide(actor=by, key="accept", case_id="case1", visit=self.logged(), decision="accept")
        self.office.desk.submit(command).result()

    def due(self, case_id: str) -> Any:
        """Return when the stage that waits is due."""
        case = self.office.store.reader.case(case_id)
        assert case is not None
        return case.deadline_of(case.open_visits[0].id).due_at

    def told(self, kind: str) -> list[str]:
        with self.office.store.engines.read.connect() as core:
            return [
                r[0] for r in core.execute(select(notices.c.dest).where(notices.c.kind == kind).order_by(notices.c.id))
            ]


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    office = open_office(load_settings({"REDRESS_DATA": str(tmp_path)}))
    clock = FrozenClock(local("2026-11-02 09:30"))
    office.clock = office.desk.clock = office.watched.clock = clock
    yield Company(office)
    office.close()


def test_an_absence_holds_at_once_and_ends_by_itself(company: Company) -> None:
    company.set("absence", QUALITY, {"deputy": "UGUO"}, WED, FRI)
    plan = company.office.watched.plan

    assert plan().capacity("UGUO", "quality", local("2026-11-05 10:00")) is not None
    assert plan().capacity(QUALITY, "quality", local("2026-11-05 10:00")) is None
    assert plan().capacity(QUALITY, "quality", local("2026-11-07 00:00")) is not None


def test_what_was_set_is_there_after_a_restart(company: Company, tmp_path: Path) -> None:
    company.set("head", "quality", {"head": "UTSAI"})
    again = open_office(load_settings({"REDRESS_DATA": str(tmp_path)}))
    try:
        assert again.watched.plan().head("quality") == "UTSAI"
        assert again.watched.file.plan().head("quality") == "UGUO"
    finally:
        again.close()


def test_a_closure_moves_open_deadlines_and_withdrawing_it_moves_them_back(company: Company) -> None:
    """Two working hours from Monday 17:30 end on Tuesday 10:30; Tuesday closes, so on Wednesday."""
    company.tick("2026-11-02 17:30")
    company.logged()
    assert company.due("case1") == local("2026-11-03 10:30")

    company.set("closure", "main", {}, date(2026, 11, 3), date(2026, 11, 3))
    company.tick()
    assert company.due("case1") == local("2026-11-04 10:30")

    DeskActs(company.office)(
        cmd.WithdrawOverride(actor=OFFICER, key="w", override=company.office.watched.overrides[0].id)
    )
    company.tick()
    assert company.due("case1") == local("2026-11-03 10:30")


def _closes_on_tuesday(company: Company) -> None:
    company.set("closure", "main", {}, date(2026, 11, 3), date(2026, 11, 3))


def test_a_bot_that_died_between_a_new_calendar_and_the_deadlines_moves_them_when_it_starts(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.tick("2026-11-02 17:30")
    company.logged()
    _closes_on_tuesday(company)
    with monkeypatch.context() as killed:
        killed.setattr(Calendars, "_move_deadlines", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            company.tick()
    assert company.due("case1") == local("2026-11-03 10:30")

    company.chores = [People(company.office), Calendars(company.office)]
    company.tick()

    assert company.due("case1") == local("2026-11-04 10:30")


@pytest.fixture
def machine(company: Company, monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    """Machine time, which stands until it is moved."""
    stands = FrozenClock(company.office.machine.now())
    monkeypatch.setattr(company.office, "machine", stands)
    return stands


def test_deadlines_that_could_not_be_moved_are_moved_when_it_goes_again(
    company: Company, machine: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full at both looks: until then they would have been counted by the old calendar for good."""
    company.tick("2026-11-02 17:30")
    company.logged()
    _closes_on_tuesday(company)
    with monkeypatch.context() as full:
        full.setattr(company.office.desk, "submit", lambda command: (_ for _ in ()).throw(OSError("no room")))
        for _ in range(3):
            company.tick()
            machine.at += LOGGED_BY_THEN + timedelta(seconds=1)
    assert company.due("case1") == local("2026-11-03 10:30")

    machine.at += TRIED_AGAIN
    company.tick()

    assert company.due("case1") == local("2026-11-04 10:30")


def test_a_complaint_that_was_being_logged_when_the_calendar_changed_follows_it(
    company: Company, machine: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever logged it, perhaps through another bot, had looked at the calendar before, and came after the others were moved."""
    company.tick("2026-11-02 17:30")
    before = company.office.watched.calendars()
    _closes_on_tuesday(company)
    company.tick()
    with monkeypatch.context() as slow:
        slow.setattr(company.office.watched, "calendars", lambda: before)
        company.logged()
    company.tick()
    assert company.due("case1") == local("2026-11-03 10:30")

    machine.at += LOGGED_BY_THEN + timedelta(seconds=1)
    company.tick()

    assert company.due("case1") == local("2026-11-04 10:30")


def test_the_cards_of_a_visit_are_looked_at_again_when_other_people_answer(company: Company) -> None:
    company.registered()
    _all_shown(company)
    assert _stale(company) == []

    company.set("absence", QUALITY, {"deputy": "UGUO"}, WED, FRI)
    company.tick()
    assert _stale(company) == []
    company.tick("2026-11-04 00:01")
    assert {kind for kind, _ in _stale(company)} == {"approval", "home", "reporter"}


def test_the_card_of_a_decided_stage_that_names_who_comes_next_is_looked_at_again_too(company: Company) -> None:
    """The registry's card says that quality has it now, and by whom: that is somebody else from Wednesday on."""
    company.registered()
    _all_shown(company)
    case = company.office.store.reader.case("case1")
    assert case is not None
    quality = case.open_visits[0].id

    company.set("absence", QUALITY, {"deputy": "UGUO"}, WED, FRI)
    company.tick("2026-11-04 00:01")

    approvals = {visit for kind, visit in _stale(company) if kind == "approval"}
    assert approvals == {quality, max(v for v in case.visits if v < quality)}


def test_the_card_of_what_somebody_decided_who_leaves_is_looked_at_again(company: Company) -> None:
    """He may no longer take it back; nothing in the case waits for the role that he leaves."""
    company.registered()
    case = company.office.store.reader.case("case1")
    assert case is not None
    registered = next(v.id for v in case.visits.values() if v.decided_by == "UWANG")
    for members, seen in ((["UWANG", "USU", "UFANG"], False), (["USU", "UFANG"], True), (["UWANG", "USU"], True)):
        _all_shown(company)
        company.set("members", "gm_office", {"members": members})
        company.tick()
        assert (("approval", registered) in _stale(company)) == seen, members


def test_who_answers_by_direct_message_now_gets_a_card_once(company: Company) -> None:
    """A role without a channel: the deputy has not had the card that went to its member."""
    company.office.watched.file._loaded = _without_channel(company.office, "quality")
    company.registered()
    assert sorted(company.told("approval")) == ["CREGISTRY", "UCHEN", "UTSAI"]

    company.set("members", "quality", {"members": ["UGUO"]})
    company.tick()
    company.tick()

    assert sorted(company.told("approval")) == ["CREGISTRY", "UCHEN", "UGUO", "UTSAI"]


@pytest.mark.parametrize("members", [["USU"], ["UWANG", "USU", "UFANG"]], ids=["one leaves", "one comes"])
def test_what_those_read_who_leave_a_role_or_come_is_looked_at_again(company: Company, members: list[str]) -> None:
    """Who keeps the register sees the customer's name in what was sent to him, also of a case where he has nothing to do."""
    told = [Notice(id=f"n{to}", kind="reminder", to=to, case_id="case1", live=True) for to in ("UWANG", "USU", "UFANG")]
    company.registered(by="USU")
    company.office.store.record.now(lambda tx: tx.put_out(told, company.now))
    _all_shown(company)

    company.set("members", "gm_office", {"members": members})
    company.tick()

    changed = {"UWANG"} if "UWANG" not in members else {"UFANG"}
    assert _stale_readers(company) >= changed
    assert not _stale_readers(company) & ({"UWANG", "USU", "UFANG"} - changed)


def test_what_a_deputy_reads_is_looked_at_again_when_the_days_begin_and_when_they_are_over(company: Company) -> None:
    """He stands in for the registry while its members are there: nobody else answers, and he reads whole names until then."""
    _tell(company, "UDEPUTY")
    company.set("deputy", "gm_office", {"member": "UDEPUTY"}, WED, FRI)
    company.tick()
    assert "UDEPUTY" not in _stale_readers(company)

    for at, changed in (("2026-11-04 00:01", True), ("2026-11-05 09:00", False), ("2026-11-07 00:01", True)):
        company.tick(at)
        assert ("UDEPUTY" in _stale_readers(company)) == changed, at
        _all_drawn(company)


def test_what_those_read_whose_qualification_ends_is_looked_at_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end is a day like a deputy's last one: from then on he answers for nothing that the regulation asks it for (GA-04)."""
    office = company.office
    qualified = {"certificate": {QUALITY: local("2026-11-04 00:00"), "UTSAI": None}}
    loaded = office.watched.file._loaded
    office.watched.file._loaded = replace(loaded, plan=replace(loaded.plan, qualifications=qualified))
    asking = SimpleNamespace(roles={"quality": SimpleNamespace(needs="certificate")})
    monkeypatch.setattr("bot.people.policies_in_force", lambda _: {"pcb-manufacturer": asking})
    _tell(company, QUALITY)
    company.tick("2026-11-03 09:00")
    _all_drawn(company)

    for at, changed in (("2026-11-03 23:00", False), ("2026-11-04 00:01", True), ("2026-11-05 09:00", False)):
        company.tick(at)
        assert (QUALITY in _stale_readers(company)) == changed, at
        _all_drawn(company)


@pytest.mark.parametrize("reader", ["UOFFICER", "UNEW", "CREGISTRY", "CNEW"])
def test_what_the_desk_officer_and_a_channel_read_is_looked_at_again_when_they_are_no_longer_that(
    company: Company, reader: str
) -> None:
    _tell(company, reader)

    company.office.watched.file._loaded = _with(company.office, "gm_office", officer="UNEW", channel="CNEW")
    company.tick()

    assert reader in _stale_readers(company)


def test_what_was_on_its_way_when_people_changed_is_looked_at_again_later(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.registered()
    company.set("members", "gm_office", {"members": ["USU"]})
    company.tick()
    told = Notice(id="late", kind="reminder", to="UWANG", case_id="case1", live=True)
    company.office.store.record.now(lambda tx: tx.put_out([told], company.now))
    _all_shown(company)  # drawn before the change, posted after it
    company.tick()
    assert _stale(company) == []

    later = datetime.now(UTC) + ON_ITS_WAY + timedelta(seconds=1)
    monkeypatch.setattr(type(company.office.machine), "now", lambda _: later)
    company.tick()
    assert "UWANG" in _stale_readers(company)

    _all_drawn(company)
    company.tick()
    assert _stale(company) == [], "once is enough"


def test_what_was_drawn_for_who_came_and_left_at_once_is_looked_at_again_later(
    company: Company, machine: FrozenClock
) -> None:
    """The same people answer as before; what he got in between may have been posted after he left."""
    company.registered()
    for members in (["UWANG", "USU", "UFANG"], ["UWANG", "USU"]):
        company.set("members", "gm_office", {"members": members})
        company.tick()
    told = Notice(id="late", kind="reminder", to="UFANG", case_id="case1", live=True)
    company.office.store.record.now(lambda tx: tx.put_out([told], company.now))
    _all_shown(company)  # drawn while he was of the role, posted when he had left
    company.chores = [People(company.office)]  # the bot starts anew

    machine.at += ON_ITS_WAY + timedelta(seconds=1)
    company.tick()

    assert "UFANG" in _stale_readers(company)


def test_nothing_is_looked_at_again_while_the_same_people_answer(company: Company) -> None:
    company.registered()
    _all_shown(company)

    company.tick("2026-11-03 10:00")

    assert _stale(company) == []
    found = answering(company.office.watched.plan(), company.now)
    assert company.office.store.heartbeats.last("people")[1] == json.loads(json.dumps(found))


def _without_channel(office: Office, role: str) -> Any:
    return _with(office, role, officer=OFFICER, channel=None)


def _with(office: Office, role: str, *, officer: str, channel: str | None) -> Any:
    """Return the desk file with another officer and another channel of a role."""
    loaded = office.watched.file._loaded
    roles = {**loaded.plan.roles, role: replace(loaded.plan.roles[role], channel=channel)}
    return replace(loaded, plan=replace(loaded.plan, roles=roles, officer=officer))


def _tell(company: Company, reader: str) -> None:
    """Let *reader* have a message about a case, as it looks now."""
    company.registered()
    told = Notice(id="told", kind="reminder", to=reader, case_id="case1", live=True)
    company.office.store.record.now(lambda tx: tx.put_out([told], company.now))
    _all_shown(company)


def _all_shown(company: Company) -> None:
    """Let every message be posted, as the courier would."""
    box = outbox.StoredOutbox(company.office.store.record, company.office.store.engines)
    for number, row in enumerate(box.claim(company.now, company.now, 100)):
        box.posted(row, channel="C", ts=f"{number}.0", digest="d", shown_seq=0, now=company.now)
    _all_drawn(company)


def _all_drawn(company: Company) -> None:
    company.office.store.record.now(
        lambda tx: tx.wire.core.execute(update(posted_cards).values(shown_seq=posted_cards.c.wanted_seq))
    )


def _stale_readers(company: Company) -> set[str]:
    return {card.to for card in company.office.store.outbox.stale_cards(100, datetime.now(UTC))}


def _stale(company: Company) -> list[tuple[str, int | None]]:
    found = company.office.store.outbox.stale_cards(100, datetime.now(UTC))
    return [(card.kind, card.visit) for card in found]
