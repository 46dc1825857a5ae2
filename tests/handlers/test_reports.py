"""`/complaint report`, and the registers in the search: who sees which figures and lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints.register_lines import RegisterLine
from handlers.commands import parse
from handlers.turns import settle_later
from tests.handlers.filled import words_of
from tests.handlers.talk import Talk
from tests.support.pcb import a_case


def december() -> Talk:
    """A complaint was closed in November; it is December."""
    desk = a_case("closed")
    desk.at("2026-12-01 09:30")
    return Talk(desk)


async def reported(talk: Talk, member: str, words: str = "report", locale: str = "en-US") -> str:
    """Return all that the person is told: at once, and when the figures are counted."""
    answer = await talk.person(member, locale).command(words)
    await settle_later()
    return words_of([answer or {}, *(message for _, message in talk.slack.responses)])


@pytest.mark.parametrize("member", ["UGMO1", "UGM", "UOFFICER"])
async def test_registry_general_manager_and_officer_see_last_months_figures(member: str) -> None:
    """SR-01: what came in and went out, each measure with its target, who was late."""
    said = await reported(december(), member)

    assert "Nov 2026" in said
    assert "Received 1" in said
    assert "Closed in time" in said
    assert "≥ 95 %" in said


async def test_nobody_else_sees_figures() -> None:
    talk = december()
    said = await reported(talk, "UQUAL1")
    assert "Ask one of them" in said
    assert talk.slack.responses == []
    assert "lives" not in talk.reader.reads


async def test_figures_name_no_customer_and_no_case() -> None:
    talk = december()
    said = await reported(talk, "UGM")
    assert "北方" not in said
    assert "C-0417" not in said
    assert str(talk.desk.case().number) not in said


@pytest.mark.parametrize(
    ("words", "period"), [("report 2026-11", "Nov 2026"), ("report 2026-10", "Oct 2026"), ("報表 2026-Q4", "2026-Q4")]
)
async def test_another_period_is_named(words: str, period: str) -> None:
    assert period in await reported(december(), "UGM", words)


async def test_a_running_period_says_so() -> None:
    assert "The period still runs" in await reported(december(), "UGM", "report 2026-12")


async def test_a_policy_that_does_not_run_here_is_asked_again() -> None:
    assert "Which regulation? `pcb-manufacturer`" in await reported(december(), "UGM", "report no-such-policy")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("report", "report"), ("report 2026-10", "report"), ("月報", "report"), ("report pcb-manufacturer 2026-Q4", "report"),
        ("report pages are missing", "log"), ("report missing", "log"), ("report 2026-10 and more words", "log"),
    ],
)  # fmt: skip
def test_a_complaint_that_begins_with_the_word_is_a_complaint(text: str, name: str) -> None:
    assert parse(text)[0] == name


async def test_each_reads_the_figures_in_their_own_language() -> None:
    assert "期末未结 0" in await reported(december(), "UGM", locale="zh-CN")


# --- registers in the search ------------------------------------------------------------------------------------


async def found(talk: Talk, member: str, query: str) -> str:
    person = talk.person(member)
    await person.command(f"search {query}")
    return words_of([person.seen])


@pytest.mark.capabilities("RD-03", "RD-08")
async def test_the_search_finds_lines_of_the_registers() -> None:
    """RD-03, RD-08: who works under the regulation finds what was entered."""
    talk = december()
    said = await found(talk, "UPROD", str(talk.desk.case().fields["part_no"]))
    assert "Registers: 1 line" in said
    assert "Tracking register" in said


async def test_many_lines_that_are_not_his_to_read_hide_no_other_from_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = december()
    part = str(talk.desk.case().fields["part_no"])
    ours = talk.reader.register_lines(text=part)

    def newest(*, text: str | None = None, limit: int = 1000, **asked: object) -> list[RegisterLine]:
        return [*(replace(ours[0], case_id=f"restricted{n}") for n in range(100)), *ours][:limit]

    monkeypatch.setattr(talk.reader, "register_lines", newest)

    assert "Registers: 1 line" in await found(talk, "UPROD", part)


async def test_a_department_does_not_see_the_customer_in_a_register() -> None:
    talk = december()
    part = str(talk.desk.case().fields["part_no"])
    department, registry = await found(talk, "UPROD", part), await found(talk, "UGMO1", part)
    assert "Tracking register" in department
    assert "C-0417" not in department.partition("Registers")[2]
    assert "C-0417" in registry.partition("Registers")[2]


async def test_who_keeps_a_register_is_named_on_its_lines_and_reads_them_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """`kept_by`: the keeper answers for the list, so nothing of it is masked for him."""
    talk = december()
    part = str(talk.desk.case().fields["part_no"])
    registers = talk.desk.bundle("").policy.papers.registers
    label = talk.desk.plan.role_label
    assert f"Kept by {label('gm_office', 'en')}" in await found(talk, "UPROD", part)

    monkeypatch.setitem(registers, "tracking", registers["tracking"].model_copy(update={"kept_by": "production"}))
    keeper, other = await found(talk, "UPROD", part), await found(talk, "UQUAL1", part)

    assert f"Kept by {label('production', 'en')}" in keeper
    assert "C-0417" in keeper.partition("Registers")[2]
    assert "C-0417" not in other.partition("Registers")[2]


@pytest.mark.parametrize("query", ["C-0417", "x"])
async def test_what_a_person_may_not_see_does_not_find_the_line_either(query: str) -> None:
    assert "Registers" not in await found(december(), "UPROD", query)


async def test_a_stranger_to_the_regulation_finds_no_line() -> None:
    talk = december()
    assert "Registers" not in await found(talk, "USOMEBODY", str(talk.desk.case().fields["part_no"]))
