"""The desk file: which policies run here, who holds the roles, which channels and calendars; checked when read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from complaints.choosing import ChooseField, Choosing, bind_rules
from complaints.conditions import Condition, ConditionError
from complaints.forms import FIRST_YEAR, LAST_YEAR
from complaints.people import Absence, Deputy, DeskPlan, QuietHours, RoleHolders
from complaints.workdays import WorkCalendar
from storage.calendars import CalendarFile, CalendarRefused, load_calendar, read_calendar
from storage.yaml_files import Loc, YamlText, is_seen, read_yaml

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
GENERAL_MANAGER = "general_manager"
CHOICE = r"^[a-z][a-z0-9_]{0,39}$"
ALWAYS = "always"
"""Until when a qualification holds that has no end."""

MEMBER, CHANNEL, TIME = r"^[UW][A-Z0-9]{2,}$", r"^[CG][A-Z0-9]{2,}$", r"^([01]\d|2[0-3]):[0-5]\d$"
MemberId = Annotated[str, Field(pattern=MEMBER)]
ChannelId = Annotated[str, Field(pattern=CHANNEL)]
HourMinute = Annotated[str, Field(pattern=TIME)]


class DeskRefused(ValueError):
    """The desk file can't be used; *problems* says everything that is wrong, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _words(raw: Any) -> Any:
    """One text stands for all languages; three stand for English, 简体, 繁體."""
    raw = [raw] * len(LANGUAGES) if isinstance(raw, str) else raw
    words = dict(zip(LANGUAGES, raw, strict=True)) if isinstance(raw, list) and len(raw) == 3 else raw
    if not isinstance(words, dict) or not all(isinstance(w, str) and is_seen(w) for w in words.values()):
        raise ValueError("write one name, or three: [English, 简体中文, 繁體中文]; none may be empty")
    return words


Words = Annotated[dict[str, str], BeforeValidator(_words)]


class DeputyFile(Part):
    """Who stands in, for whom (unsaid: the whole role), on which days (both included)."""

    member: MemberId
    of: MemberId | None = Field(None, validation_alias="for")
    since: str | None = Field(None, validation_alias="from")
    until: str | None = None


class HoldersFile(Part):
    """Who holds a role, and the channel where its cards appear."""

    label: Words | None = None
    channel: ChannelId | None = None
    members: tuple[MemberId, ...] = ()
    head: MemberId | None = None
    superior: str | None = None
    deputies: tuple[DeputyFile, ...] = ()
    fallback: str | None = None
    calendar: str | None = None


class RoleFile(HoldersFile):
    """The people of a role; *per*: its holders for each value (branch, store …) where each has its own."""

    per: dict[str, HoldersFile] = {}


class UnitFile(Part):
    """A unit of the company: the role that answers for it (unsaid: the role of its name), the unit above it, its name."""

    role: str | None = None
    parent: str | None = None
    label: Words | None = None


def _unit(raw: Any) -> Any:
    """A unit may be written as the role alone that answers for it."""
    return {"role": raw} if isinstance(raw, str) else raw


Unit = Annotated[UnitFile, BeforeValidator(_unit)]


class ChooseFieldFile(Part):
    """A question of the first page and its choices, each with its words."""

    label: Words
    of: dict[Annotated[str, Field(pattern=CHOICE)], Words] = Field(min_length=1)


class ChooseFile(Part):
    """How the first page finds the regulation: what it asks, and which answers mean which policy."""

    fields: dict[Annotated[str, Field(pattern=CHOICE)], ChooseFieldFile] = {}
    when: dict[str, str] = {}


class AbsenceFile(Part):
    """A person is away on these days (both included)."""

    member: MemberId
    since: str = Field(validation_alias="from")
    until: str
    deputy: MemberId | None = None


class QuietFile(Part):
    """Reminders are sent only between these local times."""

    since: HourMinute = Field(default="08:00", validation_alias="from")
    until: HourMinute = "20:00"


class DeskFile(Part):
    """The whole desk file."""

    name: str
    language: str = "en"
    timezone: str
    officer: MemberId
    fallback_channel: ChannelId
    team: str | None = None
    policies: tuple[str, ...] = Field(min_length=1)
    libraries: tuple[str, ...] = ()
    choose_by: ChooseFile = ChooseFile()
    numbers: dict[str, Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,8}$")]] = {}
    general_manager: str = GENERAL_MANAGER
    roles: dict[str, RoleFile]
    units: dict[str, Unit] = {}
    qualifications: dict[str, dict[MemberId, str]] = {}
    absences: tuple[AbsenceFile, ...] = ()
    calendars: dict[str, dict[str, Any]]
    quiet: QuietFile = QuietFile()
    values: dict[str, dict[str, str]] = {}
    urge_gap_hours: int = Field(4, ge=0, le=240)
    shifts: tuple[HourMinute, ...] = Field((), max_length=12)

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(f"write one of {', '.join(LANGUAGES)}")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError, LookupError) as error:  # "Asia" is a folder of zones
            raise ValueError("write a time zone such as Asia/Taipei") from error
        return value

    @field_validator("shifts")
    @classmethod
    def _in_order(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if list(value) != sorted(set(value)):
            raise ValueError("write the times at which shifts begin in their order, each once")
        return value

    @field_validator("values", mode="before")
    @classmethod
    def _values_as_text(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        return {p: {k: str(v) for k, v in kv.items()} if isinstance(kv, dict) else kv for p, kv in raw.items()}


@dataclass(frozen=True, kw_only=True)
class LoadedDesk:
    """The desk as the procedure uses it: the plan of people and the calendars, and the team it belongs to."""

    plan: DeskPlan
    calendars: Mapping[str, WorkCalendar]
    specs: Mapping[str, Mapping[str, Any]]
    team: str | None


def load_desk(path: Path) -> LoadedDesk:
    """
    Read a desk file.

    Raises:
        DeskRefused: with every problem, each naming the file, the place and what would be right.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DeskRefused([f"{path}: can't be read ({error.strerror}); set REDRESS_DESK to your desk file."]) from error
    return read_desk(raw, path.name)


def read_desk(raw: bytes | str, name: str = "desk.yml") -> LoadedDesk:
    read = read_yaml(raw)
    if read.wrong:
        raise DeskRefused([_placed(name, line, loc, f"{text}.") for line, loc, text in read.wrong])
    try:
        desk = DeskFile.model_validate(read.data)
    except ValidationError as error:
        raise DeskRefused([_sentence(name, read, e) for e in error.errors()]) from error
    problems = list(_cross_checks(desk))
    calendars: dict[str, WorkCalendar] = {}
    for id_, entry in desk.calendars.items():
        try:
            spec: CalendarFile = read_calendar({"timezone": desk.timezone, **entry}, f"calendars.{id_}")
            calendars[id_] = load_calendar(spec)
        except CalendarRefused as refused:
            problems += [str(p) for p in refused.problems]
    if problems:
        raise DeskRefused([f"{name}  {p}" for p in problems])
    specs = {id_: {"timezone": desk.timezone, **entry} for id_, entry in desk.calendars.items()}
    return LoadedDesk(plan=_plan(desk), calendars=calendars, specs=specs, team=desk.team)


def _sentence(name: str, read: YamlText, error: ErrorDetails) -> str:
    loc = tuple(error["loc"])
    return _placed(name, read.line(loc), loc, f"{_hint(error)}.")


def _placed(name: str, line: int | None, loc: Loc, sentence: str) -> str:
    where = ".".join(str(part) for part in loc)
    return f"{name}:{line or 1}  {f'{where}: ' if where else ''}{sentence}"


def _hint(error: ErrorDetails) -> str:
    read = repr(error["input"])
    read = read if len(read) <= 60 else f"{read[:59]}…"
    match error["type"]:
        case "extra_forbidden":
            return "this key is not known here"
        case "missing":
            return "this is missing"
        case "string_type":
            return f"{read} was read, a text is wanted; quote it"
        case "string_pattern_mismatch":
            wanted = _WANTED.get(error["ctx"]["pattern"], f"it must match {error['ctx']['pattern']}")
            return f"{read} does not look right here; {wanted}"
        case "model_type" if not error["loc"]:
            return "the file is empty, or has no keys; begin with `name:`"
        case "value_error":
            return str(error["ctx"]["error"])
    return f"{read} was read: {error['msg'][:1].lower()}{error['msg'][1:]}"


_WANTED = {
    MEMBER: "write a member id such as U01ABCDEF",
    CHANNEL: "write a channel id such as C01ABCDEF",
    TIME: "write a time such as 08:00",
}


def _cross_checks(desk: DeskFile) -> Iterator[str]:
    if desk.general_manager not in desk.roles:
        yield f"roles: the role {desk.general_manager} is missing; every chain ends there."
    if not any(id_ == "main" for id_ in desk.calendars):
        yield "calendars: write one that is called main."
    for place, holders in _all_holders(desk):
        for key, other in (("fallback", holders.fallback), ("superior", holders.superior)):
            if other is not None and other not in desk.roles:
                yield f"{place}.{key}: {other} is no role here; the roles are {', '.join(desk.roles)}."
        if holders.calendar is not None and holders.calendar not in desk.calendars:
            yield f"{place}.calendar: {holders.calendar} is no calendar here."
    for id_ in desk.roles:
        if ":" in id_:
            yield f"roles.{id_}: a role has no colon in its name; write its holders for each value under `per`."
    for name in dict.fromkeys(desk.policies):
        if name in desk.libraries:
            yield f"libraries: {name} stands under policies too; a library has no cases of its own."
    for place, named in (("choose_by.when", desk.choose_by.when), ("numbers", desk.numbers)):
        for policy in named:
            if policy not in desk.policies:
                yield f"{place}: {policy} is no policy here; the policies are {', '.join(desk.policies)}."
    for policy, wrong in _choosing(desk)[1]:
        yield f"choose_by.when.{policy}: {wrong}"
    yield from _tree_checks(desk)
    for name, holders_ in desk.qualifications.items():
        for member, until in holders_.items():
            if until != ALWAYS and _day(until, desk) is None:
                yield f"qualifications.{name}.{member}: write the last day it holds, such as 2027-03-31, or {ALWAYS}."
    yield from _spans(desk)


def _spans(desk: DeskFile) -> Iterator[str]:
    """Check the days of deputies and absences: a deputy whose last day can't be read would act for ever."""
    spans: list[tuple[str, DeputyFile | AbsenceFile]] = [(f"absences[{n}]", a) for n, a in enumerate(desk.absences)]
    for place, holders in _all_holders(desk):
        spans += [(f"{place}.deputies[{n}]", d) for n, d in enumerate(holders.deputies)]
    for place, span in spans:
        days = [_day(said, desk) for said in (span.since, span.until) if said is not None]
        if None in days:
            yield f"{place}: write dates such as 2026-11-20, of the years {FIRST_YEAR} to {LAST_YEAR}."
        elif days != sorted(filter(None, days)):
            yield f"{place}: it ends on {span.until}, before it begins on {span.since}."


def _choosing(desk: DeskFile) -> tuple[Choosing, list[tuple[str, str]]]:
    """Return how the first page finds the regulation, and what is wrong with its rules."""
    asked = {name: ChooseField(labels=f.label, choices=f.of) for name, f in desk.choose_by.fields.items()}
    rules: dict[str, Condition] = {}
    wrong: list[tuple[str, str]] = []
    for policy, text in desk.choose_by.when.items():
        try:
            rules[policy] = Condition(text)
        except ConditionError as error:
            wrong.append((policy, str(error)))
    return Choosing(fields=asked, when=rules), wrong + bind_rules(asked, rules)


def _all_holders(desk: DeskFile) -> Iterator[tuple[str, HoldersFile]]:
    """Return every entry with holders and its place, those for a value too."""
    for id_, role in desk.roles.items():
        yield f"roles.{id_}", role
        yield from ((f"roles.{id_}.per.{value}", holders) for value, holders in role.per.items())


def _tree_checks(desk: DeskFile) -> Iterator[str]:
    for name, unit in desk.units.items():
        if unit.role is not None and unit.role not in desk.roles:
            yield f"units.{name}: {unit.role} is no role here."
        elif unit.role is None and name not in desk.roles and not any(name in r.per for r in desk.roles.values()):
            yield f"units.{name}: no role answers for it; write role: ROLE."
        if unit.parent is not None and unit.parent not in desk.units:
            yield f"units.{name}.parent: {unit.parent} is no unit here; the units are {', '.join(desk.units)}."
        seen, above = {name}, unit.parent
        while above in desk.units and above not in seen:
            seen.add(above)
            above = desk.units[above].parent
        if above == name:
            yield f"units.{name}.parent: {name} stands above itself; the topmost unit has no parent."


def _plan(desk: DeskFile) -> DeskPlan:
    return DeskPlan(
        name=desk.name,
        language=desk.language,
        timezone=desk.timezone,
        officer=desk.officer,
        fallback_channel=desk.fallback_channel,
        policies=desk.policies,
        libraries=desk.libraries,
        choosing=_choosing(desk)[0],
        prefixes=desk.numbers,
        roles={role.id: role for id_, said in desk.roles.items() for role in _roles(id_, said, desk)},
        units={name: unit.role or _named_unit(name, desk) for name, unit in desk.units.items()},
        parents={name: unit.parent for name, unit in desk.units.items() if unit.parent is not None},
        unit_labels={name: unit.label for name, unit in desk.units.items() if unit.label is not None},
        qualifications={
            name: {member: _ends(until, desk) for member, until in holders.items()}
            for name, holders in desk.qualifications.items()
        },
        absences=tuple(_absence(a, desk) for a in desk.absences),
        general_manager=desk.general_manager,
        quiet=QuietHours(from_=desk.quiet.since, until=desk.quiet.until),
        values=desk.values,
        urge_gap_hours=desk.urge_gap_hours,
        shifts=desk.shifts,
    )


def _named_unit(name: str, desk: DeskFile) -> str:
    """Return the role of a unit that names none: the one called like it, or the one with holders for it."""
    return name if name in desk.roles else next(id_ for id_, role in desk.roles.items() if name in role.per)


def _ends(until: str, desk: DeskFile) -> datetime | None:
    """Return the end of the last day on which a qualification holds; None where it has none."""
    day = None if until == ALWAYS else _day(until, desk)
    return None if day is None else day + timedelta(days=1)


def _roles(id_: str, role: RoleFile, desk: DeskFile) -> Iterator[RoleHolders]:
    """Return the role, and the role of each of its values."""
    labels = role.label or dict.fromkeys(LANGUAGES, id_.replace("_", " "))
    yield _holders(id_, labels, role, desk)
    for value, said in role.per.items():
        unit = desk.units[value].label if value in desk.units else None
        words = said.label or {code: f"{labels[code]} ({(unit or {}).get(code, value)})" for code in labels}
        held = _holders(f"{id_}:{value}", words, said, desk)
        yield replace(
            held, base=id_, value=value, fallback=said.fallback or id_, calendar=said.calendar or role.calendar
        )


def _holders(id_: str, labels: Mapping[str, str], role: HoldersFile, desk: DeskFile) -> RoleHolders:
    return RoleHolders(
        id=id_,
        labels=labels,
        channel=role.channel,
        members=role.members,
        head=role.head,
        superior=role.superior,
        deputies=tuple(_deputy(d, desk) for d in role.deputies),
        fallback=role.fallback,
        calendar=role.calendar,
    )


def _deputy(deputy: DeputyFile, desk: DeskFile) -> Deputy:
    until = _day(deputy.until, desk) if deputy.until else None
    return Deputy(
        member=deputy.member,
        of=deputy.of,
        from_at=_day(deputy.since, desk) if deputy.since else None,
        until_at=until + timedelta(days=1) if until else None,
    )


def _absence(absence: AbsenceFile, desk: DeskFile) -> Absence:
    since, until = _day(absence.since, desk), _day(absence.until, desk)
    assert since is not None
    assert until is not None
    return Absence(member=absence.member, from_at=since, until_at=until + timedelta(days=1), deputy=absence.deputy)


def _day(text: str, desk: DeskFile) -> datetime | None:
    """Return the local start of a day written as 2026-11-20; None where it is none, or of no time of ours."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    return datetime.combine(day, time(0), ZoneInfo(desk.timezone))
