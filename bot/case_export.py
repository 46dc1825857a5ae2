"""A case taken out of the desk as a file: recorded first, then written, with what proves its log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.office import Office
from bot.reporting import world_for_figures
from complaints.commands import ExportCase
from complaints.refusals import Refusal
from complaints.world import policy_of
from handlers.cards.refs import Ref
from handlers.documents.case_file import CaseFile, Proof, case_file, field_words, history_words, masked
from handlers.documents.eight_d import eight_d_page
from handlers.documents.event_log import Logged, logs_csv, logs_xes
from handlers.documents.workbook import workbook
from handlers.report_texts import page
from handlers.scenes import Scene
from storage import chain, words
from storage.chain import Link
from storage.wire import read_wire

FORMATS = ("json", "html", "8d", "xlsx", "csv", "xes")
LOGS = ("csv", "xes")
"""Formats that hold the logs of many cases."""
FORMAT = "redress-case/1"
CHAIN = (
    'hash = sha256(hash before + "\\n" + line) in lower-case hex, before the first stand 64 zeros; line = compact JSON in UTF-8 '
    '{"actor":…,"at":…,"body":…,"digests":…,"kind":…,"log":…,"seq":…} with body and digests byte for byte as here; '
    "a digest is sha256(salt + text) of somebody's words; an event whose body is null has in it what this reader may not see: "
    "its hash alone stands for it, and the next one follows from that"
)
ALL_WORDS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be written: *member* takes it out, *personal* with names and contacts and *why*."""

    case_id: str
    member: str
    form: str
    language: str
    personal: bool = False
    why: str = ""


def export(office: Office, wanted: Wanted) -> bytes:
    """
    Record that the case is taken out, and return the file.

    Raises:
        Refusal: this person may not (or not with names), or a rule of the regulation locks it; nothing is written.
    """
    now = office.clock.now()
    scene = _taken_out(office, wanted, now)
    found = _links(office, wanted.case_id)
    if wanted.form == "json":
        return json.dumps(_as_json(office, scene, found, wanted, now), ensure_ascii=False, indent=1).encode()
    if wanted.form == "8d":
        return eight_d_page(scene, now).encode()
    proof = Proof(events=len(found), head=found[-1].hash, broken=chain.first_break(wanted.case_id, found))
    written = case_file(scene, office.store.reader.log(wanted.case_id), proof, now)
    return _written(written, wanted)


def export_logs(office: Office, cases: Sequence[Wanted], *, leave_out: bool = False) -> tuple[bytes, int]:
    """
    Record of each that it is taken out, and return the logs of all, in the format of the first, and how many were left
    out: with *leave_out* those that this person may not take out.

    Raises:
        Refusal: this person may not take one of them out (any of them, with *leave_out*); those before it are on record.
    """
    now, found, last = office.clock.now(), list[Logged](), None
    for wanted in cases:
        try:
            scene = _taken_out(office, wanted, now)
        except Refusal as refusal:
            if not leave_out:
                raise
            last = refusal
        else:
            found.append(Logged(scene=scene, log=office.store.reader.log(wanted.case_id)))
    if last is not None and not found:
        raise last
    return logs_xes(found) if cases[0].form == "xes" else logs_csv(found).encode(), len(cases) - len(found)


def _taken_out(office: Office, wanted: Wanted, now: datetime) -> Scene:
    key = f"{wanted.case_id}:export:{wanted.member}:{office.machine.now().isoformat()}"
    command = ExportCase(
        actor=wanted.member, key=key, case_id=wanted.case_id, form=wanted.form, personal=wanted.personal, why=wanted.why
    )
    office.desk.submit(command).result()
    return _scene(office, wanted, now)


def _written(file: CaseFile, wanted: Wanted) -> bytes:
    if wanted.form == "html":
        return page(file.title, file.sheets, file.footer, wanted.language).encode()
    return workbook(file.sheets)


def _scene(office: Office, wanted: Wanted, now: datetime) -> Scene:
    case = office.store.reader.case(wanted.case_id)
    assert case is not None  # the export was recorded in it
    bundle = office.store.shelf.bundle(case.bundle)
    return Scene(
        case=case, policy=policy_of(bundle, case.policy), world=world_for_figures(office, bundle, now),
        member=wanted.member, language=wanted.language, ref=Ref(case=case.id),
        words=office.store.reader.words(case.id), masked=not wanted.personal, longest_words=ALL_WORDS,
    )  # fmt: skip


def _links(office: Office, case_id: str) -> list[Link]:
    with read_wire(office.store.engines) as wire:
        return chain.links(wire, case_id)


def _as_json(office: Office, scene: Scene, found: list[Link], wanted: Wanted, now: datetime) -> dict[str, Any]:
    case = scene.case
    log, unknown = zip(found, office.store.reader.log(case.id), strict=True), _unknown_cases(scene)
    data = {
        "format": FORMAT, "exported_at": now.isoformat(), "exported_by": wanted.member, "personal": wanted.personal,
        "case": {"id": case.id, "number": case.number, "old_number": case.old_number, "policy": case.policy,
                 "bundle": case.bundle, "status": case.status, "outcome": case.outcome},
        "fields": {n: field_words(scene, n, v) for n, v in case.fields.items() if n in scene.policy.fields},
        "log": [_as_seen(scene, link, unknown) | {"said": history_words(scene, recorded)} for link, recorded in log],
        "proof": {"chain": CHAIN, "events": len(found), "head": found[-1].hash},
    }  # fmt: skip
    if wanted.personal:
        with read_wire(office.store.engines) as wire:
            kept = words.salted_of(wire, case.id)
        data["words"] = {word: {"salt": salt, "text": text} for word, (salt, text) in kept.items()}
    return data


def _unknown_cases(scene: Scene) -> tuple[str, ...]:
    """Return the cases that this one names, and that its reader may not know of (GA-05)."""
    case = scene.case
    parent = case.parent if case.parent and not scene.name_of(case.parent, case.link or "") else None
    return (*filter(None, [parent]), *(x.other for x in case.links if not scene.name_of(x.other, x.link)))


def _as_seen(scene: Scene, link: Link, unknown: Iterable[str]) -> dict[str, Any]:
    """
    Return an event as it is hashed, without what its reader may not see: one that names a case unknown to him, and one in
    which stands how to reach the customer or his name, where names are masked. The hash is enough to follow the chain.
    """
    if any(other in link.body for other in unknown):
        return {**asdict(link), "kind": None, "body": None}
    texts = () if scene.is_full else _texts(json.loads(link.body))
    return {**asdict(link), **({"body": None} if any(masked(scene, text) != text for text in texts) else {})}


def _texts(value: Any) -> Iterator[str]:
    """Yield every text that stands in a value."""
    if isinstance(value, str):
        yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _texts(part)


# --- checking a file ------------------------------------------------------------------------------------------------


class NotAnExport(ValueError):
    """The file is not a case exported as JSON."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a file proves: *broken* names the first wrong event or word, None for none. *withheld*: events of which only the
    hash is in it."""

    case: str
    events: int
    head: str
    broken: str | None
    withheld: int = 0


def check_file(raw: bytes) -> Checked:
    """Compute the chain of an exported case again from the file alone. Raises NotAnExport."""
    try:
        data = json.loads(raw)
        assert data["format"] == FORMAT
        case_id = str(data["case"]["id"])
        found = [Link(**{n: each[n] for n in Link.__slots__}) for each in data["log"]]
        kept = {w: (str(k["salt"]), str(k["text"])) for w, k in data.get("words", {}).items()}
        head, events = str(data["proof"]["head"]), int(data["proof"]["events"])
        withheld = {each.seq for each in found if each.body is None}
        broken = _broken(case_id, found, kept, withheld)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError) as error:
        raise NotAnExport("this is not a case exported as JSON") from error
    if broken is None and (not found or (found[-1].hash, len(found)) != (head, events)):
        broken = "the end of the log"
    return Checked(case=case_id, events=len(found), head=head, broken=broken, withheld=len(withheld))


def _broken(case_id: str, found: list[Link], kept: dict[str, tuple[str, str]], withheld: set[int]) -> str | None:
    number = chain.first_break(case_id, found, withheld)
    if number is not None:
        return f"event {number}"
    digests = _digests(found)
    return next(
        (f"words {w}" for w, (salt, text) in kept.items() if digests.get(w) != words.salted_digest(salt, text)), None
    )


def _digests(found: Iterable[Link]) -> dict[str, str]:
    return {word: digest for link in found for word, digest in json.loads(link.digests or "{}").items()}
