"""What people wrote can be erased from a case that is over; the procedure refuses it before, and to others."""

from __future__ import annotations

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import NotAllowedHere, NotAuthorized
from tests.complaints.test_changed_calendars import FORM
from tests.support.company import OFFICER
from tests.support.desks import TestDesk


def erase(desk: TestDesk, actor: str) -> None:
    words = tuple(desk.record.words)
    desk.submit(cmd.EraseWords(actor=actor, key=desk.key(), case_id="case1", why="asked by the customer", words=words))


@pytest.fixture
def desk() -> TestDesk:
    desk = TestDesk()
    desk.log(**FORM)
    return desk


def test_words_stay_while_the_case_goes_on(desk: TestDesk) -> None:
    with pytest.raises(NotAllowedHere) as refused:
        erase(desk, OFFICER)

    assert refused.value.reason == "case_goes_on"


def test_only_the_desk_officer_erases(desk: TestDesk) -> None:
    desk.submit(cmd.Withdraw(actor="USALES1", key=desk.key(), case_id="case1", reason="solved by itself"))

    with pytest.raises(NotAuthorized) as refused:
        erase(desk, "UGMO1")

    assert refused.value.reason == "only_officer_erases"


def test_all_words_of_the_case_are_named_in_the_log(desk: TestDesk) -> None:
    """DESIGN 1: erasing appends `WordsErased`; the chain goes on over the digests."""
    desk.submit(cmd.Withdraw(actor="USALES1", key=desk.key(), case_id="case1", reason="solved by itself"))
    erase(desk, OFFICER)

    erased = desk.happened(e.WordsErased)[0]
    assert set(erased.words) == set(desk.record.words)
    assert desk.case().erased
