"""A procedure that runs as a case of its own is given and gives back what the path says, long words too (RT-16)."""

from __future__ import annotations

from typing import Any

from complaints import events as e
from tests.complaints.test_policy import small
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

SALES, QUALITY = person("sales"), person("quality")
FORM = {"market": "domestic", "amount": "100", "established": True}
SUB = "case1s1"


def policy() -> dict[str, Any]:
    """The small policy; before the decision a test runs as a case of its own, with the story and back with its finding."""
    raw = small()
    long = {"type": "text", "long": True}
    raw["fields"] |= {"story": long, "finding": long, "method": "text", "buyer": "customer"}
    raw["stages"]["intake"]["may_fill"] = ["story", "buyer"]
    raw["stages"]["examine"] = {"who": "quality", "fill": ["finding", "method"], "may_fill": ["amount"]}
    run = {"run": "test", "blocks": "stage", "give": ["story", "buyer"], "take": ["finding"]}
    raw["routes"]["main"]["path"] = ["intake", run, "decide"]
    raw["routes"]["test"] = {"own_case": True, "closes": "examine", "path": ["examine"]}
    return raw


def examined() -> MadeDesk:
    desk = MadeDesk(policy())
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM, story="It fell from the table", buyer="Somebody new")
    desk.decide(QUALITY, "examine", case_id=SUB, finding="Cracked before", method="X-ray", amount="9999")
    return desk


def said(desk: MadeDesk, case_id: str, field: str) -> str | None:
    return desk.record.words.get(desk.case(case_id).fields[field]["$words"])


def test_long_words_come_back_and_stand_with_the_case_itself() -> None:
    desk = examined()

    assert said(desk, "case1", "finding") == "Cracked before"
    assert desk.case().fields["finding"]["$words"].startswith("case1-")  # erased with this case, not with the other
    assert desk.open_stages() == ["decide"]


def test_long_words_and_a_new_customer_are_given_as_they_were_said() -> None:
    desk = examined()

    assert said(desk, SUB, "story") == "It fell from the table"
    assert said(desk, SUB, "buyer") == "Somebody new"
    assert desk.case(SUB).fields["buyer"]["new"] is True


def test_only_what_the_path_takes_comes_back() -> None:
    fields = examined().case().fields

    assert "method" not in fields
    assert fields["amount"] == "100.00"


def test_a_rule_hears_that_a_field_was_set_by_what_came_back() -> None:
    """`upon: FIELD set` holds whoever fills the field: a stage, a correction, or a procedure that ran beside."""
    raw = policy()
    raw["rules"] = [
        {"upon": "finding set", "tell": ["sales"], "enter": "findings", "source": "D15"},
        {"upon": "method set", "enter": "methods", "source": "D15"},
    ]
    kept_by = {"kept_by": "sales", "source": "D15"}
    raw["papers"] = {
        "registers": {"findings": {"columns": ["market"], **kept_by}, "methods": {"columns": ["market"], **kept_by}}
    }
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM, story="It fell from the table", buyer="Somebody new")
    assert desk.happened(e.RegisterEntered) == []

    desk.decide(QUALITY, "examine", case_id=SUB, finding="Cracked before", method="X-ray", amount="9999")

    assert [entered.register for entered in desk.happened(e.RegisterEntered)] == ["findings"]
    assert "finding set" in desk.case().happened
