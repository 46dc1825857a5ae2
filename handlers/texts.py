"""The words people read: three languages from catalogues, dates as Slack shows them, people's words made harmless."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

from complaints.views_words import date_text as day
from complaints.views_words import number_text as number
from handlers.harmless import escape, fit, one_line, plain

__all__ = [
    "LANGUAGES",
    "UnknownMessage",
    "day",
    "escape",
    "fit",
    "fit_words",
    "join",
    "number",
    "one_line",
    "plain",
    "say",
    "slack_locale",
    "when",
    "when_plain",
]

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
DOMAINS = ("cards", "forms", "desk", "office", "duties", "reports", "exports")
LOCALES = Path(__file__).parent / "locales"
LAST_MINUTE = timedelta(minutes=1)

_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh-Hans": ("一", "二", "三", "四", "五", "六", "日"),
    "zh-Hant": ("一", "二", "三", "四", "五", "六", "日"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Forms = tuple[str, ...]


class UnknownMessage(KeyError):
    """No catalogue has a message of that id."""


# --- messages ----------------------------------------------------------------------------------------------


@cache
def catalogue(language: str) -> Mapping[str, Forms]:
    """Return message id to its forms (one, or singular and plural) of all domains together."""
    found: dict[str, Forms] = {}
    for domain in DOMAINS:
        path = LOCALES / language / f"{domain}.po"
        if path.exists():
            found.update(_read(path))
    return found


def _read(path: Path) -> dict[str, Forms]:
    with path.open("rb") as file:
        messages = read_po(file, ignore_obsolete=True, abort_invalid=True)
    return {name: forms for message in messages if (name := _id_of(message.id)) and (forms := _forms(message.string))}


def _id_of(written: object) -> str:
    return str(written[0]) if isinstance(written, list | tuple) else str(written)


def _forms(written: object) -> Forms:
    return tuple(str(w or "") for w in written) if isinstance(written, list | tuple) else (str(written),)


def say(language: str, message_id: str, /, **facts: Any) -> str:
    """
    Return the message in *language* with *facts* put in as they are: escape people's words first.

    A message with a plural takes the number from the fact `n`.

    Raises:
        UnknownMessage: there is no such message; KeyError: a fact that it names is missing.
    """
    forms = catalogue(_known(language)).get(message_id)
    if not forms or not forms[0]:
        raise UnknownMessage(message_id)
    text = forms[0] if len(forms) == 1 or _is_one(facts.get("n")) else forms[1]
    return text.format(**facts) if facts else text


def fit_words(text: str, limit: int, language: str) -> str:
    """Return *text* for a field of a form; where it is longer than that, its end says in *language* that it was cut."""
    end = say(language, "form.cut")
    return text if len(text) <= limit else text[: limit - len(end)].rstrip() + end


def knows(message_id: str) -> bool:
    """Say whether there is a message of that id."""
    return message_id in catalogue("en")


def _is_one(n: Any) -> bool:
    return n is not None and str(n) in ("1", "-1")


def _known(language: str) -> str:
    return language if language in LANGUAGES else "en"


def slack_locale(locale: str | None) -> str:
    """Return our language for a locale of Slack such as `zh-TW`; English for all that we don't speak."""
    code = (locale or "").replace("_", "-").lower()
    if code in ("zh-hant", "zh-tw", "zh-hk", "zh-mo") or code.startswith("zh-hant-"):
        return "zh-Hant"
    return "zh-Hans" if code == "zh" or code.startswith("zh-") else "en"


# --- times -------------------------------------------------------------------------------------------------


def when(instant: datetime, language: str, zone: str, style: str = "due") -> str:
    """
    Return *instant* as Slack's date token with a fallback in *language*: every reader sees the own zone.

    *style*: `due` shows the end of a day as 23:59 of that day (CARDS, principle 5); `at` is the instant itself;
    `day` shows no time. *zone*: the desk's, for the fallback.
    """
    shown = last_minute(instant, zone) if style in ("due", "day") else instant
    pattern = "{day_divider_pretty}" if style == "day" else "{day_divider_pretty} {time}"
    return f"<!date^{int(shown.timestamp())}^{pattern}|{when_plain(instant, language, zone, style)}>"


def when_plain(instant: datetime, language: str, zone: str, style: str = "due") -> str:
    """Return *instant* in words with weekday, for places that know no tokens: `11/11（三）23:59`, `Wed 11 Nov 23:59`."""
    shown = last_minute(instant, zone) if style in ("due", "day") else instant
    local = shown.astimezone(_zone(zone))
    words = _day_words(local.date(), _known(language))
    if style == "day":
        return words
    time = f"{local:%H:%M}"
    return f"{words} {time}" if language == "en" else f"{words}{time}"


def last_minute(instant: datetime, zone: str) -> datetime:
    """Return the last minute of the day that ends at *instant*; any other instant as it is."""
    local = instant.astimezone(_zone(zone))
    return instant - LAST_MINUTE if (local.hour, local.minute, local.second) == (0, 0, 0) else instant


def _day_words(on: date, language: str) -> str:
    weekday = _DAYS[language][on.weekday()]
    return f"{weekday} {on.day} {_MONTHS[on.month - 1]}" if language == "en" else f"{on.month}/{on.day}（{weekday}）"


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


# --- lists -------------------------------------------------------------------------------------


def join(parts: Iterable[str], language: str) -> str:
    """Return the parts that are not empty, between the small dots of *language*."""
    return (" · " if language == "en" else "・").join(p for p in parts if p)
