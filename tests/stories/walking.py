"""A complaint under any regulation, played by its cards alone in a company made up for it, and what people saw meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.commands.demo import TOUR_START
from bot.commands.policy_tools import bundle_of
from bot.playground import Playground, playground
from bot.settings import load_settings
from bot.tour_desk import make_tour_desk
from sandbox.client import SandboxClient
from sandbox.tour.scene import Line, Scene
from sandbox.tour.walk import Walk
from tests.stories.conversation import Story
from tests.stories.witness import Witness


@dataclass(frozen=True, kw_only=True)
class Walked:
    """
    What is left of a walk: its steps in order, every message as it stands at the end, the cases that are not over, and
    which kinds of cards and forms were *shown*.
    """

    lines: Sequence[Line]
    messages: Sequence[str]
    left: Sequence[str]
    shown: set[str]

    def sees(self, words: str) -> bool:
        """Say whether somebody had these words before them: on a card, in a form, in a message."""
        wanted = " ".join(words.split())
        return any(wanted in seen for seen in (*(line.saw for line in self.lines), *self.messages))


def walked(
    policy: str,
    folder: Path,
    answers: Mapping[str, Sequence[Any]] | None = None,
    then: Callable[[Story], None] | None = None,
) -> Walked:
    """
    Play a complaint from `/complaint` to the last card; *answers*: what is filled in, where it is not the usual. *then*:
    what somebody does when nobody has a card any more.

    Raises: StepFailed when a form takes no answer, or cards never end.
    """
    made = make_tour_desk(bundle_of(policy), folder / "company")
    usual = json.loads(made.walk.read_text("utf-8"))
    usual["answers"] |= dict(answers or {})
    usual["also"] = list(answers or {})
    with playground(
        folder=folder / "desk", start_at=TOUR_START, desk_file=made.desk, workspace=made.workspace,
        customers=made.customers, policies=load_settings().policies,
    ) as place:  # fmt: skip
        witness, scene = Witness(place), Scene(desk=SandboxClient(place.url))
        scene.to(TOUR_START)
        Walk(scene=scene, health=f"http://127.0.0.1:{place.bot_port}/healthz", **usual).play()
        if then is not None:
            then(Story(desk=scene.desk, place=place, case=scene.case))
        return Walked(lines=scene.lines, messages=_messages(scene.desk), left=_left(place), shown=witness.shown())


def _left(place: Playground) -> list[str]:
    cases = json.loads(place.run_command("case", "list", "--json"))
    assert cases, "nothing was recorded"
    left = [c for c in cases if c["kind"] != "duty" and c["status"] in ("open", "closed")]
    return [f"{c['name']} stands at {', '.join(c['stages'])}" for c in left]


def _messages(desk: SandboxClient) -> list[str]:
    """Return the words of every message that stands anywhere."""
    everybody = desk.state()["messages"].values()
    return [" ".join(_words(message).split()) for channel in everybody for message in channel]


def _words(part: Any) -> str:
    if isinstance(part, list):
        return " ".join(filter(None, map(_words, part)))
    if not isinstance(part, dict):
        return ""
    own = part["text"] if isinstance(part.get("text"), str) else ""
    return " ".join(filter(None, (own, *(_words(v) for v in part.values()))))
