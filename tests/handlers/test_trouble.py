"""A message that nobody can tell of: the desk officer sends it again, or says that it is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints.refusals import FieldErrors
from handlers.cards.desk import Undelivered, undelivered_card
from handlers.cards.refs import Ref
from handlers.trouble import place_of
from tests.handlers.filled import words_of
from tests.handlers.talk import Person, Talk
from tests.support.company import OFFICER
from tests.support.pcb import a_case

LINK = "https://jingting.slack.com/archives/CQUALITY/p1762100000000200"


async def in_doubt(talk: Talk, member: str = OFFICER) -> Person:
    talk.trouble.to[7] = "CQUALITY"
    person = talk.person(member)
    await person.click("trouble.is_there", Ref(case="", more="7"))
    return person


async def test_the_desk_officer_found_it_and_gives_its_link() -> None:
    talk = Talk(a_case())
    officer = await in_doubt(talk)
    assert "<#CQUALITY>" in words_of(officer.seen)

    assert await officer.submit(link=LINK) == {"response_action": "clear"}

    assert talk.trouble.found == [(7, ("CQUALITY", "1762100000.000200"), OFFICER)]


async def test_without_a_link_it_is_settled_as_well_and_only_once() -> None:
    talk = Talk(a_case())
    officer = await in_doubt(talk)
    await officer.submit()
    await officer.click("trouble.is_there", Ref(case="", more="7"))

    assert talk.trouble.found == [(7, None, OFFICER)]
    assert "This message is settled already" in officer.told


async def test_it_is_the_desk_officers_at_the_click_and_at_the_submit() -> None:
    talk = Talk(a_case())
    other = await in_doubt(talk, "UPROD")
    assert "The desk officer does this" in other.told

    officer = await in_doubt(talk)
    talk.desk.settings.people = replace(talk.desk.plan, officer="UNEW")
    answer = await officer.submit()
    assert answer["response_action"] == "push"
    assert talk.trouble.found == []


@pytest.mark.parametrize(
    ("link", "to", "place"),
    [
        ("", "CQUALITY", None),
        (LINK, "CQUALITY", ("CQUALITY", "1762100000.000200")),
        (f"{LINK}?thread_ts=1762100000.000100&cid=CQUALITY", "CQUALITY", ("CQUALITY", "1762100000.000200")),
        ("https://x.slack.com/archives/D0123/p1762100000000200", "UQUAL1", ("D0123", "1762100000.000200")),
    ],
)
def test_a_link_names_its_place(link: str, to: str, place: tuple[str, str] | None) -> None:
    assert place_of(link, to) == place


@pytest.mark.parametrize(
    ("link", "to", "reason"),
    [
        ("it is there!", "CQUALITY", "no_link"),
        ("https://x.slack.com/archives/CQUALITY/p17", "CQUALITY", "no_link"),
        (LINK, "COTHER", "link_elsewhere"),
        (LINK, "UQUAL1", "link_elsewhere"),
        ("https://x.slack.com/archives/D0123/p1762100000000200", "CQUALITY", "link_elsewhere"),
    ],
)
def test_another_link_is_refused_at_its_field(link: str, to: str, reason: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        place_of(link, to)

    assert refused.value.errors == {"link": (reason, {})}


def test_only_what_is_in_doubt_has_the_button() -> None:
    lost = [
        Undelivered(message=1, case="261101", to="CQUALITY", went_to="CDESK", error="is_archived"),
        Undelivered(message=2, case="261102", to="CQUALITY", went_to=None, error="uncertain"),
    ]

    rows = [b.to_dict() for b in undelivered_card(lost, "en").blocks if b.type == "section"]

    assert [r.get("accessory", {}).get("action_id") for r in rows] == [None, "trouble.is_there"]
