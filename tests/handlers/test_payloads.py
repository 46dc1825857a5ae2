"""What Slack never sends is refused at the door; what it sends oddly is read."""

from __future__ import annotations

import json

import pytest

from handlers.cards.refs import UnknownRef
from handlers.harmless import is_blank
from handlers.modals.fields import NEW_CUSTOMER, new_customer_option
from handlers.modals.inputs import answers_of
from handlers.modals.meta import Meta, read_meta
from handlers.payloads import BadPayload, Click, Happened, Submission, Typed, given_files, read, unescaped
from tests.handlers.strict_slack import TEAM
from tests.handlers.talk import Talk
from tests.handlers.test_approvals import ref
from tests.support.pcb import a_case

USER = {"id": "USALES1", "team_id": TEAM}


@pytest.mark.parametrize(
    "body",
    [
        {}, {"user": USER, "actions": []}, {"user": {"id": "../etc"}, "actions": [{"action_id": "a"}]},
        {"user": USER, "actions": [{"action_id": "x" * 300}]}, {"user": USER, "actions": "visit.main"},
        {"user": USER, "actions": [{"action_id": "a", "value": {"$ne": 1}}]}, [], None, "text",
    ],
)  # fmt: skip
def test_a_malformed_click_is_refused_without_its_content(body):
    with pytest.raises(BadPayload) as refused:
        read(Click, body)
    assert "etc" not in str(refused.value)


def test_the_depth_of_a_modal_is_told_by_its_neighbours():
    def depth(**more):
        return read(Submission, {"user": USER, "view": {"id": "V3", "callback_id": "c", **more}}).view.depth

    assert depth(root_view_id="V3", previous_view_id=None) == 1
    assert depth(root_view_id="V1", previous_view_id="V1") == 2
    assert depth(root_view_id="V1", previous_view_id="V2") == 3


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "value": None}, None),
        ({"type": "plain_text_input", "value": 7}, None),
        ({"type": "radio_buttons", "selected_option": None}, None),
        ({"type": "radio_buttons", "selected_option": "yes"}, None),
        ({"type": "checkboxes", "selected_options": None}, None),
        ({"type": "datetimepicker", "selected_date_time": 10**20}, None),
        ({"type": "datetimepicker", "selected_date_time": 1793500000}, "2026-11-01T02:26:40+00:00"),
        ({"type": "multi_static_select", "selected_options": [{"value": "a"}, {}]}, ["a"]),
    ],
)
def test_what_stands_in_an_input_is_read_plain_or_left_out(element, value):
    answers = answers_of({"field.x": {"value": element}})

    assert answers.values.get("field.x") == value


def test_files_without_an_id_are_left_out():
    files = given_files([{"id": "F1", "size": -4}, {"name": "x"}, "F2", {"id": 3}, {"id": "../../x"}])

    assert [(f.id, f.size) for f in files] == [("F1", 0)]
    assert [f.size for f in given_files([{"id": "F1", "size": 2**63}])] == [0]  # more than any database counts
    assert given_files(None) == given_files({"a": 1}) == ()


@pytest.mark.parametrize(
    "text", ["{", '{"token":"x"}', '{"page":"two"}', '{"words":"secret"}', "[]", '{"ref":"' + "x" * 500 + '"}']
)
def test_metadata_of_another_version_is_not_guessed_at(text):
    with pytest.raises(UnknownRef):
        read_meta(text)


def test_metadata_is_small_and_comes_back():
    meta = Meta(token="ABCD2345", ref="1|case1|2|0|", policy="pcb-manufacturer", page=2, extra=("market",))

    assert read_meta(meta.text()) == meta
    assert len(meta.text()) < 300


def test_a_new_customer_s_name_is_cut_to_an_option():
    option = new_customer_option("ラ" * 500, "zh-Hant")

    assert len(option.value) <= 75
    assert len(option.words) <= 75
    assert option.value.startswith(NEW_CUSTOMER)


def test_words_come_back_as_typed():
    assert unescaped("a &lt;b&gt; &amp;lt;") == "a <b> &lt;"
    assert read(Typed, {"user_id": "U1", "command": "/complaint"}).text == ""


@pytest.mark.parametrize(
    "hostile",
    [
        "<!channel> *bold* `x` &",
        "\u202e reversed \u0000 zero",
        "​",
        "🙂" * 700,
        "{{ 7*7 }} {0} {name} %s",
        "'; drop table cases; --",
    ],
)
async def test_hostile_words_go_through_every_form_unharmed(hostile):
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")

    await rep.command(hostile)
    await rep.submit(field__customer="new:" + hostile[:60], field__part_no=hostile[:200])
    rep.stack.clear()
    await rep.click("case.facts", "1|case1|||")
    await rep.submit(words=hostile)
    await rep.click("visit.whole", "1|case1|||")
    await rep.click("visit.history", "1|case1|||")

    kept = hostile.replace("\0", "\ufffd")  # no database keeps it
    assert is_blank(kept) or kept in talk.desk.record.words.values() or kept.strip() in str(talk.desk.record.words)


async def test_longest_texts_fit_everywhere():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1", locale="zh-TW")
    await judge.click("visit.main", ref(talk, "quality_analysis"))
    filled = {
        "field__sample_confirmed": "yes", "field__cause_class": "other_cause", "field__quality_finding": "焊" * 3000,
        "field__liable_unit": "production", "field__rnd_opinion_needed": "no", "field__third_party_involved": "no",
    }  # fmt: skip
    await judge.submit(**filled)

    for button in ("visit.whole", "visit.history"):
        await judge.click(button, "1|case1|||")
    answer = await judge.command("show 261101")
    assert len(str(answer)) < 60_000


async def test_a_payload_that_nobody_can_read_is_acknowledged_and_dropped():
    talk = Talk()

    body = {"type": "block_actions", "user": {"id": "x"}, "actions": [{"action_id": "visit.main", "type": "button"}]}
    assert await talk.send(body) is None
    assert talk.slack.calls == []


async def test_a_link_button_is_only_acknowledged():
    talk = Talk()
    await talk.person("USALES1").click("link.card")

    assert talk.slack.calls == []


@pytest.mark.parametrize("place", ["user", "channel", "ts", "thread_ts"])
def test_what_an_event_names_can_be_kept_by_every_database(place: str) -> None:
    """A NUL and half a character end in no fault: the words of a thread are kept under the channel and time of their message."""
    event = {
        "type": "message",
        "user": "UQUAL1",
        "channel": "C1",
        "ts": "2.1",
        "thread_ts": "1.1",
        place: "1\ud800\x00",
    }

    happened = read(Happened, {"event": event})

    assert getattr(happened.event, place) == "1\ufffd\ufffd"


def test_what_a_form_remembers_and_its_places_can_be_kept_by_every_database() -> None:
    """PostgreSQL refuses a NUL, both refuse half a character: the case of a form is one that is not there, and a draft is kept."""
    meta = read_meta('{"ref":"1|case\\u0000|1|0|","policy":"\\u0000","extra":["a\\u0000"]}')
    line, files = {"type": "plain_text_input", "value": "x"}, {"type": "file_input", "files": [{"id": "F1"}]}
    answers = answers_of({"field.\ud800": {"value": line}, "file.\x00": {"value": files}})

    assert (meta.case.case, meta.policy, meta.extra) == ("case\ufffd", "\ufffd", ("a\ufffd",))
    assert list(answers.values) == ["field.\ufffd"]
    assert list(answers.files) == ["file.\ufffd"]


async def test_a_message_by_somebody_with_half_a_character_is_copied_into_a_draft() -> None:
    """Who wrote it stands in the draft: as an id, or by a name that was cut in the middle of an emoji."""
    talk = Talk()
    rep = talk.person("USALES1")
    talk.slack.names["UWH"] = "Mei \ud83d"
    await talk.languages.known("UWH")

    for author in ("UWH", "U\ud800"):
        await rep.shortcut("log_as_complaint", {"text": "boards are bent", "user": author, "ts": "1.1"})

    kept = [entries for entries, _ in talk.drafts.kept.values()]
    assert "Mei \ufffd" in str([json.loads(entries) for entries in kept])
    json.dumps([json.loads(entries) for entries in kept], ensure_ascii=False).encode()
