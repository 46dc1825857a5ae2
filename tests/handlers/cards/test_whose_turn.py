"""Cards of a stage with several seats: who may act now has the button, who has answered or waits has not."""

from __future__ import annotations

from complaints.commands import AddSigner
from tests.handlers.cards.drawn import buttons, redraw, shown
from tests.support.pcb import FIELDS, a_case


def test_who_has_answered_has_no_green_button_while_the_others_still_must() -> None:
    """The department's card keeps More… (take back, ask); whose turn it is has the button."""
    desk = a_case("customer_negotiation")
    visit = desk.visit("customer_negotiation")
    desk.decide("USALES1", "customer_negotiation", "report", **FIELDS["customer_negotiation"])
    sales, head = [n for n in desk.told("approval") if n.visit == visit]

    assert (sales.to, head.to) == ("CSALES", "USMGR")
    assert [action for _, action in buttons(redraw(desk, sales))] == ["visit.more"]
    assert "visit.main" in [action for _, action in buttons(redraw(desk, head))]
    assert desk.told("turn") == []


def test_whose_turn_was_taken_away_has_no_green_button_until_it_comes_again() -> None:
    """What sales reported is taken back: the head's card waits, and says for whom; it comes alive with the new report."""
    desk = a_case("customer_negotiation")
    visit, report = desk.visit("customer_negotiation"), FIELDS["customer_negotiation"]
    desk.decide("USALES1", "customer_negotiation", "report", **report)
    sales, head = [n for n in desk.told("approval") if n.visit == visit]
    desk.take_back("USALES1", visit)

    waiting = redraw(desk, head)
    assert [action for _, action in buttons(waiting)] == ["visit.more"]
    assert "→ sales <@USMGR>" in shown(waiting)
    assert "visit.main" in [action for _, action in buttons(redraw(desk, sales))]

    desk.decide("USALES1", "customer_negotiation", "report", **report)
    assert "visit.main" in [action for _, action in buttons(redraw(desk, head))]
    assert [n.to for n in desk.told("approval") if n.visit == visit] == ["CSALES", "USMGR"]
    [turn] = desk.told("turn")
    assert (turn.to, turn.thread, turn.visit) == ("USMGR", "visit", visit)
    told = redraw(desk, turn)
    assert "<@USMGR>" in shown(told)
    assert [action for _, action in buttons(told)] == ["visit.main", "case.show"]
    assert "輪到您：客戶交涉" in told.text
    desk.take_back("USALES1", visit)
    assert [action for _, action in buttons(redraw(desk, turn))] == ["case.show"]
    assert "等您處理" not in shown(redraw(desk, turn))


def test_who_put_a_signer_before_himself_has_no_green_button_until_that_one_signed() -> None:
    desk = a_case("quality_analysis")
    visit = desk.visit("quality_analysis")
    mine = desk.told("approval")[-1]
    desk.act(AddSigner, "UQUAL1", visit=visit, member="UACC", place="before")
    [signer] = [n for n in desk.told("approval") if n.visit == visit and n.to == "UACC"]

    assert [action for _, action in buttons(redraw(desk, mine))] == ["visit.more"]
    assert "visit.main" in [action for _, action in buttons(redraw(desk, signer))]
    said = shown(redraw(desk, mine))
    assert said.index("● <@UACC>") < said.index("→ quality")
    assert desk.told("turn") == []
    desk.decide("UACC", "quality_analysis")
    assert [n.to for n in desk.told("turn")] == [mine.to]
    said = shown(redraw(desk, mine))
    assert said.index("✓ <@UACC>") < said.index("● quality")
    assert "visit.main" in [action for _, action in buttons(redraw(desk, mine))]
