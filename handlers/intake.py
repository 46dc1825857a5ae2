"""Logging a complaint: from a command, a shortcut, a message or App Home; page by page, nothing typed is lost."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from complaints.commands import OpenCase
from complaints.counting import since
from complaints.draft import Draft
from complaints.events import CaseOpened
from complaints.forms import LONGEST_TEXT, take_fields
from complaints.policy import Policy
from complaints.ports import CaseLine
from complaints.refusals import FieldErrors, NotAllowedHere
from complaints.world import Bundle, World
from handlers.cards.refs import UnknownRef
from handlers.drafts import IntakeDraft
from handlers.home import viewer
from handlers.intake_opening import Seed, intake_form, on_choose, open_intake
from handlers.listeners import Handlers
from handlers.lists import Viewer
from handlers.modals.choosing import CHOOSE_MODAL_ID
from handlers.modals.fields import FieldBook
from handlers.modals.inputs import Answers, answers_of
from handlers.modals.intake import (
    ADD_TO,
    MODAL_ID,
    REPEAT_BLOCK,
    RESUME,
    IntakeForm,
    seeded_note,
)
from handlers.modals.meta import Meta, read_meta
from handlers.payloads import Click, MessagePart, Shortcut, Submission, given_files, unescaped
from handlers.texts import fit_words, when_plain
from handlers.turns import Acked, Turn

ID_LENGTH = 8
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LINE_LIMIT = 6
WAYS_IN = frozenset({"command", "shortcut", "message", "home"})
"""Where a person begins a complaint; what the metadata says besides is nothing that any form of ours ever said."""


def case_id_of(member: str, token: str) -> str:
    """Return the id of the case that this form makes: the same form makes the same case, however often it is sent."""
    digest = int.from_bytes(hashlib.sha256(f"{member}:{token}".encode()).digest()[:8])
    found = ""
    for _ in range(ID_LENGTH):
        digest, rest = divmod(digest, len(_ALPHABET))
        found += _ALPHABET[rest]
    return found


# --- page by page ---------------------------------------------------------------------------------------------


async def on_page(turn: Turn, sent: Submission) -> Acked:
    """A page was sent: keep it, then show the next one or log the complaint."""
    meta = read_meta(sent.view.private_metadata)
    bundle, policy = _policy_of(turn, meta)
    answers = answers_of(sent.view.state.values)
    draft = await _kept(turn, policy, meta, answers)
    form = await intake_form(turn, policy, draft, meta)
    turn.book = form.book
    if not form.is_last:
        _check_page(turn, bundle, policy, draft, form)
        # Typed without Enter the part no. was not looked at yet (Slack dispatches it on Enter).
        unseen = REPEAT_BLOCK not in sent.view.block_ids
        repeats = await _repeats(turn, bundle, policy, draft) if unseen else ()
        after = await intake_form(turn, policy, draft, meta.model_copy(update={"page": meta.page + 1}), repeats=repeats)
        return {"response_action": "push", "view": after.view()}
    return await _log(turn, policy, draft, form)


def _policy_of(turn: Turn, meta: Meta) -> tuple[Bundle, Policy]:
    found = next(((b, p) for b, p in turn.talk.policies() if p.id == meta.policy), None)
    if found is None:
        raise NotAllowedHere("no_policy_in_force", source=None, policy=meta.policy)
    return found


async def _kept(turn: Turn, policy: Policy, meta: Meta, answers: Answers) -> IntakeDraft:
    """Return the draft with this page in it, and keep it. Raises UnknownRef: the form was begun in no way of ours."""
    if meta.via not in WAYS_IN:
        raise UnknownRef(meta.via)
    draft = await turn.talk.read(turn.talk.intake_drafts.get, turn.member, meta.token, turn.now)
    book = FieldBook(policy=policy, plan=turn.talk.settings.plan(), language=turn.language, words={})
    page = _page_fields(policy, meta)
    fields = book.given(answers, page)
    draft = replace(draft, policy=policy.id, via=meta.via).with_page(fields, book.files(answers), page)
    turn.talk.intake_drafts.keep(turn.member, draft, turn.now)
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
    """
    Log the complaint; what is still needed and stands on another page is asked here, once nothing is wrong on this one:
    Slack scrolls to the red lines under its fields, and cannot show them in a form that is drawn anew.
    """
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
        if not elsewhere or any(n in form.page for n in wrong.errors):
            raise
        meta = form.meta.model_copy(update={"extra": tuple(dict.fromkeys((*form.meta.extra, *elsewhere)))})
        return {"response_action": "update", "view": replace(form, meta=meta, missing=tuple(wrong.errors)).view()}
    turn.talk.intake_drafts.drop(turn.member, draft.token)
    return {"response_action": "clear"}


# --- while it is filled in --------------------------------------------------------------------------------------


async def on_field(turn: Turn, click: Click) -> Acked:
    """A field that the search for repeats needs was filled: keep the draft, show what looks like the same matter."""
    if click.view is None:
        raise UnknownRef("an input of a form, without its form")
    meta = read_meta(click.view.private_metadata)
    bundle, policy = _policy_of(turn, meta)
    draft = await _kept(turn, policy, meta, answers_of(click.view.state.values))
    repeats = await _repeats(turn, bundle, policy, draft)
    if repeats or REPEAT_BLOCK in click.view.block_ids:
        form = await intake_form(turn, policy, draft, meta, repeats=repeats)
        await turn.change(form.view())
    return None


async def _repeats(turn: Turn, bundle: Bundle, policy: Policy, draft: IntakeDraft) -> tuple[CaseLine, ...]:
    """Return cases with the same values within the policy's span; none while a value is missing or new."""
    rule = policy.repeat
    same = {n: draft.fields.get(n) for n in (rule.same if rule else ())}
    if rule is None or not all(isinstance(v, str) and v.strip() for v in same.values()):
        return ()
    start = since(rule.within, turn.now, turn.talk.world(bundle, turn.now).calendar())
    plain = {n: str(v).strip() for n, v in same.items()}
    return await turn.talk.read(_known_lines, viewer(turn), plain, start)


def _known_lines(eyes: Viewer, same: dict[str, str], start: datetime) -> tuple[CaseLine, ...]:
    """Return the complaints with these values that the reader may know of (restricted ones stay hidden, GA-05), and of which
    he may know the values."""

    def may_see(line: CaseLine) -> bool:
        return line.kind == "complaint" and eyes.may_match(line.case_id, same)

    return tuple(eyes.first_lines(may_see, LINE_LIMIT, same=same, since=start))


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
    if click.view is None:
        raise UnknownRef("a button of a form, without its form")
    meta = read_meta(click.view.private_metadata)
    _, policy = _policy_of(turn, meta)
    draft = await turn.talk.read(turn.talk.intake_drafts.get, turn.member, click.action.chosen[:40], turn.now)
    resumed = Meta(token=draft.token, policy=policy.id, via=draft.via, input="value.2")
    await turn.change((await intake_form(turn, policy, draft, resumed)).view())
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
    words = fit_words(words, LONGEST_TEXT - 100 - len(said_by), turn.language)
    return f"{words}\n— {said_by}" if words and said_by else words


def _instant(ts: str) -> datetime | None:
    seconds = ts.partition(".")[0]
    return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdecimal() and len(seconds) <= 11 else None


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
