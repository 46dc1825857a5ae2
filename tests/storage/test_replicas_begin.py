"""Bots that start at the same moment on one database: policies in force once, every bot's lease stands, anchors in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.in_force import put_in_force, shelve_policies
from bot.office import parse_bundle
from complaints.refusals import NotAllowedHere
from storage.anchors import Anchors
from storage.desk_file import load_desk
from storage.leases import ALIVE, Holder, Lease
from storage.policy_shelf import PolicyShelf
from storage.store import Store, open_store
from tests.chaos.company import POLICY, make_company
from tests.storage import acts

BOTS = 3
AT = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def stores(url: str, database: str, tmp_path: Path) -> Any:
    """Return the record of each bot; on SQLite all share the one of the only bot."""
    opened = [open_store(url, tmp_path / str(n), parse_bundle) for n in range(BOTS if database == "postgresql" else 1)]
    yield opened * (BOTS // len(opened))
    for store in opened:
        store.close()


def at_once(
    looks: str, monkeypatch: pytest.MonkeyPatch, work: Callable[[Store], Any], stores: list[Store]
) -> list[Any]:
    """Let all of *stores* come as far as a look of the shelf's before any goes on; a look that waits for another is let be."""
    together, original = threading.Barrier(BOTS), getattr(PolicyShelf, looks)

    def look(*args: Any) -> Any:
        found = original(*args)
        with suppress(threading.BrokenBarrierError):
            together.wait(1)
        return found

    monkeypatch.setattr(PolicyShelf, looks, look)
    with ThreadPoolExecutor(BOTS) as pool:
        return list(pool.map(work, stores))


def desk_log(store: Store) -> list[str]:
    return [type(recorded.event).__name__ for recorded in store.reader.log("desk")]


@pytest.mark.parametrize("looks", ["in_force", "_versions_like"])
def test_the_first_version_is_proposed_and_put_in_force_once(
    looks: str, stores: list[Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(tmp_path / "company")
    plan = load_desk(company.desk).plan

    found = at_once(looks, monkeypatch, lambda s: shelve_policies(s, plan, company.policies, AT), stores)

    assert desk_log(stores[0]) == ["PolicyProposed", "PolicyPutInForce"]
    assert len({shelved.in_force for [shelved] in found}) == 1
    assert not any(shelved.waits or shelved.problem for [shelved] in found)


def test_of_approvers_who_press_at_once_one_puts_the_version_in_force(
    stores: list[Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(tmp_path / "company")
    plan = load_desk(company.desk).plan
    shelve_policies(stores[0], plan, company.policies, AT)
    file = company.policies / f"{POLICY}.yml"
    file.write_text(file.read_text("utf-8").replace("label: '1'", "label: '2'"), "utf-8")
    [fresh] = shelve_policies(stores[0], plan, company.policies, AT)
    assert fresh.waits

    def approve(store: Store) -> str:
        try:
            put_in_force(store, POLICY, fresh.bundle, plan, "UGENERALMANAGER1", AT)
        except NotAllowedHere as refused:
            return refused.reason
        return "done"

    told = at_once("in_force", monkeypatch, approve, stores)

    assert sorted(told) == ["done", *["policy_in_force_already"] * (BOTS - 1)]
    assert desk_log(stores[0]).count("PolicyPutInForce") == 2


@pytest.mark.parametrize("was_in_force", [False, True], ids=["never approved", "in force before"])
def test_a_late_press_brings_no_older_version_back(stores: list[Store], tmp_path: Path, was_in_force: bool) -> None:
    """Slack delivers a press again, or somebody presses an old card: a regulation goes back only by a proposal of its own."""
    company, store = make_company(tmp_path / "company"), stores[0]
    plan = load_desk(company.desk).plan
    shelve_policies(store, plan, company.policies, AT)
    file = company.policies / f"{POLICY}.yml"
    digests = []
    for label in ("2", "3"):
        file.write_text(file.read_text("utf-8").replace(f"label: '{int(label) - 1}'", f"label: '{label}'"), "utf-8")
        [shelved] = shelve_policies(store, plan, company.policies, AT)
        digests.append(shelved.bundle)
    approved = digests if was_in_force else digests[1:]
    for digest in approved:
        put_in_force(store, POLICY, digest, plan, "UGENERALMANAGER1", AT)

    with pytest.raises(NotAllowedHere) as refused:
        put_in_force(store, POLICY, digests[0], plan, "UGENERALMANAGER2", AT)

    assert refused.value.reason == "policy_overtaken"
    assert store.shelf.in_force(POLICY) == digests[1]


@pytest.fixture
def two(stores: list[Store]) -> list[Store]:
    """Return the records of two bots."""
    return stores[:2]


on_postgresql = pytest.mark.parametrize("database", ["postgresql"])
"""Where several bots may work; one works on a SQLite file."""


@on_postgresql
def test_a_bot_that_starts_takes_no_lease_of_one_that_starts_at_the_same_moment(
    two: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Holder(), Holder(pid=os.getppid())
    is_alive, has_begun = Lease.is_alive, [False]

    def another_takes_its_lease(lease: Lease, now: datetime) -> bool:
        if not has_begun[0]:
            has_begun[0] = True
            two[1].leases.take(second, AT)
        return is_alive(lease, now)

    two[0].leases.take(Holder(), AT - 2 * ALIVE)  # of a bot that died
    monkeypatch.setattr(Lease, "is_alive", another_takes_its_lease)
    two[0].leases.take(first, AT)

    assert two[0].leases.beat(first, AT)
    assert two[1].leases.beat(second, AT)


@on_postgresql
def test_bots_that_anchor_at_the_same_moment_leave_anchors_that_verify(
    two: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    two[0].record.now(acts.opening())
    moved, has_begun = Anchors._moved, [False]

    def another_anchors_in_between(anchors: Anchors) -> Iterator[list[Any]]:
        for heads in moved(anchors):
            yield heads
            if not has_begun[0]:
                has_begun[0] = True
                two[1].anchors.make(AT)

    monkeypatch.setattr(Anchors, "_moved", another_anchors_in_between)
    two[0].anchors.make(AT)

    assert two[0].anchors.first_break() is None
    assert desk_log(two[0]).count("HeadsAnchored") == 1
