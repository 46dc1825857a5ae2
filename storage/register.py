"""The customer register as the rest of the program uses it: import, merge, look up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from complaints.ports import Customer
from storage import customers
from storage.customer_files import CustomerFile, decode, read_customers
from storage.engine import Engines
from storage.record import StoredRecord, Transaction


class Register:
    """The customer register. Writes wait for their commit."""

    def __init__(self, record: StoredRecord, engines: Engines) -> None:
        self._record = record
        self._engines = engines

    def import_csv(self, raw: bytes, now: datetime, language: str = "en") -> CustomerFile:
        """Import a file, all of it or (if it has errors) nothing, and return what was found in it; *language*: see `decode`."""
        found = read_customers(decode(raw, language))
        if not found.errors:
            self.keep(found.customers, now)
        return found

    def keep(self, new: Iterable[Customer], now: datetime) -> None:
        """Add customers, or replace what the register says about their codes."""
        kept = list(new)

        def work(tx: Transaction) -> None:
            for customer in kept:
                customers.keep(tx.wire.core, customer, now)

        self._record.now(work)

    def merge(self, code: str, into: str, now: datetime) -> None:
        """Let *code* stand for *into* from now on. Raises: UnknownCustomer."""
        self._record.now(lambda tx: customers.merge(tx.wire.core, code, into, now))

    def named_in(self, text: str) -> Customer | None:
        """Return the customer whose name is the longest that stands in *text*."""
        with self._engines.read.connect() as core:
            return customers.named_in(core, text)

    def all(self) -> list[Customer]:
        with self._engines.read.connect() as core:
            return list(customers.all_customers(core))
