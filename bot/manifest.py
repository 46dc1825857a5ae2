"""The app manifest: the shipped one for Socket Mode, and the same for signed HTTP."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from bot.http import EVENTS_PATH

MANIFEST = Path(__file__).resolve().parents[1] / "manifest.yml"

METHOD_SCOPES: dict[str, frozenset[str]] = {
    "api.test": frozenset(),
    "auth.test": frozenset(),
    "apps.connections.open": frozenset(),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": frozenset({"channels:history", "groups:history", "im:history"}),
    "conversations.info": frozenset({"channels:read", "groups:read"}),
    "conversations.members": frozenset({"channels:read", "groups:read"}),
    "conversations.open": frozenset({"im:write"}),
    "conversations.replies": frozenset({"channels:history", "groups:history", "im:history"}),
    "files.completeUploadExternal": frozenset({"files:write"}),
    "files.delete": frozenset({"files:write"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "files.info": frozenset({"files:read"}),
    "users.conversations": frozenset({"channels:read", "groups:read"}),
    "users.info": frozenset({"users:read"}),
    "views.open": frozenset(),
    "views.publish": frozenset(),
    "views.push": frozenset(),
    "views.update": frozenset(),
}
"""Every method that the program calls, with the bot scopes it needs here."""

EVENT_SCOPES: dict[str, frozenset[str]] = {
    "app_home_opened": frozenset(),
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "message.im": frozenset({"im:history"}),
}


def read_manifest() -> dict[str, Any]:
    """Return the shipped manifest."""
    loaded: dict[str, Any] = yaml.safe_load(MANIFEST.read_text("utf-8"))
    return loaded


def scopes_of(manifest: dict[str, Any]) -> frozenset[str]:
    return frozenset(manifest["oauth_config"]["scopes"]["bot"])


def for_http(manifest: dict[str, Any], url: str) -> dict[str, Any]:
    """
    Return the manifest with request URLs instead of Socket Mode.

    Raises:
        ValueError: *url* is no https address (http is allowed on this machine only).
    """
    parts = urlsplit(url)
    is_home = parts.hostname in ("localhost", "127.0.0.1", "::1")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_home)
    if not is_safe or not parts.hostname:
        raise ValueError(f"{url} is no https address; write one such as https://complaints.example.com{EVENTS_PATH}")
    address = url if parts.path not in ("", "/") else f"{url.rstrip('/')}{EVENTS_PATH}"
    changed = copy.deepcopy(manifest)
    for command in changed["features"]["slash_commands"]:
        command["url"] = address
    settings = changed["settings"]
    settings["event_subscriptions"] = {"request_url": address, **settings["event_subscriptions"]}
    settings["interactivity"] |= {"request_url": address, "message_menu_options_url": address}
    settings["socket_mode_enabled"] = False
    return changed


def problems_of(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what Slack would refuse, or what would not work, as far as it can be told without Slack."""
    about, features = manifest.get("display_information", {}), manifest.get("features", {})
    for place, text, most in (
        ("display_information.name", about.get("name", ""), 35),
        ("display_information.description", about.get("description", ""), 140),
        ("display_information.long_description", about.get("long_description", "x" * 175), 4000),
        ("features.bot_user.display_name", features.get("bot_user", {}).get("display_name", ""), 80),
    ):
        if not 1 <= len(text) <= most:
            yield f"{place} has {len(text)} characters; 1 to {most} are allowed"
    if len(about.get("long_description", "x" * 175)) < 175:
        yield "display_information.long_description needs at least 175 characters"
    yield from _feature_problems(features)
    yield from _scope_problems(manifest)


def _feature_problems(features: dict[str, Any]) -> Iterator[str]:
    for command in features.get("slash_commands", ()):
        if not command["command"].startswith("/") or len(command["command"]) > 32:
            yield f"the command {command['command']} needs a slash and at most 32 characters"
        if len(command["description"]) > 2000 or len(command.get("usage_hint", "")) > 1000:
            yield f"the description or hint of {command['command']} is too long"
    for shortcut in features.get("shortcuts", ()):
        if len(shortcut["name"]) > 24 or len(shortcut["description"]) > 150 or len(shortcut["callback_id"]) > 255:
            yield f"the shortcut {shortcut['callback_id']} has a text that is too long"


def _scope_problems(manifest: dict[str, Any]) -> Iterator[str]:
    scopes = scopes_of(manifest)
    wanted = {s for of in METHOD_SCOPES.values() for s in of} | {"commands"}
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    for event in events:
        if event not in EVENT_SCOPES:
            yield f"nothing is known of the event {event}; add it to EVENT_SCOPES or take it out"
        wanted |= EVENT_SCOPES.get(event, frozenset())
    for scope in sorted(wanted - scopes):
        yield f"the scope {scope} is missing"
    for scope in sorted(scopes - wanted):
        yield f"the scope {scope} is asked for and never used"
