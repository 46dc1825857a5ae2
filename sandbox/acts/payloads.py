"""The parts that interaction payloads share."""

from __future__ import annotations

from typing import Any

from sandbox.delivery.answers import Answer, Delivery
from sandbox.delivery.triggers import Trigger
from sandbox.posting import show_only
from sandbox.standin import StandIn
from sandbox.world.channels import Channel
from sandbox.world.messages import Message
from sandbox.world.people import Person
from sandbox.world.views import View

SLACKBOT = "USLACKBOT"
_WORDS_FOR = {
    "timeout": "operation_timeout",
    "connection_failed": "dispatch_failed",
    "error": "dispatch_failed",
}


def base(desk: StandIn, kind: str, person: Person) -> dict[str, Any]:
    team = desk.workspace.team
    return {
        "type": kind,
        "user": person.as_actor(),
        "api_app_id": desk.workspace.app.id,
        "token": "sandbox",
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def action_ts(desk: StandIn) -> str:
    return f"{desk.machine.now():.6f}"


def channel_part(channel: Channel) -> dict[str, str]:
    name = {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)
    return {"id": channel.id, "name": name}


def message_container(message: Message) -> dict[str, Any]:
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel_id,
        "is_ephemeral": message.only_for is not None,
    }
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def view_container(view: View) -> dict[str, Any]:
    return {"type": "view", "view_id": view.id}


def response_url(desk: StandIn, person: Person, channel: Channel, **about: Any) -> str:
    given = desk.response_urls.new(person.id, channel.id, **about)
    return f"{desk.base_url}/respond/{desk.workspace.team.id}/{given.key}"


def error_word(answer: Answer) -> str | None:
    """Return Slack's word for a failed delivery: `operation_timeout` or `dispatch_failed`."""
    return _WORDS_FOR.get(answer.problem, "dispatch_failed") if answer.problem else None


def tell_failure(desk: StandIn, person: Person, channel: Channel, words: str) -> None:
    """Show the person what Slack itself says when the app did not answer."""
    show_only(desk, person.id, channel, SLACKBOT, words)


def outcome(
    desk: StandIn,
    person: Person,
    delivery: Delivery,
    answer: Answer,
    trigger: Trigger | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return what the control API says about an act."""
    took_ms = delivery.attempts[0].took_ms if delivery.attempts else None
    top = desk.workspace.modals.get(person.id) or []
    return {
        "ok": answer.problem is None,
        "error": error_word(answer),
        "took_ms": took_ms,
        "delivery": delivery.seq,
        "trigger_id": trigger.id if trigger else None,
        "view": top[-1].as_slack() if trigger and trigger.view_id and top else None,
        **more,
    }
