"""Payloads with anything in them are answered or dropped, and never end in a fault; words in forms come out harmless."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json as _jsonlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import listeners, payloads
from handlers.cards.refs import Ref, UnknownRef, parse_ref
from handlers.harmless import escape, one_line, plain, quoted
from handlers.modals.inputs import answers_of
from handlers.modals.meta import read_meta
from handlers.payloads import BadPayload
from handlers.table import TABLE
from handlers.turns import settle_later
from tests.fuzz import examples
from tests.fuzz.hostile import changed, foreign_tokens, json, long_words, places, words
from tests.handlers.cards.drawn import renderer
from tests.handlers.strict_slack import TEAM
from tests.handlers.talk import Person, Talk
from tests.support.pcb import a_case

READERS = (
    payloads.Click, payloads.Submission, payloads.Typed, payloads.Shortcut, payloads.Suggestion, payloads.Happened,
)  # fmt: skip
LISTENER = {
    "click": "on_click", "in a form": "on_click", "submission": "on_submission", "closed": "on_closed",
    "suggestion": "on_suggestion", "shortcut": "on_shortcut", "command": "on_command", "event": "on_event",
}  # fmt: skip


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    found = asyncio.new_event_loop()
    yield found
    found.close()


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Collect what ended in a fault, which a person is told with a reference."""
    found: list[BaseException] = []
    real = listeners.Listeners._fault

    async def seen(self: listeners.Listeners, turn: Any, error: Exception) -> Any:
        found.append(error)
        return await real(self, turn, error)

    monkeypatch.setattr(listeners.Listeners, "_fault", seen)
    return found


# --- readers -----------------------------------------------------------------------------------------------------


@examples(60)
@given(st.sampled_from(READERS), json)
def test_a_reader_reads_or_refuses_and_repeats_nothing_of_it(kind: type[Any], body: Any) -> None:
    said = ""
    try:
        payloads.read(kind, body)
    except BadPayload as refused:
        said = str(refused)
    assert len(said) < 400
    assert "\n" not in said


@examples(80)
@given(words)
def test_a_button_s_value_is_ours_or_of_another_version(text: str) -> None:
    for value in (text, f"1|{text}", f"1|case1|{text}|0|", f"1|case1|1|{text}|{text}"):
        try:
            ref = parse_ref(value)
        except UnknownRef:
            continue
        assert parse_ref(ref.text()) == ref


@examples(60)
@given(st.one_of(words, json.map(repr), st.builds('{{"ref":"{}","token":"ABCD"}}'.format, words)))
def test_metadata_is_ours_or_of_another_version(text: str) -> None:
    with contextlib.suppress(UnknownRef):
        assert read_meta(text).text()


@examples(80)
@given(st.dictionaries(words, st.dictionaries(st.sampled_from(("value", "value.2", "x")), st.dictionaries(
    st.sampled_from(("type", "value", "selected_option", "selected_options", "selected_date", "selected_date_time",
                     "selected_user", "selected_users", "files")), json, max_size=4), max_size=2), max_size=3))  # fmt: skip
def test_the_state_of_a_form_is_read_plain(state: Any) -> None:
    answers = answers_of(state)
    assert all(isinstance(v, str) or all(isinstance(x, str) for x in v) for v in answers.values.values())


@examples(80)
@given(long_words)
def test_people_s_words_mention_nobody_and_stay_in_their_place(text: str) -> None:
    for shown in (escape(text), one_line(text, 200), quoted(text, 500)):
        assert "<" not in shown
        assert ">" not in shown.replace("&gt;", "").replace("\n>", "")[1:]
        shown.encode()
    assert not set(plain(text, 75)) & set("\n\r\t\u202e\u200b\x00")
    assert len(plain(text, 75)) <= 75


# --- whole payloads -------------------------------------------------------------------------------------------------


def bodies(talk: Talk, person: Person) -> dict[str, dict[str, Any]]:
    """Return one right payload of each kind."""
    case = talk.desk.case()
    value = Ref(case="case1", visit=case.open_visits[0].id, facts=case.facts_version).text()
    user, team, trigger = person.user, {"id": TEAM, "domain": "x"}, person.trigger()
    view = {
        "id": "V1", "type": "modal", "callback_id": "visit.main", "hash": "h", "private_metadata": f'{{"ref":"{value}","token":"ABCD"}}',
        "blocks": [{"type": "input", "block_id": "reason"}], "root_view_id": "V1", "previous_view_id": None,
        "state": {"values": {"field.quality_finding": {"value": {"type": "plain_text_input", "value": "x"}}}},
    }  # fmt: skip
    message = {"ts": "1.1", "text": "words", "user": "UWH", "files": [{"id": "F1", "name": "a.jpg", "size": 3}]}
    event = {"type": "message", "user": person.id, "text": "words", "channel": "C1", "ts": "2.1", "thread_ts": "1.1"}
    action = {"type": "button", "action_id": "visit.main", "block_id": "b", "value": value, "action_ts": "3.1"}
    common = {"user": user, "team": team, "trigger_id": trigger}
    return {
        "click": {"type": "block_actions", **common, "actions": [action], "channel": {"id": "C1"}, "message": message,
                  "container": {"channel_id": "C1", "message_ts": "1.1"}, "response_url": "https://hooks.slack.com/1"},
        "in a form": {"type": "block_actions", **common, "actions": [action], "view": view, "container": {"type": "view"}},
        "submission": {"type": "view_submission", **common, "view": view},
        "closed": {"type": "view_closed", **common, "view": {**view, "callback_id": "intake.page"}},
        "suggestion": {"type": "block_suggestion", **common, "action_id": "value", "block_id": "field.customer", "value": "No", "view": view},
        "shortcut": {"type": "message_action", **common, "callback_id": "log_as_complaint", "message": message,
                     "channel": {"id": "C1"}, "response_url": "https://hooks.slack.com/1"},
        "command": {"command": "/complaint", "text": "show 261101", "user_id": person.id, "team_id": TEAM, "channel_id": "C1",
                    "trigger_id": trigger, "response_url": "https://hooks.slack.com/1"},
        "event": {"type": "event_callback", "team_id": TEAM, "event": event, "event_id": "Ev1"},
    }  # fmt: skip


@pytest.mark.parametrize("kind", sorted(LISTENER))
def test_a_payload_with_anything_at_one_place_is_answered(kind: str, loop, faults) -> None:
    """Every kind of payload, right but for one place at which anything stands: of us nothing comes but an answer."""
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")
    talk.reader.threads["C1", "1.1"] = ("case1", None)

    @examples(40)
    @given(st.data())
    def send(data: st.DataObject) -> None:
        judge.stack.clear()
        body = bodies(talk, judge)[kind]
        place = data.draw(st.sampled_from(list(places(body))))
        loop.run_until_complete(_send(talk, kind, changed(body, place, data.draw(json))))
        assert faults == []

    send()


async def _send(talk: Talk, kind: str, body: dict[str, Any]) -> None:
    """Hand *body* to our listener as Bolt does; it acknowledges exactly once."""
    acked: list[dict[str, Any]] = []

    async def ack(**answer: Any) -> None:
        acked.append(answer)

    await getattr(listeners.Listeners(talk.conversation, TABLE), LISTENER[kind])(copy.deepcopy(body), ack)
    await settle_later()
    assert len(acked) == 1
    _jsonlib.dumps(acked).encode()


def test_every_button_takes_any_value(loop, faults) -> None:
    """The value, the chosen option and the metadata of a view are anybody's; each button answers or says redrawn."""
    talk = Talk(a_case("quality_analysis"))
    person = talk.person("UOFFICER")

    @examples(60)
    @given(st.sampled_from(sorted(TABLE.clicks)), words, st.booleans())
    def press(action: str, value: str, tail: bool) -> None:
        person.stack.clear()
        text = Ref(case="case1", visit=1, facts=0, more=value).text() if tail else value
        loop.run_until_complete(person.click(action, text[:2000]))
        assert faults == []

    press()


# --- words in forms ----------------------------------------------------------------------------------------------------


def test_words_in_every_field_at_once_come_out_harmless_on_every_card(loop, faults) -> None:
    """3,000 characters in each field; every card, view and list is within Slack's limits (`talk` checks) and pings nobody."""
    labels = ("en", "zh-Hans", "zh-Hant")

    @examples(12)
    @given(long_words, words, st.sampled_from(labels))
    def walk(long: str, short: str, language: str) -> None:
        talk = Talk(a_case("quality_analysis"))
        rep = talk.person("USALES1", locale={"en": "en-US", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}[language])
        judge = talk.person("UQUAL1")
        loop.run_until_complete(_talk(rep, judge, long, short))
        assert faults == []
        shown: list[Any] = [rep.stack, judge.stack, talk.slack.ephemerals, talk.slack.homes]
        shown += [m for _, m in talk.slack.responses]
        drawn = renderer(talk.desk, language)
        for case in talk.desk.record.cases.values():
            for visit in case.open_visits:
                for kind in ("home", "reporter", "approval"):
                    card = drawn._draw(kind, case, visit, None, {}, "CQUALITY")
                    shown.append({"text": card.text})
                    shown.append(list(card.blocks))
        assert foreign_tokens(shown) == []
        for text in talk.desk.record.words.values():
            text.encode()
            assert "\0" not in text

    walk()


async def _talk(rep: Person, judge: Person, long: str, short: str) -> None:
    typed = "".join(c for c in short if c not in "\ud800\udfff")
    await rep.command(f"log {typed}".encode("utf-8", "replace").decode())
    fields = {b["block_id"]: b["element"] for b in rep.seen["blocks"] if b["type"] == "input"}
    filled = {
        name.replace(".", "__"): long[: element.get("max_length", 3000)] or "x"
        for name, element in fields.items()
        if element["type"] == "plain_text_input"
    }
    await rep.submit(**{"field__customer": f"new:{short}"[:75], **filled})
    rep.stack.clear()
    await rep.click("case.facts", "1|case1|||")
    await rep.submit(words=long or "x")
    await judge.say(long, "C1", "7.1", thread_ts="1.1")
    for button in ("visit.whole", "visit.history"):
        judge.stack.clear()
        await judge.click(button, "1|case1|||")
    await judge.command("search " + typed[:60].encode("utf-8", "replace").decode())
    await rep.open_home()
