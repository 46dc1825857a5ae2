"""Says conditions, people and targets of a policy in plain words, in three languages."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from complaints.conditions import Expression
from complaints.currencies import in_currency
from complaints.duty_due import WEEKDAYS, parse_by
from complaints.limits import Limit, limit_text
from complaints.policy import Policy
from complaints.policy_parts import Happening, LimitRef, Target, Who, Words

_W = Words
_PEOPLE = {
    "reporter": _W("the reporter", "登记人", "登錄人"),
    "first_contact": _W("whoever was contacted first", "首位受理人", "首問人員"),
    "owner": _W("the owner", "承办人", "承辦人"),
    "opener": _W("whoever opens it", "提出人", "提出人"),
    "actor_of": _W("who did “{0}”", "“{0}”的经办人", "「{0}」的經辦人"),
    "head_of": _W("the head of {0}", "{0}主管", "{0}主管"),
    "superior_of": _W("the superior of {0}", "{0}的上级", "{0}的上級"),
    "unit_in": _W("the department in “{0}”", "“{0}”所填部门", "「{0}」所填部門"),
    "person_in": _W("the person in “{0}”", "“{0}”所填人员", "「{0}」所填人員"),
    "by_table": _W("whoever table “{0}” names", "按“{0}”表确定的人", "依「{0}」表決定的人"),
}
_TARGETS = {
    "next": _W("goes on", "进入下一环节", "進入下一關"),
    "back": _W("goes back to an earlier stage, with a reason", "附理由退回前面环节", "附理由退回前面關卡"),
    "to": _W("goes to “{0}”", "转到“{0}”", "轉到「{0}」"),
    "close_as": _W("closes the case as “{0}”", "以“{0}”结案", "以「{0}」結案"),
    "open": _W("opens “{0}”", "开启“{0}”", "開啟「{0}」"),
    "new_case": _W("opens a new linked case with this one attached", "另立新案并附原案", "另立新案並附原案"),
    "reopen_at": _W("reopens the case at “{0}”", "从“{0}”重新办理", "自「{0}」重新辦理"),
}
_EVENTS = {
    "opened": _W("begins", "开始", "開始"),
    "done": _W("is done", "完成", "完成"),
    "closed": _W("is closed", "结案", "結案"),
    "accepted": _W("is accepted", "受理", "受理"),
    "told": _W("— the outcome was told", "结果已告知", "結果已告知"),
    "reopened": _W("is reopened", "重新办理", "重新辦理"),
    "overdue": _W("is overdue", "逾期", "逾期"),
    "set": _W("is filled", "填写", "填寫"),
    "returned": _W("is returned", "退回", "退回"),
    "extended": _W("got more time", "获准延期", "獲准展延"),
    "numbered": _W("has its number", "取得编号", "取得編號"),
    "finished": _W("is finished", "全部办完", "全部辦完"),
    "withdrawn": _W("is withdrawn", "撤回", "撤回"),
    "voided": _W("is void", "作废", "作廢"),
    "merged": _W("is merged", "并案", "併案"),
    "urged": _W("is urged", "被催办", "被催辦"),
    "skipped": _W("is skipped", "被跳过", "被跳過"),
    "started": _W("starts", "开始计时", "開始計時"),
    "due": _W("is due", "到期", "到期"),
    "stopped": _W("stops", "停止计时", "停止計時"),
    "begun": _W("begins", "开始", "開始"),
    "ended": _W("ends", "结束", "結束"),
}
_BY = {
    "nth_day": _W("{0}", "{1} 日", "{1} 日"),
    "nth_working_day": _W("{0}", "第 {1} 个工作日", "第 {1} 個工作天"),
    "last_day": _W("last day", "最后一天", "最後一天"),
    "last_working_day": _W("last working day", "最后一个工作日", "最後一個工作天"),
    "weekday": _W("{2}", "{2}", "{2}"),
    "same_day": _W("", "", ""),
}
_WEEKDAYS = (
    _W("Monday", "周一", "週一"),
    _W("Tuesday", "周二", "週二"),
    _W("Wednesday", "周三", "週三"),
    _W("Thursday", "周四", "週四"),
    _W("Friday", "周五", "週五"),
    _W("Saturday", "周六", "週六"),
    _W("Sunday", "周日", "週日"),
)
_OPERATORS: dict[str, Words] = {
    "And": _W(" and ", "，且", "，且"),
    "Or": _W(" or ", "，或", "，或"),
    "Not": _W("not ({0})", "非（{0}）", "非（{0}）"),
    "Yes": _W("{0}: yes", "{0}＝是", "{0}＝是"),
    "No": _W("{0}: no", "{0}＝否", "{0}＝否"),
    "Is": _W("{0} is {1}", "{0}为{1}", "{0}為{1}"),
    "IsNot": _W("{0} is not {1}", "{0}不为{1}", "{0}不為{1}"),
    "Lt": _W("{0} is below {1}", "{0}小于 {1}", "{0}小於 {1}"),
    "LtE": _W("{0} is at most {1}", "{0}不超过 {1}", "{0}不超過 {1}"),
    "Gt": _W("{0} is more than {1}", "{0}超过 {1}", "{0}超過 {1}"),
    "GtE": _W("{0} is at least {1}", "{0}达到 {1}", "{0}達到 {1}"),
    "In": _W("{0} is one of {1}", "{0}属于 {1}", "{0}屬於 {1}"),
    "NotIn": _W("{0} is none of {1}", "{0}不属于 {1}", "{0}不屬於 {1}"),
    "known": _W("{0} is filled", "已填{0}", "已填{0}"),
    "any": _W("any of {0}", "{0}任一", "{0}任一"),
    "all": _W("all of {0}", "{0}全部", "{0}全部"),
}
_ASIDE = ("decision", "stage", "outcome")
"""Names that conditions know beside the fields."""
_SIGNS = {"Add": "+", "Sub": "−", "Mult": "×", "Div": "÷"}


@dataclass(frozen=True)
class Speaker:
    """Says the parts of one policy in one language."""

    policy: Policy
    language: str
    stage: str | None = None

    def say(self, words: Words, *parts: str) -> str:
        """Return the words in the language, with the parts in their places."""
        return words.in_language(self.language).format(*parts)

    def label(self, id_: str, of: str | None = None) -> str:
        """Return the name of an id, without its question mark."""
        return self.policy.label(id_, self.language, of=of).rstrip("?？")

    def people(self, who: Who) -> str:
        """Return people in plain words."""
        if who.kind == "role":
            return self.label(str(who.arg))
        inner = self.people(who.arg) if isinstance(who.arg, Who) else self.label(who.arg) if who.arg else ""
        return self.say(_PEOPLE[who.kind], inner)

    def target(self, target: Target) -> str:
        """Return where a decision leads."""
        return self.say(_TARGETS[target.kind], self.label(target.arg) if target.arg else "")

    def happening(self, upon: Happening) -> str:
        """Return something that happens, in plain words."""
        case = _W("the case", "案件", "案件")
        subject = self.say(case) if upon.subject == "case" else self.quoted(self.label(upon.subject))
        stage = self.policy.stages.get(upon.subject)
        event = None if stage is not None and upon.event in stage.decide else _EVENTS.get(upon.event)
        words = self.say(event) if event else self.quoted(self.label(upon.event, upon.subject))
        return f"{subject} {words}"

    def limit(self, limit: Limit | None) -> str:
        """Return a limit in words."""
        return limit_text(limit, self.language) if limit is not None else ""

    def by(self, words: str | None) -> str:
        """Return by when a duty is due (`10th`, `friday 18:00`, `2 working days`), a dash when nothing is said."""
        if words is None:
            return "—"
        by = parse_by(words)
        if by.limit is not None:
            return self.limit(by.limit)
        weekday = self.say(_WEEKDAYS[by.number]) if by.kind == "weekday" else ""
        day = self.say(_BY[by.kind], words.rsplit(" ", 1)[0] if by.clock else words, str(by.number), weekday)
        return f"{day} {by.clock:%H:%M}".strip() if by.clock is not None else day

    def limit_ref(self, ref: LimitRef) -> str:
        """Return a limit as written, by choice if it has several."""
        if ref.fixed is not None:
            return self.limit(ref.fixed)
        if ref.rows:
            parts = [f"{self.label(choice, ref.by)} {self.limit(limit)}" for choice, limit in ref.rows]
            return self.joined(parts)
        return self.label(str(ref.table or ref.value))

    def quoted(self, text: str) -> str:
        """Return the text in the quotation marks of the language."""
        return f"「{text}」" if self.language == "zh-Hant" else f"“{text}”"

    def each(self, each: str) -> str:
        """Return what a trigger is repeated for."""
        if each == "late visit":
            return self.say(_W("each late stage", "每个逾期环节", "每個逾期關卡"))
        return self.quoted(self.label(each.split()[-1]))

    def joined(self, parts: list[str]) -> str:
        """Return the parts in a row, with the comma of the language."""
        return (", " if self.language == "en" else "、").join(parts)

    def weekday(self, short: str) -> str:
        """Return the name of a day written `mon`."""
        return self.say(_WEEKDAYS[WEEKDAYS.index(short)])

    def condition(self, expression: Expression, stage: str | None = None) -> str:
        """Return a condition in plain words; *stage*: whose, so that its decisions are called as there."""
        speaker = self if stage == self.stage else replace(self, stage=stage)
        return speaker._yes_no(expression.tree)

    def _yes_no(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name) and self._is_yes_no(node.id):
            return self.say(_OPERATORS["Yes"], self._node(node, None))
        return self._node(node, None)

    def _not(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name) and self._is_yes_no(node.id):
            return self.say(_OPERATORS["No"], self._node(node, None))
        return self.say(_OPERATORS["Not"], self._node(node, None))

    def _is_yes_no(self, name: str) -> bool:
        symbol = self.policy.symbols.get(name)
        return symbol is not None and symbol.type.kind == "yes_no"

    def _node(self, node: ast.AST, of: str | None) -> str:
        match node:
            case ast.BoolOp():
                return self.say(_OPERATORS[type(node.op).__name__]).join(self._yes_no(v) for v in node.values)
            case ast.UnaryOp(op=ast.Not()):
                return self._not(node.operand)
            case ast.UnaryOp():
                return f"−{self._node(node.operand, None)}"
            case ast.BinOp():
                sign = _SIGNS[type(node.op).__name__]
                return f"{self._node(node.left, None)} {sign} {self._node(node.right, None)}"
            case ast.Compare():
                return self._compare(node)
            case ast.Call():
                return self._call(node)
            case ast.List() | ast.Tuple():
                return self.joined([self._node(item, of) for item in node.elts])
            case ast.Name():
                return self._name(node.id, of)
            case ast.Constant(value=int() | float() as amount) if self._is_money(of) and amount:
                return self._money(Decimal(str(amount)))
        return self._rest(node)

    def _rest(self, node: ast.AST) -> str:
        if isinstance(node, ast.Attribute):
            return f"{ast.unparse(node)}"
        return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)

    def _compare(self, node: ast.Compare) -> str:
        operands = [node.left, *node.comparators]
        parts = []
        for number, op in enumerate(node.ops):
            left, right = operands[number], operands[number + 1]
            words = _OPERATORS[type(op).__name__]
            parts.append(self.say(words, self._node(left, self._field(right)), self._node(right, self._field(left))))
        return self.say(_OPERATORS["And"]).join(parts)

    def _field(self, node: ast.AST) -> str | None:
        if not isinstance(node, ast.Name):
            return None
        return node.id if node.id in self.policy.symbols or node.id in _ASIDE else None

    def _call(self, node: ast.Call) -> str:
        name = ast.unparse(node.func)
        parts = self.joined([self._node(argument, None) for argument in node.args])
        return self.say(_OPERATORS[name], parts) if name in _OPERATORS else f"{name}({parts})"

    def _name(self, name: str, of: str | None) -> str:
        symbol = self.policy.symbols.get(of or "")
        if symbol is not None and name in symbol.type.choices:
            return self.label(name, of)
        if of in ("decision", "stage", "outcome"):
            return self.label(name, self._stage_of(name) if of == "decision" else of)
        if name in self.policy.values:
            value = self.policy.values[name].is_
            return self._money(value) if self._is_money(of) and isinstance(value, Decimal) else self.value(value)
        return self.quoted(self.label(name))

    def _is_money(self, of: str | None) -> bool:
        """Say whether what is compared is an amount of money; zero is none in any currency."""
        symbol = self.policy.symbols.get(of or "")
        return symbol is not None and symbol.type.kind == "money"

    def _money(self, amount: Decimal) -> str:
        return in_currency(self.value(amount), self.policy.policy.currency, self.language)

    def _stage_of(self, decision: str) -> str | None:
        """Return the stage whose decision it is: the one that is spoken of, else the only one that has words of its own."""
        if self.stage is not None:
            return self.stage
        return next(
            (
                s
                for s, d in self.policy.stages.items()
                if decision in d.decide and f"{s}.{decision}" in self.policy.texts
            ),
            None,
        )

    def value(self, value: Any) -> str:
        """Return a named value as people write it."""
        if isinstance(value, Limit):
            return self.limit(value)
        if isinstance(value, Decimal):
            shown = value * 100 if 0 < value < 1 else value
            text = f"{shown.normalize():f}" if shown == shown.to_integral_value() or 0 < value < 1 else f"{shown}"
            return f"{text} %" if 0 < value < 1 else f"{shown:,}" if shown == shown.to_integral_value() else text
        if isinstance(value, tuple):
            return self.joined([self.label(item) for item in value])
        return str(value)
