"""The customer register as CSV: read strictly, every wrong row with its line and what to do."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from complaints.forms import LONGEST_LINE as LONGEST_NAME
from complaints.forms import MOST_NOUGHTS
from complaints.ports import Customer

NAMES = {"name_en": "en", "name_zh_hant": "zh-Hant", "name_zh_hans": "zh-Hans"}
RATIO = "_ratio"
"""How the name of a column ends whose values are shares (`excess_ratio`)."""
CONTACT = "contact_"
_ALIAS_BREAKS = re.compile(r"[;|；、]")
LONGEST_CODE = 64
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""What no database keeps, what nobody sees, and what turns the words around it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RowError:
    """What is wrong in one line of the file (line 1 is the header)."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFile:
    """What a file holds; import nothing while there are *errors*."""

    customers: tuple[Customer, ...]
    errors: tuple[RowError, ...]


def decode(raw: bytes, language: str = "en") -> str:
    """
    Return the text of a CSV file: UTF-8 (with or without mark), else what Excel writes in Chinese offices.

    Nearly all Big5 reads as GB18030 too, as other characters, but not as its oldest part, GB 2312, which has all that simplified
    texts usually have. Where that leaves both, the desk's *language* says which it is.
    """
    both = ("gb18030", "cp950") if _is(raw, "gb2312") or language == "zh-Hans" else ("cp950", "gb18030")
    for encoding in ("utf-8-sig", *both):
        if _is(raw, encoding):
            return raw.decode(encoding)
    raise ValueError("the file is neither UTF-8 nor a Chinese encoding; save it as “CSV UTF-8”")


def _is(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def read_customers(text: str) -> CustomerFile:
    """Return the customers of a CSV text and every error in it; columns that nobody knows go to `values`."""
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True)
    errors: list[RowError] = []
    found: dict[str, tuple[int, Customer]] = {}
    try:
        header = [h.strip().lower() for h in next(rows, [])]
        wrong = list(_header_errors(header))
        if wrong:
            return CustomerFile(customers=(), errors=tuple(RowError(line=1, message=m) for m in wrong))
        for cells in rows:
            if any(c.strip() for c in cells):
                _take(header, cells, rows.line_num, found, errors)
    except csv.Error as error:
        errors.append(RowError(line=rows.line_num, message=f"this is not CSV ({error}); check the quotation marks"))
    return CustomerFile(customers=tuple(c for _, c in found.values()), errors=tuple(errors))


def _header_errors(header: list[str]) -> Iterator[str]:
    if "code" not in header:
        yield f"there is no column “code”; the first line names the columns: code, {', '.join(NAMES)}, aliases, market, …"
    if not any(name in header for name in NAMES):
        yield f"there is no column with a name; add one of {', '.join(NAMES)}"
    for name in sorted(h for h in header if not h.isprintable()):
        yield f"the name of the column {name!r} has hidden characters; write it anew"
    for name in sorted({h for h in header if h and header.count(h) > 1}):
        yield f"the column “{name}” stands there twice; remove one"


def _take(
    header: list[str], cells: list[str], line: int, found: dict[str, tuple[int, Customer]], errors: list[RowError]
) -> None:
    problems = []
    if len(cells) > len(header):
        problems.append(f"{len(cells)} values for {len(header)} columns; put values with a comma in quotation marks")
    row = {h: c.strip() for h, c in zip(header, cells, strict=False) if h}
    problems += _row_problems(row)
    code = row.get("code", "")
    if code in found:
        problems.append(f"the code {code!r} stands in line {found[code][0]} already; each customer takes one line")
    errors += [RowError(line=line, message=m) for m in problems]
    if not problems:
        found[code] = (line, _customer(row))


def _row_problems(row: dict[str, str]) -> Iterator[str]:
    code = row.get("code", "")
    if not code:
        yield "the code is empty; each customer needs one"
    elif len(code) > LONGEST_CODE or not code.isprintable():
        yield f"the code {code[:20]!r}… is too long or has hidden characters; at most {LONGEST_CODE} plain ones"
    if not any(row.get(name) for name in NAMES):
        yield f"there is no name; fill one of {', '.join(NAMES)}"
    for name, cell in row.items():
        if _HIDDEN.search(cell):
            yield f"{name} has hidden characters; write it anew"
        elif name in NAMES and len(cell) > LONGEST_NAME:
            yield f"{name} has {len(cell)} characters, more than {LONGEST_NAME}; shorten it"
    for name in sorted(name for name in row if name.endswith(RATIO)):
        if row[name] and _ratio(row[name]) is None:
            yield f"{name} is {row[name]!r}; write a share such as 0.05 or 5%"


def _ratio(text: str) -> str | None:
    """Return a share as decimal text ("5%" is "0.05"), or None if it is none from 0 to 1."""
    try:
        share = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        return None
    share = share / 100 if text.endswith("%") else share
    is_one = share.is_finite() and 0 <= share <= 1 and (not share or share.adjusted() > -MOST_NOUGHTS)
    return format(share.normalize(), "f") if is_one else None


def _customer(row: dict[str, str]) -> Customer:
    known = {"code", "aliases", *NAMES}
    values = {k: v for k, v in row.items() if v and k not in known and not k.startswith(CONTACT)}
    for name in [name for name in values if name.endswith(RATIO)]:
        values[name] = _ratio(values[name]) or values[name]
    return Customer(
        code=row["code"],
        names={language: row[name] for name, language in NAMES.items() if row.get(name)},
        aliases=tuple(_split(row.get("aliases", ""))),
        values=values,
        contact={k.removeprefix(CONTACT): v for k, v in row.items() if v and k.startswith(CONTACT)},
    )


def _split(text: str) -> Iterable[str]:
    return dict.fromkeys(part.strip() for part in _ALIAS_BREAKS.split(text) if part.strip())
