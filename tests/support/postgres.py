"""A private PostgreSQL for tests: a cluster in a temporary folder, on a Unix socket, stopped at the end."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.programs import skipped_without

MISSING = "PostgreSQL is not installed (no initdb found): the tests that need it are skipped"
_UNPRIVILEGED = ("postgres", "nobody")
START_SECONDS = 60


class NoPostgres(RuntimeError):
    """PostgreSQL can't be started here; the message says why."""


def find_binaries() -> Path | None:
    """Return the folder of initdb and postgres, the newest version first, or None."""
    named = shutil.which("initdb")
    folders = [Path(named).parent] if named else []
    folders += [Path(p) for p in sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=_version, reverse=True)]
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def _version(path: str) -> float:
    try:
        return float(Path(path).parent.name)
    except ValueError:
        return 0.0


class Cluster:
    """A running server of our own. *fsync* off is for tests of behaviour only, never for those of durability."""

    def __init__(self, folder: Path, binaries: Path, *, fsync: bool = True) -> None:
        self.folder = folder
        self._binaries = binaries
        self._fsync = fsync
        self._account = _unprivileged_account()
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster if there is none yet, and start its server."""
        if not (self.folder / "data").exists():
            self._make()
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}"]
        options += ["-c", f"fsync={'on' if self._fsync else 'off'}", "-c", "max_connections=250"]
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [*self._as_account(), self._binaries / "postgres", "-D", self.folder / "data", *options],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        self._wait()

    def stop(self, how: str = "fast") -> None:
        """Stop the server: `fast` in order, `immediate` as in a crash."""
        if self._server is None:
            return
        # The child may be setpriv's own process turned into postgres: the signal reaches the postmaster.
        self._server.send_signal({"fast": 2, "immediate": 3}[how])
        self._server.wait(timeout=START_SECONDS)
        self._server = None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://redress@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"t{uuid.uuid4().hex[:12]}"
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url(name)

    @staticmethod
    def name_of(url: str) -> str:
        """Return the database's name in a URL of `new_database`."""
        return url.split("@/")[1].split("?")[0]

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Return a connection of its own to a database, outside any transaction."""
        return psycopg.connect(
            host=str(self.folder), user="redress", dbname=database, autocommit=True, connect_timeout=5
        )

    def _make(self) -> None:
        if self._account is not None:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        options = ["-A", "trust", "-U", "redress", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [*self._as_account(), self._binaries / "initdb", "-D", self.folder / "data", *options],
            capture_output=True,
            cwd=self.folder,
            check=False,
        )
        if made.returncode != 0:
            raise NoPostgres(f"initdb failed: {made.stderr.decode(errors='replace').strip()}")

    def _as_account(self) -> list[str]:
        """Return what runs a program as the unprivileged account: PostgreSQL refuses root."""
        if self._account is None:
            return []
        return [
            "setpriv", f"--reuid={self._account.pw_uid}", f"--regid={self._account.pw_gid}", "--clear-groups", "--",
        ]  # fmt: skip

    def _wait(self) -> None:
        assert self._server is not None
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._server.poll() is not None:
                break
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        tail = (self.folder / "server.log").read_text(errors="replace")[-1500:]
        raise NoPostgres(f"PostgreSQL did not start: {tail}")


def _unprivileged_account() -> pwd.struct_passwd | None:
    """Return the account for the server when we are root, else None (the server runs as we do)."""
    if os.geteuid() != 0:
        return None
    if shutil.which("setpriv") is None:
        raise NoPostgres("PostgreSQL refuses root and setpriv (util-linux) is missing to become another account")
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL refuses root and there is neither an account postgres nor nobody")


@contextmanager
def private_cluster(*, fsync: bool = True) -> Iterator[Cluster]:
    """Start a cluster in a folder of its own and remove it afterwards. Raises: NoPostgres."""
    binaries = find_binaries()
    if binaries is None:
        raise NoPostgres(MISSING)
    # A short path: a socket's path takes at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="redress-pg-", dir="/tmp" if Path("/tmp").is_dir() else None))
    cluster = Cluster(folder, binaries, fsync=fsync)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A running PostgreSQL of this test process (of this worker under xdist), without fsync; skips if it is missing."""
    with skipped_without(NoPostgres), private_cluster(fsync=False) as cluster:
        yield cluster
