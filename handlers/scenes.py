"""What a form is about: the case as it stands, its policy, the visit, and who looks; access is asked first."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from complaints.authority import sees_all, source_of, standing
from complaints.case import Case, Visit
from complaints.commands import CaseCommand
from complaints.draft import Draft
from complaints.facts import Facts
from complaints.forms import LONGEST_TEXT
from complaints.hiding import is_hidden_from, knows_the_matter
from complaints.lifecycle import decide
from complaints.policy import Policy
from complaints.policy_model import FieldDef, StageDef
from complaints.ports import Reader
from complaints.refusals import FieldErrors, Refusal, StaleCard, UnknownCase
from complaints.restricted import known_case, refuse_stranger
from complaints.stages import stage_def
from complaints.views import Look
from complaints.views_names import without_names
from complaints.views_words import money_text, read_source
from complaints.world import World
from handlers.cards.refs import Ref
from handlers.conversation import Conversation
from handlers.modals.fields import FieldBook
from handlers.texts import say

NO_WORDS: Mapping[str, str | None] = {}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """
    A case before somebody's eyes. *world* is one to look around in (`Conversation.world`). *words*: word id to text
    where they were read. *masked*: names are masked even for who may see them (a file that leaves the desk).
    *longest_words*: how much of somebody's words a line of the history holds.
    """

    case: Case
    policy: Policy
    world: World
    member: str
    language: str
    ref: Ref
    words: Mapping[str, str | None] = field(default_factory=dict)
    masked: bool = False
    longest_words: int = 300

    @property
    def zone(self) -> str:
        return self.world.people.timezone

    @property
    def visit(self) -> Visit:
        """Return the visit that the button named. Raises UnknownCase: there is none of that number."""
        visit = self.case.visits.get(self.ref.visit or 0)
        if visit is None:
            raise UnknownCase(name=self.case.name)
        return visit

    @property
    def has_visit(self) -> bool:
        return self.ref.visit in self.case.visits

    @property
    def stage(self) -> StageDef:
        return stage_def(self.policy, self.visit.stage)

    @property
    def clause(self) -> str | None:
        """Return the clause that the stage comes from; None where it is our setting or default, which is no law."""
        source = read_source(source_of(self.stage))
        return source.text if source is not None and source.kind == "clause" else None

    @property
    def is_full(self) -> bool:
        """Say whether this person may see the customer's whole name (CARDS, principle 12)."""
        return not self.masked and sees_all(self.member, self.case, self.world)

    @property
    def look(self) -> Look:
        return Look(world=self.world, language=self.language, words=self.words, full=self.is_full, reader=self.member)

    def hides(self, name: str) -> bool:
        """Say whether the policy hides the field from this person."""
        return is_hidden_from(self.member, name, self.case, self.world)

    def seen_rows(self, definition: FieldDef, value: object) -> list[list[tuple[str, str]]]:
        """Return of each line of a field the columns that hold something, those left out that the policy hides; names in
        them are as they were typed."""
        rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
        hidden = {c for c in definition.columns if c in self.policy.fields and self.hides(c)}
        return [
            [
                (c, self._shown(definition, c, p))
                for c, p in self.book.row_parts(definition, row)
                if p and c not in hidden
            ]
            for row in rows
        ]

    def _shown(self, definition: FieldDef, column: str, part: str) -> str:
        """Return what stands in a column of a line as it is read: an amount with its currency."""
        return money_text(part, self.policy, self.language) if definition.columns[column] == "money" else part

    def sees_whole(self, name: str) -> bool:
        """
        Say whether this person sees what stands in the field as it was filled in: nothing of it is hidden or masked.

        What a form would show otherwise stays out of it: masked, it would be sent back and recorded so.
        """
        definition, value = self.policy.fields[name], self.case.fields.get(name)
        if self.hides(name) or not self.fits(name):
            return False
        if not self.is_full and (definition.is_contact or (definition.type == "customer" and isinstance(value, dict))):
            return False
        text = self.book.lines_text(definition, value) if definition.type == "lines" else value
        text = self.words.get(str(text.get("$words"))) if isinstance(text, Mapping) else text
        return not isinstance(text, str) or without_names(text, self.look, self.policy, self.case) == text

    def fits(self, name: str) -> bool:
        """Say whether the lines of a field fit into its input: fewer would be sent back, and recorded as all there are."""
        definition, value = self.policy.fields[name], self.case.fields.get(name)
        return definition.type != "lines" or len(self.book.lines_text(definition, value)) <= LONGEST_TEXT

    def kept_hint(self, name: str) -> str:
        """Return why a filled field stands empty in a form, and that it is kept so."""
        return say(self.language, "form.kept_unseen" if self.fits(name) else "form.kept_long")

    def said(self, reference: Any) -> str | None:
        """Return words that are kept apart, with the customer's names masked for who has no need of them; None where
        they were erased, not read, or none."""
        text = self.words.get(str(reference.get("$words"))) if isinstance(reference, Mapping) else None
        return without_names(text, self.look, self.policy, self.case) if text else None

    @property
    def facts(self) -> Facts:
        return Facts(self.case, self.world)

    def name_of(self, case_id: str, link: str) -> str:
        """Return what people call a linked case, "" where this person may not know of it (GA-05), or not that the two are
        of one matter."""
        if link == "repeat" and not knows_the_matter(self.member, self.case, self.world):
            return ""
        other = known_case(case_id, self.member, self.world)
        return other.name if other is not None else ""

    @property
    def draft(self) -> Draft:
        """Return a draft to ask the procedure's own questions with; nothing is emitted into it."""
        return Draft(world=self.world, actor=self.member, case=self.case)

    @property
    def book(self) -> FieldBook:
        return FieldBook(policy=self.policy, plan=self.world.people, language=self.language, words=self.words)

    def ref_to(self, visit: int | None = None, more: str = "", facts: int | None = None) -> Ref:
        """Return a button's value for this case, with the facts that are shown now."""
        seen = self.case.facts_version if facts is None else facts
        return Ref(case=self.case.id, visit=visit if visit is not None else self.ref.visit, facts=seen, more=more)

    def standing_refusal(self, visit: Visit, *, instead: bool = False) -> Refusal | None:
        """Return why the seat of *visit* is not this person's to answer now, or None."""
        try:
            standing(self.case, visit, self.member, self.world, instead=instead)
        except Refusal as refusal:
            return refusal
        return None

    def refusal_of(self, command: CaseCommand) -> Refusal | None:
        """
        Return why the procedure would not take *command* from this person; None when only a form is missing.

        It is decided on a copy and thrown away: who may do what is known in one place only.
        """
        try:
            decide(copy.deepcopy(self.case), command, self.world)
        except FieldErrors:
            return None
        except Refusal as refusal:
            return refusal
        return None


def refuse_over(visit: Visit) -> None:
    """Refuse a form for a visit that is over. Raises StaleCard."""
    if not visit.is_open:
        raise StaleCard(
            stage=visit.stage, by=visit.decided_by, at=visit.ended_at, how=visit.ended, decision=visit.decision
        )


async def scene_of(
    talk: Conversation, ref: Ref, *, member: str, language: str, now: datetime, with_words: bool = False
) -> Scene:
    """
    Read the case that *ref* names.

    Raises:
        UnknownCase: there is none, or this person may not know of it.
    """
    case, words = await talk.read(_load, talk.reader, ref.case, with_words)
    if case is None:
        raise UnknownCase(name=ref.case)
    world = talk.world(talk.shelf.bundle(case.bundle), now)
    refuse_stranger(case, member, world)
    policy = world.policy(case)
    return Scene(case=case, policy=policy, world=world, member=member, language=language, ref=ref, words=words)


def _load(reader: Reader, case_id: str, with_words: bool) -> tuple[Case | None, Mapping[str, str | None]]:
    case = reader.case(case_id)
    return case, reader.words(case_id) if case is not None and with_words else NO_WORDS
