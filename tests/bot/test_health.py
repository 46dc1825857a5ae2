"""Health tells the truth: each thing that is not well is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.health import Health, _problems

WELL = Health(
    transport="socket", is_started=True, socket_age=3.0, tick_age=1.0, set_aside=0, oldest_pending_age=None, pending=0,
    uncertain=0, failed=0, overdue=0, is_stuck=False, slack_refuses=None,
)  # fmt: skip


def test_a_well_bot_has_no_problems() -> None:
    assert list(_problems(WELL)) == []
    assert list(_problems(replace(WELL, overdue=400, oldest_pending_age=60.0, uncertain=1))) == []


@pytest.mark.parametrize(
    ("ill", "said"),
    [
        (replace(WELL, is_started=False), "still starting"),
        (replace(WELL, is_ending=True), "is ending"),
        (replace(WELL, socket_age=None), "nothing comes in"),
        (replace(WELL, socket_age=61.0), "nothing comes in"),
        (replace(WELL, tick_age=None), "the tick does not run"),
        (replace(WELL, tick_age=61.0), "the tick does not run"),
        (replace(WELL, is_stuck=True, overdue=7), "7 deadlines are due and nothing fires"),
        (replace(WELL, oldest_pending_age=901.0), "quarter of an hour"),
        (replace(WELL, slack_refuses="token_revoked"), "token_revoked"),
    ],
)
def test_what_is_not_well_is_named(ill: Health, said: str) -> None:
    [problem] = _problems(ill)

    assert said in problem
