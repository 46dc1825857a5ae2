"""The main route of pcb-manufacturer: who acts in which order, what each must fill, and when each is due."""

from __future__ import annotations

import pytest

from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.pcb import PcbDesk, a_case
from tests.support.pcb_route import ID, INTAKE, MANDATORY

# when, who decides, stage, and the stage that opens then: who sits there, what it may take, when that is over
DOMESTIC = [
    ("2026-11-02 09:30", None, None, "register", ["gm_office"], "2 working hours", "2026-11-02 11:30"),
    ("2026-11-02 11:00", "UGMO1", "register", "quality_analysis", ["quality"], "2 days", "2026-11-04 24:00"),
    (
        "2026-11-04 16:00",
        "UQUAL1",
        "quality_analysis",
        "production_analysis",
        ["production"],
        "2 days",
        "2026-11-06 24:00",
    ),
    (
        "2026-11-06 10:00",
        "UPROD",
        "production_analysis",
        "manager_opinion",
        ["manager_office"],
        "1 day",
        "2026-11-07 24:00",
    ),
    ("2026-11-06 11:00", "UMGR", "manager_opinion", "rnd_opinion", ["rnd"], "1 day", "2026-11-07 24:00"),
    ("2026-11-06 14:00", "URND", "rnd_opinion", "gm_office_check", ["gm_office"], "same day", "2026-11-06 18:00"),
    ("2026-11-06 16:00", "UGMO1", "gm_office_check", "sales_opinion", ["sales"], "1 day", "2026-11-07 24:00"),
    (
        "2026-11-07 10:00",
        "USALES1",
        "sales_opinion",
        "consolidated_opinion_1",
        ["gm_office"],
        "1 day",
        "2026-11-08 24:00",
    ),
    ("2026-11-08 10:00", "UGMO1", "consolidated_opinion_1", "approval_1", ["deputy_gm"], "1 day", "2026-11-09 24:00"),
    ("2026-11-09 09:00", "UDGM", "approval_1", "customer_negotiation", ["sales", "sales"], "1 day", "2026-11-10 24:00"),
    (
        "2026-11-10 15:00",
        "USMGR",
        "customer_negotiation",
        "consolidated_opinion_2",
        ["gm_office", "gm_office"],
        "1 day",
        "2026-11-11 24:00",
    ),
    (
        "2026-11-11 15:00",
        "UGMOHEAD",
        "consolidated_opinion_2",
        "final_decision",
        ["deputy_gm"],
        "1 day",
        "2026-11-12 24:00",
    ),
    ("2026-11-12 09:30", "UDGM", "final_decision", "closing", ["gm_office"], "same day", "2026-11-12 18:00"),
    ("2026-11-12 17:00", "UGMO1", "closing", "execution", ["sales"], "1 day", "2026-11-13 24:00"),
]


@pytest.mark.clauses(ID, "(九)4")
def test_a_domestic_complaint_goes_through_the_departments_in_the_order_of_the_text() -> None:
    """(九)4 「……送質量管理部追查分析原因……送生產單位……送經理室批示意見……研發部……總經理室查核……業務部門……總經理室綜合意見后,依核決權限呈核」;
    limits of section 12 (domestic, 13 days in all), D2: days end at 24:00 local, holiday or not."""
    desk = PcbDesk()
    desk.complain()
    for when, who, stage, opens, seats, limit, due in DOMESTIC:
        desk.clock.at = local(when)
        if stage is not None:
            told = desk.pass_stage(stage, **({"rnd_opinion_needed": True} if stage == "quality_analysis" else {}))
            assert told.case is not None
            assert told.case.visits[desk.visit(stage)].decided_by == who, stage
        assert opens in desk.open_stages(), stage
        assert desk.roles(opens) == seats, opens
        assert (desk.stage_clock(opens).limit, desk.due(opens)) == (limit, local(due)), opens
    assert desk.case().status == "closed"
    assert desk.case().outcome == "upheld"


@pytest.mark.clauses(ID, "(十)1")
def test_a_foreign_complaint_gives_quality_production_and_negotiation_three_days() -> None:
    """(十)1 「國外17天」; section 12: foreign, quality 3, production 3, negotiation 3, others unchanged."""
    desk = a_case("quality_analysis", customer="C-0900")
    assert desk.promise().due_at == local("2026-11-19 24:00")
    assert desk.due("quality_analysis") == local("2026-11-05 24:00")

    desk.to("production_analysis")
    assert desk.due("production_analysis") == local("2026-11-05 24:00")
    desk.to("manager_opinion")
    assert desk.due("manager_opinion") == local("2026-11-03 24:00")
    desk.to("customer_negotiation")
    assert desk.due("customer_negotiation") == local("2026-11-05 24:00")


@pytest.mark.clauses(ID, "(十)1")
def test_the_clock_starts_when_the_office_accepts_and_not_before() -> None:
    """(十)1 「自總經理室受理起國內13天……內結案」: the day of acceptance is day zero, the 13th day ends at 24:00."""
    desk = a_case("register")
    assert desk.case().clock("case") is None

    desk.clock.at = local("2026-11-03 17:59")
    desk.to("quality_analysis")

    assert desk.promise().starts_at == local("2026-11-03 17:59")
    assert desk.promise().due_at == local("2026-11-16 24:00")
    assert desk.promise().source == "(十)1"


@pytest.mark.clauses(ID, "(十)1")
def test_the_clock_stops_at_closing() -> None:
    """(十)1 「……內結案」: closing is what the limit asks for; what follows has limits of its own."""
    desk = a_case("closing")
    assert desk.promise().ended is None

    desk.pass_stage("closing")

    assert (desk.promise().ended, desk.promise().in_time) == ("stopped", True)


@pytest.mark.clauses(ID, "(九)4")
@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-02 16:30", "2026-11-03 09:30"),  # half an hour is left... one and a half today, the rest tomorrow
        ("2026-11-02 11:30", "2026-11-02 14:30"),  # over lunch
        ("2026-11-06 17:30", "2026-11-09 10:30"),  # over the weekend
        ("2026-12-24 17:00", "2026-12-28 10:00"),  # over Constitution Day and the weekend
        ("2026-11-07 20:00", "2026-11-09 11:00"),  # logged on a Saturday evening
    ],
)
def test_at_once_is_two_working_hours(now: str, due: str) -> None:
    """(九)4 「接到……后即編列」; D3: 「即」 is two working hours, lunch and free days left out."""
    assert a_case("register", now=now).due("register") == local(due)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-02 17:59", "2026-11-02 18:00"),
        ("2026-11-02 18:00", "2026-11-03 18:00"),
        ("2026-11-06 18:30", "2026-11-09 18:00"),
    ],
)
def test_the_check_of_the_office_is_done_the_same_working_day(now: str, due: str) -> None:
    """Section 12: GM-office check 0 days (same day), till closing time; after hours it is the next working day."""
    assert a_case("gm_office_check", now=now).due("gm_office_check") == local(due)


# --- what must be filled ------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(七)2", "(七)4", "(七)4b")
@pytest.mark.parametrize(("stage", "field"), [(s, f) for s, names in MANDATORY.items() for f in names])
def test_a_stage_without_a_mandatory_field_is_refused_at_that_field(stage: str, field: str) -> None:
    """Section 4, column "must fill in"; nothing is recorded and the stage stays open."""
    desk = a_case("closed" if stage == "execution" else stage, rnd_opinion_needed=True)
    before = desk.case().seq

    with pytest.raises(FieldErrors) as refused:
        desk.pass_stage(stage, **{field: None})

    assert refused.value.errors[field][0] == "missing"
    assert set(refused.value.errors) == {field}
    assert desk.case().seq == before
    assert stage in desk.open_stages()


@pytest.mark.clauses(ID, "(九)1", "(七)1")
@pytest.mark.parametrize("field", ["customer", "what_happened", "loss_caused", "survey_needed", *INTAKE])
def test_the_complaint_form_without_a_mandatory_field_is_refused_at_that_field(field: str) -> None:
    """(九)1 「應即查明該異常(編號、料號、交運日期、數量、不良數量)、客戶要求,并即填具客戶抱怨處理表」."""
    desk = PcbDesk()

    with pytest.raises(FieldErrors) as refused:
        desk.complain(**{field: None})

    assert refused.value.errors[field][0] == "missing"
    assert not desk.record.cases


def test_every_empty_field_of_the_form_is_named_at_once() -> None:
    """Nothing is lost and nobody is sent back twice: all missing fields stand in one refusal."""
    desk = PcbDesk()

    with pytest.raises(FieldErrors) as refused:
        desk.log(customer="C-0417", what_happened="Black pads", loss_caused=True, survey_needed=False, quantity="ten")

    assert refused.value.errors["quantity"][0] == "not_a_number"
    assert {"part_no", "order_no", "demand", "defect_sample", "sales_remark"} <= set(refused.value.errors)


@pytest.mark.clauses(ID, "(九)1")
def test_the_defect_sample_must_accompany_the_form() -> None:
    """(九)1 「連同異常樣品簽注意見后送總經理室辦理」; section 11, 4: a sample or the tick "sample sent" is mandatory."""
    with pytest.raises(FieldErrors) as refused:
        PcbDesk().complain(defect_sample=None)
    assert refused.value.errors["defect_sample"][0] == "sample_missing"

    with pytest.raises(FieldErrors) as refused:
        PcbDesk().complain(defect_sample=False)
    assert refused.value.errors["defect_sample"][0] == "sample_missing"


@pytest.mark.clauses(ID, "(九)1b")
@pytest.mark.capabilities("IN-06")
def test_the_return_quantity_may_be_still_in_process_at_the_customer() -> None:
    """(九)1 「若客戶要求退(換)貨數量因客戶尚在加工中而無法確定時應……注明:「客戶加工中未確定」」."""
    desk = PcbDesk()
    desk.complain(return_quantity="客戶加工中未確定")

    assert desk.case().fields["return_quantity"] == {"unknown": "客戶加工中未確定"}
    assert desk.open_stages() == ["register"]


@pytest.mark.clauses(ID, "(九)1b")
def test_a_complaint_that_asks_for_no_goods_needs_no_return_quantity() -> None:
    """(九)1: the quantity is asked when goods come back (退(換)貨)."""
    desk = PcbDesk()
    desk.complain(wants="allowance", return_quantity=None)

    assert desk.open_stages() == ["register"]


@pytest.mark.clauses(ID, "(十)1")
def test_a_customer_who_is_not_in_the_register_makes_the_market_a_question() -> None:
    """(十)1 「國內13天國外17天」: without the market nobody knows the limit."""
    with pytest.raises(FieldErrors) as refused:
        PcbDesk().complain(customer={"new": "Nova Circuits"})
    assert set(refused.value.errors) == {"market"}

    desk = PcbDesk()
    desk.complain(customer={"new": "Nova Circuits"}, market="foreign")
    desk.to("quality_analysis")
    assert desk.promise().limit == "17 days"


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("shipped_on", "2026-11-03", "must"),
        ("shipped_on", "3 November", "not_a_date"),
        ("quantity", "0", "must"),
        ("quantity", "-5", "negative"),
        ("defective_quantity", "2401", "must"),
        ("return_quantity", "2401", "must"),
        ("wants", "money", "not_a_choice"),
        ("liable_unit", "production", "not_asked"),
        ("amount", "5", "not_asked"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(field: str, value: str, why: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        PcbDesk().complain(**{field: value})

    assert refused.value.errors[field][0] == why


@pytest.mark.clauses(ID, "(五)")
def test_human_factors_are_named_from_the_list_of_the_annex() -> None:
    """(五)1 「非質量異常客戶投訴發生原因(指人為因素造成)」: a human factor names one of the 15 causes."""
    desk = a_case("quality_analysis")

    with pytest.raises(FieldErrors) as refused:
        desk.pass_stage("quality_analysis", cause_class="human_factor")
    assert set(refused.value.errors) == {"human_cause"}

    desk.pass_stage("quality_analysis", cause_class="human_factor", human_cause="A09")
    assert desk.open_stages() == ["production_analysis"]


@pytest.mark.clauses(ID, "(九)7")
def test_when_it_is_not_our_quality_problem_no_losses_and_punishments_are_asked() -> None:
    """(九)7 「若屬我方質量問題應另擬定處理方式……」: only then."""
    desk = a_case("consolidated_opinion_2")

    desk.decide(
        "UGMO1",
        "consolidated_opinion_2",
        opinion_2="The customer's oven",
        occurred_unit="production",
        own_quality_problem=False,
    )
    desk.decide("UGMOHEAD", "consolidated_opinion_2")

    assert desk.open_stages() == ["final_decision"]
