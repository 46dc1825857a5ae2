"""Turns what a person types into what Slack stores: escaped, with mentions as tokens."""

from __future__ import annotations

import re

from sandbox.world.workspace import Workspace

_TOKEN = re.compile(r"<(@[UW][A-Z0-9]+|#C[A-Z0-9]+|!channel|!here|!everyone)>")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_typed(workspace: Workspace, text: str, *, escape_mentions: bool = True) -> str:
    """
    Return *text* as Slack stores it when a person types it.

    Only `& < >` are escaped. A mention is a token of a real member or channel, or `@name`; it stays plain
    text where *escape_mentions* is off, as in slash commands without `should_escape`.
    """
    parts, last = [], 0
    for token in _TOKEN.finditer(text):
        parts += [escaped(text[last : token.start()]), _token(workspace, token, escape_mentions)]
        last = token.end()
    typed = "".join([*parts, escaped(text[last:])])
    return _named_mentions(workspace, typed) if escape_mentions and "@" in typed else typed


def _token(workspace: Workspace, token: re.Match[str], escape_mentions: bool) -> str:
    word = token[1]
    person, channel = workspace.people.get(word[1:]), workspace.channels.get(word[1:])
    if not (person or channel or word.startswith("!")):
        return escaped(token[0])
    if escape_mentions:
        return token[0]
    return f"@{person.name}" if person else f"#{channel.name}" if channel else f"@{word[1:]}"


def _named_mentions(workspace: Workspace, text: str) -> str:
    people = sorted(workspace.people.values(), key=lambda each: -len(each.real_name))
    for person in people:
        for name in {person.real_name, person.name}:
            text = re.sub(rf"(?<![\w<])@{re.escape(name)}(?!\w)", f"<@{person.id}>", text)
    return re.sub(r"(?<![\w<])@(channel|here)\b", r"<!\1>", text)
