"""What a form does not ask any more, because its condition is false now, or what was taken out of it does not stay on the case."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.commands import Amend
from complaints.refusals import FieldErrors
from tests.complaints.test_policy import small
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

SALES, QUALITY, CHIEF = person("sales"), person("quality"), person("general_manager")
FIRST = {"market": "domestic", "amount": "20000", "established": True}
HUMAN = {"cause": "human", "culprit": "Wang", "fine": "200"}


def with_cause() -> dict[str, Any]:
    """Return a policy whose quality department names a culprit and his fine only when the cause is a human one."""
    raw = small()
    raw["fields"] |= {
        "cause": {"type": "choice", "of": ["human", "machine"]},
        "culprit": "text",
        "fine": "money",
        "why_foreign": "text",
    }
    raw["money"] = {"deduction": {"use": "sum", "of": ["fine"], "when": "cause is human", "source": "D16"}}
    raw["stages"]["intake"]["fill"] = ["market", "amount", "established", {"why_foreign": "market is foreign"}]
    raw["stages"]["find"] = {
        "who": "quality",
        "fill": ["cause", {"culprit": "cause is human"}, {"fine": "known(culprit)"}],
        "limit": "1 day",
    }
    raw["routes"]["main"]["path"] = ["intake", "find", "decide"]
    return raw


def found(desk: MadeDesk, **fields: Any) -> MadeDesk:
    desk.log(SALES)
    desk.decide(SALES, "intake", **FIRST)
    desk.decide(QUALITY, "find", **(fields or HUMAN))
    return desk


def again(desk: MadeDesk, **fields: Any) -> MadeDesk:
    """Send the finding back and fill it in a second time."""
    desk.decide(CHIEF, "decide", "return", reason="Look again", to_stage="find")
    desk.decide(QUALITY, "find", **fields)
    return desk


def dropped(desk: MadeDesk) -> list[dict[str, Any]]:
    return [dict(event.fields) for event in desk.happened(e.FieldsDropped)]


def test_another_cause_takes_away_the_culprit_and_what_depends_on_him() -> None:
    """The log keeps what they were."""
    desk = again(found(MadeDesk(with_cause())), cause="machine")

    assert {"culprit", "fine"}.isdisjoint(desk.case().fields)
    [values] = dropped(desk)
    assert (set(values), values["fine"]) == ({"culprit", "fine"}, "200.00")


def test_a_form_that_sends_the_old_culprit_along_does_not_keep_him() -> None:
    """A form shows what was filled in before; who only changes the cause sends the rest once more."""
    desk = again(found(MadeDesk(with_cause())), **(HUMAN | {"cause": "machine"}))

    assert {"culprit", "fine"}.isdisjoint(desk.case().fields)


def test_the_amount_that_came_of_it_is_none_any_more() -> None:
    desk = found(MadeDesk(with_cause()))
    assert desk.case().amounts == {"deduction": "200.00"}

    again(desk, cause="machine")
    assert (desk.case().amounts, len(desk.happened(e.AmountDropped))) == ({}, 1)


def test_the_same_cause_asks_again_and_keeps() -> None:
    desk = again(found(MadeDesk(with_cause())), **HUMAN)

    assert (desk.case().fields["fine"], dropped(desk)) == ("200.00", [])


def test_an_amended_form_loses_what_it_asked_upon_the_old_answer() -> None:
    desk = MadeDesk(with_cause())
    desk.log(SALES)
    desk.decide(SALES, "intake", **(FIRST | {"market": "foreign", "why_foreign": "Shipped by sea"}))
    desk.act(Amend, SALES, fields={"market": "domestic"}, reason="Misread")

    assert "why_foreign" not in desk.case().fields
    assert len(dropped(desk)) == 1


def test_an_amended_form_loses_the_amount_of_it_too() -> None:
    raw = with_cause()
    raw["fields"]["freight"] = "money"
    raw["stages"]["intake"]["fill"][-1:] = [{"freight": "market is foreign"}]
    raw["money"] = {"loss": {"use": "sum", "of": ["freight"], "source": "D16"}}
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **(FIRST | {"market": "foreign", "freight": "80"}))
    assert desk.case().amounts == {"loss": "80.00"}

    desk.act(Amend, SALES, fields={"market": "domestic"}, reason="Misread")
    assert desk.case().amounts == {}


def test_nothing_is_owed_of_what_is_not_asked_any_more() -> None:
    """A ledger owes what the finding says, from the first finding on."""
    raw = with_cause()
    raw["money"]["debts"] = {
        "use": "ledger", "of": ["fine"], "who": "culprit", "cap": "big", "needs": ["find"], "source": "D16",
    }  # fmt: skip
    desk = found(MadeDesk(raw))
    assert [line.amount for line in desk.case().ledger] == ["200.00"]

    again(desk, cause="machine")
    assert [line.amount for line in desk.case().ledger] == ["0"]


@pytest.mark.parametrize("also", ["fill", "may_fill"])
def test_what_another_stage_filled_as_well_stays(also: str) -> None:
    raw = with_cause()
    raw["stages"]["check"] = {"who": "sales", also: ["culprit"], "limit": "1 day"}
    raw["routes"]["main"]["path"] = ["intake", "find", "check", "decide"]
    desk = found(MadeDesk(raw))
    desk.decide(SALES, "check", culprit="Li")
    again(desk, cause="machine", fine="100")

    assert "culprit" in desk.case().fields
    assert dropped(desk) == []


def test_the_first_round_drops_nothing() -> None:
    assert dropped(found(MadeDesk(with_cause()), cause="machine")) == []


def with_note(*also: str) -> MadeDesk:
    """Return a desk whose finding may carry a note; the stages *also* may write it too."""
    raw = with_cause()
    raw["fields"]["note"] = "text"
    raw["stages"]["find"]["may_fill"] = ["note"]
    for name in also:
        raw["stages"][name]["may_fill"] = ["note"]
    return MadeDesk(raw)


def test_what_is_taken_out_of_a_form_in_a_later_round_is_gone() -> None:
    desk = again(found(with_note(), **HUMAN, note="Seen twice"), **HUMAN, note=None)

    assert "note" not in desk.case().fields
    assert dropped(desk) == [{"note": "Seen twice"}]


def test_what_somebody_else_said_may_be_taken_out_when_no_form_insists_on_it() -> None:
    desk = with_note("intake")
    desk.log(SALES)
    desk.decide(SALES, "intake", **FIRST, note="By the way")
    desk.decide(QUALITY, "find", **HUMAN, note=None)

    assert "note" not in desk.case().fields


def test_what_is_not_given_at_all_stays() -> None:
    desk = again(found(with_note(), **HUMAN, note="Seen twice"), **HUMAN)

    assert (desk.case().fields["note"], dropped(desk)) == ("Seen twice", [])


def test_an_answer_that_is_needed_can_not_be_taken_out() -> None:
    desk = found(MadeDesk(with_cause()))
    desk.decide(CHIEF, "decide", "return", reason="Look again", to_stage="find")

    with pytest.raises(FieldErrors) as refused:
        desk.decide(QUALITY, "find", **(HUMAN | {"culprit": None}))
    assert refused.value.errors["culprit"][0] == "missing"


def test_what_an_earlier_form_insists_on_is_corrected_and_not_taken_out() -> None:
    raw = with_cause()
    raw["stages"]["find"]["may_fill"] = ["amount"]
    desk = found(MadeDesk(raw), **HUMAN, amount=None)

    assert desk.case().fields["amount"] == "20000.00"


def test_who_sends_the_case_back_takes_nothing_out() -> None:
    desk = with_note("decide")
    found(desk, **HUMAN, note="Seen twice")
    desk.decide(CHIEF, "decide", "return", reason="Look again", to_stage="find", note=None)

    assert desk.case().fields["note"] == "Seen twice"
