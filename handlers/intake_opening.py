"""The form that logs a complaint, opened: with what is known already, and by the right regulation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from complaints.commands import GivenFile
from complaints.facts import typed
from complaints.policy import Policy
from complaints.ports import CaseLine, Customer
from complaints.refusals import FieldErrors, NotAllowedHere
from handlers.drafts import IntakeDraft
from handlers.modals.blocks import Block, View
from handlers.modals.fields import FieldBook, customer_option, field_names
from handlers.modals.inputs import Answers, answers_of
from handlers.modals.intake import (
    POLICY_BLOCK,
    IntakeForm,
    choose_view,
    customer_field,
    missing_from_register,
    words_field,
)
from handlers.modals.meta import Meta, new_token, read_meta
from handlers.payloads import Submission
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
        fields[where] = seed.words[:3000]
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
    questions = _choosing_questions(turn, policies)
    return choose_view(policies, turn.language, turn.talk.settings.plan(), meta, questions)


def _choosing_questions(turn: Turn, policies: list[Policy]) -> list[Block]:
    """Return the inputs that decide between the regulations; none when each person has to name one."""
    if sum(1 for p in policies if p.policy.choose_by is None) > 1:
        return []
    found: dict[str, list[Block]] = {}
    for policy in policies:
        book = FieldBook(policy=policy, plan=turn.talk.settings.plan(), language=turn.language, words={})
        for name in sorted(policy.fields_of(policy.policy.choose_by)):
            if name in policy.fields and name not in found:
                found[name] = book.blocks(name, mandatory=True)
    return [block for blocks in found.values() for block in blocks]


async def on_choose(turn: Turn, sent: Submission) -> Acked:
    """The regulation is known: its form takes the place of the question."""
    meta, answers = read_meta(sent.view.private_metadata), answers_of(sent.view.state.values)
    policy, fields = _chosen(turn, answers)
    kept = await turn.talk.read(turn.talk.intake_drafts.get, turn.member, meta.token, turn.now)
    seed = Seed(via=meta.via, words=str(kept.fields.get("", "")), files=tuple(f for _, f in kept.files), note=kept.note)
    draft = replace(kept, token=meta.token, policy=policy.id, via=meta.via, fields={}, files=())
    if seed.words or seed.files:
        draft = await _seeded(turn, policy, seed, draft)
    draft = replace(draft, fields={**draft.fields, **fields})
    turn.talk.intake_drafts.keep(turn.member, draft, turn.now)
    form = await intake_form(turn, policy, draft, Meta(token=meta.token, policy=policy.id, via=meta.via))
    return {"response_action": "update", "view": form.view()}


def _chosen(turn: Turn, answers: Answers) -> tuple[Policy, dict[str, Any]]:
    policies = [p for _, p in turn.talk.policies()]
    named = next((p for p in policies if p.id == answers.values.get(POLICY_BLOCK)), None)
    if named is not None:
        return named, {}
    for policy in sorted(policies, key=lambda p: p.policy.choose_by is None):
        book = FieldBook(policy=policy, plan=turn.talk.settings.plan(), language=turn.language, words={})
        fields = book.given(answers, [n for n in field_names(answers) if n in policy.fields])
        facts = {n: _typed(policy, n, v) for n, v in fields.items()}
        rule = policy.policy.choose_by
        if rule is None or rule.evaluate(facts) is True:
            return policy, fields
    first = next(iter(field_names(answers)), "policy")
    raise FieldErrors({first: ("no_policy_fits", {"field": first})})


def _typed(policy: Policy, name: str, value: Any) -> Any:
    kind = policy.fields[name].type
    return value in ("yes", True) if kind == "yes_no" else typed(value, kind)
