"""Calendars of the desk file: country, office hours and closures, made into a `WorkCalendar`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import holidays
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    field_validator,
    model_validator,
)

from complaints.forms import FIRST_YEAR, LAST_YEAR
from complaints.office_hours import OFFICE_DAYS, OFFICE_HOURS, Openings, Week, parse_days, parse_hours, week_of
from complaints.workdays import Closure, SpecialHours, Text, WorkCalendar

YEARS = range(2000, 2051)
CHECKED_THROUGH = date(2026, 12, 31)  # holidays 0.108 of November 2026: its last year checked against notices
FIXED_BY_LAW = frozenset({"US"})  # holidays follow from the statute; no yearly notice

TIMEZONES = {
    **{
        "CN": "Asia/Shanghai",
        "TW": "Asia/Taipei",
        "HK": "Asia/Hong_Kong",
        "MO": "Asia/Macau",
        "JP": "Asia/Tokyo",
    },
    **{"KR": "Asia/Seoul", "SG": "Asia/Singapore", "MY": "Asia/Kuala_Lumpur", "TH": "Asia/Bangkok"},
    **{"VN": "Asia/Ho_Chi_Minh", "PH": "Asia/Manila", "GB": "Europe/London", "DE": "Europe/Berlin"},
}
LIBRARY_LANGUAGES = {"en": ("en_",), "zh-Hans": ("zh_CN",), "zh-Hant": ("zh_TW", "zh_HK", "zh_MO")}
MAKEUP_NAMES = {
    "CN": {"en": "make-up working day", "zh-Hans": "调休上班", "zh-Hant": "調休上班"},
    "TW": {"en": "make-up working day", "zh-Hans": "补班", "zh-Hant": "補班"},
}
MAKEUP = MAKEUP_NAMES["CN"]
HALF_DAY = {"en": "half-day", "zh-Hans": "半天", "zh-Hant": "半天"}
HOLIDAY = {"en": "company holiday", "zh-Hans": "公司假日", "zh-Hant": "公司假日"}
CLOSED = {"en": "closed", "zh-Hans": "停工", "zh-Hant": "停班"}
IN_LIEU = {"en": " (day off in lieu)", "zh-Hans": "（调休）", "zh-Hant": "（調整放假）"}
SUBSTITUTED = re.compile(r"Day off \(substituted from .*\)")
DAY = timedelta(days=1)
LONGEST_STRETCH = timedelta(days=366)
"""Of days off; with more of them in a row no working day is found."""


class CalendarRefused(ValueError):
    """An entry of `calendars:` cannot be used; *problems* holds one sentence for each mistake."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


# The entry


def _moment(value: object) -> date | datetime:
    """Read ``2026-08-12`` as a date, ``2026-08-12 12:00`` and an instant with its offset as a time."""
    if isinstance(value, date):
        return value
    for read in (date.fromisoformat, datetime.fromisoformat):
        with suppress(ValueError):
            return read(str(value).strip())
    raise ValueError(f"{value!r} is no date or time; write 2026-08-12 or 2026-08-12 12:00.")


def _date(value: object) -> object:
    with suppress(ValueError):
        return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    raise ValueError(f"{value!r} is no date; write it as 2026-08-12.")


def _horizon(value: object) -> object:
    return date.max if value == "always" else _date(value)


def _hours(value: object) -> object:
    """Check *value* as office hours: a text, a list of texts, or one of these for each group of days."""
    if value == {}:
        raise ValueError("there are no office hours; write at least one, such as 09:00-12:00.")
    for hours in value.values() if isinstance(value, dict) else (value,):
        if not isinstance(hours, str | list) or not all(isinstance(text, str) for text in hours):
            raise ValueError(f"{hours!r} are no office hours; write them as 09:00-12:00.")
        parse_hours(hours)
    for days in value if isinstance(value, dict) else ():
        parse_days(str(days))
    return value


def _days(value: object) -> object:
    parse_days(str(value))
    return value


def _words(value: object) -> object:
    if not isinstance(value, str | dict):
        raise ValueError(f"{value!r} is no reason; write a text, or one for each of en, zh-Hans, zh-Hant.")
    return value


Moment = Annotated[
    datetime | date,
    PlainValidator(_moment),
    PlainSerializer(lambda moment: moment and moment.isoformat(), return_type=str | None, when_used="json"),
]
OnDate = Annotated[date, BeforeValidator(_date)]
Hours = Annotated[str | list[str], BeforeValidator(_hours)]
WeekHours = Annotated[str | list[str] | dict[str, str | list[str]], BeforeValidator(_hours)]
Words = Annotated[str | dict[str, str], BeforeValidator(_words)]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _on_is_a_word(cls, entry: object) -> object:
        """Undo YAML 1.1, which reads the bare key `on` as true."""
        return (
            {"on" if key is True else key: value for key, value in entry.items()} if isinstance(entry, dict) else entry
        )


class Stretch(Entry):
    """One day (`on`) or a stretch (`from`, `to`): dates inclusive, local times and instants up to `to`."""

    on: OnDate | None = None
    since: Moment | None = Field(default=None, alias="from")
    until: Moment | None = Field(default=None, alias="to")
    why: Words = ""

    @model_validator(mode="after")
    def _one_way(self) -> "Stretch":
        if (self.on is None) == (self.since is None) or (self.since is None) != (self.until is None):
            raise ValueError("say either 'on' (one day) or both 'from' and 'to'.")
        return self

    def bounds(self) -> tuple[date | datetime, date | datetime]:
        since, until = (self.on, self.on) if self.on else (self.since, self.until)
        assert since is not None
        assert until is not None
        return since, until


def _day_entry(value: object) -> object:
    return value if isinstance(value, dict | Entry) else {"on": value}


class ClosureEntry(Stretch):
    """The company does not work: typhoon, stocktaking, company outing."""


class DayEntry(Entry):
    """One date with its own hours, or with a full day's where it may leave them out."""

    on: OnDate
    hours: Hours | None = None
    why: Words = ""


class HalfDay(DayEntry):
    hours: Hours


class CalendarFile(Entry):
    """
    One entry of `calendars:` in the desk file.

    *hours* hold for all *days*, or say themselves for which: ``{mon-fri: 09:00-18:00, sat: 09:00-12:00}``.
    *announced_through*: the last date whose holidays are official; ``always`` where a statute fixes them.
    Source: D1 for days and hours.
    """

    country: str
    subdivision: str | None = None
    timezone: str | None = None
    days: Annotated[str, BeforeValidator(_days)] | None = None
    hours: WeekHours = Field(default=list(OFFICE_HOURS))
    closures: list[Annotated[ClosureEntry, BeforeValidator(_day_entry)]] = []
    half_days: list[HalfDay] = []
    extra_working_days: list[Annotated[DayEntry, BeforeValidator(_day_entry)]] = []
    extra_holidays: list[Annotated[Stretch, BeforeValidator(_day_entry)]] = []
    announced_through: Annotated[date, BeforeValidator(_horizon)] | None = None

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str) -> str:
        if country.upper() not in holidays.list_supported_countries():
            raise ValueError(f"there are no holidays for {country!r}; write a code such as TW, CN, HK, JP or US.")
        return country.upper()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, timezone: str | None) -> str | None:
        try:
            return timezone and ZoneInfo(timezone).key
        except (OSError, ValueError, LookupError):
            raise ValueError(f"{timezone!r} is no time zone; write one such as Asia/Taipei.") from None

    @model_validator(mode="after")
    def _fits_together(self) -> "CalendarFile":
        problems = [*self._zone_problems(), *self._subdivision_problems(), *self._date_problems()]
        if isinstance(self.hours, dict) and self.days is not None:
            problems.append("'hours' already say their days; leave out 'days'.")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _zone_problems(self) -> Iterator[str]:
        if self.timezone is None and self.country not in TIMEZONES:
            yield f"say the 'timezone' of {self.country}, for example America/New_York."

    def _subdivision_problems(self) -> Iterator[str]:
        known = holidays.list_supported_countries()[self.country]
        if self.subdivision is not None and self.subdivision not in known:
            choices = ", ".join(known) or "none; leave it out"
            yield f"{self.country} has no subdivision {self.subdivision!r}; valid are {choices}."

    def _date_problems(self) -> Iterator[str]:
        wrong = list(self._stretch_problems())
        yield from wrong
        working = {entry.on for entry in (*self.half_days, *self.extra_working_days)}
        for on in sorted(working & set(_extra_holidays(self))) if not wrong else ():
            yield f"{on} is both a holiday and a working day; say it once."

    def _stretch_problems(self) -> Iterator[str]:
        for key, entries in (("closures", self.closures), ("extra_holidays", self.extra_holidays)):
            for number, entry in enumerate(entries):
                first, last = entry.bounds()
                if not all(FIRST_YEAR <= moment.year <= LAST_YEAR for moment in (first, last)):
                    yield f"{key}.{number}: write days of the years {FIRST_YEAR} to {LAST_YEAR}."
                    continue
                since, until = (_instant(moment, zone_of(self)) for moment in (first, last))
                if until < since:
                    yield f"{key}.{number}: 'to' {entry.until} is before 'from' {entry.since}."
                elif until - since > LONGEST_STRETCH:
                    yield f"{key}.{number}: it lasts more than a year, and no limit could be computed; write when it ends."


def read_calendar(entry: object, path: str = "calendar") -> CalendarFile:
    """
    Read one entry of `calendars:`; *path* is where it stands, for the messages.

    Raises:
        CalendarRefused: with one sentence for each problem.
    """
    try:
        return CalendarFile.model_validate(entry)
    except ValidationError as error:
        raise CalendarRefused(
            sentence for problem in error.errors() for sentence in _sentences(problem, path)
        ) from None


def _sentences(problem: Mapping[str, Any], path: str) -> list[str]:
    where = ".".join([path, *(str(part) for part in problem["loc"] if _is_named(part))])
    match problem["type"]:
        case "extra_forbidden":
            return [f"{where}: there is no such key here."]
        case "missing":
            return [f"{where}: this is missing."]
        case "value_error":
            return [f"{where}: {sentence}" for sentence in str(problem["ctx"]["error"]).splitlines()]
        case _:
            return [f"{where}: {problem['msg']}, not {problem['input']!r}."]


def _is_named(part: object) -> bool:
    """Say whether *part* of pydantic's path stands in the file, and is not the name of a type."""
    return isinstance(part, int) or (isinstance(part, str) and re.fullmatch(r"[\w-]+", part) is not None)


# The calendar


def load_calendar(spec: CalendarFile) -> WorkCalendar:
    """
    Return the calendar of *spec*, with the holidays of its country for the years 2000 to 2050.

    Names are in English, 简体中文 and 繁體中文 where the holidays package has them. What the desk file says
    of a date wins over the country; a closure wins over both.
    """
    country = _country(spec.country, spec.subdivision)
    extra_holidays = _extra_holidays(spec)
    makeup = {on: name for on, name in country.makeup_days.items() if on not in extra_holidays}
    makeup |= {entry.on: entry.why or MAKEUP for entry in spec.extra_working_days if entry.hours is None}
    zone = zone_of(spec)
    return WorkCalendar(
        timezone=zone,
        week=_week(spec),
        holidays={**country.holidays, **extra_holidays},
        makeup_days=makeup,
        special_hours=_special_hours(spec),
        closures=tuple(_closure(entry, zone) for entry in spec.closures),
        announced_through=spec.announced_through or announced_through(spec.country),
    )


def zone_of(spec: CalendarFile) -> ZoneInfo:
    """Return the zone that *spec* names, else its country's; UTC while it is missing."""
    return ZoneInfo(spec.timezone or TIMEZONES.get(spec.country, "UTC"))


def announced_through(country: str) -> date | None:
    """
    Return the last date whose holidays in *country* are official; None where a statute fixes them for good.

    CN: the last year for which the holidays package has the State Council's notice with its make-up days.
    Others: the last year its release was checked for (our default, deliberately early).
    """
    if country in FIXED_BY_LAW:
        return None
    if country == "CN":
        return date(max(holidays.country_holidays("CN").special_public_holidays), 12, 31)
    return CHECKED_THROUGH


def _week(spec: CalendarFile) -> Week:
    if not isinstance(spec.hours, dict):
        return week_of(spec.days or OFFICE_DAYS, spec.hours)
    week: list[Openings] = [()] * 7
    for days, hours in spec.hours.items():
        for day in parse_days(days):
            week[day] = parse_hours(hours)
    return tuple(week)


def _special_hours(spec: CalendarFile) -> dict[date, SpecialHours]:
    entries = (*spec.extra_working_days, *spec.half_days)
    return {
        entry.on: SpecialHours(openings=parse_hours(entry.hours), why=entry.why or _own_hours_name(entry))
        for entry in entries
        if entry.hours is not None
    }


def _own_hours_name(entry: DayEntry) -> Text:
    return HALF_DAY if isinstance(entry, HalfDay) else MAKEUP


def _extra_holidays(spec: CalendarFile) -> dict[date, Text]:
    days: dict[date, Text] = {}
    for entry in spec.extra_holidays:
        on, last = (_on(moment) for moment in entry.bounds())
        while on <= last:
            days[on] = entry.why or HOLIDAY
            on += DAY
    return days


def _closure(entry: ClosureEntry, zone: ZoneInfo) -> Closure:
    since, until = (_localised(moment, zone) for moment in entry.bounds())
    return Closure(since=since, until=until, why=entry.why or CLOSED)


def _localised(moment: date | datetime, zone: ZoneInfo) -> date | datetime:
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    return moment


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    found = _localised(moment, zone)
    return found if isinstance(found, datetime) else datetime.combine(found, time(0), tzinfo=zone)


def _on(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


# The country


class Country(NamedTuple):
    holidays: Mapping[date, Text]
    makeup_days: Mapping[date, Text]


@lru_cache(maxsize=32)
def _country(code: str, subdivision: str | None) -> Country:
    by_language = _in_languages(code, subdivision)
    plain = by_language["en"]
    makeup = {on: MAKEUP_NAMES.get(code, MAKEUP) for on in plain.weekend_workdays}
    names = {on: {language: days[on] for language, days in by_language.items()} for on in sorted(plain)}
    named = {on: _in_lieu_named(on, names) if SUBSTITUTED.match(names[on]["en"]) else names[on] for on in names}
    if code == "CN":
        named = _with_adjoining_weekends(named, makeup)
    return Country(named, makeup)


def _in_languages(code: str, subdivision: str | None) -> dict[str, holidays.HolidayBase]:
    """Return the country's holidays in each language of ours that the package has; ``en`` always."""
    known = holidays.country_holidays(code).supported_languages
    found = {}
    for language, prefixes in LIBRARY_LANGUAGES.items():
        names = sorted((name for name in known if name.startswith(prefixes)), key=lambda name: name != "en_US")
        if names or language == "en":
            found[language] = holidays.country_holidays(
                code, subdiv=subdivision, years=YEARS, language=next(iter(names), None)
            )
    return found


def _in_lieu_named(on: date, names: Mapping[date, Mapping[str, str]]) -> dict[str, str]:
    """Return the name of the holiday beside *on*, a free day worked off elsewhere: 国庆节（调休）."""
    for step in (-DAY, DAY):
        near = on + step
        while near in names or near.weekday() >= 5:
            if near in names and not SUBSTITUTED.match(names[near]["en"]):
                return {
                    language: re.sub(r"（.*）| \(.*\)", "", name) + IN_LIEU[language]
                    for language, name in names[near].items()
                }
            near += step
    return dict(names[on])


def _with_adjoining_weekends(
    named: Mapping[date, dict[str, str]], makeup: Mapping[date, object]
) -> dict[date, dict[str, str]]:
    """
    Return *named* with the weekend days that adjoin a holiday, unless they are worked.

    The notices of the State Council give whole stretches (「10月1日至7日放假」), the package only their
    weekdays; it matters to a clock that counts Saturdays.
    """
    days = dict(named)
    for holiday in named:
        for step in (-DAY, DAY):
            near = holiday + step
            while near.weekday() >= 5 and near not in makeup:
                days.setdefault(near, named[holiday])
                near += step
    return days
