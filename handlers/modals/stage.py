"""The form of a stage: its decisions, its fields, its evidence (CARDS §4); the same for every policy."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, cast

from complaints.decisions import APPROVE, DISAGREE, RETURN, asks_everything, decisions_of, main_decision
from complaints.policy_model import Fill, StageDef
from complaints.views import ReplyRules
from complaints.views_reply import reply_rules
from handlers.cards.phrases import reply_rules_text
from handlers.modals.blocks import Block, View, context, modal, section
from handlers.modals.case_lines import next_line, visit_lead
from handlers.modals.fields import FieldBook, file_field
from handlers.modals.inputs import NOTHING, Answers, Option, Question, input_block
from handlers.modals.meta import Meta
from handlers.scenes import Scene
from handlers.texts import escape, say

MODAL_ID = "visit.main"
RETURN_MODAL_ID = "visit.return"
INSTEAD_MODAL_ID = "gm.decide"
DECISION, REASON, FILES_BLOCK, TO_STAGE = "decision", "reason", "files", "to_stage"

NOT_PREFILLED = frozenset({"yes_no", "choice", "choices"})
"""What decides is never chosen beforehand (CARDS, principle 8); a signer and who may correct see what was chosen."""
NOT_SHOWN = frozenset({"file", "sample"})


@dataclass(frozen=True, kw_only=True)
class StageForm:
    """
    The form of a visit for one person. *decision*: fixed beforehand, "" where the form asks for it. *instead*: the
    general manager decides for the owner. *typed*: what this person sent before and the desk did not take. *offered*:
    what the desk already knows of the answer.
    """

    scene: Scene
    meta: Meta
    decision: str = ""
    instead: bool = False
    kind: str = "main"
    typed: Answers = NOTHING
    offered: Answers = NOTHING

    @property
    def stage(self) -> StageDef:
        return self.scene.stage

    @property
    def book(self) -> FieldBook:
        return self.scene.book

    @property
    def decisions(self) -> tuple[str, ...]:
        """Return the decisions that this form can take: all of the stage but the return, which has its own form."""
        if self.decision:
            return (self.decision,)
        if self.kind not in ("main", "final"):
            return (APPROVE, DISAGREE) if self.kind == "with" and self.stage.disagree is not None else (APPROVE,)
        found = decisions_of(self.stage)
        return tuple(d for d, target in found.items() if d != RETURN and target.kind != "back") or tuple(found)

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that this form asks, mandatory ones first."""
        known = self.scene.policy.fields
        return tuple(
            n for n in dict.fromkeys(self.stage.filled) if n in known and known[n].is_ is None and not known[n].count
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the fields that stand in the form: not those of which it is known by now that nobody asks them."""
        return tuple(name for name in self.fields if self._may_come_up(name))

    def _may_come_up(self, name: str) -> bool:
        """
        Say whether a field may be asked by this form, or has something in it that may be corrected.

        It is left out where all that its condition reads was answered before, in another form, and so that it is false.
        What is counted, worked out or decided here may still change until the form is sent.
        """
        fill = next((f for f in self.stage.fill if f.name == name), None)
        known = self.scene.case.fields
        if fill is None or fill.when is None or name in self.stage.may_fill or known.get(name) is not None:
            return True
        if any(not self._is_answered(n) for n in fill.when.reads):
            return True
        return fill.when.evaluate(self.scene.facts) is not False

    def _is_answered(self, name: str) -> bool:
        """Say whether somebody gave an answer to *name* and this form does not ask for another one."""
        field = self.scene.policy.fields.get(name)
        is_plain = field is not None and field.is_ is None and field.count is None
        return is_plain and name not in self.fields and self.scene.case.fields.get(name) is not None

    def emptied(self, answers: Answers) -> tuple[str, ...]:
        """Return the fields that stood filled in this form and came back empty."""
        shown = [q for name in self.fields for q in self._field(name) if q.value]
        left = {file_field(block) for block in answers.values}
        return tuple(dict.fromkeys(n for q in shown if (n := file_field(q.id)) not in left))

    def view(self) -> View:
        """Return the modal; its submit label repeats the act."""
        policy, language = self.scene.policy, self.scene.language
        name = self.scene.visit.stage
        return modal(
            callback_id=INSTEAD_MODAL_ID if self.instead else MODAL_ID,
            title=policy.label(name, language, aspect="title") or policy.label(name, language),
            submit=self._submit(),
            close=say(language, "form.cancel"),
            blocks=self._blocks(),
            metadata=self.meta.text(),
        )

    def _submit(self) -> str:
        policy, language, name = self.scene.policy, self.scene.language, self.scene.visit.stage
        if self.kind == "sign":
            return say(language, "card.button_sign").rstrip("…")
        if self.decision and self.decision != main_decision(self.stage):
            return policy.label(self.decision, language, of=name)
        button = policy.label(name, language, aspect="button").rstrip("…")
        return policy.label(name, language, aspect="submit") or button or say(language, "form.send")

    def _blocks(self) -> Iterable[Block]:
        yield visit_lead(self.scene, self.scene.visit)
        yield from self._notes()
        for question in self._questions():
            known = self.offered.values.get(question.id, question.value)
            yield input_block(replace(question, value=self.typed.values.get(question.id, known)))
        if not any(self.scene.policy.fields[n].type == "file" for n in self.shown):
            label = say(self.scene.language, "form.evidence")
            yield input_block(Question(id=FILES_BLOCK, kind="files", label=label, optional=True))
        if not self.instead:
            yield next_line(self.scene, self.scene.visit)

    def _notes(self) -> Iterable[Block]:
        if text := reply_rules_text(self._rules, self.scene.language):
            yield section(text)
        if self.instead:
            yield context(say(self.scene.language, "form.instead"))
        if self.typed.values:
            yield context(say(self.scene.language, "form.typed_before"))

    def _questions(self) -> Iterable[Question]:
        if len(self.decisions) > 1:
            yield self._decision_question()
        for name in self.shown:
            yield from self._field(name)
        if self.needs_reason is not None:
            yield self._reason_question()

    def _decision_question(self) -> Question:
        policy, language, name = self.scene.policy, self.scene.language, self.scene.visit.stage
        options = tuple(
            Option(value=d, words=policy.label(d, language, of=name), description=self._about(d))
            for d in self.decisions
        )
        suggested = bool(self.stage.suggest)
        return Question(
            id=DECISION,
            kind="choice",
            label=say(language, "form.decision"),
            options=options,
            optional=suggested,
            hint=say(language, "form.decision.suggested") if suggested else "",
        )

    def _about(self, decision: str) -> str:
        texts = self.scene.policy.texts
        text = texts.get(f"{self.scene.visit.stage}.{decision}") or texts.get(decision)
        return str(text.hint.in_language(self.scene.language)) if text and text.hint else ""

    def _field(self, name: str) -> Iterable[Question]:
        definition = self.scene.policy.fields[name]
        now = self.scene.case.fields.get(name)
        decides = definition.type in NOT_PREFILLED and self._is_asked(name)
        known = None if decides or definition.type in NOT_SHOWN else now
        unseen = known is not None and not self._may_see(name)
        above = " ".join(filter(None, (self._needed_for(name), self.scene.kept_hint(name) if unseen else "")))
        mandatory, value = self._is_mandatory(name), None if unseen else known
        for number, question in enumerate(self.book.questions(name, value=value, mandatory=mandatory)):
            hint = question.hint or (self._script if definition.long else "")
            yield replace(question, hint=" ".join(filter(None, (above if number == 0 else "", hint))))

    def _may_see(self, name: str) -> bool:
        """Say whether what stands in the field may stand in this form: it is whole before this person, or this stage wrote
        it itself in an earlier round and is asked for it anew."""
        if self.scene.sees_whole(name):
            return True
        stage, now = self.scene.visit.stage, self.scene.visit.id
        rounds = [v for v in self.scene.case.visits.values() if v.stage == stage and v.id != now]
        may_see = self._is_asked(name) and not self.scene.hides(name) and self.scene.fits(name)
        return may_see and any(name in v.filled for v in rounds)

    def _needed_for(self, name: str) -> str:
        """Return for which of the decisions a field must be filled, where it is for some and not for all of them."""
        fill = next((f for f in self.stage.fill if f.name == name), None)
        if fill is None or self.kind not in ("main", "final") or len(self.decisions) < 2:
            return ""
        wanted = [d for d in self.decisions if self._asks(fill, d)]
        if not wanted or len(wanted) == len(self.decisions):
            return ""
        language, of = self.scene.language, self.scene.visit.stage
        labels = [self.scene.policy.label(d, language, of=of) for d in wanted]
        return say(language, "form.reason.for", decisions=say(language, "refusal.comma").join(labels))

    def _asks(self, fill: Fill, decision: str) -> bool:
        """Say whether a decision asks for the field, by what is known now."""
        depends = fill.when is not None and "decision" in fill.when.names
        if fill.when is not None and fill.when.evaluate(self._facts(decision)) is not True:
            return False
        return depends or asks_everything(self.stage, decision)

    def _facts(self, decision: str) -> Mapping[str, Any]:
        """Return the facts as they were if that was decided."""
        return ChainMap({"decision": decision}, cast(MutableMapping[str, Any], self.scene.facts))

    @property
    def _script(self) -> str:
        """Return the words that the regulation proposes for the reply, for under its text."""
        rules = self._rules
        return rules.script if rules is not None else ""

    @property
    def _rules(self) -> ReplyRules | None:
        scene = self.scene
        return reply_rules(self.stage, scene.policy, scene.facts, scene.world.people, scene.language)

    def _is_asked(self, name: str) -> bool:
        """Say whether the field is this form's own question, not one of others that may be corrected or is signed."""
        return self.kind in ("main", "final") and name in {f.name for f in self.stage.fill}

    def _is_mandatory(self, name: str) -> bool:
        """Say whether Slack itself may insist: only what is asked in every case of the only decision there is."""
        if (
            self.kind not in ("main", "final")
            or len(self.decisions) > 1
            or self.decisions[0] != main_decision(self.stage)
        ):
            return False
        asked = any(f.name == name and f.when is None for f in self.stage.fill)
        return asked and name not in self.scene.case.fields

    @property
    def needs_reason(self) -> bool | None:
        """Say whether a reason must be given (True), may be (False), or is not asked at all (None)."""
        if self.instead:
            return True
        named = [d for d in self.decisions if d in self.stage.reason or d == DISAGREE]
        if not named:
            return None
        return len(named) == len(self.decisions)

    def _reason_question(self) -> Question:
        language = self.scene.language
        named = [d for d in self.decisions if d in self.stage.reason or d == DISAGREE]
        labels = [self.scene.policy.label(d, language, of=self.scene.visit.stage) for d in named]
        hint = say(language, "form.reason.for", decisions=say(language, "refusal.comma").join(labels)) if labels else ""
        return Question(
            id=REASON, kind="text", label=say(language, "form.reason"), optional=not self.needs_reason, hint=hint
        )


def return_view(scene: Scene, meta: Meta, stages: Iterable[str]) -> View:
    """Return the form that sends a case back: to which stage, and why. One stage needs no question."""
    language, policy = scene.language, scene.policy
    options = tuple(Option(value=s, words=policy.label(s, language)) for s in stages)
    blocks: list[Any] = [visit_lead(scene, scene.visit)]
    if len(options) == 1:
        blocks.append(context(say(language, "form.return.only", stage=escape(options[0].words))))
    else:
        blocks.append(
            input_block(Question(id=TO_STAGE, kind="choice", label=say(language, "form.return.to"), options=options))
        )
    blocks.append(
        input_block(
            Question(
                id=REASON,
                kind="text",
                label=say(language, "form.return.reason"),
                placeholder=say(language, "form.return.placeholder"),
            )
        )
    )
    blocks.append(context(say(language, "form.return.about")))
    return modal(
        callback_id=RETURN_MODAL_ID,
        title=say(language, "form.return.title"),
        submit=say(language, "form.return.submit"),
        close=say(language, "form.cancel"),
        blocks=blocks,
        metadata=meta.text(),
    )
