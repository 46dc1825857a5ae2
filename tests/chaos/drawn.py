"""How the cards should look now, drawn from the record beside the bots; also those that are said never to change again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.office import open_office
from bot.settings import load_settings
from complaints.ports import StaleCard
from handlers.render import Card, CardRenderer
from storage.codec import load
from storage.tables import posted_cards as cards
from tests.chaos.stage import Stage


def draw_cards(stage: Stage) -> dict[tuple[str, str], tuple[str, Any]]:
    """
    Return text and blocks of each card by (channel, ts); of a reminder that is over the text alone, for it keeps the words of
    its day when they are corrected later. No bot may work on the database meanwhile.
    """
    office = open_office(load_settings(stage.environment()))
    office.links.base = stage.team_url()
    renderer = CardRenderer(
        reader=office.store.reader, shelf=office.store.shelf, settings=office.watched, clock=office.clock,
        notices=office.store.outbox.notices, language_of=lambda member: "en", link=office.links,
    )  # fmt: skip
    found: dict[tuple[str, str], tuple[str, Any]] = {}
    try:
        with office.store.engines.read.connect() as core:
            rows = core.execute(select(cards)).mappings().all()
        for row in rows:
            shown = renderer.refresh(_card(row))
            if isinstance(shown, Card):
                is_over = row["kind"] == "reminder" and not row["live"] and shown.is_last
                found[row["channel"], row["ts"]] = (shown.text, None if is_over else shown.blocks)
    finally:
        office.close()
    return found


def _card(row: Any) -> StaleCard:
    return StaleCard(
        id=row["id"], message=row["message"], case_id=row["case_id"], visit=row["visit"], deadline=row["deadline"],
        kind=row["kind"], to=row["dest"], channel=row["channel"], ts=row["ts"], shown_digest=row["shown_digest"],
        shown_seq=row["shown_seq"],
        wanted_seq=row["wanted_seq"], facts=load(row["facts"]),
    )  # fmt: skip
