"""A customer whom the policy hides from a role: neither name, market nor contact reaches it, on no card and in no view."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.hiding import is_hidden_from
from complaints.people import Absence
from complaints.policy_model import Register
from complaints.refusals import NotAuthorized
from complaints.registers import shown_columns
from complaints.views_case import parent_number
from complaints.views_matter import customer_of
from complaints.views_rows import row_of_case
from handlers.cards.refs import Ref
from handlers.documents.case_file import Proof, case_file, head_rows
from handlers.modals.history import history_lines
from handlers.scenes import Scene
from tests.chaos.company import policy
from tests.handlers.cards.drawn import draw, renderer, texts
from tests.handlers.talk import Talk, words_of
from tests.support.company import local
from tests.support.desks import TestDesk
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


def scene_of(desk: TestDesk, member: str, language: str = "en") -> Scene:
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    case = desk.case()
    return Scene(
        case=case, policy=world.policy(case), world=world, member=member, language=language, ref=Ref(case=case.id),
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


WITHHELD = {
    "en-US": ("hides the customer from you", "That you asked is recorded", "asked for the contact"),
    "zh-CN": ("客户资料不向您公开", "要求查看一事已留记录", "要求查看联系人"),
    "zh-TW": ("客戶資料不向您公開", "要求查看一事已留紀錄", "要求查看聯絡人"),
}


@pytest.mark.parametrize("locale", WITHHELD)
async def test_who_asks_for_the_hidden_contact_is_told_that_it_is_hidden_and_the_attempt_is_recorded(
    desk: MadeDesk, locale: str
) -> None:
    """Never that the register knows none, which would be untrue; and not as a look, for nothing was seen."""
    said, recorded, in_history = WITHHELD[locale]
    talk = Talk(desk)
    reader = talk.person(person("department"), locale=locale)

    await reader.click("visit.contact", Ref(case="case1"))

    told = words_of(reader.seen)
    assert said in told
    assert recorded in told
    assert (len(desk.happened(e.WordsWithheld)), len(desk.happened(e.WordsShown))) == (1, 0)
    reader.stack.clear()
    await reader.click("visit.history", Ref(case="case1"))
    assert in_history in words_of(reader.seen)


async def test_who_may_see_the_customer_is_recorded_as_having_looked(desk: MadeDesk) -> None:
    await Talk(desk).person(person("reception")).click("visit.contact", Ref(case="case1"))

    assert (len(desk.happened(e.WordsWithheld)), len(desk.happened(e.WordsShown))) == (0, 1)


async def test_a_customer_of_whom_no_contact_is_known_is_still_said_to_have_none() -> None:
    desk = MadeDesk(policy())
    desk.log(person("reception"), what_happened="It leaks", customer={"new": "Alpha"})
    reader = Talk(desk).person(person("department"))

    await reader.click("visit.contact", Ref(case="case1"))

    assert "hides" not in words_of(reader.seen)
    assert "Alpha" in words_of(reader.seen)


@pytest.mark.parametrize(
    ("hidden", "to_stage", "reader", "said"),
    [
        (["department"], "handle", "department", "○○ says no, ask ○○"),
        ([], "handle", "department", "N… Instruments says no, ask 北○儀器"),
        (["department"], "intake", "reception", "North Instruments says no, ask 北方儀器"),
    ],
)
def test_the_reason_of_a_return_names_the_customer_only_to_who_may_see_it(
    hidden: list[str], to_stage: str, reader: str, said: str
) -> None:
    """Words that are no field (a reason, a question, an urge) stand on cards as well."""
    raw = policy()
    raw["fields"]["customer"]["hidden_from"] = hidden
    desk = MadeDesk(raw)
    desk.log(person("reception"), customer="C-0417", what_happened="It leaks")
    desk.decide(person("department"), "handle", "approve", finding="So it is")
    desk.decide(
        person("head_office"), "confirm", "return", reason="North Instruments says no, ask 北方儀器", to_stage=to_stage
    )
    card = [n for n in desk.record.notices if n.to in (person(reader), f"C{reader.upper()}")][-1]

    assert said in "\n".join(texts(draw(desk, card, "en")))


@pytest.mark.parametrize("who", ["on leave", "deputy"])
def test_who_is_on_leave_and_who_stands_in_are_blind_as_well(desk: MadeDesk, who: str) -> None:
    """The role is blind, not only those of it who happen to be asked today: who comes back tests the next sample."""
    plan, away = desk.settings.people, person("department")
    absence = Absence(
        member=away, from_at=local("2026-11-01 00:00"), until_at=local("2026-11-09 00:00"), deputy="UNEIGHBOUR"
    )
    desk.settings.people = replace(plan, absences=(absence,))
    reader = away if who == "on leave" else "UNEIGHBOUR"
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())

    assert is_hidden_from(reader, "customer", desk.case(), world)
    assert not is_hidden_from(person("reception"), "customer", desk.case(), world)
    assert customer_of(scene_of(desk, reader).look, world.policy(desk.case()), desk.case()) is None


def test_a_short_field_is_blind_as_well() -> None:
    raw = policy()
    raw["fields"]["customer"]["hidden_from"] = ["department"]
    raw["fields"]["part"] = {"type": "text", "source": {"ours": "draft"}}
    raw["stages"]["intake"]["may_fill"] = ["part"]
    raw["intake"]["pages"][0].append("part")
    raw["texts"]["part"] = ["Part", "料号", "料號"]
    desk = MadeDesk(raw)
    desk.log(person("reception"), customer="C-0417", what_happened="It leaks", part="North Instruments N-7")
    shown = "\n".join("\n".join(texts(draw(desk, n, "en"))) for n in desk.record.notices if n.to == "CDEPARTMENT")

    assert "N-7" in shown
    assert said_of(shown) == []


def test_a_register_shows_no_column_that_tells_the_hidden_customer() -> None:
    """What comes from the customer register (the market) is hidden with the customer, and "the owner" is who owns this case."""
    raw = policy()
    raw["fields"]["customer"]["hidden_from"] = ["department", "owner"]
    raw["fields"]["market"] = {"type": "text", "from": "customer.market", "source": {"ours": "draft"}}
    raw["stages"]["intake"]["may_fill"] = ["market"]
    raw["texts"]["market"] = ["Market", "市场", "市場"]
    desk = MadeDesk(raw)
    desk.log(person("reception"), customer="C-0417", what_happened="It leaks")
    register = Register.model_validate(
        {"columns": ["number", "customer", "market", "finding"], "kept_by": "reception", "source": "D1"}
    )
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())

    def columns(member: str) -> tuple[str, ...]:
        return shown_columns(member, register, desk.case(), world, full=True)

    assert columns(person("department")) == ("number", "finding")
    assert columns(person("head_office")) == ("number", "customer", "market", "finding")
    assert columns(desk.case().owner or desk.case().reporter) == ("number", "finding")


@pytest.mark.parametrize(
    ("query", "by_department", "by_reception"),
    [("C-0417", False, True), ("domestic", False, True), ("202611-001", True, True)],
)
async def test_a_search_for_the_customer_does_not_bring_up_the_case_of_a_blind_reader(
    desk: MadeDesk, query: str, by_department: bool, by_reception: bool
) -> None:
    """Whoever is found under a customer's name is that customer's case."""
    found = {}
    for role in ("department", "reception"):
        reader = Talk(desk).person(person(role))
        await reader.command(f"search {query}")
        found[role] = "case.show" in str(reader.seen["blocks"]) or "202611-001" in words_of(reader.seen).replace(
            query, ""
        )

    assert found == {"department": by_department, "reception": by_reception}


@pytest.mark.parametrize(("role", "sees"), [("department", False), ("reception", True)])
async def test_the_form_of_a_blind_reader_names_no_complaint_of_the_same_customer(role: str, sees: bool) -> None:
    """He types a customer and would learn which cases are that customer's."""
    raw = policy() | {"repeat": {"same": ["customer"], "within": "3 months", "source": {"ours": "draft"}}}
    raw["fields"]["customer"]["hidden_from"] = ["department"]
    desk = MadeDesk(raw)
    desk.log(person("reception"), customer="C-0417", what_happened="It leaks")
    reader = Talk(desk).person(person(role))
    await reader.command()

    await reader.choose("field.customer", "C-0417")

    assert (desk.case().name in words_of(reader.seen)) == sees


@pytest.mark.parametrize(("role", "sees"), [("department", False), ("reception", True)])
def test_a_later_complaint_does_not_name_the_first_one_to_a_blind_reader(role: str, sees: bool) -> None:
    """That both are of one matter would tell that both are of one customer."""
    reopens = {"reopens": "handle", "source": {"ours": "draft"}}
    raw = policy() | {"repeat": {"same": ["customer"], "within": "3 months", **reopens}}
    raw["fields"]["customer"]["hidden_from"] = ["department"]
    desk = MadeDesk(raw)
    for case_id in ("case1", "case2"):
        desk.log(person("reception"), case_id, customer="C-0417", what_happened="It leaks")
    scene = replace(scene_of(desk, person(role)), case=desk.case("case2"))

    told = "\n".join([*history_lines(scene, desk.record.logs["case2"]), *(text for _, text in head_rows(scene))])
    assert (parent_number(scene.case, scene.look) == desk.case("case1").number) == sees
    assert ("case1" in told or desk.case("case1").name in told) == sees


@pytest.mark.parametrize(
    ("role", "form", "may"),
    [("department", "json", False), ("department", "html", True), ("reception", "json", True)],
)
def test_the_log_as_it_is_recorded_is_taken_out_by_no_blind_reader(
    desk: MadeDesk, role: str, form: str, may: bool
) -> None:
    """What proves the chain holds the customer's code; the other formats leave it out."""
    if may:
        desk.act(cmd.ExportCase, person(role), form=form, personal=False, why="")
    else:
        with pytest.raises(NotAuthorized, match="hidden_in_log"):
            desk.act(cmd.ExportCase, person(role), form=form, personal=False, why="")

    assert len(desk.happened(e.CaseExported)) == may


@pytest.mark.parametrize(("hidden_from", "told"), [([], True), (["department"], False)])
async def test_an_error_does_not_name_the_hidden_value_that_an_answer_does_not_fit(hidden_from, told):
    raw = policy()
    raw["fields"] |= {
        "cap": {"type": "number", "hidden_from": hidden_from, "source": {"ours": "draft"}},
        "spent": {"type": "number", "must": "spent <= cap", "source": {"ours": "draft"}},
    }
    raw["texts"] |= {"cap": ["Cap", "上限", "上限"], "spent": ["Spent", "支出", "支出"]}
    raw["texts"]["spent"] = {"name": raw["texts"]["spent"], "error": ["Too much.", "过多。", "過多。"]}
    raw["stages"]["intake"]["may_fill"] = ["cap"]
    raw["stages"]["handle"]["may_fill"] = ["spent"]
    desk = MadeDesk(raw)
    desk.log(person("reception"), customer="C-0417", what_happened="It leaks", cap=70413)
    judge = Talk(desk).person(person("department"))
    await judge.click("visit.main", Ref(case="case1", visit=desk.visit("handle")))

    answer = await judge.submit(field__finding="x", field__spent="80000")

    assert "Too much." in answer["errors"]["field.spent"]
    assert ("70,413" in answer["errors"]["field.spent"]) == told
