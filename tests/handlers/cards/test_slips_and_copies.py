"""What the readers of slips and copies need: links that open, news that is still true, what was decided."""

from __future__ import annotations

from dataclasses import replace

from tests.handlers.cards.drawn import DeskReader, draw, in_english, redraw, renderer, row_of, shown
from tests.support.pcb import a_case


def test_the_slip_links_to_a_card_that_its_readers_can_open() -> None:
    """A stage that was handed over has a card in somebody's direct messages, where nobody else gets to."""
    desk = in_english(a_case("production_analysis"))
    desk.at("2026-11-05 09:00")
    slip = desk.told("reminder_slip")[0]
    posted = {"CPRODUCTION": ("CPRODUCTION", "1.1"), None: ("D0UPROD2", "2.2")}

    class Posted(DeskReader):
        def card(
            self, case_id: str, kind: str, visit: int | None = None, to: str | None = None
        ) -> tuple[str, str] | None:
            return ("CGMOFFICE", "9.9") if kind == "home" else posted.get(to)

    def links() -> str:
        drawn = replace(renderer(desk, "en"), reader=Posted(desk)).render(row_of(slip))
        return shown(drawn)

    assert "/archives/CPRODUCTION/p11|Original card>" in links()
    del posted["CPRODUCTION"]
    assert "Original card" not in links()
    posted[None] = ("CPQA", "3.3")
    assert "/archives/CPQA/p33|Original card>" in links()
    desk.to("manager_opinion")
    assert "/archives/CGMOFFICE/p99|Whole case>" in shown(redraw(desk, slip, reader=Posted(desk)))


def test_the_slip_does_not_announce_what_has_come() -> None:
    """Rewritten after the escalation it says that the general manager has it, in the push text too."""
    desk = in_english(a_case("production_analysis"))
    desk.at("2026-11-05 09:00")
    slip = desk.told("reminder_slip")[0]
    desk.at("2026-11-06 09:00")
    assert desk.told("escalation")

    card = redraw(desk, slip)

    assert "Still not sent. *Brought before the general manager: <!date^" in shown(card)
    assert card.text == "Reminder slip: Complaint 261101, production analysis is late"


def test_a_copy_tells_whom_it_reaches_what_was_decided() -> None:
    """Accounting books by its copy: amount and settlement stand on it, not only what the reporter filled in."""
    desk = in_english(a_case("closed"))

    said = shown(draw(desk, desk.told("copy")[0]))

    assert "TWD 12,000" in said
    assert "Replace the goods" in said
    assert "Order: SO-26-08813" in said
