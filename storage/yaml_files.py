"""
Reads YAML strictly: the core types of YAML 1.2, each place with its line, every finding at once.

PyYAML's own loaders turn `on` into True, `18:00` into 1080, `no` into False, `1.10` into 1.1, and take the last of two equal
keys. Here `true` and `false` are the only booleans, numbers with a point are decimals, keys are text; duplicate keys, anchors,
aliases, merge keys, tags, several documents, deep nesting and large files are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

MAX_BYTES = 512 * 1024
MAX_DEPTH = 40
MAX_NODES = 60_000

Loc = tuple[str | int, ...]
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,12}")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Mn", "Mc", "Me"})
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class YamlText:
    """What a YAML text holds: its *data*, the *lines* of every place (from 1), and what was *wrong* (line, place, words)."""

    data: Any = None
    lines: dict[Loc, int] = field(default_factory=dict)
    wrong: list[tuple[int | None, Loc, str]] = field(default_factory=list)

    def line(self, loc: Loc) -> int | None:
        """Return the line of a place, or of the nearest place around it."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc)


def read_yaml(raw: bytes | str) -> YamlText:
    """Return what *raw* holds; nothing is raised, `wrong` says what cannot be read."""
    read = YamlText()
    text = _decoded(raw, read)
    if text is None:
        return read
    try:
        _Builder(read).build(yaml.parse(text, Loader=_PARSER))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        read.wrong.append((line, (), f"this is not YAML: {error.problem or error.context}"))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        read.wrong.append((line, (), f"{_code(error.character)} stands here, which no text file holds; take it out"))
    except (yaml.YAMLError, RecursionError, UnicodeError) as error:
        read.wrong.append((None, (), f"this is not YAML: {error}"))
    except _TooMuch as error:
        read.wrong.append((error.line, (), str(error)))
    return read


class _TooMuch(Exception):
    """The file is deeper or larger than any regulation."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def _decoded(raw: bytes | str, read: YamlText) -> str | None:
    size = len(raw)
    if size > MAX_BYTES:
        read.wrong.append((None, (), f"the file has {size} bytes; at most {MAX_BYTES} are read"))
        return None
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        read.wrong.append((line, (), "the file is not UTF-8; save it as UTF-8"))
        return None


class _Builder:
    """Builds plain data from YAML's events."""

    def __init__(self, read: YamlText) -> None:
        self.read, self.nodes = read, 0

    def build(self, events: Iterator[Any]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._wrong(event, (), "a second document (`---`) stands here; one file is one policy")
                    return
            elif isinstance(event, yaml.NodeEvent):
                self.read.data = self._node(event, events, (), 1)

    def _wrong(self, event: Any, loc: Loc, text: str) -> None:
        self.read.wrong.append((event.start_mark.line + 1, loc, text))

    def _node(self, event: Any, events: Iterator[Any], loc: Loc, depth: int) -> Any:
        line = event.start_mark.line + 1
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise _TooMuch(line, f"nested deeper than {MAX_DEPTH}")
        if self.nodes > MAX_NODES:
            raise _TooMuch(line, f"more than {MAX_NODES} entries")
        self.read.lines.setdefault(loc, line)
        if isinstance(event, yaml.AliasEvent):
            self._wrong(event, loc, f"the alias *{event.anchor} is refused; write the words again")
            return None
        self._plain_only(event, loc)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, loc, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, loc, depth)
        self._seen_only(event, loc)
        return _scalar(event)

    def _seen_only(self, event: Any, loc: Loc) -> None:
        """Refuse what an escape can write and no database keeps, and a text that nobody sees."""
        found = next((c for c in event.value if unicodedata.category(c) == "Cc" and c not in "\n\t"), None)
        if found is not None:
            self._wrong(event, loc, f"the control character {_code(found)} stands here; take it out")
        elif event.value.strip() and not is_seen(event.value):
            self._wrong(event, loc, f"nothing of this text can be seen ({_code(event.value.strip()[0])}); write words")

    def _plain_only(self, event: Any, loc: Loc) -> None:
        if event.anchor is not None:
            self._wrong(
                event,
                loc,
                f"the anchor &{event.anchor} is refused; write the words again where they are needed",
            )
        if event.tag is not None and event.tag != "!":
            self._wrong(event, loc, f"the tag {event.tag} is refused; plain values need none")

    def _sequence(self, events: Iterator[Any], loc: Loc, depth: int) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, events, (*loc, len(items)), depth + 1))
        return items

    def _mapping(self, events: Iterator[Any], loc: Loc, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, events, loc)
            line = event.start_mark.line + 1
            if key in found:
                first = self.read.lines[(*loc, key)]
                self._wrong(
                    event,
                    (*loc, key),
                    f'the key "{key}" stands twice, first in line {first}; keep one of them',
                )
                self._node(next(events), events, (*loc, key, "again"), depth + 1)
                continue
            self.read.lines[(*loc, key)] = line
            found[key] = self._node(next(events), events, (*loc, key), depth + 1)
        return found

    def _key(self, event: Any, events: Iterator[Any], loc: Loc) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise _TooMuch(
                event.start_mark.line + 1,
                "a key must be plain text; quote what has brackets, commas or a colon",
            )
        if event.value == "<<":
            self._wrong(event, loc, "the merge key << is refused; write the words again")
        self._plain_only(event, loc)
        self._seen_only(event, loc)
        return str(event.value)


def is_seen(text: str) -> bool:
    """Say whether anything of *text* can be seen: Slack refuses a label without a visible character, and so a whole card."""
    return any(not c.isspace() and unicodedata.category(c) not in _UNSEEN for c in text)


def _code(character: str | int) -> str:
    return f"U+{character if isinstance(character, int) else ord(character):04X}"


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style:
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text
