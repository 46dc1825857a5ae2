"""What the commands share: opening the office, printing data, saying how far it is."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import asdict

from bot.logs import set_up_logs
from bot.office import Office, open_office
from bot.settings import Settings, load_settings
from storage.engine import Engines, open_engines

_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextlib.contextmanager
def opened(settings: Settings | None = None) -> Iterator[Office]:
    """Open the office for a command and close it afterwards."""
    set_up_logs("ERROR")
    office = open_office(settings or load_settings())
    try:
        yield office
    finally:
        office.close()


@contextlib.contextmanager
def bare_database(settings: Settings) -> Iterator[Engines]:
    """Open the database as it is, whatever its version."""
    set_up_logs("ERROR")
    settings.data.mkdir(parents=True, exist_ok=True)
    engines = open_engines(settings.database_url)
    try:
        yield engines
    finally:
        engines.dispose()


@contextlib.contextmanager
def told_to_end() -> Iterator[None]:
    """Take a closed terminal and a `kill` like Ctrl-C: what was started ends with us, what was lent is given back."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows knows no SIGHUP
    taken = [n for name in names if signal.getsignal(n := getattr(signal, name)) is not signal.SIG_IGN]  # nohup
    before = {number: signal.signal(number, interrupt) for number in taken}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show(data: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """
    Print *data* as JSON, or the *lines* that say the same to a person.

    A terminal obeys control characters, and bidirectional ones turn lines around; people's words have them where they mean it ill.
    """
    if as_json:
        click.echo(_OBEYED.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(plain(data), ensure_ascii=False, indent=2)))
        return
    for line in lines:
        click.echo(_OBEYED.sub("\N{REPLACEMENT CHARACTER}", line))


def on_screen(text: str) -> str:
    """Return *text* as it is where it goes into a file or another program, and harmless where it goes to a terminal."""
    return _OBEYED.sub("\N{REPLACEMENT CHARACTER}", text) if sys.stdout.isatty() else text


def plain(value: Any) -> Any:
    """Return *value* as JSON can hold it."""
    if isinstance(value, Struct):
        return plain(asdict(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """Yield rows as lines with aligned columns (a Chinese character is two columns wide)."""
    shown = [tuple("–" if c is None or c == "" else str(c) for c in row) for row in (head, *rows)]
    widths = [max(_width(row[i]) for row in shown) for i in range(len(head))]
    for row in shown:
        yield "  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def when(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d %H:%M}Z" if at else None


def read_bytes(path: Path) -> bytes:
    """Return the content of a file that somebody named, or say what is wrong with it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path} can't be read: {error.strerror}.") from None


def progress() -> Callable[[int, int], None]:
    """Return what shows how far a long work is: on a terminal only."""
    if not sys.stderr.isatty():
        return lambda done, of: None

    def tell(done: int, of: int) -> None:
        if done == of or done % max(1, of // 100) == 0:
            click.echo(f"\r{done} of {of}", err=True, nl=done == of)

    return tell
