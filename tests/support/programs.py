"""Programs that some tests need and that not every machine has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def skipped_without(missing: type[Exception]) -> Iterator[None]:
    """Skip the test when *missing* is raised, which names the program; `.ci/run` installs them all, so there nothing is skipped."""
    try:
        yield
    except missing as error:
        pytest.skip(str(error))  # no PostgreSQL or no C compiler on this machine
