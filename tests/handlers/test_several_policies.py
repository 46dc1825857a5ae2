"""A desk with several regulations: the first page finds the right one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.checkup import several_findings
from complaints import commands as cmd
from complaints.choosing import Choosing, fitting, offered
from complaints.policy import LoadedPolicy, Policy
from complaints.policy_head import Access
from complaints.refusals import FieldErrors
from storage.desk_file import DeskRefused, read_desk
from storage.policy_files import examine_text
from tests.handlers.filled import block_ids, words_of
from tests.handlers.talk import Talk
from tests.support.desks import POLICIES, bundle
from tests.support.pcb import COMPLAINT, PcbDesk


def like_pcb(id_: str, choose_by: str | None) -> Policy:
    """Return the circuit-board policy under another id, chosen by a condition."""
    text = (POLICIES / "pcb-manufacturer.yml").read_text("utf-8").replace("id: pcb-manufacturer", f"id: {id_}", 1)
    if choose_by:
        text = text.replace("  in_force_by:", f"  choose_by: {choose_by}\n  in_force_by:", 1)
    text = text.replace("texts:\n", f'texts:\n  {id_}: ["Rules {id_}", "规定 {id_}", "辦法 {id_}"]\n', 1)
    policy, findings = examine_text(text, f"{id_}.yml", checks=False)
    assert policy is not None, findings
    return policy


class SeveralPolicies(Talk):
    """A desk in which these policies are in force."""

    def __init__(self, *policies: Policy) -> None:
        desk = PcbDesk()
        shipped = bundle("pcb-manufacturer")
        self.bundles = {p.id: LoadedPolicy(p, shipped.annexes, f"digest-{p.id}", "1", {}) for p in policies}
        desk.settings.people = replace(desk.plan, policies=tuple(self.bundles))
        desk.record.policies |= {name: b.digest for name, b in self.bundles.items()}
        desk.bundle = self.bundle
        super().__init__(desk)

    def bundle(self, digest: str) -> Any:
        return next((b for b in self.bundles.values() if b.digest == digest), bundle("pcb-manufacturer"))

    def in_force(self, policy: str) -> Any:
        return self.bundles.get(policy)


async def test_a_question_of_the_policies_themselves_finds_the_right_one():
    talk = SeveralPolicies(like_pcb("losses", "loss_caused"), like_pcb("others", "not loss_caused"))
    rep = talk.person("USALES1")
    await rep.command("North Instruments: black pads")
    assert block_ids(rep.seen) == ["field.loss_caused"]

    await rep.submit(field__loss_caused="no")

    assert '"policy":"others"' in rep.seen["private_metadata"]
    state = rep.state({})
    assert state["field.what_happened"]["value"]["value"] == "North Instruments: black pads"
    assert state["field.customer"]["value"]["selected_option"]["value"] == "C-0417"


@pytest.mark.shows("form.intake.choose")
@pytest.mark.capabilities("GA-11")
async def test_policies_that_ask_nothing_are_named():
    talk = SeveralPolicies(like_pcb("first", None), like_pcb("second", None))
    rep = talk.person("USALES1", locale="zh-TW")
    await rep.command()

    assert block_ids(rep.seen) == ["policy"]
    await rep.submit(policy="second")

    assert '"policy":"second"' in rep.seen["private_metadata"]


async def test_answers_that_fit_no_policy_are_said_at_their_field():
    talk = SeveralPolicies(like_pcb("losses", "loss_caused"), like_pcb("surveys", "loss_caused and survey_needed"))
    rep = talk.person("USALES1")
    await rep.command()

    answer = await rep.submit(field__loss_caused="no", field__survey_needed="no")

    assert list(answer["errors"].values()) == ["No regulation of this desk fits these answers; please check them."]


async def test_a_desk_without_a_policy_in_force_says_so():
    talk = Talk()
    talk.desk.record.policies.clear()

    answer = await talk.person("USALES1").command()

    assert "No complaint can be logged yet" in words_of(answer)


# --- real regulations together, told apart by the desk (GA-11, GA-02) ---------------------------------------------

DESK = """\
name: Three
timezone: Asia/Taipei
officer: UOFFICER
fallback_channel: CFALLBACK
policies: [pcb-manufacturer, property-operations, gov-service-centre]
numbers: {property-operations: P-}
choose_by:
  fields:
    business: {label: [Business, 业务, 業務], of: {boards: [Circuit boards, 线路板, 電路板], homes: [Homes, 小区, 社區]}}
    wish: {label: [Wish, 事项, 事項], of: {complaint: [Complaint, 投诉, 投訴], permit: [Permit, 审批, 審批]}}
  when:
    pcb-manufacturer: business is boards
    property-operations: business is homes and wish is complaint
    gov-service-centre: wish is permit
roles:
  general_manager: {members: [UGM]}
calendars:
  main: {country: TW}
"""


class ThreePolicies(Talk):
    """A desk that runs three shipped regulations."""

    def __init__(self, desk: str = DESK, locale: str = "en-US") -> None:
        made = PcbDesk()
        plan = read_desk(desk).plan
        made.settings.people = replace(
            plan,
            roles={
                **made.plan.roles,
                **{
                    r: made.plan.roles["sales"]
                    for p in plan.policies
                    for r in bundle(p).policy.roles
                    if r not in made.plan.roles
                },
            },
        )
        made.record.policies |= {p: bundle(p).digest for p in plan.policies}
        self.by_digest = {bundle(p).digest: bundle(p) for p in plan.policies}
        made.bundle = lambda digest: self.by_digest[digest]
        super().__init__(made, locale=locale)

    def bundle(self, digest: str) -> Any:
        return self.by_digest[digest]

    def in_force(self, policy: str) -> Any:
        return bundle(policy) if policy in self.desk.settings.people.policies else None


@pytest.mark.parametrize(
    ("business", "wish", "policy"),
    [
        ("boards", "complaint", "pcb-manufacturer"),
        ("homes", "complaint", "property-operations"),
        ("homes", "permit", "gov-service-centre"),
    ],
)
async def test_the_desks_own_questions_find_the_regulation(business, wish, policy):
    rep = ThreePolicies().person("USALES1", locale="zh-TW")
    await rep.command()
    assert block_ids(rep.seen) == ["field.business", "field.wish"]
    assert "電路板" in words_of(rep.seen)

    await rep.submit(field__business=business, field__wish=wish)

    assert f'"policy":"{policy}"' in rep.seen["private_metadata"]


@pytest.mark.parametrize(
    ("locale", "said"), [("en-US", "What is it about?"), ("zh-CN", "属于哪一种？"), ("zh-TW", "屬於哪一種？")]
)
async def test_where_several_fit_the_person_names_one_of_them(locale, said):
    rep = ThreePolicies().person("USALES1", locale=locale)
    await rep.command("North Instruments: black pads")
    await rep.submit(field__business="boards", field__wish="permit")

    assert block_ids(rep.seen) == ["policy"]
    assert said in words_of(rep.seen)
    assert "property" not in str(rep.seen["blocks"])
    await rep.submit(policy="pcb-manufacturer")
    assert '"policy":"pcb-manufacturer"' in rep.seen["private_metadata"]
    assert rep.state({})["field.what_happened"]["value"]["value"] == "North Instruments: black pads"


@pytest.mark.capabilities("GA-02")
def test_of_two_that_fit_the_one_that_overrides_the_other_wins():
    """GA-02."""
    older, newer = like_pcb("older", "loss_caused"), like_pcb("newer", "loss_caused")
    newer = newer.model_copy(update={"policy": newer.policy.model_copy(update={"overrides": ("older",)})})
    facts = {"older": {"loss_caused": True}, "newer": {"loss_caused": True}}

    assert [p.id for p in fitting([older, newer], Choosing(), facts)] == ["newer"]
    assert [p.id for p in fitting([older], Choosing(), facts)] == ["older"]
    assert [p.id for p in offered([older, newer], Choosing())] == ["older", "newer"]


async def test_a_regulation_that_another_one_replaces_is_not_offered():
    older, newer = like_pcb("older", None), like_pcb("newer", None)
    newer = newer.model_copy(update={"policy": newer.policy.model_copy(update={"overrides": ("older",)})})
    rep = SeveralPolicies(older, newer).person("USALES1")
    await rep.command()

    assert '"policy":"newer"' in rep.seen["private_metadata"]


async def test_each_case_says_which_regulation_it_follows():
    talk = ThreePolicies()
    talk.desk.log(**COMPLAINT)
    rep = talk.person("USALES1", locale="zh-TW")
    name = bundle("pcb-manufacturer").policy.label("pcb-manufacturer", "zh-Hant")
    await rep.open_home()
    assert name in words_of(rep.home)
    await rep.command("search P4-2208-B")
    assert name in words_of(rep.seen)

    alone = Talk()
    alone.desk.log(**COMPLAINT)
    rep = alone.person("USALES1", locale="zh-TW")
    await rep.open_home()
    assert name not in words_of(rep.home)


def test_numbers_of_a_regulation_begin_as_the_desk_says():
    talk = ThreePolicies(DESK.replace("property-operations: P-", "pcb-manufacturer: B-"))
    talk.desk.log(**COMPLAINT)

    talk.desk.decide("UGMO1", "register", "accept")
    assert talk.desk.case().number == "B-261101"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("business is boards", "busines is boards"), 'choose_by.when.pcb-manufacturer: "busines" is not a field'),
        (("wish is permit", "wish is licence"), "choose_by.when.gov-service-centre:"),
        (("    gov-service-centre: wish", "    hospital: wish"), "choose_by.when: hospital is no policy here"),
        (("{property-operations: P-}", "{hospital: P-}"), "numbers: hospital is no policy here"),
    ],
)
def test_a_wrong_choice_in_the_desk_file_is_refused_with_what_would_be_right(change, said):
    with pytest.raises(DeskRefused) as refused:
        read_desk(DESK.replace(*change))

    assert said in str(refused.value)


def test_the_doctor_says_which_regulations_can_not_be_told_apart():
    plan = replace(read_desk(DESK).plan, choosing=Choosing(), prefixes={})
    policies = [bundle(p).policy for p in plan.policies]

    found = [str(f) for f in several_findings(plan, policies) if not f.is_ok]

    assert found[0].startswith(
        "choice between the regulations: people must name one of pcb-manufacturer, property-operations"
    )
    assert all(f.is_ok for f in several_findings(plan, policies[:1]))


@pytest.mark.parametrize("is_restricted", [False, True])
def test_a_case_of_another_regulation_is_merged_into_or_is_not_there_by_its_own_rules(is_restricted: bool):
    """Who may know of the other case is written in the other one's regulation; it was a fault, and so betrayed a case."""
    other = like_pcb("others", None)
    if is_restricted:
        rule = Access.model_validate({"to": ["general_manager"], "source": {"ours": "test"}})
        other = other.model_copy(update={"policy": other.policy.model_copy(update={"access": (rule,)})})
    desk = SeveralPolicies(like_pcb("losses", None), other).desk
    desk.log("USALES2", "case1", policy="others", **COMPLAINT)
    desk.log("USALES1", "case2", policy="losses", **COMPLAINT)

    if is_restricted:
        with pytest.raises(FieldErrors) as refused:
            desk.act(cmd.Merge, desk.plan.officer, "case2", into="case1", reason="the same")
        assert refused.value.errors == {"into": ("no_such_case", {"value": "case1"})}
    else:
        desk.act(cmd.Merge, desk.plan.officer, "case2", into="case1", reason="the same")
        assert desk.case("case2").status == "merged"
