"""The real process as its operator sees it: health and figures that are true, a reference that leads to the log, an orderly
end, and a backup of the working desk that works on when it is put back."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.metrics import GAUGES
from bot.playground import Playground, playground
from sandbox.tour.story import PRODUCTION, QUALITY, START, quality_names
from tests.stories.conversation import Story

pytestmark = pytest.mark.slow

END_SECONDS = 20.0
"""What docs/operations.md promises for an orderly end."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """Return the sample company with a bot that was started as its operator does."""
    with playground(folder=Path(tmp_path_factory.mktemp("desk")), start_at=START) as started:
        yield started


def page(story: Story, path: str) -> tuple[int, str]:
    assert story.place is not None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{story.place.bot_port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def health(story: Story) -> dict[str, Any]:
    return dict(json.loads(page(story, "/healthz")[1]))


def metrics(story: Story) -> dict[str, float]:
    lines = [line.rsplit(" ", 1) for line in page(story, "/metrics")[1].splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def until(look: Any, what: str, seconds: float = 60.0) -> Any:
    """Wait for what the bot's own pages say; the sandbox can't tell when they change."""
    ends = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < ends, what
        time.sleep(0.05)
    return found


def test_a_working_desk_is_well_and_its_figures_are_there(story: Story) -> None:
    story.registered()
    story.card(QUALITY)
    until(lambda: page(story, "/healthz")[0] == 200, "healthy after the first tick")

    until(lambda: metrics(story)["redress_courier_posted_total"] >= 2, "the posts counted")
    found = metrics(story)

    assert health(story)["problems"] == []
    assert set(GAUGES) - set(found) <= {"redress_outbox_oldest_pending_age_seconds"}
    assert (found["redress_problems"], found["redress_intake_open"], found["redress_started"]) == (0, 1, 1)
    assert found["redress_tick_age_seconds"] < 30
    assert found['redress_answer_seconds_count{kind="submission",outcome="done"}'] >= 2


def test_a_fault_gives_the_person_the_reference_that_stands_in_the_log(story: Story) -> None:
    """…with the case's id, and never the words of the complaint or a token."""
    assert story.place is not None
    story.registered(description="漏鍍金，客戶很生氣")
    message, action = story.card(QUALITY)
    story.desk.fault("error", method="views.open", status=500, count=1)

    message.click(action)

    words = story.whispered(QUALITY, "告訴客訴管理員").words
    log = story.place.log_file.read_text("utf-8")
    lines = [json.loads(line) for line in log.splitlines()]
    [fault] = [line for line in lines if line["event"] == "listener failed"]
    assert fault["reference"] in words
    assert fault["case"] == story.case
    assert 'outcome="fault"' in page(story, "/metrics")[1]
    for secret in ("漏鍍金", "客戶很生氣", "xoxb-", "xapp-", "Alpha"):
        assert secret not in log


def test_while_slack_takes_nothing_health_says_so_and_the_backlog_is_seen_to_age(story: Story) -> None:
    story.registered()
    story.card(QUALITY)
    story.desk.fault("error", method="chat.*", status=503)
    story.desk.fault("error", method="auth.test", status=503)
    quality_names(story)

    until(lambda: health(story)["slack_refuses"] and health(story)["oldest_pending_age"], "Slack refuses")

    status, body = page(story, "/healthz")
    assert status == 503
    assert "Slack takes no messages" in body
    assert metrics(story)["redress_slack_refuses"] == 1
    assert metrics(story)["redress_outbox_pending"] > 0
    story.desk.clear_faults()
    story.card(PRODUCTION)
    until(lambda: page(story, "/healthz")[0] == 200, "well again")


def test_a_deadline_that_is_due_and_does_not_fire_is_counted_until_it_does(story: Story) -> None:
    """Another program holds the database: the tick can't write, and the independent look says what it leaves undone."""
    assert story.place is not None
    story.at_production()
    story.card(PRODUCTION)
    with closing(sqlite3.connect(story.place.folder / "redress.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        story.to("2026-11-05T10:00:00+08:00")
        until(lambda: metrics(story)["redress_deadlines_overdue"] > 0, "seen as overdue")
        other.execute("ROLLBACK")

    until(lambda: metrics(story)["redress_deadlines_overdue"] == 0, "fired after all")


def test_at_the_end_a_click_in_flight_is_answered_and_a_post_in_flight_is_finished(story: Story) -> None:
    """Exit code 0 within the bound, no lease, no row in doubt; nothing is shown twice by the next bot."""
    assert story.place is not None
    story.registered()
    number = story.recorded()["case"]["number"]
    card = story.card_of(QUALITY, number)
    [bot] = story.place._bots
    story.desk.fault("delay", method="chat.postMessage", channel="CPRODUCTION", seconds=4)
    quality_names(story)
    story.eventually(lambda: in_flight(story), "the courier is about to post")
    story.desk.fault("delay", method="views.open", seconds=1.0)
    opened = len(story.desk.calls("views.open"))
    clicked = threading.Thread(target=card.click, args=("visit.more",))
    clicked.start()
    story.eventually(lambda: len(story.desk.calls("views.open")) > opened, "it opens")

    began = time.monotonic()
    bot.send_signal(signal.SIGTERM)
    code = bot.wait(END_SECONDS)
    seconds = time.monotonic() - began
    clicked.join()

    assert (code, seconds < END_SECONDS) == (0, True)
    assert story.member(QUALITY).view_now() is not None  # the click was answered
    assert left_over(story.place.folder) == (0, 0)
    story.desk.clear_faults()
    story.place._bots.clear()
    story.place.start_bot()
    story.card(PRODUCTION, contains=number)
    assert len([m for m in story.desk.messages("CPRODUCTION") if f"{number}｜請製造部" in m.words]) == 1


def in_flight(story: Story) -> bool:
    assert story.place is not None
    return left_over(story.place.folder)[1] > 0


def left_over(folder: Path) -> tuple[int, int]:
    """Return the leases in the database, and the messages that a courier has in hand."""
    with closing(sqlite3.connect(folder / "redress.sqlite3")) as record:
        [leases] = record.execute("SELECT count(*) FROM leases").fetchone()
        [sending] = record.execute("SELECT count(*) FROM outbox WHERE state = 'sending'").fetchone()
    return leases, sending


def test_a_backup_of_the_working_desk_works_on_when_it_is_put_back(story: Story, tmp_path: Path) -> None:
    """Complaints come in meanwhile; what was unsent then and shown since is found again, not shown twice."""
    assert story.place is not None
    story.registered()
    number = story.recorded()["case"]["number"]
    story.card(QUALITY, contains=number)
    story.desk.fault("delay", method="chat.postMessage", channel="CPRODUCTION", seconds=2)
    quality_names(story)
    story.place.run_command("db", "backup", str(tmp_path / "desk.tar"))
    story.desk.clear_faults()
    shown = story.card(PRODUCTION, contains=number)[0]
    later = story.logged()
    story.place.stop_bot()

    restored = story.redress("db", "restore", "--replace", str(tmp_path / "desk.tar"))
    assert (restored["breaks"], story.redress("case", "verify")["breaks"], story.redress("db", "check")) == (
        [], [], {"differences": []},
    )  # fmt: skip
    story.place.start_bot()

    assert later not in [case["case_id"] for case in story.redress("case", "list")]
    until(lambda: left_over(story.place.folder)[1] == 0, "what was in doubt is settled")
    story.case = story.recorded(number)["case"]["id"]
    story.act("production decides on the card it had", PRODUCTION, "approve", number,
              production_finding="槽液", production_origin="二廠", countermeasure="換槽")  # fmt: skip
    assert story.waits_at() == ["manager_opinion"]
    assert [m.ts for m in story.desk.messages("CPRODUCTION") if f"{number}｜請製造部" in m.words] in ([shown.ts], [])


def test_an_exported_case_proves_itself_without_the_database_and_is_on_record(story: Story, tmp_path: Path) -> None:
    """A changed letter is found out; names come only with a reason; the log says who took the case out."""
    assert story.place is not None
    story.registered(what_happened="漏鍍金，請電洽林小姐 0912-345-678")
    file, page_, book = tmp_path / "case.json", tmp_path / "case.html", tmp_path / "case.xlsx"

    plain = redress(story, "export", story.case).output
    file.write_text(redress(story, "export", story.case, "--personal", "--why", "法院來函").output, "utf-8")
    for path in (page_, book):
        redress(story, "export", story.case, "--format", path.suffix[1:], "--output", str(path))

    assert "0912-345-678" not in plain
    assert "漏鍍金" in plain
    assert "0912-345-678" in file.read_text("utf-8")
    assert "漏鍍金" in page_.read_text("utf-8")
    assert book.read_bytes()[:2] == b"PK"
    assert [(x["form"], x["personal"]) for x in story.events("CaseExported")] == [
        ("json", False), ("json", True), ("html", False), ("xlsx", False),
    ]  # fmt: skip
    assert "CaseOpened" in redress(story, "export", "--all", "--format", "csv").output
    assert 'key="concept:name"' in redress(story, "export", story.case, "--format", "xes").output
    assert redress(story, "export", "--all").exit_code == 2
    assert redress(story, "verify", "--file", str(file)).exit_code == 0
    for letters, changed, what in (
        ("漏鍍金，請電洽", "沒有漏鍍金，請電洽", "words"),
        ("FieldsSet", "FieldsGot", "event 2"),
    ):
        spoilt = tmp_path / f"{what}.json"
        spoilt.write_text(file.read_text("utf-8").replace(letters, changed), "utf-8")
        found = redress(story, "verify", "--file", str(spoilt))
        assert (found.exit_code, what in found.output) == (1, True), found.output


def redress(story: Story, *words: str) -> Result:
    """Run a `redress case` command with the bot's environment."""
    assert story.place is not None
    return CliRunner().invoke(cli, ["case", *words], env=story.place.environment())
