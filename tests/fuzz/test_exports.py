"""What leaves the desk: no cell runs in a spreadsheet, no page runs a script, no drawing breaks, whatever people wrote."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as Xml

from hypothesis import example, given
from hypothesis import strategies as st

from handlers.documents.diagrams import diagram
from handlers.documents.workbook import workbook
from handlers.report_texts import _PAGES, Sheet, csv_text
from storage.policy_files import examine_text
from tests.fuzz import examples
from tests.fuzz.hostile import words
from tests.handlers.documents.test_diagrams import FORKED

RUNS = re.compile(r"[=+\-@\t\r\n＝＋－＠]")


@examples(60)
@given(st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=4))
def test_no_cell_of_a_csv_is_a_formula_and_all_words_are_there(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(["head"], rows), newline="")))

    for row, cells in zip(rows, read[1:], strict=True):
        assert not any(RUNS.match(cell) for cell in cells)
        assert [cell.removeprefix("'") for cell in cells] == [text.removeprefix("'") for text in row]


class Page(HTMLParser):
    """Collects the tags and attributes of a page as a browser would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.found |= {tag, *(f"{tag}.{name}" for name, _ in attrs)}


@examples(40)
@given(words, words, words)
def test_a_page_has_no_tag_that_is_not_ours(title: str, cell: str, foot: str) -> None:
    sheet = Sheet(title=title, head=(cell,), rows=((cell, foot),))
    text = _PAGES.get_template("report.html").render(title=title, sheets=[sheet], footer=foot, language="en")
    page = Page()
    page.feed(text)

    assert page.found <= {
        "html", "html.lang", "head", "meta", "meta.charset", "title", "style", "body", "h1", "h2", "table", "tr", "th",
        "td", "footer",
    }  # fmt: skip


@examples(40)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30) | words,
    st.sampled_from(("svg", "bpmn")),
)
@example(" ", "svg")
def test_a_drawing_is_well_formed_whatever_a_stage_is_called(name: str, form: str) -> None:
    # A name of blanks is none, and is refused before anything is drawn.
    label = "".join(c for c in name if c.isprintable() and c not in '\\"').strip() or "x"
    labels = f'texts: {{report: ["{label}", "{label}", "{label}"], hurry: ["{label}", x, x]}}\n'
    policy, findings = examine_text(FORKED + labels, "forked.yml", checks=False)
    assert policy is not None, findings
    text = diagram(policy, form, "en")

    assert "<script" not in text.lower()
    Xml.fromstring(text)


@examples(40)
@given(words, words)
def test_a_workbook_is_well_formed_and_has_no_formula(title: str, cell: str) -> None:
    sheet = Sheet(title=title, head=(cell,), rows=((cell, title),))
    with zipfile.ZipFile(io.BytesIO(workbook([sheet]))) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                tags = {element.tag.rpartition("}")[2] for element in Xml.fromstring(parts.read(name)).iter()}
                assert not tags & {"f", "hyperlink", "externalLink", "ddeLink"}
