"""A token that is refused is noticed though nothing is to be sent."""

from __future__ import annotations

import pytest

from bot.outage import Gate
from bot.slack_errors import CHANNEL, TOKEN, Permanent, Unreachable
from bot.token_watch import TokenWatch
from tests.bot.virtual_time import VirtualMachine


class Refusing:
    """Slack's answer to `auth.test`."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    async def __call__(self) -> None:
        if self.error is not None:
            raise self.error


async def _answers() -> bool:
    return True


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (Permanent("token_revoked", TOKEN), "token_revoked"),
        (Permanent("account_inactive", TOKEN), "account_inactive"),
        (Permanent("is_archived", CHANNEL), None),
        (Unreachable("no connection"), None),
        (RuntimeError("of ours"), None),
        (None, None),
    ],
)
async def test_only_a_refused_token_closes_the_gate(error: Exception | None, why: str | None) -> None:
    machine = VirtualMachine()
    gate = Gate(machine, _answers)
    watch = TokenWatch(Refusing(error), gate, machine)

    taken = await watch.is_taken()

    assert (taken, gate.why, gate.is_open) == (why is None, why, why is None)
    await gate.stop()
