"""A policy's diagram: every stage stands in it, every arrow joins two shapes, and the three forms are well-formed."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner

from bot.cli import cli
from complaints.policy import Policy
from complaints.policy_graph import policy_graph
from complaints.policy_model import Do, Together
from handlers.documents.diagrams import BPMN, BPMN_DI, diagram, wrapped
from handlers.documents.layout import lay_out
from storage.policy_files import examine_text
from tests.support.desks import bundle
from tests.support.each import each

FILES = sorted((Path(__file__).parents[3] / "policies").glob("*.yml"))
FORKED = """
policy: {id: forked, label: "1", text: "A & B <route>", in_force_by: manager}
roles: {manager: {}, clerk: {}, tester: {}}
fields: {urgent: {type: yes_no}, good: {type: yes_no}}
stages:
  report: {who: clerk, fill: [urgent], decide: {send: next, refuse: close as refused}}
  hurry: {who: manager, fill: []}
  look: {who: clerk, fill: []}
  test: {who: tester, with: [clerk], fill: [good]}
  end: {who: manager, decide: {close: next}}
  thanks: {who: clerk}
routes:
  main:
    path: [report, {do: hurry, when: urgent}, {together: [[look], [test]], join: all}, {again: test, until: good, at_most: 3, else: end}, end]
    closes: end
  after: {opens: {upon: case closed}, path: [thanks]}
"""


@pytest.fixture(scope="module")
def forked() -> Policy:
    policy, findings = examine_text(FORKED, "forked.yml", checks=False)
    assert policy is not None, findings
    return policy


def edges(policy: Policy) -> set[tuple[str, str, str]]:
    graph = policy_graph(policy)
    names = {n.id: n.stage or n.text or n.kind for route in graph.routes for n in route.nodes}
    return {(names[e.start], names[e.end], e.text) for route in graph.routes for e in route.edges}


def test_a_condition_has_a_way_past_and_a_decision_that_closes_an_end(forked: Policy) -> None:
    arrows = edges(forked)

    assert ("report", "Refused", "Refuse") in arrows
    assert ("“Urgent”: yes", "hurry", "yes") in arrows
    assert ("“Urgent”: yes", "split", "no") in arrows


def test_branches_part_and_meet_and_a_loop_leads_back(forked: Policy) -> None:
    arrows = edges(forked)

    assert {("split", "look", ""), ("split", "test", ""), ("look", "join", ""), ("test", "join", "")} <= arrows
    assert ("“Good”: yes", "test", "again, at most 3 times") in arrows
    assert ("“Good”: yes", "end", "yes") in arrows


def test_branches_that_run_side_by_side_stand_below_one_another(forked: Policy) -> None:
    sheet = lay_out(policy_graph(forked))
    at = {box.node.stage: box for box in sheet.boxes.values() if box.node.stage}

    assert at["look"].x == at["test"].x
    assert at["look"].y < at["test"].y


@pytest.mark.parametrize("path", each(FILES, lambda p: p.stem))
def test_every_stage_of_every_route_stands_in_the_diagram_of_each_form(path: Path) -> None:
    policy = bundle(path.stem).policy
    stages = {s.do for route in policy.routes.values() for s in flat(route.path)}

    graph = policy_graph(policy, "zh-Hant")
    drawn = Xml.fromstring(diagram(policy, "svg", "zh-Hant"))
    process = Xml.fromstring(diagram(policy, "bpmn", "zh-Hant"))

    assert {n.stage for route in graph.routes for n in route.nodes if n.stage} == stages
    assert drawn.tag.endswith("svg")
    tasks = process.findall(f"{{{BPMN}}}process/{{{BPMN}}}userTask")
    assert len(tasks) >= len(stages)
    known = {e.get("id") for e in process.iter() if e.get("id")}
    flows = process.findall(f"{{{BPMN}}}process/{{{BPMN}}}sequenceFlow")
    assert all({flow.get("sourceRef"), flow.get("targetRef")} <= known for flow in flows)
    assert len(process.findall(f".//{{{BPMN_DI}}}BPMNEdge")) == len(flows)


def flat(path: object) -> list[Do]:
    found: list[Do] = []
    for step in path:
        found += [step] if isinstance(step, Do) else []
        found += [s for branch in step.together for s in flat(branch)] if isinstance(step, Together) else []
    return found


@pytest.mark.slow
def test_no_two_shapes_stand_on_one_another() -> None:
    for path in FILES:
        boxes = list(lay_out(policy_graph(bundle(path.stem).policy)).boxes.values())
        places = [(round(b.middle[0]), round(b.middle[1])) for b in boxes]
        assert len(set(places)) == len(places), path.stem


def test_words_of_a_policy_stay_words(forked: Policy) -> None:
    assert "A &amp; B &lt;route&gt;" in diagram(forked, "svg")
    assert "A &amp; B &lt;route&gt;" in diagram(forked, "mermaid")
    assert "A &amp; B &lt;route&gt;" in diagram(forked, "bpmn")


def test_mermaid_names_only_nodes_that_are_there(forked: Policy) -> None:
    text = diagram(forked, "mermaid")

    ids = set(re.findall(r"^\s+(n_\w+)[\[({]", text, re.M))
    arrows = re.findall(r"^\s+(n_\w+) -\.?->?.* (n_\w+)$", text, re.M)
    assert arrows
    assert {id_ for arrow in arrows for id_ in arrow} <= ids


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Quality analysis", ["Quality analysis"]),
        ("The general manager gives an opinion", ["The general manager", "gives an opinion"]),
        ("總經理室綜合意見後呈核決權限主管核決", ["總經理室綜合意見後呈核", "決權限主管核決"]),
        ("one two three four five six seven eight nine ten eleven twelve thirteen fourteen", ["one two three four", "five six seven eight", "nine ten eleven twelv…"]),
    ],
)  # fmt: skip
def test_long_names_are_broken_and_at_last_cut(text: str, lines: list[str]) -> None:
    assert wrapped(text) == lines


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    target = tmp_path / "route.bpmn"

    done = CliRunner().invoke(
        cli, ["policy", "diagram", "pcb-manufacturer", "--format", "bpmn", "--output", str(target)]
    )

    assert done.exit_code == 0, done.output
    assert target.read_text("utf-8").startswith("<?xml")
