"""`redress run`: the bot."""

from __future__ import annotations

import asyncio
import os

import click

from bot.app import App
from bot.logs import set_up_logs
from bot.office import Office, open_office
from bot.settings import load_settings

SECRETS = (
    "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET",
    "REDRESS_DATABASE_URL",
)  # fmt: skip


@click.command()
def run() -> None:
    """Start the bot: Socket Mode when SLACK_APP_TOKEN is set, else signed HTTP on REDRESS_HTTP_PORT."""
    settings = load_settings()
    settings.refuse_unless_it_can_run()
    for name in SECRETS:
        os.environ.pop(name, None)
    set_up_logs(settings.log_level)
    office = open_office(settings)
    try:
        asyncio.run(_app(office).run())
    finally:
        office.close()


def _app(office: Office) -> App:
    from bot.drawing import make_renderer
    from handlers import register  # the conversation takes a while to load; other commands need it not

    return App(office, register=register, make_renderer=make_renderer, file_queue=office.store.file_queue)
