"""`redress doctor`: each thing is ok, or what to do about it."""

from __future__ import annotations

import asyncio

import click

from bot.at_work import look_at_work
from bot.checkup import Finding, SlackCheckup, look_at_home
from bot.commands.common import as_json, opened, show
from bot.office import Office
from bot.slack_out import make_client, make_session


@click.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check tokens, scopes, manifest, channels, members, roles, policies, database and clock, and what a running bot has left to do."""
    with opened() as office:
        findings = [
            Finding(about=f"settings and desk file ({_which_desk(office)})"),
            *look_at_home(office),
            *look_at_work(office),
        ]
        if office.settings.slack_bot_token is None:
            findings.append(Finding(about="bot token", todo="set SLACK_BOT_TOKEN (xoxb-…) from the app's page"))
        else:
            findings += asyncio.run(_ask_slack(office))
    data = [{"about": f.about, "ok": f.is_ok, "todo": f.todo or None} for f in findings]
    show(data, [str(f) for f in findings], as_json=as_json)
    if not all(f.is_ok for f in findings):
        raise click.exceptions.Exit(1)


def _which_desk(office: Office) -> str:
    desk = office.settings.desk
    return str(desk) if desk is not None else "the sample company's: REDRESS_DESK names no other"


async def _ask_slack(office: Office) -> list[Finding]:
    assert office.settings.slack_bot_token is not None
    async with make_session() as session:
        token = office.settings.slack_bot_token.get_secret_value()
        client = make_client(token, office.settings.slack_api_url, session)
        return [finding async for finding in SlackCheckup(office, client).look()]
