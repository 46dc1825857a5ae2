"""What a delivery was and what came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ACK_SECONDS = 3.0


@dataclass
class Answer:
    """The app's answer to one attempt; *problem* is Slack's word for what went wrong, else None."""

    body: Any = None
    problem: str | None = None
    http_status: int | None = None
    no_retry: bool = False


@dataclass
class Attempt:
    number: int
    sent_at: float
    took_ms: float | None = None
    problem: str | None = None
    via: str = ""


@dataclass
class Delivery:
    """One payload for the app, with each attempt to hand it over."""

    seq: int
    kind: str
    payload: dict[str, Any]
    about: str
    status: str = "waiting"
    attempts: list[Attempt] = field(default_factory=list)
    answer: Any = None
    late_acks: int = 0
    note: str = ""

    def as_json(self, *, with_payload: bool = True) -> dict[str, Any]:
        shown = {
            "seq": self.seq,
            "kind": self.kind,
            "about": self.about,
            "status": self.status,
            "attempts": [vars(each) for each in self.attempts],
            "answer": self.answer,
            "late_acks": self.late_acks,
            "note": self.note,
        }
        return shown | {"payload": self.payload} if with_payload else shown


def about(kind: str, payload: dict[str, Any]) -> str:
    """Say in a word what *payload* is: the event's type, the command, the action ids, the callback id."""
    if kind == "events_api":
        event = payload.get("event", {})
        return ".".join(filter(None, (event.get("type"), event.get("subtype"))))
    if kind == "slash_commands":
        return str(payload["command"])
    ids = [each["action_id"] for each in payload.get("actions", ())]
    name = payload.get("callback_id") or payload.get("action_id") or (payload.get("view") or {}).get("callback_id")
    return f"{payload['type']} {' '.join(ids) or name or ''}".strip()
