"""`redress run`: the bot."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable

import click
import structlog

from bot.app import App
from bot.logs import set_up_logs
from bot.office import Office, open_office
from bot.settings import load_settings

SECRETS = (
    "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET",
    "REDRESS_DATABASE_URL",
)  # fmt: skip

NOT_ENDED = 1
LAST_SECONDS = 22.0
"""An orderly end takes less than twenty; a supervisor waits for thirty."""

log = structlog.get_logger(__name__)


@click.command()
def run() -> None:
    """Start the bot: Socket Mode when SLACK_APP_TOKEN is set, else signed HTTP on REDRESS_HTTP_PORT."""
    settings = load_settings()
    settings.refuse_unless_it_can_run()
    for name in SECRETS:
        os.environ.pop(name, None)
    set_up_logs(settings.log_level)
    office = open_office(settings)
    last_resort = threading.Timer(LAST_SECONDS, _end_without)
    last_resort.daemon = True  # it goes with the process, which waits after this for threads that may hang, too
    try:
        asyncio.run(_app(office, last_resort.start).run())
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # it ends already, and the last resort sees to it
            signal.signal(number, signal.SIG_IGN)
        office.close()


def _end_without() -> None:
    """End though something hangs (a database that neither answers nor refuses): as a kill does, but with a reason in the log."""
    log.error(
        "something hung at the end, most likely the database; what was acknowledged is recorded, nothing is left half"
    )
    os._exit(NOT_ENDED)


def _app(office: Office, on_ending: Callable[[], object]) -> App:
    from bot.drawing import make_renderer
    from handlers import register  # the conversation takes a while to load; other commands need it not

    return App(
        office, register=register, make_renderer=make_renderer, file_queue=office.store.file_queue, on_ending=on_ending
    )
