"""Ledgers are kept: an approved amount is owed from then on; each month takes what the cap leaves, the oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from complaints import events as e
from complaints.authority import source_of
from complaints.case import LedgerLine
from complaints.draft import Draft
from complaints.holds import MONEY, lock_on
from complaints.ledger import NOTHING, OWED, column, debts_of, room_of, take, taken_in
from complaints.money import compute, known
from complaints.policy_model import Money
from complaints.routes import is_passed


def book(draft: Draft, happening: str) -> None:
    """Record what is owed since *happening* (a stage or duty done, a field dropped), and what its month takes."""
    if lock_on(MONEY, draft.case, draft.policy) is not None:
        return
    stage = happening.removesuffix(" done")
    for name, entry in draft.policy.money.items():
        if entry.use == "ledger" and all(is_passed(draft.case, draft.policy, n) for n in _needed(draft, entry)):
            _owe(draft, name, entry)
            if _is_booked_by(draft, name, entry, stage):
                _take(draft, name, entry)


def _needed(draft: Draft, entry: Money) -> tuple[str, ...]:
    return () if draft.case.kind == "duty" else entry.needs


def _is_booked_by(draft: Draft, name: str, entry: Money, stage: str) -> bool:
    """Say whether this stage books: a duty that has the ledger in its contents, a stage that fills its base."""
    duty = draft.policy.duties.get(stage) if draft.case.kind == "duty" else None
    if duty is not None:
        return name in duty.contents
    definition = draft.policy.stages.get(stage)
    return definition is not None and entry.base is not None and entry.base in definition.filled


# --- owing --------------------------------------------------------------------------------------------------------


def _owe(draft: Draft, name: str, entry: Money) -> None:
    """Record what each one owes out of this case; again when it becomes another amount."""
    applies = True if entry.when is None else entry.when.evaluate(draft.facts)
    wanted: dict[str, Decimal] = {}
    for who, amount in _owed(draft, entry) if applies else ():
        wanted[who] = wanted.get(who, NOTHING) + amount
    now = {x.who: Decimal(x.amount) for x in draft.case.ledger if x.entry == name and x.kind == OWED}
    is_no_more = applies is False or any(isinstance(recorded.event, e.FieldsDropped) for recorded in draft.events)
    if wanted != now if wanted else is_no_more and any(now.values()):
        debts = {who: str(wanted.get(who, NOTHING)) for who in dict.fromkeys((*now, *wanted))}
        draft.emit(e.LedgerOwed(entry=name, debts=debts, source=source_of(entry)))


def _owed(draft: Draft, entry: Money) -> Iterator[tuple[str, Decimal]]:
    names = (entry.of,) if isinstance(entry.of, str) else tuple(entry.of or ())
    for of in names:
        if of in draft.policy.money:
            amount = compute(draft.policy.money[of], draft.policy, draft.facts)
            whole = [{"who": _debtor(draft, entry), "amount": str(amount.total)}] if amount else []
            for part in (amount.parts if amount else ()) or whole:
                if part["who"]:
                    yield part["who"], Decimal(part["amount"])
        elif draft.policy.fields[of].type == "lines":
            yield from _of_lines(draft, of)
        elif (value := known(of, draft.policy, draft.facts)) is not None and (who := _debtor(draft, entry)):
            yield who, value


def _of_lines(draft: Draft, of: str) -> Iterator[tuple[str, Decimal]]:
    columns = draft.policy.fields[of].columns
    who, amount = column(columns, "person", "unit", "customer", "text"), column(columns, "money", "number")
    for line in draft.facts.get(of) or ():
        if line.get(who):
            yield str(line[who]), Decimal(str(line.get(amount, 0)))


def _debtor(draft: Draft, entry: Money) -> str:
    """Return who owes an amount that has no parts: the value of the field `who`."""
    value = draft.facts.get(entry.who or "")
    return str(value) if isinstance(value, str) else ""


# --- taking -------------------------------------------------------------------------------------------------------


def _take(draft: Draft, name: str, entry: Money) -> None:
    """Take what this month's room leaves, from all debts of the ledger, the oldest first; the rest is carried on."""
    lines = _lines(draft, name)
    month = _month(draft)
    cap = known(entry.cap, draft.policy, draft.facts)
    room = room_of(entry, draft.policy, draft.facts.get(entry.base or ""), cap)
    done = taken_in(lines, month)
    room = {who: max(space - done.get(who, NOTHING), NOTHING) for who, space in room.items()}
    debts = [d for d in debts_of(lines) if d.rest > 0]
    if entry.base is None and cap is not None:
        room = {d.who: max(cap - done.get(d.who, NOTHING), NOTHING) for d in debts}
    payments = take(debts, room)
    if not payments:
        return
    taken: list[dict[str, str]] = [{"who": p.who, "case": p.case_id, "amount": str(p.amount)} for p in payments]
    draft.emit(e.LedgerTaken(entry=name, month=month, taken=tuple(taken), source=source_of(entry)))
    by_person: dict[str, Decimal] = {}
    for payment in payments:
        by_person[payment.who] = by_person.get(payment.who, NOTHING) + payment.amount
    rests = {who: sum((d.rest for d in debts if d.who == who), NOTHING) - by_person[who] for who in by_person}
    parts = [{"who": who, "amount": str(amount), "rest": str(rests[who])} for who, amount in by_person.items()]
    draft.emit(
        e.AmountComputed(
            entry=name,
            amount=str(sum(by_person.values(), NOTHING)),
            parts={"parts": parts},
            source=source_of(entry),
            inputs=_inputs(draft, entry, month, cap),
        )
    )


def _inputs(draft: Draft, entry: Money, month: str, cap: Decimal | None) -> dict[str, Any]:
    """Return out of what a month's instalments come: the month, the cap and everybody's base."""
    base = {entry.base: draft.case.fields.get(entry.base)} if entry.base is not None else {}
    return {"month": month, "cap": None if cap is None else str(cap), **base}


def _lines(draft: Draft, name: str) -> list[LedgerLine]:
    """Return the lines of the ledger: of other cases as they are kept, of this one as it stands now."""
    others: Any = draft.world.ledger(draft.case.policy, name)
    return [*(x for x in others if x.log != draft.case.id), *(x for x in draft.case.ledger if x.entry == name)]


def _month(draft: Draft) -> str:
    if draft.case.period is not None and len(draft.case.period) == len("2026-11"):
        return draft.case.period
    return f"{draft.world.calendar().local(draft.world.now):%Y-%m}"
