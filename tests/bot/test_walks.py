"""Every kind of card and every capability that shows in Slack has a walk that exists; docs/walks.md says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.in_force import SHIPPED
from bot.walks import DOCUMENT, ROOT, THROUGH_SLACK, Walks, all_kinds, document, read_walks, walks
from storage.policy_files import load_policy, policy_files

PLAYED = {
    "seen.yml": "walks:\n  hospital: {seen: {IN-01: How did it come}}\nelsewhere: {IN-02: it is a figure}\nopen: []\n"
}


@pytest.fixture(scope="module")
def found() -> Walks:
    return walks()


def test_no_kind_of_card_and_no_capability_is_without_a_walk(found: Walks) -> None:
    assert found.missing == set()


def test_what_has_a_walk_is_not_said_to_be_open_or_to_show_elsewhere_only(found: Walks) -> None:
    assert {*found.elsewhere, *found.still_open} & set(found.capabilities) == set()


def test_no_mark_and_no_row_names_what_nobody_knows(found: Walks) -> None:
    assert found.unknown == set()


def test_each_walk_plays_a_regulation_that_is_there_and_fills_in_fields_that_it_has() -> None:
    files = policy_files(SHIPPED)
    for walk in read_walks():
        asked = {"decision", "result"} | set(load_policy(files[walk.policy]).fields)
        annexes = load_policy(files[walk.policy]).policy.annexes
        asked |= {name for annex in annexes for name in load_policy(files[annex]).fields}
        assert set(walk.answers) <= asked, walk.name


@pytest.mark.parametrize("name", sorted(policy_files(SHIPPED)))
def test_each_main_route_has_a_walk(name: str) -> None:
    """Each kind of request that a regulation knows is played to its end."""
    routes = set(load_policy(policy_files(SHIPPED)[name]).main_routes())
    walked = {walk.route for walk in read_walks() if walk.policy == name}

    assert len(routes) < 2 or routes == walked - {""}


def test_the_document_is_up_to_date(found: Walks) -> None:
    """Write it anew with: .venv/bin/python -m bot.walks"""
    assert DOCUMENT.read_text("utf-8") == document(found)


# --- what the table itself notices ----------------------------------------------------------------------------------


def a_checkout(folder: Path, test: str) -> Walks:
    for name, text in {
        "tests/stories/seen.yml": PLAYED["seen.yml"],
        f"tests/{THROUGH_SLACK[0]}/test_it.py": f"import pytest\n{test}\ndef test_it(): ...\n",
        "tests/complaints/test_domain.py": '@pytest.mark.capabilities("IN-03")\ndef test_a(): ...\n',
        "docs/policies.md": "".join(f"| IN-0{n} | Name {n} | `key` |\n" for n in (1, 2, 3)),
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return walks(folder)


def test_a_test_of_the_procedure_alone_is_no_walk(tmp_path: Path) -> None:
    found = a_checkout(tmp_path, '@pytest.mark.shows("card.home")')

    assert found.missing == {"IN-03"} | (all_kinds() - {"card.home"})
    assert found.kinds["card.home"] == ("[it](../tests/stories/test_it.py)",)


def test_a_kind_that_the_bot_does_not_have_is_noticed(tmp_path: Path) -> None:
    assert a_checkout(tmp_path, '@pytest.mark.shows("card.hoem")').unknown == {"card.hoem"}


def test_the_document_quotes_what_was_seen_and_says_what_shows_elsewhere(tmp_path: Path) -> None:
    text = document(a_checkout(tmp_path, '@pytest.mark.capabilities("IN-03")'))

    assert (
        "| IN-01 | Name 1 | [hospital](../tests/stories/test_each_regulation_in_slack.py): “How did it come” |" in text
    )
    assert "| IN-02 | Name 2 | *not in Slack: it is a figure* |" in text
    assert "| IN-03 | Name 3 | [it](../tests/stories/test_it.py) |" in text
    assert (ROOT / "docs").is_dir()
