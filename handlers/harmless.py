"""People's words made harmless: they can't mention, format, spoof a sign or break out of their place on a card."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

ELLIPSIS = "…"
NEAR = 40
"""Characters before a limit in which a space is looked for."""
MOST_MARKS = 3
"""Marks on one letter, in any script; more of them would spill over the lines around."""

_BREAKS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_FORMATTING = re.compile(r"(?<!\w)[*_~`]+|[*_~`]+(?!\w)")
_WIDE = str.maketrans("*_~`", "＊＿～｀")
_SIGN = re.compile(r":(?=[\w+'-]*[^\W\d_][\w+'-]*:)|:(?=[+-]1:)|(?<!\d):(?=(?:100|1234):)")
"""The beginning of a sign's code, a workspace's own with Chinese letters too; a time (10:30:00) is none."""
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_KEPT = frozenset("\n\t")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_NEVER_SEEN = re.compile("[\u2065\ufdd0-\ufdef\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Of what has no meaning yet: these never will show. All else that this Python does not know may be a newer character of
somebody's name, and a private one the company's own way to write it: people see a sign, or a box in its place."""
_MARKS = frozenset({"Mn", "Me"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
"""Characters that look like nothing although Unicode counts them as letters, signs or marks."""


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


def fit_mrkdwn(text: str, limit: int) -> str:
    """Cut mrkdwn visibly to *limit*, never inside a token or an entity."""
    return text if len(text) <= limit else f"{text[: _break(text, limit - 2)].rstrip()} {ELLIPSIS}"


def pieces(text: str, limit: int) -> Iterator[str]:
    """Go through mrkdwn in pieces of at most *limit* characters, broken at a space where one is near; a quote stays one."""
    sign = ">" if text.startswith(">") else ""
    while len(text) > limit:
        at = _break(text, limit)
        space = text.rfind(" ", max(at - NEAR, 1), at)
        at = space if space > 0 else at
        yield text[:at].rstrip()
        text = sign + text[at:].lstrip()
    if text.strip(sign + " "):
        yield text


def _break(text: str, at: int) -> int:
    """Return where mrkdwn can be cut at the latest, before *at*: not inside a token or an entity."""
    for opening, closing in (("<", ">"), ("&", ";")):
        begun = text.rfind(opening, 0, at)
        if begun > at // 2 and text.find(closing, begun, at) < 0 and text.find(closing, at) >= 0:
            at = begun
    return at


def is_blank(text: str) -> bool:
    """Say whether nothing of *text* can be seen: a reason of zero-width characters is none."""
    return all(c.isspace() or unicodedata.category(c) in _MARKS for c in _visible(text))


def _visible(text: str) -> str:
    """Drop what can't be seen (controls, zero width, direction, blanks that count as letters), settle line ends, and leave
    a letter at most three marks."""
    shown, marks = [], 0
    for c in _BREAKS.sub("\n", unicodedata.normalize("NFC", text)):
        kind = unicodedata.category(c)
        if c not in _KEPT and (kind in _UNSEEN or c in _BLANK or (kind == "Cn" and _is_never_seen(c))):
            continue
        marks = marks + 1 if kind in _MARKS else 0
        if marks <= MOST_MARKS:
            shown.append(c)
    return "".join(shown)


def _is_never_seen(unknown: str) -> bool:
    return ord(unknown) & 0xFFFE == 0xFFFE or _NEVER_SEEN.match(unknown) is not None
