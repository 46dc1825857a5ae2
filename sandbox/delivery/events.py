"""Events: which are subscribed, for which scope, and their `event_callback` envelope."""

from __future__ import annotations

from typing import Any

from sandbox.clocks import MachineClock
from sandbox.delivery.dispatcher import Dispatcher
from sandbox.ids import new_id
from sandbox.web_api.rate_limits import Bucket
from sandbox.world.channels import Channel
from sandbox.world.messages import Message
from sandbox.world.workspace import Workspace

EVENTS_PER_HOUR = 30_000

SCOPE_FOR: dict[str, set[str]] = {
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
    "app_mention": {"app_mentions:read"},
    "file_shared": {"files:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "reaction_added": {"reactions:read"},
    "channel_archive": {"channels:read"},
    "channel_unarchive": {"channels:read"},
    "group_archive": {"groups:read"},
    "user_change": {"users:read"},
    "app_home_opened": set(),
}
_MESSAGE_EVENT = {
    "public": "message.channels",
    "private": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


class Events:
    """Tells the app what happened, if its manifest asked for it and its scopes allow it."""

    def __init__(self, workspace: Workspace, dispatcher: Dispatcher, clock: MachineClock):
        self.workspace, self.dispatcher, self.clock = workspace, dispatcher, clock
        self._hourly = Bucket(EVENTS_PER_HOUR, EVENTS_PER_HOUR / 3600)
        self._told_limited_at = 0.0

    def wanted(self, subscription: str) -> bool:
        app, scopes = self.workspace.app, SCOPE_FOR.get(subscription, set())
        return subscription in app.bot_events and (not scopes or bool(scopes & app.scopes))

    def publish(self, subscription: str, event: dict[str, Any]) -> None:
        if not self.wanted(subscription):
            return
        if self._hourly.take(self.clock.now()):
            self._tell_limited()
            return
        self.dispatcher.tell(self._envelope(event))

    def message(self, channel: Channel, event: dict[str, Any]) -> None:
        """Publish a message event, if the bot is in the channel."""
        if self.workspace.app.bot_user_id in channel.members:
            self.publish(
                _MESSAGE_EVENT[channel.kind],
                event | {"channel": channel.id, "channel_type": channel.event_type},
            )

    def message_posted(self, channel: Channel, message: Message) -> None:
        event = message.as_slack(with_metadata=True) | {"event_ts": message.ts}
        root = channel.messages.get(message.thread_ts or "")
        if root is not None and root is not message:
            event["parent_user_id"] = root.author_id
        if message.files:
            event["subtype"] = "file_share"
        self.message(channel, event)
        mention = f"<@{self.workspace.app.bot_user_id}>"
        if mention in message.text and not message.bot and not channel.is_direct:
            self._mentioned(channel, message)
        for file in message.files:
            self._file_shared(channel, message, file["id"])

    def _mentioned(self, channel: Channel, message: Message) -> None:
        if self.workspace.app.bot_user_id in channel.members:
            event = message.as_slack() | {
                "type": "app_mention",
                "channel": channel.id,
                "event_ts": message.ts,
            }
            self.publish("app_mention", event)

    def _file_shared(self, channel: Channel, message: Message, file_id: str) -> None:
        if self.workspace.app.bot_user_id not in channel.members:
            return
        event = {
            "type": "file_shared",
            "file_id": file_id,
            "user_id": message.author_id,
            "file": {"id": file_id},
        }
        self.publish("file_shared", event | {"channel_id": channel.id, "event_ts": message.ts})

    def message_changed(self, channel: Channel, message: Message, before: dict[str, Any]) -> None:
        ts = channel.next_ts(self.clock.now())
        event = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": ts, "event_ts": ts}
        self.message(channel, event | {"message": message.as_slack(with_metadata=True), "previous_message": before})

    def message_deleted(self, channel: Channel, message: Message) -> None:
        ts = channel.next_ts(self.clock.now())
        event = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": ts, "event_ts": ts}
        self.message(channel, event | {"deleted_ts": message.ts, "previous_message": message.as_slack()})

    def membership(self, kind: str, channel: Channel, member_id: str) -> None:
        """Publish `member_joined_channel` or `member_left_channel`."""
        event = {
            "type": kind,
            "user": member_id,
            "channel": channel.id,
            "channel_type": "C" if channel.kind == "public" else "G",
            "team": self.workspace.team.id,
            "event_ts": f"{self.clock.now():.6f}",
        }
        self.publish(kind, event)

    def _envelope(self, event: dict[str, Any]) -> dict[str, Any]:
        workspace = self.workspace
        return {
            "token": "sandbox",
            "team_id": workspace.team.id,
            "context_team_id": workspace.team.id,
            "context_enterprise_id": None,
            "api_app_id": workspace.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": int(self.clock.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team.id,
                    "user_id": workspace.app.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": self._is_shared(event),
        }

    def _is_shared(self, event: dict[str, Any]) -> bool:
        """Say whether the event's channel has people of another workspace (Slack Connect)."""
        channel = self.workspace.channels.get(str(event.get("channel")))
        people = self.workspace.people
        return channel is not None and any(
            people[m].team_id != self.workspace.team.id for m in channel.members if m in people
        )

    def _tell_limited(self) -> None:
        minute = int(self.clock.now() // 60) * 60
        if minute == self._told_limited_at:
            return
        self._told_limited_at = minute
        workspace = self.workspace
        self.dispatcher.tell(
            {
                "token": "sandbox",
                "type": "app_rate_limited",
                "team_id": workspace.team.id,
                "minute_rate_limited": minute,
                "api_app_id": workspace.app.id,
            }
        )
