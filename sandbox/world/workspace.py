"""The workspace: everything that Slack would know about one team."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.ids import named_id
from sandbox.problems import ActProblem
from sandbox.world.channels import Channel
from sandbox.world.files import File
from sandbox.world.manifest import App
from sandbox.world.messages import Message
from sandbox.world.people import Person, Team
from sandbox.world.views import View


@dataclass
class Workspace:
    team: Team
    app: App
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    ephemerals: dict[str, list[Message]] = field(default_factory=dict)
    direct: dict[str, str] = field(default_factory=dict)

    @property
    def bot(self) -> Person:
        return self.people[self.app.bot_user_id]

    @property
    def view_app(self) -> dict[str, str]:
        return {"team_id": self.team.id, "app_id": self.app.id, "bot_id": self.app.bot_id}

    def person(self, who: str) -> Person:
        """Return the person with this id, real name or name."""
        if who in self.people:
            return self.people[who]
        for person in self.people.values():
            if who.lstrip("@") in (person.real_name, person.name):
                return person
        raise ActProblem(f"There is no “{who}” in this workspace.")

    def channel(self, which: str) -> Channel:
        """Return the channel with this id or name (with or without #)."""
        if which in self.channels:
            return self.channels[which]
        for channel in self.channels.values():
            if channel.name and channel.name == which.lstrip("#"):
                return channel
        raise ActProblem(f"There is no channel “{which}” in this workspace.")

    def direct_channel(self, member_id: str) -> Channel:
        """Return the direct conversation of the app with *member_id*, opened if need be."""
        if member_id not in self.direct:
            channel = Channel(
                id=named_id("D", member_id), name="", kind="im", members=[self.app.bot_user_id, member_id]
            )
            self.channels[channel.id] = channel
            self.direct[member_id] = channel.id
        return self.channels[self.direct[member_id]]

    def views(self) -> list[View]:
        return [view for stack in self.modals.values() for view in stack] + list(self.homes.values())

    def view(self, view_id: str) -> View | None:
        return next((view for view in self.views() if view.id == view_id), None)

    def ephemerals_of(self, member_id: str, channel_id: str | None = None) -> list[Message]:
        mine = self.ephemerals.get(member_id, [])
        return [each for each in mine if channel_id in (None, each.channel_id)]
