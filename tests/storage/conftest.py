"""The same tests on SQLite and PostgreSQL: `store` is an open record on an empty database of either."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import notice_book
from storage.engine import open_engines
from storage.store import Store, open_store
from storage.tables import metadata
from storage.upgrade import prepare
from tests.storage import acts
from tests.support.postgres import Cluster, postgres_cluster

__all__ = ["postgres_cluster"]

NewDatabase = Callable[[], str]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    engines = open_engines(f"sqlite:///{path}")
    prepare(engines.write)
    engines.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_cluster: Cluster) -> str:
    """The URL of a database with the tables; `url` empties it for each test, which is faster than a new one."""
    url = postgres_cluster.new_database()
    engines = open_engines(url)
    prepare(engines.write)
    engines.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with empty tables."""
    if database == "postgresql":
        shared: str = request.getfixturevalue("postgres_tables")
        _empty(request.getfixturevalue("postgres_cluster"), shared)
        return shared
    path = tmp_path / "redress.sqlite3"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


def _empty(cluster: Cluster, url: str) -> None:
    with cluster.connect(Cluster.name_of(url)) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(f'DELETE FROM "{table.name}"')


@pytest.fixture
def bare_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if database == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        return cluster.new_database()
    return f"sqlite:///{tmp_path / 'bare.sqlite3'}"


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(url, tmp_path / "data", dict)
    yield opened
    opened.close()


@pytest.fixture
def stores(store: Store, database: str, url: str, tmp_path: Path) -> Iterator[list[Store]]:
    """Return the records that work side by side: one on SQLite, two on PostgreSQL."""
    found = [store]
    if database == "postgresql":
        found.append(open_store(url, tmp_path / "second", dict))
    yield found
    for other in found[1:]:
        other.close()


@pytest.fixture
def machine_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was put out be past its holding time at the tests' present."""
    monkeypatch.setattr(notice_book, "machine_now", lambda: acts.NOW - notice_book.MERGE_HOLD)
