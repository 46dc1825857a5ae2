"""What a new version changes, as the one who puts it in force reads it: in plain sentences, pointed at what is different."""

from __future__ import annotations

from pathlib import Path

import pytest

from complaints.policy import LoadedPolicy
from complaints.policy_changes import policy_changes
from storage.policy_files import load_bundle

POLICIES = Path(__file__).resolve().parents[2] / "policies"
ID = "pcb-manufacturer"
OLD = load_bundle(POLICIES, ID)


def changed(folder: Path, *pairs: tuple[str, str]) -> LoadedPolicy:
    """Return the regulation with words of its file replaced, once each."""
    for name in (ID, "pcb-admin-penalty", "pcb-economic-penalty"):
        text = (POLICIES / f"{name}.yml").read_text("utf-8")
        for old, new in pairs if name == ID else ():
            assert old in text
            text = text.replace(old, new, 1)
        (folder / f"{name}.yml").write_text(text, "utf-8")
    return load_bundle(folder, ID)


LIMIT = ("domestic: 2 days, foreign: 3 days", "domestic: 1 day, foreign: 3 days")
FILL = ("fill: [rnd_remark]", "fill: [rnd_remark, collection_due]")
BOUND = ("sales_manager_max: {is: 10000", "sales_manager_max: {is: 20000")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Quality analysis: within Domestic 2 days → within Domestic 1 day"),
        ("zh-Hans", "质量分析：期限：国内 2 天 → 国内 1 天"),
        ("zh-Hant", "品管分析：期限：國內 2 天 → 國內 1 天"),
    ],
)
def test_a_limit_is_said_as_it_was_and_as_it_will_be(tmp_path: Path, language: str, said: str) -> None:
    assert policy_changes(OLD, changed(tmp_path, LIMIT), language) == [said]


def test_a_source_that_is_a_whole_sentence_is_left_out_whole(tmp_path: Path) -> None:
    """[ours: At once is when it starts; a day to do it] has a semicolon in it."""
    later = ("domestic: 1 day, foreign: 3 days", "domestic: 4 days, foreign: 4 days")
    said = "Customer negotiation: within Domestic 1 day → within Domestic 4 days, Foreign 3 days → Foreign 4 days"
    assert policy_changes(OLD, changed(tmp_path, later), "en") == [said]


def test_what_is_asked_besides_is_named_alone(tmp_path: Path) -> None:
    [line] = policy_changes(OLD, changed(tmp_path, FILL), "en")
    assert line.startswith("R&D opinion: fills in: + ")
    assert "Technical opinion" not in line


def test_a_row_of_a_table_goes_and_another_one_comes(tmp_path: Path) -> None:
    lines = policy_changes(OLD, changed(tmp_path, BOUND), "en")
    assert "+ “Loss or allowance” is at most TWD 20,000 → Sales manager" in lines
    assert "− “Loss or allowance” is at most TWD 10,000 → Sales manager" in lines


def test_a_stage_that_goes_does_not_make_all_that_follow_look_new(tmp_path: Path) -> None:
    """The steps are numbered; the numbers are no change."""
    gone = (
        "      - {do: rnd_opinion, when: rnd_opinion_needed",
        "      - {do: rnd_opinion, when: third_party_involved",
    )
    lines = policy_changes(OLD, changed(tmp_path, gone), "en")
    assert len(lines) == 1
    assert lines[0].startswith("R&D opinion: only if ")


def test_another_label_or_a_comment_changes_nothing(tmp_path: Path) -> None:
    same = changed(tmp_path, ('label: "2026-1"', 'label: "2026-2"'), ("\nfields:", "\n# asked of people\nfields:"))
    assert same.digest != OLD.digest
    assert policy_changes(OLD, same, "zh-Hant") == []
