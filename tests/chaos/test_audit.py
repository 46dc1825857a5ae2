"""The audit itself: it finds nothing in a record that is right, and finds each thing that is wrong with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.audit import Audit
from tests.chaos.calls import POSTS
from tests.chaos.company import STAND_IN, Deputised, answer_for
from tests.chaos.history import DONE, Act, History, content_of

COLUMNS = {
    "events": "log_id seq at actor kind body digests hash",
    "words": "id text",
    "acts": "key log_id seq",
    "policy_versions": "bundle policy texts",
    "posted_cards": "case_id visit kind message channel ts live shown_seq wanted_seq error",
    "case_files": "name state sha256",
    "outbox": "id key state channel ts kind dest error thread",
    "notices": "id case_id visit kind dest message covered_at deadline facts",
    "cases": "id head_hash number",
    "logs": "log_id head_hash",
}
FILE = "file-1.txt"
REGULATION = '{"stages": {"handle": {"limit": {"is": "2 hours"}}}}'
LIMITED = {"error": "ratelimited", "retry_after": 30}


class Found:
    """A record of one case that is right: its second stage waits, its department was reminded, its form brought a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[tuple[str, str, str, dict[str, Any]]] = [
            ("C1", "10:00", "URECEPTION1", {"kind": "CaseOpened", "bundle": "b", "reporter": "URECEPTION1"}),
            ("C1", "10:00", "URECEPTION1", {"kind": "CaseNumbered", "series": "s", "number": "1"}),
            ("C1", "10:00", "URECEPTION1", opened(1, "reception")),
            ("C1", "10:00", "URECEPTION1", answered(1)),
            ("C1", "10:00", "URECEPTION1", {"kind": "VisitDone", "visit": 1}),
            ("C1", "10:00", "URECEPTION1", opened(2, "department")),
            ("C1", "10:00", "URECEPTION1", LIMIT),
            ("C1", "11:00", "clock", {"kind": "StepFired", "deadline": 1, "step": "0.1", "as_": "reminder", "told": ["UDEPARTMENT1"]}),
            ("desk", "09:00", "clock", {"kind": "PolicyPutInForce", "bundle": "b"}),
            ("desk", "09:00", "clock", {"kind": "CalendarChanged", "version": "v1", "spec": {"timezone": "Asia/Shanghai"}}),
        ]  # fmt: skip
        self.notices: list[dict[str, Any]] = [
            {"id": "C1-7-0", "kind": "approval", "dest": "CDEPARTMENT", "message": 1, "facts": "{}"},
            {"id": "C1-8-0", "kind": "reminder", "dest": "UDEPARTMENT1", "message": 2, "deadline": 1, "facts": '{"step":"0.1"}'},
        ]  # fmt: skip
        for number, (kind, to) in enumerate((("home", "CRECEPTION"), ("reporter", "URECEPTION1")), start=1):
            self.notices.append(
                {"id": f"C1-7-{number}", "kind": kind, "dest": to, "message": 7 + number, "facts": "{}", "visit": None}
            )
        self.notices = [{"case_id": "C1", "visit": 2, "covered_at": "now", **n} for n in self.notices]
        self.outbox: list[dict[str, Any]] = [
            {"id": 1, "key": "k1", "state": "sent", "channel": "CDEPARTMENT", "ts": "1", "kind": "approval"},
            {"id": 2, "key": "k2", "state": "sent", "channel": "D1", "ts": "2", "kind": "reminder"},
            {"id": 8, "key": "k8", "state": "sent", "channel": "CRECEPTION", "ts": "8", "kind": "home"},
            {"id": 9, "key": "k9", "state": "sent", "channel": "D9", "ts": "9", "kind": "reporter"},
        ]
        self.files = [{"name": 1, "state": "stored", "sha256": sha256(content_of(FILE)).hexdigest()}]
        self.state: dict[str, Any] = {
            "messages": {
                "CDEPARTMENT": [message("k1", "1")],
                "D1": [message("k2", "2")],
                "CRECEPTION": [message("k8", "8")],
                "D9": [message("k9", "9")],
            },
            "direct": {"UDEPARTMENT1": "D1", "URECEPTION1": "D9"},
            "ephemerals": {},
            "files": {"F1": {"name": FILE, "shares": {"public": {"CRECEPTION": ["1"]}}}},
        }
        self.answers: list[dict[str, Any]] = [{"about": "a form", "answer": None}]
        self.calls: list[dict[str, Any]] = []
        self.deputised: list[Deputised] = []

    def audited(self) -> dict[str, int]:
        """Return the figures that are not 0."""
        path = self.folder / "record.sqlite3"
        with closing(sqlite3.connect(path)) as core:
            for table, columns in COLUMNS.items():
                core.execute(f"CREATE TABLE {table} ({', '.join(columns.split())})")
            for log in ("C1", "desk"):
                core.execute(
                    f"INSERT INTO {'cases (id, head_hash)' if log == 'C1' else 'logs'} VALUES (?, ?)",
                    (log, self._chain(core, log)),
                )
            core.execute("INSERT INTO words VALUES (1, ?)", (FILE,))
            for table, rows in (("notices", self.notices), ("outbox", self.outbox), ("case_files", self.files)):
                for row in rows:
                    names = ", ".join(row)
                    core.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", [*row.values()])
            core.commit()
        history = History(self.folder / "history.jsonl")
        history.acts = [Act(number=1, who="URECEPTION1", what="log", file=FILE, form="token", outcome=DONE)]
        audit = Audit(
            url=f"sqlite:///{path}", history=history, state=self.state, deliveries=(), drawn={}, roles=answer_for(),
            now=datetime(2026, 11, 2, 12, tzinfo=UTC), answers=self.answers, calls=self.calls, come_and_go=True,
            deputised=self.deputised,
        )  # fmt: skip
        with closing(sqlite3.connect(path)) as core:
            core.execute("INSERT INTO acts VALUES ('C1:token', 'C1', 7), ('C1:d1', 'C1', 8)")
            core.execute("INSERT INTO policy_versions VALUES ('b', 'chaos', ?)", (json.dumps({"chaos": REGULATION}),))
            core.commit()
        return {name: n for name, n in audit.run().figures().items() if n and name != "acknowledged"}

    def _chain(self, core: sqlite3.Connection, log: str) -> str:
        head = "0" * 64
        for seq, (_, at, actor, told) in enumerate((e for e in self.events if e[0] == log), start=1):
            kind, body = told["kind"], json.dumps({n: v for n, v in told.items() if n != "kind"})
            moment = f"2026-11-02T{at}:00.000000Z"
            line = f'{{"actor":"{actor}","at":"{moment}","body":{body},"digests":{{}},"kind":"{kind}","log":"{log}","seq":{seq}}}'
            head = sha256(f"{head}\n{line}".encode()).hexdigest()
            core.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, '{}', ?)", (log, seq, moment, actor, kind, body, head)
            )
        return head


def opened(visit: int, role: str) -> dict[str, Any]:
    stage = "intake" if visit == 1 else "handle"
    return {
        "kind": "VisitOpened",
        "visit": visit,
        "branch": 1,
        "stage": stage,
        "seats": [{"id": 1, "role": role, "member": None, "place": "beside"}],
    }


def answered(visit: int) -> dict[str, Any]:
    return {"kind": "SeatAnswered", "visit": visit, "seat": 1, "capacity": "member"}


def step(name: str, at: str) -> dict[str, str]:
    return {"id": name, "at": f"2026-11-02T{at}:00Z", "send_at": f"2026-11-02T{at}:00Z", "as_": "reminder"}


LIMIT = {
    "kind": "DeadlineSet", "deadline": 1, "clock": "stage", "visit": 2, "limit": "2 hours", "calendar_version": "v1",
    "starts_at": "2026-11-02T10:00:00Z", "due_at": "2026-11-02T12:00:00Z", "steps": [step("0.1", "11:00")],
}  # fmt: skip


def message(key: str, ts: str) -> dict[str, Any]:
    return {"ts": ts, "text": "", "blocks": [], "metadata": {"event_payload": {"key": key}}}


def test_nothing_is_found_in_a_record_that_is_right(tmp_path: Path) -> None:
    assert Found(tmp_path).audited() == {}


def test_what_the_desk_officer_himself_could_not_be_told_waits_for_him(tmp_path: Path) -> None:
    found = Found(tmp_path)
    found.notices.append(
        {**found.notices[0], "id": "C1-7-3", "kind": "undelivered", "dest": "UTOUROFFICER", "message": 3}
    )
    found.outbox.append({**found.outbox[1], "id": 3, "key": "k3", "channel": "D2", "dest": "UTOUROFFICER"})
    found.state["messages"]["D2"] = [message("k3", "2")]
    found.state["direct"]["UTOUROFFICER"] = "D2"
    given = {"metadata": {"event_payload": {"key": "k3"}}}
    found.calls.append({"method": POSTS, "at": 1.0, "error": "channel_not_found", "arguments": given})

    assert found.audited() == {}


@pytest.mark.parametrize(("thread", "found_as"), [("home", {}), (None, {"notices lost": 1})])
def test_what_stands_in_a_thread_follows_its_card_to_where_that_was_taken(
    tmp_path: Path, thread: str | None, found_as: dict[str, int]
) -> None:
    found = Found(tmp_path)
    found.notices.append({**found.notices[0], "id": "k9.CTOURDESK", "kind": "home", "dest": "CTOURDESK", "message": 3})
    found.notices.append({**found.notices[0], "id": "C1-8-1", "kind": "ended", "dest": "CRECEPTION", "message": 4})
    shown = {"state": "sent", "channel": "CTOURDESK"}
    found.outbox.append({**shown, "id": 3, "key": "k3", "ts": "3", "kind": "home"})
    found.outbox.append({**shown, "id": 4, "key": "k4", "ts": "4", "kind": "ended", "thread": thread})
    found.state["messages"]["CTOURDESK"] = [message("k3", "3"), message("k4", "4")]

    assert found.audited() == found_as


def nobody_was_told_of_the_case(found: Found) -> None:
    found.notices[2]["kind"] = "reporter"
    found.notices[2]["dest"] = "URECEPTION1"
    found.notices[2]["facts"] = '{"again":1}'
    found.outbox[2]["channel"] = "D9"
    found.state["messages"]["D9"].append(found.state["messages"]["CRECEPTION"].pop())


def a_card_for_another_department(found: Found) -> None:
    found.notices.append({**found.notices[0], "id": "C1-7-5", "dest": "CCALLERS", "message": 5})
    found.outbox.append({**found.outbox[0], "id": 5, "key": "k5", "channel": "CCALLERS", "ts": "5"})
    found.state["messages"]["CCALLERS"] = [message("k5", "5")]


def a_limit_an_hour_too_long(found: Found) -> None:
    found.events[6] = (*found.events[6][:3], {**LIMIT, "due_at": "2026-11-02T13:00:00Z"})


def two_stages_at_once(found: Found) -> None:
    found.events.append(("C1", "11:30", "clock", opened(3, "department")))


def somebody_else_decided(found: Found) -> None:
    found.events.append(("C1", "11:30", "UCALLERS1", answered(2)))


def the_number_of_another_case(found: Found) -> None:
    found.events.append(("C1", "10:00", "clock", {"kind": "CaseNumbered", "series": "s", "number": "1"}))


def reminded_too_early(found: Found) -> None:
    found.events[7] = ("C1", "10:59", *found.events[7][2:])


def reminded_and_told_nobody(found: Found) -> None:
    del found.notices[1], found.outbox[1]
    found.state["messages"]["D1"].clear()


def told_twice_by_one_act(found: Found) -> None:
    found.notices.append({**found.notices[0], "id": "C1-7-1"})


def shown_to_another_reader(found: Found) -> None:
    found.state["direct"] = {"UDEPARTMENT2": "D1", "URECEPTION1": "D9"}


def a_card_found_needless(found: Found) -> None:
    found.outbox[0] |= {"state": "nothing", "channel": None, "ts": None}
    found.state["messages"]["CDEPARTMENT"].clear()


def a_reminder_found_needless_while_its_stage_waits(found: Found) -> None:
    found.outbox[1] |= {"state": "nothing", "channel": None, "ts": None}
    found.state["messages"]["D1"].clear()


def turned_down_and_nobody_heard_of_it(found: Found) -> None:
    given = {"metadata": json.dumps({"event_payload": {"key": "k1"}})}
    found.calls.append({"method": POSTS, "at": 1.0, "error": "is_archived", "arguments": given})


def posted_though_slack_said_to_wait(found: Found) -> None:
    first, second = ({"method": POSTS, "arguments": {"channel": each}} for each in ("C1", "C2"))
    found.calls += [{**first, "at": 100.0, **LIMITED}, {**first, "at": 110.0}]
    found.calls += [{**second, "at": 110.0}, {**first, "at": 131.0}]


def rewritten_though_slack_said_to_wait(found: Found) -> None:
    found.calls += [{"method": "chat.update", "at": 100.0, **LIMITED}, {"method": "chat.update", "at": 110.0}]
    found.calls += [{"method": "conversations.open", "at": 110.0}, {"method": "chat.update", "at": 131.0}]


def a_file_that_is_not_kept(found: Found) -> None:
    found.files.clear()


def a_file_that_is_another(found: Found) -> None:
    found.files[0]["sha256"] = "0" * 64


def a_file_that_nobody_sees(found: Found) -> None:
    found.state["files"]["F1"]["shares"]["public"].clear()


def a_file_shown_twice(found: Found) -> None:
    found.state["files"]["F2"] = found.state["files"]["F1"]


def a_form_answered_by_a_fault(found: Found) -> None:
    found.answers[0]["answer"] = {"view": "This did not work. It may not be recorded."}


def a_whisper_of_a_fault(found: Found) -> None:
    found.state["ephemerals"] = {"UCALLERS1": [{"text": "It may not be recorded. See whether"}]}


def a_line_changed_afterwards(found: Found) -> None:
    whole = found._chain

    def changed(core: sqlite3.Connection, log: str) -> str:
        head = whole(core, log)
        core.execute("UPDATE events SET actor = 'UCALLERS1' WHERE log_id = 'C1' AND seq = 1")
        return head

    found._chain = changed  # type: ignore[method-assign]  # the record is changed behind its own back


DEFECTS: list[tuple[Callable[[Found], None], str]] = [
    (nobody_was_told_of_the_case, "notices lost"),
    (a_card_for_another_department, "strangers told"),
    (two_stages_at_once, "applied twice"),
    (a_limit_an_hour_too_long, "wrong limits"),
    (somebody_else_decided, "refused but applied"),
    (the_number_of_another_case, "applied twice"),
    (reminded_too_early, "deadlines missed"),
    (reminded_and_told_nobody, "notices lost"),
    (told_twice_by_one_act, "notices twice"),
    (shown_to_another_reader, "notices lost"),
    (a_card_found_needless, "notices lost"),
    (a_reminder_found_needless_while_its_stage_waits, "notices lost"),
    (turned_down_and_nobody_heard_of_it, "notices lost"),
    (posted_though_slack_said_to_wait, "hurried"),
    (rewritten_though_slack_said_to_wait, "hurried"),
    (a_file_that_is_not_kept, "lost"),
    (a_file_that_is_another, "lost"),
    (a_file_that_nobody_sees, "notices lost"),
    (a_file_shown_twice, "applied twice"),
    (a_form_answered_by_a_fault, "faults"),
    (a_whisper_of_a_fault, "faults"),
    (a_line_changed_afterwards, "broken chains"),
]


@pytest.mark.parametrize(("spoil", "figure"), DEFECTS, ids=[spoil.__name__ for spoil, _ in DEFECTS])
def test_each_defect_is_found_in_its_figure(tmp_path: Path, spoil: Callable[[Found], None], figure: str) -> None:
    found = Found(tmp_path)
    spoil(found)

    assert found.audited() == {figure: 1}


@pytest.mark.parametrize(
    ("role", "of", "first", "last", "is_his"),
    [
        ("department", None, 2, 2, True),
        ("department", "UDEPARTMENT1", 1, 3, True),
        ("department", None, 1, 1, False),
        ("department", None, 3, 4, False),
        ("head_office", None, 1, 3, False),
    ],
    ids=["of the role", "of a member", "was over the day before", "begins tomorrow", "of another role"],
)
def test_a_deputy_decides_on_his_days_alone(
    tmp_path: Path, role: str, of: str | None, first: int, last: int, is_his: bool
) -> None:
    """At 11:30 UTC it is Monday the 2nd in Shanghai."""
    found = Found(tmp_path)
    found.deputised = [Deputised(role=role, of=of, first=date(2026, 11, first), last=date(2026, 11, last))]
    found.events.append(("C1", "11:30", STAND_IN, answered(2)))

    assert found.audited().get("refused but applied", 0) == (not is_his)
