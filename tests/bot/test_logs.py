"""Logs carry ids, never words, names, phone numbers or tokens."""

from __future__ import annotations

import ast
import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
import structlog

from bot.logs import SAFE_TEXTS, set_up_logs
from bot.playground import ROOT
from storage.faults import OTHERWISE, remedy

WORDS = "王小明 0912-345-678 the board burned"


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    root = logging.getLogger()
    before, level, config = list(root.handlers), root.level, structlog.get_config()
    yield
    root.handlers[:], root.level = before, level
    structlog.configure(**config)


def logged(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    text = capsys.readouterr().err
    assert "burned" not in text
    assert "xoxb-" not in text
    found: dict[str, object] = json.loads(text.splitlines()[-1])
    return found


def test_ids_and_figures_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("INFO", as_json=True)

    structlog.get_logger("bot.x").warning("not deliverable", row=7, case="C-1", error="is_archived", instead=None)

    line = logged(capsys)
    assert (line["event"], line["row"], line["case"], line["error"]) == ("not deliverable", 7, "C-1", "is_archived")
    assert line["level"] == "warning"


def test_a_text_under_an_unknown_name_is_withheld(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("INFO", as_json=True)

    structlog.get_logger().info("something", description=WORDS, fields={"what": WORDS}, reason=["a", {"b": WORDS}])

    line = logged(capsys)
    assert (line["description"], line["fields"], line["reason"]) == ("(withheld)", "(withheld)", ["a", "(withheld)"])


def test_an_exception_is_told_by_kind_and_place_only(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("INFO", as_json=True)
    try:
        raise ValueError(WORDS)
    except ValueError as error:
        structlog.get_logger().error("could not send", exc_info=error, row=1)

    line = logged(capsys)
    assert line["fault"] == "ValueError"
    assert "bot/test_logs.py" in str(line["where"])


def test_others_lines_lose_payloads_and_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("DEBUG", as_json=True)
    for name in ("slack_bolt.AsyncApp", "slack_sdk.web"):  # another test's logging set-up may have silenced them
        logging.getLogger(name).disabled = False
        logging.getLogger(name).setLevel(logging.NOTSET)

    logging.getLogger("slack_bolt.AsyncApp").debug("payload %s", {"text": WORDS})
    logging.getLogger("slack_bolt.AsyncApp").warning("Unhandled request (%s)", {"text": WORDS})
    assert "Unhandled request" in str(logged(capsys)["event"])
    logging.getLogger("slack_sdk.web").error("token xoxb-1-2-abc at postgresql://redress:pw@db/x failed")
    assert logged(capsys)["event"] == "token (secret) at postgresql://(secret)@db/x failed"


@pytest.mark.parametrize(
    "said",
    [
        "host=db password=hunter2 user=x",
        "postgresql://db/x?user=me&password=hunter2&sslmode=require",
        "password='hunter2 too'",
    ],
)
def test_a_password_in_any_form_of_a_connection_is_no_text(capsys: pytest.CaptureFixture[str], said: str) -> None:
    set_up_logs("DEBUG", as_json=True)
    logging.getLogger("psycopg").warning("no connection with %s", said)

    assert "hunter2" not in logged(capsys)["event"]


def test_our_own_reminders_log_through_the_same_door(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("INFO", as_json=True)
    try:
        raise RuntimeError(WORDS)
    except RuntimeError as error:
        aside = {"case": "C-1", "deadline": 2, "words": "王小明"}
        logging.getLogger("reminders.tick").error("deadline set aside", exc_info=error, extra=aside)

    line = logged(capsys)
    assert (line["event"], line["fault"]) == ("deadline set aside", "RuntimeError")
    assert (line["case"], line["deadline"], line.get("words")) == ("C-1", 2, None)


def test_an_error_of_the_disk_or_the_database_is_told_by_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    """“OperationalError” alone says neither that the disk is full nor that somebody holds the database."""
    set_up_logs("INFO", as_json=True)
    with closing(sqlite3.connect(":memory:")) as record:
        record.execute("PRAGMA max_page_count = 1")
        try:
            record.execute("CREATE TABLE a (b)")
        except sqlite3.OperationalError as full:
            error = RuntimeError(WORDS)
            error.__cause__ = full

    structlog.get_logger("bot").error("sweep failed", exc_info=error)

    line = logged(capsys)
    assert line["fault"] == "RuntimeError (SQLITE_FULL) from OperationalError"
    assert "the disk is full" in remedy(error)
    assert "takes no writes" in remedy(psycopg.errors.ReadOnlySqlTransaction())  # a standby
    assert remedy(RuntimeError(WORDS)) == OTHERWISE


NUMBERS = {"count", "seconds", "words", "files", "cards"}


def test_no_line_of_ours_gives_its_reader_a_text_that_is_withheld() -> None:
    """A text under a name that is not known to be harmless would be of no use to whoever looks for what went wrong."""
    unknown = [
        (path.name, call.lineno, given.arg)
        for folder in ("bot", "handlers", "storage", "reminders")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "log"
        for given in call.keywords
        if given.arg and given.arg not in SAFE_TEXTS | NUMBERS | {"exc_info", "extra"}
    ]

    assert unknown == []
