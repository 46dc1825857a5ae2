"""A ledger: what a person owes out of several cases, taken month by month below a cap, the oldest first (LP-04, LP-10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from complaints import events as e
from complaints.duties import DueDuty, open_duty
from complaints.ledger import debts_of, in_parts
from complaints.money import compute
from complaints.views import Look
from complaints.views_visit import visit_view
from handlers.cards.approval import approval_card
from tests.complaints.test_policy import small
from tests.support.made_desk import MadeDesk, findings, made
from tests.support.policy_desk import person

SALES, QUALITY = person("sales"), person("quality")
FORM = {"market": "domestic", "amount": "100", "established": True}


def deducting(**ledger: Any) -> dict[str, Any]:
    raw = small()
    raw["clauses"] = {"4": "最高金額以全月效率獎金50%為準,超過者逐月分期罰扣"}
    raw["values"]["half"] = {"is": "50 %", "source": "4"}
    raw["fields"] |= {
        "losses": {"type": "lines", "of": {"person": "person", "loss": "money"}},
        "bonuses": {"type": "lines", "of": {"person": "person", "bonus": "money"}},
    }
    raw["stages"]["decide"]["may_fill"] = ["losses"]
    raw["money"] = {
        "deducted": {
            "use": "ledger",
            "of": "losses",
            "cap": "half",
            "base": "bonuses",
            "needs": ["decide"],
            "source": "4",
        }
        | ledger
    }
    raw["duties"] = {
        "deduction": {
            "every": "month",
            "by": "10th",
            "who": "quality",
            "fill": ["bonuses"],
            "contents": ["deducted"],
            "source": "4",
        }
    }
    return raw


def owing(desk: MadeDesk, case_id: str, **losses: str) -> None:
    """Decide a case that lets each one owe this much."""
    desk.log(SALES, case_id=case_id)
    desk.decide(SALES, "intake", case_id=case_id, **FORM)
    lines = [{"person": who, "loss": loss} for who, loss in losses.items()]
    desk.decide(QUALITY, "decide", case_id=case_id, losses=lines)


def month(desk: MadeDesk, period: str, **bonuses: str) -> str:
    """Do the deduction of a month and return its case id."""
    desk.at(f"{period}-03 10:00")
    due = DueDuty(policy="small", duty="deduction", period=period)
    desk.submit(open_duty(due, "en"))
    desk.decide(
        QUALITY, "deduction", case_id=due.case_id, bonuses=[{"person": w, "bonus": b} for w, b in bonuses.items()]
    )
    return due.case_id


def taken(desk: MadeDesk, case_id: str) -> list[tuple[str, str, str]]:
    return [(p["who"], p["case"], p["amount"]) for x in desk.happened(e.LedgerTaken, case_id) for p in x.taken]


def rests(desk: MadeDesk) -> dict[tuple[str, str], Decimal]:
    return {
        (d.who, d.case_id): d.rest
        for d in debts_of(desk.record.submit(lambda tx: tx.ledger("small", "deducted")).result())
    }


def test_what_exceeds_half_the_bonus_is_carried_to_the_next_months() -> None:
    """1 000 owed, half of 1 200 is 600: 600 now, 400 next month."""
    desk = MadeDesk(deducting())
    owing(desk, "case1", UA="1000")

    first, second, third = (
        month(desk, "2026-12", UA="1200"),
        month(desk, "2027-01", UA="1200"),
        month(desk, "2027-02", UA="1200"),
    )

    assert taken(desk, first) == [("UA", "case1", "600.00")]
    assert taken(desk, second) == [("UA", "case1", "400.00")]
    assert taken(desk, third) == []


def test_a_new_case_queues_behind_the_rest_of_an_older_one() -> None:
    desk = MadeDesk(deducting())
    owing(desk, "case1", UA="1000")
    first = month(desk, "2026-12", UA="1200")
    owing(desk, "case2", UA="300")

    second = month(desk, "2027-01", UA="1200")
    third = month(desk, "2027-02", UA="1200")

    assert taken(desk, first) == [("UA", "case1", "600.00")]
    assert taken(desk, second) == [("UA", "case1", "400.00"), ("UA", "case2", "200.00")]
    assert taken(desk, third) == [("UA", "case2", "100.00")]
    assert set(rests(desk).values()) == {Decimal("0.00")}


def test_each_person_has_a_room_of_his_own_and_who_has_no_bonus_this_month_is_left_alone() -> None:
    desk = MadeDesk(deducting())
    owing(desk, "case1", UA="1000", UB="100", UC="50")

    booked = month(desk, "2026-12", UA="1200", UB="9000")

    assert taken(desk, booked) == [("UA", "case1", "600.00"), ("UB", "case1", "100.00")]
    assert rests(desk) == {("UA", "case1"): Decimal("400.00"), ("UB", "case1"): 0, ("UC", "case1"): Decimal("50.00")}


def test_nothing_is_owed_before_the_approval() -> None:
    """LP-13."""
    desk = MadeDesk(deducting())
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)

    assert taken(desk, month(desk, "2026-12", UA="1200")) == []
    assert rests(desk) == {}


def test_nothing_is_booked_while_a_rule_locks_money() -> None:
    raw = deducting()
    raw["rules"] = [{"upon": "intake done", "lock": ["money"], "source": "4"}]
    desk = MadeDesk(raw)
    owing(desk, "case1", UA="1000")

    assert rests(desk) == {}


def test_a_case_that_was_none_owes_nothing_any_more() -> None:
    desk = MadeDesk(deducting())
    owing(desk, "case1", UA="1000")
    desk.record.cases["case1"].status = "void"

    assert taken(desk, month(desk, "2026-12", UA="1200")) == []


def test_one_month_takes_its_cap_once_whatever_books_it() -> None:
    """A stage that fills the base books too, below what the month has taken already."""
    raw = deducting()
    raw["stages"]["deduct"] = {"who": "quality", "fill": ["bonuses"], "needs": ["decide"]}
    raw["routes"]["main"]["path"] = ["intake", "decide", "deduct"]
    desk = MadeDesk(raw, now="2026-12-01 10:00")
    owing(desk, "case1", UA="1000")
    desk.decide(QUALITY, "deduct", bonuses=[{"person": "UA", "bonus": "1200"}])

    assert desk.case().amounts["deducted"] == "600.00"
    assert taken(desk, month(desk, "2026-12", UA="1200")) == []
    assert taken(desk, month(desk, "2027-01", UA="1200")) == [("UA", "case1", "400.00")]


@pytest.mark.capabilities("OS-07")
def test_agreed_instalments_are_a_fixed_amount_a_month() -> None:
    """LP-10, OS-07: no base, the cap is what was agreed; the debtor is who a field names."""
    raw = deducting(of="amount", cap="agreed", base=None, who="debtor")
    raw["values"]["agreed"] = {"is": 30, "source": "4"}
    raw["fields"]["debtor"] = "text"
    raw["stages"]["intake"]["may_fill"] = ["debtor"]
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM, debtor="Shop 12")
    desk.decide(QUALITY, "decide")

    months = [month(desk, period, UX="1") for period in ("2026-12", "2027-01", "2027-02", "2027-03", "2027-04")]

    assert [taken(desk, m) for m in months] == [[("Shop 12", "case1", a)] for a in ("30", "30", "30", "10.00")] + [[]]


def test_the_card_of_the_month_shows_who_paid_what_for_which_case() -> None:
    desk = MadeDesk(deducting())
    owing(desk, "case1", UA="1000")
    booked = month(desk, "2026-12", UA="1200")
    look = Look(world=desk.desk.world(desk.record, desk.loaded, desk.clock.at), language="en")

    text = str(approval_card(visit_view(desk.case(booked), desk.case(booked).visits[1], look)).blocks)

    assert "*Deducted, Dec 2026*" in text
    assert "<@UA>  case1  CNY 600" in text or "<@UA>  case1  TWD 600" in text


def test_a_rebuilt_log_gives_the_same_ledger() -> None:
    desk = MadeDesk(deducting())
    owing(desk, "case1", UA="1000")
    booked = month(desk, "2026-12", UA="1200")

    assert desk.rebuilt() == desk.case()
    assert desk.rebuilt(booked) == desk.case(booked)
    assert desk.rebuilt(booked).ledger[0].month == "2026-12"


# --- parts that add up -----------------------------------------------------------------------------------------------


def test_a_worked_example_may_carry_what_is_owed_from_before() -> None:
    raw = deducting(of=["parts"])
    raw["money"]["parts"] = {"use": "points", "loss": "amount", "points": "losses", "own": "losses", "source": "4"}
    raw["fields"]["losses"] = {"type": "lines", "of": {"person": "person", "points": "number"}}
    example = {"amount": 300, "losses": [{"person": "UA", "points": 1}], "bonuses": [{"person": "UA", "bonus": 1200}]}
    raw["money"]["deducted"]["examples"] = [
        {**example, "earlier": {"UA": 500}, "gives": 600},
        {**example, "gives": 300},
    ]

    assert findings(raw) == ""
    raw["money"]["deducted"]["examples"][0]["gives"] = 601
    assert "this gives 600, the file says 601" in findings(raw)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("100", [1, 1, 1], ["33.34", "33.33", "33.33"]),
        ("0.01", [1, 1, 1], ["0.01", "0.00", "0.00"]),
        ("100", [1, 2, 4], ["14.29", "28.57", "57.14"]),
        ("100.01", [333, 334, 333], ["33.30", "33.41", "33.30"]),
    ],
)
def test_parts_always_add_up_to_the_whole(total: str, weights: list[int], parts: list[str]) -> None:
    """D16: what rounding leaves goes to the largest."""
    found = in_parts(Decimal(total), [Decimal(w) for w in weights])

    assert [str(p) for p in found] == parts
    assert sum(found) == Decimal(total)


def test_points_and_equal_shares_add_up_too() -> None:
    raw = small()
    raw["clauses"] = {"4": "words"}
    raw["fields"]["members"] = {"type": "lines", "of": {"person": "person", "points": "number"}}
    raw["money"] = {
        "by_points": {"use": "points", "loss": "amount", "points": "members", "own": "members", "source": "4"},
        "equal": {"use": "shares", "of": ["amount"], "equally": ["sales", "quality", "general_manager"], "source": "4"},
    }
    policy = made(raw).policy
    members = [{"person": f"U{n}", "points": "1"} for n in range(3)]
    facts = {"amount": Decimal("100"), "members": members}

    for name in ("by_points", "equal"):
        amount = compute(policy.money[name], policy, facts)
        assert amount is not None
        assert [p["amount"] for p in amount.parts] == ["33.34", "33.33", "33.33"]
