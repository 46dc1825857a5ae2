"""The reference of the policy format is true: schema, quoted lines and the list of capabilities."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from complaints.policy import Policy
from complaints.policy_reading import keys_at
from complaints.policy_schema import schema_text
from storage.yaml_files import read_yaml
from tests.support.desks import bundle
from tests.support.each import each

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FILES = sorted((ROOT / "policies").glob("*.yml"))
CAPABILITIES = {"IN": 22, "CL": 20, "RT": 29, "DL": 22, "CC": 20, "OS": 17, "LP": 19, "RD": 13, "SR": 12, "GA": 12}
HARD = (
    *("nonconforming-loss-sharing", "fitness-club-graded", "gov-service-centre", "home-furnishing-group"),
    *("hospital", "testing-laboratory", "telecom-voice-desk"),
)


def test_the_schema_is_up_to_date() -> None:
    """Write it anew with: .venv/bin/python -m complaints.policy_schema > docs/policy.schema.json"""
    assert (DOCS / "policy.schema.json").read_text("utf-8") == schema_text()


@pytest.mark.parametrize("path", each(FILES, lambda path: path.stem))
def test_the_schema_accepts_what_the_reader_accepts(path: Path) -> None:
    schema = json.loads((DOCS / "policy.schema.json").read_text("utf-8"))
    data = read_yaml(path.read_bytes()).data

    wrong = list(jsonschema.Draft202012Validator(schema).iter_errors(data))

    assert [f"{error.json_path}: {error.message[:200]}" for error in wrong] == []


def test_the_schema_refuses_an_unknown_key() -> None:
    schema = json.loads((DOCS / "policy.schema.json").read_text("utf-8"))
    data = read_yaml(FILES[-1].read_bytes()).data
    next(iter(data["stages"].values()))["limt"] = "1 day"

    assert not jsonschema.Draft202012Validator(schema).is_valid(data)


def test_all_hard_regulations_are_there() -> None:
    assert {path.stem for path in FILES} >= set(HARD)


def test_quoted_lines_stand_in_the_files() -> None:
    text = (DOCS / "policies.md").read_text("utf-8")
    blocks = re.findall(r"<!-- from: (\S+) -->\n```yaml\n(.*?)```", text, re.S)
    lines = [(name, line) for name, block in blocks for line in block.splitlines()]
    contents = {name: (ROOT / name).read_text("utf-8").splitlines() for name, _ in blocks}

    assert len(blocks) == 8
    assert [line for name, line in lines if line not in contents[name]] == []


def test_every_capability_has_its_key() -> None:
    """IN-01 to GA-12: 186 capabilities that the collected regulations demand."""
    text = (DOCS / "policies.md").read_text("utf-8")
    rows = re.findall(r"^\| ([A-Z]{2}-\d\d) \| ([^|]+) \| ([^|]+) \|$", text, re.M)
    wanted = [f"{group}-{number:02}" for group, count in CAPABILITIES.items() for number in range(1, count + 1)]

    assert len(wanted) == 186
    assert [row[0] for row in rows] == wanted
    assert all(key.strip() for _, _, key in rows)


def test_the_capability_table_names_only_keys_that_exist() -> None:
    text = (DOCS / "policies.md").read_text("utf-8")
    section = text[text.index("## Where each capability lives") :]
    named = re.findall(r"`(\w+)\.(\w+)`", section)
    known = {
        (name, key)
        for name in Policy.model_fields
        for key in (*keys_at((name,)), *keys_at((name, "x")), *keys_at((name, 0)))
    }

    assert [pair for pair in named if pair[0] in Policy.model_fields and pair not in known] == []


@pytest.mark.parametrize(
    ("name", "facts", "route"),
    [
        ("nonconforming-loss-sharing", {"inspection": "failed", "disposition": "scrap"}, "r1_scrap"),
        ("nonconforming-loss-sharing", {"inspection": "failed"}, None),
        ("nonconforming-loss-sharing", {"inspection": "passed", "product": "other", "age_days": 80}, "r5_inside"),
        ("nonconforming-loss-sharing", {"inspection": "passed", "product": "other", "age_days": 81}, "r4_outside"),
        (
            "nonconforming-loss-sharing",
            {"inspection": "passed", "product": "white_latex", "age_days": 100},
            "r5_inside",
        ),
        (
            "nonconforming-loss-sharing",
            {"inspection": "passed", "product": "white_latex", "age_days": 101},
            "r4_outside",
        ),
        ("fitness-club-graded", {"nature": "opinion"}, "opinion_route"),
        ("fitness-club-graded", {}, None),
        ("testing-laboratory", {"kind": "data"}, "data_appeal"),
        ("hospital", {"channel": "letter"}, "main"),
    ],
)
def test_a_regulation_picks_the_route(name: str, facts: dict[str, object], route: str | None) -> None:
    assert bundle(name).policy.main_route(facts) == route


@pytest.mark.parametrize(
    ("name", "facts", "limit"),
    [
        ("testing-laboratory", {"kind": "data", "urgent": True}, "3 working days"),
        ("testing-laboratory", {"kind": "data", "urgent": False}, "15 days"),
    ],
)
def test_a_regulation_gives_the_limit_of_the_text(name: str, facts: dict[str, object], limit: str) -> None:
    policy = bundle(name).policy

    assert str(policy.limit(policy.clocks["case"].limit, facts)) == limit
