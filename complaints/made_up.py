"""Made-up values for the fields of a policy, for rehearsals: always of the right type, drawn from a seeded source."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from complaints.policy_model import FieldDef

WORDS = "Made up for a rehearsal"


@dataclass(frozen=True, kw_only=True)
class MakeUp:
    """Draws values. *units* and *people* are those of the desk, *customers* codes of its register."""

    rng: random.Random
    units: Sequence[str]
    people: Sequence[str]
    customers: Sequence[str] = ("C-0001", "C-0002", "C-0003", "C-0004", "C-0005")

    def value(self, field: FieldDef, now: datetime) -> Any:
        """Return a value for *field* as somebody would fill it in; None for a file, which comes with the form."""
        match field.type:
            case "lines":
                return [
                    {name: self._of(kind, now) for name, kind in field.columns.items()}
                    for _ in range(self.rng.randint(1, 3))
                ]
            case "choice":
                return self.rng.choice(field.choices)
            case "choices":
                return self.rng.sample(field.choices, self.rng.randint(0, min(2, len(field.choices))))
            case _:
                return self._of(field.type, now)

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
