"""Policy files are proposals: shelved by content, the first one put in force by the desk officer, later ones approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from complaints.events import PolicyPutInForce
from complaints.numbers import same_numbers, say_same
from complaints.people import DeskPlan
from complaints.policy import LoadedPolicy, Policy
from complaints.policy_findings import PolicyRefused
from complaints.refusals import NotAllowedHere, NotAuthorized
from handlers.cards.refs import UnknownRef
from storage.policy_files import load_bundle, policy_files
from storage.policy_shelf import LabelTaken, UnknownBundle
from storage.record import Transaction
from storage.store import Store

MOST_PROBLEMS = 5
SHIPPED = Path(__file__).resolve().parents[1] / "policies"


NO_CASES = "it is a library and has no cases of its own; name it under `libraries` in the desk file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelved:
    """What came of looking at a policy file. *waits*: a new version that its approver has not put in force yet."""

    policy: str
    label: str
    bundle: str
    in_force: str | None
    problem: str | None = None

    @property
    def waits(self) -> bool:
        return self.problem is None and self.in_force is not None and self.in_force != self.bundle


def policy_folder_of(policy: str, extra: Path | None) -> Path:
    """Return the folder that holds a policy's file: the deployment's own folder before the shipped one."""
    return extra if extra is not None and policy in policy_files(extra) else SHIPPED


def libraries_of(plan: DeskPlan, extra: Path | None) -> dict[str, Path]:
    """Return the libraries that the desk loads along with each of its policies: id to file."""
    return {name: policy_folder_of(name, extra) / f"{name}.yml" for name in plan.libraries}


def load_policy_of(policy: str, plan: DeskPlan, extra: Path | None) -> LoadedPolicy:
    """Return a policy of the desk as its files say it now. Raises PolicyRefused."""
    return load_bundle(policy_folder_of(policy, extra), policy, libraries_of(plan, extra))


def shelve_policies(store: Store, plan: DeskPlan, extra: Path | None, now: datetime) -> list[Shelved]:
    """
    Put the desk's policy files on the shelf and the first version of each in force by the desk officer (DESIGN §2).

    A file that can't be read, or whose label names other content already, leaves the version in force as it is.
    """
    before: list[Policy] = []
    return [_shelve(store, policy, plan, extra, now, before) for policy in plan.policies]


def _shelve(
    store: Store, policy: str, plan: DeskPlan, extra: Path | None, now: datetime, before: list[Policy]
) -> Shelved:
    """*before*: the policies of the desk looked at so far; this one's numbers must not be theirs."""
    in_force = store.shelf.in_force(policy)
    try:
        bundle = load_policy_of(policy, plan, extra)
        if meeting := next(iter(same_numbers([*before, *bundle], plan.prefixes)), None):
            return Shelved(policy=policy, label="", bundle="", in_force=in_force, problem=say_same(meeting))
        before.extend(bundle)
        if bundle.policy.is_library:
            return Shelved(policy=policy, label="", bundle="", in_force=in_force, problem=NO_CASES)
        _propose(store, bundle, plan.officer, now)
    except (PolicyRefused, LabelTaken) as refused:
        return Shelved(policy=policy, label="", bundle="", in_force=in_force, problem=_first(str(refused), policy))
    if in_force is None:
        _record(store, bundle, actor=plan.officer, now=now, first=True)
        in_force = store.shelf.in_force(policy)
    return Shelved(policy=policy, label=bundle.label, bundle=bundle.digest, in_force=in_force)


def _first(problems: str, policy: str) -> str:
    """Return the first of the problems, one a line: health and the log need not hold ten thousand."""
    shown = problems.splitlines()
    rest = len(shown) - MOST_PROBLEMS
    return "\n".join(
        (*shown[:MOST_PROBLEMS], *([f"… and {rest} more; `redress policy check {policy}`"] if rest > 0 else []))
    )


def _propose(store: Store, bundle: LoadedPolicy, officer: str, now: datetime) -> None:
    texts: Mapping[str, str] = bundle.texts
    store.shelf.propose(policy=bundle.id, label=bundle.label, bundle=bundle.digest, texts=texts, actor=officer, at=now)


def approver(store: Store, bundle: LoadedPolicy) -> str:
    """Return the role whose approval a version needs: the one in force names it, for no text chooses who approves it (our
    default)."""
    digest = store.shelf.in_force(bundle.id)
    known: LoadedPolicy = store.shelf.bundle(digest) if digest is not None else bundle
    return known.policy.policy.in_force_by


def approvers(store: Store, bundle: LoadedPolicy, plan: DeskPlan, now: datetime) -> tuple[str, ...]:
    """Return who answers for that role now; of a role that the desk has no more, the general manager (D14)."""
    return plan.holders(approver(store, bundle), now)


def put_in_force(store: Store, policy: str, digest: str, plan: DeskPlan, actor: str, now: datetime) -> LoadedPolicy:
    """
    Put a shelved version in force by the recorded approval of the role that the one in force names (GA-01).

    Raises:
        NotAuthorized: the actor does not hold that role now.
        NotAllowedHere: it is in force already, or one that was proposed later is: a late press, or one that Slack delivers
            again, does not bring an older text back (our default; whoever wants it proposes it under a new label).
        UnknownRef: no version of that policy has this digest; no button of ours ever said so.
    """
    try:
        bundle: LoadedPolicy = store.shelf.bundle(digest)
    except UnknownBundle:
        raise UnknownRef(digest[:40]) from None
    if bundle.policy.id != policy:
        raise UnknownRef(policy[:40])
    role, people = approver(store, bundle), approvers(store, bundle, plan, now)
    if actor not in people and not plan.has_role(actor, role, now):
        raise NotAuthorized("policy_not_yours", source=None, people=people, role=role, policy=policy)
    if not _record(store, bundle, actor=actor, now=now, first=False):
        raise NotAllowedHere("policy_in_force_already", source=None, policy=policy, label=bundle.label)
    return bundle


def _record(store: Store, bundle: LoadedPolicy, *, actor: str, now: datetime, first: bool) -> bool:
    """
    Record the policy and its annexes as in force: an annex runs by itself as a sub-procedure of the same bundle.

    Returns whether it was recorded; not when it is in force already (as the *first*: when any is), of which another
    replica or another approver may have been the author just now.
    """
    labels = {one.id: one.policy.label for one in bundle} | {bundle.id: bundle.label}
    events = [
        PolicyPutInForce(policy=id_, label=label, bundle=bundle.digest, first=first) for id_, label in labels.items()
    ]

    def work(tx: Transaction) -> bool:
        tx.hold_desk()
        there = tx.in_force(bundle.id)
        if there == bundle.digest or (first and there is not None):
            return False
        if tx.is_overtaken(bundle.id, bundle.digest):
            raise NotAllowedHere("policy_overtaken", source=None, policy=bundle.id, label=bundle.label)
        tx.record_desk(events, actor=actor, at=now)
        return True

    return store.record.now(work)
