"""The team and its people, in the shapes of `team.info` and `users.info`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass
class Team:
    id: str
    name: str
    domain: str

    def as_slack(self) -> dict[str, Any]:
        url = f"https://{self.domain}.slack.com/"
        return {
            "id": self.id,
            "name": self.name,
            "domain": self.domain,
            "url": url,
            "email_domain": "",
            "icon": {"image_default": True},
        }


@dataclass
class Person:
    """A member of the workspace; the app's bot user is one, with `is_bot`."""

    id: str
    name: str
    real_name: str
    team_id: str
    locale: str = "en-US"
    tz: str = "UTC"
    title: str = ""
    email: str = ""
    phone: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    bot_id: str = ""
    app_id: str = ""

    def as_slack(self, *, with_locale: bool = False, with_email: bool = False) -> dict[str, Any]:
        if self.deleted:
            return self._core()
        offset = datetime.now(UTC).astimezone(ZoneInfo(self.tz)).utcoffset()
        answer = self._core() | {
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_admin": self.is_admin,
            "is_owner": self.is_owner,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "color": "9f69e7",
        }
        if with_locale:
            answer["locale"] = self.locale
        if with_email and self.email:
            answer["profile"]["email"] = self.email
        return answer

    def _core(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1700000000,
            "profile": self.profile(),
        }

    def profile(self) -> dict[str, Any]:
        profile = {
            "title": self.title,
            "phone": self.phone,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": "" if self.is_bot else self.name,
            "display_name_normalized": "" if self.is_bot else self.name,
            "team": self.team_id,
        }
        if self.is_bot:
            profile |= {"api_app_id": self.app_id, "bot_id": self.bot_id}
        return profile

    def as_actor(self) -> dict[str, Any]:
        """Return the person as interaction payloads name them."""
        return {"id": self.id, "username": self.name, "name": self.name, "team_id": self.team_id}
