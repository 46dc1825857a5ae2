"""The desk opened for work: the record, the desk file, the policies and the door, without Slack."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.links import Links
from bot.settings import Settings
from bot.times import Machine, SystemMachine, procedure_clock
from complaints.desk import Desk
from complaints.policy import LoadedPolicy
from complaints.ports import Clock, Customer, Reader
from complaints.world import Bundle
from storage.desk_in_effect import DeskInEffect
from storage.desk_watch import WatchedDesk
from storage.policy_files import read_bundle
from storage.policy_shelf import PolicyShelf
from storage.store import Store, open_store

log = structlog.get_logger(__name__)

SAMPLE_DESK = Path(__file__).resolve().parents[1] / "sandbox" / "sample" / "desk.yml"
CUSTOMER_SECONDS = 30.0
MOST_CUSTOMERS = 5_000


def parse_bundle(texts: Mapping[str, str]) -> LoadedPolicy:
    """Return the bundle of recorded texts (policy id to file content): of the policy that calls all the others."""
    for id_ in texts:
        bundle = read_bundle(texts, id_)
        if len(bundle.texts) == len(texts):
            return bundle
    raise ValueError("no policy of the bundle calls all the others")


@dataclass
class BundlesInForce:
    """The versions in force, from memory; `refresh` reads from the database which they are."""

    shelf: PolicyShelf[LoadedPolicy]
    _now: dict[str, LoadedPolicy] = field(default_factory=dict)

    def bundle(self, digest: str) -> Bundle:
        return self.shelf.bundle(digest)

    def in_force(self, policy: str) -> Bundle | None:
        return self._now.get(policy)

    def refresh(self, policies: tuple[str, ...]) -> None:
        """Look up which versions are in force. Blocks."""
        found: dict[str, LoadedPolicy] = {}
        for policy in policies:
            digest = self.shelf.in_force(policy)
            if digest is not None:
                found[policy] = self.shelf.bundle(digest)
        self._now = found


class Customers:
    """Customers by code, remembered for half a minute."""

    def __init__(self, reader: Reader, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._reader, self._monotonic = reader, monotonic
        self._known: dict[str, tuple[float, Customer | None]] = {}
        self._lock = threading.Lock()

    def __call__(self, code: str) -> Customer | None:
        now = self._monotonic()
        with self._lock:
            at, known = self._known.get(code, (float("-inf"), None))
        if now - at < CUSTOMER_SECONDS:
            return known
        found = self._reader.customer(code)
        with self._lock:
            if len(self._known) >= MOST_CUSTOMERS:
                self._known.clear()
            self._known[code] = (now, found)
        return found


@dataclass(kw_only=True)
class Office:
    """Everything that decides, opened; `close` finishes what is queued."""

    settings: Settings
    store: Store
    watched: DeskInEffect
    clock: Clock
    machine: Machine
    desk: Desk
    in_force: BundlesInForce
    customers: Customers
    links: Links = field(default_factory=Links)

    def close(self) -> None:
        self.store.close()


def open_office(settings: Settings, machine: Machine | None = None) -> Office:
    """
    Open the record and read the desk file.

    Raises:
        DeskRefused: the desk file can't be used.
        WrongDatabase: the database is of another version.
        UnreadableClock: the clock file holds no instant.
    """
    machine = machine or SystemMachine()
    clock = procedure_clock(settings.clock_file)
    file = WatchedDesk(desk_file_of(settings), on_refused=_say_refused)
    settings.data.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.database_url, settings.data, parse_bundle)
    watched = DeskInEffect(file, store.reader, clock, read_gone=store.heartbeats.gone)
    watched.refresh()
    customers = Customers(store.reader)
    desk = Desk(record=store.record, shelf=store.shelf, settings=watched, clock=clock, customer=customers)
    return Office(
        settings=settings, store=store, watched=watched, clock=clock, machine=machine, desk=desk,
        in_force=BundlesInForce(store.shelf), customers=customers,
    )  # fmt: skip


def desk_file_of(settings: Settings) -> Path:
    return settings.desk or SAMPLE_DESK


def _say_refused(problems: list[str]) -> None:
    log.error("the desk file can't be used, the last good one stays in force", errors=problems)
