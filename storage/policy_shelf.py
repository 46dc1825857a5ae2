"""Policy versions: each text that was ever proposed, by the hash of its bundle; never read from a replica's own disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import RowMapping, insert, select

from complaints.events import PolicyProposed
from storage import desk_log
from storage.codec import dump, load
from storage.engine import Engines
from storage.record import StoredRecord, Transaction
from storage.tables import policies_in_force, policy_versions
from storage.wire import read_wire

Bundle = TypeVar("Bundle")


class LabelTaken(ValueError):
    """The label already names another content of this policy."""


class UnknownBundle(LookupError):
    """No version of that hash was ever proposed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A proposed version of a policy; *in_force_since* is set while it is the one for new cases."""

    policy: str
    label: str
    bundle: str
    proposed_at: datetime
    in_force_since: datetime | None = None


class PolicyShelf(Generic[Bundle]):
    """
    The versions in the database. *parse* makes a bundle of its texts (file name to text); each is parsed once in a
    process and kept, because a case may have begun with any of them.
    """

    def __init__(self, record: StoredRecord, engines: Engines, parse: Callable[[Mapping[str, str]], Bundle]) -> None:
        self._record = record
        self._engines = engines
        self._parse = parse
        self._bundles: dict[str, Bundle] = {}
        self._lock = Lock()

    def propose(
        self, *, policy: str, label: str, bundle: str, texts: Mapping[str, str], actor: str, at: datetime
    ) -> bool:
        """
        Keep a version and record that it was proposed; False (and nothing happens) if it is on the shelf already.

        Raises:
            LabelTaken: this label names another content; give the new one another label.
        """

        def work(tx: Transaction) -> bool:
            tx.hold_desk()  # replicas that start together propose the same version
            for row in self._versions_like(tx, policy, label, bundle):
                if row["bundle"] == bundle:
                    return False
                raise LabelTaken(
                    f"policy {policy}: the label {label!r} already names another text "
                    f"(proposed {row['proposed_at']:%Y-%m-%d}); give the changed file a new label"
                )
            kept = {"policy": policy, "label": label, "bundle": bundle, "texts": dump(dict(texts))}
            tx.wire.core.execute(insert(policy_versions).values(proposed_at=at, **kept))
            tx.record_desk([PolicyProposed(policy=policy, label=label, bundle=bundle)], actor=actor, at=at)
            return True

        return self._record.now(work)

    def _versions_like(self, tx: Transaction, policy: str, label: str, bundle: str) -> list[RowMapping]:
        v = policy_versions.c
        same = (v.bundle == bundle) | ((v.policy == policy) & (v.label == label))
        asked = select(policy_versions).where(same).order_by((v.bundle == bundle).desc())
        return list(tx.wire.core.execute(asked).mappings())

    def bundle(self, digest: str) -> Bundle:
        """Return the bundle of that hash. Raises: UnknownBundle, and what the parser raises."""
        found = self._bundles.get(digest)
        if found is None:
            made = self._parse(self.texts(digest))
            with self._lock:
                found = self._bundles.setdefault(digest, made)
        return found

    def texts(self, digest: str) -> dict[str, str]:
        """Return the files of a version by name. Raises: UnknownBundle."""
        asked = select(policy_versions.c.texts).where(policy_versions.c.bundle == digest)
        with self._engines.read.connect() as core:
            found = core.scalar(asked)
        if found is None:
            raise UnknownBundle(f"no policy version {digest[:12]}… was ever proposed to this desk")
        texts: dict[str, str] = load(found)
        return texts

    def in_force(self, policy: str) -> str | None:
        """Return the bundle hash of the version in force, or None."""
        asked = select(policies_in_force.c.bundle).where(policies_in_force.c.policy == policy)
        with self._engines.read.connect() as core:
            found: str | None = core.scalar(asked)
        return found

    def first_in_force(self, policy: str) -> datetime | None:
        """Return when a version was put in force for the first time (procedure time), or None."""
        with read_wire(self._engines) as wire:
            return desk_log.first_in_force(wire, policy)

    def versions(self, policy: str | None = None) -> list[Version]:
        """Return the versions, by policy, the newest first."""
        v, f = policy_versions.c, policies_in_force.c
        asked = (
            select(v.policy, v.label, v.bundle, v.proposed_at, f.since.label("in_force_since"))
            .outerjoin(policies_in_force, (f.policy == v.policy) & (f.bundle == v.bundle))
            .order_by(v.policy, v.proposed_at.desc())
        )
        if policy is not None:
            asked = asked.where(v.policy == policy)
        with self._engines.read.connect() as core:
            rows: list[Any] = list(core.execute(asked).mappings())
        return [Version(**row) for row in rows]
