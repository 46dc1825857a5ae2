"""Setting absences, deputies, members, closed days and values from Slack: who sees which button, what a form does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from complaints.events import Event
from tests.handlers.filled import block_ids, has_gap, labels_of, words_of
from tests.handlers.talk import Person, Talk
from tests.support.company import OFFICER
from tests.support.desks import bundle
from tests.support.pcb import a_case

POLICIES = sorted((Path(__file__).resolve().parents[2] / "policies").glob("*.yml"))
DATES = {"from": "2026-11-03", "until": "2026-11-06"}


async def at_the_desk(talk: Talk, member: str, **how: str) -> Person:
    person = talk.person(member, **how)
    await person.command("desk")
    return person


def log(talk: Talk) -> list[Event]:
    return [r.event for r in talk.desk.record.desk_log]


def answers(talk: Talk, role: str) -> tuple[str, ...]:
    return talk.desk.settings.plan().holders(role, talk.desk.clock.at)


# --- who sees what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "buttons"),
    [
        ("UPROD", ["Absence…"]),
        ("USOMEBODY", ["Absence…"]),
        ("UQHEAD", ["Absence…", "Roles…"]),
        (OFFICER, ["Absence…", "Roles…", "Closed days…", "Values…"]),
    ],
)
async def test_each_sees_only_what_they_may_set(member: str, buttons: list[str]) -> None:
    person = await at_the_desk(Talk(a_case()), member)

    assert labels_of(person.seen) == buttons
    assert "Nothing is set that concerns you." in words_of(person.seen)


async def test_home_leads_there_as_well() -> None:
    talk = Talk(a_case())
    person = talk.person("UPROD")
    await person.open_home()

    await person.press("Absences, roles…", on="home")

    assert person.seen["callback_id"] == "desk.list"


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("desk.roles", "-"),
        ("desk.role", "quality"),
        ("desk.close_days", "-"),
        ("desk.values", "-"),
        ("desk.set_value", "pcb-manufacturer.deputy_gm_max"),
    ],
)
async def test_a_forged_click_is_refused_with_who_may(action: str, value: str) -> None:
    talk = Talk(a_case())
    person = await at_the_desk(talk, "UPROD")

    await person.click(action, value, on="modal")

    assert person.seen["callback_id"] == "notice"
    assert "You may not set this" in words_of(person.seen)
    assert f"<@{OFFICER}>" in words_of(person.seen)


@pytest.mark.parametrize("language", ["en-US", "zh-CN", "zh-TW"])
async def test_every_list_and_form_is_taken_by_slack_in_each_language(language: str) -> None:
    talk = Talk(a_case())
    officer = await at_the_desk(talk, OFFICER, locale=language)
    seen = [officer.seen]
    for way in (["desk.away"], ["desk.close_days"], ["desk.roles", "desk.role"], ["desk.values", "desk.set_value"]):
        for action in way:
            await officer.press(action)
            seen.append(officer.seen)
        await officer.close()
        if len(way) > 1:
            await officer.press("desk.open")
    assert not [v["callback_id"] for v in seen if has_gap(words_of(v))]


# --- absences ------------------------------------------------------------------------------------------------


async def test_anybody_sets_the_own_absence_and_withdraws_it() -> None:
    talk = Talk(a_case())
    person = await at_the_desk(talk, "UPROD")
    await person.press("Absence…")
    assert block_ids(person.seen) == ["from", "until", "deputy"]

    await person.submit(**DATES, deputy="UWH")

    assert "*It is set.*" in words_of(person.seen)
    assert "*Away* <@UPROD>" in words_of(person.seen)
    assert "deputy <@UWH>" in words_of(person.seen)
    assert "Set in Slack by <@UPROD>" in words_of(person.seen)
    assert answers(talk, "production") == ("UPROD",)
    talk.desk.at("2026-11-04 10:00")
    assert answers(talk, "production") == ("UWH",)

    await person.press("Withdraw")
    assert "It is withdrawn" in words_of(person.seen)
    assert answers(talk, "production") == ("UPROD",)
    assert [type(e).__name__ for e in log(talk)] == ["OverrideSet", "OverrideWithdrawn"]


async def test_a_head_sets_an_absence_of_the_own_department_only() -> None:
    talk = Talk(a_case())
    head = await at_the_desk(talk, "UQHEAD")
    await head.press("Absence…")

    refused = await head.submit(member="UPROD", **DATES)
    assert refused["response_action"] == "push"
    assert "<@UPHEAD> or <@UOFFICER>" in words_of(head.seen)
    head.stack.pop()
    await head.submit(member="UQUAL1", **DATES)

    assert [e.about for e in log(talk)] == ["UQUAL1"]


async def test_wrong_days_and_guests_are_said_at_their_fields() -> None:
    talk = Talk(a_case())
    talk.slack.guests.add("UGUEST")
    person = await at_the_desk(talk, "UPROD")
    await person.press("Absence…")

    late = await person.submit(**{"from": "2026-11-06", "until": "2026-11-03"})
    guest = await person.submit(**DATES, deputy="UGUEST")
    same = await person.submit(**DATES, deputy="UPROD")

    assert late["errors"] == {"until": "This is before the first day; choose a later one."}
    assert guest["errors"] == {"deputy": "This is a guest of the workspace. Choose a colleague."}
    assert same["errors"] == {"deputy": "Choose somebody else."}
    assert log(talk) == []


async def test_a_form_sent_twice_counts_once() -> None:
    talk = Talk(a_case())
    person = await at_the_desk(talk, "UPROD")
    await person.press("Absence…")
    form = dict(person.seen)

    await person.submit(**DATES)
    person.stack.append(form)
    await person.submit(**DATES)

    assert len(log(talk)) == 1


async def test_the_deputy_of_somebody_away_sees_on_home_what_waits_for_him() -> None:
    talk = Talk(a_case("customer_negotiation"))
    rep, deputy = await at_the_desk(talk, "USALES1"), talk.person("UWH")
    await rep.press("Absence…")
    await rep.submit(**{"from": "2026-11-02", "until": "2026-11-06"}, deputy="UWH")

    await deputy.open_home()

    assert "Waiting for me 1" in words_of(deputy.home)


# --- roles, closed days, values ------------------------------------------------------------------------------


async def test_a_head_names_a_deputy_and_sees_no_members() -> None:
    talk = Talk(a_case())
    head = await at_the_desk(talk, "UQHEAD")
    await head.press("Roles…")
    assert labels_of(head.seen) == ["Back", "Change…"]
    await head.press("Change…")
    assert block_ids(head.seen) == ["deputy", "from", "until"]

    await head.submit(deputy="URND")

    assert talk.desk.settings.plan().has_role("URND", "quality", talk.desk.clock.at)
    assert "*Deputy* <@URND> for Quality" in words_of(head.seen)


@pytest.mark.parametrize(
    ("language", "dates", "said"),
    [
        ("en-GB", DATES, "deputies <@URND> Tue 3 Nov to Fri 6 Nov"),
        ("en-GB", {"from": "2026-11-03"}, "deputies <@URND> from Tue 3 Nov"),
        ("en-GB", {"until": "2026-11-06"}, "deputies <@URND> until Fri 6 Nov"),
        ("en-GB", {}, "deputies <@URND>\n"),
        ("zh-CN", DATES, "代理人 <@URND> 11/3（二） 至 11/6（五）"),
        ("zh-TW", DATES, "代理人 <@URND> 11/3（二） 至 11/6（五）"),
    ],
)
async def test_the_roles_say_on_which_days_a_deputy_stands_in(language: str, dates: dict[str, str], said: str) -> None:
    """A deputy of next month acts for nobody today; the last day is the one that was set, not the next."""
    talk = Talk(a_case())
    head = await at_the_desk(talk, "UQHEAD", locale=language)
    await head.click("desk.roles", "", on="modal")
    await head.click("desk.role", "quality", on="modal")
    await head.submit(deputy="URND", **dates)

    await head.click("desk.roles", "", on="modal")

    assert said in re.sub(r"<!date\^[^|]*\|([^>]*)>", r"\1", words_of(head.seen))


async def test_the_desk_officer_changes_only_what_differs() -> None:
    talk = Talk(a_case())
    officer = await at_the_desk(talk, OFFICER)
    await officer.press("Roles…")
    await officer.click("desk.role", "quality", on="modal")

    unchanged = await officer.submit()
    assert unchanged["errors"] == {"members": "Nothing is different from before. Change something, or close the form."}
    talk.slack.guests.add("UGUEST")
    guest = await officer.submit(members=["UQUAL2", "UGUEST"])
    assert guest["errors"] == {"members": "This is a guest of the workspace. Choose a colleague."}
    await officer.submit(members=["UQUAL2", "UNEW"])

    plan = talk.desk.settings.plan()
    assert plan.roles["quality"].members == ("UQUAL2", "UNEW")
    assert plan.head("quality") == "UQHEAD"
    assert [e.kind for e in log(talk)] == ["members"]


async def test_a_closed_day_and_a_value_are_the_desk_officers() -> None:
    talk = Talk(a_case())
    officer = await at_the_desk(talk, OFFICER)

    await officer.press("Closed days…")
    await officer.submit(**{"from": "2026-11-05", "until": "2026-11-05"})
    assert "Open deadlines move now." in words_of(officer.seen)
    await officer.press("Values…")
    await officer.click("desk.set_value", "pcb-manufacturer.deputy_gm_max", on="modal")
    wrong = await officer.submit(value="plenty")
    assert wrong["errors"] == {"value": "Write it like the regulation does: 50000."}
    await officer.submit(value="80000")

    assert talk.desk.settings.plan().values == {"pcb-manufacturer": {"deputy_gm_max": "80000"}}
    listed = words_of(officer.seen)
    assert "*Closed* main" in listed
    assert "TWD 80,000" in listed


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_what_the_desk_may_set_has_words_in_each_language(path: Path) -> None:
    """The desk officer is no reader of ids."""
    policy = bundle(path.stem).policy
    wordless = [name for name, value in policy.values.items() if value.desk and name not in policy.texts]
    assert wordless == []


@pytest.mark.parametrize(
    ("language", "asked", "now"),
    [
        ("en-GB", "The deputy general manager decides up to (TWD)", "TWD 50,000"),
        ("zh-CN", "副总经理核决上限（新台币元）", "新台币 50,000 元"),
        ("zh-TW", "副總經理核決上限（新臺幣元）", "新臺幣 50,000 元"),
    ],
)
async def test_an_amount_that_the_desk_sets_names_its_currency(language: str, asked: str, now: str) -> None:
    officer = await at_the_desk(Talk(a_case()), OFFICER, locale=language)
    await officer.click("desk.values", "", on="modal")
    assert now in words_of(officer.seen)

    await officer.click("desk.set_value", "pcb-manufacturer.deputy_gm_max", on="modal")

    assert asked in words_of(officer.seen)
    assert "50000" in str(officer.seen)  # as it is typed


def test_of_the_file_an_absence_is_listed_without_a_button() -> None:
    """The desk file's own entries are changed in the file."""
    from complaints.people import Absence
    from handlers.modals.desk import DeskEyes, desk_view
    from tests.support.company import a_plan, local

    absence = Absence(member="UPROD", from_at=local("2026-11-03 00:00"), until_at=local("2026-11-06 24:00"))
    view: dict[str, Any] = desk_view(
        DeskEyes(
            member="UPROD", language="en", now=local("2026-11-02 09:30"), plan=a_plan(absences=(absence,)), overrides=(),
            policies={}, calendars=("main",),
        )
    )  # fmt: skip

    assert "From the desk file" in words_of(view)
    assert labels_of(view) == ["Absence…"]
