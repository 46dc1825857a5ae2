"""A small complaint to record: opened, approved by quality, reminded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from complaints import events as e
from complaints.case import Case
from complaints.evolution import evolve
from complaints.notices import Notice, Priority
from storage.record import Transaction

NOW = datetime(2025, 11, 21, 3, 4, 5, 123456, tzinfo=UTC)
DUE = NOW + timedelta(days=2)
REMIND = NOW + timedelta(days=1)
BUNDLE = "b" * 64

Work = Callable[[Transaction], Case]


def record(
    tx: Transaction,
    case: Case | None,
    events: Sequence[e.Event],
    *,
    actor: str = "USALES",
    at: datetime = NOW,
    key: str | None = None,
    notices: Sequence[Notice] = (),
    words: dict[str, str] | None = None,
    contents: str | None = None,
) -> Case:
    """Take *events* into the case and record it, as the desk does."""
    recorded = []
    for event in events:
        seq = (case.seq if case else 0) + 1
        recorded.append(e.Recorded(seq=seq, at=at, actor=actor, event=event))
        case = evolve(case, recorded[-1])
    assert case is not None
    tx.record(case, recorded, notices, key=key, words=words or {}, contents=contents)
    return case


def opening(
    case_id: str = "c1",
    *,
    fields: dict[str, Any] | None = None,
    words: dict[str, str] | None = None,
    notices: Sequence[Notice] = (),
    at: datetime = NOW,
    seat: e.Seat | None = None,
    policy: str = "pcb",
    key: str | None = None,
    remind: datetime = REMIND,
    parent: str | None = None,
    contents: str | None = None,
) -> Work:
    """A complaint is logged, gets its number, and quality has its turn."""

    def work(tx: Transaction) -> Case:
        serial = tx.next_serial("AR", "2025")
        step = e.Step(id="remind", at=remind, send_at=remind, as_="reminder", tell=("quality",))
        return record(
            tx,
            None,
            [
                e.CaseOpened(
                    case_id=case_id, policy=policy, bundle=BUNDLE, kind="complaint", via="command", reporter="USALES",
                    parent=parent,
                ),
                e.CaseNumbered(number=f"AR{serial:03}", series="AR", period="2025", serial=serial),
                e.FieldsSet(fields=fields if fields is not None else {"customer": "C01", "quantity": "12.5"}),
                e.BranchOpened(branch=1, route="main"),
                e.VisitOpened(
                    visit=1, branch=1, stage="quality", round=1, seats=(seat or e.Seat(id=1, role="quality"),)
                ),
                e.DeadlineSet(
                    deadline=1, clock="stage", visit=1, starts_at=at, due_at=DUE, limit="2 working days",
                    provisional=False, calendar_version="v1", steps=(step,),
                ),
            ],
            at=at,
            key=key or f"open-{case_id}",
            notices=notices,
            words=words,
            contents=contents,
        )  # fmt: skip

    return work


def approving(case_id: str = "c1", *, key: str | None = "approve", notices: Sequence[Notice] = ()) -> Work:
    """Quality approves, and its clock stops."""

    def work(tx: Transaction) -> Case:
        return record(
            tx,
            tx.load(case_id),
            [
                e.SeatAnswered(visit=1, seat=1, decision="approve"),
                e.DeadlineEnded(deadline=1, why="done", in_time=True),
                e.VisitDone(visit=1, decision="approve", target="next"),
            ],
            actor="UQUALITY",
            key=key,
            notices=notices,
        )

    return work


def noting(case_id: str, word: str, text: str, *, notices: Sequence[Notice] = ()) -> Work:
    """Words are typed in the case's thread."""

    def work(tx: Transaction) -> Case:
        note = e.NoteAdded(words={"$words": word})
        return record(tx, tx.load(case_id), [note], words={word: text}, notices=notices)

    return work


def card(
    case_id: str, kind: str = "approval", *, to: str = "CQUALITY", visit: int | None = None, **more: Any
) -> Notice:
    return Notice(id=f"{case_id}-{kind}-{visit}", kind=kind, to=to, case_id=case_id, visit=visit, live=True, **more)


def reminder(case_id: str, *, merge: str | None = "reminder UQ", **more: Any) -> Notice:
    more = {"priority": Priority.REMINDER, "to": "UQ"} | more
    return Notice(id=f"{case_id}-reminder", kind="reminder", case_id=case_id, merge=merge, **more)
