"""The 8D report of a case: what stands under D0 to D8, what is empty, and which gaps a reader would ask about."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints.eight_d import (
    CallEntry,
    Entry,
    FactEntry,
    FieldEntry,
    FileEntry,
    PersonEntry,
    Section,
    StageEntry,
    eight_d,
)
from complaints.policy_schema import policy_schema
from complaints.policy_show import policy_show
from tests.complaints.test_policy import errors, small
from tests.policies.test_pcb_afterwards import told
from tests.support.company import local
from tests.support.desks import TestDesk
from tests.support.made_desk import MadeDesk, made
from tests.support.pcb import a_case
from tests.support.policy_desk import person

SALES, QUALITY = person("sales"), person("quality")
FORM = {"market": "domestic", "amount": "100", "established": True}
FOUND = {"cause": "Bath too old"}
CLAUSES = {"6": "find the cause", "7": "mend it"}


def with_key(**eight_d: Any) -> dict[str, Any]:
    """Return a policy whose second stage finds the cause and sets an action, with that key."""
    raw = small()
    raw["fields"] |= {
        "cause": "text", "missed": "text", "action": "text", "owner_of_it": "person", "due_on": "date", "proof": "file",
        "boards": "number", "lines_of_it": {"type": "lines", "of": {"who": "person", "until": "date"}},
        "twice": {"type": "number", "is": "boards * 2"},
    }  # fmt: skip
    raw["stages"]["intake"]["may_fill"] = ["boards"]
    raw["stages"]["decide"]["may_fill"] = ["cause", "missed", "action", "owner_of_it", "due_on", "proof", "lines_of_it"]
    raw["clauses"] = dict(CLAUSES)
    raw["eight_d"] = {name: {"source": "6", **one} for name, one in eight_d.items()}
    return raw


def desk_of(raw: dict[str, Any], **fields: Any) -> MadeDesk:
    """Return a desk at whose second stage *fields* were filled in."""
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **(FORM | {n: fields.pop(n) for n in ("boards",) if n in fields}))
    desk.decide(QUALITY, "decide", **fields)
    return desk


def sections(desk: TestDesk, case_id: str = "case1") -> dict[str, Section]:
    case = desk.case(case_id)
    return {section.id: section for section in eight_d(case, desk.bundle("").of(case.policy))}


def said(entries: tuple[Entry, ...]) -> list[str]:
    """Return each entry in a word or two, in order."""
    return [_said(entry) for entry in entries]


def _said(entry: Entry) -> str:
    match entry:
        case FieldEntry():
            return " ".join(p for p in (entry.says, entry.field) if p)
        case StageEntry():
            return " ".join(p for p in (entry.says, "stage", entry.visit.stage, entry.visit.decision) if p)
        case PersonEntry():
            return f"{entry.member}: {', '.join(entry.roles)} at {', '.join(entry.stages)}"
        case FileEntry():
            return f"file {entry.file.id}"
        case FactEntry():
            return entry.fact
        case CallEntry():
            return f"call {entry.number} {entry.call.result}"


# --- our default -------------------------------------------------------------------------------------------------------


def test_every_discipline_stands_in_the_report_and_the_empty_ones_say_so() -> None:
    found = eight_d(a_desk_without_key().case(), made(without_key()).policy)

    assert [section.id for section in found] == [f"D{n}" for n in range(9)]
    assert {s.id: s.gaps for s in found if s.is_empty} == {f"D{n}": ("unmapped",) for n in (0, 3, 4, 5, 6, 7)} | {"D2": ("nothing",)}  # fmt: skip


def without_key() -> dict[str, Any]:
    raw = with_key()
    del raw["eight_d"]
    raw["intake"] = {"stages": ["intake"], "pages": [["boards"]]}
    return raw


def a_desk_without_key(**form: Any) -> MadeDesk:
    desk = MadeDesk(without_key())
    desk.log(SALES, **FORM, **form)
    desk.decide(QUALITY, "decide", **FOUND)
    return desk


def test_the_team_is_who_decided_with_the_role_and_the_stage() -> None:
    found = sections(a_desk_without_key())["D1"]

    assert said(found.entries) == [f"{SALES}: sales at intake", f"{QUALITY}: quality at decide"]
    assert found.gaps == ()


def test_one_function_alone_is_no_team() -> None:
    desk = MadeDesk(without_key())
    desk.log(SALES, **FORM)

    assert sections(desk)["D1"].gaps == ("one_function",)


def test_the_problem_is_the_first_form_with_its_files_in_its_order() -> None:
    desk = a_case("quality_analysis")
    desk.act(cmd.AddNote, "USALES1", words="see here", files=(cmd.GivenFile(id="F-PAD", name="pad.jpg"),))
    found = sections(desk)["D2"]

    assert said(found.entries)[:3] == ["customer", "part_no", "what_happened"]
    assert said(found.entries)[-1] == "file F-PAD"
    assert (found.gaps, found.source) == ((), None)


def test_a_problem_without_a_figure_is_a_gap() -> None:
    assert sections(a_desk_without_key(boards="12"))["D2"].gaps == ()
    raw = without_key() | {"intake": {"stages": ["intake"], "pages": [["market"]]}}
    desk = MadeDesk(raw)
    desk.log(SALES, **FORM)

    assert sections(desk)["D2"].gaps == ("no_quantity",)


def test_the_closing_says_what_was_told_and_what_the_callback_found() -> None:
    desk = told()
    before = sections(desk)["D8"]
    desk.call("reached", solved=True, score="5")
    found = sections(desk)["D8"]

    assert (said(before.entries), before.gaps) == (["outcome", "told"], ("not_called",))
    assert said(found.entries)[:2] == ["outcome", "told"]
    assert said(found.entries)[-3:] == ["stage callback satisfied", "solved", "score"]
    assert found.gaps == ()


def test_a_case_that_is_open_or_closed_on_paper_says_so() -> None:
    assert sections(a_case("register"))["D8"].gaps == ("nothing", "not_closed")
    assert sections(a_desk_without_key())["D8"].gaps == ("not_told", "not_called")


def test_who_could_not_be_reached_was_not_asked() -> None:
    desk = told()
    for day in (3, 4, 5):
        desk.clock.at = local(f"2026-11-0{day} 14:00")
        desk.call("no_answer")

    found = sections(desk)["D8"]
    assert said(found.entries)[:5] == ["outcome", "told", "call 1 no_answer", "call 2 no_answer", "call 3 no_answer"]
    assert [e.call.at for e in found.entries if isinstance(e, CallEntry)] == [
        local(f"2026-11-0{n} 14:00") for n in (3, 4, 5)
    ]
    assert found.gaps == ("not_reached",)


def test_calls_before_the_customer_answered_stand_there_and_are_no_gap() -> None:
    desk = told()
    desk.clock.at = local("2026-11-03 14:00")
    desk.call("no_answer")
    assert sections(desk)["D8"].gaps == ("not_reached",)
    desk.clock.at = local("2026-11-04 14:00")
    desk.call("reached", solved=True, score="5")

    found = sections(desk)["D8"]
    assert [s for s in said(found.entries) if s.startswith("call")] == ["call 1 no_answer"]
    assert found.gaps == ()


def test_who_did_not_want_to_answer_was_reached() -> None:
    desk = told()
    desk.call("declined")

    assert sections(desk)["D8"].gaps == ("declined",)


# --- the key ------------------------------------------------------------------------------------------------------------


def test_a_stage_stands_there_with_who_decided_it_and_what_it_filled() -> None:
    desk = desk_of(with_key(D4={"stages": ["decide"]}), cause="Bath too old", action="Change it")
    found = sections(desk)["D4"]

    assert said(found.entries) == ["stage decide approve", "cause", "action"]
    assert isinstance(found.entries[0], StageEntry)
    assert found.entries[0].visit.decided_by == QUALITY
    assert (str(found.source), found.missing) == ("6", ())
    assert found.gaps == ("no_occurrence", "no_escape")


def test_a_stage_of_the_first_form_stands_there_with_what_the_form_asked() -> None:
    raw = without_key() | {"eight_d": {"D0": {"stages": ["intake"], "fields": ["boards"], "source": "6"}}}
    desk = MadeDesk(raw)
    desk.log(SALES, **FORM, boards="12")
    found = sections(desk)["D0"]

    assert said(found.entries) == ["boards", "stage intake approve", "market", "amount", "established"]
    assert isinstance(found.entries[0], FieldEntry)
    assert found.entries[0].visit is not None
    assert found.entries[0].visit.decided_by == SALES


def test_what_is_named_and_holds_nothing_is_listed_as_missing() -> None:
    desk = desk_of(with_key(D5={"fields": ["action", "due_on"], "stages": ["decide"]}), action="Change it")
    found = sections(desk)["D5"]

    assert said(found.entries) == ["action", "stage decide approve"]
    assert found.missing == ("due_on",)

    desk = MadeDesk(with_key(D5={"fields": ["action"], "stages": ["decide"]}))
    desk.log(SALES)
    empty = sections(desk)["D5"]
    assert (empty.entries, empty.missing, empty.gaps) == ((), ("action", "decide"), ("nothing",))


@pytest.mark.parametrize(
    ("filled", "gaps"),
    [
        ({"cause": "Old bath", "missed": "No test"}, ()),
        ({"cause": "Old bath"}, ("no_escape",)),
        ({"missed": "No test"}, ("no_occurrence",)),
        ({}, ("nothing",)),
    ],
)
def test_a_cause_is_why_it_occurred_and_why_it_was_not_detected(filled: dict[str, str], gaps: tuple[str, ...]) -> None:
    found = sections(desk_of(with_key(D4={"occurrence": ["cause"], "escape": ["missed"]}), **filled))["D4"]

    assert found.gaps == gaps
    assert set(said(found.entries)) == {f"{kind} {n}" for n, kind in (("cause", "occurrence"), ("missed", "escape")) if n in filled}  # fmt: skip


@pytest.mark.parametrize(
    ("filled", "gaps"),
    [
        ({"action": "x"}, ("no_owner", "no_date")),
        ({"action": "x", "owner_of_it": QUALITY}, ("no_date",)),
        ({"action": "x", "due_on": "2026-11-20"}, ("no_owner",)),
        ({"lines_of_it": [{"who": QUALITY, "until": "2026-11-20"}]}, ()),
    ],
)
def test_an_action_has_somebody_who_answers_for_it_and_a_date(filled: dict[str, Any], gaps: tuple[str, ...]) -> None:
    desk = desk_of(with_key(D5={"fields": ["action", "owner_of_it", "due_on", "lines_of_it"]}), **filled)

    assert sections(desk)["D5"].gaps == gaps


@pytest.mark.parametrize(
    ("filled", "causes", "actions"),
    [
        ({"cause": "Old bath", "action": "x"}, 1, 1),
        ({"cause": "Old bath", "missed": "No test", "action": "x"}, 2, 1),
        ({"cause": "Old bath", "cause_codes": ["bath", "rack"], "action": "x"}, 2, 1),
        ({"cause": "Old bath", "missed": "No test", "action": "x", "lines_of_it": [{"who": QUALITY}]}, 2, 2),
        ({"cause": "Old bath", "missed": "No test", "lines_of_it": [{"who": QUALITY}, {"who": SALES}]}, 2, 2),
        ({"cause": "Old bath", "missed": "No test", "owner_of_it": QUALITY, "due_on": "2026-11-20"}, 2, 0),
    ],
)
def test_fewer_actions_than_causes_are_a_gap(filled: dict[str, Any], causes: int, actions: int) -> None:
    """FEATURES 7, D5: every cause has at least one action; a code and the words for it are one cause."""
    raw = with_key(
        D4={"occurrence": ["cause", "cause_codes"], "escape": ["missed"]},
        D5={"fields": ["action", "owner_of_it", "due_on", "lines_of_it"]},
    )
    raw["fields"]["cause_codes"] = {"type": "choices", "of": ["bath", "rack"]}
    raw["stages"]["decide"]["may_fill"].append("cause_codes")
    found = sections(desk_of(raw, **filled))["D5"]

    assert (found.causes, found.actions) == (causes, actions)
    assert ("fewer_actions" in found.gaps) == (actions < causes)


def test_a_decided_stage_is_an_action_and_without_causes_none_is_missing() -> None:
    raw = with_key(D4={"occurrence": ["cause"]}, D5={"stages": ["decide"]})
    assert "fewer_actions" not in sections(desk_of(raw, cause="Old bath"))["D5"].gaps

    raw = with_key(D5={"fields": ["due_on"]})
    assert "fewer_actions" not in sections(desk_of(raw, cause="Old bath", due_on="2026-11-20"))["D5"].gaps


@pytest.mark.parametrize(
    ("lifted", "filled", "line", "missing"),
    [
        ([], {}, None, ()),
        (["lifted_on"], {}, None, ("lifted_on",)),
        (["lifted_on"], {"lifted_on": "2026-11-20"}, "lifted lifted_on", ()),
        (["decide"], {}, "lifted stage decide approve", ()),
    ],
)
def test_the_containment_says_when_it_was_lifted(
    lifted: list[str], filled: dict[str, str], line: str | None, missing: tuple[str, ...]
) -> None:
    """FEATURES 7, D6: a containment that is never removed."""
    raw = with_key(D3={"fields": ["action"], "lifted": lifted})
    raw["fields"]["lifted_on"] = "date"
    raw["stages"]["decide"]["may_fill"].append("lifted_on")
    found = sections(desk_of(raw, action="Stock blocked", **filled))["D3"]

    assert said(found.entries) == ["action", *([line] if line else [])]
    assert found.gaps == (() if line else ("not_lifted",))
    assert found.missing == missing


def test_what_is_done_once_more_has_not_lifted_the_containment_yet() -> None:
    raw = with_key(D3={"fields": ["action"], "lifted": ["decide"]})
    raw["stages"]["check"] = {"who": "sales"}
    raw["routes"]["main"] = {"closes": "check", "path": ["intake", "decide", "check"]}
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    desk.decide(QUALITY, "decide", action="Stock blocked")
    desk.decide(SALES, "check", "return", reason="Two boxes left", to_stage="decide")

    assert (said(sections(desk)["D3"].entries), sections(desk)["D3"].gaps) == (["action"], ("not_lifted",))


def test_an_action_that_is_done_has_a_file_that_shows_it() -> None:
    raw = with_key(D6={"fields": ["action", "proof"]})
    assert sections(desk_of(raw, action="x"))["D6"].gaps == ("no_evidence",)

    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    desk.decide(QUALITY, "decide", action="x", files=(("proof", cmd.GivenFile(id="F-1", name="bath.jpg")),))
    assert sections(desk)["D6"].gaps == ()


def test_the_team_may_be_that_of_some_stages() -> None:
    found = sections(desk_of(with_key(D1={"stages": ["decide"]}), cause="x"))["D1"]

    assert said(found.entries) == [f"{QUALITY}: quality at decide"]
    assert found.gaps == ("one_function",)


def test_a_second_round_of_a_stage_is_a_second_line() -> None:
    raw = with_key(D4={"stages": ["decide"]})
    raw["stages"]["check"] = {"who": "sales"}
    raw["routes"]["main"] = {"closes": "check", "path": ["intake", "decide", "check"]}
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    desk.decide(QUALITY, "decide", cause="Rain")
    desk.decide(SALES, "check", "return", reason="Think again", to_stage="decide")
    desk.decide(QUALITY, "decide", cause="Bath too old")

    entries = sections(desk)["D4"].entries
    assert said(entries) == ["stage decide approve", "stage decide approve", "cause"]
    assert [e.visit.round for e in entries if isinstance(e, StageEntry)] == [1, 2]


# --- reading it ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ({"D4": {"fields": ["caus"]}}, 'eight_d.D4.fields: "caus" is not a field. Did you mean cause?'),
        ({"D4": {"stages": ["decided"]}}, 'eight_d.D4.stages: "decided" is not a stage. Did you mean decide?'),
        ({"D4": {"escape": ["nothing_such"]}}, 'eight_d.D4.escape: "nothing_such" is not a field'),
        ({"D9": {"fields": ["cause"]}}, 'eight_d.D9: "D9" is not possible here.'),
        ({"D5": {"occurrence": ["cause"]}}, "eight_d.D5: only D4 tells apart why it occurred"),
        ({"D5": {}}, "eight_d.D5: nothing would stand there"),
        ({"D3": {"lifted": ["decide"]}}, "eight_d.D3: nothing would stand there"),
        (
            {"D5": {"fields": ["action"], "lifted": ["decide"]}},
            "eight_d.D5.lifted: only D3 has a containment that is lifted",
        ),
        (
            {"D3": {"fields": ["action"], "lifted": ["decid"]}},
            'eight_d.D3.lifted: "decid" is not a field or stage. Did you mean decide?',
        ),
        ({"D3": {"fields": ["action"], "lifted": ["twice"]}}, 'eight_d.D3.lifted: "twice" is computed'),
        ({"D2": {"fields": ["twice"]}}, 'eight_d.D2.fields: "twice" is computed'),
        ({"D5": {"fields": ["action"], "source": "99"}}, 'eight_d.D5.source: "99" is not a clause'),
        ({"D5": {"field": ["action"]}}, 'eight_d.D5.field: "field" is not a key here.'),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(key: dict[str, Any], words: str) -> None:
    assert words in errors(with_key(**key))


def test_each_discipline_says_where_it_comes_from() -> None:
    raw = with_key(D5={"fields": ["action"]})
    del raw["eight_d"]["D5"]["source"]

    assert 'eight_d.D5: the key "source" is missing here.' in errors(raw)


def test_the_schema_knows_the_nine_disciplines() -> None:
    key = policy_schema()["properties"]["eight_d"]

    assert key["propertyNames"]["enum"] == [f"D{n}" for n in range(9)]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "- D4 Root cause: what “Decide” recorded; why it occurred: Cause; why it was not detected: Missed. [6]"),
        ("zh-Hans", "- D4 根本原因：“Decide”所记载的内容；发生原因：Cause；流出原因：Missed。 [6]"),
        ("zh-Hant", "- D4 根本原因：「Decide」所記載的內容；發生原因：Cause；流出原因：Missed。 [6]"),
    ],
)
def test_the_printed_policy_says_what_stands_where(language: str, line: str) -> None:
    raw = with_key(D4={"stages": ["decide"], "occurrence": ["cause"], "escape": ["missed"]}, D1={"stages": ["intake"]})
    raw["eight_d"]["D3"] = {"fields": ["action"], "lifted": ["decide"], "source": "6"}
    text = policy_show(made(raw), language)

    assert line in text
    assert {
        "en": "Action; when it was lifted: Decide.",
        "zh-Hans": "解除时间：Decide。",
        "zh-Hant": "解除時間：Decide。",
    }[language] in text
    assert text.index("- D1 ") < text.index("- D4 ")
