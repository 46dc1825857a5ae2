"""`redress case export --format 8d`: a page of one case, on record; what can not be written is said in a sentence."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import case_export
from complaints.events import Recorded
from storage import codec, words
from storage.chain import GENESIS, Link, line, link
from storage.types import to_text
from tests.bot.test_cli import Redress, redress
from tests.bot.test_report_command import with_cases
from tests.complaints.test_restricted import TEXT
from tests.handlers.memory import MemoryReader
from tests.support.company import CUSTOMERS
from tests.support.desks import TestDesk
from tests.support.group import stores_desk
from tests.support.pcb import a_case

__all__ = ["redress", "with_cases"]


def test_a_case_is_printed_as_an_8d_report_and_only_one_at_a_time(with_cases: Redress, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    code, page, _ = with_cases("case", "export", "P-2026-001", "--format", "8d", "--language", "en")
    with_cases("case", "export", "P-2026-001", "--format", "8d", "--language", "zh-Hant", "--output", str(file))

    assert code == 0
    assert "8D report P-2026-001" in page
    assert "Nothing recorded" in page
    assert "8D 報告 P-2026-001" in file.read_text("utf-8")
    log = json.loads(with_cases("case", "show", "P-2026-001", "--json")[1])["log"]
    assert [x["facts"]["form"] for x in log if x["event"] == "CaseExported"] == ["8d", "8d"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("P-2026-001", "P-2026-002", "--format", "8d"), 2, "A file of this format holds one case"),
        (("--all", "--format", "8d"), 2, "A file of this format holds one case"),
        (("K999", "--format", "8d"), 1, "There is no case “K999”."),
        (("P-2026-001", "--format", "8D-PDF"), 2, "'8D-PDF' is not one of"),
        (("P-2026-001", "--format", "8d", "--personal"), 2, "Say why names and contacts are needed"),
        (("P-2026-001", "--format", "8d", "--as", "USOMEBODY"), 1, ""),
    ],
)
def test_an_8d_report_that_can_not_be_written_is_refused_in_a_sentence(
    with_cases: Redress, words: tuple[str, ...], code: int, said: str
) -> None:
    found, out, wrong = with_cases("case", "export", *words)

    assert (found, out) == (code, "")
    assert said in wrong
    assert wrong.strip()
    assert "Traceback" not in wrong


def recorded_links(log: list[Recorded], case_id: str) -> list[Link]:
    """Return a log as the record keeps it."""
    found, before = list[Link](), GENESIS
    for each in log:
        kind, body, at = type(each.event).__name__, codec.event_to_json(each.event), to_text(each.at)
        before = link(before, line(case_id, each.seq, at, each.actor, kind, body, "{}"))
        found.append(Link(seq=each.seq, at=at, actor=each.actor, kind=kind, body=body, digests="{}", hash=before))
    return found


def taken_out(desk: TestDesk, monkeypatch: pytest.MonkeyPatch, **wanted: Any) -> bytes:
    monkeypatch.setattr(
        case_export, "_links", lambda office, case_id: recorded_links(desk.record.logs[case_id], case_id)
    )
    monkeypatch.setattr(case_export, "read_wire", lambda engines: nullcontext())
    monkeypatch.setattr(words, "salted_of", lambda wire, case_id: {})
    office: Any = SimpleNamespace(
        clock=desk.clock, machine=desk.clock, desk=desk.desk, customers=CUSTOMERS.get,
        store=SimpleNamespace(reader=MemoryReader(desk), shelf=desk, engines=None),
        watched=SimpleNamespace(plan=desk.settings.plan, calendars=desk.settings.calendars),
    )  # fmt: skip
    return case_export.export(office, case_export.Wanted(form="json", language="en", **wanted))


@pytest.mark.parametrize(("member", "withheld"), [("UCLERK1", 1), ("UNORTH", 0)])
def test_the_log_as_it_is_recorded_names_no_case_that_its_reader_may_not_know_of_and_proves_itself_all_the_same(
    monkeypatch: pytest.MonkeyPatch, member: str, withheld: int
) -> None:
    """A restricted complaint of the same matter: of the event that names it the hash alone is in the file."""
    desk = stores_desk(text=TEXT + "repeat: {same: [store], within: 3 months, reopens: handle, source: D9}\n")
    desk.log("UCLERK2", "FIRST234", what="rude", store="store1", inside=True)
    desk.log("UCLERK2", "LATER234", what="leak", store="store1", inside=False)
    monkeypatch.setattr(
        case_export, "_links", lambda office, case_id: recorded_links(desk.record.logs[case_id], case_id)
    )
    office: Any = SimpleNamespace(
        clock=desk.clock, machine=desk.clock, desk=desk.desk, customers=lambda code: None,
        store=SimpleNamespace(reader=MemoryReader(desk), shelf=desk),
        watched=SimpleNamespace(plan=desk.settings.plan, calendars=desk.settings.calendars),
    )  # fmt: skip
    wanted = case_export.Wanted(case_id="LATER234", member=member, form="json", language="en")

    raw = case_export.export(office, wanted)
    checked = case_export.check_file(raw)
    forged = case_export.check_file(raw.replace(b'"actor": "UCLERK2"', b'"actor": "UOTHER"', 1))

    assert (b"FIRST234" in raw) == (not withheld)
    assert (checked.withheld, checked.broken, checked.head) == (withheld, None, json.loads(raw)["proof"]["head"])
    assert forged.broken == "event 1"


@pytest.mark.parametrize(("why", "withheld"), [("", 1), ("the court asks", 0)])
def test_an_event_with_a_telephone_number_in_a_short_field_is_in_no_file_in_which_these_are_masked(
    monkeypatch: pytest.MonkeyPatch, why: str, withheld: int
) -> None:
    desk = stores_desk()
    desk.log("UCLERK2", "CASE2345", what="leak", store="store1")
    desk.decide("UONE", "handle", "done", "CASE2345", finding="she is reached at 0912-345-678")

    raw = taken_out(desk, monkeypatch, case_id="CASE2345", member="UCLERK1", personal=bool(why), why=why)
    checked = case_export.check_file(raw)

    assert (b"0912-345-678" in raw) == bool(why)
    assert b"she is reached at" in raw
    assert (checked.withheld, checked.broken) == (withheld, None)


def test_of_a_case_in_which_nothing_is_masked_the_whole_log_is_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = a_case("closed")

    assert case_export.check_file(taken_out(desk, monkeypatch, case_id="case1", member="UGMO1")).withheld == 0
