"""Words that every policy shares: decisions, yes and no, and our defaults D1 to D21, in three languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from complaints.policy_parts import Words

if TYPE_CHECKING:
    from complaints.policy import Policy

BUILT_IN_WORDS: dict[str, Words] = {
    "approve": Words("Approve", "核准", "核准"),
    "return": Words("Return", "退回", "退回"),
    "apology": Words(
        "We are sorry for the trouble this has caused you.",
        "给您添麻烦了，我们深表歉意。",
        "造成您的不便，我們深感抱歉。",
    ),
    "no_apology": Words(
        "Thank you for telling us. We have looked into it.",
        "感谢您的反映，我们已作了解。",
        "感謝您的反映，我們已了解情況。",
    ),
    "told": Words("Told", "已告知", "已告知"),
    "true": Words("Yes", "是", "是"),
    "false": Words("No", "否", "否"),
    "number": Words("Number", "编号", "編號"),
    "opened_on": Words("Opened on", "立案日", "立案日"),
    "closed_on": Words("Closed on", "结案日", "結案日"),
    "reporter": Words("Reporter", "登记人", "登錄人"),
    "owner": Words("Owner", "承办人", "承辦人"),
    "stage": Words("Stage", "环节", "關卡"),
    "late_by": Words("Late by", "逾期时长", "逾期時間"),
    "late_unit": Words("Late department", "逾期部门", "逾期部門"),
    "late_stage": Words("Late stage", "逾期环节", "逾期關卡"),
    "outcome": Words("Outcome", "结果", "結果"),
    "on_time": Words("On time", "按时", "按時"),
    "reached": Words("Reached", "已联系上", "已聯絡上"),
    "extended": Words("Extended", "已延期", "已展延"),
    "reassigned": Words("Reassigned", "已改派", "已改派"),
    "unit": Words("Unit", "部门", "部門"),
    "person": Words("Person", "人员", "人員"),
    "decision": Words("Decision", "决定", "決定"),
    "callback": Words("Callback", "回访", "回訪"),
    "authority": Words("Authority", "核决权限", "核決權限"),
    "stage_limits": Words("Limits of the stages", "各环节期限", "各關期限"),
    "retention": Words("Retention", "保存期限", "保存期限"),
    "repeat": Words("Repeats", "重复投诉", "重複投訴"),
    "anonymous": Words("Anonymous", "匿名", "匿名"),
    "invalid": Words("Not established", "不成立", "不成立"),
    "waiting": Words("Waiting for the customer", "等待客户", "等待客戶"),
    "extension": Words("Extension", "延期", "展延"),
    "dissatisfied": Words("Not satisfied", "不满意", "不滿意"),
    "inquiry_slip": Words("Inquiry slip", "洽办单", "洽辦單"),
    "days": Words("Days", "天数", "天數"),
    "objection": Words("Objection", "异议", "異議"),
    "lateness": Words("Lateness", "逾期", "逾期"),
    "today": Words("Today", "今天", "今天"),
    "closed": Words("Closed", "结案", "結案"),
}

DISCIPLINE_WORDS: dict[str, Words] = {
    "D0": Words("Preparation", "准备与应急", "準備與應急"),
    "D1": Words("Team", "小组", "小組成員"),
    "D2": Words("Problem", "问题描述", "問題描述"),
    "D3": Words("Containment", "临时遏制措施", "暫時圍堵措施"),
    "D4": Words("Root cause", "根本原因", "根本原因"),
    "D5": Words("Corrective actions chosen", "选定的纠正措施", "選定的矯正措施"),
    "D6": Words("Actions carried out and validated", "措施实施与验证", "對策執行與驗證"),
    "D7": Words("Recurrence prevented", "预防再发", "預防再發"),
    "D8": Words("Closing", "结案", "結案"),
}
"""The disciplines of an 8D report."""

DEFAULT_WORDS: dict[str, Words] = {
    "D1": Words(
        "Working days are Monday to Friday 09:00–18:00 with lunch 12:00–13:00; public holidays and make-up days by country.",
        "工作日为周一至周五 09:00–18:00，午休 12:00–13:00；节假日及调休按所在国家或地区。",
        "工作日為週一至週五 09:00–18:00，午休 12:00–13:00；假日及補班依所在國家或地區。",
    ),
    "D2": Words(
        "Days are calendar days unless the text says working days; they begin the day after and end with the last day.",
        "“天、日”为日历日，“工作日”才是工作日；自次日起算，至末日终了。",
        "「天、日」為日曆天，「工作日」才是工作日；自次日起算，至末日終了。",
    ),
    "D3": Words(
        "Immediately means 2 working hours; on the spot means during the contact; in time means 1 working day.",
        "“立即”为 2 个工作小时，“当场”为接触当时，“及时”为 1 个工作日。",
        "「立即」為 2 個工作小時，「當場」為接觸當時，「及時」為 1 個工作日。",
    ),
    "D4": Words(
        "Without a case limit 10 working days; a stage without a limit gets an equal share of what the others leave, or 2 working days.",
        "整案未规定期限的为 10 个工作日；环节未规定的，平均分配其余时间，或 2 个工作日。",
        "整案未規定期限者為 10 個工作天；關卡未規定者，平均分配其餘時間，或 2 個工作天。",
    ),
    "D5": Words(
        "A reminder at 80 % of the limit; a reminder slip at the due time to the owner and the head; one working day later to the top, then every working day.",
        "期限过 80% 时提醒；到期发催办单给承办人及主管；再逾 1 个工作日上报最高主管，此后每个工作日再报。",
        "期限過 80% 時提醒；到期發催辦單給承辦人及主管；再逾 1 個工作天呈報最高主管，此後每個工作天再呈。",
    ),
    "D6": Words(
        "A callback within 3 days after the outcome was told: solved, satisfied 1 to 5, any wish; not solved or 2 and below reopens the case.",
        "告知结果后 3 天内回访：是否解决、满意度 1–5、其他需求；未解决或 2 分以下重新处理。",
        "告知結果後 3 天內回訪：是否解決、滿意度 1–5、其他需求；未解決或 2 分以下重新處理。",
    ),
    "D7": Words(
        "Numbers are YYYYMM-NNN, anew every month.", "编号为 YYYYMM-NNN，每月重起。", "編號為 YYYYMM-NNN，每月重起。"
    ),
    "D8": Words("Records are kept 3 years after closing.", "记录自结案起保存 3 年。", "紀錄自結案起保存 3 年。"),
    "D9": Words(
        "The same customer with the same matter within 3 months is a repeat.",
        "同一客户同一事项 3 个月内再投诉视为重复。",
        "同一客戶同一事項 3 個月內再投訴視為重複。",
    ),
    "D10": Words(
        "Anonymous complaints are recorded, without reply or callback; the head of intake decides whether to investigate.",
        "匿名投诉予以记录，不回复、不回访；由受理主管决定是否调查。",
        "匿名投訴予以記錄，不回覆、不回訪；由受理主管決定是否調查。",
    ),
    "D11": Words(
        "Authority by amount: department head to 1 000, deputy general manager to 10 000, general manager above.",
        "核决权限：部门主管 1 000 以下，副总经理 10 000 以下，以上由总经理。",
        "核決權限：部門主管 1 000 以下，副總經理 10 000 以下，以上由總經理。",
    ),
    "D12": Words(
        "An objection within 5 working days of the decision, with a reason, is decided by the general manager, finally.",
        "决定后 5 个工作日内可附理由提出异议，由总经理作最终裁定。",
        "決議後 5 個工作天內可附理由提出異議，由總經理作最終裁示。",
    ),
    "D13": Words(
        "When several criteria match, the highest grade counts.",
        "符合多项标准时，等级从高。",
        "符合多項標準時，等級從高。",
    ),
    "D14": Words(
        "When nobody holds a role, the deputy acts, then the head of the department, then the general manager.",
        "岗位无人时由代理人、部门主管、总经理依次处理。",
        "職位無人時依序由代理人、部門主管、總經理處理。",
    ),
    "D15": Words(
        "Monthly statistics by the 10th: received, closed, overdue, by type, grade and department, satisfaction.",
        "每月 10 日前出上月统计：受理、结案、逾期，按类型、等级、部门，及满意度。",
        "每月 10 日前出上月統計：受理、結案、逾期，依類型、等級、部門，及滿意度。",
    ),
    "D16": Words(
        "Money has two decimals, half is rounded up.", "金额保留两位小数，四舍五入。", "金額取兩位小數，四捨五入。"
    ),
    "D17": Words(
        "What is not accepted or invalid needs a reason and the head's confirmation; the customer is told politely; it is counted apart.",
        "不受理或不成立须写明理由并由主管确认，礼貌告知客户，另行统计。",
        "不受理或不成立須註明理由並由主管確認，婉轉告知客戶，另行統計。",
    ),
    "D18": Words(
        "Every approver may return to an earlier stage with a reason; the stage's clock starts anew, the case's goes on.",
        "审批人可附理由退回前面的环节；环节期限重新起算，整案期限照算。",
        "核決人可附理由退回前面的關卡；關卡期限重新起算，整案期限照算。",
    ),
    "D19": Words(
        "“Up to” and “within” include the number, “more than” excludes it.",
        "“以上、以下、以内、不超过”含本数，“超过”不含。",
        "「以上、以下、以內、不超過」含本數，「超過」不含。",
    ),
    "D20": Words(
        "Waiting for the customer does not stop a clock unless the text says so.",
        "等待客户不停止计时，除非条文另有规定。",
        "等待客戶不停止計時，除非條文另有規定。",
    ),
    "D21": Words(
        "An extension is granted by the general manager, with a reason, once per stage, by at most the stage's own limit; the case limit stays.",
        "延期由总经理附理由批准，每环节一次，最多与该环节期限相同；整案期限不变。",
        "展延由總經理附理由核准，每關一次，最多與該關期限相同；整案期限不變。",
    ),
}


def default_words(name: str) -> Words:
    """Return the wording of a default such as D5, for people."""
    return DEFAULT_WORDS.get(name, Words(name, name, name))


def read_id(id_: str) -> str:
    """Return an id as readable words, when nobody wrote better ones."""
    return id_.split(".")[-1].replace("_", " ").strip().capitalize()


def missing_words(policy: Policy) -> list[str]:
    """Return the ids that people see and that have no words in this policy."""
    return [id_ for id_ in dict.fromkeys(_seen(policy)) if not _has_words(policy, id_)]


def _has_words(policy: Policy, id_: str) -> bool:
    last = id_.split(".")[-1]
    return id_ in policy.texts or last in policy.texts or last in BUILT_IN_WORDS


def _seen(policy: Policy) -> Iterator[str]:
    yield policy.id
    for section in (policy.roles, policy.fields, policy.stages, policy.duties, policy.measures, policy.money):
        yield from section
    yield from policy.tables
    yield from (inform.what for inform in policy.reply.inform)
    yield from (*policy.papers.forms, *policy.papers.registers, *policy.reply.channels, *policy.outcomes())
    yield from (name for name in policy.follow_ups() if policy.routes[name].opens is not None)
    for name, field in policy.fields.items():
        yield from (f"{name}.{choice}" for choice in (*field.choices, *field.columns))
    for name, stage in policy.stages.items():
        yield from (f"{name}.{decision}" for decision in stage.decisions)
