"""The first page of a desk with several regulations: the questions whose answers find the right one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from complaints.choosing import Choosing
from complaints.facts import typed
from complaints.people import DeskPlan
from complaints.policy import Policy
from handlers.modals.blocks import Block, View, context, modal
from handlers.modals.fields import PREFIX, FieldBook, field_names
from handlers.modals.inputs import Answers, Option, Question, input_block
from handlers.modals.meta import Meta
from handlers.texts import say

CHOOSE_MODAL_ID = "intake.choose"
POLICY_BLOCK = "policy"


def choosing_questions(policies: list[Policy], plan: DeskPlan, language: str) -> list[Question]:
    """Return what decides between the regulations: the desk's own questions, and what the policies' conditions read."""
    asked = {name: _desk_question(plan.choosing, name, language) for name in plan.choosing.fields}
    for policy in policies:
        if policy.id in plan.choosing.when:
            continue
        book = FieldBook(policy=policy, plan=plan, language=language, words={})
        for name in sorted(policy.fields_of(policy.policy.choose_by)):
            if name in policy.fields and name not in plan.choosing.fields:
                question = book.questions(name, mandatory=True)[0]
                asked[name] = _joined(asked[name], question) if name in asked else question
    return list(asked.values())


def _desk_question(choosing: Choosing, name: str, language: str) -> Question:
    field = choosing.fields[name]
    options = tuple(Option(value=c, words=words.get(language) or c) for c, words in field.choices.items())
    return Question(id=f"{PREFIX}{name}", kind="choice", label=field.labels.get(language) or name, options=options)


def _joined(first: Question, second: Question) -> Question:
    """Return one question for a field of two policies, with the choices of both."""
    known = {option.value for option in first.options}
    return replace(first, options=(*first.options, *(o for o in second.options if o.value not in known)))


def choose_view(policies: Iterable[Policy], language: str, meta: Meta, questions: Iterable[Question] = ()) -> View:
    """Return the page that finds the regulation: by its questions, or by its name where there is none."""
    options = tuple(Option(value=p.id, words=p.label(p.id, language)) for p in policies)
    which = Question(id=POLICY_BLOCK, kind="choice", label=say(language, "form.choose.label"), options=options)
    blocks: list[Block] = [input_block(question) for question in (list(questions) or [which])]
    return modal(
        callback_id=CHOOSE_MODAL_ID,
        title=say(language, "form.intake.title"),
        submit=say(language, "form.next"),
        close=say(language, "form.cancel"),
        blocks=[context(say(language, "form.choose")), *blocks],
        metadata=meta.text(),
    )


def given_answers(policies: list[Policy], plan: DeskPlan, language: str, answers: Answers) -> dict[str, Any]:
    """Return field id to what was answered on the first page."""
    found: dict[str, Any] = {}
    for name in field_names(answers):
        if name in plan.choosing.fields:
            found[name] = answers.values.get(f"{PREFIX}{name}")
            continue
        for policy in policies:
            book = FieldBook(policy=policy, plan=plan, language=language, words={})
            found |= book.given(answers, [name] if name in policy.fields and name not in found else [])
    return {name: value for name, value in found.items() if value is not None}


def facts_for(policy: Policy, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as the conditions of *policy*, or of the desk, read them."""
    return {name: _typed(policy, name, value) for name, value in given.items()}


def _typed(policy: Policy, name: str, value: Any) -> Any:
    definition = policy.fields.get(name)
    if definition is None:
        return value
    return value in ("yes", True) if definition.type == "yes_no" else typed(value, definition.type)


def answers_for(policy: Policy, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that the form of *policy* asks too, so that nobody answers twice."""
    found = {}
    for name, value in given.items():
        definition = policy.fields.get(name)
        if definition is not None and (not definition.choices or value in definition.choices):
            found[name] = value
    return found
