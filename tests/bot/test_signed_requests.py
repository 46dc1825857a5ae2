"""Forms read in C mean what Bolt reads in them; whatever else comes is left to Bolt."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.request.internals import parse_body

from bot.signed_requests import read_payload

FORM = "application/x-www-form-urlencoded"
PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
OBJECTS = st.dictionaries(
    st.text(), st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)


@given(OBJECTS)
def test_a_payload_is_read_as_bolt_reads_it(payload: dict[str, Any]) -> None:
    form = "payload=" + quote_plus(json.dumps(payload, ensure_ascii=False))

    assert read_payload(form) == parse_body(form, FORM) == payload


@given(st.text(alphabet="%+=&\r\n\t {}\"':,[]0aAfFgé\x00"))
def test_what_is_read_in_a_broken_form_is_what_bolt_reads(text: str) -> None:
    form = f"payload={text}"

    found = read_payload(form)

    assert found is None or found == parse_body(form, FORM)


@pytest.mark.parametrize(
    "form",
    [
        "", "payload", "token=x&command=%2Fcomplaint", "payload=%7B%7D&more=1", "more=1&payload=%7B%7D",
        "payload=%7B%7", "payload=%7B%22a%22%3A%ZZ%7D", "payload=%5B%5D", "payload=%22text%22", "payload=%7B%22%FF%22%3A1%7D",
        "payload={\"a\"=1}", "payload=%7B=\n%7D", '{"type":"event_callback"}',
    ],
)  # fmt: skip
def test_everything_else_is_left_to_bolt(form: str) -> None:
    assert read_payload(form) is None


def test_half_a_character_is_left_to_bolt_which_takes_it() -> None:
    form = "payload=" + quote_plus('{"text": "\\ud800"}')

    assert read_payload(form) is None
    assert parse_body(form, FORM) == {"text": "\ud800"}
