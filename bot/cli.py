"""The `redress` command line: its commands, and how their errors are told."""

from __future__ import annotations

from collections.abc import Sequence

import click

from bot.commands.case import case
from bot.commands.customer import customer
from bot.commands.db import db
from bot.commands.demo import demo, tour
from bot.commands.desk import desk
from bot.commands.doctor import doctor
from bot.commands.ledger import ledger
from bot.commands.manifest import manifest
from bot.commands.policy import policy
from bot.commands.report import report
from bot.commands.run import run
from bot.playground import DidNotStart
from bot.settings import BadSettings
from bot.times import UnreadableClock
from bot.workspace import WrongWorkspace
from complaints.policy_findings import PolicyRefused
from complaints.refusals import Refusal
from storage.backup import BackupRefused
from storage.desk_file import DeskRefused
from storage.engine import WrongDatabase
from storage.faults import DATABASE_ERRORS, named, remedy
from storage.leases import DatabaseInUse
from storage.policy_shelf import LabelTaken, UnknownBundle

DONE, NOT_DONE, WRONG_USE = 0, 1, 2
SAID_CLEARLY = (
    BackupRefused, DatabaseInUse, DeskRefused, DidNotStart, LabelTaken, PolicyRefused, UnknownBundle, UnreadableClock, WrongDatabase,
    WrongWorkspace,
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """Redress, the complaint desk in Slack."""


for command in (run, demo, tour, manifest, db, policy, case, report, ledger, customer, desk, doctor):
    cli.add_command(command)


def run_cli(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; what went wrong is said in a sentence on stderr."""
    try:
        result = cli.main(args=list(arguments), prog_name="redress", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return _say("Stopped.", NOT_DONE)
    except click.ClickException as error:
        error.show()
        return WRONG_USE if isinstance(error, click.UsageError) else NOT_DONE
    except BadSettings as error:
        return _say(str(error), WRONG_USE)
    except SAID_CLEARLY as error:
        return _say(str(error), NOT_DONE)
    except Refusal as refusal:
        return _say(f"The procedure says no: {refusal}", NOT_DONE)
    except UnicodeEncodeError:
        return _say("What was typed, or a path, is no UTF-8; set the terminal to it (LANG=C.UTF-8).", WRONG_USE)
    except DATABASE_ERRORS as error:
        todo = remedy(error, "look at REDRESS_DATABASE_URL")
        return _say(f"The database does not answer ({named(error)}); {todo}.", NOT_DONE)
    except OSError as error:
        return _say(f"{error.filename or 'The system'}: {error.strerror or error}.", NOT_DONE)
    return result if isinstance(result, int) else DONE


def _say(sentence: str, code: int) -> int:
    for line in sentence.splitlines():
        click.echo(f"Error: {line}", err=True)
    return code
