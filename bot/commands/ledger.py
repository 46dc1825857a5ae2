"""`redress ledger`: who still owes what out of which case."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import click

from bot.commands.common import as_json, opened, show, table
from bot.office import Office
from complaints.ledger import Debt, debts_of
from complaints.policy import Policy
from storage import counts
from storage.wire import read_wire


@click.command()
@click.argument("policy", metavar="POLICY")
@click.option("--who", help="Only this person, unit or customer.")
@click.option("--all", "all_", is_flag=True, help="Also what is paid in full.")
@as_json
def ledger(policy: str, who: str | None, all_: bool, as_json: bool) -> None:
    """Show the ledgers of a policy: what each one owes, what was taken, what is still to come; the oldest first."""
    with opened() as office:
        rows = [row for row in _rows(office, _policy(office, policy)) if who in (None, row["who"])]
    rows = [row for row in rows if all_ or row["rest"] > 0]
    columns = ("ledger", "who", "case", "owed", "paid", "rest", "since")
    lines = table(columns, [tuple(str(row[c]) for c in columns) for row in rows]) if rows else ["Nothing is owed."]
    show([{**row, **{c: str(row[c]) for c in ("owed", "paid", "rest")}} for row in rows], lines, as_json=as_json)


def _policy(office: Office, name: str) -> Policy:
    """Return the policy or annex of that id that is in force. Raises ClickException: none has a ledger."""
    for main in office.watched.plan().policies:
        bundle = office.in_force.in_force(main)
        for found in (bundle.policy, *bundle.annexes.values()) if bundle is not None else ():
            if found.id == name:
                return found
    raise click.ClickException(f"No policy “{name}” is in force here. `redress policy list` shows those that are.")


def _rows(office: Office, policy: Policy) -> Iterator[dict[str, Any]]:
    for entry, money in policy.money.items():
        if money.use == "ledger":
            with read_wire(office.store.engines) as wire:
                debts = debts_of(counts.ledger(wire, policy.id, entry))
            for debt in debts:
                yield {"ledger": entry, **_row(office, debt)}


def _row(office: Office, debt: Debt) -> dict[str, Any]:
    case = office.store.reader.case(debt.case_id)
    rest: Decimal = debt.rest
    return {
        "who": debt.who,
        "case": case.name if case is not None else debt.case_id,
        "owed": debt.owed,
        "paid": debt.paid,
        "rest": rest,
        "since": debt.since[:10],
    }
