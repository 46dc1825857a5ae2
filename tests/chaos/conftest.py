"""One nursery for the tests of a module: starting it costs more than most of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.bots import Nursery
from tests.chaos.company import make_company


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    folder = tmp_path_factory.mktemp("nursery")
    with Nursery(folder, make_company(folder).desk) as started:
        yield started
