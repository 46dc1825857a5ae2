"""What a decision asks for, by where it leads, and what is recorded with it."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors, NotAllowedHere
from tests.complaints.test_policy import small
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

SALES, QUALITY = person("sales"), person("quality")
FORM = {"market": "domestic", "amount": "100", "established": True}


def with_objection() -> dict[str, Any]:
    raw = small()
    raw["fields"] |= {"grounds": "text"}
    raw["stages"]["judge"] = {
        "who": "quality",
        "fill": ["grounds"],
        "decide": {"dismiss": "next", "grant": "reopen at decide", "pass_on": "close as passed_on"},
    }
    raw["routes"]["objection"] = {"opens": {"upon": "case closed"}, "path": ["judge"]}
    return raw


def decided(desk: MadeDesk) -> MadeDesk:
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    desk.decide(QUALITY, "decide")
    return desk


@pytest.mark.parametrize("decision", ["dismiss", "grant"])
def test_what_is_dismissed_or_reopened_wants_all_that_the_stage_must_fill(decision: str) -> None:
    desk = decided(MadeDesk(with_objection()))

    with pytest.raises(FieldErrors) as refusal:
        desk.decide(QUALITY, "judge", decision)
    assert set(refusal.value.errors) == {"grounds"}

    desk.decide(QUALITY, "judge", decision, grounds="new proof")
    assert desk.case().visits[3].decision == decision


def test_what_sends_the_matter_away_asks_only_what_the_policy_says_of_it() -> None:
    desk = decided(MadeDesk(with_objection()))

    desk.decide(QUALITY, "judge", "pass_on")

    assert desk.case().visits[3].decision == "pass_on"


def test_a_stage_that_tells_has_not_told_when_it_leads_to_an_earlier_stage() -> None:
    raw = small()
    raw["stages"]["reply"] = {"who": "sales", "tells": True, "decide": {"told": "next", "ask_again": "to decide"}}
    raw["reply"] = {"channels": ["phone"]}
    raw["routes"]["main"] = {"closes": "reply", "path": ["intake", "decide", "reply"]}
    desk = decided(MadeDesk(raw))

    desk.decide(SALES, "reply", "ask_again")
    assert not desk.happened(e.OutcomeTold)
    desk.decide(QUALITY, "decide")
    desk.decide(SALES, "reply", "told")
    assert len(desk.happened(e.OutcomeTold)) == 1


def test_what_follows_from_telling_the_customer_knows_the_outcome_that_is_told() -> None:
    raw = small()
    raw["stages"] |= {
        "reply": {"who": "sales", "tells": True, "decide": {"told": "next"}},
        "ask": {"who": "sales", "limit": "3 days"},
    }
    raw["reply"] = {"channels": ["phone"]}
    raw["routes"]["main"] = {"closes": "reply", "outcome": "settled", "path": ["intake", "decide", "reply"]}
    raw["routes"]["ask_after"] = {"opens": {"upon": "case told", "when": "outcome is settled"}, "path": ["ask"]}
    desk = decided(MadeDesk(raw))

    desk.decide(SALES, "reply", "told")

    assert desk.open_stages() == ["ask"]
    assert desk.case().status == "closed"


def test_a_stage_that_only_ends_a_loop_fulfils_what_needs_it() -> None:
    raw = small()
    raw["stages"] |= {"settle": {"who": "general_manager"}, "pay": {"who": "sales", "needs": ["settle"]}}
    loop = {"again": "decide", "until": "established", "at_most": 1, "else": "settle"}
    raw["routes"]["main"] = {"closes": "pay", "path": ["intake", "decide", loop, "pay"]}
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **(FORM | {"established": False}))
    desk.decide(QUALITY, "decide")
    desk.decide(person("quality", 2), "decide")

    desk.decide(person("general_manager"), "settle")
    desk.decide(SALES, "pay")

    assert desk.case().outcome is not None


# --- what was decided before ---------------------------------------------------------------------------------------


def with_payment() -> dict[str, Any]:
    """A decision on the main route, a follow-up that may pass by the same stage, and a payment that needs it."""
    raw = small()
    raw["stages"] |= {
        "look": {"who": "sales"},
        "pay": {"who": "sales", "needs": ["decide"]},
        "judge": {"who": "quality", "decide": {"dismiss": "next", "grant": "reopen at decide"}},
    }
    raw["routes"] |= {
        "beside": {"opens": {"upon": "intake done"}, "path": ["look", {"do": "decide", "when": "not established"}]},
        "payment": {"opens": {"upon": "case closed"}, "path": ["pay"]},
        "objection": {"opens": {"upon": "case closed"}, "path": ["judge"]},
    }
    return raw


@pytest.mark.parametrize("look_first", [True, False])
def test_a_follow_up_that_does_not_come_by_a_stage_takes_its_decision_from_nobody(look_first: bool) -> None:
    desk = MadeDesk(with_payment())
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    if look_first:
        desk.decide(SALES, "look")

    desk.decide(QUALITY, "decide")
    desk.decide(SALES, "pay")

    assert desk.case().visits[desk.visit("pay")].ended == "done"


def test_what_a_reopening_asks_again_is_needed_again() -> None:
    desk = MadeDesk(with_payment())
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    desk.decide(QUALITY, "decide")
    desk.decide(QUALITY, "judge", "grant")
    assert desk.open_stages() == ["decide"]

    desk.decide(QUALITY, "decide")
    desk.decide(SALES, "pay")

    assert desk.case().visits[desk.visit("pay")].ended == "done"


# --- another main route ----------------------------------------------------------------------------------------------


def with_two_routes() -> dict[str, Any]:
    raw = small()
    raw["tables"]["route"] = {
        "gives": "route",
        "reads": ["market"],
        "rows": [["domestic", "main"], ["foreign", "abroad"]],
    }
    raw["stages"] |= {"check": {"who": "quality"}, "customs": {"who": "sales"}}
    raw["routes"] = {
        "main": {"closes": "decide", "path": ["intake", "check", "decide"]},
        "abroad": {"closes": "customs", "path": ["intake", "check", "customs"]},
    }
    return raw


def at_check() -> MadeDesk:
    desk = MadeDesk(with_two_routes())
    desk.log(SALES, **FORM)
    desk.decide(SALES, "intake", **FORM)
    return desk


def test_a_form_filled_anew_leads_along_the_route_that_it_picks_now() -> None:
    desk = at_check()
    desk.decide(QUALITY, "check", "return", reason="It went abroad")

    desk.decide(SALES, "intake", **FORM | {"market": "foreign"})
    desk.decide(QUALITY, "check")

    assert desk.open_stages() == ["customs"]
    desk.decide(SALES, "customs", "return", reason="Not abroad after all", to_stage="intake")
    desk.decide(SALES, "intake", **FORM)
    desk.decide(QUALITY, "check")
    assert desk.open_stages() == ["decide"]


def test_a_correction_while_both_routes_are_one_turns_off_where_they_part() -> None:
    desk = at_check()

    desk.act(cmd.Amend, SALES, fields={"market": "foreign"}, reason="It went abroad")
    assert desk.open_stages() == ["check"]
    desk.decide(QUALITY, "check")

    assert desk.open_stages() == ["customs"]


def test_a_correction_behind_the_fork_goes_back_to_it_and_keeps_what_was_passed() -> None:
    desk = at_check()
    desk.decide(QUALITY, "check")

    desk.act(cmd.Amend, SALES, fields={"market": "foreign"}, reason="It went abroad")

    assert desk.open_stages() == ["customs"]
    assert [v.stage for v in desk.case().visits.values()] == ["intake", "check", "decide", "customs"]
    desk.decide(SALES, "customs")
    assert desk.case().status == "finished"


# --- what an amount came out of ------------------------------------------------------------------------------------


def with_shares() -> dict[str, Any]:
    """The loss is split by lines that the decision may fill anew."""
    raw = small()
    raw["fields"] |= {"split": {"type": "lines", "of": {"unit": "unit", "share": "ratio"}}, "grounds": "text"}
    raw["stages"]["intake"]["fill"] += ["split"]
    raw["stages"]["decide"]["may_fill"] = ["split", "grounds"]
    raw["stages"]["judge"] = {"who": "quality", "may_fill": ["grounds"]}
    raw["routes"]["main"] = {"closes": "judge", "path": ["intake", "decide", "judge"]}
    raw["money"] = {"borne": {"use": "shares", "of": "amount", "by_lines": "split", "source": "D16"}}
    return raw


def split(sales: str, quality: str) -> list[dict[str, str]]:
    return [{"unit": "sales", "share": sales}, {"unit": "quality", "share": quality}]


def test_an_amount_is_recorded_with_what_it_came_out_of() -> None:
    desk = MadeDesk(with_shares())
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM, split=split("0.5", "0.5"))

    [computed] = desk.happened(e.AmountComputed)

    assert (computed.amount, computed.source) == ("100.00", "D16")
    assert computed.inputs == {"amount": "100.00", "split": split("0.5", "0.5")}


def test_other_parts_of_the_same_total_are_recorded_and_the_same_reckoning_is_not() -> None:
    desk = MadeDesk(with_shares())
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM, split=split("0.5", "0.5"))
    desk.decide(QUALITY, "decide", split=split("0.2", "0.8"))
    desk.decide(QUALITY, "judge", grounds="As agreed")

    before, after = desk.happened(e.AmountComputed)

    assert before.amount == after.amount
    assert [part["amount"] for part in after.parts["parts"]] == ["20.00", "80.00"]


@pytest.mark.parametrize(
    ("signer", "place", "amount", "how"),
    [
        ("USIGNER", "after", "95000", "refused"),
        ("USIGNER", "after", "9000", "finished"),
        (person("general_manager"), "after", "95000", "finished"),
        ("USIGNER", "before", "95000", "passed on"),
    ],
)
def test_a_signer_enters_nothing_beyond_the_authority_of_who_decided(
    signer: str, place: str, amount: str, how: str
) -> None:
    """What is entered before the decision takes it to who has the authority; entered after it, it would stand all the same."""
    raw = small()
    raw["stages"]["decide"]["may_fill"] = ["amount"]
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    desk.act(cmd.AddSigner, QUALITY, visit=desk.visit("decide"), member=signer, place=place)
    entered: dict[str, str] = {"amount": amount}
    if place == "before":
        desk.decide(signer, "decide", **entered)
    desk.decide(QUALITY, "decide")

    if how == "refused":
        with pytest.raises(NotAllowedHere) as refused:
            desk.decide(signer, "decide", **entered)
        assert (refused.value.reason, refused.value.facts["role"]) == ("beyond_authority", "general_manager")
    elif place == "after":
        desk.decide(signer, "decide", **entered)

    assert desk.open_stages() == ([] if how == "finished" else ["decide"])
    assert (desk.roles("decide")[0] == "general_manager") == (how == "passed on")


def test_a_file_stands_in_for_none_that_another_stage_must_give() -> None:
    """The form is the sender's own: what it calls a later stage's signed paper is evidence, and that stage asks for its own."""
    raw = small()
    raw["fields"]["signed"] = "file"
    raw["stages"]["decide"]["fill"] = ["signed"]
    raw["intake"] = {"stages": ["intake"], "pages": [["market", "amount", "established"]]}
    desk = MadeDesk(raw)
    given = (("signed", cmd.GivenFile(id="F-1", name="a.jpg")),)
    desk.submit(cmd.OpenCase(actor=SALES, key="k", case_id="case1", policy="small", fields=FORM, files=given))
    assert [(f.id, f.field) for f in desk.case().files.values()] == [("F-1", None)]

    with pytest.raises(FieldErrors) as refused:
        desk.decide(QUALITY, "decide")
    assert set(refused.value.errors) == {"signed"}
    desk.decide(QUALITY, "decide", files=(("signed", cmd.GivenFile(id="F-2", name="b.jpg")),))
    assert desk.open_stages() == []


@pytest.mark.parametrize(("giver", "takes_its_place"), [(QUALITY, True), (person("quality", 2), True), (SALES, False)])
def test_in_place_of_a_file_that_could_not_be_fetched_comes_one_of_who_gave_it_or_could_have(
    giver: str, takes_its_place: bool
) -> None:
    raw = small()
    raw["fields"]["signed"] = "file"
    raw["stages"]["decide"]["fill"] = ["signed"]
    raw["stages"]["decide"]["sign"] = ["general_manager"]
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    desk.decide(QUALITY, "decide", files=(("signed", cmd.GivenFile(id="F-1", name="a.jpg")),))
    desk.act(cmd.StoreFile, "files", file="F-1", sha256=None, size=0, why="gone")

    again = (cmd.GivenFile(id="F-2", name="b.jpg"),)
    desk.act(cmd.AddNote, giver, words="", files=again, instead_of="F-1", visit=999)

    assert desk.case().files["F-2"].field == ("signed" if takes_its_place else None)
    assert desk.case().files["F-2"].visit == (desk.visit("decide") if takes_its_place else None)
