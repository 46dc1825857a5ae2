"""Flushes of another process, counted and delayed by a small library that is preloaded into it."""

from __future__ import annotations

import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("flushes.c")
MISSING = "no C compiler (gcc) here to build the library that counts and delays flushes"


@dataclass(frozen=True)
class Flushes:
    """The library, and the file in which it counts."""

    library: Path
    file: Path

    @property
    def count(self) -> int:
        return int(struct.unpack("Q", self.file.read_bytes()[:8])[0])

    def environment(self, delay_us: int = 0) -> dict[str, str]:
        """Return what the process to be watched is started with."""
        return {
            "LD_PRELOAD": str(self.library),
            "BENCH_FLUSH_FILE": str(self.file),
            "BENCH_FLUSH_DELAY_US": str(delay_us),
        }


def build(folder: Path) -> Flushes | None:
    """Compile the library into *folder*; None where there is no compiler."""
    if shutil.which("gcc") is None:
        return None
    made = Flushes(folder / "flushes.so", folder / "flushes.count")
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", made.library, SOURCE, "-ldl"], check=True)
    made.file.write_bytes(bytes(8))
    return made
