"""The way of a case as a picture: SVG to look at, Mermaid for a wiki, BPMN 2.0 for a modeller."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as Xml

from complaints.policy import Policy
from complaints.policy_graph import Edge, Node, PolicyGraph, policy_graph
from handlers.documents.layout import Box, Line, Sheet, lay_out

FORMATS: Final = ("svg", "mermaid", "bpmn")
LINE_WIDTH, MOST_LINES = 22, 3
FILLS = {
    "stage": "#eef4fb",
    "run": "#f3eefb",
    "choice": "#fff7e0",
    "split": "#eaf7ea",
    "join": "#eaf7ea",
    "start": "#ffffff",
    "end": "#f3f3f3",
}
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMN_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC, DI = "http://www.omg.org/spec/DD/20100524/DC", "http://www.omg.org/spec/DD/20100524/DI"
TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "stage": "userTask",
    "run": "callActivity",
    "choice": "exclusiveGateway",
    "split": "parallelGateway",
    "join": "parallelGateway",
}


def diagram(policy: Policy, form: str, language: str = "en") -> str:
    """Return the diagram of *policy* as `svg`, `mermaid` or `bpmn` text."""
    graph = policy_graph(policy, language)
    match form:
        case "svg":
            return _svg(graph, lay_out(graph))
        case "mermaid":
            return "\n".join(_mermaid(graph)) + "\n"
        case "bpmn":
            return _bpmn(graph, lay_out(graph))
        case _:
            raise ValueError(f"{form} is not a form of a diagram; there are {', '.join(FORMATS)}")


# --- SVG ----------------------------------------------------------------------------------------------------------


def _svg(graph: PolicyGraph, sheet: Sheet) -> str:
    root = Xml.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {sheet.width:g} {sheet.height:g}",
            "width": f"{sheet.width:g}",
            "height": f"{sheet.height:g}",
            "font-family": "'Noto Sans CJK TC', 'Noto Sans', 'PingFang TC', 'Microsoft JhengHei', sans-serif",
            "font-size": "12",
            "role": "img",
        },
    )
    Xml.SubElement(root, "title").text = graph.title
    marker = Xml.SubElement(Xml.SubElement(root, "defs"), "marker", {"id": "arrow", "viewBox": "0 0 8 8", "refX": "8", "refY": "4", "markerWidth": "8", "markerHeight": "8", "orient": "auto"})  # fmt: skip
    Xml.SubElement(marker, "path", {"d": "M0 0 L8 4 L0 8 z", "fill": "#555"})
    Xml.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#fff"})
    for strip in sheet.strips:
        _text(root, strip.route.title, 30, strip.y + 20, weight="bold", size=15 if strip.route.is_main else 13, anchor="start")  # fmt: skip
    for line in sheet.lines:
        _svg_line(root, line)
    for box in sheet.boxes.values():
        _svg_box(root, box)
    return Xml.tostring(root, "unicode") + "\n"


def _svg_line(root: Xml.Element, line: Line) -> None:
    path = "M" + " L".join(f"{x:g} {y:g}" for x, y in line.points)
    dash = {"stroke-dasharray": "5 4"} if line.edge.is_aside else {}
    Xml.SubElement(root, "path", {"d": path, "fill": "none", "stroke": "#777", "marker-end": "url(#arrow)", **dash})
    if line.edge.text:
        _text(root, line.edge.text, *line.label_at, size=10, fill="#555", halo=True)


def _svg_box(root: Xml.Element, box: Box) -> None:
    node, (mx, my) = box.node, box.middle
    look = {
        "fill": FILLS[node.kind],
        "stroke": "#335",
        "stroke-width": "3" if node.closes or node.kind == "end" else "1.2",
    }
    group = Xml.SubElement(root, "g")
    Xml.SubElement(group, "title").text = " · ".join(filter(None, (node.text, node.who, node.limit, node.source)))
    if node.kind in ("stage", "run"):
        Xml.SubElement(group, "rect", {"x": f"{box.x:g}", "y": f"{box.y:g}", "width": f"{box.width:g}", "height": f"{box.height:g}", "rx": "8", **look})  # fmt: skip
        lines = wrapped(node.text)
        _lines(group, [*lines, *wrapped(node.who, most=1), *wrapped(node.limit, most=1)], mx, my, bold=len(lines))
    elif node.kind in ("choice", "split", "join"):
        points = f"{mx},{box.y} {box.x + box.width},{my} {mx},{box.y + box.height} {box.x},{my}"
        Xml.SubElement(group, "polygon", {"points": points, **look})
        _text(group, {"choice": "?", "split": "+", "join": "+"}[node.kind], mx, my + 5, size=15)
        _lines(group, wrapped(node.text), mx, box.y - 12, size=10)
    else:
        Xml.SubElement(group, "circle", {"cx": f"{mx:g}", "cy": f"{my:g}", "r": "16", **look})
        if node.kind == "end":
            _lines(group, wrapped(node.text, most=2), mx, box.y + box.height + 14, size=10)


def _lines(parent: Xml.Element, lines: list[str], x: float, y: float, *, bold: int = 0, size: int = 11) -> None:
    top = y - (len(lines) - 1) * 7 + 4
    for number, line in enumerate(lines):
        weight, fill = ("bold", "#112") if number < bold else ("normal", "#445")
        _text(parent, line, x, top + number * 14, size=size, weight=weight, fill=fill)


def _text(
    parent: Xml.Element,
    text: str,
    x: float,
    y: float,
    *,
    size: int = 12,
    weight: str = "normal",
    fill: str = "#112",
    anchor: str = "middle",
    halo: bool = False,
) -> None:
    more = {"paint-order": "stroke", "stroke": "#fff", "stroke-width": "3"} if halo else {}
    look = {"x": f"{x:g}", "y": f"{y:g}", "font-size": f"{size}", "font-weight": weight, "fill": fill}
    Xml.SubElement(parent, "text", {**look, "text-anchor": anchor, **more}).text = text


def wrapped(text: str, width: int = LINE_WIDTH, most: int = MOST_LINES) -> list[str]:
    """Return *text* in at most *most* lines of *width* Latin letters (a Chinese one counts as two); the rest is cut with …."""
    lines, line = list[str](), ""
    for word in re.findall(r"[^\s\u2e80-\uffef]+\s?|[\u2e80-\uffef]|\s", text):
        if line and _width(line + word.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += word if line or word.strip() else ""
    lines += [line.rstrip()] if line.strip() else []
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][:-1] + "…"]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


# --- Mermaid ------------------------------------------------------------------------------------------------------


def _mermaid(graph: PolicyGraph) -> Iterator[str]:
    yield "flowchart TD"
    for route in graph.routes:
        yield f'  subgraph {_id(route.id)}["{_quoted(route.title)}"]'
        for node in route.nodes:
            yield f"    {_mermaid_node(node)}"
        for edge in route.edges:
            yield f"    {_mermaid_edge(edge)}"
        yield "  end"
    for edge in graph.across:
        yield f"  {_mermaid_edge(edge)}"


def _mermaid_node(node: Node) -> str:
    text = _quoted("<br/>".join(filter(None, (node.text, node.who, node.limit))))
    shapes = {"stage": '["{}"]', "run": '[["{}"]]', "choice": '{{"{}"}}', "split": '{{{{"+"}}}}', "join": '{{{{"+"}}}}', "start": '(("▶"))', "end": '(["{}"])'}  # fmt: skip
    return _id(node.id) + shapes[node.kind].format(text)


def _mermaid_edge(edge: Edge) -> str:
    arrow = "-.->" if edge.is_aside else "-->"
    text = f'|"{_quoted(edge.text)}"|' if edge.text else ""
    return f"{_id(edge.start)} {arrow}{text} {_id(edge.end)}"


def _id(id_: str) -> str:
    return "n_" + re.sub(r"\W", "_", id_)


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace("#", "&num;").replace('"', "&quot;").replace("<br/>", "\x00").replace("<", "&lt;").replace(">", "&gt;").replace("\x00", "<br/>")  # fmt: skip


# --- BPMN ---------------------------------------------------------------------------------------------------------


def _bpmn(graph: PolicyGraph, sheet: Sheet) -> str:
    for prefix, space in (("bpmn", BPMN), ("bpmndi", BPMN_DI), ("dc", DC), ("di", DI)):
        Xml.register_namespace(prefix, space)
    root = Xml.Element(f"{{{BPMN}}}definitions", {"id": "definitions", "targetNamespace": "urn:redress:policy"})
    process = Xml.SubElement(
        root, f"{{{BPMN}}}process", {"id": "process", "name": graph.title, "isExecutable": "false"}
    )
    edges = [edge for route in graph.routes for edge in route.edges]
    for route in graph.routes:
        for node in route.nodes:
            _bpmn_node(process, node, edges)
    for number, edge in enumerate(edges):
        more = {"name": edge.text} if edge.text else {}
        ends = {"sourceRef": _id(edge.start), "targetRef": _id(edge.end)}
        Xml.SubElement(process, f"{{{BPMN}}}sequenceFlow", {"id": f"flow_{number}", **more, **ends})
    _bpmn_picture(root, sheet, edges)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _bpmn_node(process: Xml.Element, node: Node, edges: list[Edge]) -> None:
    element = Xml.SubElement(process, f"{{{BPMN}}}{TAGS[node.kind]}", {"id": _id(node.id), **({"name": node.text} if node.text else {})})  # fmt: skip
    said = " · ".join(filter(None, (node.who, node.limit, node.source)))
    if said:
        Xml.SubElement(element, f"{{{BPMN}}}documentation").text = said
    for number, edge in enumerate(edges):
        if edge.end == node.id:
            Xml.SubElement(element, f"{{{BPMN}}}incoming").text = f"flow_{number}"
    for number, edge in enumerate(edges):
        if edge.start == node.id:
            Xml.SubElement(element, f"{{{BPMN}}}outgoing").text = f"flow_{number}"


def _bpmn_picture(root: Xml.Element, sheet: Sheet, edges: list[Edge]) -> None:
    picture = Xml.SubElement(root, f"{{{BPMN_DI}}}BPMNDiagram", {"id": "diagram"})
    plane = Xml.SubElement(picture, f"{{{BPMN_DI}}}BPMNPlane", {"id": "plane", "bpmnElement": "process"})
    for box in sheet.boxes.values():
        id_ = _id(box.node.id)
        shape = Xml.SubElement(plane, f"{{{BPMN_DI}}}BPMNShape", {"id": f"{id_}_di", "bpmnElement": id_})
        place = {"x": f"{box.x:g}", "y": f"{box.y:g}", "width": f"{box.width:g}", "height": f"{box.height:g}"}
        Xml.SubElement(shape, f"{{{DC}}}Bounds", place)
    for line in sheet.lines:
        if line.edge.is_aside:
            continue
        id_ = f"flow_{edges.index(line.edge)}"
        drawn = Xml.SubElement(plane, f"{{{BPMN_DI}}}BPMNEdge", {"id": f"{id_}_di", "bpmnElement": id_})
        for x, y in line.points:
            Xml.SubElement(drawn, f"{{{DI}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})
