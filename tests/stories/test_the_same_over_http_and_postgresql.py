"""Log, register, decide one stage: in signed HTTP mode, and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.playground import playground
from sandbox.client import SandboxClient
from sandbox.tour.story import START
from tests.stories.conversation import Story
from tests.support.postgres import Cluster, postgres_cluster

pytestmark = pytest.mark.slow

__all__ = ["postgres_cluster"]


def play(story: Story) -> None:
    story.at_production()

    assert story.waits_at() == ["production_analysis"]
    assert story.redress("case", "verify")


def test_over_signed_http(tmp_path: Path) -> None:
    with playground(folder=tmp_path, http=True, start_at=START) as place:
        play(Story(desk=SandboxClient(place.url), place=place))


def test_on_postgresql(tmp_path: Path, postgres_cluster: Cluster) -> None:
    with playground(folder=tmp_path, start_at=START, database_url=postgres_cluster.new_database()) as place:
        play(Story(desk=SandboxClient(place.url), place=place))
