"""Words in a case's thread, and messages to the app."""

from __future__ import annotations

import pytest

from tests.handlers.talk import Talk
from tests.support.pcb import a_case


async def test_words_in_a_thread_are_kept_once_with_their_files():
    talk = Talk(a_case("quality_analysis"))
    visit = talk.desk.visit("quality_analysis")
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", visit)
    judge = talk.person("UQUAL1")
    files = [{"id": "F3", "name": "cut.png", "mimetype": "image/png", "size": 7}]

    for _ in range(3):
        await judge.say(
            "Cut through &lt;pad 3&gt;", "CQUALITY", "11.1", thread_ts="10.1", files=files, subtype="file_share"
        )

    assert list(talk.desk.record.words.values()).count("Cut through <pad 3>") == 1
    assert "F3" in talk.desk.case().files


async def test_words_under_a_card_whose_post_is_unanswered_are_not_acknowledged_until_they_can_be_kept():
    """Slack delivers again what is not acknowledged; acknowledged and dropped the words would be lost."""
    talk = Talk(a_case("quality_analysis"))
    talk.reader.being_sent = {"CQUALITY"}
    judge = talk.person("UQUAL1")

    with pytest.raises(AssertionError, match="503"):
        await judge.say("Cut through pad 3", "CQUALITY", "11.1", thread_ts="10.1")
    talk.reader.being_sent, talk.reader.threads["CQUALITY", "10.1"] = set(), ("case1", None)
    await judge.say("Cut through pad 3", "CQUALITY", "11.1", thread_ts="10.1")

    assert list(talk.desk.record.words.values()).count("Cut through pad 3") == 1


async def test_words_that_could_not_be_recorded_are_told_and_delivered_again(monkeypatch: pytest.MonkeyPatch):
    """A full disk, a database that is away: nobody presses again for words in a thread, so Slack has to."""
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", None)
    judge = talk.person("UQUAL1")

    monkeypatch.setattr(talk.desk.record, "submit", _away)
    with pytest.raises(AssertionError, match="503"):
        await judge.say("Cut through pad 3", "CQUALITY", "11.1", thread_ts="10.1")
    monkeypatch.undo()
    assert len(talk.slack.ephemerals) == 1
    await judge.say("Cut through pad 3", "CQUALITY", "11.1", thread_ts="10.1")

    assert list(talk.desk.record.words.values()).count("Cut through pad 3") == 1


def _away(work: object) -> None:
    raise OSError("database or disk is full")


@pytest.mark.parametrize("word", ["同意", "OK", "approve!", "退回", "+1"])
async def test_a_typed_decision_decides_nothing_and_shows_the_button(word):
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", talk.desk.visit("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.say(word, "CQUALITY", "11.1", thread_ts="10.1")
    await judge.say(word, "CQUALITY", "11.1", thread_ts="10.1")

    assert talk.desk.open_stages() == ["quality_analysis"]
    assert len(talk.slack.ephemerals) == 1
    assert talk.slack.ephemerals[0]["thread_ts"] == "10.1"
    button = talk.slack.ephemerals[0]["blocks"][-1]["elements"][0]
    assert button["action_id"] == ("visit.return" if word == "退回" else "visit.main")


async def test_a_longer_sentence_gets_no_hint():
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", None)

    await talk.person("UQUAL1").say("OK but which lot is it?", "CQUALITY", "11.1", thread_ts="10.1")

    assert not talk.slack.ephemerals


@pytest.mark.parametrize(
    "more",
    [{"bot_id": "B1"}, {"subtype": "message_changed"}, {"subtype": "message_deleted"}, {"subtype": "bot_message"}],
)
async def test_apps_and_edits_are_no_words_for_a_case(more):
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", None)
    before = len(talk.desk.record.logs["case1"])

    await talk.person("UQUAL1").say("Words", "CQUALITY", "11.1", thread_ts="10.1", **more)

    assert len(talk.desk.record.logs["case1"]) == before


async def test_a_stranger_s_words_in_a_thread_are_not_kept_and_he_is_told():
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", None)

    await talk.person("USOMEBODY").say("I know something", "CQUALITY", "11.1", thread_ts="10.1")

    assert "I know something" not in talk.desk.record.words.values()
    assert "with other people" in talk.person("USOMEBODY").told


async def test_a_message_to_the_app_is_answered_once():
    talk = Talk()
    rep = talk.person("USALES1", locale="zh-CN")

    await rep.say("你好", "D1", "12.1", channel_type="im")
    await rep.say("你好", "D1", "12.1", channel_type="im")

    assert len(talk.slack.ephemerals) == 1
    assert "登记客诉" in rep.told


@pytest.mark.parametrize("parent", [None, "USALES1", ""])
async def test_a_thread_that_is_not_ours_is_left_alone(parent):
    talk = Talk(a_case("quality_analysis"))

    await talk.person("UQUAL1").say("同意", "CGENERAL", "11.1", thread_ts="10.1", parent_user_id=parent)

    assert not talk.slack.ephemerals


async def test_words_under_a_message_of_ours_that_is_of_no_one_case_are_said_not_to_be_kept_once_to_each():
    """A list, a report, or a card of which nobody could tell that it is shown: silence would pass for a record."""
    talk = Talk(a_case("quality_analysis"))
    before = len(talk.desk.record.logs["case1"])

    for member, ts in (("UQUAL1", "11.1"), ("UQUAL1", "12.1"), ("USALES1", "13.1")):
        await talk.person(member).say("Cut through pad 3", "CQUALITY", ts, thread_ts="10.1", parent_user_id="UBOT")

    assert [(w["user"], w["thread_ts"]) for w in talk.slack.ephemerals] == [("UQUAL1", "10.1"), ("USALES1", "10.1")]
    assert "not kept" in talk.person("USALES1").told
    assert len(talk.desk.record.logs["case1"]) == before
