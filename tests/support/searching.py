"""How long hypothesis plays what people do: shortly in `make test`, as long as `REDRESS_FUZZ` says in `make fuzz`."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

from tests.fuzz import LONG


def steps(few: int, each: int = 50, *, shrunk: bool = True) -> settings:
    """
    Return how long to play: *few* examples of at most *each* steps.

    They are the same ones every time, so that a test run can be repeated; a long search looks for others.

    *shrunk*: a long search makes what failed small before it is shown; of no use where threads decide what happens.
    """
    return settings(
        max_examples=LONG or few, stateful_step_count=each, deadline=None, database=None, derandomize=not LONG,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, *([Phase.shrink] if shrunk and LONG else [])],
    )  # fmt: skip
