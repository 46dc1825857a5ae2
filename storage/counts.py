"""Counting earlier cases by their plain values: repeats, totals, how many different ones."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, select

from complaints.case import MERGED, VOID, LedgerLine
from complaints.counting import Texts, tally, total
from complaints.facts import NEW, counted_as, plain_texts
from complaints.ports import CaseCount
from storage.codec import case_from_json
from storage.projections import ledger_field, read_ledger_text
from storage.tables import case_fields, cases, words
from storage.wire import Wire

NOT_COUNTED = (VOID, MERGED)


def having(asked: Select[Any], same: Any) -> Select[Any]:
    """Narrow a question about cases to those whose fields have these values (each of a list's)."""
    for name, value in same.items():
        for text in plain_texts(value):
            one = case_fields.alias()
            asked = asked.join(one, and_(one.c.case_id == cases.c.id, one.c.field == name, one.c.value == text))
    return asked


def count_cases(wire: Wire, query: CaseCount) -> int | Decimal:
    """Return the number (or the total, exact) of the cases that *query* asks for; void and merged ones never count."""
    if query.where is not None:
        return tally(query, _values(wire, query))
    if query.total is not None:
        field = case_fields.alias("asked_field")
        asked = select(field.c.value).select_from(cases)
        asked = asked.join(field, and_(field.c.case_id == cases.c.id, field.c.field == query.total))
        return total(wire.core.scalars(_narrowed(asked, query)).all())
    if query.different is not None:
        field = case_fields.alias("asked_field")
        asked = select(field.c.value).distinct().select_from(cases)
        asked = asked.join(field, and_(field.c.case_id == cases.c.id, field.c.field == query.different))
        return len({*query.also, *wire.core.scalars(_narrowed(asked, query)).all()})
    return int(wire.core.scalar(_narrowed(select(func.count()).select_from(cases), query)) or 0)


def find_cases(wire: Wire, query: CaseCount) -> list[str]:
    """Return the ids of the cases that *query* narrows to, the oldest first."""
    asked = _narrowed(select(cases.c.id), query).order_by(cases.c.opened_at, cases.c.id)
    return [str(case_id) for case_id in wire.core.scalars(asked)]


def namesake(wire: Wire, field: str, name: str) -> str | None:
    """
    Return under which words the customer outside the register is counted whom *field* of a case names *name*.

    Looks through the cases of all such customers: asked only where a policy counts or compares them.
    """
    named = case_fields.alias("named")
    asked = select(words.c.id, words.c.text, cases.c.state).join(named, named.c.case_id == words.c.log_id)
    asked = asked.join(cases, cases.c.id == named.c.case_id).where(
        named.c.field == field, func.substr(named.c.value, 1, len(NEW)) == NEW, words.c.text == name
    )
    for word, text, state in wire.core.execute(asked.order_by(cases.c.opened_at, cases.c.id)):
        found = counted_as(case_from_json(state).fields.get(field), {word: text}, name)
        if found is not None:
            return found
    return None


def _values(wire: Wire, query: CaseCount) -> Iterable[Texts]:
    """Return what the cases narrowed by SQL hold in the fields that the rest of the question looks at."""
    names = {*query.reads, *(n for n in (query.total, query.different) if n is not None)}
    field = case_fields.alias("read_field")
    asked = select(cases.c.id, field.c.field, field.c.value).select_from(cases)
    asked = asked.join(field, and_(field.c.case_id == cases.c.id, field.c.field.in_(names)), isouter=True)
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for case_id, name, text in wire.core.execute(_narrowed(asked, query)):
        texts = found.setdefault(case_id, {})
        if name is not None:
            texts[name] = (*texts.get(name, ()), text)
    return found.values()


def _narrowed(asked: Select[Any], query: CaseCount) -> Select[Any]:
    asked = having(asked, query.same).where(cases.c.opened_at >= query.since, cases.c.status.not_in(NOT_COUNTED))
    if query.policy is not None:
        asked = asked.where(cases.c.policy == query.policy)
    if query.leave_out is not None:
        asked = asked.where(cases.c.id != query.leave_out)
    return asked


def ledger(wire: Wire, policy: str, entry: str) -> list[LedgerLine]:
    """Return the lines of a ledger, out of all logs but those of void and merged cases."""
    asked = select(case_fields.c.case_id, case_fields.c.value).join(cases, cases.c.id == case_fields.c.case_id)
    asked = asked.where(case_fields.c.field == ledger_field(policy, entry), cases.c.status.not_in(NOT_COUNTED))
    return [read_ledger_text(log, entry, text) for log, text in wire.core.execute(asked)]
