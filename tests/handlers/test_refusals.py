"""Every refusal and every field error has words in three languages, with all that they name."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from bot.logs import redact, tell_fault
from complaints import commands as cmd
from complaints import refusals
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, Refusal, StaleCard
from handlers import texts
from handlers.errors import errors_at_blocks, problem_text
from handlers.modals.blocks import Button
from handlers.replies import FACT_NAMES, INSTEAD, About, clause_text, explain, message_of, notice_view
from handlers.table import TABLE
from tests.handlers.filled import has_gap
from tests.handlers.strict_slack import check_shown_blocks, check_shown_view
from tests.handlers.talk import Talk
from tests.support.company import a_plan, local
from tests.support.pcb import a_case

ROOT = Path(__file__).resolve().parents[2]
KINDS = {n for n, c in vars(refusals).items() if isinstance(c, type) and issubclass(c, Refusal)}
LANGUAGES = ("en", "zh-Hans", "zh-Hant")


@cache
def _nodes() -> list[ast.Call | ast.Tuple]:
    trees = [ast.parse(p.read_text()) for folder in ("complaints", "handlers") for p in (ROOT / folder).rglob("*.py")]
    return [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Call | ast.Tuple)]


def raised_reasons() -> set[str]:
    """Return every reason with which the source raises a refusal: given, or that of its class."""
    found = {cls.reason for cls in vars(refusals).values() if isinstance(cls, type) and issubclass(cls, Refusal)}
    for call in (n for n in _nodes() if isinstance(n, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if (
            name in KINDS
            and call.args
            and isinstance(call.args[0], ast.Constant)
            and isinstance(call.args[0].value, str)
        ):
            found.add(call.args[0].value)
    return found


def raised_problems() -> set[str]:
    """Return every reason of a field error: `("reason", {...})` and `BadValue("reason")`."""
    found = set()
    for node in _nodes():
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[1], ast.Dict):
            first = node.elts[0]
            reasons = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            found |= {r.value for r in reasons if isinstance(r, ast.Constant) and isinstance(r.value, str)}
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BadValue":
            found.add(node.args[0].value)
    return {r for r in found if re.fullmatch(r"[a-z_]+", r) and not texts.knows(f"history.{r}")}


def test_the_scan_finds_what_is_raised():
    assert {"not_yours", "reply_locked", "extension_used", "urged_already"} <= raised_reasons()
    assert {"missing", "must", "too_long", "no_such_case", "sample_missing"} <= raised_problems()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words(language):
    for reason in sorted(raised_reasons()):
        assert texts.say(language, f"refusal.{reason}", **dict.fromkeys(FACT_NAMES, "x"))
        assert texts.say(language, f"refusal.{reason}.body", **dict.fromkeys(FACT_NAMES, "x"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_error_has_words(language):
    for reason in sorted(raised_problems()):
        sentence = problem_text("quantity", (reason, {}), language, "Asia/Taipei", None)
        assert "{" not in sentence, reason
        assert sentence != texts.say(language, "error.other"), f"error.{reason} is not in the catalogue"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_refusal_has_three_parts_and_fits_into_a_message_and_a_view(language, is_known):
    desk = a_case("quality_analysis")
    facts = {
        "case": desk.case().name, "stage": "quality_analysis", "people": ("UQUAL1", "UQUAL2", "UQHEAD"), "role": "quality",
        "by": "UQUAL1", "at": local("2026-11-03 14:02"), "how": "done", "decision": "approve", "until": local("2026-11-05 24:00"),
        "again": local("2026-11-03 18:00"), "end": local("2026-11-09 24:00"), "began": local("2026-11-02 09:00"),
        "route": "objection", "needs": ["final_decision"], "waiting": ["track"], "next": "production_analysis",
        "status": "closed", "member": "UPROD", "name": "261101",
    }  # fmt: skip
    about = (
        About(plan=a_plan(), case=desk.case(), policy=desk.bundle("").policy, visit=2)
        if is_known
        else About(plan=a_plan())
    )

    for reason in sorted(raised_reasons()):
        reply = explain(NotAuthorized(reason, source="(九)4", **facts), language, about)

        assert reply.title, reason
        assert reply.body, reason
        assert not has_gap(reply.title + reply.body), reason
        check_shown_blocks(message_of(reply)["blocks"], "message")
        check_shown_view(notice_view(reply, language), "modal")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_reason_gets_the_general_sentence_and_never_a_code(language):
    reply = explain(NotAllowedHere("brand_new_rule"), language, About(plan=a_plan()))

    assert "brand_new_rule" not in reply.title + reply.body


def test_every_button_of_a_refusal_is_answered_and_has_words():
    for what in set(INSTEAD.values()):
        assert texts.knows(f"refusal.button.{what}")
    desk = a_case("quality_analysis")
    about = About(plan=a_plan(), case=desk.case(), policy=desk.bundle("").policy, visit=2)
    for reason in INSTEAD:
        reply = explain(NotAllowedHere(reason), "en", about)
        assert isinstance(reply.button, Button)
        assert reply.button.action_id in TABLE.clicks


def test_people_s_words_in_a_refusal_are_harmless():
    reply = explain(refusals.UnknownCase(name="<!channel> *bold* &"), "en", About(plan=a_plan()))

    assert "<!channel>" not in reply.body
    assert "&lt;!channel&gt;" in reply.body


def test_errors_stand_at_blocks_that_the_form_has():
    wrong = FieldErrors({"quantity": ("missing", {}), "market": ("missing", {}), "reason": ("missing", {})})

    found = errors_at_blocks(wrong, ["field.customer", "field.quantity", "reason"], "en", "Asia/Taipei", None)

    assert set(found) == {"field.quantity", "reason", "field.customer"}
    assert "market" in found["field.customer"]
    assert errors_at_blocks(wrong, [], "en", "Asia/Taipei", None) == {}


async def test_a_fault_gives_a_reference_and_logs_no_words():
    talk = Talk(a_case("quality_analysis"))
    secret = "The customer Mr Secret called"

    def broken(*_: object) -> None:
        raise RuntimeError(secret)

    talk.reader.case = broken
    judge = talk.person("UQUAL1")

    with capture_logs() as lines:
        await judge.click("visit.main", "1|case1|2||")

    assert "not your doing" in judge.told
    line = redact(None, "", tell_fault(None, "", lines[-1]))
    assert (line["case"], line["fault"]) == ("case1", "RuntimeError")
    assert line["reference"] in judge.told
    assert secret not in str(line)


@pytest.mark.parametrize(("takes", "is_said"), [(0.0, False), (0.6, True)])
async def test_an_answer_that_took_long_is_logged_without_words(monkeypatch, takes, is_said):
    """Slack waits three seconds; above half a second whoever looks after the desk hears of it."""
    talk = Talk(a_case("quality_analysis"))
    ticks = iter([100.0, 100.0 + takes])
    monkeypatch.setattr("handlers.listeners.time.perf_counter", lambda: next(ticks, 200.0))

    with structlog.testing.capture_logs() as lines:
        await talk.person("UQUAL1").open_home()

    assert [(x["kind"], x["seconds"]) for x in lines if x["event"] == "slow answer"] == [("event", 0.6)] * is_said


async def test_a_fault_in_a_form_leaves_the_text_standing_below():
    talk = Talk()
    rep = talk.person("USALES1")
    await rep.command()
    talk.drafts.get = None

    answer = await rep.submit(field__customer="C-0417", field__what_happened="Black pads")

    assert answer["response_action"] == "push"
    assert len(rep.stack) == 2


@pytest.mark.parametrize(
    ("source", "language", "shown"),
    [
        ("5.1.2", "en", "(5.1.2)"),
        ("5.1.2", "zh-Hant", "（5.1.2）"),
        ("(八)1", "en", "(八)1"),
        ("D6", "en", "(our setting)"),
    ],
)
def test_a_clause_stands_apart_from_the_sentence(source: str, language: str, shown: str) -> None:
    """Not “waits for A or B first 5.1.2.”: a clause without brackets of its own gets some."""
    assert clause_text(source, language) == shown


@pytest.mark.parametrize("source", ["(八)1", "5.1.2", None])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_space_stands_before_a_mark_that_ends_or_is_wide(language: str, source: str | None) -> None:
    """Also where there is no clause to name."""
    said = explain(
        NotAuthorized("second_person", source=source, stage="quality_analysis"), language, About(plan=a_plan())
    )

    assert not re.search(r" [.,（。，；]", said.body), said.body


@pytest.mark.parametrize(
    ("act", "stage", "title", "body"),
    [
        (lambda d: d.act(cmd.Withdraw, "USALES1", reason="Found"), "approval_1", "out of date", "ended <!date"),
        (lambda d: d.act(cmd.Void, "UGMO1", reason="A trial"), "approval_1", "out of date", "Status: Declared void."),
        (lambda d: d.take_back("UGMO1", d.visit("consolidated_opinion_1")), "consolidated_opinion_1", "out of date", "<@UGMO1> had settled it; that was taken back"),
        (lambda d: d.take_back("UGMO1", d.visit("consolidated_opinion_1")), "approval_1", "out of date", "taken back, returned or corrected"),
    ],
)  # fmt: skip
def test_who_comes_late_to_a_stage_that_nobody_decided_is_not_told_that_somebody_settled_it(
    act: Callable[[Any], Any], stage: str, title: str, body: str
) -> None:
    """It was withdrawn, voided or taken back at the moment of the press; "A colleague settled it. Now:" was untrue."""
    desk = a_case("approval_1")
    visit = desk.visit(stage)
    act(desk)

    with pytest.raises(StaleCard) as refused:
        desk.submit(cmd.Decide(actor="UPROD", key="late", case_id="case1", visit=visit, decision="approve"))
    about = About(plan=a_plan(), case=desk.case(), policy=desk.bundle("").policy, visit=visit)
    told = explain(refused.value, "en", about)

    assert title in told.title
    assert body in told.body
    assert "A colleague" not in told.body
    assert not told.body.endswith("Now:")


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_takes_back_where_nobody_decided_is_not_told_that_nobody_can(language: str) -> None:
    """No button of ours leads there: the press is forged, or of an old card."""
    desk = a_case("quality_analysis")
    visit = desk.visit("quality_analysis")
    with pytest.raises(NotAuthorized) as undecided:
        desk.take_back("UQUAL1", visit)
    about = About(plan=a_plan(), case=desk.case(), policy=desk.bundle("").policy, visit=visit)
    told = explain(undecided.value, language, about)

    assert undecided.value.reason == "nothing_to_take_back"
    assert about.policy.label("quality_analysis", language) in told.body
    assert not has_gap(told.body)
