"""A customer whom the policy hides from a role: neither name, market nor contact reaches it, on no card and in no view."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from complaints.views_rows import row_of_case
from handlers.cards.refs import Ref
from handlers.documents.case_file import Proof, case_file
from handlers.modals.history import history_lines
from handlers.scenes import Scene
from tests.chaos.company import policy
from tests.handlers.cards.drawn import draw, renderer, texts
from tests.handlers.talk import Talk, words_of
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

TELLING = ("North", "Instruments", "N…", "北方儀器", "北○儀器", "北方仪器", "北○仪器", "C-0417", "domestic")


@pytest.fixture
def desk() -> MadeDesk:
    raw = policy()
    raw["fields"]["customer"]["hidden_from"] = ["department"]
    raw["fields"]["market"] = {"type": "text", "from": "customer.market", "source": {"ours": "draft"}}
    raw["stages"]["intake"]["may_fill"] = ["market"]
    raw["texts"]["market"] = ["Market", "市场", "市場"]
    desk = MadeDesk(raw)
    desk.log(person("reception"), customer="C-0417", what_happened="North Instruments says it leaks")
    return desk


def said_of(text: str) -> list[str]:
    return [word for word in TELLING if word in text]


def scene_of(desk: MadeDesk, member: str) -> Scene:
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    case = desk.case()
    return Scene(
        case=case, policy=world.policy(case), world=world, member=member, language="en", ref=Ref(case=case.id),
        words=desk.record.words,
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_the_cards_in_the_roles_channel_and_its_rows_are_blind(desk: MadeDesk, language: str) -> None:
    cards = {n.to: "\n".join(texts(draw(desk, n, language))) for n in desk.record.notices if n.to.startswith("C")}
    drawn = renderer(desk, language)

    assert said_of(cards["CDEPARTMENT"]) == []
    for to in ("CDEPARTMENT", person("department"), "CSOMEWHERE"):
        row = row_of_case(desk.case(), drawn.look(desk.case(), to))
        assert (row.customer, said_of(row.what + row.matter)) == (None, [])
    assert row_of_case(desk.case(), drawn.look(desk.case(), "CHEADOFFICE")).customer is not None


@pytest.mark.parametrize(("role", "sees"), [("department", False), ("head_office", True)])
async def test_the_whole_case_and_the_contact_are_blind_too(desk: MadeDesk, role: str, sees: bool) -> None:
    if sees:
        desk.decide(person("department"), "handle", "approve", finding="So it is")
    reader = Talk(desk).person(person(role))
    seen = []
    for button in ("visit.whole", "visit.contact"):
        reader.stack.clear()
        await reader.click(button, Ref(case="case1"))
        seen.append(bool(said_of(words_of(reader.seen))))

    assert seen == [sees, sees]


@pytest.mark.parametrize(("role", "sees"), [("department", False), ("reception", True)])
def test_a_file_of_the_case_and_its_history_are_blind_too(desk: MadeDesk, role: str, sees: bool) -> None:
    scene, log = scene_of(desk, person(role)), desk.record.logs["case1"]
    file = case_file(
        scene,
        log,
        Proof(
            events=len(log),
            head="f" * 64,
        ),
        datetime(2026, 11, 2, 3, tzinfo=UTC),
    )

    assert bool(said_of("\n".join(cell for sheet in file.sheets for row in sheet.rows for cell in row))) == sees
    assert said_of("\n".join(history_lines(scene, log))) == []
