"""A complaint that turns out to be one we have: what was typed goes to that case as a note."""

from __future__ import annotations

from complaints.forms import LONGEST_TEXT
from complaints.policy import Policy
from handlers.act_table import BY_ID
from handlers.acts import open_act
from handlers.cards.refs import parse_ref
from handlers.drafts import IntakeDraft
from handlers.intake import ADD_TO_ACTIONS
from handlers.listeners import Handlers
from handlers.modals.fields import FieldBook
from handlers.modals.inputs import Answers, answers_of
from handlers.modals.intake import words_field
from handlers.modals.meta import read_meta
from handlers.payloads import Click
from handlers.texts import fit_words
from handlers.turns import Acked, Turn


async def on_add_to(turn: Turn, click: Click) -> Acked:
    """Open "add facts" for the case that is there already, filled with what was typed so far."""
    ref = parse_ref(click.action.chosen)
    words = ""
    token = ""
    if click.view is not None:
        meta = read_meta(click.view.private_metadata)
        token = meta.token
        policy = next((p for _, p in turn.talk.policies() if p.id == meta.policy), None)
        if policy is not None:
            kept = await turn.talk.read(turn.talk.intake_drafts.get, turn.member, token, turn.now)
            words = typed_words(turn, policy, kept, answers_of(click.view.state.values))
    await open_act(turn, BY_ID["facts"], ref, answers=Answers(values={"words": words}), token=token)
    return None


def typed_words(turn: Turn, policy: Policy, kept: IntakeDraft, answers: Answers) -> str:
    """Return what was typed, on this page and those before, as words for a note: the customer's words, then the other
    fields by name."""
    book = FieldBook(policy=policy, plan=turn.talk.settings.plan(), language=turn.language, words={})
    draft = IntakeDraft(token="", fields={**kept.fields, **book.given(answers, policy.fields)})
    first = words_field(policy)
    known = {"customer", *(n for n, f in policy.fields.items() if f.type == "customer")}
    lines = [str(draft.fields[first])] if first and draft.fields.get(first) else []
    lines += [
        turn.say("card.pair", label=book.label(name), value=value)
        for name, value in draft.fields.items()
        if name != first and name not in known and isinstance(value, str)
    ]
    return fit_words("\n".join(lines), LONGEST_TEXT, turn.language)


CLICKS: Handlers = dict.fromkeys(ADD_TO_ACTIONS, on_add_to)
