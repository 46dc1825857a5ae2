"""The life of a complaint at the sample company, told by what its people do; every instant is Taipei time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.tour.scene import Scene

START = "2026-11-02T09:30:00+08:00"
REP, REGISTRAR, REGISTRY_HEAD = "林佳穎", "王小明", "蘇怡君"
QUALITY, PRODUCTION, OFFICE, RND = "陳柏翰", "吳宗翰", "劉美玲", "Anita Rao"
SALES_HEAD, DEPUTY_GM, GM = "何建國", "高志強", "唐國華"
ACCOUNTS, WAREHOUSE = "方麗娟", "彭志豪"
PHOTO = ("board.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64)

PAGE_1: dict[str, Any] = {
    "customer": "C-0417",
    "part_no": "P4-2208-B",
    "what_happened": "回焊後 BGA 焊墊發黑、空焊，產線停線等貨。",
    "order_no": "SO-26-08813",
    "shipped_on": "2026-10-26",
    "quantity": "2,400",
    "defective_quantity": "186",
}
PAGE_2: dict[str, Any] = {
    "wants": "exchange",
    "return_quantity": "186",
    "demand": "換貨 186 片，十天內到",
    "loss_caused": "yes",
    "survey_needed": "no",
    "defect_sample__files": [PHOTO],
    "sales_remark": "客戶產線等貨，請盡快",
}


def log_and_register(scene: Scene) -> None:
    scene.log(REP, [PAGE_1, PAGE_2])
    scene.act("registration", REGISTRAR, "accept")


def quality_names(scene: Scene, **also: Any) -> None:
    finding: dict[str, Any] = {
        "sample_confirmed": "yes", "cause_class": "quality_abnormality", "quality_finding": "化金厚度不足，斷面可見黑墊",
        "liable_unit": "production", "rnd_opinion_needed": "no", "third_party_involved": "no",
    }  # fmt: skip
    scene.act("quality analysis", QUALITY, "approve", **{**finding, **also})


def production_answers(scene: Scene, step: str = "production analysis", **also: Any) -> None:
    answer: dict[str, Any] = {
        "production_finding": "化金槽液老化",
        "production_origin": "二廠 B 班 10/20",
        "countermeasure": "換槽、加測厚度",
    }
    scene.act(step, PRODUCTION, "approve", **answer, **also)


def up_to_the_check(scene: Scene) -> None:
    scene.act("opinion of the manager's office", OFFICE, "approve", manager_remark="同意對策")


def offer(scene: Scene, settlement: str, **also: Any) -> None:
    """From the check to the final decision: the offer is approved by authority and accepted unchanged."""
    scene.act("GM office check", REGISTRAR, "approve", established="yes")
    proposal: dict[str, Any] = {"sales_proposal": "照客戶要求處理", "settlement": settlement, "amount": "12000"}
    scene.act("sales proposal", REP, "approve", **proposal, **also)
    scene.act("consolidated opinion", REGISTRAR, "approve", opinion_1="建議照業務意見")
    scene.act("approval by authority (deputy GM)", DEPUTY_GM, "approve")
    scene.see("reply unlocked for the reporter", REP, "可以答覆客戶了")
    scene.act("the customer's answer", REP, "report", more_sign=True, offer_accepted="yes", customer_position="接受")
    scene.act("reviewed by the head of sales", SALES_HEAD, "approve")


def judge(scene: Scene, own_problem: bool, **also: Any) -> None:
    fields: dict[str, Any] = {"opinion_2": "屬製造", "occurred_unit": "production", "own_quality_problem": "no"}
    if own_problem:
        fields |= {
            "own_quality_problem": "yes", "human_negligence": "no", "handling_method": "換槽",
            "department_losses": "production; 12000", "punishment": "no_punishment",
        }  # fmt: skip
    scene.act("second consolidated opinion", REGISTRAR, "approve", more_sign=True, **fields, **also)
    scene.act("instruction of the head", REGISTRY_HEAD, "approve")
    message, action = scene.card(DEPUTY_GM)
    scene.press("final decision, one click as approved", message, action, "approve")


def close(scene: Scene) -> None:
    scene.act("closing", REGISTRAR, "close")


def copies(scene: Scene) -> None:
    for who, channel in (
        (QUALITY, "CQUALITY"), (PRODUCTION, "CPRODUCTION"), (REP, "CSALES"), (ACCOUNTS, "CACCOUNTS"), (REGISTRAR, "CREGISTRY"),
    ):  # fmt: skip
        scene.see(f"copy to {channel}", who, "客戶抱怨處理表第", channel=channel)


def tell_customer(scene: Scene, decision: str = "accepted", **also: Any) -> None:
    told: dict[str, Any] = {
        "reply_channel": "phone",
        "answer_given": "換貨 186 片，11/21 到",
        "collection_affected": "no",
    }
    scene.act(f"the customer is told: {decision}", REP, decision, contains="轉答", **{**told, **also})


# --- the routes ----------------------------------------------------------------------------------------------


def main_route(scene: Scene) -> None:
    """Intake to finished, with a late department, an escalation, and a late callback."""
    log_and_register(scene)
    quality_names(scene)
    scene.see("production gets its card", PRODUCTION, "製造部", channel="CPRODUCTION")
    scene.see_all_rewritten("decided cards show what was decided")
    scene.to("2026-11-04T13:00:00+08:00")
    scene.see("reminder at 80 % of the limit", PRODUCTION, "期限經過 80%")
    scene.to("2026-11-05T08:00:00+08:00")
    scene.see("reminder slip at the due time", PRODUCTION, "催辦單", channel="CPRODUCTION")
    scene.to("2026-11-05T18:00:00+08:00")
    scene.see("escalation to the general manager", GM, "請裁示")
    scene.to("2026-11-05T18:05:00+08:00")
    production_answers(scene, "production analysis, late")
    up_to_the_check(scene)
    offer(scene, "compensation")
    judge(scene, own_problem=True)
    close(scene)
    copies(scene)
    tell_customer(scene)
    _callback_overdue(scene)
    _settle_money(scene)
    _improve(scene)
    scene.act("inquiry slip: why was it late", PRODUCTION, "explain", contains="逾期", delay_reason="設備待料兩日")
    scene.see("case finished", REP, "全部辦結")


def _callback_overdue(scene: Scene) -> None:
    scene.to("2026-11-09T08:00:00+08:00")
    scene.to("2026-11-10T18:00:00+08:00")
    scene.see("callback overdue: escalated to the general manager", GM, "回訪")
    message, action = scene.card(REGISTRAR, "visit.log_call")
    form = message.click(action).view()
    form.fill("result", "reached")
    form = form.now()
    scene.send(form, solved="yes", score="5")
    scene.note("callback done", REGISTRAR, message.text)


def _settle_money(scene: Scene) -> None:
    scene.act(
        "allowance certificate",
        REP,
        "issue",
        more_sign=True,
        contains="折讓",
        amount="12000",
        customer_signature=[PHOTO],
    )
    scene.act("signed by the sales manager", SALES_HEAD, "approve", more_sign=True)
    scene.act("signed by the deputy GM", DEPUTY_GM, "approve")
    scene.act(
        "proof of the allowance",
        REP,
        "send",
        contains="折讓證明",
        allowance_proof_kind="certificate_stamped",
        proof=[PHOTO],
    )
    scene.act("booked", ACCOUNTS, "book", voucher_no="V-1105")


def _improve(scene: Scene) -> None:
    scene.act("improvement: the unit answers", PRODUCTION, "approve", more_sign=True, contains="改善")
    plan: dict[str, Any] = {"corrective_action": "每週化驗槽液", "action_due": "2026-12-01"}
    scene.act("improvement: plan", REGISTRAR, "plan", contains="改善", **plan)
    scene.act(
        "improvement: effect confirmed",
        REGISTRAR,
        "confirm",
        contains="效果",
        effective="yes",
        effect_evidence="三批零不良",
    )


def refused(scene: Scene) -> None:
    """The customer refuses the outcome: a new linked form goes through the whole route."""
    log_and_register(scene)
    quality_names(scene)
    production_answers(scene)
    up_to_the_check(scene)
    offer(scene, "nothing")
    judge(scene, own_problem=False)
    close(scene)
    old = scene.case
    tell_customer(scene, "refused", reason="客戶不接受，要求全數退貨")
    scene.case = f"{old}r1"
    scene.act("the new form, the old one attached", REP, contains="記錄反應", **REPORT_AGAIN)
    scene.act("the new form goes in", REP, "send", contains="填客訴處理表", **FORM_AGAIN)
    scene.act("registration of the linked case", REGISTRAR, "accept")
    scene.see("the linked case is on its way", QUALITY, "品管", channel="CQUALITY")


REPORT_AGAIN: dict[str, Any] = {
    "what_happened": "客戶不接受處理結果，要求全數退貨",
    "loss_caused": "yes",
    "survey_needed": "no",
}
FORM_AGAIN: dict[str, Any] = {
    "wants": "goods_return",
    "return_quantity": "186",
    "demand": "全數退貨 186 片",
    "defect_sample__files": [PHOTO],
    "sales_remark": "客戶不接受原處理，請重新判定",
}


def not_established(scene: Scene) -> None:
    """The complaint does not stand: the head confirms, the customer is told, the receivable is collected."""
    log_and_register(scene)
    quality_names(scene, sample_confirmed="no", cause_class="other_cause")
    production_answers(scene)
    up_to_the_check(scene)
    scene.act(
        "GM office: not established", REGISTRAR, "approve", established="no", not_established_reason="樣品經檢驗無異常"
    )
    scene.act("confirmed by the head of the office", REGISTRY_HEAD, "confirm")
    tell_customer(scene)
    scene.act("receivable collected", REP, "collected", contains="帳款")


def third_party(scene: Scene) -> None:
    """A supplier is involved: the GM office and the departments concerned deal with it together."""
    log_and_register(scene)
    quality_names(scene, third_party_involved="yes")
    production_answers(scene, third_party_name="宏光化學", third_party_units=["quality", "production"])
    scene.act("joint stage: quality", QUALITY, "approve", more_sign=True, contains="會同")
    scene.act("joint stage: production", PRODUCTION, "approve", more_sign=True, contains="會同")
    scene.act(
        "joint stage: result by the GM office",
        REGISTRAR,
        "approve",
        contains="會同",
        third_party_finding="供應商承認批次異常",
    )
    scene.see("the route goes on", OFFICE, "經理室", channel="CMANAGER")


def returned_goods(scene: Scene) -> None:
    """More goods come back than approved plus tolerance: the authority rules before accounting books."""
    log_and_register(scene)
    quality_names(scene)
    production_answers(scene)
    up_to_the_check(scene)
    offer(scene, "exchange", approved_quantity="186")
    judge(scene, own_problem=False)
    close(scene)
    tell_customer(scene)
    scene.act(
        "return slip", REP, "issue", more_sign=True, contains="退貨單", return_reason="焊墊發黑", return_basis="核決"
    )
    scene.act("signed by the sales manager", SALES_HEAD, "approve")
    scene.act(
        "goods received: 200 of 186", WAREHOUSE, "receive", received_quantity="200", receipt_instruction="依實收簽收"
    )
    scene.act("beyond the tolerance: ruled by authority", DEPUTY_GM, "rule", excess_decision="同意全數入帳")
    scene.act("booked", ACCOUNTS, "book", voucher_no="V-1106")
    scene.act(
        "proof of the return", REP, "send", contains="退貨證明", return_proof_kind="return_certificate", proof=[PHOTO]
    )


BRANCHES: dict[str, Callable[[Scene], None]] = {
    "main": main_route,
    "refused": refused,
    "not-established": not_established,
    "third-party": third_party,
    "returned-goods": returned_goods,
}
