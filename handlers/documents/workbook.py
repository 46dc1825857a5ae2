"""An XLSX file of plain tables: the few parts of Office Open XML that a spreadsheet needs to open one."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from itertools import chain, count
from xml.sax.saxutils import escape, quoteattr

from handlers.report_texts import Sheet

MOST_LETTERS = 32_767
"""What a cell holds; the rest is cut with an ellipsis."""
NAME_LETTERS = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets as an XLSX file. Every cell is text, so that none can be taken for a formula."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in _parts(sheets):
            parts.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), _XML + content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _parts(sheets: Sequence[Sheet]) -> Iterable[tuple[str, str]]:
    numbers = range(1, len(sheets) + 1)
    overrides = "".join(_override(f"/xl/worksheets/sheet{n}.xml", f"{_TYPE}.worksheet+xml") for n in numbers)
    yield (
        "[Content_Types].xml",
        (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f"{_override('/xl/workbook.xml', f'{_TYPE}.sheet.main+xml')}{overrides}</Types>"
        ),
    )
    yield "_rels/.rels", _relations([(1, "officeDocument", "xl/workbook.xml")])
    names = _names([s.title for s in sheets])
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, names, strict=True)
    )
    yield "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    yield "xl/_rels/workbook.xml.rels", _relations([(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers])
    for number, sheet in zip(numbers, sheets, strict=True):
        rows = [sheet.head, *sheet.rows] if sheet.head else sheet.rows
        yield f"xl/worksheets/sheet{number}.xml", _worksheet(rows)


def _override(part: str, kind: str) -> str:
    return f'<Override PartName="{part}" ContentType="{kind}"/>'


def _relations(found: Iterable[tuple[int, str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for n, kind, target in found
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _names(titles: Iterable[str]) -> list[str]:
    """Return names that a spreadsheet allows: short, without its signs, each once."""
    found: list[str] = []
    for title in titles:
        name = _NOT_IN_NAMES.sub(" ", _NOT_IN_XML.sub(" ", title)).strip()[:NAME_LETTERS] or "-"
        taken = {f.lower() for f in found}
        numbered = (f"{name[: NAME_LETTERS - 5]} ({n})" for n in count(2))
        found.append(next(n for n in chain([name], numbered) if n.lower() not in taken))
    return found


def _worksheet(rows: Iterable[Sequence[str]]) -> str:
    lines = "".join(f"<row>{''.join(_cell(text) for text in row)}</row>" for row in rows)
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(text: str) -> str:
    clean = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    shown = clean if len(clean) <= MOST_LETTERS else clean[: MOST_LETTERS - 1] + "…"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(shown)}</t></is></c>'
