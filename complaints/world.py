"""What a decision may look at beside the case: the time, the policy, the people, the calendars, earlier cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from complaints.case import Case, LedgerLine
from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.ports import CaseCount, Customer
from complaints.workdays import WorkCalendar


class Bundle(Protocol):
    """A policy with every annex that it calls, known by the hash of its content."""

    @property
    def policy(self) -> Policy: ...
    @property
    def annexes(self) -> Mapping[str, Policy]: ...
    @property
    def digest(self) -> str: ...
    @property
    def label(self) -> str: ...


def policy_of(bundle: Bundle, policy_id: str) -> Policy:
    """Return the policy of that id in the bundle: itself or one of its annexes."""
    return bundle.policy if bundle.policy.policy.id == policy_id else bundle.annexes[policy_id]


def no_customer(code: str) -> Customer | None:
    """Know no customer at all (a desk without a register)."""
    return None


def no_words(case_id: str) -> Mapping[str, str]:
    """Know no words of any case."""
    return {}


def no_cases(query: CaseCount) -> Sequence[str]:
    """Know no earlier case."""
    return ()


def nobody_of_that_name(field: str, name: str) -> str | None:
    """Know no customer outside the register."""
    return None


def no_ledger(policy: str, entry: str) -> Sequence[LedgerLine]:
    """Know no line of any ledger."""
    return ()


@dataclass(frozen=True, kw_only=True)
class World:
    """
    What `decide` may ask. *now*: aware UTC, asked once for the command. *serial* draws the next number of a series;
    *count* counts earlier cases and *find* names them; *words* are a case's own; *load* reads another case; *ledger* reads a ledger of a policy;
    *namesake* knows by a name the customer outside the register who was given it before. All of them belong to the same transaction.
    *bundles* finds the version under which another case runs.
    """

    now: datetime
    bundle: Bundle
    people: DeskPlan
    calendars: Mapping[str, WorkCalendar]
    serial: Callable[[str, str], int]
    count: Callable[[CaseCount], int | Decimal]
    load: Callable[[str], Case | None]
    customer: Callable[[str], Customer | None] = no_customer
    ledger: Callable[[str, str], Sequence[LedgerLine]] = no_ledger
    words: Callable[[str], Mapping[str, str]] = no_words
    find: Callable[[CaseCount], Sequence[str]] = no_cases
    namesake: Callable[[str, str], str | None] = nobody_of_that_name
    past_calendars: tuple[WorkCalendar, ...] = ()
    previous: Bundle | None = None
    bundles: Callable[[str], Bundle] | None = None
    cache: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """See the people with what this regulation asks of its roles (GA-04)."""
        kept = self.cache.get(f"people under {self.bundle.digest}")
        if not isinstance(kept, tuple) or kept[0] is not self.people:
            kept = (self.people, self._people())
            self.cache[f"people under {self.bundle.digest}"] = kept
        object.__setattr__(self, "people", kept[1])

    def _people(self) -> DeskPlan:
        policies = (self.bundle.policy, *self.bundle.annexes.values())
        needs = {role: d.needs for policy in policies for role, d in policy.roles.items() if d.needs is not None}
        return self.people.under(needs) if needs != self.people.needs else self.people

    def policy(self, case: Case) -> Policy:
        """Return the policy under which *case* runs."""
        return policy_of(self.bundle, case.policy)

    def around(self, other: Case) -> World:
        """Return this world as another case sees it: with the version of the regulation under which that one runs."""
        if self.bundles is None or other.bundle == self.bundle.digest:
            return self
        return replace(self, bundle=self.bundles(other.bundle))

    def previous_policy(self, case: Case) -> Policy:
        """Return the version under which *case* ran until now, while it is moved to another one."""
        return policy_of(self.previous or self.bundle, case.policy)

    def calendar(self, name: str | None = None) -> WorkCalendar:
        """Return a calendar of the desk, the desk's own one when no name is given or known."""
        return self.calendars.get(name or "", self.calendars[self.people.default_calendar])
