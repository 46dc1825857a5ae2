"""Made-up values for the fields of a policy, for rehearsals: always of the right type, drawn from a seeded source."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from complaints.policy_model import FieldDef

WORDS = "Made up for a rehearsal"


@dataclass(frozen=True, kw_only=True)
class MakeUp:
    """Draws values. *units* and *people* are those of the desk, *fields* the policy's, *customers* codes of its register."""

    rng: random.Random
    units: Sequence[str]
    people: Sequence[str]
    fields: Mapping[str, FieldDef] = field(default_factory=dict)
    customers: Sequence[str] = ("C-0001", "C-0002", "C-0003", "C-0004", "C-0005")

    def value(self, asked: FieldDef, now: datetime) -> Any:
        """Return a value for a field as somebody would fill it in; None for a file, which comes with the form."""
        match asked.type:
            case "lines":
                return [
                    {name: self._in_column(name, kind, now) for name, kind in asked.columns.items()}
                    for _ in range(self.rng.randint(1, 3))
                ]
            case "choice":
                return self.rng.choice(asked.choices)
            case "choices":
                return self.rng.sample(asked.choices, self.rng.randint(0, min(2, len(asked.choices))))
            case _:
                return self._of(asked.type, now)

    def _in_column(self, name: str, kind: str, now: datetime) -> Any:
        return self.rng.choice(self.fields[name].choices) if kind == "choice" else self._of(kind, now)

    def _of(self, kind: str, now: datetime) -> Any:
        rng = self.rng
        match kind:
            case "number":
                return str(rng.choice((1, 2, 3, 4, 5, 10, 50, 100, 500)))
            case "money":
                return str(round(rng.lognormvariate(8, 1.5), 2))
            case "ratio":
                return "1"
            case "date":
                return self._day(now.date()).isoformat()
            case "instant":
                return (now + timedelta(hours=rng.randint(-48, 240))).isoformat()
            case "yes_no":
                return rng.random() < 0.5
            case "customer":
                return rng.choice(self.customers)
            case "person":
                return rng.choice(self.people)
            case "unit":
                return rng.choice(self.units)
            case "units":
                return rng.sample(list(self.units), min(2, len(self.units)))
            case "sample":
                return True
            case "file":
                return None
            case _:
                return WORDS

    def _day(self, today: date) -> date:
        """Draw a day near *today*, now and then one far from it: a purchase lies years back."""
        return today + timedelta(days=self.rng.randint(-60, 60) * self.rng.choice((1, 1, 1, 8)))
