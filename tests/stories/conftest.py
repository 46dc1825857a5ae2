"""Whole conversations: a sandbox and a bot as processes, on clocks that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.playground import SAMPLE, Playground
from sandbox.tour.scene import Scene
from sandbox.tour.story import START
from tests.chaos.bots import Nursery
from tests.stories.conversation import Story
from tests.stories.hurried import client_of, hurried
from tests.stories.witness import Witness


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("nursery"), SAMPLE / "desk.yml") as started:
        yield started


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Iterator[Playground]:
    """Return the sample company at work, Monday 2 November 2026, 09:30 in Taipei."""
    with hurried(nursery, folder=Path(tmp_path_factory.mktemp("desk")), start_at=START) as started:
        yield started


@pytest.fixture(scope="module")
def unhurried(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Iterator[Playground]:
    """Return the same with machine time as it is, for what counts seconds by itself."""
    folder = Path(tmp_path_factory.mktemp("desk"))
    with hurried(nursery, folder=folder, start_at=START, hurries=False) as started:
        yield started


@pytest.fixture(scope="session")
def used() -> set[Path]:
    """Return the folders of the playgrounds that a test has had."""
    return set()


@pytest.fixture(autouse=True)
def witness(request: pytest.FixtureRequest, used: set[Path]) -> Iterator[None]:
    """
    Hold a test to its mark `shows`: each of these cards and forms did come before somebody's eyes in it.

    The first test of a playground is shown its start too: what a bot says by itself may come before the test begins.
    """
    if "place" not in request.fixturenames:
        yield
        return
    place: Playground = request.getfixturevalue("place")
    seen = Witness.of(place) if place.folder in used else Witness(place)
    used.add(place.folder)
    yield
    marked = {name for mark in request.node.iter_markers("shows") for name in mark.args}
    assert not marked or seen.missed(marked) == set(), "marked as shown, and nobody saw them"


@pytest.fixture
def scene(place: Playground) -> Scene:
    """Return the conversation's stage; the clock goes on from test to test of a module."""
    return Scene(desk=client_of(place))


@pytest.fixture
def story(place: Playground) -> Story:
    """Return the same with the record beside it; modals that an earlier test left open are closed."""
    desk = client_of(place)
    for person in desk.workspace()["people"]:
        if desk.get(f"as/{person['id']}/view")["view"] is not None:
            desk.as_member(person["id"]).act("view/close", all=True)
    desk.clear_faults()
    return Story(desk=desk, place=place)
