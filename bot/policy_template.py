"""The first draft of a policy file: a few answers become a file with comments that passes the check and can be refined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from complaints.limits import parse_limit


@dataclass(frozen=True, kw_only=True)
class StageAnswer:
    """A stage as its owner names it: its id, the role that acts, until when."""

    id: str
    role: str
    limit: str


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the owner of a regulation was asked."""

    id: str
    text: str
    stages: tuple[StageAnswer, ...]
    case_limit: str = "10 working days"
    top: str = "general_manager"
    callback_by: str | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        people = [s.role for s in self.stages] + ([self.callback_by] if self.callback_by else []) + [self.top]
        return tuple(dict.fromkeys(people))


DEFAULT_STAGES = (
    StageAnswer(id="intake", role="reception", limit="same day"),
    StageAnswer(id="handle", role="department", limit="3 working days"),
    StageAnswer(id="answer", role="reception", limit="1 working day"),
)


def parse_stage(text: str) -> StageAnswer:
    """Return the stage written as `id: role: limit`; ValueError says what is wrong."""
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"“{text}” is not a stage; write id: role: limit, such as handle: department: 3 working days")
    for name in parts[:2]:
        if not name.isidentifier() or not name.isascii():
            raise ValueError(f"“{name}” can't be an id; use Latin letters, digits and _, such as quality_check")
    parse_limit(parts[2])
    return StageAnswer(id=parts[0], role=parts[1], limit=parts[2])


def policy_text(answers: Answers) -> str:
    """Return the file: every rule says it is ours until its owner writes the clause there."""
    return "\n".join(_lines(answers)) + "\n"


def _lines(a: Answers) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../docs/policy.schema.json"
    yield f"# {a.text}: a first draft. Read it beside the printed text; `redress policy check {a.id}` says what is missing."
    yield "# `source` names the clause of your text ((九)4), a default (D1 to D21), or {ours: why} where you chose yourselves."
    yield ""
    yield "policy:"
    yield f"  id: {a.id}"
    yield '  label: "1"                        # a new label for every version'
    yield f"  text: {_quoted(a.text)}"
    yield f"  in_force_by: {a.top}              # whose approval puts a version in force"
    yield f"  registry: {a.stages[0].role}      # in whose channel the case lives"
    yield f"  top: {a.top}                      # where lateness ends"
    yield ""
    yield "roles:                              # the people behind a role stand in the desk file"
    yield from (f"  {role}: {{source: {{ours: draft}}}}" for role in a.roles)
    yield ""
    yield "fields:                             # types: text number money ratio date instant yes_no choice choices customer order person unit units file sample lines"
    yield "  customer: {type: customer, source: {ours: draft}}"
    yield "  what_happened: {type: text, long: true, personal: true, source: {ours: draft}}"
    yield "  finding: {type: text, long: true, source: {ours: draft}}"
    yield "  answer_given: {type: text, long: true, personal: true, source: {ours: draft}}"
    if a.callback_by:
        yield "  solved: {type: yes_no, source: D6}"
        yield "  score: {type: number, must: 1 <= score <= 5, source: D6}"
    yield ""
    yield "intake:                             # what /complaint asks"
    yield f"  stages: [{a.stages[0].id}]"
    yield "  pages: [[customer, what_happened]]"
    yield "  source: {ours: draft}"
    yield ""
    yield "repeat: {same: [customer], within: 3 months, source: D9}"
    yield ""
    yield "stages:"
    for number, stage in enumerate(a.stages):
        yield from _stage(a, number, stage)
    if a.callback_by:
        yield from _callback(a)
    yield ""
    yield "routes:"
    yield f"  main: {{path: [{', '.join(s.id for s in a.stages)}], closes: {a.stages[-1].id}, outcome: handled, source: {{ours: draft}}}}"
    if a.callback_by:
        yield "  ask_after: {opens: {upon: case closed}, path: [callback], source: D6}"
    yield ""
    yield "clocks:"
    yield f"  case: {{starts: case opened, stops: case closed, limit: {a.case_limit}, source: {{ours: draft}}}}"
    yield ""
    yield "papers:"
    yield f"  number: {{pattern: YYYYMM-NNN, restart: month, at: {a.stages[0].id}, source: D7}}"
    yield "  keep: 3 years"
    yield "  keep_source: D8"
    yield ""
    yield "defaults: {lateness: D5, repeat: D9, returned: D18, waiting: D20, extension: D21}"
    yield ""
    yield "texts:                              # [English, 简体中文, 繁體中文]; please translate"
    yield "  draft: [Our draft, 草案, 草案]"
    yield "  send: [Send, 提交, 送出]"
    yield f"  {a.id}: [{', '.join([_quoted(a.text)] * 3)}]"
    names = [
        *a.roles,
        *(s.id for s in a.stages),
        "customer",
        "what_happened",
        "finding",
        "answer_given",
        "handled",
        "main",
    ]
    names += (
        ["callback", "solved", "score", "ask_after", "satisfied", "dissatisfied", "unreached"] if a.callback_by else []
    )
    yield from (
        f"  {name}: [{', '.join([_quoted(name.replace('_', ' ').capitalize())] * 3)}]" for name in dict.fromkeys(names)
    )
    yield ""
    yield 'clauses: {}                         # "(九)4": 「the words of the text」'


def _stage(a: Answers, number: int, stage: StageAnswer) -> Iterator[str]:
    is_first, is_last = number == 0, number == len(a.stages) - 1
    fill = "customer, what_happened" if is_first else "answer_given" if is_last else "finding"
    decide = "{send: next}" if is_first else "{approve: next, return: back}"
    yield f"  {stage.id}:"
    yield f"    who: {stage.role}"
    yield f"    fill: [{fill}]"
    yield f"    decide: {decide}"
    yield f"    limit: {{is: {stage.limit}, source: {{ours: draft}}}}"
    if is_last:
        yield "    tells: true                     # with this stage the customer has been told"
    yield "    source: {ours: draft}"


def _callback(a: Answers) -> Iterator[str]:
    handle = a.stages[1].id if len(a.stages) > 1 else a.stages[0].id
    yield "  callback:"
    yield f"    who: {a.callback_by}"
    yield "    fill: [solved, score]"
    yield f"    decide: {{satisfied: next, unreached: next, dissatisfied: reopen at {handle}}}"
    yield "    suggest: {dissatisfied: not solved or score <= 2, satisfied: solved and score > 2}"
    yield "    attempts: {times: 3, gap: 1 working day, else: unreached}"
    yield "    limit: {is: 3 days, source: D6}"
    yield "    source: D6"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
