"""The sentences of `policy_show`, in English, 简体中文 and 繁體中文."""

from __future__ import annotations

from complaints.policy_parts import Words

_W = Words
HEADS = {
    "version": _W("Version {0}. Put in force by: {1}.", "版本 {0}。批准生效：{1}。", "版本 {0}。核准實施：{1}。"),
    "route": _W("The way of a case", "办理流程", "處理流程"),
    "follow": _W("What follows", "后续事项", "後續事項"),
    "clocks": _W("Limits of the whole case", "整案期限", "整案期限"),
    "late": _W("When something is late", "逾期处理", "逾期反應"),
    "rules": _W("Standing rules", "固定规则", "固定規則"),
    "tables": _W("Tables", "对照表", "對照表"),
    "reply": _W("Answering the customer", "答复客户", "答覆客戶"),
    "papers": _W("Numbers, copies, records", "编号、联单、记录", "編號、聯單、紀錄"),
    "money": _W("Money and quantities", "金额与数量", "金額與數量"),
    "duties": _W("What comes back every month", "定期事项", "定期事項"),
    "figures": _W("Figures", "统计指标", "統計指標"),
    "silent": _W("Where the text is silent", "条文未规定之处", "條文未規定之處"),
    "people": _W("What only people can keep", "只能靠人遵守之处", "只能靠人遵守之處"),
    "clauses": _W("Clauses", "条文", "條文"),
    "annex": _W("Annex: {0}", "附件：{0}", "附件：{0}"),
}
SAY = {
    "who": _W("by {0}", "由 {0} 办理", "由 {0} 辦理"),
    "with": _W("together with {0} ({1})", "会同 {0}（{1}）", "會同 {0}（{1}）"),
    "limit": _W("within {0}", "期限：{0}", "期限：{0}"),
    "d4": _W("within {0} (default D4)", "期限：{0}（默认 D4）", "期限：{0}（預設 D4）"),
    "when": _W("only if {0}", "仅当 {0}", "僅當 {0}"),
    "fill": _W("fills in: {0}", "须填：{0}", "須填：{0}"),
    "may_fill": _W("may fill in: {0}", "可填：{0}", "可填：{0}"),
    "if": _W("{0} (if {1})", "{0}（当 {1}）", "{0}（當 {1}）"),
    "decides": _W("“{0}” {1}", "“{0}”：{1}", "「{0}」：{1}"),
    "disagree": _W("if they disagree {0} decides", "意见不一时由 {0} 决定", "意見不一時由 {0} 決定"),
    "needs": _W("not before {0}", "须先完成：{0}", "須先完成：{0}"),
    "not": _W("never by {0}", "不得由 {0} 办理", "不得由 {0} 辦理"),
    "attempts": _W(
        "at most {0} attempts, {1} apart, then “{2}”",
        "至多联系 {0} 次，每次相隔 {1}，之后“{2}”",
        "至多聯絡 {0} 次，每次相隔 {1}，之後「{2}」",
    ),
    "extension": _W(
        "{0} may extend it, at most {1} times and by {2}",
        "{0} 可延长，至多 {1} 次，每次至多 {2}",
        "{0} 可延長，至多 {1} 次，每次至多 {2}",
    ),
    "own_limit": _W("its own limit", "原期限之长", "原期限之長"),
    "waiting_for_customer": _W(
        "stands still while the customer is waited for", "等待客户期间暂停计时", "等待客戶期間暫停計時"
    ),
    "waiting_for_outside": _W(
        "stands still while somebody outside is waited for", "等待外部期间暂停计时", "等待外部期間暫停計時"
    ),
    "sign": _W("signed by {0}", "由 {0} 签核", "由 {0} 核簽"),
    "copy": _W(
        "may repeat the decision of “{0}” with one click, if {1}",
        "若{1}，可一键沿用“{0}”的决定",
        "若{1}，可一鍵沿用「{0}」的決定",
    ),
    "tells": _W("this tells the customer the outcome", "此环节即告知客户结果", "此關即轉答客戶結果"),
    "waived": _W("recusal is waived ({0})", "不适用回避（{0}）", "不適用迴避（{0}）"),
    "recused": _W("The unit blamed never decides alone.", "被究责的部门不得单独判定。", "被究責的單位不得單獨判定。"),
    "closes": _W("With “{0}” the case is closed as “{1}”.", "完成“{0}”即以“{1}”结案。", "完成「{0}」即以「{1}」結案。"),
    "opens": _W("opens when {0}", "{0}时开启", "{0}時開啟"),
    "each": _W("once for each ({0})", "逐项（{0}）", "逐項（{0}）"),
    "by_hand": _W("may be opened by {0}, within {1} after {2}", "{0} 可于{2}后 {1} 内提出", "{0} 可於{2}後 {1} 內提出"),
    "again": _W(
        "again from “{0}” until {1}, at most {2} times, then “{3}”",
        "自“{0}”重做，直到{1}；至多 {2} 次，之后“{3}”",
        "自「{0}」重做，直到{1}；至多 {2} 次，之後「{3}」",
    ),
    "run": _W("runs “{0}” as a case of its own", "另案办理“{0}”", "另案辦理「{0}」"),
    "together": _W("side by side:", "并行：", "並行："),
    "clock": _W("From {0} to {1}: {2}.", "自{0}至{1}：{2}。", "自{0}至{1}：{2}。"),
    "rung_share": _W("at {0} of the limit: {1} to {2}", "期限过 {0}：{1}，通知 {2}", "期限過 {0}：{1}，通知 {2}"),
    "rung_due": _W("at the due time: {1} to {2}", "到期时：{1}，发给 {2}", "到期時：{1}，發給 {2}"),
    "rung_after": _W("{0} later: {1} to {2}", "再过 {0}：{1}，上报 {2}", "再過 {0}：{1}，呈報 {2}"),
    "rung_every": _W("then every {0}: {1} to {2}", "此后每 {0}：{1}，上报 {2}", "此後每 {0}：{1}，呈報 {2}"),
    "rung_before": _W("{0} before: {1} to {2}", "到期前 {0}：{1}，通知 {2}", "到期前 {0}：{1}，通知 {2}"),
    "tell": _W("When {0}{1}: {2} is told.", "{0}{1}时：通知 {2}。", "{0}{1}時：通知 {2}。"),
    "rule": _W("When {0}{1}: {2}.", "{0}{1}时：{2}。", "{0}{1}時：{2}。"),
    "later": _W("{0}, {1} later", "{0}后满 {1}", "{0}後滿 {1}"),
    "require": _W("before closing: {0}", "结案前须有：{0}", "結案前須有：{0}"),
    "lock": _W("{0} locked", "{0}锁定", "{0}鎖定"),
    "lock_until": _W("{0} locked until {1}", "{0}锁定，至{1}为止", "{0}鎖定，至{1}為止"),
    "locked": _W("No answer to the customer before {0}.", "{0}之前不得答复客户。", "{0}之前不得答覆客戶。"),
    "channels": _W("Only by {0}.", "答复方式：{0}。", "答覆方式：{0}。"),
    "by": _W("Only {0} answers.", "由 {0} 答复。", "由 {0} 答覆。"),
    "never": _W("Never handed out: {0}.", "不得交给客户：{0}。", "不得交給客戶：{0}。"),
    "written": _W("In writing ({0}) if {1}.", "{1}时须书面答复（{0}）。", "{1}時須書面答覆（{0}）。"),
    "apology_always": _W("The customer is always offered an apology.", "一律向客户致歉。", "一律向客戶致歉。"),
    "apology_when_liable": _W(
        "An apology only where the company is liable{0}.", "责任在本公司时才致歉{0}。", "責任在本公司時才致歉{0}。"
    ),
    "inform": _W("When {0}{1}, {2} tells the customer: ", "{0}{1}时，{2}告知客户：", "{0}{1}時，{2}告知客戶："),
    "number": _W("Number {0}, drawn at “{1}”.", "编号 {0}，于“{1}”产生。", "編號 {0}，於「{1}」編列。"),
    "copies": _W("When {0}, a copy of “{1}” goes to {2}.", "{0}时，“{1}”分送 {2}。", "{0}時，「{1}」分送 {2}。"),
    "form": _W("“{0}” says: {1}{2}.", "“{0}”载明：{1}{2}。", "「{0}」載明：{1}{2}。"),
    "sheets": _W("; {0} sheets", "；一式 {0} 份", "；一式 {0} 份"),
    "figure": _W(
        "“{0}”: {1}, of the {2}{3}{4}.", "“{0}”：{1}；统计对象：{2}{3}{4}。", "「{0}」：{1}；統計對象：{2}{3}{4}。"
    ),
    "of_those": _W(" with {0}", "（{0}）", "（{0}）"),
    "per": _W(", by {0}", "，按“{0}”分列", "，按「{0}」分列"),
    "share": _W("the share with {0}", "占比（{0}）", "占比（{0}）"),
    "sum": _W("the sum of “{0}”", "“{0}”合计", "「{0}」合計"),
    "sum_of_sum": _W(
        "the sum of “{0}” as a share of “{1}”", "“{0}”合计占“{1}”合计的比例", "「{0}」合計占「{1}」合計的比例"
    ),
    "average": _W("the average of “{0}”", "“{0}”平均", "「{0}」平均"),
    "how_many": _W("the number", "数量", "數量"),
    "register": _W("“{0}” is kept by {1}.", "“{0}”由 {1} 保管。", "「{0}」由 {1} 保管。"),
    "owed_by": _W(" {0} answers for it.", "由 {0} 负责。", "由 {0} 負責。"),
    "absent": _W("{0} stands in", "由 {0} 代理", "由 {0} 代理"),
    "overflow": _W("When the digits are used up, no number is given.", "位数用尽即不再编号。", "位數用盡即不再編號。"),
    "archive": _W("Finished cases are put away by {0}.", "了结的案件由 {0} 归档。", "了結的案件由 {0} 歸檔。"),
    "keep": _W("Records are kept {0}.", "记录保存 {0}。", "紀錄保存 {0}。"),
    "money": _W(
        "“{0}” is computed as {1} by {2}; nothing is booked before {3}.",
        "“{0}”按“{1}”计算，由 {2} 办理；{3}之前不得执行。",
        "「{0}」依「{1}」計算，由 {2} 辦理；{3}之前不得執行。",
    ),
    "duty": _W("“{0}”: every {1} by the {2}, {3}{4}.", "“{0}”：每{1}{2}前，{3}{4}。", "「{0}」：每{1}{2}前，{3}{4}。"),
    "send": _W("; goes to {0}", "；送 {0}", "；送 {0}"),
    "default": _W("{0}: {1}", "{0}：{1}", "{0}：{1}"),
    "semicolon": _W("; ", "；", "；"),
    "sentence": _W("{0}: {1}.", "{0}：{1}。", "{0}：{1}。"),
    "anybody": _W("anybody", "任何人", "任何人"),
    "ours": _W("ours", "本公司规定", "本公司設定"),
    "approved": _W("approval", "核准", "核准"),
}
DETAILS = {
    "days": _W("working days are {0} to {1}", "工作日为{0}至{1}", "工作日為{0}至{1}"),
    "hours": _W("working hours are {0}", "工作时间 {0}", "工作時間 {0}"),
    "roll": _W("an end on a day off moves to the next working day", "到期日遇休息日顺延", "到期日遇休息日順延"),
    "replaced_by": _W("or by “{0}”, where that is filled", "或以所填“{0}”为准", "或以所填「{0}」為準"),
    "suggest": _W("“{0}” is proposed if {1}", "{1}时建议“{0}”", "{1}時建議「{0}」"),
    "reason": _W("with a reason: {0}", "须附理由：{0}", "須附理由：{0}"),
    "checklist": _W("all of these must be yes: {0}", "以下各项均须为是：{0}", "以下各項均須為是：{0}"),
    "sample": _W("only a sample of {0} of the cases", "仅抽查 {0} 的案件", "僅抽查 {0} 的案件"),
    "when": _W("only if {0}", "仅当 {0}", "僅當 {0}"),
    "out_of": _W("out of {0}", "以 {0} 计", "以 {0} 計"),
    "less": _W("less {0}", "减 {0}", "減 {0}"),
    "rate": _W("times {0}", "乘以 {0}", "乘以 {0}"),
    "approved": _W("against {0}", "与 {0} 核对", "與 {0} 核對"),
    "tolerance": _W("tolerating {0}", "容差 {0}", "容差 {0}"),
    "cap": _W("at most {0}", "至多 {0}", "至多 {0}"),
    "code": _W("by {0}", "按 {0}", "依 {0}"),
    "each": _W("for everybody who bears a part of {0}", "对分担 {0} 的每一方", "對分擔 {0} 的每一方"),
    "by_lines": _W("by the lines of {0}", "按 {0} 各行", "依 {0} 各行"),
    "equally": _W("in equal parts among {0}", "由 {0} 均分", "由 {0} 均分"),
    "band": _W("up to {0}: {1}", "{0} 以内：{1}", "{0} 以內：{1}"),
    "rest": _W("beyond: {0}", "超出部分：{0}", "超出部分：{0}"),
    "to": _W("it goes to {0}", "归 {0}", "歸 {0}"),
    "contents": _W("shows {0}", "载明 {0}", "載明 {0}"),
    "fill": _W("fills in: {0}", "须填：{0}", "須填：{0}"),
    "approve": _W("signed by {0}", "由 {0} 签核", "由 {0} 核簽"),
    "opens": _W("each line opens “{0}”", "每行开启“{0}”", "每行開啟「{0}」"),
    "upon": _W("a line is entered when {0}", "{0}时登记", "{0}時登記"),
    "columns": _W("columns: {0}", "栏目：{0}", "欄目：{0}"),
    "repeat": _W(
        "The same {0} again within {1} counts as a repeat{2}.",
        "{1} 内{0}相同即为重复投诉{2}。",
        "{1} 內{0}相同即為重複投訴{2}。",
    ),
    "reopens": _W(
        "; a first case that is closed goes on at “{0}”", "；已结的前案从“{0}”重新办理", "；已結的前案自「{0}」重新辦理"
    ),
}
COUNTED = {
    "cases": _W("cases", "案件", "案件"),
    "visits": _W("stages done", "完成的环节", "完成的關卡"),
    "calls": _W("callbacks", "回访", "回訪"),
    "duties": _W("duties done", "完成的定期事项", "完成的定期事項"),
}
LOCKED = {
    "reply": _W("the answer to the customer is", "答复客户", "答覆客戶"),
    "close": _W("closing is", "结案", "結案"),
    "number": _W("the number is", "编号", "編號"),
    "export": _W("the export is", "导出", "匯出"),
    "money": _W("payments and deductions are", "款项执行", "款項執行"),
}
NOTICES = {
    "reminder": _W("a reminder", "提醒", "提醒"),
    "reminder_slip": _W("a reminder slip", "催办单", "催辦單"),
    "escalation": _W("an escalation for decision", "上报裁定", "呈請裁示"),
    "inquiry_slip": _W("an inquiry slip", "洽办单", "洽辦單"),
    "notice": _W("a notice", "通知", "通知"),
    "first_tomorrow": _W("first in tomorrow's queue", "次日优先", "次日優先"),
    "decision": _W("a card for decision", "裁定卡片", "裁示卡片"),
}
SEATS = {
    "all": _W("all must agree", "须一致同意", "須一致同意"),
    "each": _W("each signs", "各自签署", "各自簽署"),
    "any": _W("any one suffices", "任一即可", "任一即可"),
    "lead": _W("the first decides", "由前者主导", "由前者主導"),
    "in turn": _W("one after the other", "依序", "依序"),
}
USES = {
    "sum": _W("a sum", "合计", "合計"),
    "difference": _W("a difference", "差额", "差額"),
    "rate": _W("a share of an amount", "按比率", "按比率"),
    "tiers": _W("a share by tiers", "分段比率", "分段比率"),
    "shares": _W("shares of a loss", "按责任比例分摊", "依責任比例分攤"),
    "points": _W("loss ÷ all points × own points", "损失÷总基点×个人基点", "損失÷總基點×個人基點"),
    "ledger": _W("instalments below a cap", "限额分期", "限額分期"),
    "convert": _W("an amount for each code", "按种类折算", "依種類折算"),
    "reconcile": _W("approved against real", "核定与实际对账", "核定與實際核對"),
}
SPANS = {
    "day": _W("day", "日", "日"),
    "shift": _W("shift", "班", "班"),
    "week": _W("week", "周", "週"),
    "month": _W("month", "月", "月"),
    "quarter": _W("quarter", "季", "季"),
    "year": _W("year", "年", "年"),
}
