"""A ruling in the making: events are taken into the case as they are decided, so that each sees the ones before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from complaints import events as e
from complaints.case import Branch, Case, Visit
from complaints.commands import OpenCase
from complaints.evolution import evolve, happenings
from complaints.facts import Facts
from complaints.notices import Notice, Priority
from complaints.policy import Policy
from complaints.policy_model import StageDef
from complaints.stages import stage_def
from complaints.world import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What `decide` returns: the case after it, its events and notices, the words apart, and cases that begin with it.
    *repeats*: the earlier case that this one is the same matter as."""

    case: Case
    events: tuple[e.Recorded, ...]
    notices: tuple[Notice, ...]
    words: Mapping[str, str]
    spawned: tuple[OpenCase, ...] = ()
    repeats: tuple[str, ...] = ()


@dataclass
class Draft:
    """The case while it is being decided on. *actor*: who caused it."""

    world: World
    actor: str
    case: Case = None  # type: ignore[assignment]  # set by the first event of a new case
    events: list[e.Recorded] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    spawned: list[OpenCase] = field(default_factory=list)
    repeats: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    _facts: Facts | None = None
    _policy: Policy | None = None

    # --- writing ------------------------------------------------------------------------------------------

    def emit(self, event: e.Event, *, actor: str | None = None) -> None:
        """Record *event* as happening now, take it into the case, and remember what it means to triggers."""
        seq = (self.case.seq if self.case else 0) + 1
        recorded = e.Recorded(seq=seq, at=self.world.now, actor=actor or self.actor, event=event)
        self.case = evolve(self.case, recorded)
        self.events.append(recorded)
        self._facts = None
        self.pending.extend(happenings(recorded, self.case))

    def keep_words(self, text: str) -> dict[str, Any]:
        """Keep free words apart from the chain and return the reference to them."""
        case_id = self.case.id if self.case else "new"
        word = f"{case_id}-{(self.case.seq if self.case else 0) + 1}-{len(self.words)}"
        self.words[word] = text
        return {"$words": word}

    def words_or_none(self, text: str | None) -> dict[str, Any] | None:
        return self.keep_words(text) if text else None

    def tell(
        self,
        kind: str,
        to: str | None,
        *,
        visit: int | None = None,
        deadline: int | None = None,
        priority: Priority = Priority.CARD,
        live: bool = False,
        thread: str | None = None,
        merge: str | None = None,
        overtakes: bool = False,
        facts: dict[str, Any] | None = None,
        not_before: Any = None,
    ) -> None:
        """Add a notice; without an address it goes to the fallback channel, so that it is never lost."""
        self.notices.append(
            Notice(
                id=f"{self.case.id}-{self.case.seq}-{len(self.notices)}",
                kind=kind,
                to=to or self.world.people.fallback_channel,
                case_id=self.case.id,
                visit=visit,
                deadline=deadline,
                priority=priority,
                live=live,
                thread=thread,
                merge=merge,
                overtakes=overtakes,
                facts=facts or {},
                not_before=not_before,
            )
        )

    # --- asking -------------------------------------------------------------------------------------------

    @property
    def policy(self) -> Policy:
        if self._policy is None:
            self._policy = self.world.policy(self.case)
        return self._policy

    @property
    def facts(self) -> Facts:
        if self._facts is None:
            self._facts = Facts(self.case, self.world)
        return self._facts

    def facts_of(self, branch: Branch) -> Facts:
        """Return the facts with what `each` bound in this branch."""
        return Facts(self.case, self.world, bound=branch.bound) if branch.bound else self.facts

    def stage(self, visit: Visit) -> StageDef:
        return stage_def(self.policy, visit.stage)

    def next_visit(self) -> int:
        return max(self.case.visits, default=0) + 1

    def next_branch(self) -> int:
        return max(self.case.branches, default=0) + 1

    def next_deadline(self) -> int:
        return max(self.case.deadlines, default=0) + 1

    def ruling(self) -> Ruling:
        return Ruling(
            case=self.case,
            events=tuple(self.events),
            notices=tuple(self.notices),
            words=dict(self.words),
            spawned=tuple(self.spawned),
            repeats=tuple(self.repeats),
        )
