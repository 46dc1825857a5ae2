"""Reads the workspace file: team, people, channels, and the app's manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sandbox.ids import named_id
from sandbox.world.channels import Channel
from sandbox.world.manifest import read_manifest
from sandbox.world.people import Person, Team
from sandbox.world.workspace import Workspace

BOT_IN_FILE = "bot"
_PERSON_FIELDS = (
    "locale", "tz", "title", "email", "phone", "is_admin", "is_owner",
    "is_restricted", "is_ultra_restricted", "deleted",
)  # fmt: skip


class WorkspaceFileError(Exception):
    """The workspace file cannot be used; the message says where and why."""


def read_workspace(path: Path) -> Workspace:
    """Return the workspace that the YAML file at *path* describes; a manifest's path is relative to it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as problem:
        raise WorkspaceFileError(f"{path} cannot be read: {problem}") from problem
    if not isinstance(content, dict):
        raise WorkspaceFileError(f"{path}: expected the keys team, people, channels and manifest")
    return build_workspace(content, folder=path.parent)


def build_workspace(content: dict[str, Any], *, folder: Path) -> Workspace:
    team_part = content.get("team") or {}
    team = Team(
        id=team_part.get("id", "T0SANDBOX"),
        name=team_part.get("name", "Sandbox"),
        domain=team_part.get("domain", "sandbox"),
    )
    workspace = Workspace(team=team, app=_app(content, folder))
    workspace.people[workspace.app.bot_user_id] = _bot(workspace)
    for part in content.get("people") or ():
        person = _person(part, team.id)
        workspace.people[person.id] = person
    for part in content.get("channels") or ():
        channel = _channel(part, workspace)
        workspace.channels[channel.id] = channel
    return workspace


def _app(content: dict[str, Any], folder: Path) -> Any:
    ids = content.get("app") or {}
    manifest = content.get("manifest", ids.get("manifest")) or {}
    if isinstance(manifest, str):
        file = folder / manifest
        try:
            manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as problem:
            raise WorkspaceFileError(f"manifest: {file} cannot be read: {problem}") from problem
    return read_manifest(
        manifest,
        app_id=ids.get("id", "A0SANDBOX"),
        bot_id=ids.get("bot_id", "B0SANDBOX"),
        bot_user_id=ids.get("bot_user_id", "U0SANDBOXBOT"),
    )


def _bot(workspace: Workspace) -> Person:
    app = workspace.app
    return Person(
        id=app.bot_user_id,
        name=app.name.lower().replace(" ", "_"),
        real_name=app.name,
        team_id=workspace.team.id,
        is_bot=True,
        bot_id=app.bot_id,
        app_id=app.id,
    )


def _person(part: dict[str, Any], team_id: str) -> Person:
    name = part.get("name") or part.get("real_name")
    if not name:
        raise WorkspaceFileError(f"people: {part} has neither name nor real_name")
    return Person(
        id=part.get("id") or named_id("U", name),
        name=name,
        real_name=part.get("real_name", name),
        team_id=part.get("team_id") or team_id,
        **{key: part[key] for key in _PERSON_FIELDS if part.get(key) is not None},
    )


def _channel(part: dict[str, Any], workspace: Workspace) -> Channel:
    name = part.get("name")
    if not name:
        raise WorkspaceFileError(f"channels: {part} has no name")
    members = [_member_id(who, name, workspace) for who in part.get("members") or ()]
    return Channel(
        id=part.get("id") or named_id("C", name),
        name=name,
        kind="private" if part.get("private") else "public",
        members=members,
        archived=bool(part.get("archived")),
        topic=part.get("topic", ""),
        purpose=part.get("purpose", ""),
    )


def _member_id(who: str, channel: str, workspace: Workspace) -> str:
    if who == BOT_IN_FILE:
        return workspace.app.bot_user_id
    try:
        return workspace.person(who).id
    except Exception as problem:
        raise WorkspaceFileError(f"channels.{channel}.members: there is no “{who}” among the people") from problem
