"""A grade is given once, with what was counted for it, and becomes another one only by an event with its reason."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from complaints import events as e
from complaints.commands import Amend
from complaints.events import Recorded
from complaints.evolution import evolve
from complaints.facts import Facts
from complaints.lives import life_of
from complaints.statistics_rows import LifeFacts
from tests.complaints.test_policy import small
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

SALES, QUALITY = person("sales"), person("quality")
NOISE = {"market": "domestic", "amount": "10", "established": True, "matter": "noise"}


def graded(**row: Any) -> dict[str, Any]:
    """Return a policy whose second complaint about a matter within a month is of the high grade; *row*: one more criterion."""
    raw = small()
    raw["fields"] |= {
        "matter": "text",
        "injury": "yes_no",
        "times": {"type": "number", "count": {"of": "cases", "same": ["matter"], "within": "1 month"}},
        "is_second": {"type": "yes_no", "is": "times >= 2"},
        "grade": {"type": "choice", "of": ["low", "middle", "high"], "order": "rising"},
    }
    rows = [{"when": "is_second", "give": "high", "source": "D9"}, *([row] if row else []), {"else": "low"}]
    raw["tables"]["grade"] = {"gives": "grade", "hit": "highest", "source": "D13", "rows": rows}
    raw["stages"]["intake"]["fill"] = ["market", "amount", "established", "matter"]
    raw["stages"]["intake"]["may_fill"] = ["injury"]
    raw["stages"]["decide"]["may_fill"] = ["grade"]
    return raw


def judged_later() -> dict[str, Any]:
    """Return the policy with the question whether somebody was hurt put to who decides."""
    raw = graded(when="injury", give="middle")
    raw["stages"]["intake"]["may_fill"] = []
    raw["stages"]["decide"]["may_fill"] = ["injury"]
    return raw


def of_noise(desk: MadeDesk, *cases: str, **fields: Any) -> MadeDesk:
    """Log each case and send its form."""
    for case in cases:
        desk.log(SALES, case_id=case)
        desk.decide(SALES, "intake", case_id=case, **(NOISE | fields))
    return desk


def given(desk: MadeDesk, case: str) -> list[tuple[str | None, str]]:
    """Return what was graded in the log: before and after."""
    log = [r.event for r in desk.record.logs[case]]
    return [(event.before, event.grade) for event in log if isinstance(event, e.GradeGiven)]


def facts(desk: MadeDesk, case: str) -> Facts:
    return Facts(desk.case(case), desk.desk.world(desk.record, desk.loaded, desk.clock.at))


def known(desk: MadeDesk, name: str, among: Facts) -> Any:
    symbol = desk.loaded.policy.symbols.get(name)
    assert symbol is not None
    return symbol.get(among)


def grade_of(desk: MadeDesk, case: str) -> Any:
    """Return the grade as conditions read it."""
    return known(desk, "grade", facts(desk, case))


def test_the_log_says_the_grade_what_was_counted_for_it_and_the_clause() -> None:
    desk = of_noise(MadeDesk(graded()), "first", "second")

    [event] = [r.event for r in desk.record.logs["second"] if isinstance(r.event, e.GradeGiven)]
    assert (event.grade, event.before, event.counted, event.source) == ("high", None, {"times": "2"}, "D9")
    assert desk.case("second").fields["grade"] == "high"


def test_the_grade_and_its_count_are_the_same_when_the_month_is_over() -> None:
    """CL-08: what was a second complaint stays one, on the card, in a register and in the figures."""
    desk = of_noise(MadeDesk(graded()), "first", "second")
    desk.at("2027-03-01 09:30")

    assert (grade_of(desk, "second"), facts(desk, "second").get("times")) == ("high", 2)
    world = desk.desk.world(desk.record, desk.loaded, desk.clock.at)
    figures = LifeFacts(life_of(desk.case("second")), world, policy=desk.loaded.policy)
    assert [known(desk, name, figures) for name in ("grade", "is_second")] == ["high", True]


def test_a_later_complaint_does_not_make_the_first_one_a_second() -> None:
    desk = of_noise(MadeDesk(graded()), "first", "second")

    assert (grade_of(desk, "first"), facts(desk, "first").get("times")) == ("low", 1)
    assert given(desk, "first") == [(None, "low")]


def test_what_is_amended_is_graded_anew_and_only_what_reads_it_is_counted_anew() -> None:
    """The matter is another one: it is no second complaint. Then somebody was hurt: a month later the count stays."""
    desk = of_noise(MadeDesk(graded(when="injury", give="middle")), "first", "second", injury=False)
    desk.at("2026-11-03 09:30")
    desk.act(Amend, SALES, "second", fields={"matter": "smell"}, reason="Misheard")
    assert given(desk, "second") == [(None, "high"), ("high", "low")]
    assert facts(desk, "second").get("times") == 1

    of_noise(desk, "third", matter="smell", injury=False)
    desk.act(Amend, SALES, "second", fields={"injury": True}, reason="A doctor wrote")
    assert given(desk, "second")[-1] == ("low", "middle")
    assert facts(desk, "second").get("times") == 1


def test_a_grade_that_somebody_set_stays_his() -> None:
    desk = of_noise(MadeDesk(graded()), "first", "second")
    desk.act(Amend, SALES, "second", fields={"matter": "smell"}, reason="Misheard")
    desk.decide(QUALITY, "decide", case_id="second", grade="middle")

    assert (grade_of(desk, "second"), given(desk, "second")[-1]) == ("middle", ("high", "low"))


def test_a_grade_set_by_hand_survives_what_is_amended() -> None:
    raw = graded()
    raw["stages"]["intake"]["may_fill"] = ["injury", "grade"]
    desk = of_noise(MadeDesk(raw), "first")
    desk.act(Amend, SALES, "first", fields={"grade": "middle"}, reason="Grave")
    desk.act(Amend, SALES, "first", fields={"matter": "smell"}, reason="Misheard")

    assert (grade_of(desk, "first"), given(desk, "first")) == ("middle", [(None, "low")])


def test_while_a_criterion_is_open_there_is_no_grade_and_the_closing_gives_it() -> None:
    """Nobody said whether somebody was hurt: until the case closes the table is read as it stands."""
    desk = of_noise(MadeDesk(judged_later()), "first")
    assert (given(desk, "first"), grade_of(desk, "first")) == ([], "low")

    of_noise(desk, "second")
    assert grade_of(desk, "first") == "high"
    desk.decide(QUALITY, "decide", case_id="first")
    assert given(desk, "first") == [(None, "high")]


def test_a_case_that_closes_before_anybody_judges_has_no_grade() -> None:
    """An opinion or a question runs through the same regulation; it is no complaint of the lowest grade."""
    raw = graded(when="injury", give="middle")
    raw["intake"] = {"stages": ["intake"], "pages": [["market", "amount", "established", "matter", "injury"]]}
    desk = MadeDesk(raw)
    desk.log(SALES, case_id="first", **NOISE)
    desk.decide(QUALITY, "decide", case_id="first")

    assert (desk.case("first").status, given(desk, "first")) == ("finished", [])


@pytest.mark.parametrize("rest", ["open", "next stage"])
def test_a_case_from_before_reads_its_table_and_gets_its_grade_with_its_next_stage(rest: str) -> None:
    """Its log has no such event; it reads as it did, and the truth goes into the log with what happens next."""
    desk = of_noise(MadeDesk(graded()), "first", "second")
    old = [r for r in desk.record.logs["second"] if not isinstance(r.event, e.GradeGiven)]
    case = None
    for seq, recorded in enumerate(old, start=1):
        case = evolve(case, Recorded(seq=seq, at=recorded.at, actor=recorded.actor, event=recorded.event))
    assert case is not None
    desk.record.cases["second"] = case
    desk.record.logs["second"] = [replace(r, seq=n) for n, r in enumerate(old, start=1)]
    assert (case.grades, grade_of(desk, "second")) == ({}, "high")

    if rest == "next stage":
        desk.decide(QUALITY, "decide", case_id="second")
        assert given(desk, "second") == [(None, "high")]
