"""Names, contacts and free words: apart from the chain, so that they can be erased and the chain still verifies."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from hashlib import sha256

from sqlalchemy import bindparam, delete, select

from complaints import events as e
from storage.codec import dump, load
from storage.tables import events, words
from storage.wire import Sql, Wire, insert_into

_INSERT = insert_into(words)
_OF_LOG = Sql(select(words.c.id, words.c.text).where(words.c.log_id == bindparam("log_id")))
_SALTED = Sql(select(words.c.id, words.c.salt, words.c.text).where(words.c.log_id == bindparam("log_id")))
_DELETE = Sql(delete(words).where(words.c.id == bindparam("word"), words.c.log_id == bindparam("log_id")))


class StrayWords(ValueError):
    """Words were given that no event names; they would stand outside the chain."""


def keep(wire: Wire, log_id: str, bodies: list[str], texts: Mapping[str, str]) -> list[str]:
    """
    Keep words and return, for each event body, the JSON of the salted digests of those that it names first.

    Raises:
        StrayWords: none of *bodies* names one of *texts*.
    """
    if not texts:
        return ["{}"] * len(bodies)
    found: list[dict[str, str]] = [{} for _ in bodies]
    rows = []
    for word, text in texts.items():
        salt = secrets.token_hex(16)
        place = next((i for i, body in enumerate(bodies) if f'{{"$words":"{word}"' in body), None)
        if place is None:
            raise StrayWords(f"no event names the words {word!r}")
        found[place][word] = salted_digest(salt, text)
        rows.append({"id": word, "log_id": log_id, "salt": salt, "text": text})
    wire.many(_INSERT, rows)
    return [dump(digests) for digests in found]


def salted_digest(salt: str, text: str) -> str:
    """Return what the chain holds in place of words."""
    return sha256((salt + text).encode()).hexdigest()


def erase(wire: Wire, log_id: str, ids: Iterable[str]) -> list[str]:
    """Delete row and salt of words and return the texts that are gone; unknown ones are passed over."""
    texts = texts_of(wire, log_id)
    doomed = [word for word in ids if word in texts]
    wire.many(_DELETE, [{"word": word, "log_id": log_id} for word in doomed])
    return [texts[word] for word in doomed]


def texts_of(wire: Wire, log_id: str) -> dict[str, str]:
    """Return word id to text of the words that are still there."""
    return {row[0]: row[1] for row in wire.rows(_OF_LOG, {"log_id": log_id})}


def salted_of(wire: Wire, log_id: str) -> dict[str, tuple[str, str]]:
    """Return word id to salt and text of the words that are still there: with both, their digest can be computed."""
    return {row[0]: (row[1], row[2]) for row in wire.rows(_SALTED, {"log_id": log_id})}


def named_in(value: object) -> set[str]:
    """Return the ids of the words that a plain value refers to, however deep."""
    if isinstance(value, dict):
        word = value.get("$words")
        return {word} if isinstance(word, str) else set().union(*map(named_in, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(named_in, value))
    return set()


def erased_by(event: e.Event) -> tuple[str, ...]:
    return event.words if isinstance(event, e.WordsErased) else ()


_DIGESTS = Sql(select(events.c.digests).where(events.c.log_id == bindparam("log_id"), events.c.digests != "{}"))


def known_of(wire: Wire, log_id: str) -> dict[str, str | None]:
    """Return word id to text of all words that the log ever named; None where they were erased."""
    ids = (word for (digests,) in wire.rows(_DIGESTS, {"log_id": log_id}) for word in load(digests))
    texts = texts_of(wire, log_id)
    return {word: texts.get(word) for word in ids}
