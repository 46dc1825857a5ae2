"""Policies: what the circuit-board regulation gives, and what a wrong file is told."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from complaints.limits import parse_limit
from complaints.policy import LimitRef, LoadedPolicy, Policy, SourceRef, Who
from complaints.policy_checks import check_policy
from complaints.policy_findings import PolicyRefused
from complaints.policy_flow import stage_limits
from complaints.policy_reading import examine_policy, read_policy
from complaints.policy_symbols import walk
from complaints.policy_words import missing_words
from storage.policy_files import load_bundle

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.fixture(scope="module")
def bundle() -> LoadedPolicy:
    return load_bundle(POLICIES, "pcb-manufacturer")


@pytest.fixture(scope="module")
def pcb(bundle: LoadedPolicy) -> Policy:
    return bundle.policy


def small() -> dict[str, Any]:
    """A policy of two stages, correct in every respect."""
    return copy.deepcopy(
        {
            "policy": {"id": "small", "label": "1", "text": "t", "in_force_by": "general_manager"},
            "roles": {"sales": {}, "quality": {}, "general_manager": {}},
            "values": {"big": {"is": 10000, "source": "D11"}},
            "fields": {
                "market": {"type": "choice", "of": ["domestic", "foreign"]},
                "amount": "money",
                "established": "yes_no",
                "liable_unit": "unit",
            },
            "tables": {
                "authority": {
                    "gives": "role",
                    "rows": [
                        {"when": "amount <= big", "give": "quality"},
                        {"when": "amount > big", "give": "general_manager"},
                    ],
                }
            },
            "stages": {
                "intake": {"who": "sales", "fill": ["market", "amount", "established"], "limit": "at once"},
                "decide": {"who": "by authority", "limit": {"by": "market", "domestic": "2 days", "foreign": "3 days"}},
            },
            "routes": {"main": {"closes": "decide", "path": ["intake", "decide"]}},
        }
    )


def errors(raw: dict[str, Any]) -> str:
    _, findings = examine_policy(raw)
    return "\n".join(str(finding) for finding in findings)


# --- the circuit-board regulation -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "role"),
    [
        ("0", "sales_manager"),
        ("10000", "sales_manager"),
        ("10000.01", "deputy_gm"),
        ("10001", "deputy_gm"),
        ("50000", "deputy_gm"),
        ("50000.01", "general_manager"),
        ("50001", "general_manager"),
    ],
)
def test_authority_goes_by_amount_and_the_border_belongs_below(pcb: Policy, amount: str, role: str) -> None:
    """D19: 以下 includes the number."""
    assert pcb.tables["authority"].pick({"amount": Decimal(amount)}) == Who("role", role)


def test_nobody_has_authority_over_an_amount_that_is_not_known(pcb: Policy) -> None:
    assert pcb.tables["authority"].pick({}) is None


def test_the_desk_officer_may_move_a_border(pcb: Policy) -> None:
    facts = {"amount": Decimal(15000), "sales_manager_max": Decimal(20000)}

    assert pcb.tables["authority"].pick(facts) == Who("role", "sales_manager")


@pytest.mark.parametrize(("market", "days"), [("domestic", "13 days"), ("foreign", "17 days")])
def test_the_promise_depends_on_the_market(pcb: Policy, market: str, days: str) -> None:
    """(十)1 國內13天國外17天."""
    assert pcb.limit(pcb.clocks["case"].limit, {"market": market}) == parse_limit(days)
    assert pcb.limit(pcb.clocks["case"].limit, {}) is None


@pytest.mark.parametrize(("market", "most"), [("domestic", 12), ("foreign", 16)])
def test_the_stage_limits_leave_one_day_in_reserve(pcb: Policy, market: str, most: int) -> None:
    """Section 12 of the regulation's file: the day given to the registration is in reserve."""
    limits = stage_limits(pcb, {"market": market})
    stages = (
        *("quality_analysis", "production_analysis", "manager_opinion", "rnd_opinion", "gm_office_check"),
        *("sales_opinion", "consolidated_opinion_1", "approval_1", "customer_negotiation"),
        *("consolidated_opinion_2", "final_decision", "closing"),
    )

    assert sum(limits[stage].amount for stage in stages if limits[stage] != parse_limit("same day")) == most


def test_the_surveyor_is_named_by_the_general_manager_only(pcb: Policy) -> None:
    """(九)2 無法及時前往時由總經理指派."""
    assert pcb.stages["name_surveyor"].who == Who("role", "general_manager")
    assert [name for name, stage in pcb.stages.items() if "surveyor" in stage.filled] == ["name_surveyor"]
    assert pcb.tables["survey_seat"].pick({"survey_by": "nobody"}) == Who("person_in", "surveyor")


def test_improvement_is_tracked_for_our_fault_and_not_for_negligence(pcb: Policy) -> None:
    """(九)7 人為疏忽免列案追蹤."""
    when = pcb.routes["track"].opens.when

    assert when.evaluate({"outcome": "upheld", "own_quality_problem": True, "human_negligence": False}) is True
    assert when.evaluate({"outcome": "upheld", "own_quality_problem": True, "human_negligence": True}) is False
    assert when.evaluate({"outcome": "upheld", "own_quality_problem": False}) is False
    assert when.evaluate({}) is None


@pytest.mark.parametrize(
    ("received", "ratio", "excess"),
    [(100, None, False), (105, None, False), (106, None, True), (110, "0.1", False), (80, None, False)],
)
def test_a_return_beyond_the_tolerance_goes_back_to_the_authority(
    pcb: Policy, received: int, ratio: str | None, excess: bool
) -> None:
    """(十三)2: the customer's ratio, else 5 % of the company."""
    facts: dict[str, Any] = {"received_quantity": received, "approved_quantity": 100}
    if ratio:
        facts["tolerance"] = Decimal(ratio)
    step = next(s for s in pcb.routes["settle_goods"].path if getattr(s, "do", "") == "excess_ruling")

    assert step.when.evaluate(facts) is excess


def test_the_sample_is_mandatory_and_the_quantity_may_be_open(pcb: Policy) -> None:
    assert "defect_sample" in [fill.name for fill in pcb.stages["intake"].fill if fill.when is None]
    assert pcb.fields["return_quantity"].unknown == "客戶加工中未確定"


def test_a_shipping_date_to_come_is_refused(pcb: Policy) -> None:
    must = pcb.fields["shipped_on"].must
    assert must is not None
    assert must.evaluate({"shipped_on": date(2026, 11, 22), "today": date(2026, 11, 21)}) is False
    assert must.evaluate({"shipped_on": date(2026, 11, 21), "today": date(2026, 11, 21)}) is True


def test_every_shipped_policy_has_words_for_all_that_people_see(bundle: LoadedPolicy) -> None:
    assert {policy.id: missing_words(policy) for policy in bundle if missing_words(policy)} == {}


def test_words_fit_where_slack_puts_them(bundle: LoadedPolicy) -> None:
    """Modal titles and buttons of a modal have 24 characters, headers 150, options 75 (slack limits)."""
    most = {"title": 24, "submit": 24, "button": 24, "ask": 100, "name": 75, "hint": 150, "placeholder": 150}
    reasons = {part.text for policy in bundle for _, part in walk(policy) if isinstance(part, SourceRef)}
    reasons |= {
        ref.source.text for policy in bundle for _, ref in walk(policy) if isinstance(ref, LimitRef) and ref.source
    }
    too_long = [
        (policy.id, id_, aspect)
        for policy in bundle
        for id_, text in policy.texts.items()
        for aspect, size in most.items()
        if id_ not in reasons
        and (words := getattr(text, aspect))
        and max(len(words.en), len(words.zh_hans), len(words.zh_hant)) > size
    ]

    assert too_long == []


def test_labels_prefer_the_choice_of_a_field(pcb: Policy) -> None:
    assert pcb.label("quality", "zh-Hant") == "品管部"
    assert pcb.label("quality", "zh-Hant", of="survey_by") == "品管部前往"
    assert pcb.label("quality_analysis", "en", aspect="ask") == "Quality: analyse the cause"
    assert pcb.label("quality_analysis", "zh-TW", aspect="button") == "填寫分析…"
    assert pcb.label("approve", "zh-CN") == "核准"
    assert pcb.label("no_such_id", "en") == "No such id"


def test_a_source_is_quoted_in_the_words_of_the_text(pcb: Policy) -> None:
    assert "立會" not in pcb.source_text(pcb.stages["register"].source)
    assert pcb.source_text(pcb.stages["register"].source).startswith("總經理室生產管理組")
    assert "5 个工作日" in pcb.source_text(pcb.stages["objection_ruling"].source, "zh-Hans")
    limit = pcb.stages["quality_analysis"].limit
    assert limit is not None
    assert pcb.source_text(limit.source, "zh-Hant") == "各單位期限表 (十)2 缺漏"


# --- a wrong file -----------------------------------------------------------------------------------


def test_the_small_policy_is_right() -> None:
    assert read_policy(small()).main_route({}) == "main"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda p: p["stages"]["intake"].update(who="salez"),
            'stages.intake.who: "salez" is not a role. Did you mean sales?',
        ),
        (lambda p: p["stages"]["intake"].update(who="head of"), "stages.intake.who: "),
        (
            lambda p: p["stages"]["intake"].update(fil=["x"]),
            'stages.intake.fil: "fil" is not a key here. Did you mean fill?',
        ),
        (
            lambda p: p["stages"]["intake"].update(fill=["ammount"]),
            'stages.intake.fill[0]: "ammount" is not a field. Did you mean amount?',
        ),
        (lambda p: p["stages"]["intake"].update(limit="3 dayz"), "stages.intake.limit: '3 dayz' is no limit"),
        (lambda p: p["stages"]["decide"]["limit"].pop("foreign"), "no limit for market = foreign"),
        (lambda p: p["stages"]["decide"]["limit"].update(forein="1 day"), '"forein" is not a choice of market'),
        (
            lambda p: p["stages"]["intake"].update(decide={"ok": "nxt"}),
            'stages.intake.decide.ok: "nxt" is not a target',
        ),
        (lambda p: p["stages"]["intake"].update(decide={"ok": "to nowhere"}), '"nowhere" is not a stage'),
        (lambda p: p["stages"]["intake"].update(seats="most"), 'stages.intake.seats: "most" is not possible here'),
        (lambda p: p["stages"]["intake"].update(suggest={"aprove": "true"}), "Did you mean approve?"),
        (lambda p: p["stages"]["intake"].update(source="(九)4"), 'stages.intake.source: "(九)4" is not a clause'),
        (lambda p: p["stages"]["intake"].update(source="D22"), '"D22" is not a default'),
        (lambda p: p["stages"]["intake"].update(source={"why": "x"}), "is not a source"),
        (lambda p: p["routes"]["main"].update(closes="intak"), "routes.main.closes"),
        (lambda p: p["routes"]["main"].pop("closes"), "which stage fixes the outcome"),
        (
            lambda p: p["routes"]["main"].update(path=["intake", {"do": "decide", "when": "establishd"}]),
            'routes.main.path[1].when: "establishd" is not a field. Did you mean established? Fields of type yes/no: established',
        ),
        (
            lambda p: p["routes"]["main"].update(path=["intake", {"again": "intake", "until": "established"}]),
            'the key "at_most" is missing here',
        ),
        (lambda p: p["routes"].update(second={"closes": "decide", "path": ["decide"]}), "no table `route`"),
        (lambda p: p["routes"].update(x={"opens": {"upon": "case closd"}, "path": ["decide"]}), "Did you mean closed"),
        (
            lambda p: p["routes"].update(x={"opens": {"upon": "cased closed"}, "path": ["decide"]}),
            '"cased" is not a case, stage, clock or field',
        ),
        (
            lambda p: p["tables"]["authority"]["rows"][0].update(give="boss"),
            'tables.authority.rows[0]: "boss" is not a role',
        ),
        (lambda p: p["tables"]["authority"]["rows"][0].update(when="amount <= market"), "tables.authority.rows[0]"),
        (lambda p: p["tables"]["authority"].update(hit="highest"), "`highest` needs a field `authority`"),
        (lambda p: p["tables"]["authority"].update(hit="first"), '"first" is not possible here'),
        (lambda p: p["fields"].update(x="moneyy"), "Did you mean money"),
        (lambda p: p["fields"].update(x={"type": "choice"}), "a choice field needs its choices"),
        (lambda p: p["fields"].update(x={"type": "lines", "of": ["a"]}), "names its columns with types"),
        (lambda p: p["fields"].update({"return": "yes_no"}), '"return" is a reserved word'),
        (lambda p: p["fields"].update(big="money"), "a name means one thing"),
        (
            lambda p: p["fields"].update(x={"type": "yes_no", "is": "y"}, y={"type": "yes_no", "is": "x"}),
            '"x" is computed from itself',
        ),
        (lambda p: p["fields"].update(x={"type": "yes_no", "is": "amount + 1"}), "the field is declared yes/no"),
        (
            lambda p: p.update(texts={"intake": ["Intake", "登记"]}),
            "texts.intake: words are written as a list of three",
        ),
        (
            lambda p: p.update(texts={"intake": ["Intake", " ", "登記"]}),
            "texts.intake: words are written as a list of three",
        ),
        (lambda p: p.update(rules=[{"upon": "case closed", "source": "D5"}]), "this rule does nothing"),
        (lambda p: p.update(clock={}), '"clock" is not a key here. Did you mean clocks'),
        (lambda p: p.pop("stages"), 'the key "stages" is missing here'),
        (lambda p: p["policy"].update(in_force_by="gm"), 'policy.in_force_by: "gm" is not a role'),
        (
            lambda p: p["policy"].update(annexes=["x"]) or p["routes"]["main"]["path"].append({"run": "y"}),
            '"y" is not a policy of `annexes`',
        ),
        (lambda p: p["values"].update(x={"is": "soon", "source": "D5"}), "values.x.is"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(change: Any, expected: str) -> None:
    raw = small()
    change(raw)

    assert expected in errors(raw)


def test_all_mistakes_are_listed_at_once() -> None:
    raw = small()
    raw["stages"]["intake"]["who"] = "salez"
    raw["routes"]["main"]["path"].append("decid")
    raw["tables"]["authority"]["rows"][0]["when"] = "amont <= big"

    with pytest.raises(PolicyRefused) as refused:
        read_policy(raw)

    assert {finding.path for finding in refused.value.findings} == {
        "stages.intake.who",
        "routes.main.path[2]",
        "tables.authority.rows[0]",
    }


@pytest.mark.parametrize("junk", [None, True, -1, "", "by x", "(", "head of head of", [], {}, [[]], {"a": 1}, "next"])
def test_junk_anywhere_is_a_finding_and_never_a_fault(junk: object) -> None:
    for path in places(small()):
        raw = small()
        part: Any = raw
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = copy.deepcopy(junk)

        policy, findings = examine_policy(raw)

        if policy is not None and not findings:
            check_policy(policy)


def places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside *part*."""
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [place for key, value in items for place in [(*path, key), *places(value, (*path, key))]]


@pytest.mark.parametrize("raw", [None, [], "text", 3, {}, {"policy": []}])
def test_what_is_not_a_policy_is_refused_without_a_fault(raw: object) -> None:
    with pytest.raises(PolicyRefused):
        read_policy(raw)
