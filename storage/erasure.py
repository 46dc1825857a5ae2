"""Erasing words: row and salt go, and so do the copies that delivery keeps; what was posted is drawn again without them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from complaints.events import Recorded
from storage import posted_cards, words
from storage.codec import dump, load
from storage.tables import acts, notices, outbox
from storage.tables import posted_cards as cards
from storage.wire import Sql, Wire

ERASED = ""
"""What stands in delivery's facts where erased words stood."""

_OF_CASE = {
    notices: notices.c.case_id == bindparam("case_id"),
    cards: cards.c.case_id == bindparam("case_id"),
    outbox: outbox.c.id.in_(select(notices.c.message).where(notices.c.case_id == bindparam("case_id"))),
}
_COPIES = tuple(
    (
        Sql(select(table.c.id, table.c.facts).where(of_case)),
        Sql(update(table).where(of_case, table.c.id == bindparam("of_id")).values(facts=bindparam("new_facts"))),
    )
    for table, of_case in _OF_CASE.items()
)

_CONTENTS = Sql(update(acts).where(acts.c.log_id == bindparam("case_id")).values(contents=None))


def follow(wire: Wire, case_id: str, recorded: Sequence[Recorded]) -> None:
    """Erase what these events say is erased."""
    doomed = [word for rec in recorded for word in words.erased_by(rec.event)]
    if not doomed:
        return
    posted_cards.all_again(wire, case_id)
    wire.run(_CONTENTS, {"case_id": case_id})  # a digest of few words can be guessed
    texts = [text for text in words.erase(wire, case_id, doomed) if text]
    for read, write in _COPIES:
        for row_id, facts in wire.rows(read, {"case_id": case_id}):
            blanked = dump(_blanked(load(facts), texts))
            if blanked != facts:
                wire.run(write, {"case_id": case_id, "of_id": row_id, "new_facts": blanked})


def _blanked(value: Any, texts: list[str]) -> Any:
    if isinstance(value, str):
        return ERASED if any(text == value or (len(text) > 2 and text in value) for text in texts) else value
    if isinstance(value, dict):
        return {k: _blanked(v, texts) for k, v in value.items()}
    if isinstance(value, list):
        return [_blanked(v, texts) for v in value]
    return value
