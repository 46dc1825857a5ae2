"""The gate before Slack opens again whatever happens while it closes."""

from __future__ import annotations

import pytest

from bot import outage
from bot.outage import FAILURES_IN_A_ROW, PROBE_SECONDS, Gate
from tests.bot.virtual_time import VirtualMachine


async def _yes() -> bool:
    return True


async def test_a_gate_whose_closing_could_not_be_logged_opens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    machine = VirtualMachine()
    gate = Gate(machine, _yes)
    for _ in range(FAILURES_IN_A_ROW - 1):
        gate.failed("no answer")
    monkeypatch.setattr(outage.log, "warning", full)
    with pytest.raises(OSError, match="no space"):
        gate.failed("no answer")
    assert (gate.is_open, gate.why) == (False, "no answer")

    await machine.pass_(PROBE_SECONDS + 1)

    assert (gate.is_open, gate.why) == (True, None)
