"""The list of cases that a duty is about: what people call a case that has no number yet."""

from __future__ import annotations

from typing import Any

from complaints.commands import Withdraw
from complaints.views import Look
from complaints.views_duty import duty_list, prefilled_lines, span_of
from tests.complaints.test_policy import small
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

SALES, CHIEF = person("sales"), person("general_manager")
FILLED = {"market": "domestic", "amount": "20000", "established": True}


def handed_over(**papers: Any) -> dict[str, Any]:
    """Return a policy whose sales department hands over every evening what is open."""
    raw = small()
    raw["fields"] |= {"part": "text", "left": {"type": "lines", "of": {"number": "text", "state": "text"}}}
    raw["stages"]["intake"] |= {"may_fill": ["part"]}
    raw["intake"] = {"stages": ["intake"], "pages": [["market", "amount", "established", "part"]]}
    raw["duties"] = {
        "handover": {
            "every": "day", "by": "18:00", "who": "sales", "from": "open cases", "contents": ["market"], "fill": ["left"],
            "source": "D15",
        }
    }  # fmt: skip
    return raw | {"papers": papers}


def shown(desk: MadeDesk, *cases: str) -> tuple[list[str], list[dict[str, Any]]]:
    """Return what the list calls each case, and the lines that the form begins with."""
    task = desk.case(desk.begin_duty("handover", "2026-11-02"))
    look = Look(world=desk.desk.world(desk.record, desk.loaded, desk.clock.at), language="en")
    span = span_of(task, look)
    assert span is not None
    found = [(desk.case(one), look) for one in cases]
    rows = duty_list(task, span, found, in_channel=False).rows
    return [row.number for row in rows], prefilled_lines(task, "left", found)


def test_without_numbers_a_case_is_called_by_its_thing_or_its_day() -> None:
    desk = MadeDesk(handed_over())
    for case, also in (("case1", {}), ("case2", {"part": "Pump 7"}), ("case3", {"part": "Pump 7"})):
        desk.log(SALES, case_id=case, **FILLED, **also)

    called, lines = shown(desk, "case1", "case2", "case3")

    assert called == ["2 Nov 2026", "Pump 7", "Pump 7"]
    assert [line["number"] for line in lines] == called


def test_an_open_case_that_gets_its_number_later_is_listed_behind_the_others() -> None:
    """Who hands over needs it; one that ended before it became a complaint is none ((三) of pcb-manufacturer)."""
    desk = MadeDesk(handed_over(number={"pattern": "YYYYMM-NNN", "restart": "month", "at": "decide", "source": "D7"}))
    for case in ("case1", "case2", "case3"):
        desk.log(SALES, case_id=case, **FILLED, part=f"Pump {case[-1]}")
    desk.decide(CHIEF, "decide", case_id="case2")
    desk.act(Withdraw, SALES, "case3", reason="Typed twice")

    assert shown(desk, "case1", "case2", "case3")[0] == ["202611-001", "Pump 1"]


def test_a_form_begins_with_no_line_of_a_restricted_case_though_its_reader_keeps_it() -> None:
    """GA-05: the lines are recorded in the duty, and whoever reads that would read of the case. His own list has it."""
    raw = handed_over()
    raw["policy"]["access"] = [{"to": ["sales"], "when": "amount >= 90000", "source": {"ours": "draft"}}]
    desk = MadeDesk(raw)
    desk.log(SALES, case_id="case1", **FILLED, part="Pump 1")
    desk.log(SALES, case_id="case2", **{**FILLED, "amount": "95000"}, part="Pump 2")

    called, lines = shown(desk, "case1", "case2")

    assert called == ["Pump 1", "Pump 2"]
    assert [line["number"] for line in lines] == ["Pump 1"]
