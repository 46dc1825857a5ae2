"""A case as a file that leaves the desk: what it is, what was filled in, its whole log, and what proves it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from complaints.case import CaseFile as Attached
from complaints.clocks import CASE_CLOCK
from complaints.events import Recorded
from complaints.views_matter import customer_of
from complaints.views_names import CONTACT_MASK, is_words, own_codes, without_contacts, without_names
from complaints.views_words import field_label, value_text
from handlers.modals.history import history_line
from handlers.report_texts import Sheet
from handlers.scenes import Scene
from handlers.texts import say

_MENTION = re.compile(r"<[@#]([A-Z0-9]+)(?:\|[^>]*)?>")
_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_NUMBER = re.compile(r"(?<![A-Za-z0-9_-])(?:\+\d[\d -]{7,}\d|0\d[\d -]{6,}\d|1[3-9]\d{9})(?![A-Za-z0-9_-])")


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFile:
    """The parts in words, for a page or a workbook."""

    title: str
    sheets: tuple[Sheet, ...]
    footer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What the record says of the log: its number of events, the hash of the last, and where it breaks (None: nowhere)."""

    events: int
    head: str
    broken: int | None = None


def case_file(scene: Scene, log: Iterable[Recorded], proof: Proof, at: datetime) -> CaseFile:
    """Return the case for who exports it (`scene.member`), names and contacts masked unless the scene is full."""
    return CaseFile(
        title=say(scene.language, "file.title", no=scene.case.name),
        sheets=(
            _part(scene, "case", (), head_rows(scene)),
            _part(scene, "fields", ("field", "value"), _fields(scene)),
            _part(scene, "files", ("name", "size", "by", "sha256"), _files(scene)),
            _part(scene, "log", ("seq", "at", "by", "what", "event"), log_rows(scene, log)),
            _part(scene, "proof", (), _proof(scene, proof)),
        ),
        footer=footer_line(scene, at),
    )


def footer_line(scene: Scene, at: datetime) -> str:
    """Return who took the file out and when, and whether names and contacts are masked in it."""
    footer = "file.footer_personal" if scene.is_full else "file.footer_masked"
    return say(scene.language, footer, who=scene.member, at=instant(scene, at))


def _part(scene: Scene, name: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Sheet:
    heads = tuple(say(scene.language, f"file.head.{h}") for h in head)
    return Sheet(title=say(scene.language, f"file.{name}"), head=heads, rows=tuple(rows))


def head_rows(scene: Scene) -> Iterator[tuple[str, str]]:
    """Return what a file says of the case itself, each with its label; what is not known yet is left out."""
    case, language, policy = scene.case, scene.language, scene.policy
    customer = customer_of(scene.look, policy, case)
    promise = case.clock(CASE_CLOCK)
    linked = [name for link in case.links if (name := scene.name_of(link.other, link.link))]
    facts = {
        "policy": policy.label(policy.id, language),
        "version": case.bundle,
        "status": say(language, f"status.{case.status}"),
        "outcome": policy.label(case.outcome, language) if case.outcome else "",
        "customer": " ".join(p for p in (customer.code, customer.name) if p) if customer else "",
        "reporter": case.reporter,
        "opened": instant(scene, case.opened_at),
        "due": instant(scene, promise.due_at) if promise is not None else "",
        "closed": instant(scene, case.closed_at),
        "finished": instant(scene, case.finished_at),
        "linked": ", ".join(linked),
    }
    yield from ((say(language, f"file.{name}"), text) for name, text in facts.items() if text)


def _fields(scene: Scene) -> Iterator[tuple[str, str]]:
    for name, value in scene.case.fields.items():
        if name in scene.policy.fields:
            yield field_label(scene.policy, name, scene.language), field_words(scene, name, value)


def field_words(scene: Scene, name: str, value: object) -> str:
    """Return what stands in a field, as far as this reader may see it: whole, with names masked, or not at all."""
    definition = scene.policy.fields[name]
    if scene.hides(name) or (definition.is_contact and not scene.is_full):
        return say(scene.language, "file.hidden")
    if is_words(value) and definition.type != "customer":
        text = scene.said(value)
        return say(scene.language, "form.erased") if text is None else _without_contacts(scene, text)
    if definition.type == "lines" and isinstance(value, list | tuple):
        texts = (" · ".join(part for _, part in row) for row in scene.seen_rows(definition, value))
        return "\n".join(masked(scene, text) for text in texts)
    return value_text(scene.look, scene.policy, scene.case, name, value)


def masked(scene: Scene, text: str) -> str:
    """Return words as this reader sees them in a file: names masked, without how to reach anybody."""
    return _without_contacts(scene, _without_names(scene, text))


def _without_names(scene: Scene, text: str) -> str:
    return without_names(text, scene.look, scene.policy, scene.case)


def _without_contacts(scene: Scene, text: str) -> str:
    """
    Mask mail addresses and telephone numbers in free words, for who has no need of them. A file leaves the desk: other long
    numbers that may be telephone numbers go too.
    """
    if scene.is_full:
        return text
    own = own_codes(scene.policy, scene.case)
    return _NUMBER.sub(lambda m: m[0] if m[0] in own else CONTACT_MASK, without_contacts(text, scene.look, own))


def _files(scene: Scene) -> Iterator[tuple[str, str, str, str]]:
    for file in scene.case.files.values():
        yield file_name(scene, file), str(file.size), file.by, file.sha256 or "–"


def file_name(scene: Scene, file: Attached) -> str:
    """Return the name that a file was given, as far as this reader may see it."""
    return _without_contacts(scene, scene.said(file.name) or say(scene.language, "form.erased"))


def log_rows(scene: Scene, log: Iterable[Recorded]) -> Iterator[tuple[str, str, str, str, str]]:
    """Return of each event its number, when, by whom, what happened in words, and its kind."""
    for recorded in log:
        words = _without_contacts(scene, history_words(scene, recorded))
        kind = type(recorded.event).__name__
        yield str(recorded.seq), instant(scene, recorded.at), recorded.actor, words, kind


def history_words(scene: Scene, recorded: Recorded) -> str:
    """Return what the log says of an event, in plain words; "" for what happens inside."""
    line = history_line(scene, recorded, bare=True)
    return html.unescape(_MENTION.sub(r"\1", _DATE.sub(r"\1", line)))


def _proof(scene: Scene, proof: Proof) -> Iterator[tuple[str, str]]:
    language = scene.language
    whole = "file.whole" if proof.broken is None else "file.broken"
    yield say(language, "file.events"), str(proof.events)
    yield say(language, "file.head"), proof.head
    yield say(language, "file.chain"), say(language, whole, seq=str(proof.broken))
    yield "", say(language, "file.how")


def instant(scene: Scene, at: datetime | None) -> str:
    """Return an instant in the desk's zone; "" for none."""
    return f"{at.astimezone(ZoneInfo(scene.zone)):%Y-%m-%d %H:%M:%S %z}" if at is not None else ""
