"""What stands in a form, as Slack sends it; and what a view says."""

from __future__ import annotations

import re
from typing import Any


def initial(element: dict[str, Any]) -> dict[str, Any]:
    """Return an untouched element as Slack sends it."""
    kind = element["type"]
    match kind:
        case "plain_text_input":
            return {"type": kind, "value": element.get("initial_value")}
        case "radio_buttons" | "static_select" | "external_select":
            return {"type": kind, "selected_option": element.get("initial_option")}
        case "checkboxes" | "multi_static_select":
            return {"type": kind, "selected_options": element.get("initial_options", [])}
        case "datepicker":
            return {"type": kind, "selected_date": element.get("initial_date")}
        case "datetimepicker":
            return {"type": kind, "selected_date_time": element.get("initial_date_time")}
        case "users_select":
            return {"type": kind, "selected_user": element.get("initial_user")}
        case "multi_users_select":
            return {"type": kind, "selected_users": element.get("initial_users", [])}
        case "file_input":
            return {"type": kind, "files": []}
    raise AssertionError(kind)


def entered(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """Return an element after somebody entered *value*."""
    kind = element["type"]
    match kind:
        case "plain_text_input":
            assert value is None or len(value) <= element.get("max_length", 3000), "Slack lets nobody type more"
            return {"type": kind, "value": value}
        case "radio_buttons" | "static_select":
            known = {o["value"]: o for o in element["options"]}
            assert value is None or value in known, (value, list(known))
            return {"type": kind, "selected_option": known.get(value)}
        case "external_select":
            return {"type": kind, "selected_option": {"text": {"type": "plain_text", "text": value}, "value": value}}
        case "checkboxes" | "multi_static_select":
            return {"type": kind, "selected_options": [o for o in element["options"] if o["value"] in value]}
        case "datepicker":
            return {"type": kind, "selected_date": value}
        case "datetimepicker":
            return {"type": kind, "selected_date_time": int(value.timestamp())}
        case "users_select":
            return {"type": kind, "selected_user": value}
        case "multi_users_select":
            return {"type": kind, "selected_users": list(value)}
        case "file_input":
            return {
                "type": kind,
                "files": [{"id": f, "name": f"{f}.jpg", "mimetype": "image/jpeg", "size": 9} for f in value],
            }
    raise AssertionError(kind)


def buttons_of(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [e for b in blocks if b["type"] == "actions" for e in b["elements"] if e["type"] == "button"]
    return found + [b["accessory"] for b in blocks if b.get("accessory", {}).get("type") == "button"]


def labels_of(view: dict[str, Any]) -> list[str]:
    return [b["text"]["text"] for b in buttons_of(view["blocks"])]


def block_ids(view: dict[str, Any]) -> list[str]:
    return [b["block_id"] for b in view["blocks"] if b["type"] == "input"]


def has_gap(text: str) -> bool:
    """Say whether a fact is missing in *text*: braces that are no part of Slack's date tokens, or a None."""
    plain = re.sub(r"<!date\^[^>]*>", "", text)
    return "{" in plain or "None" in plain


def words_of(part: Any) -> str:
    """Return all texts in a view, message or answer."""
    if isinstance(part, list):
        return "\n".join(w for p in part if (w := words_of(p)))
    if not isinstance(part, dict):
        return ""
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    return "\n".join([*own, *(w for p in part.values() if (w := words_of(p)))])
