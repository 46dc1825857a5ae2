"""The log of a case in words: what a table graded and what a form does not ask any more are lines of it."""

from __future__ import annotations

import pytest

from handlers.modals.history import history_line, history_lines
from tests.complaints import test_grades as grades
from tests.complaints import test_unasked as unasked
from tests.handlers.test_hidden_customer import scene_of
from tests.policies import test_fitness_club_graded as fitness
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import PolicyDesk, head


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "graded it, Grade: Grade 2 (二级5"),
        ("zh-Hans", "判定投诉等级：二级（二级5"),
        ("zh-Hant", "判定投訴等級：二級（二级5"),
    ],
)
def test_a_grade_is_said_with_its_clause_and_what_was_counted(language: str, words: str) -> None:
    """CL-07: two departments in all."""
    desk: PolicyDesk = fitness.at("handle", other_units=["customer_service"])

    said = "\n".join(history_lines(scene_of(desk, head("customer_service"), language), desk.record.logs["case1"]))

    assert words in said


def test_an_amended_case_says_the_grade_before() -> None:
    desk = grades.of_noise(MadeDesk(grades.graded()), "case0", "case1")
    desk.act(grades.Amend, grades.SALES, fields={"matter": "smell"}, reason="Misheard")

    said = history_lines(scene_of(desk, grades.SALES), desk.record.logs["case1"])

    assert any("grade: low instead of high" in line.lower() for line in said)


def test_what_is_not_asked_any_more_is_said() -> None:
    desk = unasked.again(unasked.found(MadeDesk(unasked.with_cause())), cause="machine")
    scene = scene_of(desk, unasked.CHIEF)

    said = {history_line(scene, recorded, bare=True) for recorded in desk.record.logs["case1"]}

    assert {"Culprit, Fine: empty again", "Deduction: no amount any more"} <= said
