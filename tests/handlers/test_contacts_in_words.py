"""Telephone numbers and mail addresses that people wrote into other words: masked where these are shown, never where they are kept."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import commands as cmd
from complaints import events as e
from complaints.views_names import CONTACT_MASK, contacts_in, without_names
from handlers.cards.refs import Ref
from tests.chaos.company import policy
from tests.handlers.cards.drawn import draw, renderer, texts
from tests.handlers.talk import Talk, words_of
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

NUMBER, MAIL = "0912-345-678", "lin@north.example"
SAID = f"產品漏電，請電洽林小姐{NUMBER}或寄{MAIL}。批號 260803-01、訂單 2026-1102、金額 1,234,567.00，11/02 14:30 發現"


@pytest.mark.parametrize(
    ("words", "contacts"),
    [
        ("Call 0912-345-678 or 0912345678", ["0912-345-678", "0912345678"]),
        ("手機13800138000，座機021-12345678轉8", ["13800138000", "021-12345678"]),
        ("138 0013 8000 / 138-0013-8000", ["138 0013 8000", "138-0013-8000"]),
        ("總機(02)2345-6789，傳真02-2345-6789", ["(02)2345-6789", "02-2345-6789"]),
        ("+886 912 345 678, +86-21-1234-5678, +49 (0)30 1234567", ["+886 912 345 678", "+86-21-1234-5678", "+49 (0)30 1234567"]),
        ("請寄到wang.xm+1@mail.example.com.tw。", ["wang.xm+1@mail.example.com.tw"]),
        ("<mailto:lin@north.example|lin@north.example>", ["lin@north.example", "lin@north.example"]),
        ("0912345678/0922345678, 02-23456789/0912345678", ["0912345678", "0922345678", "02-23456789", "0912345678"]),
        ("0912345678/林小姐", ["0912345678"]),
        ("Tel.0912345678, TEL.02-23456789, 電話.0912-345-678", ["0912345678", "02-23456789", "0912-345-678"]),
        ("_0912345678_ *0912345678*", ["0912345678", "0912345678"]),
        ("02-23456789-12 (02)2345-6789-305", ["02-23456789-12", "(02)2345-6789-305"]),
        ("電話：０９１２３４５６７８，（０２）２３４５－６７８９", ["０９１２３４５６７８", "（０２）２３４５－６７８９"]),
        # what is none
        ("lot_0912345678, 0912345678_A, No.0912345678, 3.0912345678, 0912345678/A1, 0912345678/0922345678A", []),
        ("ＬＯＴ０９１２３４５６７８，２０２６－１１－０２，１，２３４，５６７．００", []),
        ("on 2026-11-02, 02-11-2026, 2026/11/02 14:30, 20261102", []),
        ("11/02 at 09:30, 2026年11月2日", []),
        ("NT$1,234,567.00, 1380013800.50, 0.03 µm, 12.5 %", []),
        ("lot 260803-01, LOT13800138000, 0912345678A, PO-0912345678, A/0912345678", []),
        ("order 202611020001, serial 4006-7788-9900-1122, part 02-2345-67890", []),
        ("10 boards of 186, rev 2.5, 5+3 samples, 400-820-8820", []),
        ("@lin, lin@north, a@b", []),
    ],
)  # fmt: skip
def test_numbers_and_addresses_are_known_and_amounts_dates_and_lots_are_none(words: str, contacts: list[str]) -> None:
    assert contacts_in(words) == contacts


@pytest.fixture
def desk() -> MadeDesk:
    desk = MadeDesk(policy())
    desk.log(person("reception"), customer="C-0417", what_happened=SAID)
    return desk


def test_a_channels_card_has_the_words_without_how_to_reach_the_customer(desk: MadeDesk) -> None:
    [card] = [n for n in desk.record.notices if n.to == "CDEPARTMENT"]

    shown = "\n".join(texts(draw(desk, card)))

    assert NUMBER not in shown
    assert MAIL not in shown
    assert f"林小姐{CONTACT_MASK}或寄{CONTACT_MASK}" in shown
    for kept in ("260803-01", "2026-1102", "1,234,567.00", "11/02 14:30"):
        assert kept in shown


def test_numbers_beside_each_other_or_in_full_width_are_masked_and_the_words_around_them_stay() -> None:
    desk = MadeDesk(policy())
    said = "林小姐 0912345678/0922345678，批號 260803-01，電話０９１２３４５６７８，1,234,567.00"
    desk.log(person("reception"), customer="C-0417", what_happened=said)
    [card] = [n for n in desk.record.notices if n.to == "CDEPARTMENT"]

    shown = "\n".join(texts(draw(desk, card)))

    assert f"林小姐 {CONTACT_MASK}，批號 260803-01，電話{CONTACT_MASK}，1,234,567.00" in shown


def test_a_return_says_its_reason_without_them(desk: MadeDesk) -> None:
    desk.decide(person("department"), "handle", "approve", finding="So it is")
    desk.decide(person("head_office"), "confirm", "return", reason=f"Ask her first: {NUMBER}", to_stage="handle")
    card = [n for n in desk.record.notices if n.to == "CDEPARTMENT"][-1]

    shown = "\n".join(texts(draw(desk, card)))

    assert "Ask her first" in shown
    assert NUMBER not in shown


async def test_customer_and_contact_shows_them_after_the_look_is_recorded(desk: MadeDesk) -> None:
    desk.decide(person("department"), "handle", "approve", finding=f"She says {NUMBER} is wrong, it is 0987-654-321")
    talk = Talk(desk)
    reader = talk.person(person("department"))
    await reader.click("visit.whole", Ref(case="case1"))
    before = words_of(reader.seen)
    looks = len(desk.happened(e.WordsShown))
    reader.stack.clear()
    await reader.click("visit.contact", Ref(case="case1"))

    assert NUMBER not in before
    assert "0987-654-321" not in before
    for found in (NUMBER, MAIL, "0987-654-321"):
        assert found in words_of(reader.seen)
    assert len(desk.happened(e.WordsShown)) == looks + 1


async def test_who_sees_the_whole_name_sees_the_words_as_they_were_written(desk: MadeDesk) -> None:
    reporter = Talk(desk).person(person("reception"))

    await reporter.click("visit.whole", Ref(case="case1"))

    assert NUMBER in words_of(reporter.seen)
    assert MAIL in words_of(reporter.seen)


def test_what_is_kept_is_what_was_written(desk: MadeDesk) -> None:
    [card] = [n for n in desk.record.notices if n.to == "CDEPARTMENT"]
    draw(desk, card)

    assert SAID in desk.record.words.values()


async def test_what_stood_in_a_hidden_field_before_it_was_amended_stays_hidden() -> None:
    """The policy hides the informant from the head office; the department sees him, and what was said of him before."""
    raw = policy()
    raw["fields"]["informant"] = {"type": "text", "personal": True, "hidden_from": ["head_office"], "source": "D1"}
    raw["stages"]["intake"].setdefault("may_fill", []).append("informant")
    raw["texts"]["informant"] = ["Informant", "举报人", "舉報人"]
    desk = MadeDesk(raw)
    desk.log(person("reception"), customer="C-0417", what_happened="It leaks", informant=NUMBER)
    desk.act(cmd.Amend, person("reception"), fields={"informant": "0987-654-321"}, reason="Typed wrong")
    desk.decide(person("department"), "handle", "approve", finding="So it is")
    seen = {}
    for role in ("department", "head_office"):
        reader = Talk(desk).person(person(role))
        await reader.click("visit.contact", Ref(case="case1"))
        seen[role] = words_of(reader.seen)

    assert NUMBER in seen["department"]
    assert "0987-654-321" in seen["department"]
    assert NUMBER not in seen["head_office"]
    assert "0987-654-321" not in seen["head_office"]


# --- what a case calls its own ---------------------------------------------------------------------------------

LOT = "02-2026-1105"


def with_codes(**said: Any) -> MadeDesk:
    """Return a desk with a case of which the form asked lot, order and maker."""
    raw = policy()
    ours = {"source": {"ours": "draft"}}
    raw["fields"] |= {
        "lot": {"type": "text", **ours}, "order_no": {"type": "order", **ours}, "maker": {"type": "text", **ours},
        "phone": {"type": "text", "personal": True, **ours},
    }  # fmt: skip
    raw["stages"]["intake"]["may_fill"] = asked = ["lot", "order_no", "maker", "phone"]
    raw["intake"]["pages"][0] += asked[:3]
    raw["texts"] |= {n: [n, n, n] for n in asked}
    desk = MadeDesk(raw)
    desk.log(person("reception"), customer="C-0417", **said)
    return desk


def on_card(desk: MadeDesk) -> str:
    return "\n".join("\n".join(texts(draw(desk, n, "en"))) for n in desk.record.notices if n.to == "CDEPARTMENT")


async def test_a_lot_that_looks_like_a_number_is_masked_neither_in_its_field_nor_where_it_is_spoken_of() -> None:
    desk = with_codes(lot=LOT, order_no="0912345678", what_happened=f"批號{LOT}、訂單0912345678漏電，電話02-2345-6789")
    shown = on_card(desk)

    assert f"批號{LOT}、訂單0912345678漏電，電話{CONTACT_MASK}" in shown
    reader = Talk(desk).person(person("department"))
    for button, seen in (("visit.whole", True), ("visit.contact", False)):
        reader.stack.clear()
        await reader.click(button, Ref(case="case1"))
        assert (LOT in words_of(reader.seen)) == seen
    assert "02-2345-6789" in words_of(reader.seen)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lot", "0912-345-678"),  # a mobile number is none by its shape
        ("lot", "+886 2 2345 6789"),
        ("lot", "(02)2345-6789"),
        ("maker", "Alpha, ask for Lin, 02-2345-6789"),  # beside other words it is a telephone
        ("phone", "02-2345-6789"),
    ],
)
def test_a_telephone_number_in_a_wrong_field_stays_masked(field: str, value: str) -> None:
    shown = on_card(with_codes(**{field: value}, what_happened=f"Call {value}"))

    assert CONTACT_MASK in shown
    assert value not in shown
    assert value.rpartition(", ")[2] not in shown


_LANDLINES = st.from_regex(r"0[2-9]{1,2}-[2-9][0-9]{2,3}-[0-9]{4}", fullmatch=True)
_MOBILES = st.from_regex(r"09[0-9]{2}-[0-9]{3}-[0-9]{3}|09[0-9]{8}|1[3-9][0-9]{9}|\+8869[0-9]{8}", fullmatch=True)
_ORDERS = st.from_regex(r"09[0-9]{8}|1[3-9][0-9]{9}|09[0-9]{2}-[0-9]{3}-[0-9]{3}", fullmatch=True)
_LOTS = st.lists(
    st.from_regex(r"0[0-9]{1,3}-(?:[0-9]{3,4}-[0-9]{4}|[0-9]{7,8})(?:-[0-9]{1,4})?", fullmatch=True),
    min_size=1,
    max_size=3,
)

_DESK = with_codes(what_happened="It leaks")
COMPLAINT = _DESK.case()
LOOK = renderer(_DESK).look(COMPLAINT, person("department"))


@pytest.mark.slow  # a second
@given(lots=_LOTS, phones=st.lists(st.one_of(_LANDLINES, _MOBILES), min_size=1, max_size=3), order=_ORDERS)
def test_of_numbers_that_look_alike_the_case_s_own_stand_and_all_others_are_masked(
    lots: list[str], phones: list[str], order: str
) -> None:
    case = copy.deepcopy(COMPLAINT)
    case.fields |= {"lot": "、".join(lots), "order_no": order}
    others = [phone for phone in phones if phone not in {*lots, order}]
    said = "，".join([*lots, order, *others])

    shown = without_names(said, LOOK, LOOK.world.policy(case), case)

    assert shown == "，".join([*lots, order, *[CONTACT_MASK] * len(others)])
