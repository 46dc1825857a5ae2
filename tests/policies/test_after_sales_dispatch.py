"""售后服務管理辦法: arrival in six or seven working hours, kinds of service, the repair, the card for every call, opinions, contracts."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person

ID = "after-sales-dispatch"
TECH = "UTECH"
CALL: dict[str, Any] = {
    "kind": "repair_call", "customer": "C-0417", "anonymous": False, "channel": "telephone", "at_branch": False, "called_on": "2026-11-02",
    "address": "Harbour road 3", "phone": "5550", "model": "WM-7", "content": "It does not spin", "area": "town", "guarantee_until": "2026-12-31",
}  # fmt: skip
SHARED = {n: CALL[n] for n in ("customer", "anonymous", "channel", "at_branch", "called_on", "content")}
OPINION = SHARED | {"kind": "opinion", "opinion_kind": "complaint", "claim_amount": "0"}
CONTRACT = SHARED | {"kind": "contract", "model": "WM-7", "contract_end": "2027-03-15"}
ENTRY = CALL | OPINION | CONTRACT | {"flags": [], "contract_until": ""}
PAID = {"guarantee_until": "2026-11-01"}
RATINGS = {"attitude": "4", "skill": "3", "arrival": "2", "promises": "1"}


class Dispatch(PolicyDesk):
    __test__ = False
    usual = {
        "dispatch": {"technician_sent": TECH},
        "arrive": {"arrived_at": "2026-11-02T11:00:00+08:00"},
        "on_site": {"handled": "fixed", "work_done": "New belt"},
        "take_in": {"repair_card_no": "K-1", "promised_on": "2026-11-05"},
        "repair": {"hours_used": "2", "parts_used": "Belt"},
        "inspect": {"inspected": True, "return_on": "2026-11-06"},
        "return_goods": {"receipt_voided": True},
        "clear_call": {"voucher_filed": True},
        "help_repair": {"help_given": "Li comes too"},
        "receive_fee": {"fee_received": "200", "invoice_no": "F-1"},
        "invoice": {"invoice_no": "F-2"},
        "collect_fee": {"fee_received": "900"},
        "send_register": {"register_sent": True},
        "send_card": {"card_sent": True},
        "card_back": {"opinion_kind": "no_opinion", **RATINGS},
        "check_opinion": {"valid": True},
        "visit_customer": {"visitor": TECH, "visit_result": "Excused ourselves"},
        "decide_opinion": {"handling": "New machine"},
        "inform_customer": {"answer_given": "You get a new machine", "reply_channel": "phone_call"},
        "renewal_notice": {"notice_sent": True, "renewal_visitor": TECH, "renewed": True},
    }  # fmt: skip
    FILES = {"on_site": "voucher_signed", "return_goods": "return_signed"}

    def __init__(self, now: str = "2026-11-02 09:30") -> None:
        super().__init__(ID, now)

    def call_in(self, case_id: str = "case1", **fields: Any) -> None:
        self.log(actor="UREPORTER", case_id=case_id, **{n: v for n, v in fields.items() if v is not None})

    def go(
        self, stage: str, decision: str | None = None, case_id: str = "case1", files: Any = (), **changes: Any
    ) -> None:
        signed = (
            ((self.FILES[stage], cmd.GivenFile(id=f"F-{stage}", name="voucher.pdf")),) if stage in self.FILES else ()
        )
        super().go(stage, decision, case_id, files or signed, **changes)


def a_case(first: dict[str, Any], stage: str, **changes: Any) -> Dispatch:
    desk = Dispatch()
    desk.call_in(**first | {n: v for n, v in changes.items() if n in ENTRY})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in ENTRY})


def surveyed(**card: Any) -> Dispatch:
    """A call whose card came back."""
    desk = a_case(CALL, "dispatch")
    for stage in ("send_register", "send_card"):
        desk.go(stage)
    desk.go("card_back", **card)
    return desk


TAKEN_IN = {"handled": "taken_in", "receipt_no": "R-1"}
COMPLAINED = {"opinion_kind": "complaint", "opinion_text": "He was late", "claim_amount": "0"}


def both(*roles: str) -> set[str]:
    return {person(role, number) for role in roles for number in (1, 2)}


# --- the repair (八)–(十四) ---------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(八)", "(九)")
@pytest.mark.capabilities("RD-03", "CC-11", "CC-12", "GA-11")
def test_a_call_is_entered_dispatched_served_signed_and_cleared() -> None:
    """(八), (九) 「凡可當場處理完妥者即請客戶于服務憑證上簽字,攜回交于業務員于叫修登記簿上注銷,并將服務憑證歸檔」."""
    desk = a_case(CALL, "dispatch")
    assert (desk.may_act("dispatch"), desk.case().number) == ({"supervisor"}, "202611-001")
    desk.go("dispatch")
    assert desk.roles("arrive") == [TECH]
    desk.go("arrive")
    with pytest.raises(FieldErrors) as refused:
        desk.decide(TECH, "on_site", "handled", handled="fixed", work_done="x")
    assert set(refused.value.errors) == {"voucher_signed"}
    desk.go("on_site")
    assert desk.may_act("clear_call") == {"clerk"}
    with pytest.raises(FieldErrors):
        desk.go("clear_call", voucher_filed=False)
    desk.go("clear_call")
    assert desk.case().outcome == "fixed_on_site"
    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["call_register", "cleared_calls"]


@pytest.mark.clauses(ID, "(十一)", "(十二)")
@pytest.mark.capabilities("CC-11", "RD-03")
def test_what_cannot_be_fixed_on_site_is_taken_in_repaired_inspected_and_returned() -> None:
    """(十一), (十二): receipt, goods register, repair card, inspection, signature, receipt voided."""
    desk = a_case(CALL, "on_site")
    with pytest.raises(FieldErrors) as refused:
        desk.go("on_site", handled="taken_in")
    assert set(refused.value.errors) == {"receipt_no"}
    desk.go("on_site", **TAKEN_IN)
    seen = []
    while desk.case().status == "open":
        case = desk.case()
        here = next(v for v in case.open_visits if not case.branches[v.branch].follow_up)
        seen.append((here.stage, here.seats[0].seat.role or here.seats[0].seat.member))
        desk.go(here.stage)
    assert seen == [
        ("take_in", "clerk"),
        ("repair", TECH),
        ("inspect", "supervisor"),
        ("return_goods", TECH),
        ("clear_call", "clerk"),
    ]
    assert desk.case().outcome == "repaired_and_returned"
    assert [r.register for r in desk.happened(e.RegisterEntered)] == [
        "call_register",
        "goods_in_and_out",
        "goods_returned",
        "cleared_calls",
    ]


@pytest.mark.clauses(ID, "(九)", "(十一)", "(十二)")
@pytest.mark.parametrize(
    ("stage", "changes", "missing"),
    [
        ("dispatch", {"technician_sent": None}, {"technician_sent"}),
        ("arrive", {"arrived_at": None}, {"arrived_at"}),
        ("on_site", {"handled": None, "work_done": None}, {"handled", "work_done"}),
        ("take_in", {"repair_card_no": None, "promised_on": None}, {"repair_card_no", "promised_on"}),
        ("take_in", {"promised_on": "2026-11-01"}, {"promised_on"}),
        ("repair", {"hours_used": None, "parts_used": None}, {"hours_used", "parts_used"}),
        ("inspect", {"inspected": None, "return_on": None}, {"inspected", "return_on"}),
        ("inspect", {"inspected": False}, {"inspected"}),
        ("return_goods", {"receipt_voided": False}, {"receipt_voided"}),
        ("return_goods", {"receipt_voided": None}, {"receipt_voided"}),
        ("clear_call", {"voucher_filed": None}, {"voucher_filed"}),
    ],
)
def test_a_step_is_refused_without_what_it_must_say(stage: str, changes: dict[str, Any], missing: set[str]) -> None:
    later = TAKEN_IN if stage in ("take_in", "repair", "inspect", "return_goods") else {}
    desk = a_case(CALL, stage, **later)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, **changes)
    assert set(refused.value.errors) == missing


def test_the_customer_signs_the_return() -> None:
    """(十二) 「送請客戶簽章」."""
    desk = a_case(CALL, "return_goods", **TAKEN_IN)
    with pytest.raises(FieldErrors) as refused:
        desk.decide(TECH, "return_goods", "returned", receipt_voided=True)
    assert set(refused.value.errors) == {"return_signed"}


@pytest.mark.clauses(ID, "(八)")
@pytest.mark.capabilities("IN-01", "IN-19")
@pytest.mark.parametrize(
    ("first", "missing"),
    [(CALL, n) for n in sorted(CALL)] + [(OPINION, "opinion_kind"), (OPINION, "claim_amount"), (CONTRACT, "contract_end"), (CONTRACT, "model")],
)  # fmt: skip
def test_a_call_is_entered_with_name_address_telephone_and_model(first: dict[str, Any], missing: str) -> None:
    """(八) 「將客戶的名稱、地址、電話、商品型號等,登記于叫修登記簿上」."""
    with pytest.raises(FieldErrors) as refused:
        Dispatch().call_in(**first | {missing: None})
    assert missing in refused.value.errors


@pytest.mark.parametrize(
    ("first", "field", "value"), [(CALL, "called_on", "2026-11-03"), (CONTRACT, "contract_end", "2026-11-01")]
)
def test_impossible_days_are_refused(first: dict[str, Any], field: str, value: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        Dispatch().call_in(**first | {field: value})
    assert set(refused.value.errors) == {field}


@pytest.mark.clauses(ID, "(十四)")
def test_a_repair_that_will_be_late_gets_the_supervisors_help() -> None:
    """(十四) 「不能按原定時間修妥者,技術員應即報請服務主任予以協助」."""
    desk = a_case(CALL, "repair", **TAKEN_IN)
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("clerk"), route="ask_help", fields={"help_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, TECH, route="ask_help", fields={})
    desk.act(cmd.BeginRoute, TECH, route="ask_help", fields={"help_reason": "No belt"})
    assert (desk.may_act("help_repair"), desk.due("help_repair")) == ({"supervisor"}, local("2026-11-02 11:30"))
    with pytest.raises(FieldErrors):
        desk.go("help_repair", help_given=None)
    desk.go("help_repair", promised_on="2026-11-09")
    assert desk.due("repair") == local("2026-11-09 24:00")


# --- kinds of service and money (六), (十), (十三) ---------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(六)A", "(六)B", "(六)C")
@pytest.mark.capabilities("CL-13", "OS-06")
@pytest.mark.parametrize(
    ("guarantee", "contract", "kind"),
    [
        ("2026-11-02", None, "free"),
        ("2026-11-02", "2027-01-01", "free"),  # the guarantee goes first (ours)
        ("2026-11-01", "2026-11-02", "by_contract"),
        ("2026-11-01", "2026-11-01", "paid"),
        ("2026-11-01", None, "paid"),
    ],
)
def test_guarantee_then_contract_then_payment(guarantee: str, contract: str | None, kind: str) -> None:
    """(六): only kind A is charged by the call."""
    desk = a_case(CALL, "on_site", guarantee_until=guarantee, contract_until=contract)
    if kind == "paid":
        with pytest.raises(FieldErrors) as refused:
            desk.go("on_site")
        assert set(refused.value.errors) == {"fee"}
        desk.go("on_site", fee="900")
        assert "invoice" in desk.open_stages()
    else:
        desk.go("on_site")
        assert set(desk.open_stages()) == {"send_register", "clear_call"}
    assert (
        bundle(ID).policy.tables["service_kind"].pick({"in_guarantee": False, "under_contract": True}) == "by_contract"
    )


@pytest.mark.clauses(ID, "(十)")
@pytest.mark.capabilities("OS-06")
@pytest.mark.parametrize(("fee", "stage"), [("200", "receive_fee"), ("200.01", "invoice"), ("0", None)])
def test_a_small_fee_is_collected_on_the_spot_otherwise_the_invoice_is_made_out_today(
    fee: str, stage: str | None
) -> None:
    """(十) 「其費用較低者,應由技術人員當場向戶收費……否則應于當天……開具發票,以便另行前往收費」; small is up to 200 (ours)."""
    desk = a_case(CALL, "clear_call", **PAID, fee=fee)
    opened = {"receive_fee", "invoice", "collect_fee"} & set(desk.open_stages())
    assert opened == ({stage} if stage else set())
    if stage is None:
        return
    assert (desk.may_act(stage), desk.due(stage)) == ({"accountant"}, local("2026-11-02 18:00"))
    if stage == "receive_fee":
        with pytest.raises(FieldErrors) as less:
            desk.go(stage, fee_received="199.99")
        assert set(less.value.errors) == {"fee_received"}
        with pytest.raises(FieldErrors) as nothing:
            desk.go(stage, fee_received=None, invoice_no=None)
        assert set(nothing.value.errors) == {"fee_received", "invoice_no"}
        desk.go(stage)
        assert "collect_fee" not in desk.open_stages()
    else:
        with pytest.raises(FieldErrors):
            desk.go(stage, invoice_no=None)
        desk.go(stage)
        assert (desk.roles("collect_fee"), desk.due("collect_fee")) == ([TECH], local("2026-12-02 24:00"))
        with pytest.raises(FieldErrors):
            desk.go("collect_fee", fee_received=None)


@pytest.mark.clauses(ID, "(十三)")
def test_a_paid_repair_is_invoiced_on_the_day_of_the_return_however_small() -> None:
    """(十三) 「技術員應于還商品當天憑服務憑證,至會計員處開具發票」."""
    desk = a_case(CALL, "inspect", **PAID, **TAKEN_IN)
    with pytest.raises(FieldErrors) as refused:
        desk.go("inspect")
    assert set(refused.value.errors) == {"fee"}
    desk.go("inspect", fee="150")
    desk.clock.at = local("2026-11-06 15:00")
    desk.go("return_goods")
    assert ("receive_fee" not in desk.open_stages(), desk.due("invoice")) == (True, local("2026-11-06 18:00"))
    assert "invoice" not in a_case(CALL, "clear_call", **TAKEN_IN).open_stages()


# --- time (十八), (十九) -------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(十九)")
@pytest.mark.capabilities("DL-02", "DL-04", "DL-05", "CL-16", "GA-07")
@pytest.mark.parametrize(
    ("called", "area", "due"),
    [
        ("2026-11-02 09:30", "town", "2026-11-02 16:30"),  # lunch does not count
        ("2026-11-02 09:30", "suburb", "2026-11-02 17:30"),
        ("2026-11-02 16:00", "town", "2026-11-03 14:00"),
        ("2026-11-06 17:00", "suburb", "2026-11-09 16:00"),  # over the weekend
    ],
)
def test_the_technician_arrives_within_six_working_hours_in_town_and_seven_in_the_suburbs(
    called: str, area: str, due: str
) -> None:
    """(十九) 「叫修時間至抵達服務時間不得逾上班時間內六小時或七小時」."""
    desk = Dispatch(called)
    desk.call_in(**CALL | {"area": area, "called_on": called[:10]})
    assert desk.promise().due_at == local(due)
    desk.to("arrive")
    assert desk.promise().ended is None
    desk.go("arrive")
    assert (desk.promise().ended, desk.promise().in_time) == ("stopped", True)


@pytest.mark.clauses(ID, "(十八)")
@pytest.mark.capabilities("DL-14", "DL-22")
def test_what_was_not_dispatched_today_is_first_tomorrow_and_later_goes_to_the_general_manager() -> None:
    """(十八) 「將當天未派修工作,于次日送請主任優先派工」."""
    desk = a_case(CALL, "dispatch")
    assert desk.due("dispatch") == local("2026-11-02 18:00")
    desk.at("2026-11-04 10:00")
    assert desk.steps(desk.stage_clock("dispatch")) == {
        "first_tomorrow": (local("2026-11-02 18:00"), both("clerk", "supervisor")),
        "escalation": (local("2026-11-03 18:00"), both("general_manager")),
    }


@pytest.mark.capabilities("DL-22", "DL-09")
def test_a_late_arrival_climbs_to_the_general_manager() -> None:
    """D5."""
    desk = a_case(CALL, "arrive")
    desk.at("2026-11-04 10:00")
    steps = desk.steps(desk.promise())
    assert (steps["reminder_slip"][0], steps["reminder_slip"][1] >= {TECH}) == (local("2026-11-02 16:30"), True)
    assert steps["escalation"] == (local("2026-11-03 18:00"), both("general_manager"))


@pytest.mark.clauses(ID, "(十四)", "(十二)")
def test_a_repair_is_due_on_the_day_promised_and_the_supervisor_knows_before() -> None:
    desk = a_case(CALL, "repair", **TAKEN_IN)
    assert desk.due("repair") == local("2026-11-05 24:00")
    desk.at("2026-11-10 10:00")
    steps = desk.steps(desk.stage_clock("repair"))
    assert steps["reminder"][1] == {TECH, *both("supervisor")}
    assert steps["reminder_slip"][1] >= {TECH, *both("supervisor")}
    assert steps["escalation"][1] == both("general_manager")


@pytest.mark.parametrize(
    ("stage", "changes", "due"),
    [
        ("on_site", {}, "2026-11-02 18:00"),
        ("take_in", TAKEN_IN, "2026-11-02 18:00"),
        ("inspect", TAKEN_IN, "2026-11-03 18:00"),
        ("return_goods", TAKEN_IN, "2026-11-06 24:00"),
        ("clear_call", {}, "2026-11-03 18:00"),
    ],
)
def test_steps_without_a_time_get_ours(stage: str, changes: dict[str, Any], due: str) -> None:
    assert a_case(CALL, stage, **changes).due(stage) == local(due)


# --- the card (二十三)–(二十八) ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(二十四)", "(二十五)")
@pytest.mark.capabilities("CC-15", "CC-18", "CC-14")
def test_every_call_gets_a_card_without_sampling() -> None:
    """(二十四) 「當天客戶叫修調記簿于次日寄送服務部,以憑填寄客戶意見調查卡……不采抽查方式」."""
    for number in range(20):
        desk = Dispatch()
        desk.call_in(f"call{number}", **CALL)
        assert "send_register" in desk.open_stages(f"call{number}")
    desk = a_case(CALL, "dispatch")
    assert (desk.may_act("send_register"), desk.due("send_register")) == ({"clerk"}, local("2026-11-03 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("send_register", register_sent=False)
    desk.go("send_register")
    assert (desk.may_act("send_card"), desk.due("send_card")) == ({"service_dept"}, local("2026-11-03 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("send_card", card_sent=False)
    desk.go("send_card")
    assert (desk.may_act("card_back"), desk.due("card_back")) == ({"service_dept"}, local("2026-12-02 24:00"))
    assert "send_register" not in a_case(OPINION, "check_opinion").open_stages()


@pytest.mark.clauses(ID, "(二十五)")
@pytest.mark.capabilities("CC-14")
@pytest.mark.parametrize("rating", sorted(RATINGS))
def test_a_card_rates_attitude_skill_arrival_and_promises_in_four_steps(rating: str) -> None:
    """(二十五) 「態度、技術、到達時間及答應事情的辦理等四項……四個程度」."""
    for wrong in (None, "0", "5"):
        with pytest.raises(FieldErrors) as refused:
            surveyed(**{rating: wrong})
        assert set(refused.value.errors) == {rating}
    surveyed(**{rating: "1"})


def test_a_card_that_never_comes_back_rates_nobody() -> None:
    desk = surveyed(opinion_kind="no_card", **dict.fromkeys(RATINGS))
    assert not set(RATINGS) & set(desk.case().fields)


@pytest.mark.clauses(ID, "(二十三)", "(二十八)", "(二十六)")
@pytest.mark.capabilities("IN-21", "CC-12", "RT-07", "CL-19")
def test_a_complaint_on_a_card_is_visited_decided_and_answered() -> None:
    """(二十三), (二十八) 「對抱怨的客戶,無論其情節大小,均應由服務主任親自或專門派員前往處理」."""
    with pytest.raises(FieldErrors) as refused:
        surveyed(opinion_kind="complaint")
    assert set(refused.value.errors) == {"opinion_text", "claim_amount"}
    desk = surveyed(**COMPLAINED)
    assert (desk.may_act("visit_customer"), desk.due("visit_customer")) == ({"supervisor"}, local("2026-11-03 18:00"))
    assert both("supervisor") <= {n.to for n in desk.told("rule")}
    assert "opinions" in {r.register for r in desk.happened(e.RegisterEntered)}
    with pytest.raises(FieldErrors) as silent:
        desk.go("visit_customer", visitor=None, visit_result=None)
    assert set(silent.value.errors) == {"visitor", "visit_result"}
    desk.go("visit_customer")
    assert (desk.may_act("decide_opinion"), desk.due("decide_opinion")) == ({"service_dept"}, local("2026-11-04 18:00"))
    desk.go("decide_opinion")
    desk.go("inform_customer")
    assert "inform_customer" not in desk.open_stages()


@pytest.mark.clauses(ID, "(二十三)")
def test_a_suggestion_is_decided_without_a_visit_and_mere_ratings_end_there() -> None:
    desk = surveyed(**COMPLAINED | {"opinion_kind": "suggestion"})
    assert "decide_opinion" in desk.open_stages()
    desk = surveyed()
    assert desk.open_stages() == ["dispatch"]
    assert "opinions" not in {r.register for r in desk.happened(e.RegisterEntered)}


GRAVE = [({"flags": ["safety"]}, True), ({"flags": ["media"]}, True), ({"flags": ["group_of_customers"]}, True), ({"claim_amount": "10000"}, False), ({"claim_amount": "10000.01"}, True), ({}, False)]  # fmt: skip


@pytest.mark.clauses(ID, "(二十六)")
@pytest.mark.capabilities("DL-12", "DL-09", "CC-02", "CL-19", "RT-07")
@pytest.mark.parametrize(("opinion", "grave"), GRAVE)
def test_a_grave_opinion_goes_to_the_deputy_at_once_and_is_answered_by_letter(
    opinion: dict[str, Any], grave: bool
) -> None:
    """(二十六) 「其情節重大者,服務部應即提呈副總經理核閱或核轉,提前加以處理,并將處理情況函告該客戶」."""
    desk = a_case(OPINION, "decide_opinion", **opinion)
    assert desk.may_act("decide_opinion") == ({"deputy_gm"} if grave else {"service_dept"})
    assert desk.due("decide_opinion") == local("2026-11-02 11:30" if grave else "2026-11-04 18:00")
    assert (both("deputy_gm") <= {n.to for n in desk.told("rule")}) is grave
    with pytest.raises(FieldErrors):
        desk.go("decide_opinion", handling=None)
    desk.go("decide_opinion")
    assert desk.may_act("inform_customer") == {"service_dept"}
    if grave:
        with pytest.raises(FieldErrors) as refused:
            desk.go("inform_customer")
        assert "reply_channel" in refused.value.errors
    with pytest.raises(FieldErrors) as silent:
        desk.go("inform_customer", answer_given=None, reply_channel=None)
    assert set(silent.value.errors) == {"answer_given", "reply_channel"}
    desk.go("inform_customer", reply_channel="letter")
    assert desk.case().outcome == "opinion_answered"

    by_card = surveyed(**COMPLAINED | opinion)
    assert (both("deputy_gm") <= {n.to for n in by_card.told("rule")}) is grave


@pytest.mark.clauses(ID, "(二十六)", "(二十八)")
def test_an_opinion_told_directly_is_checked_visited_decided_and_answered() -> None:
    desk = a_case(OPINION, "check_opinion")
    assert (desk.may_act("check_opinion"), desk.due("check_opinion")) == ({"service_dept"}, local("2026-11-02 11:30"))
    desk.go("check_opinion")
    assert desk.may_act("visit_customer") == {"supervisor"}
    assert desk.promise().due_at == local("2026-11-16 18:00")
    assert a_case(OPINION, "decide_opinion", opinion_kind="suggestion").case().last_visit("visit_customer") is None
    assert not desk.may_reply()
    desk.to("inform_customer")
    assert (desk.may_reply(), desk.due("inform_customer")) == (True, local("2026-11-03 18:00"))


@pytest.mark.clauses(ID, "(二十七)")
@pytest.mark.capabilities("DL-10")
def test_the_service_department_may_urge_at_any_time() -> None:
    """(二十七) 「隨時予以催辦」."""
    desk = a_case(CALL, "arrive")
    desk.act(cmd.Urge, person("service_dept", 2), visit=desk.visit("arrive"), words="The customer waits")
    assert len(desk.happened(e.Urged)) == 1


# --- contracts (二十) ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(二十)")
@pytest.mark.capabilities("DL-17", "IN-19")
def test_a_month_before_a_contract_ends_the_notice_is_sent_and_somebody_asks_for_the_renewal() -> None:
    """(二十) 「保養合同期滿前一個月……應填具保養到期通知書寄與客戶,并派員前往爭取續約」."""
    desk = a_case(CONTRACT, "renewal_notice")
    clock = desk.case().clock("contract")
    assert clock is not None
    assert (clock.due_at, desk.may_act("renewal_notice")) == (local("2027-03-15 24:00"), {"clerk"})
    desk.at("2027-02-17 10:00")
    assert desk.steps(clock)["reminder"][1] == both("clerk", "supervisor")
    assert desk.steps(clock)["reminder"][0] >= local("2027-02-15 00:00")
    assert set(desk.steps(clock)) == {"reminder"}
    desk.at("2027-03-18 10:00")
    steps = desk.steps(desk.case().clock("contract"))
    assert (steps["reminder_slip"][1], steps["escalation"][1]) == (
        both("clerk", "supervisor", "service_dept"),
        both("general_manager"),
    )
    with pytest.raises(FieldErrors) as refused:
        desk.go("renewal_notice", notice_sent=None, renewal_visitor=None, renewed=None)
    assert set(refused.value.errors) == {"notice_sent", "renewal_visitor", "renewed"}
    with pytest.raises(FieldErrors):
        desk.go("renewal_notice", notice_sent=False)
    desk.go("renewal_notice")
    assert desk.case().outcome == "contract_renewed"
    desk = a_case(CONTRACT, "closed", renewed=False)
    assert desk.case().outcome == "contract_expired"


# --- duties, defaults ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(十五)", "(十六)", "(十七)", "(十八)", "(二十三)", "(六)D")
@pytest.mark.capabilities("DL-16", "LP-18")
def test_reports_are_daily_and_the_ratings_of_the_technicians_monthly() -> None:
    """(十五)–(十七), (二十三) 「將品評資料作為技術員每月績效考核之一部分」."""
    policy = bundle(ID).policy
    duties = {
        n: (
            d.every,
            d.by,
            str(d.who),
            [f.name for f in d.fill],
            [str(w) for w in d.approve],
            [str(w) for w in d.send_to],
        )
        for n, d in policy.duties.items()
    }
    assert duties == {
        "technician_report": ("day", None, "technician", ["day_work"], [], ["supervisor"]),
        "supervisor_report": ("day", None, "supervisor", ["day_work"], [], ["service_dept"]),
        "branch_report": ("day", None, "supervisor", ["day_work"], ["branch_manager"], ["service_dept"]),
        "undispatched_calls": ("day", None, "clerk", [], [], ["supervisor"]),
        "technician_ratings": (
            "month",
            "10th",
            "service_dept",
            [],
            [],
            ["supervisor", "branch_manager", "general_manager"],
        ),
    }
    assert policy.duties["undispatched_calls"].from_ == "open cases"
    ratings = {n: (str(m.average), m.per) for n, m in policy.measures.items() if n.endswith("_rating")}
    assert ratings == {f"{n}_rating": (n, "technician_sent") for n in RATINGS}
    assert {*ratings, "arrived_in_time", "repeats", "callback_score"} <= set(
        policy.duties["technician_ratings"].contents
    )


@pytest.mark.clauses(ID, "(十七)")
def test_the_branch_report_is_signed_by_the_manager_before_it_goes_on() -> None:
    """(十七) 「應先送請經理核閱簽章后,轉送服務部」."""
    desk = Dispatch()
    desk.submit(
        cmd.OpenCase(
            actor="clock",
            key="d",
            case_id="d1",
            policy=ID,
            fields={},
            kind="duty",
            via="clock",
            duty="branch_report",
            period="2026-11-02",
        )
    )
    assert desk.may_act("branch_report", "d1") == {"supervisor"}
    with pytest.raises(FieldErrors):
        desk.decide(person("supervisor"), "branch_report", case_id="d1")
    desk.decide(person("supervisor"), "branch_report", case_id="d1", day_work=[{"kind": "A", "hours": "3"}])
    assert desk.may_act("branch_report", "d1") == {"branch_manager"}


@pytest.mark.clauses(ID, "in force", "scope")
@pytest.mark.capabilities("GA-01")
def test_the_general_manager_puts_it_in_force_and_the_service_department_keeps_it() -> None:
    """「本辦法呈請總經理核準公布后施行,修正時同」."""
    header = bundle(ID).policy.policy
    assert (header.in_force_by, header.registry, header.top) == ("general_manager", "service_dept", "general_manager")


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"solved": True, "score": "3"}, False),
        ({"solved": True, "score": "2"}, True),
        ({"solved": False, "score": "4"}, True),
    ],
)
def test_a_dissatisfied_customer_reopens_the_decision(answers: dict[str, Any], again: bool) -> None:
    """D6."""
    desk = a_case(OPINION, "closed")
    assert (desk.may_act("callback"), desk.due("callback")) == ({"service_dept"}, local("2026-11-05 24:00"))
    with pytest.raises(FieldErrors):
        desk.call("reached", actor=person("service_dept"))
    desk.call("reached", actor=person("service_dept"), **answers)
    assert (desk.open_stages() == ["decide_opinion"]) is again
    assert (head("service_dept") in {n.to for n in desk.told("rule")}) is again


def test_three_calls_are_enough() -> None:
    desk = a_case(OPINION, "closed")
    for day in ("03", "04", "05"):
        assert desk.open_stages() == ["callback"]
        desk.clock.at = local(f"2026-11-{day} 10:00")
        desk.call("no_answer", actor=person("service_dept"))
    assert desk.case().status == "finished"


def test_an_anonymous_opinion_is_for_the_head_and_not_visited() -> None:
    """D10."""
    desk = a_case(OPINION, "anonymous_check", anonymous=True, customer=None)
    assert desk.may_act("anonymous_check") == {"head of service_dept"}
    with pytest.raises(FieldErrors):
        desk.decide(head("service_dept"), "anonymous_check", "file")
    desk.go("anonymous_check")
    desk.go("check_opinion")
    assert desk.open_stages() == ["decide_opinion"]
    desk = a_case(OPINION, "anonymous_check", anonymous=True, customer=None)
    desk.go("anonymous_check", "file")
    assert desk.case().outcome == "recorded_only"


def test_what_is_not_accepted_is_confirmed_and_told() -> None:
    """D17."""
    desk = a_case(OPINION, "check_opinion")
    for left_out in ({"valid": None}, {"valid": False}):
        with pytest.raises(FieldErrors):
            desk.go("check_opinion", **left_out)
    desk.go("check_opinion", valid=False, invalid_reason="Another maker")
    assert (desk.may_act("confirm_invalid"), desk.due("confirm_invalid")) == (
        {"head of service_dept"},
        local("2026-11-03 18:00"),
    )
    desk.go("confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.may_act("tell_invalid"), desk.due("tell_invalid")) == (
        "not_accepted",
        {"service_dept"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors) as refused:
        desk.go("tell_invalid")
    assert set(refused.value.errors) == {"invalid_told", "reply_channel"}
    desk.go("tell_invalid", invalid_told="Sorry", reply_channel="phone_call")
    assert desk.case().status == "finished"


@pytest.mark.parametrize("who", ["clerk", "supervisor", "service_dept"])
def test_a_department_objects_within_five_working_days(who: str) -> None:
    """D12."""
    desk = a_case(OPINION, "inform_customer")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("accountant"), route="objection", fields={"objection_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, person(who), route="objection", fields={})
    desk.clock.at = local("2026-11-09 18:00")
    desk.act(cmd.BeginRoute, person(who), route="objection", fields={"objection_reason": "x"})
    assert (desk.may_act("objection_ruling"), desk.due("objection_ruling")) == (
        {"general_manager"},
        local("2026-11-11 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("objection_ruling", "dismiss")
    desk.go("objection_ruling", "grant", objection_ruling_text="Right")
    assert desk.open_stages() == ["decide_opinion"]
    desk = a_case(OPINION, "inform_customer")
    desk.clock.at = local("2026-11-09 18:01")
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.BeginRoute, person(who), route="objection", fields={"objection_reason": "x"})


def test_numbers_repeats_and_retention_are_our_defaults() -> None:
    """D7, D8, D9."""
    desk = Dispatch("2026-11-30 10:00")
    desk.call_in("case1", **CALL)
    desk.call_in("case2", **OPINION)
    desk.clock.at = local("2026-12-01 10:00")
    desk.call_in("case3", **CONTRACT)
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]
    policy = bundle(ID).policy
    assert (policy.papers.keep.amount, policy.papers.keep.unit, policy.papers.archive_by) == (3, "years", "clerk")
    assert (policy.repeat.same, policy.repeat.within.amount, policy.repeat.within.unit) == (
        ("customer", "model"),
        3,
        "months",
    )


# --- who may -----------------------------------------------------------------------------------------------------------------------------------------

WHO_MAY: dict[str, tuple[dict[str, Any], dict[str, Any], set[str], str]] = {
    "dispatch": (CALL, {}, {"supervisor"}, "dispatch"),
    "arrive": (CALL, {}, set(), "arrived"),
    "on_site": (CALL, {}, set(), "handled"),
    "take_in": (CALL, TAKEN_IN, {"clerk"}, "entered"),
    "repair": (CALL, TAKEN_IN, set(), "repaired"),
    "inspect": (CALL, TAKEN_IN, {"supervisor"}, "pass"),
    "return_goods": (CALL, TAKEN_IN, set(), "returned"),
    "clear_call": (CALL, {}, {"clerk"}, "clear"),
    "send_register": (CALL, {}, {"clerk"}, "sent"),
    "check_opinion": (OPINION, {}, {"service_dept"}, "check"),
    "visit_customer": (OPINION, {}, {"supervisor"}, "visited"),
    "decide_opinion": (OPINION, {}, {"service_dept"}, "decide"),
    "inform_customer": (OPINION, {}, {"service_dept"}, "informed"),
    "renewal_notice": (CONTRACT, {}, {"clerk"}, "answered"),
}
ELSEWHERE = {
    "call_in": "register", "anonymous_check": "investigate file", "confirm_invalid": "confirm", "tell_invalid": "told",
    "help_repair": "helped", "receive_fee": "receive", "invoice": "invoice", "collect_fee": "collected", "send_card": "sent",
    "card_back": "entered", "objection_ruling": "dismiss grant", "callback": "satisfied unreached dissatisfied",
}  # fmt: skip


@pytest.mark.clauses(ID, "(八)", "(九)", "(十二)", "(二十六)", "(二十八)", "scope")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide(stage: str) -> None:
    """Everybody who is not named is refused; only the technician sent acts where he was sent."""
    first, changes, who, _ = WHO_MAY[stage]
    desk = a_case(first, "dispatch" if stage == "send_register" else stage, **changes)
    assert desk.may_act(stage) == who


def test_what_may_be_decided_at_every_stage() -> None:
    """A return is open to every decider (D18)."""
    wanted = ELSEWHERE | {stage: row[3] for stage, row in WHO_MAY.items()}
    stages = bundle(ID).policy.stages
    assert {s: list(decisions_of(d)) for s, d in stages.items()} == {
        s: [*d.split(), "return"] for s, d in wanted.items()
    }


def test_the_clerk_enters_the_call() -> None:
    """(八) 「該單位業務員應即將……登記」."""
    desk = a_case(CALL, "dispatch")
    desk.decide(person("supervisor"), "dispatch", "return", reason="Which model?", to_stage="call_in")
    assert desk.may_act("call_in") == {"clerk", "reporter"}
    assert desk.due("call_in") == local("2026-11-02 11:30")
