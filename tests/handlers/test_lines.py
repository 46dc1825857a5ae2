"""Lines as people type them: the words of a choice column are its own, in the reader's language, and what is none of them is said so."""

from __future__ import annotations

from typing import Any, cast

import pytest

from complaints.forms import BadValue, briefly, plain
from complaints.refusals import FieldErrors
from handlers.errors import errors_at_blocks
from handlers.modals.fields import FieldBook
from handlers.modals.inputs import Answers, input_block
from tests.support.policy_desk import PolicyDesk

TYPED = {
    "en": "A second till; One more at noon; Efficiency",
    "zh-Hans": "加开收银台; 中午加开一台; 效率",
    "zh-Hant": "加開收銀台; 中午加開一台; 效率",
}


def book(language: str, policy: str = "employee-suggestions") -> FieldBook:
    desk = PolicyDesk(policy)
    return FieldBook(policy=desk.bundle("").policy, plan=desk.plan, language=language, words={})


@pytest.mark.parametrize("language", TYPED)
def test_the_form_says_what_a_choice_column_takes_and_reads_it(language: str) -> None:
    """意见箱: each item of the box names its subject; the case that begins with it has it as a choice."""
    form = book(language)
    field = form.policy.fields["box_items"]
    words = [form.choice("subject", c) for c in form.policy.fields["subject"].choices]
    title, proposal, _ = TYPED[language].split("; ")

    rows = [form.read_lines(f"{title}; {proposal}; {each}", field)[0] for each in words]

    assert [row["subject"] for row in rows] == list(form.policy.fields["subject"].choices)
    assert all(each in form.questions("box_items")[0].hint for each in words)
    assert form.read_lines(form.lines_text(field, rows), field) == rows


def test_who_writes_another_word_is_told_the_choices_at_the_lines() -> None:
    desk = PolicyDesk("auto-dealer-dcrc")
    form = FieldBook(policy=desk.bundle("").policy, plan=desk.plan, language="en", words={})
    wrong = FieldErrors({"found": ("not_one_of", {"value": "brakes", "choices": ["price", "waiting"], "of": "matter"})})

    said = errors_at_blocks(wrong, ["field.found"], "en", "Asia/Shanghai", form)

    assert said == {"field.found": "“brakes” is none of these: Price, Waiting."}


def test_yes_and_no_are_written_and_read_in_the_readers_words() -> None:
    desk = PolicyDesk("metering-after-sales")
    form = FieldBook(policy=desk.bundle("").policy, plan=desk.plan, language="zh-Hans", words={})
    field = form.policy.fields["visits"]

    rows = form.read_lines("C-0001; 是; 正常; 无", field)

    assert rows[0]["main_customer"] == "yes"
    assert form.lines_text(field, [{**rows[0], "main_customer": True}]) == "C-0001; 是; 正常; 无"


@pytest.mark.parametrize(
    ("language", "amount", "column"),
    [
        ("en", "Loss or allowance (TWD)", "loss (TWD)"),
        ("zh-Hans", "损失／折让金额（新台币元）", "（新台币元）"),
        ("zh-Hant", "損失／折讓金額（新臺幣元）", "（新臺幣元）"),
    ],
)
def test_a_form_says_in_which_currency_an_amount_is_asked(language: str, amount: str, column: str) -> None:
    """pcb-manufacturer is in TWD: an amount says it behind its question, a column of lines in the hint."""
    form = book(language, "pcb-manufacturer")

    [asked], [losses] = form.questions("amount"), form.questions("department_losses")

    assert asked.label == amount
    assert column in losses.hint.lower().replace("twd", "TWD")
    assert form.label("amount") == amount.partition("（")[0].partition(" (")[0]


# --- people in lines --------------------------------------------------------------------------------------------


def test_lines_of_a_person_each_are_chosen() -> None:
    """instrument-after-sales 3.4: the engineers who are sent have the stage; nobody knows an engineer's id by heart."""
    form = book("en", "instrument-after-sales")
    kept = [{"person": "U0ENGINEER"}, {"person": "U0SECOND"}]

    [asked] = form.questions("engineers", value=kept)
    given = form.given(Answers(values={"field.engineers": ["U0ENGINEER", "U0SECOND"]}), ["engineers"])

    assert input_block(asked)["element"]["type"] == "multi_users_select"
    assert input_block(asked)["element"]["initial_users"] == ["U0ENGINEER", "U0SECOND"]
    assert given == {"engineers": kept}


def test_who_was_typed_by_name_is_not_dropped_by_a_choice_of_people() -> None:
    form = book("en", "instrument-after-sales")

    [asked] = form.questions("engineers", value=[{"person": "U0ENGINEER"}, {"person": "王小明"}])

    assert (asked.kind, asked.value) == ("text", "U0ENGINEER\n王小明")
    assert "semicolon" in asked.hint


@pytest.mark.parametrize("language", TYPED)
def test_a_column_of_people_who_are_told_says_that_it_takes_member_ids(language: str) -> None:
    """pcb-economic-penalty (四)2: who is named in the notice may object; in a ledger's roster nobody is told anything."""
    [members] = book(language, "pcb-economic-penalty").questions("members")
    [roster] = book(language, "market-dev-first-contact").questions("roster")

    assert "U01ABCDEF" in members.hint
    assert "U01ABCDEF" not in roster.hint


# --- lines that are none ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "“Wang; 5” does not have these parts: Person; Base points; Monthly bonus. Write a semicolon between them.",
        ),
        ("zh-Hans", "“Wang; 5”这一行不是这几栏："),
        ("zh-Hant", "「Wang; 5」這一行不是這幾欄："),
    ],
)
def test_a_line_with_other_parts_is_named_with_the_columns_in_the_readers_words(language: str, said: str) -> None:
    form = book(language, "pcb-economic-penalty")
    field = form.policy.fields["members"]
    first_wrong = form.read_lines("U0WANG; 1; 2\nWang; 5\n; ; ; ;", field)
    with pytest.raises(BadValue) as bad:
        plain(first_wrong, field, cast(Any, None))

    [sentence] = errors_at_blocks(
        FieldErrors({"members": (bad.value.reason, bad.value.facts)}), ["field.members"], language, "Asia/Taipei", form
    ).values()

    assert sentence.startswith(said)
    assert "points" not in sentence.replace("Base points", "")


def test_too_many_lines_are_said_with_their_number() -> None:
    form = book("en", "pcb-economic-penalty")
    with pytest.raises(BadValue) as bad:
        plain([{"person": "x"}] * 201, form.policy.fields["members"], cast(Any, None))

    assert (bad.value.reason, bad.value.facts) == ("too_many_lines", {"most": 200, "length": 201})


def test_an_error_that_repeats_what_was_typed_shows_where_it_cuts_it() -> None:
    assert briefly("9" * 41) == "9" * 39 + "…"
    assert briefly("9" * 40) == "9" * 40
