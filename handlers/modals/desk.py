"""What is set over the desk file, as lists and forms: absences, deputies, members, heads, closed days, values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from complaints.currencies import asked_in
from complaints.overrides import ABSENCE, CLOSURE, DEPUTY, HEAD, MEMBERS, VALUE, Override
from complaints.overriding import may_set, roles_under
from complaints.people import Absence, Deputy, DeskPlan, RoleHolders
from complaints.policy import Policy
from complaints.policy_head import value_text
from complaints.views_words import is_money, money_text
from handlers.modals.blocks import Block, Button, View, actions, button_element, context, divider, modal, section
from handlers.modals.inputs import Option, Question, input_block
from handlers.modals.meta import Meta
from handlers.replies import person
from handlers.texts import escape, one_line, say, when

LIST_MODAL_ID = "desk.list"
ABSENCE_MODAL_ID, ROLE_MODAL_ID = "desk.absence", "desk.role"
CLOSURE_MODAL_ID, VALUE_MODAL_ID = "desk.closure", "desk.value"
OPEN, AWAY, ROLES, ROLE = "desk.open", "desk.away", "desk.roles", "desk.role"
CLOSE_DAYS, VALUES, SET_VALUE, WITHDRAW = "desk.close_days", "desk.values", "desk.set_value", "desk.withdraw"
MEMBER, DEPUTY_BLOCK, HEAD_BLOCK, MEMBERS_BLOCK = "member", "deputy", "head", "members"
FROM, UNTIL, CALENDAR, AMOUNT = "from", "until", "calendar", "value"
MOST_ROWS = 40
MOST_SHOWN_PEOPLE = 8


@dataclass(frozen=True, kw_only=True)
class DeskEyes:
    """Who looks at the desk, when, and at what: the plan in effect, the desk file's own, and what is set over it."""

    member: str
    language: str
    now: datetime
    plan: DeskPlan
    overrides: tuple[Override, ...]
    policies: dict[str, Policy]
    calendars: tuple[str, ...]

    @property
    def is_officer(self) -> bool:
        return self.member == self.plan.officer

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.plan.timezone)).date()

    @property
    def roles(self) -> tuple[RoleHolders, ...]:
        """Return the roles whose people this person may set."""
        names = tuple(self.plan.roles) if self.is_officer else roles_under(self.member, self.plan)
        return tuple(self.plan.roles[name] for name in names)

    @property
    def may_for_others(self) -> bool:
        return bool(self.roles)

    def say(self, message_id: str, /, **facts: object) -> str:
        return say(self.language, message_id, **facts)

    def role(self, name: str) -> str:
        return escape(self.plan.role_label(name, self.language))

    def day(self, on: date) -> str:
        return when(
            datetime.combine(on, time(12), ZoneInfo(self.plan.timezone)), self.language, self.plan.timezone, "day"
        )


# --- the list ------------------------------------------------------------------------------------------------


def desk_view(eyes: DeskEyes, note: str = "") -> View:
    """Return what this person may set, what is set and concerns them, and what the desk file says of absences."""
    return modal(
        callback_id=LIST_MODAL_ID,
        title=eyes.say("office.title"),
        close=eyes.say("form.close"),
        blocks=_list(eyes, note),
        metadata=Meta(via=LIST_MODAL_ID).text(),
    )


def _list(eyes: DeskEyes, note: str) -> Iterator[Block]:
    if note:
        yield section(f"*{note}*")
    yield actions(*(button_element(b) for b in _what_may_be_set(eyes)), block_id="acts")
    yield divider()
    rows = [_row(eyes, o) for o in reversed(eyes.overrides) if not o.is_over(eyes.today) and _concerns(eyes, o)]
    rows += [_file_row(eyes, a) for a in eyes.plan.absences if _is_of_file(eyes, a)]
    yield from rows[:MOST_ROWS] or [section(eyes.say("office.nothing"))]
    if len(rows) > MOST_ROWS:
        yield context(eyes.say("office.more", n=len(rows) - MOST_ROWS))


def _what_may_be_set(eyes: DeskEyes) -> Iterator[Button]:
    yield Button(label=eyes.say("office.button.absence"), action_id=AWAY, green=True)
    if eyes.may_for_others:
        yield Button(label=eyes.say("office.button.roles"), action_id=ROLES)
    if eyes.is_officer:
        yield Button(label=eyes.say("office.button.closure"), action_id=CLOSE_DAYS)
        yield Button(label=eyes.say("office.button.values"), action_id=VALUES)


def _concerns(eyes: DeskEyes, override: Override) -> bool:
    mine = eyes.member in (override.about, override.by, *(str(v) for v in override.value.values()))
    return mine or may_set(override.kind, override.about, eyes.member, eyes.plan)


def _row(eyes: DeskEyes, override: Override) -> Block:
    may = may_set(override.kind, override.about, eyes.member, eyes.plan)
    button = (
        Button(label=eyes.say("office.button.withdraw"), action_id=WITHDRAW, value=str(override.id)) if may else None
    )
    at = when(override.at, eyes.language, eyes.plan.timezone, "at")
    set_by = eyes.say("office.set_by", who=person(override.by), at=at)
    return section(f"{line(eyes, override)}\n{set_by}", button=button)


def line(eyes: DeskEyes, override: Override) -> str:
    """Return what was set, in a line."""
    what = {
        ABSENCE: lambda: eyes.say("office.absent", who=person(override.about)),
        DEPUTY: lambda: eyes.say("office.deputy", who=person(override.value["member"]), role=eyes.role(override.about)),
        MEMBERS: lambda: eyes.say(
            "office.members", role=eyes.role(override.about), who=_people(override.value["members"])
        ),
        HEAD: lambda: eyes.say("office.head", role=eyes.role(override.about), who=person(override.value["head"])),
        CLOSURE: lambda: eyes.say("office.closed", calendar=escape(override.about)),
        VALUE: lambda: _value_text(eyes, override),
    }[override.kind]()
    deputy = person(override.value.get("deputy"))
    stands_in = eyes.say("office.deputy_is", who=deputy) if deputy else ""
    gap = " · " if eyes.language == "en" else "・"
    return gap.join(p for p in (what, _dates(eyes, override.from_on, override.until_on), stands_in) if p)


def _value_text(eyes: DeskEyes, override: Override) -> str:
    name, policy = str(override.value["name"]), eyes.policies.get(override.about)
    label = policy.label(name, eyes.language) if policy is not None else name
    value = _shown(eyes, policy, name, str(override.value["value"])) if policy is not None else override.value["value"]
    return eyes.say("office.value", name=one_line(label, 80), value=one_line(str(value), 40))


def _dates(eyes: DeskEyes, start: date | None, end: date | None) -> str:
    match start, end:
        case None, None:
            return ""
        case date(), None:
            return eyes.say("office.from_day", day=eyes.day(start))
        case None, date():
            return eyes.say("office.until_day", day=eyes.day(end))
        case date(), date() if start == end:
            return eyes.day(start)
        case date(), date():
            return eyes.say("office.days", first=eyes.day(start), last=eyes.day(end))
    raise AssertionError


def _people(members: Iterable[str]) -> str:
    found = [person(m) for m in members]
    rest = len(found) - MOST_SHOWN_PEOPLE
    return " ".join(found[:MOST_SHOWN_PEOPLE]) + (f" +{rest}" if rest > 0 else "")


def _is_of_file(eyes: DeskEyes, absence: Absence) -> bool:
    """Say whether an absence stands in the desk file, is not over, and concerns this person."""
    was_set = any(o.kind == ABSENCE and o.about == absence.member for o in eyes.overrides)
    concerns = eyes.member in (absence.member, absence.deputy) or may_set(
        ABSENCE, absence.member, eyes.member, eyes.plan
    )
    return not was_set and absence.until_at > eyes.now and concerns


def _file_row(eyes: DeskEyes, absence: Absence) -> Block:
    zone = ZoneInfo(eyes.plan.timezone)
    first, last = (
        absence.from_at.astimezone(zone).date(),
        when(absence.until_at, eyes.language, eyes.plan.timezone, "day"),
    )
    days = eyes.say("office.days", first=eyes.day(first), last=last)
    who = eyes.say("office.absent", who=person(absence.member))
    deputy = eyes.say("office.deputy_is", who=person(absence.deputy)) if absence.deputy else ""
    gap = " · " if eyes.language == "en" else "・"
    return section(gap.join(p for p in (who, days, deputy) if p) + "\n" + eyes.say("office.from_file"))


# --- roles and values ------------------------------------------------------------------------------------------


def roles_view(eyes: DeskEyes) -> View:
    """Return the roles whose people this person may set."""
    rows = [_role_row(eyes, role) for role in eyes.roles[:MOST_ROWS]]
    return _rows_view(eyes, "office.roles.title", rows)


def _role_row(eyes: DeskEyes, role: RoleHolders) -> Block:
    members = _people(role.members) or eyes.say("office.nobody")
    head = eyes.say("office.its_head", who=person(role.head)) if role.head else ""
    deputies = [_deputy_text(eyes, d) for d in role.deputies if d.until_at is None or d.until_at > eyes.now]
    stand_ins = eyes.say("office.its_deputies", who=_comma(eyes).join(dict.fromkeys(deputies))) if deputies else ""
    gap = " · " if eyes.language == "en" else "・"
    small = gap.join(p for p in (members, head, stand_ins) if p)
    button = Button(label=eyes.say("office.button.change"), action_id=ROLE, value=role.id, about=role.id)
    return section(f"*{eyes.role(role.id)}*\n{small}", button=button)


def _deputy_text(eyes: DeskEyes, deputy: Deputy) -> str:
    """Return who stands in, and on which days: a deputy of next month acts for nobody today."""
    zone = ZoneInfo(eyes.plan.timezone)
    first = deputy.from_at.astimezone(zone).date() if deputy.from_at is not None else None
    last = (deputy.until_at - timedelta.resolution).astimezone(zone).date() if deputy.until_at is not None else None
    days = _dates(eyes, first, last)
    return f"{person(deputy.member)} {days}".rstrip()


def _comma(eyes: DeskEyes) -> str:
    return ", " if eyes.language == "en" else "、"


def values_view(eyes: DeskEyes) -> View:
    """Return the values that the regulations in force leave to the desk."""
    return _rows_view(eyes, "office.values.title", [_value_row(eyes, p, n) for p, n in desk_values(eyes)])


def desk_values(eyes: DeskEyes) -> list[tuple[Policy, str]]:
    found = [(p, n) for p in eyes.policies.values() for n, v in p.values.items() if v.desk]
    return found[:MOST_ROWS]


def _value_row(eyes: DeskEyes, policy: Policy, name: str) -> Block:
    label = one_line(policy.label(name, eyes.language), 80)
    now = _shown(eyes, policy, name, value_now(eyes, policy, name))
    small = eyes.say("office.value_now", value=one_line(now, 40), policy=one_line(policy.policy.text, 60))
    ref = f"{policy.policy.id}.{name}"
    button = Button(label=eyes.say("office.button.change"), action_id=SET_VALUE, value=ref, about=name)
    return section(f"*{label}*\n{small}", button=button)


def _shown(eyes: DeskEyes, policy: Policy, name: str, value: str) -> str:
    """Return a value as it is read: an amount of money with its currency."""
    return money_text(value, policy, eyes.language) if is_money(name, policy) else value


def value_now(eyes: DeskEyes, policy: Policy, name: str) -> str:
    """Return a value as it is written: the desk's own, else the regulation's."""
    mine = eyes.plan.values.get(policy.policy.id, {}).get(name)
    return mine if mine is not None else value_text(policy.values[name])


def _rows_view(eyes: DeskEyes, title: str, rows: list[Block]) -> View:
    back = Button(label=eyes.say("office.button.back"), action_id=OPEN)
    return modal(
        callback_id=LIST_MODAL_ID,
        title=eyes.say(title),
        close=eyes.say("form.close"),
        blocks=[
            actions(button_element(back), block_id="acts"),
            divider(),
            *(rows or [section(eyes.say("office.nothing"))]),
        ],
        metadata=Meta(via=LIST_MODAL_ID).text(),
    )


# --- forms -----------------------------------------------------------------------------------------------------


def absence_form(eyes: DeskEyes, token: str) -> View:
    """Ask who is away, when, and who stands in; only heads and the desk officer are asked who."""
    today = eyes.today.isoformat()
    who = [_person(eyes, MEMBER, value=eyes.member)] if eyes.may_for_others else []
    asked = [
        *who,
        _date(eyes, FROM, value=today),
        _date(eyes, UNTIL, value=today),
        _person(eyes, DEPUTY_BLOCK, optional=True, hint=eyes.say("office.ask.deputy.hint")),
    ]
    return _form(eyes, ABSENCE_MODAL_ID, asked, Meta(token=token), eyes.say("office.absence.lines"))


def role_form(eyes: DeskEyes, role: RoleHolders, token: str) -> View:
    """Ask for a deputy; the desk officer may change members and head as well. Only what is changed is set."""
    officer = [
        Question(
            id=MEMBERS_BLOCK, kind="people", label=eyes.say("office.ask.members"), value=role.members, optional=True
        ),
        _person(eyes, HEAD_BLOCK, value=role.head, optional=True),
    ]
    asked = [
        *(officer if eyes.is_officer else ()),
        _person(eyes, DEPUTY_BLOCK, optional=eyes.is_officer),
        _date(eyes, FROM, optional=True, hint=eyes.say("office.ask.from.hint")),
        _date(eyes, UNTIL, optional=True, hint=eyes.say("office.ask.until.hint")),
    ]
    return _form(eyes, ROLE_MODAL_ID, asked, Meta(token=token, extra=(role.id,)), f"*{eyes.role(role.id)}*")


def closure_form(eyes: DeskEyes, token: str) -> View:
    """Ask on which days the company, or a site, is closed."""
    today = eyes.today.isoformat()
    options = tuple(Option(value=name, words=name) for name in eyes.calendars)
    which = Question(
        id=CALENDAR, kind="choice", label=eyes.say("office.ask.calendar"), options=options, value=options[0].value
    )
    asked = [*([which] if len(options) > 1 else ()), _date(eyes, FROM, value=today), _date(eyes, UNTIL, value=today)]
    return _form(eyes, CLOSURE_MODAL_ID, asked, Meta(token=token), eyes.say("office.closure.lines"))


def value_form(eyes: DeskEyes, policy: Policy, name: str, token: str) -> View:
    """Ask for a value that a regulation leaves to the desk."""
    label = policy.label(name, eyes.language)
    label = asked_in(label, policy.policy.currency, eyes.language) if is_money(name, policy) else label
    asked = [
        Question(id=AMOUNT, kind="line", label=label, value=value_now(eyes, policy, name)),
        _date(eyes, FROM, optional=True, hint=eyes.say("office.ask.from.hint")),
        _date(eyes, UNTIL, optional=True, hint=eyes.say("office.ask.until.hint")),
    ]
    meta = Meta(token=token, extra=(policy.policy.id, name))
    return _form(eyes, VALUE_MODAL_ID, asked, meta, eyes.say("office.value.lines"))


def _form(eyes: DeskEyes, modal_id: str, asked: list[Question], meta: Meta, lead: str) -> View:
    return modal(
        callback_id=modal_id,
        title=eyes.say(f"{modal_id.replace('desk.', 'office.')}.title"),
        submit=eyes.say("office.submit"),
        close=eyes.say("form.cancel"),
        blocks=[context(lead), *(input_block(q) for q in asked)],
        metadata=meta.text(),
    )


def _person(
    eyes: DeskEyes, block: str, *, value: str | None = None, optional: bool = False, hint: str = ""
) -> Question:
    return Question(
        id=block, kind="person", label=eyes.say(f"office.ask.{block}"), value=value, optional=optional, hint=hint
    )


def _date(eyes: DeskEyes, block: str, *, value: str | None = None, optional: bool = False, hint: str = "") -> Question:
    return Question(
        id=block, kind="date", label=eyes.say(f"office.ask.{block}"), value=value, optional=optional, hint=hint
    )
