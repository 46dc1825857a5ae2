"""A complaint under any regulation, played by its cards alone in a company made up for it, and what people saw meanwhile."""

from __future__ import annotations

import json
import sqlite3
import time
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
from sandbox.client.words import texts_in
from sandbox.tour.scene import Line, Scene
from sandbox.tour.walk import Walk
from tests.stories.conversation import Story
from tests.stories.witness import Witness

SHOWING = frozenset(
    (
        "chat.postMessage",
        "chat.update",
        "chat.postEphemeral",
        "views.open",
        "views.push",
        "views.update",
        "views.publish",
    )
)

COURIER_SECONDS = 300.0
"""Slack takes fifty rewritings a minute: the longest walk leaves some sixty cards, a good two minutes of them."""
_OPEN = """
    SELECT (SELECT count(*) FROM outbox WHERE state = 'sending' OR (state = 'pending' AND not_before IS NULL))
         + (SELECT count(*) FROM posted_cards WHERE live = 1 AND shown_seq < wanted_seq)
"""


@dataclass(frozen=True, kw_only=True)
class Walked:
    """
    What is left of a walk: its steps in order, every message and form that Slack took, the cases that are not over, and
    which kinds of cards and forms were *shown*. *routes*: those that the complaint went.
    """

    lines: Sequence[Line]
    taken: Sequence[str]
    left: Sequence[str]
    shown: set[str]
    routes: set[str]

    def sees(self, words: str) -> bool:
        """
        Say whether somebody had these words before them: on a card, in a form, in a message; also on a card that was
        rewritten since, so that it does not matter how fast that was.
        """
        wanted = " ".join(words.split())
        return any(wanted in seen for seen in (*(line.saw for line in self.lines), *self.taken))


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
        story = Story(desk=scene.desk, place=place, case=scene.case)
        if then is not None:
            then(story)
        wait_for_the_courier(place)
        return Walked(
            lines=scene.lines,
            taken=_taken(scene.desk),
            left=_left(story),
            shown=witness.shown(),
            routes=_routes(story, scene.case),
        )


def log_another(story: Story, **answers: Sequence[Any]) -> str:
    """Let the same reporter log another complaint, with other *answers*; return its id."""
    assert story.place is not None
    usual = json.loads((story.place.folder.parent / "company" / "walk.json").read_text("utf-8"))
    usual["answers"] |= answers
    Walk(scene=story, **usual).log()
    return story.case


def wait_for_the_courier(place: Playground | None) -> None:
    """Wait until everything is posted and every card shows how its case stands: what comes last is seen too."""
    assert place is not None
    until = time.monotonic() + COURIER_SECONDS
    while (open_ := _in_his_hands(place)) and time.monotonic() < until:
        time.sleep(0.2)
    assert open_ == 0, f"{open_} messages are still to be posted or rewritten"


def _in_his_hands(place: Playground) -> int:
    with sqlite3.connect(place.folder / "redress.sqlite3") as core:
        return int(core.execute(_OPEN).fetchone()[0])


def _routes(story: Story, case: str) -> set[str]:
    return {branch["route"] for branch in story.recorded(case)["case"]["branches"].values()}


def _left(story: Story) -> list[str]:
    cases = story.redress("case", "list")
    assert cases, "nothing was recorded"
    left = [c for c in cases if c["kind"] != "duty" and c["status"] in ("open", "closed")]
    return [f"{c['name']} stands at {', '.join(c['stages'])}" for c in left]


def _taken(desk: SandboxClient) -> list[str]:
    """Return the words of everything that Slack took to show, each as it was then."""
    calls = [call for call in desk.calls() if call["method"] in SHOWING and call.get("ok")]
    return [" ".join(" ".join(texts_in(call["arguments"])).split()) for call in calls]
