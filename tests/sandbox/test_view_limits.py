"""What a modal and a Home tab may hold, and how triggers open them."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient

from sandbox.client import Member, SandboxClient
from tests.sandbox.refusals import error_of
from tests.sandbox.shapes import field, home, modal, plain, section, text_field


def trigger(member: Member) -> str:
    """Return a fresh trigger; the command itself fails, for no app is there to answer."""
    return member.command("/complaint")["trigger_id"]


LIMITS = [
    ("100 blocks", lambda n: modal(*[section("x") for _ in range(n)]), 100, "/view/blocks"),
    ("title 24", lambda n: modal(title=plain("x" * n)), 24, "/view/title/text"),
    ("submit 24", lambda n: modal(submit=plain("x" * n)), 24, "/view/submit/text"),
    ("close 24", lambda n: modal(close=plain("x" * n)), 24, "/view/close/text"),
    ("private_metadata 3000", lambda n: modal(private_metadata="x" * n), 3_000, "/view/private_metadata"),
    ("callback_id 255", lambda n: modal(callback_id="x" * n), 255, "/view/callback_id"),
    ("external_id 255", lambda n: modal(external_id="x" * n), 255, "/view/external_id"),
]


@pytest.mark.parametrize(("rule", "view", "most", "pointer"), LIMITS, ids=[row[0] for row in LIMITS])
def test_the_longest_passes_and_one_more_is_refused(
    slack: WebClient, lin: Member, rule, view, most: int, pointer: str
) -> None:
    slack.views_open(trigger_id=trigger(lin), view=view(most))

    refused = error_of(slack.views_open, trigger_id=trigger(lin), view=view(most + 1)).response

    assert refused["error"] == "invalid_arguments"
    assert f"[json-pointer:{pointer}]" in " ".join(refused["response_metadata"]["messages"])


NUMBER = {"type": "number_input", "is_decimal_allowed": False}
WRONG = [
    ("no title", {k: v for k, v in modal().items() if k != "title"}, "missing required field: title"),
    ("an input without submit", {k: v for k, v in modal().items() if k != "submit"}, "submit"),
    ("two focused elements", modal(*[field(i, NUMBER | {"focus_on_load": True}) for i in "ab"]), "focus_on_load"),
    ("a number as min_value", modal(field("f", NUMBER | {"min_value": 1})), "/view/blocks/0/element/min_value"),
    ("a table in a modal", modal({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}), "unsupported"),
    ("a markdown block in a modal", modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
    ("11 files", modal(field("f", {"type": "file_input", "max_files": 11})), "max_files"),
    ("the same block_id twice", modal(text_field("same"), text_field("same")), "already exists"),
    ("a message as a view", {"type": "message", "blocks": []}, "value must be one of: modal"),
]


@pytest.mark.parametrize(("what", "view", "words"), WRONG, ids=[row[0] for row in WRONG])
def test_views_that_slack_refuses(slack: WebClient, lin: Member, what: str, view: dict[str, Any], words: str) -> None:
    refused = error_of(slack.views_open, trigger_id=trigger(lin), view=view).response

    assert refused["error"] == "invalid_arguments"
    assert words in " ".join(refused["response_metadata"]["messages"])


def test_a_view_over_250_kb_is_refused(slack: WebClient, lin: Member) -> None:
    large = modal(*[section("長" * 3_000) for _ in range(30)])

    assert error_of(slack.views_open, trigger_id=trigger(lin), view=large).response["error"] == "view_too_large"


def test_a_trigger_works_once(slack: WebClient, lin: Member) -> None:
    given = trigger(lin)
    slack.views_open(trigger_id=given, view=modal())

    assert error_of(slack.views_open, trigger_id=given, view=modal()).response["error"] == "exchanged_trigger_id"


def test_a_trigger_expires_after_three_seconds(slack: WebClient, lin: Member, desk: SandboxClient) -> None:
    given = trigger(lin)
    desk.advance_machine(3.5)

    assert error_of(slack.views_open, trigger_id=given, view=modal()).response["error"] == "expired_trigger_id"


def test_an_invented_trigger_is_refused(slack: WebClient) -> None:
    assert error_of(slack.views_open, trigger_id="1.2.x", view=modal()).response["error"] == "invalid_trigger_id"


def test_a_refused_view_does_not_use_up_the_trigger(slack: WebClient, lin: Member) -> None:
    given = trigger(lin)
    error_of(slack.views_open, trigger_id=given, view=modal(title=plain("x" * 25)))

    assert slack.views_open(trigger_id=given, view=modal())["ok"]


def test_pushing_needs_a_trigger_from_a_modal(slack: WebClient, lin: Member) -> None:
    slack.views_open(trigger_id=trigger(lin), view=modal())

    assert error_of(slack.views_push, trigger_id=trigger(lin), view=modal()).response["error"] == "not_found"


def test_an_external_id_belongs_to_one_view(slack: WebClient, lin: Member, chen: Member) -> None:
    slack.views_open(trigger_id=trigger(lin), view=modal(external_id="e-1"))

    refused = error_of(slack.views_open, trigger_id=trigger(chen), view=modal(external_id="e-1")).response

    assert refused["error"] == "duplicate_external_id"
    assert slack.views_update(external_id="e-1", view=modal(title=plain("New"), external_id="e-1"))["ok"]
    assert lin.view().title == "New"


def test_an_update_with_an_old_hash_is_refused(slack: WebClient, lin: Member) -> None:
    first = slack.views_open(trigger_id=trigger(lin), view=modal())["view"]
    slack.views_update(view_id=first["id"], hash=first["hash"], view=modal(title=plain("Two")))

    refused = error_of(slack.views_update, view_id=first["id"], hash=first["hash"], view=modal()).response

    assert refused["error"] == "hash_conflict"
    assert lin.view().title == "Two"


def test_a_closed_view_cannot_be_updated(slack: WebClient, lin: Member) -> None:
    opened = slack.views_open(trigger_id=trigger(lin), view=modal())["view"]
    lin.view().close()

    assert error_of(slack.views_update, view_id=opened["id"], view=modal()).response["error"] == "not_found"


def test_a_person_has_one_modal_stack(slack: WebClient, lin: Member) -> None:
    first = slack.views_open(trigger_id=trigger(lin), view=modal(title=plain("One")))["view"]
    slack.views_open(trigger_id=trigger(lin), view=modal(title=plain("Two")))

    assert lin.view().title == "Two"
    assert error_of(slack.views_update, view_id=first["id"], view=modal()).response["error"] == "not_found"


def test_home_is_published_and_guarded_by_its_hash(slack: WebClient, lin: Member) -> None:
    first = slack.views_publish(user_id=lin.id, view=home())["view"]
    second = slack.views_publish(user_id=lin.id, view=home(section("Again")), hash=first["hash"])["view"]

    refused = error_of(slack.views_publish, user_id=lin.id, view=home(), hash=first["hash"]).response

    assert refused["error"] == "hash_conflict"
    assert second["id"] == first["id"]
    assert error_of(slack.views_publish, user_id="U0NOBODY", view=home()).response["error"] == "user_not_found"


def test_home_takes_no_modal_and_no_datetime_picker(slack: WebClient, lin: Member) -> None:
    picker = {"type": "actions", "elements": [{"type": "datetimepicker", "action_id": "d"}]}

    assert error_of(slack.views_publish, user_id=lin.id, view=modal()).response["error"] == "invalid_arguments"
    assert error_of(slack.views_publish, user_id=lin.id, view=home(picker)).response["error"] == "invalid_arguments"
