"""
Hostile words, made up by hypothesis: nothing crashes, nothing pings, nothing is lost in silence.

The runs are short and always the same. `REDRESS_FUZZ=5000` makes that many examples of each, other ones every time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

LONG = int(os.environ.get("REDRESS_FUZZ", "0"))


def examples(few: int) -> settings:
    """Return how long to search: *few* examples, always the same ones, or as many as `REDRESS_FUZZ` says."""
    return settings(
        max_examples=LONG or few, derandomize=not LONG, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )  # fmt: skip
