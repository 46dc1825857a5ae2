"""
Which walk through Slack's protocol shows each kind of card and form, and each capability. `python -m bot.walks` writes docs/walks.md.

Works on a checkout: the marks `@pytest.mark.shows("card.approval", …)` and `@pytest.mark.capabilities("IN-01", …)` of the tests that
go through the protocol are read as text; `tests/stories/seen.yml` says what people see on the walk of each regulation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.coverage import CATALOGUE, ROOT
from bot.marks import marked
from handlers.cards.drawing import KINDS
from handlers.contract import MODALS, SHOWN_ONLY
from handlers.modals.home import HOME_ID

DOCUMENT = ROOT / "docs" / "walks.md"
SEEN = Path("tests") / "stories" / "seen.yml"
PLAYED_BY = "stories/test_each_regulation_in_slack.py"
THROUGH_SLACK = ("stories", "handlers")
"""Folders of tests that go through the protocol: over a socket, and by payloads in front of the real app."""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """
    The walk of a regulation. *answers*: what is filled in where it is not the usual; *seen*: capability to the words
    that somebody had on the screen; *shows*: kinds of cards and forms; *route*: the main route that it goes, where the
    regulation has several.
    """

    name: str
    policy: str
    answers: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    seen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shows: tuple[str, ...] = ()
    route: str = ""


@dataclass(frozen=True, kw_only=True)
class Walks:
    """All kinds of cards and forms with the tests that show them, all capabilities with their walks."""

    kinds: Mapping[str, tuple[str, ...]]
    capabilities: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    walks: tuple[Walk, ...]
    elsewhere: Mapping[str, str]
    still_open: tuple[str, ...]

    @property
    def unknown(self) -> set[str]:
        """Return what a mark or row names and nobody knows."""
        named = {*self.capabilities, *self.elsewhere, *self.still_open}
        return (set(self.kinds) - all_kinds()) | (named - set(self.names))

    @property
    def missing(self) -> set[str]:
        """Return the kinds and capabilities that have no walk, show in Slack, and are not said to be open."""
        shown = {kind for kind, tests in self.kinds.items() if tests}
        return (all_kinds() - shown) | (set(self.names) - {*self.capabilities, *self.elsewhere, *self.still_open})


def all_kinds() -> set[str]:
    """Return every kind of card that the bot posts, every form and view that it opens, and App Home."""
    return {f"card.{kind}" for kind in KINDS} | {f"form.{view}" for view in (*MODALS, *SHOWN_ONLY, HOME_ID)}


def read_walks(root: Path = ROOT) -> tuple[Walk, ...]:
    """Return the walks that are written down: those in which somebody sees something, and one for each main route."""
    return tuple(
        Walk(
            name=name,
            policy=row.get("policy", name),
            answers={field: tuple(values) for field, values in row.get("answers", {}).items()},
            seen={
                one: (words,) if isinstance(words, str) else tuple(words) for one, words in row.get("seen", {}).items()
            },
            shows=tuple(row.get("shows", ())),
            route=row.get("route", ""),
        )
        for name, row in _seen(root)["walks"].items()
    )


def _seen(root: Path) -> Any:
    return yaml.safe_load((root / SEEN).read_text("utf-8"))


def walks(root: Path = ROOT) -> Walks:
    """Return what the checkout at *root* walks."""
    kinds, capabilities = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for test, mark, words in marked(root / "tests", ("shows", "capabilities")):
        if test.startswith(THROUGH_SLACK):
            for word in words:
                (kinds if mark == "shows" else capabilities)[word].append(_link(test))
    played, raw = read_walks(root), _seen(root)
    for walk in played:
        for kind in walk.shows:
            kinds[kind].append(f"[{walk.name}](../tests/{PLAYED_BY})")
        for one, said in walk.seen.items():
            quoted = " … ".join(f"“{_cell(each)}”" for each in said)
            capabilities[one].append(f"[{walk.name}](../tests/{PLAYED_BY}): {quoted}")
    rows = CATALOGUE.findall((root / "docs" / "policies.md").read_text("utf-8"))
    return Walks(
        kinds={kind: tuple(tests) for kind, tests in kinds.items()},
        capabilities={one: tuple(found) for one, found in capabilities.items()},
        names={id_: name.strip() for id_, name, _ in rows},
        walks=played,
        elsewhere=raw["elsewhere"],
        still_open=tuple(raw["open"]),
    )


# --- the document -------------------------------------------------------------------------------------------------


def document(found: Walks) -> str:
    """Return docs/walks.md."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Walks) -> Iterator[str]:
    kinds, shown = all_kinds(), set(found.capabilities) & set(found.names)
    yield "# Walks: each kind of card and each capability, through Slack's protocol"
    yield ""
    yield "Written by `python -m bot.walks`. Words in quotes are what somebody had on the screen in the walk of that regulation (`make walks`); the other walks are tests of `make test`."
    yield ""
    yield f"**{len(kinds - found.missing)} of {len(kinds)} kinds of cards and forms** have a walk · **{len(shown)} of {len(found.names)} capabilities** show in Slack and have one · {len(found.elsewhere)} show elsewhere only · {len(found.still_open)} have none yet."
    yield from ("", "## Cards and forms", "", "| Kind | Walk |", "| --- | --- |")
    for kind in sorted(kinds):
        yield f"| `{kind}` | {_some(found.kinds.get(kind, ()))} |"
    yield from ("", "## Capabilities", "", "| Id | Capability | Walk |", "| --- | --- | --- |")
    for one, name in found.names.items():
        outside = f"*not in Slack: {found.elsewhere[one]}*" if one in found.elsewhere else "**none yet**"
        where = _some(found.capabilities.get(one, ())) or outside
        yield f"| {one} | {name} | {where} |"


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../tests/{path})"


def _some(items: tuple[str, ...], most: int = 2) -> str:
    more = f" +{len(items) - most}" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    DOCUMENT.write_text(document(walks()), "utf-8")
