"""Examples of the contract: a complaint is logged and a stage decided, as payloads that a test really sends."""

from __future__ import annotations

from typing import Any

LOG: dict[str, Any] = {
    "command": "/complaint",
    "text": "",
    "user_id": "U02REP",
    "team_id": "T01",
    "channel_id": "C01",
    "trigger_id": "…",
    "response_url": "…",
}


def _text(value: str) -> dict[str, Any]:
    return {"value": {"type": "plain_text_input", "value": value}}


def _radio(value: str) -> dict[str, Any]:
    return {"value": {"type": "radio_buttons", "selected_option": {"value": value}}}


def _select(value: str) -> dict[str, Any]:
    return {"value": {"type": "static_select", "selected_option": {"value": value}}}


PAGE_1: dict[str, Any] = {
    "field.customer": {"value": {"type": "external_select", "selected_option": {"value": "C-0417"}}},
    "field.part_no": _text("P4-2208-B"),
    "field.what_happened": _text("Black pads after reflow, open joints"),
    "field.order_no": _text("SO-26-08813"),
    "field.shipped_on": {"value": {"type": "datepicker", "selected_date": "2026-10-26"}},
    "field.quantity": _text("2,400"),
    "field.defective_quantity": _text("186"),
}
PAGE_2: dict[str, Any] = {
    "field.wants": _select("exchange"),
    "field.return_quantity": _text("186"),
    "field.demand": _text("Replace 186 boards"),
    "field.loss_caused": _radio("yes"),
    "field.survey_needed": _radio("no"),
    "field.defect_sample": _text("5 pieces, with Quality"),
    "field.sales_remark": _text("Looks like ENIG"),
}
ANALYSIS: dict[str, Any] = {
    "field.sample_confirmed": _radio("yes"),
    "field.cause_class": _radio("quality_abnormality"),
    "field.quality_finding": _text("Nickel corrosion under the gold"),
    "field.liable_unit": _select("production"),
    "field.rnd_opinion_needed": _radio("no"),
    "field.third_party_involved": _radio("no"),
}


def submission(callback_id: str, member: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return a `view_submission` with *values* as its state; the rest of the view is the one that was opened."""
    return {
        "type": "view_submission",
        "user": {"id": member, "team_id": "T01"},
        "team": {"id": "T01"},
        "view": {
            "id": "<of the form>",
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": "<of the form>",
            "state": {"values": values},
        },
    }


CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U02CHEN", "team_id": "T01"},
    "team": {"id": "T01"},
    "trigger_id": "…",
    "channel": {"id": "C02QUALITY"},
    "message": {"ts": "1794190500.000100"},
    "actions": [{"type": "button", "action_id": "visit.main", "value": "1|K7Q2M4XD|3|0|", "action_ts": "…"}],
}

STEPS: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("Log a complaint: type the command", "A form with `callback_id` `intake.page` opens.", LOG),
    (
        "Page 1",
        "With the shipped policy `pcb-manufacturer`. The answer is `push` with page 2, which has its own view id and metadata.",
        submission("intake.page", "U02REP", PAGE_1),
    ),
    (
        "Page 2",
        "The answer is `clear`; the reporter gets a direct message with the case, the registry its card.",
        submission("intake.page", "U02REP", PAGE_2),
    ),
    (
        "Decide a stage: press the green button",
        "The card of the stage carries the value. A form with `callback_id` `visit.main` opens.",
        CLICK,
    ),
    (
        "Send the form",
        "The answer is `clear`, and the next department gets its card.",
        submission("visit.main", "U02CHEN", ANALYSIS),
    ),
    (
        "Or decide without a form",
        "A stage with nothing to fill in takes `visit.confirm` with the same value; the answer is an empty 200.",
        None,
    ),
)
