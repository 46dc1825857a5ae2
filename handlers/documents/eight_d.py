"""A case as an 8D report: a page to print, discipline by discipline, with what is missing in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from complaints.case import Visit
from complaints.eight_d import (
    CallEntry,
    Entry,
    FactEntry,
    FieldEntry,
    FileEntry,
    PersonEntry,
    Section,
    StageEntry,
    eight_d,
)
from complaints.policy_words import DISCIPLINE_WORDS
from complaints.views_words import field_label, listed, role_name
from handlers.documents.case_file import field_words, file_name, footer_line, head_rows
from handlers.report_texts import filled_page
from handlers.scenes import Scene
from handlers.texts import say


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A line of a discipline. *tag*: what it says there: which kind of cause, that it was lifted. *note*: who and when."""

    label: str
    text: str
    note: str = ""
    tag: str = ""
    is_stage: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A discipline in words. *state*: full, gaps or empty. *source*: the clause that says what stands here."""

    id: str
    name: str
    state: str
    state_words: str
    source: str
    rows: tuple[Row, ...]
    gaps: tuple[str, ...]
    missing: str


def eight_d_page(scene: Scene, at: datetime) -> str:
    """Return the report for who exports it (`scene.member`), names and contacts masked unless the scene is full."""
    return filled_page(
        "eight_d.html",
        title=say(scene.language, "eight_d.title", no=scene.case.name),
        head=list(head_rows(scene)),
        parts=eight_d_parts(scene),
        footer=footer_line(scene, at),
        language=scene.language,
    )


def eight_d_parts(scene: Scene) -> tuple[Part, ...]:
    """Return the disciplines in words, D0 to D8."""
    return tuple(_part(scene, section) for section in eight_d(scene.case, scene.policy))


def _part(scene: Scene, section: Section) -> Part:
    language = scene.language
    state = "empty" if section.is_empty else "gaps" if section.gaps else "full"
    missing = "" if section.is_empty else _names(scene, section.missing)
    return Part(
        id=section.id,
        name=str(DISCIPLINE_WORDS[section.id].in_language(language)),
        state=state,
        state_words=say(language, f"eight_d.state.{state}"),
        source=_source(scene, section),
        rows=tuple(_row(scene, entry) for entry in section.entries),
        gaps=tuple(_gaps(scene, section)),
        missing=say(language, "eight_d.missing", what=missing) if missing else "",
    )


def _source(scene: Scene, section: Section) -> str:
    source = section.source
    if source is None:
        return ""
    return source.text if source.kind != "ours" else scene.policy.source_text(source, scene.language)


def _gaps(scene: Scene, section: Section) -> Iterator[str]:
    for gap in section.gaps:
        wanted = gap == "nothing" and section.missing
        words = _names(scene, section.missing) if wanted else ""
        message = "eight_d.gap.nothing_of" if wanted else f"eight_d.gap.{gap}"
        yield say(scene.language, message, what=words, causes=section.causes, actions=section.actions)


def _names(scene: Scene, names: Iterable[str]) -> str:
    """Return the labels of fields and stages, as a list."""
    policy, language = scene.policy, scene.language
    fields = policy.fields
    return listed((field_label(policy, n, language) if n in fields else _label(scene, n) for n in names), language)


def _label(scene: Scene, name: str) -> str:
    return scene.policy.label(name, scene.language)


# --- the lines --------------------------------------------------------------------------------------------------------


def _row(scene: Scene, entry: Entry) -> Row:
    language = scene.language
    match entry:
        case FieldEntry():
            label = field_label(scene.policy, entry.field, language)
            tag = _tag(scene, entry.says)
            return Row(label=label, text=_value(scene, entry.field), note=_who(scene, entry.visit), tag=tag)
        case StageEntry():
            return _stage_row(scene, entry)
        case PersonEntry():
            roles = (role_name(scene.world.people, scene.policy, r, language) for r in entry.roles)
            stages = listed((_label(scene, s) for s in entry.stages), language)
            return Row(label=listed(roles, language) or "–", text=entry.member, note=stages)
        case FileEntry():
            return Row(label=say(language, "eight_d.file"), text=file_name(scene, entry.file), note=entry.file.by)
        case FactEntry():
            return _fact_row(scene, entry)
        case CallEntry(visit=visit, call=call):
            return Row(
                label=say(language, "eight_d.call", stage=_turn(scene, visit), n=entry.number),
                text=say(language, f"callback.result_{call.result}"),
                note=f"{call.by}\n{_minute(scene, call.at)}",
            )


def _tag(scene: Scene, says: str) -> str:
    return say(scene.language, f"eight_d.says.{says}") if says else ""


def _turn(scene: Scene, visit: Visit) -> str:
    """Return the stage's name, from the second round on with the round."""
    label = _label(scene, visit.stage)
    return say(scene.language, "eight_d.again", stage=label, n=visit.round) if visit.round > 1 else label


def _stage_row(scene: Scene, entry: StageEntry) -> Row:
    visit = entry.visit
    decision = scene.policy.label(visit.decision or "", scene.language, of=visit.stage)
    tag, note = _tag(scene, entry.says), _who(scene, visit)
    return Row(label=_turn(scene, visit), text=decision, note=note, tag=tag, is_stage=True)


def _fact_row(scene: Scene, entry: FactEntry) -> Row:
    outcome, at = scene.case.outcome, _minute(scene, entry.at)
    label = say(scene.language, f"eight_d.fact.{entry.fact}")
    if entry.fact == "outcome":
        return Row(label=label, text=_label(scene, outcome) if outcome else "–", note=at)
    return Row(label=label, text=at)


def _value(scene: Scene, name: str) -> str:
    """Return what stands in a field; of files their names."""
    files = [f for f in scene.case.files.values() if f.field == name and not f.missed]
    if files and not scene.hides(name):
        return "\n".join(file_name(scene, f) for f in files)
    return field_words(scene, name, scene.case.fields.get(name))


def _who(scene: Scene, visit: Visit | None) -> str:
    """Return by whom and when a turn was decided; "" where nobody did yet."""
    if visit is None or visit.decided_by is None:
        return ""
    return f"{visit.decided_by}\n{_minute(scene, visit.ended_at)}"


def _minute(scene: Scene, at: datetime | None) -> str:
    """Return an instant as short as a column has room for; the zone stands at the head of the page."""
    return f"{at.astimezone(ZoneInfo(scene.zone)):%Y-%m-%d %H:%M}" if at is not None else ""
