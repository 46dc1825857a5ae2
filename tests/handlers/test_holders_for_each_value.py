"""A group of branches and stores in Slack: who gets the card, what the form offers, what a refusal says."""

from __future__ import annotations

import pytest

from handlers.cards.refs import Ref
from tests.handlers.filled import words_of
from tests.handlers.talk import Talk
from tests.support.desks import TestDesk
from tests.support.group import stores_desk


@pytest.fixture
def desk() -> TestDesk:
    desk = stores_desk()
    desk.log("UCLERK1", what="leak", store="store1")
    return desk


def _options(view: dict, block: str) -> list[str]:
    found = next(b for b in view["blocks"] if b.get("block_id") == block)
    return [o["text"]["text"] for o in found["element"]["options"]]


def ref(desk: TestDesk, stage: str) -> Ref:
    return Ref(case="case1", visit=desk.visit(stage), facts=desk.case().facts_version)


async def test_the_form_offers_the_stores_that_have_a_holder(desk):
    talk = Talk(desk)
    clerk = talk.person("UCLERK1", locale="zh-TW")
    await clerk.command()

    assert _options(clerk.seen, "field.store") == ["一店", "二店", "三店"]


@pytest.mark.parametrize("locale", ["en-US", "zh-CN", "zh-TW"])
async def test_a_refusal_names_who_answers_for_the_store(desk, locale):
    talk = Talk(desk)
    other = talk.person("UTHREE", locale=locale)
    await other.click("visit.main", ref(desk, "handle"))

    assert "<@UONE>" in other.told
    assert "<@UTHREE>" not in other.told


@pytest.mark.capabilities("RT-26", "GA-08")
async def test_the_stores_manager_fills_in_and_decides(desk):
    talk = Talk(desk)
    manager = talk.person("UONE", locale="zh-TW")
    await manager.open_home()
    assert "處理" in words_of(manager.home)

    await manager.click("visit.main", ref(desk, "handle"))
    await manager.submit(field__finding="pipe", decision="done")

    assert desk.open_stages() == ["review"]


async def test_another_stores_manager_has_nothing_waiting(desk):
    talk = Talk(desk)
    other = talk.person("UTWO")
    await other.open_home()

    assert "leak" not in words_of(other.home)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en-US", "<@UTEST3> does not have “authorised tester”"),
        ("zh-CN", "<@UTEST3> 没有「授权检测员」资格"),
        ("zh-TW", "<@UTEST3> 沒有「授權檢測員」資格"),
    ],
)
async def test_who_is_not_qualified_reads_what_is_missing_and_the_clause(desk, locale, said):
    desk.decide("UONE", "handle", "done", finding="pipe")
    desk.decide("UNORTH", "review")
    talk = Talk(desk)
    person = talk.person("UTEST3", locale=locale)
    await person.click("visit.main", ref(desk, "test"))

    assert said in person.told
    assert "<@UTEST1>" in person.told
