"""`python -m sandbox.tour --url URL [--branch NAME] [--json]`: exit 0 only if every step happened."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from sandbox.client import CannotDo, SandboxClient
from sandbox.tour.scene import Line, Scene, StepFailed
from sandbox.tour.story import BRANCHES, START
from sandbox.tour.walk import Walk


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.tour", description="Play a whole complaint through a sandbox."
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--branch", choices=sorted(BRANCHES), default="main")
    parser.add_argument(
        "--walk", type=Path, help="JSON file: reporter, people, answers; plays any regulation by its cards"
    )
    parser.add_argument("--health", default="", help="where the app says what it still has to do")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    scene = Scene(desk=SandboxClient(options.url), tell=(lambda line: None) if options.json else _print)
    problem = _play(scene, options.branch, options.walk, options.health)
    if options.json:
        steps = [asdict(line) for line in scene.lines]
        print(
            json.dumps(
                {"branch": options.branch, "ok": problem is None, "problem": problem, "steps": steps},
                ensure_ascii=False,
            )
        )
    elif problem is not None:
        print(f"The tour stopped: {problem}", file=sys.stderr)
    else:
        print(f"Every step happened: {len(scene.lines)}.")
    return 0 if problem is None else 1


def _play(scene: Scene, branch: str, walk: Path | None, health: str) -> str | None:
    try:
        scene.to(START)
        if walk is None:
            BRANCHES[branch](scene)
        else:
            Walk(scene=scene, health=health, **json.loads(walk.read_text("utf-8"))).play()
    except (StepFailed, CannotDo, AssertionError) as failed:
        return str(failed)
    return None


def _print(line: Line) -> None:
    print(f"{line.at[:16].replace('T', ' ')}  {line.step:<45} {line.who:<12} {line.saw[:90]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
