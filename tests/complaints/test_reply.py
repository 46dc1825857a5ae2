"""Answering the customer: only who may, only in the right form and words; and what he is told along the way."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors, NotAuthorized
from complaints.views import Look
from complaints.views_rows import row_of_visit
from complaints.views_visit import visit_view
from handlers.cards.approval import approval_card
from handlers.replies import About, explain
from tests.complaints.test_policy import small
from tests.support.company import local
from tests.support.made_desk import MadeDesk, findings
from tests.support.policy_desk import head, person

SALES, QUALITY, SERVICE = person("sales"), person("quality"), person("service")
FORM = {"market": "domestic", "amount": "100", "established": True}


def answering(**reply: Any) -> dict[str, Any]:
    raw = small()
    raw["roles"] |= {"service": {}, "agency": {"kind": "outside"}}
    raw["fields"] |= {
        "told_by": {"type": "choice", "of": ["letter", "phone"]},
        "words_told": {"type": "text", "long": True},
        "liability": {"type": "choice", "of": ["company", "customer"]},
    }
    raw["stages"]["decide"]["may_fill"] = ["liability"]
    raw["stages"]["answer"] = {"who": "service", "fill": ["told_by"], "may_fill": ["words_told"], "tells": True}
    raw["routes"]["main"] = {"closes": "decide", "path": ["intake", "decide", "answer"]}
    raw["clauses"] = {"14": "由客服以書面或者口頭形式答復客戶"}
    raw["papers"] = {"forms": {"record_card": {"fill": ["market"]}}}
    raw["reply"] = {"channels": ["letter", "phone"], "source": "14", **reply}
    return raw


def decided(raw: dict[str, Any], **found: Any) -> MadeDesk:
    """Return a desk with a case that waits for its answer to the customer."""
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    desk.decide(QUALITY, "decide", **found)
    return desk


def card(desk: MadeDesk, stage: str, language: str = "en") -> str:
    look = Look(world=desk.desk.world(desk.record, desk.loaded, desk.clock.at), language=language)
    return str(approval_card(visit_view(desk.case(), desk.open_visit(stage), look)).blocks)


# --- who replies -------------------------------------------------------------------------------------------------


def test_nobody_but_the_one_named_answers_the_customer() -> None:
    """CC-04: the stage may be somebody's, the answer is not."""
    raw = answering(by="service")
    raw["stages"]["answer"]["who"] = "reporter"
    desk = decided(raw)

    with pytest.raises(NotAuthorized) as refused:
        desk.decide(SALES, "answer", told_by="letter")

    said = explain(refused.value, "en", About(plan=desk.plan, policy=desk.loaded.policy))
    assert (refused.value.reason, refused.value.source) == ("not_the_replier", "14")
    assert refused.value.facts["people"] == (SERVICE, person("service", 2))
    assert f"Only <@{SERVICE}>" in said.body
    assert desk.case().told_at is None


def test_who_signs_beside_the_one_named_may_sign() -> None:
    """A signer (or the seat that recusal adds) confirms the answer; the customer is told by the one named."""
    desk = decided(answering(by="service"))
    desk.act(cmd.AddSigner, SERVICE, visit=desk.open_visit("answer").id, member=SALES, place="after")

    desk.decide(SERVICE, "answer", told_by="phone")
    desk.decide(SALES, "answer")

    assert desk.case().told_at is not None
    assert "answer" not in desk.open_stages()


def test_the_one_named_answers_and_a_return_is_no_answer() -> None:
    desk = decided(answering(by="service"))

    desk.decide(SERVICE, "answer", told_by="phone")

    assert desk.case().told_at == desk.clock.at


def test_the_general_manager_still_decides_a_late_stage_for_its_owner() -> None:
    """D5 stands above: what is late is decided for whoever should have done it, with a reason."""
    desk = decided(answering(by="service"))

    desk.decide(person("general_manager"), "answer", instead=True, reason="late", told_by="phone")

    assert desk.case().told_at is not None


def test_who_replies_hears_that_the_customer_may_be_answered() -> None:
    desk = decided(answering(by="service", until=["decide done"]))

    assert [n.to for n in desk.told("reply_open")] == ["CSERVICE"]


def test_a_stage_that_tells_must_be_of_the_one_who_replies() -> None:
    raw = answering(by="service")
    raw["stages"]["answer"]["who"] = "quality"

    assert "stages.answer.who: only service replies (reply.by), so quality can't finish this stage" in findings(raw)
    assert findings(answering(by="service")) == ""


# --- in which form -----------------------------------------------------------------------------------------------


def test_an_answer_that_must_be_written_is_not_given_by_phone() -> None:
    """CC-02, refused at the field."""
    desk = decided(answering(written_when="market is domestic"))

    with pytest.raises(FieldErrors) as refused:
        desk.decide(SERVICE, "answer", told_by="phone")
    desk.decide(SERVICE, "answer", told_by="letter")

    assert refused.value.errors == {"told_by": ("written_only", {"field": "told_by", "choices": ["letter"]})}
    assert desk.happened(e.OutcomeTold)[0].channel == "letter"


def test_where_the_condition_does_not_hold_the_phone_will_do() -> None:
    desk = decided(answering(written_when="market is foreign"))

    desk.decide(SERVICE, "answer", told_by="phone")

    assert desk.happened(e.OutcomeTold)[0].channel == "phone"


def test_which_channels_are_written_is_said_or_read_from_their_names() -> None:
    assert "reply.written_when: no channel is a written one" in findings(
        answering(written_when=True, channels=["desk", "phone"])
    )
    assert findings(answering(written_when=True, channels=["desk", "phone"], written=["desk"])) == ""
    raw = answering(written_when=True, channels=["letter", "phone"])
    raw["stages"]["answer"]["fill"] = []
    assert "does not ask by which channel it goes" in findings(raw)


# --- with which words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "expected", "unsaid"),
    [
        ({"liability": "company"}, "*Apologise:* “We are sorry", "No apology"),
        ({"liability": "customer"}, "*No apology:* the company is not liable", "We are sorry"),
        ({}, "*Apologise only if the company is liable.*", "We are sorry"),
    ],
)
def test_the_card_of_the_reply_says_whether_to_apologise(found: dict[str, str], expected: str, unsaid: str) -> None:
    """CC-06: an apology without liability would admit one."""
    desk = decided(answering(apology="when_liable", liable_when="liability is company"), **found)

    text = card(desk, "answer")

    assert expected in text
    assert unsaid not in text


def test_always_means_always_and_the_words_are_the_policys_own() -> None:
    raw = answering(apology="always")
    raw["texts"] = {"apology": ["Our apologies.", "谨致歉意。", "謹致歉意。"]}

    assert "謹致歉意。" in card(decided(raw, liability="customer"), "answer", "zh-Hant")


def test_nobody_can_tell_who_is_liable_without_a_condition_or_a_field() -> None:
    raw = answering(apology="when_liable")
    raw["fields"]["liable_unit"] = {"type": "unit", "blames": False}

    assert "reply.apology: nobody can tell who is liable" in findings(raw)


def test_a_paper_that_never_leaves_the_house_is_named_before_the_answer() -> None:
    """CC-03."""
    text = card(decided(answering(never=["record_card"])), "answer")

    assert "*Never to the customer:* Record card" in text


def test_a_copy_of_it_to_somebody_outside_is_refused_by_the_check() -> None:
    raw = answering(never=["record_card"])
    raw["papers"]["copies"] = {"upon": "decide done", "of": "record_card", "to": ["quality", "agency"], "source": "14"}

    assert "papers.copies[0].to: record_card never leaves the house, and agency stands outside" in findings(raw)


def test_a_copy_that_a_field_would_send_outside_is_kept_back_and_that_is_recorded() -> None:
    raw = answering(never=["record_card"])
    raw["papers"]["copies"] = {
        "upon": "decide done",
        "of": "record_card",
        "to": ["quality", "unit in liable_unit"],
        "source": "14",
    }
    raw["stages"]["decide"]["may_fill"] = ["liable_unit"]
    desk = decided(raw, liable_unit="agency")

    [copies] = desk.happened(e.CopiesSent)
    assert (copies.to, copies.kept_back) == (("quality",), ("agency",))
    assert [n.to for n in desk.told("copy")] == ["CQUALITY"]


# --- what the customer is told along the way -----------------------------------------------------------------------


def informing(**more: Any) -> dict[str, Any]:
    raw = answering(inform=[{"upon": "intake done", "what": "received", "by": "sales", "source": "14", **more}])
    raw["texts"] = {
        "received": {
            "name": ["the complaint has arrived", "已收到投诉", "已收到投訴"],
            "hint": ["You will hear from us in 3 days.", "三天内答复您。", "三天內答覆您。"],
        }
    }
    return raw


def opened(raw: dict[str, Any]) -> MadeDesk:
    desk = MadeDesk(raw)
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    return desk


@pytest.mark.capabilities("CC-08")
def test_a_task_to_tell_the_customer_opens_beside_the_route() -> None:
    """CC-08: it has its own people, a limit of two working days (D4), and does not hold the route up."""
    desk = opened(informing())

    assert desk.open_stages() == ["received", "decide"] or desk.open_stages() == ["decide", "received"]
    assert desk.roles("received") == ["sales"]
    assert desk.due("received") == local("2026-11-04 18:00")
    desk.decide(QUALITY, "decide")
    assert desk.case().status == "closed"


def test_the_case_is_finished_only_when_the_customer_was_told_and_by_whom_is_on_record() -> None:
    desk = opened(informing())
    desk.decide(QUALITY, "decide")
    desk.decide(SERVICE, "answer", told_by="letter")

    assert desk.case().status == "closed"
    desk.decide(SALES, "received", "told")

    assert desk.case().status == "finished"
    done = desk.case().visits[desk.visit("received")]
    assert (done.decision, done.decided_by) == ("told", SALES)


def test_telling_is_reminded_urged_and_escalated_like_any_stage() -> None:
    """D5."""
    desk = opened(informing())

    desk.at("2026-11-05 18:30")

    fired = [
        s.as_ for s in desk.happened(e.StepFired) if desk.case().deadlines[s.deadline].visit == desk.visit("received")
    ]
    assert fired == ["reminder", "reminder_slip", "escalation"]
    assert {n.to for n in desk.told("reminder_slip")} >= {"CSALES"}
    assert head("sales") not in {n.to for n in desk.told("escalation")}


def test_the_policy_may_set_limit_and_ladder() -> None:
    raw = informing(limit="same day", ladder="soft")
    raw["ladders"] = {
        "soft": [
            {"at": "due", "tell": ["owner"], "as": "reminder_slip"},
            {"after": "1 day", "tell": ["general_manager"], "as": "escalation"},
        ]
    }
    desk = opened(raw)

    assert desk.due("received") == local("2026-11-02 18:00")
    assert desk.stage_clock("received").ladder == "soft"


def test_it_opens_only_under_its_condition_and_once_while_it_is_open() -> None:
    assert opened(informing(when="market is foreign")).open_stages() == ["decide"]
    desk = opened(informing())
    desk.decide(QUALITY, "decide", "return", reason="more", to_stage="intake")
    desk.decide(SALES, "intake", **FORM)

    assert desk.open_stages().count("received") == 1


def test_its_card_and_its_row_on_app_home_say_what_to_tell() -> None:
    desk = opened(informing())
    look = Look(world=desk.desk.world(desk.record, desk.loaded, desk.clock.at), language="zh-Hant")

    text = card(desk, "received", "zh-Hant")
    row = row_of_visit(desk.case(), desk.open_visit("received"), look)

    assert "請告知客戶：已收到投訴" in text
    assert "三天內答覆您。" in text
    assert "已告知…" in text
    assert (row.stage, row.button, row.act) == ("已收到投訴", "", "main")
    assert [n.to for n in desk.told("approval") if n.visit == desk.visit("received")] == ["CSALES"]


def test_only_the_one_named_records_it() -> None:
    desk = opened(informing())

    with pytest.raises(NotAuthorized):
        desk.decide(QUALITY, "received", "told")


def test_what_is_told_has_an_id_of_its_own() -> None:
    raw = informing()
    raw["reply"]["inform"].append({"upon": "case closed", "what": "received"})
    raw["reply"]["inform"].append({"upon": "case closed", "what": "decide"})

    said = findings(raw)

    assert 'reply.inform[1].what: "received" is something else already' in said
    assert 'reply.inform[2].what: "decide" is something else already' in said


def test_a_rebuilt_case_has_the_same_tasks() -> None:
    desk = opened(informing())
    desk.act(cmd.Urge, SALES, visit=desk.visit("received"))

    assert desk.rebuilt() == desk.case()
