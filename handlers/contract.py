"""The contract with everybody who automates Slack against us, written from the code: `python -m handlers.contract`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from handlers import contract_examples as examples
from handlers import trouble
from handlers.act_table import ACTS, Act
from handlers.cards.refs import SEPARATOR, VERSION
from handlers.commands import COMMAND, WORDS
from handlers.intake import SHORTCUTS
from handlers.modals import callback, choosing, desk, home, intake, looks, more, stage
from handlers.modals.inputs import ACTION
from handlers.replies import NOTICE_MODAL
from handlers.table import TABLE

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "slack-contract.md"

COMMANDS: Mapping[str, str] = {
    "log": "log a complaint; every word that calls no other command belongs to the complaint and is filled in",
    "help": "what this person may do, by role (ephemeral)",
    "mine": "the complaints that this person logged (modal)",
    "show": "`show NO`: the whole case (ephemeral); NO is a number, an old number or an id. Without NO the search opens",
    "terms": "what the regulations publish: hotlines, service promises, terms (ephemeral)",
    "search": "find cases (modal); `search WORDS` shows results at once",
    "urge": "`urge NO`: urge who has the case now (modal). Without NO one's own cases",
    "late": "what is late (modal)",
    "home": "what waits for this person (modal)",
    "desk": "absences, deputies and what else is set over the desk file (modal)",
    "report": "figures of last month, `report 2026-10` of another (ephemeral): for the registry, the general manager and the desk officer. "
    "POLICY before it where several run",
}

BUTTONS: Mapping[str, str] = {
    "visit.main": "VISIT. Opens the stage's form `visit.main`",
    "visit.confirm": "VISIT. Takes the stage's main decision at once; only for a stage that has nothing to fill in",
    "visit.return": "VISIT. Opens `visit.return`",
    "visit.more": "VISIT. Opens `visit.more`: one row for each act that this person may do here",
    "visit.log_call": "VISIT. Opens `visit.log_call`",
    "visit.contact": "VISIT or CASE. Records the look, then shows the customer's contact",
    "visit.extend": "VISIT. Opens `act.extend`",
    "visit.whole": "CASE. Shows the whole case",
    "visit.history": "CASE. Shows every step",
    "visit.limit": "VISIT. Shows how the limits were computed",
    "case.show": "CASE. Shows the whole case",
    "case.more": "CASE. Opens `visit.more` for the stage that waits for this person",
    "case.facts": "CASE. Opens `act.facts`",
    "case.urge": "CASE or VISIT. Opens `act.urge`",
    "file.resend": "CASE with the id of the file that could not be fetched in the last part. Opens `act.resend`",
    "question.answer": "CASE with the question's number in the last part. Opens `act.answer`",
    "extension.grant": "VISIT. Opens `act.grant` with the day that was asked for",
    "extension.refuse": "VISIT. Opens `act.refuse_extension`",
    "gm.decide": "VISIT. Opens `gm.decide`: the stage's form with a reason",
    "gm.reassign": "VISIT. Opens `act.reassign`",
    "gm.extend": "VISIT. Opens `act.grant`",
    "gm.meeting": "VISIT. Opens `act.meeting`",
    "act.ask": "VISIT. Opens `act.ask`",
    "act.add_signer": "VISIT. Opens `act.add_signer`",
    "act.hand_over": "VISIT. Opens `act.hand_over`",
    "act.wait": "VISIT. Opens `act.wait`",
    "act.end_waiting": "VISIT. The customer answered; at once",
    "act.extend": "VISIT. Opens `act.extend`",
    "act.take_back": "VISIT (the decided one). Opens `act.take_back`",
    "act.decide": "VISIT with a decision of the policy in the last part. Opens `visit.main` for that decision",
    "act.route": "CASE with a route of the policy in the last part. Opens `act.route`",
    "act.amend": "CASE. Opens `act.amend`",
    "act.withdraw": "CASE. Opens `act.withdraw`",
    "act.void": "CASE. Opens `act.void`",
    "act.merge": "CASE. Opens `act.merge`",
    "home.log": "`-`. Opens the form that logs a complaint",
    "home.search": "`-`. Opens `home.search`",
    "home.filter": "a menu: `all`, `soon` or `closed`",
    "home.all": "GROUP.FILTER, e.g. `waiting.all`. Opens `home.list`",
    "intake.resume": "the token of a draft. Fills the form with it",
    "trouble.send_again": "no case, outbox rows with commas in the last part. Sends them again (desk officer)",
    "trouble.is_there": "no case, an outbox row in the last part. Opens `trouble.is_there` (desk officer)",
    "policy.put_in_force": "a policy in the case's place, the digest of its version in the last part. Puts it in force",
    desk.OPEN: "`-`. Opens `desk.list`, or comes back to it from the roles or values",
    desk.AWAY: "`-`. Opens `desk.absence`",
    desk.ROLES: "`-`. Shows the roles whose people this person may set (heads their own, the desk officer all)",
    desk.ROLE: "id of a role. Opens `desk.role`",
    desk.CLOSE_DAYS: "`-`. Opens `desk.closure` (desk officer)",
    desk.VALUES: "`-`. Shows the values that the regulations leave to the desk (desk officer)",
    desk.SET_VALUE: "POLICY.VALUE. Opens `desk.value` (desk officer)",
    desk.WITHDRAW: "number of what was set. The desk file holds again",
    "intake.add_to": "CASE with the form's token in the last part. Opens `act.facts`, filled with what was typed",
}

MODALS: Mapping[str, str] = {
    choosing.CHOOSE_MODAL_ID: "Which regulation a complaint falls under; only in a desk with several",
    intake.MODAL_ID: "Logs a complaint, page by page. Every page but the last answers with `push` of the next",
    stage.MODAL_ID: "The form of a stage: its decision, its fields, its evidence",
    stage.INSTEAD_MODAL_ID: "The same for the general manager, who decides for the owner of a late stage",
    stage.RETURN_MODAL_ID: "Sends a case back to an earlier stage",
    callback.MODAL_ID: "Logs a call to the customer",
    home.SEARCH_MODAL_ID: "Search; answers with `update`",
    trouble.THERE_MODAL_ID: "Says that a message is there of which nobody could tell; `clear`",
    desk.ABSENCE_MODAL_ID: "Sets an absence. This and the next three answer with the list drawn again (`update` when alone)",
    desk.ROLE_MODAL_ID: "Sets the people of a role; only what differs is set",
    desk.CLOSURE_MODAL_ID: "Closes days of a calendar",
    desk.VALUE_MODAL_ID: "Sets a value that a regulation leaves to the desk",
    **{act.modal_id: "" for act in ACTS},
}

SHOWN_ONLY: Mapping[str, str] = {
    more.MODAL_ID: "one row with a button for each act",
    home.LIST_MODAL_ID: "a list of cases",
    desk.LIST_MODAL_ID: "what is set over the desk file, roles, values",
    looks.WHOLE_MODAL_ID: "the whole case",
    looks.HISTORY_MODAL_ID: "its history",
    looks.LIMIT_MODAL_ID: "how its limits were computed",
    looks.CONTACT_MODAL_ID: "the customer's contact",
    NOTICE_MODAL: "a refusal or another kind sentence",
}

INPUTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    choosing.CHOOSE_MODAL_ID: ((choosing.POLICY_BLOCK, "id of the policy"), ("field.<id>", "what `choose_by` reads")),
    intake.MODAL_ID: (("field.<id>", "the fields of the page, see below"),),
    stage.MODAL_ID: (
        (stage.DECISION, "one of the stage's decisions; absent when there is only one"),
        ("field.<id>", "the stage's fields"),
        (stage.REASON, "text; only where a decision asks for it"),
        (stage.FILES_BLOCK, "files; only where no field of the stage takes files"),
    ),
    stage.INSTEAD_MODAL_ID: (("as visit.main", ""), (stage.REASON, "text, always")),
    stage.RETURN_MODAL_ID: (
        (stage.TO_STAGE, "id of an earlier stage; absent when there is only one"),
        (stage.REASON, "text"),
    ),
    callback.MODAL_ID: (
        (callback.RESULT, "reached, no_answer, later or declined; dispatched, the rest appears by `views.update`"),
        (callback.AGAIN_AT, "instant; with `later`"),
        ("field.<id>", "the questions of the policy; with `reached`"),
        (callback.WORDS, "text; with `reached`"),
    ),
    home.SEARCH_MODAL_ID: ((home.QUERY, "number, customer, part no. or order"),),
    trouble.THERE_MODAL_ID: ((trouble.LINK, "link of the message, optional: with it a card goes on being rewritten"),),
    desk.ABSENCE_MODAL_ID: (
        (desk.MEMBER, "person; only for heads and the desk officer, unsaid oneself"),
        (desk.FROM, "date, included"),
        (desk.UNTIL, "date, included"),
        (desk.DEPUTY_BLOCK, "person, optional"),
    ),
    desk.ROLE_MODAL_ID: (
        (desk.MEMBERS_BLOCK, "people; only for the desk officer"),
        (desk.HEAD_BLOCK, "person; only for the desk officer"),
        (desk.DEPUTY_BLOCK, "person; optional for the desk officer"),
        (desk.FROM, "date, included; unsaid at once"),
        (desk.UNTIL, "date, included; unsaid until withdrawn"),
    ),
    desk.CLOSURE_MODAL_ID: (
        (desk.CALENDAR, "name of a calendar; only where there are several"),
        (desk.FROM, "date, included"),
        (desk.UNTIL, "date, included"),
    ),
    desk.VALUE_MODAL_ID: (
        (desk.AMOUNT, "as in the policy file: `20000`, `5 %`"),
        (desk.FROM, "date, included; unsaid at once"),
        (desk.UNTIL, "date, included; unsaid until withdrawn"),
    ),
}

ACT_INPUTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ask": (("words", "text"),),
    "add_signer": (("member", "person"), ("place", "before, beside or after"), ("reason", "text, optional")),
    "hand_over": (("member", "person"), ("reason", "text, optional")),
    "wait": (("reason", "text"), ("until", "date; to its end")),
    "extend": (("until", "date; to its end"), ("reason", "text; optional where the policy wants none")),
    "take_back": (),
    "amend": (("field.<id>", "the fields of the first form"), ("reason", "text")),
    "withdraw": (("reason", "text"),),
    "void": (("reason", "text"),),
    "merge": (("into", "number of the other complaint"), ("reason", "text")),
    "facts": (("words", "text"), ("files", "files")),
    "resend": (("files", "files"),),
    "urge": (("visit", "number of a visit; only when several stages wait"), ("words", "text, optional")),
    "route": (("field.<id>", "what the route asks for"),),
    "answer": (("words", "text"),),
    "refuse_extension": (("reason", "text"),),
    "grant": (("until", "date; to its end"), ("reason", "text")),
    "reassign": (("member", "person"), ("role", "id of a role"), ("reason", "text")),
    "meeting": (("at", "instant"), ("words", "text, optional")),
}

FIELD_TYPES: tuple[tuple[str, str, str], ...] = (
    ("text (long)", "`plain_text_input`, multiline", "text, 3,000 characters at most"),
    ("text, order", "`plain_text_input`", "text"),
    ("number, money, ratio", "`plain_text_input`", "`2,400`, `0.5 %`; a short scale such as 1 to 5 is radio buttons"),
    ("date", "`datepicker`", "`2026-10-26`"),
    ("instant", "`datetimepicker`", "seconds since 1970"),
    ("yes_no", "`radio_buttons`", "`yes` or `no`"),
    ("choice", "`radio_buttons` up to 5, then `static_select`", "an id of the policy"),
    ("choices, units", "`checkboxes` up to 10, then `multi_static_select`", "ids"),
    ("customer", "`external_select`", "a code of the register, or `new:` and a name"),
    ("person", "`users_select`", "a member id"),
    ("unit", "as choice", "an id of the desk file"),
    ("file", "`file_input`", "files"),
    (
        "sample",
        "`plain_text_input` and a `file_input` with block id `field.<id>.files`",
        "how many and where, or photos",
    ),
    ("lines", "`plain_text_input`, multiline", "one line each, parts between semicolons"),
    ("lines of a person each", "`multi_users_select`", "member ids"),
)


def document() -> str:
    """Return the whole document."""
    return "\n".join(_parts()).rstrip() + "\n"


def _parts() -> Iterator[str]:
    yield HEAD
    yield "## 1. The slash command\n"
    yield f"`{COMMAND}`; the first word is a sub-command only when it is on this list, else all of it is a complaint. A first word that\n"
    yield "takes no argument (`help`, `mine`, `late`, `home`) or one (`show`, `urge`) and is followed by more is a complaint too.\n"
    yield from _table(("Words", "Does"), ((_codes(WORDS[n]), text) for n, text in COMMANDS.items()))
    yield "## 2. Shortcuts\n"
    yield from _table(("callback_id", "Kind"), ((f"`{n}`", _shortcut(n)) for n in SHORTCUTS))
    yield "## 3. Buttons\n"
    yield BUTTON_VALUES.format(version=VERSION, sep=SEPARATOR)
    yield from _table(("action_id", "Value, and what happens"), ((f"`{n}`", text) for n, text in BUTTONS.items()))
    yield "`link.*` are buttons with an address; nothing happens here.\n"
    yield "## 4. Forms\n"
    yield FORMS
    for modal_id, about in MODALS.items():
        yield from _modal(modal_id, about)
    yield "### Shown only\n"
    yield from _table(("callback_id", "Shows"), ((f"`{n}`", text) for n, text in SHOWN_ONLY.items()))
    yield "## 5. Fields of a policy\n"
    yield FIELDS.format(action=ACTION)
    yield from _table(("Type", "Element", "Value"), FIELD_TYPES)
    yield "## 6. Messages\n"
    yield MESSAGES
    yield "## 7. Examples\n"
    yield from _examples()


def _modal(modal_id: str, about: str) -> Iterator[str]:
    yield f"### `{modal_id}`\n"
    if about:
        yield f"{about}.\n"
    inputs = INPUTS.get(modal_id) or ACT_INPUTS.get(modal_id.removeprefix("act."), ())
    if inputs:
        yield from _table(("block_id", "Takes"), ((f"`{b}`" if " " not in b else b, text) for b, text in inputs))
    else:
        yield "No inputs: submitting it is the act.\n"


def _shortcut(name: str) -> str:
    kinds = {
        "log_complaint": "global: opens the form",
        "log_as_complaint": "message: opens the form with the message's words, author, time and files",
    }
    return kinds[name]


def _examples() -> Iterator[str]:
    for title, about, payload in examples.STEPS:
        yield f"### {title}\n"
        yield f"{about}\n"
        if payload is not None:
            yield f"```json\n{_json(payload)}\n```\n"


def _json(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, indent=2)


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{w}`" for w in words)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| " + " | ".join("---" for _ in head) + " |"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


HEAD = """# What programs may rely on in Slack

Generated from the code by `python -m handlers.contract`; a test compares the two. It changes only with a line in the
changelog. Texts, the order of blocks and everything not named here may change any time. Payloads are Slack's own
(slash commands, `block_actions`, `view_submission`, `block_suggestion`, events); only what we put into them is told here.
"""

BUTTON_VALUES = """A button's value is `{version}{sep}case{sep}visit{sep}facts{sep}more`: the version of this format, the case's id, the number of the
visit (empty where the button is about the whole case), the version of the facts that the card showed (empty: not
looked at), and a last part that some buttons need. Below, CASE is such a value without a visit, VISIT one with. A value
of another version is answered "this card was drawn anew"; take the value from the card as it is now. A decision made on
older facts is refused and asks to look again. Pressing twice does what pressing once does.
"""

FORMS = """Read the form that was opened, fill its inputs, send it back: `private_metadata` must come back as it was (it holds the
case and a token; a form sent twice with one token counts once). Answers:

| Answer | Means |
| --- | --- |
| `errors` | some inputs can't be taken; keys are block ids of this form; nothing was recorded |
| `push` of a form | the next page |
| `push` of `notice` | a refusal: bold what is the case, then who or which rule, then one button |
| `update` | the same form again with more to fill in |
| `clear` | done and recorded, all modals closed |

Who may send a form is decided when it is sent, by the member who sends it.
"""

FIELDS = """Block id `field.<id>` with the id of the policy's field; action id `{action}` (after a draft was taken up again `{action}.2`:
take it from the form). A field with "not yet determined" has a second block `field.<id>.unknown` with a tick `unknown`.
What Slack marks optional may still be needed; then the answer is `errors`, or `update` with the inputs added.
"""

MESSAGES = """Words and files in a thread under one of our cards are kept with the case; a message's channel and ts are its key, so a
second delivery changes nothing. Under a message of ours that is of no one case they are not kept, and who writes there is told
so. Words never decide: "OK" or "同意" only brings a hint with the button. Edits, deletions and messages of apps are left
alone. Metadata of our messages holds only a delivery key.
"""


def missing() -> list[str]:
    """Return what the table of the program has and this document lacks, and the other way round."""
    numbered = {n for n in TABLE.clicks if n.rpartition(".")[2].isdigit()}
    found = set(TABLE.clicks) - numbered
    wrong = [f"button {n}" for n in sorted(found ^ set(BUTTONS))]
    wrong += [f"form {n}" for n in sorted(set(TABLE.submissions) ^ set(MODALS))]
    wrong += [f"command {n}" for n in sorted(set(WORDS) ^ set(COMMANDS))]
    return wrong + [f"act {n}" for n in sorted({a.id for a in ACTS} ^ set(ACT_INPUTS))]


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(document(), "utf-8")
    print(f"{DOCUMENT.name}: {len(TABLE.clicks)} buttons, {len(TABLE.submissions)} forms")


__all__ = ["ACT_INPUTS", "DOCUMENT", "Act", "document", "main", "missing"]

if __name__ == "__main__":
    main()
