"""Slack's Web API as far as the conversation uses it, refusing what Slack refuses."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.errors import SlackApiError

from sandbox.problems import SlackProblem
from sandbox.rules.blocks import check_blocks
from sandbox.rules.shapes import Report
from sandbox.rules.views import check_view

TEAM = "T0TEST"
SERIAL = itertools.count(1)

NO_JSON = "no JSON"
"""In `StrictSlack.fails`: a proxy before Slack answers with a page of its own."""


@dataclass
class StrictSlack:
    """Slack's Web API as far as the conversation uses it; it refuses views and blocks that Slack would refuse."""

    locales: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    guests: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    bots: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    teams: dict[str, str] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stacks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    ephemerals: list[dict[str, Any]] = field(default_factory=list)
    responses: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    triggers: dict[str, str] = field(default_factory=dict)
    fails: dict[str, str] = field(default_factory=dict)

    async def api_call(self, api_method: str, *, http_verb: str = "POST", **how: Any) -> dict[str, Any]:
        sent = how.get("json") or how.get("params") or {}
        self.calls.append((api_method, sent))
        if api_method in self.fails:
            code = self.fails[api_method]
            raise SlackApiError("refused", {"ok": False, "error": code} if code != NO_JSON else "upstream error")
        answer: dict[str, Any] = getattr(self, "_" + api_method.replace(".", "_"))(sent)
        return answer

    async def respond(self, url: str, message: Mapping[str, Any]) -> None:
        check_shown_blocks(message.get("blocks"), "message")
        self.responses.append((url, dict(message)))

    def _users_info(self, sent: dict[str, Any]) -> dict[str, Any]:
        member = sent["user"]
        if member in self.unknown:
            raise SlackApiError("refused", {"ok": False, "error": "user_not_found"})
        user: dict[str, Any] = {
            "id": member, "locale": self.locales.get(member, "en-US"), "is_restricted": member in self.guests,
            "deleted": member in self.deleted, "team_id": self.teams.get(member, TEAM), "is_stranger": False,
            "is_bot": member in self.bots, "real_name": self.names.get(member),
        }  # fmt: skip
        if member in self.organisations:
            user["enterprise_user"] = {"enterprise_id": self.organisations[member]}
        return {"user": user}

    def _views_open(self, sent: dict[str, Any]) -> dict[str, Any]:
        member = self._member(sent["trigger_id"])
        self.stacks[member] = [self.new_view(sent["view"])]
        return {"ok": True}

    def _views_push(self, sent: dict[str, Any]) -> dict[str, Any]:
        member = self._member(sent["trigger_id"])
        self.push(member, sent["view"])
        return {"ok": True}

    def _views_update(self, sent: dict[str, Any]) -> dict[str, Any]:
        check_shown_view(sent["view"], "modal")
        for stack in self.stacks.values():
            for place, old in enumerate(stack):
                if old["id"] == sent["view_id"]:
                    stack[place] = {**sent["view"], "id": old["id"], "state": old.get("state", {})}
                    return {"ok": True}
        raise SlackApiError("gone", {"ok": False, "error": "not_found"})

    def _views_publish(self, sent: dict[str, Any]) -> dict[str, Any]:
        check_shown_view(sent["view"], "home")
        self.homes[sent["user_id"]] = {**sent["view"], "id": f"V{next(SERIAL)}"}
        return {"ok": True}

    def _chat_postEphemeral(self, sent: dict[str, Any]) -> dict[str, Any]:
        assert sent["text"]
        check_shown_blocks(sent.get("blocks"), "message")
        self.ephemerals.append(sent)
        return {"ok": True}

    def _member(self, trigger: str) -> str:
        member = self.triggers.pop(trigger, None)
        if member is None:
            raise SlackApiError("late", {"ok": False, "error": "expired_trigger_id"})
        return member

    def push(self, member: str, view: dict[str, Any]) -> None:
        stack = self.stacks.setdefault(member, [])
        assert len(stack) < 3, "push_limit_reached"
        stack.append(self.new_view(view))

    def new_view(self, view: dict[str, Any]) -> dict[str, Any]:
        check_shown_view(view, "modal")
        return {**view, "id": f"V{next(SERIAL)}"}


def check_shown_view(view: dict[str, Any], surface: str) -> None:
    try:
        check_view(json.loads(json.dumps(view)), surface)
    except SlackProblem as problem:
        raise AssertionError(f"Slack refuses the {surface}: {vars(problem)}") from problem


def check_shown_blocks(blocks: Any, surface: str) -> None:
    report = Report(surface=surface)
    if blocks is not None:
        check_blocks(json.loads(json.dumps(blocks)), "/blocks", report, 50)
    assert not report.faults, report.lines()
