"""The form that logs a complaint, built from the policy's own pages (CARDS §1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.ports import CaseLine
from complaints.views_matter import told_field
from handlers.cards.refs import Ref
from handlers.drafts import IntakeDraft
from handlers.modals.blocks import Block, Button, View, actions, button_element, context, modal, section
from handlers.modals.fields import FieldBook
from handlers.modals.inputs import Option
from handlers.modals.meta import Meta
from handlers.texts import escape, say, when

MODAL_ID = "intake.page"
REPEAT_BLOCK = "repeat"
RESUME, ADD_TO = "intake.resume", "intake.add_to"
MOST_REPEATS = 5

NO_WORDS: Mapping[str, str | None] = {}


@dataclass(frozen=True, kw_only=True)
class IntakeForm:
    """
    The form of one policy for one reader. *labels*: customer code to option, for values that stand in the form.
    *offered*: a draft begun earlier. *repeats*: cases that look like the same matter. *missing*: fields that held up the
    logging and were on another page: they are named at the top and again right above their questions.
    """

    policy: Policy
    plan: DeskPlan
    language: str
    draft: IntakeDraft
    meta: Meta
    customer: Option | None = None
    offered: IntakeDraft | None = None
    repeats: tuple[CaseLine, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def book(self) -> FieldBook:
        return FieldBook(policy=self.policy, plan=self.plan, language=self.language, words=NO_WORDS)

    @property
    def pages(self) -> tuple[tuple[str, ...], ...]:
        """Return the fields of each page; what the policy put on none but a stage of the form needs comes last."""
        assert self.policy.intake is not None
        pages = [tuple(n for n in page if _is_asked(self.policy, n)) for page in self.policy.intake.pages]
        pages = [page for page in pages if page] or [()]
        pages[-1] = tuple(dict.fromkeys((*pages[-1], *self.meta.extra)))
        return tuple(pages)

    @property
    def page(self) -> tuple[str, ...]:
        return self.pages[self.meta.page - 1]

    @property
    def is_last(self) -> bool:
        return self.meta.page >= len(self.pages)

    def view(self) -> View:
        """Return the modal of this page."""
        first, last = self.meta.page == 1, self.is_last
        return modal(
            callback_id=MODAL_ID,
            title=say(self.language, "form.intake.title"),
            submit=say(self.language, "form.intake.submit" if last else "form.next"),
            close=say(self.language, "form.cancel" if first else "form.back"),
            blocks=self._blocks(),
            metadata=self.meta.text(),
            notify_on_close=True,
        )

    def _blocks(self) -> Iterable[Block]:
        yield context(self._context())
        if self.offered is not None:
            yield self._offer(self.offered)
        if self.missing:
            yield self._missing()
        after = self.repeat_after
        if after is None and self.repeats:
            yield from self._repeat_blocks()
        moved = next((n for n in self.page if n in self.meta.extra), None) if self.is_last else None
        for number, name in enumerate(self.page):
            if name == moved:  # Slack keeps the scroll position: whoever sent the form from its end sees only this
                yield self._missing() if self.missing else context(say(self.language, "form.intake.extra"))
            yield from self.book.blocks(
                name,
                value=self._value(name),
                mandatory=name in self.always,
                dispatch=name in self.dispatched,
                focus=name == moved if self.missing else number == 0 and self.meta.page == 1,
                action=self.meta.input,
            )
            if name == after and self.repeats:
                yield from self._repeat_blocks()

    def _context(self) -> str:
        if len(self.pages) == 1:
            return say(self.language, "form.intake.one_page")
        return say(self.language, "form.intake.page", page=self.meta.page, pages=len(self.pages))

    def _missing(self) -> Block:
        return section(say(self.language, "form.intake.missing", names=escape(self._names(self.missing))))

    def _names(self, fields: Iterable[str]) -> str:
        known = (n for n in fields if n in self.policy.fields)
        return say(self.language, "refusal.comma").join(self.book.label(n) for n in known)

    def _offer(self, draft: IntakeDraft) -> Block:
        at = when(draft.kept_at, self.language, self.plan.timezone, style="at") if draft.kept_at else ""
        button = Button(label=say(self.language, "form.intake.resume"), action_id=RESUME, value=draft.token)
        return section(say(self.language, "form.intake.offer", at=at), button=button, block_id="draft")

    def _value(self, name: str) -> object:
        value = self.draft.fields.get(name)
        if self.policy.fields[name].type == "customer" and self.customer is not None and isinstance(value, str):
            return self.customer
        return value

    # --- which fields -------------------------------------------------------------------------------------

    @property
    def always(self) -> frozenset[str]:
        """Return the fields that are asked in every case: those of the first stage without a condition."""
        assert self.policy.intake is not None
        first = self.policy.stages[self.policy.intake.stages[0]]
        return frozenset(f.name for f in first.fill if f.when is None)

    @property
    def dispatched(self) -> frozenset[str]:
        """Return the fields that look for repeats as soon as they are filled."""
        return frozenset(self.policy.repeat.same) if self.policy.repeat else frozenset()

    @property
    def repeat_after(self) -> str | None:
        """Return the last field of the page that the search for repeats needs; None: it needs none of this page."""
        here = [n for n in self.page if n in self.dispatched]
        return here[-1] if here else None

    def _repeat_blocks(self) -> Iterable[Block]:
        lines = "\n".join(f"• {self._repeat_line(line)}" for line in self.repeats[:MOST_REPEATS])
        names = (self.book.label(n) for n in (self.policy.repeat.same if self.policy.repeat else ()))
        same = say(self.language, "refusal.comma").join(n[:1].lower() + n[1:] for n in names)
        words = say(self.language, "form.repeat", same=escape(same))
        yield section(f":warning: *{say(self.language, 'form.repeat.title')}* {words}\n{lines}", block_id=REPEAT_BLOCK)
        open_ones = [line for line in self.repeats if line.status == "open"][:MOST_REPEATS]
        buttons = [
            button_element(
                Button(
                    label=say(self.language, "form.repeat.add", no=line.name),
                    action_id=f"{ADD_TO}.{number}" if number else ADD_TO,
                    value=Ref(case=line.case_id, more=self.meta.token).text(),
                    about=say(self.language, "form.repeat.add.about", no=line.name),
                )
            )
            for number, line in enumerate(open_ones)
        ]
        if buttons:
            yield actions(*buttons, block_id=f"{REPEAT_BLOCK}.add")
        yield context(say(self.language, "form.repeat.go_on"))

    def _repeat_line(self, line: CaseLine) -> str:
        state = say(self.language, f"status.{line.status}")
        stages = say(self.language, "refusal.comma").join(self.policy.label(s, self.language) for s in line.stages[:2])
        at = when(line.opened_at, self.language, self.plan.timezone, style="day")
        what = " · ".join(p for p in (state, escape(stages), at) if p)
        return f"*{escape(line.name)}* {what}"


def _is_asked(policy: Policy, name: str) -> bool:
    definition = policy.fields.get(name)
    return definition is not None and (not definition.is_computed or definition.from_ is not None)


def missing_from_register(policy: Policy, fields: Mapping[str, object], known: Mapping[str, str]) -> tuple[str, ...]:
    """
    Return the fields of the form that the customer register should say and does not (a new customer's market), which
    are on no page: they are asked at the end.
    """
    if policy.intake is None:
        return ()
    on_pages = {n for page in policy.intake.pages for n in page}
    asked = [f.name for s in policy.intake.stages for f in policy.stages[s].fill]
    found = []
    for name in dict.fromkeys(asked):
        source = policy.fields[name].from_ if name in policy.fields else None
        if source is not None and name not in on_pages and name not in fields:
            holder, _, key = source.partition(".")
            if fields.get(holder) is not None and not known.get(key):
                found.append(name)
    return tuple(found)


def words_field(policy: Policy) -> str | None:
    """Return the field for the customer's own words."""
    return told_field(policy)


def seeded_note(link: str | None, author: str | None, at: datetime | None, language: str, zone: str) -> str | None:
    """Return the note that goes with a copied message: who wrote it, when, and where it stands."""
    parts = [p for p in (f"<@{author}>" if author else "", at.isoformat() if at else "", link or "") if p]
    return say(language, "form.copied_from", what=" ".join(parts)) if parts else None
