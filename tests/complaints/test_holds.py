"""Rules that hold back: acts that are locked until something happens, and what must be there before a case closes."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.commands import BeginRoute
from complaints.refusals import NotAllowedHere
from complaints.views import Look
from complaints.views_case import case_view
from complaints.views_visit import visit_view
from handlers.cards.approval import approval_card
from handlers.cards.home import home_card
from handlers.replies import About, explain
from tests.complaints.test_policy import small
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

SALES, QUALITY, GM = person("sales"), person("quality"), person("general_manager")
FORM = {"market": "domestic", "amount": "100", "established": True}


def with_rules(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    raw = small()
    raw["fields"] |= {"photo": "file", "cause": "text", "told_by": {"type": "choice", "of": ["letter", "phone"]}}
    raw["stages"]["decide"]["may_fill"] = ["cause", "photo"]
    raw["stages"]["inspect"] = {"who": "quality"}
    raw["stages"]["reply"] = {"who": "sales", "fill": ["told_by"], "tells": True}
    raw["stages"]["pay"] = {"who": "sales", "needs": ["decide"]}
    raw["routes"]["main"] = {"closes": "decide", "path": ["intake", "decide", "reply", "pay"]}
    raw["routes"]["inspection"] = {"opens": {"upon": "intake done", "by": ["quality"]}, "path": ["inspect"]}
    raw["reply"] = {"channels": ["letter", "phone"]}
    raw["clauses"] = {"7": "no words", "8": "other words"}
    raw["rules"] = [{"source": "7", **rule} for rule in rules]
    return raw | more


def desk_with(*rules: dict[str, Any], **more: Any) -> MadeDesk:
    desk = MadeDesk(with_rules(*rules, **more))
    desk.log(SALES)
    return desk


def passed(desk: MadeDesk, **fields: Any) -> None:
    desk.decide(SALES, "intake", **(FORM | fields))


def refused(desk: MadeDesk, actor: str, stage: str, **fields: Any) -> NotAllowedHere:
    with pytest.raises(NotAllowedHere) as refusal:
        desk.decide(actor, stage, **fields)
    return refusal.value


def look_at(desk: MadeDesk, language: str = "en") -> Look:
    return Look(world=desk.desk.world(desk.record, desk.loaded, desk.clock.at), language=language)


# --- what closing needs ------------------------------------------------------------------------------------------


def test_closing_is_refused_with_everything_that_is_missing() -> None:
    desk = desk_with({"upon": "intake done", "require": ["cause", "inspect"]})
    passed(desk)

    refusal = refused(desk, QUALITY, "decide")

    assert (refusal.reason, refusal.source, refusal.facts["needs"]) == ("required_first", "7", ["cause", "inspect"])


def test_a_case_closes_once_the_field_is_filled_and_the_stage_is_done() -> None:
    """What the closing form itself fills counts."""
    desk = desk_with({"upon": "intake done", "require": ["cause", "inspect"]})
    passed(desk)
    desk.act(BeginRoute, QUALITY, route="inspection")
    desk.decide(QUALITY, "inspect")

    desk.decide(QUALITY, "decide", cause="plating")

    assert desk.case().status == "closed"


def test_a_rule_requires_only_when_its_condition_holds() -> None:
    desk = desk_with({"upon": "intake done", "when": "market is foreign", "require": ["cause"]})
    passed(desk)

    desk.decide(QUALITY, "decide")

    assert desk.case().status == "closed"


def test_the_closing_card_shows_a_checklist_with_its_clause() -> None:
    desk = desk_with({"upon": "intake done", "require": ["cause", "inspect"]})
    passed(desk)
    desk.act(BeginRoute, QUALITY, route="inspection")
    desk.decide(QUALITY, "inspect")

    facts = visit_view(desk.case(), desk.open_visit("decide"), look_at(desk))

    assert [(c.label, c.there) for c in facts.before_closing] == [("Cause", False), ("Inspect", True)]
    text = str(approval_card(facts).blocks)
    assert "Before closing" in text
    assert "☐ Cause" in text
    assert "✓ Inspect" in text
    assert "7「no words」" in text


# --- what is locked ------------------------------------------------------------------------------------------------


def test_closing_is_locked_until_what_the_rule_names_has_happened() -> None:
    desk = desk_with({"upon": "intake done", "lock": ["close"], "until": "inspect done"})
    passed(desk)

    refusal = refused(desk, QUALITY, "decide")
    desk.act(BeginRoute, QUALITY, route="inspection")
    desk.decide(QUALITY, "inspect")
    desk.decide(QUALITY, "decide")

    assert (refusal.reason, refusal.source, refusal.facts["act"]) == ("locked", "7", "close")
    assert desk.case().status == "closed"


def test_a_locked_reply_can_not_be_given() -> None:
    """CC-01 by a rule: the reply waits although nothing in `reply.until` holds it."""
    desk = desk_with({"upon": "decide done", "lock": ["reply"], "until": "inspect done"})
    passed(desk)
    desk.decide(QUALITY, "decide")

    refusal = refused(desk, SALES, "reply", told_by="letter")

    assert (refusal.facts["act"], desk.may_reply()) == ("reply", False)
    desk.act(BeginRoute, QUALITY, route="inspection")
    desk.decide(QUALITY, "inspect")
    assert desk.may_reply()
    assert [n.to for n in desk.told("reply_open")] == [SALES]


def test_a_locked_number_is_not_drawn() -> None:
    number = {"pattern": "YYMMNN", "at": "decide", "source": "8"}
    desk = desk_with({"upon": "intake done", "lock": ["number"]}, papers={"number": number})
    passed(desk)

    refusal = refused(desk, QUALITY, "decide")

    assert (refusal.facts["act"], refusal.facts["upon"]) == ("number", None)
    assert desk.case().number is None


def test_locked_money_is_not_carried_out() -> None:
    """The stage that waits for the approval an amount needs is the one that carries it out."""
    money = {"credit": {"use": "sum", "of": "amount", "needs": ["decide"], "source": "8"}}
    desk = desk_with({"upon": "decide done", "lock": ["money"], "until": "inspect done"}, money=money)
    passed(desk)
    desk.decide(QUALITY, "decide")
    desk.decide(SALES, "reply", told_by="letter")

    refusal = refused(desk, SALES, "pay")

    assert refusal.facts["act"] == "money"


def test_the_card_and_the_refusal_say_what_is_locked_until_when_and_why() -> None:
    desk = desk_with({"upon": "intake done", "lock": ["close", "export"], "until": "inspect done"})
    passed(desk)

    facts = case_view(desk.case(), look_at(desk))
    card = str(home_card(facts).blocks)
    said = explain(refused(desk, QUALITY, "decide"), "en", About(plan=desk.plan, policy=desk.loaded.policy))

    assert ":lock: Locked: closing, the export, until “Inspect” is done" in card
    assert "7「no words」" in card
    assert said.title == ":lock: This is locked: closing"
    assert "until" not in said.body
    assert "“Inspect” is done" in said.body


def test_a_rebuilt_case_holds_the_same_back() -> None:
    desk = desk_with({"upon": "intake done", "lock": ["close"], "require": ["cause"]})
    passed(desk)

    assert [(h.acts, h.required) for h in desk.rebuilt().holds] == [(("close",), ("cause",))]
    assert desk.rebuilt() == desk.case()
    assert [h.source for h in desk.happened(e.HoldSet)] == ["7"]


def test_a_lock_that_waits_for_a_stage_is_lifted_when_the_case_closes_without_it() -> None:
    """Nobody would ever pass that stage, and the customer could never be told (D17)."""
    raw = with_rules({"upon": "intake done", "lock": ["reply"], "until": "decide done"})
    raw["stages"]["refuse"] = {"who": "quality", "decide": {"refuse": "close as not_established", "approve": "next"}}
    raw["routes"]["main"]["path"] = ["intake", "refuse", "decide", "reply", "pay"]
    raw["routes"]["tell_refusal"] = {"opens": {"upon": "case closed"}, "path": ["reply"]}
    desk = MadeDesk(raw)
    desk.log(SALES)
    passed(desk)
    assert not desk.may_reply()

    desk.decide(QUALITY, "refuse", "refuse")

    desk.decide(SALES, "reply", told_by="letter")
    assert desk.case().told_at is not None


def test_a_lock_is_lifted_when_its_stage_is_done_again_and_its_condition_holds_no_more() -> None:
    """A complaint that turns out to be a mere demand waits for no approval."""
    desk = desk_with({"upon": "intake done", "when": "established", "lock": ["reply"], "until": "inspect done"})
    passed(desk)
    assert not desk.may_reply()
    desk.decide(QUALITY, "decide", "return", reason="It is a question")

    passed(desk, established=False)

    assert desk.may_reply()
    assert desk.rebuilt().holds == ()
