"""What `policy check` finds: stages nobody reaches, questions asked too early, gaps and overlaps, late ladders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from complaints.limits import parse_limit
from complaints.policy_checks import check_policy, stage_limits
from complaints.policy_findings import Finding, PolicyRefused
from complaints.policy_flow import in_days
from complaints.policy_reading import read_policy
from tests.complaints.test_policy import small
from tests.support.made_desk import findings


def found(raw: dict[str, Any], severity: str = "error") -> str:
    return "\n".join(str(f) for f in check_policy(read_policy(raw)) if f.severity == severity)


def grid(*rows: object, reads: tuple[str, ...] = ("market", "established"), **more: object) -> dict[str, Any]:
    raw = small()
    raw["tables"]["t"] = {"gives": "reason", "reads": list(reads), "rows": list(rows), **more}
    return raw


def listed(*rows: object) -> dict[str, Any]:
    raw = small()
    raw["tables"]["t"] = {"gives": "reason", "rows": list(rows)}
    return raw


def test_a_right_policy_has_no_errors() -> None:
    assert found(small()) == ""


def test_a_stage_that_no_route_reaches_is_found() -> None:
    raw = small()
    raw["stages"]["lost"] = {"who": "sales"}

    assert "stages.lost: no route comes here" in found(raw)


def test_a_stage_that_only_leads_back_is_found() -> None:
    raw = small()
    raw["stages"]["decide"]["decide"] = {"return": "back"}

    assert "stages.decide.decide: every decision leads back" in found(raw)


def test_a_jump_out_of_the_route_is_found() -> None:
    raw = small()
    raw["stages"]["later"] = {"who": "sales"}
    raw["routes"]["after"] = {"opens": {"upon": "case closed"}, "path": ["later"]}
    raw["stages"]["decide"]["decide"] = {"approve": "next", "skip": "to later"}

    assert "`to later` leads out of the route. Stages there: intake, decide" in found(raw)


def test_a_closing_stage_that_is_sometimes_skipped_is_found() -> None:
    raw = small()
    raw["routes"]["main"]["path"][1] = {"do": "decide", "when": "established"}

    assert "decide is passed only sometimes" in found(raw)


@pytest.mark.parametrize(
    ("fill", "when", "expected"),
    [
        (["market", "established"], None, "table authority reads amount"),
        (["market", "established", {"amount": "established"}], None, "amount (for example when established = false)"),
        (["market", "established", {"amount": "established"}], "established", ""),
        (["market", "established", {"amount": "market is foreign"}], "market is foreign and established", ""),
        (
            ["market", "established", {"amount": "market is foreign"}],
            "market is domestic",
            "table authority reads amount",
        ),
        (["amount", "established"], None, "its limit reads market"),
        (["amount", "market"], "established", '"established" reads established'),
    ],
)
def test_a_question_before_its_answer_is_found(fill: list[Any], when: str | None, expected: str) -> None:
    raw = small()
    raw["stages"]["intake"]["fill"] = fill
    raw["stages"]["closing"] = {"who": "quality"}
    raw["routes"]["main"] = {
        "closes": "closing",
        "path": ["intake", {"do": "decide", "when": when} if when else "decide", "closing"],
    }

    errors = found(raw)

    assert (expected in errors) if expected else (errors == "")


def test_an_optional_field_does_not_count_as_filled() -> None:
    raw = small()
    raw["stages"]["intake"] |= {"fill": ["market", "established"], "may_fill": ["amount"]}

    assert "table authority reads amount" in found(raw)


def test_a_stage_does_not_know_what_it_is_about_to_fill() -> None:
    raw = small()
    raw["stages"]["intake"]["limit"] = {"by": "market", "domestic": "1 day", "foreign": "2 days"}

    assert "stages.intake.limit: its limit reads market" in found(raw)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("amount <= 10000", "amount > 10000", ""),
        ("amount <= 10000", "amount >= 10000", "rows 1 and 2 both match amount = 10000"),
        ("amount < 10000", "amount > 10000", "no row fits amount = 10000"),
        ("amount <= big", "amount >= big", "rows 1 and 2 both match amount = 10000"),
        ("amount <= 10000", "amount > 10001", "no row fits amount = 10000.01"),
        ("amount <= 10000 and established", "amount > 10000", "no row fits"),
    ],
)
def test_borders_of_a_table_neither_gap_nor_overlap(first: str, second: str, expected: str) -> None:
    """D19; the message shows the number at which it goes wrong."""
    errors = found(listed({"when": first, "give": "a"}, {"when": second, "give": "b"}))

    assert (expected in errors) if expected else (errors == "")


def test_an_overlap_says_how_to_write_the_border() -> None:
    errors = found(listed({"when": "amount <= 1", "give": "a"}, {"when": "amount >= 1", "give": "b"}))

    assert "以下 includes the number (D19): write < in row 2" in errors


def test_a_grid_with_a_missing_combination_is_found() -> None:
    rows = (["domestic", True, "a"], ["domestic", False, "b"], ["foreign", True, "c"])

    assert "no row fits established = false and market = foreign" in found(grid(*rows))
    assert found(grid(*rows, ["foreign", False, "d"])) == ""
    assert found(grid(*rows, {"else": "d"})) == ""
    assert "rows 1 and 4 both match" in found(grid(*rows, ["any", "any", "d"]))


def test_reasons_may_overlap_and_may_be_none() -> None:
    raw = grid(["domestic", "any", "a"], ["any", True, "b"], hit="all")
    policy = read_policy(raw)

    assert found(raw) == ""
    assert policy.tables["t"].pick({"market": "domestic", "established": True}) == ("a", "b")
    assert policy.tables["t"].pick({"market": "foreign", "established": False}) == ()


def test_the_highest_grade_wins_and_unknown_means_not_yet() -> None:
    """D13."""
    raw = small()
    raw["fields"]["grade"] = {"type": "choice", "of": ["g3", "g2", "g1"], "order": "rising"}
    raw["tables"]["grade"] = {
        "gives": "grade",
        "hit": "highest",
        "rows": [{"when": "established", "give": "g2"}, {"when": "amount > 5", "give": "g1"}, {"else": "g3"}],
    }
    grade = read_policy(raw).tables["grade"]

    assert grade.pick({"established": True, "amount": Decimal(9)}) == "g1"
    assert grade.pick({"established": True}) == "g2"
    assert grade.pick({"established": False, "amount": Decimal(1)}) == "g3"
    assert grade.pick({}) == "g3"


def test_a_ladder_ends_with_the_top_of_the_house() -> None:
    """DL-22."""
    raw = small()
    raw["ladders"] = {"default": [{"at": "due", "tell": ["owner"], "as": "reminder_slip"}]}
    assert "ladders.default: the last rung does not tell general_manager" in found(raw)

    raw["policy"]["top"] = "quality"
    raw["ladders"]["default"].append({"after": "1 day", "tell": ["quality"], "as": "escalation"})
    assert found(raw) == ""


def test_a_policy_without_a_top_is_told_so() -> None:
    raw = small()
    raw["policy"]["top"] = "boss"

    assert 'lateness climbs to "boss", which is not a role' in found(raw)


def test_stage_limits_beyond_the_promise_are_a_warning() -> None:
    raw = small()
    raw["clocks"] = {"case": {"starts": "case opened", "stops": "decide done", "limit": "2 days"}}

    assert found(raw) == ""
    assert "may take 3.2 days, market = foreign; the case has 2 days" in found(raw, "warning")


def test_a_number_is_drawn_where_every_case_comes_by() -> None:
    raw = small()
    raw["papers"] = {"number": {"pattern": "YYMMNN", "at": "extra", "source": "D7"}}
    raw["stages"]["extra"] = {"who": "sales"}
    raw["routes"]["main"]["path"].insert(1, {"do": "extra", "when": "established"})

    assert "extra is not a stage that every case of route main passes" in found(raw)


def test_who_alone_blames_is_a_warning_and_a_waiver_is_noted() -> None:
    raw = small()
    raw["stages"]["after"] = {"who": "quality", "fill": ["liable_unit"], "decide": {"done": "next"}}
    raw["routes"]["main"]["path"].append("after")
    assert "quality names the unit to blame (liable_unit) and nobody confirms it" in found(raw, "warning")

    raw["stages"]["after"]["recusal"] = {"waived": {"ours": "small house"}}
    assert "nobody confirms" not in found(raw, "warning")
    assert "recusal is waived: ours: small house" in found(raw, "note")


def test_missing_words_are_listed_in_one_warning() -> None:
    warnings = [f for f in check_policy(read_policy(small())) if f.path == "texts"]

    assert len(warnings) == 1
    assert isinstance(warnings[0], Finding)
    assert "market.domestic" in warnings[0].text


@pytest.mark.parametrize("moment", ["next day 12:00", "day 25 of this month", "day 5 of next month"])
@pytest.mark.parametrize("when", ["before", "every"])
def test_a_rung_that_lies_before_or_comes_again_takes_a_length_and_no_moment(when: str, moment: str) -> None:
    raw = small()
    raw["ladders"] = {"default": [{when: moment, "tell": ["general_manager"], "as": "escalation", "source": "D5"}]}

    with pytest.raises(
        PolicyRefused, match=rf"{when}.*\"{moment}\" names a moment; write how long, such as 1 working day"
    ):
        read_policy(raw)


def test_a_day_of_a_month_counts_as_the_most_days_that_it_can_be() -> None:
    assert [in_days(parse_limit(f"day 5 of {month} month")) for month in ("this", "next")] == [31, 36]


def test_what_the_text_leaves_open_gets_an_equal_share_of_the_rest() -> None:
    """D4: 10 days, 4 are written, two stages share the other 6; without a case limit 2 working days."""
    raw = small()
    raw["stages"]["intake"]["limit"] = "4 days"
    raw["stages"]["decide"].pop("limit")
    raw["stages"]["third"] = {"who": "quality"}
    raw["stages"]["extra"] = {"who": "quality"}
    raw["routes"]["main"]["path"] += [{"do": "extra", "when": "established"}, "third"]
    raw["routes"]["main"]["closes"] = "third"
    assert stage_limits(read_policy(raw), {})["third"] == parse_limit("2 working days")

    raw["clocks"] = {"case": {"starts": "case opened", "stops": "third done", "limit": "10 days"}}
    limits = stage_limits(read_policy(raw), {})
    assert {name: str(limit) for name, limit in limits.items()} == {
        "intake": "4 days",
        "decide": "3 days",
        "third": "3 days",
        "extra": "3 days",
    }

    raw["clocks"]["case"]["limit"] = "4 days"
    assert stage_limits(read_policy(raw), {})["third"] == parse_limit("same day")


def test_without_a_case_clock_a_stage_has_two_working_days() -> None:
    raw = small()
    raw["stages"]["intake"].pop("limit")

    assert stage_limits(read_policy(raw), {})["intake"] == parse_limit("2 working days")


def test_a_route_that_a_decision_opens_is_no_main_route() -> None:
    raw = small()
    raw["stages"]["decide"]["decide"] = {"approve": "next", "dispute": "open dispute"}
    raw["routes"]["dispute"] = {"path": ["again"]}
    raw["stages"]["again"] = {"who": "quality"}

    policy = read_policy(raw)

    assert policy.main_routes() == ("main",)
    assert policy.follow_ups() == ("dispute",)
    assert found(raw) == ""


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ({"amount": 200, "gives": 4}, ""),
        ({"amount": 200, "gives": 5}, "money.fee.examples[0]: this gives 4, the file says 5"),
        ({"amont": 200, "gives": 4}, "amont is not a field of this policy"),
        ({"gives": 4}, "this gives nothing, the file says 4"),
    ],
)
def test_worked_amounts_are_run(example: dict[str, Any], expected: str) -> None:
    raw = small()
    raw["values"]["rate"] = {"is": "2 %", "source": "D11"}
    raw["money"] = {"fee": {"use": "rate", "of": "amount", "rate": "rate", "examples": [example], "source": "D16"}}

    errors = found(raw)

    assert (expected in errors) if expected else (errors == "")


@pytest.mark.parametrize(
    ("start", "due", "expected"),
    [
        ("Fri 10:00", "Mon 10:00", ""),
        ("Sat 15:00", "Mon 15:00", "clocks.answer.examples[0]: Sat 15:00 gives Tue 15:00, the file says Mon 15:00"),
        ("Sun 11:00", "Tue 24:00", ""),
        ("Friday", "Mon 10:00", "an example is {start:"),
    ],
)
def test_worked_due_times_are_run(start: str, due: str, expected: str) -> None:
    """home-furnishing-group: two working days, Saturday counted, to the hour."""
    raw = small()
    raw["clocks"] = {
        "answer": {
            "starts": "intake done",
            "stops": "decide done",
            "limit": "2 working days to the hour",
            "calendar": {"days": "mon-sat"},
            "examples": [{"start": start, "due": due}],
        }
    }

    errors = found(raw)

    assert (expected in errors) if expected else (errors == "")


def test_worked_shares_are_run() -> None:
    raw = small()
    example = {"hit": 5, "of": 6, "gives": "83 %"}
    raw["measures"] = {
        "timely": {"of": "visits", "hit": "on_time", "round": "whole percent", "examples": [example], "source": "D15"}
    }
    assert found(raw) == ""

    raw["measures"]["timely"]["round"] = "one decimal"
    assert "5 of 6 gives 83.3 %, the file says 83 %" in found(raw)


def by_the_start(*rows: tuple[str, str]) -> dict[str, Any]:
    raw = small()
    raw["tables"]["begun"] = {"gives": "limit", "rows": [{"when": when, "give": give} for when, give in rows]}
    raw["stages"]["decide"]["limit"] = "by begun"
    return raw


def test_rows_that_read_only_the_time_of_the_start_are_tried_around_that_time() -> None:
    early, late = ('start.time < "12:00"', "same day"), ('start.time >= "12:00"', "next day 12:00")
    weekend = ("start.weekday in [sat, sun]", "2 days")

    assert findings(by_the_start(early, late)) == ""
    assert "no row fits start = mon 12:00" in findings(by_the_start(early, ('start.time > "12:00"', "next day 12:00")))
    assert "rows 1 and 2 both match start = sat 00:00" in findings(by_the_start(early, weekend))
