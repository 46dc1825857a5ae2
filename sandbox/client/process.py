"""Starts the sandbox as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from sandbox.client.desk import SandboxClient
from sandbox.client.problems import CannotDo


class Running:
    """A sandbox that this process started; use it with `with`."""

    def __init__(self, process: subprocess.Popen[str], ready: dict[str, Any]):
        self.process, self.url, self.api_url = process, ready["url"], ready["api_url"]
        self.client = SandboxClient(self.url)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_sandbox(workspace: Path | str, *options: str, folder: Path | str | None = None) -> Running:
    """Start `python -m sandbox` with *options* and return it when it is ready; it ends with this process."""
    command = [sys.executable, "-m", "sandbox", "--workspace", str(workspace), "--end-with-parent", *options]
    root = folder or Path(__file__).resolve().parents[2]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise CannotDo(f"the sandbox did not start (exit code {process.wait()})")
    return Running(process, json.loads(line))
