"""Log, register, decide one stage: in signed HTTP mode, and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.tour.story import START
from tests.chaos.bots import Nursery
from tests.stories.conversation import Story
from tests.stories.hurried import client_of, hurried
from tests.support.postgres import Cluster, postgres_cluster

pytestmark = pytest.mark.slow

__all__ = ["postgres_cluster"]


def play(story: Story) -> None:
    story.at_production()

    assert story.waits_at() == ["production_analysis"]
    assert story.redress("case", "verify")


def test_over_signed_http(tmp_path: Path, nursery: Nursery) -> None:
    with hurried(nursery, folder=tmp_path, http=True, start_at=START) as place:
        play(Story(desk=client_of(place), place=place))


def test_on_postgresql(tmp_path: Path, nursery: Nursery, postgres_cluster: Cluster) -> None:
    with hurried(nursery, folder=tmp_path, start_at=START, database_url=postgres_cluster.new_database()) as place:
        play(Story(desk=client_of(place), place=place))
