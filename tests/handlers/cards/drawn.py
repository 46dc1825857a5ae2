"""Draws what a desk in memory told, as the courier would ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from complaints.case import Case
from complaints.events import Recorded
from complaints.notices import Notice
from complaints.ports import Customer, OutboxRow, StaleCard
from handlers.render import Card, CardRenderer
from tests.support.company import CUSTOMERS
from tests.support.desks import TestDesk

Made = TypeVar("Made", bound=TestDesk)
COVERED: dict[int, tuple[str, ...]] = {}
"""Outbox row to the notices that it covers."""


@dataclass
class DeskReader:
    """The reads of a renderer, on a desk in memory."""

    desk: TestDesk
    customers: dict[str, Customer] = field(default_factory=lambda: dict(CUSTOMERS))

    def case(self, case_id: str) -> Case | None:
        return self.desk.record.cases.get(case_id)

    def cases_of(self, policy: str, kinds: Any, *, what: str, begin: datetime, end: datetime) -> list[str]:
        return self.desk.cases_of(policy, kinds, what=what, begin=begin, end=end)

    def words(self, case_id: str) -> Mapping[str, str | None]:
        return self.desk.record.words

    def log(self, case_id: str) -> list[Recorded]:
        return self.desk.record.logs[case_id]

    def customer(self, code: str) -> Customer | None:
        return self.customers.get(code)

    def card(self, case_id: str, kind: str, visit: int | None = None, to: str | None = None) -> tuple[str, str] | None:
        return ("CGMOFFICE", "1794190500.000100") if kind in ("home", "approval") else None


def renderer(desk: TestDesk, language: str = "zh-Hant") -> CardRenderer:
    """Return a renderer for a desk in memory; every member reads *language*."""
    return CardRenderer(
        reader=DeskReader(desk),
        shelf=desk,
        settings=desk.settings,
        clock=desk.clock,
        notices=lambda message: [n for n in desk.record.notices if n.id in COVERED[message]],
        language_of=lambda member: language,
        link=lambda channel, ts: f"https://example.slack.com/archives/{channel}/p{ts.replace('.', '')}",
    )


def row_of(notices: Notice | Iterable[Notice]) -> OutboxRow:
    """Return the outbox row that covers these notices."""
    covered = [notices] if isinstance(notices, Notice) else list(notices)
    first, number = covered[0], len(COVERED) + 1
    COVERED[number] = tuple(n.id for n in covered)
    return OutboxRow(
        id=number, key="k", action="post", kind=first.kind, to=first.to, case_id=first.case_id, visit=first.visit,
        deadline=first.deadline, thread=first.thread, priority=int(first.priority), live=first.live,
        facts=first.facts, attempts=0, sent_from=None, state="sending", notices=COVERED[number],
    )  # fmt: skip


def draw(desk: TestDesk, notices: Notice | Iterable[Notice], language: str = "zh-Hant") -> Card:
    """Return the card of a notice (or of several in one message)."""
    drawn = renderer(desk, language).render(row_of(notices))
    assert isinstance(drawn, Card), drawn
    return drawn


def redraw(desk: TestDesk, notice: Notice, language: str = "zh-Hant", reader: DeskReader | None = None) -> Card:
    """Return the card of a notice as it is rewritten when its case has moved on."""
    channel = notice.to if not notice.to.startswith("U") else f"D{notice.to}"
    stale = StaleCard(
        id=1, message=row_of(notice).id, case_id=str(notice.case_id), visit=notice.visit, deadline=notice.deadline,
        kind=notice.kind, to=notice.to, channel=channel, ts="1.0", shown_digest=None, shown_seq=0, wanted_seq=99, facts=notice.facts,
    )  # fmt: skip
    drawn = replace(renderer(desk, language), reader=reader or DeskReader(desk)).refresh(stale)
    assert isinstance(drawn, Card), drawn
    return drawn


def objects(card: Card) -> Iterator[dict[str, Any]]:
    """Return every object of a card's blocks, in order."""

    def walk(part: Any) -> Iterator[dict[str, Any]]:
        if isinstance(part, dict):
            yield part
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from walk(inner)

    return walk(list(card.blocks))


def texts(card: Card) -> list[str]:
    """Return every text of a card's blocks, in order."""
    return [part["text"] for part in objects(card) if isinstance(part.get("text"), str)]


def buttons(card: Card) -> list[tuple[str, str]]:
    """Return label and action id of every button."""
    return [(part["text"]["text"], part["action_id"]) for part in objects(card) if part.get("type") == "button"]


def shown(card: Card) -> str:
    """Return a card as lines to read."""
    return "\n".join(["~ " + card.text, *texts(card)])


NOW = datetime(2026, 11, 2, tzinfo=UTC)


def in_english(desk: Made) -> Made:
    """Let the desk speak English, and return it."""
    desk.settings.people = replace(desk.settings.people, language="en")
    return desk
