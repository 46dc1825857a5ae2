"""The way of a case as a graph: stages, choices, branches that run side by side, ends; what a diagram draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from complaints.policy import Policy
from complaints.policy_model import Again, Do, Run, Step, Together
from complaints.policy_parts import Target, Words
from complaints.policy_phrases import Speaker

Kind = Literal["start", "stage", "choice", "split", "join", "run", "end"]
_W = Words
FINISHED = _W("finished", "办结", "辦結")
YES, NO = _W("yes", "是", "是"), _W("no", "否", "否")
NEW_CASE = _W("new linked case", "另立新案", "另立新案")
AGAIN = _W("again, at most {0} times", "重复，至多 {0} 次", "重複，至多 {0} 次")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One shape. *column*, *row*: its place in the grid of its route; *stage*: the stage's id; *closes*: the case closes here."""

    id: str
    kind: Kind
    text: str = ""
    who: str = ""
    limit: str = ""
    source: str = ""
    stage: str | None = None
    closes: bool = False
    column: int = 0
    row: int = 0


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One arrow. *is_back*: it leads to an earlier shape; *is_aside*: it opens something beside the way."""

    start: str
    end: str
    text: str = ""
    is_back: bool = False
    is_aside: bool = False


@dataclass
class RouteGraph:
    """A route: its name, the words that say when it begins, its shapes and arrows; *rows* is how many rows it takes."""

    id: str
    title: str
    is_main: bool
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    rows: int = 1


@dataclass(frozen=True)
class PolicyGraph:
    """All routes of a policy, the main ones first, and the arrows between routes."""

    title: str
    routes: tuple[RouteGraph, ...]
    across: tuple[Edge, ...]


def policy_graph(policy: Policy, language: str = "en") -> PolicyGraph:
    """Return the graph of *policy*, with words in *language*; a return to an earlier stage (D18) is not drawn."""
    speaker = Speaker(policy, language)
    mains = policy.main_routes()
    builders = [_Builder(policy, speaker, name, is_main=name in mains) for name in (*mains, *_others(policy))]
    starts = {b.graph.id: b.graph.nodes[0].id for b in builders}
    across = [
        Edge(start=start, end=starts[route], text=text, is_aside=True)
        for b in builders
        for start, route, text in b.opens
        if route in starts
    ]
    return PolicyGraph(policy.policy.text, tuple(b.graph for b in builders), tuple(across))


def _others(policy: Policy) -> Iterator[str]:
    mains = policy.main_routes()
    return (name for name in policy.routes if name not in mains)


@dataclass(frozen=True)
class _Open:
    """An arrow that has no end yet."""

    start: str
    text: str = ""


class _Builder:
    """Lays a path out from left to right; branches that run side by side take rows below one another."""

    def __init__(self, policy: Policy, speaker: Speaker, name: str, *, is_main: bool) -> None:
        self.policy, self.speaker = policy, speaker
        self.route = policy.routes[name]
        self.graph = RouteGraph(id=name, title=self._title(name), is_main=is_main)
        self.opens: list[tuple[str, str, str]] = []
        self.stages: dict[str, str] = {}
        self.jumps: list[tuple[str, str, str]] = []
        self._lay()

    def _title(self, name: str) -> str:
        trigger = self.route.opens
        if self.policy.main_routes() == (name,):
            return self.policy.policy.text
        label = self.speaker.label(name)
        return f"{label}: {self.speaker.happening(trigger.upon)}" if trigger is not None else label

    def _lay(self) -> None:
        start = self._add("start", 0, 0, text=self.graph.title)
        ends, column = self._path(self.route.path, [_Open(start)], 1, 0)
        last = self._add("end", column, 0, text=self.speaker.say(FINISHED))
        self._join(ends, last)
        for node, stage, text in self.jumps:
            if stage in self.stages:
                target = self.stages[stage]
                back = self._column(target) <= self._column(node)
                self.graph.edges.append(Edge(start=node, end=target, text=text, is_back=back))
        self.graph.rows = 1 + max(n.row for n in self.graph.nodes)

    def _column(self, node: str) -> int:
        return next(n.column for n in self.graph.nodes if n.id == node)

    def _add(self, kind: Kind, column: int, row: int, **more: Any) -> str:
        id_ = f"{self.graph.id}.{len(self.graph.nodes)}"
        self.graph.nodes.append(Node(id=id_, kind=kind, column=column, row=row, **more))
        return id_

    def _join(self, ends: Sequence[_Open], node: str) -> None:
        self.graph.edges += [Edge(start=end.start, end=node, text=end.text) for end in ends]

    # --- the forms of a path --------------------------------------------------------------------------------

    def _path(self, steps: Sequence[Step], ends: list[_Open], column: int, row: int) -> tuple[list[_Open], int]:
        for step in steps:
            ends, column = self._step(step, ends, column, row)
        return ends, column

    def _step(self, step: Step, ends: list[_Open], column: int, row: int) -> tuple[list[_Open], int]:
        passed: list[_Open] = []
        if not isinstance(step, Again) and step.when is not None:
            choice = self._add("choice", column, row, text=self.speaker.condition(step.when))
            self._join(ends, choice)
            ends, passed = [_Open(choice, self.speaker.say(YES))], [_Open(choice, self.speaker.say(NO))]
            column += 1
        match step:
            case Do():
                ends, column = self._do(step, ends, column, row)
            case Together():
                ends, column = self._together(step, ends, column, row)
            case Again():
                ends, column = self._again(step, ends, column, row)
            case Run():
                node = self._add("run", column, row, text=self.speaker.label(step.run))
                self._join(ends, node)
                ends, column = [_Open(node)], column + 1
        return [*ends, *passed], column

    def _do(self, step: Do, ends: list[_Open], column: int, row: int) -> tuple[list[_Open], int]:
        stage = self.policy.stages[step.do]
        people = [stage.who, *stage.with_]
        node = self._add(
            "stage",
            column,
            row,
            text=self.speaker.label(step.do),
            who=self.speaker.joined([self.speaker.people(who) for who in people]),
            limit=self.speaker.limit_ref(stage.limit) if stage.limit is not None else "",
            source=str(step.source or stage.source or ""),
            stage=step.do,
            closes=self.route.closes == step.do,
        )
        self.stages[step.do] = node
        self._join(ends, node)
        goes_on = self._decisions(step.do, stage.decisions, node, column, row)
        return goes_on, column + 1

    def _decisions(self, name: str, decisions: dict[str, Target], node: str, column: int, row: int) -> list[_Open]:
        on = [d for d, t in decisions.items() if t.kind == "next"]
        several = sum(t.kind != "back" for t in decisions.values()) > 1
        for decision, target in decisions.items():
            text = self.speaker.label(decision, name)
            if target.kind == "close_as":
                end = self._add("end", column, row + 1, text=self.speaker.label(str(target.arg)))
                self.graph.edges.append(Edge(start=node, end=end, text=text))
            elif target.kind == "new_case":
                end = self._add("end", column, row + 1, text=self.speaker.say(NEW_CASE))
                self.graph.edges.append(Edge(start=node, end=end, text=text))
            elif target.kind in ("to", "reopen_at"):
                self.jumps.append((node, str(target.arg), text))
            elif target.kind == "open":
                self.opens.append((node, str(target.arg), text))
        return [_Open(node, self.speaker.label(d, name) if several else "") for d in on]

    def _together(self, step: Together, ends: list[_Open], column: int, row: int) -> tuple[list[_Open], int]:
        split = self._add("split", column, row)
        self._join(ends, split)
        open_ends, widest = list[_Open](), column + 1
        for branch in step.together:
            branch_ends, width = self._path(branch, [_Open(split)], column + 1, row)
            open_ends += branch_ends
            widest = max(widest, width)
            row = 1 + max(n.row for n in self.graph.nodes)
        first = next(n for n in self.graph.nodes if n.id == split)
        join = self._add("join", widest, first.row, text="" if step.join == "all" else "1")
        self._join(open_ends, join)
        return [_Open(join)], widest + 1

    def _again(self, step: Again, ends: list[_Open], column: int, row: int) -> tuple[list[_Open], int]:
        choice = self._add("choice", column, row, text=self.speaker.condition(step.until))
        self._join(ends, choice)
        back = self.speaker.say(AGAIN, str(step.at_most))
        self.jumps.append((choice, step.again, back))
        return [_Open(choice, self.speaker.say(YES))], column + 1
