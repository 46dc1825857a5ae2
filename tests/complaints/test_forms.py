"""What people fill in: read by type, refused at the field, kept apart where it is words."""

from __future__ import annotations

from typing import Any

import pytest

from complaints.refusals import FieldErrors
from tests.support.pcb import FIELDS, PcbDesk, a_case

TAKEN = [
    ("quantity", " 2，400 ", "2400"),
    ("quantity", "2 400", "2400"),
    ("quantity", "2400.0", "2400"),
    ("order_no", "  SO-1  ", "SO-1"),
    ("defect_sample", "3 boards by courier", "3 boards by courier"),
    ("defect_sample", "sent", True),
]


@pytest.mark.parametrize(("field", "raw", "kept"), TAKEN)
def test_a_value_is_kept_in_one_plain_form(field: str, raw: Any, kept: Any) -> None:
    desk = PcbDesk()
    desk.complain(**{field: raw})
    assert desk.case().fields[field] == kept


@pytest.mark.parametrize(
    ("raw", "kept"), [("12,000", "12000.00"), ("0.005", "0.01"), ("0.004", "0.00"), (12000, "12000.00")]
)
def test_money_has_two_decimals_half_up(raw: Any, kept: str) -> None:
    """D16."""
    desk = a_case("sales_opinion")
    desk.pass_stage("sales_opinion", amount=raw)
    assert desk.case().fields["amount"] == kept


HOSTILE = ["NaN", "Infinity", "-0.01", "1e99", "12 000 NT$", "一萬", {}, ["1"], True]


@pytest.mark.parametrize("raw", HOSTILE)
def test_what_is_no_amount_is_refused_at_its_field(raw: Any) -> None:
    desk = a_case("sales_opinion")
    with pytest.raises(FieldErrors) as refused:
        desk.pass_stage("sales_opinion", amount=raw)
    assert set(refused.value.errors) == {"amount"}


@pytest.mark.parametrize("raw", ["1e-999999", "-1e-999999", "1e999999999", "1e15", "1e-15"])
def test_a_number_is_not_written_out_with_a_million_noughts(raw: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        PcbDesk().complain(quantity=raw)
    assert refused.value.errors["quantity"][0] == "not_a_number"


@pytest.mark.parametrize("raw", ["0001-01-01", "1899-12-31", "2026-02-30"])
def test_a_day_of_no_time_of_ours_is_none(raw: str) -> None:
    """What follows from it could not be computed: it begins before the first instant there is."""
    with pytest.raises(FieldErrors) as refused:
        PcbDesk().complain(shipped_on=raw)
    assert refused.value.errors["shipped_on"][0] == "not_a_date"


@pytest.mark.parametrize(
    ("field", "raw", "why"),
    [
        ("third_party_units", [{"unit": "x"}], "no_such_unit"),
        ("third_party_units", ["production", "moon"], "no_such_unit"),
        ("production_finding", "x" * 3001, "too_long"),
        ("liable_unit", "quality", "not_asked"),
        ("nonsense", "x", "not_asked"),
    ],
)
def test_hostile_input_is_refused_at_its_field(field: str, raw: Any, why: str) -> None:
    desk = a_case("production_analysis")
    with pytest.raises(FieldErrors) as refused:
        desk.pass_stage("production_analysis", **{field: raw})
    assert refused.value.errors[field][0] == why


@pytest.mark.parametrize("raw", [{"new": ""}, {"new": " "}, {}])
def test_a_new_customer_without_a_name_is_none(raw: Any) -> None:
    with pytest.raises(FieldErrors) as refused:
        PcbDesk().complain(customer=raw)
    assert refused.value.errors["customer"][0] == "missing"


@pytest.mark.parametrize(
    ("field", "raw"), [("customer", "x" * 201), ("customer", {"new": "x" * 201}), ("defect_sample", "x" * 201)]
)
def test_what_is_too_long_is_refused_and_not_cut(field: str, raw: Any) -> None:
    """A file of paper cases may hold any length."""
    with pytest.raises(FieldErrors) as refused:
        PcbDesk().complain(**{field: raw})
    assert refused.value.errors[field] == ("too_long", {"most": 200, "length": 201})


@pytest.mark.parametrize(
    "raw",
    ["x", [{"unit": "production", "loss": "-1"}], [{"who": "production"}], [{"unit": "moon"}], [["x"]], [{}] * 201],
)
def test_lines_are_checked_line_by_line(raw: Any) -> None:
    desk = a_case("consolidated_opinion_2")
    with pytest.raises(FieldErrors) as refused:
        desk.pass_stage("consolidated_opinion_2", department_losses=raw)
    assert set(refused.value.errors) == {"department_losses"}


def test_free_words_stand_apart_from_the_log() -> None:
    """DESIGN 1: names, contacts and free words of customers stand apart from the chain."""
    desk = a_case("production_analysis")
    logged = str(desk.record.logs["case1"])
    assert "Black pads after reflow" not in logged
    assert FIELDS["quality_analysis"]["quality_finding"] not in logged
    assert "Black pads after reflow" in desk.record.words.values()


def test_the_reporter_fills_only_his_own_form() -> None:
    """(九)4: that the complaint stands is for the office to check, not for who logs it."""
    with pytest.raises(FieldErrors) as refused:
        PcbDesk().complain(established=True, amount="1", settlement="nothing")
    assert {n: why for n, (why, _) in refused.value.errors.items()} == dict.fromkeys(
        ("established", "amount", "settlement"), "not_asked"
    )
