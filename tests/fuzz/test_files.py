"""
Files with anything in them: a policy or a desk file is read, or refused with sentences; YAML bombs cost nothing.

A right file is spoilt at one place (a value, a key, a line), as a person with a text editor and ill will would.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from complaints.policy_findings import Finding
from storage.customer_files import read_customers
from storage.desk_file import DeskRefused, read_desk
from storage.policy_files import examine_text
from storage.yaml_files import read_yaml
from tests.fuzz import examples
from tests.fuzz.hostile import changed, json, places, words
from tests.storage.test_desk_file import SMALL as DESK
from tests.support.desks import POLICIES

SHIPPED = ("hospital", "retail-stores", "nonconforming-ab-control", "group-supervision")


@cache
def right(policy: str) -> Any:
    found = read_yaml((POLICIES / f"{policy}.yml").read_bytes())
    assert not found.wrong
    return found.data


def written(data: Any) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def plain(data: Any) -> Any:
    """Return what YAML can write: decimals as text."""
    if isinstance(data, dict):
        return {str(k): plain(v) for k, v in data.items()}
    if isinstance(data, list):
        return [plain(v) for v in data]
    return data if data is None or isinstance(data, bool | int | str) else str(data)


def are_sentences(findings: list[Finding]) -> None:
    for finding in findings:
        assert finding.text.strip()
        assert "Traceback" not in finding.text


@examples(60)
@given(st.one_of(words, st.binary(max_size=60), json.map(lambda v: written(plain(v)))))
def test_any_text_is_read_as_yaml_or_said_to_be_none(raw: bytes | str) -> None:
    read = read_yaml(raw)
    assert all(line is None or line >= 1 for line, _, _ in read.wrong)
    assert all("\n\n" not in text for _, _, text in read.wrong)


@pytest.mark.parametrize("policy", SHIPPED)
def test_a_policy_with_anything_at_one_place_is_refused_in_sentences_or_right(policy: str) -> None:
    data = plain(right(policy))
    every = list(places(data))

    @examples(12)
    @given(st.sampled_from(every), json)
    def spoil(place: tuple[Any, ...], value: Any) -> None:
        found, findings = examine_text(written(plain(changed(data, place, value))), f"{policy}.yml")
        are_sentences(findings)
        assert found is not None or findings

    spoil()


@examples(60)
@given(st.sampled_from(DESK.splitlines()), words, st.integers(0, 40))
def test_a_desk_file_with_anything_in_a_line_is_refused_in_sentences_or_right(line: str, text: str, at: int) -> None:
    spoilt = DESK.replace(line, line[:at] + text + line[at:], 1)
    said = ["right"]
    try:
        read_desk(spoilt.encode("utf-8", "surrogatepass"))
    except DeskRefused as refused:
        said = list(refused.problems)
    assert said
    assert all(problem and "Traceback" not in problem for problem in said)


@examples(60)
@given(st.lists(st.lists(words, max_size=4), max_size=4))
def test_a_register_of_customers_is_read_or_each_line_is_refused(rows: list[list[str]]) -> None:
    text = "code,name_en,excess_ratio\n" + "\n".join(",".join(row) for row in rows)
    found = read_customers(text)
    assert all(error.line >= 1 and error.message for error in found.errors)
    for customer in found.customers:
        assert customer.code.isprintable()


BOMBS = {
    "nested lists": "a: " + "[" * 5_000 + "]" * 5_000,
    "nested maps": "".join("{a: " for _ in range(5_000)) + "}" * 5_000,
    "indented": "\n".join(" " * n + "a:" for n in range(900)),
    "laughs": "\n".join(["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]),
    "merge": "a: &a {b: 1}\nc: {<<: *a}\n" * 200,
    "a long key": "? " + "x" * 400_000 + "\n: 1",
    "numbers": "a: " + "9" * 400_000,
    "a flow of entries": "[" + "1," * 200_000 + "]",
    "tags": "a: !!python/object/apply:os.system ['true']",
    "a large one": "a: '" + "x" * 600_000 + "'",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_or_read_within_moments(name: str) -> None:
    begun = time.process_time()
    for read in (lambda: examine_text(BOMBS[name], "bomb.yml"), lambda: read_desk(BOMBS[name])):
        try:
            found = read()
        except DeskRefused:
            continue
        assert found[0] is None
        assert found[1]
    assert time.process_time() - begun < 5
