"""What concerns a desk beyond one regulation: numbers that would meet are refused, qualifications that end are told in time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.checkup import look_at_home
from bot.chores import DailyAnchor, PolicyFiles, Qualifications
from bot.cli import cli
from bot.office import Office, open_office
from bot.settings import load_settings
from complaints.memory import FrozenClock
from complaints.numbers import same_numbers
from handlers.render import CardRenderer
from storage.tables import notices
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.group import DESK, STORES

pytestmark = pytest.mark.usefixtures("own_data")

TWO = DESK.replace("policies: [stores]", "policies: [stores, shops]")


def set_up(folder: Path, monkeypatch: pytest.MonkeyPatch, desk: str) -> None:
    (folder / "policies").mkdir()
    (folder / "policies" / "stores.yml").write_text(STORES, "utf-8")
    (folder / "policies" / "shops.yml").write_text(STORES.replace("id: stores", "id: shops"), "utf-8")
    (folder / "desk.yml").write_text(desk, "utf-8")
    monkeypatch.setenv("REDRESS_DESK", str(folder / "desk.yml"))
    monkeypatch.setenv("REDRESS_POLICIES", str(folder / "policies"))


def an_office(now: str) -> Office:
    office = open_office(load_settings())
    office.clock = FrozenClock(local(now))
    return office


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    set_up(tmp_path, monkeypatch, DESK)
    opened = an_office("2026-10-01 09:30")
    PolicyFiles(opened)(opened.clock.now())
    yield opened
    opened.close()


# --- numbers -------------------------------------------------------------------------------------------------


def test_of_two_regulations_with_the_same_numbers_the_second_is_not_put_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(tmp_path, monkeypatch, TWO)
    opened = an_office("2026-11-02 09:30")
    files = PolicyFiles(opened)
    files(opened.clock.now())

    assert files.problems == [
        "shops: cases of stores and of shops would get the same numbers; write `numbers: {shops: X-}` in the desk file"
    ]
    assert [opened.store.shelf.in_force(p) is not None for p in ("stores", "shops")] == [True, False]
    opened.close()


def test_of_a_policy_full_of_mistakes_health_says_the_first_and_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(tmp_path, monkeypatch, DESK)
    file = tmp_path / "policies" / "stores.yml"
    spoilt = "".join(f"  st{n}: {{who: nobody}}\n" for n in range(1_000))
    file.write_text(file.read_text("utf-8").replace("\nstages:\n", f"\nstages:\n{spoilt}"), "utf-8")
    opened = an_office("2026-11-02 09:30")
    files = PolicyFiles(opened)
    files(opened.clock.now())

    [said] = files.problems
    assert len(said.splitlines()) == 6
    assert said.endswith(f"more; `redress policy check {file.stem}`")
    opened.close()


def test_a_value_that_no_regulation_has_is_a_problem_of_health_and_of_the_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(tmp_path, monkeypatch, DESK + "\nvalues: {store: {limit: 5}}\n")
    opened = an_office("2026-11-02 09:30")
    files = PolicyFiles(opened)
    files(opened.clock.now())

    [said] = files.wrong_values
    assert said.startswith("values.store: no regulation of this desk is called so.")
    assert said in [finding.todo for finding in look_at_home(opened)]
    opened.close()


@pytest.mark.parametrize(("numbers", "code"), [("", 1), ("\nnumbers: {shops: S-}", 0)])
def test_the_check_of_all_policies_looks_at_the_desks_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: str, code: int
) -> None:
    set_up(tmp_path, monkeypatch, TWO.replace("\nroles:", f"{numbers}\nroles:", 1))

    done = CliRunner().invoke(cli, ["policy", "check", "--all"])

    assert done.exit_code == code, done.output[-400:]
    assert ("desk: cases of stores and of shops would get the same numbers" in done.output) == (code == 1)


def test_a_longer_serial_does_not_keep_numbers_apart() -> None:
    """The hundredth case of YYMMNN in a month is YYMM100, as it stands in YYMMNNN."""
    pcb = bundle("pcb-manufacturer").policy
    longer = pcb.model_copy(
        update={
            "policy": pcb.policy.model_copy(update={"id": "other"}),
            "papers": pcb.papers.model_copy(
                update={"number": pcb.papers.number.model_copy(update={"pattern": "YYMMNNN"})}
            ),
        }
    )

    assert same_numbers([pcb, longer], {}) == [("pcb-manufacturer", "other")]
    assert same_numbers([pcb, longer], {"other": "B-"}) == []


# --- qualifications --------------------------------------------------------------------------------------------


def told(office: Office) -> list[tuple[str, dict[str, Any]]]:
    with office.store.engines.read.connect() as connection:
        asked = select(notices.c.dest, notices.c.facts).where(notices.c.kind == "qualification")
        return [(row[0], json.loads(row[1])) for row in connection.execute(asked)]


def on(office: Office, day: str) -> set[str]:
    """Let the bot look on *day*, twice as after a restart; return who heard something new."""
    before = len(told(office))
    now: datetime = local(f"{day} 09:30")
    Qualifications(office)(now)
    Qualifications(office)(now)
    return {to for to, _ in told(office)[before:]}


def test_who_it_concerns_is_told_a_month_and_a_week_before_and_when_it_ended(office: Office) -> None:
    """GA-04: the qualification of UTEST1 holds to the end of 3 November; his head and the desk officer hear of it too."""
    everybody = {"UTEST1", "UTESTHEAD", "UOFFICER"}

    assert on(office, "2026-10-02") == set()
    assert on(office, "2026-10-06") == everybody
    assert on(office, "2026-10-07") == set()
    assert on(office, "2026-10-28") == everybody
    assert on(office, "2026-11-03") == set()
    assert on(office, "2026-11-04") == everybody
    assert on(office, "2026-11-05") == set()


def test_what_could_not_be_recorded_at_the_first_look_of_a_day_is_tried_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was locked at midnight: who it concerns hears of it the same day, and the day has its anchor."""
    now = local("2026-10-06 00:00")
    looks = Qualifications(office), DailyAnchor(office)
    PolicyFiles(office)(now)
    with monkeypatch.context() as locked:
        locked.setattr(office.store.record, "now", _locked)
        for look in looks:
            with pytest.raises(OSError, match="locked"):
                look(now)
    made: list[datetime] = []
    monkeypatch.setattr(office.store.anchors, "make", made.append)
    for look in (*looks, *looks):
        look(now)

    assert {to for to, _ in told(office)} == {"UTEST1", "UTESTHEAD", "UOFFICER"}
    assert made == [now]


def _locked(work: object) -> None:
    raise OSError("locked")


@pytest.mark.parametrize(("day", "words"), [("2026-10-06", "ends soon"), ("2026-11-04", "ended")])
def test_the_card_says_what_ends_when_and_what_to_do(office: Office, day: str, words: str) -> None:
    on(office, day)
    facts = told(office)[0][1]
    renderer = CardRenderer(
        reader=office.store.reader,
        shelf=office.store.shelf,
        settings=office.watched,
        clock=office.clock,
        notices=office.store.outbox,
        language_of=lambda member: "en",
    )

    drawn = str(renderer._qualification(facts, "UTEST1"))

    assert all(text in drawn for text in (words, "authorised tester", "<@UTEST1>", "3 Nov", "qualifications"))
