"""What stands in a form beforehand: nothing that is hidden from who opens it, and nothing that is masked for him elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from handlers.cards.refs import Ref
from tests.chaos.company import policy
from tests.handlers.filled import words_of
from tests.handlers.talk import Person, Talk
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

NUMBER, NAME = "0912-345-678", "North Instruments"
SAID = f"{NAME} wants us to call {NUMBER}"


def raw_policy(*hidden: str) -> dict[str, Any]:
    """Return a regulation by which the department may correct what the first form asked. *hidden*: fields kept from it."""
    raw = policy()
    ours = {"source": {"ours": "draft"}}
    raw["fields"] |= {
        "phone": {"type": "text", "personal": True, **ours},
        "part": {"type": "text", **ours},
        "bought_on": {"type": "date", **ours},
        "parts": {"type": "lines", "of": {"customer": "customer", "part": "text", "bought_on": "date"}, **ours},
    }
    for name in hidden:
        raw["fields"][name]["hidden_from"] = ["department"]
    asked = ["phone", "part", "bought_on"]
    raw["stages"]["intake"]["may_fill"] = asked
    raw["stages"]["handle"]["may_fill"] = [*asked, "customer", "what_happened"]
    raw["texts"] |= {n: [n, n, n] for n in (*asked, "parts")}
    return raw


def logged(*hidden: str, customer: Any = "C-0417") -> MadeDesk:
    desk = MadeDesk(raw_policy(*hidden))
    desk.log(
        person("reception"), customer=customer, what_happened=SAID, phone=NUMBER, part="N-7", bought_on="2026-10-01"
    )
    return desk


async def opened(desk: MadeDesk, stage: str = "handle", role: str = "department") -> Person:
    reader = Talk(desk).person(person(role))
    await reader.click("visit.main", Ref(case="case1", visit=desk.visit(stage), facts=desk.case().facts_version))
    return reader


def stands_in(reader: Person) -> dict[str, Any]:
    """Return what stands in the inputs of the form: block id to it."""
    found = {}
    for block in (b for b in reader.seen["blocks"] if b["type"] == "input"):
        value = {k: v for k, v in block["element"].items() if k.startswith("initial")}
        if value:
            found[block["block_id"].removeprefix("field.")] = next(iter(value.values()))
    return found


async def test_a_department_finds_in_its_form_nothing_that_is_masked_on_its_card() -> None:
    reader = await opened(logged())

    assert stands_in(reader) | {"customer": ""} == {"customer": "", "part": "N-7", "bought_on": "2026-10-01"}
    for masked in (NUMBER, NAME):
        assert masked not in words_of(reader.seen)
    assert "Leave it empty to keep it" in words_of(reader.seen)


async def test_what_it_leaves_empty_is_kept_as_it_was_written() -> None:
    desk = logged()
    before = dict(desk.case().fields)
    reader = await opened(desk)

    await reader.submit(field__finding="So it is", field__part="N-8")

    now = desk.case().fields
    assert now["part"] == "N-8"
    assert {n: now[n] for n in ("phone", "what_happened", "customer")} == {
        n: before[n] for n in ("phone", "what_happened", "customer")
    }
    assert desk.happened(e.WordsShown) == []


async def test_what_it_takes_out_of_the_form_is_gone() -> None:
    """No form insists on the part; the number that the department never saw in it stays."""
    desk = logged()
    reader = await opened(desk)

    await reader.submit(field__finding="So it is", field__part=None)

    now = desk.case().fields
    assert ("part" in now, "phone" in now, now["bought_on"]) == (False, True, "2026-10-01")


async def test_the_name_of_a_new_customer_does_not_stand_in_it_either() -> None:
    reader = await opened(logged(customer={"new": "Alpha Works"}))

    assert "Alpha" not in str(reader.seen)


@pytest.mark.parametrize("name", ["customer", "what_happened", "phone", "part", "bought_on"])
async def test_a_hidden_field_is_empty_before_whom_it_is_hidden_from(name: str) -> None:
    reader = await opened(logged(name))

    assert name not in stands_in(reader)


async def test_a_second_round_has_the_department_s_own_words_in_it_again() -> None:
    desk = logged()
    desk.decide(person("department"), "handle", "approve", finding=f"{NAME} has the old board, {NUMBER}")
    desk.decide(person("head_office"), "confirm", "return", reason="Look again", to_stage="handle")

    reader = await opened(desk)

    assert stands_in(reader)["finding"] == f"{NAME} has the old board, {NUMBER}"


@pytest.mark.parametrize(("hidden", "offered"), [((), True), (("customer",), False)])
async def test_a_correction_offers_no_field_that_is_hidden_from_who_corrects(
    hidden: tuple[str, ...], offered: bool
) -> None:
    raw = raw_policy()
    for name in hidden:
        raw["fields"][name]["hidden_from"] = ["reception"]
    desk = MadeDesk(raw)
    desk.log(person("reception"), customer="C-0417", what_happened=SAID)
    reader = Talk(desk).person(person("reception"))

    await reader.click("act.amend", Ref(case="case1"))

    blocks = [b["block_id"] for b in reader.seen["blocks"] if b["type"] == "input"]
    assert ("field.customer" in blocks) == offered
    assert (NAME in str(reader.seen)) == offered


@pytest.mark.parametrize(("opens", "role"), [("act.amend", "reception"), ("visit.main", "department")])
async def test_lines_that_do_not_fit_into_their_field_are_no_fewer_after_another_is_corrected(
    opens: str, role: str
) -> None:
    """As many as fit would be sent back, and recorded as all that there are."""
    raw = raw_policy()
    raw["stages"]["intake"]["may_fill"].append("parts")
    raw["stages"]["handle"]["may_fill"].append("parts")
    desk = MadeDesk(raw)
    parts = [
        {"customer": "C-0417", "part": f"N-{n:03}-with-a-long-name", "bought_on": "2026-10-01"} for n in range(100)
    ]
    desk.log(person("reception"), customer="C-0417", what_happened=SAID, part="N-7", parts=parts)
    before = desk.case().fields["parts"]
    reader = Talk(desk).person(person(role))
    await reader.click(opens, Ref(case="case1", visit=desk.visit("handle"), facts=desk.case().facts_version))

    [hint] = [b["hint"]["text"] for b in reader.seen["blocks"] if b.get("block_id") == "field.parts"]
    more = {"reason": "Counted again"} if opens == "act.amend" else {"field__finding": "So it is"}
    await reader.submit(field__part="N-8", **more)

    assert hint.startswith("There are more lines here than fit into this field.")
    assert (desk.case().fields["part"], desk.case().fields["parts"]) == ("N-8", before)


@pytest.mark.parametrize(
    ("hidden", "line"),
    [((), "C-0417; N-7; 2026-10-01"), (("customer", "bought_on"), "; N-7; "), (("part",), "C-0417; ; 2026-10-01")],
)
async def test_the_lines_of_a_duty_s_form_say_nothing_that_is_hidden_from_who_fills_them(
    hidden: tuple[str, ...], line: str
) -> None:
    raw = raw_policy(*hidden)
    raw["duties"] = {
        "review": {
            "every": "month", "by": "10th", "who": "department", "from": "open cases", "fill": ["parts"], "source": "D15",
        }
    }  # fmt: skip
    raw["texts"]["review"] = ["Review", "检讨", "檢討"]
    desk = MadeDesk(raw)
    desk.log(
        person("reception"), customer="C-0417", what_happened=SAID, phone=NUMBER, part="N-7", bought_on="2026-10-01"
    )
    duty = desk.begin_duty("review", "2026-11")
    [visit] = desk.case(duty).open_visits
    reader = Talk(desk).person(person("department"))

    await reader.click("visit.main", Ref(case=duty, visit=visit.id, facts=desk.case(duty).facts_version))

    assert stands_in(reader)["parts"] == line
