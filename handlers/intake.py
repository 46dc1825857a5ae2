"""Logging a complaint: from a command, a shortcut, a message or App Home; page by page, nothing typed is lost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from complaints.commands import GivenFile, OpenCase
from complaints.draft import Draft
from complaints.events import CaseOpened
from complaints.facts import before, typed
from complaints.forms import take_fields
from complaints.policy import Policy
from complaints.ports import CaseLine, Customer
from complaints.refusals import FieldErrors, NotAllowedHere
from complaints.world import Bundle, World
from handlers.drafts import IntakeDraft, IntakeDrafts
from handlers.listeners import Handlers
from handlers.modals.blocks import Block, View
from handlers.modals.fields import FieldBook, customer_option, field_names
from handlers.modals.inputs import Answers, answers_of
from handlers.modals.intake import (
    ADD_TO,
    CHOOSE_MODAL_ID,
    MODAL_ID,
    POLICY_BLOCK,
    REPEAT_BLOCK,
    RESUME,
    IntakeForm,
    choose_view,
    customer_field,
    missing_from_register,
    seeded_note,
    words_field,
)
from handlers.modals.meta import Meta, new_token, read_meta
from handlers.payloads import Click, MessagePart, Shortcut, Submission, given_files, unescaped
from handlers.texts import when_plain
from handlers.turns import Acked, Turn

ID_LENGTH = 8
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LINE_LIMIT = 6


@dataclass(frozen=True, kw_only=True)
class Seed:
    """What a form begins with. *words*: what the customer said. *via*: where it was begun."""

    via: str
    words: str = ""
    files: tuple[GivenFile, ...] = ()
    note: str | None = None


def case_id_of(member: str, token: str) -> str:
    """Return the id of the case that this form makes: the same form makes the same case, however often it is sent."""
    digest = int.from_bytes(hashlib.sha256(f"{member}:{token}".encode()).digest()[:8])
    found = ""
    for _ in range(ID_LENGTH):
        digest, rest = divmod(digest, len(_ALPHABET))
        found += _ALPHABET[rest]
    return found


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
            _drafts(turn).keep(turn.member, draft, turn.now)
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
        _drafts(turn).keep(turn.member, draft, turn.now)
    else:
        offered = await turn.talk.read(_drafts(turn).latest, turn.member, turn.now)
        offered = offered if offered and offered.policy == policy.id else None
    meta = Meta(token=draft.token, policy=policy.id, via=seed.via)
    return (await _form(turn, policy, draft, meta, offered=offered)).view()


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


async def _form(
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


def _drafts(turn: Turn) -> IntakeDrafts:
    return turn.talk.intake_drafts


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
    kept = await turn.talk.read(_drafts(turn).get, turn.member, meta.token, turn.now)
    seed = Seed(via=meta.via, words=str(kept.fields.get("", "")), files=tuple(f for _, f in kept.files), note=kept.note)
    draft = replace(kept, token=meta.token, policy=policy.id, via=meta.via, fields={}, files=())
    if seed.words or seed.files:
        draft = await _seeded(turn, policy, seed, draft)
    draft = replace(draft, fields={**draft.fields, **fields})
    _drafts(turn).keep(turn.member, draft, turn.now)
    form = await _form(turn, policy, draft, Meta(token=meta.token, policy=policy.id, via=meta.via))
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


# --- page by page ---------------------------------------------------------------------------------------------


async def on_page(turn: Turn, sent: Submission) -> Acked:
    """A page was sent: keep it, then show the next one or log the complaint."""
    meta = read_meta(sent.view.private_metadata)
    bundle, policy = _policy_of(turn, meta)
    answers = answers_of(sent.view.state.values)
    draft = await _kept(turn, policy, meta, answers)
    form = await _form(turn, policy, draft, meta)
    turn.book = form.book
    if not form.is_last:
        _check_page(turn, bundle, policy, draft, form)
        after = await _form(turn, policy, draft, meta.model_copy(update={"page": meta.page + 1}))
        return {"response_action": "push", "view": after.view()}
    return await _log(turn, policy, draft, form)


def _policy_of(turn: Turn, meta: Meta) -> tuple[Bundle, Policy]:
    found = next(((b, p) for b, p in turn.talk.policies() if p.id == meta.policy), None)
    if found is None:
        raise NotAllowedHere("no_policy_in_force", source=None, policy=meta.policy)
    return found


async def _kept(turn: Turn, policy: Policy, meta: Meta, answers: Answers) -> IntakeDraft:
    """Return the draft with this page in it, and keep it."""
    draft = await turn.talk.read(_drafts(turn).get, turn.member, meta.token, turn.now)
    book = FieldBook(policy=policy, plan=turn.talk.settings.plan(), language=turn.language, words={})
    page = _page_fields(policy, meta)
    fields = book.given(answers, page)
    draft = replace(draft, policy=policy.id, via=meta.via).with_page(fields, book.files(answers), page)
    _drafts(turn).keep(turn.member, draft, turn.now)
    return draft


def _page_fields(policy: Policy, meta: Meta) -> tuple[str, ...]:
    assert policy.intake is not None
    pages = policy.intake.pages
    return (*pages[min(meta.page, len(pages)) - 1], *meta.extra)


def _check_page(turn: Turn, bundle: Bundle, policy: Policy, draft: IntakeDraft, form: IntakeForm) -> None:
    """Check a page before the next one is shown, so that each error stands where it was made. Raises FieldErrors."""
    assert policy.intake is not None
    here = {n: draft.fields[n] for n in form.page if n in draft.fields}
    first = policy.stages[policy.intake.stages[0]]
    asked = [f for f in first.fill if f.when is None and f.name in form.page]
    trial = _trial(turn.talk.world(bundle, turn.now), bundle, policy, turn.member)
    take_fields(trial, here, mandatory=asked, with_files=[n for n, _ in draft.files])


def _trial(world: World, bundle: Bundle, policy: Policy, member: str) -> Draft:
    """Return a case that is thrown away, to check fields with the procedure's own eyes."""
    trial = Draft(world=world, actor=member)
    trial.emit(
        CaseOpened(
            case_id="trial", policy=policy.id, bundle=bundle.digest, kind="complaint", via="command", reporter=member
        )
    )
    return trial


async def _log(turn: Turn, policy: Policy, draft: IntakeDraft, form: IntakeForm) -> Acked:
    """Log the complaint; what is still needed and stands on another page is asked here."""
    command = OpenCase(
        actor=turn.member,
        key=f"{turn.member}:{draft.token}:open",
        case_id=case_id_of(turn.member, draft.token),
        policy=policy.id,
        fields=dict(draft.fields),
        files=draft.files,
        via=draft.via,
        language=turn.language,
        note=draft.note,
    )
    try:
        await turn.submit(command)
    except FieldErrors as wrong:
        elsewhere = tuple(n for n in wrong.errors if n not in form.page and n in policy.fields)
        if not elsewhere:
            raise
        meta = form.meta.model_copy(update={"extra": tuple(dict.fromkeys((*form.meta.extra, *elsewhere)))})
        return {"response_action": "update", "view": replace(form, meta=meta).view()}
    _drafts(turn).drop(turn.member, draft.token)
    return {"response_action": "clear"}


# --- while it is filled in --------------------------------------------------------------------------------------


async def on_field(turn: Turn, click: Click) -> Acked:
    """A field that the search for repeats needs was filled: keep the draft, show what looks like the same matter."""
    assert click.view is not None
    meta = read_meta(click.view.private_metadata)
    bundle, policy = _policy_of(turn, meta)
    draft = await _kept(turn, policy, meta, answers_of(click.view.state.values))
    repeats = await _repeats(turn, bundle, policy, draft)
    if repeats or REPEAT_BLOCK in click.view.block_ids:
        form = await _form(turn, policy, draft, meta, repeats=repeats)
        await turn.change(form.view())
    return None


async def _repeats(turn: Turn, bundle: Bundle, policy: Policy, draft: IntakeDraft) -> tuple[CaseLine, ...]:
    """Return cases with the same values within the policy's span; none while a value is missing or new."""
    rule = policy.repeat
    same = {n: draft.fields.get(n) for n in (rule.same if rule else ())}
    if rule is None or not all(isinstance(v, str) and v.strip() for v in same.values()):
        return ()
    since = before(rule.within, turn.talk.world(bundle, turn.now))
    plain = {n: str(v).strip() for n, v in same.items()}
    found = await turn.talk.read(turn.talk.reader.lines, same=plain, since=since, limit=LINE_LIMIT)
    return tuple(line for line in found if line.kind == "complaint")


async def on_closed(turn: Turn, closed: Submission) -> Acked:
    """The form was closed: what stands in it is offered again for 24 hours."""
    meta = read_meta(closed.view.private_metadata)
    answers = answers_of(closed.view.state.values)
    if answers.values or answers.files:
        _, policy = _policy_of(turn, meta)
        await _kept(turn, policy, meta, answers)
    return None


async def on_resume(turn: Turn, click: Click) -> Acked:
    """Go on with the draft that was offered: the same form, with what was typed."""
    assert click.view is not None
    meta = read_meta(click.view.private_metadata)
    _, policy = _policy_of(turn, meta)
    draft = await turn.talk.read(_drafts(turn).get, turn.member, click.action.chosen[:40], turn.now)
    resumed = Meta(token=draft.token, policy=policy.id, via=draft.via, input="value.2")
    await turn.change((await _form(turn, policy, draft, resumed)).view())
    return None


# --- ways in ------------------------------------------------------------------------------------------------------


async def on_log_button(turn: Turn, click: Click) -> Acked:
    return await open_intake(turn, Seed(via="home"))


async def on_log_shortcut(turn: Turn, used: Shortcut) -> Acked:
    return await open_intake(turn, Seed(via="shortcut"))


async def on_message_shortcut(turn: Turn, used: Shortcut) -> Acked:
    """Log a message as a complaint: its words, author and time are copied, the link stands beside them."""
    message = used.message or MessagePart()
    said_at = _instant(message.ts)
    plan = turn.talk.settings.plan()
    author = message.user or None
    seed = Seed(
        via="message",
        words=_copied(turn, message, said_at, plan.timezone),
        files=given_files(message.files),
        note=seeded_note(_link(used), author, said_at, turn.language, plan.timezone),
    )
    return await open_intake(turn, seed)


def _copied(turn: Turn, message: MessagePart, said_at: datetime | None, zone: str) -> str:
    """Return the words of the message, and behind them who said them and when."""
    words = unescaped(message.text).strip()
    name = turn.talk.languages.name(message.user) if message.user else ""
    at = when_plain(said_at, turn.language, zone, style="at") if said_at else ""
    said_by = " ".join(p for p in (name, at) if p)
    room = 2900 - len(said_by)
    return f"{words[:room]}\n— {said_by}" if words and said_by else words[:room]


def _instant(ts: str) -> datetime | None:
    seconds = ts.partition(".")[0]
    return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdigit() and len(seconds) <= 11 else None


def _link(used: Shortcut) -> str | None:
    if used.channel is None or used.message is None or not used.message.ts:
        return None
    domain = used.team.domain if used.team and used.team.domain else "app"
    return f"https://{domain}.slack.com/archives/{used.channel.id}/p{used.message.ts.replace('.', '')}"


CLICKS: Handlers = {
    "home.log": on_log_button,
    RESUME: on_resume,
}
SUBMISSIONS: Handlers = {CHOOSE_MODAL_ID: on_choose, MODAL_ID: on_page}
FIELDS: Handlers = {MODAL_ID: on_field}
CLOSED: Handlers = {MODAL_ID: on_closed}
SHORTCUTS: Handlers = {"log_complaint": on_log_shortcut, "log_as_complaint": on_message_shortcut}
ADD_TO_ACTIONS = (ADD_TO, *(f"{ADD_TO}.{n}" for n in range(1, LINE_LIMIT)))
