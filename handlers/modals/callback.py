"""The form for a call to the customer: a failed attempt costs two taps, the rest appears when somebody answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from complaints.policy_model import StageDef
from handlers.modals.blocks import Block, View, context, modal
from handlers.modals.case_lines import visit_lead
from handlers.modals.inputs import NOTHING, Answers, Option, Question, input_block
from handlers.modals.meta import Meta
from handlers.scenes import Scene
from handlers.texts import escape, say

MODAL_ID = "visit.log_call"
RESULT, WORDS, AGAIN_AT = "result", "words", "again_at"
RESULTS = ("reached", "no_answer", "later", "declined")
REACHED, LATER = "reached", "later"


@dataclass(frozen=True, kw_only=True)
class CallForm:
    """The form with what was entered so far. *warned*: the bad decision that the person was warned of."""

    scene: Scene
    meta: Meta
    answers: Answers = NOTHING

    @property
    def stage(self) -> StageDef:
        return self.scene.stage

    @property
    def result(self) -> str:
        return self.answers.words(RESULT)

    def view(self) -> View:
        policy, language, name = self.scene.policy, self.scene.language, self.scene.visit.stage
        return modal(
            callback_id=MODAL_ID,
            title=policy.label(name, language, aspect="title") or say(language, "call.title"),
            submit=self._submit(),
            close=say(language, "form.cancel"),
            blocks=self._blocks(),
            metadata=self.meta.text(),
        )

    def _submit(self) -> str:
        if self.meta.decision:
            return say(self.scene.language, "call.submit_bad")
        name = self.scene.visit.stage
        return self.scene.policy.label(name, self.scene.language, aspect="submit") or say(
            self.scene.language, "call.submit"
        )

    def _blocks(self) -> Iterator[Block]:
        language = self.scene.language
        yield visit_lead(self.scene, self.scene.visit)
        yield input_block(self._filled(self._result_question()))
        if self.result == LATER:
            yield input_block(self._filled(Question(id=AGAIN_AT, kind="instant", label=say(language, "call.again_at"))))
        if self.result == REACHED:
            for name in self.fields:
                for question in self.scene.book.questions(name, mandatory=self._is_mandatory(name)):
                    yield input_block(self._filled(question))
            yield input_block(self._filled(self._words_question()))
        if self.meta.decision:
            yield context(f":warning: {say(language, 'call.warned', decision=self._decision())}")
        elif self._bad():
            clause = f" {escape(self.scene.clause)}" if self.scene.clause else ""
            yield context(say(language, "call.bad", decision=self._bad(), clause=clause))

    def _filled(self, question: Question) -> Question:
        return replace(question, value=self.answers.values.get(question.id, question.value))

    @property
    def fields(self) -> tuple[str, ...]:
        known = self.scene.policy.fields
        return tuple(n for n in dict.fromkeys(self.stage.filled) if n in known and not known[n].is_computed)

    def _is_mandatory(self, name: str) -> bool:
        return any(f.name == name for f in self.stage.fill)

    def _result_question(self) -> Question:
        language = self.scene.language
        options = tuple(Option(value=r, words=say(language, f"call.{r}")) for r in RESULTS)
        return Question(id=RESULT, kind="choice", label=say(language, "call.result"), options=options, dispatch=True)

    def _words_question(self) -> Question:
        language = self.scene.language
        return Question(
            id=WORDS,
            kind="text",
            label=say(language, "call.words"),
            placeholder=say(language, "call.words.placeholder"),
            optional=True,
        )

    def _decision(self) -> str:
        return escape(self.scene.policy.label(self.meta.decision, self.scene.language, of=self.scene.visit.stage))

    def _bad(self) -> str:
        """Return the name of the answer that begins a new complaint or reopens this one, "" where there is none."""
        found = next((d for d, t in self.stage.decisions.items() if t.kind in ("new_case", "reopen_at")), None)
        name = self.scene.visit.stage
        return escape(self.scene.policy.label(found, self.scene.language, of=name)) if found else ""
