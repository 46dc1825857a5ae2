"""Ids and timestamps in Slack's forms."""

from __future__ import annotations

import random
import secrets
import string
import zlib

_LETTERS = string.ascii_uppercase + string.digits
_dice = random.Random()


def new_id(prefix: str) -> str:
    """Return a fresh id such as `C0A1B2C3D4E`."""
    return prefix + "0" + "".join(_dice.choices(_LETTERS, k=9))


def named_id(prefix: str, name: str) -> str:
    """Return the same id for the same *name*, so that a workspace file without ids stays stable."""
    number = zlib.crc32(name.encode()) | (zlib.adler32(name.encode()) << 32)
    letters = []
    for _ in range(9):
        number, rest = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return prefix + "0" + "".join(letters)


def short_id() -> str:
    """Return five characters, as Slack gives to a block or an action without an id."""
    return "".join(_dice.choices(string.ascii_letters + string.digits, k=5))


def secret() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_hex(16)


def ts_after(last: int, now: float) -> tuple[int, str]:
    """Return the next microsecond after *last* that is not before *now*, and its form as a message `ts`."""
    micros = max(last + 1, int(now * 1_000_000))
    return micros, f"{micros // 1_000_000}.{micros % 1_000_000:06d}"
