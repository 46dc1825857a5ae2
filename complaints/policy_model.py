"""The shape of a policy file, key by key (docs/policies.md is its reference); names are resolved in `complaints.policy`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    field_validator,
)

from complaints.conditions import Condition, Expression, parse_condition, parse_expression
from complaints.limits import Limit
from complaints.policy_parts import (
    ID_PATTERN,
    LANGUAGES,
    POLICY_ID_PATTERN,
    LimitText,
    LimitWords,
    Part,
    ShortPart,
    Source,
    Target,
    TargetWords,
    ThreeWords,
    Upon,
    WhoWords,
    read_limit,
)

Id = Annotated[str, Field(pattern=ID_PATTERN)]
_WHEN = {"anyOf": [{"type": "string", "maxLength": 300}, {"type": "boolean"}]}
When = Annotated[Condition, PlainValidator(parse_condition), WithJsonSchema(_WHEN)]
Computed = Annotated[
    Expression,
    PlainValidator(parse_expression),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": 300}, {"type": ["boolean", "number"]}]}),
]
ALWAYS = parse_condition(True)
DEFAULT_DECISIONS: dict[str, Target] = {"approve": Target("next"), "return": Target("back")}  # D18


def _as_tuple(raw: Any) -> Any:
    return raw if isinstance(raw, list | tuple) else [raw]


def _one_or_many(item: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item}]})


_TEXT = {"type": "string"}
People = Annotated[tuple[WhoWords, ...], BeforeValidator(_as_tuple), _one_or_many(_TEXT)]
Names = Annotated[tuple[Id, ...], BeforeValidator(_as_tuple), _one_or_many(_TEXT)]
Upons = Annotated[tuple[Upon, ...], BeforeValidator(_as_tuple), _one_or_many(_TEXT)]

FieldType = Literal[
    "text",
    "number",
    "money",
    "ratio",
    "date",
    "instant",
    "yes_no",
    "choice",
    "choices",
    "customer",
    "order",
    "person",
    "unit",
    "units",
    "file",
    "sample",
    "lines",
]
NoticeKind = Literal["reminder", "reminder_slip", "escalation", "inquiry_slip", "notice", "first_tomorrow", "decision"]


# --- head -----------------------------------------------------------------------------------------


class Access(Part):
    """Who alone may see a case, and when that holds."""

    to: People
    when: When = Field(default_factory=lambda: ALWAYS)
    source: Source | None = None


class Header(Part):
    """What the regulation is: its name, version, languages, money, annexes, and who puts it in force."""

    id: Annotated[str, Field(pattern=POLICY_ID_PATTERN)]
    label: str
    text: str
    kind: Literal["complaints", "sub_procedure", "annex", "standing"] = "complaints"
    in_force_by: Id
    registry: Id | None = None
    top: Id = "general_manager"
    languages: tuple[str, ...] = LANGUAGES
    currency: str = "CNY"
    annexes: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    choose_by: When | None = None
    access: tuple[Access, ...] = ()
    publish: Names = ()
    source: Source | None = None


class Value(Part):
    """A number, share, limit or list with a name; `desk: true` lets the desk officer set it."""

    is_: Annotated[Any, Field(validation_alias="is")]
    source: Source
    desk: bool = False
    unit: str | None = None

    @field_validator("is_", mode="before")
    @classmethod
    def _read(cls, raw: Any) -> Any:
        return read_value(raw)


def read_value(raw: Any) -> Decimal | Limit | tuple[str, ...] | bool | str:
    """Return an amount, a share (`2 %` becomes 0.02), a limit, a list of choices, or yes/no."""
    if isinstance(raw, bool | Decimal | Limit):
        return raw
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, list | tuple):
        return tuple(str(item) for item in raw)
    text = str(raw).strip()
    if text.endswith("%"):
        try:
            return Decimal(text[:-1].strip()) / 100
        except ArithmeticError as error:
            raise ValueError(f'"{text}" is not a share; write 2 % or 0.5 %') from error
    return read_limit(text)


class RoleDef(Part):
    """A role of the regulation; `per: branch` gives one holder for each branch, `outside` roles do not click."""

    per: Id | None = None
    kind: Literal["inside", "outside"] = "inside"
    needs: str | None = None
    source: Source | None = None


# --- fields ----------------------------------------------------------------------------------------


class Count(Part):
    """A number counted up to now: from other cases, or the entries of a field."""

    of: Literal["cases", "units", "lines", "persons"]
    in_: Annotated[Id | None, Field(validation_alias="in")] = None
    same: Names = ()
    different: Names = ()
    within: LimitText | None = None
    where: When | None = None
    sum: Id | None = None
    source: Source | None = None


class FieldDef(ShortPart):
    """A field of the case; `order: order` is short for `order: {type: order}`."""

    type: FieldType
    of: tuple[Id, ...] | dict[Id, FieldType] = ()
    order: Literal["rising"] | None = None
    is_: Annotated[Computed | None, Field(validation_alias="is")] = None
    count: Count | None = None
    from_: Annotated[str | None, Field(validation_alias="from", pattern=r"^[a-z_]+\.[a-z_]+$")] = None
    else_: Annotated[Id | None, Field(validation_alias="else")] = None
    unknown: str | None = None
    must: When | None = None
    unit: str | None = None
    hidden_from: People = ()
    personal: bool = False
    long: bool = False
    blames: bool | None = None
    source: Source | None = None

    @classmethod
    def short_key(cls) -> str:
        return "type"

    @property
    def is_blame(self) -> bool:
        """Say whether the field names who is to blame (recusal): a `unit` does unless it says `blames: false`."""
        return self.type == "unit" if self.blames is None else self.blames

    @field_validator("of", mode="before")
    @classmethod
    def _choices(cls, raw: Any) -> Any:
        """Choices that look like numbers or yes/no in YAML are their own text."""
        if not isinstance(raw, list | tuple):
            return raw
        return [str(item).lower() if isinstance(item, bool) else str(item) for item in raw]

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the choices of a choice field, in order."""
        return tuple(self.of) if self.type in ("choice", "choices") else ()

    @property
    def columns(self) -> dict[str, str]:
        """Return the columns of a lines field with their types."""
        return dict(self.of) if isinstance(self.of, dict) else {}

    @property
    def is_computed(self) -> bool:
        """Say whether nobody fills it by hand."""
        return self.is_ is not None or self.count is not None or self.from_ is not None


# --- stages ----------------------------------------------------------------------------------------


class Fill(ShortPart):
    """A field that a stage fills; mandatory always, or only `when`."""

    name: Id
    when: When | None = None

    @classmethod
    def short_key(cls) -> str:
        return "name"


def _fills(raw: Any) -> Any:
    """`[a, {b: condition}]` becomes fills with names."""
    return [
        {"name": next(iter(item)), "when": next(iter(item.values()))}
        if isinstance(item, dict) and len(item) == 1 and "name" not in item
        else item
        for item in _as_tuple(raw)
    ]


Fills = Annotated[tuple[Fill, ...], BeforeValidator(_fills), _one_or_many({"type": ["string", "object"]})]


class Recusal(Part):
    """Lifts the rule that the unit blamed is not the sole judge; the clause says why."""

    waived: Source


class CopyFrom(Part):
    """Offers the decision of an earlier stage again with one click, when nothing in `same` has changed since."""

    stage: Id
    when: When = Field(default_factory=lambda: ALWAYS)
    same: Names = ()
    source: Source | None = None


class Attempts(Part):
    """How often a callback is tried, how far apart, and which decision follows when nobody answers."""

    times: Annotated[int, Field(ge=1, le=20)]
    gap: LimitText
    else_: Annotated[Id | None, Field(validation_alias="else")] = None


class Extension(Part):
    """Who may lengthen a limit, how often and by how much (D21 unless said)."""

    by: People
    times: Annotated[int, Field(ge=0)] = 1
    at_most: LimitText | None = None
    moves_case: bool = False
    reason: bool = True
    source: Source | None = None


class Pause(Part):
    """Waiting that stops a clock: which waiting, and the clause that says so."""

    while_: Annotated[Literal["waiting_for_customer", "waiting_for_outside"], Field(validation_alias="while")]
    at_most: LimitText | None = None
    source: Source


class StageDef(Part):
    """One turn in a case: who acts, what must be filled, what may be decided, and until when."""

    who: WhoWords
    with_: Annotated[People, Field(validation_alias="with")] = ()
    seats: Literal["all", "each", "any", "lead", "in turn"] | Annotated[int, Field(ge=1, le=20)] = "all"
    disagree: WhoWords | None = None
    not_: Annotated[People, Field(validation_alias="not")] = ()
    absent: WhoWords | None = None
    recusal: Recusal | None = None
    fill: Fills = ()
    may_fill: Names = ()
    decide: dict[Id, TargetWords] = {}
    suggest: dict[Id, When] = {}
    reason: Names = ()
    limit: LimitWords | None = None
    replaced_by: Id | None = None
    calendar: CalendarRule | None = None
    extension: Extension | None = None
    ladder: Id | None = None
    needs: Names = ()
    copy_from: CopyFrom | None = None
    sign: People = ()
    sample: Annotated[str, Field(pattern=r"^\d{1,3} ?%$")] | None = None
    attempts: Attempts | None = None
    checklist: Names = ()
    tells: bool = False
    source: Source | None = None

    @property
    def decisions(self) -> dict[str, Target]:
        """Return what may be decided; unsaid: approve leads on, return leads back (D18)."""
        return dict(self.decide or DEFAULT_DECISIONS)

    @property
    def filled(self) -> tuple[str, ...]:
        """Return every field that this stage may write, mandatory ones first."""
        return tuple(fill.name for fill in self.fill) + self.may_fill

    @property
    def sample_percent(self) -> int:
        """Return the share of cases that get this stage, in percent."""
        return int(self.sample.rstrip("% ")) if self.sample else 100


# --- paths -----------------------------------------------------------------------------------------


class Do(ShortPart):
    """A stage of the path, always or `when`."""

    do: Id
    when: When | None = None
    source: Source | None = None

    @classmethod
    def short_key(cls) -> str:
        return "do"

    @property
    def stage(self) -> str:
        """Return the stage."""
        return self.do


class Together(Part):
    """Branches that run side by side and meet again."""

    together: tuple[tuple[Step, ...], ...]
    join: Literal["all", "any"] = "all"
    when: When | None = None
    source: Source | None = None

    @property
    def branches(self) -> tuple[tuple[Any, ...], ...]:
        """Return the branches."""
        return self.together


class Again(Part):
    """Goes back to a stage until something is true, a limited number of times."""

    again: Id
    until: When
    at_most: Annotated[int, Field(ge=1, le=99)]
    else_: Annotated[Id | None, Field(validation_alias="else")] = None
    source: Source | None = None

    @property
    def stage(self) -> str:
        """Return the stage that the loop goes back to."""
        return self.again


class Run(Part):
    """Starts another policy, or a route with `own_case`, as a case of its own linked to this one."""

    run: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
    blocks: Literal["stage", "close", "none"] = "none"
    give: Names = ()
    take: Names = ()
    when: When | None = None
    source: Source | None = None

    @property
    def policy_or_route(self) -> str:
        """Return what is run."""
        return self.run


def _step_kind(raw: Any) -> str:
    """Return which of the four forms a step of a path has; a plain text is a stage."""
    if isinstance(raw, Part):
        return type(raw).__name__.lower()
    return next((key for key in ("together", "again", "run") if isinstance(raw, dict) and key in raw), "do")


Step = Annotated[
    Annotated[Do, Tag("do")]
    | Annotated[Together, Tag("together")]
    | Annotated[Again, Tag("again")]
    | Annotated[Run, Tag("run")],
    Discriminator(_step_kind),
]


class Trigger(ShortPart):
    """When something begins: upon what, how much later, only if, once for each; with `by` these people begin it by hand, `within` a limit."""

    upon: Upon
    after: LimitText | None = None
    when: When | None = None
    each: Annotated[str, Field(pattern=r"^(late visit|(unit|person|line) in [A-Za-z][A-Za-z0-9_]*)$")] | None = None
    by: People = ()
    within: LimitText | None = None
    fill: Fills = ()

    @classmethod
    def short_key(cls) -> str:
        return "upon"

    @property
    def by_hand(self) -> bool:
        """Say whether a person begins it, and not the clock."""
        return bool(self.by)


class RouteDef(Part):
    """Stages in order; without `opens` a main route, with `opens` a follow-up."""

    path: tuple[Step, ...]
    closes: Id | None = None
    outcome: Id | None = None
    opens: Trigger | None = None
    before_close: bool = False
    own_case: bool = False
    source: Source | None = None


# --- clocks, ladders, rules ------------------------------------------------------------------------


class CalendarRule(Part):
    """Working days and hours of one clock, where they differ from the desk's; `roll` moves an end on a holiday."""

    days: Annotated[str, Field(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)-(mon|tue|wed|thu|fri|sat|sun)$")] | None = None
    hours: Annotated[str, Field(pattern=r"^\d\d:\d\d-\d\d:\d\d$")] | None = None
    roll: Literal["next_working_day"] | None = None


class ClockDef(Part):
    """A limit between two happenings; the clock called `case` is the promise on the card."""

    starts: Upons
    stops: Upons
    limit: LimitWords
    replaced_by: Id | None = None
    owed_by: WhoWords | None = None
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    calendar: CalendarRule | None = None
    ladder: Id | None = None
    when: When | None = None
    examples: tuple[dict[str, Any], ...] = ()
    source: Source | None = None


class Rung(Part):
    """One step of a ladder: when, who is told, and as what."""

    at: str | None = None
    before: LimitText | None = None
    after: LimitText | None = None
    every: LimitText | None = None
    tell: People
    as_: Annotated[NoticeKind, Field(validation_alias="as")]
    until: Upon | None = None
    source: Source | None = None

    @field_validator("at")
    @classmethod
    def _at(cls, at: str | None) -> str | None:
        if at is None or at == "due":
            return at
        percent = at.rstrip("% ")
        if not at.endswith("%") or not percent.isdigit() or not 1 <= int(percent) <= 99:
            raise ValueError(f'"{at}" is not a point of a limit; write 80 % or due')
        return f"{int(percent)} %"

    @property
    def percent(self) -> int | None:
        """Return the share of the limit at which it fires, 100 for `due`."""
        if self.at is None:
            return None
        return 100 if self.at == "due" else int(self.at.rstrip("% "))


class Rule(Part):
    """Adds something when something happens: tells, raises, opens, requires, locks, enters; never takes away."""

    upon: Upon
    after: LimitText | None = None
    when: When | None = None
    each: str | None = None
    tell: People = ()
    as_: Annotated[NoticeKind, Field(validation_alias="as")] = "notice"
    raise_: Annotated[dict[Id, Id], Field(validation_alias="raise")] = {}
    open: Names = ()
    require: Names = ()
    lock: Names = ()
    until: Upon | None = None
    enter: Id | None = None
    source: Source

    @property
    def trigger(self) -> Trigger:
        """Return upon, after, when and each as a trigger."""
        return Trigger.model_construct(
            upon=self.upon, after=self.after, when=self.when, each=self.each, by=(), within=None, fill=()
        )


class Inform(Part):
    """What the customer is told along the way, and when."""

    upon: Upon
    what: Id
    by: WhoWords | None = None
    when: When | None = None
    source: Source | None = None


class Reply(Part):
    """How the customer is answered: until when it is locked, by whom, how, and what never leaves the house."""

    until: Upons = ()
    by: WhoWords | None = None
    channels: Names = ()
    written_when: When | None = None
    never: Names = ()
    apology: Literal["always", "when_liable"] | None = None
    may_say: ThreeWords | None = None
    inform: tuple[Inform, ...] = ()
    source: Source | None = None


# --- money, papers, measures, duties ---------------------------------------------------------------


class Money(Part):
    """A named, tested calculator with its parameters; the amount is a field with the name of the entry."""

    use: Literal["sum", "difference", "rate", "tiers", "shares", "points", "ledger", "convert", "reconcile"]
    of: Names | str | None = None
    from_: Annotated[Id | None, Field(validation_alias="from")] = None
    less: Id | None = None
    rate: Id | None = None
    bands: tuple[tuple[str | int | Decimal, str], ...] = ()
    equally: Names = ()
    by_lines: Id | None = None
    by_table: Id | None = None
    loss: Id | None = None
    points: Id | None = None
    own: Id | None = None
    cap: str | None = None
    base: Id | None = None
    code: Id | None = None
    amounts: dict[Id, Id | int | Decimal | str] = {}
    approved: Id | None = None
    real: Id | None = None
    tolerance: Id | None = None
    beyond: Id | None = None
    when: When | None = None
    by: WhoWords | None = None
    to: WhoWords | None = None
    needs: Names = ()
    examples: tuple[dict[str, Any], ...] = ()
    source: Source


class Numbering(Part):
    """How a case is numbered, when the serial begins anew, and at which stage it is drawn."""

    pattern: Annotated[str, Field(pattern=r"^[A-Z-]*N{2,6}$")]
    restart: Literal["month", "year", "never"] = "month"
    at: Id
    overflow: Literal["widen", "refuse"] = "widen"
    source: Source


class Copies(Part):
    """Who gets a copy of a form, and upon what."""

    upon: Upon
    of: Id
    to: People
    when: When | None = None
    source: Source


class Form(Part):
    """A paper form: what stands on it, how many copies it has."""

    fill: Names = ()
    copies: Annotated[int, Field(ge=1, le=20)] = 1
    source: Source | None = None


class Register(Part):
    """A list kept by a role: upon what a line is entered, and its columns."""

    upon: Upon | None = None
    when: When | None = None
    columns: Names
    kept_by: Id
    source: Source


class Papers(Part):
    """Number, copies, forms, registers, how long all is kept and who archives it."""

    number: Numbering | None = None
    copies: Annotated[tuple[Copies, ...], BeforeValidator(_as_tuple), _one_or_many({"type": "object"})] = ()
    forms: dict[Id, Form] = {}
    registers: dict[Id, Register] = {}
    keep: LimitText | None = None
    keep_source: Source | None = None
    archive_by: Id | None = None


class Measure(Part):
    """A figure of the reports: the share of rows with `hit`, or a sum; with target and comparison."""

    of: Literal["cases", "visits", "calls"]
    where: When | None = None
    hit: When | None = None
    per: Id | None = None
    sum: Id | None = None
    average: Id | None = None
    round: Literal["whole percent", "one decimal", "two decimals"] = "one decimal"
    target: str | None = None
    compare: Literal["last month", "same period"] | None = None
    examples: tuple[dict[str, Any], ...] = ()
    source: Source


class Duty(Part):
    """A task that comes back: a report, a meeting, an inspection, a handover."""

    every: Literal["day", "shift", "week", "month", "quarter", "year"] | None = None
    upon: Upon | None = None
    by: str | None = None
    who: WhoWords
    with_: Annotated[People, Field(validation_alias="with")] = ()
    from_: Annotated[
        Literal["cases closed last month", "cases received last month", "open cases"] | None,
        Field(validation_alias="from"),
    ] = None
    where: When | None = None
    contents: Names = ()
    fill: Fills = ()
    approve: People = ()
    send_to: People = ()
    opens: Id | None = None
    ladder: Id | None = None
    source: Source


# --- intake, repeats, words ------------------------------------------------------------------------


class Intake(Part):
    """The form that logs a complaint: the stages it does in one go, and its pages."""

    stages: Names
    pages: tuple[Names, ...]
    source: Source | None = None


class Repeat(Part):
    """What counts as a probable repeat: the same fields within a span, which never blocks (D9)."""

    same: Names
    within: LimitText
    source: Source


class Text(ShortPart):
    """The words for one id: its name, and where people need more, what is asked, the button, what is under way, what is done."""

    name: ThreeWords
    ask: ThreeWords | None = None
    doing: ThreeWords | None = None
    done: ThreeWords | None = None
    short: ThreeWords | None = None
    button: ThreeWords | None = None
    title: ThreeWords | None = None
    submit: ThreeWords | None = None
    question: ThreeWords | None = None
    placeholder: ThreeWords | None = None
    hint: ThreeWords | None = None
    error: ThreeWords | None = None

    @classmethod
    def short_key(cls) -> str:
        return "name"
