"""Conditions of anything: read or refused, answered with yes, no or unknown, and never more than a moment of anybody's time."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from complaints.conditions import Condition, ConditionError
from tests.complaints.test_conditions import FIELDS, symbols
from tests.fuzz import examples
from tests.fuzz.hostile import words

PARTS = (
    *FIELDS, "is", "is not", "in", "not in", "and", "or", "not", "known(", "min(", "max(", "sum(", "count(", "round(",
    "working_days(", ")", "(", "[", "]", ",", "+", "-", "*", "/", "**", "//", "%", "<", "<=", ">", "==", "1", "0", "0.05",
    "9999999999999999999", "1e9", "'x'", "foreign", "media", "g2", "start", ".", "__class__", "lambda", ":", "if", "else",
    "days", "months", "2026-11-02", "production", "unknown",
)  # fmt: skip
FACTS = {
    "market": "foreign", "grade": "g2", "flags": ("media",), "kind": "rework", "amount": Decimal("1e12"),
    "price": Decimal(0), "rate": Decimal("0.1"), "count": Decimal("-3"), "solved": True, "part_no": "x" * 3000,
    "shipped_on": date.max, "complained_on": date.min, "received_at": datetime(2026, 11, 2, tzinfo=UTC),
    "liable": ("production",),
}  # fmt: skip


@examples(250)
@given(st.one_of(st.lists(st.sampled_from(PARTS), min_size=1, max_size=14).map(" ".join), words))
def test_a_condition_is_refused_or_answers(text: str) -> None:
    begun = time.process_time()
    try:
        condition = Condition(text)
        condition.bind(symbols(start=True))
    except ConditionError:
        pass
    else:
        for facts in (FACTS, {}):
            assert condition.evaluate(facts) in (True, False, None)
    assert time.process_time() - begun < 1
