"""The app as its manifest declares it: what is not in the manifest does not exist."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class App:
    """The one installed app."""

    id: str
    name: str
    bot_id: str
    bot_user_id: str
    scopes: set[str] = field(default_factory=set)
    bot_events: set[str] = field(default_factory=set)
    commands: dict[str, dict[str, Any]] = field(default_factory=dict)
    global_shortcuts: dict[str, dict[str, Any]] = field(default_factory=dict)
    message_shortcuts: dict[str, dict[str, Any]] = field(default_factory=dict)
    home_enabled: bool = False
    messages_read_only: bool = False
    interactive: bool = True
    description: str = ""


def read_manifest(manifest: dict[str, Any], *, app_id: str, bot_id: str, bot_user_id: str) -> App:
    """Return the app that *manifest* (Slack's app manifest) describes."""
    features, settings = manifest.get("features") or {}, manifest.get("settings") or {}
    about = manifest.get("display_information") or {}
    home = features.get("app_home") or {}
    return App(
        id=app_id,
        name=(features.get("bot_user") or {}).get("display_name") or about.get("name") or "App",
        bot_id=bot_id,
        bot_user_id=bot_user_id,
        scopes=set(((manifest.get("oauth_config") or {}).get("scopes") or {}).get("bot") or ()),
        bot_events=set((settings.get("event_subscriptions") or {}).get("bot_events") or ()),
        commands={each["command"]: each for each in features.get("slash_commands") or ()},
        global_shortcuts=_shortcuts(features, "global"),
        message_shortcuts=_shortcuts(features, "message"),
        home_enabled=bool(home.get("home_tab_enabled")),
        messages_read_only=bool(home.get("messages_tab_read_only_enabled")),
        interactive=(settings.get("interactivity") or {}).get("is_enabled", True),
        description=about.get("description", ""),
    )


def _shortcuts(features: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    shortcuts = features.get("shortcuts") or ()
    return {each["callback_id"]: each for each in shortcuts if each.get("type") == kind}
