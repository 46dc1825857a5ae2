"""A case as a file: its whole log in the reader's language, names and contacts masked unless they are asked for."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.policy import LANGUAGES
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, UnknownCase
from handlers.cards.refs import Ref
from handlers.documents.case_file import CaseFile, Proof, case_file
from handlers.documents.event_log import XES, Logged, logs_csv, logs_xes
from handlers.documents.workbook import _names, workbook
from handlers.report_texts import Sheet, page
from handlers.scenes import Scene
from tests.complaints.test_holds import SALES, desk_with, passed
from tests.complaints.test_restricted import restricted_desk
from tests.handlers.talk import Talk
from tests.support.pcb import PcbDesk, a_case

AT = datetime(2026, 11, 2, 3, tzinfo=UTC)
WORDS = "North Instruments found black pads, call Ms Lin 0912-345-678 or lin@north.example"


def file_of(member: str = "USALES1", language: str = "en", *, masked: bool = True) -> CaseFile:
    talk = Talk(a_case("quality_analysis", what_happened=WORDS))
    case = talk.desk.case()
    world = talk.conversation.world(talk.desk.bundle(""), AT)
    scene = Scene(
        case=case, policy=world.policy(case), world=world, member=member, language=language, ref=Ref(case=case.id),
        words=talk.reader.words(case.id), masked=masked,
    )  # fmt: skip
    log = talk.reader.log(case.id)
    return case_file(scene, log, Proof(events=len(log), head="f" * 64), AT)


def text_of(file: CaseFile) -> str:
    return "\n".join(cell for sheet in file.sheets for row in sheet.rows for cell in row)


def test_names_and_contacts_are_masked_even_for_who_may_see_them() -> None:
    found = text_of(file_of())

    assert "black pads" in found
    for secret in ("North Instruments", "0912", "lin@north"):
        assert secret not in found


def test_who_may_see_names_gets_them_when_they_are_asked_for() -> None:
    assert WORDS in text_of(file_of(masked=False))
    assert "North Instruments" not in text_of(file_of("UQUAL1", masked=False))


def logged(case_id: str, desk: PcbDesk) -> Logged:
    talk = Talk(desk)
    case = talk.desk.case(case_id)
    world = talk.conversation.world(talk.desk.bundle(""), AT)
    scene = Scene(
        case=case, policy=world.policy(case), world=world, member="USALES1", language="en", ref=Ref(case=case.id),
        words=talk.reader.words(case.id), masked=True,
    )  # fmt: skip
    return Logged(scene=scene, log=talk.reader.log(case_id))


def test_a_table_has_a_row_for_each_event_of_each_case() -> None:
    desk = a_case("quality_analysis", what_happened=WORDS)
    desk.complain("case2")
    both = [logged("case1", desk), logged("case2", desk)]

    head, *rows = csv.reader(io.StringIO(logs_csv(both), newline=""))

    assert head == ["case", "no.", "when", "who", "what", "event"]
    assert len(rows) == sum(len(one.log) for one in both)
    assert {row[0] for row in rows} == {one.scene.case.name for one in both}
    assert "North Instruments" not in str(rows)


def test_the_log_for_process_mining_has_a_trace_for_each_case_and_an_event_for_each_of_its_log() -> None:
    """IEEE 1849: `concept:name`, `time:timestamp`, `org:resource`, `lifecycle:transition`; a stage has a start and an end."""
    desk = a_case("quality_analysis", what_happened=WORDS)
    one = logged("case1", desk)

    raw = logs_xes([one])
    [trace] = ElementTree.fromstring(raw).iter(f"{{{XES}}}trace")
    found = [{a.get("key"): a.get("value") for a in event} for event in trace.iter(f"{{{XES}}}event")]

    assert [int(x["seq"]) for x in found] == [recorded.seq for recorded in one.log]
    assert found[0]["concept:name"] == "CaseOpened"
    assert datetime.fromisoformat(found[0]["time:timestamp"]) == one.log[0].at.replace(microsecond=0)
    turns = [
        (x["concept:name"], x["lifecycle:transition"])
        for x in found
        if x.get("stage") == "register" and "Visit" in x["event"]
    ]
    name = one.scene.policy.label("register", "en")
    assert turns == [(name, "start"), (name, "complete")]
    assert "black pads" not in raw.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_stands_in_it_in_each_language(language: str) -> None:
    file = file_of(language=language)
    log, proof = file.sheets[3], file.sheets[4]

    assert [row[0] for row in log.rows] == [str(n) for n in range(1, len(log.rows) + 1)]
    assert {"CaseOpened", "CaseNumbered", "VisitOpened", "DeadlineSet"} <= {row[4] for row in log.rows}
    assert "f" * 64 in {cell for row in proof.rows for cell in row}
    assert not any("<@" in cell or "<!date" in cell or "&amp;" in cell for row in log.rows for cell in row)


def test_the_page_and_the_workbook_hold_hostile_words_as_words() -> None:
    file = file_of()
    hostile = Sheet(
        title="a/b:c?" * 9, head=("=1+1",), rows=(("<script>alert(1)</script>",), ("\x00=cmd|' /C calc'!A0",))
    )

    html = page(file.title, (*file.sheets, hostile), file.footer, "en")
    book = zipfile.ZipFile(io.BytesIO(workbook([*file.sheets, hostile, hostile])))

    assert "<script>" not in html
    parts = {name: book.read(name) for name in book.namelist()}
    for raw in parts.values():
        ElementTree.fromstring(raw)
    sheet = parts["xl/worksheets/sheet6.xml"].decode()
    assert "<f>" not in sheet
    assert sheet.count('t="inlineStr"') == 3
    names = [s.get("name") or "" for s in ElementTree.fromstring(parts["xl/workbook.xml"])[0]]
    assert len(set(names)) == len(names) == 7
    assert all(0 < len(name) <= 31 and not set(name) & set(r"[]:*?/\\") for name in names)


# --- who may ----------------------------------------------------------------------------------------------------------


def test_the_log_says_who_took_the_case_out_and_whether_with_names() -> None:
    desk = a_case("quality_analysis")
    desk.act(cmd.ExportCase, "UQUAL1", form="html")
    desk.act(cmd.ExportCase, "USALES1", form="json", personal=True, why="the court asks")

    assert [(x.form, x.personal) for x in desk.happened(e.CaseExported)] == [("html", False), ("json", True)]


def test_a_stranger_takes_nothing_out_and_who_sees_names_masked_no_names() -> None:
    desk = a_case("quality_analysis")

    with pytest.raises(NotAuthorized):
        desk.act(cmd.ExportCase, "USOMEBODY", form="html")
    with pytest.raises(NotAuthorized, match="no_need_of_names"):
        desk.act(cmd.ExportCase, "UQUAL1", form="html", personal=True, why="I want to")
    with pytest.raises(FieldErrors):
        desk.act(cmd.ExportCase, "USALES1", form="html", personal=True, why=" ")
    assert not desk.happened(e.CaseExported)


def test_a_case_whose_export_a_rule_locks_stays_in_the_house() -> None:
    desk = desk_with({"upon": "intake done", "lock": ["export"], "until": "inspect done"})
    passed(desk)

    with pytest.raises(NotAllowedHere) as refused:
        desk.act(cmd.ExportCase, SALES, form="json")

    assert (refused.value.reason, refused.value.source, refused.value.facts["act"]) == ("locked", "7", "export")


def test_a_restricted_case_is_not_there_for_who_may_not_know_of_it() -> None:
    desk = restricted_desk()

    with pytest.raises(UnknownCase):
        desk.act(cmd.ExportCase, "UOFFICER", form="json")
    desk.act(cmd.ExportCase, "UNORTH", form="json")


def test_sheets_of_the_same_long_title_get_names_of_their_own() -> None:
    names = _names(["Reports of the month, by department"] * 12)

    assert len({n.lower() for n in names}) == 12
    assert all(len(n) <= 31 for n in names)
