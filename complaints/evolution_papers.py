"""How files, copies, amounts, ledgers, holds and figures change a case."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any

from msgspec.structs import replace

from complaints import events as e
from complaints.case import (
    Case,
    CaseFile,
    Hold,
    LedgerLine,
)


def _file_added(case: Case, event: e.FileAdded, rec: e.Recorded) -> None:
    if event.instead_of is not None:
        case.files.pop(event.instead_of, None)
    case.files[event.file] = CaseFile(
        id=event.file,
        name=event.name,
        mimetype=event.mimetype,
        size=event.size,
        by=rec.actor,
        field=event.field,
        visit=event.visit,
    )


def _file_stored(case: Case, event: e.FileStored, _: e.Recorded) -> None:
    case.files[event.file] = replace(case.files[event.file], sha256=event.sha256, size=event.size, missed=None)


def _file_missed(case: Case, event: e.FileMissed, _: e.Recorded) -> None:
    case.files[event.file] = replace(case.files[event.file], missed=event.why)


def _erased(case: Case, event: e.WordsErased, _: e.Recorded) -> None:
    case.erased = True


def _copies(case: Case, event: e.CopiesSent, _: e.Recorded) -> None:
    case.copies = event.to


def _amount(case: Case, event: e.AmountComputed, _: e.Recorded) -> None:
    case.amounts = {**case.amounts, event.entry: event.amount}
    case.reckonings = {**case.reckonings, event.entry: digest_of(event)}


def _amount_dropped(case: Case, event: e.AmountDropped, _: e.Recorded) -> None:
    case.amounts = {name: amount for name, amount in case.amounts.items() if name != event.entry}
    case.reckonings = {name: digest for name, digest in case.reckonings.items() if name != event.entry}


def digest_of(event: e.AmountComputed) -> str:
    """Return a short digest of an amount with its parts and inputs: the same for the same reckoning."""
    plain = json.dumps([event.amount, event.parts, event.beyond, event.inputs], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _to_archive(case: Case, event: e.CaseToArchive, _: e.Recorded) -> None:
    case.archive_by, case.keep_until = event.by, event.keep_until


def _figures(case: Case, event: e.FiguresTaken, _: e.Recorded) -> None:
    case.figures = event.figures


def _owed(case: Case, event: e.LedgerOwed, rec: e.Recorded) -> None:
    since = {x.who: x.at for x in case.ledger if x.entry == event.entry and x.kind == "owed"}
    kept = tuple(x for x in case.ledger if x.entry != event.entry or x.kind != "owed")
    lines = tuple(
        LedgerLine(
            log=case.id,
            entry=event.entry,
            kind="owed",
            who=who,
            case_id=case.id,
            amount=amount,
            at=since.get(who, rec.at.astimezone(UTC).isoformat()),
            seq=rec.seq,
        )
        for who, amount in event.debts.items()
    )
    case.ledger = (*kept, *lines)


def _taken(case: Case, event: e.LedgerTaken, rec: e.Recorded) -> None:
    lines = tuple(
        LedgerLine(
            log=case.id,
            entry=event.entry,
            kind="paid",
            who=part["who"],
            case_id=part["case"],
            amount=part["amount"],
            at=rec.at.astimezone(UTC).isoformat(),
            seq=rec.seq,
            month=event.month,
        )
        for part in event.taken
    )
    case.ledger = (*case.ledger, *lines)


def _lifted(case: Case, event: e.HoldLifted, _: e.Recorded) -> None:
    case.holds = tuple(hold for hold in case.holds if hold.rule != event.rule)


def _held(case: Case, event: e.HoldSet, rec: e.Recorded) -> None:
    hold = Hold(
        rule=event.rule,
        set_at=rec.at,
        acts=event.acts,
        required=event.required,
        until=event.until,
        source=event.source,
    )
    case.holds = (*(h for h in case.holds if h.rule != event.rule), hold)


PAPERS: dict[type[e.Event], Any] = {
    e.FileAdded: _file_added,
    e.FileStored: _file_stored,
    e.FileMissed: _file_missed,
    e.WordsErased: _erased,
    e.CopiesSent: _copies,
    e.AmountComputed: _amount,
    e.AmountDropped: _amount_dropped,
    e.CaseToArchive: _to_archive,
    e.LedgerOwed: _owed,
    e.LedgerTaken: _taken,
    e.HoldSet: _held,
    e.HoldLifted: _lifted,
    e.FiguresTaken: _figures,
}
