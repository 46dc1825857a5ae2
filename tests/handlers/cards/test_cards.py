"""Every kind of card, in three languages, with the usual words, the longest ones and hostile ones."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

import complaints.telling
from complaints import commands as cmd
from complaints.commands import GivenFile
from complaints.notices import Notice
from complaints.views import Source
from handlers.cards import phrases
from handlers.cards.drawing import KINDS
from handlers.render import Card
from handlers.texts import LANGUAGES
from tests.handlers.cards.drawn import (
    DeskReader,
    buttons,
    draw,
    in_english,
    objects,
    redraw,
    renderer,
    row_of,
    shown,
    texts,
)
from tests.support.company import CUSTOMERS, MEMBERS, local
from tests.support.pcb import FIELDS, PcbDesk, a_case

MOST_TEXT, MOST_BLOCKS = 9_500, 50  # slack/LIMITS.md: a message with more text is refused
ALLOWED = re.compile(r"<(@U\w+|#C\w+|!date\^\d+\^[^|>]+\|[^<>]+|https://example\.slack\.com/[^|>]+\|[^<>]+)>")
HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\x00-\x08]")
HOSTILE = (
    "<!channel> <@UGM> <!date^1^{time}|now> <https://evil.example|Approve> *Complaint 261107 | Approved* :warning: "
    "\u202ereversed\u202c \u200b\u2066 `code` {n} {{x}} %s &amp; 👩‍👩‍👧 " + "a̸̡̢̛" * 20 + "\n>quote\r\n\u2028*●  fake*\n"
)
LONGEST = (HOSTILE + "焊墊發黑空焊" * 600)[:3000]


# --- the stories that are drawn ----------------------------------------------------------------------------


def files(desk: PcbDesk) -> None:
    """Two photos and a report come onto the case; one is stored, one can't be fetched."""
    given = tuple(GivenFile(id=f"F{n}", name=f"p{n}.png", mimetype="image/png") for n in (1, 2))
    desk.act(cmd.AddNote, "USALES1", words="See the photos", files=(*given, GivenFile(id="F3", name="r.pdf")))
    desk.act(cmd.StoreFile, "USALES1", file="F1", sha256="0" * 64, size=10)
    desk.act(cmd.StoreFile, "USALES1", file="F3", sha256=None, why="gone")


def story(desk: PcbDesk, words: str) -> PcbDesk:
    """Play a complaint in which everything is told that can be told."""
    files(desk)
    visit = desk.visit("quality_analysis")
    desk.act(cmd.AskReporter, "UQUAL1", visit=visit, words=words)
    desk.act(cmd.AnswerQuestion, "USALES1", question=1, words=words)
    desk.act(cmd.WaitForCustomer, "UQUAL1", visit=visit, reason=words, until=local("2026-11-04 09:00"))
    desk.act(cmd.AddSigner, "UQUAL1", visit=visit, member="URND", place="beside", reason=words)
    desk.act(cmd.AddSigner, "UQUAL1", visit=visit, member="UACC", place="before", reason=words)
    desk.decide("UACC", "quality_analysis")
    desk.act(cmd.Urge, "USALES1", visit=visit, words=words)
    desk.at("2026-11-06 10:00")
    desk.act(cmd.AskExtension, "UQUAL1", visit=visit, until=local("2026-11-06 18:00"), reason=words)
    desk.act(cmd.RuleExtension, "UGM", visit=visit, granted=False, until=None, reason=words)
    desk.act(cmd.CallMeeting, "UGM", visit=visit, at=local("2026-11-09 15:00"), words=words)
    return desk


@cache
def played(words: str = "Please look again") -> PcbDesk:
    """Return a desk on which the story was played; it is only looked at."""
    fields: dict[str, Any] = {} if words == "Please look again" else {
        "what_happened": words, "part_no": words[:200], "order_no": words[:200], "sales_remark": words, "demand": words,
        "customer": {"new": words[:200]}, "market": "domestic",
    }  # fmt: skip
    desk = PcbDesk(now="2026-11-02 09:30")
    desk.complain(**fields)
    desk.to("quality_analysis")
    return story(desk, words)


@cache
def finished(words: str = "As agreed") -> PcbDesk:
    """Return a desk with a complaint that was closed, called back and refused."""
    desk = a_case("closed", quality_finding=words, opinion_1=words, opinion_2=words)
    desk.decide("USALES1", "execution", "accepted", **{**FIELDS["execution"], "answer_given": words})
    desk.call("no_answer")
    return desk


@cache
def given_up(words: str = "Logged twice") -> PcbDesk:
    desk = a_case("quality_analysis")
    desk.act(cmd.Withdraw, "UGMO1", reason=words)
    return desk


def all_notices() -> list[tuple[str, PcbDesk, Notice]]:
    desks = [played(), played(LONGEST), finished(), finished(LONGEST), given_up(LONGEST)]
    return [(n.kind, desk, n) for desk in desks for n in desk.record.notices]


def text_of(card: Card) -> str:
    return json.dumps(list(card.blocks), ensure_ascii=False)


# --- completeness ------------------------------------------------------------------------------------------


def test_every_kind_that_is_told_has_a_card() -> None:
    code = Path(complaints.telling.__file__).read_text(encoding="utf-8")
    written = set(re.findall(r'draft\.tell\(\s*"(\w+)"', code)) | {
        "callback",
        "approval",
        "reminder_slip",
        "inquiry_slip",
    }

    assert written <= KINDS


def test_the_stories_tell_nearly_every_kind() -> None:
    """What they don't tell is drawn by a test of its own below."""
    told = {kind for kind, _, _ in all_notices()}

    assert KINDS - told <= {
        "copy",
        "duty",
        "rule",
        "undelivered",
        "inquiry_slip",
        "finished",
        "archive",
        "policy",
        "checkup",
        "qualification",
        "outage",
        "no_direct_messages",
    }


# --- limits and harm ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", *(pytest.param(x, marks=pytest.mark.slow) for x in LANGUAGES if x != "en")])
def test_no_card_breaks_a_limit_of_slack_or_lets_words_act(language: str) -> None:
    """The longest and the most hostile words, in every card, live and rewritten."""
    for kind, desk, notice in all_notices():
        drawings = [renderer(desk, language).render(row_of(notice))]
        if notice.live:
            drawings.append(redraw(desk, notice, language))
        for card in drawings:
            if isinstance(card, Card):
                check(card, kind)


def check(card: Card, kind: str) -> None:
    found = texts(card)
    assert len(card.blocks) <= MOST_BLOCKS
    assert sum(map(len, found)) < MOST_TEXT, (kind, sum(map(len, found)))
    assert 0 < len(card.text) <= 4000
    for text in (*found, card.text):
        assert text.strip(), kind
        assert not HIDDEN.search(text), (kind, text)
    for text in (*mrkdwn(card), card.text):
        rest = ALLOWED.sub("", text)
        assert "<" not in rest, (kind, text)
        assert ">" not in re.sub(r"^>", "", rest, flags=re.MULTILINE), (kind, text)
        assert not re.search(r":(?!warning:|lock:)[a-z_]*[a-z]:", rest), (kind, text)
        for bold in re.finditer(r"\*[^*\n]+\*", text):
            around = text[: bold.start()][-1:], text[bold.end() :][:1]
            assert around[0] in ("", " ", "\n"), (kind, text)
            assert around[1] in ("", " ", "\n", ",", "."), (kind, text)
    labels = buttons(card)
    assert len(labels) <= (4 if kind == "escalation" else 9 if kind == "reminder" else 3), (kind, labels)
    assert text_of(card).count('"style": "primary"') <= 1
    assert '"danger"' not in text_of(card)


def mrkdwn(card: Card) -> list[str]:
    found = [part for part in objects(card) if part.get("type") == "mrkdwn"]
    assert all(part.get("verbatim") is True for part in found)
    return [part["text"] for part in found]


@pytest.mark.slow  # a second
def test_same_facts_give_the_same_blocks() -> None:
    for _, desk, notice in all_notices():
        if notice.live:
            assert redraw(desk, notice) == redraw(desk, notice)


# --- the approval card -------------------------------------------------------------------------------------


def approval(desk: PcbDesk, stage: str) -> Notice:
    return next(n for n in reversed(desk.told("approval")) if n.visit == desk.visit(stage))


def test_the_department_sees_ask_deadline_matter_and_three_buttons() -> None:
    desk = in_english(a_case("quality_analysis"))

    card = draw(desk, approval(desk, "quality_analysis"), "en")

    said = shown(card)
    assert card.text == "Complaint 261101 | Quality: analyse the cause, by Wed 4 Nov 23:59"
    assert "*Black pads after reflow, 186 of 2,400 boards (7.75%)*" in said
    assert "Case closes by <!date^1794758340^{day_divider_pretty} {time}|Sun 15 Nov 23:59>" in said
    assert [action for _, action in buttons(card)] == ["visit.main", "visit.return", "visit.more"]
    assert "Stage 2 of 12  ✓ Registered  *● Quality analysis*  → Production analysis" in said


def test_a_channel_sees_the_masked_name_and_the_registry_the_whole() -> None:
    desk = in_english(a_case("quality_analysis"))

    assert "N… Instruments (C-0417)" in shown(draw(desk, approval(desk, "quality_analysis")))
    assert "North Instruments (C-0417)" in shown(draw(desk, desk.told("home")[0]))
    assert "North Instruments (C-0417)" in shown(draw(desk, desk.told("reporter")[0], "en"))


def test_the_customers_name_is_masked_in_his_own_words_too() -> None:
    desk = in_english(a_case("quality_analysis", what_happened="North Instruments reports black pads. Line stands."))

    said = shown(draw(desk, approval(desk, "quality_analysis")))

    assert "North Instruments" not in said
    assert "N… Instruments reports black pads" in said


def test_a_decided_card_loses_its_buttons_and_says_who_has_it_now() -> None:
    desk = in_english(a_case("quality_analysis"))
    notice = approval(desk, "quality_analysis")
    desk.to("production_analysis")

    card = redraw(desk, notice)

    said = shown(card)
    assert buttons(card) == [("Take back…", "act.take_back")]
    assert "Complaint 261101 | Quality analysis done" in said
    assert "in time" in said
    assert "Next: Production  <@UPROD>  *by " in said
    assert "Responsible department: Production" in said


def test_a_decided_card_offers_to_take_it_back_until_the_next_one_acts() -> None:
    desk = in_english(a_case("quality_analysis"))
    notice = approval(desk, "quality_analysis")
    desk.to("production_analysis")
    assert buttons(redraw(desk, notice)) == [("Take back…", "act.take_back")]

    desk.to("manager_opinion")

    assert buttons(redraw(desk, notice)) == []


def test_a_registration_that_drew_the_number_offers_nothing_to_take_back() -> None:
    """A number can't be given back without a gap in the series."""
    desk = in_english(a_case("register"))
    notice = approval(desk, "register")
    desk.to("quality_analysis")

    assert buttons(redraw(desk, notice)) == []


def test_a_late_decision_is_shown_as_late() -> None:
    desk = in_english(a_case("quality_analysis"))
    notice = approval(desk, "quality_analysis")
    desk.at("2026-11-05 10:00")
    desk.to("production_analysis")

    assert ", 1 day late" in shown(redraw(desk, notice))


def test_a_second_round_says_so_in_its_header() -> None:
    desk = in_english(a_case("production_analysis"))
    desk.decide("UPROD", "production_analysis", "return", reason="Which lot?", to_stage="quality_analysis")

    assert "(round 2)" in draw(desk, approval(desk, "quality_analysis")).text


def test_the_approver_sees_proposal_and_opinion() -> None:
    desk = in_english(a_case("approval_1"))

    said = shown(draw(desk, desk.told("approval")[-1]))

    assert "TWD 12,000" in said
    assert ">Factory and sales agree" in said


def test_an_unchanged_second_decision_is_one_click() -> None:
    desk = in_english(a_case("final_decision"))

    card = draw(desk, desk.told("approval")[-1])

    assert buttons(card)[0] == ("Confirm decision", "visit.confirm")


def test_evidence_that_has_not_arrived_is_said() -> None:
    desk = in_english(a_case("quality_analysis"))
    files(desk)

    said = shown(redraw(desk, approval(desk, "quality_analysis")))

    assert "2 photos (arriving)" in said
    assert "1 file could not be fetched" in said


# --- home, reporter, small ones -------------------------------------------------------------------------------


def test_the_lock_stands_until_the_approval_and_goes_when_the_customer_was_told() -> None:
    desk = in_english(a_case("approval_1"))
    home = desk.told("home")[0]

    assert ":lock:" in shown(redraw(desk, home))
    desk.to("customer_negotiation")
    assert "May be answered by letter or telephone" in shown(redraw(desk, home))
    desk.to("closed").pass_stage("execution")
    assert "May be answered" not in shown(redraw(desk, home))


def test_a_case_without_number_is_called_by_customer_and_part() -> None:
    desk = in_english(PcbDesk(now="2026-11-02 09:30"))
    desk.complain(survey_needed=True)

    assert draw(desk, desk.told("home")[0]).text.startswith("New complaint, North Instruments P4-2208-B | ")


def test_erased_words_are_said_to_be_erased() -> None:
    desk = in_english(a_case("quality_analysis"))
    for word in desk.record.words:
        desk.record.words[word] = None

    card = redraw(desk, approval(desk, "quality_analysis"))

    assert "[erased]" in shown(card)
    assert "Black pads" not in shown(card)


def test_a_copy_says_which_of_how_many() -> None:
    desk = in_english(a_case("closed"))

    assert ", copy 1 of 5" in draw(desk, desk.told("copy")[0]).text


def test_a_rule_says_what_happened_and_its_clause() -> None:
    desk = in_english(a_case("production_analysis", third_party_involved=True))

    card = draw(desk, desk.told("rule")[0], "en")

    assert "For your information" in card.text
    assert "(九)13" in shown(card)


def test_what_could_not_be_delivered_says_for_whom_it_was() -> None:
    desk = in_english(a_case("quality_analysis"))
    notice = approval(desk, "quality_analysis")
    moved = structs.replace(notice, to="CFALLBACK", facts={"undelivered_to": notice.to})

    assert f"<#{notice.to}>" in shown(draw(desk, moved))


def test_a_reader_of_the_renderer_needs_only_these_reads() -> None:
    """The desk in memory offers exactly what the renderer asks of `ports.Reader`."""
    assert DeskReader(PcbDesk()).customer("C-0417") == CUSTOMERS["C-0417"]
    assert set(MEMBERS) >= {"quality", "production"}


def test_the_promise_of_the_case_is_late_in_its_own_words() -> None:
    """The case clock climbs its own ladder (pcb-manufacturer (十)1): not the stage is late then, the whole case is."""
    desk = in_english(a_case("production_analysis"))
    desk.at("2026-11-17 12:00")
    slips = [n for n in desk.told("reminder_slip") if n.facts["clock"] == "case"]
    climbed = [n for n in desk.told("escalation") if n.facts["clock"] == "case"]

    assert "Reminder slip: the whole case is late" in shown(draw(desk, slips[0]))
    assert "Your decision: the case is past its promise" in shown(draw(desk, climbed[0], "en"))
    assert "Case was to close by" in shown(draw(desk, climbed[0], "en"))


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("三天内结案", "「三天内结案」"),
        ("「三天内结案」", "「三天内结案」"),
        ("「三天内结案", "「三天内结案」"),
        ("結案。」「(見附件)」", "「結案。」「(見附件)」"),
        ("「客訴」之處理", "「「客訴」之處理」"),
    ],
)
def test_a_clause_stands_in_quotation_marks_once(quote: str, shown: str) -> None:
    """Some policy files quote with marks of their own (airport-group 4.2), and a long clause is cut within them."""
    assert phrases.in_marks(quote) == shown


@pytest.mark.parametrize("kind", ["ours", "default"])
def test_a_limit_that_is_ours_is_said_once(kind: str) -> None:
    stage = Source(what="stage", kind="ours", limit="1 working day")
    limit = Source(what="limit", kind=kind, limit="1 working day")
    assert phrases.sources_text([stage, limit], "en") == "Not in the text; a limit of 1 working day is our setting"
