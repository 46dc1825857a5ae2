"""The manifest asks for what the program uses and no more, and is what Slack takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.manifest import EVENT_SCOPES, METHOD_SCOPES, for_http, problems_of, read_manifest, scopes_of

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT.parent / "shared" / "slack" / "manifest.schema.json"
"""Slack's own schema, beside the checkout where it is at hand; `LIMITS` holds without it."""
LIMITS = {"name": 35, "description": 140, "long_description": 4000}
SDK_CALL = re.compile(
    r"_client\.((?:api_test|(?:auth|chat|conversations|files|users|views|team|bots)_\w+))|client\.(auth_test)"
)
NAMED_CALL = re.compile(
    r"\"((?:api|auth|chat|conversations|files|users|views|team|reactions|pins|bots|usergroups)\.[a-zA-Z.]+)\""
)


def called_methods() -> set[str]:
    """Return every Web API method that stands in the program's text."""
    found: set[str] = set()
    for folder in ("bot", "handlers"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name == "manifest.py":
                continue
            text = path.read_text("utf-8")
            found |= {(a or b).replace("_", ".", 1) for a, b in SDK_CALL.findall(text)}
            found |= {m for m in NAMED_CALL.findall(text) if not m.endswith(".yml")}
    return found


def test_every_method_that_is_called_has_its_scopes_in_the_table() -> None:
    missing = called_methods() - METHOD_SCOPES.keys()

    assert missing == set()


def test_the_table_names_no_method_that_nobody_calls() -> None:
    not_in_text = {"apps.connections.open", "views.publish", "views.push", "views.open", "views.update"}

    assert METHOD_SCOPES.keys() - called_methods() - not_in_text == set()


def test_the_scopes_are_those_of_methods_events_and_features_and_no_others() -> None:
    assert list(problems_of(read_manifest())) == []


def test_a_superfluous_or_missing_scope_is_noticed() -> None:
    manifest = read_manifest()
    manifest["oauth_config"]["scopes"]["bot"] = sorted(scopes_of(manifest) - {"users:read"} | {"chat:write.public"})

    assert list(problems_of(manifest)) == [
        "the scope users:read is missing",
        "the scope chat:write.public is asked for and never used",
    ]


def test_events_and_entries_are_those_that_the_handlers_answer() -> None:
    manifest = read_manifest()
    features, settings = manifest["features"], manifest["settings"]

    assert set(settings["event_subscriptions"]["bot_events"]) == EVENT_SCOPES.keys()
    assert [c["command"] for c in features["slash_commands"]] == ["/complaint"]
    assert {(s["type"], s["callback_id"]) for s in features["shortcuts"]} == {
        ("global", "log_complaint"), ("message", "log_as_complaint"),
    }  # fmt: skip
    assert features["app_home"] == {
        "home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False,
    }  # fmt: skip
    assert settings["socket_mode_enabled"]


def test_the_http_form_has_request_urls_and_no_socket_mode() -> None:
    url = "https://desk.example.com/slack/events"

    changed = for_http(read_manifest(), url)

    assert changed["settings"]["event_subscriptions"]["request_url"] == url
    assert changed["settings"]["interactivity"]["request_url"] == url
    assert [c["url"] for c in changed["features"]["slash_commands"]] == [url]
    assert changed["settings"]["socket_mode_enabled"] is False
    assert for_http(read_manifest(), "https://desk.example.com") == changed
    assert list(problems_of(changed)) == []


@pytest.mark.parametrize("url", ["http://desk.example.com", "desk.example.com", "https://", "ftp://x/y"])
def test_an_address_that_slack_could_not_reach_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        for_http(read_manifest(), url)


@pytest.mark.parametrize("form", ["socket", "http"])
def test_slacks_own_schema_takes_it(form: str) -> None:
    import jsonschema
    from referencing import Registry
    from referencing.jsonschema import DRAFT7

    manifest: dict[str, Any] = read_manifest()
    if form == "http":
        manifest = for_http(manifest, "https://desk.example.com/slack/events")
    shown = manifest["display_information"]
    assert all(len(shown.get(part, "")) <= most for part, most in LIMITS.items())
    assert all(
        len(c["command"]) <= 32 and len(c["description"]) <= 2000 for c in manifest["features"]["slash_commands"]
    )
    assert all(len(s["name"]) <= 24 and len(s["description"]) <= 150 for s in manifest["features"]["shortcuts"])
    if not SCHEMA.is_file():
        return
    schema = json.loads(SCHEMA.read_text("utf-8"))
    registry: Any = Registry().with_resources(
        (part["$id"], DRAFT7.create_resource(part)) for part in schema["definitions"].values()
    )

    jsonschema.Draft7Validator(schema["definitions"]["v1"], registry=registry).validate(manifest)
