"""Starts the sandbox as a process: `python -m sandbox --workspace FILE.yml …`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from sandbox.server import make_server
from sandbox.standin import Settings, StandIn
from sandbox.world.workspace_file import WorkspaceFileError, read_workspace

HOST = "127.0.0.1"
PARENT_LOOK_SECONDS = 0.5


def read_options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A stand-in Slack for one workspace.")
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free port")
    parser.add_argument("--workspace", type=Path, required=True, help="YAML: team, people, channels, manifest")
    parser.add_argument("--clock-file", type=Path, help="file that holds the procedure's now")
    parser.add_argument("--machine-file", type=Path, help="file to say in by how many seconds machine time is ahead")
    parser.add_argument("--run-clock", action="store_true", help="let the procedure clock move with real time")
    parser.add_argument("--mode", choices=("socket", "http"), default="socket")
    parser.add_argument("--events-url", help="request URL of the app in http mode")
    parser.add_argument("--signing-secret", default=Settings.signing_secret)
    parser.add_argument("--bot-token", default=Settings.bot_token)
    parser.add_argument("--app-token", default=Settings.app_token)
    parser.add_argument("--post-burst", type=int, default=3, help="messages that a channel takes at once (then 1/s)")
    parser.add_argument("--posts-per-minute", type=int, default=600, help="ceiling of the whole workspace")
    parser.add_argument("--end-with-parent", action="store_true", help="end when the starting process is gone")
    return parser.parse_args(arguments)


def settings_from(options: argparse.Namespace) -> Settings:
    names = Settings.__dataclass_fields__
    return Settings(**{name: getattr(options, name) for name in names})


async def serve(options: argparse.Namespace) -> None:
    """Run until a signal comes, or the parent is gone if that was asked for."""
    end, parent = _told_to_end(), os.getppid() if options.end_with_parent else None
    desk = StandIn(read_workspace(options.workspace), settings_from(options))
    runner = web.AppRunner(make_server(desk), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, HOST, options.port).start()
    url = desk.base_url = f"http://{HOST}:{runner.addresses[0][1]}"
    desk.procedure.run(options.run_clock)
    print(json.dumps({"ready": True, "url": url, "api_url": f"{url}/api/", "page": f"{url}/"}), flush=True)
    try:
        await _until(end, parent)
    finally:
        await desk.close()
        await runner.cleanup()


def _told_to_end() -> asyncio.Event:
    """Return what a SIGTERM or SIGINT sets; listened for before anybody can know that we run."""
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    return end


async def _until(end: asyncio.Event, parent: int | None) -> None:
    """Wait for *end*, or until *parent* (a process id), if given, is our parent no more."""
    while not end.is_set() and parent in (None, os.getppid()):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(end.wait(), PARENT_LOOK_SECONDS if parent else None)


def main() -> int:
    try:
        asyncio.run(serve(read_options()))
    except WorkspaceFileError as problem:
        print(problem, file=sys.stderr)
        return 2
    except OSError as problem:
        if problem.errno != errno.EADDRINUSE:
            raise
        print("This port is in use by another program; name another one, or 0 for any free one.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
