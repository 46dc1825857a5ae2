"""What the people of the load did and what they were told: the independent model that the audit compares with."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

DONE, REFUSED, UNKNOWN, HEARD = "done", "refused", "unknown", "heard"
"""Told that it is done; told why not; no answer. *heard*: words in a thread, which nobody answers."""


@dataclass
class Act:
    """
    One act of a person, however often it was sent.

    *words*: a text that stands in this act alone, or "". *form*: the token of its form, or "". *file*: the name of a file
    given with it, which no other has, or "". *outcome*: the best of all answers, since one act that is sent again is one act.
    """

    number: int
    who: str
    what: str
    words: str = ""
    form: str = ""
    file: str = ""
    case: str = ""
    visit: int | None = None
    at: tuple[str, str] | None = None
    outcome: str = UNKNOWN
    answers: list[str] = field(default_factory=list)
    whispers: list[str] = field(default_factory=list)


def content_of(file: str) -> bytes:
    """Return what stands in a file of that name."""
    return f"made up: {file}".encode()


class History:
    """The acts so far; each is written to *file* as it is told, so that a failed run can be read afterwards."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self.acts: list[Act] = []

    def begin(self, who: str, what: str) -> Act:
        with self._lock:
            act = Act(number=len(self.acts) + 1, who=who, what=what)
            self.acts.append(act)
            return act

    def answered(self, act: Act, outcome: str, *whispers: str) -> None:
        """Note what the person was told: done once is done, and no answer is not a refusal."""
        with self._lock:
            act.whispers += whispers
            act.answers.append(outcome)
            for best in (DONE, HEARD, UNKNOWN, REFUSED):
                if best in act.answers:
                    act.outcome = best
                    break
            self._file.write(json.dumps(asdict(act), ensure_ascii=False) + "\n")
            self._file.flush()

    def of(self, outcome: str) -> Iterator[Act]:
        return (act for act in list(self.acts) if act.outcome == outcome)

    def close(self) -> None:
        self._file.close()
