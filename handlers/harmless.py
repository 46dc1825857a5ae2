"""People's words made harmless: they can't mention, format, spoof a sign or break out of their place on a card."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
MOST_MARKS = 3
"""Combining marks in a row; more of them would spill over the lines around."""

_BREAKS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_FORMATTING = re.compile(r"(?<!\w)[*_~`]+|[*_~`]+(?!\w)")
_WIDE = str.maketrans("*_~`", "＊＿～｀")
_SIGN = re.compile(r":(?=[\w+'-]*[A-Za-z][\w+'-]*:)")
_COMBINING = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20f0]"
_MARKS = re.compile(f"({_COMBINING}{{{MOST_MARKS}}}){_COMBINING}+")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_KEPT = frozenset("\n\t")


def escape(text: str) -> str:
    """
    Return people's words for mrkdwn: `& < >` as entities (so no mention, link or date works), formatting signs at
    the edge of words and `:sign:` codes as look-alikes, invisible and direction controls gone. Lines stay.
    """
    clean = _SIGN.sub("：", _FORMATTING.sub(lambda m: m[0].translate(_WIDE), _visible(text)))
    return clean.translate(_ENTITIES)


def one_line(text: str, limit: int | None = None) -> str:
    """Return people's words for a one-line place in mrkdwn, cut to *limit* characters before escaping."""
    flat = plain(text)
    return escape(fit(flat, limit) if limit else flat)


def plain(text: str, limit: int | None = None) -> str:
    """Return people's words for a plain-text place (header, button, option): one line, nothing invisible."""
    flat = _SPACES.sub(" ", _visible(text)).strip()
    return fit(flat, limit) if limit else flat


def quoted(text: str, limit: int) -> str:
    """Return people's words as a quote in mrkdwn; every line carries the quote's sign, so that none looks like ours."""
    lines = [line.strip() for line in fit(_visible(text).strip(), limit).split("\n")]
    return "\n".join(f">{escape(line)}" for line in lines if line)


def fit(text: str, limit: int) -> str:
    """Return *text* cut visibly, with "…", to at most *limit* characters."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + ELLIPSIS


def _visible(text: str) -> str:
    """Drop what can't be seen (controls, zero width, direction) and settle line ends."""
    flat = _BREAKS.sub("\n", unicodedata.normalize("NFC", text))
    shown = "".join(c for c in flat if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return _MARKS.sub(r"\1", shown)
