"""A company that is none of ours: its own workspace and desk file, written from the README's words alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import cli
from bot.playground import ROOT, Playground
from sandbox.tour.story import PAGE_1, PAGE_2, START
from tests.chaos.bots import Nursery
from tests.stories.conversation import FINDING, Story
from tests.stories.hurried import client_of, hurried

ROLES = (
    "sales", "quality", "prod_qa", "production", "manager_office", "rnd", "gm_office", "sales_manager", "deputy_gm",
    "general_manager", "accounting", "fg_warehouse", "personnel", "service",
)  # fmt: skip
LEADS = ("sales_manager", "deputy_gm", "general_manager")
CUSTOMERS = "code,name_en,name_zh_hant,name_zh_hans,aliases,market\nX-1,Kestrel Avionics,,,Kestrel,foreign\n"


def member_of(role: str) -> str:
    return f"U9{role.upper().replace('_', '')}"


def channel_of(role: str) -> str:
    return f"C9{role.upper().replace('_', '')}"


def desk() -> dict[str, Any]:
    """Return a desk file in English: every role of the policy, a deputy, an absence, a calendar."""
    roles: dict[str, Any] = {}
    for role in ROLES:
        roles[role] = {"label": [role.title()] * 3, "members": [member_of(role)]}
        if role not in LEADS:
            roles[role] |= {"channel": channel_of(role), "head": "U9BOSS"}
    roles["sales"]["superior"] = "sales_manager"
    roles["quality"]["deputies"] = [
        {"member": "U9STANDIN", "for": member_of("quality"), "from": "2026-11-02", "until": "2026-11-06"}
    ]
    return {
        "name": "Harrier Circuits",
        "language": "en",
        "timezone": "Europe/Berlin",
        "officer": "U9BOSS",
        "fallback_channel": "C9DESK",
        "policies": ["pcb-manufacturer"],
        "roles": roles,
        "absences": [
            {"member": member_of("rnd"), "from": "2026-11-01", "until": "2026-11-20", "deputy": "U9STANDIN"}
        ],
        "calendars": {"main": {"country": "DE", "days": "mon-fri", "hours": ["08:00-12:00", "13:00-17:00"]}},
    }  # fmt: skip


def workspace() -> dict[str, Any]:
    people = [*(member_of(r) for r in ROLES), "U9BOSS", "U9STANDIN"]
    channels = [
        {"id": channel_of(r), "name": r.replace("_", "-"), "members": ["bot", member_of(r), "U9BOSS", "U9STANDIN"]}
        for r in ROLES
        if r not in LEADS
    ]
    return {
        "team": {"id": "T9HARRIER", "name": "Harrier Circuits", "domain": "harrier"},
        "manifest": str(ROOT / "manifest.yml"),
        "people": [{"id": p, "name": p.lower(), "real_name": p.title(), "locale": "en-GB", "tz": "Europe/Berlin"}
                   for p in people],
        "channels": [{"id": "C9DESK", "name": "desk", "members": ["bot", "U9BOSS"]}, *channels],
    }  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Iterator[Playground]:
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "desk.yml").write_text(yaml.safe_dump(desk(), allow_unicode=True))
    (folder / "workspace.yml").write_text(yaml.safe_dump(workspace(), allow_unicode=True))
    (folder / "customers.csv").write_text(CUSTOMERS)
    with hurried(
        nursery,
        folder=folder / "data",
        desk_file=folder / "desk.yml",
        workspace=folder / "workspace.yml",
        customers=folder / "customers.csv",
        start_at=START,
    ) as started:
        yield started


def doctor(place: Playground, desk_file: Path | None = None) -> dict[str, str]:
    """Return what the doctor says is to be done, by subject."""
    environment = place.environment() | ({"REDRESS_DESK": str(desk_file)} if desk_file else {})
    kept = dict.fromkeys(("SLACK_SIGNING_SECRET", "REDRESS_DATABASE_URL"))
    done = CliRunner().invoke(cli, ["doctor", "--json"], env={**kept, **environment})
    return {f["about"]: f["todo"] for f in json.loads(done.stdout) if not f["ok"]}


def test_the_doctor_finds_nothing_to_do(place: Playground) -> None:
    assert doctor(place) == {}


def test_the_doctor_names_what_is_missing(place: Playground, tmp_path: Path) -> None:
    wrong = desk()
    wrong["roles"]["quality"]["channel"] = "C9NOWHERE"
    wrong["roles"]["production"]["members"] = ["U9NOBODY"]
    del wrong["roles"]["rnd"]
    file = tmp_path / "desk.yml"
    file.write_text(yaml.safe_dump(wrong))

    found = doctor(place, file)

    told = " ".join(f"{about} {todo}" for about, todo in found.items())
    assert "C9NOWHERE" in told
    assert "U9NOBODY" in told
    assert "rnd" in told


def test_a_complaint_goes_from_sales_to_quality_and_its_deputy_decides(place: Playground) -> None:
    story = Story(desk=client_of(place), place=place)
    page_1 = {**PAGE_1, "customer": "X-1", "what_happened": "Pads are black after reflow"}
    story.log(member_of("sales"), [page_1, PAGE_2])
    story.act("registration", member_of("gm_office"), "accept")
    card = story.see("quality's card", "U9STANDIN", "Quality", channel=channel_of("quality"))
    assert card.text.startswith("Complaint 2611")
    story.done(story.card_of("U9STANDIN").click("visit.main").view(), FINDING)

    assert story.waits_at() == ["production_analysis"]
    decided = [line for line in story.recorded()["log"] if line["event"] == "SeatAnswered"][-1]
    assert (decided["actor"], decided["facts"]["on_behalf_of"]) == ("U9STANDIN", member_of("quality"))
