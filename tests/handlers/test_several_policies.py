"""A desk with several regulations: the first page finds the right one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from complaints.policy import LoadedPolicy, Policy
from storage.policy_files import examine_text
from tests.handlers.talk import Talk, block_ids, words_of
from tests.support.desks import POLICIES, bundle
from tests.support.pcb import PcbDesk


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

    assert list(answer["errors"].values()) == ["No regulation of this desk fits these answers."]


async def test_a_desk_without_a_policy_in_force_says_so():
    talk = Talk()
    talk.desk.record.policies.clear()

    answer = await talk.person("USALES1").command()

    assert "No complaint can be logged yet" in words_of(answer)
