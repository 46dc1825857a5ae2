"""What a new version of a policy changes, in the plain sentences of `policy_show`: for whoever puts it in force."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from complaints.policy import Policy
from complaints.policy_show import policy_show

REMOVED, ADDED = "−", "+"
_BULLET = re.compile(r"^\s*(?:[-#]+|\d+\.)\s+")
_SOURCE = re.compile(r"\s*\[[^\[\]]*\]")
_VERSION = 2  # lines: the name of the regulation, then (behind an empty one) its version: the card says both
_IN_SOURCE = r"(?![^\[\]]*\])"
_PARTS, _ITEMS = re.compile(f"(?:; |；){_IN_SOURCE}"), re.compile(f"(?:, |、){_IN_SOURCE}")
_COLON = re.compile(r": |：")


def policy_changes(old: Iterable[Policy], new: Iterable[Policy], language: str) -> list[str]:
    """
    Return what is different between the policies of two bundles, a line each, plain text: `Quality analysis: within 2 days → within 1 day`; a sentence that
    is new with a plus, one that is gone with a minus in front. Empty where nothing but wording that nobody reads differs.

    Numbers of steps, and sources as long as the rule differs too, are left out.
    """
    was, now = _sentences(old, language), _sentences(new, language)
    gone, come = [s for s in was if s not in now], [s for s in now if s not in was]
    found: list[str] = []
    for sentence in come:
        before = _before(sentence, gone, come)
        if before is None:
            found.append(f"{ADDED} {sentence}")
        else:
            gone.remove(before)
            found.append(_difference(before, sentence))
    return found + [f"{REMOVED} {sentence}" for sentence in gone]


def _sentences(policies: Iterable[Policy], language: str) -> list[str]:
    shown = (policy_show(policy, language).splitlines()[_VERSION + 1 :] for policy in policies)
    stripped = (_BULLET.sub("", line).strip() for lines in shown for line in lines)
    return list(dict.fromkeys(line for line in stripped if line))


def _before(sentence: str, gone: Iterable[str], come: Iterable[str]) -> str | None:
    """Return what the sentence said before: the one of those that are gone about the same thing, if it is but one."""
    head = _head(sentence)
    same = [s for s in gone if _head(s) == head]
    return same[0] if head and len(same) == 1 and sum(_head(s) == head for s in come) == 1 else None


def _head(sentence: str) -> str:
    """Return what a sentence is about: the words before its first colon."""
    return sentence[: found.start()] if (found := _COLON.search(sentence)) else ""


def _difference(was: str, now: str) -> str:
    head = _head(now)
    old, new = _parts(was[len(head) :]), _parts(now[len(head) :])
    if [_SOURCE.sub("", p) for p in old] != [_SOURCE.sub("", p) for p in new]:
        old, new = [_SOURCE.sub("", p) for p in old], [_SOURCE.sub("", p) for p in new]
    pairs = _paired([p for p in old if p not in new], [p for p in new if p not in old])
    return f"{now[: len(head)]}{'：' if now[len(head)] == '：' else ': '}{'; '.join(pairs)}"


def _parts(text: str) -> list[str]:
    return [part.strip(" .。") for part in _PARTS.split(_COLON.sub("", text, count=1)) if part.strip(" .。")]


def _paired(gone: list[str], come: list[str]) -> Iterator[str]:
    """Yield each part with what it was: in the same place where as many went as came, else one by one."""
    if len(gone) == len(come):
        yield from (_part(was, now) for was, now in zip(gone, come, strict=True))
        return
    for now in come:
        was = next((p for p in gone if _head(p) and _head(p) == _head(now)), None)
        if was is not None:
            gone.remove(was)
        yield f"{ADDED} {now}" if was is None else _part(was, now)
    yield from (f"{REMOVED} {part}" for part in gone)


def _part(was: str, now: str) -> str:
    """Return a part with what it was; of a list only what went out of it and came in."""
    colon = _COLON.search(now)
    head = now[: colon.end()] if colon is not None and _head(was) == _head(now) else ""
    old, new = _ITEMS.split(was[len(head) :]), _ITEMS.split(now[len(head) :])
    gone, come = [i for i in old if i not in new], [i for i in new if i not in old]
    if not gone and not come:  # the same in another order
        return f"{was} → {now[len(head) :]}"
    if len(gone) == len(come):
        return head + ", ".join(f"{was} → {now}" for was, now in zip(gone, come, strict=True))
    return head + " ".join([f"{REMOVED} {i}" for i in gone] + [f"{ADDED} {i}" for i in come])
