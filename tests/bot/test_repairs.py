"""The desk officer sends again what did not arrive: it goes where it goes today, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.repairs import Repairs
from complaints.ports import OutboxRow
from storage.outbox import LEASE
from tests.bot.test_people import Company, company

__all__ = ["company"]


def _lost(company: Company, kind: str) -> OutboxRow:
    """Bring a case to the quality department, whose channel is archived: its message of that kind does not arrive."""
    company.registered()
    rows = company.office.store.outbox.claim(_now(company), company.now, 100, each=20)
    [lost] = [r for r in rows if (r.to, r.kind) == ("CQUALITY", kind)]
    company.office.store.outbox.failed(lost, error="is_archived")
    return lost


def _now(company: Company) -> datetime:
    return company.office.machine.now()


def _moves(company: Company, monkeypatch: pytest.MonkeyPatch, channel: str | None) -> None:
    plan = company.office.watched.plan()
    roles = {**plan.roles, "quality": replace(plan.roles["quality"], channel=channel)}
    monkeypatch.setattr(company.office.watched, "plan", lambda: replace(plan, roles=roles))


def _again(company: Company, lost: OutboxRow) -> Any:
    assert Repairs(company.office).send_again(lost.id)
    assert not Repairs(company.office).send_again(lost.id)
    rows = company.office.store.outbox.claim(_now(company) + 2 * LEASE, company.now, 100, each=20)
    return [r.to for r in rows if r.id == lost.id]


@pytest.mark.parametrize(
    ("channel", "goes"),
    [
        pytest.param("CQUALITY", "CQUALITY", id="it was unarchived"),
        pytest.param("CNEWQUALITY", "CNEWQUALITY", id="the desk file names another channel"),
        pytest.param(None, "CQUALITY", id="its people get cards of their own by now"),
    ],
)
def test_the_card_of_a_stage_goes_to_the_channel_that_the_role_has_now(
    company: Company, monkeypatch: pytest.MonkeyPatch, channel: str | None, goes: str
) -> None:
    lost = _lost(company, "approval")
    _moves(company, monkeypatch, channel)

    assert _again(company, lost) == [goes]


def test_what_is_no_card_of_a_stage_goes_where_it_was_meant(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell for which role it stood there."""
    company.registered()
    rows = company.office.store.outbox.claim(_now(company), company.now, 100, each=20)
    [home] = [r for r in rows if r.kind == "home"]
    company.office.store.outbox.failed(home, error="is_archived")
    _moves(company, monkeypatch, "CNEWQUALITY")

    assert _again(company, home) == [home.to]
