"""Where the shapes of a policy's graph stand, in pixels, and by which points its arrows go."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from complaints.policy_graph import Edge, Node, PolicyGraph, RouteGraph

COLUMN_WIDTH, ROW_HEIGHT = 190, 130
TITLE_HEIGHT, MARGIN = 44, 30
SIZES = {
    "stage": (150, 80),
    "run": (150, 80),
    "choice": (44, 44),
    "split": (44, 44),
    "join": (44, 44),
    "start": (32, 32),
    "end": (32, 32),
}

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A shape's place: left upper corner, width and height."""

    node: Node
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, kw_only=True)
class Line:
    """An arrow's points, the first at the shape where it begins; *label_at* is where its words stand."""

    edge: Edge
    points: tuple[Point, ...]
    label_at: Point


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A route on the sheet: its title and where it begins."""

    route: RouteGraph
    y: float


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The whole drawing."""

    width: float
    height: float
    strips: tuple[Strip, ...]
    boxes: dict[str, Box]
    lines: tuple[Line, ...]


def lay_out(graph: PolicyGraph) -> Sheet:
    """Return the drawing of *graph*: a strip for each route, one under the other."""
    strips, boxes, lines, top = list[Strip](), dict[str, Box](), list[Line](), float(MARGIN)
    for route in graph.routes:
        strips.append(Strip(route=route, y=top))
        boxes |= {box.node.id: box for box in _boxes(route, top + TITLE_HEIGHT)}
        lines += [_line(edge, boxes, number) for number, edge in enumerate(route.edges)]
        top += TITLE_HEIGHT + route.rows * ROW_HEIGHT + MARGIN
    width = max((box.x + box.width for box in boxes.values()), default=0.0) + COLUMN_WIDTH / 2
    lines += [_line(edge, boxes, number) for number, edge in enumerate(graph.across)]
    return Sheet(width=width, height=top, strips=tuple(strips), boxes=boxes, lines=tuple(lines))


def _boxes(route: RouteGraph, top: float) -> Iterator[Box]:
    for node in route.nodes:
        width, height = SIZES[node.kind]
        x = MARGIN + node.column * COLUMN_WIDTH + (150 - width) / 2
        y = top + node.row * ROW_HEIGHT + (80 - height) / 2 + 10
        yield Box(node=node, x=x, y=y, width=width, height=height)


def _line(edge: Edge, boxes: dict[str, Box], number: int) -> Line:
    start, end = boxes[edge.start], boxes[edge.end]
    (sx, sy), (ex, ey) = start.middle, end.middle
    shift = 4 * (number % 4)
    if edge.is_aside:
        points = _down(start, end, shift)
    elif sx >= ex and sy == ey:
        bend = start.y - 14 - shift
        points = ((sx, start.y), (sx, bend), (ex, bend), (ex, end.y))
    elif sx == ex:
        points = ((sx, start.y + start.height), (ex, end.y))
    elif sy == ey and end.node.column - start.node.column <= 1:
        points = ((start.x + start.width, sy), (end.x, ey))
    elif sy == ey:
        bend = max(start.y + start.height, end.y + end.height, sy + 40) + 14 + shift
        points = ((sx, start.y + start.height), (sx, bend), (ex, bend), (ex, end.y + end.height))
    else:
        middle = end.x - 14 - shift
        points = ((start.x + start.width, sy), (middle, sy), (middle, ey), (end.x, ey))
    return Line(edge=edge, points=points, label_at=_label_at(points))


def _down(start: Box, end: Box, shift: float) -> tuple[Point, ...]:
    sx, ex = start.middle[0] + 20 + shift, end.middle[0]
    bend = end.y - 12 - shift
    first = start.y + start.height if end.y > start.y else start.y
    return (sx, first), (sx, bend), (ex, bend), (ex, end.y)


def _label_at(points: tuple[Point, ...]) -> Point:
    """Return the middle of the first long stretch, a little above it."""
    (ax, ay), (bx, by) = max(
        itertools.pairwise(points),
        key=lambda pair: abs(pair[0][0] - pair[1][0]) + abs(pair[0][1] - pair[1][1]),
    )
    return (ax + bx) / 2, (ay + by) / 2 - 4
