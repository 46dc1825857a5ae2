"""A client written from docs/slack-contract.md alone: it logs a complaint and decides two stages, by the examples there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.playground import ROOT, Playground
from sandbox.client import Form, Member, Shown
from tests.stories.hurried import client_of

pytestmark = pytest.mark.slow

REP, REGISTRAR, JUDGE, PRODUCTION = "林佳穎", "王小明", "陳柏翰", "吳宗翰"
DOCUMENT = (ROOT / "docs" / "slack-contract.md").read_text("utf-8")


def example(title: str) -> dict[str, Any]:
    """Return the payload that stands under a heading of the document's examples."""
    found = re.search(rf"^### {re.escape(title)}$.*?^```json\n(.*?)^```", DOCUMENT, re.M | re.S)
    assert found, title
    payload: dict[str, Any] = json.loads(found[1])
    return payload


def fill_in(form: Form, payload: dict[str, Any]) -> Any:
    """Fill the form that stands open with the values of an example, by block id, and send it."""
    assert form.content["callback_id"] == payload["view"]["callback_id"]
    for block, inputs in payload["view"]["state"]["values"].items():
        [element] = inputs.values()
        chosen = element.get("selected_option", {}).get("value")
        form.fill(block, chosen or element.get("selected_date") or element.get("value"))
    return form.now().submit()


def buttons(card: Shown) -> list[dict[str, Any]]:
    return [e for b in card.blocks for e in b.get("elements", ()) if e.get("type") == "button"]


def logged(rep: Member) -> str:
    """Return the id of the complaint that was logged: it stands in the values of the buttons of the reporter's card."""

    def look() -> str | None:
        values = [str(b.get("value", "")).split("|") for m in rep.dms() for b in buttons(m)]
        return next((parts[1] for parts in reversed(values) if len(parts) == 5 and parts[0] == "1"), None)

    return rep.desk.wait_for(look, what="the reporter's card")


def waiting(member: Member, channel: str, case: str) -> tuple[Shown, str]:
    """Return the card of a case that waits for a decision, and what its green button carries."""

    def look() -> tuple[Shown, str] | None:
        for card in reversed(member.messages(channel)):
            for button in buttons(card):
                if button["action_id"] in ("visit.main", "visit.confirm") and button["value"].split("|")[1] == case:
                    return card, button["value"]
        return None

    return member.desk.wait_for(look, what=f"a card in {channel}")


def press(card: Shown, value: str, payload: dict[str, Any], action: str | None = None) -> Any:
    """Press the button of an example with the value that the card carries."""
    name = action or payload["actions"][0]["action_id"]
    button = {"type": "button", "action_id": name, "value": value, "text": {"type": "plain_text", "text": "…"}}
    return card.stale_click(name, old_blocks=[{"type": "actions", "block_id": "b", "elements": [button]}])


def test_the_examples_of_the_document_log_a_complaint_and_decide_its_stages(place: Playground) -> None:
    desk = client_of(place)
    rep, registrar, judge, production = (desk.as_member(who) for who in (REP, REGISTRAR, JUDGE, PRODUCTION))

    command = example("Log a complaint: type the command")
    first = rep.command(command["command"], command["text"]).view()
    assert fill_in(first, example("Page 1"))["response_action"] == "push"
    second = Form(rep, desk.wait_for(rep.view_now, what="page 2"))
    assert fill_in(second, example("Page 2"))["response_action"] == "clear"
    case = logged(rep)

    click = example("Decide a stage: press the green button")
    card, value = waiting(registrar, "CREGISTRY", case)
    press(card, value, click, "visit.confirm")
    card, value = waiting(judge, "CQUALITY", case)
    form = press(card, value, click).view()
    assert fill_in(form, example("Send the form"))["response_action"] == "clear"

    assert waiting(production, "CPRODUCTION", case)
