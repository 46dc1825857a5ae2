"""The desk file: read, checked with every problem named, and read again when it changes."""

from pathlib import Path

import pytest

from storage import desk_watch
from storage.desk_file import DeskRefused, LoadedDesk, load_desk, read_desk
from storage.desk_watch import WatchedDesk

SAMPLE = Path(__file__).resolve().parents[2] / "sandbox" / "sample" / "desk.yml"

SMALL = """
name: Small
language: en
timezone: Asia/Taipei
officer: UOFF
fallback_channel: CFALL
policies: [pcb-manufacturer]
roles:
  general_manager: {members: [UGM]}
  quality: {label: Quality, channel: CQ01, members: [UQ1], deputies: [{member: UQ2, for: UQ1, from: 2026-11-20, until: 2026-11-21}]}
absences: [{member: UQ1, from: 2026-11-23, until: 2026-11-24, deputy: UQ3}]
calendars: {main: {country: TW}}
"""


def test_the_sample_company_has_its_people_in_three_languages() -> None:
    desk = load_desk(SAMPLE)

    assert desk.plan.roles["quality"].labels == {"en": "Quality", "zh-Hans": "质量部", "zh-Hant": "品管部"}
    assert desk.plan.officer == "UOFFICER"
    assert "main" in desk.calendars


def test_days_of_deputies_and_absences_are_whole_and_local() -> None:
    """A deputy until the 21st acts on the whole of the 21st, Taipei time."""
    plan = read_desk(SMALL).plan

    assert plan.roles["quality"].deputies[0].until_at.isoformat() == "2026-11-22T00:00:00+08:00"
    assert plan.absences[0].until_at.isoformat() == "2026-11-25T00:00:00+08:00"


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        ("language: en", "language: fr", "desk.yml:3  language: write one of en, zh-Hans, zh-Hant."),
        ("timezone: Asia/Taipei", "timezone: Taipei", "write a time zone such as Asia/Taipei"),
        ("timezone: Asia/Taipei", "timezone: Asia", "write a time zone such as Asia/Taipei"),
        ("timezone: Asia/Taipei", f"timezone: Asia/{'x' * 300}", "write a time zone such as Asia/Taipei"),
        ("channel: CQ01", "chanel: CQ01", "roles.quality.chanel: this key is not known here."),
        ("  general_manager: {members: [UGM]}\n", "", "roles: the role general_manager is missing"),
        ("{main: {country: TW}}", "{other: {country: TW}}", "calendars: write one that is called main."),
        ("members: [UQ1]", "members: [quality-team]", "roles.quality.members.0: 'quality-team' does not look right"),
        (
            "officer: UOFF",
            "officer: uoff",
            "desk.yml:5  officer: 'uoff' does not look right here; write a member id such as U01ABCDEF.",
        ),
        ("name: Small", "name: 5", "desk.yml:2  name: 5 was read, a text is wanted; quote it."),
        ("label: Quality", "label: ['', b, c]", "write one name, or three"),
        ("label: Quality", "label: [a, b]", "write one name, or three"),
        ("label: Quality", r'label: "\u200b"', "nothing of this text can be seen"),
        ("label: Quality", r'label: "a\0"', "the control character U+0000 stands here; take it out."),
        ("until: 2026-11-21", "until: soon", "roles.quality.deputies[0]: write dates such as 2026-11-20"),
        ("from: 2026-11-20", "from: 2026-11-31", "roles.quality.deputies[0]: write dates such as 2026-11-20"),
        (
            "until: 2026-11-21",
            "until: 2026-11-19",
            "roles.quality.deputies[0]: it ends on 2026-11-19, before it begins",
        ),
        ("until: 2026-11-21", "until: 9999-12-31", "of the years 1900 to 2999."),
        ("until: 2026-11-24", "until: 9999-12-31", "absences[0]: write dates such as 2026-11-20"),
        ("until: 2026-11-24", "until: 2026-11-24T10:00", "absences[0]: write dates such as 2026-11-20"),
        ("absences:", "qualifications: {driver: {UQ1: 9999-12-31}}\nabsences:", "such as 2027-03-31, or always"),
    ],
)
def test_each_mistake_gets_a_sentence_with_its_place(wrong: str, right: str, sentence: str) -> None:
    """A deputy with a last day that nobody can read would act for ever; of the year 9999 the day after can't be computed."""
    with pytest.raises(DeskRefused) as refused:
        read_desk(SMALL.replace(wrong, right))

    assert any(sentence in problem for problem in refused.value.problems), refused.value.problems


@pytest.mark.parametrize("raw", [b"", b"# nothing yet\n", b"[1]", b"words"])
def test_a_file_without_keys_says_how_to_begin(raw: bytes) -> None:
    with pytest.raises(DeskRefused) as refused:
        read_desk(raw)
    assert refused.value.problems == ["desk.yml:1  the file is empty, or has no keys; begin with `name:`."]


def test_a_missing_file_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(DeskRefused, match="REDRESS_DESK"):
        load_desk(tmp_path / "nowhere.yml")


def test_a_changed_file_is_read_again_and_a_broken_one_leaves_the_last_good(tmp_path: Path) -> None:
    file, seconds, refused = tmp_path / "desk.yml", [0.0], []
    file.write_text(SMALL)
    desk = WatchedDesk(file, on_refused=refused.append, monotonic=lambda: seconds[0])

    file.write_text(SMALL.replace("name: Small", "name: Grown"))
    seconds[0] = 2
    grown = desk.plan().name
    file.write_text(SMALL.replace("language: en", "language: xx  # broken"))
    seconds[0] = 4
    still = desk.plan()

    assert (grown, still.name, still.language) == ("Grown", "Grown", "en")
    assert len(refused) == 1
    assert "language" in desk.problems[0]


def test_who_reads_the_file_slowly_does_not_bring_back_what_was_changed_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, seconds, read = tmp_path / "desk.yml", [0.0], list[str]()
    file.write_text(SMALL)
    desk = WatchedDesk(file, monotonic=lambda: seconds[0])

    def slowly(path: Path) -> LoadedDesk:
        found = load_desk(path)
        read.append(found.plan.name)
        if len(read) == 1:
            file.write_text(SMALL.replace("name: Small", "name: Grown again"))
            seconds[0] += 2
            desk.plan()  # somebody else's click
        return found

    monkeypatch.setattr(desk_watch, "load_desk", slowly)
    file.write_text(SMALL.replace("name: Small", "name: Grown"))
    seconds[0] = 2
    desk.plan()
    seconds[0] += 2

    assert desk.plan().name == "Grown again"
