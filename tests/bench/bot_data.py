"""The data folder of a bot under load: the sample company, and cases that wait for a click."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from bot.chores import PolicyFiles
from bot.office import SAMPLE_DESK, Office, open_office
from bot.settings import load_settings
from complaints import commands as cmd
from complaints.case import Case
from complaints.people import DeskPlan
from complaints.workdays import WorkCalendar
from complaints.world import Bundle
from handlers.cards.refs import Ref
from storage.tables import posted_cards
from tests.bench.cloning import WHOLE, clone
from tests.bench.made_up import FORM, POLICY, waiting_visit
from tests.bench.servers import bot_environment
from tests.bench.walking import walk, who_decides

REPORTER, REGISTRAR = "ULIN", "UWANG"
REGISTER, APPROVAL = "register", "approval_1"
"""Stages that are decided with one click: the registry's, which numbers the case and starts its clock, and a superior's."""
CONFIRM = "visit.confirm"
WITH_CARDS = (*WHOLE, posted_cards)
Press = tuple[str, str]
"""Who presses, and the button's value."""


@dataclass
class BotData:
    """A desk on the bot's own database while the bot is not running. *clock*: the bot's procedure time."""

    folder: Path
    clock: Path
    office: Office

    def set_clock(self, at: datetime) -> None:
        self.clock.write_text(at.astimezone(UTC).isoformat())

    def do(self, command: cmd.CaseCommand) -> Case:
        case = self.office.desk.submit(command).result().case
        assert case is not None
        return case

    def template(self, case_id: str, at: datetime, stage: str = APPROVAL) -> Case:
        """Log a case at *at*, let it come to *stage*, and let its messages be shown somewhere."""
        self.set_clock(at)
        opening = cmd.OpenCase(actor=REPORTER, key=case_id, case_id=case_id, policy=POLICY, fields=dict(FORM))
        case = walk(self.do(opening), stage, self.do, *self._around(opening.policy), at)
        self._show_messages()
        return case

    def _around(self, policy: str) -> tuple[Bundle, DeskPlan, WorkCalendar]:
        plan, shelf = self.office.watched.plan(), self.office.store.shelf
        digest = shelf.in_force(policy)
        assert digest is not None
        return shelf.bundle(digest), plan, self.office.watched.calendars()[plan.default_calendar]

    def _show_messages(self) -> None:
        """Deliver what waits, as far as the record knows."""
        outbox, now = self.office.store.outbox, datetime.now(UTC)
        while rows := outbox.claim(now, now, 100):
            for row in rows:
                channel = row.to if row.to.startswith(("C", "D")) else f"D{row.to}"
                outbox.posted(row, channel=channel, ts=f"1.{row.id:06d}", digest="", shown_seq=0, now=now)

    def clones(self, case: Case, prefix: str, count: int, *, tables: Sequence[Table] = WITH_CARDS) -> list[Press]:
        """Copy a template with its posted cards; return a press of the green button for each of the copies."""
        ids = self.sql(lambda core: clone(core, case.id, prefix, count, tables))
        member = who_decides(case, *self._around(case.policy), self.office.clock.now())
        visit, facts = waiting_visit(case), case.facts_version
        return [(member, Ref(case=i, visit=visit, facts=facts).text()) for i in ids]

    def sql(self, work: Callable[[Any], Any]) -> Any:
        with self.office.store.engines.write.connect() as core, core.begin():
            return work(core)


@contextmanager
def bot_data(folder: Path, began: datetime) -> Iterator[BotData]:
    """Make a data folder with the sample company's policy in force; the desk on it is closed at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = folder / "clock"
    clock.write_text(began.astimezone(UTC).isoformat())
    environment = bot_environment(folder, 1, "http://127.0.0.1:1/api/", clock)
    office = open_office(load_settings(environment))
    try:
        PolicyFiles(office)(began)
        office.store.register.import_csv(SAMPLE_DESK.with_name("customers.csv").read_bytes(), began)
        yield BotData(folder, clock, office)
    finally:
        office.close()
