"""The form that logs a complaint, opened: with what is known already, and by the right regulation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from complaints.choosing import fitting
from complaints.commands import GivenFile
from complaints.forms import LONGEST_TEXT
from complaints.hiding import customer_field
from complaints.policy import Policy
from complaints.ports import CaseLine, Customer
from complaints.refusals import FieldErrors, NotAllowedHere
from handlers.drafts import IntakeDraft
from handlers.modals.blocks import View
from handlers.modals.choosing import (
    POLICY_BLOCK,
    answers_for,
    choose_view,
    choosing_questions,
    facts_for,
    given_answers,
)
from handlers.modals.fields import customer_option, field_names
from handlers.modals.inputs import Answers, answers_of
from handlers.modals.intake import (
    IntakeForm,
    missing_from_register,
    words_field,
)
from handlers.modals.meta import Meta, new_token, read_meta
from handlers.payloads import Submission
from handlers.texts import fit_words
from handlers.turns import Acked, Turn


@dataclass(frozen=True, kw_only=True)
class Seed:
    """What a form begins with. *words*: what the customer said. *via*: where it was begun."""

    via: str
    words: str = ""
    files: tuple[GivenFile, ...] = ()
    note: str | None = None


# --- opening -------------------------------------------------------------------------------------------------


async def open_intake(turn: Turn, seed: Seed) -> Acked:
    """Open the form; in a desk with several regulations the page that finds the right one."""
    policies = turn.talk.policies()
    if not policies:
        raise NotAllowedHere("no_policy_in_force", source=None)
    draft = IntakeDraft(token=new_token(), via=seed.via, note=seed.note)
    if len(policies) > 1:
        draft = replace(draft, fields={"": seed.words} if seed.words else {}, files=tuple(("", f) for f in seed.files))
        if seed.words or seed.files:
            turn.talk.intake_drafts.keep(turn.member, draft, turn.now)
        await turn.show(_choose(turn, Meta(token=draft.token, via=seed.via)))
        return None
    await turn.show(await _first_page(turn, policies[0][1], seed, draft))
    return None


async def _first_page(turn: Turn, policy: Policy, seed: Seed, draft: IntakeDraft) -> View:
    """Return page one with what the seed knows; without a seed an earlier draft is offered."""
    draft = replace(draft, policy=policy.id)
    offered = None
    if seed.words or seed.files:
        draft = await _seeded(turn, policy, seed, draft)
        turn.talk.intake_drafts.keep(turn.member, draft, turn.now)
    else:
        offered = await turn.talk.read(turn.talk.intake_drafts.latest, turn.member, turn.now)
        offered = offered if offered and offered.policy == policy.id else None
    meta = Meta(token=draft.token, policy=policy.id, via=seed.via)
    return (await intake_form(turn, policy, draft, meta, offered=offered)).view()


async def _seeded(turn: Turn, policy: Policy, seed: Seed, draft: IntakeDraft) -> IntakeDraft:
    """Put the words into the field for them, and propose the customer whose name is the longest in them."""
    fields: dict[str, Any] = {}
    where = words_field(policy)
    if where and seed.words:
        fields[where] = fit_words(seed.words, LONGEST_TEXT, turn.language)
    who = customer_field(policy)
    found = await turn.talk.read(turn.talk.named_in, seed.words) if who and seed.words else None
    if who and found is not None:
        fields[who] = found.code
    sample = next((n for n, f in policy.fields.items() if f.type == "sample"), "")
    return replace(draft, fields=fields, files=tuple((sample, f) for f in seed.files))


async def intake_form(
    turn: Turn, policy: Policy, draft: IntakeDraft, meta: Meta, *, offered: IntakeDraft | None = None,
    repeats: tuple[CaseLine, ...] = (),
) -> IntakeForm:  # fmt: skip
    customer = await _customer_in(turn, policy, draft)
    if meta.page > 1 or (policy.intake and len(policy.intake.pages) == 1):
        known = customer.values if customer else {}
        extra = (*meta.extra, *missing_from_register(policy, draft.fields, known))
        meta = meta.model_copy(update={"extra": tuple(dict.fromkeys(extra))})
    return IntakeForm(
        policy=policy,
        plan=turn.talk.settings.plan(),
        language=turn.language,
        draft=draft,
        meta=meta,
        customer=customer_option(customer, turn.language) if customer else None,
        offered=offered,
        repeats=repeats,
    )


async def _customer_in(turn: Turn, policy: Policy, draft: IntakeDraft) -> Customer | None:
    code = draft.fields.get(customer_field(policy) or "")
    return await turn.talk.read(turn.talk.customer, code) if isinstance(code, str) else None


# --- several regulations --------------------------------------------------------------------------------------


def _choose(turn: Turn, meta: Meta) -> View:
    policies = [p for _, p in turn.talk.policies()]
    return choose_view(
        policies, turn.language, meta, choosing_questions(policies, turn.talk.settings.plan(), turn.language)
    )


async def on_choose(turn: Turn, sent: Submission) -> Acked:
    """The regulation is known: its form takes the place of the question. Where several fit, one is named first."""
    meta, answers = read_meta(sent.view.private_metadata), answers_of(sent.view.state.values)
    kept = await turn.talk.read(turn.talk.intake_drafts.get, turn.member, meta.token, turn.now)
    every, plan = [p for _, p in turn.talk.policies()], turn.talk.settings.plan()
    given = {n: v for n, v in kept.fields.items() if n} | given_answers(every, plan, turn.language, answers)
    policies = _meant(turn, answers, given)
    if len(policies) > 1:
        turn.talk.intake_drafts.keep(
            turn.member, replace(kept, token=meta.token, via=meta.via, fields={**kept.fields, **given}), turn.now
        )
        return {"response_action": "update", "view": choose_view(policies, turn.language, meta)}
    policy = policies[0]
    seed = Seed(via=meta.via, words=str(kept.fields.get("", "")), files=tuple(f for _, f in kept.files), note=kept.note)
    draft = replace(kept, token=meta.token, policy=policy.id, via=meta.via, fields={}, files=())
    if seed.words or seed.files:
        draft = await _seeded(turn, policy, seed, draft)
    draft = replace(draft, fields={**draft.fields, **answers_for(policy, given)})
    turn.talk.intake_drafts.keep(turn.member, draft, turn.now)
    form = await intake_form(turn, policy, draft, Meta(token=meta.token, policy=policy.id, via=meta.via))
    return {"response_action": "update", "view": form.view()}


def _meant(turn: Turn, answers: Answers, given: dict[str, Any]) -> list[Policy]:
    """Return the policy that was named, or those that the answers mean. Raises FieldErrors: none of them."""
    policies = [p for _, p in turn.talk.policies()]
    named = [p for p in policies if p.id == answers.values.get(POLICY_BLOCK)]
    choosing = turn.talk.settings.plan().choosing
    found = named or fitting(policies, choosing, {p.id: facts_for(p, given) for p in policies})
    if not found:
        first = next(iter(field_names(answers)), "policy")
        raise FieldErrors({first: ("no_policy_fits", {"field": first})})
    return found
