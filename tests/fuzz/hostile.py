"""What somebody could send who wishes us ill: words, JSON, and what to look for in what we show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

NASTY = (
    "<!channel>", "<!here>", "<!everyone>", "<!subteam^S123>", "<@UGM>", "<#CSALES>", "<https://evil.example|Approve>",
    "https://evil.example", "@channel", "@here", ":white_check_mark:", "*bold*", "_it_", "~no~", "`code`", "```\nblock\n```",
    ">quote", "&lt;!channel&gt;", "&amp;lt;", "\u202eegnahc\u202c", "\u2066x\u2069", "\u200b", "\u200d", "\ufeff", "\u00ad",
    "\x00", "\x07", "\x1b[31m", "\r", "\n\n\n", "\u2028", "\ud800", "\udfff\ud800", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U000e0041", "e" + "\u0301" * 60, "Z̸̢̛͔͈͙͉", "ﷺ", "𒐫", "國" * 40, "{0.__class__}", "{{ 7*7 }}", "{% raw %}", "%s%n", "=1+1",
    "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\t=1", "＝1", "<script>alert(1)</script>", "]]>", "<!--", "'\"><img src=x>",
    "'; DROP TABLE events; --", "../../etc/passwd", "$words", '{"$words":"w1"}', "unknown", "null", "NaN", "1e999999999",
    "Infinity", "-0", "９９９", "²", "9" * 400, "<!date^1^{date}|x>", "new:", "1|case1|1|0|",
)  # fmt: skip

words = st.lists(
    st.one_of(st.sampled_from(NASTY), st.text(st.characters(codec=None), max_size=12)), min_size=1, max_size=6
).map("".join)
"""Pieces that mean something to somebody, between any characters, halves of characters too."""

long_words = st.builds(lambda text, n: (text * n)[:3000], words.filter(bool), st.sampled_from((1, 7, 400, 3000)))

json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.integers(min_value=10**300, max_value=10**301), st.floats(), words),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip

_TOKEN = re.compile(r"<([^<>]*)>")
_OURS = re.compile(
    r"!date\^\d+\^[^|]*\|[^<>]*|@[UW][A-Z0-9_]+|#C[A-Z0-9]+|https://example\.slack\.com/[^|<>]*(\|[^<>]*)?"
)


def places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Go through the path of every value in a payload."""
    if path:
        yield path
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


def changed(part: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a payload with another value at one place."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(part, dict):
        return {k: changed(v, rest, value) if k == key else v for k, v in part.items()}
    return [changed(v, rest, value) if n == key else v for n, v in enumerate(part)]


def mrkdwn_in(part: Any) -> Iterator[str]:
    """Go through the texts that Slack reads as mrkdwn, and those for the notification."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield str(part["text"])
        elif "type" not in part and isinstance(part.get("text"), str):
            yield part["text"]
        for value in part.values():
            yield from mrkdwn_in(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from mrkdwn_in(value)


def foreign_tokens(part: Any) -> list[str]:
    """Return mentions, links and dates in what we show that are not of our own making."""
    return [t for text in mrkdwn_in(part) for t in _TOKEN.findall(text) if not _OURS.fullmatch(t)]
