"""Who we are in Slack: asked once at the start, and checked against the desk's team."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack_errors import Permanent, SlackError
from bot.slack_out import narrow
from bot.times import Machine

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 5.0


class WrongWorkspace(Exception):
    """The token is refused, or belongs to another workspace than the desk file names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """
    The bot in its workspace. *scopes*: what the token was granted, None where Slack does not say. *url*: where the
    workspace is.
    """

    team_id: str
    enterprise_id: str | None
    bot_id: str | None
    bot_user_id: str | None
    token: str
    scopes: frozenset[str] | None = None
    url: str | None = None

    async def authorize(self, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        """Answer Bolt without a call to Slack; requests from another workspace are nobody's."""
        is_ours = team_id == self.team_id or (enterprise_id is not None and enterprise_id == self.enterprise_id)
        if not is_ours:
            log.warning("a request from another workspace was refused", team=team_id)
            return None
        return AuthorizeResult(
            enterprise_id=self.enterprise_id, team_id=self.team_id, bot_id=self.bot_id,
            bot_user_id=self.bot_user_id, bot_token=self.token,
        )  # fmt: skip


async def identify(client: AsyncWebClient) -> Identity:
    """Ask Slack who we are. Raises a `SlackError`."""
    answer: Any = await narrow(client.auth_test)
    scopes = {k.lower(): v for k, v in dict(answer.headers).items()}.get("x-oauth-scopes")
    return Identity(
        team_id=str(answer.get("team_id")),
        enterprise_id=answer.get("enterprise_id"),
        bot_id=answer.get("bot_id"),
        bot_user_id=answer.get("user_id"),
        token=str(client.token),
        scopes=frozenset(s.strip() for s in scopes.split(",") if s.strip()) if scopes else None,
        url=answer.get("url"),
    )


async def identify_for(client: AsyncWebClient, team: str | None, machine: Machine) -> Identity:
    """
    Ask Slack who we are until it answers.

    Raises:
        WrongWorkspace: the token is refused, or *team* is another workspace.
    """
    while True:
        try:
            found = await identify(client)
        except Permanent as error:
            raise WrongWorkspace(
                f"Slack refuses the bot token ({error.error}); copy SLACK_BOT_TOKEN from the app's page again."
            ) from None
        except SlackError as error:
            log.warning("Slack does not answer yet", error=str(error))
            await machine.sleep(AGAIN_SECONDS)
            continue
        if team is not None and found.team_id != team:
            raise WrongWorkspace(
                f"The bot token belongs to workspace {found.team_id}, the desk file names {team}; "
                "use the token of that workspace, or correct `team:` in the desk file."
            )
        return found
