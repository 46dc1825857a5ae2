"""The generic form builder on every policy that is there: each stage and first form, in three languages, as Slack takes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from complaints import events as e
from complaints.case import Case, Visit
from complaints.evolution import evolve
from complaints.policy import LoadedPolicy, Policy
from complaints.policy_reading import read_policy
from complaints.world import World
from handlers.cards.refs import Ref
from handlers.drafts import IntakeDraft
from handlers.modals.intake import IntakeForm
from handlers.modals.meta import Meta
from handlers.modals.stage import StageForm
from handlers.scenes import Scene
from tests.complaints.test_policy import small
from tests.handlers.filled import block_ids, words_of
from tests.handlers.strict_slack import check_shown_view
from tests.support.company import CUSTOMERS, a_calendar, a_plan, local
from tests.support.desks import bundle
from tests.support.each import each, marks_of

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "policies").glob("*.yml"))
LANGUAGES = ("en", "zh-Hans", "zh-Hant")
NOW = local("2026-11-02 09:30")


def scene(policy: Policy, stage: str, language: str) -> Scene:
    """Return a case that stands at *stage*, with everything filled that a form could show again."""
    bundle = LoadedPolicy(policy, {}, "digest", "1", {})
    world = World(
        now=NOW, bundle=bundle, people=a_plan(), calendars={"main": a_calendar()}, serial=lambda s, p: 1,
        count=lambda q: 0, load=lambda i: None, customer=CUSTOMERS.get,
    )  # fmt: skip
    case = _opened(policy)
    case.visits[1] = Visit(id=1, branch=1, stage=stage, round=1, opened_at=NOW, seats=())
    return Scene(
        case=case, policy=policy, world=world, member="USALES1", language=language, ref=Ref(case="case1", visit=1)
    )


def _opened(policy: Policy) -> Case:
    event = e.CaseOpened(
        case_id="case1", policy=policy.id, bundle="digest", kind="complaint", via="command", reporter="USALES1"
    )
    return evolve(None, e.Recorded(seq=1, at=NOW, actor="USALES1", event=event))


def stages() -> list[Any]:
    return [
        pytest.param(path, stage, id=f"{path.stem}-{stage}", marks=marks_of(path.stem))
        for path in FILES
        for stage in bundle(path.stem).policy.stages
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("path", "stage"), stages())
def test_each_stage_has_a_form_that_slack_takes(path, stage, language):
    here = scene(bundle(path.stem).policy, stage, language)

    view = StageForm(scene=here, meta=Meta(ref=here.ref.text(), token="ABCD2345")).view()

    check_shown_view(view, "modal")
    assert "{" not in re.sub(r"<!date[^>]*>", "", words_of(view))
    assert len(view["blocks"]) <= 60
    assert view["submit"]["text"].casefold() != "ok"
    fields = {b.removeprefix("field.").split(".")[0] for b in block_ids(view) if b.startswith("field.")}
    assert fields == {n for n in here.stage.filled if _asked(here.policy, n)}


def test_a_field_says_which_of_the_decisions_needs_it():
    """What only some decisions ask is known before the form is sent, not from the refusal."""
    raw = small()
    raw["fields"] |= {"finding": "text", "why": "text", "note": "text"}
    raw["stages"]["decide"] |= {
        "fill": ["finding", {"why": "decision is refuse"}, {"note": "decision in [uphold, refuse]"}],
        "decide": {"uphold": "next", "refuse": "close as rejected"},
    }
    here = scene(read_policy(raw), "decide", "en")

    view = StageForm(scene=here, meta=Meta(ref=here.ref.text(), token="ABCD2345")).view()

    hints = {b["block_id"]: b["hint"]["text"] for b in view["blocks"] if b.get("hint")}
    assert hints == {"field.finding": "Needed for: Uphold", "field.why": "Needed for: Refuse"}


def _asked(policy: Policy, name: str) -> bool:
    definition = policy.fields.get(name)
    return definition is not None and definition.is_ is None and definition.count is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", each([p for p in FILES if bundle(p.stem).policy.intake], lambda p: p.stem))
def test_each_first_form_has_pages_that_slack_takes(path, language):
    policy = bundle(path.stem).policy
    form = IntakeForm(
        policy=policy, plan=a_plan(), language=language, draft=IntakeDraft(token="ABCD2345"),
        meta=Meta(token="ABCD2345", policy=policy.id),
    )  # fmt: skip

    for number, _ in enumerate(form.pages, start=1):
        page = IntakeForm(**{**vars(form), "meta": form.meta.model_copy(update={"page": number})})
        view = page.view()
        check_shown_view(view, "modal")
        assert "{" not in re.sub(r"<!date[^>]*>", "", words_of(view))
        assert block_ids(view)
    assert page.is_last


THIRD_PARTY = {"field.third_party_name", "field.third_party_units"}


@pytest.mark.parametrize(("answer", "is_asked"), [(False, False), (True, True), (None, True)])
def test_what_an_earlier_answer_rules_out_is_not_asked(answer: bool | None, is_asked: bool) -> None:
    """pcb-manufacturer (九)13 「若涉及其他公司」: Quality says whether, Production is asked which only then."""
    here = scene(bundle("pcb-manufacturer").policy, "production_analysis", "en")
    if answer is not None:
        here.case.fields["third_party_involved"] = answer

    asked = set(block_ids(StageForm(scene=here, meta=Meta(ref=here.ref.text(), token="ABCD2345")).view()))

    assert (asked >= THIRD_PARTY, bool(THIRD_PARTY & asked)) == (is_asked, is_asked)
    assert {"field.production_finding", "field.countermeasure"} <= asked


def test_what_was_filled_before_it_was_ruled_out_can_be_taken_out() -> None:
    here = scene(bundle("pcb-manufacturer").policy, "production_analysis", "en")
    here.case.fields |= {"third_party_involved": False, "third_party_units": ["quality"]}

    asked = set(block_ids(StageForm(scene=here, meta=Meta(ref=here.ref.text(), token="ABCD2345")).view()))

    assert THIRD_PARTY & asked == {"field.third_party_units"}


def test_what_the_same_form_decides_stays_in_it() -> None:
    """What kind of human error it was (Quality) depends on an answer that stands in the same form, even if it was given once."""
    here = scene(bundle("pcb-manufacturer").policy, "quality_analysis", "en")
    here.case.fields["cause_class"] = "quality_abnormality"

    assert "field.human_cause" in block_ids(
        StageForm(scene=here, meta=Meta(ref=here.ref.text(), token="ABCD2345")).view()
    )
