"""Two versions of a policy: what is different, whom it touches, and moving an open case to the new one."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.commands import ChangeVersion
from complaints.policy import LoadedPolicy
from complaints.policy_diff import changes, sentence, touched
from complaints.refusals import NotAllowedHere, NotAuthorized
from tests.complaints.test_policy import small
from tests.support.company import OFFICER, local
from tests.support.made_desk import MadeDesk, made
from tests.support.policy_desk import person

SALES, QUALITY, GM = person("sales"), person("quality"), person("general_manager")


def forked() -> dict[str, Any]:
    """Two departments side by side between intake and decision."""
    raw = small()
    raw["stages"] |= {"lab": {"who": "quality", "limit": "2 days"}, "line": {"who": "sales", "limit": "2 days"}}
    raw["routes"]["main"]["path"] = ["intake", {"together": [["lab"], ["line"]]}, "decide"]
    return raw


class TwoVersions(MadeDesk):
    """A desk whose shelf has a second version; cases begin with the first."""

    __test__ = False

    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        super().__init__(old)
        new = new | {"policy": new["policy"] | {"label": "2"}}
        self.newer: LoadedPolicy = made(new)

    def bundle(self, digest: str) -> LoadedPolicy:
        newer = getattr(self, "newer", None)
        return newer if newer is not None and digest == newer.digest else super().bundle(digest)

    def move(self, actor: str = OFFICER, **stages: str) -> None:
        self.act(ChangeVersion, actor, bundle=self.newer.digest, reason="The limit was too long", stages=stages)


def at_decide(old: dict[str, Any], new: dict[str, Any]) -> TwoVersions:
    desk = TwoVersions(old, new)
    desk.log(SALES)
    desk.decide(SALES, "intake", market="domestic", amount="100", established=True)
    return desk


def with_limit(limit: str) -> dict[str, Any]:
    raw = small()
    raw["stages"]["decide"]["limit"] = limit
    return raw


# --- what is different ----------------------------------------------------------------------------------------------


def test_every_difference_is_named_with_what_stood_there() -> None:
    new = with_limit("4 days")
    new["stages"]["check"] = {"who": "quality"}
    new["routes"]["main"]["path"] = ["intake", "check", "decide"]

    found = {c.path: (c.was, c.now) for c in changes(with_limit("2 days"), new)}

    assert found == {
        "stages.decide.limit": ("2 days", "4 days"),
        "stages.check": (None, {"who": "quality"}),
        "routes.main.path": (["intake", "decide"], ["intake", "check", "decide"]),
    }


def test_a_file_is_no_different_from_itself() -> None:
    assert changes(small(), small()) == []


def test_a_change_is_said_with_the_names_that_people_know() -> None:
    new = with_limit("4 days")
    new["texts"] = {"decide": ["Decision", "决定", "核決"]}
    change = next(c for c in changes(with_limit("2 days"), new) if c.path == "stages.decide.limit")

    assert sentence(change, made(new).policy, "zh-Hant") == "stages › 核決 › Limit: 2 days → 4 days"


def test_open_cases_that_stand_where_it_changes_are_named() -> None:
    old, new = with_limit("2 days"), with_limit("4 days")
    desk = at_decide(old, new)
    desk.log(SALES, case_id="case2")  # stands at intake, which stays as it is

    found = list(touched(desk.record.cases.values(), changes(old, new), desk.newer.policy))

    assert [(t.case_id, t.changed, t.gone) for t in found] == [("case1", ("decide",), ())]


# --- moving a case --------------------------------------------------------------------------------------------------


def test_a_case_goes_on_by_the_version_it_began_with_when_another_is_in_force() -> None:
    """PITFALLS 22, DESIGN §1: an edited policy holds for new cases; what runs keeps its stages and limits."""
    new = with_limit("4 days")
    new["stages"]["thanks"] = {"who": "sales"}
    new["routes"]["main"]["path"] = ["intake", "decide", "thanks"]
    desk = TwoVersions(with_limit("2 days"), new)
    desk.log(SALES)
    desk.record.policies["small"] = desk.newer.digest

    desk.log(SALES, "case2")
    for case_id in ("case1", "case2"):
        desk.decide(SALES, "intake", case_id=case_id, market="domestic", amount="100", established=True)
    assert (desk.due("decide"), desk.due("decide", "case2")) == (local("2026-11-04 24:00"), local("2026-11-06 24:00"))
    for case_id in ("case1", "case2"):
        desk.decide(QUALITY, "decide", case_id=case_id)

    assert (desk.open_stages("case1"), desk.open_stages("case2")) == ([], ["thanks"])


def test_a_moved_case_stays_where_it_stands_and_its_clock_has_the_new_limit_from_its_start() -> None:
    """DESIGN §1: moving open cases to a new version is an explicit, audited act."""
    desk = at_decide(with_limit("2 days"), with_limit("4 days"))
    assert desk.due("decide") == local("2026-11-04 24:00")
    desk.clock.at = local("2026-11-03 15:00")

    desk.move()

    assert desk.open_stages() == ["decide"]
    clock = desk.case().deadline_of(desk.visit("decide"))
    assert clock is not None
    assert (clock.starts_at, clock.due_at) == (local("2026-11-02 09:30"), local("2026-11-06 24:00"))
    moved = desk.happened(e.VersionChanged)[0]
    assert (moved.bundle, moved.label) == (desk.newer.digest, "2")
    assert desk.case().bundle == desk.newer.digest
    assert desk.rebuilt() == desk.case()


def test_a_moved_case_goes_on_by_the_new_route() -> None:
    new = small()
    new["stages"]["thanks"] = {"who": "sales"}
    new["routes"]["main"]["path"] = ["intake", "decide", "thanks"]
    desk = at_decide(small(), new)

    desk.move()
    desk.decide(QUALITY, "decide")

    assert desk.open_stages() == ["thanks"]


def test_a_stage_with_another_name_is_mapped_and_one_that_is_gone_refuses() -> None:
    new = small()
    new["stages"]["ruling"] = new["stages"].pop("decide")
    new["routes"]["main"] = {"closes": "ruling", "path": ["intake", "ruling"]}
    desk = at_decide(small(), new)

    with pytest.raises(NotAllowedHere) as refused:
        desk.move()
    assert refused.value.reason == "version_without_stage"
    assert refused.value.facts["needs"] == ["decide"]

    desk.move(decide="ruling")
    assert desk.open_stages() == ["ruling"]
    desk.decide(QUALITY, "ruling")
    assert desk.case().status == "finished"


def test_branches_that_run_side_by_side_meet_after_the_move() -> None:
    new = forked()
    new["stages"]["register"] = {"who": "sales"}
    new["routes"]["main"]["path"] = ["intake", "register", {"together": [["line"], ["lab"]]}, "decide"]
    desk = TwoVersions(forked(), new)
    desk.log(SALES)
    desk.decide(SALES, "intake", market="domestic", amount="100", established=True)
    assert sorted(desk.open_stages()) == ["lab", "line"]

    desk.move()
    desk.decide(QUALITY, "lab")
    assert desk.open_stages() == ["line"]
    desk.decide(SALES, "line")

    assert desk.open_stages() == ["decide"]


def test_what_a_rule_waits_for_goes_on_only_if_the_new_version_has_that_rule() -> None:
    old, new = small(), small()
    rule = {"upon": "intake done", "after": "5 days", "tell": ["general_manager"], "source": "D5"}
    other = {"upon": "intake done", "tell": ["sales"], "source": "D9"}
    old["rules"] = [rule]
    new["rules"] = [other, rule]
    kept, dropped = at_decide(old, new), at_decide(old, small())

    kept.move()
    dropped.move()
    kept.at("2026-11-09 12:00")
    dropped.at("2026-11-09 12:00")

    assert [n.to for n in kept.told("rule")] == [GM, person("general_manager", 2)]
    assert dropped.told("rule") == []


def test_only_who_puts_versions_in_force_or_the_desk_officer_moves_cases() -> None:
    """GA-01."""
    desk = at_decide(with_limit("2 days"), with_limit("4 days"))

    with pytest.raises(NotAuthorized):
        desk.move(QUALITY)
    desk.move(GM)

    assert desk.case().bundle == desk.newer.digest


def test_a_case_that_runs_on_it_already_or_is_over_is_not_moved() -> None:
    desk = at_decide(with_limit("2 days"), with_limit("4 days"))
    desk.move()

    with pytest.raises(NotAllowedHere) as again:
        desk.move()
    assert again.value.reason == "policy_in_force_already"
