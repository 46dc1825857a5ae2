"""The sandbox as a process: how it starts, where it listens, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.client import start_sandbox
from tests.sandbox.conftest import WORKSPACE

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_on_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox", "--workspace", str(WORKSPACE)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())

    process.send_signal(number)

    assert process.wait(60) == 0
    process.stdout.close()
    assert ready["ready"] is True
    assert ready["api_url"] == ready["url"] + "/api/"


def test_it_ends_with_its_parent() -> None:
    start = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'sandbox', '--workspace', "
        f"{str(WORKSPACE)!r}, '--end-with-parent'], stdout=subprocess.PIPE); p.stdout.readline(); print(p.pid)"
    )
    child = int(subprocess.check_output([sys.executable, "-c", start], text=True, cwd=ROOT))

    ends = time.monotonic() + 60
    while is_alive(child):
        assert time.monotonic() < ends, "the sandbox outlived its parent"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_it_listens_on_loopback_only() -> None:
    with start_sandbox(WORKSPACE) as running:
        port = int(running.url.rsplit(":", 1)[1])
        for address in socket.gethostbyname_ex(socket.gethostname())[2]:
            if not address.startswith("127."):
                with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
                    socket.create_connection((address, port), timeout=0.5)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- a list", "expected the keys"),
        ("people: [{title: nobody}]", "neither name nor real_name"),
        ("channels: [{name: a, members: [nobody]}]", "no “nobody” among the people"),
        ("manifest: nowhere.yml", "nowhere.yml cannot be read"),
    ],
)
def test_a_workspace_that_cannot_be_used_is_told_in_one_sentence(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "workspace.yml"
    file.write_text(content)

    ended = subprocess.run(
        [sys.executable, "-m", "sandbox", "--workspace", str(file)], capture_output=True, text=True, cwd=ROOT
    )

    assert ended.returncode == 2
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
