"""The command line: exit codes 0, 1 and 2, JSON on demand, one clear sentence for each error."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.chores import PolicyFiles
from bot.cli import cli, run_cli
from bot.commands.common import opened
from bot.commands.demo import demo
from bot.people import DeskActs
from bot.playground import DidNotStart
from complaints.commands import OpenCase, SetOverride
from sandbox.client import Running, start_sandbox
from storage import engine
from tests.complaints.test_changed_calendars import FORM

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sandbox" / "sample"
Redress = Callable[..., tuple[int, str, str]]


@pytest.fixture
def redress(own_data: None, capsys: pytest.CaptureFixture[str]) -> Redress:
    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run_cli(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_every_command_that_prints_data_takes_json() -> None:
    def leaves(group: Any, path: str) -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from leaves(command, f"{path} {name}")
            else:
                yield f"{path} {name}".strip(), command

    without = {path for path, command in leaves(cli, "") if "as_json" not in {p.name for p in command.params}}

    assert without == {"run", "demo"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nonsense",), 2, "No such command"),
        (("policy", "check", "no-such-policy"), 2, "There is no policy “no-such-policy”. Policies: "),
        (("manifest", "--http", "http://desk.example.com"), 2, "no https address"),
        (("case", "show", "K999"), 1, "There is no case “K999”."),
        (("case", "show", "\udcff"), 2, "no UTF-8; set the terminal to it (LANG=C.UTF-8)."),
        (("case", "list", "--text", "\udcb6\udcc0"), 2, "no UTF-8; set the terminal to it (LANG=C.UTF-8)."),
        (("ledger", "no-such-policy"), 1, "No policy “no-such-policy” is in force here."),
        (("customer", "import", "/no/such/file.csv"), 2, "can't be read"),
        (("run",), 2, "SLACK_BOT_TOKEN is not set"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(
    redress: Redress, words: tuple[str, ...], code: int, said: str
) -> None:
    found = redress(*words)

    assert found[0] == code
    assert said in found[2]
    assert "Traceback" not in found[2]


EVIL = "Late\x1b[2J\x1b]0;root\x07 again\r$ \x9b31m \u202egnp.exe\nw9: all is well"


def test_words_of_people_command_no_terminal(redress: Redress) -> None:
    """ESC clears the screen, or has the terminal type something; a new line of theirs does not look like one of ours."""
    with opened() as office:
        PolicyFiles(office)(office.clock.now())
        fields = {**FORM, "market": "domestic", "what_happened": EVIL}
        command = OpenCase(actor="ULIN", key="open", case_id="case1", policy="pcb-manufacturer", fields=fields)
        office.desk.submit(command).result()

    _, said, _ = redress("case", "show", "case1", "--words")
    _, as_json, _ = redress("case", "show", "case1", "--words", "--json")

    assert not set(said + as_json) & set("\x1b\x07\r\x9b\u202e")
    assert "\n    w9: all is well" in said
    assert EVIL in json.loads(as_json)["words"].values()


def test_a_bad_setting_is_wrong_use(redress: Redress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_HTTP_PORT", "many")

    code, _, said = redress("case", "list")

    assert code == 2
    assert re.match(r"Error: REDRESS_HTTP_PORT: .*\.$", said.strip())


def test_a_database_of_an_unknown_kind_is_refused(redress: Redress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_DATABASE_URL", "mysql://root:secret@db/x")

    code, _, said = redress("case", "list")

    assert code == 1
    assert said.startswith("Error: ")
    assert "secret" not in said


def test_a_database_that_another_program_holds_is_said_in_a_sentence(
    redress: Redress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes past SQLAlchemy too: it was a traceback."""
    monkeypatch.setitem(engine._WRITER_PRAGMAS, "busy_timeout", 50)
    redress("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "data" / "redress.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        found = redress("customer", "import", str(SAMPLE / "customers.csv"))

    said = "Error: The database does not answer (OperationalError (SQLITE_BUSY)); another program holds the database; end it"
    assert found[0] == 1
    assert found[2].startswith(said)


def test_a_file_that_is_no_database_is_said_so(redress: Redress, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "redress.sqlite3").write_bytes(b"no database" * 1000)

    assert "that file is no database; look at REDRESS_DATABASE_URL" in redress("db", "upgrade")[2]


def test_a_broken_desk_file_is_refused_with_its_problems(
    redress: Redress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "desk.yml").write_text("name: x\nlanguage: klingon\n", "utf-8")
    monkeypatch.setenv("REDRESS_DESK", str(tmp_path / "desk.yml"))

    code, _, said = redress("desk", "show")

    assert code == 1
    assert "language" in said


def test_the_manifest_is_printed_for_either_transport(redress: Redress) -> None:
    assert redress("manifest")[1] == (ROOT / "manifest.yml").read_text("utf-8")
    made = json.loads(redress("manifest", "--http", "https://desk.example.com", "--json")[1])
    assert made["settings"]["interactivity"]["request_url"] == "https://desk.example.com/slack/events"


def test_the_database_is_made_checked_and_rebuilt(redress: Redress) -> None:
    code, out, _ = redress("db", "upgrade", "--json")
    assert (code, json.loads(out)["before"]) == (0, None)

    assert redress("db", "check")[:2] == (0, "The tables say what the logs add up to.\n")
    assert json.loads(redress("db", "rebuild", "--json")[1]) == {"cases": 0}


def test_customers_come_in_all_or_nothing(redress: Redress, tmp_path: Path) -> None:
    code, out, _ = redress("customer", "import", str(SAMPLE / "customers.csv"), "--json")
    assert code == 0
    assert json.loads(out)["imported"] > 0

    (tmp_path / "bad.csv").write_text("code,name_en\nC1,Acme\n,Nobody\n", "utf-8")
    code, _, said = redress("customer", "import", str(tmp_path / "bad.csv"))
    assert code == 1
    assert "line 3" in said
    assert "Nothing was imported" in said


def test_policies_are_listed_checked_and_shown(redress: Redress) -> None:
    listed = json.loads(redress("policy", "list", "--json")[1])
    assert "pcb-manufacturer" in {p["policy"] for p in listed}

    code, out, _ = redress("policy", "check", "pcb-manufacturer")
    assert code == 0
    assert out.startswith("pcb-manufacturer: ok")
    assert redress("policy", "show", "pcb-manufacturer")[0] == 0


def test_a_policy_file_with_an_error_fails_the_check(redress: Redress, tmp_path: Path) -> None:
    text = (ROOT / "policies" / "pcb-manufacturer.yml").read_text("utf-8")
    file = tmp_path / "pcb-manufacturer.yml"
    file.write_text(text.replace("stages:", "stagez:", 1), "utf-8")

    code, out, _ = redress("policy", "check", str(file))

    assert code == 1
    assert "stagez" in out


def test_open_paper_cases_come_in_once(redress: Redress, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(
        "old_number,stage,received_at,clock_started_at,reporter,part_no\n"
        "P-2026-001,quality_analysis,2026-10-30,2026-11-02T09:00,ULIN,A-100\n"
        "P-2026-002,no_such_stage,2026-10-30,,ULIN,A-200\n",
        "utf-8",
    )

    code, out, _ = redress("case", "import", str(file), "--json")
    first, second = json.loads(out)
    again = json.loads(redress("case", "import", str(file), "--json")[1])
    shown = json.loads(redress("case", "show", "P-2026-001", "--json")[1])

    assert code == 1
    assert (first["result"], again[0]["result"]) == ("imported", "known already")
    assert second["result"].startswith("stage: Choose one of the list. (value: no_such_stage")
    assert shown["case"]["fields"]["part_no"] == "A-100"
    assert [e["event"] for e in shown["log"]][:2] == ["CaseOpened", "CaseImported"]
    assert "P-2026-001" in redress("case", "list", "--status", "open")[1]
    assert redress("case", "verify")[0] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("number,stage\n1,x\n", "there is no column old_number"),
        ("old_number,stage,received_at,reporter\nP1,x,yesterday,ULIN\n", "line 2: a date can't be read"),
        ("old_number,stage,received_at,reporter\nP1,,2026-11-01,ULIN\n", "line 2: stage is empty"),
        ("old_number,stage,received_at,reporter,policy\nP1,x,2026-11-01,ULIN,no-such\n", "none of this desk's"),
        ("old_number,stage,received_at,reporter\nP1,x,2026-11-01,<!channel>\n", "line 2: the reporter is no member id"),
        ("old_number,stage,received_at,reporter,part_no\nP1,x,2026-11-01,U1,a,b\n", "line 2: 6 values for 5 columns"),
        ("old_number,stage,stage,received_at,reporter\nP1,x,y,2026-11-01,U1\n", "the column stage stands there twice"),
        (
            'old_number,stage,received_at,reporter\nP1,x,2026-11-01,"U1\nP2,x,2026-11-01,U1\n',
            "check the quotation marks",
        ),
        (f"old_number,stage,received_at,reporter\n{'9' * 200_000},x,2026-11-01,U1\n", "this is not CSV"),
        ("old_number,stage,received_at,reporter,part_no\nP1,x,2026-11-01,U1,a\0b\n", "part_no has a character that no"),
        ("old_number,stage,received_at,reporter\nP\u202e1,x,2026-11-01,U1\n", "old_number has hidden characters"),
        ("old_number,stage,received_at,reporter\nP1,x,9999-12-31T23:59-23:59,U1\n", "line 2: a date can't be read"),
        ("old_number,stage,received_at,reporter\n" + "P1,x,never,U1\n" * 23, "3 more lines are wrong"),
        ("old_number,stage,received_at,reporter\nP1,x,2026-11-01,U1\nP1,x,2026-11-01,U1\n", "line 2 already"),
    ],
)
def test_a_wrong_line_imports_nothing(redress: Redress, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "cases.csv").write_text(text, "utf-8")

    code, _, error = redress("case", "import", str(tmp_path / "cases.csv"))

    assert code == 1
    assert said in error
    assert redress("case", "list") == (0, "No case yet.\n", "")
    assert redress("case", "list", "--status", "open") == (0, "No case matches.\n", "")


def test_desk_show_names_the_origin_of_each_value(redress: Redress) -> None:
    values = {v["name"]: v for v in json.loads(redress("desk", "show", "--effective", "--json")[1])}

    assert values["REDRESS_DATA"]["origin"] == "environment"
    assert values["REDRESS_DESK"]["origin"] == "default"
    assert values["timezone"]["origin"].endswith("desk.yml")
    assert values["roles.quality.channel"]["value"] == "CQUALITY"
    assert values["values.pcb-manufacturer.sales_manager_max"]["value"] == "10000"
    assert values["values.pcb-manufacturer.sales_manager_max"]["origin"] == "policy pcb-manufacturer 2026-1"


def test_desk_show_names_who_set_what_over_the_file_and_what_holds_later(redress: Redress) -> None:
    with opened() as office:
        PolicyFiles(office)(office.clock.now())
        for number, (kind, about, value, start) in enumerate(SET_IN_SLACK):
            until = date(2099, 3, 31) if kind in ("absence", "closure") else None
            DeskActs(office)(
                SetOverride(
                    actor="UOFFICER",
                    key=f"k{number}",
                    kind=kind,
                    about=about,
                    value=value,
                    from_on=start,
                    until_on=until,
                )
            )
    values = {v["name"]: v for v in json.loads(redress("desk", "show", "--effective", "--json")[1])}

    def origin(name: str) -> str:
        return re.sub(r" \d{4}-.*", "", values[name]["origin"])

    assert values["roles.quality.head"]["value"] == "UTSAI"
    assert values["values.pcb-manufacturer.deputy_gm_max"]["value"] == "80000"
    assert values["values.pcb-manufacturer.company_excess"]["value"] == "5 %"
    assert "deputy UGUO" in values["absence of UCHEN"]["value"]
    assert values["later: members production"]["value"] == "from 2099-03-01, members UWU"
    for name in ("roles.quality.head", "values.pcb-manufacturer.deputy_gm_max", "absence of UCHEN",
                 "calendars.main.closures", "later: members production"):  # fmt: skip
        assert origin(name) == "set in Slack by UOFFICER", name
    assert values["roles.production"]["origin"].endswith("desk.yml")


MARCH = date(2099, 3, 1)
SET_IN_SLACK: tuple[tuple[str, str, dict[str, Any], date | None], ...] = (
    ("head", "quality", {"head": "UTSAI"}, None),
    ("value", "pcb-manufacturer", {"name": "deputy_gm_max", "value": "80000"}, None),
    ("absence", "UCHEN", {"deputy": "UGUO"}, MARCH),
    ("closure", "main", {}, MARCH),
    ("members", "production", {"members": ["UWU"]}, MARCH),
)


# --- doctor --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    options = ["--bot-token", "xoxb-sandbox", "--app-token", "xapp-sandbox"]
    with start_sandbox(SAMPLE / "workspace.yml", *options) as running:
        yield running


@pytest.fixture
def in_slack(sandbox: Running, monkeypatch: pytest.MonkeyPatch, redress: Redress) -> Redress:
    monkeypatch.setenv("SLACK_API_URL", sandbox.api_url)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-sandbox")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-sandbox")
    return redress


def test_the_doctor_finds_the_sample_company_well(in_slack: Redress) -> None:
    code, out, _ = in_slack("doctor")

    assert code == 0, out
    assert "settings and desk file (the sample company's: REDRESS_DESK names no other): ok" in out
    assert "scopes: ok" in out
    assert "channel CSALES (sales): ok" in out


def test_the_doctor_says_what_to_do(in_slack: Redress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (SAMPLE / "desk.yml").read_text("utf-8")
    text = text.replace("channel: CACCOUNTS", "channel: CGENERAL").replace("members: [UPENG]", "members: [UNOBODY]")
    text = text.replace("members: [UJIAN]", "members: [UGUEST]").replace("members: [UPQA]", "members: [ULIN]")
    (tmp_path / "desk.yml").write_text(text.replace("T0SAMPLE", "T0OTHER"), "utf-8")
    monkeypatch.setenv("REDRESS_DESK", str(tmp_path / "desk.yml"))

    code, out, _ = in_slack("doctor", "--json")

    assert f"({tmp_path / 'desk.yml'})" in json.loads(out)[0]["about"]
    todo = {f["about"]: f["todo"] for f in json.loads(out) if not f["ok"]}
    assert code == 1
    assert "T0SAMPLE" in todo["workspace"]
    assert "invite" in todo["channel CGENERAL (accounting)"]
    assert "does not know" in todo["member UNOBODY (fg_warehouse)"]
    assert "guest" in todo["member UGUEST (personnel)"]
    assert any("channel of prod_qa" in t for t in todo.values())


def test_a_refused_token_is_said_once(in_slack: Redress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")

    code, out, _ = in_slack("doctor")

    assert code == 1
    assert "bot token: Slack refuses it (invalid_auth)" in out


def test_a_taken_port_is_said_and_the_usual_one_gives_way_to_a_free_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 9: a second desk on the same machine is no reason for a traceback."""
    asked: list[int] = []

    @contextlib.contextmanager
    def started(**given: Any) -> Iterator[Any]:
        asked.append(given["port"])
        raise DidNotStart("enough seen")
        yield

    monkeypatch.setattr("bot.commands.demo.playground", started)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setattr("bot.commands.demo.PORT", taken)

        named = CliRunner().invoke(demo, ["--port", str(taken)])
        unnamed = CliRunner().invoke(demo, [])

    assert f"Port {taken} is in use" in named.output
    assert "enough seen" in unnamed.output
    assert asked == [0]
