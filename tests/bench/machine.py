"""The machine that is measured on: its cores, its load, and what a process holds."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

KIB_A_MIB = 1024
PACKAGES = ("slack-bolt", "SQLAlchemy", "APScheduler", "uvicorn", "aiohttp", "psycopg")


def cores() -> tuple[int, int]:
    """Return the core for the server and the one for the load; the same one on a machine that has no other."""
    found = sorted(os.sched_getaffinity(0))
    return found[0], found[-1]


def pin(core: int, pid: int = 0) -> None:
    """Let a process (default: this one) run on *core* only."""
    os.sched_setaffinity(pid, {core})


def resident_mib(pid: int | None = None) -> float:
    """Return the resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid or os.getpid()}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / KIB_A_MIB
    return 0.0


def described() -> dict[str, Any]:
    """Return what a reader of the figures must know about the machine."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
