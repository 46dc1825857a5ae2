"""The customer register: code, names in three scripts, aliases, values and a contact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select, update
from sqlalchemy.engine import RowMapping

from complaints.ports import Customer
from storage.codec import dump, load
from storage.tables import customer_names, customers

LONGEST_NAME = 200


class UnknownCustomer(LookupError):
    """There is no customer of that code."""


def keep(core: Connection, customer: Customer, now: datetime) -> None:
    """Add a customer, or replace what the register says about that code."""
    row = {
        "names": dump(dict(customer.names)),
        "aliases": dump(list(customer.aliases)),
        "value_texts": dump(dict(customer.values)),
        "contact": dump(dict(customer.contact)),
        "changed_at": now,
    }
    changed = core.execute(update(customers).where(customers.c.code == customer.code).values(row))
    if changed.rowcount == 0:
        core.execute(insert(customers).values(code=customer.code, merged_into=None, **row))
    core.execute(delete(customer_names).where(customer_names.c.code == customer.code))
    core.execute(insert(customer_names), [{"code": customer.code, "name": n} for n in _search_names(customer)])


def _search_names(customer: Customer) -> list[str]:
    names = (customer.code, *customer.names.values(), *customer.aliases)
    return list(dict.fromkeys(_folded(name) for name in names if name.strip()))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())[:LONGEST_NAME]


def merge(core: Connection, code: str, into: str, now: datetime) -> None:
    """
    Let *code* stand for the customer *into* from now on: its names find the other one.

    Raises:
        UnknownCustomer: one of them is not in the register.
    """
    gone, stays = by_code(core, code), by_code(core, into)
    if gone is None or stays is None or gone.code == stays.code:
        raise UnknownCustomer(f"{code if gone is None else into} is no customer that can be merged")
    aliases = tuple(dict.fromkeys((*stays.aliases, *gone.names.values(), *gone.aliases, gone.code)))
    core.execute(delete(customer_names).where(customer_names.c.code == gone.code))
    core.execute(update(customers).where(customers.c.code == gone.code).values(merged_into=stays.code, changed_at=now))
    merged = Customer(code=stays.code, names=stays.names, aliases=aliases, values=stays.values, contact=stays.contact)
    keep(core, merged, now)


_COLUMNS = (
    customers.c.code, customers.c.names, customers.c.aliases, customers.c.value_texts, customers.c.contact,
)  # fmt: skip


def by_code(core: Connection, code: str) -> Customer | None:
    """Return the customer of that code, or the one it was merged into."""
    for _ in range(10):  # merged again and again
        row = (
            core.execute(select(*_COLUMNS, customers.c.merged_into).where(customers.c.code == code)).mappings().first()
        )
        if row is None or row["merged_into"] is None:
            return _customer(row) if row else None
        code = row["merged_into"]
    return None


def matching(core: Connection, text: str, limit: int) -> list[Customer]:
    """Return customers that *text* names: exactly, then by the beginning of a name, then anywhere in one."""
    folded = _folded(text)
    name = customer_names.c.name
    rank = case((name == folded, 0), (name.startswith(folded, autoescape=True), 1), else_=2)
    best = (
        select(customer_names.c.code, func.min(rank).label("rank"), func.min(func.length(name)).label("length"))
        .where(name.contains(folded, autoescape=True))
        .group_by(customer_names.c.code)
        .order_by("rank", "length", customer_names.c.code)
        .limit(limit)
        .subquery()
    )
    asked = (
        select(*_COLUMNS)
        .join(best, best.c.code == customers.c.code)
        .order_by(best.c.rank, best.c.length, customers.c.code)
    )
    return [_customer(row) for row in core.execute(asked).mappings()]


def named_in(core: Connection, text: str) -> Customer | None:
    """Return the customer whose name is the longest that stands in *text*, for prefilling a form from words."""
    folded = _folded(text)
    name = customer_names.c.name
    contains = func.instr(folded, name) if core.dialect.name == "sqlite" else func.strpos(folded, name)
    asked = (
        select(customer_names.c.code)
        .where(contains > 0, func.length(name) > 1)
        .order_by(func.length(name).desc(), customer_names.c.code)
        .limit(1)
    )
    code = core.scalar(asked)
    return by_code(core, code) if code else None


def all_customers(core: Connection) -> Iterable[Customer]:
    """Return the register, by code, without those merged into others."""
    asked = select(*_COLUMNS).where(customers.c.merged_into.is_(None)).order_by(customers.c.code)
    return [_customer(row) for row in core.execute(asked).mappings()]


def _customer(row: RowMapping | dict[str, Any]) -> Customer:
    return Customer(
        code=row["code"], names=load(row["names"]), aliases=tuple(load(row["aliases"])),
        values=load(row["value_texts"]), contact=load(row["contact"]),
    )  # fmt: skip
