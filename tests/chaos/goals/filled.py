"""A desk with many cases from the start: what goals need that are about messages and deadlines, not about clicks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.office import Office, open_office
from bot.settings import load_settings
from complaints.commands import OpenCase
from tests.chaos.bots import Bot
from tests.chaos.company import POLICY
from tests.chaos.stage import Stage

REPORTER = "URECEPTION1"


def start_well(stage: Stage) -> Bot:
    """Start a bot that answers."""
    bot = stage.start()
    if not bot.wait_ready():
        raise AssertionError(f"the bot ended with {bot.how}; see {stage.log}")
    return bot


@contextmanager
def office_of(stage: Stage) -> Iterator[Office]:
    """Open the record beside the stage; on SQLite no bot may work meanwhile."""
    office = open_office(load_settings(stage.environment()))
    try:
        yield office
    finally:
        office.close()


def case_id(number: int) -> str:
    return f"F{number:06}"


def open_cases(stage: Stage, numbers: range) -> None:
    """Log a complaint for each of *numbers*, as people would, without Slack; the tables and the policy must be there."""
    with office_of(stage) as office:
        done = [
            office.desk.submit(
                OpenCase(
                    actor=REPORTER, key=f"filled:{n}", case_id=case_id(n), policy=POLICY,
                    fields={"customer": "C-0001", "what_happened": f"Made up, number {n}"},
                )
            )
            for n in numbers
        ]  # fmt: skip
        for future in done:
            future.result(60)


def make_tables(stage: Stage) -> None:
    """Let a bot make the tables and put the policy in force."""
    bot = start_well(stage)
    if bot.end() != 0:
        raise AssertionError(f"the bot did not end in order; see {stage.log}")
