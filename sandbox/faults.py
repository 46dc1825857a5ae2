"""Misbehaviour on demand: what the sandbox was told to do wrong, and to which call or delivery it applies."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

CALL_FAULTS = {"lose_answer", "delay", "error", "ratelimit", "drop"}
DELIVERY_FAULTS = {"redeliver", "reorder", "delay_delivery", "lose_delivery", "lose_ack"}
KINDS = CALL_FAULTS | DELIVERY_FAULTS


@dataclass(kw_only=True)
class Fault:
    """
    One standing fault.

    *method*: pattern of API methods (`chat.*`) or of delivery kinds (`events_api`, `interactive`, …).
    *share*: part of the calls, 0 to 1. *count*: how often at most. *seconds*: for delays and Retry-After.
    *after_work*: for `error`, `drop` and `delay`, do the work first.
    """

    id: int = 0
    kind: str
    method: str = "*"
    channel: str | None = None
    share: float = 1.0
    count: int | None = None
    seconds: float = 1.0
    status: int = 503
    after_work: bool = False
    seed: int = 0
    used: int = 0
    _dice: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault “{self.kind}”; choose one of {', '.join(sorted(KINDS))}")
        self._dice = random.Random(self.seed)

    @property
    def spent(self) -> bool:
        return self.count is not None and self.used >= self.count

    def strikes(self, method: str, channel: str | None) -> bool:
        """Say whether it applies this time, and count it if so."""
        if self.spent or not fnmatchcase(method, self.method) or self.channel not in (None, channel):
            return False
        if self._dice.random() >= self.share:
            return False
        self.used += 1
        return True

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if not name.startswith("_")}


class Faults:
    def __init__(self) -> None:
        self.standing: list[Fault] = []
        self._last_id = 0

    def add(self, **what: Any) -> Fault:
        self._last_id += 1
        fault = Fault(**{**what, "id": self._last_id})
        self.standing.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        self.standing = [] if fault_id is None else [each for each in self.standing if each.id != fault_id]

    def striking(self, kinds: set[str], method: str, channel: str | None = None) -> list[Fault]:
        """Return the faults of *kinds* that apply to this call or delivery, each counted as used."""
        if not self.standing:
            return []
        return [each for each in self.standing if each.kind in kinds and each.strikes(method, channel)]
