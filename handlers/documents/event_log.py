"""The logs of cases for other programs: a table (CSV), and XES (IEEE 1849), which process-mining tools read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from xml.etree import ElementTree as Xml

from complaints import events as e
from handlers.documents.case_file import log_rows
from handlers.report_texts import csv_text
from handlers.scenes import Scene
from handlers.texts import say

XES = "http://www.xes-standard.org/"
EXTENSIONS = {"Concept": "concept", "Time": "time", "Organizational": "org", "Lifecycle": "lifecycle"}
LOG_HEAD = ("case", "seq", "at", "by", "what", "event")
_LIFECYCLE: dict[type[e.Event], str] = {e.VisitOpened: "start", e.VisitDone: "complete", e.VisitDropped: "ate_abort"}
"""A stage's turn begins and ends; everything else happens at once."""


@dataclass(frozen=True, kw_only=True)
class Logged:
    """A case as who takes it out may see it, and its log."""

    scene: Scene
    log: Sequence[e.Recorded]


def logs_csv(cases: Iterable[Logged]) -> str:
    """Return one row for each event, in the words of the case's history; instants in the desk's zone."""
    found = list(cases)
    head = [say(found[0].scene.language, f"file.head.{name}") for name in LOG_HEAD]
    return csv_text(head, ((c.scene.case.name, *row) for c in found for row in log_rows(c.scene, c.log)))


def logs_xes(cases: Iterable[Logged]) -> bytes:
    """
    Return a trace for each case and an event for each of its log: an activity is a stage, or the kind of what happened.

    No words of people: ids, labels of the regulation, who (member ids), and UTC instants.
    """
    root = Xml.Element("log", {"xes.version": "1849-2016", "xes.features": "", "xmlns": XES})
    for name, prefix in EXTENSIONS.items():
        Xml.SubElement(root, "extension", {"name": name, "prefix": prefix, "uri": f"{XES}{prefix}.xesext"})
    for one in cases:
        _trace(root, one)
    Xml.indent(root)
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _trace(root: Xml.Element, one: Logged) -> None:
    case, trace = one.scene.case, Xml.SubElement(root, "trace")
    facts = {
        "concept:name": case.name, "id": case.id, "policy": case.policy, "kind": case.kind, "status": case.status,
        "outcome": case.outcome or "",
    }  # fmt: skip
    for key, value in facts.items():
        _put(trace, "string", key, value)
    for recorded in one.log:
        event = Xml.SubElement(trace, "event")
        for kind, key, value in _attributes(one.scene, recorded):
            _put(event, kind, key, value)


def _attributes(scene: Scene, recorded: e.Recorded) -> Iterator[tuple[str, str, str]]:
    event, kind = recorded.event, type(recorded.event)
    visit = scene.case.visits.get(getattr(event, "visit", None) or 0)
    stage = visit.stage if visit is not None else ""
    is_turn = kind in _LIFECYCLE and stage
    yield "string", "concept:name", scene.policy.label(stage, scene.language) if is_turn else kind.__name__
    yield "date", "time:timestamp", recorded.at.astimezone(UTC).isoformat(timespec="milliseconds")
    yield "string", "org:resource", recorded.actor
    yield "string", "lifecycle:transition", _LIFECYCLE.get(kind, "complete")
    yield "string", "event", kind.__name__
    yield "int", "seq", str(recorded.seq)
    yield "string", "stage", stage
    yield "string", "decision", str(getattr(event, "decision", "") or "")


def _put(parent: Xml.Element, kind: str, key: str, value: str) -> None:
    if value:
        Xml.SubElement(parent, kind, {"key": key, "value": "".join(c for c in value if c.isprintable())})
