"""The customer register and its CSV file."""

from __future__ import annotations

import pytest

from complaints.ports import Customer
from storage.customer_files import decode, read_customers
from storage.customers import UnknownCustomer
from storage.store import Store
from tests.storage.acts import NOW

FILE = """\
code,name_en,name_zh_hant,name_zh_hans,aliases,market,excess_ratio,contact_name,contact_phone,area
C01,Tatung Electric,大同電機,大同电机,大同;TTE,foreign,5%,王小明,02-1234,north
C02,"Sun, Moon & Co",,,,domestic,0.050,,,
"""


def test_a_file_is_imported_whole(store: Store) -> None:
    found = store.register.import_csv(FILE.encode("utf-8-sig"), NOW)

    assert found.errors == ()
    assert store.reader.customer("C01") == Customer(
        code="C01",
        names={"en": "Tatung Electric", "zh-Hant": "大同電機", "zh-Hans": "大同电机"},
        aliases=("大同", "TTE"),
        values={"market": "foreign", "excess_ratio": "0.05", "area": "north"},
        contact={"name": "王小明", "phone": "02-1234"},
    )
    assert store.reader.customer("C02").values == {"market": "domestic", "excess_ratio": "0.05"}
    assert store.reader.customer("C09") is None


def test_importing_again_replaces_a_customer(store: Store) -> None:
    store.register.import_csv(FILE.encode(), NOW)
    store.register.import_csv(b"code,name_en\nC01,New Name\n", NOW)

    assert store.reader.customer("C01").names == {"en": "New Name"}
    assert [c.code for c in store.reader.customers("tatung")] == []
    assert len(store.register.all()) == 2


def test_one_wrong_row_keeps_the_whole_file_out(store: Store) -> None:
    found = store.register.import_csv(b"code,name_en\nC01,Good\n,No code\n", NOW)

    assert [str(error) for error in found.errors] == ["line 3: the code is empty; each customer needs one"]
    assert store.register.all() == []


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ["line 1: there is no column “code”", "line 1: there is no column with a name"]),
        ("name_en\nA\n", ["line 1: there is no column “code”"]),
        ("code,market\nC1,x\n", ["line 1: there is no column with a name"]),
        ("code,name_en,name_en\nC1,x,y\n", ["line 1: the column “name_en” stands there twice"]),
        ("code,name_en\nC1,\n", ["line 2: there is no name"]),
        ("code,name_en\nC1,A\nC1,B\n", ["line 3: the code 'C1' stands in line 2 already"]),
        ("code,name_en\nC1,Sun, Moon\n", ["line 2: 3 values for 2 columns"]),
        ("code,name_en,excess_ratio\nC1,A,much\n", ["line 2: excess_ratio is 'much'"]),
        ("code,name_en,excess_ratio\nC1,A,NaN\n", ["line 2: excess_ratio is 'NaN'"]),
        ("code,name_en,excess_ratio\nC1,A,120%\n", ["line 2: excess_ratio is '120%'"]),
        (f"code,name_en\n{'C' * 65},A\n", ["line 2: the code"]),
        ("code,name_en,excess_ratio\nC1,A,1e-999999\n", ["line 2: excess_ratio is '1e-999999'"]),
        ("code,name_en\nC1,A\0\n", ["line 2: name_en has hidden characters"]),
        ("code,name_en,area\nC1,A,\ud800\n", ["line 2: area has hidden characters"]),
        ("code,name_en\nC1,\u202eA\n", ["line 2: name_en has hidden characters"]),
        (f"code,name_en\nC1,{'A' * 201}\n", ["line 2: name_en has 201 characters, more than 200"]),
        ("code,name_en,a\0\nC1,A,b\n", ["line 1: the name of the column 'a\\x00' has hidden characters"]),
        ('code,name_en\nC1,"A\n', ["line 2: this is not CSV"]),
        ('code,name_en\n"C1\nx",\n', ["line 3: the code", "line 3: there is no name"]),
    ],
)
def test_each_error_names_its_line_and_what_to_do(text: str, sentences: list[str]) -> None:
    errors = [str(error) for error in read_customers(text).errors]

    assert len(errors) == len(sentences)
    for error, sentence in zip(errors, sentences, strict=True):
        assert error.startswith(sentence)


def test_empty_lines_are_passed_over() -> None:
    assert [c.code for c in read_customers("code,name_en\n\n , \nC1,A\n").customers] == ["C1"]


SIMPLIFIED, TRADITIONAL, RARE = "代码,大同电机", "代碼,台灣積體電路製造股份有限公司", "代码,镕镕实业有限公司"


@pytest.mark.parametrize(
    ("text", "encoding", "language"),
    [
        (SIMPLIFIED, "utf-8", "en"),
        (SIMPLIFIED, "utf-8-sig", "zh-Hant"),
        (SIMPLIFIED, "gb18030", "zh-Hans"),
        (SIMPLIFIED, "gb18030", "zh-Hant"),
        (RARE, "gb18030", "zh-Hans"),
        (TRADITIONAL, "cp950", "zh-Hant"),
        (TRADITIONAL, "cp950", "en"),
    ],
)
def test_files_of_chinese_offices_are_read(text: str, encoding: str, language: str) -> None:
    """What Excel in Taiwan writes as CSV (Big5) reads as GB18030 too, as other characters that nobody would notice."""
    assert decode(text.encode(encoding), language) == text


def test_customers_are_found_exactly_then_by_beginning_then_inside(store: Store) -> None:
    names = {"C1": "Moon", "C2": "Moonlight", "C3": "Blue Moon", "C4": "Sun"}
    store.register.keep([Customer(code=c, names={"en": n}) for c, n in names.items()], NOW)

    assert [c.code for c in store.reader.customers("moon")] == ["C1", "C2", "C3"]
    assert [c.code for c in store.reader.customers("MOON", limit=1)] == ["C1"]
    assert [c.code for c in store.reader.customers("c4")] == ["C4"]
    assert store.reader.customers("%") == []


def test_the_longest_name_in_a_text_is_proposed(store: Store) -> None:
    store.register.import_csv(FILE.encode(), NOW)
    store.register.keep([Customer(code="C3", names={"zh-Hant": "大同電機二廠"})], NOW)

    assert store.register.named_in("昨天大同電機二廠來電說漏水").code == "C3"
    assert store.register.named_in("大同電機說漏水").code == "C01"
    assert store.register.named_in("somebody else") is None


def test_a_merged_customer_stands_for_the_other(store: Store) -> None:
    store.register.keep(
        [Customer(code="C1", names={"en": "Moon"}), Customer(code="NEW7", names={"en": "Mooon Ltd"})], NOW
    )

    store.register.merge("NEW7", "C1", NOW)

    assert store.reader.customer("NEW7").code == "C1"
    assert [c.code for c in store.reader.customers("mooon")] == ["C1"]
    assert [c.code for c in store.register.all()] == ["C1"]
    for code, into in (("C9", "C1"), ("C1", "C9"), ("C1", "C1")):
        with pytest.raises(UnknownCustomer):
            store.register.merge(code, into, NOW)
